/** What Opsgenie documents: https://docs.opsgenie.com/docs/alert-api, and the endpoint of its successor for integrations. */
import { opsgenie } from '../../adapters/opsgenie/opsgenie.ts';
import { Secret } from '../../src/contract/index.ts';
import type { PageOrder } from '../../src/contract/index.ts';
import type { Vendor, VendorCall } from './calls.ts';

const order: PageOrder = {
  idempotencyKey: 'inc-7/4/0',
  deadline: 1_768_468_000_000,
  key: 'inc-7',
  address: { team: { name: 'Payments', id: 'team-1' } },
  urgency: 'high',
  severity: null,
  title: 'Checkout is down',
  body: 'Look here.',
  origin: 'checkout',
  links: [],
  externalRef: null,
};

const TAKEN = { result: 'Request will be processed', took: 0.1, requestId: 'req-1' };
const alert = {
  id: 'alert-1',
  alias: 'inc-7',
  status: 'open',
  acknowledged: false,
  message: 'Checkout is down',
  createdAt: '2026-01-15T09:00:00Z',
  updatedAt: '2026-01-15T09:00:00Z',
};
const US = { user: 'Tocsin', source: 'Tocsin' };
const delivered = { verb: 'delivered', receipt: 'accepted', externalRef: 'request:req-1' };

function get(asks: string, data: unknown): VendorCall {
  return { host: 'api', asks: `GET ${asks}`, status: 200, answer: { data, took: 0.1 } };
}

/** Every write is taken, and done later. */
function post(asks: string, json: object): VendorCall {
  return { host: 'api', asks: `POST ${asks}`, json, status: 202, answer: TAKEN };
}

export const opsgenieVendor: Vendor = {
  adapter: opsgenie,
  config: { api_key: new Secret('og-key') },
  places: [
    { name: 'us', config: {}, hosts: { api: 'https://api.opsgenie.com' } },
    { name: 'eu', config: { region: 'eu' }, hosts: { api: 'https://api.eu.opsgenie.com' } },
  ],
  headers: { api: { authorization: 'GenieKey og-key', accept: 'application/json' } },
  rows: [
    {
      method: 'pager.trigger',
      what: 'an alert',
      args: [order],
      calls: [
        post('/v2/alerts', {
          alias: 'inc-7',
          message: 'Checkout is down',
          priority: 'P1',
          responders: [{ type: 'team', id: 'team-1' }],
        }),
      ],
      result: delivered,
    },
    {
      method: 'pager.acknowledge',
      what: 'by alias, which must be said',
      args: [order],
      calls: [post('/v2/alerts/inc-7/acknowledge?identifierType=alias', US)],
      result: delivered,
    },
    {
      method: 'pager.resolve',
      what: 'close, by alias',
      args: [order],
      calls: [post('/v2/alerts/inc-7/close?identifierType=alias', US)],
      result: delivered,
    },
    {
      method: 'pager.note',
      what: 'looked for, then written',
      args: [order],
      calls: [
        get('/v2/alerts/inc-7/notes?identifierType=alias&limit=100&order=desc', []),
        post('/v2/alerts/inc-7/notes?identifierType=alias', { ...US, note: 'Look here.' }),
      ],
      result: { verb: 'retry', ambiguous: true },
    },
    {
      method: 'pager.find',
      what: 'by the request, then by the id of the alert',
      args: [{ ...order, externalRef: 'request:req-1' }],
      calls: [
        get('/v2/alerts/requests/req-1', { isSuccess: true, alertId: 'alert-1' }),
        get('/v2/alerts/alert-1?identifierType=id', alert),
      ],
      result: { ok: true, data: { found: true, externalRef: 'alert-1', status: 'triggered' } },
    },
    {
      method: 'pager.list',
      what: 'what is open',
      args: [[order]],
      calls: [
        get('/v2/alerts?query=status%3Aopen&sort=createdAt&order=desc&limit=100&offset=0', [alert]),
      ],
      result: { ok: true, data: [{ found: true, externalRef: 'alert-1' }] },
    },
    {
      method: 'poll.since',
      what: 'what changed',
      args: [1_768_460_000_000],
      calls: [get('/v2/alerts?sort=updatedAt&order=desc&limit=100&offset=0', [alert])],
      result: { ok: true, data: [{ kind: 'vendor_incident', ref: 'alert-1' }] },
    },
    {
      method: 'onCall.whoIsOn',
      what: 'a schedule, by id',
      args: [{ id: 'sched-1', name: 'Platform' }, 1_768_467_600_000],
      calls: [
        get(
          '/v2/schedules/sched-1/on-calls?scheduleIdentifierType=id&flat=true&date=2026-01-15T09%3A00%3A00%2B00%3A00',
          { onCallRecipients: ['ada@example.com'] },
        ),
      ],
      result: { ok: true },
    },
    {
      method: 'doctor.check',
      what: 'the key, whom it rings, and maintenance',
      args: [{ addresses: [order.address], components: [], schedules: [] }],
      calls: [
        get('/v2/alerts?limit=1', []),
        get('/v2/teams/team-1?identifierType=id', { id: 'team-1', name: 'Payments' }),
        get('/v1/maintenance?type=non-expired', []),
      ],
      result: [{ level: 'ok' }, { level: 'ok' }, { level: 'warning' }],
    },
  ],
};

/** Jira Service Management has one host for both regions, and another path; `base_url` leads there. */
const JSM = 'https://api.atlassian.com/jsm/ops/integration';
const HERE = '/jsm/ops/integration';

export const jsmVendor: Vendor = {
  ...opsgenieVendor,
  places: [
    { name: 'JSM', config: { base_url: JSM }, hosts: { api: 'https://api.atlassian.com' } },
    {
      name: 'JSM, written with region',
      config: { base_url: `${JSM}/`, region: 'eu' },
      hosts: { api: 'https://api.atlassian.com' },
    },
  ],
  // Create, acknowledge, close and the status of a request are all that it offers to the key of an integration.
  rows: opsgenieVendor.rows
    .filter(({ method }) =>
      ['pager.trigger', 'pager.acknowledge', 'pager.resolve'].includes(method),
    )
    .map((row) => ({
      ...row,
      calls: row.calls.map((call) => ({ ...call, asks: call.asks.replace(' /', ` ${HERE}/`) })),
    })),
};
