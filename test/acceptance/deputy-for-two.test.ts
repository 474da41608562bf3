/**
 * The deputy is called for two.
 *
 * The boss commands and falls silent; when the tram stops again, the mate is rung in the boss's place, and the driver asks
 * for a deputy. One answer of the mate gives the command, which comes first. Nobody stands in for themselves, so somebody
 * else is looked for as deputy.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

const withMates =
  (rule: string) =>
  (yaml: string): string =>
    unhurried(trusting(yaml))
      .replace(
        'people:',
        'people:\n  mate: {pagerduty: {name: Mate, id: PMATE01}}\n  cook: {pagerduty: {name: Cook, id: PCOOK01}}',
      )
      .replace(
        'roles:',
        `roles:\n  first-mate: {page: mate, fallback: cook, escalation: calm, deputizes: commander${rule}}`,
      )
      .replace('commander: {page: boss,', 'commander: {page: boss, escalation: calm,')
      .replace(
        'declared: [commander, speaker]}',
        'declared: [commander, speaker], on_request: [first-mate]}',
      )
      .concat(
        '\nescalation_policies:\n  calm: {steps: [{page: own, wait: 5m}, {page: fallback, wait: 5m}]}\n',
      );

/** All three have answered. */
async function underWay(rule: string): Promise<Stage> {
  const stage = await trams(withMates(rule));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  return stage;
}

/** Five minutes after it cleared, at 08:25. */
async function firesAgain(stage: Stage): Promise<void> {
  await stage.at('08:20');
  await stage.alert({
    alertname: 'LineStopped',
    startsAt: '2026-06-09T08:00:00Z',
    status: 'resolved',
  });
  await stage.at('08:25');
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:25:00Z' });
}

/** It fires again, and at 08:30 the mate is rung in the place of the boss. */
async function silentBoss(rule: string): Promise<Stage> {
  const stage = await underWay(rule);
  await firesAgain(stage);
  await stage.at('08:30:10');
  return stage;
}

async function holders(stage: Stage): Promise<Readonly<Record<string, string>>> {
  const { roles } = await stage.incident();
  return Object.fromEntries(Object.entries(roles).map(([role, { person }]) => [role, person]));
}

const ringsOf = async (stage: Stage, person: string): Promise<readonly string[]> =>
  (await stage.rings()).filter((ring) => ring > '08:25' && ring.includes(`| ${person} |`));

test('a level that names the deputy first has the commander before the deputy all the same', async () => {
  const stage = await trams((yaml) =>
    withMates('')(yaml)
      .replace(
        'declared: [commander, speaker], on_request: [first-mate]}',
        'declared: [first-mate, commander, speaker]}',
      )
      .replace('commander: {page: boss,', 'commander: {page: mate,'),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  await stage.answer('mate');
  await stage.advance('1s');
  expect(await holders(stage)).toEqual({ commander: 'mate' });
  expect((await stage.rings()).at(-1)).toContain('| cook | first-mate |');
});

describe.each([', never_with: [commander]', ''])('a deputy of whom the file says "%s"', (rule) => {
  test('commands by an answer that is for both, and somebody else is looked for as deputy', async () => {
    const stage = await silentBoss(rule);
    await stage.act('driver', 'roles/first-mate/page');
    await stage.at('08:32');
    await stage.answer('mate');
    await stage.at('08:38');
    expect(await holders(stage)).toMatchObject({ commander: 'mate' });
    expect(await holders(stage)).not.toHaveProperty('first-mate');
    expect(await ringsOf(stage, 'cook')).toHaveLength(1);
    await stage.answer('cook');
    expect(await holders(stage)).toMatchObject({ commander: 'mate', 'first-mate': 'cook' });
  });

  test('who is asked for the command as well reads what an answer gives', async () => {
    const stage = await silentBoss(rule);
    await stage.act('driver', 'roles/first-mate/page');
    await stage.at('08:32');
    const pages = Object.values((await stage.incident()).pages);
    const theirs = pages.filter(({ person, state }) => person === 'mate' && state === 'open');
    expect(theirs.flatMap(({ escalations }) => escalations)).toContain('role:commander');
  });

  test('who has the role already is rung in the place of the commander, and commands by answering', async () => {
    const stage = await underWay(rule);
    await stage.act('mate', 'roles/first-mate/take');
    await firesAgain(stage);
    await stage.at('08:32');
    expect(await ringsOf(stage, 'mate')).toHaveLength(1);
    await stage.answer('mate');
    expect(await holders(stage)).toMatchObject({ commander: 'mate' });
    expect(await holders(stage)).not.toHaveProperty('first-mate');
  });
});
