/**
 * Merged away.
 *
 * PagerDuty rings the driver for two incidents of its own, and somebody merges the first into the second: one outage. That
 * is no recovery, and the first has no end of its own any more: it ends with what it was merged into, two minutes later at most.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty, bothPagers, opensTheirs, unheard } from './theirs.ts';
import { CONFIG, trams, trusting } from './trams.ts';

const company = (yaml: string): string => bothPagers(trusting(yaml));

async function merged(): Promise<Stage> {
  const stage = await trams(company);
  await opensTheirs(stage, 'pd', 'Line 1 has no current');
  await stage.at('20s');
  await opensTheirs(stage, 'pd', 'The depot is dark');
  await stage.at('40s');
  const [first, second] = stage.pages('rang').map(({ ref }) => ref);
  const body = { source_incidents: [{ id: first, type: 'incident_reference' }] };
  const asked = { method: 'PUT', body };
  expect((await atPagerDuty(stage, `/incidents/${second ?? ''}/merge`, asked)).status).toBe(200);
  await stage.at('1m');
  return stage;
}

const firing = async (stage: Stage): Promise<readonly number[]> =>
  (await stage.incidents()).map(({ alerts }) => alerts.firing);

test.each([
  ['with a webhook', company(CONFIG)],
  ['without one', unheard(company(CONFIG))],
])('is over with what it was merged into, %s', async (_how, yaml) => {
  const stage = await merged();
  await stage.reload(yaml);
  await stage.at('5m');
  expect(await firing(stage), 'a merge is no recovery').toEqual([1, 1]);
  await stage.answer('driver', { target: 'pd' });
  await stage.advance('10s');
  await stage.answer('driver', { target: 'pd', verb: 'resolve' });
  await stage.advance('2m30s');
  expect(await firing(stage)).toEqual([0, 0]);
});

test('leaves what it was merged into alone when it is resolved here', async () => {
  const stage = await merged();
  await stage.act('driver', { verb: 'resolve', n: 1 }, { text: 'It is the same.' });
  await stage.advance('2m');
  expect((await firing(stage))[1]).toBe(1);
  const isDrivers = ({ time, address }: { time: string; address: string }): boolean =>
    address === 'PDRIVER' && time >= '2026-06-09T08:01';
  expect(stage.pages('resolved').filter(isDrivers)).toEqual([]);
});
