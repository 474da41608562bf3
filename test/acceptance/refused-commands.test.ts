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

test('a person in the place of a role, and a flag where none is configured: the refusal names what was meant', async () => {
  const stage = await trams((yaml) => yaml.replace('flags:\n  security: {public: never}\n', ''));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  const refusal = async (verb: string, body: object): Promise<unknown> =>
    (
      (await stage.api('boss', `POST /api/v1/incidents/inc-1/${verb}`, body)).json as {
        detail: unknown;
      }
    ).detail;
  expect(await refusal('roles/herald/page', {})).toBe(
    'herald is a person, not a role. To have herald rung and asked to take one: `tocsin assign inc-1 on-duty herald` (or commander, speaker).',
  );
  expect(await refusal('roles', { role: 'herald', person: 'speaker' })).toBe(
    'herald is a person, not a role. To give it: `tocsin assign inc-1 speaker herald`.',
  );
  expect(await refusal('flags', { flag: 'security' })).toBe(
    'There is no flag security. None is configured: write one under `flags:` in the configuration, then `tocsin reload`.',
  );
});
