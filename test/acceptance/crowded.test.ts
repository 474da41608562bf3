/** Real sockets against the real server: nobody keeps others out by many connections, or by slow ones. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const AT_MOST_MS = 60_000;
const PATIENCE_MS = 3_000;

/** Port of a rehearsal that listens on every address. */
async function served(): Promise<number> {
  const args = ['bin/tocsin.js', 'serve', '--sandbox', '--config', 'config/example.yaml'];
  const server = spawn(NODE, [...args, '--listen', '0.0.0.0:0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void server.kill('SIGKILL'));
  let port = 0;
  for await (const line of createInterface(server.stdout)) {
    port = Number(/listens on http:\/\/0\.0\.0\.0:(\d+)/.exec(line)?.[1] ?? port);
    if (line.includes('first token')) break;
  }
  return port;
}

/** Many connections from one address that come back as soon as they are closed. */
async function crowd(port: number, first: string): Promise<void> {
  const script = join(ROOT, 'test/support/reopening.ts');
  const child = spawn(NODE, [script, String(port), '2500', '127.0.0.1', first], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
}

function isAnswered(port: number, localAddress: string): Promise<boolean> {
  return new Promise((done) => {
    const options = { host: '127.0.0.1', port, path: '/livez', localAddress, agent: false };
    const request = get({ ...options, timeout: PATIENCE_MS }, (answer) => {
      answer.resume();
      answer.on('end', () => done(answer.statusCode === 200));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', () => done(false));
  });
}

async function answered(port: number, from: string): Promise<number> {
  let count = 0;
  for (let i = 0; i < 20; i += 1) if (await isAnswered(port, from)) count += 1;
  return count;
}

test.skipIf(process.platform !== 'linux').for([
  ['say nothing', ''],
  ['never end their request', 'GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: '],
])(
  '2,500 connections from one address that %s and come back at once keep out neither others nor their own address',
  { timeout: AT_MOST_MS },
  async ([, first = '']) => {
    const port = await served();
    await crowd(port, first);
    expect(await answered(port, '127.0.0.2')).toBe(20);
    expect(await answered(port, '127.0.0.1')).toBeGreaterThanOrEqual(15);
  },
);

/** Ms until the server closes a connection over which a byte comes twice a second. */
async function heldFor(port: number, first: string, more: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  const from = performance.now();
  if (first !== '') socket.write(first);
  const ticking = spawn('sh', ['-c', 'while echo; do sleep 0.5; done'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void ticking.kill('SIGKILL'));
  ticking.stdout.on('data', () => {
    if (more !== '' && !socket.destroyed) socket.write(more);
  });
  await once(socket, 'close');
  ticking.kill('SIGKILL');
  return performance.now() - from;
}

test(
  'a connection that is silent, slow with its headers, slow with its body or idle is closed within 10 s',
  async () => {
    const port = await served();
    const post = 'POST /webhooks/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n';
    const held = await Promise.all([
      heldFor(port, '', ''),
      heldFor(port, 'GET /livez HTTP/1.1\r\nX-Slow: ', 'a'),
      heldFor(port, post, 'a'),
      heldFor(port, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n', ''),
    ]);
    expect(held.filter((ms) => ms > 10_500)).toEqual([]);
  },
  AT_MOST_MS,
);
