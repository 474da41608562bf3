/**
 * A pair of Alertmanagers.
 *
 * The tram company runs two of them, which repeat every hour. One tells that the line runs again; the other, cut off from
 * the first for some minutes, still tells that it has stopped, since the same moment as before. Within five minutes of the
 * clearing that is not news yet: it is held until one of the two speaks of it again, for five minutes at most.
 */
import { describe, expect, test, vi } from 'vitest';
import type { AlertWords } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const SINCE_EIGHT: AlertWords = { alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' };

const stops = (stage: Stage, words: Partial<AlertWords> = {}) =>
  stage.alert({ ...SINCE_EIGHT, ...words });
const runs = (stage: Stage) => stage.alert({ ...SINCE_EIGHT, status: 'resolved' });

/** Stopped at eight, answered by everybody; watched from 08:20 on; one of the pair tells at 08:30 that it runs. */
async function cleared(edit = trusting): Promise<Stage> {
  const stage = await trams(edit);
  await stops(stage);
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('08:20');
  await stage.act('boss', 'phase', { phase: 'monitoring' });
  await stage.at('08:30');
  await runs(stage);
  return stage;
}

/** Who was rung after the line ran again: `08:37:00 driver`. */
async function rungSince(stage: Stage, moment = '08:30'): Promise<readonly string[]> {
  const rings = await stage.rings();
  return rings
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([time = '']) => time >= moment)
    .map(([time, , person]) => `${time} ${person}`);
}

const posts = (stage: Stage): readonly string[] =>
  stage.posts().map(({ time, status }) => `${time.slice(11, 16)} ${status}`);

test('the other of the two catches up: nobody is rung, the watch goes on, and the public reads nothing', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stops(stage);
  await stage.at('08:36');
  await runs(stage);
  await stage.at('08:59');
  expect(await rungSince(stage)).toEqual([]);
  expect(await stage.incident()).toMatchObject({
    phase: 'monitoring',
    soak: { since: Date.parse('2026-06-09T08:30:00Z') },
    alerts: { firing: 0, held: 0, total: 1 },
  });
  expect(posts(stage)).toEqual(['08:00 investigating', '08:20 monitoring', '08:50 monitoring']);
});

test('nobody speaks of it again: five minutes later it counts, and rings', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stops(stage);
  await stage.at('08:36:59');
  expect(await rungSince(stage)).toEqual([]);
  await stage.at('08:38');
  expect(await rungSince(stage)).toEqual(['08:37:00 driver', '08:37:00 boss']);
  expect((await stage.incident()).phase).toBe('investigating');
});

test('it is told again to fire: it counts at once', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stops(stage);
  await stage.at('08:34');
  await stops(stage);
  await stage.advance('1s');
  expect(await rungSince(stage)).toEqual(['08:34:00 driver', '08:34:00 boss']);
  await stage.at('08:40');
  expect((await stage.incident()).relapses, 'and once').toHaveLength(1);
});

test('what clears again and is then told to fire waits anew: the clearing counts from its last word', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stops(stage);
  await stage.at('08:34');
  await runs(stage);
  await stage.at('08:38');
  await stops(stage);
  await stage.at('08:42:59');
  expect(await rungSince(stage)).toEqual([]);
  await stage.at('08:44');
  expect(await rungSince(stage)).toEqual(['08:43:00 driver', '08:43:00 boss']);
});

test('a firing that begins later is another episode, and rings at once', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stops(stage, { startsAt: '2026-06-09T08:31:00Z' });
  await stage.advance('1s');
  expect(await rungSince(stage)).toEqual(['08:32:00 driver', '08:32:00 boss']);
});

test('what is held is dropped when another episode begins', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stops(stage);
  await stage.at('08:33');
  await stops(stage, { startsAt: '2026-06-09T08:33:00Z' });
  await stage.advance('1s');
  expect(await rungSince(stage)).toEqual(['08:33:00 driver', '08:33:00 boss']);
  await stage.at('08:34');
  await stage.alert({ ...SINCE_EIGHT, startsAt: '2026-06-09T08:33:00Z', status: 'resolved' });
  await stage.at('08:42');
  expect((await stage.incident()).alerts, 'what was held is dropped').toMatchObject({ firing: 0 });
  expect((await stage.incident()).relapses).toHaveLength(1);
});

test('five minutes after the clearing it counts at once', async () => {
  const stage = await cleared();
  await stage.at('08:35');
  await stops(stage);
  await stage.advance('1s');
  expect(await rungSince(stage)).toEqual(['08:35:00 driver', '08:35:00 boss']);
});

test('the other alerts of its delivery are not held', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stage.alert([
    SINCE_EIGHT,
    { ...SINCE_EIGHT, startsAt: '2026-06-09T08:31:00Z', labels: { line: 'another' } },
  ]);
  await stage.advance('1s');
  expect(await rungSince(stage)).toEqual(['08:32:00 driver', '08:32:00 boss']);
  expect((await stage.incident()).alerts).toMatchObject({ firing: 1, held: 1, total: 2 });
  await stage.at('08:37:01');
  expect((await stage.incident()).alerts).toMatchObject({ firing: 2, held: 0, total: 2 });
});

test('the process is killed while it is held: the next one counts it, no later', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stops(stage);
  await stage.at('08:34');
  await stage.restart('crash');
  await stage.at('08:36:59');
  expect(await rungSince(stage)).toEqual([]);
  await stage.at('08:38');
  expect(await rungSince(stage)).toEqual(['08:37:00 driver', '08:37:00 boss']);
});

test('while it is held it shows, and nothing is taken for late', async () => {
  const stage = await cleared();
  await stage.at('08:32');
  await stops(stage);
  await stage.at('08:36:30');
  const health = await stage.api('boss', 'GET /api/v1/health');
  expect(health.json).toMatchObject({ held: 1, undecided: 0, oldestDueMs: 0 });
  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  expect(json).toMatchObject({ alerts: { firing: 0, held: 1, total: 1 } });
  expect(await stage.incidents(), 'no alert about Tocsin').toHaveLength(1);
  await stage.at('08:38');
  expect((await stage.api('boss', 'GET /api/v1/health')).json).toMatchObject({ held: 0 });
});

test('a watch that would end meanwhile waits for what is held', async () => {
  const stage = await cleared((yaml) =>
    trusting(yaml).replace('soak: {for: 30m}', 'soak: {for: 6m, then: resolve}'),
  );
  await stage.at('08:34');
  await stops(stage);
  await stage.at('08:38');
  expect((await stage.incident()).phase).toBe('monitoring');
  await stage.at('08:40');
  expect((await stage.incident()).phase).toBe('investigating');
  expect(await rungSince(stage)).toEqual(['08:39:00 driver', '08:39:00 boss']);
});

describe('an incident that was resolved', () => {
  /** The boss resolves it a minute after it cleared; the other of the two tells a minute later that it fires. */
  const resolved = async (): Promise<Stage> => {
    const stage = await cleared();
    await stage.at('08:31');
    await stage.act('boss', 'resolve', {});
    await stage.at('08:32');
    await stops(stage);
    return stage;
  };

  test('is not opened again by the one that lags, whether it catches up or not', async () => {
    const stage = await resolved();
    await stage.at('08:34');
    await stops(stage);
    await stage.at('09:30');
    expect(await stage.incidents()).toHaveLength(1);
    expect(await rungSince(stage)).toEqual([]);
    expect((await stage.incident()).phase).toBe('resolved');
  });

  test('although it was resolved only while the word was held', async () => {
    const stage = await cleared();
    await stage.at('08:32');
    await stops(stage);
    await stage.at('08:33');
    await stage.act('boss', 'resolve', {});
    await stage.at('09:30');
    expect(await stage.incidents()).toHaveLength(1);
    expect(await rungSince(stage)).toEqual([]);
  });

  test('but what they tell an hour later is an incident, and rings', async () => {
    const stage = await resolved();
    await stage.at('09:32');
    await stops(stage);
    await stage.advance('1s');
    expect(await stage.incidents()).toHaveLength(2);
    expect((await rungSince(stage, '09:32')).at(0)).toBe('09:32:00 driver');
  });
});
