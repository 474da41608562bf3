/** Being told to stop, twice and with connections that somebody keeps open: everything is closed, and the exit code is 0. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const WITHIN_MS = 10_000;

function asked(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((answered, failed) => {
    get(url, { agent }, answered).on('error', failed);
  });
}

test('SIGTERM ends the server in time, whoever still listens, and a second one changes nothing', async () => {
  const flags = ['--sandbox', '--config', 'config/example.yaml', '--listen', '127.0.0.1:0'];
  const server = spawn(
    join(ROOT, 'node_modules/.bin/node'),
    [join(ROOT, 'src/main.ts'), 'serve', ...flags],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = once(server, 'exit');
  let [url, sandbox] = ['', ''];
  for await (const line of createInterface(server.stdout)) {
    url = /listens on (\S+)/.exec(line)?.[1] ?? url;
    sandbox = /rooms at (\S+)\/ ,/.exec(line)?.[1] ?? sandbox;
    if (line.includes('first token')) break;
  }
  const agent = new Agent({ keepAlive: true });
  const ready = await asked(`${url}/readyz`, agent);
  ready.resume();
  expect(ready.statusCode).toBe(200);
  const events = await asked(`${sandbox}/events`, agent);
  events.on('error', () => undefined);

  const from = performance.now();
  server.kill('SIGTERM');
  server.kill('SIGTERM');
  server.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(performance.now() - from).toBeLessThan(WITHIN_MS);
  agent.destroy();
}, 30_000);
