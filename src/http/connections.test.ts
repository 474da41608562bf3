/** Whose connection is closed when there are too many, told by sockets that only remember what was done to them. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { createNetworks } from '../lib/networks.ts';
import { type Connections, limitConnections } from './connections.ts';

class Line extends EventEmitter {
  readonly remoteAddress: string;
  destroyed = false;
  timeoutMs: number | null = null;
  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
  setTimeout(ms: number): void {
    this.timeoutMs = ms;
  }
}

const PROXY = '10.0.0.1';

let server: EventEmitter;
let connections: Connections;
let warned: object[];
let now: number;

beforeEach(() => {
  server = new EventEmitter();
  warned = [];
  now = 0;
  const quiet = (): void => undefined;
  connections = limitConnections(server as Server, {
    limits: { connections: 10, connectionsPerClient: 3 },
    trusted: createNetworks([{ address: PROXY, prefix: 32 }]),
    clock: { monotonic: () => now },
    log: { debug: quiet, info: quiet, error: quiet, warn: (fields) => void warned.push(fields) },
  });
});

function open(from: string): Line {
  const line = new Line(from);
  server.emit('connection', line);
  return line;
}

function opened(times: number, from: (i: number) => string): readonly Line[] {
  return Array.from({ length: times }, (_, i) => open(from(i)));
}

/** A request comes in over it; the function answers it. */
function asks(line: Line): () => void {
  const response = new EventEmitter();
  const request = { socket: line } as unknown as IncomingMessage;
  connections.answering(request, response as ServerResponse);
  return () => void response.emit('close');
}

function openOf(lines: readonly Line[]): readonly boolean[] {
  return lines.map(({ destroyed }) => !destroyed);
}

describe('a client that wants more than its share', () => {
  test('loses what has been idle for longest, and its next request is heard', () => {
    const lines = opened(5, () => '192.0.2.1');
    expect(openOf(lines)).toEqual([false, false, true, true, true]);
    const answered = asks(lines[2] ?? open(''));
    answered();
    open('192.0.2.1');
    expect(openOf(lines), 'what was used lately stays').toEqual([false, false, true, false, true]);
  });

  test('keeps what is being answered, and gets no more', () => {
    const lines = opened(3, () => '192.0.2.1');
    const answers = lines.map(asks);
    expect(open('192.0.2.1').destroyed).toBe(true);
    expect(openOf(lines)).toEqual([true, true, true]);
    answers[1]?.();
    expect(open('192.0.2.1').destroyed).toBe(false);
    expect(openOf(lines)).toEqual([true, false, true]);
  });

  test('with requests one behind the other holds one connection until the last is answered', () => {
    const [line = open('')] = opened(1, () => '192.0.2.1');
    const [first, second] = [asks(line), asks(line)];
    first();
    opened(3, () => '192.0.2.1');
    expect(line.destroyed).toBe(false);
    second();
    opened(3, () => '192.0.2.1');
    expect(line.destroyed).toBe(true);
  });

  test('is one however many of its addresses of IPv6 it uses', () => {
    const lines = opened(5, (i) => `2001:db8::${i}`);
    expect(openOf(lines)).toEqual([false, false, true, true, true]);
    expect(open('2001:db8:0:1::1').destroyed).toBe(false);
    expect(openOf(lines).filter(Boolean)).toHaveLength(3);
  });

  test('takes nothing from others, and is told of once a minute', () => {
    const other = open('198.51.100.1');
    opened(50, () => '192.0.2.1');
    expect(other.destroyed).toBe(false);
    expect(warned).toEqual([{ client: '192.0.2.1', closed: 1 }]);
    now += 60_000;
    opened(1, () => '192.0.2.1');
    expect(warned[1]).toEqual({ client: '192.0.2.1', closed: 47 });
  });
});

describe('when all of them are taken', () => {
  test('whoever has most loses one, and a new client gets in', () => {
    const small = opened(1, () => '192.0.2.9');
    const large = opened(9, (i) => `192.0.2.${Math.floor(i / 3)}`);
    const next = open('198.51.100.1');
    expect(next.destroyed).toBe(false);
    expect(openOf(small)).toEqual([true]);
    expect(openOf(large).filter((isOpen) => !isOpen)).toHaveLength(1);
  });

  test('from ten thousand clients with one each, the one that is idle for longest makes room', () => {
    const lines = opened(10_000, (i) => `10.1.${i >> 8}.${i & 255}`);
    expect(openOf(lines).filter(Boolean)).toHaveLength(10);
    expect(openOf(lines).slice(-10)).not.toContain(false);
  });

  test('and all are being answered, a new one is refused and none is cut off', () => {
    const lines = opened(10, (i) => `192.0.2.${i}`);
    for (const line of lines) asks(line);
    expect(open('198.51.100.1').destroyed).toBe(true);
    expect(openOf(lines)).not.toContain(false);
  });

  test('what is closed is free again', () => {
    for (const line of opened(10, (i) => `192.0.2.${i}`)) {
      asks(line);
      line.destroy();
    }
    const next = opened(10, (i) => `198.51.100.${i}`);
    expect(openOf(next)).not.toContain(false);
  });
});

describe('a trusted proxy, which speaks for many', () => {
  test('has all but the share of one client', () => {
    const lines = opened(7, () => PROXY);
    expect(openOf(lines)).not.toContain(false);
    const direct = opened(3, () => '192.0.2.1');
    open(PROXY);
    expect(openOf(lines)).toEqual([false, true, true, true, true, true, true]);
    expect(openOf(direct)).not.toContain(false);
  });

  test('keeps its idle connections for longer than it uses them; nobody else does', () => {
    const [proxy, other] = [open(PROXY), open('192.0.2.1')];
    for (const line of [proxy, other]) asks(line)();
    expect([proxy.timeoutMs, other.timeoutMs]).toEqual([65_000, null]);
  });
});
