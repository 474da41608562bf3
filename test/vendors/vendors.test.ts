/**
 * Each request of each adapter, by the real HTTP client, at the host, the path and under the headers that the vendor
 * documents: what no server on loopback shows, since it is reached by `base_url`. nock plays the vendors.
 */
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { registry } from '../../adapters/index.ts';
import { takeRefused } from '../loopback/refused.ts';
import { modelVendor as example } from '../model/vendor.ts';
import { methodsOf, played } from './calls.ts';
import type { Arrived, MethodRow, Place, Vendor, VendorCall } from './calls.ts';
import { jsmVendor, opsgenieVendor } from './opsgenie.ts';
import { pagerdutyVendor } from './pagerduty.ts';
import { slackVendor } from './slack.ts';
import { statuspageVendor } from './statuspage.ts';

const vendors: readonly Vendor[] = [
  pagerdutyVendor,
  opsgenieVendor,
  jsmVendor,
  statuspageVendor,
  slackVendor,
];

test('every method of every adapter that asks its vendor has a row', () => {
  const missing = registry.flatMap((adapter) => {
    const rows = vendors.filter((one) => one.adapter === adapter).flatMap(({ rows: all }) => all);
    const shown = new Set(rows.map(({ method }) => method));
    return methodsOf(adapter).flatMap((method) =>
      shown.has(method) ? [] : `${adapter.name}: ${method}`,
    );
  });
  expect(missing).toEqual([]);
});

/** Headers of every request; the lengths and the connection are the business of the client. */
const EVERYWHERE = { 'user-agent': 'tocsin/test', 'accept-encoding': expect.any(String) as string };

function headersOf(vendor: Vendor, { host, asks }: { host: string; asks: string }): object {
  const changes = asks.startsWith('GET ') ? {} : vendor.headersOfChanges?.[host];
  const type = asks.startsWith('GET ') ? {} : { 'content-type': 'application/json' };
  return { ...EVERYWHERE, ...type, ...vendor.headers[host], ...changes };
}

function withoutTransport({ headers }: Arrived): Readonly<Record<string, string>> {
  const own = ['host', 'connection', 'content-length'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
}

function hostName(url: string | undefined): string {
  return new URL(url ?? '').hostname;
}

const cases = vendors.flatMap((vendor) =>
  vendor.places.flatMap((place) =>
    vendor.rows.map((row) => ({ vendor, place, row, name: vendor.adapter.name })),
  ),
);

interface Case {
  readonly vendor: Vendor;
  readonly row: MethodRow;
  readonly place: Place;
}

function expectAsked({ vendor, row, place }: Case, arrived: readonly Arrived[]): void {
  expect(arrived.map(({ host, asks }) => ({ host, asks }))).toEqual(
    row.calls.map(({ host, asks }) => ({ host: place.hosts[host], asks })),
  );
  for (const [i, call] of row.calls.entries()) {
    const one = arrived[i];
    if (one === undefined) continue;
    const accept = { accept: expect.any(String) as string };
    expect(withoutTransport(one)).toEqual({ ...accept, ...headersOf(vendor, call) });
    if (call.json !== undefined) expect(one.json).toMatchObject(call.json);
  }
}

describe('what is asked otherwise than documented is noticed:', () => {
  const [row] = example.rows as readonly [MethodRow, ...MethodRow[]];
  const [place] = example.places as readonly [Place, ...Place[]];
  const [call] = row.calls as readonly [VendorCall, ...VendorCall[]];
  const withCall = (more: Partial<VendorCall>): Partial<Case> => ({
    row: { ...row, calls: [{ ...call, ...more }] },
  });

  test.each<readonly [string, Partial<Case>]>([
    ['another host', { place: { ...place, hosts: { api: 'https://model.invalid' } } }],
    ['another path', withCall({ asks: 'POST /v2/messages' })],
    ['another method', withCall({ asks: 'PUT /messages' })],
    ['another body', withCall({ json: { channel: 'town' } })],
    [
      'a header of another value',
      { vendor: { ...example, headers: { api: { authorization: 'x' } } } },
    ],
    ['a header too many', { vendor: { ...example, headers: {} } }],
    ['a request too few', { row: { ...row, calls: [call, call] } }],
  ])('%s', async (_, other) => {
    const one: Case = { vendor: example, row, place, ...other };
    const { arrived } = await played(one.vendor, one.row, { place: one.place });
    expect(() => expectAsked(one, arrived)).toThrow('expected');
  });

  test('and it is not where it is asked so', async () => {
    const { arrived } = await played(example, row, { place });
    expectAsked({ vendor: example, row, place }, arrived);
    expect(arrived).toHaveLength(1);
  });
});

describe('asked as its vendor documents it:', () => {
  test.each(cases)('$name ($place.name) $row.method: $row.what', async ({ vendor, place, row }) => {
    const { result, arrived, resolved } = await played(vendor, row, { place });
    expectAsked({ vendor, row, place }, arrived);
    expect(result).toMatchObject(row.result as object);
    // Each name passed the guard before nock answered for it.
    const names = row.calls.map(({ host }) => hostName(place.hosts[host]));
    expect(new Set(resolved)).toEqual(new Set(names));
    expect(nock.pendingMocks()).toEqual([]);
  });
});

describe('nock does not stand in the way of the guard:', () => {
  const row = pagerdutyVendor.rows[0] as MethodRow;
  const [place] = pagerdutyVendor.places as readonly [Place, ...Place[]];

  test.each(['10.0.0.7', '127.0.0.1', '169.254.169.254', 'fd00::7', '::ffff:10.0.0.1'])(
    'a vendor whose name leads to %s is not asked',
    async (address) => {
      const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
      const { result, arrived } = await played(pagerdutyVendor, row, { place, resolve });
      expect(result).toMatchObject({ verb: 'reject', reason: 'forbidden_address' });
      expect(arrived).toEqual([]);
    },
  );

  test.each(['http://10.0.0.7', 'http://[::1]', 'https://0x7f.1'])(
    'an address such as %s is not asked, although nock would answer there',
    async (events_url) => {
      const there = { ...place, config: { events_url }, hosts: { events: events_url } };
      const { result, arrived } = await played(pagerdutyVendor, row, { place: there });
      expect(result).toMatchObject({ verb: 'reject', reason: 'forbidden_address' });
      expect(arrived).toEqual([]);
    },
  );

  test('what nock does not know stays here', async () => {
    const { result, arrived } = await played(pagerdutyVendor, { ...row, calls: [] }, { place });
    expect(result).toMatchObject({ verb: 'retry' });
    expect(arrived).toEqual([]);
    expect(takeRefused()).toEqual([]);
  });
});
