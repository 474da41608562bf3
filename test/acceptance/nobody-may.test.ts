/**
 * Nobody may.
 *
 * A tram line stops at eight. Two people could command, and both have a role that must be another person's. The rules leave
 * nobody: the command stays open, everybody sees so, and each of the two is rung for it once an hour at most, for they can
 * hand their role over or find somebody.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const bothTaken = (yaml: string): string =>
  trusting(yaml)
    .replace(
      'commander: {page: boss, commands: true}',
      'commander: {page: driver, commands: true, never_with: [on-duty, speaker], escalation: calm, fallback: [herald]}',
    )
    .replace('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}')
    .concat('\nescalation_policies:\n  calm: {steps: [{page: own, wait: 5m}, {page: fallback}]}\n');

/** The driver answers as who is on duty, the herald speaks, and the boss declares at two minutes past. */
async function declared(): Promise<Stage> {
  const stage = await trams(bothTaken);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('1m');
  await stage.answer('driver');
  await stage.act('herald', 'roles/speaker/take', {});
  await stage.at('2m');
  await stage.act('boss', 'declare', {});
  return stage;
}

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

test('whoever hands their other role over is rung for it at the next alarm', async () => {
  const stage = await declared();
  await stage.at('3m');
  await stage.answer('driver');
  await stage.at('20m');
  await stage.act('boss', 'roles', { role: 'on-duty', person: 'boss' });
  await stage.at('33m');
  // From then on the phone rings for it; the alarm goes round its own list.
  expect((await rung(stage)).slice(2)).toEqual(['08:22:00 | rang | driver | commander']);
  await stage.answer('driver');
  await stage.advance('1s');
  expect((await stage.incident()).roles).toMatchObject({ commander: { person: 'driver' } });
});
