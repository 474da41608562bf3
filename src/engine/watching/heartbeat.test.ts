/** Canaries on the way of all alerts, and the heartbeats that depend on them, on the stepped clock. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  type HarnessOptions,
  MINUTE,
  realCore,
  SECOND,
  START,
  startEngine,
} from '../../../test/support/engine.ts';
import type { Policy } from '../../core/model/policy.ts';
import { person, policy, role } from '../../../test/support/policy.ts';
import type { Outcome } from '../../contract/outcome.ts';
import { CANARY } from '../../core/model/effect.ts';
import { type StoreCondition, StoreUnavailable } from '../../store/store.ts';
import type { SteppedClock } from '../../sandbox/clock.ts';
import { createBeats } from './beats.ts';
import type { HeartbeatSettings } from './heartbeat.ts';

/** Of 4096, with the header of its frame (https://sqlite.org/fileformat.html#the_write_ahead_log). */
const PAGE_IN_LOG_BYTES = 4120;

let h: Harness;
/** When heartbeats were sent, in seconds since the start. */
let sent: number[];
/** What becomes of each; null: it is taken. */
let why: string | null;
let condition: StoreCondition;
afterEach(() => h.end());

/** The other thread, in this one. */
function settings(clock: SteppedClock): HeartbeatSettings {
  return {
    to: [{ name: 'beats.example.com' }],
    open: ({ onBeaten }) => {
      const send = (): void => {
        sent.push((clock.now() - START) / SECOND);
        onBeaten({ index: 0, why });
      };
      const beats = createBeats({ clock, everyMs: 15 * SECOND, send });
      beats.start();
      return { say: (said) => (said === 'stop' ? beats.stop() : beats.heard(said)) };
    },
  };
}

async function start(options: HarnessOptions = {}): Promise<void> {
  sent = [];
  why = null;
  condition = { kind: 'ok' };
  h = await startEngine({
    heartbeat: settings,
    wrap: (store) => ({ ...store, condition: () => condition }),
    ...options,
  });
}

const count = (table: string): number => {
  const [row] = h.peek(`SELECT count(*) AS n FROM ${table}`) as { n: number }[];
  return row?.n ?? 0;
};
const left = (): readonly number[] =>
  [
    'inbox',
    'inbox_ready',
    'inbox_decided',
    'outbox',
    'events',
    'incidents',
    'alerts',
    'claims',
  ].map(count);
const NOTHING = [0, 0, 0, 0, 0, 0, 0, 0];
const gaps = (): readonly number[] => sent.slice(1).map((at, i) => at - (sent[i] ?? 0));

test('heartbeats come with the first canary and every 15 s from then on', async () => {
  await start();
  await h.clock.advanceBy(5 * MINUTE);
  expect(sent[0]).toBeLessThanOrEqual(2);
  expect(gaps().every((gap) => gap === 15)).toBe(true);
  expect(sent.length).toBeGreaterThanOrEqual(19);
});

test('a canary leaves nothing behind: no row, no incident, no page, no line of the log, no count', async () => {
  await start();
  await h.clock.advanceBy(10 * MINUTE);
  expect(left()).toEqual(NOTHING);
  expect(h.calls).toEqual([]);
  expect(h.logs.filter(({ level }) => level !== 'debug' && level !== 'info')).toEqual([]);
  expect(h.logs.map(({ message }) => message).join()).not.toMatch(/pager|canary/i);
  const text = await h.metrics.registry.metrics();
  expect(text).not.toMatch(/tocsin_(decisions|effects|deliveries)_total\{.*\} [1-9]/);
  expect(text).not.toMatch(/tocsin_page_latency_seconds_count\{/);
  expect(h.peek('SELECT deliveries, events FROM committed')).toEqual([
    { deliveries: 0, events: 0 },
  ]);
});

test('a canary writes at most 17 pages to the log', async () => {
  await start();
  // Before the log is moved into the database for the first time.
  await h.clock.advanceBy(16 * SECOND);
  const logBytes = (): number => statSync(join(h.directory, 'tocsin.db-wal')).size;
  const before = logBytes();
  const canaries = 2;
  await h.clock.advanceBy(canaries * 15 * SECOND);
  const pages = (logBytes() - before) / PAGE_IN_LOG_BYTES / canaries;
  expect(pages).toBeGreaterThan(10);
  // Schedules are read as often, which writes two.
  expect(pages).toBeLessThanOrEqual(17 + 2);
});

test('real alerts come beside it as ever, and no number is used up', async () => {
  await start();
  await h.clock.advanceBy(MINUTE);
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(MINUTE);
  expect((await h.open()).map(({ id }) => id)).toEqual(['inc-1']);
  expect(h.sent('trigger').length).toBeGreaterThan(0);
  expect(gaps().every((gap) => gap === 15)).toBe(true);
});

test('a pause of paging pauses no heartbeat: Tocsin does what it is told', async () => {
  await start();
  await h.engine.pause('paging', { by: 'ada', why: 'a drill', forMs: 30 * MINUTE });
  await h.clock.advanceBy(5 * MINUTE);
  expect(sent.length).toBeGreaterThanOrEqual(19);
});

test('a pager that refuses ends no heartbeat', async () => {
  const REFUSED: Outcome = { verb: 'reject', reason: 'unauthorized', detail: 'no', hint: 'look' };
  await start({ vendors: { page: () => REFUSED } });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(5 * MINUTE);
  expect(gaps().every((gap) => gap === 15)).toBe(true);
});

/** As many teams of one person as alerts, each with an address at each pager, so that no page waits for another. */
function crowd(pagers: readonly string[], size: number): Policy {
  const { targets, teams, routes } = policy();
  const [pager, team, route] = [targets['pd'], teams['shop'], routes[0]];
  if (pager === undefined || team === undefined || route === undefined)
    throw new Error('the policy of the tests is another one now');
  const ids = Array.from({ length: size }, (_, i) => `t${i}`);
  const all = <T>(of: (id: string, index: number) => T) =>
    Object.fromEntries(ids.map((id, index) => [id, of(id, index)]));
  const [first, second] = ids;
  return policy({
    targets: { ...targets, ...Object.fromEntries(pagers.map((name) => [name, pager])) },
    people: all((id, i) => person(id, [...pagers.slice(i % pagers.length), ...pagers])),
    groups: { managers: [first ?? ''], directors: [second ?? ''] },
    teams: all((id) => ({ ...team, id, onCall: { kind: 'person', person: id } })),
    services: {},
    roles: { expert: role('expert', { page: { kind: 'service_on_call' } }) },
    levels: policy().levels.map((one) => ({
      ...one,
      page: { ...one.page, declared: [], commanded: [] },
    })),
    routes: [
      ...ids.map((id) => ({
        ...route,
        when: { all: [{ label: 'team', operator: '=' as const, value: id }], any: [], none: [] },
        isDefault: false,
        team: { kind: 'fixed' as const, team: id },
        severity: 'L2',
      })),
      { ...route, team: { kind: 'fixed', team: 't0' } },
    ],
  });
}

test.each([
  ['all pagers, which leave room', ['pd', 'og'], 16],
  ['so many that they fill the lane of pages', ['pd', 'og', 'p3', 'p4', 'p5', 'p6'], 32],
])('%s, never answer: attempts end, a canary goes first', async (_what, pagers, underWay) => {
  let [hanging, most] = [0, 0];
  const page = (): Promise<Outcome> => {
    most = Math.max(most, (hanging += 1));
    h.clock.after(14 * SECOND, () => (hanging -= 1));
    return new Promise(() => undefined);
  };
  await start({ policy: crowd(pagers, 80), vendors: { page } });
  await h.clock.advanceBy(MINUTE);
  // Whoever never answers is not waited for.
  const { inFlight } = h.engine;
  h.engine.inFlight = () => Math.max(0, inFlight() - hanging);
  for (let i = 0; i < 80; i += 1)
    await h.deliver('prom', [
      alert({ dedupKey: `a${i}`, labels: { alertname: `A${i}`, team: `t${i}` } }),
    ]);
  await h.clock.advanceBy(5 * MINUTE);
  expect(most).toBeGreaterThanOrEqual(underWay);
  expect(gaps().every((gap) => gap === 15)).toBe(true);
  expect(sent.at(-1)).toBeGreaterThan(340);
});

describe('heartbeats end within half a minute, and come again by themselves,', () => {
  /** What is wrong from second 60 on, for three minutes. */
  async function meanwhile(begin: () => void, end: () => void): Promise<void> {
    await h.clock.advanceBy(MINUTE);
    begin();
    await h.clock.advanceBy(3 * MINUTE);
    end();
    await h.clock.advanceBy(MINUTE);
  }
  const during = (): readonly number[] => sent.filter((at) => at > 60 && at <= 240);
  const after = (): readonly number[] => sent.filter((at) => at > 240);

  test('on a full disk', async () => {
    await start();
    const problem = new StoreUnavailable('the disk is full', 'free space');
    await meanwhile(
      () => void (condition = { kind: 'refusing', problem }),
      () => void (condition = { kind: 'ok' }),
    );
    expect(Math.max(0, ...during())).toBeLessThanOrEqual(90);
    expect(after().length).toBeGreaterThanOrEqual(3);
  });

  test('where the database takes no write', async () => {
    let isLocked = false;
    const locked = new StoreUnavailable('locked', 'wait');
    await start({
      wrap: (store) => ({
        ...store,
        transact: (work) => (isLocked ? Promise.reject(locked) : store.transact(work)),
      }),
    });
    await meanwhile(
      () => void (isLocked = true),
      () => void (isLocked = false),
    );
    expect(Math.max(0, ...during())).toBeLessThanOrEqual(90);
    expect(after().length).toBeGreaterThanOrEqual(2);
    await h.clock.advanceBy(2 * MINUTE);
    expect(left()).toEqual(NOTHING);
  });

  test('where the rules throw over every alert, and nobody is rung for the canary', async () => {
    let isBroken = false;
    const classify: typeof realCore.classify = (...about) => {
      if (isBroken) throw new Error('a defect of the rules');
      return realCore.classify(...about);
    };
    await start({ core: { ...realCore, classify } });
    await meanwhile(
      () => void (isBroken = true),
      () => void (isBroken = false),
    );
    expect(Math.max(0, ...during())).toBeLessThanOrEqual(90);
    await h.clock.advanceBy(2 * MINUTE);
    expect(after().length).toBeGreaterThanOrEqual(3);
    expect(await h.open()).toEqual([]);
    expect(h.sent()).toEqual([]);
    expect(left()).toEqual(NOTHING);
  });

  test('where the core throws over every decision', async () => {
    let isBroken = false;
    const decide: typeof realCore.decide = (...about) => {
      if (isBroken) throw new Error('a defect of the core');
      return realCore.decide(...about);
    };
    await start({ core: { ...realCore, decide } });
    await meanwhile(
      () => void (isBroken = true),
      () => void (isBroken = false),
    );
    expect(Math.max(0, ...during())).toBeLessThanOrEqual(90);
    await h.clock.advanceBy(2 * MINUTE);
    expect(after().length).toBeGreaterThanOrEqual(3);
    expect(await h.open()).toEqual([]);
  });
});

test('five minutes without a canary ring somebody by the direct path, where nothing else tells of it', async () => {
  let isBroken = false;
  const classify: typeof realCore.classify = (...about) => {
    if (isBroken) throw new Error('a defect of the rules');
    return realCore.classify(...about);
  };
  await start({ core: { ...realCore, classify } });
  isBroken = true;
  await h.clock.advanceBy(4 * MINUTE);
  expect(h.sent('trigger')).toEqual([]);
  await h.clock.advanceBy(2 * MINUTE);
  const [page, ...more] = h.sent('trigger');
  expect(page?.order).toMatchObject({ title: 'Tocsin: ALERTS MAY NOT COME THROUGH' });
  expect(more).toEqual([]);
  isBroken = false;
  await h.clock.advanceBy(2 * MINUTE);
  expect(h.sent('resolve')).toHaveLength(1);
});

describe('a service that takes no heartbeats', () => {
  const incidents = async (): Promise<readonly string[]> =>
    (await h.open()).map(({ title }) => title);

  test('is told of once in the log, in the health, and after five minutes by an alert that rings softly', async () => {
    await start();
    await h.clock.advanceBy(30 * SECOND);
    why = 'answered 503';
    await h.clock.advanceBy(4 * MINUTE);
    expect(await incidents()).toEqual([]);
    const warned = h.logs.filter(({ message }) => message === 'a heartbeat was not taken');
    expect(warned).toMatchObject([{ fields: { to: 'beats.example.com', why: 'answered 503' } }]);
    expect((await h.engine.health()).heartbeats).toMatchObject([
      { to: 'beats.example.com', why: 'answered 503', failingSince: expect.any(Number) as number },
    ]);
    await h.clock.advanceBy(2 * MINUTE);
    expect(await incidents()).toEqual(['Heartbeats do not reach beats.example.com']);
    const [incident] = await h.open();
    expect(incident?.routing.labels).toMatchObject({ alertname: 'HeartbeatFailed' });
    why = null;
    await h.clock.advanceBy(MINUTE);
    expect((await h.engine.health()).heartbeats).toMatchObject([{ why: null, failingSince: null }]);
    const [over] = await h.open();
    expect(over?.alerts.firing ?? 0).toBe(0);
  });
});

describe('a process that dies while its canary is on its way', () => {
  test('leaves one row, which goes the rest of its way with the next process', async () => {
    await start();
    await h.clock.advanceBy(MINUTE);
    await h.engine.stop();
    await h.crash();
    h.spoil(`
      INSERT INTO inbox (id, origin, actor, source, delivery_id, received_at, headers, body)
        VALUES ('01old', 'canary', '{"kind":"tocsin"}', NULL, '${CANARY}', 1, '{}', x'');
      INSERT INTO inbox_ready SELECT seq FROM inbox WHERE id = '01old'`);
    await h.restart();
    sent = [];
    await h.clock.advanceBy(MINUTE);
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(left()).toEqual(NOTHING);
  });
});

test('without heartbeats no canary is sent, and the health says so', async () => {
  await start({ heartbeat: undefined });
  await h.clock.advanceBy(10 * MINUTE);
  expect(await h.engine.health()).toMatchObject({ canaryAgeMs: null, heartbeats: [] });
  expect(h.sent()).toEqual([]);
});
