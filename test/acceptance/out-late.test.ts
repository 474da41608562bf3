/**
 * A page that its pager carries out late.
 *
 * A tram line stops at eight. PagerDuty is slow: what is asked of it comes twenty seconds later, or forty, or two minutes, and
 * the answer never. Whoever saw the alert in the chat answers at once, or it was a false alarm. When the phone begins to ring
 * at last, nobody is wanted by it any more, and no webhook tells of it: so it is looked for, and silenced as it was answered
 * or ended here.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty, bothPagers } from './theirs.ts';
import { trams, trusting } from './trams.ts';

// Simulated minutes pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** No pager tells anything by itself. */
const unheard = (yaml: string): string =>
  trusting(yaml)
    .replace(/\n {2}calls: .*/, '')
    .replace(/\n {2}genie: .*/, '')
    .replace('declared: [commander, speaker]', 'declared: []')
    .replace('Some passengers wait.\n    urgency: high', 'Some passengers wait.\n    urgency: low')
    .replaceAll(', trusted: true', '');

const posts = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;

/** What PagerDuty is asked for in the first minute is carried out so much later, and answered 504. */
async function late(doneAfterMs: number, edit = unheard): Promise<Stage> {
  const stage = await trams(edit);
  const until = stage.clock.now() + 60_000;
  stage.fault({ ...posts, fault: '5xx-but-done', doneAfterMs, until });
  return stage;
}

/** What is not over at PagerDuty, as it says itself. */
async function openThere(stage: Stage): Promise<readonly string[]> {
  const query = 'statuses[]=triggered&statuses[]=acknowledged';
  const { json } = await atPagerDuty(stage, `/incidents?${query}`, { method: 'GET' });
  const { incidents } = json as {
    readonly incidents: readonly { readonly status: string; readonly urgency: string }[];
  };
  return incidents.map(({ status, urgency }) => `${status} ${urgency}`);
}

async function rings(stage: Stage): Promise<readonly string[]> {
  const { pages } = await stage.incident();
  return Object.values(pages).flatMap((page) =>
    page.rings.map(({ target, status }) => `${page.id} ${page.state} ${target} ${status}`),
  );
}

test('answered here two seconds later, a page that PagerDuty carries out after twenty is acknowledged there', async () => {
  const stage = await trams(unheard);
  stage.fault({ target: 'pd', method: 'POST', fault: 'slow', until: stage.clock.now() + 60_000 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('2s');
  await stage.act('driver', 'acknowledge');
  await stage.at('3m');
  expect(stage.pages('rang').map(({ time }) => time.slice(11, 19))).toEqual(['08:00:20']);
  expect(await openThere(stage)).toEqual(['acknowledged high']);
  expect(await rings(stage)).toEqual(['p1 acknowledged pd confirmed']);
});

describe.each([5_000, 40_000, 240_000])('carried out after %i ms', (ms) => {
  test.each([
    [
      'acknowledge',
      { who: 'driver', there: ['acknowledged high'], here: 'acknowledged pd confirmed' },
    ],
    [
      'false-positive',
      { who: 'boss', body: { reason: 'a drill' }, there: [], here: 'closed pd closed' },
    ],
    ['resolve', { who: 'boss', there: [], here: 'closed pd closed' }],
  ] as const)('after %s it falls silent', async (verb, { who, there, here, ...more }) => {
    const stage = await late(ms);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2s');
    await stage.act(who, verb, 'body' in more ? more.body : {});
    await stage.at('7m');
    expect(await openThere(stage)).toEqual(there);
    expect(await rings(stage)).toEqual([`p1 ${here}`]);
  });

  test('after a raise the soft ring ends, and the loud one rings on', async () => {
    const stage = await late(ms);
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('2s');
    await stage.act('boss', 'severity', { level: 'bad', reason: 'The whole line stands.' });
    await stage.at('4m50s');
    expect(await openThere(stage)).toContain('triggered high');
    await stage.at('5m30s');
    expect(await openThere(stage)).not.toContain('triggered low');
  });
});

test('answered at the next pager, it is acknowledged at the first when that carries it out', async () => {
  const stage = await trams((yaml) => unheard(bothPagers(yaml)));
  const until = stage.clock.now() + 180_000;
  stage.fault({ ...posts, fault: '5xx-but-done', doneAfterMs: 120_000, until });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('63s');
  await stage.answer('driver', { target: 'og' });
  await stage.at('8m');
  expect(await openThere(stage)).toEqual(['acknowledged high']);
  expect(await rings(stage)).toEqual([
    'p1 acknowledged pd confirmed',
    'p1 acknowledged og confirmed',
  ]);
});

test('of several attempts that come one after the other, each is closed: the end was long before them', async () => {
  const stage = await late(120_000);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('55s');
  await stage.act('boss', 'false-positive', { reason: 'a drill' });
  await stage.at('6m');
  expect(stage.pages('rang').length).toBeGreaterThan(1);
  expect(await openThere(stage)).toEqual([]);
});

test('resolved at PagerDuty after it came late, it is over there, and known to be', async () => {
  const stage = await late(40_000);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('2s');
  await stage.act('driver', 'acknowledge');
  await stage.at('2m');
  const [ref] = stage.pages('rang').map((page) => page.ref);
  const body = { incident: { type: 'incident_reference', status: 'resolved' } };
  await atPagerDuty(stage, `/incidents/${ref ?? ''}`, { method: 'PUT', body });
  await stage.at('5m');
  expect(stage.pages().map(({ event }) => event)).toEqual(['rang', 'acknowledged', 'resolved']);
  expect(await rings(stage)).toEqual(['p1 acknowledged pd closed']);
});

test('a page that Opsgenie carries out late falls silent as well', async () => {
  const stage = await trams((yaml) =>
    unheard(bothPagers(yaml)).replace('pagerduty: {name: Driver, id: PDRIVER}, ', ''),
  );
  stage.fault({ target: 'og', method: 'POST', fault: 'slow', times: 1 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('2s');
  await stage.act('driver', 'acknowledge');
  await stage.at('3m');
  expect(stage.pages().map(({ event }) => event)).toEqual(['rang', 'acknowledged']);
  expect(await rings(stage)).toEqual(['p1 acknowledged og confirmed']);
});

test('an offer that was declined before its phone rang does not ring on', async () => {
  const stage = await trams((yaml) =>
    unheard(yaml).replace('declared: []', 'declared: [commander]'),
  );
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('1m');
  await stage.answer('driver');
  await stage.act('boss', 'declare');
  await stage.act('boss', 'acknowledge');
  await stage.at('5m');
  const until = stage.clock.now() + 60_000;
  stage.fault({ ...posts, fault: '5xx-but-done', doneAfterMs: 40_000, until });
  await stage.act('boss', 'hand-offs', { role: 'commander', person: 'herald' });
  await stage.at('5m2s');
  await stage.act('herald', 'offers/decline', { why: 'asleep until nine' });
  await stage.at('8m');
  const offered = stage.pages().filter(({ address }) => address === 'PHERALD');
  expect(offered.map(({ event }) => event)).toContain('rang');
  expect((await openThere(stage)).filter((one) => one.startsWith('triggered'))).toEqual([]);
});
