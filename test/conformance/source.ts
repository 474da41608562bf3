/** Checks on an adapter's inbound side: who is let in, and that nothing a sender can write breaks the reading. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { z } from 'zod';
import { Secret } from '../../src/contract/index.ts';
import type {
  AnyAdapter,
  ParseResult,
  RawRequest,
  SourcePart,
  Verified,
} from '../../src/contract/index.ts';
import { TEST_NOW } from '../support/io.ts';
import type { Check } from './check.ts';
import { damaged, frozen } from './mutations.ts';
import { expectNoSecret, secretsIn } from './secrets.ts';

/** A body as the vendor sends it. */
export interface Delivery {
  readonly name: string;
  /** Text, bytes, or a value that is sent as JSON. */
  readonly body: unknown;
  /** Headers beside the credentials (event type, delivery id, content type), lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `toMatchObject` against the result of `parse`; absent: only that it is understood. */
  readonly parsed?: object;
  /** What `verify` must name as the delivery's id; absent: not compared. */
  readonly deliveryId?: string | null;
}

export interface Signing {
  /** The raw config of a source that accepts these secrets (several: during a rotation). */
  configOf(secrets: readonly Secret[]): Readonly<Record<string, unknown>>;
  /** Credential headers (lower case) of a delivery, as the vendor computes them. @param at epoch ms */
  sign(body: Uint8Array, secretText: string, at: number): Readonly<Record<string, string>>;
  /** `body`: a changed byte must be refused. `sender`: the vendor only presents a secret. */
  readonly covers: 'body' | 'sender';
  /** Age in ms beyond which a signed timestamp is refused, either way; absent: the vendor signs no time. */
  readonly toleranceMs?: number;
  /** Two secrets of the form that the vendor issues; plain texts when absent. */
  readonly secretTexts?: readonly [string, string];
}

export interface SourceConformance {
  readonly signing: Signing;
  readonly deliveries: readonly Delivery[];
  /** More valid raw configs for the schema checks. */
  readonly moreConfigs?: readonly Readonly<Record<string, unknown>>[];
  /** Examples published by the vendor: must be accepted as they stand. */
  readonly vectors?: readonly {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly request: RawRequest;
    readonly now: number;
  }[];
  /** Path and query behind `/webhooks/<source>`; empty when absent. */
  readonly path?: string;
}

const label = z.record(z.string(), z.string());
const instant = z.number().int().nullable();
const person = z.strictObject({
  id: z.string().nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
});
const alertSchema = z.strictObject({
  kind: z.literal('alert'),
  dedupKey: z.string().min(1),
  status: z.enum(['firing', 'resolved']),
  title: z.string(),
  description: z.string(),
  labels: label,
  annotations: label,
  vendorSeverity: z.string().nullable(),
  startsAt: instant,
  observedAt: instant,
  links: z.array(z.strictObject({ url: z.string(), text: z.string() })),
});
const vendorIncidentSchema = z.strictObject({
  kind: z.literal('vendor_incident'),
  action: z.enum([
    'triggered',
    'acknowledged',
    'unacknowledged',
    'resolved',
    'reopened',
    'escalated',
    'reassigned',
    'priority_changed',
    'merged',
    'noted',
  ]),
  ref: z.string().min(1),
  key: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  url: z.string().nullable(),
  labels: label,
  vendorSeverity: z.string().nullable(),
  urgency: z.enum(['high', 'low']).nullable(),
  service: z.strictObject({ id: z.string(), name: z.string().nullable() }).nullable(),
  assignees: z.array(person),
  by: person.nullable(),
  note: z.string().nullable(),
  mergedInto: z.string().nullable(),
  observedAt: instant,
});
/** `Observation` of the core, written as a check; also used for what `poll` answers. */
export const observationSchema = z.discriminatedUnion('kind', [alertSchema, vendorIncidentSchema]);
const parseResultSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    parsed: z.strictObject({
      observations: z.array(observationSchema),
      ignored: z.array(z.strictObject({ what: z.string(), reason: z.string().min(1) })),
      truncated: z.number().int().min(0),
    }),
  }),
  z.strictObject({ ok: z.literal(false), reason: z.string().min(1) }),
]);

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

interface Subject {
  readonly part: SourcePart<unknown>;
  readonly source: SourceConformance;
  readonly current: string;
  readonly old: string;
  config(...texts: readonly string[]): unknown;
}

function requestOf(
  { source }: Subject,
  delivery: Delivery,
  credentials: Readonly<Record<string, string>>,
): RawRequest {
  const headers = { 'content-type': 'application/json', ...delivery.headers, ...credentials };
  return { headers, body: bytesOf(delivery.body), path: source.path ?? '' };
}

function signed(
  subject: Subject,
  delivery: Delivery,
  by: { readonly secret: string; readonly at: number },
): RawRequest {
  return requestOf(
    subject,
    delivery,
    subject.source.signing.sign(bytesOf(delivery.body), by.secret, by.at),
  );
}

/** Calls `verify`, which must neither throw nor print a secret, whatever it is given. */
function verify(subject: Subject, request: RawRequest, config: unknown): Verified {
  const verified = subject.part.verify(request, config, TEST_NOW);
  const secrets = [subject.current, subject.old].map((value, i) => ({
    name: `secret ${i}`,
    value,
  }));
  expectNoSecret(verified, secrets);
  if (!verified.ok) expect(verified.reason.length).toBeGreaterThan(0);
  return verified;
}

/** Calls `parse`, which must be total, pure and well-formed, whatever the bytes. */
function parse(
  subject: Subject,
  request: Pick<RawRequest, 'headers' | 'body'>,
  how: string,
): ParseResult {
  const config = subject.config(subject.current);
  const before = Buffer.from(request.body);
  const result = subject.part.parse(frozen(request), config);
  const problems = parseResultSchema.safeParse(result).error?.issues ?? [];
  expect(problems, `${how}: parse answered ${JSON.stringify(result).slice(0, 300)}`).toEqual([]);
  expect(before.equals(request.body), `${how}: parse changed the bytes`).toBe(true);
  expectNoSecret(result, secretsIn(config, 'config'));
  return result;
}

function acceptanceChecks(subject: Subject): readonly Check[] {
  const { source, current, old } = subject;
  return [
    ...source.deliveries.map((delivery) => ({
      title: `verify accepts and parse understands: ${delivery.name}`,
      run: () => {
        const request = signed(subject, delivery, { secret: current, at: TEST_NOW });
        const verified = verify(subject, request, subject.config(current));
        expect(verified).toMatchObject({ ok: true });
        if (delivery.deliveryId !== undefined)
          expect(verified).toEqual({ ok: true, deliveryId: delivery.deliveryId });
        const result = parse(subject, request, delivery.name);
        expect(result).toMatchObject(delivery.parsed ?? { ok: true });
        expect(parse(subject, request, delivery.name), 'parse is not pure').toEqual(result);
      },
    })),
    ...(source.vectors ?? []).map((vector) => ({
      title: `verify accepts the vendor's example: ${vector.name}`,
      run: () =>
        expect(
          subject.part.verify(vector.request, subject.part.config.parse(vector.config), vector.now),
        ).toMatchObject({ ok: true }),
    })),
    {
      title: 'verify accepts both secrets during a rotation, and refuses the old one after it',
      run: () => {
        for (const delivery of source.deliveries) {
          const byOld = signed(subject, delivery, { secret: old, at: TEST_NOW });
          const byNew = signed(subject, delivery, { secret: current, at: TEST_NOW });
          expect(verify(subject, byOld, subject.config(current, old))).toMatchObject({ ok: true });
          expect(verify(subject, byNew, subject.config(current, old))).toMatchObject({ ok: true });
          expect(verify(subject, byOld, subject.config(current))).toMatchObject({ ok: false });
        }
      },
    },
  ];
}

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

function refusesChangedBytes(subject: Subject): void {
  for (const delivery of subject.source.deliveries) {
    const request = signed(subject, delivery, { secret: subject.current, at: TEST_NOW });
    const config = subject.config(subject.current);
    const places = [0, Math.floor(request.body.length / 2), request.body.length - 1].filter(
      (i) => i >= 0 && i < request.body.length,
    );
    for (const i of places)
      expect(verify(subject, { ...request, body: flipped(request.body, i) }, config)).toMatchObject(
        { ok: false },
      );
    expect(
      verify(
        subject,
        { ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) },
        config,
      ),
    ).toMatchObject({ ok: false });
    expect(verify(subject, { ...request, body: new Uint8Array() }, config)).toMatchObject({
      ok: false,
    });
  }
}

function refusesDamagedHeaders(subject: Subject): void {
  const config = subject.config(subject.current);
  for (const delivery of subject.source.deliveries) {
    const credentials = subject.source.signing.sign(
      bytesOf(delivery.body),
      subject.current,
      TEST_NOW,
    );
    expect(
      Object.keys(credentials).length,
      'sign() must give the credential headers',
    ).toBeGreaterThan(0);
    expect(verify(subject, requestOf(subject, delivery, {}), config)).toMatchObject({ ok: false });
    for (const [name, value] of Object.entries(credentials)) {
      const { [name]: _gone, ...others } = credentials;
      expect(
        verify(subject, requestOf(subject, delivery, others), config),
        `without ${name}`,
      ).toMatchObject({ ok: false });
      for (const wrong of [
        '',
        ' ',
        ',',
        '=',
        `${value}0`,
        value.slice(1),
        value.slice(0, -1),
        'v1=',
        'v1,',
        'Bearer',
        'Basic !!',
        '\u{1F6A8}',
        'a'.repeat(100_000),
      ])
        expect(
          verify(subject, requestOf(subject, delivery, { ...credentials, [name]: wrong }), config),
          `${name}: ${wrong.slice(0, 20)}`,
        ).toMatchObject({ ok: false });
    }
  }
}

function refusesOtherTimes(subject: Subject, toleranceMs: number): void {
  const config = subject.config(subject.current);
  for (const delivery of subject.source.deliveries) {
    const at = (ageMs: number): Verified =>
      verify(
        subject,
        signed(subject, delivery, { secret: subject.current, at: TEST_NOW - ageMs }),
        config,
      );
    expect(at(toleranceMs - 2000), 'still fresh').toMatchObject({ ok: true });
    expect(at(toleranceMs + 2000), 'stale').toMatchObject({ ok: false });
    expect(at(-toleranceMs - 2000), 'from the future').toMatchObject({ ok: false });
  }
}

function refusalChecks(subject: Subject): readonly Check[] {
  const { signing } = subject.source;
  const checks: Check[] = [
    {
      title: 'verify refuses each missing or damaged credential',
      run: () => refusesDamagedHeaders(subject),
    },
    {
      title: 'verify refuses a wrong secret',
      run: () => {
        for (const delivery of subject.source.deliveries)
          expect(
            verify(
              subject,
              signed(subject, delivery, { secret: subject.old, at: TEST_NOW }),
              subject.config(subject.current),
            ),
          ).toMatchObject({ ok: false });
      },
    },
  ];
  if (signing.covers === 'body')
    checks.push({
      title: 'verify refuses a changed byte',
      run: () => refusesChangedBytes(subject),
    });
  const { toleranceMs } = signing;
  if (toleranceMs !== undefined)
    checks.push({
      title: 'verify refuses stale and future timestamps',
      run: () => refusesOtherTimes(subject, toleranceMs),
    });
  return checks;
}

const BOMBS: readonly string[] = [
  '',
  ' ',
  '\uFEFF{}',
  'null',
  '1e999',
  '"text"',
  '[]',
  '[null]',
  '{"__proto__":{"polluted":true},"constructor":null}',
  '['.repeat(200_000),
  '{"a":'.repeat(100_000),
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"alerts":'.repeat(5000)}1${'}'.repeat(5000)}`,
  `{"event":${'{"data":'.repeat(3000)}null${'}'.repeat(3000)}}`,
];

function parseChecks(subject: Subject): readonly Check[] {
  const { deliveries } = subject.source;
  const headersOf = (delivery: Delivery | undefined): Readonly<Record<string, string>> => ({
    'content-type': 'application/json',
    ...delivery?.headers,
  });
  const headerSets = [{}, ...deliveries.map(headersOf)];
  return [
    ...deliveries
      .filter(({ body }) => typeof body === 'object' && !(body instanceof Uint8Array))
      .map((delivery) => ({
        title: `parse survives the loss or replacement of each key: ${delivery.name}`,
        run: () => {
          for (const { how, document } of damaged(delivery.body))
            parse(subject, { headers: headersOf(delivery), body: bytesOf(document) }, how);
        },
      })),
    {
      title: 'parse survives depth bombs and strange documents',
      run: () => {
        for (const headers of headerSets)
          for (const bomb of BOMBS)
            parse(subject, { headers, body: bytesOf(bomb) }, bomb.slice(0, 40));
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      },
    },
    {
      title: 'parse survives random bytes and random JSON',
      run: () => {
        const bodies = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(bytesOf));
        const property = fc.property(
          bodies,
          fc.constantFrom(...headerSets),
          (body, headers) => void parse(subject, { headers, body }, 'random'),
        );
        fc.assert(property, { seed: 20_260_115, numRuns: 500 });
      },
    },
    {
      title: 'parse and handshake survive missing headers and half a body',
      run: () => {
        for (const delivery of deliveries) {
          const body = bytesOf(delivery.body);
          parse(subject, { headers: {}, body }, 'no headers');
          parse(
            subject,
            { headers: headersOf(delivery), body: body.subarray(0, Math.floor(body.length / 2)) },
            'half a body',
          );
          subject.part.handshake?.(
            { headers: {}, body, path: '' },
            subject.config(subject.current),
          );
        }
        for (const bomb of BOMBS)
          subject.part.handshake?.(
            { headers: {}, body: bytesOf(bomb), path: '' },
            subject.config(subject.current),
          );
      },
    },
  ];
}

export function sourceChecks(adapter: AnyAdapter, source: SourceConformance): readonly Check[] {
  const part: SourcePart<unknown> | undefined = adapter.source;
  if (part === undefined) return [];
  const [current, old] = source.signing.secretTexts ?? [
    'conformance-new-secret',
    'conformance-old-secret',
  ];
  const config = (...texts: readonly string[]): unknown =>
    part.config.parse(source.signing.configOf(texts.map((text) => new Secret(text))));
  const subject: Subject = { part, source, current, old, config };
  return [...acceptanceChecks(subject), ...refusalChecks(subject), ...parseChecks(subject)];
}

/** Valid raw configs of the source side, for the schema checks. */
export function sourceConfigs(source: SourceConformance): readonly unknown[] {
  const [current, old] = source.signing.secretTexts ?? [
    'conformance-new-secret',
    'conformance-old-secret',
  ];
  return [
    source.signing.configOf([new Secret(current), new Secret(old)]),
    ...(source.moreConfigs ?? []),
  ];
}
