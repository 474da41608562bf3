/**
 * Who answers.
 *
 * Acknowledging says "I am here", for the pages that rang whoever says it. It declares nothing unless the level says so,
 * and gives nobody a role that another role of theirs keeps them from. Whoever was not rung silences nobody's phone: they
 * are told what they can do instead.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

/** The boss is also the one who speaks, though a commander must not be. */
const bossIsBoth = (yaml: string): string =>
  trusting(yaml)
    .replace(
      'speaker: {page: herald}',
      'speaker: {page: boss, fallback: [herald], never_with: [commander]}',
    )
    .replace(
      'declare: {by: [person, acknowledgement, trusted_rule]}',
      'declare: {by: [person, trusted_rule]}',
    );

async function holders(stage: Stage): Promise<Readonly<Record<string, string>>> {
  const { roles } = await stage.incident();
  return Object.fromEntries(Object.entries(roles).map(([role, { person }]) => [role, person]));
}

describe('somebody whom nothing rang', () => {
  test('silences no phone and takes no role by acknowledging, and reads what they can do', async () => {
    const stage = await trams((yaml) =>
      trusting(yaml).replace('people:', 'people:\n  passerby: {slack: U0PASS}'),
    );
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('1m');
    await stage.answer('herald');
    const refused = await stage.api('passerby', 'POST /api/v1/incidents/inc-1/acknowledge', {});
    expect(refused).toMatchObject({
      status: 409,
      json: {
        code: 'not_rung',
        detail:
          'No page of inc-1 rings you. Rung now: driver, boss. To take a role: `tocsin take inc-1 on-duty` (or commander, speaker); to help: `tocsin join inc-1`.',
      },
    });
    expect(await holders(stage)).toEqual({ speaker: 'herald' });
    expect(stage.pages('acknowledged').map(({ address }) => address)).toEqual(['PHERALD']);
  });

  test('takes a role by saying so, and its phone stops', async () => {
    const stage = await trams(trusting);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('1m');
    await stage.act('driver', 'acknowledge', {});
    await stage.act('driver', 'roles/commander/take', {});
    await stage.advance('1s');
    expect(await holders(stage)).toMatchObject({ commander: 'driver' });
    const { escalations } = await stage.incident();
    expect(escalations['role:commander']).toMatchObject({
      state: 'answered',
      answeredBy: 'driver',
    });
  });

  test('joins, and is a responder from then on', async () => {
    const stage = await trams(trusting);
    await stage.alert({ alertname: 'LineLate' });
    await stage.act('herald', 'join', {});
    const { signsOfLife } = await stage.incident();
    expect(Object.keys(signsOfLife)).toEqual(['herald']);
  });
});

test('one phone that rang for two roles which exclude each other fills the first, and the search for the other goes on', async () => {
  const stage = await trams(bossIsBoth);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.advance('1s');
  await stage.answer('boss');
  await stage.at('1m');
  expect(await holders(stage)).toEqual({ commander: 'boss' });
  expect(await stage.rings()).toEqual([
    '08:00:00 | rang | driver | on-duty | pd | high',
    '08:00:00 | rang | boss | commander, speaker | pd | high',
    '08:00:01 | rang | herald | speaker | pd | high',
  ]);
  await stage.answer('herald');
  await stage.advance('1s');
  expect(await holders(stage)).toEqual({ commander: 'boss', speaker: 'herald' });
});

test('whoever answers reads no command that would be refused: who may have the role is named instead', async () => {
  const stage = await trams(bossIsBoth);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.advance('1s');
  expect(await stage.api('boss', 'POST /api/v1/incidents/inc-1/acknowledge', {})).toMatchObject({
    json: {
      remark:
        'You are commander now. Looked for: on-duty (`tocsin take inc-1 on-duty`), speaker (not you, who are commander: `tocsin assign inc-1 speaker driver` (or herald)).',
    },
  });
  const given = { role: 'speaker', person: 'driver' };
  expect((await stage.api('boss', 'POST /api/v1/incidents/inc-1/roles', given)).status).toBe(200);
});

describe('an answer in triage', () => {
  const slowly = (yaml: string): string =>
    yaml
      .replace('severity: bad, trusted: true', 'severity: bad')
      .replace(
        'declare: {by: [person, acknowledgement, trusted_rule]}',
        'declare: {or_after: 10m}',
      );

  test('declares nothing: it says that somebody is there', async () => {
    const stage = await trams(slowly);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('1m');
    await stage.answer('driver');
    await stage.at('9m');
    expect(await stage.incident()).toMatchObject({ phase: 'triage', declaredAt: null });
    expect((await stage.rings()).length).toBe(1);
  });

  test('gives ten minutes more, once, until what still fires is declared by itself', async () => {
    const stage = await trams(slowly);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('1m');
    await stage.answer('driver');
    await stage.at('19m');
    expect((await stage.incident()).declaredAt).toBeNull();
    await stage.at('21m');
    expect(await stage.incident()).toMatchObject({ phase: 'investigating' });
    expect((await stage.rings()).at(-1)).toMatch(/^08:20:00 \| rang/);
  });
});

/** The boss comes after the driver, and may not be both. */
const bossComesNext = (yaml: string): string =>
  trusting(yaml)
    .replace(
      'commander: {page: boss, commands: true}',
      'commander: {page: boss, commands: true, never_with: on-duty}',
    )
    .replace(
      'declare: {by: [person, acknowledgement, trusted_rule]}',
      'declare: {by: [person, trusted_rule]}',
    )
    .replace('line-1: {on_call: driver,', 'line-1: {on_call: driver, fallback: boss,');

describe('somebody who is given a role', () => {
  const give = (stage: Stage, more: object) =>
    stage.api('herald', 'POST /api/v1/incidents/inc-1/roles', {
      role: 'commander',
      person: 'driver',
      ...more,
    });

  test('and has done nothing is asked, and the phone that looks for somebody rings on', async () => {
    const stage = await trams(trusting);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('1m');
    expect(await give(stage, {})).toMatchObject({ status: 200, json: { waitsFor: 'driver' } });
    await stage.advance('1s');
    expect(await holders(stage)).toEqual({});
    expect(stage.pages('acknowledged')).toEqual([]);
  });

  test('gets it when they said yes, or are at it', async () => {
    for (const isAtIt of [false, true]) {
      const stage = await trams(trusting);
      await stage.alert({ alertname: 'LineStopped' });
      await stage.at('1m');
      if (isAtIt) await stage.act('driver', 'notes', { text: 'I see it.' });
      expect(await give(stage, isAtIt ? {} : { confirmed: true })).toMatchObject({ status: 200 });
      expect(await holders(stage)).toMatchObject({ commander: 'driver' });
    }
  });
});

describe('somebody who answered for one role', () => {
  test('has not answered for another that they must not hold besides, when nobody else answers for that one', async () => {
    const stage = await trams((yaml) => unhurried(bossComesNext(yaml)));
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('1m');
    await stage.answer('boss');
    await stage.at('40m');
    expect(await holders(stage)).not.toMatchObject({ 'on-duty': 'boss' });
    expect(stage.pages('acknowledged').map(({ address }) => address)).not.toContain('PDRIVER');
    // That nobody is found is an alarm, which rings the boss as well; to answer that gives no role either.
    const alarms = (await stage.rings()).filter((ring) => ring.includes('| boss | alarm |'));
    expect(alarms.map((ring) => ring.slice(0, 5))).toEqual(['08:05', '08:15', '08:25', '08:35']);
    await stage.answer('boss');
    await stage.advance('1s');
    expect(await holders(stage)).not.toMatchObject({ 'on-duty': 'boss' });
  });
});
