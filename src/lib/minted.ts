/** Names that nothing else has, made of random bytes. */
import { ALPHABET } from './sortable-id.ts';

/** So many characters, of 32 kinds each. */
export function mintText(length: number, random: (bytes: number) => Uint8Array): string {
  return Array.from(random(length), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}
