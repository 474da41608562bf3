/**
 * Nobody may.
 *
 * A tram line stops at eight. Two people could command, and both have a role that must be another person's. The rules leave
 * nobody: the command stays open, everybody sees so, and each of the two is rung for it once an hour at most, for they can
 * hand their role over or find somebody; so is whoever the alarm about it rings.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

const bothTaken = (yaml: string): string =>
  trusting(yaml)
    .replace(
      'commander: {page: boss, commands: true}',
      'commander: {page: driver, commands: true, never_with: [on-duty, speaker], escalation: calm, fallback: [herald]}',
    )
    .replace('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}')
    .concat('\nescalation_policies:\n  calm: {steps: [{page: own, wait: 5m}, {page: fallback}]}\n');

/** The driver answers as who is on duty, the herald speaks, and the boss declares at two minutes past. */
async function declared(edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> {
  const stage = await trams((yaml) => edit(bothTaken(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('1m');
  await stage.answer('driver');
  await stage.act('herald', 'roles/speaker/take', {});
  await stage.at('2m');
  await stage.act('boss', 'declare', {});
  return stage;
}

const minuteOf = (ring: string): number => Number(ring.slice(0, 2)) * 60 + Number(ring.slice(3, 5));

async function rung(stage: Stage): Promise<readonly string[]> {
  const rings = await stage.rings();
  return rings.filter((one) => one.includes('| commander |')).map((one) => one.slice(0, -12));
}

test('each is rung for it once an hour, and it stays open for everybody to see', async () => {
  const stage = await declared();
  await stage.at('59m');
  expect(await rung(stage)).toEqual([
    '08:02:00 | rang | driver | commander',
    '08:02:00 | rang | herald | commander',
  ]);
  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  const why =
    'driver is on-duty, herald is speaker, and commander must be another person: the rules leave nobody';
  expect(json).toMatchObject({
    roles: expect.arrayContaining([
      expect.objectContaining({ role: 'commander', person: null, state: 'exhausted', why }),
    ]),
    alarms: expect.arrayContaining([
      expect.objectContaining({ reason: `nobody answers as commander: ${why}` }),
    ]),
  });
  await stage.at('2h');
  expect((await rung(stage)).slice(2)).toEqual([
    '09:02:00 | rang | driver | commander',
    '09:02:00 | rang | herald | commander',
  ]);
}, 60_000);

test('whoever answers has no role by it that they must not have, and is rung no sooner for it', async () => {
  const stage = await declared();
  await stage.at('3m');
  await stage.answer('driver');
  await stage.at('59m');
  expect((await stage.incident()).roles).not.toHaveProperty('commander');
  expect(await rung(stage)).toHaveLength(2);
});

/** Alarms ring the boss, then a guard; nobody is asked whether they are still there. */
const guarded = (yaml: string): string =>
  unhurried(yaml)
    .replace('alarms: {page: boss,', 'alarms: {page: watch,')
    .replace('severities:', 'groups: {watch: [boss, guard]}\nseverities:')
    .replace('  driver:', '  guard: {pagerduty: {name: Guard, id: PGUARD1}}\n  driver:');

async function alarmed(stage: Stage): Promise<readonly string[]> {
  const rings = await stage.rings();
  return rings
    .filter((one) => one.includes('| alarm |'))
    .map((one) => one.split(' | ').slice(0, 3).join(' | '));
}

test('the alarm about it is said once, and then once an hour, by the phone of whoever is next', async () => {
  const stage = await declared(guarded);
  await stage.at('5h');
  expect(await alarmed(stage)).toEqual([
    '08:02:00 | rang | boss',
    '09:02:00 | rang | guard',
    '10:02:00 | rang | boss',
    '11:02:00 | rang | guard',
    '12:02:00 | rang | boss',
  ]);
  const said = stage
    .messages()
    .filter(({ text }) => text.includes('the rules leave nobody'))
    .map(({ time }) => time.slice(11, 16));
  expect([...new Set(said)]).toEqual(['08:02', '09:02', '10:02', '11:02', '12:02']);
});

test('what is wrong besides rings as often as ever', async () => {
  const stage = await declared((yaml) =>
    guarded(yaml)
      .replace('declared: [commander, speaker]}', 'declared: [commander, speaker, pilot]}')
      .replace('roles:', 'roles:\n  pilot: {page: sleeper, essential: true}')
      .replace('  driver:', '  sleeper: {pagerduty: {name: Sleeper, id: PSLEEP1}}\n  driver:'),
  );
  await stage.at('35m');
  expect(await alarmed(stage)).toEqual([
    '08:02:00 | rang | boss',
    '08:12:00 | rang | guard',
    '08:22:00 | rang | boss',
    '08:32:00 | rang | guard',
  ]);
});

test('whoever answers that alarm, or is a candidate as well, is rung no sooner than an hour later', async () => {
  const stage = await declared((yaml) => guarded(yaml).replace('[boss, guard]', '[boss, herald]'));
  await stage.at('20m');
  await stage.answer('boss');
  await stage.at('5h');
  const rings = (await stage.rings()).filter((one) => one > '08:02');
  for (const person of ['boss', 'driver', 'herald']) {
    const theirs = rings.filter((one) => one.includes(`| ${person} |`)).map(minuteOf);
    const gaps = theirs.slice(1).map((at, index) => at - (theirs[index] ?? at));
    expect(theirs.length, person).toBeGreaterThan(2);
    expect(Math.min(...gaps), person).toBeGreaterThanOrEqual(60);
  }
});

test('whoever hands their other role over is rung for it at once', async () => {
  const stage = await declared();
  await stage.at('3m');
  await stage.answer('driver');
  await stage.at('20m');
  await stage.act('boss', 'roles', { role: 'on-duty', person: 'boss' });
  await stage.at('33m');
  // From then on the phone rings for it; the alarm goes round its own list.
  expect((await rung(stage)).slice(2)).toEqual(['08:20:00 | rang | driver | commander']);
  await stage.answer('driver');
  await stage.advance('1s');
  expect((await stage.incident()).roles).toMatchObject({ commander: { person: 'driver' } });
});
