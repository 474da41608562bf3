/**
 * Refused commands.
 *
 * At eight somebody at the tram company declares an incident, again and again, with a level that nobody knows: a script
 * with last year's names. Each time they read which levels there are. Nothing is opened by it, so the incident that is
 * opened at last bears the number that comes next, whatever happened to the server meanwhile.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

async function refusedTwentyTimes(stage: Stage): Promise<void> {
  for (let n = 0; n < 20; n += 1) {
    const answer = await stage.api('boss', 'POST /api/v1/incidents', {
      title: 'Line 1 stands',
      level: 'SEV-9',
    });
    expect(answer.json).toMatchObject({ code: 'unknown_level' });
  }
}

const numbers = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.incidents()).map(({ id }) => id);

test('use up no incident number', async () => {
  const stage = await trams(trusting);
  await refusedTwentyTimes(stage);
  await stage.alert({ alertname: 'LineStopped' });
  await refusedTwentyTimes(stage);
  await stage.api('boss', 'POST /api/v1/incidents', { title: 'Line 2 stands', level: 'bad' });
  expect(await numbers(stage)).toEqual(['inc-1', 'inc-2']);
});

test('use up none over a crash either, nor when a person is rung for a test who is nobody', async () => {
  const stage = await trams(trusting);
  await refusedTwentyTimes(stage);
  await stage.restart('crash');
  await refusedTwentyTimes(stage);
  const nobody = await stage.api('boss', 'POST /api/v1/page-tests', { person: 'nobody' });
  expect(nobody.json).toMatchObject({ code: 'unknown_person' });
  await stage.restart('crash');
  await stage.alert({ alertname: 'LineStopped' });
  expect(await numbers(stage)).toEqual(['inc-1']);
});
