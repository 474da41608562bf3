/**
 * Two roles command, each at a level of its own.
 *
 * A late tram has a dispatcher, a line that stands has a commander. The dispatcher is asleep when the level is raised, and
 * the commander answers. From then on nobody looks for a dispatcher any more: no phone rings for a command that is taken,
 * and whoever answers an old ring at last takes it from nobody.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const START = '2026-06-09T08:00:00Z';

const company = (yaml: string): string =>
  trusting(yaml)
    .replace(
      'people:',
      'people:\n  kim: {pagerduty: {name: Kim, id: PKIM001}}\n  hal: {pagerduty: {name: Hal, id: PHAL001}}',
    )
    .replace(
      'speaker: {page: herald}',
      'speaker: {page: herald}\n  dispatcher: {page: kim, fallback: hal, commands: true}',
    )
    .replace('declared: [commander]}', 'declared: [dispatcher]}')
    .replace('alarms: {page: boss,', 'alarms: {page: hal,');

async function late(edit: (yaml: string) => string = company): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineLate', startsAt: START });
  await stage.at('1m');
  await stage.answer('driver');
  return stage;
}

async function commands(stage: Stage): Promise<readonly string[]> {
  const { roles } = await stage.incident();
  const held = Object.entries(roles).map(([role, { person }]) => `${person} is ${role}`);
  return held.filter((one) => !/speaker|on-duty/.test(one));
}

async function ringsSince(stage: Stage, time: string): Promise<readonly string[]> {
  return (await stage.rings()).filter((ring) => ring >= time);
}

test('a raise ends the search for the command of the milder level, and nobody rings for it again', async () => {
  const stage = await late();
  expect(await ringsSince(stage, '08:00:00')).toContainEqual(
    '08:00:00 | rang | kim | dispatcher | pd | high',
  );
  await stage.at('3m');
  await stage.act('driver', 'severity', { level: 'bad' });
  await stage.at('4m');
  expect(stage.pages('resolved').map(({ address }) => address)).toContain('PKIM001');
  await stage.answer('boss');
  await stage.answer('herald');
  await stage.at('25m');
  expect(await commands(stage)).toEqual(['boss is commander']);
  expect((await ringsSince(stage, '08:03:01')).filter((one) => !one.includes('boss'))).toEqual([]);
  expect(
    (await ringsSince(stage, '08:03:00')).filter((one) => one.includes('| rang | kim')),
  ).toEqual([]);
});

test('whoever answers the milder level late takes the command from nobody', async () => {
  const stage = await late();
  await stage.at('3m');
  const rung = stage.pages('rang').find(({ address }) => address === 'PKIM001');
  // The pager is told that kim is wanted no more, and does not hear it.
  stage.fault({ target: 'pd', fault: 'hang' });
  await stage.act('driver', 'severity', { level: 'bad' });
  await stage.act('boss', 'roles/commander/take');
  stage.healed('pd');
  await stage.answer('kim', { ref: rung?.ref ?? '' });
  await stage.at('20m');
  expect(await commands(stage)).toEqual(['boss is commander']);
});

test('a raise within triage leaves the search until the command of the new level is looked for', async () => {
  const stage = await late((yaml) =>
    company(yaml)
      .replace(
        'triage: [on-duty], declared: [dispatcher]}',
        'triage: [on-duty, dispatcher], declared: []}',
      )
      .replaceAll(
        'declare: {by: [person, acknowledgement, trusted_rule]}',
        'declare: {by: [person]}',
      ),
  );
  await stage.act('driver', 'severity', { level: 'bad' });
  await stage.at('8m');
  expect(await ringsSince(stage, '08:01:01')).toContainEqual(
    expect.stringMatching(/rang \| hal \| dispatcher/),
  );
  await stage.act('driver', 'declare');
  await stage.act('boss', 'roles/commander/take');
  await stage.at('30m');
  expect(await commands(stage)).toEqual(['boss is commander']);
  expect((await ringsSince(stage, '08:08:01')).filter((one) => one.includes('dispatcher'))).toEqual(
    [],
  );
});

test('once somebody commands, a person may still have the other one rung, to be relieved', async () => {
  const stage = await late();
  await stage.act('driver', 'severity', { level: 'bad' });
  await stage.act('boss', 'roles/commander/take');
  await stage.at('5m');
  await stage.act('boss', 'roles/dispatcher/page');
  await stage.at('6m');
  await stage.answer('kim');
  await stage.advance('1s');
  expect(await commands(stage)).toEqual(['kim is dispatcher']);
});

test('what the level itself names is looked for until it is there, whoever commands meanwhile', async () => {
  const stage = await late((yaml) =>
    company(yaml)
      .replace('  dispatcher:', '  tracker: {page: kim}\n  dispatcher:')
      .replace('declared: [dispatcher]}', 'declared: [tracker, dispatcher]}'),
  );
  await stage.act('driver', 'severity', { level: 'bad' });
  await stage.act('hal', 'roles/dispatcher/take');
  await stage.at('12m');
  expect(await commands(stage)).toEqual(['hal is dispatcher']);
  const { escalations } = await stage.incident();
  expect(escalations['role:commander']?.state).toBe('exhausted');
  // A role that leads nobody is no rival.
  expect(escalations['role:tracker']?.state).toBe('exhausted');
});

test('where one level calls both, whoever answers last commands, and nobody is looked for in the place of the other', async () => {
  const stage = await trams((yaml) =>
    company(yaml).replace(
      'declared: [commander, speaker]}',
      'declared: [commander, dispatcher, speaker]}',
    ),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  for (const person of ['driver', 'herald', 'boss', 'kim']) await stage.answer(person);
  await stage.at('20m');
  expect(await commands(stage)).toEqual(['kim is dispatcher']);
  expect(await ringsSince(stage, '08:00:01')).toEqual([]);
});
