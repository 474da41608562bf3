/**
 * Unreachable.
 *
 * The line stops at eight and no pager takes the driver's page. A minute later that is a fact of its own: the channel, the
 * chat of the driver and of whoever hears of alarms, and the phones of others at the pagers that are left. When a pager
 * takes the page at last, all of them hear that, too.
 *
 *     08:00  the line stops; PagerDuty takes nothing
 *     08:01  said: the driver is unreachable
 *     08:07  PagerDuty is back; said: it has accepted the page
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { bothPagers, unheard } from './theirs.ts';
import { CONFIG, trams, trusting } from './trams.ts';

// Simulated minutes pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 60_000 });

const LINE = { alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' };

/** In triage the driver alone is rung; they and the boss read chat. */
const alone = (yaml: string): string =>
  trusting(yaml)
    .replace('severity: bad, trusted: true', 'severity: bad')
    .replace('id: PDRIVER}}', 'id: PDRIVER}, slack: U0DRIVER}')
    .replace('id: PBOSS01}}', 'id: PBOSS01}, slack: U0BOSS}');

/** The driver and the boss have phones at both pagers; without one, only the boss. */
const pagers =
  (who: 'both' | 'boss only') =>
  (yaml: string): string => {
    const two = bothPagers(alone(yaml)).replace(
      'id: PBOSS01}, slack',
      'id: PBOSS01}, opsgenie: boss@trams.example, slack',
    );
    const driver = two.replace(
      'id: PDRIVER}, slack',
      'id: PDRIVER}, opsgenie: driver@trams.example, slack',
    );
    return who === 'both' ? driver : two;
  };

const said = (stage: Stage, words = /reachable/): readonly string[] =>
  stage
    .messages()
    .flatMap(({ time, channel, text }) =>
      words.test(text) ? [`${time.slice(11, 19)} ${channel}: ${text.split('\n')[0]}`] : [],
    );

const rungAt = (stage: Stage): readonly string[] =>
  stage
    .pages('rang')
    .map(({ time, target, address }) => `${time.slice(11, 19)} ${target} ${address}`);

const UNREACHABLE =
  'inc-1 ALARM: page p1 to driver is unreachable: no pager has accepted it for 60 s (asked: pd); it is still being tried';

test('one pager that is down: everybody hears it after a minute, and when it is over', async () => {
  const stage = await trams(alone);
  stage.fault({ target: 'pd', fault: '5xx', until: stage.clock.now() + 7 * 60_000 });
  await stage.alert(LINE);
  await stage.at('08:00:59');
  expect(said(stage)).toEqual([]);
  await stage.at('08:01:01');
  expect(said(stage).toSorted()).toEqual([
    `08:01:00 U0BOSS: ${UNREACHABLE.replace('inc-1 ALARM', 'inc-1')}.`,
    `08:01:00 U0DRIVER: ${UNREACHABLE.replace('inc-1 ALARM', 'inc-1')}.`,
    `08:01:00 trams: ${UNREACHABLE}`,
  ]);
  await stage.at('08:04');
  expect(said(stage, /page p1 .*reachable/), 'it is said once').toHaveLength(3);
  expect((await stage.incident()).pages['p1']?.unreachableSince).not.toBeNull();
  const health = await stage.api('boss', 'GET /api/v1/health');
  expect(health.json).toMatchObject({ unreachable: [{ incident: 'inc-1', page: 'p1' }, {}] });
  const list = await stage.api('boss', 'GET /api/v1/incidents');
  expect(list.json).toMatchObject({ incidents: [{ id: 'inc-1', unreachable: 2 }] });
});

test('where nobody is named for alarms, the team that they ring hears it', async () => {
  const teamOfTwo = (yaml: string): string =>
    alone(yaml)
      .replace('page: boss, chat:', 'chat:')
      .replace('on_call: driver,', 'on_call: driver, fallback: [boss],');
  const stage = await trams(teamOfTwo);
  stage.fault({ target: 'pd', fault: '5xx' });
  await stage.alert(LINE);
  await stage.at('08:01:01');
  expect(said(stage).map((line) => line.split(': ')[0])).toEqual([
    '08:01:00 trams',
    '08:01:00 U0DRIVER',
    '08:01:00 U0BOSS',
  ]);
});

test('when a pager takes it at last, all of them hear that', async () => {
  const stage = await trams(alone);
  stage.fault({ target: 'pd', fault: '5xx', until: stage.clock.now() + 3 * 60_000 });
  await stage.alert(LINE);
  await stage.at('08:04');
  const over = said(stage, /reachable again/).filter((line) => line.includes('page p1 '));
  expect(over.map((line) => line.slice(9))).toEqual([
    'trams: inc-1: page p1 to driver is reachable again: pd has accepted it, 3 min after it was due.',
    'U0DRIVER: inc-1: page p1 to driver is reachable again: pd has accepted it, 3 min after it was due.',
    'U0BOSS: inc-1: page p1 to driver is reachable again: pd has accepted it, 3 min after it was due.',
  ]);
  const { pages, alarms } = await stage.incident();
  expect(pages['p1']).toMatchObject({ state: 'open', unreachableSince: null });
  expect(alarms).not.toHaveProperty('page:p1');
  const { json } = await stage.api('boss', 'GET /api/v1/health');
  expect(json).toMatchObject({ unreachable: [] });
});

describe('of two pagers', () => {
  test('both are down: it is said after one minute, not after two', async () => {
    const stage = await trams(pagers('both'));
    for (const target of ['pd', 'og']) stage.fault({ target, fault: '5xx' });
    await stage.alert(LINE);
    await stage.at('08:01:01');
    expect(said(stage)[0]).toMatch(
      /^08:01:00 trams: .* is unreachable: .*asked: pd\); og is asked now/,
    );
    await stage.at('08:03');
    expect(
      said(stage).filter((line) => line.includes(' trams:') && line.includes('p1 ')),
    ).toHaveLength(1);
  });

  test('one is down: the driver is rung at the other, and nobody else', async () => {
    const stage = await trams(pagers('both'));
    stage.fault({ target: 'pd', fault: '5xx' });
    await stage.alert(LINE);
    await stage.at('08:03');
    expect(rungAt(stage)).toEqual([expect.stringMatching(/^08:01:00 og driver@/)]);
    expect(said(stage, /p1 .*reachable again: og has accepted it/)).not.toEqual([]);
  });

  test('the driver has a phone at the one that is down: the boss is rung at the other one at once', async () => {
    const stage = await trams(pagers('boss only'));
    stage.fault({ target: 'pd', fault: '5xx' });
    await stage.alert(LINE);
    await stage.at('08:02');
    expect(rungAt(stage)).toEqual([expect.stringMatching(/^08:01:00 og boss@/)]);
  });
});

test('what a pager takes and then refuses has reached nobody: persons and the channel hear the same', async () => {
  const stage = await trams(pagers('both'));
  stage.fault({ target: 'pd', fault: 'refuse' });
  stage.fault({ target: 'og', method: 'POST', path: '/v2/alerts', fault: '202-but-rejected' });
  await stage.alert(LINE);
  await stage.at('08:05');
  expect(said(stage, /p1 .*reachable again/)).toEqual([]);
  expect(said(stage, /p1 .*is unreachable/)).toHaveLength(3);
  expect((await stage.incident()).pages['p1']?.unreachableSince).not.toBeNull();
});

test('a pager that takes it at last is believed once it shows it', async () => {
  const stage = await trams(pagers('both'));
  await stage.reload(unheard(pagers('both')(CONFIG)));
  stage.fault({ target: 'pd', fault: '5xx' });
  await stage.alert(LINE);
  await stage.at('08:01:03');
  expect(said(stage, /p1 .*reachable again/)).toEqual([]);
  await stage.at('08:01:10');
  expect(said(stage, /p1 .*reachable again/)).not.toEqual([]);
});

test('a page that is accepted after 59 seconds was never unreachable', async () => {
  const stage = await trams(alone);
  await stage.alert([]);
  stage.fault({ target: 'pd', fault: '5xx', until: stage.clock.now() + 35_000 });
  await stage.alert(LINE);
  await stage.at('08:03');
  expect(rungAt(stage)).toHaveLength(1);
  expect(said(stage)).toEqual([]);
});

test('when all of chat is down as well, it is counted and logged', async () => {
  const stage = await trams(alone);
  for (const target of ['pd', 'slack']) stage.fault({ target, fault: 'refuse' });
  await stage.alert(LINE);
  await stage.at('08:03');
  expect(said(stage)).toEqual([]);
  expect(stage.log.filter((line) => line.includes('no pager has accepted a page'))).toHaveLength(2);
  const { text } = await stage.api('admin', 'GET /metrics');
  expect(text).toMatch(/tocsin_unreachable_pages_total 2/);
  expect(text).toMatch(/tocsin_unreachable_pages 2/);
});

test('an alert that fires nobody’s phone while paging is paused makes nobody unreachable', async () => {
  const stage = await trams(alone);
  await stage.api('boss', 'POST /api/v1/pauses', { what: 'paging', for: '10m', why: 'a drill' });
  await stage.alert(LINE);
  await stage.at('08:05');
  expect(said(stage)).toEqual([]);
});
