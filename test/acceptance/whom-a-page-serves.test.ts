/**
 * Whom a page serves.
 *
 * A tram line stops at eight. A phone rings for what its person is wanted for, and an answer gives what it was given for: a
 * raise asks whoever commands before anybody else, an answer to an alarm brings no role, whoever said that they are ill is
 * rung before they command, and a page that its pager refused reaches nobody, whatever else it is to serve.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { inSteps, trams, trusting, unhurried } from './trams.ts';

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

describe('a raise', () => {
  /** A level that can wait, at which commander and speaker are looked for as well. */
  const company = (yaml: string): string =>
    unhurried(trusting(yaml))
      .replace('commander: {page: boss,', 'commander: {page: boss, fallback: herald,')
      .replace('speaker: {page: herald}', 'speaker: {page: driver}')
      .replace(
        '  mild:',
        '  calm: {criteria: It waits., urgency: low, declare: {by: [person, trusted_rule]}, page: {triage: [on-duty], declared: [commander, speaker]}}\n  mild:',
      )
      .replace('alarms: {page: boss,', 'alarms: {page: driver,');

  /** The boss sleeps, it is lowered, and the herald, who is rung softly after the boss, commands. */
  async function commandedByHerald(): Promise<Stage> {
    const stage = await trams(company);
    await stops(stage);
    await stage.at('1m');
    await stage.answer('driver');
    await stage.at('3m');
    await stage.act('driver', 'severity', { level: 'calm', reason: 'the depot has a spare tram' });
    await stage.at('6m');
    await stage.answer('herald');
    return stage;
  }

  test('asks whoever commands, and rings nobody else to command in their place', async () => {
    const stage = await commandedByHerald();
    await stage.at('7m');
    await stage.act('driver', 'severity', { level: 'bad' });
    await stage.at('8m');
    expect((await stage.rings()).slice(-1)).toEqual([
      '08:07:00 | rang | herald | commander | pd | high',
    ]);
    await stage.answer('herald');
    await stage.at('40m');
    expect(await ringsOf(stage, 'boss')).toEqual([
      '08:00:00 | rang | boss | commander | pd | high',
    ]);
    expect(await holderOf(stage, 'commander')).toBe('herald');
  });

  test('rings nobody for the role of whoever says themselves that it is worse', async () => {
    const stage = await commandedByHerald();
    await stage.at('7m');
    await stage.act('herald', 'severity', { level: 'bad' });
    await stage.at('40m');
    expect(
      (await stage.rings()).filter((ring) => ring > '08:06:01' && ring.includes('commander')),
    ).toEqual([]);
    expect(await holderOf(stage, 'commander')).toBe('herald');
  });

  test('rings whom the search names as well where whoever commands does not answer', async () => {
    const stage = await commandedByHerald();
    await stage.at('7m');
    await stage.act('driver', 'severity', { level: 'bad' });
    await stage.at('11m50s');
    expect(await ringsOf(stage, 'boss')).toHaveLength(1);
    await stage.at('12m10s');
    expect((await ringsOf(stage, 'boss')).slice(1)).toEqual([
      '08:12:00 | rang | boss | commander | pd | high',
    ]);
  });

  test('asks whoever got the command while it could wait, whoever it was looked for', async () => {
    const stage = await trams((yaml) =>
      company(yaml).replace('service: line-1, severity: bad', 'service: line-1, severity: calm'),
    );
    await stops(stage);
    await stage.at('1m');
    await stage.act('herald', 'roles/commander/take');
    await stage.at('2m');
    await stage.act('driver', 'severity', { level: 'bad' });
    await stage.at('3m');
    const since = (await stage.rings()).filter((ring) => ring > '08:01:30');
    expect(since.filter((ring) => ring.includes('commander'))).toEqual([
      '08:02:00 | rang | herald | commander | pd | high',
    ]);
  });
});

test('an answer to an alarm fills no role that is looked for afterwards: the phone rings for it', async () => {
  const stage = await trams(byPeople);
  await stops(stage);
  await stage.at('5m10s');
  expect(await ringsOf(stage, 'boss')).toEqual(['08:05:00 | rang | boss | alarm | pd | high']);
  await stage.at('6m');
  await stage.answer('boss');
  await stage.at('8m');
  await stage.act('herald', 'declare');
  await stage.at('8m10s');
  expect(await holderOf(stage, 'commander')).toBeUndefined();
  expect((await ringsOf(stage, 'boss')).slice(1)).toEqual([
    '08:08:00 | rang | boss | commander | pd | high',
  ]);
  await stage.answer('boss');
  expect(await holderOf(stage, 'commander')).toBe('boss');
});

test('whoever has declined a role is rung before they have another, though they answered this morning', async () => {
  const stage = await trams((yaml) =>
    byPeople(yaml).replace('commander: {page: boss,', 'commander: {page: driver,'),
  );
  await stops(stage);
  await stage.at('1m');
  await stage.answer('driver');
  await stage.at('40m');
  await stage.act('herald', 'roles', { role: 'speaker', person: 'driver' });
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

describe('a page that comes to serve another search while it rings', () => {
  /** Both are looked for by steps of five minutes, and behind each of them the herald is. */
  const behindBoth = (yaml: string): string =>
    unhurried(inSteps(yaml)).replace(
      'commander: {page: boss,',
      'commander: {page: boss, escalation: calm, fallback: [herald],',
    );

  /** Answered by both, and cleared at 08:19; `first` does something then, and it fires again at 08:21. Nobody answers. */
  async function firesAgain(first: string): Promise<Stage> {
    const stage = await trams(behindBoth);
    await stops(stage);
    await stage.at('08:01');
    await stage.answer('driver');
    await stage.advance('10s');
    await stage.answer('boss');
    await stage.act('herald', 'roles/speaker/take');
    await stage.at('08:19');
    await stage.alert({ alertname: 'LineStopped', startsAt: START, status: 'resolved' });
    await stage.act(first, 'notes', { text: 'It runs again.' });
    await stage.at('08:21');
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:21:00Z' });
    await stage.at('08:32');
    return stage;
  }

  const notes = (stage: Stage): readonly string[] =>
    stage
      .pages('noted')
      .filter(({ time }) => time.slice(11, 16) > '08:19')
      .map(({ time, address, note }) => `${time.slice(11, 16)} ${address} ${note}`);

  test('says so at its pager: of the on-call on a phone that rang for the command', async () => {
    const stage = await firesAgain('driver');
    expect((await ringsOf(stage, 'herald')).at(-1)).toMatch(/^08:26:00/);
    expect(notes(stage)).toEqual([
      '08:31 PHERALD This phone rings for more by now [bad]: You are needed as commander. It fires again, after 2 min of quiet. You are on call for line-1. It fires again. An answer here is for all of it.',
    ]);
  });

  test('says so at its pager: of the command on a phone that rang for the on-call', async () => {
    const stage = await firesAgain('boss');
    expect((await ringsOf(stage, 'herald')).at(-1)).toMatch(/^08:26:00/);
    expect(notes(stage)).toEqual([
      '08:31 PHERALD This phone rings for more by now [bad]: You are on call for line-1. It fires again, after 2 min of quiet. You are needed as commander. It fires again. An answer here is for all of it.',
    ]);
  });
});

describe('a page that its pager refused', () => {
  const POSTS = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;

  const steppedFor = (yaml: string): string =>
    `${byPeople(yaml)
      .replace(
        'line-1: {on_call: driver,',
        'line-1: {on_call: driver, escalation: steps, fallback: [herald],',
      )
      .replace(
        'on-duty: {page: service.on_call}',
        'on-duty: {page: service.on_call, escalation: steps}',
      )
      .replace(
        'commander: {page: boss,',
        'commander: {page: driver, escalation: steps, fallback: [boss],',
      )
      .replace('speaker: {page: herald}', 'speaker: {page: herald, escalation: steps}')}
escalation_policies:
  steps: {steps: [{page: own, wait: 5m}, {page: fallback, wait: 5m}]}
`;

  test('serves no other search: where it is refused once more, the next one is rung at once', async () => {
    const stage = await trams(steppedFor);
    const unknown = { ...POSTS, fault: 'unknown-address' } as const;
    stage.fault({ ...unknown, times: 1 });
    await stops(stage);
    await stage.at('2m');
    stage.fault({ ...unknown, times: 1 });
    await stage.act('herald', 'declare');
    await stage.at('2m10s');
    expect(await ringsOf(stage, 'boss')).toEqual([
      '08:02:00 | rang | boss | commander | pd | high',
    ]);
  });

  test('rings where its pager knows the address again', async () => {
    const stage = await trams(steppedFor);
    stage.fault({ ...POSTS, fault: 'unknown-address', times: 1 });
    await stops(stage);
    await stage.at('2m');
    await stage.act('herald', 'declare');
    await stage.at('2m10s');
    // And for what the refused page was to ring for.
    expect(await ringsOf(stage, 'driver')).toEqual([
      '08:02:00 | rang | driver | commander, on-duty | pd | high',
    ]);
  });
});
