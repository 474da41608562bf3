import { describe, expect, it, onTestFinished } from 'vitest';
import {
  bell,
  MINUTE,
  NO_SEED,
  post,
  rawRequest,
  SANDBOX_START,
  sandboxWorld,
} from '../../test/support/sandbox.ts';
import { createSteppedClock } from './clock.ts';
import { startSandbox } from './server.ts';
import type { Sandbox } from './server.ts';

async function asJson(
  answer: Response | Promise<Response>,
): Promise<{ status: number; type: string; body: Record<string, unknown> }> {
  const { status, headers, ...rest } = await unwrap(await answer);
  return { status, type: headers.get('content-type') ?? '', body: rest.body };
}

async function unwrap(
  answer: Response,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown>,
  };
}

function send(method: string, url: string, body: string): Promise<Response> {
  return fetch(url, { method, body, headers: { 'content-type': 'application/json' } });
}

/** On real time, as under `serve --sandbox` without a stepped clock. */
async function realTimeSandbox(): Promise<Sandbox> {
  const { now, after, soon } = createSteppedClock({ start: SANDBOX_START });
  const accounts = [{ target: 'pd', standIn: 'bell', seed: NO_SEED, webhookUrl: null }];
  const sandbox = await startSandbox({ standIns: [bell], accounts, clock: { now, after, soon } });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

describe('GET /truth', () => {
  it('tells pages, posts and messages apart, each with time and vendor', async () => {
    const { sandbox } = await sandboxWorld();
    const { url } = sandbox;
    await post(`${url}/pd/events/ring`, { address: 'ada', key: 'k1', title: 'Down' });
    await post(`${url}/status/api/posts`, {
      ref: 'i1',
      name: 'Checkout',
      status: 'investigating',
      body: 'We look.',
    });
    await post(`${url}/status/api/messages`, { channel: '#inc', text: 'hello' });
    const scene = { time: '2026-03-02T09:00:00Z', at: SANDBOX_START };
    expect(await asJson(fetch(`${url}/truth`))).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: {
        pages: [
          expect.objectContaining({
            ...scene,
            vendor: 'bell',
            target: 'pd',
            event: 'rang',
            address: 'ada',
          }),
        ],
        posts: [
          expect.objectContaining({
            ...scene,
            vendor: 'board',
            target: 'status',
            status: 'investigating',
          }),
        ],
        messages: [
          expect.objectContaining({ ...scene, vendor: 'board', channel: '#inc', text: 'hello' }),
        ],
      },
    });
  });
});

describe('faults over HTTP', () => {
  it('are set, listed, and ended by target, by id, or all', async () => {
    const { sandbox } = await sandboxWorld();
    const at = `${sandbox.url}/faults`;
    const set = await asJson(
      post(at, {
        target: 'pd',
        fault: 429,
        retry_after: '90s',
        spelling: 'http-date',
        times: 2,
        method: 'POST',
        path: '/events',
      }),
    );
    const rule = {
      id: 'fault-1',
      hits: 0,
      target: 'pd',
      fault: '429',
      retryAfterMs: 90_000,
      spelling: 'http-date',
      times: 2,
      method: 'POST',
      path: '/events',
    };
    expect(set).toMatchObject({ status: 200, body: rule });
    await post(at, {
      target: 'pd',
      fault: '5xx-but-done',
      status: 504,
      done_after: '45s',
      after: '5m',
      for: '10m',
    });
    await post(at, { target: 'status', fault: 'slow', delay: '8s' });
    await post(at, { target: 'status', fault: 'hang' });
    const from = SANDBOX_START + 5 * MINUTE;
    expect((await asJson(fetch(at))).body).toEqual({
      faults: [
        rule,
        {
          id: 'fault-2',
          hits: 0,
          target: 'pd',
          fault: '5xx-but-done',
          status: 504,
          doneAfterMs: 45_000,
          from,
          until: from + 10 * MINUTE,
        },
        { id: 'fault-3', hits: 0, target: 'status', fault: 'slow', delayMs: 8000 },
        { id: 'fault-4', hits: 0, target: 'status', fault: 'hang' },
      ],
    });
    expect((await asJson(send('DELETE', at, '{"id":"fault-2"}'))).body).toEqual({ cleared: 1 });
    expect((await asJson(fetch(`${at}?target=status`, { method: 'DELETE' }))).body).toEqual({
      cleared: 2,
    });
    expect((await asJson(fetch(at, { method: 'DELETE' }))).body).toEqual({ cleared: 1 });
  });

  it('strike', async () => {
    const { sandbox } = await sandboxWorld();
    await post(`${sandbox.url}/faults`, { target: 'pd', fault: '5xx', status: 502 });
    expect((await fetch(`${sandbox.url}/pd/api/requests`)).status).toBe(502);
  });
});

describe('POST /answer', () => {
  it('acknowledges what rings', async () => {
    const { sandbox } = await sandboxWorld();
    await post(`${sandbox.url}/pd/events/ring`, { address: 'ada', key: 'k1' });
    const answer = await asJson(
      post(`${sandbox.url}/answer`, { vendor: 'bell', address: 'ada', verb: 'acknowledge' }),
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { changes: [{ event: 'acknowledged', address: 'ada', vendor: 'bell' }] },
    });
  });

  it('is a conflict when nothing rings there', async () => {
    const { sandbox } = await sandboxWorld();
    const answer = await asJson(
      post(`${sandbox.url}/answer`, { target: 'pd', address: 'ada', verb: 'resolve' }),
    );
    expect(answer).toMatchObject({
      status: 409,
      type: 'application/problem+json',
      body: { title: 'Conflict', detail: 'Nothing rings at ada that one could resolve.' },
    });
  });
});

describe('the clock over HTTP', () => {
  it('is moved, and answers when it has arrived', async () => {
    const { sandbox } = await sandboxWorld();
    await post(`${sandbox.url}/pd/events/ring`, { address: 'ada', key: 'k1' });
    const next = { time: '2026-03-02T09:05:00Z', at: SANDBOX_START + 5 * MINUTE };
    expect((await asJson(fetch(`${sandbox.url}/clock`))).body).toEqual({
      time: '2026-03-02T09:00:00Z',
      at: SANDBOX_START,
      stepped: true,
      next,
    });
    const moved = await asJson(post(`${sandbox.url}/clock/advance`, { by: '30m' }));
    expect(moved).toMatchObject({
      status: 200,
      body: { time: '2026-03-02T09:30:00Z', next: null },
    });
    expect(sandbox.truth()).toHaveLength(2);
  });

  it('says what went wrong on the way', async () => {
    const { clock, sandbox } = await sandboxWorld();
    clock.after(MINUTE, () => {
      throw new Error('a timer failed');
    });
    expect(await asJson(post(`${sandbox.url}/clock/advance`, { by: '5m' }))).toMatchObject({
      status: 500,
      body: { detail: 'a timer failed' },
    });
  });

  it('cannot be moved when it is the real one', async () => {
    const { url } = await realTimeSandbox();
    expect((await asJson(fetch(`${url}/clock`))).body).toMatchObject({
      stepped: false,
      next: null,
    });
    expect(await asJson(post(`${url}/clock/advance`, { by: '5m' }))).toMatchObject({
      status: 409,
      body: { detail: 'This sandbox runs on real time; only a stepped clock can be moved.' },
    });
  });
});

describe('a bad body', () => {
  it.each([
    ['/faults', { fault: 'hang' }, 'target', 'It is missing; it must be a text.'],
    ['/faults', { fault: 'hang', target: 5 }, 'target', 'It must be a text.'],
    [
      '/faults',
      { target: 'pd' },
      'fault',
      'It is missing; it must be one of refuse, hang, 202-but-lost, 202-but-rejected, unknown-address, reset, 429, 403, 5xx, 5xx-but-done, slow.',
    ],
    ['/faults', { target: 'pd', fault: 'burn' }, 'fault', 'It must be one of refuse,'],
    [
      '/faults',
      { target: 'sms', fault: 'hang' },
      'target',
      'There is no target "sms" in the sandbox; there are pd, status.',
    ],
    [
      '/faults',
      { target: 'status', fault: 'unknown-address' },
      'fault',
      'The stand-in of board behind "status" refuses no address, so it cannot play unknown-address. Who can: pd.',
    ],
    ['/faults', { target: 'pd', fault: 'hang', delay: '5s' }, 'delay', 'There is no such field.'],
    [
      '/faults',
      { target: 'pd', fault: 'hang', tmes: 1 },
      'tmes',
      'There is no such field. Did you mean "times"?',
    ],
    ['/faults', { target: 'pd', fault: 'hang', times: 0 }, 'times', 'It must be at least 1.'],
    ['/faults', { target: 'pd', fault: 'hang', times: 1.5 }, 'times', 'It must be a whole number.'],
    ['/faults', { target: 'pd', fault: 'hang', path: 'events' }, 'path', 'It must begin with /'],
    ['/faults', { target: 'pd', fault: 'hang', method: 'get' }, 'method', 'It must be one of GET,'],
    ['/faults', { target: 'pd', fault: 429, status: 430 }, 'status', 'It must be one of 420, 429.'],
    ['/faults', { target: 'pd', fault: '5xx', status: 200 }, 'status', 'It must be at least 500.'],
    [
      '/faults',
      { target: 'pd', fault: 'slow', delay: 'soon' },
      'delay',
      'It must be a duration such as 90s, 5m or 1h30m, not "soon".',
    ],
    [
      '/faults',
      { target: 'pd', fault: '429', spelling: 'loud' },
      'spelling',
      'It must be one of seconds, http-date,',
    ],
    ['/answer', { target: 'pd', verb: 'acknowledge' }, 'address', 'It is missing;'],
    [
      '/answer',
      { address: 'ada', verb: 'acknowledge' },
      'target',
      'It is missing; name the target or the vendor',
    ],
    [
      '/answer',
      { target: 'pd', address: '', verb: 'ack' },
      'verb',
      'It must be one of acknowledge, resolve.',
    ],
    [
      '/answer',
      { target: 'pd', address: '', verb: 'acknowledge' },
      'address',
      'It must not be empty.',
    ],
    [
      '/answer',
      { target: 'status', address: 'ada', verb: 'resolve' },
      'target',
      'Nobody is paged at board',
    ],
    [
      '/answer',
      { vendor: 'horn', address: 'ada', verb: 'resolve' },
      'vendor',
      'There is no such account',
    ],
    ['/clock/advance', {}, 'by', 'It is missing; it must be a duration such as 90s'],
    ['/clock/advance', { by: 300 }, 'by', 'It must be a duration such as 90s'],
    ['/clock/advance', { by: '2y' }, 'by', 'It must be at most 366d.'],
    ['/clock/advance', [], '', 'It must be a JSON object.'],
  ])('%s %j: %s %s', async (path, body, ...[field, message]) => {
    const { sandbox } = await sandboxWorld();
    const answer = await asJson(post(`${sandbox.url}${path}`, body));
    expect(answer).toMatchObject({
      status: 400,
      type: 'application/problem+json',
      body: { status: 400, title: 'Bad Request' },
    });
    const errors = answer.body['errors'] as { field: string; message: string }[];
    expect(errors.find((error) => error.field === field)?.message).toContain(message);
    expect(answer.body['detail']).toContain(message);
  });

  it('is no JSON, or too large', async () => {
    const { sandbox } = await sandboxWorld();
    expect(await asJson(send('POST', `${sandbox.url}/faults`, '{'))).toMatchObject({
      status: 400,
      body: { detail: 'The body is not JSON.' },
    });
    expect((await send('POST', `${sandbox.url}/faults`, 'x'.repeat(70_000))).status).toBe(413);
  });

  it('may be JSON that says it is a form, as curl -d sends it', async () => {
    const { sandbox } = await sandboxWorld();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${sandbox.url}/clock/advance`, {
      method: 'POST',
      headers,
      body: '{"by": "5m"}',
    });
    expect((await answer.json()) as object).toMatchObject({ time: '2026-03-02T09:05:00Z' });
  });
});

describe('doors of the sandbox', () => {
  it('say where else to knock', async () => {
    const { sandbox } = await sandboxWorld();
    const lost = await asJson(fetch(`${sandbox.url}/pagerduty/v2/enqueue`));
    expect(lost).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect(lost.body['detail']).toContain('Accounts are played at /pd (bell), /status (board)');
    const wrong = await fetch(`${sandbox.url}/truth`, { method: 'POST' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'are only those that exist: /%s is none',
    async (path) => {
      const { sandbox } = await sandboxWorld();
      expect((await fetch(`${sandbox.url}/${path}`)).status).toBe(404);
    },
  );

  it('stay closed to web pages of others, and to names that only point here', async () => {
    const { sandbox } = await sandboxWorld();
    const url = `${sandbox.url}/faults`;
    const body = '{"target":"pd","fault":"hang"}';
    const foreign = await rawRequest(url, {
      method: 'POST',
      body,
      headers: { origin: 'http://evil.example' },
    });
    const rebound = await rawRequest(url, { headers: { host: 'evil.example' } });
    const own = await rawRequest(url, { method: 'POST', body, headers: { origin: sandbox.url } });
    expect([foreign.status, rebound.status, own.status]).toEqual([403, 403, 200]);
    expect(sandbox.faults()).toHaveLength(1);
  });
});

describe('GET /events', () => {
  it('says that something changed, once a turn', async () => {
    const { clock, sandbox } = await sandboxWorld();
    const leaving = new AbortController();
    const stream = await fetch(`${sandbox.url}/events`, { signal: leaving.signal });
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    const next = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
    expect(await next()).toBe('retry: 1000\n\n');
    sandbox.setFault({ target: 'pd', fault: 'hang' });
    sandbox.setFault({ target: 'pd', fault: 'refuse' });
    expect(await next()).toBe('event: changed\ndata: {}\n\n');
    sandbox.clearFaults();
    expect(await next()).toBe('event: changed\ndata: {}\n\n');
    await clock.settle();
    leaving.abort();
    await reader.read().catch(() => undefined);
  });
});
