/** The data does not let Tocsin start: nobody would hear of an alert, so somebody hears of that. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { createSteppedClock } from '../../src/sandbox/clock.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

const EXAMPLE = fileURLToPath(new URL('../../config/example.yaml', import.meta.url));
/** Changes the database by hand. */
function change(sql: string): void {
  const db = new Database(join(data, 'tocsin.db'));
  db.exec(sql);
  db.close();
}

function inPlaceOf(name: string): void {
  rmSync(join(data, name), { force: true });
  mkdirSync(join(data, name));
}

let data: string;
/** The vendors, who outlive a start that fails. */
let vendors: Sandbox | null;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tocsin-start-'));
  vendors = null;
  onTestFinished(async () => {
    await vendors?.close();
    rmSync(data, { recursive: true, force: true });
  });
});

const MORNING = Date.parse('2026-03-02T02:00:00Z');
const MINUTE = 60_000;

const start = (at = MORNING, directory = data): Promise<App> =>
  createApp({
    config: EXAMPLE,
    data: directory,
    sandbox: true,
    sandboxPort: 0,
    openVendors: async (options) => {
      vendors ??= await startSandbox(options);
      return { ...vendors, close: () => Promise.resolve() };
    },
    listen: { host: '127.0.0.1', port: 0 },
    clock: createSteppedClock({ start: at }),
    environment: {},
    pid: 1,
    log: { level: 'silent', write: () => undefined },
    onBroken: () => undefined,
  });

const pages = () => (vendors?.truth() ?? []).filter((one) => one.kind === 'page');
const rang = (): readonly string[] =>
  pages().flatMap((one) => (one.event === 'rang' ? [`${one.urgency} ${one.title}`] : []));
const PAGE = 'high Tocsin: IT DOES NOT START, AND TAKES NO ALERTS IN';

/** Less of the database than there was. @returns how to put it back */
function cut(directory = data): () => void {
  const path = join(directory, 'tocsin.db');
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, 20_000));
  return () => writeFileSync(path, whole);
}

test('a database that was cut rings the on-call and tells the channel, once for the starts that follow at once', async () => {
  await (await start()).stop();
  cut();
  await expect(start()).rejects.toThrow('is damaged');
  expect(rang()).toEqual([PAGE]);
  await expect(start(MORNING + MINUTE)).rejects.toThrow('is damaged');
  expect(rang()).toEqual([PAGE]);
  const told = vendors?.truth().filter((one) => JSON.stringify(one).includes('Tocsin: IT DOES'));
  expect(told?.length).toBeGreaterThan(1);
});

test('while nobody answers, a start that is tried again later rings the next person', async () => {
  await (await start()).stop();
  cut();
  for (const minutes of [0, 5, 10, 11])
    await expect(start(MORNING + minutes * MINUTE)).rejects.toThrow('is damaged');
  expect(rang()).toEqual([PAGE, PAGE]);
  const people = pages().flatMap((one) => (one.event === 'rang' ? [one.address] : []));
  expect(new Set(people).size).toBe(2);
});

test('a start that succeeds closes what rings, and the next outage rings anew', async () => {
  await (await start()).stop();
  const mend = cut();
  await expect(start()).rejects.toThrow('is damaged');
  mend();
  const app = await start(MORNING + MINUTE);
  await expect.poll(() => pages().map(({ event }) => event)).toEqual(['rang', 'resolved']);
  await app.stop();
  cut();
  await expect(start(MORNING + 2 * MINUTE)).rejects.toThrow('is damaged');
  expect(rang()).toEqual([PAGE, PAGE]);
});

test('two installations at one account do not take each other’s page for theirs', async () => {
  const other = mkdtempSync(join(tmpdir(), 'tocsin-start-'));
  onTestFinished(() => rmSync(other, { recursive: true, force: true }));
  for (const directory of [data, other]) {
    await (await start(MORNING, directory)).stop();
    cut(directory);
    await expect(start(MORNING, directory)).rejects.toThrow('is damaged');
  }
  expect(rang()).toEqual([PAGE, PAGE]);
});

test.each<[string, () => void, string]>([
  ['a table is gone', () => change('DROP TABLE alerts'), 'alerts'],
  ['the schema has a number that there is not', () => change('PRAGMA user_version = 999'), '999'],
  ['a folder lies in the place of the database', () => inPlaceOf('tocsin.db'), 'tocsin.db'],
  ['a folder lies in the place of the marker', () => inPlaceOf('marker.json'), 'marker.json'],
  ['a folder lies in the place of the lock', () => inPlaceOf('lock.db'), 'lock.db'],
])('%s: somebody is rung', async (_name, spoil, told) => {
  await (await start()).stop();
  spoil();
  await expect(start()).rejects.toThrow();
  expect(rang()).toEqual([PAGE]);
  expect(JSON.stringify(vendors?.truth())).toContain(told);
});

test('a mistake of whoever starts it rings nobody', async () => {
  const app = await start();
  await expect(start()).rejects.toThrow('another Tocsin');
  expect(rang()).toEqual([]);
  await app.stop();
});
