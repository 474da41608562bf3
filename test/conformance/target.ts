/** Checks on what an adapter sends and on how it reads the answers, for every method of its target side. */
import { expect } from 'vitest';
import { z } from 'zod';
import { adoptedRef, memberOf } from '../../src/contract/index.ts';
import type { AnyAdapter, HttpAnswer, HttpRequest } from '../../src/contract/index.ts';
import { fakeIo, TEST_NOW } from '../support/io.ts';
import type { FakeIo, Respond } from '../support/io.ts';
import type { Check } from './check.ts';
import { failureChecks } from './failures.ts';
import { expectGolden, goldenOf } from './golden.ts';
import { keyChecks } from './keys.ts';
import { limitChecks } from './limits.ts';
import type { TextLimit } from './limits.ts';
import { at, frozen } from './mutations.ts';
import { expectNoSecret, secretsIn } from './secrets.ts';
import type { NamedSecret } from './secrets.ts';
import { repeatedCheck } from './repeated.ts';
import { observationSchema, personSchema } from './observation.ts';

/** One call of one method with its golden requests. Give a case per path through the method (create, update, ...). */
export interface MethodCase {
  /** `part.method`, e.g. `statusPage.publish`. */
  readonly method: string;
  /** Distinguishes several cases of one method. */
  readonly title: string;
  /** Arguments before `io`: `[order]` for writes; `[schedule, at]`, `[from]`, `[]` for reads. */
  readonly args: readonly unknown[];
  /** File under `fixtures/` with the array of requests that the call makes when the vendor answers `respond`. */
  readonly golden: string;
  /** The vendor's answers on the good path. */
  readonly respond: Respond;
  /** What the call comes to on the good path, at least (`toMatchObject`). */
  readonly result: object;
  /** Replaces the target's config for this case. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The vendor's limits on texts of this order. */
  readonly limits?: readonly TextLimit[];
}

export interface TargetConformance {
  /** Valid raw config with secrets as `Secret`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** More valid configs; together they should use every field. */
  readonly moreConfigs?: readonly Readonly<Record<string, unknown>>[];
  /** Valid raw addresses of the pager part. */
  readonly addresses?: readonly unknown[];
  readonly methods: readonly MethodCase[];
  /** Config keys that hold hosts; `['base_url']` when absent. */
  readonly urlKeys?: readonly string[];
  /** A 2xx answer by which the vendor says that it did nothing (Slack's `ok: false`). */
  readonly refusedBy?: (answer: HttpAnswer) => boolean;
  /** A non-GET request that may be repeated freely or reads only. Absent: every non-GET request changes something. */
  readonly harmless?: (request: HttpRequest) => boolean;
  /** The vendor demands the secret inside the URL. */
  readonly secretInUrl?: boolean;
}

const REASONS = [
  'timeout',
  'network',
  'server_error',
  'rate_limited',
  'unauthorized',
  'forbidden',
  'redirected',
  'not_found',
  'invalid_request',
  'conflict',
  'too_large',
  'unsupported',
  'forbidden_address',
  'internal',
] as const;
const text = z.string().min(1);
const outcomeSchema = z.discriminatedUnion('verb', [
  z.strictObject({
    verb: z.literal('delivered'),
    receipt: z.enum(['accepted', 'confirmed']),
    externalRef: text.optional(),
    url: text.optional(),
  }),
  z.strictObject({
    verb: z.literal('retry'),
    reason: z.enum(REASONS),
    afterMs: z.number().min(0).optional(),
    ambiguous: z.boolean(),
    detail: text,
  }),
  z.strictObject({
    verb: z.literal('reject'),
    reason: z.enum(REASONS),
    detail: text,
    hint: text,
    ofAddress: z.boolean().optional(),
  }),
]);
const readSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), data: z.unknown() }),
  z.strictObject({ ok: z.literal(false), reason: z.enum(REASONS), detail: text }),
]);
const foundSchema = z.array(
  z
    .strictObject({
      found: z.boolean(),
      externalRef: z.string().nullable(),
      status: z.enum(['triggered', 'acknowledged', 'resolved']).nullable(),
      by: personSchema.nullable(),
      saidAt: z.number().nullable().optional(),
    })
    .nullable(),
);
const findingsSchema = z.array(
  z.strictObject({ level: z.enum(['ok', 'warning', 'problem']), what: text, hint: z.string() }),
);

/** Methods that read; all others write and answer an `Outcome`. */
const READS: readonly string[] = [
  'pager.find',
  'pager.list',
  'pager.keysOf',
  'statusPage.find',
  'statusPage.components',
  'onCall.whoIsOn',
  'poll.since',
];

/** What a call came to, and everything it left behind. */
export interface Ran {
  readonly result: unknown;
  readonly requests: readonly HttpRequest[];
  readonly answers: readonly HttpAnswer[];
}

/** One method case bound to its adapter: `run` performs the call and checks everything that must hold for any answer. */
export interface Subject {
  readonly target: TargetConformance;
  readonly one: MethodCase;
  readonly label: string;
  readonly kind: 'write' | 'read' | 'doctor';
  readonly secrets: readonly NamedSecret[];
  run(respond: Respond, args?: readonly unknown[]): Promise<Ran>;
  changes(request: HttpRequest): boolean;
}

function kindOf(method: string): Subject['kind'] {
  if (method === 'doctor.check') return 'doctor';
  return READS.includes(method) ? 'read' : 'write';
}

/** Whether the request to which this was the answer may have been carried out. */
function mayBeDone(answer: HttpAnswer, target: TargetConformance): boolean {
  if (answer.kind === 'failed') return answer.sent;
  if (target.refusedBy?.(answer) === true) return false;
  return answer.status < 300 || answer.status >= 500 || answer.status === 408;
}

/** A write is at most one call that is not idempotent: after one that may have worked, no other may follow. */
function expectOneChange(subject: Subject, { requests, answers }: Ran): void {
  let done: string | null = null;
  for (const [i, request] of requests.entries()) {
    if (!subject.changes(request)) continue;
    if (done !== null)
      expect.fail(
        `${request.method} ${request.url} follows ${done}, which may have been carried out`,
      );
    const answer = answers[i];
    if (answer !== undefined && mayBeDone(answer, subject.target))
      done = `${request.method} ${request.url}`;
  }
}

function expectShape(subject: Subject, result: unknown, args: readonly unknown[]): void {
  const schema = { write: outcomeSchema, read: readSchema, doctor: findingsSchema }[subject.kind];
  expect(schema.safeParse(result).error?.issues, subject.label).toBeUndefined();
  if (subject.one.method === 'pager.list' && at(result, ['ok']) === true)
    expectListed(subject, at(result, ['data']), args);
  const isPolled = subject.one.method === 'poll.since' && at(result, ['ok']) === true;
  if (isPolled)
    expect(z.array(observationSchema).safeParse(at(result, ['data'])).error?.issues ?? []).toEqual(
      [],
    );
}

/** One answer to each page that was sought. */
function expectListed(subject: Subject, data: unknown, [sought]: readonly unknown[]): void {
  expect(foundSchema.safeParse(data).error?.issues, subject.label).toBeUndefined();
  expect(data).toHaveLength((sought as readonly unknown[]).length);
}

function expectDiscreet(subject: Subject, ran: Ran, fake: FakeIo<unknown>): void {
  expectNoSecret(ran.result, subject.secrets);
  expectNoSecret(fake.logs, subject.secrets);
  if (subject.target.secretInUrl === true) return;
  for (const request of ran.requests) expectNoSecret(request.url, subject.secrets);
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;

function methodOf(adapter: AnyAdapter, path: string): Call {
  const [part = '', method = ''] = path.split('.');
  const parts = adapter as unknown as Readonly<
    Record<string, Readonly<Record<string, Call>> | undefined>
  >;
  const found = parts[part]?.[method];
  if (found === undefined) throw new Error(`the adapter has no method ${path}`);
  return found;
}

function subjectOf(adapter: AnyAdapter, target: TargetConformance, one: MethodCase): Subject {
  const raw = one.config ?? target.config;
  const secrets = [...secretsIn(raw, 'config'), ...secretsIn(one.args, 'order')];
  const subject: Subject = {
    target,
    one,
    secrets,
    label: `${one.method} (${one.title})`,
    kind: kindOf(one.method),
    changes: (request) => request.method !== 'GET' && target.harmless?.(request) !== true,
    run: async (respond, args = one.args) => {
      const answers: HttpAnswer[] = [];
      const config: unknown = adapter.config?.parse(raw);
      const fake = fakeIo(config, (request, index) => {
        if (index > 50) throw new Error(`${one.method} does not stop asking`);
        const answer = respond(request, index);
        answers.push(answer);
        return answer;
      });
      const result = await methodOf(adapter, one.method)(...frozen(args), frozen(fake.io));
      const ran = { result, requests: fake.requests, answers };
      expectShape(subject, result, args);
      expectOneChange(subject, ran);
      expectDiscreet(subject, ran, fake);
      return ran;
    },
  };
  return subject;
}

function pathChecks(adapter: AnyAdapter, subject: Subject, folder: URL): readonly Check[] {
  const { one, label, target } = subject;
  const urlKeys = target.urlKeys ?? ['base_url'];
  return [
    {
      title: `${label} sends its golden requests and reads the answers`,
      run: async () => {
        const ran = await subject.run(one.respond);
        expectGolden(
          new URL(`fixtures/${one.golden}`, folder),
          goldenOf(ran.requests, subject.secrets),
        );
        expect(ran.result).toMatchObject(one.result);
      },
    },
    {
      title: `${label} repeated is the identical request`,
      run: async () => {
        const [first, second] = [await subject.run(one.respond), await subject.run(one.respond)];
        expect(second.requests).toEqual(first.requests);
        expect(second.result).toEqual(first.result);
      },
    },
    {
      title: `${label} goes to the configured hosts only`,
      run: async () => {
        const hosts = Object.fromEntries(
          urlKeys.map((key, i) => [key, `http://127.0.0.1:${8100 + i}/prefix`]),
        );
        const moved = subjectOf(adapter, target, {
          ...one,
          config: { ...(one.config ?? target.config), ...hosts },
        });
        const { requests } = await moved.run(one.respond);
        for (const { url } of requests)
          expect(
            Object.values(hosts).some((host) => url.startsWith(`${host}/`)),
            `${url} ignores ${urlKeys.join(', ')}`,
          ).toBe(true);
      },
    },
  ];
}

/** Methods of the adapter's target side, as `part.method`. */
function methodsOf(adapter: AnyAdapter): readonly string[] {
  const parts = {
    pager: adapter.pager,
    onCall: adapter.onCall,
    statusPage: adapter.statusPage,
    chat: adapter.chat,
    poll: adapter.poll,
    doctor: adapter.doctor,
  };
  return Object.entries(parts).flatMap(([part, methods]) =>
    Object.entries(methods ?? {})
      .filter(
        ([name, value]) =>
          typeof value === 'function' && !['personAddress', 'lacks'].includes(name),
      )
      .map(([name]) => `${part}.${name}`),
  );
}

/** The methods whose golden requests are about a page that was only taken over. */
function onAdopted(methods: readonly MethodCase[]): readonly string[] {
  const isAdopted = ({ args }: MethodCase): boolean =>
    [args[0]].flat().some((order) => adoptedRef(memberOf(order, 'address')) !== null);
  return [...new Set(methods.filter(isAdopted).map(({ method }) => method))];
}

export function targetChecks(
  adapter: AnyAdapter,
  target: TargetConformance,
  folder: URL,
): readonly Check[] {
  const coverage: Check = {
    title: 'every method of the target side has a golden request',
    run: () => {
      const given = new Set(target.methods.map((one) => one.method));
      expect([...given].toSorted()).toEqual([...methodsOf(adapter)].toSorted());
    },
  };
  const adopted: Check = {
    title: 'what was only taken over is acknowledged, resolved and read back',
    run: () => {
      const pages = methodsOf(adapter).filter((name) => name.startsWith('pager.'));
      // Nothing joins a ring of the vendor's own, so nothing is written beside one.
      const others = ['pager.trigger', 'pager.keysOf', 'pager.note'];
      const wanted = pages.filter((name) => !others.includes(name));
      expect(onAdopted(target.methods).toSorted()).toEqual(wanted.toSorted());
    },
  };
  const perMethod = target.methods.flatMap((one) => {
    const subject = subjectOf(adapter, target, one);
    return [
      ...pathChecks(adapter, subject, folder),
      ...failureChecks(subject, TEST_NOW),
      repeatedCheck(subject),
      ...limitChecks(subject),
      ...keyChecks(subject),
    ];
  });
  return [coverage, adopted, ...perMethod];
}
