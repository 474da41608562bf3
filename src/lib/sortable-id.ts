/** Ids that sort by creation; the layout of ULID in lower case. */

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

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
  let bits = 0n;
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let tail = '';
  for (let i = 0; i < 16; i += 1) {
    tail = `${ALPHABET.charAt(Number(bits & 31n))}${tail}`;
    bits >>= 5n;
  }
  return time + tail;
}
