/** A faultless adapter of an imaginary vendor: what the suite is tested on, and the shortest complete example. */
import { z } from 'zod';
import {
  delivered,
  equalsHex,
  failure,
  hmac,
  jsonOf,
  secret,
  Secret,
  secrets,
} from '../../../src/contract/index.ts';
import type { Adapter, ChatPart, Io, RawRequest, SourcePart } from '../../../src/contract/index.ts';
import { answered } from '../../support/io.ts';
import type { AdapterConformance } from '../adapter.ts';

export const config = z.strictObject({
  token: secret('Token.'),
  base_url: z.url().default('https://model.example').describe('Address.'),
});
export type Config = z.infer<typeof config>;
const sourceConfig = z.strictObject({ secrets: secrets('Signing secrets.') });
type SourceConfig = z.infer<typeof sourceConfig>;

const TEXT_MAX = 100;
const TOLERANCE_MS = 300_000;
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
    const read = observed.safeParse(jsonOf(answered(200, new TextDecoder().decode(body))));
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
  contact: z.string().regex(/^U\d+$/),
  chatUser: (value) => (typeof value === 'string' ? value : null),
};

/** Everything that the suite needs to know about the model. */
export const conformance: Omit<AdapterConformance, 'adapter'> = {
  folder: new URL('.', import.meta.url),
  contacts: ['U1'],
  target: {
    config: { token: new Secret('model-token-93ab') },
    moreConfigs: [{ token: new Secret('t'), base_url: 'http://127.0.0.1:1' }],
    methods: [
      {
        method: 'chat.post',
        title: 'a message',
        args: [
          { idempotencyKey: 'k', deadline: 1, channel: 'general', text: 'Hello', thread: null },
        ],
        golden: 'post.json',
        respond: () => answered(201, { id: 'm1' }),
        result: { verb: 'delivered', receipt: 'confirmed', externalRef: 'm1' },
        limits: [{ text: 'text', field: 'json.text', limit: TEXT_MAX, unit: 'characters' }],
      },
    ],
  },
  source: {
    signing: {
      configOf: (valid) => ({ secrets: valid }),
      sign: (body, secretText, at) => ({
        'x-time': String(at),
        'x-signature': hmac('sha256', secretText, String(at), body).toString('hex'),
      }),
      covers: 'body',
      toleranceMs: TOLERANCE_MS,
    },
    deliveries: [
      {
        name: 'firing',
        body: { key: 'a', status: 'firing', more: { nested: [1] } },
        deliveryId: null,
      },
    ],
  },
};
