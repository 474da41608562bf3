/** What PagerDuty's webhooks tell, event type by event type. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hmac, instantOf, Secret } from '../../src/contract/index.ts';
import type { Parsed, Verified } from '../../src/contract/index.ts';
import { sourceConfig } from './config.ts';
import { source } from './source.ts';

const FIXTURES = new URL('./fixtures/', import.meta.url);
const SHARED = new URL('../../../shared/vendors/payloads/', import.meta.url);
const config = sourceConfig.parse({ secret: [new Secret('s')] });

function parsed(body: unknown): Parsed {
  const result = source.parse({ headers: {}, body: Buffer.from(JSON.stringify(body)) }, config);
  if (!result.ok) throw new Error(result.reason);
  return result.parsed;
}

function fixture(name: string, folder = FIXTURES): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;
}

const ben = { id: 'PBEN001', name: 'Ben Okafor', email: null };
const ada = { id: 'PADA001', name: 'Ada Marsh', email: null };

describe('an incident', () => {
  test('is told whole', () => {
    expect(parsed(fixture('webhook-triggered.json')).observations).toEqual([
      {
        kind: 'vendor_incident',
        action: 'triggered',
        ref: 'Q1HARBOUR00001',
        key: 'checkout/eu/errors',
        title: 'Checkout answers 12% errors in eu',
        description: '',
        url: 'https://harbour.pagerduty.com/incidents/Q1HARBOUR00001',
        labels: {
          vendor: 'pagerduty',
          service: 'Checkout',
          service_id: 'PSVC001',
          team: 'Payments',
          urgency: 'high',
          priority: 'P2',
          escalation_policy: 'Checkout on-call',
          incident_type: 'incident_default',
        },
        vendorSeverity: 'P2',
        urgency: 'high',
        service: { id: 'PSVC001', name: 'Checkout' },
        assignees: [ada],
        by: null,
        note: null,
        mergedInto: null,
        observedAt: instantOf('2026-03-02T09:20:00.250Z'),
      },
    ]);
  });

  test.each([
    ['acknowledged', { action: 'acknowledged', by: ben, assignees: [ben] }],
    ['unacknowledged', { action: 'unacknowledged', by: null }],
    ['resolved', { action: 'resolved', by: ben, assignees: [], mergedInto: null }],
    ['merged', { action: 'merged', by: ben, mergedInto: 'Q1HARBOUR00009' }],
    ['reopened', { action: 'reopened' }],
    ['escalated', { action: 'escalated', assignees: [{ id: 'PCLE001' }], by: null }],
    ['reassigned', { action: 'reassigned', assignees: [ben] }],
    ['delegated', { action: 'reassigned', labels: { escalation_policy: 'Platform on-call' } }],
    ['service-updated', { action: 'reassigned', service: { id: 'PSVC002', name: 'Ledger' } }],
    ['priority', { action: 'priority_changed', vendorSeverity: 'P1' }],
    ['type-changed', { action: 'noted', note: 'Incident type: major_default' }],
    ['annotated', { action: 'noted', by: ben, note: 'Rolled back release 4.2 – Fehler sinken' }],
    ['annotated-trimmed', { action: 'noted', by: null, note: 'Resolution Note: the rollback […]' }],
    ['status-update', { action: 'noted', note: 'Error rate is falling' }],
    ['responder-added', { action: 'noted', note: 'Ada Marsh was asked to respond', by: ben }],
    ['responder-accepted', { action: 'acknowledged', by: ada, key: null }],
    [
      'responder-declined',
      { action: 'noted', by: ada, note: 'Ada Marsh answered the request to respond: declined' },
    ],
    [
      'conference-bridge',
      { note: 'Conference bridge: https://meet.example.net/417, +49 30 5550100' },
    ],
    ['custom-fields', { action: 'noted', note: 'region: eu' }],
    ['role-assigned', { action: 'noted', note: 'Scribe: Ada Marsh' }],
    ['task-completed', { action: 'noted', note: 'Task completed: Call the bank' }],
    ['workflow-started', { note: 'Workflow started: Open a room', service: { id: 'PSVC001' } }],
    ['action-terminated', { action: 'noted', note: 'Action terminated: Restart pods' }],
  ])('%s is read as such, of the right incident', (name, expected) => {
    const { observations, ignored } = parsed(fixture(`webhook-${name}.json`));
    expect(observations).toMatchObject([{ ref: 'Q1HARBOUR00001', ...expected }]);
    expect(ignored).toEqual([]);
  });

  test.each([
    ['service-changed', 'service.updated', /of a service/],
    ['ping', 'pagey.ping', /test of a webhook/],
    ['unknown', 'incident.teleported', /does not know/],
    ['responder-host-acknowledged', 'incident.acknowledged', /nobody’s answer/],
  ])('%s is left aside with the reason', (name, what, reason) => {
    const { observations, ignored } = parsed(fixture(`webhook-${name}.json`));
    expect(observations).toEqual([]);
    expect(ignored).toEqual([{ what, reason: expect.stringMatching(reason) as string }]);
  });

  test('that carries a responder request goes by the key of its page', () => {
    const body = fixture('webhook-triggered.json') as {
      event: { event_type: string; data: { incident_key: string } };
    };
    body.event.data.incident_key = 'tocsin/inst/i1/p3#responder';
    // That it is there rings nobody yet.
    expect(parsed(body).observations).toEqual([]);
    body.event.event_type = 'incident.resolved';
    expect(parsed(body).observations).toMatchObject([
      { action: 'resolved', key: 'tocsin/inst/i1/p3' },
    ]);
  });

  test('without an id, or of another vendor, is no observation', () => {
    expect(
      parsed({ event: { event_type: 'incident.triggered', data: { type: 'incident' } } })
        .observations,
    ).toEqual([]);
    expect(
      parsed({ event: { event_type: 'incident.annotated', data: null } }).ignored,
    ).toHaveLength(1);
    for (const body of ['{"messages":[]}', '[]', 'no', '{"event":{}}'])
      expect(source.parse({ headers: {}, body: Buffer.from(body) }, config)).toMatchObject({
        ok: false,
      });
  });

  test('whose type is a name of Object.prototype is an unknown type', () => {
    const event = { event_type: 'constructor', data: { type: 'incident', id: 'Q1' } };
    expect(parsed({ event }).ignored).toMatchObject([{ what: 'constructor' }]);
  });
});

interface Vector {
  readonly scheme: string;
  readonly secret: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly valid: boolean;
}

function verified(secrets: readonly string[], header: string | undefined, body: string): Verified {
  const headers = header === undefined ? {} : { 'x-pagerduty-signature': header };
  const given = sourceConfig.parse({ secret: secrets.map((each) => new Secret(each)) });
  return source.verify({ headers, body: Buffer.from(body), path: '' }, given, 0);
}

describe('signatures', () => {
  const file = new URL('signature-vectors.json', SHARED);
  const vectors = existsSync(file) ? (fixture('signature-vectors.json', SHARED) as Vector[]) : [];
  const ours = vectors.filter((each) => each.scheme === 'pagerduty-v3');

  test.skipIf(ours.length === 0)(
    'the vectors verify as they say (skipped without the vectors)',
    () => {
      for (const { secret, headers, body, valid } of ours)
        expect(verified([secret], headers['X-PagerDuty-Signature'], body).ok).toBe(valid);
    },
  );

  // HMAC-SHA256 of 'Grüße' by OpenSSL, keyed 'one' and 'two'.
  const [one, two] = [
    '32c9d4f352ec139a4b1c4805c54256b650c171aa5d0370a822ccabc771e3452f',
    '782808b00bf52972d40fdafeed953c67282872ed59c9b12300ec176e1dd8a643',
  ];
  test('one fitting signature among several is enough, for either secret', () => {
    expect(verified(['one'], `v1=${two}, v1=${one}`, 'Grüße')).toEqual({
      ok: true,
      deliveryId: null,
    });
    expect(verified(['two'], `v1=${one},v1=${two}`, 'Grüße').ok).toBe(true);
    expect(verified(['new', 'one'], `v1=${one}`, 'Grüße').ok).toBe(true);
    expect(verified(['one', 'new'], `v1=${one}`, 'Grüße').ok).toBe(true);
    expect(verified(['one'], `v1=${one},v1=${two}`, 'Grüße').ok).toBe(true);
    expect(verified(['three'], `v1=${one},v1=${two}`, 'Grüße').ok).toBe(false);
  });

  test('of another length are refused, not stumbled over', () => {
    for (const odd of [one.slice(2), one.slice(0, -1), `${one}00`, '', 'zz'.repeat(32)])
      expect(verified(['one'], `v1=${odd}`, 'Grüße').ok).toBe(false);
  });

  test.each([
    ['the event, whose id is signed', '{"event":{"id":"01E"}}', '01E'],
    ['nothing where there is none', 'Grüße', null],
  ])('leave it to the id of %s to tell a repeat from news', (_, body, deliveryId) => {
    const signature = `v1=${hmac('sha256', 'one', body).toString('hex')}`;
    const request = {
      headers: { 'x-pagerduty-signature': signature, 'x-webhook-id': 'd-1' },
      body: Buffer.from(body),
      path: '',
    };
    const given = sourceConfig.parse({ secret: [new Secret('one')] });
    expect(source.verify(request, given, 0)).toEqual({ ok: true, deliveryId });
  });

  test('other versions do not count', () => {
    expect(verified(['one'], `v0=${one},v2=${one},${one}`, 'Grüße')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('no v1') as string,
    });
    expect(verified(['one'], undefined, 'Grüße')).toMatchObject({ ok: false });
  });

  test('three secrets are one rotation too many', () => {
    expect(
      sourceConfig.safeParse({ secret: ['a', 'b', 'c'].map((each) => new Secret(each)) }).success,
    ).toBe(false);
    expect(sourceConfig.safeParse({ secret: [] }).success).toBe(false);
  });
});

describe('the vendor’s own samples', () => {
  const isHere = existsSync(SHARED);
  const samples = isHere
    ? readdirSync(SHARED).filter((name) => /^pagerduty-(incident|service)\./.test(name))
    : [];
  const actions: Readonly<Record<string, string>> = {
    delegated: 'reassigned',
    service_updated: 'reassigned',
    priority_updated: 'priority_changed',
    reopened: 'reopened',
    unacknowledged: 'unacknowledged',
  };

  test.skipIf(!isHere)('each is read as its name says (skipped without the samples)', () => {
    expect(samples.length).toBeGreaterThan(10);
    for (const name of samples) {
      const { observations, ignored } = parsed(fixture(name, SHARED));
      const type = name.replace(/^pagerduty-\w+\.|\.json$/g, '');
      if (name.startsWith('pagerduty-service.')) expect(ignored, name).toHaveLength(1);
      else
        expect(observations, name).toMatchObject([
          { action: actions[type] ?? 'noted', ref: expect.stringMatching(/^[PQ]/) as string },
        ]);
    }
  });
});
