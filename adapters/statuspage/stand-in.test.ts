import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type {
  Http,
  HttpRequest,
  Io,
  PublishOrder,
  StandInResponse,
  StandInSeed,
  Truth,
} from '../../src/contract/index.ts';
import { fakeIo, TEST_NOW, unasked } from '../../test/support/io.ts';
import { config } from './api.ts';
import type { Config } from './api.ts';
import { components } from './components.ts';
import { find, publish } from './publish.ts';
import { statuspageStandIn } from './stand-in.ts';

const seed: StandInSeed = {
  target: { page_id: 'pg1', api_key: 'sp-key' },
  addresses: [],
  contacts: [],
  components: [
    { id: 'cmpcheckout1', name: 'Checkout' },
    { id: 'cmpapi000001', name: 'API' },
  ],
  channels: [],
  schedules: [],
  webhookSecret: null,
  webhookHeaders: {},
};

/** A played page with its account: what was asked of it so far is its state. */
function playedPage() {
  let state = statuspageStandIn.initial(seed);
  const truth: Truth[] = [];
  const ask = (
    request: Partial<HttpRequest> & { readonly path: string },
    now = TEST_NOW,
  ): StandInResponse => {
    const [path = '', search = ''] = request.path.split('?');
    const step = statuspageStandIn.handle(
      state,
      {
        method: request.method ?? 'GET',
        path,
        query: Object.fromEntries(new URLSearchParams(search)),
        headers: {
          authorization: 'OAuth sp-key',
          'content-type': 'application/json',
          ...request.headers,
        },
        body: request.json === undefined ? '' : JSON.stringify(request.json),
      },
      now,
    );
    state = step.state;
    truth.push(...step.truth);
    return step.response;
  };
  return { ask, truth };
}

/** The adapter's door, opening on the played page. */
function ioOf(page: ReturnType<typeof playedPage>): Io<Config> {
  const base_url = 'http://stand-in.example/v1';
  const http: Http = {
    send: async (request) => {
      const { status, body } = page.ask({
        ...request,
        path: request.url.replace('http://stand-in.example', ''),
      });
      return { kind: 'answered', status, headers: {}, text: JSON.stringify(body) };
    },
  };
  return {
    ...fakeIo(config.parse({ page_id: 'pg1', api_key: new Secret('sp-key'), base_url }), unasked)
      .io,
    http,
  };
}

const order: PublishOrder = {
  idempotencyKey: 'k',
  deadline: TEST_NOW + 60_000,
  externalRef: null,
  token: 'tok-1',
  title: 'Problem with Checkout',
  status: 'investigating',
  body: 'We are investigating. Next update: 09:30 UTC.',
  components: { cmpcheckout1: 'partial_outage' },
  notify: true,
};

describe('the adapter and the played page agree', () => {
  test('a post is created, read back, continued, read back, and resolved', async () => {
    const page = playedPage();
    const io = ioOf(page);
    expect(await find(order, io)).toEqual({ ok: true, data: { found: false, externalRef: null } });
    const first = await publish(order, io);
    expect(first).toMatchObject({
      verb: 'delivered',
      receipt: 'confirmed',
      externalRef: 'i00000000001',
    });
    expect(await find(order, io)).toEqual({
      ok: true,
      data: { found: true, externalRef: 'i00000000001' },
    });

    const update: PublishOrder = {
      ...order,
      externalRef: 'i00000000001',
      status: 'identified',
      body: 'Found it.',
      components: {},
      notify: false,
    };
    expect(await find(update, io)).toEqual({
      ok: true,
      data: { found: false, externalRef: 'i00000000001' },
    });
    expect(await publish(update, io)).toMatchObject({ verb: 'delivered' });
    expect(await find(update, io)).toMatchObject({ ok: true, data: { found: true } });

    const end: PublishOrder = {
      ...update,
      status: 'resolved',
      body: 'Over.',
      components: { cmpcheckout1: 'operational' },
      notify: true,
    };
    expect(await publish(end, io)).toMatchObject({ verb: 'delivered' });
    expect(await find(order, io), 'a resolved incident is still recognised').toMatchObject({
      data: { found: true },
    });
    expect(page.truth).toEqual([
      {
        kind: 'post',
        page: 'pg1',
        ref: 'i00000000001',
        name: order.title,
        status: 'investigating',
        body: order.body,
        components: { Checkout: 'partial_outage' },
        notified: true,
      },
      {
        kind: 'post',
        page: 'pg1',
        ref: 'i00000000001',
        name: order.title,
        status: 'identified',
        body: 'Found it.',
        components: { Checkout: 'partial_outage' },
        notified: false,
      },
      {
        kind: 'post',
        page: 'pg1',
        ref: 'i00000000001',
        name: order.title,
        status: 'resolved',
        body: 'Over.',
        components: { Checkout: 'operational' },
        notified: true,
      },
    ]);
  });
  test('components are listed with their present state', async () => {
    const page = playedPage();
    await publish(order, ioOf(page));
    expect(await components(ioOf(page))).toEqual({
      ok: true,
      data: [
        { id: 'cmpcheckout1', name: 'Checkout', status: 'partial_outage' },
        { id: 'cmpapi000001', name: 'API', status: 'operational' },
      ],
    });
  });
  test('an unknown component is refused in words that name it', async () => {
    const outcome = await publish(
      { ...order, components: { gone: 'major_outage' } },
      ioOf(playedPage()),
    );
    expect(outcome).toMatchObject({
      verb: 'reject',
      reason: 'invalid_request',
      detail: 'HTTP 422: component gone does not exist on this page',
    });
  });
});

describe('the played page is as strict as the vendor', () => {
  const incidents = '/v1/pages/pg1/incidents';
  const create = (incident: object) =>
    playedPage().ask({ method: 'POST', path: incidents, json: { incident } });

  test.each([
    ['no wrapper', { name: 'x' }],
    ['keys beside the wrapper', { incident: { name: 'x' }, status: 'resolved' }],
  ])('%s is refused', (_what, json) => {
    expect(playedPage().ask({ method: 'POST', path: incidents, json }).status).toBe(422);
  });
  test.each([
    ['no name', {}],
    ['a long name', { name: 'x'.repeat(256) }],
    ['a long body', { name: 'x', body: 'x'.repeat(25_001) }],
    ['an unknown status', { name: 'x', status: 'fixed' }],
    ['a published post-mortem as status', { name: 'x', status: 'postmortem' }],
    ['an unknown impact', { name: 'x', impact_override: 'huge' }],
    ['an unknown component', { name: 'x', component_ids: ['gone'] }],
    ['an unknown component state', { name: 'x', components: { cmpapi000001: 'down' } }],
    ['flat metadata', { name: 'x', metadata: { token: 'flat' } }],
    ['a notification flag as text', { name: 'x', deliver_notifications: 'false' }],
  ])('%s is refused', (_what, incident) => {
    expect(create(incident).status).toBe(422);
  });
  test('the longest name and body are accepted, and count characters', () => {
    expect(create({ name: '🚨'.repeat(255), body: '🚨'.repeat(25_000) }).status).toBe(201);
  });
  test('subscribers are mailed unless the request says no', () => {
    const page = playedPage();
    page.ask({ method: 'POST', path: incidents, json: { incident: { name: 'x', body: 'y' } } });
    expect(page.truth).toMatchObject([{ notified: true }]);
  });
  test('marking a component as affected does not change its state', () => {
    const page = playedPage();
    page.ask({
      method: 'POST',
      path: incidents,
      json: { incident: { name: 'x', component_ids: ['cmpapi000001'] } },
    });
    expect(page.truth).toMatchObject([{ components: { API: 'operational' } }]);
  });
  test('a change without status and body is no public update', () => {
    const page = playedPage();
    page.ask({ method: 'POST', path: incidents, json: { incident: { name: 'x' } } });
    const { body } = page.ask({
      method: 'PATCH',
      path: `${incidents}/i00000000001`,
      json: { incident: { metadata: { a: {} } } },
    });
    expect(body).toMatchObject({ metadata: { a: {} }, incident_updates: { length: 1 } });
    expect(page.truth).toHaveLength(1);
  });
  test.each([
    [401, { path: incidents, headers: { authorization: 'Bearer sp-key' } }],
    [401, { path: incidents, headers: { authorization: 'OAuth other' } }],
    [
      400,
      {
        path: incidents,
        method: 'POST' as const,
        json: {},
        headers: { 'content-type': 'text/plain' },
      },
    ],
    [404, { path: '/v1/pages/other/incidents' }],
    [404, { path: '/pages/pg1/incidents' }],
    [404, { path: `${incidents}/gone` }],
    [404, { path: `${incidents}/gone`, method: 'PATCH' as const, json: { incident: {} } }],
    [404, { path: incidents, method: 'DELETE' as const }],
    [200, { path: '/v1/pages/pg1' }],
    [200, { path: `${incidents}?q=nothing&limit=5` }],
  ])('%i answers %j', (status, request) => {
    expect(playedPage().ask(request).status).toBe(status);
  });
  test('sixty requests a minute pass, the next is refused with 420, and the window rolls', () => {
    const page = playedPage();
    for (let i = 0; i < 60; i += 1)
      expect(page.ask({ path: incidents }, TEST_NOW + i).status).toBe(200);
    expect(page.ask({ path: incidents }, TEST_NOW + 59_999).status).toBe(420);
    expect(page.ask({ path: incidents }, TEST_NOW + 60_000).status).toBe(200);
    expect(page.ask({ path: incidents }, TEST_NOW + 60_000).status).toBe(420);
  });
  test('lists are newest first and paged', () => {
    const page = playedPage();
    for (const name of ['one', 'two', 'three'])
      page.ask({ method: 'POST', path: incidents, json: { incident: { name } } });
    expect(page.ask({ path: `${incidents}?limit=2` }).body).toMatchObject([
      { name: 'three' },
      { name: 'two' },
    ]);
    expect(page.ask({ path: `${incidents}?limit=2&page=2` }).body).toMatchObject([{ name: 'one' }]);
    expect(page.ask({ path: `${incidents}?q=TWO` }).body).toMatchObject([{ name: 'two' }]);
  });
});
