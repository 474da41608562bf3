import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type { Alert, ParseResult, RawRequest, Verified } from '../../src/contract/index.ts';
import { adapterConformance } from '../../test/conformance/adapter.ts';
import { genericWebhook } from './generic-webhook.ts';
import { timeOf } from './mapping.ts';
import { readPath, valuesAt } from './path.ts';

const VECTORS = new URL('../../../shared/vendors/payloads/signature-vectors.json', import.meta.url);
const FIVE_MINUTES_MS = 300_000;

function textOfFixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
}

const probeMapping = {
  dedup_key: '$.check.id',
  title: '$.check.name',
  description: 'Probed from two regions',
  status: { path: '$.check.state', firing: ['down', 'alert'], resolved: ['up', 'ok'] },
  severity: '$.severity',
  starts_at: '$.check.since',
  observed_at: '$.check.since',
  labels: { service: '$.service.name', tier: '$.service.tier', tags: '$.tags[*]', env: 'prod' },
  links: { Dashboard: '$.urls.dashboard' },
};
const batchMapping = {
  each: '$.alerts[*]',
  dedup_key: ['$.batch', '@.key'],
  title: '@.text',
  status: {
    path: '@.state',
    firing: ['alert'],
    resolved: ['ok'],
    ignore: ['test'],
    otherwise: 'fail',
  },
  starts_at: '@.at',
  labels: { '*': '@.labels', batch: '$.batch' },
};

const folder = new URL('.', import.meta.url);
const deliveries = [
  {
    name: 'a probe',
    body: JSON.parse(textOfFixture('probe-down.json')) as unknown,
    parsed: { ok: true, parsed: { observations: [{ status: 'firing' }] } },
  },
];

function whsec(seed: string): string {
  return `whsec_${Buffer.from(seed.padEnd(24, '.')).toString('base64')}`;
}

function standardSignature(
  body: Uint8Array,
  secret: string,
  named: { id: string; time: string },
): string {
  const mac = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'));
  return `v1,${mac.update(`${named.id}.${named.time}.`).update(body).digest('base64')}`;
}

adapterConformance({
  adapter: genericWebhook,
  folder,
  source: {
    signing: {
      configOf: (secret) => ({ verify: { standard_webhooks: { secret } }, mapping: probeMapping }),
      sign: (body, secretText, at) => {
        const named = { id: 'msg_1', time: String(Math.floor(at / 1000)) };
        return {
          'webhook-id': named.id,
          'webhook-timestamp': named.time,
          'webhook-signature': standardSignature(body, secretText, named),
        };
      },
      covers: 'body',
      toleranceMs: FIVE_MINUTES_MS,
      secretTexts: [whsec('new'), whsec('old')],
    },
    deliveries: deliveries.map((delivery) => ({ ...delivery, deliveryId: 'msg_1' })),
    moreConfigs: [
      {
        verify: { standard_webhooks: { secret: [new Secret(whsec('x'))] } },
        mapping: batchMapping,
      },
    ],
  },
});

adapterConformance({
  adapter: genericWebhook,
  folder,
  source: {
    signing: {
      configOf: (secret) => ({
        verify: {
          hmac: {
            header: 'X-Signature',
            algorithm: 'sha512',
            encoding: 'base64',
            prefix: 'v0=',
            secret,
            timestamp_header: 'X-Time',
            separator: ':',
          },
        },
        mapping: batchMapping,
        delivery_id_header: 'X-Delivery',
      }),
      sign: (body, secretText, at) => {
        const time = String(Math.floor(at / 1000));
        const signature = createHmac('sha512', secretText)
          .update(`${time}:`)
          .update(body)
          .digest('base64');
        return { 'x-signature': `v0=${signature}`, 'x-time': time };
      },
      covers: 'body',
      toleranceMs: FIVE_MINUTES_MS,
    },
    deliveries: [
      {
        name: 'a batch',
        body: JSON.parse(textOfFixture('batch.json')) as unknown,
        headers: { 'x-delivery': 'd-1' },
        deliveryId: 'd-1',
      },
    ],
  },
});

adapterConformance({
  adapter: genericWebhook,
  folder,
  source: {
    signing: {
      configOf: (token) => ({
        verify: { bearer: { token, header: 'X-Token' } },
        mapping: probeMapping,
      }),
      sign: (_body, secretText) => ({ 'x-token': secretText }),
      covers: 'sender',
    },
    deliveries,
  },
});

const bearer = { bearer: { token: [new Secret('t')] } };

function parseWith(mapping: object, body: unknown): ParseResult {
  const config = genericWebhook.source?.config.parse({ verify: bearer, mapping });
  if (config === undefined) throw new Error('no config');
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return (
    genericWebhook.source?.parse({ headers: {}, body: bytes }, config) ?? {
      ok: false,
      reason: 'no source',
    }
  );
}

function alertsWith(mapping: object, body: unknown): readonly Alert[] {
  const result = parseWith(mapping, body);
  if (!result.ok) throw new Error(result.reason);
  return result.parsed.observations as readonly Alert[];
}

function reasonWith(mapping: object, body: unknown): string {
  const result = parseWith(mapping, body);
  return result.ok ? 'understood' : result.reason;
}

describe('a mapped delivery', () => {
  it('becomes an alert, field by field', () => {
    expect(alertsWith(probeMapping, textOfFixture('probe-down.json'))).toEqual([
      {
        kind: 'alert',
        dedupKey: '9007199254740993',
        status: 'firing',
        title: 'Checkout page',
        description: 'Probed from two regions',
        labels: { service: 'checkout', tier: '1', tags: 'eu,web', env: 'prod' },
        vendorSeverity: 'critical',
        startsAt: 1_772_442_845_500,
        observedAt: 1_772_442_845_500,
        links: [{ url: 'https://probes.example.net/checks/17', text: 'Dashboard' }],
      },
    ]);
  });

  it('of many elements becomes an alert each, with what surrounds them within reach', () => {
    const result = parseWith(batchMapping, textOfFixture('batch.json'));
    expect(result).toMatchObject({
      ok: true,
      parsed: {
        observations: [
          {
            dedupKey: 'b-42/disk db-1',
            status: 'firing',
            labels: { host: 'db-1', team: 'platform', batch: 'b-42' },
            startsAt: 1_772_442_845_000,
          },
          { dedupKey: 'b-42/disk db-2', status: 'resolved', startsAt: 1_772_442_846_123 },
        ],
        ignored: [
          {
            what: 'alert b-42/disk db-3',
            reason: 'status: "test" at @.state means neither firing nor resolved',
          },
        ],
        truncated: 0,
      },
    });
  });

  it('without a status mapping is always firing', () => {
    expect(alertsWith({ dedup_key: '$.id', title: 'Something' }, { id: 1 })[0]).toMatchObject({
      status: 'firing',
      title: 'Something',
      dedupKey: '1',
    });
  });

  it('lacking what is not essential still pages, and says what it lacks', () => {
    const result = parseWith(probeMapping, { check: { id: 'c1', state: 'down' } });
    expect(result).toMatchObject({
      ok: true,
      parsed: {
        observations: [
          { title: 'Alert c1', vendorSeverity: null, startsAt: null, labels: { env: 'prod' } },
        ],
      },
    });
    expect(result.ok && result.parsed.ignored.map((aside) => aside.reason)).toEqual([
      'nothing usable at $.check.name',
      'nothing usable at $.severity',
      'nothing usable at $.check.since',
      'nothing usable at $.check.since',
    ]);
  });

  it.each([
    ['no identity', { check: { state: 'down' } }, 'dedup_key: no text at $.check.id'],
    ['no state', { check: { id: 1 } }, 'status: no text at $.check.state'],
    [
      'a strange state',
      { check: { id: 1, state: 'odd' } },
      'status: "odd" at $.check.state is in none of firing, resolved and ignore',
    ],
    [
      'an object for identity',
      { check: { id: {}, state: 'up' } },
      'dedup_key: no text at $.check.id',
    ],
  ])('with %s is a failure that names the path', (_what, body, reason) => {
    expect(reasonWith(probeMapping, body)).toBe(reason);
  });

  it('whose list is missing is a failure; an empty list is only empty', () => {
    expect(reasonWith(batchMapping, { batch: 'b' })).toBe('each: nothing at $.alerts[*]');
    expect(parseWith(batchMapping, { batch: 'b', alerts: [] })).toMatchObject({
      ok: true,
      parsed: { observations: [], ignored: [{ reason: 'the list at $.alerts[*] is empty' }] },
    });
  });

  it('of which one element cannot be read pages for the others and counts it as missing', () => {
    const result = parseWith(batchMapping, {
      batch: 'b',
      alerts: [{ key: 'k', state: 'alert' }, { state: 'alert' }],
    });
    expect(result).toMatchObject({
      ok: true,
      parsed: { truncated: 1, observations: [{ dedupKey: 'b/k' }] },
    });
    expect(reasonWith(batchMapping, { batch: 'b', alerts: [{ state: 'alert' }] })).toBe(
      'dedup_key: no text at @.key',
    );
  });

  it.each([
    ['firing', 'firing'],
    ['resolved', 'resolved'],
  ])('with an unlisted state is %s where the mapping says so', (otherwise, expected) => {
    const mapping = {
      dedup_key: '$.id',
      title: 'x',
      status: { path: '$.s', firing: [2], resolved: [false], otherwise },
    };
    expect(alertsWith(mapping, { id: 'a', s: 'odd' })[0]?.status).toBe(expected);
    expect(alertsWith(mapping, { id: 'a', s: 2 })[0]?.status).toBe('firing');
    expect(alertsWith(mapping, { id: 'a', s: false })[0]?.status).toBe('resolved');
  });

  it('never reaches a prototype', () => {
    const mapping = { dedup_key: '$.constructor.name', title: '$.__proto__.polluted' };
    expect(reasonWith(mapping, '{"__proto__": {"polluted": "yes"}}')).toBe(
      'dedup_key: no text at $.constructor.name',
    );
    const labels = alertsWith(
      { dedup_key: '$.id', title: 'x', labels: { '*': '$.l' } },
      '{"id": 1, "l": {"__proto__": "p", "a": "b"}}',
    )[0]?.labels;
    expect(Object.entries(labels ?? {})).toEqual([['a', 'b']]);
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  });

  it('nested deeper than 64 levels is refused', () => {
    expect(
      reasonWith({ dedup_key: '$.a', title: 'x' }, `{"a": ${'['.repeat(64)}${']'.repeat(64)}}`),
    ).toMatch(/deeper than 64/);
  });

  it('links to the web only', () => {
    const mapping = {
      dedup_key: '$.id',
      title: 'x',
      links: { Bad: '$.u', Good: 'https://example.com/runbook' },
    };
    expect(alertsWith(mapping, { id: 1, u: 'javascript:alert(1)' })[0]?.links).toEqual([
      { url: 'https://example.com/runbook', text: 'Good' },
    ]);
  });
});

describe('a path', () => {
  const document = {
    a: { 'b.c': [{ d: 1 }, { d: 2 }], '': 0 },
    list: [[1], [2, 3]],
    nothing: null,
  };

  it.each([
    ['$', [document]],
    ['$.a["b.c"][0].d', [1]],
    ["$.a['b.c'][*].d", [1, 2]],
    ['$.list[*][*]', [1, 2, 3]],
    ['$.list[7]', []],
    ['$.list.length', []],
    ['$.a[*]', []],
    ['$.nothing', [null]],
    ['$.nothing.more', []],
    ['$.missing.more[*]', []],
    ['@.x', ['element']],
  ])('%s leads to %j', (text, expected) => {
    const reading = readPath(text);
    if (!reading.ok) throw new Error(reading.problem);
    expect(valuesAt(reading.path, { document, element: { x: 'element' } })).toEqual(expected);
  });

  it.each([
    ['', /begins with \$/],
    ['check.id', /begins with \$/],
    ['$..id', /cannot read "\.\.id" at character 2/],
    ['$.a[', /cannot read "\[" at character 4/],
    ['$.a[-1]', /cannot read "\[-1\]"/],
    ['$.a[?(@.b)]', /a step is \.name/],
    ['$.a b', /cannot read " b"/],
  ])('%j is refused with the place', (text, problem) => {
    const reading = readPath(text);
    expect(reading.ok ? 'a path' : reading.problem).toMatch(problem);
  });

  it('is checked when the configuration is loaded', () => {
    const issues = genericWebhook.source?.config.safeParse({
      verify: bearer,
      mapping: { dedup_key: '$.id', title: '$..x' },
    }).error?.issues;
    expect(issues).toMatchObject([{ path: ['mapping', 'title'], message: /cannot read/ }]);
  });
});

describe('a time', () => {
  it.each([
    ['2026-03-02T09:14:05+01:00', 1_772_439_245_000],
    ['Mon, 02 Mar 2026 09:14:05 GMT', 1_772_442_845_000],
    [1_772_442_845, 1_772_442_845_000],
    [1_772_442_845.344, 1_772_442_845_344],
    [1_772_442_845_123, 1_772_442_845_123],
    ['1772442845123999', 1_772_442_845_123],
    ['1772442845999999999', 1_772_442_845_999],
    [0, null],
    ['0001-01-01T00:00:00Z', null],
    ['yesterday', null],
    [true, null],
    [null, null],
  ])('%j is %j', (given, expected) => {
    expect(timeOf(given)).toBe(expected);
  });
});

describe('verification', () => {
  const verify = (way: object, request: Partial<RawRequest>, now: number): Verified => {
    const config = genericWebhook.source?.config.parse({ verify: way, mapping: probeMapping });
    if (config === undefined) throw new Error('no config');
    return (
      genericWebhook.source?.verify(
        { headers: {}, body: Buffer.from(''), path: '', ...request },
        config,
        now,
      ) ?? { ok: false, reason: 'no source' }
    );
  };

  it('needs exactly one way', () => {
    const problem = (way: object): string | undefined =>
      genericWebhook.source?.config.safeParse({ verify: way, mapping: probeMapping }).error
        ?.issues[0]?.message;
    expect(problem({})).toMatch(/exactly one/);
    expect(problem({ ...bearer, standard_webhooks: { secret: [new Secret('s')] } })).toMatch(
      /exactly one/,
    );
  });

  it('with a signed time must say what stands between time and body', () => {
    const way = { hmac: { header: 'X-S', secret: [new Secret('s')], timestamp_header: 'X-T' } };
    expect(
      genericWebhook.source?.config.safeParse({ verify: way, mapping: probeMapping }).error?.issues,
    ).toMatchObject([{ path: ['verify', 'hmac', 'separator'] }]);
  });

  it('by Standard Webhooks takes any v1 signature of several, and ignores other versions', () => {
    const body = Buffer.from('{}');
    const named = { id: 'm', time: '1700000000' };
    const right = standardSignature(body, whsec('a'), named);
    const other = standardSignature(body, whsec('b'), named);
    const ask = (signature: string): boolean =>
      verify(
        { standard_webhooks: { secret: [new Secret(whsec('a'))] } },
        {
          body,
          headers: {
            'webhook-id': 'm',
            'webhook-timestamp': '1700000000',
            'webhook-signature': signature,
          },
        },
        1_700_000_000_000,
      ).ok;
    expect(ask(`${other} ${right}`)).toBe(true);
    expect(ask(other)).toBe(false);
    expect(ask(right.replace('v1,', 'v1a,'))).toBe(false);
    expect(ask(right.replace('v1,', ''))).toBe(false);
  });

  it('by Standard Webhooks reads a key without its prefix, and a text that is no base64 as it stands', () => {
    const headers = (key: string | Buffer): Record<string, string> => ({
      'webhook-id': 'm',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${createHmac('sha256', key).update('m.1700000000.').digest('base64')}`,
    });
    const ask = (secret: string, key: string | Buffer): boolean =>
      verify(
        { standard_webhooks: { secret: [new Secret(secret)] } },
        { headers: headers(key) },
        1_700_000_000_000,
      ).ok;
    const bytes = Buffer.from('x'.repeat(24));
    expect(ask(bytes.toString('base64'), bytes)).toBe(true);
    expect(ask('not base64 at all', 'not base64 at all')).toBe(true);
  });

  interface Vector {
    readonly scheme: string;
    readonly secret: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly valid: boolean;
    readonly note?: string;
  }
  const ways: Readonly<
    Record<string, (secret: Secret, vector: Vector) => { way: object; now: number }>
  > = {
    'standard-webhooks-v1': (secret, vector) => ({
      way: { standard_webhooks: { secret: [secret] } },
      now: Number(vector.headers['webhook-timestamp']) * 1000,
    }),
    'github-sha256': (secret) => ({
      way: { hmac: { header: 'X-Hub-Signature-256', prefix: 'sha256=', secret: [secret] } },
      now: 0,
    }),
    intercom: (secret) => ({
      way: {
        hmac: { header: 'X-Hub-Signature', algorithm: 'sha1', prefix: 'sha1=', secret: [secret] },
      },
      now: 0,
    }),
    sentry: (secret) => ({
      way: { hmac: { header: 'Sentry-Hook-Signature', secret: [secret] } },
      now: 0,
    }),
    grafana: (secret, vector) => {
      const signsTime = vector.headers['X-Grafana-Alerting-Timestamp'] !== undefined;
      const time = signsTime
        ? { timestamp_header: 'X-Grafana-Alerting-Timestamp', separator: ':' }
        : {};
      return {
        way: { hmac: { header: 'X-Grafana-Alerting-Signature', secret: [secret], ...time } },
        now: 1_767_607_200_000,
      };
    },
    zendesk: (secret) => ({
      way: {
        hmac: {
          header: 'X-Zendesk-Webhook-Signature',
          encoding: 'base64',
          secret: [secret],
          timestamp_header: 'X-Zendesk-Webhook-Signature-Timestamp',
          separator: '',
        },
      },
      now: Date.parse('2024-04-17T17:18:10Z'),
    }),
  };
  const vectors = existsSync(VECTORS)
    ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as readonly Vector[])
    : [];
  const usable = vectors.filter((vector) => vector.scheme in ways);

  it.skipIf(usable.length === 0)(
    'accepts the published example of every scheme it can be set to, and no changed byte of it (skipped where the examples are absent)',
    () => {
      for (const vector of usable) {
        const setting = ways[vector.scheme]?.(new Secret(vector.secret), vector);
        const headers = Object.fromEntries(
          Object.entries(vector.headers).map(([name, text]) => [name.toLowerCase(), text]),
        );
        const ask = (body: string): boolean =>
          verify(setting?.way ?? {}, { headers, body: Buffer.from(body) }, setting?.now ?? 0).ok;
        expect([vector.scheme, ask(vector.body)]).toEqual([vector.scheme, vector.valid]);
        expect([vector.scheme, ask(`${vector.body} `)]).toEqual([vector.scheme, false]);
      }
      expect(new Set(usable.map((vector) => vector.scheme)).size).toBe(6);
    },
  );
});
