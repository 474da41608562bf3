/**
 * Cleared before it rang.
 *
 * Paging is paused for twenty minutes, or the pager is down. A tram line stops, and runs again before anybody could be
 * rung. Nobody is woken for what is over; if it stops again, the phone rings.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { inSteps, rangAt, trams, unhurried } from './trams.ts';

const startsAt = '2026-06-09T08:00:00Z';
const stops = { alertname: 'LineStopped', startsAt } as const;
const runs = { ...stops, status: 'resolved' } as const;

async function paused(): Promise<Stage> {
  const stage = await trams(inSteps);
  const asked = { what: 'paging', for: '20m', why: 'a drill' };
  expect((await stage.api('boss', 'POST /api/v1/pauses', asked)).status).toBe(201);
  await stage.alert(stops);
  return stage;
}

test('what was held by a pause does not ring when everything has cleared meanwhile, and the timeline says so', async () => {
  const stage = await paused();
  await stage.at('15m');
  await stage.alert(runs);
  await stage.at('46m');
  expect(rangAt(stage)).toEqual([]);
  const { text } = await stage.api('boss', 'GET /api/v1/incidents/inc-1/timeline');
  expect(text).toContain('all alerts have cleared before a pager took it');
  expect(await stage.incident()).toMatchObject({ phase: 'closed' });
});

test('it rings if it fires again', async () => {
  const stage = await paused();
  await stage.at('15m');
  await stage.alert(runs);
  await stage.at('25m');
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:25:00Z' });
  await stage.at('26m');
  expect(rangAt(stage).map((ring) => ring.replace(/:0.? /, ' '))).toEqual(['08:25 PDRIVER']);
});

test('whoever was there a moment ago is rung five minutes later, as the room says', async () => {
  const stage = await paused();
  await stage.at('15m');
  await stage.alert(runs);
  await stage.at('22m');
  await stage.act('driver', 'acknowledge');
  await stage.at('25m');
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:25:00Z' });
  await stage.at('26m');
  const said = stage.messages().map(({ text }) => text);
  expect(said.at(-1)).toContain('driver: you are rung in 5 minutes');
  await stage.at('31m');
  expect(rangAt(stage).map((ring) => ring.replace(/:0.? /, ' '))).toEqual(['08:30 PDRIVER']);
});

test('a pager that is up again rings nobody for it either', async () => {
  const stage = await trams(inSteps);
  stage.fault({ target: 'pd', fault: 'refuse', until: stage.clock.now() + 300_000 });
  await stage.alert(stops);
  await stage.at('30s');
  await stage.alert(runs);
  await stage.at('20m');
  expect(rangAt(stage)).toEqual([]);
});

test('whom a person asks for is rung, whatever has cleared, and nobody else', async () => {
  const stage = await paused();
  await stage.at('15m');
  await stage.alert(runs);
  await stage.act('boss', 'roles/speaker/page');
  await stage.at('22m');
  expect(rangAt(stage)).toEqual(['08:20:00 PHERALD']);
});

/** For forty minutes nobody is rung; all has cleared after one, and the boss asks for a speaker. */
async function askedInAPause(): Promise<Stage> {
  const stage = await trams((yaml) => inSteps(yaml).replaceAll(', trusted: true', ''));
  await stage.api('boss', 'POST /api/v1/pauses', { what: 'paging', for: '40m', why: 'a drill' });
  await stage.alert({ alertname: 'LineLate', startsAt });
  await stage.at('1m');
  await stage.alert({ alertname: 'LineLate', startsAt, status: 'resolved' });
  await stage.act('boss', 'roles/speaker/page');
  return stage;
}

test('whom a person asks for is rung, also where the quiet would be over before the pause is', async () => {
  const stage = await askedInAPause();
  await stage.at('41m');
  expect(rangAt(stage)).toEqual(['08:40:00 PHERALD']);
  await stage.at('56m');
  expect(await stage.incident()).toMatchObject({ phase: 'closed', closedAs: 'cleared' });
});

test('and it does not end in the second in which they answer', async () => {
  const stage = await askedInAPause();
  await stage.at('42m');
  await stage.answer('herald');
  await stage.at('44m');
  expect(await stage.incident()).toMatchObject({
    phase: 'triage',
    roles: { speaker: { person: 'herald' } },
  });
});

test('whom a person asks for in the quiet has the whole of it from their ring on', async () => {
  const stage = await trams((yaml) => inSteps(yaml).replaceAll(', trusted: true', ''));
  await stage.alert({ alertname: 'LineLate', startsAt });
  await stage.at('1m');
  await stage.alert({ alertname: 'LineLate', startsAt, status: 'resolved' });
  await stage.at('10m');
  await stage.act('boss', 'roles/speaker/page');
  await stage.at('24m');
  expect(await stage.incident()).toMatchObject({ phase: 'triage' });
  await stage.at('26m');
  expect(await stage.incident()).toMatchObject({ phase: 'closed', closedAs: 'cleared' });
});

test('whom a person asks for is rung, also where their pager is down for longer than the quiet', async () => {
  const stage = await trams((yaml) => inSteps(yaml).replaceAll(', trusted: true', ''));
  stage.fault({ target: 'pd', method: 'POST', fault: '5xx', until: stage.clock.now() + 2_400_000 });
  await stage.alert({ alertname: 'LineLate', startsAt });
  await stage.at('1m');
  await stage.act('boss', 'roles/speaker/page');
  await stage.alert({ alertname: 'LineLate', startsAt, status: 'resolved' });
  const { text } = await stage.api('boss', 'GET /api/v1/incidents/inc-1/timeline');
  expect(text).toContain('watched until whoever was asked for is rung');
  await stage.at('35m');
  const alarms = stage.messages().filter((one) => one.text.includes('to herald is unreachable'));
  expect(alarms.map(({ time }) => time.slice(11, 16))).toEqual([
    '08:02',
    '08:12',
    '08:22',
    '08:32',
  ]);
  await stage.at('41m');
  expect(rangAt(stage)).toContainEqual(expect.stringMatching(/^08:40:.. PHERALD$/));
  await stage.at('57m');
  expect(await stage.incident()).toMatchObject({ phase: 'closed', closedAs: 'cleared' });
});

test('whom a person asks for is rung, also where their phone had rung long before for something else', async () => {
  const stage = await trams((yaml) =>
    unhurried(inSteps(yaml))
      .replaceAll(', trusted: true', '')
      .replace('speaker: {page: herald}', 'speaker: {page: driver}'),
  );
  await stage.alert(stops);
  await stage.at('12m');
  stage.fault({ target: 'pd', method: 'POST', fault: '5xx', until: stage.clock.now() + 120_000 });
  await stage.act('boss', 'roles/speaker/page', {});
  await stage.at('12m40s');
  await stage.alert(runs);
  await stage.at('16m');
  expect(rangAt(stage).filter((ring) => ring > '08:12')).toContainEqual(
    expect.stringMatching(/^08:1[45]:.. PDRIVER$/),
  );
});

test('another incident that waits by the same phone is rung all the same', async () => {
  const stage = await paused();
  await stage.at('5m');
  await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:05:00Z' });
  await stage.at('10m');
  await stage.alert(runs);
  await stage.at('21m');
  expect(rangAt(stage)).toContain('08:20:00 PDRIVER');
  expect(stage.messages().filter(({ text }) => text.includes('unreachable'))).toEqual([]);
});

test('nobody is alarmed that a pager which was down did not take it', async () => {
  const stage = await trams(inSteps);
  stage.fault({ target: 'pd', fault: '5xx', until: stage.clock.now() + 540_000 });
  await stage.alert(stops);
  await stage.at('3m');
  await stage.alert(runs);
  await stage.at('30m');
  expect(rangAt(stage)).toEqual([]);
});

test('what a person has raised meanwhile is rung', async () => {
  const stage = await paused();
  await stage.at('5m');
  await stage.act('boss', 'severity', { level: 'worst' });
  await stage.at('10m');
  await stage.alert(runs);
  await stage.at('21m');
  expect(rangAt(stage)).toContain('08:20:00 PDRIVER');
});

test('whom a raise calls while nothing fires is rung', async () => {
  const stage = await trams((yaml) =>
    inSteps(yaml)
      .replace('page: {triage: [on-duty]}}', 'page: {triage: [on-duty, commander]}}')
      .replaceAll(', trusted: true', ''),
  );
  await stage.alert({ alertname: 'LineLate', startsAt });
  await stage.at('1m');
  await stage.alert({ alertname: 'LineLate', startsAt, status: 'resolved' });
  await stage.at('5m');
  await stage.act('boss', 'severity', { level: 'worst' });
  await stage.at('6m');
  expect(rangAt(stage)).toContain('08:05:00 PBOSS01');
});

test('and does not make the quiet longer, for whom no person has asked by name', async () => {
  const stage = await trams((yaml) => inSteps(yaml).replaceAll(', trusted: true', ''));
  stage.fault({ target: 'pd', method: 'POST', fault: '5xx', until: stage.clock.now() + 480_000 });
  await stage.alert({ alertname: 'LineLate', startsAt });
  await stage.at('1m');
  await stage.alert({ alertname: 'LineLate', startsAt, status: 'resolved' });
  await stage.at('3m');
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('32m');
  expect(await stage.incident()).toMatchObject({ phase: 'closed', closedAs: 'cleared' });
});

test('once it fires again the alarm rings as well, while the pager is still down', async () => {
  const stage = await trams(inSteps);
  stage.fault({ target: 'pd', fault: '5xx', until: stage.clock.now() + 1_800_000 });
  await stage.alert(stops);
  await stage.at('3m');
  await stage.alert(runs);
  await stage.at('6m');
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:06:00Z' });
  await stage.at('33m');
  expect(rangAt(stage).map((ring) => ring.slice(9))).toEqual(
    expect.arrayContaining(['PDRIVER', 'PBOSS01']),
  );
});

describe('what fires and clears while the pager takes nothing', () => {
  const worst = (yaml: string): string =>
    inSteps(yaml).replace('service: line-1, severity: bad', 'service: line-1, severity: worst');
  const down = async (minutes: number, clearsAt = '30s'): Promise<Stage> => {
    const stage = await trams(worst);
    stage.fault({ target: 'pd', fault: '5xx', until: stage.clock.now() + minutes * 60_000 });
    await stage.alert(stops);
    await stage.at(clearsAt);
    await stage.alert(runs);
    return stage;
  };
  const told = (stage: Stage): readonly string[] =>
    stage
      .messages()
      .filter(({ text }) => text.includes('and had cleared before'))
      .map(({ time, channel, text }) => `${time.slice(11, 16)} ${channel} ${text}`);

  test('is said once where the team reads, with its level and whose page came too late', async () => {
    const stage = await down(30);
    await stage.at('45m');
    expect(told(stage)).toEqual([
      '08:00 trams inc-1 [worst] LineStopped is firing. It fired at 08:00 UTC and had cleared before pd took the page to driver. Nobody is rung for what is over; if it fires again, the phone rings.',
    ]);
    // That the pager itself is ill is told softly, once it takes something again.
    expect((await stage.rings()).filter((line) => !line.endsWith('low'))).toEqual([]);
    const { text } = await stage.api('boss', 'GET /api/v1/incidents/inc-1/timeline');
    expect(text).toContain('all alerts have cleared before a pager took it');
  });

  test('is said where the team reads, also once it was alarmed that no pager takes the page', async () => {
    const stage = await down(30, '3m');
    await stage.at('25m');
    expect(stage.messages().some(({ text }) => text.includes('is unreachable'))).toBe(true);
    expect(told(stage)).toEqual([
      expect.stringMatching(/^08:03 trams inc-1 .* took the page to driver\./),
    ]);
    expect(rangAt(stage)).toEqual([]);
  });

  test('shows in the list and in what is known of the incident, also once that is closed', async () => {
    const stage = await down(30);
    for (const moment of ['1m', '45m']) {
      await stage.at(moment);
      const list = await stage.api('boss', 'GET /api/v1/incidents');
      const { incidents } = list.json as { incidents: readonly { readonly id: string }[] };
      const shownThere = incidents.filter(({ id }) => id === 'inc-1');
      expect(shownThere).toMatchObject([{ level: 'worst', neverRang: 1 }]);
      const shown = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
      expect(shown.json).toMatchObject({ neverRang: 1, pages: [{ id: 'p1', neverRang: true }] });
    }
  });

  test('is no news once it fires again and the phone rings', async () => {
    const stage = await down(2);
    await stage.at('3m');
    await stage.alert({ ...stops, startsAt: '2026-06-09T08:03:00Z' });
    await stage.at('4m');
    expect(rangAt(stage)).toHaveLength(1);
    await stage.alert({ ...runs, startsAt: '2026-06-09T08:03:00Z' });
    await stage.at('5m');
    expect(told(stage)).toHaveLength(1);
    expect((await stage.api('boss', 'GET /api/v1/incidents')).json).toMatchObject({
      incidents: [{ neverRang: 0 }],
    });
  });

  test('is said by nobody while people have paused paging', async () => {
    const stage = await paused();
    await stage.at('15m');
    await stage.alert(runs);
    await stage.at('46m');
    expect(told(stage)).toEqual([]);
  });
});
