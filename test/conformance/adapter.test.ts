/** The suite itself: a faultless adapter passes all of it, and each seeded fault is caught by the check made for it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { delivered, failure } from '../../src/contract/index.ts';
import type {
  AnyAdapter,
  ChatPart,
  Http,
  HttpAnswer,
  Io,
  PageOrder,
  PagerPart,
  PostOrder,
  SourcePart,
} from '../../src/contract/index.ts';
import { answered } from '../support/io.ts';
import { adapterChecks } from './adapter.ts';
import { chat, config, model, source } from '../model/model.ts';
import type { Config } from '../model/model.ts';
import { ofModel } from './of-model.ts';

const conformance = { ...ofModel, folder: new URL('../model/', import.meta.url) };

/** Runs the check of that title on the adapter. */
async function checked(adapter: AnyAdapter, title: string): Promise<void> {
  const check = adapterChecks({ ...conformance, adapter }).find((one) => one.title === title);
  if (check === undefined) throw new TypeError(`the suite has no check "${title}"`);
  await check.run();
}

type Post = ChatPart<Config>['post'];
const posting = (post: Post): AnyAdapter => ({ ...model, chat: { post } });
const sourcing = (part: Partial<SourcePart<z.infer<typeof source.config>>>): AnyAdapter => ({
  ...model,
  source: { ...source, ...part },
});
/** The faultless method behind a door that was tampered with. */
const through = (send: (http: Http) => Http['send']): AnyAdapter =>
  posting((order, io) => chat.post(order, { ...io, http: { send: send(io.http) } }));
/** The faultless method, asked with a changed order. */
const asking = (change: (order: PostOrder) => object): AnyAdapter =>
  posting((order, io) => chat.post({ ...order, ...change(order) }, io));
const reading = (
  read: (answer: HttpAnswer, io: Io<Config>) => ReturnType<typeof failure> | null,
): AnyAdapter =>
  posting(async (order, io) => {
    let last: HttpAnswer | null = null;
    const send: Http['send'] = async (request) => (last = await io.http.send(request));
    const outcome = await chat.post(order, { ...io, http: { send } });
    return (last === null ? null : read(last, io)) ?? outcome;
  });

let calls = 0;
const FAULTS: readonly (readonly [string, AnyAdapter, string])[] = [
  ['a name that is not the folder', { ...model, name: 'other' }, 'the name is the folder'],
  [
    'an optional method without its part',
    { ...model, chat: { pin: chat.post } } as unknown as AnyAdapter,
    'each part is whole and known',
  ],
  ['a misspelled part', { ...model, pgaer: {} } as AnyAdapter, 'each part is whole and known'],
  [
    'a method without golden request',
    { ...model, chat: { ...chat, setTopic: chat.post } } as unknown as AnyAdapter,
    'every method of the target side has a golden request',
  ],
  [
    'a schema that ignores unknown keys',
    { ...model, config: z.object(config.shape) },
    'config refuses an unknown key by name',
  ],
  [
    'a schema that accepts anything',
    {
      ...model,
      config: z.strictObject({ ...config.shape, base_url: z.any().describe('Address.') }),
    },
    'config refuses each wrong type with its path',
  ],
  [
    'a field without description',
    {
      ...model,
      config: z.strictObject({
        ...config.shape,
        base_url: z.url().default('https://model.example'),
      }),
    },
    'config describes every field',
  ],
  [
    'a contact that accepts anything',
    { ...model, contact: z.any() },
    'contacts are accepted, and wrong ones refused',
  ],
  [
    'another request',
    asking(() => ({ channel: 'other' })),
    'chat.post (a message) sends its golden requests and reads the answers',
  ],
  [
    'a request that changes',
    asking((order) => ({ channel: `${order.channel}${(calls += 1)}` })),
    'chat.post (a message) repeated is the identical request',
  ],
  [
    'a host of its own',
    through(
      (http) => (request) => http.send({ ...request, url: 'https://model.example/messages' }),
    ),
    'chat.post (a message) goes to the configured hosts only',
  ],
  [
    'a text that is not cut',
    through((http) => (request) => http.send({ ...request, json: { text: 'x'.repeat(101) } })),
    'chat.post (a message) cuts json.text at 100 characters',
  ],
  [
    'a text cut too early',
    asking(({ text }) => ({ text: [...text].slice(0, 50).join('') })),
    'chat.post (a message) cuts json.text at 100 characters',
  ],
  [
    'a character cut in half',
    asking(({ text }) => ({ text: text.slice(0, 95) })),
    'chat.post (a message) cuts json.text at 100 characters',
  ],
  [
    'a crash on garbage',
    reading((answer) =>
      answer.kind === 'answered' ? (JSON.parse(answer.text) as null) && null : null,
    ),
    'chat.post (a message) has a verb for every unreadable body',
  ],
  [
    'a crash on a missing key',
    reading((answer) => {
      if (answer.kind === 'answered' && answer.status === 201)
        (JSON.parse(answer.text) as { id: string }).id.trim();
      return null;
    }),
    'chat.post (a message) survives the loss or replacement of each key of the good answers',
  ],
  [
    'a verb of its own',
    reading((answer) =>
      answer.kind === 'answered' && answer.status === 418 ? ({ verb: 'teapot' } as never) : null,
    ),
    'chat.post (a message) has a verb for every HTTP status',
  ],
  [
    '5xx taken for "certainly not done"',
    reading((answer, io) => {
      const read = failure(answer, io.now);
      return answer.kind === 'answered' && answer.status === 503 && read.verb === 'retry'
        ? { ...read, ambiguous: false }
        : null;
    }),
    'chat.post (a message) has a verb for every HTTP status',
  ],
  [
    'a repeat inside the adapter',
    through((http) => async (request) => {
      const first = await http.send(request);
      return first.kind === 'answered' && first.status === 500 ? http.send(request) : first;
    }),
    'chat.post (a message) has a verb for every HTTP status',
  ],
  [
    'a timeout taken for a refusal',
    reading((answer) =>
      answer.kind === 'failed' && answer.reason === 'timeout'
        ? { verb: 'reject', reason: 'timeout', detail: 'd', hint: 'h' }
        : null,
    ),
    'chat.post (a message) has a verb for timeouts, resets, refusals, oversized answers and forbidden addresses',
  ],
  [
    'an unreadable success taken for a refusal',
    reading((answer) =>
      answer.kind === 'answered' && answer.status === 200
        ? { verb: 'reject', reason: 'invalid_request', detail: 'd', hint: 'h' }
        : null,
    ),
    'chat.post (a message) has a verb for every unreadable body',
  ],
  [
    'a proxy believed about the address',
    reading((answer) =>
      answer.kind === 'answered' && answer.status === 404
        ? { verb: 'reject', reason: 'not_found', detail: 'd', hint: 'h', ofAddress: true }
        : null,
    ),
    'chat.post (a message) has a verb for every HTTP status',
  ],
  [
    'a deaf ear for Retry-After',
    reading((answer) =>
      answer.kind === 'answered' && answer.status === 429
        ? { verb: 'retry', reason: 'rate_limited', ambiguous: false, detail: 'd' }
        : null,
    ),
    'chat.post (a message) waits as long as the vendor asks, in each spelling',
  ],
  [
    'a secret in an outcome',
    reading((_answer, io) => ({
      verb: 'reject',
      reason: 'unauthorized',
      detail: `refused ${io.config.token.reveal()}`,
      hint: 'h',
    })),
    'chat.post (a message) repeated is the identical request',
  ],
  [
    'a secret in the log',
    reading((_answer, io) => {
      io.log.info({ token: io.config.token.reveal() }, 'sent');
      return null;
    }),
    'chat.post (a message) repeated is the identical request',
  ],
  [
    'a secret in the URL',
    through(
      (http) => (request) =>
        http.send({
          ...request,
          url: `${request.url}?${(request.headers ?? {})['authorization']?.slice(7)}`,
        }),
    ),
    'chat.post (a message) repeated is the identical request',
  ],
  [
    'a signature that is not compared',
    sourcing({
      verify: ({ headers }) =>
        'x-signature' in headers
          ? { ok: true, deliveryId: null }
          : { ok: false, reason: 'unsigned' },
    }),
    'verify refuses a changed byte',
  ],
  [
    'only one secret at a time',
    sourcing({
      verify: (request, { secrets }, now) =>
        source.verify(request, { secrets: secrets.slice(0, 1) }, now),
    }),
    'verify accepts both secrets during a rotation, and refuses the old one after it',
  ],
  [
    'no clock',
    sourcing({
      verify: (request, settings) =>
        source.verify(request, settings, Number(request.headers['x-time'])),
    }),
    'verify refuses stale and future timestamps',
  ],
  [
    'a crash on a missing header',
    sourcing({
      verify: (request, settings, now) =>
        (request.headers['x-signature'] as string).length > 0
          ? source.verify(request, settings, now)
          : { ok: false, reason: 'empty' },
    }),
    'verify refuses each missing or damaged credential',
  ],
  [
    'a secret in a refusal',
    sourcing({
      verify: (request, settings, now) => {
        const verified = source.verify(request, settings, now);
        return verified.ok
          ? verified
          : { ok: false, reason: `expected ${settings.secrets[0]?.reveal()}` };
      },
    }),
    'verify refuses a wrong secret',
  ],
  [
    'a crash on half a body',
    sourcing({
      parse: (request, settings) =>
        JSON.parse(new TextDecoder().decode(request.body)) === 0
          ? { ok: false, reason: 'zero' }
          : source.parse(request, settings),
    }),
    'parse and handshake survive missing headers and half a body',
  ],
  [
    'a count that is no number',
    sourcing({
      parse: (request, settings) => {
        const result = source.parse(request, settings);
        return result.ok
          ? { ...result, parsed: { ...result.parsed, truncated: Number.NaN } }
          : result;
      },
    }),
    'verify accepts and parse understands: firing',
  ],
];

describe('a seeded fault is caught', () => {
  // Also while golden files are written anew: a fault must not become the golden request.
  beforeEach(() => void vi.stubEnv('UPDATE_GOLDEN', undefined));
  afterEach(() => void vi.unstubAllEnvs());

  test.each(FAULTS)('%s', async (_fault, adapter, title) => {
    await expect(checked(model, title)).resolves.toBeUndefined();
    await expect(checked(adapter, title)).rejects.toThrow();
  });
  test('a side that the suite is not told of is a failure, not a gap', () => {
    const checks = adapterChecks({ adapter: model, folder: conformance.folder });
    const sides = checks.find(
      ({ title }) => title === 'the suite is given every side that the adapter has',
    );
    expect(() => sides?.run()).toThrow('target');
  });
});

/** The model with a pager, whose order is sent as `written`. */
async function paged(written: (order: PageOrder) => unknown, title: string): Promise<void> {
  const order: PageOrder = {
    idempotencyKey: 'inc-7/4/0',
    deadline: 1,
    key: 'tocsin/i1/inc-7/p1',
    address: {},
    urgency: 'high',
    severity: null,
    title: 'Checkout fails',
    body: '',
    origin: 'shop',
    links: [],
    externalRef: null,
  };
  const trigger: PagerPart<Config>['trigger'] = async (given, io) => {
    await io.http.send({ method: 'GET', url: `${io.config.base_url}/pages?key=${given.key}` });
    const json = written(given);
    const answer = await io.http.send({ method: 'POST', url: `${io.config.base_url}/pages`, json });
    return answer.kind === 'failed' ? failure(answer, io.now) : delivered('accepted');
  };
  const pager: PagerPart<Config> = {
    address: z.strictObject({}),
    personAddress: () => null,
    trigger,
    acknowledge: trigger,
    resolve: trigger,
  };
  const target = {
    config: conformance.target?.config ?? {},
    methods: [
      {
        method: 'pager.trigger',
        title: 'a page',
        args: [order],
        golden: 'trigger.json',
        respond: () => answered(202, {}),
        result: { verb: 'delivered' },
      },
    ],
  };
  const checks = adapterChecks({ ...conformance, adapter: { ...model, pager }, target });
  const check = checks.find((one) => one.title === `pager.trigger (a page) ${title}`);
  if (check === undefined) throw new TypeError(`the suite has no check "${title}"`);
  await check.run();
}

describe('a page carries its key', () => {
  const another = 'is another page under another key';
  const same = 'is the same page at a second attempt';

  test('and passes for it', async () => {
    await paged(({ key }) => ({ key }), another);
    await paged(({ key }) => ({ key }), same);
  });
  test('or is found to carry none, although it was looked up by its key', async () => {
    await expect(paged(({ title }) => ({ title }), another)).rejects.toThrow('would ring twice');
  });
  test('or is found to carry the key of a request in its place', async () => {
    const fault = paged(({ idempotencyKey }) => ({ key: idempotencyKey }), another);
    await expect(fault).rejects.toThrow('would ring twice');
  });
  test('or is found to be another one at each attempt', async () => {
    const fault = paged(({ key, deadline }) => ({ key: `${key}/${deadline}` }), same);
    await expect(fault).rejects.toThrow();
  });
});
