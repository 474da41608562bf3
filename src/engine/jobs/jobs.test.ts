/** Jobs on the calendar: the sweep of the engine, told as days; 12:00 is the start, the sweep is due at 12:30. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  schedule,
  SECOND,
  START,
  startEngine,
} from '../../../test/support/engine.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { StandingAlert } from '../watching/self-alerts.ts';
import { createSteppedClock } from '../../sandbox/clock.ts';
import { createJobs, type Job, retryAfterMs } from './jobs.ts';

const HOUR = 60 * MINUTE;
const HALF = 30 * MINUTE;
const DAY = 24 * HOUR;

describe('the sweep, every day at 12:30', () => {
  let h: Harness;
  /** When it ran, as time of the engine after the start of it all. */
  let ran: number[];
  let fault: Error | null;
  /** The process dies in the middle of the next run. */
  let isDying: boolean;

  afterEach(() => h.end());
  beforeEach(async () => {
    ran = [];
    fault = null;
    isDying = false;
    h = await startEngine({
      retention: { sweep: schedule('30 12 * * *'), bodiesMs: 20 * MINUTE },
      wrap: (store) => ({
        ...store,
        retain: async (before) => {
          ran.push(h.engineClock().now() - START);
          if (isDying) await store.close();
          if (fault !== null) throw fault;
          return store.retain(before);
        },
      }),
    });
  });

  const sweep = async () => (await h.engine.health()).jobs[0];
  const titles = async () => (await h.open()).map(({ title }) => title);
  const FAILS = 'The job "sweep" fails';

  /** Nothing ran between the two, and no more than once after them. */
  async function comesBetween(from: number, until: number): Promise<void> {
    await h.clock.advanceTo(START + from);
    expect(ran).toEqual([]);
    await h.clock.advanceTo(START + until);
    expect(ran).toHaveLength(1);
  }

  test('runs within half a minute of 12:30, once, and deletes what is older than the retention', async () => {
    const accepted = await h.deliver('prom', [alert({ status: 'resolved' })]);
    const id = accepted.kind === 'accepted' ? accepted.id : '';
    await comesBetween(HALF - SECOND, HALF + 30 * SECOND);
    expect(await h.store.reads.inboxRow(id)).toBeNull();
    await h.clock.advanceBy(HOUR);
    expect(ran).toHaveLength(1);
  });

  test('keeps what is younger than the retention', async () => {
    await h.clock.advanceBy(15 * MINUTE);
    const accepted = await h.deliver('prom', [alert({ status: 'resolved' })]);
    const id = accepted.kind === 'accepted' ? accepted.id : '';
    await h.clock.advanceBy(16 * MINUTE);
    expect(ran).toHaveLength(1);
    expect(await h.store.reads.inboxRow(id)).not.toBeNull();
  });

  test('12:20 the process ends, 15:20 it starts: it is caught up at 15:30, once', async () => {
    await h.clock.advanceBy(20 * MINUTE);
    await h.crash();
    h.sleepFor(3 * HOUR);
    await h.restart();
    await h.clock.advanceBy(9 * MINUTE);
    expect(ran).toEqual([]);
    await h.clock.advanceBy(2 * MINUTE);
    expect(ran).toHaveLength(1);
    await h.clock.advanceBy(HOUR);
    expect(ran).toHaveLength(1);
  });

  test('a restart after the run does not repeat it', async () => {
    await h.clock.advanceBy(HALF + MINUTE);
    await h.crash();
    await h.restart();
    await h.clock.advanceBy(HOUR);
    expect(ran).toHaveLength(1);
  });

  test('the machine sleeps for nine days: it runs once, ten minutes after it woke', async () => {
    await h.clock.advanceBy(20 * MINUTE);
    h.sleepFor(9 * DAY);
    await h.clock.advanceBy(9 * MINUTE);
    expect(ran).toEqual([]);
    await h.clock.advanceBy(3 * MINUTE);
    expect(ran).toHaveLength(1);
    await h.clock.advanceBy(HOUR);
    expect(ran).toHaveLength(1);
  });

  test('12:45 the clock is set back by three hours: neither this process nor the next runs it again', async () => {
    await h.clock.advanceBy(45 * MINUTE);
    h.sleepFor(-3 * HOUR);
    await h.clock.advanceBy(15 * MINUTE);
    await h.crash();
    await h.restart();
    await h.clock.advanceBy(HOUR);
    expect(ran).toHaveLength(1);
  });

  test('the clock was ten days ahead and is accepted: it runs at the next 12:30, not in ten days', async () => {
    h.sleepFor(10 * DAY);
    await h.clock.advanceBy(15 * MINUTE);
    expect(ran).toHaveLength(1);
    h.sleepFor(-10 * DAY);
    await h.clock.advanceBy(MINUTE);
    await h.engine.acceptClock({ byMs: h.engineClock().aheadMs(), person: 'ada' });
    await h.crash();
    await h.restart();
    await h.clock.advanceBy(HALF);
    expect(ran).toHaveLength(2);
  });

  test('a reload with another schedule takes effect', async () => {
    const setup = h.engine.setup();
    const retention = { ...setup.retention, sweep: schedule('15 12 * * *') };
    await h.engine.reload({ ...setup, retention });
    await comesBetween(15 * MINUTE - SECOND, 15 * MINUTE + 30 * SECOND);
  });

  test('fails: it is tried again after 5, 10 and 20 minutes; the third failure opens an incident, which the next success ends', async () => {
    fault = new Error('the disk hums');
    await h.clock.advanceBy(HALF + 4 * MINUTE);
    expect(ran).toHaveLength(1);
    await h.clock.advanceBy(2 * MINUTE);
    expect(ran).toHaveLength(2);
    expect(await titles()).not.toContain(FAILS);
    await h.clock.advanceBy(11 * MINUTE);
    expect(ran).toHaveLength(3);
    expect(await titles()).toContain(FAILS);
    expect(await sweep()).toMatchObject({
      failures: 3,
      lastRun: { result: 'failed', said: 'the disk hums' },
      succeededAt: null,
    });
    fault = null;
    await h.clock.advanceBy(21 * MINUTE);
    expect(await sweep()).toMatchObject({ failures: 0, lastRun: { result: 'ok' } });
    await h.clock.advanceBy(20 * MINUTE);
    expect(await titles()).not.toContain(FAILS);
    const text = await h.metrics.registry.metrics();
    expect(text).toContain('tocsin_job_failures_total{name="sweep"} 3');
    expect(text).toMatch(/tocsin_job_last_success_timestamp_seconds\{name="sweep"\} 17676/);
  });

  test('its process dies in it three times: each is a failure, and the third is told after the start', async () => {
    isDying = true;
    await h.clock.advanceBy(HALF + MINUTE).catch(() => undefined);
    for (const times of [1, 2, 3]) {
      expect(ran).toHaveLength(times);
      isDying = false;
      await h.restart();
      expect(await sweep()).toMatchObject({
        failures: times,
        lastRun: { result: 'unfinished', tookMs: null },
      });
      isDying = times < 3;
      if (isDying) await h.clock.advanceBy(11 * MINUTE).catch(() => undefined);
    }
    await h.clock.advanceBy(MINUTE);
    expect(await titles()).toContain(FAILS);
  });

  test('health tells of the schedule, of the next run and of the last', async () => {
    expect(await sweep()).toEqual({
      name: 'sweep',
      schedule: '30 12 * * * UTC',
      nextAt: START + HALF,
      isRunning: false,
      lastRun: null,
      succeededAt: null,
      failures: 0,
    });
    await h.clock.advanceBy(40 * MINUTE);
    expect(await sweep()).toMatchObject({
      nextAt: START + HALF + DAY,
      lastRun: { result: 'ok', said: 'deleted 0 rows' },
    });
  });
});

describe('several jobs', () => {
  const clock = () => createSteppedClock({ start: START });

  function registry(jobs: readonly Job[], time = clock()) {
    const rows = new Map<string, string>();
    const said: SelfAlert[] = [];
    const standing = async (): Promise<readonly StandingAlert[]> => [];
    const none = (): void => undefined;
    const made = createJobs({
      jobs,
      reads: { meta: async (key) => rows.get(key) ?? null },
      write: (work) => work({ tx: { setMeta: async (k, v) => void rows.set(k, v ?? '') } }),
      clock: time,
      log: { debug: none, info: none, warn: none, error: none },
      metrics: createMetrics(),
      redact: (text) => text,
      selfAlert: (one) => void said.push(one),
      standing,
    });
    return { jobs: made, time, rows };
  }

  test('run one after the other, never two at once, those due first first', async () => {
    const lines: string[] = [];
    const finish: (() => void)[] = [];
    const job = (name: string, text: string): Job => ({
      name,
      schedule: () => schedule(text),
      run: async () => {
        lines.push(`${name} begins`);
        await new Promise<void>((resolve) => void finish.push(resolve));
        lines.push(`${name} ends`);
        return '';
      },
    });
    const { jobs, time } = registry([job('b', '30 12 * * *'), job('a', '20 12 * * *')]);
    await jobs.start();
    await time.advanceTo(START + 40 * MINUTE);
    jobs.tick();
    await time.settle();
    jobs.tick();
    await time.settle();
    expect(lines).toEqual(['a begins']);
    expect(jobs.all().map(({ isRunning }) => isRunning)).toEqual([false, true]);
    finish.pop()?.();
    await time.settle();
    expect(lines).toEqual(['a begins', 'a ends', 'b begins']);
    finish.pop()?.();
    await time.settle();
    expect(jobs.inFlight()).toBe(0);
  });

  test('begin nothing in the first ten minutes of a start, not even what is due in them', async () => {
    let runs = 0;
    const run = async () => `${(runs += 1)}`;
    const { jobs, time } = registry([{ name: 'a', schedule: () => schedule('* * * * *'), run }]);
    await jobs.start();
    for (let minute = 1; minute < 10; minute += 1) {
      await time.advanceTo(START + minute * MINUTE);
      jobs.tick();
    }
    await time.settle();
    expect(runs).toBe(0);
    await time.advanceTo(START + 10 * MINUTE);
    jobs.tick();
    await time.settle();
    expect(runs).toBe(1);
  });

  test('a row that is spoilt is begun anew', async () => {
    const run = async () => 'done';
    const made = registry([{ name: 'a', schedule: () => schedule('@daily'), run }]);
    made.rows.set('job:a', '{"lastDue":"soon"}');
    await made.jobs.start();
    expect(made.jobs.all()[0]).toMatchObject({ nextAt: START + 12 * HOUR, failures: 0 });
  });

  test('the waits between failures double up to six hours', () => {
    const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 2_000].map((n) => retryAfterMs(n) / MINUTE);
    expect(minutes).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360, 360]);
  });
});
