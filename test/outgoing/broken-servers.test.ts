/**
 * What a broken connection comes to, from the socket up to the verdict on a page and on a public post: told apart by
 * whether the vendor may have done it. What has arrived is never called unsent, for it would be sent anew unlooked.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { find } from '../../adapters/statuspage/publish.ts';
import type { Http, Io } from '../../src/contract/index.ts';
import type { ResolveHost } from '../../src/engine/outgoing/address-guard.ts';
import { type Attempt, planOf } from '../../src/engine/dispatch/settle-plan.ts';
import { createHttpClient } from '../../src/engine/outgoing/http-client.ts';
import { selfSigned } from '../support/certificate.ts';
import { type HandClock, handClock } from '../support/hand-clock.ts';
import { TEST_NOW } from '../support/io.ts';
import { FAILURES, type Failure, HOST } from './broken-servers.ts';
import { atStatuspage, post, type Sending, SENDINGS } from './orders.ts';

let cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups) cleanup();
  cleanups = [];
});

/** Calls back once a whole request has arrived; returns nothing before. */
function onRequest(socket: Socket, arrived: (body: string) => void): void {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const end = text.indexOf('\r\n\r\n') + 4;
    if (end < 4) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    const body = text.slice(end);
    if (Buffer.byteLength(body) < length) return;
    text = '';
    arrived(body);
  });
}

interface Vendor {
  readonly port: number;
  /** Bodies of the requests that arrived whole. */
  readonly arrived: readonly string[];
}

interface Moments {
  readonly connected: () => void;
  readonly arrived: () => void;
}

function serverOf(failure: Failure, take: (socket: Socket) => void): Server {
  const { tls } = failure;
  if (tls === undefined) return createServer(take);
  const { demands, certificate } = tls;
  const client =
    demands === undefined
      ? {}
      : {
          requestCert: true,
          rejectUnauthorized: true,
          maxVersion: demands,
          minVersion: demands,
        };
  const server = createTlsServer({ ...certificate, ...client }, take);
  server.on('tlsClientError', () => undefined);
  return server;
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return (server.address() as AddressInfo).port;
}

async function brokenVendor(failure: Failure, moments: Moments): Promise<Vendor> {
  const arrived: string[] = [];
  const server = serverOf(failure, (socket) =>
    onRequest(socket, (body) => {
      arrived.push(body);
      failure.answer?.(socket);
      moments.arrived();
    }),
  );
  server.on('connection', () => moments.connected());
  const port = await listen(server);
  if (failure.closed === true) server.close();
  return { port, arrived };
}

function httpOf(clock: HandClock, failure: Failure, addresses = ['127.0.0.1']): Http {
  const resolve: ResolveHost = async () => {
    if (failure.unresolved !== undefined) throw failure.unresolved;
    return addresses.map((address) => ({ address, family: 4 }));
  };
  const client = createHttpClient({
    clock,
    allow: { hosts: [HOST] },
    redact: (text) => text,
    userAgent: 'tocsin/test',
    resolve,
    ...(failure.tls?.trusted === true ? { ca: failure.tls.certificate.cert } : {}),
  });
  cleanups.push(() => client.close());
  return client.scoped({ target: 'x' });
}

const quiet = (): void => undefined;

function ioOf(http: Http): Omit<Io<unknown>, 'config'> {
  return { http, now: TEST_NOW, log: { debug: quiet, info: quiet, warn: quiet, error: quiet } };
}

/** What was written meanwhile gets to the other side first. */
async function turns(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise<void>((next) => void setImmediate(next));
}

async function sent(sending: Sending, failure: Failure) {
  const clock = handClock();
  const moves = (from: 'connected' | 'arrived') => (): void => {
    const { waits } = failure;
    if (waits?.from === from) void turns().then(() => clock.move(waits.ms));
  };
  const vendor = await brokenVendor(failure, {
    connected: moves('connected'),
    arrived: moves('arrived'),
  });
  const scheme = failure.tls === undefined && failure.mute !== true ? 'http' : 'https';
  const base = `${scheme}://${HOST}:${vendor.port}`;
  const outcome = await sending.send(base, ioOf(httpOf(clock, failure)));
  return { outcome, arrived: vendor.arrived };
}

const HEALTHY: Failure = { what: '', comesTo: { reason: 'network', ambiguous: true } };

/** A vendor that is well again, and answers everything alike. */
async function well(answer: unknown): Promise<{ base: string; arrived: readonly string[] }> {
  const text = JSON.stringify(answer);
  const respond = (socket: Socket): void =>
    void socket.write(`HTTP/1.1 202 Accepted\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
  const moments = { connected: quiet, arrived: quiet };
  const { port, arrived } = await brokenVendor({ ...HEALTHY, answer: respond }, moments);
  return { base: `http://${HOST}:${port}`, arrived };
}

const DONE = { incident: { id: 'Q1', status: 'triggered' }, requestId: 'r1', id: 'sp1' };

function attemptAt({ kind }: Sending): Attempt {
  const name = kind === 'page' ? 'pager.trigger' : 'statusPage.publish';
  return {
    effect: { id: 'inc-1/7/0', name } as unknown as Attempt['effect'],
    attempt: 1,
    refusedBefore: null,
    mayHaveArrived: false,
    firstDueAt: TEST_NOW,
    now: TEST_NOW,
  };
}

/** What the engine does next: it repeats a page, and a post that never left; of any other post the core asks for a look. */
function nextOf({ kind }: Sending, { comesTo: { ambiguous } }: Failure): object {
  if (kind === 'post' && ambiguous) return { status: 'done', settled: { result: 'ambiguous' } };
  return { status: ambiguous ? 'ambiguous' : 'pending', settled: null };
}

describe.each(FAILURES)('while $what', (failure) => {
  test.each(SENDINGS)('$what', async (sending) => {
    const { outcome, arrived } = await sent(sending, failure);
    expect(outcome).toMatchObject({ verb: 'retry', ...failure.comesTo });
    if (arrived.length > 0) expect(outcome).toMatchObject({ ambiguous: true });
    expect(arrived.length, 'it is sent once').toBeLessThanOrEqual(1);

    expect(planOf(outcome, attemptAt(sending))).toMatchObject(nextOf(sending, failure));

    if (sending.kind === 'page') {
      const again = await well(DONE);
      const second = await sending.send(again.base, ioOf(httpOf(handClock(), HEALTHY)));
      expect(second).toMatchObject({ verb: 'delivered' });
      // Under the same key: whoever was rung by the first one is not rung twice.
      for (const first of arrived) expect(again.arrived).toEqual([first]);
    }
  });

  test('the post is found where it arrived, and only there', async () => {
    const [first] = SENDINGS.filter(({ kind }) => kind === 'post');
    if (first === undefined) throw new Error('there is no post');
    const { arrived } = await sent(first, failure);
    const { base } = await well(
      arrived.map((body) => {
        const { incident } = JSON.parse(body) as { incident: object };
        return { id: 'sp1', incident_updates: [], ...incident };
      }),
    );
    const io = { ...ioOf(httpOf(handClock(), HEALTHY)), config: atStatuspage(base) };
    expect(await find(post, io)).toMatchObject({
      ok: true,
      data: { found: arrived.length === 1 },
    });
  });
});

describe('nothing is broken', () => {
  const certificate = selfSigned(HOST);
  const respond = (socket: Socket): void =>
    void socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}');
  const tls = { certificate, trusted: true };

  test.each([
    ['under a certificate that is trusted', ['127.0.0.1']],
    ['where the first of two addresses is dead', ['127.0.0.2', '127.0.0.1']],
  ])('%s: the page is taken', async (_, addresses) => {
    const healthy: Failure = { ...HEALTHY, tls, answer: respond };
    const { port, arrived } = await brokenVendor(healthy, { connected: quiet, arrived: quiet });
    const http = httpOf(handClock(), healthy, addresses);
    const [byKey] = SENDINGS;
    expect(await byKey?.send(`https://${HOST}:${port}`, ioOf(http))).toMatchObject({
      verb: 'delivered',
    });
    expect(arrived).toHaveLength(1);
  });
});
