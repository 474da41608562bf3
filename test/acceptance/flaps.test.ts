/**
 * It flaps, and whoever answered fell asleep.
 *
 * A tram line stops for a minute, runs for ten, and stops again, all night. From the third time on it is said once and then
 * left to whoever answered. The minutes in which the line runs are no fix that somebody watches: whoever holds it shows as
 * ever that they are there, and what only time declares is declared. Not before it has run for half an hour is it quiet.
 */
import { expect, test, vi } from 'vitest';
import type { IncidentView } from '../../src/read/shapes.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** At this level nobody but people declares, and quiet is watched for three hours. */
const byPeople = (yaml: string): string =>
  trusting(yaml)
    .replace('severity: bad, trusted: true', 'severity: worst')
    .replace('Everything., urgency: high,', 'Everything., urgency: high, soak: {for: 3h},')
    .replace('on_call: driver,', 'on_call: driver, fallback: herald,');

/** At this one what fires for a quarter of an hour is declared. */
const byTime = (yaml: string): string =>
  byPeople(yaml).replace('urgency: high, soak', 'urgency: high, declare: {or_after: 15m}, soak');

/** The line stops for a minute, `times` times, every eleven minutes from the `first` on. */
async function flaps(stage: Stage, first: string, times: number): Promise<void> {
  await stage.at(first);
  for (let time = 0; time < times; time += 1) {
    const startsAt = new Date(stage.clock.now()).toISOString();
    await stage.alert({ alertname: 'LineStopped', startsAt });
    await stage.advance('1m');
    await stage.alert({ alertname: 'LineStopped', startsAt, status: 'resolved' });
    await stage.advance('10m');
  }
}

/** Flapping since 08:33; the driver has answered each time within the minute, and falls asleep. */
async function asleep(edit: (yaml: string) => string): Promise<Stage> {
  const stage = await trams(edit);
  for (const moment of ['08:00', '08:11', '08:22', '08:33']) {
    await stage.at(moment);
    const startsAt = new Date(stage.clock.now()).toISOString();
    await stage.alert({ alertname: 'LineStopped', startsAt });
    await stage.advance('30s');
    await stage.act('driver', 'acknowledge', {});
    await stage.advance('30s');
    await stage.alert({ alertname: 'LineStopped', startsAt, status: 'resolved' });
  }
  expect(await stage.incident()).toMatchObject({ phase: 'triage', isFlapping: true });
  return stage;
}

async function rungFrom(stage: Stage, moment: string): Promise<readonly string[]> {
  const rings = await stage.rings();
  return rings
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([time = '']) => time >= moment)
    .map(([time, , person]) => `${time} ${person}`);
}

const askedAt = (stage: Stage): readonly string[] =>
  stage
    .messages()
    .filter(({ text }) => /Is anybody still on this/.test(text))
    .map(({ time }) => time.slice(11, 16));

test('whoever answered is asked after half an hour without a word, and then rung, whatever stops and runs between', async () => {
  const stage = await asleep(byPeople);
  await flaps(stage, '08:44', 3);
  expect(askedAt(stage)).toEqual(['09:03']);
  expect((await rungFrom(stage, '08:34'))[0]).toBe('09:06:00 driver');
  await stage.at('09:18');
  expect(await rungFrom(stage, '08:34')).toContain('09:11:00 herald');
});

test('between two stops the phone rings as well', async () => {
  const stage = await asleep((yaml) =>
    byPeople(yaml).replace('people:', 'presence: {high: 20m}\npeople:'),
  );
  await flaps(stage, '08:44', 1);
  await stage.at('08:59');
  expect(askedAt(stage)).toEqual(['08:53']);
  expect(await rungFrom(stage, '08:34')).toEqual(['08:58:30 driver']);
});

test('each sign of life is good for as long again', async () => {
  const stage = await asleep(byPeople);
  await flaps(stage, '08:44', 1);
  await stage.act('driver', 'notes', { text: 'The switch at the harbour sticks.' });
  await flaps(stage, '08:55', 2);
  expect(askedAt(stage)).toEqual([]);
  await stage.at('09:24');
  expect(askedAt(stage)).toEqual([]);
  await stage.at('09:26');
  expect(askedAt(stage)).toEqual(['09:25']);
});

test('once it has run for half an hour it is quiet, and nobody is missed while that is watched', async () => {
  const stage = await asleep(byPeople);
  await stage.at('08:50');
  await stage.act('driver', 'notes', { text: 'The switch is new.' });
  await stage.at('11:30');
  expect(askedAt(stage)).toEqual([]);
  expect(await rungFrom(stage, '08:34')).toEqual([]);
  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  const { phase, owed } = json as unknown as IncidentView;
  expect(phase).toBe('triage');
  expect(owed.map(({ what }) => what)).toEqual([
    'the incident closes, unless an alert fires again',
  ]);
});

test('what time declares is declared: the minutes in which it runs count as well', async () => {
  const stage = await asleep(byTime);
  await flaps(stage, '08:44', 3);
  const { declaredAt } = await stage.incident();
  // Three minutes of the quarter of an hour were over when it began to flap; an answer gives ten more, once.
  expect(new Date(declaredAt ?? 0).toISOString().slice(11, 16)).toBe('08:55');
});

test('where nobody answers that it flaps, the next one is rung after the usual wait', async () => {
  const stage = await trams(byPeople);
  await flaps(stage, '08:00', 4);
  // Of the five minutes of the first step it had fired for three when it began to flap.
  expect(await rungFrom(stage, '08:33')).toEqual(['08:33:00 driver', '08:35:00 herald']);
});

/** At this level quiet is watched for twelve minutes only. */
const briefly = (yaml: string): string =>
  byPeople(yaml).replace('soak: {for: 3h}', 'soak: {for: 12m}');

test('however short the soak: what fires again within half an hour is the same, and rings nobody who answered', async () => {
  const stage = await asleep(briefly);
  await stage.at('08:50');
  await stage.act('driver', 'notes', { text: 'The switch is new.' });
  await flaps(stage, '08:58', 1);
  const all = await stage.incidents();
  expect(all.map(({ id, phase }) => `${id} ${phase}`)).toEqual(['inc-1 triage']);
  expect(await rungFrom(stage, '08:34')).toEqual([]);
});

test('after half an hour of quiet it is over, and what fires then is another one, which rings', async () => {
  const stage = await asleep(briefly);
  await stage.at('08:50');
  await stage.act('driver', 'notes', { text: 'The switch is new.' });
  await flaps(stage, '09:05', 1);
  expect(await stage.incident(1)).toMatchObject({ phase: 'closed' });
  expect(await rungFrom(stage, '08:34')).toEqual(['09:05:00 driver']);
});

test('the timeline calls no pause a fix', async () => {
  const stage = await asleep(byPeople);
  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1/timeline');
  expect(JSON.stringify(json)).not.toContain('after the fix');
});
