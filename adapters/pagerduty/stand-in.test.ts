/** PagerDuty's stand-in: as strict as the vendor, and a partner of our own adapter from the trigger to the webhook. */
import { describe, expect, test } from 'vitest';
import { hmac, instantOf, isoOf, memberOf, Secret } from '../../src/contract/index.ts';
import type {
  Http,
  Io,
  Observation,
  PageOrder,
  StandInSeed,
  StandInStep,
  StandInWebhook,
  Truth,
} from '../../src/contract/index.ts';
import { readGolden } from '../../test/conformance/golden.ts';
import { fakeIo, unasked } from '../../test/support/io.ts';
import { config, sourceConfig } from './config.ts';
import type { Config } from './config.ts';
import { doctor } from './doctor.ts';
import { onCall } from './on-call.ts';
import { pager } from './pager.ts';
import { poll } from './poll.ts';
import { source } from './source.ts';
import { standIn } from './stand-in.ts';

const MINUTE = 60_000;
const START = instantOf('2026-03-02T09:00:00Z') ?? 0;
const KEY = '0f3c2b1a9e8d7c6b5a49382716050403';
const CHECKOUT = { name: 'Checkout', id: 'PSVC001' };
const ADA = { name: 'Ada Marsh', id: 'PADA001' };
const BEN = { name: 'Ben Okafor', id: 'PBEN001' };
const POLICY = { name: 'Managers', id: 'PEP0009' };

const target = {
  from: 'tocsin@example.com',
  people_service: { name: 'People', id: 'PPEO001' },
  requester: { name: 'Tocsin', id: 'PTOC001' },
  priorities: { SEV1: { name: 'P1', id: 'PPRI001' } },
};

const seed: StandInSeed = {
  target: { ...target, token: 'u+token' },
  addresses: [
    { service: CHECKOUT, key: KEY },
    { escalation_policy: POLICY, service: CHECKOUT },
  ],
  contacts: [ADA, BEN],
  components: [],
  channels: [],
  schedules: [{ id: 'PSCH001', name: 'Primary' }],
  webhookSecret: 'hook-secret',
  webhookHeaders: { 'x-extra': 'yes' },
};

type State = ReturnType<typeof standIn.initial>;

/** The stand-in with a clock, spoken to by our adapter through `io`, by a person through `answer`, by curl through `ask`. */
class Account {
  state: State;
  now = START;
  truth: Truth[] = [];
  webhooks: StandInWebhook[] = [];

  constructor(given: StandInSeed = seed) {
    this.state = standIn.initial(given);
  }

  take(step: StandInStep<State>): void {
    this.state = step.state;
    this.truth.push(...step.truth);
    this.webhooks.push(...step.webhooks);
  }

  /** A request as its sender wrote it, with nothing added but what every HTTP client adds. */
  send(
    method: string,
    path: string,
    more: { body?: unknown; headers?: Record<string, string>; query?: string } = {},
  ): { status: number; body: unknown } {
    const query: Record<string, string[]> = {};
    for (const [name, value] of new URLSearchParams(more.query ?? ''))
      (query[name] ??= []).push(value);
    const headers = { 'content-type': 'application/json', ...more.headers };
    const body = typeof more.body === 'string' ? more.body : JSON.stringify(more.body ?? '');
    const answered = standIn.handle(this.state, { method, path, query, headers, body }, this.now);
    this.take(answered);
    return answered.response;
  }

  ask(
    method: string,
    path: string,
    more: { body?: unknown; headers?: Record<string, string>; query?: string } = {},
  ): { status: number; body: unknown } {
    const headers = {
      authorization: 'Token token=u+token',
      accept: 'application/vnd.pagerduty+json;version=2',
      from: 'tocsin@example.com',
      ...more.headers,
    };
    return this.send(method, path, { ...more, headers });
  }

  get io(): Io<Config> {
    const http: Http = {
      send: async ({ method, url, headers, json }) => {
        const { pathname, search } = new URL(url);
        const { status, body } = this.send(method, pathname, {
          body: json,
          headers: { ...headers },
          query: search,
        });
        return { kind: 'answered', status, headers: {}, text: JSON.stringify(body) };
      },
    };
    const settings = config.parse({
      ...target,
      token: new Secret('u+token'),
      base_url: 'http://x/api',
      events_url: 'http://x/events',
    });
    return { ...fakeIo(settings, unasked, this.now).io, http };
  }

  /** Lets time pass; whatever the vendor does by itself happens at its moment. */
  wait(ms: number): void {
    const end = this.now + ms;
    for (
      let next = standIn.nextAt?.(this.state) ?? null;
      next !== null && next <= end;
      next = standIn.nextAt?.(this.state) ?? null
    ) {
      this.now = next;
      const step = standIn.advance?.(this.state, next);
      if (step !== undefined) this.take(step);
    }
    this.now = end;
  }

  answer(verb: 'acknowledge' | 'resolve', address: string, by: string | null = null): void {
    const step = standIn.answer?.(this.state, { verb, address, ref: null, by }, this.now);
    if (step !== undefined) this.take(step);
  }

  pages(): string[] {
    return this.truth.map((each) =>
      each.kind === 'page' ? `${each.event} ${each.address} ${each.urgency}` : each.kind,
    );
  }

  /** What our source understands of all webhooks so far. */
  heard(): Observation[] {
    const settings = sourceConfig.parse({ secret: [new Secret('hook-secret')] });
    return this.webhooks.flatMap(({ headers, body }) => {
      const request = { headers, body: Buffer.from(body), path: '' };
      expect(source.verify(request, settings, this.now)).toMatchObject({ ok: true });
      const result = source.parse(request, settings);
      return result.ok ? result.parsed.observations : [];
    });
  }
}

const order: PageOrder = {
  idempotencyKey: 'e1',
  deadline: START + MINUTE,
  key: 'tocsin/i/inc-7/p1',
  address: { service: CHECKOUT, key: new Secret(KEY) },
  urgency: 'high',
  severity: 'SEV1',
  title: 'Checkout is down',
  body: 'Acknowledge to take it.',
  origin: 'checkout',
  links: [],
  externalRef: null,
};
const toAda: PageOrder = { ...order, address: { user: ADA } };
const toPolicy: PageOrder = { ...order, address: { escalation_policy: POLICY, service: CHECKOUT } };
const toResponder: PageOrder = { ...order, address: { responder: { ...BEN, type: 'user' } } };

function actions(heard: readonly Observation[]): string[] {
  return heard.map((each) =>
    each.kind === 'vendor_incident'
      ? `${each.action} by ${each.by?.name ?? 'PagerDuty'}`
      : each.kind,
  );
}

describe('a page by key', () => {
  test('rings the service once, is read back, acknowledged by a person and resolved by us', async () => {
    const account = new Account();
    expect(await pager.trigger(order, account.io)).toEqual({
      verb: 'delivered',
      receipt: 'accepted',
    });
    expect(await pager.trigger(order, account.io)).toMatchObject({ verb: 'delivered' });
    account.wait(MINUTE);
    account.answer('acknowledge', 'PSVC001', 'PADA001');
    const found = await pager.find?.(order, account.io);
    expect(found).toMatchObject({
      ok: true,
      data: {
        found: true,
        status: 'acknowledged',
        by: { id: 'PADA001', name: 'Ada Marsh', email: expect.stringContaining('@') as string },
      },
    });
    const externalRef = found?.ok === true ? found.data.externalRef : null;
    expect(await pager.resolve({ ...order, externalRef }, account.io)).toMatchObject({
      verb: 'delivered',
      receipt: 'confirmed',
    });
    expect(account.pages()).toEqual([
      'rang PSVC001 high',
      'repeated PSVC001 high',
      'acknowledged PSVC001 high',
      'resolved PSVC001 high',
    ]);
    expect(actions(account.heard())).toEqual([
      'triggered by PagerDuty',
      'acknowledged by Ada Marsh',
      'resolved by Tocsin',
    ]);
  });

  test('leaves no key on the incident: it is found by the key of its alert', async () => {
    const account = new Account();
    await pager.trigger(order, account.io);
    expect(account.heard()).toMatchObject([
      { key: null, service: { id: 'PSVC001', name: 'Checkout' } },
    ]);
    expect(account.truth).toMatchObject([{ key: order.key }]);
  });

  test('rings low for a warning, and anew after its resolve', async () => {
    const account = new Account();
    const quiet: PageOrder = { ...order, urgency: 'low' };
    await pager.trigger(quiet, account.io);
    await pager.resolve(quiet, account.io);
    await pager.trigger(quiet, account.io);
    expect(account.pages()).toEqual([
      'rang PSVC001 low',
      'resolved PSVC001 low',
      'rang PSVC001 low',
    ]);
  });

  test('acknowledge and resolve without an open alert are answered 202 and dropped', async () => {
    const account = new Account();
    expect(await pager.acknowledge(order, account.io)).toMatchObject({ verb: 'delivered' });
    expect(await pager.resolve(order, account.io)).toMatchObject({ verb: 'delivered' });
    expect([account.truth, account.webhooks]).toEqual([[], []]);
  });

  test('a well-formed key of nobody is answered 202, and nobody rings', () => {
    const account = new Account();
    const body = {
      routing_key: 'x'.repeat(32),
      event_action: 'trigger',
      payload: { summary: 's', source: 's', severity: 'info' },
    };
    expect(account.ask('POST', '/events/v2/enqueue', { body })).toMatchObject({
      status: 202,
      body: { status: 'success' },
    });
    expect(account.truth).toEqual([]);
  });

  test('the 121st event of a minute is one too many for its key', () => {
    const account = new Account();
    const body = { routing_key: KEY, event_action: 'resolve', dedup_key: 'k' };
    const statuses = Array.from(
      { length: 121 },
      () => account.ask('POST', '/events/v2/enqueue', { body }).status,
    );
    expect(statuses.filter((status) => status === 202)).toHaveLength(120);
    expect(statuses.at(-1)).toBe(429);
    account.now += MINUTE;
    expect(account.ask('POST', '/events/v2/enqueue', { body }).status).toBe(202);
  });

  const good = {
    routing_key: KEY,
    event_action: 'trigger',
    dedup_key: 'k',
    payload: { summary: 's', source: 's', severity: 'critical' },
  };
  test.each([
    ['no JSON', 'no'],
    ['no key', { ...good, routing_key: undefined }],
    ['a key too short', { ...good, routing_key: 'short' }],
    ['another action', { ...good, event_action: 'close' }],
    ['no payload', { ...good, payload: undefined }],
    ['an empty summary', { ...good, payload: { ...good.payload, summary: ' ' } }],
    ['a long summary', { ...good, payload: { ...good.payload, summary: 'x'.repeat(1025) } }],
    ['another severity', { ...good, payload: { ...good.payload, severity: 'high' } }],
    ['no source', { ...good, payload: { ...good.payload, source: undefined } }],
    ['details as a text', { ...good, payload: { ...good.payload, custom_details: 'text' } }],
    ['a time that is none', { ...good, payload: { ...good.payload, timestamp: 'today' } }],
    ['a long dedup key', { ...good, dedup_key: 'x'.repeat(256) }],
    ['links that are texts', { ...good, links: ['https://example.com'] }],
    ['an acknowledgement without a dedup key', { routing_key: KEY, event_action: 'acknowledge' }],
  ])('%s is refused', (_how, body) => {
    const account = new Account();
    expect(account.ask('POST', '/events/v2/enqueue', { body })).toMatchObject({
      status: 400,
      body: { status: 'invalid event' },
    });
    expect(account.truth).toEqual([]);
    expect(account.ask('POST', '/events/v2/enqueue', { body: good }).status).toBe(202);
  });
});

describe('a page to a person', () => {
  test('rings the user, and nobody else for a second order under the same key', async () => {
    const account = new Account();
    const first = await pager.trigger(toAda, account.io);
    expect(first).toMatchObject({ verb: 'delivered', receipt: 'confirmed' });
    expect(await pager.trigger(toAda, account.io)).toEqual(first);
    account.wait(120 * MINUTE);
    account.answer('acknowledge', 'PADA001');
    expect(account.pages()).toEqual(['rang PADA001 high', 'acknowledged PADA001 high']);
    expect(account.heard()).toMatchObject([
      { action: 'triggered', key: order.key, vendorSeverity: 'P1', assignees: [{ id: 'PADA001' }] },
      { action: 'acknowledged', key: order.key, by: { id: 'PADA001' } },
    ]);
  });

  test('who is the user of `from` is not notified, and the page is refused', async () => {
    const account = new Account();
    const toOurselves: PageOrder = {
      ...order,
      address: { user: { name: 'Tocsin', id: 'PTOC001' } },
    };
    expect(await pager.trigger(toOurselves, account.io)).toMatchObject({
      verb: 'reject',
      reason: 'conflict',
    });
    expect(account.pages()).toEqual([]);
  });

  test('an unknown priority does not cost the page', async () => {
    const account = new Account({ ...seed, target: { ...seed.target, priorities: {} } });
    expect(await pager.trigger(toAda, account.io)).toMatchObject({ verb: 'delivered' });
    expect(account.heard()).toMatchObject([{ vendorSeverity: null }]);
  });

  test('acknowledged by us it stops, and a late acknowledgement does not reopen it', async () => {
    const account = new Account();
    await pager.trigger(toAda, account.io);
    expect(await pager.acknowledge(toAda, account.io)).toMatchObject({ verb: 'delivered' });
    expect(await pager.resolve(toAda, account.io)).toMatchObject({ verb: 'delivered' });
    expect(await pager.acknowledge(toAda, account.io)).toMatchObject({ verb: 'delivered' });
    expect(account.pages()).toEqual([
      'rang PADA001 high',
      'acknowledged PADA001 high',
      'resolved PADA001 high',
    ]);
  });
});

describe('a page to a responder', () => {
  test('rings the responder alone; only an acceptance is an answer', async () => {
    const account = new Account();
    expect(await pager.trigger(toResponder, account.io)).toMatchObject({
      verb: 'delivered',
      receipt: 'confirmed',
    });
    expect(account.pages()).toEqual(['rang PBEN001 high']);
    expect(actions(account.heard())).toEqual(['noted by Tocsin']);
    expect(await pager.find?.(toResponder, account.io)).toMatchObject({
      data: { status: 'triggered' },
    });
    account.answer('acknowledge', 'PBEN001');
    expect(actions(account.heard()).at(-1)).toBe('acknowledged by Ben Okafor');
    expect(await pager.find?.(toResponder, account.io)).toMatchObject({
      data: { status: 'acknowledged', by: { id: 'PBEN001' } },
    });
  });

  test('repeated rings nobody twice; acknowledged elsewhere, the request is taken back', async () => {
    const account = new Account();
    await pager.trigger(toResponder, account.io);
    await pager.trigger(toResponder, account.io);
    expect(await pager.acknowledge(toResponder, account.io)).toMatchObject({ verb: 'delivered' });
    account.answer('acknowledge', 'PBEN001');
    expect(account.pages()).toEqual(['rang PBEN001 high', 'resolved PBEN001 high']);
  });
});

describe('the listing of what is open', () => {
  const other: PageOrder = { ...toAda, key: 'tocsin/i/inc-8/p1' };
  const settled: PageOrder = { ...toAda, key: 'tocsin/i/inc-9/p1', address: { user: BEN } };
  const all = [order, toPolicy, other, toResponder, settled].map((one, i) => ({
    ...one,
    key: `tocsin/i/inc-${i}/p1`,
  }));

  /** The account after all were triggered, with the vendor's ids where it told them. */
  async function triggered(): Promise<{ account: Account; known: readonly PageOrder[] }> {
    const account = new Account();
    const known: PageOrder[] = [];
    for (const one of all) {
      const outcome = await pager.trigger(one, account.io);
      const ref = outcome.verb === 'delivered' ? (outcome.externalRef ?? null) : null;
      const found = ref === null ? await pager.find?.(one, account.io) : undefined;
      known.push({
        ...one,
        externalRef: ref ?? (found?.ok === true ? found.data.externalRef : null),
      });
    }
    return { account, known };
  }

  test('says of each page what asking for it says', async () => {
    const { account, known } = await triggered();
    account.wait(MINUTE);
    account.answer('acknowledge', 'PADA001');
    account.answer('acknowledge', 'PBEN001');
    account.answer('acknowledge', 'PSVC001', 'PADA001');
    const listed = await pager.list?.(known, account.io);
    const singly = await Promise.all(known.map(async (one) => pager.find?.(one, account.io)));
    expect(listed).toEqual({
      ok: true,
      data: singly.map((one) => (one?.ok === true ? one.data : 'not found')),
    });
    expect(singly.map((one) => one?.ok === true && one.data.status)).toContain('acknowledged');
    expect(singly.map((one) => one?.ok === true && one.data.status)).toContain('triggered');
  });

  test('finds by their key what has one, and leaves the rest to asking', async () => {
    const { account } = await triggered();
    const listed = await pager.list?.(all, account.io);
    expect(listed?.ok === true && listed.data.map((one) => one?.status ?? null)).toEqual([
      null,
      'triggered',
      'triggered',
      'triggered',
      'triggered',
    ]);
  });

  test('leaves out what was resolved or merged away, and keeps what is older than a month', async () => {
    const { account, known } = await triggered();
    const [event, policy, ada] = known;
    account.ask('PUT', `/api/incidents/${policy?.externalRef}/merge`, {
      body: { source_incidents: [{ id: event?.externalRef, type: 'incident_reference' }] },
    });
    account.answer('resolve', 'PADA001');
    account.wait(40 * 24 * 60 * MINUTE);
    const listed = await pager.list?.(
      [event, policy, ada].flatMap((one) => one ?? []),
      account.io,
    );
    expect(listed?.ok === true && listed.data.map((one) => one?.externalRef ?? null)).toEqual([
      null,
      policy?.externalRef,
      null,
    ]);
  });

  test.each([
    ['statuses[]=open', 400],
    ['statuses[]=triggered&statuses[]=acknowledged&date_range=all', 200],
    ['date_range=week', 400],
    ['sort_by=created_at:desc,urgency', 200],
    ['sort_by=newest', 400],
    ['sort_by=created_at,urgency,incident_number', 400],
    ['limit=100&offset=9901', 400],
  ])('asked with %s is answered %i', (query, status) => {
    expect(new Account().ask('GET', '/api/incidents', { query }).status).toBe(status);
  });
});

describe('escalation at PagerDuty', () => {
  const rules = (delay: number, ...users: string[]): object[] =>
    users.map((id) => ({
      escalation_delay_in_minutes: delay,
      targets: [{ id, type: 'user_reference' }],
    }));

  test('a policy of one level rings once and leads nowhere', async () => {
    const account = new Account();
    await pager.trigger(order, account.io);
    account.wait(24 * 60 * MINUTE);
    expect(account.pages()).toEqual(['rang PSVC001 high']);
  });

  test('walks its levels and loops until somebody answers', async () => {
    const account = new Account();
    const body = {
      escalation_policy: { escalation_rules: rules(5, 'PADA001', 'PBEN001'), num_loops: 1 },
    };
    expect(account.ask('PUT', '/api/escalation_policies/PEP0009', { body }).status).toBe(200);
    await pager.trigger(toPolicy, account.io);
    const rang: string[] = [];
    for (let minute = 0; minute <= 30; minute += 1) {
      if (account.truth.length > rang.length) rang.push(`${minute}`);
      account.wait(MINUTE);
    }
    expect(rang).toEqual(['0', '5', '10', '15']);
    expect(
      account.heard().map((each) => (each.kind === 'vendor_incident' ? each.assignees[0]?.id : '')),
    ).toEqual(['PADA001', 'PBEN001', 'PADA001', 'PBEN001']);
    expect(actions(account.heard())).toEqual(
      [
        'triggered by PagerDuty',
        'escalated by PagerDuty',
        'escalated by PagerDuty',
        'escalated by PagerDuty',
      ].with(0, 'triggered by Tocsin'),
    );
  });

  test('ends with an acknowledgement', async () => {
    const account = new Account();
    account.ask('PUT', '/api/escalation_policies/EPSVC001', {
      body: { escalation_policy: { escalation_rules: rules(5, 'PADA001', 'PBEN001') } },
    });
    await pager.trigger(order, account.io);
    account.wait(5 * MINUTE);
    account.answer('acknowledge', 'PSVC001');
    account.wait(60 * MINUTE);
    expect(account.pages()).toEqual([
      'rang PSVC001 high',
      'rang PSVC001 high',
      'acknowledged PSVC001 high',
    ]);
    expect(actions(account.heard()).at(-1)).toBe('acknowledged by Ben Okafor');
  });
});

describe('changes by others', () => {
  const opened = async (account: Account, ...orders: PageOrder[]): Promise<string[]> => {
    const refs: string[] = [];
    for (const each of orders) {
      const outcome = await pager.trigger(each, account.io);
      refs.push(outcome.verb === 'delivered' ? (outcome.externalRef ?? '') : '');
    }
    return refs;
  };

  test('a merge is no recovery', async () => {
    const account = new Account();
    const [first = '', second = ''] = await opened(account, toAda, {
      ...toAda,
      key: 'tocsin/i/inc-8/p1',
    });
    const body = { source_incidents: [{ id: first, type: 'incident_reference' }] };
    expect(account.ask('PUT', `/api/incidents/${second}/merge`, { body }).status).toBe(200);
    expect(account.heard().at(-1)).toMatchObject({
      action: 'merged',
      ref: first,
      mergedInto: second,
    });
    expect(account.ask('PUT', `/api/incidents/${second}/merge`, { body })).toMatchObject({
      status: 400,
      body: { error: { code: 1019 } },
    });
  });

  test('a merged page is read back as the incident that took over', async () => {
    const account = new Account();
    const [first = '', second = ''] = await opened(account, toAda, { ...toAda, key: 'other' });
    const body = { source_incidents: [{ id: first, type: 'incident_reference' }] };
    account.ask('PUT', `/api/incidents/${second}/merge`, { body });
    expect(await pager.find?.({ ...toAda, externalRef: first }, account.io)).toMatchObject({
      data: { externalRef: second, status: 'triggered' },
    });
  });

  test('a merged alert is found at its new incident', async () => {
    const account = new Account();
    await pager.trigger(order, account.io);
    await pager.trigger({ ...order, key: 'other' }, account.io);
    const refs = account.truth.map((each) => each.ref ?? '');
    account.ask('PUT', `/api/incidents/${refs[1]}/merge`, {
      body: { source_incidents: [{ id: refs[0], type: 'incident_reference' }] },
    });
    expect(await pager.find?.(order, account.io)).toMatchObject({
      data: { externalRef: refs[1], status: 'triggered' },
    });
  });

  test('reassigned, unacknowledged, reopened: each rings again', async () => {
    const account = new Account();
    const [ref = ''] = await opened(account, toAda);
    const put = (change: object): number =>
      account.ask('PUT', `/api/incidents/${ref}`, {
        body: { incident: { type: 'incident', ...change } },
      }).status;
    expect(put({ status: 'acknowledged' })).toBe(200);
    expect(put({ status: 'triggered' })).toBe(200);
    expect(put({ assignments: [{ assignee: { id: 'PBEN001', type: 'user_reference' } }] })).toBe(
      200,
    );
    expect(put({ status: 'resolved' })).toBe(200);
    expect(put({ status: 'triggered' })).toBe(200);
    expect(put({ priority: 'P1' })).toBe(200);
    expect(account.pages()).toEqual([
      'rang PADA001 high',
      'acknowledged PADA001 high',
      'rang PADA001 high',
      'rang PBEN001 high',
      'resolved PBEN001 high',
      'rang PBEN001 high',
    ]);
    expect(actions(account.heard()).map((each) => each.split(' ')[0])).toEqual([
      'triggered',
      'acknowledged',
      'unacknowledged',
      'reassigned',
      'resolved',
      'reopened',
      'priority_changed',
    ]);
  });

  test('what is done already is refused with its code', async () => {
    const account = new Account();
    const [ref = ''] = await opened(account, toAda);
    const put = (status: string) =>
      account.ask('PUT', `/api/incidents/${ref}`, {
        body: { incident: { type: 'incident', status } },
      });
    put('acknowledged');
    expect(put('acknowledged')).toMatchObject({ status: 400, body: { error: { code: 1002 } } });
    put('resolved');
    expect(put('resolved')).toMatchObject({ status: 400, body: { error: { code: 1001 } } });
  });

  test('many at once, or none at all', async () => {
    const account = new Account();
    const refs = await opened(account, toAda, { ...toAda, key: 'other' });
    const resolve = (ids: readonly string[]) =>
      account.ask('PUT', '/api/incidents', {
        body: {
          incidents: ids.map((id) => ({ id, type: 'incident_reference', status: 'resolved' })),
        },
      });
    expect(resolve([...refs, 'QNONE']).status).toBe(404);
    expect(account.pages()).not.toContain('resolved PADA001 high');
    expect(resolve(refs).status).toBe(200);
    expect(resolve(Array.from({ length: 251 }, () => 'Q')).status).toBe(413);
  });

  test('shows the notes of an incident under the ids that it gave them, and none of an incident that is not there', async () => {
    const account = new Account();
    const [ref = ''] = await opened(account, toAda);
    const path = `/api/incidents/${ref}/notes`;
    expect(account.ask('GET', path)).toMatchObject({ status: 200, body: { notes: [] } });
    const { body } = account.ask('POST', path, { body: { note: { content: 'rolling back' } } });
    account.wait(MINUTE);
    expect(account.ask('GET', path).body).toEqual({ notes: [(body as { note: object }).note] });
    expect(body).toMatchObject({
      note: { content: 'rolling back', user: { type: 'user_reference' } },
    });
    expect(account.ask('GET', '/api/incidents/QNOBODY/notes').status).toBe(404);
  });

  test('after an outage the log tells everything in order, a note included', async () => {
    const account = new Account();
    const [ref = ''] = await opened(account, toAda);
    account.wait(MINUTE);
    account.answer('acknowledge', 'PADA001');
    account.wait(MINUTE);
    expect(
      account.ask('POST', `/api/incidents/${ref}/notes`, {
        body: { note: { content: 'rolling back' } },
      }).status,
    ).toBe(200);
    account.wait(MINUTE);
    account.answer('resolve', 'PADA001', 'Ben Okafor');
    const told = await poll.since(START, account.io);
    expect(told).toMatchObject({
      ok: true,
      data: [
        { action: 'triggered', key: order.key, observedAt: START },
        { action: 'acknowledged', by: { id: 'PADA001' }, observedAt: START + MINUTE },
        { action: 'noted', note: 'rolling back' },
        { action: 'resolved', by: { id: 'PBEN001' }, observedAt: START + 3 * MINUTE },
      ],
    });
    expect(await poll.since(START + 2 * MINUTE, account.io)).toMatchObject({
      data: [{ action: 'noted' }, { action: 'resolved' }],
    });
  });

  test('what the log tells of one second comes in the order in which it happened', async () => {
    const account = new Account();
    await opened(account, toAda);
    account.answer('acknowledge', 'PADA001');
    account.answer('resolve', 'PADA001');
    const told = await poll.since(START, account.io);
    expect(told).toMatchObject({
      data: [{ action: 'triggered' }, { action: 'acknowledged' }, { action: 'resolved' }],
    });
  });
});

describe('the door of the REST API', () => {
  const incident = {
    type: 'incident',
    title: 't',
    service: { id: 'PSVC001', type: 'service_reference' },
  };
  const good = { body: { incident } };

  test.each([
    ['a Bearer token', { authorization: 'Bearer u+token' }, 401],
    ['no version', { accept: 'application/json' }, 406],
    ['a form', { 'content-type': 'text/plain' }, 415],
    ['a stranger in From', { from: 'nobody@example.com' }, 400],
  ])('%s is refused', (_how, headers, status) => {
    const account = new Account();
    expect(account.ask('POST', '/api/incidents', { ...good, headers }).status).toBe(status);
    expect(account.ask('POST', '/api/incidents', good).status).toBe(201);
  });

  test.each([
    ['no wrapper', incident],
    ['another type', { incident: { ...incident, type: 'ticket' } }],
    ['no title', { incident: { ...incident, title: '' } }],
    ['a service as a text', { incident: { ...incident, service: 'PSVC001' } }],
    [
      'an unknown service',
      { incident: { ...incident, service: { id: 'PNONE', type: 'service_reference' } } },
    ],
    ['another urgency', { incident: { ...incident, urgency: 'severe' } }],
    [
      'a body of objects',
      { incident: { ...incident, body: { type: 'incident_body', details: { a: 1 } } } },
    ],
    [
      'an unwrapped assignee',
      { incident: { ...incident, assignments: [{ id: 'PADA001', type: 'user_reference' }] } },
    ],
    [
      'two assignees',
      {
        incident: {
          ...incident,
          assignments: [ADA, BEN].map(({ id }) => ({ assignee: { id, type: 'user_reference' } })),
        },
      },
    ],
    [
      'assignee and policy',
      {
        incident: {
          ...incident,
          assignments: [{ assignee: { id: 'PADA001', type: 'user_reference' } }],
          escalation_policy: { id: 'PEP0009', type: 'escalation_policy_reference' },
        },
      },
    ],
    ['a long key', { incident: { ...incident, incident_key: 'x'.repeat(256) } }],
  ])('an incident with %s is refused', (how, body) => {
    const account = new Account();
    expect(account.ask('POST', '/api/incidents', { body })).toMatchObject({
      status: 400,
      body: { error: { code: how === 'an unknown service' ? 2002 : 2001 } },
    });
    expect(account.truth).toEqual([]);
  });

  test('responder requests want wrapped targets and a requester; their cancellation unwrapped ones', async () => {
    const account = new Account();
    const outcome = await pager.trigger(toAda, account.io);
    const path = `/api/incidents/${outcome.verb === 'delivered' ? outcome.externalRef : ''}/responder_requests`;
    const bare = { id: 'PBEN001', type: 'user_reference' };
    const wrapped = {
      requester_id: 'PTOC001',
      message: 'm',
      responder_request_targets: [{ responder_request_target: bare }],
    };
    expect(
      account.ask('POST', path, { body: { ...wrapped, responder_request_targets: [bare] } }).status,
    ).toBe(400);
    expect(
      account.ask('POST', path, { body: { ...wrapped, requester_id: 'tocsin@example.com' } })
        .status,
    ).toBe(400);
    expect(account.ask('POST', path, { body: wrapped, headers: { from: '' } }).status).toBe(200);
    expect(account.ask('PUT', `${path}/cancel`, { body: wrapped }).status).toBe(400);
    expect(
      account.ask('PUT', `${path}/cancel`, { body: { responder_request_targets: [bare] } }).status,
    ).toBe(200);
  });

  test('lists come in pages, and end at 10 000', async () => {
    const account = new Account();
    for (const key of ['a', 'b', 'c']) await pager.trigger({ ...toAda, key }, account.io);
    const page = (query: string) => account.ask('GET', '/api/incidents', { query });
    expect(page('limit=2')).toMatchObject({
      status: 200,
      body: { more: true, total: null, incidents: [{}, {}] },
    });
    expect(memberOf(page('limit=2&offset=2').body, 'incidents')).toHaveLength(1);
    expect(page('limit=100&offset=9950').status).toBe(400);
    expect(memberOf(page('statuses[]=resolved').body, 'incidents')).toEqual([]);
  });

  test('the 961st request of a minute is told to wait, in seconds', () => {
    const account = new Account();
    for (let i = 0; i < 960; i += 1) account.ask('GET', '/api/abilities');
    expect(account.ask('GET', '/api/abilities')).toMatchObject({
      status: 429,
      headers: { 'ratelimit-reset': '60' },
    });
  });

  test.each(['/api/incidents/QNONE', '/api/users/PNONE', '/api/nothing', '/elsewhere'])(
    '%s does not exist',
    (path) => {
      expect(new Account().ask('GET', path).status).toBe(404);
    },
  );
});

describe('our golden requests at the stand-in', () => {
  interface Sent {
    readonly method: string;
    readonly url: string;
    readonly json?: unknown;
  }

  test.each([
    'trigger-event',
    'acknowledge-event',
    'resolve-event',
    'trigger-user',
    'trigger-service',
    'trigger-policy',
    'find-key',
    'poll',
    'on-call',
  ])('%s is accepted', (name) => {
    const account = new Account();
    const text = JSON.stringify(readGolden(new URL(`./fixtures/${name}.json`, import.meta.url)));
    const [first] = JSON.parse(text.replace(/\[secret [^\]]+\]/, KEY)) as readonly Sent[];
    const { hostname, pathname, search } = new URL(first?.url ?? '');
    const prefix = hostname.startsWith('events') ? '/events' : '/api';
    const { status } = account.ask(first?.method ?? '', prefix + pathname, {
      body: first?.json,
      query: search,
    });
    expect(status).toBeLessThan(300);
  });
});

describe('who is on call', () => {
  test('is one of the people of the configuration', async () => {
    expect(
      await onCall.whoIsOn({ id: 'PSCH001', name: 'Primary' }, START, new Account().io),
    ).toMatchObject({ ok: true, data: [{ id: 'PADA001', name: 'Ada Marsh' }] });
  });

  test('is nobody on a schedule that does not exist', async () => {
    expect(await onCall.whoIsOn({ id: 'PNONE', name: 'None' }, START, new Account().io)).toEqual({
      ok: true,
      data: [],
    });
  });
});

describe('the doctor', () => {
  const subject = {
    addresses: [order.address, toAda.address, toPolicy.address, toResponder.address],
    components: [],
    schedules: seed.schedules,
  };
  const told = async (account: Account, more: object = {}): Promise<string[]> => {
    const findings = await doctor.check({ ...subject, ...more }, account.io);
    return findings
      .filter((each) => each.level !== 'ok')
      .map((each) => `${each.level}: ${each.what}`);
  };

  test('finds nothing wrong with a good account, and pages nobody', async () => {
    const account = new Account();
    expect(await told(account)).toEqual([]);
    expect([account.truth, account.webhooks]).toEqual([[], []]);
  });

  test.each([
    [
      'a disabled service',
      ['PUT', '/api/services/PSVC001', { service: { status: 'disabled' } }],
      /problem: service Checkout is disabled/,
    ],
    [
      'a service in maintenance',
      [
        'POST',
        '/api/maintenance_windows',
        {
          maintenance_window: {
            start_time: isoOf(START - MINUTE),
            end_time: isoOf(START + MINUTE),
            services: [{ id: 'PPEO001' }],
          },
        },
      ],
      /warning: service People is in maintenance/,
    ],
  ] as const)('finds %s, which also rings nobody', async (_how, [method, path, body], expected) => {
    const account = new Account();
    expect(account.ask(method, path, { body }).status).toBeLessThan(300);
    expect(await told(account)).toEqual([expect.stringMatching(expected)]);
    await pager.trigger(order, account.io);
    await pager.trigger(toAda, account.io);
    expect(account.truth).toHaveLength(1);
  });

  test.each([
    [
      'a service of another name',
      { addresses: [{ service: { name: 'Cash desk', id: 'PSVC001' } }] },
      'warning: service Cash desk is called "Checkout" at PagerDuty',
    ],
    [
      'a user who does not exist',
      { addresses: [{ user: { name: 'Gone', id: 'PGONE01' } }] },
      'problem: user Gone does not exist at PagerDuty',
    ],
    [
      'a schedule that does not exist',
      { schedules: [{ name: 'Old', id: 'POLD001' }] },
      'problem: schedule Old does not exist at PagerDuty',
    ],
    [
      'a key of another service',
      { addresses: [{ service: CHECKOUT, key: new Secret('1'.repeat(32)) }] },
      'problem: the integration key of service Checkout is not one of its integrations',
    ],
    [
      'ourselves among the rung',
      { addresses: [{ user: { name: 'Tocsin', id: 'PTOC001' } }] },
      'problem: Tocsin is rung by this target and is also its `from`',
    ],
  ])('finds %s', async (_how, more, expected) => {
    expect(await told(new Account(), more)).toEqual([expected]);
  });

  test('finds a priority, a sender and a requester that do not exist', async () => {
    const account = new Account({
      ...seed,
      target: {
        ...seed.target,
        priorities: {},
        from: 'other@example.com',
        requester: { name: 'O', id: 'POTHER' },
      },
    });
    const findings = await told(account);
    expect(findings).toContain(
      'problem: `from`: no PagerDuty user has the e-mail tocsin@example.com',
    );
    expect(findings).toContain('problem: priority P1 of level SEV1 does not exist at PagerDuty');
  });

  test('finds a refused token', async () => {
    const account = new Account({ ...seed, target: { ...seed.target, token: 'another' } });
    expect(await told(account)).toEqual([expect.stringMatching(/^problem: the token: HTTP 401/)]);
  });

  test('finds an integration key that belongs to nothing, and rings nobody by it', async () => {
    const account = new Account();
    const address = {
      service: { name: 'Checkout', id: 'PSVC001' },
      key: new Secret('0'.repeat(31)),
    };
    expect(await told(account, { addresses: [address] })).toContainEqual(
      expect.stringContaining('is refused: HTTP 400'),
    );
    expect(account.truth).toEqual([]);
  });

  test('without a token says what that costs', async () => {
    const { io } = new Account();
    const findings = await doctor.check(subject, {
      ...io,
      config: config.parse({ events_url: 'http://x/events' }),
    });
    expect(findings.map((each) => each.level)).toEqual([
      'warning',
      'problem',
      'problem',
      'problem',
      'ok',
    ]);
  });
});

describe('webhooks', () => {
  test('are signed over their bytes, numbered, and carry the headers that were entered', async () => {
    const account = new Account();
    await pager.trigger(toAda, account.io);
    account.answer('resolve', 'PADA001');
    for (const { headers, body } of account.webhooks) {
      expect(headers['x-pagerduty-signature']).toBe(
        `v1=${hmac('sha256', 'hook-secret', body).toString('hex')}`,
      );
      expect(headers['x-extra']).toBe('yes');
    }
    expect(new Set(account.webhooks.map((each) => each.headers['x-webhook-id'])).size).toBe(2);
  });

  test('are not sent where no source listens', async () => {
    const account = new Account({ ...seed, webhookSecret: null });
    await pager.trigger(toAda, account.io);
    expect(account.webhooks).toEqual([]);
    expect(account.truth).toHaveLength(1);
  });

  test('an answer where nothing rings changes nothing', () => {
    const account = new Account();
    const before = account.state;
    account.answer('acknowledge', 'PADA001');
    account.answer('resolve', 'PSVC001');
    expect(account.state).toEqual(before);
  });
});

test('the stand-in is pure: a state that was handed out never changes', async () => {
  const account = new Account();
  const states: [State, string][] = [];
  const keep = (): void => void states.push([account.state, JSON.stringify(account.state)]);
  keep();
  await pager.trigger(order, account.io);
  keep();
  await pager.trigger(toResponder, account.io);
  keep();
  account.answer('acknowledge', 'PBEN001');
  account.answer('resolve', 'PSVC001');
  for (const [state, text] of states) expect(JSON.stringify(state)).toBe(text);
});
