/** A configuration that is loaded beside everything else is the one that is loaded at once, and keeps nothing waiting. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Loaded, LoadResult } from '../src/config/load.ts';
import { Secret } from '../src/contract/secret.ts';
import { systemClock } from '../src/engine/clock.ts';
import { inSlices, loadBeside } from '../src/loading/beside.ts';
import { type FromDisk, loadFrom } from '../src/loading/from-disk.ts';

const clock = systemClock();
const OPTIONS: FromDisk = { environment: {}, sandbox: true, now: Date.UTC(2026, 2, 2) };

/** The example of the project, in a folder of its own. */
function example(): { readonly main: string; readonly team: (name: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-loading-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(import.meta.dirname, '../config'), folder, { recursive: true });
  return {
    main: join(folder, 'example.yaml'),
    team: (name) => join(folder, 'teams', `${name}.yaml`),
  };
}

function loaded(result: LoadResult): Loaded {
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.loaded;
}

const revealed = (all: Loaded['secretsByPath']): Record<string, string> =>
  Object.fromEntries(Object.entries(all).map(([path, secret]) => [path, secret.reveal()]));

function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

test('what is loaded beside is what is loaded at once: policy, adapters, secrets, warnings', async () => {
  const { main } = example();
  const atOnce = loadFrom(main, OPTIONS);
  const beside = await loadBeside(main, OPTIONS, clock);
  expect(beside).toEqual(atOnce);
  const [own, other] = [loaded(beside), loaded(atOnce)];
  expect(revealed(own.secretsByPath)).toEqual(revealed(other.secretsByPath));
  expect(Object.keys(own.secretsByPath).length).toBeGreaterThan(0);
  for (const [name, { adapter }] of Object.entries(own.targets))
    expect(adapter).toBe(other.targets[name]?.adapter);
  expect(isFrozen(own.policy)).toBe(true);
});

test('what is wrong is told in the same words', async () => {
  const { main } = example();
  writeFileSync(main, 'severities: {worst: {urgency: hihg}}\nroutes: []\n');
  const beside = await loadBeside(main, OPTIONS, clock);
  expect(beside.ok).toBe(false);
  expect(beside).toEqual(loadFrom(main, OPTIONS));
});

test('a team whose file became wrong keeps its last good copy, with its secrets', async () => {
  const { main, team } = example();
  const previous = loaded(loadFrom(main, OPTIONS));
  const [path = ''] = Object.keys(previous.fragments);
  const name = previous.fragments[path]?.team ?? '';
  writeFileSync(path, `team: ${name}\nrules: [{nmae: x}]\n`);
  const next = loaded(await loadBeside(main, { ...OPTIONS, previous }, clock));
  expect(next.keptFragments).toMatchObject([{ team: name, file: path }]);
  expect(next.policy).toEqual(previous.policy);
  expect(revealed(next.secretsByPath)).toEqual(revealed(previous.secretsByPath));
  expect(Object.values(next.secretsByPath)[0]).toBeInstanceOf(Secret);
  expect(path).toBe(team(path.split('/').at(-1)?.replace('.yaml', '') ?? ''));
});

test('a thread that breaks is a problem of the load, and ends nothing', async () => {
  const { main } = example();
  // What cannot be handed to another thread stands for whatever may keep one from its work.
  const environment = { HOME: (() => 'x') as unknown as string };
  const result = await loadBeside(main, { ...OPTIONS, environment }, clock);
  expect(result).toMatchObject({
    ok: false,
    problems: [{ file: main, message: expect.stringContaining('could not be worked on') }],
  });
});

test('what takes long lets others work every ten milliseconds', async () => {
  let now = 0;
  let turns = 0;
  const stepped = { monotonic: () => now, soon: (run: () => void) => (turns += 1) && run() };
  function* work(): Generator<void, string> {
    for (let step = 0; step < 100; step += 1) {
      now += 1;
      yield;
    }
    return 'done';
  }
  expect(await inSlices(work(), stepped)).toBe('done');
  expect(turns).toBe(10);
});
