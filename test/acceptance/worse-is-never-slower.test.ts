/**
 * Worse is never slower.
 *
 * A phone rings, and the incident gets worse. The new ring may be held: paging is paused, or its pager takes nothing. The
 * phone that rings falls silent only once a pager has the new one. And whom a raise must reach it reaches, whatever came
 * between: a button pressed by mistake, a second ring, somebody who went home ill.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, inSteps, trams, unhurried } from './trams.ts';

const byPeople = (yaml: string): string =>
  unhurried(inSteps(yaml))
    .replaceAll('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}')
    .replaceAll(', trusted: true', '');

const softly = (yaml: string): string =>
  byPeople(yaml)
    .replace('presence: {high: 1d}', 'presence: {high: 1d, low: 1d}')
    .replace('Some passengers wait.\n    urgency: high', 'Some passengers wait.\n    urgency: low');

/** A line stops at eight, or is late. */
async function fired(alertname: string, edit = byPeople): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname, startsAt: '2026-06-09T08:00:00Z' });
  return stage;
}

const rings = (stage: Stage): readonly string[] =>
  stage
    .pages('rang')
    .map(({ time, address, title }) => `${time.slice(11, 16)} ${address} ${title.split(' ')[0]}`);

const silenced = (stage: Stage): readonly string[] =>
  stage.pages('resolved').map(({ time, address }) => `${time.slice(11, 16)} ${address}`);

async function pause(stage: Stage): Promise<void> {
  const asked = { what: 'paging', for: '40m', why: 'a drill' };
  expect((await stage.api('boss', 'POST /api/v1/pauses', asked)).status).toBe(201);
}

describe('a phone rings on where a raise', () => {
  test('meets a pause of paging, until the new ring leaves at its end', async () => {
    const stage = await fired('LineStopped');
    await stage.at('1m');
    await pause(stage);
    await stage.at('2m');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('30m');
    expect(silenced(stage)).toEqual([]);
    await stage.at('42m');
    expect(rings(stage).slice(0, 2)).toEqual(['08:00 PDRIVER [bad]', '08:41 PDRIVER [worst]']);
    expect(silenced(stage)).toEqual(['08:41 PDRIVER']);
  });

  test('meets one while it rings softly', async () => {
    const stage = await fired('LineLate', softly);
    await stage.at('1m');
    await pause(stage);
    await stage.at('2m');
    await stage.act('boss', 'severity', { level: 'bad' });
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('30m');
    expect(silenced(stage)).toEqual([]);
  });

  test.each(['5xx', 'refuse', 'unknown-address'] as const)(
    'meets a pager that takes nothing new: %s',
    async (fault) => {
      const stage = await fired('LineStopped');
      await stage.at('2m');
      stage.fault({ target: 'pd', method: 'POST', fault, until: stage.clock.now() + 15 * 60_000 });
      await stage.act('boss', 'severity', { level: 'worst' });
      await stage.at('14m');
      expect(silenced(stage)).toEqual([]);
    },
  );

  test('and is not said to have rung nobody when it clears before the new ring is taken', async () => {
    const stage = await fired('LineStopped');
    await stage.at('2m');
    stage.fault({ target: 'pd', fault: '5xx', until: stage.clock.now() + 9 * 60_000 });
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('2m30s');
    await stage.alert({
      alertname: 'LineStopped',
      startsAt: '2026-06-09T08:00:00Z',
      status: 'resolved',
    });
    await stage.at('20m');
    expect(rings(stage)).toEqual(['08:00 PDRIVER [bad]']);
    expect(stage.messages().filter(({ text }) => text.includes('and had cleared before'))).toEqual(
      [],
    );
    const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
    expect(json).toMatchObject({ neverRang: 0 });
  });
});

test('what rings anew serves what the phone was shared for while it waited', async () => {
  const stage = await fired('LineStopped', (yaml) =>
    byPeople(yaml).replace('speaker: {page: herald}', 'speaker: {page: driver}'),
  );
  await stage.at('2m');
  stage.fault({ target: 'pd', method: 'POST', fault: '5xx', until: stage.clock.now() + 120_000 });
  await stage.act('boss', 'severity', { level: 'worst' });
  await stage.act('boss', 'roles/speaker/page', {});
  await stage.at('4m30s');
  expect(silenced(stage)).toEqual([expect.stringMatching(/PDRIVER/)]);
  const { pages } = await stage.incident();
  expect(
    Object.values(pages).filter(({ state, person }) => state === 'open' && person === 'driver'),
  ).toMatchObject([{ escalations: ['role:on-duty', 'role:speaker'] }]);
});

test('a raise rings the phone that the file names by now', async () => {
  const stage = await fired('LineStopped');
  await stage.at('1m');
  await stage.reload(byPeople(CONFIG).replace('id: PDRIVER', 'id: PDRIVE2'));
  await stage.at('3m');
  await stage.act('boss', 'severity', { level: 'worst' });
  const { pages } = await stage.incident();
  expect(JSON.stringify(pages['p2'])).toContain('PDRIVE2');
});

describe('a raise rings the on-call who has answered long ago', () => {
  test('also where they had resolved the page by mistake, were rung again, and answered that', async () => {
    const stage = await fired('LineStopped');
    await stage.at('1m');
    await stage.answer('driver', { verb: 'resolve' });
    await stage.at('17m');
    await stage.answer('driver');
    await stage.at('50m');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('52m');
    expect(rings(stage)).toEqual([
      '08:00 PDRIVER [bad]',
      '08:16 PDRIVER [bad]',
      '08:50 PDRIVER [worst]',
    ]);
  });

  test('and whoever is behind them where they say that they are ill: that is no sign that they are there', async () => {
    const stage = await fired('LineStopped');
    await stage.at('1m');
    await stage.answer('driver');
    await stage.at('20m');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('21m');
    await stage.act('boss', 'roles', { role: 'commander', person: 'driver' });
    await stage.at('22m');
    await stage.act('driver', 'offers/decline', { why: 'I am ill and go home' });
    await stage.at('27m');
    expect(rings(stage).slice(1)).toEqual([
      '08:20 PDRIVER [worst]',
      '08:21 PDRIVER boss',
      '08:25 PHERALD [worst]',
    ]);
  });

  test('and whoever is behind them where they offer the role to another, who sleeps', async () => {
    const stage = await fired('LineStopped');
    await stage.at('1m');
    await stage.answer('driver');
    await stage.at('20m');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('21m');
    await stage.act('driver', 'hand-offs', { role: 'on-duty', person: 'herald' });
    await stage.at('27m');
    expect(rings(stage)).toContain('08:25 PHERALD [worst]');
  });
});

test('who has answered a loud ring is not rung for each further level while they command', async () => {
  const stage = await fired('LineLate', (yaml) =>
    softly(yaml).replaceAll('triage: [on-duty]', 'triage: [commander]'),
  );
  await stage.at('1m');
  await stage.answer('boss');
  await stage.at('5m');
  await stage.act('herald', 'severity', { level: 'bad' });
  await stage.at('6m');
  await stage.answer('boss');
  await stage.at('7m');
  await stage.act('herald', 'severity', { level: 'worst' });
  await stage.at('9m');
  expect(rings(stage)).toEqual(['08:00 PBOSS01 [mild]', '08:05 PBOSS01 [bad]']);
});

describe('two people are rung softly, and a raise rings them out loud', () => {
  const forTwo = (yaml: string): string =>
    softly(yaml).replaceAll('triage: [on-duty]', 'triage: [on-duty, speaker]');

  test('the answer of one is none for the role of the other, who had been rung for both', async () => {
    const stage = await fired('LineLate', forTwo);
    await stage.at('6m');
    await stage.act('boss', 'severity', { level: 'bad' });
    await stage.at('7m');
    await stage.answer('driver');
    await stage.at('9m');
    const { roles, escalations } = await stage.incident();
    expect(roles).not.toHaveProperty('speaker');
    expect(escalations).toMatchObject({ 'role:speaker': { state: 'open' } });
  });
});

test('two raises in a pause silence none of two soft phones', async () => {
  const stage = await fired('LineLate', softly);
  await stage.at('5m30s');
  await pause(stage);
  await stage.at('6m');
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('7m');
  await stage.act('boss', 'severity', { level: 'worst' });
  await stage.at('30m');
  expect(silenced(stage)).toEqual([]);
});

test('a soft phone rings on where the raise finds nobody to ring out loud', async () => {
  const stage = await fired('LineLate', softly);
  await stage.at('2m');
  const shifts =
    'rotations:\n  shifts: {every: 1w, handoff: {day: monday, at: "10:00"}, starts: 2026-07-06, people: [driver]}\nservices:';
  await stage.reload(
    softly(CONFIG)
      .replace('line-1: {on_call: driver', 'line-1: {on_call: shifts')
      .replace('fallback: [herald]', 'fallback: []')
      .replace('services:', shifts),
  );
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('4m');
  expect(silenced(stage)).not.toContain('08:02 PDRIVER');
});

test('of two raises while a pager takes nothing the second puts off nobody who comes next', async () => {
  const stage = await fired('LineLate', softly);
  await stage.at('2m');
  stage.fault({ target: 'pd', method: 'POST', fault: '5xx', until: stage.clock.now() + 600_000 });
  await stage.act('boss', 'severity', { level: 'bad' });
  const { escalations } = await stage.incident();
  await stage.at('5m');
  await stage.act('boss', 'severity', { level: 'worst' });
  const { since } = (await stage.incident()).escalations['role:on-duty'] ?? {};
  expect(since).toBe(escalations['role:on-duty']?.since);
});

test('a raise whose ring was refused for good deafens no later one', async () => {
  const stage = await fired('LineLate');
  await stage.at('2m');
  const until = stage.clock.now() + 10_000;
  stage.fault({ target: 'pd', method: 'POST', fault: 'unknown-address', until });
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('4m');
  await stage.act('boss', 'severity', { level: 'worst' });
  await stage.at('6m');
  expect(rings(stage)).toContain('08:04 PDRIVER [worst]');
});
