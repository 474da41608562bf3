/**
 * A pager that fails for some seconds costs some seconds.
 *
 * Lines of one driver stop within a few seconds, while PagerDuty fails for eight. What failed is tried again as soon as it
 * is due: no row that could not be sent, or was not wanted any more, keeps anything else waiting for the next minute.
 */
import { expect, test } from 'vitest';
import type { FaultOrder } from '../../src/sandbox/faults.ts';
import type { Stage } from '../support/stage.ts';
import { rangAt, trams, trusting } from './trams.ts';

const LINES = [2, 3, 4, 5, 6];

/** The lines have one driver, who has one phone; nobody else is rung in triage. */
const lines = (yaml: string): string =>
  trusting(yaml)
    .replace(
      '  line-1: {',
      `${LINES.map((line) => `  line-${line}: {on_call: driver}\n`).join('')}  line-1: {`,
    )
    .replace('service: line-1, severity: bad, trusted: true', 'group_by: [service], severity: bad')
    .replace('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}');

const stops = (line: number, status: 'firing' | 'resolved' = 'firing') => ({
  alertname: 'LineStopped',
  labels: { service: `line-${line}` },
  status,
});

/** PagerDuty fails for so many seconds from now on. */
function fails(stage: Stage, seconds: number, where: Partial<FaultOrder> = {}): void {
  const until = stage.clock.now() + seconds * 1_000;
  stage.fault({ target: 'pd', fault: '5xx', ...where, until } as FaultOrder);
}

const NOTES = { method: 'POST', path: '/api/incidents/' } as const;

const whoAnswered = (stage: Stage, lines: readonly number[]) =>
  Promise.all(lines.map(async (n) => (await stage.incident(n)).roles['on-duty']?.person ?? null));

/** Line 1 stops, three seconds later PagerDuty fails, and lines 2 and 3 stop. */
async function threeStop(seconds: number, where?: Partial<FaultOrder>): Promise<Stage> {
  const stage = await trams(lines);
  await stage.alert(stops(1));
  await stage.at('3s');
  fails(stage, seconds, where);
  await stage.alert(stops(2));
  await stage.at('4s');
  await stage.alert(stops(3));
  return stage;
}

test('whoever answers before the others could be written there is rung once more for them, and not again a minute later', async () => {
  const stage = await threeStop(8, NOTES);
  await stage.at('6s');
  await stage.answer('driver');
  await stage.at('15s');
  expect(stage.pages('noted').map(({ note }) => note)).toEqual([
    expect.stringContaining('another incident as well: inc-3'),
  ]);
  await stage.answer('driver');
  await stage.at('5m');
  expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER', '08:00:06 PDRIVER']);
  expect(await whoAnswered(stage, [1, 2, 3])).toEqual(['driver', 'driver', 'driver']);
});

test('where nobody has answered yet, one phone rings once for all three', async () => {
  const stage = await threeStop(8, NOTES);
  await stage.at('15s');
  await stage.answer('driver');
  await stage.at('5m');
  expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER']);
  expect(await whoAnswered(stage, [1, 2, 3])).toEqual(['driver', 'driver', 'driver']);
});

test.each([2, 4, 6])(
  'a page that is not wanted any more after %d s, and its end behind it, hold up no other page',
  async (seconds) => {
    const stage = await trams(lines);
    fails(stage, 12, { method: 'POST', path: '/api/incidents' });
    await stage.alert(stops(1));
    await stage.at(`${seconds}s`);
    await stage.act('boss', 'false-positive', { reason: 'a test of the signals' });
    await stage.alert(stops(2));
    await stage.at('30s');
    expect(rangAt(stage)).toEqual([expect.stringMatching(/^08:00:[12]\d PDRIVER$/)]);
  },
);

test('what could not be written there for a minute rings once more for all of it, and not once each', async () => {
  const stage = await threeStop(70, NOTES);
  await stage.at('1m10s');
  expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER', '08:01:03 PDRIVER']);
  await stage.at('1m30s');
  await stage.answer('driver');
  await stage.at('4m');
  expect(rangAt(stage)).toHaveLength(2);
  expect(await whoAnswered(stage, [2, 3])).toEqual(['driver', 'driver']);
});

test('where nothing can be written there at all, nobody waits for it longer than another minute', async () => {
  const stage = await threeStop(3_600, NOTES);
  await stage.alert([4, 5, 6].map((line) => stops(line)));
  await stage.at('2m10s');
  expect(rangAt(stage)).toEqual([
    '08:00:00 PDRIVER',
    '08:01:03 PDRIVER',
    ...[3, 4, 5, 6].map(() => expect.stringMatching(/^08:02:0\d PDRIVER$/)),
  ]);
});

test('a pager that has had enough of notes is sent pages all the same', async () => {
  const fault = { fault: '429', retryAfterMs: 60_000, ...NOTES } as const;
  const stage = await threeStop(8, fault);
  await stage.at('5s');
  await stage.api('boss', 'POST /api/v1/page-tests', { person: 'herald' });
  await stage.at('10s');
  expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER', '08:00:05 PHERALD']);
});
