/** Deliveries over real HTTP: what each sender is answered. */
import { StoreUnavailable } from '../store/store.ts';
import { until } from '../../test/support/real.ts';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { alert } from '../../test/support/engine.ts';
import { type ApiServer, openApiServer } from '../../test/support/http.ts';

let server: ApiServer;
afterEach(() => server.end());

const signed = { 'x-signature': 'good' };
const body = JSON.stringify([alert()]);

test('a delivery is answered 202 once it is stored, and becomes an incident', async () => {
  server = await openApiServer();
  const answer = await server.ask('/webhooks/prom', { body, headers: signed, token: null });
  expect(answer.status).toBe(202);
  const row = await server.h.store.reads.inboxRow(String(answer.json.id));
  expect(Buffer.from(row?.row.body ?? []).toString()).toBe(body);
  await server.h.settle();
  expect(await server.h.incident('inc-1')).toMatchObject({ title: 'Basket answers with errors' });
});

test('the same delivery id twice is one delivery', async () => {
  server = await openApiServer();
  const headers = { ...signed, 'x-delivery': 'd-1' };
  const first = await server.ask('/webhooks/prom', { body, headers });
  const again = await server.ask('/webhooks/prom', { body, headers });
  expect(again).toMatchObject({ status: 202, json: { id: first.json.id, duplicate: true } });
});

test('what cannot be parsed after its signature was right is still accepted', async () => {
  server = await openApiServer();
  expect((await server.ask('/webhooks/prom', { body: '{', headers: signed })).status).toBe(202);
});

test('an unknown source is 404 and a wrong signature 401, as problem documents', async () => {
  server = await openApiServer();
  for (const name of ['nobody', '%ff', '']) {
    const unknown = await server.ask(`/webhooks/${name}`, { body });
    expect(unknown).toMatchObject({ status: 404, json: { code: 'unknown_source' } });
    expect(unknown.headers['content-type']).toBe('application/problem+json');
  }
  const forged = await server.ask('/webhooks/prom', { body, headers: { 'x-signature': 'bad' } });
  expect(forged).toMatchObject({ status: 401, json: { code: 'refused', status: 401 } });
});

test.each(['GET', 'PUT', 'DELETE'])('%s is 405', async (method) => {
  server = await openApiServer();
  const answer = await server.ask('/webhooks/prom', { method });
  expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
});

test('over the limit is 413, also when the length is not announced, and nothing is stored', async () => {
  server = await openApiServer({}, () => ({ limits: { deliveryBytes: 100 } }));
  const large = 'x'.repeat(101);
  for (const headers of [signed, { ...signed, 'transfer-encoding': 'chunked' }]) {
    const answer = await server.ask('/webhooks/prom', { body: large, headers });
    expect(answer).toMatchObject({ status: 413, json: { code: 'too_large' } });
  }
  expect((await server.h.store.reads.health(0)).undecided).toBe(0);
});

test('a hopeless length is refused before the body is sent, and the connection given up', async () => {
  server = await openApiServer({}, () => ({ limits: { deliveryBytes: 100 } }));
  const said = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.http.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.write(
      'POST /webhooks/prom HTTP/1.1\r\nhost: x\r\ncontent-length: 900000000\r\nexpect: 100-continue\r\n\r\n',
    );
  });
  expect(said).toMatch(/^HTTP\/1\.1 413 /);
  expect(said).toMatch(/connection: close/i);
});

test('a store that cannot be written, and a server that stops, are 503 with Retry-After', async () => {
  server = await openApiServer({
    wrap: (store) => ({
      ...store,
      condition: () => ({
        kind: 'refusing',
        problem: new StoreUnavailable('the disk is full', 'free some space'),
      }),
    }),
  });
  const full = await server.ask('/webhooks/prom', { body, headers: signed });
  expect(full).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
    json: { code: 'store' },
  });
  server.http.drain();
  const stopping = await server.ask('/webhooks/prom', { body, headers: signed });
  expect(stopping).toMatchObject({ status: 503, json: { code: 'stopping' } });
  expect(stopping.headers['retry-after']).toBe('5');
});

test('a check that breaks, and whatever else does, is never blamed on the sender', async () => {
  server = await openApiServer();
  const loaded = server.h.engine.setup();
  const { prom } = loaded.sources;
  if (prom?.adapter.source === undefined) throw new Error('prom is configured');
  const verify = (): never => {
    throw new TypeError('the key is no key');
  };
  const adapter = { ...prom.adapter, source: { ...prom.adapter.source, verify } };
  await server.h.engine.reload({ ...loaded, sources: { prom: { ...prom, adapter } } });
  const missing = await server.ask('/webhooks/prom', { body, headers: signed });
  expect(missing).toMatchObject({ status: 503, json: { code: 'misconfigured' } });
  expect(missing.headers['retry-after']).toBe('60');
  await server.end();
  server = await openApiServer({}, (h) => ({
    engine: { ...h.engine, accept: () => Promise.reject(new Error('a bug')) },
  }));
  const broken = await server.ask('/webhooks/prom', { body, headers: signed });
  expect(broken).toMatchObject({ status: 503, json: { code: 'internal' } });
});

test('a handshake is answered as its adapter says', async () => {
  server = await openApiServer({}, (h) => ({
    engine: {
      ...h.engine,
      accept: async ({ request }) => ({
        kind: 'handshake',
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: request.path,
      }),
    },
  }));
  const answer = await server.ask('/webhooks/prom/hello?challenge=42', {
    body: '',
    method: 'POST',
  });
  expect(answer).toMatchObject({ status: 200, text: '/hello?challenge=42' });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let said = '';
    socket.on('data', (chunk) => (said += chunk.toString()));
    socket.on('error', () => resolve(said));
    socket.on('close', () => resolve(said));
    socket.write(text);
  });
}

test('who dawdles over headers or body is sent away', async () => {
  server = await openApiServer({}, () => ({
    limits: { headersTimeoutMs: 100, requestTimeoutMs: 200 },
  }));
  const { port } = server.http;
  const said = await Promise.all([
    raw(port, 'POST /webhooks/prom HTTP/1.1\r\nhost: x\r\n'),
    raw(port, 'POST /webhooks/prom HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{'),
  ]);
  for (const text of said) expect(text).toMatch(/^HTTP\/1\.1 408 /);
  expect(server.http.inFlight()).toBe(0);
});

test('connections beyond the limit are dropped while the others are being answered', async () => {
  server = await openApiServer({}, () => ({ limits: { connections: 1 } }));
  const { port } = server.http;
  const first = connect(port, '127.0.0.1');
  await new Promise((resolve) => first.once('connect', resolve));
  first.write('POST /webhooks/prom HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{');
  await until('the first is being answered', () => server.http.inFlight() === 1);
  expect(await raw(port, 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n')).toBe('');
  first.destroy();
});
