import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/index.ts';
import type { Alert, ParseResult } from '../../src/contract/index.ts';
import { adapterConformance } from '../../test/conformance/adapter.ts';
import { alertmanager } from './alertmanager.ts';
import { parseDelivery } from './parse.ts';

const FIXTURES = new URL('./fixtures/', import.meta.url);
const SHARED = new URL('../../../shared/vendors/payloads/', import.meta.url);

function fixture(name: string, folder = FIXTURES): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<string, unknown>;
}

function parse(body: unknown): ParseResult {
  return parseDelivery(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
}

function parsed(body: unknown): {
  alerts: readonly Alert[];
  truncated: number;
  ignored: readonly { what: string }[];
} {
  const result = parse(body);
  if (!result.ok) throw new Error(result.reason);
  return { ...result.parsed, alerts: result.parsed.observations as readonly Alert[] };
}

const folder = new URL('.', import.meta.url);
const deliveries = readdirSync(FIXTURES).map((name) => ({
  name,
  body: fixture(name),
  deliveryId: null,
}));

adapterConformance({
  adapter: alertmanager,
  folder,
  source: {
    signing: {
      configOf: (token) => ({ token }),
      sign: (_body, secretText) => ({ authorization: `Bearer ${secretText}` }),
      covers: 'sender',
    },
    deliveries,
    moreConfigs: [{ basic_auth: { username: 'prometheus', password: [new Secret('p')] } }],
  },
});

adapterConformance({
  adapter: alertmanager,
  folder,
  source: {
    signing: {
      configOf: (password) => ({ basic_auth: { username: 'prometheus', password } }),
      sign: (_body, secretText) => ({
        authorization: `Basic ${Buffer.from(`prometheus:${secretText}`).toString('base64')}`,
      }),
      covers: 'sender',
    },
    deliveries,
  },
});

describe('a firing alert', () => {
  it('is read with its own identity, episode, texts, severity word and links', () => {
    expect(parsed(fixture('firing.json'))).toMatchObject({
      truncated: 0,
      ignored: [],
      alerts: [
        {
          kind: 'alert',
          dedupKey: '5c1f0e7ad1f40a22',
          status: 'firing',
          title: 'Checkout answers 12% errors',
          description: 'The rate of 5xx answers of checkout in eu is above 5% for 5 minutes.',
          labels: { service: 'checkout', region: 'eu' },
          vendorSeverity: 'critical',
          startsAt: 1_772_442_845_123,
          observedAt: null,
          links: [
            {
              url: 'https://prometheus.example.net/graph?g0.expr=errors&g0.tab=1',
              text: 'Source of the alert',
            },
            { url: 'https://runbooks.example.net/checkout-errors', text: 'Runbook' },
            { url: 'https://alertmanager.example.net', text: 'Alertmanager' },
          ],
        },
      ],
    });
  });

  it('keeps key and episode when it is resolved, so that the resolve finds it', () => {
    const [fired] = parsed(fixture('firing.json')).alerts;
    const [resolved] = parsed(fixture('resolved.json')).alerts;
    expect(resolved).toMatchObject({
      dedupKey: fired?.dedupKey,
      startsAt: fired?.startsAt,
      status: 'resolved',
    });
  });

  it('is named by alertname and place when there is no summary', () => {
    const body = {
      alerts: [{ fingerprint: 'f', labels: { alertname: 'DiskFull', instance: 'db-1' } }],
    };
    expect(parsed(body).alerts[0]?.title).toBe('DiskFull (db-1)');
  });
});

describe('a group', () => {
  it('may hold alerts in mixed states, each with its own', () => {
    const { alerts } = parsed(fixture('mixed-truncated.json'));
    expect(alerts.map((alert) => [alert.labels['instance'], alert.status])).toEqual([
      ['db-1:9100', 'firing'],
      ['db-2:9100', 'resolved'],
    ]);
  });

  it('says how many alerts were cut off, and says nothing about them', () => {
    const { truncated, alerts } = parsed(fixture('mixed-truncated.json'));
    expect([truncated, alerts.length]).toEqual([7, 2]);
  });

  it('that is firing never makes an alert without a status resolved, whatever its end', () => {
    const body = {
      status: 'firing',
      alerts: [{ fingerprint: 'f', endsAt: '2020-01-01T00:00:00Z' }],
    };
    expect(parsed(body).alerts[0]?.status).toBe('firing');
  });

  it('that is resolved has only resolved alerts', () => {
    expect(parsed({ status: 'resolved', alerts: [{ fingerprint: 'f' }] }).alerts[0]?.status).toBe(
      'resolved',
    );
  });

  it('repeated byte for byte reads the same, so that the second changes nothing', () => {
    expect(parse(fixture('firing.json'))).toEqual(parse(fixture('firing.json')));
  });

  it('counts what is no object as missing instead of losing it', () => {
    const { alerts, truncated, ignored } = parsed({
      alerts: [7, { fingerprint: 'f' }],
      truncatedAlerts: 2,
    });
    expect([alerts.length, truncated, ignored]).toEqual([
      1,
      3,
      [{ what: '1 of 2 alerts', reason: 'no JSON object' }],
    ]);
  });
});

describe('an older Alertmanager', () => {
  it('without fingerprints is identified by its labels in any order', () => {
    const key = (labels: object): string | undefined =>
      parsed({ alerts: [{ labels }] }).alerts[0]?.dedupKey;
    expect(key({ a: '1', b: '2' })).toBe(key({ b: '2', a: '1' }));
    expect(key({ a: '1', b: '2' })).not.toBe(key({ a: '12', b: '' }));
    expect(parsed(fixture('old-version.json')).alerts[0]?.dedupKey).toMatch(/^[0-9a-f]{32}$/);
  });

  it('without truncatedAlerts has cut nothing off', () => {
    expect(parsed(fixture('old-version.json')).truncated).toBe(0);
  });
});

describe('hostile and broken bodies', () => {
  it.each([
    ['nothing', '', /empty/],
    ['no JSON', '{"alerts": [', /no JSON/],
    ['another vendor', '{"event": {}}', /`alerts` is missing/],
    ['a list of scalars', '{"alerts": [1, 2]}', /holds no objects/],
    ['a list at the top', '[]', /`alerts` is missing/],
    ['deep nesting', `{"alerts": ${'['.repeat(80)}${']'.repeat(80)}}`, /deeper than 64/],
  ])('%s is refused with the reason', (_what, body, reason) => {
    const result = parse(body);
    expect(result.ok).toBe(false);
    expect(result.ok || result.reason).toMatch(reason);
  });

  it('never link to anything but the web', () => {
    const body = {
      alerts: [
        {
          fingerprint: 'f',
          generatorURL: 'javascript:alert(1)',
          annotations: { runbook_url: 'file:///x' },
        },
      ],
    };
    expect(parsed(body).alerts[0]?.links).toEqual([]);
  });

  it('cannot reach a prototype through a label', () => {
    const [alert] = parsed(
      '{"alerts":[{"fingerprint":"f","labels":{"__proto__":"x","constructor":"y"}}]}',
    ).alerts;
    expect(Object.entries(alert?.labels ?? {})).toEqual([['constructor', 'y']]);
    expect(Object.getPrototypeOf(alert?.labels)).toBe(Object.prototype);
  });
});

describe('a delivery', () => {
  const firing = Buffer.from(JSON.stringify(fixture('firing.json')));
  const token = [new Secret('new-token'), new Secret('old-token')];
  const basic_auth = { username: 'prom', password: [new Secret('pass:word')] };
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
  const verify = (authorization: string | undefined, config: object): boolean | undefined => {
    const headers = authorization === undefined ? {} : { authorization };
    return alertmanager.source?.verify({ headers, body: firing, path: '' }, config, 0).ok;
  };

  it.each([
    ['the new token', 'Bearer new-token', true],
    ['the old token during rotation', 'bearer old-token', true],
    ['a wrong token', 'Bearer new-tokeN', false],
    ['a token cut short', 'Bearer new', false],
    ['the token without scheme', 'new-token', false],
    ['no header', undefined, false],
    ['basic where bearer is configured', basic('prom:new-token'), false],
  ])('with %s', (_what, header, accepted) => {
    expect(verify(header, { token })).toBe(accepted);
  });

  it.each([
    ['user and password', 'prom:pass:word', true],
    ['another user', 'prim:pass:word', false],
    ['a wrong password', 'prom:password', false],
    ['no colon', 'prom', false],
  ])('with basic authentication: %s', (_what, pair, accepted) => {
    expect(verify(basic(pair), { basic_auth })).toBe(accepted);
  });

  it('is refused with the old token after the rotation', () => {
    expect(verify('Bearer old-token', { token: [new Secret('new-token')] })).toBe(false);
  });

  it('has no id of its own: an identical fire tomorrow is a new fire', () => {
    const request = { headers: { authorization: 'Bearer new-token' }, body: firing, path: '' };
    expect(alertmanager.source?.verify(request, { token }, 0)).toEqual({
      ok: true,
      deliveryId: null,
    });
  });

  it('needs a credential in the configuration', () => {
    expect(alertmanager.source?.config.safeParse({}).error?.issues[0]?.message).toMatch(
      /does not sign/,
    );
    expect(alertmanager.source?.config.safeParse({ token }).success).toBe(true);
  });
});

describe('the sample of the vendor', () => {
  it
    .skipIf(!existsSync(SHARED))
    .each(['alertmanager-mixed-truncated.json', 'alertmanager-resolved.json'])(
    '%s is read whole (skipped where the samples are absent)',
    (name) => {
      const { alerts } = parsed(fixture(name, SHARED));
      expect(
        alerts.every((alert) => alert.vendorSeverity === 'critical' && alert.startsAt !== null),
      ).toBe(true);
    },
  );
});
