/**
 * Requests without credentials, in any form.
 *
 * A tram line has stopped and phones ring. Whoever knows our addresses, the ids of our incidents and pages and the keys
 * under which they ring at the pager, but no secret, tries every route and every webhook, in any order, without a secret,
 * with a wrong one and with a signature that is not ours. Whatever they send, no page is changed, nobody is rung, no
 * phone falls silent, and no incident begins or ends.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertmanagerBody } from '../support/bodies.ts';
import { speak } from '../support/http.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const SEED = 11;
const REQUESTS = 250;

interface Tried {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Proofs that prove nothing. */
const PROOFS: readonly Readonly<Record<string, string>>[] = [
  {},
  { authorization: 'Bearer ' },
  { authorization: 'Bearer guessed' },
  { authorization: 'Basic Ym9zczpib3Nz' },
  { authorization: 'bearer undefined' },
  { 'x-pagerduty-signature': `v1=${'0'.repeat(64)}` },
  { 'x-pagerduty-signature': 'v1=' },
  { 'x-tocsin-via': 'cli', cookie: 'token=boss' },
];

/** What the routes of the description ask for, filled in with what there is. */
async function routesOf(stage: Stage): Promise<readonly Pick<Tried, 'method' | 'path'>[]> {
  const { json } = await stage.api('admin', 'GET /api/v1/openapi.json');
  const { paths } = json as { readonly paths: Readonly<Record<string, object>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: path.replaceAll('{id}', 'inc-1').replaceAll(/\{[^}]*\}/g, 'p1'),
    })),
  );
}

/** Bodies that would do something, were they ours. */
async function bodiesOf(stage: Stage): Promise<readonly unknown[]> {
  const { pages } = await stage.incident();
  const [ring] = Object.values(pages).flatMap(({ rings }) => rings);
  const incident = { id: ring?.ref, type: 'incident', incident_key: ring?.key, status: 'resolved' };
  const event = (type: string): object => ({
    event: {
      id: `01${type}`,
      event_type: type,
      occurred_at: '2026-06-09T08:05:00Z',
      agent: { id: 'PBOSS01', type: 'user_reference' },
      data: incident,
    },
  });
  return [
    {},
    { reason: 'noise', text: 'It is over.', person: 'herald', role: 'commander', level: 'worst' },
    { page: 'p1' },
    { what: 'paging', for: '2h', why: 'a drill' },
    alertmanagerBody({ alertname: 'LineStopped', status: 'resolved' }),
    alertmanagerBody({ alertname: 'LineStopped', labels: { line: '2' } }),
    event('incident.acknowledged'),
    event('incident.resolved'),
    event('incident.triggered'),
    '{"alerts": 7}',
  ];
}

test('change no page, ring nobody and silence no phone, whatever they are', async () => {
  const stage = await trams(trusting);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('1m');
  const seen = async () => ({
    pages: (await stage.incidents()).map(({ id, phase, pages }) => ({ id, phase, pages })),
    phones: stage.pages(),
  });
  const before = await seen();
  const routes = await routesOf(stage);
  expect(routes.length).toBeGreaterThan(20);
  const webhooks = ['prometheus', 'calls', 'nobody'].map((source) => ({
    method: 'POST',
    path: `/webhooks/${source}`,
  }));
  const bodies = await bodiesOf(stage);
  const tries = fc.sample(
    fc.record({
      to: fc.oneof(fc.constantFrom(...routes), fc.constantFrom(...webhooks)),
      headers: fc.constantFrom(...PROOFS),
      body: fc.constantFrom(...bodies),
    }),
    { seed: SEED, numRuns: REQUESTS },
  );
  for (const { to, headers, body } of tries) {
    const { method, path } = to;
    const given = method === 'POST' ? { body } : {};
    const type = { 'content-type': 'application/json' };
    const answer = await speak(`${stage.app().url}${path}`, {
      method,
      headers: { ...type, ...headers },
      ...given,
    });
    await stage.clock.settle();
    expect(answer.status, `${method} ${path} ${JSON.stringify(headers)}`).not.toBe(202);
    expect(await seen(), `${method} ${path} ${JSON.stringify(body)}`).toEqual(before);
  }
  await stage.at('3m');
  expect(await seen()).toEqual(before);
}, 60_000);
