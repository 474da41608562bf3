import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type { PublishOrder } from '../../src/contract/index.ts';
import { adapterConformance } from '../../test/conformance/adapter.ts';
import type { MethodCase, TargetConformance } from '../../test/conformance/adapter.ts';
import { readGolden } from '../../test/conformance/golden.ts';
import { at } from '../../test/conformance/mutations.ts';
import { hasVendorSpec, specValidator } from '../../test/conformance/vendor-spec.ts';
import { answered, failed, fakeIo, inTurn } from '../../test/support/io.ts';
import type { Respond } from '../../test/support/io.ts';
import { config } from './api.ts';
import type { Config } from './api.ts';
import { find, publish } from './publish.ts';
import { statuspage } from './statuspage.ts';

const create: PublishOrder = {
  idempotencyKey: 'inc-7/4/0',
  deadline: 1_768_468_000_000,
  externalRef: null,
  token: 'tok-7-a',
  title: 'Problem with Checkout',
  status: 'investigating',
  body: 'We are investigating a problem with Checkout. Next update: 09:30 UTC.',
  components: { cmpcheckout1: 'partial_outage', cmpapi000001: 'degraded_performance' },
  notify: true,
};
const update: PublishOrder = {
  ...create,
  idempotencyKey: 'inc-7/9/0',
  externalRef: 'inc/7',
  status: 'identified',
  body: 'We have identified the cause. Next update: 10:00 UTC.',
  components: {},
  notify: false,
};
const resolve: PublishOrder = {
  ...update,
  idempotencyKey: 'inc-7/15/0',
  status: 'resolved',
  body: 'The problem with Checkout is resolved.',
  components: { cmpcheckout1: 'operational', cmpapi000001: 'operational' },
  notify: true,
};

const incident = {
  id: 'p31zjtct2jer',
  status: 'investigating',
  shortlink: 'https://stspg.example/p31zjtct2jer',
  metadata: { tocsin: { token: 'tok-7-a' }, jira: { key: 'X-1' } },
  incident_updates: [
    {
      id: 'u2',
      status: 'identified',
      body: 'We have identified the cause. Next update: 10:00 UTC.',
    },
    { id: 'u1', status: 'investigating', body: create.body },
  ],
};
const components = [
  { id: 'cmpcheckout1', name: 'Checkout', status: 'operational', group: false },
  { id: 'cmpapi000001', name: 'API', status: 'operational', group: null },
  { id: 'grp000000001', name: 'Shop', status: 'operational', group: true },
];
const page = { id: 'pg1', name: 'Example' };

const limits = [
  { text: 'body', field: 'json.incident.body', limit: 25_000, unit: 'characters' },
] as const;
const methods: readonly MethodCase[] = [
  {
    method: 'statusPage.publish',
    title: 'create',
    args: [create],
    golden: 'publish-create.json',
    respond: inTurn(answered(201, incident)),
    result: {
      verb: 'delivered',
      receipt: 'confirmed',
      externalRef: 'p31zjtct2jer',
      url: 'https://stspg.example/p31zjtct2jer',
    },
    limits: [
      ...limits,
      { text: 'title', field: 'json.incident.name', limit: 255, unit: 'characters' },
    ],
  },
  {
    method: 'statusPage.publish',
    title: 'update',
    args: [update],
    golden: 'publish-update.json',
    respond: inTurn(answered(200, { ...incident, id: 'inc/7', shortlink: null })),
    result: { verb: 'delivered', receipt: 'confirmed', externalRef: 'inc/7' },
    limits,
  },
  {
    method: 'statusPage.publish',
    title: 'resolve',
    args: [resolve],
    golden: 'publish-resolve.json',
    respond: inTurn(answered(200, incident)),
    result: { verb: 'delivered', receipt: 'confirmed' },
  },
  {
    method: 'statusPage.find',
    title: 'created, already resolved by hand',
    args: [create],
    golden: 'find-created.json',
    respond: inTurn(
      answered(200, []),
      answered(200, [{ ...incident, id: 'other', metadata: {} }, incident]),
    ),
    result: { ok: true, data: { found: true, externalRef: 'p31zjtct2jer' } },
  },
  {
    method: 'statusPage.find',
    title: 'update',
    args: [update],
    golden: 'find-update.json',
    respond: inTurn(answered(200, { ...incident, id: 'inc/7' })),
    result: { ok: true, data: { found: true, externalRef: 'inc/7' } },
  },
  {
    method: 'statusPage.components',
    title: 'one page',
    args: [],
    golden: 'components.json',
    respond: inTurn(answered(200, components)),
    result: {
      ok: true,
      data: [
        { id: 'cmpcheckout1', name: 'Checkout', status: 'operational' },
        { id: 'cmpapi000001', name: 'API', status: 'operational' },
      ],
    },
  },
  {
    method: 'doctor.check',
    title: 'a renamed and a missing component',
    args: [
      {
        addresses: [],
        schedules: [],
        components: [
          { id: 'cmpcheckout1', name: 'Checkout' },
          { id: 'cmpapi000001', name: 'Public API' },
          { id: 'gone', name: 'API' },
          { id: 'gone-too', name: 'Mobile' },
        ],
      },
    ],
    golden: 'doctor.json',
    respond: inTurn(answered(200, page), answered(200, components)),
    result: [
      { level: 'ok', what: expect.stringContaining('Example') },
      { level: 'ok', what: expect.stringContaining('Checkout') },
      {
        level: 'warning',
        what: 'component cmpapi000001 is called API on the page, Public API in the configuration',
      },
      { level: 'problem', hint: 'The page has a component of that name: write id: cmpapi000001.' },
      { level: 'problem', hint: 'The page has: Checkout (cmpcheckout1), API (cmpapi000001).' },
    ],
  },
];
const target: TargetConformance = {
  config: { page_id: 'pg1', api_key: new Secret('sp-key-5f1c9a') },
  moreConfigs: [
    {
      page_id: 'pg1',
      api_key: new Secret('k'),
      base_url: 'http://127.0.0.1:1234/statuspage/v1',
      deliver_notifications: false,
    },
  ],
  methods,
};

adapterConformance({ adapter: statuspage, folder: new URL('.', import.meta.url), target });

const settings = (more: object = {}): Config => config.parse({ ...target.config, ...more });
const published = async (order: PublishOrder, respond: Respond, more: object = {}) => {
  const fake = fakeIo(settings(more), respond);
  return { outcome: await publish(order, fake.io), requests: fake.requests };
};
const found = (order: PublishOrder, respond: Respond) =>
  find(order, fakeIo(settings(), respond).io);

describe('the request body, judged by the vendor', () => {
  const file = 'statuspage-v1.openapi.json';
  const isHere = hasVendorSpec(file);
  const bodyOf = (golden: string) => {
    const [request] = readGolden(new URL(`fixtures/${golden}`, import.meta.url)) as [
      { json: { incident: Record<string, unknown> } },
    ];
    return request.json;
  };
  const problems = (schema: string) => specValidator(file, `/components/schemas/${schema}`);

  test.skipIf(!isHere).each([
    ['publish-create.json', 'postPagesPageIdIncidents'],
    ['publish-update.json', 'patchPagesPageIdIncidents'],
    ['publish-resolve.json', 'patchPagesPageIdIncidents'],
  ])('%s is valid by %s (skipped without the specification)', (golden, schema) => {
    expect(problems(schema)(bodyOf(golden))).toEqual([]);
  });

  test.skipIf(!isHere).each([
    ['without the wrapper', (good: object) => good],
    ['beside the wrapper', (good: object) => ({ incident: good, status: 'resolved' })],
    ['with a misspelled status', (good: object) => ({ incident: { ...good, status: 'fixed' } })],
    [
      'with a misspelled component state',
      (good: object) => ({ incident: { ...good, components: { cmpcheckout1: 'down' } } }),
    ],
    ['with a name too long', (good: object) => ({ incident: { ...good, name: 'x'.repeat(256) } })],
    [
      'with a body too long',
      (good: object) => ({ incident: { ...good, body: 'x'.repeat(25_001) } }),
    ],
    [
      'with flat metadata',
      (good: object) => ({ incident: { ...good, metadata: { token: 'tok' } } }),
    ],
    [
      'with a notification flag that is no boolean',
      (good: object) => ({ incident: { ...good, deliver_notifications: 'yes' } }),
    ],
  ])('its twin %s is not (skipped without the specification)', (_how, spoil) => {
    const twin = spoil(bodyOf('publish-create.json').incident);
    expect(problems('postPagesPageIdIncidents')(twin)).not.toEqual([]);
    expect(problems('patchPagesPageIdIncidents')(twin)).not.toEqual([]);
  });
});

describe('notifications', () => {
  test.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])(
    'a target that delivers (%s) and a post that notifies (%s) mail the subscribers: %s',
    async (deliver, notify, mailed) => {
      const { requests } = await published({ ...create, notify }, inTurn(answered(201, incident)), {
        deliver_notifications: deliver,
      });
      expect(requests[0]?.json).toMatchObject({ incident: { deliver_notifications: mailed } });
    },
  );
});

describe('refusals', () => {
  test.each([
    [420, {}, { verb: 'retry', reason: 'rate_limited', ambiguous: false }],
    [
      401,
      { error: 'Could not authenticate' },
      { verb: 'reject', reason: 'unauthorized', detail: 'HTTP 401: Could not authenticate' },
    ],
    [403, {}, { verb: 'reject', reason: 'forbidden' }],
    [404, {}, { verb: 'reject', reason: 'not_found' }],
    [
      422,
      { message: 'Name is too long' },
      { verb: 'reject', reason: 'invalid_request', detail: 'HTTP 422: Name is too long' },
    ],
    [422, { error: ['one', 'two'] }, { verb: 'reject', detail: 'HTTP 422: one; two' }],
    [422, { error: { nested: 1 } }, { verb: 'reject', detail: 'HTTP 422: {"error":{"nested":1}}' }],
    [504, '<html>', { verb: 'retry', reason: 'server_error', ambiguous: true }],
  ])('HTTP %i %j is read as such', async (status, body, outcome) => {
    expect((await published(create, inTurn(answered(status, body)))).outcome).toMatchObject(
      outcome,
    );
  });

  test('a success that cannot be read is in doubt, not done', async () => {
    expect((await published(create, inTurn(answered(201, 'thank you')))).outcome).toMatchObject({
      verb: 'retry',
      ambiguous: true,
    });
  });
});

describe('reading back', () => {
  const empty = inTurn(answered(200, []));
  test('a created incident is recognised by its token among the open ones, with one request', async () => {
    const fake = fakeIo(settings(), inTurn(answered(200, [incident])));
    expect(await find(create, fake.io)).toEqual({
      ok: true,
      data: { found: true, externalRef: 'p31zjtct2jer' },
    });
    expect(fake.requests).toHaveLength(1);
  });
  test.each([
    ['no incident', []],
    ['an incident of another token', [{ ...incident, metadata: { tocsin: { token: 'other' } } }]],
    [
      'an incident of the same name only',
      [{ ...incident, metadata: { tocsin: null }, name: create.title }],
    ],
  ])('%s is not ours', async (_what, list) => {
    expect(await found(create, inTurn(answered(200, list)))).toEqual({
      ok: true,
      data: { found: false, externalRef: null },
    });
  });
  test.each([
    ['another status', { ...update, status: 'monitoring' as const }],
    ['another body', { ...update, body: `${update.body} ` + 'More.' }],
  ])('an update with %s is not there', async (_what, order) => {
    expect(await found(order, inTurn(answered(200, incident)))).toEqual({
      ok: true,
      data: { found: false, externalRef: 'inc/7' },
    });
  });
  test('line ends and outer blanks do not hide an update', async () => {
    const kept = {
      ...incident,
      incident_updates: [{ status: 'identified', body: 'One.\r\nTwo.' }],
    };
    expect(
      await found({ ...update, body: 'One.\nTwo.\n' }, inTurn(answered(200, kept))),
    ).toMatchObject({ data: { found: true } });
  });
  test('a body that was cut is found again', async () => {
    const order = { ...update, body: 'x'.repeat(30_000) };
    const { requests } = await published(order, inTurn(answered(200, incident)));
    const body = at(requests, ['0', 'json', 'incident', 'body']);
    const kept = { ...incident, incident_updates: [{ status: 'identified', body }] };
    expect(await found(order, inTurn(answered(200, kept)))).toMatchObject({
      data: { found: true },
    });
  });
  test('a deleted incident holds no update', async () => {
    expect(await found(update, inTurn(answered(404, {})))).toEqual({
      ok: true,
      data: { found: false, externalRef: null },
    });
  });
  test.each([
    ['a timeout', failed('timeout', true)],
    ['an error page', answered(503, '<html>')],
    ['a page that is no JSON', answered(200, '<html>')],
    ['a row that cannot be read', answered(200, [{ metadata: {} }])],
    ['a refused key', answered(401, {})],
  ])('%s never means "not there"', async (_what, answer) => {
    expect(await found(create, inTurn(answer))).toMatchObject({ ok: false });
    expect(
      await found(create, (request, index) => (index === 0 ? empty(request, 0) : answer)),
    ).toMatchObject({ ok: false });
    expect(await found(update, inTurn(answer))).toMatchObject({ ok: false });
  });
});

describe('components', () => {
  test('are read page by page', async () => {
    const rows = (from: number, count: number) =>
      Array.from({ length: count }, (_row, i) => ({
        id: `c${from + i}`,
        name: `C${from + i}`,
        status: 'operational',
      }));
    const fake = fakeIo(
      settings(),
      inTurn(answered(200, rows(0, 100)), answered(200, rows(100, 3))),
    );
    expect(await statuspage.statusPage?.components?.(fake.io)).toMatchObject({
      ok: true,
      data: { length: 103 },
    });
    expect(fake.requests.map(({ url }) => url.split('?')[1])).toEqual([
      'page=1&per_page=100',
      'page=2&per_page=100',
    ]);
  });
});
