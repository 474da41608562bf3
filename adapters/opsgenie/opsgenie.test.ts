import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type { PageOrder, ParseResult, VendorIncident } from '../../src/contract/index.ts';
import { adapterConformance } from '../../test/conformance/adapter.ts';
import { answered, fakeIo, inTurn } from '../../test/support/io.ts';
import type { Respond } from '../../test/support/io.ts';
import { opsgenie } from './opsgenie.ts';
import { opsgenieStandIn } from './stand-in.ts';
import { ALIAS_MAX } from './names.ts';
import { DESCRIPTION_MAX, DETAILS_MAX, ENTITY_MAX, MESSAGE_MAX, NOTE_MAX } from './pager.ts';
import { parseDelivery } from './webhook.ts';

const FIXTURES = new URL('./fixtures/', import.meta.url);
const SHARED = new URL('../../../shared/vendors/payloads/', import.meta.url);

function textOfFixture(name: string, folder = FIXTURES): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

const target = {
  api_key: new Secret('integration-key-0001'),
  base_url: 'https://api.eu.opsgenie.com',
  priorities: { SEV1: 'P1', SEV2: 'P2', SEV3: 'P3' },
};
const order: PageOrder = {
  idempotencyKey: 'inc-7/3/0',
  deadline: 1_768_467_660_000,
  key: 'tocsin/inc-7/page-1',
  address: { team: { name: 'Payments', id: 'team-1' } },
  urgency: 'high',
  severity: 'SEV2',
  title: 'Checkout answers errors',
  body: 'SEV2 since 09:00. 12% of the answers are errors.',
  origin: 'checkout',
  links: [{ url: 'https://tocsin.example.com/incidents/7', text: 'Incident' }],
  externalRef: null,
};
const adopted: PageOrder = {
  ...order,
  key: 'monit/payouts',
  address: { adopted: 'alert-1' },
  externalRef: 'alert-1',
};
const accepted = answered(202, {
  result: 'Request will be processed',
  took: 0.1,
  requestId: 'req-1',
});
const carriedOut = answered(200, {
  data: {
    success: true,
    isSuccess: true,
    action: 'Create',
    status: 'Created alert',
    alertId: 'alert-1',
    alias: order.key,
  },
});
const alertOf = (more: object = {}): object => ({
  id: 'alert-1',
  alias: order.key,
  status: 'open',
  acknowledged: false,
  ...more,
});
const changedAlert = {
  id: 'alert-9',
  alias: 'disk/full',
  message: 'Disk full',
  status: 'open',
  acknowledged: true,
  tags: ['db'],
  source: 'nagios',
  owner: 'ada@example.com',
  priority: 'P3',
  createdAt: '2026-01-15T08:30:00.000Z',
  updatedAt: '2026-01-15T08:40:00.000Z',
  responders: [
    { type: 'team', id: 'team-1' },
    { type: 'user', id: 'user-1' },
  ],
  report: { acknowledgedBy: 'ada@example.com' },
};
const doctorSubject = {
  addresses: [
    order.address,
    { user: 'ada@example.com' },
    { escalation: { name: 'Last resort', id: 'esc-1' } },
  ],
  components: [],
  schedules: [{ id: 'sched-1', name: 'Platform' }],
};
const respondToDoctor: Respond = (request) => {
  const path = new URL(request.url).pathname;
  if (path === '/v2/teams/team-1')
    return answered(200, { data: { id: 'team-1', name: 'Payments' } });
  if (path.startsWith('/v2/users/'))
    return answered(200, { data: { username: 'ada@example.com', blocked: false, verified: true } });
  if (path === '/v2/escalations/esc-1')
    return answered(200, { data: { id: 'esc-1', name: 'Last resort' } });
  if (path === '/v2/schedules/sched-1')
    return answered(200, { data: { id: 'sched-1', name: 'Platform', enabled: true } });
  return answered(200, { data: [] });
};
const HALF_AN_HOUR_AGO = 1_768_465_800_000;

adapterConformance({
  adapter: opsgenie,
  standIn: opsgenieStandIn,
  folder: new URL('.', import.meta.url),
  contacts: ['ada@example.com'],
  target: {
    config: target,
    moreConfigs: [
      { api_key: new Secret('k') },
      { api_key: new Secret('k'), base_url: 'https://api.atlassian.com/jsm/ops/integration' },
    ],
    addresses: [
      { team: { name: 'Payments', id: 'team-1' } },
      { user: 'ada@example.com' },
      { schedule: { name: 'Platform', id: 'sched-1' } },
      { escalation: { name: 'Last resort', id: 'esc-1' } },
    ],
    methods: [
      {
        method: 'pager.trigger',
        title: 'a team',
        args: [order],
        golden: 'trigger.json',
        respond: () => accepted,
        result: { verb: 'delivered', receipt: 'accepted', externalRef: 'request:req-1' },
        limits: [
          { text: 'title', field: 'json.message', limit: MESSAGE_MAX, unit: 'utf16' },
          { text: 'key', field: 'json.alias', limit: ALIAS_MAX, unit: 'utf16' },
          { text: 'body', field: 'json.description', limit: DESCRIPTION_MAX, unit: 'utf16' },
          { text: 'origin', field: 'json.entity', limit: ENTITY_MAX, unit: 'utf16' },
        ],
      },
      {
        method: 'pager.acknowledge',
        title: 'by alias',
        args: [order],
        golden: 'acknowledge.json',
        respond: () => accepted,
        result: { verb: 'delivered', receipt: 'accepted' },
      },
      {
        method: 'pager.resolve',
        title: 'by alias',
        args: [order],
        golden: 'resolve.json',
        respond: () => accepted,
        result: { verb: 'delivered', receipt: 'accepted' },
      },
      {
        method: 'pager.note',
        title: 'that is not there yet',
        args: [order],
        golden: 'note.json',
        respond: ({ method }) => (method === 'GET' ? answered(200, { data: [] }) : accepted),
        result: { verb: 'retry', reason: 'not_found' },
        limits: [{ text: 'body', field: 'json.note', limit: NOTE_MAX, unit: 'utf16' }],
      },
      {
        method: 'pager.note',
        title: 'that is there',
        args: [order],
        golden: 'note-is-there.json',
        respond: () =>
          answered(200, { data: [{ note: 'Somebody else’s.' }, { note: `${order.body}\r\n` }] }),
        result: { verb: 'delivered', receipt: 'confirmed' },
      },
      {
        method: 'pager.note',
        title: 'where no alert is open any more',
        args: [order],
        golden: 'note-without-alert.json',
        respond: ({ url }) =>
          url.includes('/notes?') ? answered(404, {}) : answered(200, { data: [] }),
        result: { verb: 'reject', reason: 'not_found' },
      },
      {
        method: 'pager.note',
        title: 'where alerts cannot be read',
        args: [order],
        golden: 'note-unreadable.json',
        respond: ({ method }) => (method === 'GET' ? answered(404, {}) : accepted),
        result: { verb: 'delivered', receipt: 'accepted' },
      },
      {
        method: 'pager.acknowledge',
        title: 'what was taken over',
        args: [adopted],
        golden: 'acknowledge-adopted.json',
        respond: () => accepted,
        result: { verb: 'delivered', receipt: 'accepted' },
      },
      {
        method: 'pager.resolve',
        title: 'what was taken over',
        args: [adopted],
        golden: 'resolve-adopted.json',
        respond: () => accepted,
        result: { verb: 'delivered', receipt: 'accepted' },
      },
      {
        method: 'pager.find',
        title: 'what was taken over',
        args: [adopted],
        golden: 'find-adopted.json',
        respond: () =>
          answered(200, {
            data: alertOf({ status: 'closed', report: { closedBy: 'ada@example.com' } }),
          }),
        result: { ok: true, data: { status: 'resolved', by: { email: 'ada@example.com' } } },
      },
      {
        method: 'pager.list',
        title: 'what was taken over',
        args: [[adopted]],
        golden: 'list-adopted.json',
        respond: () => answered(200, { data: [alertOf({ alias: 'monit/payouts' })] }),
        result: { ok: true, data: [{ externalRef: 'alert-1', status: 'triggered' }] },
      },
      {
        method: 'pager.find',
        title: 'by request status',
        args: [{ ...order, externalRef: 'request:req-1' }],
        golden: 'find-by-request.json',
        respond: inTurn(
          carriedOut,
          answered(200, {
            data: alertOf({ acknowledged: true, report: { acknowledgedBy: 'ada@example.com' } }),
          }),
        ),
        result: {
          ok: true,
          data: {
            found: true,
            externalRef: 'alert-1',
            status: 'acknowledged',
            by: { email: 'ada@example.com' },
          },
        },
      },
      {
        method: 'pager.find',
        title: 'by alias',
        args: [order],
        golden: 'find-by-alias.json',
        respond: () => answered(200, { data: alertOf() }),
        result: {
          ok: true,
          data: { found: true, externalRef: 'alert-1', status: 'triggered', by: null },
        },
      },
      {
        method: 'pager.list',
        title: 'two pages',
        args: [
          [
            { ...order, externalRef: 'alert-1' },
            { ...order, key: 'tocsin/inc-8/page-1', externalRef: 'request:req-8' },
            { ...order, key: 'tocsin/inc-9/page-1' },
            { ...order, key: 'tocsin/inc-10/page-1', externalRef: 'alert-10' },
          ],
        ],
        golden: 'list.json',
        respond: inTurn(
          answered(200, {
            data: [
              ...Array.from({ length: 99 }, () => ({})),
              alertOf({ acknowledged: true, report: { acknowledgedBy: 'ada@example.com' } }),
            ],
          }),
          answered(200, {
            data: [
              alertOf({ id: 'alert-8', alias: 'tocsin/inc-8/page-1' }),
              alertOf({
                id: 'alert-9',
                alias: 'tocsin/inc-9/page-1',
                acknowledged: true,
                report: { acknowledgedBy: 'System' },
              }),
            ],
          }),
        ),
        result: {
          ok: true,
          data: [
            {
              found: true,
              externalRef: 'alert-1',
              status: 'acknowledged',
              by: { email: 'ada@example.com' },
            },
            { found: true, externalRef: 'alert-8', status: 'triggered', by: null },
            { found: true, externalRef: 'alert-9', status: 'acknowledged', by: null },
            null,
          ],
        },
      },
      {
        method: 'onCall.whoIsOn',
        title: 'at an instant',
        args: [{ id: 'sched-1', name: 'Platform' }, 1_768_467_600_000],
        golden: 'on-call.json',
        respond: () =>
          answered(200, {
            data: {
              _parent: { id: 'sched-1' },
              onCallRecipients: ['ada@example.com', 'ben@example.com'],
            },
          }),
        result: {
          ok: true,
          data: [{ id: 'ada@example.com', email: 'ada@example.com' }, { id: 'ben@example.com' }],
        },
      },
      {
        method: 'poll.since',
        title: 'half an hour ago',
        args: [HALF_AN_HOUR_AGO],
        golden: 'poll.json',
        respond: () => answered(200, { data: [changedAlert] }),
        result: {
          ok: true,
          data: [
            { action: 'triggered' },
            { action: 'acknowledged', ref: 'alert-9', key: 'disk/full' },
          ],
        },
      },
      {
        method: 'doctor.check',
        title: 'everything in order',
        args: [doctorSubject],
        golden: 'doctor.json',
        respond: respondToDoctor,
        result: {},
      },
    ],
  },
  source: {
    signing: {
      configOf: (token) => ({ token }),
      sign: (_body, secretText) => ({ authorization: `Bearer ${secretText}` }),
      covers: 'sender',
    },
    moreConfigs: [{ token: [new Secret('t')], header: 'X-Opsgenie-Secret' }],
    deliveries: ['create', 'acknowledge', 'add-note', 'escalate'].map((name) => ({
      name,
      body: JSON.parse(textOfFixture(`webhook-${name}.json`)) as unknown,
      parsed: {
        ok: true,
        parsed: { observations: [{ kind: 'vendor_incident' }], ignored: [], truncated: 0 },
      },
      deliveryId: null,
    })),
  },
});

function observed(text: string): VendorIncident {
  const result: ParseResult = parseDelivery(Buffer.from(text));
  if (!result.ok) throw new Error(result.reason);
  const [first] = result.parsed.observations;
  if (first?.kind !== 'vendor_incident') throw new Error('no vendor incident');
  return first;
}

function delivery(action: string, alert: object = {}): string {
  return JSON.stringify({ action, alert: { alertId: 'a1', alias: 'k', message: 'm', ...alert } });
}

describe('a webhook', () => {
  it('of a new alert tells what a rule needs', () => {
    expect(observed(textOfFixture('webhook-create.json'))).toEqual({
      kind: 'vendor_incident',
      action: 'triggered',
      ref: '7e3c0f7e-2d1a-4c55-9b02-0a1b2c3d4e5f-1772442845120',
      key: 'checkout/errors',
      title: 'Checkout answers errors',
      description: '12% of the answers are errors',
      url: null,
      labels: {
        entity: 'checkout',
        source: 'prometheus',
        tags: 'payments,eu',
        service: 'checkout',
        region: 'eu',
      },
      vendorSeverity: 'P2',
      urgency: null,
      service: { id: 'team-payments-id', name: null },
      assignees: [{ id: null, name: null, email: 'ada@example.com' }],
      by: null,
      note: null,
      mergedInto: null,
      observedAt: 1_772_442_845_123,
    });
  });

  it('reads nanoseconds from their digits: a double would round 999999999 up into the next millisecond', () => {
    expect(observed(textOfFixture('webhook-acknowledge.json')).observedAt).toBe(1_772_442_905_999);
    expect(Math.floor(Number('1772442905999999999') / 1e6)).toBe(1_772_442_906_000);
  });

  it.each([
    ['Create', 'triggered'],
    ['Acknowledge', 'acknowledged'],
    ['UnAcknowledge', 'unacknowledged'],
    ['Close', 'resolved'],
    ['Delete', 'resolved'],
    ['AddNote', 'noted'],
    ['AddTags', 'noted'],
    ['RemoveTags', 'noted'],
    ['AddRecipient', 'reassigned'],
    ['AddResponder', 'reassigned'],
    ['AddTeam', 'reassigned'],
    ['AssignOwnership', 'reassigned'],
    ['TakeOwnership', 'reassigned'],
    ['Escalate', 'escalated'],
    ['EscalateNext', 'escalated'],
    ['UpdatePriority', 'priority_changed'],
  ])('%s means %s', (action, meaning) => {
    expect(observed(delivery(action))).toMatchObject({ action: meaning, ref: 'a1', key: 'k' });
  });

  it('tells whose phone rings after it changed hands', () => {
    const email = (address: string): object[] => [{ id: null, name: null, email: address }];
    expect(observed(delivery('AddRecipient', { recipient: 'ben@example.com' })).assignees).toEqual(
      email('ben@example.com'),
    );
    expect(observed(delivery('AssignOwnership', { owner: 'cleo@example.com' })).assignees).toEqual(
      email('cleo@example.com'),
    );
    expect(observed(delivery('AddTeam', { team: 'platform' })).service).toEqual({
      id: 'platform',
      name: null,
    });
    expect(observed(textOfFixture('webhook-escalate.json'))).toMatchObject({
      key: null,
      assignees: [{ id: 'user-cleo-id', name: null, email: 'cleo@example.com' }],
    });
    expect(
      observed(delivery('TakeOwnership', { username: 'ada@example.com', userId: 'u1' })).assignees,
    ).toEqual([{ id: 'u1', name: null, email: 'ada@example.com' }]);
  });

  it('reads the priority as text and as the number of older days', () => {
    expect(observed(delivery('Create', { priority: 'P1' })).vendorSeverity).toBe('P1');
    expect(observed(delivery('Create', { priority: 3 })).vendorSeverity).toBe('P3');
  });

  it.each(['System', 'Alert API', 'Nightly clean-up'])(
    'by %s has no actor, whatever id it has',
    (username) => {
      for (const action of ['Acknowledge', 'Close', 'Delete'])
        for (const userId of ['', 'u9'])
          expect(observed(delivery(action, { username, userId })).by).toBeNull();
    },
  );

  it('of a custom action is left aside with the reason', () => {
    expect(parseDelivery(Buffer.from(delivery('RestartServer')))).toEqual({
      ok: true,
      parsed: {
        observations: [],
        ignored: [
          {
            what: 'action RestartServer of alert a1',
            reason: 'a custom action, or one that changes nothing for an incident',
          },
        ],
        truncated: 0,
      },
    });
  });

  it.each([
    ['{"alert": {"alertId": "a1"}}', /`action` is missing/],
    ['{"action": "Create", "alert": {}}', /`alert.alertId` is missing/],
    ['{"action": "constructor", "alert": {}}', /`alert.alertId` is missing/],
  ])('%s is no Opsgenie webhook', (body, reason) => {
    const result = parseDelivery(Buffer.from(body));
    expect(result.ok || result.reason).toMatch(reason);
  });

  it('with a secret in a header of the user’s own name is compared whole', () => {
    const config = opsgenie.source?.config.parse({
      token: [new Secret('s3cret')],
      header: 'X-Opsgenie-Secret',
    });
    if (config === undefined) throw new Error('no source');
    const verify = (headers: Record<string, string>): unknown =>
      opsgenie.source?.verify({ headers, body: new Uint8Array(), path: '' }, config, 0);
    expect(verify({ 'x-opsgenie-secret': 's3cret' })).toEqual({ ok: true, deliveryId: null });
    expect(verify({ 'x-opsgenie-secret': 's3cre' })).toMatchObject({ ok: false });
    expect(verify({ authorization: 'Bearer s3cret' })).toMatchObject({ ok: false });
  });

  const samples = [
    'Create',
    'Acknowledge',
    'AddNote',
    'AddRecipient',
    'AddTags',
    'AddTeam',
    'AssignOwnership',
    'Close',
    'Delete',
    'EscalateNext',
    'RemoveTags',
    'UnAcknowledge',
  ];
  it.skipIf(!existsSync(SHARED)).each(samples)(
    'of the vendor, sample %s (skipped where the samples are absent)',
    (action) => {
      const incident = observed(textOfFixture(`opsgenie-${action}.json`, SHARED));
      expect(incident).toMatchObject({
        key: 'aliastest',
        ref: '052652ac-5d1c-464a-812a-7dd18bbfba8c',
        by: { email: 'user@example.com' },
      });
      expect(incident.observedAt).toBeGreaterThan(1_420_452_190_000);
    },
  );
});

describe('a page', () => {
  const sent = async (change: Partial<PageOrder>): Promise<Record<string, unknown>> => {
    const fake = fakeIo(targetConfig(), () => accepted);
    await opsgenie.pager?.trigger({ ...order, ...change }, fake.io);
    return fake.requests[0]?.json as Record<string, unknown>;
  };
  function targetConfig(): never {
    return opsgenie.config?.parse(target) as never;
  }

  it.each([
    [{ team: { name: 'Payments', id: 'team-1' } }, { type: 'team', id: 'team-1' }],
    [{ user: 'ada@example.com' }, { type: 'user', username: 'ada@example.com' }],
    [{ schedule: { name: 'Platform', id: 's1' } }, { type: 'schedule', id: 's1' }],
    [{ escalation: { name: 'Last resort', id: 'e1' } }, { type: 'escalation', id: 'e1' }],
  ])('to %j rings %j', async (address, responder) => {
    expect((await sent({ address }))['responders']).toEqual([responder]);
  });

  it.each([
    ['high', 'SEV2', 'P2'],
    ['low', 'SEV3', 'P3'],
    ['low', 'SEV4', 'P4'],
    ['high', null, 'P1'],
    ['high', 'constructor', 'P1'],
    ['low', 'SEV2', 'P4'],
    ['high', 'SEV3', 'P1'],
  ] as const)('of %s urgency and level %s has priority %s', async (urgency, severity, priority) => {
    expect((await sent({ severity, urgency }))['priority']).toBe(priority);
  });

  it('leaves out the links for which there is no room any more', async () => {
    const links = Array.from({ length: 20 }, (_, i) => ({
      text: `link ${i}`,
      url: `https://example.com/${'x'.repeat(600)}`,
    }));
    const details = Object.entries((await sent({ links }))['details'] as Record<string, string>);
    const size = details.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(size).toBeLessThanOrEqual(DETAILS_MAX);
    expect(details.length).toBeGreaterThan(10);
  });

  it('to an address that is none is refused before anything is sent', async () => {
    const fake = fakeIo(targetConfig(), () => accepted);
    const outcome = await opsgenie.pager?.trigger({ ...order, address: { service: 'x' } }, fake.io);
    expect(outcome).toMatchObject({ verb: 'reject', reason: 'internal' });
    expect(fake.requests).toEqual([]);
  });

  it('needs exactly one responder in its address', () => {
    const problem = (address: object): string | undefined =>
      opsgenie.pager?.address.safeParse(address).error?.issues[0]?.message;
    expect(problem({})).toMatch(/exactly one/);
    expect(problem({ user: 'ada@example.com', team: { name: 'a', id: 'b' } })).toMatch(
      /exactly one/,
    );
  });

  it('of two keys beyond the limit keeps two aliases', async () => {
    const aliases = await Promise.all(
      ['a', 'b'].map(async (end) => (await sent({ key: `${'k'.repeat(600)}${end}` }))['alias']),
    );
    expect(new Set(aliases).size).toBe(2);
  });

  it('that was refused says what to do', async () => {
    const outcome = (status: number, body: unknown): unknown =>
      opsgenie.pager?.trigger(order, fakeIo(targetConfig(), () => answered(status, body)).io);
    expect(await outcome(401, { message: 'Could not authenticate' })).toMatchObject({
      verb: 'reject',
      reason: 'unauthorized',
      hint: /eu\.opsgenie/,
    });
    expect(await outcome(422, { message: 'not processable' })).toMatchObject({
      verb: 'reject',
      reason: 'invalid_request',
      detail: /not processable/,
    });
  });

  it.each([
    [422, { errors: { responders: 'does not exist' }, requestId: 'r1' }, true],
    [422, { errors: { 'responders[0]': 'does not exist' }, requestId: 'r1' }, true],
    [422, { message: 'User [ada] does not exist', requestId: 'r1' }, true],
    [422, { message: 'User [ada] does not exist' }, false],
    [422, { errors: { user: 'must be at most 100 characters' }, requestId: 'r1' }, false],
    [404, { message: 'No resource found for the team', requestId: 'r1' }, false],
    [407, {}, false],
  ])('by %i with %j is refused for its address: %s', async (status, body, ofAddress) => {
    const { io } = fakeIo(targetConfig(), () => answered(status, body));
    expect(await opsgenie.pager?.trigger(order, io)).toMatchObject({ verb: 'reject', ofAddress });
  });

  it('throttled waits as long as Opsgenie says', async () => {
    const answer = answered(
      429,
      {},
      { 'x-ratelimit-state': 'THROTTLED', 'x-ratelimit-period-in-sec': '45' },
    );
    expect(
      await opsgenie.pager?.trigger(order, fakeIo(targetConfig(), () => answer).io),
    ).toMatchObject({ verb: 'retry', reason: 'rate_limited', afterMs: 45_000 });
  });

  const find = (externalRef: string | null, respond: Respond): unknown =>
    opsgenie.pager?.find?.({ ...order, externalRef }, fakeIo(targetConfig(), respond).io);
  const missing = answered(404, { message: 'Alert with id [x] does not exist' });

  it('is looked for by alias while its request is not carried out', async () => {
    expect(await find('request:req-1', inTurn(missing, missing))).toMatchObject({
      ok: true,
      data: { found: false },
    });
    const failedRequest = answered(200, {
      data: { isSuccess: false, status: 'Alert does not exist', alertId: '' },
    });
    expect(
      await find('request:req-1', inTurn(failedRequest, answered(200, { data: alertOf() }))),
    ).toMatchObject({ data: { found: true, status: 'triggered' } });
  });

  it('is found at Jira Service Management, which shows the request but no alert', async () => {
    expect(await find('request:req-1', inTurn(carriedOut, missing))).toEqual({
      ok: true,
      data: { found: true, externalRef: 'alert-1', status: null, by: null },
    });
  });

  it('that was closed at once is found by its id, with the person who closed it', async () => {
    const closed = answered(200, {
      data: alertOf({ status: 'closed', report: { closedBy: 'ben@example.com' } }),
    });
    expect(await find('alert-1', () => closed)).toMatchObject({
      data: { status: 'resolved', by: { email: 'ben@example.com' } },
    });
  });
});

describe('the listing', () => {
  const list = (orders: readonly PageOrder[], respond: Respond) => {
    const fake = fakeIo(opsgenie.config?.parse(target) as never, respond);
    return { fake, listed: opsgenie.pager?.list?.(orders, fake.io) };
  };
  const sought = (count: number): readonly PageOrder[] =>
    Array.from({ length: count }, (_, i) => ({ ...order, key: `k${i}` }));
  const holding =
    (count: number): Respond =>
    ({ url }) => {
      const offset = Number(new URL(url).searchParams.get('offset'));
      const left = Math.max(0, Math.min(100, count - offset));
      const data = Array.from({ length: left }, (_, i) =>
        alertOf({ id: `a${offset + i}`, alias: `k${offset + i}` }),
      );
      return answered(200, { data });
    };

  it.each([
    [1, 1],
    [250, 3],
    [10_000, 100],
  ])('of %i pages that wait costs %i requests', async (count, requests) => {
    const { fake, listed } = list(sought(count), holding(count));
    const result = await listed;
    expect(result?.ok === true && result.data.every((one) => one?.found === true)).toBe(true);
    expect(fake.requests).toHaveLength(requests);
  });

  it('that breaks off tells what was read until then', async () => {
    const { fake, listed } = list(sought(250), (request, index) =>
      index === 0 ? holding(250)(request, index) : answered(503),
    );
    const result = await listed;
    expect(result?.ok === true && result.data.filter((one) => one !== null)).toHaveLength(100);
    expect(fake.logs.map(({ level }) => level)).toEqual(['warn']);
  });

  it('says nothing at Jira Service Management, which shows no alerts', async () => {
    const { listed } = list(sought(2), () => answered(404, { message: 'No resource found' }));
    expect(await listed).toEqual({ ok: true, data: [null, null] });
  });

  it('looks for an alert whose id is known by its id alone', async () => {
    const { listed } = list([{ ...order, externalRef: 'alert-0' }], () =>
      answered(200, { data: [alertOf()] }),
    );
    expect(await listed).toEqual({ ok: true, data: [null] });
  });
});

describe('doctor', () => {
  const check = async (respond: Respond): Promise<string> => {
    const findings = await opsgenie.doctor?.check(
      doctorSubject,
      fakeIo(opsgenie.config?.parse(target) as never, respond).io,
    );
    return (findings ?? []).map((finding) => `${finding.level}: ${finding.what}`).join('\n');
  };
  const except =
    (path: string, data: unknown, status = 200): Respond =>
    (request, index) =>
      new URL(request.url).pathname.startsWith(path)
        ? answered(status, { data })
        : respondToDoctor(request, index);

  it.each([
    ['finds nothing wrong', respondToDoctor, /^(ok: .*\n)+warning: Opsgenie ends/],
    [
      'finds a refused key, and stops there',
      () => answered(401),
      /^problem: the API key is refused$/,
    ],
    [
      'finds a missing team',
      except('/v2/teams', null, 404),
      /problem: team Payments \(team-1\) does not exist/,
    ],
    [
      'finds a renamed team',
      except('/v2/teams', { name: 'Checkout' }),
      /warning: team Payments \(team-1\) is called Checkout/,
    ],
    [
      'finds a disabled schedule',
      except('/v2/schedules', { name: 'Platform', enabled: false }),
      /problem: schedule Platform \(sched-1\) is disabled/,
    ],
    [
      'finds a blocked user',
      except('/v2/users', { blocked: true }),
      /problem: user ada@example.com is blocked/,
    ],
    [
      'says what the key may not read',
      except('/v2/escalations', null, 403),
      /warning: escalation Last resort \(esc-1\) cannot be checked/,
    ],
    [
      'finds running maintenance',
      except('/v1/maintenance', [{ status: 'active', description: 'Upgrade' }]),
      /warning: maintenance is running at Opsgenie: Upgrade/,
    ],
  ])('%s', async (_what, respond, expected) => {
    expect(await check(respond)).toMatch(expected);
  });
});

describe('reconciling after an outage', () => {
  const since = async (alerts: readonly object[]): Promise<unknown> => {
    const result = await opsgenie.poll?.since(
      HALF_AN_HOUR_AGO,
      fakeIo(opsgenie.config?.parse(target) as never, () => answered(200, { data: alerts })).io,
    );
    return result?.ok === true
      ? result.data.map((one) => (one.kind === 'vendor_incident' ? [one.action, one.ref] : []))
      : result;
  };

  it('tells an old alert that was acknowledged meanwhile, and not its opening', async () => {
    expect(await since([{ ...changedAlert, createdAt: '2026-01-14T00:00:00Z' }])).toEqual([
      ['acknowledged', 'alert-9'],
    ]);
  });

  it.each([
    ['acknowledged', { report: { ackTime: 120_000 } }],
    ['resolved', { status: 'closed', report: { ackTime: 60_000, closeTime: 120_000 } }],
  ])(
    'tells when it was %s, and not when something was written there since',
    async (_what, more) => {
      const io = fakeIo(opsgenie.config?.parse(target) as never, () =>
        answered(200, { data: [{ ...changedAlert, ...more }] }),
      ).io;
      const told = await opsgenie.poll?.since(HALF_AN_HOUR_AGO, io);
      expect(told?.ok === true ? told.data.at(-1) : told).toMatchObject({
        observedAt: Date.parse('2026-01-15T08:32:00Z'),
      });
    },
  );

  it('tells a closed alert as closed only, so that nothing rings for what is over', async () => {
    expect(await since([{ ...changedAlert, status: 'closed' }])).toEqual([['resolved', 'alert-9']]);
  });

  it('leaves out what has not changed since', async () => {
    expect(await since([{ ...changedAlert, updatedAt: '2026-01-15T08:29:59Z' }])).toEqual([]);
  });

  it('stops after twenty pages and says so', async () => {
    const page = Array.from({ length: 100 }, (_, i) => ({ ...changedAlert, id: `alert-${i}` }));
    const fake = fakeIo(opsgenie.config?.parse(target) as never, () =>
      answered(200, { data: page }),
    );
    await opsgenie.poll?.since(HALF_AN_HOUR_AGO, fake.io);
    expect([fake.requests.length, fake.logs.map((line) => line.level)]).toEqual([20, ['warn']]);
  });
});
