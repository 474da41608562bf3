/**
 * The deputy takes the command.
 *
 * The boss commands, and falls silent; the mate deputizes, which nobody may do who commands. The room reads how to take
 * over. Standing in is what the mate's role is for: it ends when the mate commands, by whatever way.
 */
import { describe, expect, test } from 'vitest';
import { instantOf } from '../../src/contract/instant.ts';
import { showText } from '../../src/cli/show-text.ts';
import type { IncidentView } from '../../src/read/shapes.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const withMate = (yaml: string): string =>
  trusting(yaml)
    .replace('people:', 'people:\n  mate: {pagerduty: {name: Mate, id: PMATE01}}')
    .replace(
      'roles:',
      'roles:\n  first-mate: {page: mate, deputizes: commander, never_with: [commander]}',
    )
    .replace('declared: [commander, speaker]}', 'declared: [commander, speaker, first-mate]}');

/** Everybody answers at eight; for half an hour nothing is heard of the boss. */
async function silent(
  edit: (yaml: string) => string = withMate,
  people = ['driver', 'boss', 'herald', 'mate'],
): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of people) await stage.answer(person);
  await stage.at('31m');
  return stage;
}

async function holders(stage: Stage): Promise<Readonly<Record<string, string>>> {
  const { roles } = await stage.incident();
  return Object.fromEntries(Object.entries(roles).map(([role, { person }]) => [role, person]));
}

const LED = { 'on-duty': 'driver', speaker: 'herald', commander: 'mate' };

describe('whoever deputizes commands, and deputizes no more', () => {
  test('by the command that the room reads, and nobody is rung', async () => {
    const stage = await silent();
    expect(stage.messages().at(-1)?.text).toContain('To take over: `tocsin take inc-1 commander`');
    await stage.act('mate', 'roles/commander/take');
    await stage.at('39m');
    expect(await holders(stage)).toEqual(LED);
    expect((await stage.rings()).filter((ring) => ring > '08:01')).toEqual([]);
  });

  test('also while their own phone rings to ask who is still on it', async () => {
    const stage = await silent();
    await stage.at('41m');
    expect((await stage.rings()).at(-1)).toMatch(/^08:40.* \| mate/);
    await stage.act('mate', 'roles/commander/take');
    await stage.advance('1s');
    expect(await holders(stage)).toEqual(LED);
    const open = (await stage.incident()).pages;
    expect(Object.values(open).filter(({ state }) => state === 'open')).toEqual([]);
  });

  test('by an offer that they accept, and where they are given the command', async () => {
    for (const confirmed of [false, true]) {
      const stage = await silent();
      const body = { role: 'commander', person: 'mate', confirmed };
      await stage.api('driver', 'POST /api/v1/incidents/inc-1/roles', body);
      if (!confirmed) await stage.act('mate', 'offers/accept');
      expect(await holders(stage)).toEqual(LED);
    }
  });
});

describe('where the level wants somebody who deputizes, another one is rung', () => {
  const withSecondMate = (yaml: string): string =>
    withMate(yaml)
      .replace('people:', 'people:\n  second: {pagerduty: {name: Second, id: PSECOND}}')
      .replace(
        'first-mate: {page: mate, deputizes: commander,',
        'first-mate: {page: mate, fallback: [second], escalation: mates, deputizes: commander,',
      )
      .concat(
        '\nescalation_policies: {mates: {steps: [{page: own, wait: 5m}, {page: fallback}]}}\n',
      );
  const rangSince = async (stage: Stage, moment: string): Promise<readonly string[]> =>
    (await stage.rings())
      .filter((ring) => ring > moment)
      .map((ring) => ring.split(' | ').slice(0, 3).join(' '));

  test('at once, and has it by answering', async () => {
    const stage = await silent(withSecondMate);
    await stage.act('mate', 'roles/commander/take');
    await stage.at('32m');
    expect(await rangSince(stage, '08:01')).toEqual(['08:31:00 rang second']);
    await stage.answer('second');
    expect(await holders(stage)).toEqual({ ...LED, 'first-mate': 'second' });
  });

  test('also after a reopening, when nobody is looked for any more', async () => {
    const stage = await silent(withSecondMate);
    await stage.act('boss', 'resolve', {});
    await stage.at('40m');
    await stage.act('herald', 'reopen', { reason: 'it stands again' });
    await stage.at('41m');
    await stage.act('mate', 'roles/commander/take');
    await stage.at('42m');
    expect(await rangSince(stage, '08:41')).toContain('08:41:00 rang second');
  });

  test('and rung again by nobody where the level asks for none', async () => {
    const unasked = (yaml: string): string =>
      withSecondMate(yaml).replace('speaker, first-mate]}', 'speaker], on_request: [first-mate]}');
    const stage = await silent(unasked, ['driver', 'boss', 'herald']);
    await stage.act('boss', 'roles/first-mate/page');
    await stage.advance('1s');
    await stage.answer('mate');
    await stage.act('mate', 'roles/commander/take');
    await stage.at('39m');
    expect(await holders(stage)).toEqual(LED);
    expect(await rangSince(stage, '08:01')).toEqual(['08:31:00 rang mate']);
  });
});

test('another role of theirs that a commander must not have keeps them from it as before', async () => {
  const stage = await silent(
    (yaml) =>
      withMate(yaml)
        .replace('first-mate: {page: mate,', 'first-mate: {page: herald,')
        .replace('speaker: {page: herald}', 'speaker: {page: herald, never_with: [commander]}'),
    ['driver', 'boss', 'herald'],
  );
  const path = 'POST /api/v1/incidents/inc-1/roles/commander/take';
  expect(await stage.api('herald', path, {})).toMatchObject({
    status: 409,
    json: {
      code: 'roles_apart',
      detail: expect.stringContaining('tocsin assign inc-1 speaker PERSON'),
    },
  });
  expect(await holders(stage)).toMatchObject({ commander: 'boss', speaker: 'herald' });
});

test('and what is shown then names who commands, and nobody who deputizes', async () => {
  const stage = await silent();
  await stage.act('mate', 'roles/commander/take');
  const { json } = await stage.api('mate', 'GET /api/v1/incidents/inc-1');
  const shown = showText(json as IncidentView, { now: stage.clock.now(), instantOf }, null);
  expect(shown).toContain('commander: mate, since');
  expect(shown).toContain('first-mate: nobody any more: mate takes over as commander');
});
