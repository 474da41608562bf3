/** What systemd hears, in real processes: its own `systemd-notify` speaks, to a real socket of datagrams. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test, type TestContext } from 'vitest';
import { systemdOf } from '../src/engine/watching/systemd.ts';
import { LOOPBACK_ONLY } from './loopback/processes.ts';
import { realWorld, until } from './support/real.ts';

const ROOT = join(import.meta.dirname, '..');
const NODE = join(ROOT, 'node_modules/.bin/node');

/** Node has no sockets of this kind, neither to write nor to read. */
const RECEIVER = `
import socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(heard.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

const missing = ['python3', 'systemd-notify'].filter(
  (program) => spawnSync(program, ['--version']).status !== 0,
);

interface Manager {
  readonly environment: Readonly<Record<string, string>>;
  /** Without what only says that everything before it was heard. */
  words(): readonly string[];
  count(word: string): number;
}

async function manager({ onTestFinished, skip }: TestContext): Promise<Manager> {
  skip(missing.length > 0, `not installed: ${missing.join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-systemd-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, 'notify');
  const child = spawn('python3', ['-c', RECEIVER, socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => void lines.push(line));
  await until('the receiver is there', () => lines.includes('bound'));
  const words = (): readonly string[] =>
    lines.filter((line) => line !== 'bound' && !line.startsWith('BARRIER='));
  return {
    environment: { NOTIFY_SOCKET: socket },
    words,
    count: (word) => words().filter((one) => one === word).length,
  };
}

const TICK_MS = 50;

/** A program with a watchdog of fast ticks; `then` runs once it is watched. */
function watched(
  { onTestFinished }: TestContext,
  environment: Readonly<Record<string, string>>,
  then: string,
): ChildProcess & { said(): string } {
  const program = `
    import { startWatchdog } from '${ROOT}/src/engine/watching/watchdog.ts';
    import { systemdOf } from '${ROOT}/src/engine/watching/systemd.ts';
    import { systemClock } from '${ROOT}/src/engine/clock.ts';
    const clock = systemClock();
    const tell = (fields, text) => console.error(text, fields);
    const systemd = systemdOf(process.env, process.pid);
    const watchdog = startWatchdog({ clock, log: { error: tell, warn: tell }, tickMs: ${TICK_MS}, systemd });
    const stuck = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
    clock.after(300, () => { ${then} });`;
  const child = spawn(NODE, ['--input-type=module', '-e', program], {
    env: { ...LOOPBACK_ONLY, PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return Object.assign(child, { said: () => said });
}

describe('the environment', () => {
  test('of a process that systemd did not start waits for nothing', () => {
    expect(systemdOf({ PATH: '/bin' }, 7)).toBeNull();
    expect(systemdOf({ NOTIFY_SOCKET: '' }, 7)).toBeNull();
  });

  test('names the socket, and the patience that is meant for this process', () => {
    const told = { NOTIFY_SOCKET: '/run/notify', PATH: '/bin', WATCHDOG_USEC: '30000000' };
    const env = { NOTIFY_SOCKET: '/run/notify', PATH: '/bin' };
    expect(systemdOf(told, 7)).toEqual({ env, watchdogMs: 30_000 });
    expect(systemdOf({ ...told, WATCHDOG_PID: '7' }, 7)?.watchdogMs).toBe(30_000);
    expect(systemdOf({ ...told, WATCHDOG_PID: '8' }, 7)?.watchdogMs).toBeNull();
    expect(systemdOf({ ...told, WATCHDOG_USEC: 'soon' }, 7)?.watchdogMs).toBeNull();
  });
});

describe.concurrent('systemd', { timeout: 30_000 }, () => {
  test('hears that the process is ready, that it runs, that it stops', async (context) => {
    const { environment, words, count } = await manager(context);
    // Twice in its patience: every 200 ms.
    const child = watched(
      context,
      { ...environment, WATCHDOG_USEC: '400000' },
      'clock.after(2_000, () => { watchdog.stopping(); clock.after(500, watchdog.stop); });',
    );
    await once(child, 'exit');
    expect(child.said()).toBe('');
    expect(words().slice(0, 2)).toEqual(['READY=1', 'WATCHDOG=1']);
    expect(count('WATCHDOG=1')).toBeGreaterThanOrEqual(4);
    expect(words().filter((word) => word !== 'WATCHDOG=1')).toEqual(['READY=1', 'STOPPING=1']);
  });

  test('hears nothing while the event loop stands still, and again once it turns', async (context) => {
    const { environment, count } = await manager(context);
    const child = watched(
      context,
      { ...environment, WATCHDOG_USEC: '400000' },
      `console.error('stuck'); stuck(2_000); console.error('turns'); clock.after(1_500, watchdog.stop);`,
    );
    await until('it is stuck', () => child.said().includes('stuck'));
    const before = count('WATCHDOG=1');
    await until('it turns', () => child.said().includes('turns'));
    // One was on its way when it got stuck, others may have come since it turns: ten would have, had it not been stuck.
    expect(count('WATCHDOG=1') - before).toBeLessThanOrEqual(3);
    const still = count('WATCHDOG=1');
    await once(child, 'exit');
    expect(count('WATCHDOG=1')).toBeGreaterThan(still + 1);
  });

  test('is told that it runs only where it wants to hear that', async (context) => {
    const { environment, words } = await manager(context);
    const child = watched(context, environment, 'clock.after(1_000, watchdog.stop);');
    await once(child, 'exit');
    expect(words()).toEqual(['READY=1', 'STOPPING=1']);
  });

  test('that cannot be told is no reason to end, and is told of once', async (context) => {
    const child = watched(
      context,
      { NOTIFY_SOCKET: '/nowhere', PATH: '/nowhere', WATCHDOG_USEC: '200000' },
      'clock.after(1_000, watchdog.stop);',
    );
    expect(await once(child, 'exit')).toEqual([0, null]);
    const said = child.said().split('systemd could not be told').slice(1);
    expect(said).toEqual([expect.stringContaining('spawnSync systemd-notify ENOENT')]);
  });

  test('hears of a real server once it listens, and when it is told to stop', async (context) => {
    const { environment, words } = await manager(context);
    const world = await realWorld(context);
    const server = await world.start(undefined, { environment });
    await until('it is ready', () => words().includes('READY=1'));
    expect(await server.stop()).toBe('0');
    expect(words()).toEqual(['READY=1', 'STOPPING=1']);
  });
});
