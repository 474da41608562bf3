/**
 * Rings on.
 *
 * A phone rings, and is to ring once more: it got worse, nobody has answered for so long that everybody hears of it, or
 * nobody but them may be asked. The new ring may meet a pager that takes nothing, or refuses everybody for a moment. The
 * phone rings on until a pager has the new one, and the new one is tried until then.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { inSteps, rangAt, trams, trusting, unhurried } from './trams.ts';

const startsAt = '2026-06-09T08:00:00Z';

const byPeople = (yaml: string): string =>
  unhurried(inSteps(yaml))
    .replaceAll('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}')
    .replaceAll(', trusted: true', '');

/** Faults of what is asked of PagerDuty; it can be read all the while. */
function ill(stage: Stage, fault: '5xx' | 'unknown-address', forMs: number): void {
  stage.fault({ target: 'pd', method: 'POST', fault, until: stage.clock.now() + forMs });
}

const silencedAt = (stage: Stage): readonly string[] =>
  stage.pages('resolved').map(({ time, address }) => `${time.slice(11, 19)} ${address}`);

const ofDriver = (all: readonly string[]): readonly string[] =>
  all.filter((one) => one.endsWith('PDRIVER'));

/** The line stops; two minutes later it is raised, while for half a minute the pager knows nobody. */
async function raisedAt2(): Promise<Stage> {
  const stage = await trams(byPeople);
  await stage.alert({ alertname: 'LineStopped', startsAt });
  await stage.at('2m');
  ill(stage, 'unknown-address', 30_000);
  await stage.act('boss', 'severity', { level: 'worst' });
  return stage;
}

test('a raise that the pager refuses for a moment rings once it takes pages again', async () => {
  const stage = await raisedAt2();
  await stage.at('2m20s');
  expect(silencedAt(stage)).toEqual([]);
  await stage.at('3m');
  const titles = stage.pages('rang').filter(({ address }) => address === 'PDRIVER');
  expect(titles.map(({ time, title }) => `${time.slice(11, 19)} ${title.split(' ')[0]}`)).toEqual([
    '08:00:00 [bad]',
    '08:02:40 [worst]',
  ]);
  expect(silencedAt(stage)).toEqual(['08:02:40 PDRIVER']);
});

test('a second raise does not wait for the try after the one that was refused', async () => {
  const stage = await trams(byPeople);
  await stage.alert({ alertname: 'LineLate', startsAt });
  await stage.at('2m');
  ill(stage, 'unknown-address', 5_000);
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('2m10s');
  await stage.act('boss', 'severity', { level: 'worst' });
  expect(ofDriver(rangAt(stage))).toEqual(['08:00:00 PDRIVER', '08:02:10 PDRIVER']);
});

describe('a raise that is taken back before a pager has its ring', () => {
  const takenBack = async (fault: '5xx' | 'unknown-address'): Promise<Stage> => {
    const stage = await trams(byPeople);
    await stage.alert({ alertname: 'LineStopped', startsAt });
    await stage.at('2m');
    ill(stage, fault, 90_000);
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('2m10s');
    return stage;
  };

  test.each(['5xx', 'unknown-address'] as const)(
    'rings nobody anew, for the phone rings for just that: %s',
    async (fault) => {
      const stage = await takenBack(fault);
      await stage.act('boss', 'severity', { level: 'bad', reason: 'a mistake' });
      await stage.at('4m50s');
      expect(ofDriver(rangAt(stage))).toEqual(['08:00:00 PDRIVER']);
      expect(silencedAt(stage)).toEqual([]);
      await stage.answer('driver');
      await stage.at('20m');
      const { pages } = await stage.incident();
      expect(Object.values(pages).filter(({ state }) => state === 'open')).toEqual([]);
    },
  );

  test('rings whoever has been told of less than the level of now', async () => {
    const stage = await trams(byPeople);
    await stage.alert({ alertname: 'LineLate', startsAt });
    await stage.at('2m');
    ill(stage, '5xx', 90_000);
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('2m10s');
    await stage.act('boss', 'severity', { level: 'bad', reason: 'less than it seemed' });
    await stage.at('5m');
    expect(ofDriver(rangAt(stage))).toHaveLength(2);
    expect(stage.pages('rang').at(-1)?.title).toMatch(/^\[bad\]/);
  });
});

describe('a lowering while no pager takes the new ring', () => {
  const lowered = async (stage: Stage): Promise<readonly string[]> => {
    await stage.act('boss', 'severity', { level: 'mild', reason: 'less than it seemed' });
    await stage.advance('5m');
    return ofDriver(rangAt(stage)).map((one) => one.slice(0, 5));
  };

  test('leaves what an alarm rings', async () => {
    const stage = await trams((yaml) =>
      byPeople(yaml).replace('alarms: {page: boss,', 'alarms: {page: driver,'),
    );
    await stage.alert({ alertname: 'LineStopped', startsAt });
    await stage.at('19m');
    ill(stage, '5xx', 3 * 60_000);
    await stage.at('21m');
    expect(await lowered(stage)).toEqual(['08:00', '08:10', '08:22']);
  });

  test('leaves the ring for what has fired again', async () => {
    const stage = await trams(byPeople);
    await stage.alert({ alertname: 'LineStopped', startsAt });
    await stage.at('2m');
    await stage.alert({ alertname: 'LineStopped', startsAt, status: 'resolved' });
    await stage.at('14m');
    ill(stage, '5xx', 3 * 60_000);
    await stage.at('15m');
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:15:00Z' });
    await stage.at('16m');
    expect(await lowered(stage)).toEqual(['08:00', '08:17']);
  });
});

test('and out loud, where the phone has rung softly so far', async () => {
  const stage = await trams((yaml) =>
    byPeople(yaml)
      .replace('presence: {high: 1d}', 'presence: {high: 1d, low: 1d}')
      .replace(
        'Some passengers wait.\n    urgency: high',
        'Some passengers wait.\n    urgency: low',
      ),
  );
  await stage.alert({ alertname: 'LineLate', startsAt });
  await stage.at('2m');
  ill(stage, 'unknown-address', 30_000);
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('3m');
  const rings = await stage.rings();
  expect(
    rings.filter((ring) => ring.includes('driver')).map((ring) => ring.split(' | ').at(-1)),
  ).toEqual(['low', 'high']);
  expect(silencedAt(stage)).toEqual(['08:02:40 PDRIVER']);
});

test('and whoever answers what rings meanwhile ends it', async () => {
  const stage = await raisedAt2();
  await stage.at('2m10s');
  await stage.answer('driver');
  await stage.at('10m');
  expect(ofDriver(rangAt(stage))).toEqual(['08:00:00 PDRIVER']);
  const { escalations, pages } = await stage.incident();
  expect(escalations['role:on-duty']).toMatchObject({ state: 'answered' });
  expect(Object.values(pages).filter(({ state }) => state === 'open')).toEqual([]);
});

test('where the alarm is to ring it anew a phone rings on until a pager has that, which is asked once', async () => {
  const stage = await trams((yaml) =>
    byPeople(yaml).replace('alarms: {page: boss,', 'alarms: {page: driver,'),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt });
  await stage.at('12m');
  const before = ofDriver(silencedAt(stage)).length;
  ill(stage, '5xx', 40 * 60_000);
  await stage.at('51m');
  expect(ofDriver(silencedAt(stage)).slice(before)).toEqual([]);
  const { pages } = await stage.incident();
  const waiting = Object.values(pages).filter(
    ({ state, rings }) => state === 'open' && rings.every(({ status }) => status === 'pending'),
  );
  expect(waiting).toHaveLength(1);
  await stage.at('55m');
  expect(ofDriver(silencedAt(stage)).slice(before)).toHaveLength(1);
  const rang = stage.pages('rang').filter(({ title }) => title.includes('LineStopped'));
  const times = rang.map(({ time, address }) => `${time.slice(11, 16)} ${address}`);
  expect(times.filter((one) => /^08:5. PDRIVER$/.test(one))).toHaveLength(1);
});

test('an alarm that is said every five minutes rings as often, whoever it rings', async () => {
  const stage = await trams((yaml) =>
    byPeople(yaml).replace('alarms: {page: boss,', 'alarms: {page: driver, every: 5m,'),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt });
  await stage.at('21m');
  expect(ofDriver(rangAt(stage)).map((one) => one.slice(0, 5))).toEqual([
    '08:00',
    '08:10',
    '08:15',
    '08:20',
  ]);
});

test('where the rules leave nobody else their phone rings on while no pager takes the hourly ring', async () => {
  const stage = await trams((yaml) =>
    unhurried(trusting(yaml))
      .replace(
        'commander: {page: boss, commands: true}',
        'commander: {page: driver, commands: true, never_with: [on-duty], escalation: one}',
      )
      .replace('declared: [commander, speaker]}', 'declared: [commander]}')
      .concat('\nescalation_policies: {one: {steps: [{page: own, wait: 5m}]}}\n'),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt });
  await stage.at('1m');
  await stage.answer('driver');
  await stage.at('70m');
  expect(ofDriver(rangAt(stage)).at(-1)).toMatch(/^09:00/);
  ill(stage, '5xx', 60 * 60_000);
  const before = ofDriver(silencedAt(stage)).length;
  await stage.at('125m');
  expect(ofDriver(silencedAt(stage)).slice(before)).toEqual([]);
});

test('a soft ring falls silent once the same phone rings louder, and a second raise puts nobody off', async () => {
  const stage = await trams((yaml) =>
    byPeople(yaml)
      .replace('presence: {high: 1d}', 'presence: {high: 1d, low: 1d}')
      .replace(
        'Some passengers wait.\n    urgency: high',
        'Some passengers wait.\n    urgency: low',
      )
      .replace('{page: fallback, wait: 5m}]', '{page: fallback, wait: 5m}, {page: boss, wait: 5m}]')
      .replace('alarms: {page: boss,', 'alarms: {'),
  );
  await stage.alert({ alertname: 'LineLate', startsAt });
  await stage.at('6m');
  expect(ofDriver(rangAt(stage))).toHaveLength(1);
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('12m');
  expect(silencedAt(stage).map((one) => one.slice(9))).toEqual(['PDRIVER', 'PHERALD']);
  await stage.at('15m');
  await stage.act('boss', 'severity', { level: 'worst' });
  await stage.at('16m10s');
  expect(rangAt(stage)).toContainEqual(expect.stringMatching(/^08:16:0. PBOSS01$/));
});
