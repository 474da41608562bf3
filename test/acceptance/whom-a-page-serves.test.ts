/**
 * Whom a page serves.
 *
 * A tram line stops at eight. A phone rings for what its person is wanted for, and an answer gives what it was given for:
 * whoever said that they are ill is rung before they command.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

const START = '2026-06-09T08:00:00Z';

const stops = (stage: Stage): Promise<void> =>
  stage.alert({ alertname: 'LineStopped', startsAt: START });

async function holderOf(stage: Stage, role: string): Promise<string | undefined> {
  return (await stage.incident()).roles[role]?.person;
}

async function ringsOf(stage: Stage, person: string): Promise<readonly string[]> {
  return (await stage.rings()).filter((ring) => ring.includes(`| ${person} |`));
}

/** Only people declare; who is on duty is looked for by steps of five minutes. */
const byPeople = (yaml: string): string =>
  unhurried(trusting(yaml)).replaceAll(
    'by: [person, acknowledgement, trusted_rule]',
    'by: [person]',
  );

test('whoever has declined a role is rung before they have another, though they answered this morning', async () => {
  const stage = await trams((yaml) =>
    byPeople(yaml).replace('commander: {page: boss,', 'commander: {page: driver,'),
  );
  await stops(stage);
  await stage.at('1m');
  await stage.answer('driver');
  await stage.at('40m');
  await stage.act('herald', 'roles', { role: 'speaker', person: 'driver' });
  // Whoever is offered a role a moment after they answered is asked for none: it is theirs.
  await stage.at('41m');
  await stage.act('driver', 'offers/decline', { why: 'ill, going home' });
  await stage.at('43m');
  await stage.act('herald', 'declare');
  await stage.at('43m10s');
  expect(await holderOf(stage, 'commander')).toBeUndefined();
  expect((await ringsOf(stage, 'driver')).at(-1)).toBe(
    '08:43:00 | rang | driver | commander | pd | high',
  );
});
