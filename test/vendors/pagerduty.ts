/** What PagerDuty documents: https://developer.pagerduty.com/docs and /api-reference; its regions: https://support.pagerduty.com/main/docs/service-regions */
import { pagerduty } from '../../adapters/pagerduty/pagerduty.ts';
import { Secret } from '../../src/contract/index.ts';
import type { PageOrder } from '../../src/contract/index.ts';
import type { Place, Vendor, VendorCall } from './calls.ts';

const KEY = '0f3c2b1a9e8d7c6b5a49382716050403';
const byKey: PageOrder = {
  idempotencyKey: 'inc-7/4/0',
  deadline: 1_768_468_000_000,
  key: 'inc-7',
  address: { service: { name: 'Crane', id: 'PCRANE1' }, key: new Secret(KEY) },
  urgency: 'high',
  severity: null,
  title: 'The crane stands still',
  body: 'Look here.',
  origin: 'crane',
  links: [],
  externalRef: null,
};
const toPerson: PageOrder = { ...byKey, address: { user: { name: 'Rosa', id: 'PROSA01' } } };
const known: PageOrder = { ...toPerson, externalRef: 'Q1' };
const responder: PageOrder = {
  ...byKey,
  address: { responder: { name: 'Rosa', id: 'PROSA01', type: 'user' } },
};
const CARRIER_KEY = 'inc-7#responder';

const incident = (more: object = {}): object => ({
  id: 'Q1',
  type: 'incident',
  status: 'triggered',
  incident_key: 'inc-7',
  ...more,
});

function rest(asks: string, answer: unknown, more: Partial<VendorCall> = {}): VendorCall {
  return { host: 'rest', asks, status: 200, answer, ...more };
}

function event(action: string, more: object = {}): VendorCall {
  return {
    host: 'events',
    asks: 'POST /v2/enqueue',
    json: { routing_key: KEY, event_action: action, dedup_key: 'inc-7', ...more },
    status: 202,
    answer: { status: 'success', message: 'Event processed', dedup_key: 'inc-7' },
  };
}

const OPENED = {
  type: 'incident',
  title: 'The crane stands still',
  service: { id: 'PPEOPLE', type: 'service_reference' },
  urgency: 'high',
  assignments: [{ assignee: { id: 'PROSA01', type: 'user_reference' } }],
};
/** Lists are written with brackets, once for each entry. */
const BY_KEY =
  'GET /incidents?incident_key=inc-7&date_range=all&statuses%5B%5D=triggered&statuses%5B%5D=acknowledged&statuses%5B%5D=resolved&sort_by=created_at%3Adesc&include%5B%5D=acknowledgers';
const BY_ID = 'GET /incidents/Q1?include%5B%5D=acknowledgers';
const OPEN =
  'GET /incidents?statuses%5B%5D=triggered&statuses%5B%5D=acknowledged&date_range=all&sort_by=created_at%3Adesc&include%5B%5D=acknowledgers&limit=100&offset=0';

const confirmed = { verb: 'delivered', receipt: 'confirmed', externalRef: 'Q1' };
const accepted = { verb: 'delivered', receipt: 'accepted' };

const EU: Place['hosts'] = {
  rest: 'https://api.eu.pagerduty.com',
  events: 'https://events.eu.pagerduty.com',
};

export const pagerdutyVendor: Vendor = {
  adapter: pagerduty,
  config: {
    token: new Secret('pd-token'),
    from: 'tocsin@example.com',
    people_service: { name: 'People', id: 'PPEOPLE' },
    requester: { name: 'Tocsin', id: 'PTOCSIN' },
  },
  places: [
    {
      name: 'us',
      config: {},
      hosts: { rest: 'https://api.pagerduty.com', events: 'https://events.pagerduty.com' },
    },
    { name: 'eu', config: { region: 'eu' }, hosts: EU },
    // Whoever moves one of the two to the EU and forgets the other one.
    { name: 'eu by half', config: { base_url: 'https://api.eu.pagerduty.com' }, hosts: EU },
    {
      name: 'eu by the other half',
      config: { events_url: 'https://events.eu.pagerduty.com/' },
      hosts: EU,
    },
  ],
  headers: {
    // Not Bearer.
    rest: {
      authorization: 'Token token=pd-token',
      accept: 'application/vnd.pagerduty+json;version=2',
    },
    // The key of the integration in the body is all.
    events: { accept: 'application/json' },
  },
  headersOfChanges: { rest: { from: 'tocsin@example.com' } },
  rows: [
    {
      method: 'pager.trigger',
      what: 'by the key of an integration',
      args: [byKey],
      calls: [
        event('trigger', {
          payload: {
            summary: 'The crane stands still',
            source: 'crane',
            severity: 'critical',
            custom_details: { details: 'Look here.' },
          },
        }),
      ],
      result: accepted,
    },
    {
      method: 'pager.trigger',
      what: 'a person, by an incident',
      args: [toPerson],
      calls: [
        rest(
          'POST /incidents',
          { incident: incident() },
          { status: 201, json: { incident: OPENED } },
        ),
      ],
      result: confirmed,
    },
    {
      method: 'pager.trigger',
      what: 'a requested responder, by the id of the requester',
      args: [responder],
      calls: [
        rest(
          'POST /incidents',
          { incident: incident({ status: 'acknowledged', incident_key: CARRIER_KEY }) },
          { status: 201, json: { incident: { incident_key: CARRIER_KEY } } },
        ),
        rest(
          'POST /incidents/Q1/responder_requests',
          { responder_request: {} },
          {
            json: {
              requester_id: 'PTOCSIN',
              responder_request_targets: [
                { responder_request_target: { id: 'PROSA01', type: 'user_reference' } },
              ],
            },
          },
        ),
      ],
      result: confirmed,
    },
    {
      method: 'pager.acknowledge',
      what: 'by the key of an integration',
      args: [byKey],
      calls: [event('acknowledge')],
      result: accepted,
    },
    {
      method: 'pager.acknowledge',
      what: 'an incident',
      args: [known],
      calls: [
        rest(BY_ID, { incident: incident() }),
        rest(
          'PUT /incidents/Q1',
          { incident: incident({ status: 'acknowledged' }) },
          { json: { incident: { status: 'acknowledged' } } },
        ),
      ],
      result: confirmed,
    },
    {
      method: 'pager.acknowledge',
      what: 'a responder is not asked any more',
      args: [{ ...responder, externalRef: 'Q1' }],
      calls: [
        rest(BY_ID, { incident: incident({ incident_key: CARRIER_KEY }) }),
        rest(
          'PUT /incidents/Q1/responder_requests/cancel',
          {},
          { json: { responder_request_targets: [{ id: 'PROSA01', type: 'user_reference' }] } },
        ),
      ],
      result: confirmed,
    },
    {
      method: 'pager.resolve',
      what: 'by the key of an integration',
      args: [byKey],
      config: { token: undefined, from: undefined },
      calls: [event('resolve')],
      result: accepted,
    },
    {
      method: 'pager.resolve',
      what: 'an incident',
      args: [known],
      calls: [
        rest(
          'PUT /incidents/Q1',
          { incident: incident({ status: 'resolved' }) },
          { json: { incident: { status: 'resolved' } } },
        ),
      ],
      result: confirmed,
    },
    {
      method: 'pager.note',
      what: 'on an incident',
      args: [known],
      calls: [
        rest(BY_ID, { incident: incident() }),
        rest('GET /incidents/Q1/notes', { notes: [] }),
        rest(
          'POST /incidents/Q1/notes',
          { note: { id: 'N1', content: 'Look here.' } },
          { json: { note: { content: 'Look here.' } } },
        ),
        rest('GET /incidents/Q1/notes', { notes: [{ id: 'N1', content: 'Look here.' }] }),
      ],
      result: confirmed,
    },
    {
      method: 'pager.find',
      what: 'by key',
      args: [toPerson],
      calls: [rest(BY_KEY, { incidents: [incident()] })],
      result: { ok: true, data: { found: true, externalRef: 'Q1', status: 'triggered' } },
    },
    {
      method: 'pager.list',
      what: 'what is open',
      args: [[toPerson]],
      calls: [rest(OPEN, { incidents: [incident()], more: false })],
      result: { ok: true, data: [{ found: true, externalRef: 'Q1' }] },
    },
    {
      method: 'pager.keysOf',
      what: 'the keys of an incident, by its alerts',
      args: ['Q1'],
      calls: [
        rest('GET /incidents/Q1/alerts?limit=100&offset=0', {
          alerts: [{ alert_key: 'inc-7' }],
          more: false,
        }),
      ],
      result: { ok: true, data: ['inc-7'] },
    },
    {
      method: 'poll.since',
      what: 'log entries',
      args: [1_768_460_400_000],
      calls: [
        rest(
          'GET /log_entries?since=2026-01-15T07%3A00%3A00Z&until=2026-01-15T09%3A00%3A01Z&is_overview=false&include%5B%5D=incidents&include%5B%5D=channels&limit=100&offset=0',
          { log_entries: [], more: false },
        ),
      ],
      result: { ok: true, data: [] },
    },
    {
      method: 'onCall.whoIsOn',
      what: 'a schedule',
      args: [{ id: 'PSCHED1', name: 'Platform' }, 1_768_467_600_000],
      calls: [
        rest(
          'GET /oncalls?schedule_ids%5B%5D=PSCHED1&since=2026-01-15T09%3A00%3A00Z&until=2026-01-15T09%3A00%3A01Z&include%5B%5D=users&limit=100&offset=0',
          { oncalls: [], more: false },
        ),
        rest(
          'GET /schedules/PSCHED1/users?since=2026-01-15T09%3A00%3A00Z&until=2026-01-15T09%3A00%3A01Z',
          { users: [{ id: 'PROSA01', name: 'Rosa', email: 'rosa@example.com' }] },
        ),
      ],
      result: { ok: true, data: [{ id: 'PROSA01' }] },
    },
    {
      method: 'doctor.check',
      what: 'token, user, services, people, policies, schedules, priorities',
      args: [
        {
          addresses: [toPerson.address, { escalation_policy: { name: 'Managers', id: 'PEP0001' } }],
          components: [],
          schedules: [{ id: 'PSCHED1', name: 'Platform' }],
        },
      ],
      config: { priorities: { SEV1: { name: 'P1', id: 'PPRI001' } } },
      calls: [
        rest('GET /abilities', { abilities: ['coordinated_responding'] }),
        rest('GET /users?query=tocsin%40example.com', {
          users: [{ id: 'PTOCSIN', name: 'Tocsin', email: 'tocsin@example.com' }],
        }),
        rest('GET /services/PPEOPLE?include%5B%5D=integrations', {
          service: { id: 'PPEOPLE', name: 'People', status: 'active' },
        }),
        rest('GET /users/PROSA01?include%5B%5D=contact_methods', {
          user: {
            id: 'PROSA01',
            name: 'Rosa',
            contact_methods: [{ type: 'phone_contact_method' }],
          },
        }),
        rest('GET /escalation_policies/PEP0001', {
          escalation_policy: { id: 'PEP0001', name: 'Managers' },
        }),
        rest('GET /schedules/PSCHED1', { schedule: { id: 'PSCHED1', name: 'Platform' } }),
        rest('GET /priorities?limit=100&offset=0', {
          priorities: [{ id: 'PPRI001', name: 'P1' }],
          more: false,
        }),
      ],
      result: Array.from({ length: 7 }, () => ({ level: 'ok' })),
    },
  ],
};
