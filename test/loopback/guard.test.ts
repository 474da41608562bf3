/** The tests reach loopback alone: each way out is tried once, and the refusal says what was asked for, and by whom. */
import { execFileSync, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { lookup, Resolver, resolve4 } from 'node:dns';
import { lookup as lookupPromised } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { connect, createServer as createTcpServer, Socket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { filesBelow, read, root } from '../house/project.ts';
import { takeRefused } from './refused.ts';

/** For documentation (RFC 5737): nobody lives there, should the guard be gone. */
const AWAY = '192.0.2.1';

async function refusalOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return String(cause);
  }
  return 'nothing was thrown';
}

/** A guard that is gone must not keep the test waiting. */
function ended(socket: { destroy(): void }): void {
  socket.destroy();
}

const ways: Readonly<Record<string, () => unknown>> = {
  'net.connect to a port and a host': () => ended(connect(80, AWAY)),
  'net.connect with options': () => ended(connect({ host: AWAY, port: 80 })),
  'a socket': () => ended(new Socket().connect(80, AWAY)),
  'a mapped address': () => ended(connect(80, `::ffff:${AWAY}`)),
  TLS: () => ended(connectSecurely({ host: AWAY, port: 443 })),
  'http.get': () => ended(get(`http://${AWAY}/`)),
  'https.get of a name': () => ended(getSecurely('https://vendor.example/')),
  fetch: () => fetch(`http://${AWAY}/`),
  'fetch of a name': () => fetch('http://vendor.example/'),
  'dns.lookup': () => lookup('vendor.example', () => undefined),
  'dns.promises.lookup': () => lookupPromised('vendor.example'),
  'dns.resolve4': () => resolve4('vendor.example', () => undefined),
  'a resolver of its own': () => new Resolver().resolveTxt('vendor.example', () => undefined),
  'a datagram': () => {
    const socket = dgram.createSocket('udp4');
    onTestFinished(() => void socket.close());
    socket.send('x', 53, AWAY);
  },
};

test.each(Object.entries(ways))('%s beyond loopback is refused', async (way, attempt) => {
  const refusal = await refusalOf(attempt);
  expect(refusal).toMatch(/^BeyondLoopback: .*(?:192\.0\.2\.1|vendor\.example)/);
  expect(refusal).toContain(`asked for by "${way} beyond loopback is refused"`);
  expect(takeRefused()).toHaveLength(1);
});

test('a name that a resolver of its own leads away is refused, and one that it leads here is not', async () => {
  const to = (address: string): Promise<string> =>
    new Promise((done) => {
      const socket = connect({
        host: 'vendor.example',
        port: 9,
        lookup: (_host, { all }, answer) =>
          all === true ? answer(null, [{ address, family: 4 }]) : answer(null, address, 4),
      });
      socket.on('error', (error) => done(String(error)));
    });
  expect(await to(AWAY)).toContain(`BeyondLoopback: vendor.example at ${AWAY}:9`);
  expect(takeRefused()).toEqual([`vendor.example at ${AWAY}:9`]);
  expect(await to('127.0.0.1')).toContain('ECONNREFUSED');
});

test('loopback is open in all its spellings, and so are unix sockets', async () => {
  const server = createServer((_request, response) => void response.end('here'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  for (const host of ['127.0.0.1', 'localhost', '127.1'])
    expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('here');
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-socket-'));
  const path = join(folder, 'socket');
  const local = createTcpServer((socket) => socket.end('here'));
  await new Promise<void>((listening) => local.listen(path, listening));
  onTestFinished(() => {
    local.close();
    rmSync(folder, { recursive: true });
  });
  const said = await new Promise((done) =>
    connect(path).on('data', (chunk) => done(String(chunk))),
  );
  expect(said).toBe('here');
});

test('a process that a test starts is held to it, and the test hears of what it swallowed', () => {
  const script = `fetch('http://${AWAY}/').catch((error) => console.log(String(error.cause)))`;
  const said = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect(said).toContain(`BeyondLoopback: a process of a test asked for ${AWAY}:80`);
  expect(takeRefused()).toEqual([`${AWAY}:80 (a process that it started)`]);
});

/** Starts processes, and gives one of them an environment in which the guard is not. */
function letsGo(text: string): boolean {
  if (!text.includes('node:child_process')) return false;
  const given = [...text.matchAll(/\benv: \{([^}]*)\}/g)].map((match) => match[1] ?? '');
  return given.some((env) => !/\.\.\.(?:process\.env|LOOPBACK_ONLY)/.test(env));
}

test('whoever gives a process an environment of its own hands the guard on', () => {
  const spawning = "import { spawn } from 'node:child_process';\n";
  expect(letsGo(`${spawning}spawn('node', [], { env: { PATH: '' } });`)).toBe(true);
  expect(letsGo(`${spawning}spawn('node', [], { env: { ...process.env, A: '' } });`)).toBe(false);
  const tests = [...filesBelow('test'), ...filesBelow('src'), ...filesBelow('adapters')]
    .filter((path) => /^test\/(?!bench|loopback)|\.test\.ts$/.test(path) && path.endsWith('.ts'))
    .filter((path) => path !== 'test/loopback/guard.test.ts');
  expect(tests.filter((path) => letsGo(read(path)))).toEqual([]);
});

test('a test whose code swallows the refusal fails by name', () => {
  const folder = mkdtempSync(join(root, 'node_modules/.seeded-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'seeded.test.ts'),
    `import { expect, test } from 'vitest';
     test('swallows it', async () => {
       await fetch('http://${AWAY}/').catch(() => undefined);
       expect(1).toBe(1);
     });`,
  );
  const setup = JSON.stringify(join(root, 'test/loopback/setup.ts'));
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { test: { include: ['*.test.ts'], exclude: [], setupFiles: [${setup}] } };`,
  );
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const ran = spawnSync(process.execPath, [vitest, 'run', '--root', folder], { encoding: 'utf8' });
  expect(ran.status).toBe(1);
  expect(ran.stdout + ran.stderr).toContain(`"swallows it" reached beyond loopback: ${AWAY}:80`);
}, 60_000);
