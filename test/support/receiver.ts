/** Somebody who takes heartbeats, played by this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finishing, until } from './real.ts';

interface Heard {
  readonly at: number;
  readonly request: string;
  readonly body: string;
}

export interface Receiver {
  /** A file with its address, which is a secret. */
  readonly file: string;
  readonly heard: Heard[];
  /** What it was shown as a login. */
  readonly tokens: (string | undefined)[];
  answer(status: number, location?: string): void;
  /** Nothing comes for so long. */
  silent(ms: number): Promise<void>;
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => resolve(text));
  });
}

export async function receiver(
  { onTestFinished }: Finishing,
  path = '/ping-0a1b2c3d',
): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-heartbeat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const heard: Heard[] = [];
  const tokens: (string | undefined)[] = [];
  let status = 200;
  let headers = {};
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method, url, headers: given } = request;
      const length = given['content-length'] ?? given['transfer-encoding'];
      tokens.push(given.authorization);
      heard.push({ at: performance.now(), request: `${method} ${url} ${length}`, body });
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const file = join(folder, 'url');
  writeFileSync(file, `http://127.0.0.1:${port}${path}\n`);
  return {
    file,
    heard,
    tokens,
    answer: (next, location) => {
      status = next;
      headers = location === undefined ? {} : { location };
    },
    silent: async (ms) => {
      const last = (): number => heard.at(-1)?.at ?? 0;
      await until(`no heartbeat for ${ms} ms`, () => performance.now() - last() > ms, 60_000);
    },
  };
}
