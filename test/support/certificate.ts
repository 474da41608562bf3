/**
 * Certificates of our own making, each with a new key: Node signs and reads certificates but writes none, and a private key
 * has no place in a repository. Just enough of X.509 (RFC 5280) for a server that signs for itself.
 */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
  /** PEM, as a server takes them. */
  readonly key: string;
  readonly cert: string;
}

function lengthOf(size: number): readonly number[] {
  if (size < 0x80) return [size];
  const bytes = size > 0xff ? [size >> 8, size & 0xff] : [size];
  return [0x80 | bytes.length, ...bytes];
}

/** One element of DER: its tag, its length, what is in it. */
function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

const SEQUENCE = 0x30;
const SET = 0x31;
const COMMON_NAME = [0x06, 0x03, 0x55, 0x04, 0x03];
const ALTERNATIVE_NAME = [0x06, 0x03, 0x55, 0x1d, 0x11];
const ECDSA_SHA256 = der(SEQUENCE, [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);

function nameOf(host: string): Buffer {
  const text = der(0x0c, Buffer.from(host));
  return der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, text)));
}

function timeOf(year: number): Buffer {
  return der(0x18, Buffer.from(`${year}0101000000Z`));
}

/** Signed by itself, for one host, valid from the first day of one year to the first day of another. */
export function selfSigned(host: string, from = 2020, to = 2199): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = der(SEQUENCE, der(0x82, Buffer.from(host)));
  const extension = der(SEQUENCE, ALTERNATIVE_NAME, der(0x04, names));
  const signed = der(
    SEQUENCE,
    der(0xa0, [0x02, 1, 2]),
    [0x02, 1, 1],
    ECDSA_SHA256,
    nameOf(host),
    der(SEQUENCE, timeOf(from), timeOf(to)),
    nameOf(host),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, extension)),
  );
  const signature = der(0x03, [0], sign('sha256', signed, privateKey));
  const certificate = der(SEQUENCE, signed, ECDSA_SHA256, signature);
  const lines = certificate.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
