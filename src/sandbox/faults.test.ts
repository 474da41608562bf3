import { describe, expect, it } from 'vitest';
import { retryAfter } from '../contract/outcome.ts';
import { MINUTE, rawRequest, SANDBOX_START, sandboxWorld } from '../../test/support/sandbox.ts';
import type { RawAnswer, SandboxWorld } from '../../test/support/sandbox.ts';
import type { Fault, FaultScope } from './faults.ts';

const ring = ({ sandbox }: SandboxWorld, key = 'k1'): Promise<RawAnswer> =>
  rawRequest(`${sandbox.url}/pd/events/ring`, {
    method: 'POST',
    body: JSON.stringify({ key, address: 'ada' }),
  });

const rings = ({ sandbox }: SandboxWorld): string[] =>
  sandbox
    .truth()
    .map(
      (entry) => `${entry.kind === 'page' ? entry.ref : ''} ${(entry.at - SANDBOX_START) / 1000}`,
    );

async function worldWith(order: Fault & Partial<FaultScope>): Promise<SandboxWorld> {
  const world = await sandboxWorld();
  world.sandbox.setFault({ target: 'pd', ...order });
  return world;
}

/** Until the request has arrived and been left waiting. */
async function arrived({ clock, sandbox }: SandboxWorld): Promise<void> {
  while (sandbox.waiting() === 0) await clock.settle();
}

describe('a vendor that fails, as its client sees it', () => {
  it('refuse: the connection breaks before any answer, nothing is carried out', async () => {
    const world = await worldWith({ fault: 'refuse' });
    expect(await ring(world)).toMatchObject({ status: null, error: 'ECONNRESET' });
    expect(rings(world)).toEqual([]);
  });

  it('hang: no answer, however far time moves, and time is not held up', async () => {
    const world = await worldWith({ fault: 'hang' });
    let isAnswered = false;
    void ring(world).then(() => (isAnswered = true));
    await arrived(world);
    await world.clock.advanceBy(60 * MINUTE);
    expect([isAnswered, world.sandbox.inFlight(), world.sandbox.waiting()]).toEqual([false, 0, 1]);
    expect(rings(world)).toEqual([]);
  });

  it('hang: a client that goes away is forgotten', async () => {
    const world = await worldWith({ fault: 'hang' });
    const leaving = new AbortController();
    const gone = fetch(`${world.sandbox.url}/pd/api/x`, { signal: leaving.signal }).catch(
      () => 'gone',
    );
    await arrived(world);
    leaving.abort();
    expect(await gone).toBe('gone');
    while (world.sandbox.waiting() > 0) await world.clock.settle();
    expect(world.sandbox.inFlight()).toBe(0);
  });

  it.each([
    [{}, 30_000],
    [{ retryAfterMs: 7000 }, 7000],
    [{ retryAfterMs: 90_000, spelling: 'http-date' as const }, 90_000],
    [{ retryAfterMs: 12_000, spelling: 'ratelimit-reset' as const }, 12_000],
    [{ retryAfterMs: 60_000, spelling: 'x-ratelimit-period-in-sec' as const }, 60_000],
    [{ spelling: 'none' as const }, undefined],
  ])('429 %j: asks to come back after %s ms', async (how, expected) => {
    const world = await worldWith({ fault: '429', ...how });
    const { status, headers, text } = await ring(world);
    const plain = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, String(value)]),
    );
    expect(status).toBe(429);
    expect(retryAfter({ kind: 'answered', status: 429, headers: plain, text }, SANDBOX_START)).toBe(
      expected,
    );
    expect(rings(world)).toEqual([]);
  });

  it('429 is 420 where the vendor says so', async () => {
    expect((await ring(await worldWith({ fault: '429', status: 420 }))).status).toBe(420);
  });

  it('403: the account is refused, by whatever status it is told to be, and nothing is carried out', async () => {
    for (const status of [401, 403, 307] as const) {
      const world = await worldWith({ fault: '403', status });
      expect((await ring(world)).status).toBe(status);
      expect(rings(world)).toEqual([]);
    }
    expect((await ring(await worldWith({ fault: '403' }))).status).toBe(403);
  });

  it('unknown-address: whom it would ring is gone, in the words of the vendor, and all else goes on', async () => {
    const world = await worldWith({ fault: 'unknown-address' });
    const { status, text } = await ring(world);
    expect([status, text]).toEqual([400, JSON.stringify({ error: 'nobody of that name' })]);
    expect(rings(world)).toEqual([]);
    const url = `${world.sandbox.url}/pd/api/requests`;
    expect((await rawRequest(url, { method: 'GET' })).status).toBe(200);
  });

  it('unknown-address: is refused where nobody plays it, instead of doing nothing', async () => {
    const { sandbox } = await sandboxWorld();
    expect(() => sandbox.setFault({ target: 'status', fault: 'unknown-address' })).toThrow(
      /board behind "status" refuses no address.*Who can: pd/,
    );
    expect(sandbox.faults()).toEqual([]);
  });

  it('5xx: broken and not carried out', async () => {
    const world = await worldWith({ fault: '5xx', status: 500 });
    expect((await ring(world)).status).toBe(500);
    const usual = await ring(await worldWith({ fault: '5xx' }));
    expect([usual.status, usual.headers['retry-after']]).toEqual([503, undefined]);
    const later = await ring(await worldWith({ fault: '5xx', retryAfterMs: 90_000 }));
    expect([later.status, later.headers['retry-after']]).toEqual([503, '90']);
    expect(rings(world)).toEqual([]);
  });

  it('5xx-but-done: looks broken and is carried out at once', async () => {
    const world = await worldWith({ fault: '5xx-but-done' });
    expect((await ring(world)).status).toBe(504);
    expect(rings(world)).toEqual(['k1 0']);
  });

  it('5xx-but-done later: carried out when the client has long been answered', async () => {
    const world = await worldWith({ fault: '5xx-but-done', status: 502, doneAfterMs: 45_000 });
    expect((await ring(world)).status).toBe(502);
    expect(rings(world)).toEqual([]);
    await world.clock.advanceBy(MINUTE);
    expect(rings(world)).toEqual(['k1 45']);
  });

  it('202-but-lost: looks like a success and is not carried out', async () => {
    const world = await worldWith({ fault: '202-but-lost' });
    expect(await ring(world)).toMatchObject({ status: 202, text: '{"ref":"k1"}' });
    expect(rings(world)).toEqual([]);
    expect((await rawRequest(`${world.sandbox.url}/pd/api/requests`)).text).toBe('[]');
  });

  it('202-but-rejected: is merely lost where the vendor works nothing off later', async () => {
    const world = await worldWith({ fault: '202-but-rejected' });
    expect(await ring(world)).toMatchObject({ status: 202 });
    expect(rings(world)).toEqual([]);
  });

  it('slow: carried out and answered when its time has come', async () => {
    const world = await worldWith({ fault: 'slow', delayMs: 8000 });
    const answer = ring(world);
    await arrived(world);
    await world.clock.advanceBy(7999);
    expect(rings(world)).toEqual([]);
    await world.clock.advanceBy(1);
    expect((await answer).status).toBe(202);
    expect(rings(world)).toEqual(['k1 8']);
  });

  it('slow: carried out although the client has gone away', async () => {
    const world = await worldWith({ fault: 'slow' });
    const leaving = new AbortController();
    const url = `${world.sandbox.url}/pd/events/ring`;
    const gone = fetch(url, { method: 'POST', body: '{"key":"k1"}', signal: leaving.signal }).catch(
      () => 'gone',
    );
    await arrived(world);
    leaving.abort();
    await gone;
    await world.clock.advanceBy(MINUTE);
    expect(rings(world)).toEqual(['k1 20']);
  });

  it('reset: carried out, and the answer breaks off in the middle', async () => {
    const world = await worldWith({ fault: 'reset' });
    expect(await ring(world)).toMatchObject({ status: 202, text: '{"ref"', error: 'ECONNRESET' });
    expect(rings(world)).toEqual(['k1 0']);
  });

  it('reset: an answer without a body breaks off before it begins', async () => {
    const world = await worldWith({ fault: 'reset' });
    expect(await rawRequest(`${world.sandbox.url}/pd/api/nothing`)).toMatchObject({
      status: null,
      error: 'ECONNRESET',
    });
  });
});

describe('where and when a fault strikes', () => {
  const statuses = async (world: SandboxWorld, times: number): Promise<(number | null)[]> => {
    const answers: (number | null)[] = [];
    for (let i = 0; i < times; i += 1) answers.push((await ring(world, `k${i}`)).status);
    return answers;
  };

  it('so many times', async () => {
    const world = await worldWith({ fault: '5xx', times: 2 });
    expect(await statuses(world, 3)).toEqual([503, 503, 202]);
    expect(world.sandbox.faults()).toEqual([]);
  });

  it('one after the other, in the order in which they were set', async () => {
    const world = await worldWith({ fault: '5xx', times: 1 });
    world.sandbox.setFault({ target: 'pd', fault: '429', times: 1 });
    expect(await statuses(world, 3)).toEqual([503, 429, 202]);
  });

  it('until cleared, for this target only', async () => {
    const world = await worldWith({ fault: '5xx' });
    world.sandbox.setFault({ target: 'status', fault: 'refuse' });
    expect(world.sandbox.faults()).toMatchObject([
      { id: 'fault-1', hits: 0 },
      { target: 'status' },
    ]);
    world.sandbox.clearFaults('pd');
    expect(await statuses(world, 1)).toEqual([202]);
    expect(world.sandbox.faults()).toMatchObject([{ target: 'status' }]);
    world.sandbox.clearFaults();
    expect(world.sandbox.faults()).toEqual([]);
  });

  it('for one method and path', async () => {
    const world = await worldWith({ fault: '5xx', method: 'POST', path: '/events/' });
    const get = await rawRequest(`${world.sandbox.url}/pd/api/requests`);
    expect([get.status, ...(await statuses(world, 1))]).toEqual([200, 503]);
    expect(world.sandbox.faults()).toMatchObject([{ hits: 1 }]);
  });

  it('in a window of time', async () => {
    const from = SANDBOX_START + 5 * MINUTE;
    const world = await worldWith({ fault: '5xx', from, until: from + MINUTE });
    const seen: (number | null)[] = [];
    for (const minute of [0, 5, 6]) {
      await world.clock.advanceTo(SANDBOX_START + minute * MINUTE);
      seen.push((await ring(world, `k${minute}`)).status);
    }
    expect(seen).toEqual([202, 503, 202]);
  });

  it('never at a target that does not exist', async () => {
    const { sandbox } = await sandboxWorld();
    expect(() => sandbox.setFault({ target: 'sms', fault: 'hang' })).toThrow('no target "sms"');
  });
});
