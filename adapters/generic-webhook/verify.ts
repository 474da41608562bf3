/** Three ways in which any sender proves itself: Standard Webhooks, a plain HMAC in a header, or a shared token. */
import { z } from 'zod';
import {
  equalsBase64,
  equalsHex,
  hmac,
  isBearer,
  isOneOf,
  secrets,
} from '../../src/contract/index.ts';
import type { RawRequest, Secret, Verified } from '../../src/contract/index.ts';
import { timeOf } from './mapping.ts';

/** How far a signed time may be from ours, either way (Standard Webhooks 1.0.0 advises minutes; its libraries take 5). */
export const TOLERANCE_MS = 5 * 60_000;
/** Signatures of one delivery that are compared; a sender in rotation gives two. */
const SIGNATURES_MAX = 16;

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'a header name holds letters, digits and dashes only')
  .transform((name) => name.toLowerCase());

const standardWebhooks = z.strictObject({
  secret: secrets(
    'Signing secret, `whsec_...` as the sender shows it. Several are valid at once while you rotate.',
  ),
});

const plainHmac = z
  .strictObject({
    header: headerName.meta({
      description: 'Header that carries the signature, e.g. `X-Signature`.',
    }),
    algorithm: z
      .enum(['sha256', 'sha512', 'sha1'])
      .default('sha256')
      .meta({ description: 'Hash of the HMAC.' }),
    encoding: z
      .enum(['hex', 'base64'])
      .default('hex')
      .meta({ description: 'How the signature is written.' }),
    prefix: z
      .string()
      .default('')
      .meta({ description: 'What stands before the signature, e.g. `sha256=`.' }),
    secret: secrets('Key of the HMAC, used as text. Several are valid at once while you rotate.'),
    timestamp_header: headerName.optional().meta({
      description:
        'Header with the time that is signed along; deliveries more than 5 minutes off are refused.',
    }),
    separator: z.string().optional().meta({
      description:
        'With timestamp_header: what stands between time and body in the signed text, e.g. `:` (Grafana), `.`, or `""` (Zendesk).',
    }),
  })
  .refine((given) => given.timestamp_header === undefined || given.separator !== undefined, {
    path: ['separator'],
    message: 'say what stands between time and body in the signed text, e.g. separator: ":"',
  });

const bearer = z.strictObject({
  token: secrets('Shared token. Several are valid at once while you rotate.'),
  header: headerName.default('authorization').meta({
    description: '`authorization` expects `Bearer <token>`, any other header the bare token.',
  }),
});

export const verification = z
  .strictObject({
    standard_webhooks: standardWebhooks
      .optional()
      .meta({ description: 'https://www.standardwebhooks.com: id, time and body are signed.' }),
    hmac: plainHmac
      .optional()
      .meta({ description: 'A signature over the body, and the time where the sender signs one.' }),
    bearer: bearer.optional().meta({ description: 'The sender signs nothing and shows a token.' }),
  })
  .refine((given) => Object.values(given).filter((way) => way !== undefined).length === 1, {
    message: 'choose exactly one of `standard_webhooks`, `hmac` and `bearer`',
  });

export type Verification = z.infer<typeof verification>;

function refused(reason: string): Verified {
  return { ok: false, reason };
}

/** @param now epoch ms */
export function verifyBy(way: Verification, request: RawRequest, now: number): Verified {
  if (way.standard_webhooks !== undefined)
    return verifyStandard(way.standard_webhooks.secret, request, now);
  if (way.hmac !== undefined) return verifyHmac(way.hmac, request, now);
  if (way.bearer !== undefined) return verifyBearer(way.bearer, request);
  return refused('this source has no way to verify a sender');
}

/**
 * The key's bytes: base64 behind `whsec_`. A text without that prefix is decoded too if it is base64 of 24 bytes or more
 * (the specification's minimum), for senders that leave the prefix out; anything else is a key as it stands.
 */
function standardKeyOf(secret: Secret): Uint8Array {
  const text = secret.reveal();
  const hasPrefix = text.startsWith('whsec_');
  const bytes = Buffer.from(hasPrefix ? text.slice('whsec_'.length) : text, 'base64');
  const isBase64 =
    bytes.length >= 24 && bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return hasPrefix || isBase64 ? bytes : Buffer.from(text);
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function verifyStandard(
  secretsValid: readonly Secret[],
  request: RawRequest,
  now: number,
): Verified {
  const id = request.headers['webhook-id'] ?? '';
  const time = request.headers['webhook-timestamp'] ?? '';
  const given = request.headers['webhook-signature'] ?? '';
  if (id === '' || time === '' || given === '')
    return refused('webhook-id, webhook-timestamp and webhook-signature are all required');
  if (!/^\d{1,12}$/.test(time)) return refused('webhook-timestamp is no number of seconds');
  if (Math.abs(now - Number(time) * 1000) > TOLERANCE_MS)
    return refused('webhook-timestamp is more than 5 minutes off');
  const signatures = given
    .split(' ')
    .slice(0, SIGNATURES_MAX)
    .filter((one) => one.startsWith('v1,'));
  for (const secret of secretsValid) {
    const expected = hmac('sha256', standardKeyOf(secret), `${id}.${time}.`, request.body);
    if (signatures.some((one) => equalsBase64(expected, one.slice('v1,'.length))))
      return { ok: true, deliveryId: id };
  }
  return refused('no v1 signature matches a secret of this source');
}

function verifyHmac(
  way: NonNullable<Verification['hmac']>,
  request: RawRequest,
  now: number,
): Verified {
  const given = request.headers[way.header];
  if (given === undefined) return refused(`the header ${way.header} is missing`);
  const signed: (string | Uint8Array)[] = [request.body];
  if (way.timestamp_header !== undefined) {
    const time = request.headers[way.timestamp_header];
    const at = timeOf(time);
    if (time === undefined || at === null)
      return refused(`the header ${way.timestamp_header} holds no time`);
    if (Math.abs(now - at) > TOLERANCE_MS)
      return refused(`${way.timestamp_header} is more than 5 minutes off`);
    signed.unshift(`${time}${way.separator ?? ''}`);
  }
  const isEqual = way.encoding === 'hex' ? equalsHex : equalsBase64;
  const signatures = given
    .split(/[, ]/, SIGNATURES_MAX)
    .filter((one) => one !== '' && one.startsWith(way.prefix));
  for (const secret of way.secret) {
    const expected = hmac(way.algorithm, secret.reveal(), ...signed);
    if (signatures.some((one) => isEqual(expected, one.slice(way.prefix.length))))
      return { ok: true, deliveryId: null };
  }
  return refused(`no signature in ${way.header} matches a secret of this source`);
}

function verifyBearer(way: NonNullable<Verification['bearer']>, request: RawRequest): Verified {
  const given = request.headers[way.header];
  if (given === undefined) return refused(`the header ${way.header} is missing`);
  const isKnown =
    way.header === 'authorization' ? isBearer(given, way.token) : isOneOf(given, way.token);
  return isKnown
    ? { ok: true, deliveryId: null }
    : refused(`the header ${way.header} holds none of the tokens of this source`);
}
