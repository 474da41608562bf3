/**
 * A status page that is switched off while it shows an outage.
 *
 * At five past eight somebody sets the page to `off` and reloads. What it says stays there: nothing that Tocsin only records is
 * on it. So people hear that the public reads something old, and what is to be closed by hand; and when the page is switched on
 * again, also after the end, it is brought up to date. A page that was off from the start shows nothing, and alarms nobody.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const LIVE = unhurried(trusting(CONFIG));
const OFF = LIVE.replace(
  'page: {type: statuspage, mode: live',
  'page: {type: statuspage, mode: off',
);

/** The line has stopped, and the page is in that mode. */
async function stopped(yaml: string): Promise<Stage> {
  const stage = await trams(() => yaml);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  return stage;
}

/** It has stopped, the public knows, and at five past eight the page is switched off. */
async function switchedOff(): Promise<Stage> {
  const stage = await stopped(LIVE);
  await stage.at('5m');
  await stage.reload(OFF);
  return stage;
}

function read(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, status }) => `${time.slice(11, 16)} ${status}`);
}

async function alarms(stage: Stage): Promise<readonly string[]> {
  return Object.values((await stage.incident()).alarms).map(({ reason }) => reason);
}

async function shown(stage: Stage): Promise<unknown> {
  const { json } = (await stage.api('boss', 'GET /api/v1/incidents/inc-1')) as { json: unknown };
  return (json as { readonly public: unknown }).public;
}

async function timeline(stage: Stage): Promise<string> {
  return (await stage.api('boss', 'GET /api/v1/incidents/inc-1')).text;
}

test.each([
  ['resolve', {}],
  ['false-positive', { reason: 'load test' }],
] as const)(
  '%s: people hear that the page must be closed by hand, until they have',
  async (verb, body) => {
    const stage = await switchedOff();
    await stage.at('10m');
    await stage.act('boss', verb, body);
    await stage.at('11m');
    expect(read(stage)).toEqual(['08:00 investigating']);
    expect(stage.messages().map(({ text }) => text)).toContainEqual(
      'inc-1 is over; page still says investigating, and Tocsin may not end it (page is off): close it by hand, and its components.',
    );
    expect(await shown(stage)).toMatchObject([
      { published: 'investigating', byHand: 'page is off' },
    ]);
    expect(await alarms(stage)).toEqual([
      'draft d2 (resolved) was not published on page: recorded, not sent (page is off). Set its mode to live, and it is closed there. If it lasts: page still says investigating: close it there by hand, and its components; then `tocsin reject inc-1 d2 --closed --reason "closed by hand"`',
    ]);
    expect(await timeline(stage)).not.toContain('Public post d2 is published');
    await stage.act('boss', 'posts/d2/reject', { reason: 'closed by hand', closed: true });
    expect(await alarms(stage)).toEqual([]);
  },
);

test.each([
  ['resolve', {}, 'The problem with Line 1 is resolved.'],
  ['false-positive', { reason: 'load test' }, 'there is no problem with Line 1'],
] as const)('switched on after %s: the page is closed', async (verb, body, words) => {
  const stage = await switchedOff();
  await stage.at('10m');
  await stage.act('boss', verb, body);
  await stage.at('60m');
  await stage.reload(LIVE);
  await stage.at('65m');
  expect(read(stage)).toEqual(['08:00 investigating', expect.stringMatching(/ resolved$/)]);
  expect(stage.posts().at(-1)?.body).toContain(words);
  expect(stage.posts().at(-1)?.components).toEqual({ 'Line 1': 'operational' });
  expect(await alarms(stage)).toEqual([]);
});

test('switched on while it lasts: the page says what holds by then, and promises what is true', async () => {
  const stage = await switchedOff();
  await stage.at('10m');
  await stage.act('driver', 'phase', { phase: 'identified' });
  await stage.at('50m');
  expect(read(stage)).toEqual(['08:00 investigating']);
  expect(await alarms(stage)).toEqual([
    'draft d2 (identified) was not published on page: recorded, not sent (page is off). page still says investigating and promises an update at 08:30 UTC: tell it there by hand, or set its mode to live, and it is brought up to date',
  ]);
  expect(
    Object.keys((await stage.incident()).drafts),
    'nothing is recorded again and again',
  ).toEqual(['d1', 'd2']);
  await stage.reload(LIVE);
  await stage.at('52m');
  expect(read(stage)).toEqual(['08:00 investigating', '08:51 identified']);
  expect(stage.posts().at(-1)?.body).toContain('Next update: 09:21 UTC.');
  expect(await alarms(stage)).toEqual([]);
});

test('the promise that is on the page passes, and people hear that it is broken', async () => {
  const stage = await switchedOff();
  await stage.at('29m');
  expect(await alarms(stage)).toEqual([]);
  await stage.at('31m');
  expect(await alarms(stage)).toEqual([expect.stringContaining('promises an update at 08:30 UTC')]);
  await stage.at('120m');
  expect(Object.keys((await stage.incident()).drafts)).toEqual(['d1', 'd2']);
});

test('what is approved while the page is off is recorded, and whoever approves it hears so', async () => {
  const stage = await switchedOff();
  await stage.act('driver', 'phase', { phase: 'identified', text: 'A release broke the doors.' });
  const path = 'POST /api/v1/incidents/inc-1/posts/d2/approve';
  const { text } = await stage.api('herald', path, {});
  expect(text).toContain('page is off: it is recorded, and goes out once page is live.');
  await stage.reload(LIVE);
  await stage.at('8m');
  expect(read(stage)).toEqual(['08:00 investigating', expect.stringMatching(/ identified$/)]);
});

test('a first post that may be there cannot be looked for while the page is off, and is found when it is on', async () => {
  const stage = await trams(() => LIVE);
  stage.fault({ target: 'page', method: 'POST', fault: '5xx-but-done', times: 1 });
  stage.fault({ target: 'page', method: 'GET', fault: 'hang' });
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('1m');
  await stage.reload(OFF);
  stage.healed();
  await stage.at('30m');
  expect(await shown(stage)).toMatchObject([{ published: null, mayBeThere: 'd1' }]);
  await stage.reload(LIVE);
  await stage.at('32m');
  expect(await shown(stage)).toMatchObject([{ published: 'investigating', mayBeThere: null }]);
});

test('off from the start: nothing is there, nothing is to be closed, and nobody is alarmed', async () => {
  const stage = await stopped(OFF);
  await stage.at('40m');
  await stage.act('boss', 'resolve');
  await stage.at('50m');
  expect(read(stage)).toEqual([]);
  expect(stage.messages().filter(({ text }) => text.includes('close it by hand'))).toEqual([]);
  expect(await alarms(stage)).toEqual([]);
});

describe('raised while the page is off, to a level at which somebody approves what failed', () => {
  /** At eight a milder incident is public; its page is off, its news fails, and it gets worse. */
  async function raised(): Promise<Stage> {
    const approved = (yaml: string): string =>
      yaml.replace('approval: none', 'approval: {investigating: none, otherwise: speaker}');
    const stage = await trams(() => approved(LIVE));
    const declared = { title: 'Doors do not close', level: 'mild', service: 'line-1' };
    await stage.api('boss', 'POST /api/v1/incidents', declared);
    await stage.at('1m');
    await stage.reload(approved(OFF));
    await stage.at('5m');
    await stage.act('boss', 'phase', { phase: 'identified' });
    await stage.at('10m');
    await stage.act('boss', 'severity', { level: 'bad' });
    return stage;
  }

  /** The alarm about the page. */
  const said = async (stage: Stage): Promise<string | undefined> =>
    (await stage.incident()).alarms['public:page']?.reason;

  test('while it is off people read that it is off, and of no approval that could send it', async () => {
    const stage = await raised();
    await stage.at('60m');
    expect(await said(stage)).toContain('page is off');
    expect(await said(stage)).not.toContain('tocsin approve');
  });

  test('a minute after it is on they read that it waits for one of them, and how', async () => {
    const stage = await raised();
    await stage.at('30m');
    await stage.reload(
      LIVE.replace('approval: none', 'approval: {investigating: none, otherwise: speaker}'),
    );
    await stage.at('31m1s');
    expect(await said(stage)).toBe(
      'the public post (identified) on page is late: draft d3 waits for approval (`tocsin approve inc-1 d3`)',
    );
    expect(read(stage)).toEqual(['08:00 investigating']);
    await stage.act('herald', 'posts/d3/approve');
    await stage.at('33m');
    expect(read(stage).at(-1)).toMatch(/ identified$/);
    expect(await said(stage)).toBeUndefined();
  });
});
