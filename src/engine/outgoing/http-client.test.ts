/** The HTTP door against real sockets on loopback; its clock is moved by hand, so nothing here waits. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { HttpRequest } from '../../contract/http.ts';
import type { Allow, ResolveHost } from './address-guard.ts';
import { type HandClock, handClock } from '../../../test/support/hand-clock.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';

let cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups) cleanup();
  cleanups = [];
});

function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  cleanups.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

async function serving(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(answer))}`;
}

interface Made {
  readonly client: HttpClient;
  readonly clock: HandClock;
  readonly seen: unknown[];
  send(
    request: Partial<HttpRequest> & { readonly url: string },
    endsAt?: number,
  ): ReturnType<ReturnType<HttpClient['scoped']>['send']>;
}

function make(allow: Allow = 'loopback-only', resolve?: ResolveHost): Made {
  const clock = handClock();
  const seen: unknown[] = [];
  const client = createHttpClient({
    clock,
    allow,
    redact: (text) => text.replaceAll('hunter22', '[secret]'),
    userAgent: 'tocsin/test',
    observe: (done) => seen.push(done),
    ...(resolve === undefined ? {} : { resolve }),
  });
  cleanups.push(() => client.close());
  return {
    client,
    clock,
    seen,
    send: (request, endsAt) =>
      client
        .scoped({ target: 'pd', ...(endsAt === undefined ? {} : { endsAt }) })
        .send({ method: 'GET', ...request }),
  };
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => resolve(text));
  });
}

describe('an answer', () => {
  test('comes back with its status, lower-case headers and untouched text, whatever the status', async () => {
    const url = await serving((_request, response) => {
      response.writeHead(418, { 'X-Tea': 'Green', 'content-type': 'application/json' });
      response.end('{"a": 9007199254740993}');
    });
    expect(await make().send({ url })).toMatchObject({
      kind: 'answered',
      status: 418,
      headers: { 'x-tea': 'Green' },
      text: '{"a": 9007199254740993}',
    });
  });

  test('that refuses repeats no secret, however it is written and wherever it is cut', async () => {
    const hidden = Array.from('hunter22', (one) => `\\u00${one.charCodeAt(0).toString(16)}`).join(
      '',
    );
    const url = await serving((request, response) => {
      response.writeHead(Number(request.url?.slice(1)));
      response.end(`{"a": "${hidden}", "b": ["x hunter22 x"]}`);
    });
    const { send } = make();
    for (const status of [300, 401, 503])
      expect(await send({ url: `${url}/${status}` })).toMatchObject({
        text: '{"a":"[secret]","b":["x [secret] x"]}',
      });
    // What an adapter reads of a success is compared with what is configured.
    expect(await send({ url: `${url}/200` })).toMatchObject({
      text: expect.stringContaining('x hunter22 x') as unknown,
    });
  });

  test('to JSON and to a form carries their content types, and who we are', async () => {
    const got: { headers: IncomingMessage['headers']; body: string }[] = [];
    const url = await serving((request, response) => {
      void bodyOf(request).then((body) => {
        got.push({ headers: request.headers, body });
        response.end('ok');
      });
    });
    const { send } = make();
    await send({ url, method: 'POST', json: { text: 'ä' }, headers: { authorization: 'Token x' } });
    await send({ url, method: 'POST', form: { a: '1 2', b: '&' } });
    expect(got.map(({ body }) => body)).toEqual(['{"text":"ä"}', 'a=1+2&b=%26']);
    expect(got[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Token x',
      'user-agent': 'tocsin/test',
    });
    expect(got[1]?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });
  });

  test('that redirects is not followed', async () => {
    let asked = 0;
    const url = await serving((_request, response) => {
      asked += 1;
      response.writeHead(307, { location: '/elsewhere' });
      response.end();
    });
    expect(await make().send({ url, method: 'POST', json: {} })).toMatchObject({
      kind: 'answered',
      status: 307,
    });
    expect(asked).toBe(1);
  });

  test('is the vendor’s own, whatever proxy the environment names', async () => {
    const url = await serving((_request, response) => void response.end('the vendor'));
    const proxy = await serving((_request, response) => void response.end('the proxy'));
    for (const name of ['http_proxy', 'HTTP_PROXY', 'all_proxy']) vi.stubEnv(name, proxy);
    for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
    expect(await make().send({ url })).toMatchObject({ kind: 'answered', text: 'the vendor' });
  });

  test('above one megabyte is cut off, also when it is compressed', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const plain = await serving(
      (_request, response) => void response.end(Buffer.alloc(1_000_001, 65)),
    );
    const packed = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(bomb);
    });
    const { send } = make();
    for (const url of [plain, packed])
      expect(await send({ url })).toMatchObject({
        kind: 'failed',
        reason: 'too_large',
        sent: true,
      });
  });

  test('is observed with its target and how long it took', async () => {
    const { send, seen, clock } = make();
    const url = await serving((_request, response) => {
      clock.move(250);
      response.end('ok');
    });
    await send({ url });
    expect(seen).toMatchObject([
      { target: 'pd', ms: 250, answer: { kind: 'answered', status: 200 } },
    ]);
  });
});

describe('a failure', () => {
  test('before the request left says so: nobody listens, no such name, TLS that is none', async () => {
    const server = createTcpServer((socket) => socket.end('plain text'));
    const port = await listening(server);
    const closed = await listening(createTcpServer());
    cleanups.pop()?.();
    const { send } = make();
    const refused = await send({ url: `http://127.0.0.1:${closed}` });
    expect(refused).toMatchObject({ kind: 'failed', reason: 'network', sent: false });
    expect(await send({ url: `https://127.0.0.1:${port}` })).toMatchObject({
      kind: 'failed',
      reason: 'network',
      sent: false,
    });
    const nowhere = make('loopback-only', () =>
      Promise.reject(new Error('getaddrinfo ENOTFOUND pager.invalid')),
    );
    expect(await nowhere.send({ url: 'http://pager.invalid' })).toMatchObject({
      kind: 'failed',
      reason: 'network',
      sent: false,
      detail: expect.stringContaining('ENOTFOUND') as unknown,
    });
  });

  test('after the request left says that it may have been carried out', async () => {
    const url = await serving((request) => request.socket.destroy());
    expect(await make().send({ url, method: 'POST', json: {} })).toMatchObject({
      kind: 'failed',
      reason: 'network',
      sent: true,
    });
  });

  test.each(['headers', 'body'] as const)(
    'by a vendor who stalls at the %s ends after 10 s',
    async (where) => {
      const { send, clock } = make();
      const arrived = Promise.withResolvers<void>();
      const url = await serving((_request, response) => {
        if (where === 'body') {
          response.writeHead(200, { 'content-length': '100' });
          response.write('begun');
        }
        arrived.resolve();
      });
      const answer = send({ url });
      await arrived.promise;
      await new Promise<void>((resolve) => void setImmediate(resolve));
      clock.move(9_999);
      clock.move(1);
      expect(await answer).toMatchObject({ kind: 'failed', reason: 'timeout', sent: true });
    },
  );

  test('to connect within 3 s is told apart: nothing was sent', async () => {
    const resolving = Promise.withResolvers<void>();
    // The name is never resolved, so the socket stays in the connecting phase.
    const { send, clock } = make('loopback-only', () => {
      resolving.resolve();
      return new Promise(() => undefined);
    });
    const answer = send({ url: 'http://slow.example' });
    await resolving.promise;
    await new Promise<void>((resolve) => void setImmediate(resolve));
    clock.move(3_000);
    expect(await answer).toMatchObject({
      kind: 'failed',
      reason: 'timeout',
      sent: false,
      detail: 'no connection within 3 s',
    });
  });

  test('to be small enough is told before anything leaves', async () => {
    let asked = 0;
    const url = await serving((_request, response) => {
      asked += 1;
      response.end();
    });
    const json = { text: 'x'.repeat(1_100_000) };
    expect(await make().send({ url, method: 'POST', json })).toMatchObject({
      kind: 'failed',
      reason: 'too_large',
    });
    expect(asked).toBe(0);
  });

  test('to have time left is no request at all', async () => {
    const { send, clock } = make();
    clock.move(1_000);
    expect(await send({ url: 'http://127.0.0.1:9' }, 1_000)).toMatchObject({
      kind: 'failed',
      reason: 'timeout',
      sent: false,
    });
  });

  test('keeps secrets to itself', async () => {
    const { send } = make('loopback-only', () =>
      Promise.reject(new Error('no host hunter22.example')),
    );
    expect(JSON.stringify(await send({ url: 'http://hunter22.example/' }))).not.toContain(
      'hunter22',
    );
  });
});

describe('an address', () => {
  const forbidden = [
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://[fe80::1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://127.0.0.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://[fd00::1]/',
    'http://[64:ff9b::a00:1]/',
    'http://100.64.1.1/',
    'http://0.0.0.0/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'data:,x',
    'http://user:pass@example.com/',
    'nonsense',
  ];
  test.each(forbidden)('like %s is refused before anything is sent', async (url) => {
    expect(await make('public').send({ url })).toMatchObject({
      kind: 'failed',
      reason: 'forbidden_address',
      sent: false,
    });
  });

  test('behind a name is judged by what it resolves to, once, and one private answer refuses all', async () => {
    let asked = 0;
    const { send } = make('public', async () => {
      asked += 1;
      return [
        { address: '93.184.215.14', family: 4 },
        { address: '10.0.0.7', family: 4 },
      ];
    });
    expect(await send({ url: 'http://rebind.example/' })).toMatchObject({
      kind: 'failed',
      reason: 'forbidden_address',
      sent: false,
      detail: expect.stringContaining('rebind.example leads to 10.0.0.7') as unknown,
    });
    expect(asked).toBe(1);
  });

  test('that an operator allows by name may be private', async () => {
    const url = new URL(await serving((_request, response) => void response.end('inside')));
    const inside: ResolveHost = async () => [{ address: '127.0.0.1', family: 4 }];
    const { send } = make({ hosts: ['pager.internal'] }, inside);
    expect(await send({ url: `http://pager.internal:${url.port}/` })).toMatchObject({
      kind: 'answered',
      text: 'inside',
    });
    expect(await send({ url: `http://other.internal:${url.port}/` })).toMatchObject({
      reason: 'forbidden_address',
    });
  });

  test('that is public is out of reach of the sandbox', async () => {
    const { send } = make('loopback-only', async () => [{ address: '93.184.215.14', family: 4 }]);
    expect(await send({ url: 'http://events.pagerduty.com/' })).toMatchObject({
      reason: 'forbidden_address',
      sent: false,
    });
  });
});
