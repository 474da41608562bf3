/** The archive as an engine sees it: what ended a year ago is read, known by its rings, and does not change any more. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  schedule,
  START,
  startEngine,
  vendorIncident,
} from '../../../test/support/engine.ts';
import { archiveJob } from './archive.ts';
import { incidentList, incidentView } from '../../read/views.ts';

const DAY = 24 * 60 * MINUTE;
const ada = { id: 'p-ada', name: 'Ada', email: null };

let h: Harness;
let ref: string;

afterEach(() => h.end());
beforeEach(async () => {
  h = await startEngine({ retention: { sweep: schedule('30 12 * * *'), archiveMs: 90 * DAY } });
  await h.deliver('prom', [alert()]);
  await h.settle();
  ref = Object.values((await h.incident('inc-1')).pages)[0]?.rings[0]?.ref ?? '';
});

const isArchived = async () => (await h.store.reads.incident('inc-1'))?.archive !== null;
const jobHealth = async () => (await h.engine.health()).jobs.find(({ name }) => name === 'archive');

async function clears(): Promise<void> {
  await h.deliver('prom', [alert({ status: 'resolved' })]);
  await h.settle();
  await h.clock.advanceBy(20 * MINUTE);
}

/** So long later, and the job has run. */
async function later(days: number): Promise<void> {
  h.sleepFor(days * DAY);
  await h.clock.advanceBy(12 * MINUTE);
}

describe('an incident that ended a hundred days ago', () => {
  beforeEach(async () => {
    await clears();
    await later(100);
    expect(await isArchived()).toBe(true);
  });

  test('is shown and listed, and both say where it is', async () => {
    const { policy } = h.engine.setup();
    const view = await incidentView(h.store.reads, { policy }, '1');
    expect(view).toMatchObject({ id: 'inc-1', archived: true, phase: 'closed' });
    expect(view?.timeline.length).toBeGreaterThan(2);
    const all = { open: null, limit: 9, before: null };
    expect((await incidentList(h.store.reads, all)).incidents).toMatchObject([
      { id: 'inc-1', archived: true },
    ]);
  });

  test('refuses every change, with what to do instead', async () => {
    for (const request of [
      { type: 'AddNote', text: 'It was the cache.' },
      { type: 'Reopen', reason: 'errors are back' },
    ] as const)
      expect(await h.ask(request, 'inc-1')).toMatchObject({
        ok: false,
        code: 'archived',
        message: expect.stringContaining('tocsin declare') as string,
      });
  });

  test.each(['acknowledged', 'reopened', 'resolved', 'triggered'] as const)(
    'is told by its pager that its ring is %s: that opens nothing and rings nobody',
    async (action) => {
      const before = h.sent('trigger').length;
      await h.deliver('hooks', [vendorIncident({ ref, action, by: ada })]);
      await h.settle();
      expect(await h.open()).toEqual([]);
      expect(h.sent('trigger')).toHaveLength(before);
    },
  );

  test('does not take its alert, which opens another one', async () => {
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect((await h.open()).map(({ id }) => id)).toEqual(['inc-2']);
  });

  test('whose file was taken away is counted in lists, and the next page is there', async () => {
    await h.deliver('prom', [alert({ dedupKey: 'another' })]);
    await h.settle();
    h.spoil("UPDATE incidents SET archive = '2020.db' WHERE id = 'inc-1'");
    const list = (limit: number) =>
      incidentList(h.store.reads, { open: null, limit, before: null });
    expect(await list(9)).toMatchObject({
      incidents: [{ id: 'inc-2' }],
      unreadable: 1,
      next: null,
    });
    expect(await list(1)).toMatchObject({ unreadable: 0, next: 'inc-2' });
  });

  test('survives a restart without its file: the next incident opens and rings, and somebody is told', async () => {
    h.spoil("UPDATE archives SET incidents = 7 WHERE file = '2026.db'");
    await h.crash();
    await h.restart();
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect((await h.open()).map(({ id }) => id)).toEqual(['inc-2']);
    await h.clock.advanceBy(4 * MINUTE);
    expect((await h.open()).map(({ title }) => title)).toContain(
      'A file of the archive is gone or holds less than before',
    );
    expect((await h.engine.health()).store.archives).toMatchObject([{ file: '2026.db' }]);
    h.spoil("UPDATE archives SET incidents = 1 WHERE file = '2026.db'");
    await h.clock.advanceBy(25 * MINUTE);
    expect((await h.open()).map(({ id }) => id)).toEqual(['inc-2']);
  });
});

test('89 days after its end it is where it was', async () => {
  await clears();
  await later(89);
  expect((await jobHealth())?.lastRun).toMatchObject({ result: 'ok', said: 'moved 0 incidents' });
  expect(await isArchived()).toBe(false);
});

test('one that fires on for a hundred days stays', async () => {
  await later(100);
  expect(await isArchived()).toBe(false);
});

test('an alert that was never heard to end, of an incident that a person closed: its late end changes nothing', async () => {
  await h.ask({ type: 'MarkFalsePositive', reason: 'a load test' }, 'inc-1');
  await h.settle();
  await later(100);
  expect(await isArchived()).toBe(true);
  await h.deliver('prom', [alert({ status: 'resolved' })]);
  await h.settle();
  expect(await h.open()).toEqual([]);
  await h.deliver('prom', [alert()]);
  await h.settle();
  expect((await h.open()).map(({ id }) => id)).toEqual(['inc-2']);
});

test('a disk without room: the job fails, and says what waits', async () => {
  const job = archiveJob({
    setup: h.engine.setup,
    store: { archive: async () => ({ moved: 3, left: 0, isDiskShort: true }) },
    clock: h.engineClock(),
  });
  await expect(job.run()).rejects.toThrow(
    'moved 3 incidents; the rest waits for room on the disk: free space there',
  );
});

test('never: nothing is moved', async () => {
  const setup = h.engine.setup();
  await h.engine.reload({ ...setup, retention: { ...setup.retention, archiveMs: null } });
  await clears();
  await later(400);
  expect(await isArchived()).toBe(false);
  expect((await jobHealth())?.lastRun?.said).toBe(
    'nothing is archived: retention.archive is never',
  );
});

test('the sizes stand in the metrics, a minute old at most', async () => {
  await clears();
  await later(100);
  const text = await h.metrics.registry.metrics();
  expect(text).toContain('tocsin_incidents{state="archived"} 1');
  expect(text).toContain('tocsin_store_rows{table="events"} 0');
  expect(text).toMatch(/tocsin_store_bytes\{part="archive"\} [1-9]/);
  expect(text).toMatch(/tocsin_store_bytes\{part="database"\} [1-9]/);
  expect(h.engineClock().now()).toBeGreaterThan(START + 100 * DAY);
});
