/** Runs command lines in this process against a real HTTP server of the test, which remembers what it was asked. */
import { globSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { registry } from '../../adapters/index.ts';
import { runCli } from '../../src/cli/run.ts';
import type { Backends } from '../../src/cli/backends.ts';
import { createBackends } from '../../src/commands.ts';
import { initConfig, QUESTIONS } from '../../src/config/init.ts';
import { formatProblems, loadConfig } from '../../src/config/load.ts';
import { VERBS } from '../../src/core/verbs/table.ts';
import { instantOf } from '../../src/contract/instant.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Answering {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

/** A server on loopback that answers by the function. */
export async function testServer(
  answer: (seen: Seen, index: number) => Answering,
): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: text === '' ? null : JSON.parse(text) };
      const index = seen.push(one) - 1;
      const { status = 200, json, text: plain, headers: more = {} } = answer(one, index);
      response.writeHead(status, more);
      response.end(plain ?? (json === undefined ? '' : JSON.stringify(json)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** 2026-03-02T09:30:00Z */
export const CLI_NOW = Date.UTC(2026, 2, 2, 9, 30);

function unexpected(name: string): () => never {
  return () => {
    throw new Error(`the command asked for ${name}, which this test does not expect`);
  };
}

/** Real backends where they need no engine; the others are given by the test. */
export function testBackends(given: Partial<Backends> = {}): Backends {
  let ids = 0;
  return {
    version: '0.0.0-test',
    verbs: VERBS,
    hide: () => undefined,
    redact: (text) => text,
    serve: unexpected('serve'),
    resetToken: unexpected('resetToken'),
    sandbox: unexpected('sandbox'),
    demo: unexpected('demo'),
    loadConfig: (file, { sandbox }) =>
      loadConfig({
        file,
        sandbox,
        now: CLI_NOW,
        registry,
        environment: {},
        readFile: (path) => readFileSync(path, 'utf8'),
        glob: (pattern) => globSync(pattern),
      }),
    formatProblems,
    init: { questions: QUESTIONS, initConfig },
    doctor: unexpected('doctor'),
    openReads: unexpected('the database'),
    recover: unexpected('the database'),
    restore: unexpected('the database'),
    checkExport: unexpected('an export'),
    explain: unexpected('explain'),
    http: (url, request) => fetch(url, request),
    now: () => CLI_NOW,
    instantOf,
    id: () => `key-${(ids += 1)}`,
    wait: unexpected('a wait'),
    ...given,
  };
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly backends?: Partial<Backends>;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** Runs one command line; arguments are given one by one. */
export async function tocsin(argv: readonly string[], running: Running = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await runCli({
    argv,
    env: running.env ?? {},
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
    stdin: Readable.from([running.stdin ?? '']),
    cwd: running.cwd ?? '/',
    backends: testBackends(running.backends),
  });
  return { code, out, err };
}

export interface RealRunning extends Pick<Running, 'env' | 'cwd'> {
  readonly backends?: (real: Backends) => Backends;
}

export interface RealRan extends Ran {
  /** Both streams as a terminal shows them, with every run of white space as one space. */
  readonly said: string;
}

/** Runs one command line as the program does, with nothing in the place of what it uses. */
export async function realTocsin(
  argv: readonly string[],
  { env = {}, cwd = tmpdir(), backends = (real) => real }: RealRunning = {},
): Promise<RealRan> {
  const told = { out: '', err: '', said: '' };
  const into = (stream: 'out' | 'err') => (text: string) => {
    told[stream] += text;
    told.said += text;
  };
  const [stdout, stderr] = [into('out'), into('err')];
  const edge = { pid: process.pid, out: stdout, err: stderr, onStop: () => {}, onReload: () => {} };
  const real = createBackends({ ...edge, environment: env });
  const stdin = Readable.from(['']);
  const code = await runCli({ argv, env, stdout, stderr, stdin, cwd, backends: backends(real) });
  return { ...told, code, said: told.said.replaceAll(/\s+/g, ' ') };
}
