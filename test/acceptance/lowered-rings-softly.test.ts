/**
 * Lowered to a level that can wait.
 *
 * A tram line stands, and the boss is rung out loud. Three minutes later it turns out to be a matter for tomorrow. The boss's
 * phone is not rung again for that, and whoever is rung next is rung softly; a raise makes loud what was soft.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

const START = '2026-06-09T08:00:00Z';

const company = (yaml: string): string =>
  unhurried(trusting(yaml))
    .replace('commander: {page: boss,', 'commander: {page: boss, fallback: herald,')
    .replace('speaker: {page: herald}', 'speaker: {page: driver}')
    .replace(
      '  mild:',
      '  calm: {criteria: It waits., urgency: low, page: {triage: [on-duty], declared: [commander, speaker]}}\n  mild:',
    )
    .replace('alarms: {page: boss,', 'alarms: {page: driver,');

async function lowered(edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> {
  const stage = await trams((yaml) => edit(company(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  await stage.answer('driver');
  await stage.at('3m');
  await stage.act('driver', 'severity', { level: 'calm', reason: 'the depot has a spare tram' });
  return stage;
}

const later = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.rings()).filter((ring) => ring > '08:00:01');

test('the next step rings softly, and nobody is rung again', async () => {
  const stage = await lowered();
  await stage.at('9m');
  expect(await later(stage)).toEqual(['08:05:00 | rang | herald | commander | pd | low']);
  expect(stage.pages('rang').at(-1)?.title).toMatch(/^\[calm\]/);
});

test('what is asked again behind the last step rings softly as well', async () => {
  const stage = await lowered();
  await stage.at('30m');
  expect((await later(stage)).filter((ring) => !ring.endsWith('low'))).toEqual([]);
});

test('a raise makes loud what rang softly, and rings whoever has not answered once more', async () => {
  const stage = await lowered();
  await stage.at('6m');
  await stage.act('driver', 'severity', { level: 'bad' });
  await stage.at('7m');
  expect(await later(stage)).toEqual([
    '08:05:00 | rang | herald | commander | pd | low',
    '08:06:00 | rang | boss | commander | pd | high',
    '08:06:00 | rang | herald | commander | pd | high',
  ]);
});

test('a raise rings nobody anew where a loud phone was answered and only the soft one beside it was silenced', async () => {
  const stage = await lowered();
  await stage.at('6m');
  await stage.answer('boss');
  await stage.at('25m');
  await stage.act('driver', 'severity', { level: 'bad' });
  await stage.at('40m');
  expect(await later(stage)).toEqual(['08:05:00 | rang | herald | commander | pd | low']);
});

test('somebody whose phone rings out loud is not rung by a later step that names them again', async () => {
  const stage = await lowered((yaml) =>
    yaml.replace('commander: {page: boss,', 'commander: {page: boss, escalation: round,').replace(
      'flags:',
      `escalation_policies:
  round: {steps: [{page: own, wait: 5m}, {page: fallback, wait: 8m}, {page: boss}]}
flags:`,
    ),
  );
  await stage.at('20m');
  expect((await later(stage)).filter((ring) => ring.includes('boss'))).toEqual([]);
});

test('a phone that rings anew for something else rings softly, too', async () => {
  const stage = await lowered((yaml) =>
    yaml.replace('  commander:', '  guide: {page: boss}\n  commander:'),
  );
  await stage.at('14m');
  await stage.act('driver', 'roles/guide/page');
  await stage.at('15m');
  expect((await later(stage)).filter((ring) => ring.includes('boss'))).toEqual([
    '08:14:00 | rang | boss | commander, guide | pd | low',
  ]);
});

test('a role on request that a person has asked for is looked for on, also where the worse level looked for it already', async () => {
  const stage = await trams((yaml) =>
    unhurried(trusting(yaml)).replace(
      'declared: [commander]}',
      'declared: [commander], on_request: [speaker]}',
    ),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  for (const person of ['driver', 'boss']) await stage.answer(person);
  await stage.at('2m');
  await stage.act('boss', 'roles/speaker/page');
  await stage.at('3m');
  await stage.act('boss', 'severity', { level: 'mild', reason: 'the depot has a spare tram' });
  await stage.at('10m');
  expect(await later(stage), 'and nobody is rung anew').toEqual([]);
  await stage.answer('herald');
  await stage.at('11m');
  expect((await stage.incident()).roles['speaker']?.person).toBe('herald');
});
