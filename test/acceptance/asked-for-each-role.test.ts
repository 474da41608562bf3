/**
 * Asked for each role.
 *
 * Whoever answers has what their phone rang for, and nothing that is looked for later: for that they are asked by a ring of
 * its own. That somebody is at it gives them no role, and silences nobody else's phone.
 */
import { expect, test } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';
import { inSteps, trams, unhurried } from './trams.ts';

async function ringsFor(stage: Stage, role: string): Promise<readonly string[]> {
  return (await stage.rings())
    .filter((ring) => ring.includes(role))
    .map((ring) => ring.split(' | ').slice(0, 4).join(' | '));
}

async function holderOf(stage: Stage, role: string): Promise<string | undefined> {
  return (await stage.incident()).roles[role]?.person;
}

const silenced = (stage: Stage): readonly string[] =>
  stage.pages('acknowledged').map(({ address }) => address);

/** Whoever is on duty answers at one minute past; only people declare, and behind the boss the driver may command. */
async function onDuty(edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> {
  const stage = await trams((yaml) =>
    edit(
      unhurried(inSteps(yaml))
        .replace(
          'commander: {page: boss,',
          'commander: {page: boss, escalation: calm, fallback: driver,',
        )
        .replaceAll('by: [person, acknowledgement, trusted_rule]', 'by: [person]'),
    ),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('1m');
  await stage.answer('driver');
  return stage;
}

test('whoever is at it and comes next for the command is rung, and the phone that rings for it rings on', async () => {
  const stage = await onDuty();
  await stage.at('2m');
  await stage.act('herald', 'declare');
  await stage.at('6m');
  await stage.act('driver', 'notes', { text: 'The third tram is at the switch.' });
  await stage.at('8m');
  expect(await ringsFor(stage, 'commander')).toEqual([
    '08:02:00 | rang | boss | commander',
    '08:07:00 | rang | driver | commander',
  ]);
  expect(await holderOf(stage, 'commander')).toBeUndefined();
  expect(silenced(stage)).not.toContain('PBOSS01');
  await stage.answer('driver');
  await stage.advance('1s');
  expect(await holderOf(stage, 'commander')).toBe('driver');
  expect(silenced(stage)).toContain('PBOSS01');
});

test('whoever has answered is asked once for what a declaration wants of them besides, and has it by answering', async () => {
  const stage = await onDuty((yaml) =>
    yaml.replace('speaker: {page: herald}', 'speaker: {page: driver}'),
  );
  await stage.at('2m');
  await stage.act('boss', 'declare');
  await stage.at('6m');
  expect(await ringsFor(stage, 'speaker')).toEqual(['08:02:00 | rang | driver | speaker']);
  expect(await holderOf(stage, 'speaker')).toBeUndefined();
  await stage.answer('driver');
  expect(await holderOf(stage, 'speaker')).toBe('driver');
});

test('a raise asks whoever is at it for a role that only the worse level has', async () => {
  const stage = await trams((yaml) =>
    unhurried(yaml).replace('speaker: {page: herald}', 'speaker: {page: driver}'),
  );
  await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('1m');
  await stage.answer('driver');
  await stage.answer('boss');
  await stage.at('2m');
  await stage.act('driver', 'severity', { level: 'bad' });
  await stage.at('4m');
  expect(await holderOf(stage, 'speaker')).toBeUndefined();
  expect(await ringsFor(stage, 'speaker')).toEqual(['08:02:00 | rang | driver | speaker']);
});

test('in the example, a liaison who has just answered does not come to speak by that', async () => {
  const stage = await openStage({
    configFile: 'config/example.yaml',
    watchdog: 'prometheus',
    start: '2026-01-09T02:00:00Z',
  });
  await stage.alert({ alertname: 'CheckoutDown', labels: { service: 'checkout' } });
  await stage.at('02:01');
  await stage.answer('ada');
  await stage.answer('mats', { target: 'pd', at: 'PSVC001' });
  await stage.at('02:02');
  await stage.answer('jon');
  await stage.at('02:06');
  expect(await holderOf(stage, 'internal_liaison')).toBe('jon');
  expect(await holderOf(stage, 'communications_lead')).toBeUndefined();
  expect(await ringsFor(stage, 'communications_lead')).toEqual([
    '02:00:00 | rang | cleo | communications_lead',
    '02:05:00 | rang | ines | communications_lead',
    '02:05:00 | rang | jon | communications_lead',
  ]);
  expect(silenced(stage)).not.toContain('PCLE001');
});
