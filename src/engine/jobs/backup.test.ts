/** Backups on the calendar, told as days; 12:00 is the start, a backup is due at 12:30. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  schedule,
  startEngine,
} from '../../../test/support/engine.ts';
import { type ApiServer, openApiServer } from '../../../test/support/http.ts';

const DAY = 24 * 60 * MINUTE;
let root: string;
let to: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-backup-'));
  to = join(root, 'backups');
  mkdirSync(to);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const daily = (last = 14, forMs = 30 * DAY) => ({
  to,
  schedule: schedule('30 12 * * *'),
  keep: { last, forMs },
});

async function withEngine(backup: ReturnType<typeof daily> | null): Promise<Harness> {
  return startEngine({ backup });
}

/** The machine sleeps until then: what was due is caught up ten minutes after. */
async function nextDay(h: Harness): Promise<void> {
  h.sleepFor(DAY);
  await h.clock.advanceBy(11 * MINUTE);
}

const job = async (h: Harness) =>
  (await h.engine.health()).jobs.find(({ name }) => name === 'backup');

test('12:31 one was made, the next day another; the third day deletes the first', async () => {
  const h = await withEngine(daily(2, DAY));
  try {
    await h.clock.advanceBy(29 * MINUTE);
    expect(readdirSync(to)).toEqual([]);
    await h.clock.advanceBy(2 * MINUTE);
    expect(readdirSync(to)).toHaveLength(1);
    expect((await job(h))?.lastRun).toMatchObject({
      result: 'ok',
      said: expect.stringMatching(
        /^made .*tocsin-00000000-20260105T1230\d\dZ, \d+ KB, \d+ commits$/,
      ) as string,
    });
    const metrics = await h.metrics.registry.metrics();
    expect(metrics).toMatch(/tocsin_backup_bytes [1-9]/);
    await nextDay(h);
    expect(readdirSync(to)).toHaveLength(2);
    await nextDay(h);
    expect(readdirSync(to).map((name) => name.slice(16, 24))).toEqual(['20260106', '20260107']);
    expect((await job(h))?.lastRun?.said).toMatch(/; deleted 1 older$/);
  } finally {
    await h.end();
  }
});

test('the folder is gone -> the start and each try say so, the third opens an incident; it comes back -> all is well', async () => {
  const away = join(root, 'away');
  renameSync(to, away);
  const h = await withEngine(daily());
  try {
    expect(h.logs).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: expect.stringContaining('no backup can be made: make the folder') as string,
      }),
    );
    await h.clock.advanceBy(50 * MINUTE);
    const [incident] = await h.open();
    expect(incident?.title).toBe('The job "backup" fails');
    expect((await job(h))?.lastRun?.said).toBe(`backups cannot be made in ${to}: it is not there`);
    renameSync(away, to);
    await h.clock.advanceBy(30 * MINUTE);
    expect(readdirSync(to)).toHaveLength(1);
    expect(await h.open()).toEqual([]);
  } finally {
    await h.end();
  }
});

test('a record that was changed -> the backup is kept apart, no other is deleted, and the job fails', async () => {
  const h = await withEngine(daily(1, MINUTE));
  try {
    await h.clock.advanceBy(31 * MINUTE);
    await h.deliver('prom', [alert()]);
    await h.settle();
    h.spoil("UPDATE events SET event = replace(event, 'answers with errors', 'purrs')");
    await nextDay(h);
    const kept = readdirSync(to);
    expect(kept.filter((name) => !name.endsWith('.flawed'))).toHaveLength(1);
    expect(kept).toHaveLength(2);
    expect((await job(h))?.lastRun?.result).toBe('failed');
  } finally {
    await h.end();
  }
});

test('without `backup` none is made, and the job says that it never comes', async () => {
  const h = await withEngine(null);
  try {
    await nextDay(h);
    expect(await job(h)).toMatchObject({ schedule: null, nextAt: null, lastRun: null });
  } finally {
    await h.end();
  }
});

test('a person makes one by hand, in the usual folder or in another', async () => {
  const api: ApiServer = await openApiServer({ backup: daily() });
  try {
    const made = await api.post('/api/v1/backups', {});
    expect(made).toMatchObject({
      status: 201,
      json: { made: { path: expect.stringContaining(to) as string, flaws: [] } },
    });
    const other = join(root, 'usb');
    expect(await api.post('/api/v1/backups', { to: other })).toMatchObject({
      status: 409,
      json: { code: 'backup_not_made', detail: expect.stringContaining('is not there') as string },
    });
    mkdirSync(other);
    expect(await api.post('/api/v1/backups', { to: other })).toMatchObject({ status: 201 });
    expect(existsSync(join(other, readdirSync(other)[0] ?? '', 'tocsin.db'))).toBe(true);
  } finally {
    await api.end();
  }
});

test('by hand, where the configuration says nowhere, it asks for a folder', async () => {
  const api = await openApiServer();
  try {
    expect(await api.post('/api/v1/backups', {})).toMatchObject({
      status: 409,
      json: { code: 'no_backup_folder' },
    });
  } finally {
    await api.end();
  }
});
