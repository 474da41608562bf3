/** What decisions look up of the pauses: what is paused, when paging was paused before, and since when a policy holds. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  loadedFor,
  MINUTE,
  SECOND,
  START,
  startEngine,
} from '../../../test/support/engine.ts';
import { policy } from '../../../test/support/policy.ts';
import type { Log } from '../../contract/adapter.ts';
import type { Pausable } from '../../core/model/lookups.ts';
import type { Tx } from '../../store/store.ts';
import { createPauses } from './pauses.ts';
import type { Turn } from '../deciding/turns.ts';
import type { Workspace } from '../deciding/workspace.ts';
import type { Writer } from '../deciding/writer.ts';

let h: Harness;
afterEach(() => h.end());

const MONTH = 31 * 24 * 60 * MINUTE;
const DRILL = { by: 'ada', why: 'a drill' };
const pause = (what: Pausable, minutes: number) =>
  h.engine.pause(what, { ...DRILL, forMs: minutes * MINUTE });
const remembered = (): readonly (readonly [number, number])[] =>
  h.engine
    .lookups()
    .pagingWasPaused.map(({ from, until }) => [(from - START) / MINUTE, (until - START) / MINUTE]);

test('a pause that a server beside this one makes or ends is seen within a second, and neither undoes the other’s', async () => {
  h = await startEngine({ pollMs: 1_000 });
  await pause('public', 20);
  const beside = { since: START, until: START + 5 * MINUTE, by: 'ben', why: 'x', reminded: 0 };
  h.spoil(
    `UPDATE meta SET value = json_set(value, '$.pauses.paging', json('${JSON.stringify(beside)}')) WHERE key = 'pauses'`,
  );
  await h.clock.advanceBy(1_000);
  expect(Object.keys(h.engine.lookups().pauses)).toEqual(['public', 'paging']);
  h.spoil(`UPDATE meta SET value = json_remove(value, '$.pauses.public') WHERE key = 'pauses'`);
  await pause('automation', 20);
  expect(Object.keys(h.engine.lookups().pauses)).toEqual(['paging', 'automation']);
});

/** The pause of paging as a server beside this one stores it, its end in minutes; null: it has ended it. */
const beside = (endsAt: number | null) =>
  h.spoil(
    endsAt === null
      ? `UPDATE meta SET value = json_remove(value, '$.pauses.paging') WHERE key = 'pauses'`
      : `UPDATE meta SET value = json_set(value, '$.pauses.paging.until', ${START + endsAt * MINUTE}) WHERE key = 'pauses'`,
  );
const told = (): readonly string[] =>
  h.sent('post').flatMap(({ order }) => ('text' in order ? [order.text] : []));

describe('what a server beside this one did to a pause', () => {
  test('is found when a reminder of it falls due: one that it ended is not written back', async () => {
    h = await startEngine();
    await pause('paging', 30);
    await h.clock.advanceBy(14 * MINUTE + 30 * SECOND);
    beside(null);
    await h.clock.advanceBy(MINUTE);
    expect(h.engine.lookups().pauses).toEqual({});
    expect(told().filter((text) => text.includes('still paused'))).toEqual([]);
  });

  test('is found when it would have ended: one that it prolonged holds on', async () => {
    h = await startEngine();
    await pause('paging', 30);
    await h.clock.advanceBy(29 * MINUTE + 30 * SECOND);
    beside(60);
    await h.clock.advanceBy(MINUTE);
    expect(h.engine.lookups().pauses.paging).toMatchObject({ until: START + 60 * MINUTE });
    expect(told().filter((text) => text.includes('goes on'))).toEqual([]);
    await h.clock.advanceBy(30 * MINUTE);
    expect(h.engine.lookups().pauses).toEqual({});
  });

  test('is found when a person ends it, also one that it has only just made or ended itself', async () => {
    h = await startEngine();
    h.spoil(
      `INSERT INTO meta (key, value) VALUES ('pauses', '${JSON.stringify({
        pauses: {
          paging: { since: START, until: START + 60 * MINUTE, by: 'ben', why: 'x', reminded: 0 },
        },
        past: [],
      })}')`,
    );
    expect(await h.engine.resume('paging', 'ada')).toBe(true);
    expect(h.peek("SELECT value FROM meta WHERE key = 'pauses'")).toEqual([
      { value: expect.stringContaining('"pauses":{}') },
    ]);
    await pause('paging', 30);
    beside(null);
    expect(await h.engine.resume('paging', 'ada')).toBe(false);
    expect(h.engine.lookups().pauses).toEqual({});
  });

  test('is heard by incidents: their wake-ups are derived anew', async () => {
    h = await startEngine({ pollMs: SECOND });
    await pause('paging', 2);
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(3 * MINUTE);
    await pause('paging', 1);
    await h.settle();
    const due = async () => ((await h.store.reads.incident('inc-1'))?.wake?.at ?? 0) - START;
    expect(await due(), 'five minutes, of which two and a bit have run').toBe(8 * MINUTE);
    beside(10);
    await h.clock.advanceBy(2 * SECOND);
    expect(await due()).toBeGreaterThan(13 * MINUTE);
  });
});

test('a pause that is prolonged while its end is being noted goes on', async () => {
  let now = START;
  const rows = new Map<string, string | null>();
  const meta = async (key: string) => rows.get(key) ?? null;
  let turns: Promise<unknown> = Promise.resolve();
  const said: string[] = [];
  const write = <T>(work: (turn: Turn) => Promise<T>): Promise<T> => {
    const after: (() => void)[] = [];
    const tx: Partial<Tx> = {
      meta,
      setMeta: async (key, value) => void rows.set(key, value),
      wake: async () => undefined,
    };
    const turn: Partial<Turn> = {
      tx: tx as Tx,
      now,
      workspace: { learn: () => undefined } as Partial<Workspace> as Workspace,
      afterCommit: (run) => void after.push(run),
    };
    const done = turns.then(async () => {
      const value = await work(turn as Turn);
      for (const run of after) run();
      return value;
    });
    turns = done;
    return done;
  };
  const pauses = createPauses({
    reads: { meta },
    writer: { write } as Partial<Writer> as Writer,
    clock: { now: () => now },
    log: { warn: () => undefined } as Partial<Log> as Log,
    say: (text) => void said.push(text),
    timezone: () => 'UTC',
    noteDue: () => undefined,
    onChange: () => undefined,
  });
  await pauses.pause('paging', { by: 'ada', why: 'a drill', forMs: 10 * MINUTE });
  now += 10 * MINUTE;
  const longer = pauses.pause('paging', { by: 'ben', why: 'longer', forMs: 30 * MINUTE });
  await Promise.all([longer, pauses.tick()]);
  expect(await longer, 'the first was over').toMatchObject({ ok: true, before: null });
  expect(pauses.current(now).paging).toMatchObject({ by: 'ben', until: now + 30 * MINUTE });
  expect(said.filter((text) => text.includes('goes on'))).toEqual([]);
});

describe('a pause of paging', () => {
  test('is looked up while it holds, and remembered when it has ended by itself, reminders or not', async () => {
    h = await startEngine();
    await h.clock.advanceBy(MINUTE);
    await pause('paging', 20);
    await h.clock.advanceBy(19 * MINUTE);
    expect(h.engine.lookups().pauses.paging).toMatchObject({ until: START + 21 * MINUTE });
    expect(remembered()).toEqual([]);
    await h.clock.advanceBy(2 * MINUTE);
    expect(h.engine.lookups().pauses).toEqual({});
    expect(remembered()).toEqual([[1, 21]]);
  });

  test('counts from the very instant of its end, before anybody has noted that', async () => {
    h = await startEngine();
    await pause('paging', 10);
    h.sleepFor(10 * MINUTE);
    expect(h.engine.lookups().pauses).toEqual({});
    expect(remembered()).toEqual([[0, 10]]);
    await h.clock.advanceBy(MINUTE);
    expect(remembered()).toEqual([[0, 10]]);
  });

  test('that a person ended early held no longer than that', async () => {
    h = await startEngine();
    await pause('paging', 60);
    await h.clock.advanceBy(5 * MINUTE);
    await h.engine.resume('paging', 'ada');
    expect(remembered()).toEqual([[0, 5]]);
  });

  test('that gives way to another one held until then', async () => {
    h = await startEngine();
    await pause('paging', 60);
    await h.clock.advanceBy(5 * MINUTE);
    await h.engine.pause('paging', { ...DRILL, forMs: 10 * MINUTE, shorten: true });
    await h.clock.advanceBy(11 * MINUTE);
    expect(remembered()).toEqual([
      [0, 5],
      [5, 15],
    ]);
  });

  test('is remembered over a restart, and for a month', async () => {
    h = await startEngine();
    await pause('paging', 10);
    await h.clock.advanceBy(11 * MINUTE);
    await h.crash();
    await h.restart();
    expect(remembered()).toEqual([[0, 10]]);
    h.sleepFor(MONTH);
    await pause('public', 1);
    expect(remembered()).toEqual([]);
  });
});

test.each(['public', 'automation'] as const)('a pause of %s is none of paging', async (what) => {
  h = await startEngine();
  await pause(what, 10);
  await h.clock.advanceBy(5 * MINUTE);
  await h.engine.resume(what, 'ada');
  expect(remembered()).toEqual([]);
});

test('a start goes on without what cannot be read of the policy before, or of another shape', async () => {
  for (const [spoilt, next] of [
    ["UPDATE meta SET value = '{' WHERE key LIKE 'config:%'", 'policy-2'],
    ["UPDATE meta SET value = '{}' WHERE key LIKE 'config:%'", 'policy-3'],
    ["UPDATE meta SET value = '{' WHERE key = 'policy'", 'policy-4'],
    ["UPDATE meta SET value = json_set(value, '$.reloads', 7) WHERE key = 'policy'", 'policy-5'],
  ] as const) {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(4 * MINUTE);
    await h.crash();
    h.spoil(spoilt);
    await h.restart({ policy: { ...policy(), hash: next } });
    await h.clock.advanceBy(2 * MINUTE);
    const rung = h.sent('trigger').map(({ order }) => JSON.stringify(order));
    expect(
      rung.filter((order) => order.includes('ben')),
      spoilt,
    ).toHaveLength(1);
    expect((await h.open()).length, 'and no incident about Tocsin itself').toBe(1);
    await h.end();
  }
  h = await startEngine();
});

test('a reload that is yet to come, by a clock that was wrong, holds nothing up', async () => {
  h = await startEngine();
  await h.crash();
  h.spoil(
    `UPDATE meta SET value = json_set(value, '$.reloads', json('[{"since":${START + 365 * 24 * 60 * MINUTE},"before":"policy-1"}]')) WHERE key = 'policy'`,
  );
  await h.restart();
  expect(h.engine.lookups().reloads).toEqual([]);
});

const world = () => ({
  vendors: h.vendors,
  calls: h.calls,
  asked: h.asked,
  now: () => h.clock.now(),
});
const reload = (hash: string) => h.engine.reload(loadedFor({ ...policy(), hash }, world()));
/** Second of each reload that counts, and what held before it. */
const counting = (): readonly (readonly [number, string])[] =>
  h.engine.lookups().reloads.map(({ since, before }) => [(since - START) / SECOND, before.hash]);

test('a reload counts for two minutes, also in a process that was started since; a first start is none', async () => {
  h = await startEngine();
  expect(counting()).toEqual([]);
  await h.clock.advanceBy(10 * MINUTE);
  await reload('policy-2');
  expect(counting()).toEqual([[600, 'policy-1']]);
  expect(h.engine.lookups().reloads[0]?.before).toEqual(policy());
  await h.clock.advanceBy(MINUTE);
  await h.crash();
  await h.restart({ policy: { ...policy(), hash: 'policy-2' } });
  expect(counting()).toEqual([[600, 'policy-1']]);
  await h.clock.advanceBy(MINUTE);
  expect(counting()).toEqual([]);
});

test('each of a row of reloads counts for its two minutes, also in a process that was started since', async () => {
  h = await startEngine();
  await reload('policy-2');
  await h.clock.advanceBy(50 * SECOND);
  await reload('policy-3');
  await h.clock.advanceBy(30 * SECOND);
  await h.crash();
  await h.restart({ policy: { ...policy(), hash: 'policy-4' } });
  expect(counting()).toEqual([
    [0, 'policy-1'],
    [50, 'policy-2'],
    [80, 'policy-3'],
  ]);
  await h.clock.advanceBy(45 * SECOND);
  expect(counting()).toEqual([
    [50, 'policy-2'],
    [80, 'policy-3'],
  ]);
  await reload('policy-5');
  expect(counting().map(([, before]) => before)).toEqual(['policy-2', 'policy-3', 'policy-4']);
});

test('a start on the data of an older Tocsin, which knew no row of reloads, finds none', async () => {
  h = await startEngine();
  await h.crash();
  h.spoil("UPDATE meta SET value = json_remove(value, '$.reloads') WHERE key = 'policy'");
  await h.restart();
  expect(counting()).toEqual([]);
  await h.clock.advanceBy(MINUTE);
  await reload('policy-2');
  expect(counting()).toEqual([[60, 'policy-1']]);
});
