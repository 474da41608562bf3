/**
 * Answered after it has cleared.
 *
 * The company's file lets an answer declare. The line stops, the driver's phone rings, and the line runs again before the
 * driver answers: nobody is told of a problem that is over. A person may declare it all the same.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { inSteps, rangAt, trams } from './trams.ts';

const startsAt = '2026-06-09T08:00:00Z';

async function answeredLate(): Promise<Stage> {
  const stage = await trams(inSteps);
  await stage.alert({ alertname: 'LineStopped', startsAt });
  await stage.at('1m');
  await stage.alert({ alertname: 'LineStopped', startsAt, status: 'resolved' });
  await stage.at('2m');
  await stage.answer('driver');
  await stage.at('10m');
  return stage;
}

test('declares nothing, and neither the public nor anybody else hears of it', async () => {
  const stage = await answeredLate();
  expect(await stage.incident()).toMatchObject({ phase: 'triage', declaredAt: null });
  expect(stage.posts()).toEqual([]);
  expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER']);
});

test('and a person who declares it is obeyed', async () => {
  const stage = await answeredLate();
  await stage.act('driver', 'declare', {});
  expect(await stage.incident()).toMatchObject({ phase: 'investigating' });
});
