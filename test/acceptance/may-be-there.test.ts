/**
 * What may be on the page.
 *
 * At eight the line stops, and the status page takes our first sentence and answers that it failed; for minutes it answers
 * nothing else, so nobody can tell whether the public reads it. Until somebody can, nothing else is said there: what comes
 * next looks for what is there and goes on with it, also after the end. A second incident on the page would leave the first
 * one open for ever. People hear what to look at, and what they found by eye ends the alarm.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { alarms, read, rejectsAsMachine } from './public-page.ts';
import { trams, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const FIRST = 'We are investigating a problem with Line 1. Next update: 08:30 UTC.';

/** The first sentence goes out by itself, all others wait for the speaker. */
const firstByItself = (yaml: string): string =>
  unhurried(yaml).replace('approval: {investigating: speaker,', 'approval: {investigating: none,');

/** At eight, with a page that takes what it is told and answers 503 for six minutes, or until it is healed. */
async function unsure(how: 'for six minutes' | 'until healed'): Promise<Stage> {
  const stage = await trams(firstByItself);
  const until = how === 'until healed' ? {} : { until: stage.clock.now() + 6 * 60_000 };
  stage.fault({ target: 'page', fault: '5xx-but-done', ...until });
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  return stage;
}

/** In which minutes people heard an alarm. */
function alarmed(stage: Stage): readonly string[] {
  const said = stage.messages().filter(({ text }) => text.includes('ALARM'));
  return said.map(({ time }) => time.slice(14, 16));
}

/** What `show` says of the page. */
async function shown(stage: Stage): Promise<unknown> {
  const { json } = (await stage.api('boss', 'GET /api/v1/incidents/inc-1')) as { json: unknown };
  return (json as { readonly public: unknown }).public;
}

const closeByHand = 'look at the page, and close by hand what it shows of inc-1';

describe('what comes next goes on with what is there', () => {
  test('an end that was approved while nobody knew ends the first incident of the page', async () => {
    const stage = await unsure('for six minutes');
    await stage.at('2m');
    await stage.act('boss', 'resolve');
    await stage.at('4m');
    await stage.approve('herald');
    await stage.at('5m30s');
    expect(await alarms(stage)).toEqual([expect.stringContaining(closeByHand)]);
    await stage.at('15m');
    expect(read(stage)).toEqual([
      '08:00 i00000000001 investigating',
      '08:10 i00000000001 resolved',
    ]);
    expect(stage.posts().at(-1)?.components).toEqual({ 'Line 1': 'operational' });
    expect(await alarms(stage)).toEqual([]);
    expect(alarmed(stage), 'it leaves in time, once it can').toEqual(['05']);
  });

  test.each([
    ['resolve', {}, 'is resolved'],
    ['false-positive', { reason: 'load test' }, 'This was a false alarm'],
  ] as const)('%s after the alarm: what is there is found and ended', async (verb, body, words) => {
    const stage = await unsure('for six minutes');
    await stage.at('7m');
    await stage.act('boss', verb, body);
    await stage.at('8m');
    await stage.approve('herald');
    await stage.at('9m');
    expect(read(stage)).toEqual([
      '08:00 i00000000001 investigating',
      '08:08 i00000000001 resolved',
    ]);
    expect(stage.posts().at(-1)?.body).toContain(words);
    expect(await alarms(stage)).toEqual([]);
  });

  test('news is told by the incident that is there, and so is the end', async () => {
    const stage = await unsure('for six minutes');
    await stage.at('7m');
    await stage.act('driver', 'phase', { phase: 'identified' });
    await stage.approve('herald');
    await stage.at('20m');
    await stage.act('boss', 'resolve');
    await stage.approve('herald');
    await stage.at('21m');
    expect(read(stage)).toEqual([
      '08:00 i00000000001 investigating',
      '08:07 i00000000001 identified',
      '08:20 i00000000001 resolved',
    ]);
    expect(stage.posts()[0]?.body).toBe(FIRST);
  });

  test('nothing is said while nobody can tell, and the words of then are said when it is found', async () => {
    const stage = await unsure('until healed');
    await stage.at('7m');
    await stage.act('driver', 'phase', { phase: 'identified' });
    await stage.approve('herald');
    await stage.at('29m');
    expect(read(stage)).toEqual(['08:00 i00000000001 investigating']);
    stage.healed();
    await stage.at('35m');
    expect(read(stage).slice(0, 2)).toEqual([
      '08:00 i00000000001 investigating',
      expect.stringMatching(/^08:3\d i00000000001 identified$/),
    ]);
    expect(await alarms(stage)).toEqual([]);
  });

  test('a flag forbids more: what is found is told to the team, and nothing is said to the public', async () => {
    const stage = await unsure('for six minutes');
    await stage.at('3m');
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('5m30s');
    expect(await alarms(stage)).toEqual([expect.stringContaining(closeByHand)]);
    await stage.at('15m');
    expect(read(stage)).toEqual(['08:00 i00000000001 investigating']);
    expect(stage.messages().map(({ text }) => text)).toContainEqual(
      expect.stringContaining('d1 reached page although public posts are stopped'),
    );
    expect(await alarms(stage)).toEqual([]);
  });
});

test('news that a person rejects leaves what may be there to be found, and the next update goes on with it', async () => {
  const stage = await unsure('until healed');
  await stage.at('7m');
  await stage.act('driver', 'phase', { phase: 'identified' });
  await stage.act('herald', 'posts/d2/reject', { reason: 'names the wrong line' });
  await stage.at('9m');
  stage.healed();
  await stage.at('40m');
  expect(read(stage)).toEqual([
    '08:00 i00000000001 investigating',
    '08:30 i00000000001 investigating',
  ]);
  expect(await alarms(stage)).toEqual([]);
});

describe('the page never tells', () => {
  test('people are alarmed after the end as well, until one has looked and says so', async () => {
    const stage = await unsure('until healed');
    await stage.at('2m');
    await stage.act('boss', 'resolve');
    await stage.at('4m');
    await stage.approve('herald');
    await stage.at('40m');
    expect(await alarms(stage)).toEqual([expect.stringContaining(closeByHand)]);
    expect(alarmed(stage), 'about one thing, at the interval of alarms').toEqual([
      '05',
      '15',
      '25',
      '35',
    ]);
    expect(await shown(stage)).toMatchObject([{ published: null, mayBeThere: 'd1' }]);
    const before = (await stage.rings()).length;
    const unseen = await rejectsAsMachine(stage, 'd1', { closed: false, reason: 'no' });
    expect(unseen.status, 'a machine has not looked').toBe(403);
    await stage.act('boss', 'posts/d1/reject', { reason: 'closed by hand' });
    expect(await alarms(stage)).toEqual([]);
    stage.healed();
    await stage.at('120m');
    expect(await stage.rings()).toHaveLength(before);
    expect(read(stage), 'its end opens no incident of its own').toHaveLength(1);
  });

  test('whoever is rung after it was closed can answer here, and is left in peace', async () => {
    const stage = await unsure('until healed');
    await stage.at('3m');
    await stage.act('boss', 'false-positive', { reason: 'load test' });
    await stage.at('6m');
    expect((await stage.rings()).at(-1)).toMatch(/^08:05:\d\d \| rang \| herald/);
    await stage.act('herald', 'acknowledge', {});
    await stage.at('34m');
    expect((await stage.rings()).at(-1)).toMatch(/^08:05:\d\d \| rang \| herald/);
    await stage.act('herald', 'posts/d1/reject', { reason: 'closed by hand' });
    const { status, text } = await stage.api(
      'herald',
      'POST /api/v1/incidents/inc-1/acknowledge',
      {},
    );
    expect([status, text], 'nothing rings any more').toEqual([
      409,
      expect.stringContaining('closed'),
    ]);
  });

  test('what is over is not sent once more: whoever approves it reads why', async () => {
    const stage = await unsure('until healed');
    await stage.at('6m');
    await stage.act('boss', 'false-positive', { reason: 'load test' });
    const { status, text } = await stage.api(
      'herald',
      'POST /api/v1/incidents/inc-1/posts/d1/approve',
      {},
    );
    expect([status, text]).toEqual([409, expect.stringContaining('tocsin reject inc-1 d1')]);
  });
});

describe('the page takes no connection, and nothing is there', () => {
  /** Nobody can connect for six minutes. */
  async function cutOff(): Promise<Stage> {
    const stage = await trams(firstByItself);
    stage.fault({ target: 'page', fault: 'refuse', until: stage.clock.now() + 6 * 60_000 });
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
    return stage;
  }

  test.each([2, 7])(
    'a false alarm after %i minutes leaves nobody rung for a post that is gone',
    async (minute) => {
      const stage = await cutOff();
      await stage.at(`${minute}m`);
      await stage.act('boss', 'false-positive', { reason: 'load test' });
      await stage.at('11m');
      const rings = (await stage.rings()).length;
      expect(await alarms(stage)).toEqual([]);
      await stage.at('3h');
      expect(await stage.rings()).toHaveLength(rings);
      expect(stage.posts()).toEqual([]);
    },
  );

  test('where the page says all the time that it is missing, nobody is alarmed', async () => {
    const stage = await trams(firstByItself);
    stage.fault({ target: 'page', method: 'POST', fault: 'refuse' });
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.at('2m');
    await stage.act('boss', 'false-positive', { reason: 'load test' });
    await stage.at('30m');
    expect(alarmed(stage)).toEqual([]);
    expect((await stage.incident()).drafts['d1']?.state).toBe('withdrawn');
  });

  test('an end that was approved is not said of what was never there, and people hear that', async () => {
    const stage = await cutOff();
    await stage.at('2m');
    await stage.act('boss', 'resolve');
    await stage.at('4m');
    await stage.approve('herald');
    await stage.at('15m');
    expect(stage.posts()).toEqual([]);
    expect(await alarms(stage)).toEqual([]);
    expect(stage.messages().map(({ text }) => text)).toContainEqual(
      'inc-1: d2 (resolved) is not said on page: nothing of inc-1 was there that it could end.',
    );
  });
});
