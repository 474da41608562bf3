/** What Statuspage documents: https://developer.statuspage.io */
import { statuspage } from '../../adapters/statuspage/statuspage.ts';
import { Secret } from '../../src/contract/index.ts';
import type { PublishOrder } from '../../src/contract/index.ts';
import type { Vendor, VendorCall } from './calls.ts';

const order: PublishOrder = {
  idempotencyKey: 'inc-7/9/0',
  deadline: 1_768_468_000_000,
  externalRef: null,
  token: 'inc-7/public',
  title: 'Checkout is slow',
  status: 'investigating',
  body: 'We are looking into it.',
  components: { cmp1: 'degraded_performance' },
  notify: true,
};
const later: PublishOrder = { ...order, externalRef: 'sp1', status: 'identified', body: 'Found.' };

const PAGE = '/v1/pages/page1';
const incident = { id: 'sp1', shortlink: 'https://stspg.io/sp1', metadata: {} };
const sent = { status: 'investigating', component_ids: ['cmp1'], deliver_notifications: true };

function api(asks: string, answer: unknown, more: Partial<VendorCall> = {}): VendorCall {
  return { host: 'api', asks, status: 200, answer, ...more };
}

export const statuspageVendor: Vendor = {
  adapter: statuspage,
  config: { page_id: 'page1', api_key: new Secret('sp-key') },
  places: [{ name: 'the one there is', config: {}, hosts: { api: 'https://api.statuspage.io' } }],
  // The word is OAuth, not Bearer.
  headers: { api: { authorization: 'OAuth sp-key', accept: 'application/json' } },
  rows: [
    {
      method: 'statusPage.publish',
      what: 'a first post',
      args: [order],
      calls: [
        api(`POST ${PAGE}/incidents`, incident, {
          json: { incident: { name: 'Checkout is slow', ...sent } },
          status: 201,
        }),
      ],
      result: { verb: 'delivered', receipt: 'confirmed', externalRef: 'sp1' },
    },
    {
      method: 'statusPage.publish',
      what: 'an update, by PATCH of the incident',
      args: [later],
      calls: [
        api(`PATCH ${PAGE}/incidents/sp1`, incident, { json: { incident: { body: 'Found.' } } }),
      ],
      result: { verb: 'delivered', externalRef: 'sp1' },
    },
    {
      method: 'statusPage.find',
      what: 'a first post, by its metadata',
      args: [order],
      calls: [
        api(`GET ${PAGE}/incidents/unresolved?page=1&per_page=100`, []),
        api(`GET ${PAGE}/incidents?limit=100`, [
          { ...incident, metadata: { tocsin: { token: order.token } } },
        ]),
      ],
      result: { ok: true, data: { found: true, externalRef: 'sp1' } },
    },
    {
      method: 'statusPage.find',
      what: 'an update',
      args: [later],
      calls: [
        api(`GET ${PAGE}/incidents/sp1`, {
          ...incident,
          incident_updates: [{ status: 'identified', body: 'Found.' }],
        }),
      ],
      result: { ok: true, data: { found: true, externalRef: 'sp1' } },
    },
    {
      method: 'statusPage.components',
      what: 'the components of the page',
      args: [],
      calls: [
        api(`GET ${PAGE}/components?page=1&per_page=100`, [
          { id: 'cmp1', name: 'Checkout', status: 'operational', group: false },
        ]),
      ],
      result: { ok: true, data: [{ id: 'cmp1', name: 'Checkout', status: 'operational' }] },
    },
    {
      method: 'doctor.check',
      what: 'the page and a component',
      args: [{ addresses: [], schedules: [], components: [{ id: 'cmp1', name: 'Checkout' }] }],
      calls: [
        api(`GET ${PAGE}`, { id: 'page1', name: 'Town' }),
        api(`GET ${PAGE}/components?page=1&per_page=100`, [
          { id: 'cmp1', name: 'Checkout', status: 'operational' },
        ]),
      ],
      result: [{ level: 'ok' }, { level: 'ok' }],
    },
  ],
};
