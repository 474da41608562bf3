/** Ids that sort by creation; the layout of ULID in lower case. */

export const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Five bytes as eight characters: as many bits as a number holds exactly, where ten bytes would take a BigInt. */
function base32(bytes: Uint8Array, from: number): string {
  let rest = 0;
  for (let i = from; i < from + 5; i += 1) rest = rest * 256 + (bytes[i] ?? 0);
  let text = '';
  for (let i = 0; i < 8; i += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/**
 * Sortable id: 10 characters of time and 16 of randomness in Crockford's base32.
 * @param now epoch milliseconds
 * @param random 10 bytes
 */
export function sortableId(now: number, random: Uint8Array): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i += 1) {
    time = `${ALPHABET.charAt(rest % 32)}${time}`;
    rest = Math.floor(rest / 32);
  }
  return time + base32(random, 0) + base32(random, 5);
}
