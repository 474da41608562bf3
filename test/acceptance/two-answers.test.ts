/**
 * Two answers between two looks.
 *
 * No webhook tells of what happens at the pager: Tocsin asks every half a minute. Driver and herald answer within a few
 * seconds of each other, and whoever was first has the role.
 */
import { expect, test } from 'vitest';
import { inSteps, trams } from './trams.ts';

test('whoever answered first by the clock of the pager has the role, whoever was rung first', async () => {
  const stage = await trams((yaml) => inSteps(yaml).replace(/\n {2}calls: .*/, ''));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('7m3s');
  await stage.answer('herald');
  await stage.at('7m5s');
  await stage.answer('driver');
  await stage.at('8m');
  expect(await stage.incident()).toMatchObject({ roles: { 'on-duty': { person: 'herald' } } });
});
