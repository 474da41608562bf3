/**
 * News that failed.
 *
 * At five past eight the cause is found, and the status page refuses the news: a user lost a right, a network is gone. The
 * public must not hear, over an open alarm, that there is nothing new. The news that a person has approved is what the page
 * hears next, as soon as it takes posts again, with a promise that is true then.
 */
import { expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const INVESTIGATING = '08:00 We are investigating a problem with Line 1. Next update: 08:30 UTC.';
const IDENTIFIED =
  'We have identified the cause of the problem with Line 1 and are working on a fix.';
const UNCHANGED =
  'We are still working on the problem with Line 1; there is nothing new to report.';

function said(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, body }) => `${time.slice(11, 16)} ${body}`);
}

/** The line has stopped and the public knows; everybody is here, and it is five past eight. */
async function known(): Promise<Stage> {
  const stage = await trams((yaml) => unhurried(trusting(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('5m');
  return stage;
}

async function alarms(stage: Stage): Promise<readonly string[]> {
  return Object.values((await stage.incident()).alarms).map(({ reason }) => reason);
}

test('refused for two minutes: the approved words are on the page once it takes posts again, and nothing before', async () => {
  const stage = await known();
  stage.fault({ target: 'page', fault: '403' });
  await stage.act('driver', 'phase', { phase: 'identified', text: 'A release broke the doors.' });
  await stage.approve('herald');
  await stage.at('6m30s');
  expect(await alarms(stage)).toEqual([expect.stringContaining('draft d2 (identified)')]);
  stage.healed();
  await stage.at('40m');
  expect(said(stage)).toEqual([
    INVESTIGATING,
    `08:07 ${IDENTIFIED} A release broke the doors. Next update: 08:35 UTC.`,
    `08:35 ${UNCHANGED} Next update: 09:05 UTC.`,
  ]);
  expect(stage.posts().map(({ status }) => status)).toEqual([
    'investigating',
    'identified',
    'identified',
  ]);
  expect(await alarms(stage)).toEqual([]);
  expect((await stage.incident()).drafts['d2']).toMatchObject({ approvedBy: 'herald' });
});

test('refused for an hour: the page hears nothing old, the alarm lasts, and the promise is renewed', async () => {
  const stage = await known();
  stage.fault({ target: 'page', fault: '403' });
  await stage.act('driver', 'phase', { phase: 'identified', text: 'A release broke the doors.' });
  await stage.approve('herald');
  await stage.at('61m');
  expect(said(stage)).toEqual([INVESTIGATING]);
  expect(await alarms(stage)).toHaveLength(1);
  const alarmed = stage.messages().filter(({ text }) => text.includes('ALARM'));
  expect(
    alarmed.map(({ time }) => time.slice(14, 16)),
    'every ten minutes and when it says something else, not with every try',
  ).toEqual(['05', '15', '25', '35', '38', '48', '58']);
  stage.healed();
  await stage.at('68m');
  expect(said(stage)[1]).toBe(
    `09:06 ${IDENTIFIED} A release broke the doors. Next update: 09:08 UTC.`,
  );
  expect(await alarms(stage)).toEqual([]);
});

test('no connection for ten minutes: it is looked for, is not there, and is said once', async () => {
  const stage = await known();
  stage.fault({ target: 'page', fault: 'refuse' });
  await stage.act('driver', 'phase', { phase: 'monitoring' });
  await stage.at('15m');
  expect(await alarms(stage)).toEqual([expect.stringContaining('outcome unknown')]);
  stage.healed();
  await stage.at('34m');
  expect(stage.posts().map(({ status }) => status)).toEqual(['investigating', 'monitoring']);
  expect(await alarms(stage)).toEqual([]);
});

test('an answer that was lost for ten minutes: it is found on the page, and never said twice', async () => {
  const stage = await known();
  stage.fault({ target: 'page', method: 'PATCH', fault: '5xx-but-done', status: 504, times: 1 });
  stage.fault({ target: 'page', method: 'GET', fault: '5xx', status: 503 });
  await stage.act('driver', 'phase', { phase: 'monitoring' });
  await stage.at('15m');
  stage.healed();
  await stage.at('30m');
  expect(stage.posts().map(({ status }) => status)).toEqual(['investigating', 'monitoring']);
  expect(await alarms(stage)).toEqual([]);
});

test('the last post, refused, is tried again although the incident is over', async () => {
  const stage = await known();
  stage.fault({ target: 'page', fault: '403' });
  await stage.act('boss', 'resolve');
  await stage.at('7m');
  stage.healed();
  await stage.at('10m');
  expect(stage.posts().map(({ status }) => status)).toEqual(['investigating', 'resolved']);
});

test('what nobody has approved for the level of now stays with a person, and nothing older is said', async () => {
  const stage = await trams((yaml) =>
    yaml.replace(
      'approval: {investigating: speaker, unchanged: none, otherwise: speaker}',
      'approval: {investigating: none, unchanged: none, otherwise: speaker}',
    ),
  );
  await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('5m');
  stage.fault({ target: 'page', fault: '403' });
  await stage.act('driver', 'phase', { phase: 'identified' });
  await stage.act('boss', 'severity', { level: 'bad' });
  stage.healed();
  await stage.at('70m');
  expect(stage.posts().map(({ status }) => status)).toEqual(['investigating']);
  expect(await alarms(stage)).toContainEqual(
    expect.stringMatching(
      /^the public post \(identified\) on page is late: draft d\d waits for approval/,
    ),
  );
  await stage.approve('herald');
  await stage.at('71m');
  expect(stage.posts().map(({ status }) => status)).toEqual(['investigating', 'identified']);
});
