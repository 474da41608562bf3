import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type {
  HttpRequest,
  Io,
  PageOrder,
  StandInSeed,
  StandInWebhook,
  Truth,
} from '../../src/contract/index.ts';
import { opsgenie } from './opsgenie.ts';
import type { TargetConfig } from './config.ts';
import { opsgenieStandIn } from './stand-in.ts';

const START = 1_768_467_600_000;

const seed: StandInSeed = {
  target: { api_key: 'key-1' },
  addresses: [
    { team: { name: 'Payments', id: 'team-1' } },
    { escalation: { name: 'Last resort', id: 'esc-1' } },
  ],
  contacts: ['ada@example.com', 'ben@example.com'],
  components: [],
  channels: [],
  schedules: [{ id: 'sched-1', name: 'Platform' }],
  webhookSecret: null,
  webhookHeaders: { authorization: 'Bearer hook-token' },
};

const page: PageOrder = {
  idempotencyKey: 'inc-1/1/0',
  deadline: START + 60_000,
  key: 'tocsin/inc-1',
  address: { team: { name: 'Payments', id: 'team-1' } },
  urgency: 'high',
  severity: null,
  title: 'Checkout is down',
  body: '',
  origin: 'checkout',
  links: [],
  externalRef: null,
};

/** The account, its clock, and what happened there so far. */
function account() {
  let state = opsgenieStandIn.initial(seed);
  let now = START;
  const truth: Truth[] = [];
  const webhooks: StandInWebhook[] = [];
  const keep = (step: {
    state: typeof state;
    truth: readonly Truth[];
    webhooks: readonly StandInWebhook[];
  }): void => {
    state = step.state;
    truth.push(...step.truth);
    webhooks.push(...step.webhooks);
  };
  const send = async (
    request: HttpRequest,
  ): Promise<{
    kind: 'answered';
    status: number;
    headers: Record<string, string>;
    text: string;
  }> => {
    const url = new URL(request.url);
    const headers = { ...request.headers };
    const body = request.json === undefined ? '' : JSON.stringify(request.json);
    const step = opsgenieStandIn.handle(
      state,
      {
        method: request.method,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers,
        body,
      },
      now,
    );
    keep(step);
    return {
      kind: 'answered',
      status: step.response.status,
      headers: { ...step.response.headers },
      text: JSON.stringify(step.response.body),
    };
  };
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const io = (): Io<TargetConfig> => ({
    config: {
      api_key: new Secret('key-1'),
      region: 'us',
      base_url: 'https://api.opsgenie.com',
      priorities: {},
    },
    http: { send },
    now,
    log: silent,
  });
  return {
    io,
    send,
    truth,
    webhooks,
    pass: (ms: number): void => {
      now += ms;
      keep(opsgenieStandIn.advance?.(state, now) ?? { state, truth: [], webhooks: [] });
    },
    nextAt: (): number | null => opsgenieStandIn.nextAt?.(state) ?? null,
    answer: (verb: 'acknowledge' | 'resolve', address: string, by: string | null): void => {
      const step = opsgenieStandIn.answer?.(state, { verb, address, ref: null, by }, now);
      if (step !== undefined) keep(step);
    },
    rings: (): readonly string[] =>
      truth.map((one) =>
        one.kind === 'page' ? `${one.event} ${one.address} ${one.urgency}` : one.kind,
      ),
  };
}

async function triggered(
  order: PageOrder = page,
): Promise<{ opsgenie: ReturnType<typeof account>; externalRef: string | null }> {
  const vendor = account();
  const outcome = await opsgenie.pager?.trigger(order, vendor.io());
  return {
    opsgenie: vendor,
    externalRef: outcome?.verb === 'delivered' ? (outcome.externalRef ?? null) : null,
  };
}

describe('a page', () => {
  it('is accepted at once and rings a moment later', async () => {
    const { opsgenie: vendor, externalRef } = await triggered();
    expect(vendor.rings()).toEqual([]);
    expect(await opsgenie.pager?.find?.({ ...page, externalRef }, vendor.io())).toMatchObject({
      data: { found: false },
    });
    expect(vendor.nextAt()).toBe(START + 300);
    vendor.pass(300);
    expect(vendor.rings()).toEqual(['rang team-1 high']);
    expect(await opsgenie.pager?.find?.({ ...page, externalRef }, vendor.io())).toMatchObject({
      data: { found: true, status: 'triggered' },
    });
  });

  it('repeated under its alias rings nobody again', async () => {
    const { opsgenie: vendor } = await triggered();
    vendor.pass(1000);
    await opsgenie.pager?.trigger(page, vendor.io());
    vendor.pass(1000);
    expect(vendor.rings()).toEqual(['rang team-1 high', 'repeated team-1 high']);
  });

  it('answered by a person is told by webhook, and read back with their name', async () => {
    const { opsgenie: vendor, externalRef } = await triggered();
    vendor.pass(1000);
    vendor.answer('acknowledge', 'team-1', 'ada@example.com');
    expect(await opsgenie.pager?.find?.({ ...page, externalRef }, vendor.io())).toMatchObject({
      data: { status: 'acknowledged', by: { email: 'ada@example.com' } },
    });
    const hook = vendor.webhooks.at(-1);
    const request = { headers: hook?.headers ?? {}, body: Buffer.from(hook?.body ?? ''), path: '' };
    const config = { token: [new Secret('hook-token')], header: 'authorization' };
    expect(opsgenie.source?.verify(request, config, START)).toEqual({ ok: true, deliveryId: null });
    expect(opsgenie.source?.parse(request, config)).toMatchObject({
      parsed: {
        observations: [
          {
            action: 'acknowledged',
            key: page.key,
            by: { email: 'ada@example.com' },
            observedAt: START + 1000,
          },
        ],
      },
    });
  });

  it('shows its notes a moment after they were taken, the newest first, and to nobody who asks by an alias that is free', async () => {
    const { opsgenie: vendor } = await triggered();
    vendor.pass(1000);
    const url = `https://api.opsgenie.com/v2/alerts/${encodeURIComponent(page.key)}/notes?identifierType=alias`;
    const headers = { authorization: 'GenieKey key-1' };
    const notes = async (more = ''): Promise<unknown> => {
      const { status, text } = await vendor.send({ method: 'GET', url: `${url}${more}`, headers });
      const { data } = JSON.parse(text) as { data?: readonly { note: string }[] };
      return data?.map(({ note }) => note) ?? status;
    };
    for (const note of ['First.', 'Second.'])
      await vendor.send({ method: 'POST', url, headers, json: { note, user: 'Tocsin' } });
    expect(await notes()).toEqual([]);
    vendor.pass(300);
    expect(await notes()).toEqual(['Second.', 'First.']);
    expect(await notes('&order=asc&limit=1')).toEqual(['First.']);
    expect(await notes('&limit=101')).toBe(422);
    await opsgenie.pager?.resolve(page, vendor.io());
    vendor.pass(1000);
    expect(await notes()).toBe(404);
  });

  it('resolved by us is silent everywhere, and a new one under its alias rings again', async () => {
    const { opsgenie: vendor } = await triggered();
    vendor.pass(1000);
    await opsgenie.pager?.acknowledge(page, vendor.io());
    vendor.pass(1000);
    await opsgenie.pager?.resolve(page, vendor.io());
    vendor.pass(1000);
    await opsgenie.pager?.trigger(page, vendor.io());
    vendor.pass(1000);
    expect(vendor.rings()).toEqual([
      'rang team-1 high',
      'acknowledged team-1 high',
      'resolved team-1 high',
      'rang team-1 high',
    ]);
  });

  it('closed by a person at once is found resolved, though its alias names nothing any more', async () => {
    const { opsgenie: vendor, externalRef } = await triggered();
    vendor.pass(1000);
    vendor.answer('resolve', 'team-1', 'ben@example.com');
    expect(await opsgenie.pager?.find?.({ ...page, externalRef }, vendor.io())).toMatchObject({
      data: { found: true, status: 'resolved', by: { email: 'ben@example.com' } },
    });
    expect(await opsgenie.pager?.find?.(page, vendor.io())).toMatchObject({
      data: { found: false },
    });
  });

  it.each([
    [{ user: 'ada@example.com' }, ['rang ada@example.com high']],
    [{ schedule: { name: 'Platform', id: 'sched-1' } }, ['rang sched-1 high']],
    [{ escalation: { name: 'Last resort', id: 'esc-1' } }, ['rang esc-1 high']],
    [{ user: 'nobody@example.com' }, []],
    [{ team: { name: 'Payments', id: 'another-team' } }, []],
  ])('to %j rings what the account knows under that address', async (address, rings) => {
    const { opsgenie: vendor } = await triggered({ ...page, address });
    vendor.pass(1000);
    expect(vendor.rings()).toEqual(rings);
  });
});

describe('the listing of what is open', () => {
  it('says of each page what asking for it says, and nothing of what is closed', async () => {
    const vendor = account();
    const addresses = [page.address, { user: 'ada@example.com' }, { user: 'ben@example.com' }];
    const orders: PageOrder[] = [];
    for (const [i, address] of addresses.entries()) {
      const order = { ...page, key: `tocsin/inc-${i}`, address };
      const outcome = await opsgenie.pager?.trigger(order, vendor.io());
      const externalRef = outcome?.verb === 'delivered' ? (outcome.externalRef ?? null) : null;
      orders.push({ ...order, externalRef });
    }
    vendor.pass(1000);
    vendor.answer('acknowledge', 'ada@example.com', 'ada@example.com');
    vendor.answer('resolve', 'ben@example.com', 'ben@example.com');
    const singly = await Promise.all(
      orders.map(async (one) => opsgenie.pager?.find?.(one, vendor.io())),
    );
    const found = singly.map((one) => (one?.ok === true ? one.data : null));
    expect(found.map((one) => one?.status)).toEqual(['triggered', 'acknowledged', 'resolved']);
    const byAlias = await opsgenie.pager?.list?.(orders, vendor.io());
    const known = orders.map((one, i) => ({ ...one, externalRef: found[i]?.externalRef ?? null }));
    const byId = await opsgenie.pager?.list?.(known, vendor.io());
    expect(byAlias).toEqual({ ok: true, data: [found[0], found[1], null] });
    expect(byId).toEqual(byAlias);
  });

  it.each([
    ['query=status:open&sort=createdAt&order=desc&limit=100&offset=19900', 200],
    ['query=status:open&limit=101', 422],
    ['limit=0', 422],
    ['limit=100&offset=19901', 422],
    ['offset=-1', 422],
    ['sort=newest', 422],
    ['order=down', 422],
    ['query=alias:x', 422],
  ])('asked with %s is answered %i', async (query, status) => {
    const answer = await account().send({
      method: 'GET',
      url: `https://api.opsgenie.com/v2/alerts?${query}`,
      headers: { authorization: 'GenieKey key-1' },
    });
    expect(answer.status).toBe(status);
  });
});

describe('the account', () => {
  it('answers doctor, on-call and the list of alerts', async () => {
    const { opsgenie: vendor } = await triggered();
    vendor.pass(1000);
    const subject = {
      addresses: [page.address, { user: 'ada@example.com' }],
      components: [],
      schedules: [{ id: 'sched-1', name: 'Platform' }],
    };
    const findings = (await opsgenie.doctor?.check(subject, vendor.io())) ?? [];
    expect(findings.filter((finding) => finding.level === 'problem')).toEqual([]);
    expect(
      await opsgenie.onCall?.whoIsOn({ id: 'sched-1', name: 'Platform' }, START, vendor.io()),
    ).toMatchObject({ ok: true, data: [{ email: 'ada@example.com' }] });
    expect(await opsgenie.poll?.since(START, vendor.io())).toMatchObject({
      ok: true,
      data: [{ action: 'triggered', key: page.key }],
    });
  });
});

describe('a wrong request', () => {
  const create = {
    message: 'm',
    alias: 'tocsin/inc-1',
    responders: [{ type: 'team', id: 'team-1' }],
    details: { a: 'b' },
    priority: 'P1',
  };
  const asked = async (more: {
    json?: unknown;
    path?: string;
    authorization?: string;
    method?: 'POST' | 'PUT';
  }): Promise<number> => {
    const answer = await account().send({
      method: more.method ?? 'POST',
      url: `https://api.opsgenie.com${more.path ?? '/v2/alerts'}`,
      headers: { authorization: more.authorization ?? 'GenieKey key-1' },
      json: more.json ?? create,
    });
    return answer.status;
  };

  it('has a right twin', async () => expect(await asked({})).toBe(202));

  it.each([
    ['without message', { ...create, message: '' }],
    ['with a message of 131 characters', { ...create, message: 'm'.repeat(131) }],
    ['with an alias of 513 characters', { ...create, alias: 'a'.repeat(513) }],
    ['with a number in details', { ...create, details: { a: 1 } }],
    ['with details of 8001 characters', { ...create, details: { a: 'b'.repeat(8000) } }],
    ['with a misspelt priority', { ...create, priority: 'critical' }],
    ['with a responder of no type', { ...create, responders: [{ id: 'team-1' }] }],
    ['with 21 tags', { ...create, tags: Array.from({ length: 21 }, () => 't') }],
  ])('%s is refused', async (_what, json) => expect(await asked({ json })).toBe(422));

  it('with another scheme than GenieKey is not authorized', async () => {
    expect(await asked({ authorization: 'Bearer key-1' })).toBe(401);
    expect(await asked({ authorization: 'GenieKey key-2' })).toBe(401);
  });

  it('to an unknown path or by another method is refused', async () => {
    expect(await asked({ path: '/v2/alert' })).toBe(404);
    expect(await asked({ path: '/v2/alerts/x/explode' })).toBe(404);
    expect(await asked({ method: 'PUT' })).toBe(405);
  });

  it('that forgets identifierType is accepted, and fails where nobody looks', async () => {
    const { opsgenie: vendor } = await triggered();
    vendor.pass(1000);
    const url = `https://api.opsgenie.com/v2/alerts/${encodeURIComponent(page.key)}/close`;
    const answer = await vendor.send({
      method: 'POST',
      url,
      headers: { authorization: 'GenieKey key-1' },
      json: {},
    });
    const { requestId } = JSON.parse(answer.text) as { requestId: string };
    vendor.pass(1000);
    expect(answer.status).toBe(202);
    expect(vendor.rings()).toEqual(['rang team-1 high']);
    const status = await vendor.send({
      method: 'GET',
      url: `https://api.opsgenie.com/v2/alerts/requests/${requestId}`,
      headers: { authorization: 'GenieKey key-1' },
    });
    expect(JSON.parse(status.text)).toMatchObject({
      data: { isSuccess: false, status: 'Alert does not exist' },
    });
  });
});

describe('a request that is accepted and fails later', () => {
  const request = (method: string, path: string, body: object = {}) => ({
    method,
    path,
    query: {},
    headers: { authorization: 'GenieKey key-1' },
    body: method === 'GET' ? '' : JSON.stringify(body),
  });

  it('is answered as ever, rings nobody, and its status says so', () => {
    const create = request('POST', '/v2/alerts', { message: 'Checkout is down', alias: 'a1' });
    const before = opsgenieStandIn.initial(seed);
    const accepted = opsgenieStandIn.rejectLater?.(before, create, START);
    if (accepted === undefined) throw new Error('Opsgenie works off later what it accepts');
    expect(accepted.response.status).toBe(202);
    const { requestId } = accepted.response.body as { readonly requestId: string };
    const asked = request('GET', `/v2/alerts/requests/${requestId}`);
    const later = opsgenieStandIn.handle(accepted.state, asked, START + 1_000);
    expect(later.truth).toEqual([]);
    expect(later.response.body).toMatchObject({ data: { success: false, alertId: '' } });
    expect(later.state.alerts).toEqual([]);
  });
});
