/** What the tests of the sandbox need: a tiny vendor of our own, a receiver of webhooks, and a world of both. */
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';
import type {
  StandIn,
  StandInRequest,
  StandInResponse,
  StandInSeed,
  StandInStep,
  Truth,
} from '../../src/contract/index.ts';
import { createSteppedClock } from '../../src/sandbox/clock.ts';
import type { SteppedClock } from '../../src/sandbox/clock.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';

export const SANDBOX_START = Date.UTC(2026, 2, 2, 9, 0, 0);
export const MINUTE = 60_000;

interface BellPage {
  readonly ref: string;
  readonly address: string;
  readonly title: string;
  readonly isAnswered: boolean;
  /** When it rings the next one of the ladder. */
  readonly escalatesAt: number | null;
}

interface BellState {
  readonly pages: readonly BellPage[];
  readonly requests: readonly StandInRequest[];
}

/** The vendor's own escalation: nobody answers for five minutes, and the boss is rung. */
const ESCALATION_MS = 5 * MINUTE;

function rang(page: BellPage, urgency: 'high' | 'low'): Truth {
  const { ref, address, title } = page;
  return { kind: 'page', event: 'rang', address, urgency, key: ref, ref, title };
}

function webhook(event: string, ref: string): { headers: Record<string, string>; body: string } {
  const body = JSON.stringify({ event, ref });
  return { headers: { 'content-type': 'application/json', 'x-bell': event }, body };
}

type Handled = StandInStep<BellState> & { readonly response: StandInResponse };

function ring(state: BellState, body: Record<string, string>, now: number): Handled {
  const { address = 'nobody', title = 'untitled', key = `p${state.pages.length + 1}` } = body;
  const urgency = body['urgency'] === 'low' ? 'low' : 'high';
  const known = state.pages.find((page) => page.ref === key);
  if (known !== undefined) {
    const truth: Truth = { ...rang(known, urgency), event: 'repeated' } as Truth;
    return { state, truth: [truth], webhooks: [], response: { status: 202, body: { ref: key } } };
  }
  const page = { ref: key, address, title, isAnswered: false, escalatesAt: now + ESCALATION_MS };
  return {
    state: { ...state, pages: [...state.pages, page] },
    truth: [rang(page, urgency)],
    webhooks: [webhook('rang', key)],
    response: { status: 202, headers: { 'X-Bell': 'yes' }, body: { ref: key } },
  };
}

function truthOf(path: string, body: Record<string, unknown>): Truth | null {
  const text = (key: string): string => (typeof body[key] === 'string' ? body[key] : '');
  if (path === '/api/posts')
    return {
      kind: 'post',
      page: 'Bell status',
      ref: text('ref'),
      name: text('name'),
      status: text('status'),
      body: text('body'),
      components: (body['components'] ?? {}) as Record<string, string>,
      notified: body['notified'] === true,
    };
  if (path === '/api/messages')
    return {
      kind: 'message',
      event: 'posted',
      channel: text('channel'),
      text: text('text'),
      ref: null,
    };
  return null;
}

function handle(before: BellState, given: StandInRequest, now: number): Handled {
  const state = { ...before, requests: [...before.requests, given] };
  const nothing = { state, truth: [], webhooks: [] };
  if (given.path === '/api/requests')
    return { ...nothing, state: before, response: { status: 200, body: before.requests } };
  if (given.path === '/api/nothing')
    return { ...nothing, response: { status: 204, body: undefined } };
  if (given.path === '/api/broken') throw new Error('the stand-in has a bug');
  const body = JSON.parse(given.body === '' ? '{}' : given.body) as Record<string, string>;
  if (given.path === '/events/ring') return ring(state, body, now);
  const truth = truthOf(given.path, body);
  if (truth === null) return { ...nothing, response: { status: 404, body: 'No such door.' } };
  return { ...nothing, truth: [truth], response: { status: 201, body: { ok: true } } };
}

function advance(state: BellState, now: number): StandInStep<BellState> {
  const due = state.pages.filter(({ escalatesAt }) => escalatesAt !== null && escalatesAt <= now);
  const pages = state.pages.map((page) =>
    due.includes(page) ? { ...page, escalatesAt: null } : page,
  );
  return {
    state: { ...state, pages },
    truth: due.map((page) => rang({ ...page, address: 'boss' }, 'high')),
    webhooks: due.map(({ ref }) => webhook('escalated', ref)),
  };
}

export const bell: StandIn<BellState> = {
  name: 'bell',
  urls: { base_url: '/api', events_url: '/events' },
  initial: () => ({ pages: [], requests: [] }),
  handle,
  refuseAddress: (_state, { path }) =>
    path === '/events/ring' ? { status: 400, body: { error: 'nobody of that name' } } : null,
  answer(state, { verb, address, ref }) {
    const page = state.pages.findLast(
      (one) => !one.isAnswered && (ref === null ? one.address === address : one.ref === ref),
    );
    if (page === undefined) return { state, truth: [], webhooks: [] };
    const event = verb === 'acknowledge' ? 'acknowledged' : 'resolved';
    const pages = state.pages.map((one) =>
      one === page ? { ...one, isAnswered: true, escalatesAt: null } : one,
    );
    const truth = { ...rang(page, 'high'), event, address } as Truth;
    return { state: { ...state, pages }, truth: [truth], webhooks: [webhook(event, page.ref)] };
  },
  nextAt: ({ pages }) => {
    const planned = pages.flatMap(({ escalatesAt }) => (escalatesAt === null ? [] : [escalatesAt]));
    return planned.length === 0 ? null : Math.min(...planned);
  },
  advance,
};

/** A vendor without phones. */
export const board: StandIn<BellState> = {
  name: 'board',
  urls: { base_url: '' },
  initial: bell.initial,
  handle,
};

export const NO_SEED: StandInSeed = {
  target: {},
  addresses: [],
  contacts: [],
  components: [],
  channels: [],
  schedules: [],
  webhookSecret: null,
  webhookHeaders: {},
};

export interface Received {
  readonly at: number;
  readonly event: string;
}

/** A webhook door of Tocsin that answers what the test wants; `null` breaks the connection. */
export async function webhookEndpoint(
  clock: SteppedClock,
  answers: readonly (number | null)[] = [],
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const left = [...answers];
  const server = createServer((incoming, response) => {
    const status = left.length === 0 ? 202 : left.shift();
    received.push({ at: clock.monotonic(), event: String(incoming.headers['x-bell']) });
    incoming.resume();
    if (status === null || status === undefined) return void incoming.socket.destroy();
    response.writeHead(status).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/webhooks/bell`, received };
}

export interface SandboxWorld {
  readonly clock: SteppedClock;
  readonly sandbox: Sandbox;
}

/** A sandbox with the accounts `pd` (bell) and `status` (board) on a stepped clock; closed when the test ends. */
export async function sandboxWorld(
  options: { clock?: SteppedClock; webhookUrl?: string | null } = {},
): Promise<SandboxWorld> {
  const { clock = createSteppedClock({ start: SANDBOX_START }), webhookUrl = null } = options;
  const components = [
    { id: 'c1', name: 'Checkout' },
    { id: 'c2', name: 'API' },
  ];
  const sandbox = await startSandbox({
    standIns: [bell, board],
    accounts: [
      { target: 'pd', standIn: 'bell', seed: NO_SEED, webhookUrl },
      { target: 'status', standIn: 'board', seed: { ...NO_SEED, components }, webhookUrl: null },
    ],
    clock,
  });
  onTestFinished(() => sandbox.close());
  return { clock, sandbox };
}

/** Posts JSON. */
export function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

export interface RawAnswer {
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Code of the error that ended it, null when it ended well. */
  readonly error: string | null;
}

/** A client without any cleverness, to see what is on the wire. */
export function rawRequest(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<RawAnswer> {
  const { method = 'GET', headers = {}, body = '' } = options;
  return new Promise((done) => {
    let answer: Omit<RawAnswer, 'error'> = { status: null, headers: {}, text: '' };
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        answer = { status: response.statusCode ?? null, headers: response.headers, text };
      });
      response.on('error', (error: NodeJS.ErrnoException) =>
        done({ ...answer, error: error.code ?? error.message }),
      );
      response.on('end', () =>
        done({ status: response.statusCode ?? null, headers: response.headers, text, error: null }),
      );
    });
    sent.on('error', (error: NodeJS.ErrnoException) =>
      done({ ...answer, error: error.code ?? error.message }),
    );
    sent.end(body);
  });
}
