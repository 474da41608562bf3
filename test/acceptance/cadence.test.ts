/**
 * Cadence.
 *
 * A tram line stops at eight in the morning. What the public hears runs on a clock that the level sets, and the clock holds
 * whoever sleeps, whatever breaks and whatever changes:
 *
 *     08:00  a draft is written at once and the speaker is asked
 *     08:03  the speaker is reminded, for it is to be there at 08:05
 *     08:05  it is late: an alarm rings the speaker, ten minutes later whom the configuration names for alarms, and so on
 *     ...    "next update at" is kept, also when the level is lowered, the server was down, or the status page answers
 *            504 without saying whether the sentence stands there now; no sentence ever stands there twice
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const INVESTIGATING = 'We are investigating a problem with Line 1.';
const UNCHANGED =
  'We are still working on the problem with Line 1; there is nothing new to report.';

/** The public sentences so far: when, and what. */
function said(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, body }) => `${time.slice(11, 16)} ${body}`);
}

async function draftStates(stage: Stage): Promise<readonly string[]> {
  return Object.values((await stage.incident()).drafts).map((draft) => draft.state);
}

test('the speaker is silent: draft at once, alarm at 5 minutes and again until he answers', async () => {
  const stage = await trams();
  await stage.alert({ alertname: 'LineStopped' });
  expect(await draftStates(stage)).toEqual(['waiting']);
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);

  await stage.at('21m');
  await stage.approve('herald');
  await stage.act('boss', 'notes', { text: 'Still on it.' });
  await stage.at('36m');
  await stage.timetable(`
    08:00:00 | rang         | driver | on-duty   | pd | high
    08:00:00 | rang         | boss   | commander | pd | high
    08:00:00 | rang         | herald | speaker   | pd | high
    08:00:01 | acknowledged | driver | on-duty   | pd
    08:00:01 | acknowledged | boss   | commander | pd
    08:00:01 | acknowledged | herald | speaker   | pd
    08:05:00 | rang         | herald | alarm     | pd | high
    08:15:00 | rang         | boss   | alarm     | pd | high
    08:21:00 | posted       | investigating | Line 1 degraded_performance | page
    08:21:00 | resolved     | herald | alarm     | pd
    08:21:00 | resolved     | boss   | alarm     | pd
    08:35:00 | posted       | investigating | Line 1 degraded_performance | page
  `);
  const asked = stage.messages().filter(({ text }) => text.includes('waits for your approval'));
  expect(asked.map(({ time }) => time.slice(11, 16))).toEqual(['08:00', '08:03']);
  expect(said(stage)).toEqual([
    `08:21 ${INVESTIGATING} Next update: 08:35 UTC.`,
    `08:35 ${UNCHANGED} Next update: 09:05 UTC.`,
  ]);
  const { publicPages } = await stage.incident();
  expect(publicPages['page']?.url, 'where everybody reads it').toMatch(
    /^https:\/\/stspg\.example\//,
  );
});

test('an update that nobody approves: asked for five minutes before its promise, alarmed as the promise breaks', async () => {
  const stage = await trams((yaml) =>
    yaml.replace('unchanged: none, otherwise', 'unchanged: speaker, otherwise'),
  );
  await stage.alert({ alertname: 'LineStopped' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.approve('herald');
  await stage.at('36m');
  expect(said(stage)).toEqual([`08:00 ${INVESTIGATING} Next update: 08:35 UTC.`]);
  const asked = stage.messages().filter(({ text }) => text.includes('waits for your approval'));
  expect(asked.map(({ time }) => time.slice(11, 16))).toEqual(['08:00', '08:30']);
  const rings = (await stage.rings()).filter((ring) => ring.includes('alarm'));
  expect(rings).toEqual(['08:35:00 | rang | herald | alarm | pd | high']);
});

test('news that waits while a promise breaks: alarmed as it breaks, not as long after as a first post has', async () => {
  const stage = await trams();
  await stage.alert({ alertname: 'LineStopped' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.approve('herald');
  await stage.at('33m');
  await stage.act('driver', 'phase', { phase: 'identified' });
  await stage.at('36m');
  const rings = (await stage.rings()).filter((ring) => ring.includes('alarm'));
  expect(rings).toEqual(['08:35:00 | rang | herald | alarm | pd | high']);
});

test('a lowering keeps the published promise and takes the slower cadence only behind it', async () => {
  const stage = await trams();
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('2m');
  await stage.approve('herald');
  await stage.at('10m');
  await stage.act('boss', 'severity', { level: 'mild', reason: 'half of the trams run again' });
  await stage.at('2h');
  expect(said(stage)).toEqual([
    `08:02 ${INVESTIGATING} Next update: 08:35 UTC.`,
    `08:35 ${UNCHANGED} Next update: 09:35 UTC.`,
    `09:35 ${UNCHANGED} Next update: 10:35 UTC.`,
  ]);
});

test('four updates are missed while the server is down; one is said, and it promises the future', async () => {
  const stage = await trams();
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('2m');
  await stage.downUntil('4h30m');
  await stage.at('4h45m');
  expect(said(stage)).toEqual([
    `08:00 ${INVESTIGATING} Next update: 09:00 UTC.`,
    `12:30 ${UNCHANGED} Next update: 13:30 UTC.`,
  ]);
});

describe('the status page answers 504', () => {
  test.each([
    ['and has posted', 0],
    ['and posts 50 seconds later', 50_000],
  ])('%s: the sentence is found there and never said again', async (_, doneAfterMs) => {
    const stage = await trams();
    stage.fault({ target: 'page', method: 'POST', fault: '5xx-but-done', doneAfterMs, times: 1 });
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('3s');
    expect(await draftStates(stage)).toEqual(['unknown']);
    await stage.at('55m');
    expect([said(stage), await draftStates(stage)]).toEqual([
      [`08:00 ${INVESTIGATING} Next update: 09:00 UTC.`],
      ['published'],
    ]);
  });

  test('and has not posted: after five minutes of looking it is said once more', async () => {
    const stage = await trams();
    stage.fault({ target: 'page', method: 'POST', fault: '5xx', status: 504, times: 1 });
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('4m59s');
    expect([said(stage), await draftStates(stage)]).toEqual([[], ['unknown']]);
    await stage.at('55m');
    expect([said(stage), await draftStates(stage)]).toEqual([
      [`08:05 ${INVESTIGATING} Next update: 09:00 UTC.`],
      ['published'],
    ]);
  });
});

test('a security flag withdraws a post that waits to be sent; it is never said, and the clock stands still', async () => {
  const stage = await trams();
  const busy = { fault: '429', status: 420, retryAfterMs: 120_000, spelling: 'seconds' } as const;
  stage.fault({ target: 'page', method: 'POST', ...busy });
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('30s');
  const posts = (await stage.app().reads.outboxOf('inc-1')).filter(
    (row) => row.effect.name === 'statusPage.publish',
  );
  expect(posts).toMatchObject([{ status: 'pending', attempt: 1 }]);

  await stage.act('boss', 'flags', { flag: 'security' });
  stage.healed();
  await stage.at('3h');
  expect([said(stage), await draftStates(stage)]).toEqual([[], ['withdrawn']]);
});
