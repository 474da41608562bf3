/**
 * Hours ago.
 *
 * What somebody answered in the morning says nothing about the afternoon, and a phone that rang unanswered at eight does
 * not ring for what is needed at nine. A page serves another search while it is fresh: one that rings for ten minutes, one
 * that was answered while whoever answered does something. After that the phone rings anew.
 */
import { expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** The boss comes after the driver, and only people declare; alarms are for the herald. */
const inTriage = (yaml: string): string =>
  unhurried(yaml)
    .replace('alarms: {page: boss,', 'alarms: {page: herald,')
    .replace('on_call: driver,', 'on_call: driver, fallback: [boss],')
    .replaceAll('by: [person, acknowledgement, trusted_rule]', 'by: [person]');

const stops = (stage: Stage, at: string): Promise<unknown> =>
  stage.alert({ alertname: 'LineStopped', startsAt: `2026-06-09T${at}:00Z` });

const phone = (stage: Stage, address: string): readonly string[] =>
  stage
    .pages()
    .filter((page) => page.address === address)
    .map(({ time, event }) => `${time.slice(11, 16)} ${event}`);

test('whoever answered in the morning is rung in the afternoon, and silences nobody by having answered then', async () => {
  const stage = await trams(inTriage);
  await stops(stage, '08:00');
  await stage.at('08:06');
  await stage.answer('boss');
  await stage.at('08:20');
  await stage.alert({
    alertname: 'LineStopped',
    status: 'resolved',
    startsAt: '2026-06-09T08:00:00Z',
  });
  await stage.at('08:40');
  await stops(stage, '08:40');
  await stage.at('08:46');
  expect(phone(stage, 'PBOSS01')).toEqual(['08:05 rang', '08:06 acknowledged', '08:45 rang']);
  expect(phone(stage, 'PDRIVER').at(-1), 'rings on').toBe('08:40 rang');
});

test('what nobody answered rings whoever is on duty when it fires again, not only who comes next', async () => {
  const stage = await trams(inTriage);
  await stops(stage, '08:00');
  await stage.at('08:20');
  await stage.alert({
    alertname: 'LineStopped',
    status: 'resolved',
    startsAt: '2026-06-09T08:00:00Z',
  });
  await stage.at('08:45');
  await stops(stage, '08:45');
  await stage.advance('1s');
  expect(phone(stage, 'PDRIVER')).toEqual(['08:00 rang', '08:45 rang', '08:45 resolved']);
});

test('a phone that nobody answered rings anew for what comes later, and says both', async () => {
  const stage = await trams((yaml) =>
    inTriage(yaml).replace('commander: {page: boss,', 'commander: {page: driver,'),
  );
  await stops(stage, '08:00');
  await stage.at('08:12');
  await stage.act('herald', 'declare');
  await stage.advance('1s');
  expect(phone(stage, 'PDRIVER')).toEqual(['08:00 rang', '08:12 rang', '08:12 resolved']);
  const [page] = Object.values((await stage.incident()).pages).filter(
    ({ person, state }) => person === 'driver' && state === 'open',
  );
  expect(page?.escalations).toEqual(expect.arrayContaining(['role:commander', 'role:on-duty']));
});

test('one that rang a moment ago serves what comes now, and shows at the pager what it is for as well', async () => {
  const stage = await trams((yaml) =>
    inTriage(yaml).replace('commander: {page: boss,', 'commander: {page: driver,'),
  );
  await stops(stage, '08:00');
  await stage.at('08:05');
  await stage.act('herald', 'declare');
  await stage.advance('10s');
  expect(phone(stage, 'PDRIVER')).toEqual(['08:00 rang', '08:05 noted']);
});

test('whoever answered hours ago is rung for the command, and does not have it by that answer', async () => {
  const stage = await trams((yaml) =>
    inTriage(yaml).replace('commander: {page: boss,', 'commander: {page: driver,'),
  );
  await stops(stage, '08:00');
  await stage.at('08:01');
  await stage.answer('driver');
  await stage.at('14:00');
  await stage.act('herald', 'declare');
  await stage.advance('1s');
  expect((await stage.incident()).roles['commander']).toBeUndefined();
  expect(phone(stage, 'PDRIVER').at(-1)).toBe('14:00 rang');
  await stage.answer('driver');
  expect((await stage.incident()).roles['commander']?.person).toBe('driver');
});
