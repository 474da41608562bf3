/**
 * Two monitors, one outage.
 *
 * Two Prometheus servers watch the trams, and each gives the outage a start of its own, some seconds apart; what they tell
 * comes in turns. That is one outage while it fires, and no other one after a person has closed it or while it is silenced.
 * What began after the last word about it is another one, whoever closed the one before.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** Seen by one monitor at eight, and by the other twenty seconds later; both have told of it by then. */
const FIRST = '2026-06-09T08:00:00Z';
const SECOND = '2026-06-09T08:00:20Z';

const stops = (stage: Stage, startsAt: string): Promise<void> =>
  stage.alert({ alertname: 'LineStopped', startsAt });

async function seenByBoth(edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> {
  const stage = await trams((yaml) => edit(unhurried(trusting(yaml))));
  await stage.at('10s');
  await stops(stage, FIRST);
  await stage.at('30s');
  await stops(stage, SECOND);
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  return stage;
}

describe.each([
  ['false-positive', { reason: 'load test' }],
  ['resolve', {}],
] as const)('closed by a person: %s', (verb, body) => {
  test('it opens no other incident, whichever of them goes on telling of it', async () => {
    const stage = await seenByBoth();
    await stage.at('5m');
    await stage.act('boss', verb, body);
    const before = (await stage.rings()).length;
    for (const moment of ['30m', '1h30m']) {
      await stage.at(moment);
      await stops(stage, FIRST);
      await stage.advance('40s');
      await stops(stage, SECOND);
    }
    expect(await stage.incidents()).toHaveLength(1);
    expect(await stage.rings()).toHaveLength(before);
  });

  test('what begins after the last word of it opens one, although nobody told that the first had ended', async () => {
    const stage = await seenByBoth();
    await stage.at('5m');
    await stage.act('boss', verb, body);
    await stage.at('6m');
    await stops(stage, '2026-06-09T08:00:50Z');
    expect(await stage.incidents()).toHaveLength(2);
  });
});

test.each([FIRST, SECOND])(
  'not heard of for a while, it fires again without a ring, told with the start %s',
  async (start) => {
    const stage = await seenByBoth((yaml) =>
      yaml.replace('type: alertmanager,', 'type: alertmanager, stale_after: 34m,'),
    );
    await stage.at('40m');
    expect((await stage.incident()).alerts).toMatchObject({ firing: 0, stale: 1 });
    const before = (await stage.rings()).length;
    await stops(stage, start);
    await stage.at('50m');
    expect(await stage.incident()).toMatchObject({ alerts: { firing: 1, stale: 0 }, relapses: [] });
    expect(await stage.rings()).toHaveLength(before);
  },
);
