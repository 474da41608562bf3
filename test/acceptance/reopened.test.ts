/**
 * Reopened by the next shift.
 *
 * A tram line stopped at night and was resolved. In the morning other people are on call, and one of them opens it again. It
 * rings as if it fired again: whoever is on call now, with those behind them, and whoever is on call to command; nobody is
 * taken for being there because they held a role at night.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const START = '2026-06-09T08:00:00Z';

/** The shifts of drivers and chiefs change at noon; behind whoever drives comes the depot. */
const shifts = (yaml: string): string =>
  unhurried(trusting(yaml))
    .replace(
      'people:',
      `people:
  zoe: {pagerduty: {name: Zoe, id: PZOE001}}
  depot: {pagerduty: {name: Depot, id: PDEPOT1}}
  relief: {pagerduty: {name: Relief, id: PRELIEF}}
  dan: {pagerduty: {name: Dan, id: PDAN001}}`,
    )
    .replace('commander: {page: boss, commands: true}', 'commander: {page: chiefs, commands: true}')
    .replace('line-1: {on_call: driver,', 'line-1: {on_call: drivers, fallback: depot,')
    .replace(
      'services:',
      `rotations:
  drivers: {people: [driver, relief], every: 1d, handoff: {at: "12:00"}, starts: 2026-06-08}
  chiefs: {people: [boss, dan], every: 1d, handoff: {at: "12:00"}, starts: 2026-06-08}
services:`,
    );

async function resolved(edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> {
  const stage = await trams((yaml) => edit(shifts(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('30m');
  await stage.act('boss', 'resolve');
  return stage;
}

async function ringsFrom(stage: Stage, time: string): Promise<readonly string[]> {
  return (await stage.rings()).filter((ring) => ring >= time);
}

describe('what is reopened after the shift has changed', () => {
  test('rings the on-call of now, those behind them, and who is on call to command', async () => {
    const stage = await resolved();
    await stage.at('5h');
    await stage.act('zoe', 'reopen', { reason: 'it stands again' });
    await stage.at('5h1m');
    await stage.answer('dan');
    expect((await stage.incident()).roles['commander']).toMatchObject({ person: 'dan' });
    await stage.at('5h6m');
    expect(await ringsFrom(stage, '09')).toEqual([
      '13:00:00 | rang | relief | on call | pd | high',
      '13:00:00 | rang | dan | commander | pd | high',
      '13:05:00 | rang | depot | on call | pd | high',
    ]);
    await stage.answer('relief');
    await stage.at('5h20m');
    expect(await ringsFrom(stage, '13:06')).toEqual([]);
  });

  const handOvers = (stage: Stage): readonly string[] =>
    stage.messages().flatMap(({ text }) => /inc-1: (.* until now\.)/.exec(text)?.[1] ?? []);

  test('makes the on-call of now who answers on duty, in the place of whoever went home, and the room hears it', async () => {
    const stage = await resolved((yaml) =>
      yaml.replace(
        'on-duty: {page: service.on_call}',
        'on-duty: {page: service.on_call, never_with: [commander]}',
      ),
    );
    await stage.at('5h');
    await stage.act('zoe', 'reopen', { reason: 'it stands again' });
    await stage.at('5h1m');
    await stage.answer('relief');
    await stage.advance('1s');
    expect((await stage.incident()).roles['on-duty']).toMatchObject({ person: 'relief' });
    expect(handOvers(stage)).toEqual(['relief is on-duty now; driver was until now.']);
    const refused = await stage.api(
      'relief',
      'POST /api/v1/incidents/inc-1/roles/commander/take',
      {},
    );
    expect(refused).toMatchObject({ status: 409 });
  });

  test('leaves whoever is on duty and at it where they are', async () => {
    const stage = await resolved();
    await stage.at('5h');
    await stage.act('zoe', 'reopen', { reason: 'it stands again' });
    await stage.act('driver', 'notes', { text: 'I stayed for it.' });
    await stage.at('5h1m');
    await stage.answer('relief');
    await stage.advance('1s');
    expect((await stage.incident()).roles['on-duty']).toMatchObject({ person: 'driver' });
    expect(handOvers(stage)).toEqual([]);
  });

  test('makes nobody on duty who has a role that must stay apart from it', async () => {
    const stage = await resolved((yaml) =>
      yaml.replace(
        'on-duty: {page: service.on_call}',
        'on-duty: {page: service.on_call, never_with: [commander]}',
      ),
    );
    await stage.at('5h');
    await stage.act('zoe', 'reopen', { reason: 'it stands again' });
    await stage.act('relief', 'roles/commander/take');
    await stage.at('5h1m');
    await stage.answer('relief').catch(() => undefined);
    await stage.advance('1s');
    const { roles } = await stage.incident();
    expect([roles['on-duty']?.person, roles['commander']?.person]).toEqual(['driver', 'relief']);
  });

  test('waits with the ring of whoever opened it again, for they are there', async () => {
    const stage = await resolved();
    await stage.at('5h');
    await stage.act('relief', 'reopen', { reason: 'it stands again' });
    await stage.at('5h2m');
    expect((await ringsFrom(stage, '09')).join()).not.toContain('relief');
    expect(stage.messages().at(-1)?.text).toContain(
      'relief: you are rung in 5 minutes, unless you do something about it or say `tocsin ack inc-1`.',
    );
    await stage.act('relief', 'acknowledge');
    await stage.at('5h20m');
    expect((await ringsFrom(stage, '09')).join()).not.toMatch(/relief|depot/);
  });

  test('rings whoever opened it again after five minutes, when they did nothing else', async () => {
    const stage = await resolved();
    await stage.at('5h');
    await stage.act('relief', 'reopen', { reason: 'it stands again' });
    await stage.at('5h6m');
    expect(await ringsFrom(stage, '13:05')).toContain(
      '13:05:00 | rang | relief | on call | pd | high',
    );
    expect(stage.pages('rang').at(-1)?.title).toContain('bad');
  });

  test('asks a commander of before who did something a moment ago, and rings them after five minutes', async () => {
    const stage = await resolved();
    await stage.at('3h55m');
    await stage.act('boss', 'notes', { text: 'the tracks are checked' });
    await stage.at('4h4m');
    await stage.act('zoe', 'reopen', { reason: 'it stands again' });
    await stage.at('4h8m');
    expect((await ringsFrom(stage, '12')).join()).not.toMatch(/boss|dan/);
    await stage.at('4h10m');
    expect(await ringsFrom(stage, '12:08')).toContain(
      '12:09:00 | rang | boss | commander | pd | high',
    );
    expect((await ringsFrom(stage, '12')).join()).not.toContain('dan');
  });

  test('waits with the ring of somebody who resolved it a moment ago', async () => {
    const stage = await resolved();
    await stage.at('33m');
    await stage.act('zoe', 'reopen', { reason: 'it stands still' });
    await stage.at('37m');
    expect(await ringsFrom(stage, '08:30')).toEqual([
      '08:33:00 | rang | driver | on call | pd | high',
    ]);
    await stage.at('39m');
    expect(await ringsFrom(stage, '08:38')).toContain(
      '08:38:00 | rang | boss | commander | pd | high',
    );
  });
});

describe('what a person opened again for a reason of theirs rings whoever opened it', () => {
  const RUNG = [
    '08:38:00 | rang | driver | on call | pd | high',
    '08:38:00 | rang | boss | commander | pd | high',
  ];

  test('although its alert clears before they are rung', async () => {
    const stage = await resolved();
    await stage.at('33m');
    await stage.act('driver', 'reopen', { reason: 'passengers still stand' });
    await stage.at('34m');
    await stage.alert({ alertname: 'LineStopped', startsAt: START, status: 'resolved' });
    await stage.at('39m');
    expect(await ringsFrom(stage, '08:33')).toEqual(RUNG);
  });

  test('although its alert is not heard of any more', async () => {
    const stage = await resolved((yaml) =>
      yaml.replace('type: alertmanager,', 'type: alertmanager, stale_after: 34m,'),
    );
    await stage.at('33m');
    await stage.act('driver', 'reopen', { reason: 'passengers still stand' });
    await stage.at('36m');
    expect((await stage.incident()).alerts).toMatchObject({ firing: 0, stale: 1 });
    await stage.at('39m');
    expect(await ringsFrom(stage, '08:33')).toEqual(RUNG);
  });

  test('unless they do something, whatever the alert does', async () => {
    const stage = await resolved();
    await stage.at('33m');
    await stage.act('driver', 'reopen', { reason: 'passengers still stand' });
    await stage.at('34m');
    await stage.alert({ alertname: 'LineStopped', startsAt: START, status: 'resolved' });
    await stage.act('driver', 'acknowledge');
    await stage.at('42m');
    expect(await ringsFrom(stage, '08:33')).toEqual([
      '08:38:00 | rang | boss | commander | pd | high',
    ]);
  });
});

test('a role that nobody held yet is looked for again, and its on-call is rung once', async () => {
  const stage = await trams(shifts);
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  await stage.act('zoe', 'false-positive', { reason: 'a test run' });
  await stage.at('5h');
  await stage.act('zoe', 'reopen', { reason: 'it was none' });
  await stage.at('5h1m');
  expect(await ringsFrom(stage, '09')).toEqual([
    '13:00:00 | rang | relief | on-duty | pd | high',
    '13:00:00 | rang | dan | commander | pd | high',
    '13:00:00 | rang | herald | speaker | pd | high',
  ]);
});
