/**
 * A faultless adapter of an imaginary vendor: what the suite is tested on, and the shortest complete example. A test puts
 * this folder among the adapters, as somebody would who adds a vendor.
 */
import { z } from 'zod';
import {
  delivered,
  equalsHex,
  failure,
  hmac,
  jsonOf,
  readJson,
  secret,
  secrets,
} from '../../src/contract/index.ts';
import type { Adapter, ChatPart, Io, RawRequest, SourcePart } from '../../src/contract/index.ts';

export const config = z.strictObject({
  token: secret('Token.'),
  base_url: z.url().default('https://model.example').describe('Address.'),
});
export type Config = z.infer<typeof config>;
const sourceConfig = z.strictObject({ secrets: secrets('Signing secrets.') });
type SourceConfig = z.infer<typeof sourceConfig>;

/** https://model.example/docs/messages: "Text has 100 characters at most." */
export const TEXT_MAX = 100;
export const TOLERANCE_MS = 300_000;
const posted = z.object({ id: z.string().min(1) });

export const chat: ChatPart<Config> = {
  post: async (order, io: Io<Config>) => {
    const characters = [...order.text];
    const answer = await io.http.send({
      method: 'POST',
      url: `${io.config.base_url}/messages`,
      headers: { authorization: `Bearer ${io.config.token.reveal()}` },
      json: { channel: order.channel, text: characters.slice(0, TEXT_MAX).join('') },
    });
    if (answer.kind === 'failed' || answer.status < 200 || answer.status >= 300)
      return failure(answer, io.now);
    const read = posted.safeParse(jsonOf(answer));
    if (!read.success)
      return { verb: 'retry', reason: 'server_error', ambiguous: true, detail: 'unreadable' };
    return delivered('confirmed', { externalRef: read.data.id });
  },
};

const observed = z.object({ key: z.string().min(1), status: z.enum(['firing', 'resolved']) });

export const source: SourcePart<SourceConfig> = {
  config: sourceConfig,
  verify: ({ headers, body }: RawRequest, { secrets: valid }, now) => {
    const at = headers['x-time'] ?? '';
    if (!/^\d{1,15}$/.test(at) || Math.abs(now - Number(at)) > TOLERANCE_MS)
      return { ok: false, reason: 'x-time is missing or not of now' };
    const given = headers['x-signature'] ?? '';
    const isSigned = valid.some((one) => equalsHex(hmac('sha256', one.reveal(), at, body), given));
    return isSigned
      ? { ok: true, deliveryId: null }
      : { ok: false, reason: 'x-signature does not fit the body' };
  },
  parse: ({ body }) => {
    const json = readJson(body);
    if (!json.ok) return json;
    const read = observed.safeParse(json.value);
    if (!read.success) return { ok: false, reason: 'no alert of this vendor' };
    const { key, status } = read.data;
    const alert = {
      kind: 'alert',
      dedupKey: key,
      status,
      title: key,
      description: '',
      labels: {},
      vendorSeverity: null,
      startsAt: null,
      observedAt: null,
      links: [],
    } as const;
    return { ok: true, parsed: { observations: [alert], ignored: [], truncated: 0 } };
  },
};

export const model: Adapter<SourceConfig, Config> = {
  name: 'model',
  config,
  chat,
  source,
  contact: z
    .string()
    .regex(/^U\d+$/)
    .describe('Id of the user.'),
  chatUser: (value) => (typeof value === 'string' ? value : null),
};
