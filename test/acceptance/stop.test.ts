/** Being told to stop, however it was started: everything is closed, and no process is left. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { createBackends } from '../../src/commands.ts';
import { until } from '../support/real.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const WITHIN_MS = 10_000;
const AT_MOST_MS = 40_000;
const SERVE = 'serve --sandbox --config config/example.yaml --listen 127.0.0.1:0';

function asked(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((answered, failed) => {
    get(url, { agent }, answered).on('error', failed);
  });
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly sandbox: string;
}

/** Runs it until it listens. */
async function started(command: string, args: readonly string[]): Promise<Started> {
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
    // The Node that "npm ci" installed, whatever the machine has.
    env: {
      ...process.env,
      PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    },
  });
  let [url, sandbox] = ['', ''];
  for await (const line of createInterface(child.stdout)) {
    url = /listens on (\S+)/.exec(line)?.[1] ?? url;
    sandbox = /rooms at (\S+)\/ ,/.exec(line)?.[1] ?? sandbox;
    if (line.includes('first token')) break;
  }
  return { child, url, sandbox };
}

/** The process and all that it has started. */
function familyOf(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), parent: Number(stat.split(') ').at(-1)?.split(' ')[1]) }];
      } catch {
        return [];
      }
    });
  const below = (one: number): readonly number[] =>
    parents
      .filter(({ parent }) => parent === one)
      .flatMap((each) => [each.pid, ...below(each.pid)]);
  return [pid, ...below(pid)];
}

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

test('whoever has read that it listens may tell it to stop, or to reload', async () => {
  const said: string[] = [];
  let stop = (): void => {};
  const { serve } = createBackends({
    environment: {},
    pid: process.pid,
    out: (text) => void (text.includes('listens on') && said.push('it listens')),
    err: () => {},
    onStop: (heard) => {
      stop = heard;
      said.push('it hears of a stop');
    },
    onReload: () => void said.push('it hears of a reload'),
  });
  const { stopped } = await serve({
    config: join(ROOT, 'config/example.yaml'),
    data: null,
    listen: { host: '127.0.0.1', port: 0 },
    sandbox: true,
    clock: 'stepped',
    sandboxPort: null,
    sandboxHost: '127.0.0.1',
    logLevel: 'silent',
  });
  expect(said).toEqual(['it hears of a reload', 'it hears of a stop', 'it listens']);
  stop();
  expect(await stopped).toBe(0);
});

test(
  'SIGTERM ends the server in time, whoever still listens, and a second one changes nothing',
  async () => {
    const { child, url, sandbox } = await started(NODE, ['src/main.ts', ...SERVE.split(' ')]);
    const ended = once(child, 'exit');
    const agent = new Agent({ keepAlive: true });
    const ready = await asked(`${url}/readyz`, agent);
    ready.resume();
    expect(ready.statusCode).toBe(200);
    const events = await asked(`${sandbox}/events`, agent);
    events.on('error', () => undefined);

    const from = performance.now();
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(performance.now() - from).toBeLessThan(WITHIN_MS);
    agent.destroy();
  },
  AT_MOST_MS,
);

test.skipIf(process.platform !== 'linux').for([
  ['npx', ['tocsin', ...SERVE.split(' ')], 'SIGTERM'],
  ['npm', ['run', 'tocsin', '--', ...SERVE.split(' ')], 'SIGTERM'],
  ['npm', ['run', 'tocsin', '--', ...SERVE.split(' ')], 'SIGINT'],
  ['sh', ['-c', `node bin/tocsin.js ${SERVE}`], 'SIGTERM'],
  ['sh', ['-c', `node bin/tocsin.js ${SERVE}; echo ended`], 'SIGTERM'],
  ['sh', ['-c', `exec node bin/tocsin.js ${SERVE}`], 'SIGINT'],
  ['node', ['bin/tocsin.js', ...SERVE.split(' ')], 'SIGINT'],
] as const)(
  'started by %s %j, it stops at %s, and nothing is left running',
  { timeout: AT_MOST_MS },
  async ([command, args, signal]) => {
    const { child, url } = await started(command, args);
    const family = familyOf(child.pid ?? 0);
    onTestFinished(() => {
      for (const pid of family.filter(isAlive)) process.kill(pid, 'SIGKILL');
    });
    const agent = new Agent();
    expect((await asked(`${url}/livez`, agent)).statusCode).toBe(200);
    child.kill(signal);
    await until('all of them have ended', () => !family.some(isAlive), WITHIN_MS);
    await expect(asked(`${url}/livez`, agent)).rejects.toThrow('ECONNREFUSED');
  },
);

test.skipIf(process.platform !== 'linux')(
  'started in the background by a shell that ends, it goes on',
  async () => {
    const { child, url } = await started('sh', ['-c', `node bin/tocsin.js ${SERVE} & sleep 60`]);
    const [, ...below] = familyOf(child.pid ?? 0);
    onTestFinished(() => {
      for (const pid of below.filter(isAlive)) process.kill(pid, 'SIGKILL');
    });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    // Two looks at its parent later.
    const from = performance.now();
    await until('time has passed', () => performance.now() - from > 2_500);
    expect((await asked(`${url}/livez`, new Agent())).statusCode).toBe(200);
  },
  AT_MOST_MS,
);

test(
  'whose log nobody takes any more, it goes on',
  async () => {
    const child = spawn(NODE, ['bin/tocsin.js', ...SERVE.split(' '), '--log-level', 'debug'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let url = '';
    for await (const line of createInterface(child.stdout)) {
      url = /listens on (\S+)/.exec(line)?.[1] ?? url;
      if (line.includes('first token')) break;
    }
    child.stderr.destroy();
    const agent = new Agent();
    for (let i = 0; i < 5; i += 1)
      expect((await asked(`${url}/livez`, agent)).statusCode).toBe(200);
    expect(child.exitCode).toBeNull();
  },
  AT_MOST_MS,
);
