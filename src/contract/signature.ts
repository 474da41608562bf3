/** HMAC and constant-time comparison for `verify`: always over the raw bytes, never over parsed JSON. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

export type HmacAlgorithm = 'sha1' | 'sha256' | 'sha512';

/** HMAC of the parts, concatenated, as bytes. */
export function hmac(
  algorithm: HmacAlgorithm,
  key: string | Uint8Array,
  ...parts: readonly (string | Uint8Array)[]
): Buffer {
  const mac = createHmac(algorithm, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether a hex text equals the bytes; constant time, false for anything that is not exactly that many hex digits. */
export function equalsHex(expected: Uint8Array, given: string): boolean {
  if (given.length !== expected.length * 2 || !/^[0-9a-fA-F]+$/.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, 'hex'), expected);
}

/** Whether a base64 text equals the bytes; constant time. */
export function equalsBase64(expected: Uint8Array, given: string): boolean {
  const bytes = Buffer.from(given, 'base64');
  if (bytes.length !== expected.length || bytes.toString('base64') !== given) return false;
  return timingSafeEqual(bytes, expected);
}

/** What stands for a text where two are compared: of one length, and it tells nothing of the text by time. */
export function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** Whether two texts are equal that these digests stand for. */
export function equalsDigest(expected: Buffer, given: Buffer): boolean {
  return timingSafeEqual(expected, given);
}

/** Whether two texts are equal, without telling by time where they differ or how long the expected one is. */
export function equalsText(expected: string, given: string): boolean {
  return equalsDigest(digestOf(expected), digestOf(given));
}
