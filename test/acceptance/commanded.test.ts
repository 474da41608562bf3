/**
 * Whom the command brings.
 *
 * Once somebody commands, a scribe is wanted. The driver is at it already when the delay of a tram line becomes a
 * standstill; at that level there is a commander, who is the driver, too, once they say so. However somebody comes to
 * command, the scribe's phone rings.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const company = (yaml: string): string =>
  trusting(yaml)
    .replace('commander: {page: boss,', 'commander: {page: driver, fallback: boss,')
    .replace('speaker: {page: herald}', 'speaker: {page: boss}\n  scribe: {page: herald}')
    .replace(
      'declared: [commander, speaker]}',
      'declared: [commander, speaker], commanded: [scribe]}',
    )
    .replace('declared: [commander]}', 'declared: [speaker]}');

const toTheHerald = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.rings()).filter((line) => line.includes('herald'));

test('whoever is at it, and commands when a raise asks them, brings the scribe', async () => {
  const stage = await trams(company);
  await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:00:00Z' });
  await stage.answer('driver', { target: 'pd' });
  await stage.at('5m');
  expect(await toTheHerald(stage)).toEqual([]);
  await stage.act('boss', 'severity', { level: 'bad', reason: 'The whole line stands.' });
  await stage.advance('1s');
  await stage.answer('driver');
  expect((await stage.incident()).roles).toMatchObject({ commander: { person: 'driver' } });
  await stage.at('6m');
  expect(await toTheHerald(stage)).toEqual([expect.stringMatching(/^08:05:01 \| rang \| herald/)]);
});
