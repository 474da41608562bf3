/** The data does not let Tocsin start: nobody would hear of an alert, so somebody hears of that. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { createSteppedClock } from '../../src/sandbox/clock.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

const EXAMPLE = fileURLToPath(new URL('../../config/example.yaml', import.meta.url));
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

const start = (): Promise<App> =>
  createApp({
    config: EXAMPLE,
    data,
    sandbox: true,
    sandboxPort: 0,
    openVendors: async (options) => {
      vendors ??= await startSandbox(options);
      return { ...vendors, close: () => Promise.resolve() };
    },
    listen: { host: '127.0.0.1', port: 0 },
    clock: createSteppedClock({ start: Date.parse('2026-03-02T02:00:00Z') }),
    environment: {},
    pid: 1,
    log: { level: 'silent', write: () => undefined },
    onBroken: () => undefined,
  });

const rang = (): readonly string[] =>
  (vendors?.truth() ?? []).flatMap((one) =>
    one.kind === 'page' && one.event === 'rang' ? [`${one.urgency} ${one.title}`] : [],
  );

test('a database that was cut rings the on-call and tells the channel, once for all the starts that are tried', async () => {
  await (await start()).stop();
  const path = join(data, 'tocsin.db');
  writeFileSync(path, readFileSync(path).subarray(0, 20_000));
  await expect(start()).rejects.toThrow('is damaged');
  const page = 'high Tocsin: IT DOES NOT START, AND TAKES NO ALERTS IN';
  expect(rang()).toEqual([page]);
  await expect(start()).rejects.toThrow('is damaged');
  expect(rang()).toEqual([page]);
  const told = vendors?.truth().filter((one) => JSON.stringify(one).includes('Tocsin: IT DOES'));
  expect(told?.length).toBeGreaterThan(1);
});

test('a mistake of whoever starts it rings nobody', async () => {
  const app = await start();
  await expect(start()).rejects.toThrow('another Tocsin');
  expect(rang()).toEqual([]);
  await app.stop();
});
