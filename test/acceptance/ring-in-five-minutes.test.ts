/**
 * The ring in five minutes.
 *
 * The line runs again, and stops once more while people are at it: for them the phone waits five minutes. It is for whoever
 * is on duty, and for whoever commands, at the end of the five: somebody may have taken the command in between, and whoever
 * has done something since it fired again is there.
 */
import { describe, expect, test } from 'vitest';
import type { IncidentView } from '../../src/read/shapes.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

const START = '2026-06-09T08:00:00Z';

/** Relief may command as well; what is below the worst pages nobody but these. */
const relieved = (yaml: string): string =>
  unhurried(trusting(yaml))
    .replace('people:', 'people:\n  relief: {pagerduty: {name: Relief, id: PRELIEF}}')
    .replace(
      '  speaker: {page: herald}',
      '  speaker: {page: herald}\n  marshal: {page: relief, commands: true}',
    );

/** Cleared at 08:19, of which whoever is on duty and the boss write a note, and it fires again at 08:21. */
async function relapsed(stage: Stage, onDuty: string): Promise<void> {
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('08:01');
  for (const person of [onDuty, 'boss', 'herald']) await stage.answer(person);
  await stage.at('08:19');
  await stage.alert({ alertname: 'LineStopped', startsAt: START, status: 'resolved' });
  for (const person of [onDuty, 'boss']) await stage.act(person, 'notes', { text: 'It runs.' });
  await stage.at('08:21');
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:21:00Z' });
  expect(await waitsFor(stage)).toBe(`${onDuty}, boss`);
}

async function firesAgain(): Promise<Stage> {
  const stage = await trams(relieved);
  await relapsed(stage, 'driver');
  return stage;
}

/** For whom the ring waits, as `show` says. */
async function waitsFor(stage: Stage): Promise<string | undefined> {
  const { json } = await stage.api('herald', 'GET /api/v1/incidents/inc-1');
  const { owed } = json as unknown as IncidentView;
  const [ring] = owed
    .flatMap(({ what }) => /^a ring for (.*), unless they do/.exec(what) ?? [])
    .slice(1);
  return ring;
}

async function rungAt26(stage: Stage): Promise<readonly string[]> {
  await stage.at('08:27');
  return (await stage.rings())
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([time = '']) => time >= '08:24')
    .map(([time, , person]) => `${time} ${person}`);
}

describe('where somebody takes the command meanwhile', () => {
  test('it is theirs, who are there, and nobody else’s phone rings for the command', async () => {
    const stage = await firesAgain();
    await stage.at('08:23');
    await stage.act('relief', 'roles/commander/take');
    expect(await waitsFor(stage)).toBe('driver');
    expect(await rungAt26(stage)).toEqual(['08:26:00 driver']);
  });

  test('as another role that commands, it is theirs as well', async () => {
    const stage = await firesAgain();
    await stage.at('08:23');
    await stage.act('relief', 'roles/marshal/take');
    expect(await waitsFor(stage)).toBe('driver');
    expect(await rungAt26(stage)).toEqual(['08:26:00 driver']);
  });

  test('by the answer to an offer on their phone, they are there, too', async () => {
    const stage = await firesAgain();
    await stage.at('08:22');
    await stage.act('herald', 'roles', { role: 'commander', person: 'relief' });
    await stage.at('08:23');
    await stage.answer('relief');
    await stage.advance('1s');
    expect((await stage.incident()).roles['commander']?.person).toBe('relief');
    expect(await rungAt26(stage)).toEqual(['08:26:00 driver']);
  });

  test.each(['commander', 'marshal'])(
    'as %s, because somebody else says so, it rings them: nothing was heard of them',
    async (role) => {
      const stage = await firesAgain();
      await stage.at('08:23');
      await stage.act('herald', 'roles', { role, person: 'relief', confirmed: true });
      expect(await waitsFor(stage)).toBe('driver, relief');
      expect((await rungAt26(stage)).toSorted()).toEqual(['08:26:00 driver', '08:26:00 relief']);
    },
  );
});

test('whoever comes on duty meanwhile and is at it is not rung', async () => {
  const stage = await trams((yaml) =>
    relieved(yaml)
      .replace('on_call: driver', 'on_call: shifts')
      .replace(
        'roles:',
        'rotations:\n  shifts: {every: 1d, handoff: {at: "08:24"}, starts: 2026-06-08, people: [relief, driver]}\nroles:',
      ),
  );
  await relapsed(stage, 'relief');
  await stage.at('08:25');
  for (const person of ['driver', 'boss']) await stage.act(person, 'notes', { text: 'Again.' });
  expect(await waitsFor(stage)).toBe('relief');
  expect(await rungAt26(stage)).toEqual([]);
});

test('reopened the next day, the ring waits for whoever is on call to command, who opened it, and not for whoever did before', async () => {
  const stage = await trams(relieved);
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('08:01');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.act('relief', 'roles/commander/take');
  await stage.act('relief', 'resolve', { text: 'It runs.' });
  await stage.at('16:00');
  await stage.act('boss', 'reopen', { reason: 'it stands again' });
  expect(await waitsFor(stage)).toBe('boss');
});
