/** What PagerDuty is sent and how its answers are read: the conformance suite, the vendor's specification, the pager. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hmac, memberOf, Secret, asText } from '../../src/contract/index.ts';
import type { HttpAnswered, HttpRequest, PageOrder } from '../../src/contract/index.ts';
import { adapterConformance } from '../../test/conformance/adapter.ts';
import type { Delivery, MethodCase, TargetConformance } from '../../test/conformance/adapter.ts';
import { readGolden } from '../../test/conformance/golden.ts';
import { hasVendorSpec, specValidator } from '../../test/conformance/vendor-spec.ts';
import { answered, failed, fakeIo, inTurn, unasked } from '../../test/support/io.ts';
import type { Respond } from '../../test/support/io.ts';
import { config } from './config.ts';
import type { Config } from './config.ts';
import { dedupKeyOf, readKey, responderKeyOf } from './keys.ts';
import { pager } from './pager.ts';
import { pagerduty } from './pagerduty.ts';
import { standIn } from './stand-in.ts';

const KEY = '0f3c2b1a9e8d7c6b5a49382716050403';

const order: PageOrder = {
  idempotencyKey: 'inc-7/4/0',
  deadline: 1_768_468_000_000,
  key: 'tocsin/i1/inc-7/p1',
  address: { service: { name: 'Checkout', id: 'PSVC001' }, key: new Secret(KEY) },
  urgency: 'high',
  severity: 'SEV1',
  title: 'Checkout answers 12% errors',
  body: 'You are on call for Checkout.\nAcknowledge to take the incident.',
  origin: 'checkout',
  links: [{ url: 'https://tocsin.example.com/incidents/7', text: 'Incident 7' }],
  externalRef: null,
};
const toAda: PageOrder = { ...order, address: { user: { name: 'Ada Marsh', id: 'PADA001' } } };
const toService: PageOrder = {
  ...order,
  address: { service: { name: 'Checkout', id: 'PSVC001' } },
};
const toPolicy: PageOrder = {
  ...order,
  address: {
    escalation_policy: { name: 'Managers', id: 'PEP0009' },
    service: { name: 'Checkout', id: 'PSVC001' },
  },
};
const toResponder: PageOrder = {
  ...order,
  address: { responder: { name: 'Ada Marsh', id: 'PADA001', type: 'user' } },
};
const adopted: PageOrder = {
  ...order,
  key: 'monit|ledger',
  address: { adopted: 'Q1HARBOUR00001' },
  externalRef: 'Q1HARBOUR00001',
};
const low = { urgency: 'low', severity: 'SEV4' } as const;
const known = { externalRef: 'Q1HARBOUR00001' };

const target = {
  token: new Secret('u+conformanceToken'),
  from: 'tocsin@example.com',
  people_service: { name: 'People', id: 'PPEO001' },
  requester: { name: 'Tocsin', id: 'PTOC001' },
  priorities: { SEV1: { name: 'P1', id: 'PPRI001' } },
  event_severities: { SEV3: 'error', SEV4: 'info' },
  poll_services: [{ name: 'Checkout', id: 'PSVC001' }],
};

function incident(more: object = {}): object {
  return {
    id: 'Q1HARBOUR00001',
    status: 'triggered',
    html_url: 'https://harbour.pagerduty.com/incidents/Q1HARBOUR00001',
    incident_key: order.key,
    service: { id: 'PSVC001', type: 'service_reference' },
    acknowledgements: [],
    ...more,
  };
}
const one = (more: object = {}): object => ({ incident: incident(more) });
/** The incident on which a responder request hangs. */
const host = (more: object = {}): object =>
  one({ incident_key: responderKeyOf(order.key), ...more });
const many = (...all: object[]): object => ({ incidents: all, more: false });

const ben = { id: 'PBEN001', type: 'user', name: 'Ben Okafor', email: 'ben@example.com' };
const acknowledgedByBen = {
  status: 'acknowledged',
  acknowledgements: [{ at: '2026-03-02T09:20:00Z', acknowledger: ben }],
};
const done = { verb: 'delivered', receipt: 'confirmed', externalRef: 'Q1HARBOUR00001' };

const logEntry = (type: string, at: string, more: object = {}): object => ({
  id: `R${at}`,
  type,
  created_at: at,
  agent: { id: 'PBEN001', type: 'user_reference', summary: 'Ben Okafor' },
  channel: { type: 'auto' },
  incident: incident({ title: 'Checkout is slow', urgency: 'high' }),
  ...more,
});
const oncall = (user: object, schedule: string, more: object = {}): object => ({
  user: { type: 'user', ...user },
  schedule: { id: schedule, type: 'schedule_reference' },
  escalation_level: 1,
  start: '2026-01-12T09:00:00Z',
  end: '2026-01-19T09:00:00Z',
  ...more,
});
const titleLimit = {
  text: 'title',
  field: 'json.incident.title',
  limit: 1024,
  unit: 'characters',
} as const;
const detailLimit = {
  text: 'body',
  field: 'json.incident.body.details',
  limit: 25_000,
  unit: 'characters',
} as const;

const eventCases: readonly MethodCase[] = [
  {
    method: 'pager.trigger',
    title: 'event',
    args: [order],
    golden: 'trigger-event.json',
    respond: inTurn(
      answered(202, { status: 'success', message: 'Event processed', dedup_key: order.key }),
    ),
    result: { verb: 'delivered', receipt: 'accepted' },
    limits: [
      { text: 'title', field: 'json.payload.summary', limit: 1024, unit: 'characters' },
      {
        text: 'body',
        field: 'json.payload.custom_details.details',
        limit: 25_000,
        unit: 'characters',
      },
      { text: 'key', field: 'json.dedup_key', limit: 255, unit: 'characters', samples: ['a', 'é'] },
    ],
  },
  {
    method: 'pager.acknowledge',
    title: 'event',
    args: [order],
    golden: 'acknowledge-event.json',
    respond: inTurn(answered(202)),
    result: { verb: 'delivered', receipt: 'accepted' },
  },
  {
    method: 'pager.note',
    title: 'event, without a token',
    args: [order],
    golden: 'note-event.json',
    respond: inTurn(answered(202)),
    result: { verb: 'delivered', receipt: 'accepted' },
  },
  {
    method: 'pager.resolve',
    title: 'event',
    args: [order],
    golden: 'resolve-event.json',
    respond: inTurn(answered(202)),
    result: { verb: 'delivered', receipt: 'accepted' },
  },
];

const restCases: readonly MethodCase[] = [
  {
    method: 'pager.trigger',
    title: 'one assignee',
    args: [toAda],
    golden: 'trigger-user.json',
    respond: inTurn(answered(201, one())),
    result: { ...done, url: 'https://harbour.pagerduty.com/incidents/Q1HARBOUR00001' },
    limits: [
      titleLimit,
      detailLimit,
      {
        text: 'key',
        field: 'json.incident.incident_key',
        limit: 255,
        unit: 'characters',
        samples: ['a', 'é'],
      },
    ],
  },
  {
    method: 'pager.trigger',
    title: 'service without key, low',
    args: [{ ...toService, ...low }],
    golden: 'trigger-service.json',
    respond: inTurn(answered(201, one())),
    result: done,
    limits: [titleLimit, detailLimit],
  },
  {
    method: 'pager.trigger',
    title: 'escalation policy',
    args: [toPolicy],
    golden: 'trigger-policy.json',
    respond: inTurn(answered(201, one())),
    result: done,
  },
  {
    method: 'pager.trigger',
    title: 'responder',
    args: [toResponder],
    golden: 'trigger-responder.json',
    respond: inTurn(
      answered(201, one({ status: 'acknowledged' })),
      answered(200, { responder_request: {} }),
    ),
    result: done,
    limits: [{ text: 'title', field: 'json.message', limit: 1024, unit: 'characters' }],
  },
  {
    method: 'pager.acknowledge',
    title: 'by REST',
    args: [{ ...order, ...known }],
    golden: 'acknowledge-rest.json',
    respond: inTurn(answered(200, one()), answered(200, one({ status: 'acknowledged' }))),
    result: done,
  },
  {
    method: 'pager.note',
    title: 'by REST, on the incident found by key, where it can be read then',
    args: [toAda],
    golden: 'note.json',
    respond: inTurn(
      answered(200, many(incident())),
      answered(200, { notes: [{ id: 'PNOTE0', content: 'Somebody else’s.' }] }),
      answered(200, { note: { id: 'PNOTE1' } }),
      answered(200, { notes: [{ id: 'PNOTE1', content: 'As PagerDuty shows it.' }] }),
    ),
    result: done,
    limits: [{ text: 'body', field: 'json.note.content', limit: 25_000, unit: 'characters' }],
  },
  {
    method: 'pager.note',
    title: 'that is there already',
    args: [toAda],
    golden: 'note-is-there.json',
    respond: inTurn(
      answered(200, many(incident())),
      answered(200, { notes: [{ id: 'PNOTE1', content: `${toAda.body}\r\n` }] }),
    ),
    result: done,
  },
  {
    method: 'pager.note',
    title: 'that was taken and cannot be read',
    args: [toAda],
    golden: 'note-lost.json',
    respond: inTurn(
      answered(200, many(incident())),
      answered(200, { notes: [] }),
      answered(201, { note: { id: 'PNOTE1' } }),
      answered(200, { notes: [] }),
    ),
    result: { verb: 'retry', reason: 'not_found', ambiguous: true, afterMs: 2_000 },
  },
  {
    method: 'pager.acknowledge',
    title: 'person found by key',
    args: [toAda],
    golden: 'acknowledge-user.json',
    respond: inTurn(
      answered(200, many(incident())),
      answered(200, one({ status: 'acknowledged' })),
    ),
    result: done,
  },
  {
    method: 'pager.acknowledge',
    title: 'responder',
    args: [{ ...toResponder, ...known }],
    golden: 'acknowledge-responder.json',
    respond: inTurn(answered(200, host({ status: 'acknowledged' })), answered(200, {})),
    result: done,
  },
  {
    method: 'pager.resolve',
    title: 'by REST',
    args: [{ ...toAda, ...known }],
    golden: 'resolve-rest.json',
    respond: inTurn(answered(200, one({ status: 'resolved' }))),
    result: done,
  },
  {
    method: 'pager.acknowledge',
    title: 'what was taken over',
    args: [adopted],
    golden: 'acknowledge-adopted.json',
    respond: inTurn(answered(200, one()), answered(200, one({ status: 'acknowledged' }))),
    result: done,
  },
  {
    method: 'pager.resolve',
    title: 'what was taken over',
    args: [adopted],
    golden: 'resolve-adopted.json',
    respond: inTurn(answered(200, one({ status: 'resolved' }))),
    result: done,
  },
];

/** What the doctor asks first: what the account can do, and who the user of `from` is. */
const account = [
  answered(200, { abilities: ['coordinated_responding'] }),
  answered(200, { users: [{ id: 'PTOC001', name: 'Tocsin', email: 'Tocsin@example.com' }] }),
] as const;

const readCases: readonly MethodCase[] = [
  {
    method: 'pager.find',
    title: 'by key',
    args: [order],
    golden: 'find-key.json',
    respond: inTurn(
      answered(
        200,
        many(
          incident({ id: 'QOLD', status: 'resolved' }),
          incident({ ...acknowledgedByBen, incident_key: null }),
        ),
      ),
    ),
    result: {
      ok: true,
      data: {
        found: true,
        externalRef: 'Q1HARBOUR00001',
        status: 'acknowledged',
        by: { id: 'PBEN001', name: 'Ben Okafor', email: 'ben@example.com' },
      },
    },
  },
  {
    method: 'pager.find',
    title: 'responder by id',
    args: [{ ...toResponder, ...known }],
    golden: 'find-responder.json',
    respond: inTurn(
      answered(
        200,
        host({ status: 'acknowledged', incidents_responders: [{ state: 'pending', user: ben }] }),
      ),
    ),
    result: { ok: true, data: { found: true, status: 'triggered', by: null } },
  },
  {
    method: 'pager.find',
    title: 'what was taken over',
    args: [adopted],
    golden: 'find-adopted.json',
    respond: inTurn(answered(200, one({ ...acknowledgedByBen, incident_key: 'monit|ledger' }))),
    result: { ok: true, data: { found: true, status: 'acknowledged', by: { id: 'PBEN001' } } },
  },
  {
    method: 'pager.keysOf',
    title: 'an incident made from events',
    args: ['Q1HARBOUR00001'],
    golden: 'keys-of.json',
    respond: inTurn(
      answered(200, { alerts: [{ id: 'A1', alert_key: order.key }, { id: 'A2' }], more: false }),
    ),
    result: { ok: true, data: [order.key] },
  },
  {
    method: 'pager.list',
    title: 'what was taken over',
    args: [[adopted]],
    golden: 'list-adopted.json',
    respond: inTurn(answered(200, many(incident(acknowledgedByBen)))),
    result: { ok: true, data: [{ found: true, status: 'acknowledged', by: { id: 'PBEN001' } }] },
  },
  {
    method: 'pager.list',
    title: 'two pages',
    args: [
      [
        { ...toAda, ...known },
        { ...toAda, key: 'tocsin/i1/inc-8/p1' },
        { ...toResponder, key: 'tocsin/i1/inc-9/p1' },
        { ...order, key: 'tocsin/i1/inc-10/p1' },
      ],
    ],
    golden: 'list.json',
    respond: inTurn(
      answered(200, {
        incidents: [
          incident({ id: 'QFOREIGN', incident_key: null }),
          incident({
            id: 'Q9',
            incident_key: 'tocsin/i1/inc-9/p1#responder',
            ...acknowledgedByBen,
            incidents_responders: [{ state: 'joined', user: ben }],
          }),
          incident({ ...acknowledgedByBen, incident_key: null }),
        ],
        more: true,
      }),
      answered(200, many(incident({ id: 'Q8', incident_key: 'tocsin/i1/inc-8/p1' }))),
    ),
    result: {
      ok: true,
      data: [
        {
          found: true,
          externalRef: 'Q1HARBOUR00001',
          status: 'acknowledged',
          by: { id: 'PBEN001' },
        },
        { found: true, externalRef: 'Q8', status: 'triggered', by: null },
        { found: true, externalRef: 'Q9', status: 'acknowledged', by: { id: 'PBEN001' } },
        null,
      ],
    },
  },
  {
    method: 'onCall.whoIsOn',
    title: 'a schedule of a policy',
    args: [{ id: 'PSCH001', name: 'Checkout primary' }, 1_768_467_600_000],
    golden: 'on-call.json',
    respond: inTurn(
      answered(200, {
        oncalls: [
          oncall(ben, 'PSCH001'),
          oncall(ben, 'PSCH001', { escalation_level: 2, start: null, end: null }),
          oncall({ id: 'PADA001', summary: 'Ada Marsh' }, 'PSCH001', {
            start: '2026-01-15T09:00:00Z',
            end: null,
          }),
          oncall({ id: 'PCLE001', summary: 'Cleo' }, 'PSCH001', { start: '2026-01-15T09:00:01Z' }),
          oncall({ id: 'PDEV001', summary: 'Dev' }, 'PSCH001', { end: '2026-01-15T09:00:00Z' }),
          oncall({ id: 'PEVA001', summary: 'Eva' }, 'POTHER1'),
        ],
        more: false,
      }),
    ),
    result: {
      ok: true,
      data: [
        { id: 'PBEN001', name: 'Ben Okafor', email: 'ben@example.com' },
        { id: 'PADA001', name: 'Ada Marsh', email: null },
      ],
    },
  },
  {
    method: 'onCall.whoIsOn',
    title: 'a schedule of no policy',
    args: [{ id: 'PSCH002', name: 'Ledger' }, 1_768_467_600_000],
    golden: 'on-call-schedule.json',
    respond: inTurn(answered(200, { oncalls: [], more: false }), answered(200, { users: [ben] })),
    result: { ok: true, data: [{ id: 'PBEN001' }] },
  },
  {
    method: 'poll.since',
    title: 'two pages',
    args: [1_768_460_400_000],
    golden: 'poll.json',
    respond: inTurn(
      answered(200, {
        log_entries: [
          logEntry('annotate_log_entry', '2026-01-15T08:30:00Z', { note: 'looking' }),
          logEntry('notify_log_entry', '2026-01-15T08:20:00Z'),
          logEntry('acknowledge_log_entry', '2026-01-15T08:10:00Z', {
            incident: incident({ service: { id: 'POTHER1', type: 'service_reference' } }),
          }),
        ],
        more: true,
      }),
      answered(200, {
        log_entries: [
          logEntry('trigger_log_entry', '2026-01-15T08:05:00Z', {
            agent: { id: 'PSVC001', type: 'service_reference' },
          }),
        ],
        more: false,
      }),
    ),
    result: {
      ok: true,
      data: [
        {
          action: 'triggered',
          ref: 'Q1HARBOUR00001',
          key: order.key,
          by: null,
          title: 'Checkout is slow',
        },
        { action: 'noted', note: 'looking', by: { id: 'PBEN001' } },
      ],
    },
  },
  {
    method: 'doctor.check',
    title: 'services and persons',
    args: [{ addresses: [order.address, toResponder.address], components: [], schedules: [] }],
    config: { ...target, priorities: {}, people_service: undefined },
    golden: 'doctor.json',
    respond: inTurn(
      ...account,
      answered(200, {
        service: {
          id: 'PSVC001',
          name: 'Checkout',
          status: 'active',
          integrations: [{ integration_key: KEY }],
          incident_urgency_rule: { type: 'constant', urgency: 'severity_based' },
        },
      }),
      answered(200, {
        user: {
          id: 'PADA001',
          name: 'Ada Marsh',
          contact_methods: [{ type: 'phone_contact_method_reference' }],
        },
      }),
      answered(202, { status: 'success', message: 'Event processed', dedup_key: 'any' }),
    ),
    // The responder has no service to belong to.
    result: [{ level: 'problem' }, ...Array.from({ length: 5 }, () => ({ level: 'ok' }))],
  },
  {
    method: 'doctor.check',
    title: 'policies, schedules and priorities',
    args: [
      {
        addresses: [{ escalation_policy: { name: 'Managers', id: 'PEP0009' } }],
        components: [],
        schedules: [{ id: 'PSCH001', name: 'Checkout primary' }],
      },
    ],
    golden: 'doctor-policies.json',
    respond: inTurn(
      ...account,
      answered(200, { service: { id: 'PPEO001', name: 'People', status: 'active' } }),
      answered(200, { escalation_policy: { id: 'PEP0009', name: 'Managers' } }),
      answered(200, { schedule: { id: 'PSCH001', name: 'Checkout primary' } }),
      answered(200, { priorities: [{ id: 'PPRI001', name: 'P1' }], more: false }),
    ),
    result: Array.from({ length: 6 }, () => ({ level: 'ok' })),
  },
];

const eventsOnly = { events_url: 'https://events.eu.pagerduty.com' };

const conformance: TargetConformance = {
  config: target,
  moreConfigs: [{}, { ...eventsOnly, base_url: 'https://api.eu.pagerduty.com' }],
  addresses: [
    order.address,
    toAda.address,
    toService.address,
    toPolicy.address,
    toResponder.address,
  ],
  methods: [
    ...eventCases.map((each) => ({ ...each, config: eventsOnly })),
    ...restCases,
    ...readCases,
  ],
  urlKeys: ['base_url', 'events_url'],
  // Under its key the incident that carries a responder request exists once, however often it is asked for.
  harmless: (request) =>
    JSON.stringify(memberOf(request.json, 'incident') ?? '').includes('#responder'),
};

const FIXTURES = new URL('./fixtures/', import.meta.url);

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8')) as unknown;
}

const deliveries: readonly Delivery[] = readdirSync(FIXTURES)
  .filter((name) => name.startsWith('webhook-'))
  .map((name) => ({
    name,
    body: fixture(name),
    headers: { 'x-webhook-id': `delivery-of-${name}` },
    deliveryId: asText(memberOf(memberOf(fixture(name), 'event'), 'id')),
  }));

adapterConformance({
  adapter: pagerduty,
  standIn,
  folder: new URL('.', import.meta.url),
  target: conformance,
  contacts: [
    { name: 'Ada Marsh', id: 'PADA001' },
    { name: 'Ben Okafor', id: 'PBEN001', service: { name: 'Ben', id: 'PSVCBEN' } },
  ],
  source: {
    signing: {
      covers: 'body',
      configOf: (secrets) => ({ secret: secrets }),
      sign: (body, secret) => ({
        'x-pagerduty-signature': `v1=${hmac('sha256', secret, body).toString('hex')}`,
      }),
    },
    deliveries,
  },
});

const SPEC = 'pagerduty-events-v2.openapi.json';
const ENQUEUE = '/paths/~1enqueue/post/requestBody/content/application~1json/schema';

describe('events beside the vendor’s specification', () => {
  const isHere = hasVendorSpec(SPEC);
  const bodyOf = (golden: string): Record<string, unknown> => {
    const requests = readGolden(new URL(golden, FIXTURES)) as readonly HttpRequest[];
    return requests[0]?.json as Record<string, unknown>;
  };
  const problems = (body: unknown): readonly string[] => specValidator(SPEC, ENQUEUE)(body);

  test.skipIf(!isHere).each(['trigger-event.json', 'acknowledge-event.json', 'resolve-event.json'])(
    '%s is valid (skipped without the specification)',
    (golden) => {
      expect(problems(bodyOf(golden))).toEqual([]);
    },
  );

  test.skipIf(!isHere).each([
    ['trigger-event.json', 'without a payload', { payload: undefined }],
    ['trigger-event.json', 'without a routing key', { routing_key: undefined }],
    [
      'trigger-event.json',
      'with another severity',
      { payload: { summary: 's', source: 's', severity: 'high' } },
    ],
    [
      'trigger-event.json',
      'with a long summary',
      { payload: { summary: 'x'.repeat(1025), source: 's', severity: 'info' } },
    ],
    ['trigger-event.json', 'with links that are texts', { links: ['https://example.com'] }],
    ['acknowledge-event.json', 'without a dedup key', { dedup_key: undefined }],
    ['acknowledge-event.json', 'with a long dedup key', { dedup_key: 'x'.repeat(256) }],
    ['resolve-event.json', 'with an unknown action', { event_action: 'close' }],
  ])('%s %s is not (skipped without the specification)', (golden, _how, spoiled) => {
    const twin = JSON.parse(JSON.stringify({ ...bodyOf(golden), ...spoiled })) as unknown;
    expect(problems(twin)).not.toEqual([]);
  });
});

function ioWith(respond: Respond, more: object = {}): ReturnType<typeof fakeIo<Config>> {
  return fakeIo(config.parse({ ...target, ...more }), respond);
}

describe('severity of an event', () => {
  test.each([
    ['high', null, 'critical'],
    ['low', null, 'warning'],
    ['high', 'SEV3', 'error'],
    ['low', 'SEV3', 'warning'],
    ['low', 'SEV9', 'warning'],
    ['low', 'SEV4', 'info'],
    ['high', 'SEV4', 'critical'],
  ] as const)('urgency %s and level %s send %s', async (urgency, severity, sent) => {
    const fake = ioWith(inTurn(answered(202)));
    await pager.trigger({ ...order, urgency, severity }, fake.io);
    expect(fake.requests[0]?.json).toMatchObject({ payload: { severity: sent } });
  });
});

describe('opening an incident', () => {
  const refusal = {
    error: {
      message: 'Arguments Caused Error',
      code: 2002,
      errors: ['Open incident with matching dedup key already exists on this service'],
    },
  };

  test('an incident that is open under the key is the one that was wanted', async () => {
    const fake = ioWith(
      inTurn(answered(400, refusal), answered(200, many(incident(acknowledgedByBen)))),
    );
    expect(await pager.trigger(toAda, fake.io)).toMatchObject(done);
    expect(fake.requests.map((each) => each.method)).toEqual(['POST', 'GET']);
  });

  test.each([
    ['is not answered', answered(503)],
    ['is asked too much', answered(429)],
    ['does not show it yet', answered(200, many())],
  ])('one that PagerDuty says is open is taken, though the look-up %s', async (_, looked) => {
    const fake = ioWith(inTurn(answered(400, refusal), looked));
    expect(await pager.trigger(toAda, fake.io)).toEqual({ verb: 'delivered', receipt: 'accepted' });
  });

  test('a 400 that says something else is a refusal when the look-up fails', async () => {
    const other = { error: { ...refusal.error, code: 2001, errors: ['Title cannot be empty'] } };
    const fake = ioWith(inTurn(answered(400, other), answered(503)));
    expect(await pager.trigger(toAda, fake.io)).toMatchObject({ verb: 'reject' });
  });

  test('a responder is not asked for by an incident that could not be read: it is tried again', async () => {
    const more = { requester: { name: 'Tocsin', id: 'PTOCSIN' } };
    const fake = ioWith(inTurn(answered(400, refusal), answered(503)), more);
    const responder = { responder: { type: 'user', name: 'Ben', id: 'PBEN001' } };
    expect(await pager.trigger({ ...toAda, address: responder }, fake.io)).toMatchObject({
      verb: 'retry',
    });
  });

  test('a 400 is a refusal when only a resolved incident has the key', async () => {
    const fake = ioWith(
      inTurn(answered(400, refusal), answered(200, many(incident({ status: 'resolved' })))),
    );
    expect(await pager.trigger(toAda, fake.io)).toMatchObject({
      verb: 'reject',
      reason: 'invalid_request',
    });
  });

  test('an unknown priority costs the priority, not the page', async () => {
    const unknown = { error: { message: 'Invalid Priority', code: 1020 } };
    const fake = ioWith(inTurn(answered(400, unknown), answered(201, one())));
    expect(await pager.trigger(toAda, fake.io)).toMatchObject(done);
    expect(
      fake.requests.map((each) => memberOf(memberOf(each.json, 'incident'), 'priority')),
    ).toEqual([{ id: 'PPRI001', type: 'priority_reference' }, undefined]);
  });

  test('an incident that starts acknowledged rang nobody, and is no success', async () => {
    const fake = ioWith(inTurn(answered(201, one({ status: 'acknowledged' }))));
    expect(await pager.trigger(toAda, fake.io)).toMatchObject({
      verb: 'reject',
      reason: 'conflict',
    });
  });

  test.each([
    [400, 1008, 'unauthorized'],
    [403, 2010, 'forbidden'],
    [402, 2014, 'unsupported'],
    [404, 2100, 'not_found'],
    [400, 1015, 'conflict'],
    [400, 2001, 'invalid_request'],
  ])('HTTP %i with code %i is rejected as %s', async (status, code, reason) => {
    const fake = ioWith(
      inTurn(answered(status, { error: { message: 'No', code, errors: ['because'] } })),
    );
    const outcome = await pager.trigger({ ...toAda, severity: null }, fake.io);
    expect(outcome).toMatchObject({
      verb: 'reject',
      reason,
      detail: `HTTP ${status}, code ${code}: No; because`,
    });
  });

  describe('it is the address that is refused', () => {
    const refusedBy = (page: typeof toAda, answer: HttpAnswered) =>
      pager.trigger({ ...page, severity: null }, ioWith(inTurn(answer, answer)).io);
    const said = (status: number, code: number, ...errors: string[]): HttpAnswered =>
      answered(status, { error: { message: 'No', code, errors } });
    const toTheirService = { ...order, address: { service: { name: 'Lamp', id: 'PLAMP01' } } };

    test.each([
      ['no such user', toAda, said(400, 1007)],
      ['no such user, in words', toAda, said(400, 2001, 'Assignee must be an existing user')],
      ['nobody on call', toTheirService, said(400, 1015)],
      ['no such service', toTheirService, said(404, 2100)],
      ['no such service, in words', toTheirService, said(400, 2002, 'Service not found')],
      ['a service in maintenance', toTheirService, said(400, 2001, 'Service is disabled')],
    ])('where PagerDuty says: %s', async (_what, page, answer) => {
      expect(await refusedBy(page, answer)).toMatchObject({ ofAddress: true });
    });

    test.each([
      ['a proxy that knows no such host', toAda, answered(404, '<html>not found</html>')],
      ['a proxy with errors of its own', toAda, answered(404, { error: 'no such user' })],
      ['the service of all persons gone', toAda, said(404, 2100)],
      ['the same, in words', toAda, said(400, 2002, 'Service not found')],
      ['the host of all responders', toResponder, said(400, 2001, 'Assignee is no user')],
      ['the service of all persons in maintenance', toAda, said(400, 2001, 'Service is disabled')],
      ['whom we say that we are', toAda, said(400, 1008, 'Requester User Not Found')],
      ['a title that is too long', toAda, said(400, 2001, 'Title is too long')],
    ])('and not for: %s', async (_what, page, answer) => {
      const outcome = await refusedBy(page, answer);
      expect(outcome).toMatchObject({ verb: 'reject' });
      expect(outcome).not.toMatchObject({ ofAddress: true });
      expect(outcome).not.toMatchObject({ hint: expect.stringContaining('whom this page names') });
    });
  });

  test('a requester whom PagerDuty does not know is no fault of whom it would call', async () => {
    const answers = inTurn(
      answered(201, one({ status: 'acknowledged' })),
      answered(400, {
        error: { message: 'Invalid', code: 2001, errors: ['Requester is no user'] },
      }),
    );
    const outcome = await pager.trigger(toResponder, ioWith(answers).io);
    expect(outcome).toMatchObject({ verb: 'reject', ofAddress: false });
  });

  test('a request for a responder that cannot be taken back is not asked for again', async () => {
    const answers = inTurn(
      answered(200, host({ status: 'acknowledged' })),
      answered(400, { error: { message: 'Invalid', code: 2001, errors: ['Already joined'] } }),
    );
    const outcome = await pager.acknowledge({ ...toResponder, ...known }, ioWith(answers).io);
    expect(outcome).toMatchObject({ verb: 'reject', ofAddress: true });
  });

  test.each([
    ['token', toAda, { token: undefined, from: undefined }],
    ['people_service', toAda, { people_service: undefined }],
    ['requester', toResponder, { requester: undefined }],
  ])('without `%s` it is rejected with what to add', async (missing, page, more) => {
    const outcome = await pager.trigger(page, ioWith(unasked, more).io);
    expect(outcome).toMatchObject({
      verb: 'reject',
      reason: 'unsupported',
      hint: expect.stringContaining(missing) as string,
    });
  });

  test('an address that is none is rejected', async () => {
    for (const method of [pager.trigger, pager.acknowledge, pager.resolve])
      expect(await method({ ...order, address: { team: 'x' } }, ioWith(unasked).io)).toMatchObject({
        verb: 'reject',
        reason: 'invalid_request',
      });
    expect(await pager.find?.({ ...order, address: 5 }, ioWith(unasked).io)).toMatchObject({
      ok: false,
    });
  });
});

describe('requesting a responder', () => {
  const asked = {
    responder_requests: [
      { responder_request_targets: [{ responder_request_target: { id: 'PADA001' } }] },
    ],
  };

  test('is not repeated to somebody who was asked before', async () => {
    const respond = inTurn(answered(200, one({ status: 'acknowledged', ...asked })));
    const fake = ioWith(respond);
    expect(await pager.trigger({ ...toResponder, ...known }, fake.io)).toMatchObject(done);
    expect(fake.requests).toHaveLength(1);
  });

  test('hangs on the incident that is open under the key', async () => {
    const fake = ioWith(
      inTurn(
        answered(400),
        answered(
          200,
          many(incident({ incident_key: responderKeyOf(order.key), status: 'acknowledged' })),
        ),
        answered(200, { responder_request: {} }),
      ),
    );
    expect(await pager.trigger(toResponder, fake.io)).toMatchObject(done);
    expect(fake.requests.at(-1)?.url).toMatch(/\/incidents\/Q1HARBOUR00001\/responder_requests$/);
  });

  test('without the ability is unsupported', async () => {
    const fake = ioWith(inTurn(answered(201, one({ status: 'acknowledged' })), answered(402, {})));
    expect(await pager.trigger(toResponder, fake.io)).toMatchObject({
      verb: 'reject',
      reason: 'unsupported',
    });
  });

  test('warns when the requester is not the user of `from` and so is rung too', async () => {
    const fake = ioWith(inTurn(answered(201, one()), answered(200, { responder_request: {} })));
    await pager.trigger(toResponder, fake.io);
    expect(fake.logs.map((line) => line.level)).toEqual(['warn']);
  });

  test.each([
    ['accepted', 'acknowledged', 'PBEN001'],
    ['joined', 'acknowledged', 'PBEN001'],
    ['pending', 'triggered', null],
    ['declined', 'triggered', null],
  ])('reads back %s as %s', async (state, status, by) => {
    const responders = {
      incidents_responders: [{ state, user: ben }],
      ...acknowledgedByBen,
    };
    const found = await pager.find?.(
      { ...toResponder, ...known },
      ioWith(inTurn(answered(200, host(responders)))).io,
    );
    expect(found).toMatchObject({
      ok: true,
      data: { status, by: by === null ? null : { id: by } },
    });
  });
});

describe('acknowledging and resolving', () => {
  test('an acknowledgement never reopens what is resolved', async () => {
    const fake = ioWith(inTurn(answered(200, one({ status: 'resolved' }))));
    expect(await pager.acknowledge({ ...toAda, ...known }, fake.io)).toMatchObject(done);
    expect(fake.requests.map((each) => each.method)).toEqual(['GET']);
  });

  test.each([
    ['acknowledge', 1001],
    ['acknowledge', 1002],
    ['resolve', 1001],
  ] as const)('%s answered with code %i has what it wanted', async (method, code) => {
    const already = answered(400, { error: { message: 'Already', code } });
    const answers: Respond = (request) =>
      request.method === 'GET' ? answered(200, one()) : already;
    expect(await pager[method]({ ...toAda, ...known }, ioWith(answers).io)).toMatchObject(done);
  });

  test('an incident that changed meanwhile is asked again', async () => {
    const fake = ioWith(inTurn(answered(400, { error: { message: 'Data Updated', code: 1005 } })));
    expect(await pager.resolve({ ...toAda, ...known }, fake.io)).toMatchObject({
      verb: 'retry',
      reason: 'conflict',
      ambiguous: false,
    });
  });

  test('what PagerDuty never opened needs no resolve', async () => {
    const fake = ioWith(inTurn(answered(200, many())));
    expect(await pager.resolve(toAda, fake.io)).toEqual({
      verb: 'delivered',
      receipt: 'confirmed',
    });
    expect(fake.requests).toHaveLength(1);
  });

  test('a refused token does not keep the phone of a service ringing: the key resolves', async () => {
    const fake = ioWith((request) =>
      request.url.includes('events') ? answered(202) : answered(401),
    );
    expect(await pager.resolve({ ...order, ...known }, fake.io)).toEqual({
      verb: 'delivered',
      receipt: 'accepted',
    });
    expect(fake.requests.map((each) => each.method)).toEqual(['PUT', 'POST']);
  });

  test('a slow PagerDuty is asked again by the same way', async () => {
    const fake = ioWith(inTurn(failed('timeout', true)));
    expect(await pager.resolve({ ...order, ...known }, fake.io)).toMatchObject({
      verb: 'retry',
      ambiguous: true,
    });
    expect(fake.requests).toHaveLength(1);
  });

  test('a target without a token resolves a service by its key', async () => {
    const fake = fakeIo(config.parse({}), inTurn(answered(202)));
    expect(await pager.resolve({ ...order, ...known }, fake.io)).toMatchObject({
      verb: 'delivered',
    });
    expect(fake.requests[0]?.url).toBe('https://events.pagerduty.com/v2/enqueue');
  });
});

describe('reading back', () => {
  test('needs a token, and says so', async () => {
    expect(await pager.find?.(order, fakeIo(config.parse({}), unasked).io)).toMatchObject({
      ok: false,
      reason: 'unsupported',
    });
  });

  test('finds nothing where the key is another’s', async () => {
    const respond = inTurn(answered(200, many(incident({ incident_key: 'another' }))));
    expect(await pager.find?.(order, ioWith(respond).io)).toMatchObject({
      ok: true,
      data: { found: false },
    });
  });

  test('names the person who resolved, and no machine', async () => {
    const resolvedBy = (by: object): object =>
      one({ status: 'resolved', last_status_change_by: by });
    const found = (by: object) =>
      pager.find?.({ ...order, ...known }, ioWith(inTurn(answered(200, resolvedBy(by)))).io);
    expect(
      await found({ id: 'PADA001', type: 'user_reference', summary: 'Ada Marsh' }),
    ).toMatchObject({
      data: { status: 'resolved', by: { id: 'PADA001', name: 'Ada Marsh', email: null } },
    });
    expect(await found({ id: 'PSVC001', type: 'service_reference' })).toMatchObject({
      data: { by: null },
    });
  });
});

describe('the listing', () => {
  const sought = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ ...toAda, key: `k${i}`, externalRef: `Q${i}` }));
  const asListed = (index: number): object =>
    incident({ id: `Q${index}`, incident_key: `k${index}` });
  /** An account with so many open incidents. */
  const holding =
    (count: number): Respond =>
    ({ url }) => {
      const { searchParams } = new URL(url);
      const [limit, offset] = ['limit', 'offset'].map((name) => Number(searchParams.get(name)));
      const end = (offset ?? 0) + (limit ?? 0);
      if (end > 10_000) return answered(400, { error: { message: 'Offset+limit', code: 2001 } });
      const all = Array.from({ length: count }, (_, i) => asListed(i));
      return answered(200, { incidents: all.slice(offset, end), more: end < count });
    };

  test.each([
    [1, 1],
    [250, 3],
    [10_000, 100],
  ])('of %i pages that wait costs %i requests', async (count, requests) => {
    const fake = ioWith(holding(count));
    const listed = await pager.list?.(sought(count), fake.io);
    expect(fake.requests).toHaveLength(requests);
    expect(listed?.ok === true && listed.data.every((one) => one?.status === 'triggered')).toBe(
      true,
    );
  });

  test('ends at what PagerDuty hands out, and says nothing about the rest', async () => {
    const fake = ioWith(holding(10_250));
    const orders = sought(10_250);
    const listed = await pager.list?.(orders, fake.io);
    expect(fake.requests).toHaveLength(100);
    expect(listed?.ok === true && listed.data.map((one) => one !== null)).toEqual(
      orders.map((_, i) => i < 10_000),
    );
  });

  test('of few pages among many foreign ones costs no more than asking for each', async () => {
    const fake = ioWith(holding(5_000));
    const mine = [
      { ...toAda, externalRef: 'QMINE1' },
      { ...toAda, externalRef: 'QMINE2' },
    ];
    expect(await pager.list?.(mine, fake.io)).toEqual({ ok: true, data: [null, null] });
    expect(fake.requests).toHaveLength(2);
  });

  test('that breaks off tells what was read until then', async () => {
    const fake = ioWith((request, index) =>
      index === 0 ? holding(250)(request, index) : answered(429, {}),
    );
    const listed = await pager.list?.(sought(250), fake.io);
    expect(listed?.ok === true && listed.data.filter((one) => one !== null)).toHaveLength(100);
    expect(fake.logs.map(({ level }) => level)).toEqual(['warn']);
  });

  test('of two open incidents under one key takes the youngest, which asking takes as well', async () => {
    const named = (id: string) => ({ id, incident_key: order.key });
    const incidents = [
      incident(named('QNEW')),
      incident({ ...acknowledgedByBen, ...named('QOLD') }),
    ];
    const { io } = ioWith(() => answered(200, { incidents, more: false }));
    expect(await pager.list?.([toAda], io)).toMatchObject({
      data: [{ externalRef: 'QNEW', status: 'triggered' }],
    });
  });

  test('of nothing asks nothing', async () => {
    expect(await pager.list?.([], ioWith(unasked).io)).toEqual({ ok: true, data: [] });
  });

  test('without a token is unsupported', async () => {
    const { io } = fakeIo(config.parse({}), unasked);
    expect(await pager.list?.([order], io)).toMatchObject({ ok: false, reason: 'unsupported' });
  });

  test.each([
    [
      'a page whose incident was made from an event, while its id is not known',
      { ...order, key: 'tocsin/i1/inc-8/p1' },
    ],
    [
      'a page whose key is listed, where its id is known and is not',
      { ...toAda, externalRef: 'QGONE' },
    ],
    ['an address that is none of PagerDuty', { ...toAda, address: { pager: 'Q1' } }],
    ['a responder, whom the listing leaves out', toResponder],
  ])('says nothing about %s', async (_what, one) => {
    const respond = inTurn(
      answered(
        200,
        many(
          incident({ id: 'QEVENT', incident_key: null }),
          incident({ id: 'QOTHER' }),
          incident({ id: 'QHOST', incident_key: responderKeyOf(order.key), ...acknowledgedByBen }),
        ),
      ),
    );
    expect(await pager.list?.([one], ioWith(respond).io)).toEqual({ ok: true, data: [null] });
  });
});

describe('keys', () => {
  test('keep their identity beyond 255 characters', () => {
    const [a, b] = [`${'k'.repeat(300)}a`, `${'k'.repeat(300)}b`];
    expect(dedupKeyOf(a)).not.toBe(dedupKeyOf(b));
    expect([dedupKeyOf(a), responderKeyOf(a)].map((key) => key.length)).toEqual([255, 255]);
    expect(dedupKeyOf('short')).toBe('short');
  });

  test('tell the incident that carries a responder request from the page itself', () => {
    expect(readKey(responderKeyOf('k'))).toEqual({ key: 'k', carriesResponder: true });
    expect(readKey('k')).toEqual({ key: 'k', carriesResponder: false });
    expect(readKey(null)).toEqual({ key: null, carriesResponder: false });
  });
});

describe('addresses', () => {
  test.each([
    [{}, 'service'],
    [
      { user: { name: 'A', id: 'P1' }, escalation_policy: { name: 'B', id: 'P2' } },
      'escalation_policy',
    ],
    [{ user: { name: 'A', id: 'P1' }, key: new Secret(KEY) }, 'key'],
    [{ service: { name: 'A', id: 'not an id!' } }, 'service.id'],
  ])('%j is refused at %s', (given, path) => {
    const issues = pager.address.safeParse(given).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toContain(path);
  });

  test('a person is rung under their own service, else under that of the target', async () => {
    const own = pager.personAddress({
      name: 'Ben',
      id: 'PBEN001',
      service: { name: 'Ben', id: 'PSVCBEN' },
    });
    const serviceFor = async (address: unknown): Promise<unknown> => {
      const fake = ioWith(inTurn(answered(201, one())));
      await pager.trigger({ ...order, address }, fake.io);
      return memberOf(memberOf(memberOf(fake.requests[0]?.json, 'incident'), 'service'), 'id');
    };
    expect(await serviceFor(own)).toBe('PSVCBEN');
    expect(await serviceFor(pager.personAddress({ name: 'Ada', id: 'PADA001' }))).toBe('PPEO001');
    expect(pager.personAddress('PADA001')).toBeNull();
  });

  test('a target with a token names the user in whose name it acts', () => {
    const result = config.safeParse({ token: new Secret('t') });
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual(['from']);
  });
});
