import { describe, expect, it } from 'vitest';
import {
  bell,
  MINUTE,
  NO_SEED,
  post,
  rawRequest,
  SANDBOX_START,
  sandboxWorld,
  webhookEndpoint,
} from '../../test/support/sandbox.ts';
import { createSteppedClock } from './clock.ts';
import { startSandbox } from './server.ts';

describe('the accounts of the sandbox', () => {
  it('are mounted under the name of their target, one address per config key', async () => {
    const { sandbox } = await sandboxWorld();
    expect(sandbox.urlsFor('pd')).toEqual({
      base_url: `${sandbox.url}/pd/api`,
      events_url: `${sandbox.url}/pd/events`,
    });
    expect(sandbox.urlsFor('status')).toEqual({ base_url: `${sandbox.url}/status` });
    expect(() => sandbox.urlsFor('sms')).toThrow(
      'no target "sms" in the sandbox; there are pd, status',
    );
  });

  it('give the vendor the request as it came, and the client the answer as the vendor gave it', async () => {
    const { sandbox } = await sandboxWorld();
    const answer = await rawRequest(`${sandbox.url}/pd/events/ring?a=1&b=2&b=3&c=`, {
      method: 'POST',
      headers: { 'X-Token': 'abc', 'content-type': 'application/json' },
      body: '{"key":"k1"}',
    });
    expect(answer).toMatchObject({ status: 202, error: null, text: '{"ref":"k1"}' });
    expect(answer.headers).toMatchObject({
      'x-bell': 'yes',
      'content-type': 'application/json; charset=utf-8',
    });
    const seen = (await (await fetch(`${sandbox.url}/pd/api/requests`)).json()) as unknown[];
    expect(seen).toMatchObject([
      {
        method: 'POST',
        path: '/events/ring',
        query: { a: '1', b: ['2', '3'], c: '' },
        headers: { 'x-token': 'abc' },
        body: '{"key":"k1"}',
      },
    ]);
  });

  it('answer plain text, nothing at all, and a bug of the stand-in', async () => {
    const { sandbox } = await sandboxWorld();
    const at = (path: string) => rawRequest(`${sandbox.url}/pd/api${path}`);
    expect(await at('/where')).toMatchObject({ status: 404, text: 'No such door.' });
    expect(await at('/nothing')).toMatchObject({ status: 204, text: '' });
    const broken = await at('/broken');
    expect([broken.status, broken.text]).toEqual([
      500,
      '{"error":"The stand-in of bell failed: the stand-in has a bug"}',
    ]);
  });

  it('refuse a body beyond all reason', async () => {
    const { sandbox } = await sandboxWorld();
    const answer = await post(`${sandbox.url}/pd/events/ring`, {
      title: 'x'.repeat(6 * 1024 * 1024),
    });
    expect(answer.status).toBe(413);
    expect(sandbox.truth()).toEqual([]);
  });

  it('keep out of the way of the doors of the sandbox itself', async () => {
    const clock = createSteppedClock({ start: SANDBOX_START });
    const accounts = ['truth', 'my pager'].map((target) => ({
      target,
      standIn: 'bell',
      seed: NO_SEED,
      webhookUrl: null,
    }));
    const sandbox = await startSandbox({ standIns: [bell], accounts, clock });
    expect(sandbox.urlsFor('truth')['base_url']).toBe(`${sandbox.url}/~truth/api`);
    for (const target of ['truth', 'my pager'])
      await post(`${sandbox.urlsFor(target)['events_url']}/ring`, { address: target });
    const truth = (await (await fetch(`${sandbox.url}/truth`)).json()) as { pages: unknown[] };
    expect(truth.pages).toMatchObject([{ target: 'truth' }, { target: 'my pager' }]);
    await sandbox.close();
  });

  it('cannot be started wrongly: unknown vendor, one address for two, a webhook address that is no http, a taken port', async () => {
    const clock = createSteppedClock({ start: SANDBOX_START });
    const account = { target: 'pd', standIn: 'bell', seed: NO_SEED, webhookUrl: null };
    const start = (accounts: (typeof account)[]) =>
      startSandbox({ standIns: [bell], accounts, clock });
    await expect(start([{ ...account, standIn: 'horn' }])).rejects.toThrow(
      'Nobody can play the vendor "horn" of the target "pd"',
    );
    await expect(start([account, account])).rejects.toThrow('Two targets would be played at /pd');
    await expect(
      startSandbox({
        standIns: [bell],
        clock,
        accounts: [{ ...account, webhookUrl: 'https://example.com/' }],
      }),
    ).rejects.toThrow('webhooks over http only');
    const sandbox = await start([account]);
    const port = Number(new URL(sandbox.url).port);
    await expect(startSandbox({ standIns: [bell], accounts: [], clock, port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use`,
    );
    await sandbox.close();
  });
});

describe('the truth', () => {
  it('has every event with its time, vendor and target', async () => {
    const { clock, sandbox } = await sandboxWorld();
    await post(`${sandbox.url}/pd/events/ring`, {
      address: 'ada',
      title: 'Checkout is down',
      key: 'k1',
    });
    await clock.advanceBy(90_000);
    await post(`${sandbox.url}/pd/events/ring`, {
      address: 'ada',
      title: 'Checkout is down',
      key: 'k1',
    });
    expect(sandbox.truth()).toEqual([
      {
        kind: 'page',
        event: 'rang',
        address: 'ada',
        urgency: 'high',
        key: 'k1',
        ref: 'k1',
        title: 'Checkout is down',
        at: SANDBOX_START,
        time: '2026-03-02T09:00:00Z',
        vendor: 'bell',
        target: 'pd',
      },
      expect.objectContaining({
        event: 'repeated',
        at: SANDBOX_START + 90_000,
        time: '2026-03-02T09:01:30Z',
      }),
    ]);
  });

  it('is told to whoever watches, until he has seen enough', async () => {
    const { sandbox } = await sandboxWorld();
    const seen: string[] = [];
    const stop = sandbox.watch((entry) => seen.push(`${entry.target} ${entry.kind}`));
    await post(`${sandbox.url}/pd/events/ring`, {});
    stop();
    await post(`${sandbox.url}/pd/events/ring`, {});
    expect(seen).toEqual(['pd page']);
  });

  it('is empty again after a reset, with fresh accounts, no faults and nothing planned', async () => {
    const door = await webhookEndpoint(createSteppedClock({ start: 0 }), [503]);
    const { clock, sandbox } = await sandboxWorld({ webhookUrl: door.url });
    await post(`${sandbox.url}/pd/events/ring`, { address: 'ada', key: 'k1' });
    await clock.settle();
    sandbox.setFault({ target: 'status', fault: 'hang' });
    sandbox.reset();
    expect([sandbox.truth(), sandbox.faults(), clock.nextAt()]).toEqual([[], [], null]);
    expect(sandbox.answer({ target: 'pd', address: 'ada', verb: 'acknowledge' }).ok).toBe(false);
    await clock.advanceBy(10 * MINUTE);
    expect([sandbox.truth(), door.received.length]).toEqual([[], 1]);
  });
});

describe('what a vendor does by itself', () => {
  it('happens at its instant', async () => {
    const { clock, sandbox } = await sandboxWorld();
    await post(`${sandbox.url}/pd/events/ring`, { address: 'ada', key: 'k1' });
    expect(clock.nextAt()).toBe(SANDBOX_START + 5 * MINUTE);
    await clock.advanceBy(20 * MINUTE);
    expect(
      sandbox.truth().map((entry) => (entry.kind === 'page' ? [entry.address, entry.time] : [])),
    ).toEqual([
      ['ada', '2026-03-02T09:00:00Z'],
      ['boss', '2026-03-02T09:05:00Z'],
    ]);
  });

  it('does not happen when somebody answered in time', async () => {
    const { clock, sandbox } = await sandboxWorld();
    await post(`${sandbox.url}/pd/events/ring`, { address: 'ada', key: 'k1' });
    await clock.advanceBy(4 * MINUTE);
    sandbox.answer({ target: 'pd', address: 'ada', verb: 'acknowledge' });
    expect(clock.nextAt()).toBeNull();
    await clock.advanceBy(20 * MINUTE);
    expect(sandbox.truth().map((entry) => (entry.kind === 'page' ? entry.event : ''))).toEqual([
      'rang',
      'acknowledged',
    ]);
    expect(clock.nextAt()).toBeNull();
  });

  it('is a bug of the stand-in when it never comes to rest', async () => {
    const clock = createSteppedClock({ start: SANDBOX_START });
    const restless = { ...bell, nextAt: () => SANDBOX_START + 1 };
    const accounts = [{ target: 'pd', standIn: 'bell', seed: NO_SEED, webhookUrl: null }];
    const sandbox = await startSandbox({ standIns: [restless], accounts, clock });
    await expect(clock.advanceBy(MINUTE)).rejects.toThrow('The stand-in of bell advanced to');
    await sandbox.close();
  });
});

describe('answering a page', () => {
  it('goes by target or by vendor, by address or by the page itself', async () => {
    const { sandbox } = await sandboxWorld();
    for (const key of ['k1', 'k2'])
      await post(`${sandbox.url}/pd/events/ring`, { address: 'ada', key });
    const verb = 'acknowledge';
    expect(sandbox.answer({ target: 'pd', address: 'ada', verb, ref: 'k1' })).toMatchObject({
      ok: true,
      changes: [{ event: 'acknowledged', ref: 'k1', vendor: 'bell' }],
    });
    expect(sandbox.answer({ vendor: 'bell', address: 'ada', verb: 'resolve' })).toMatchObject({
      ok: true,
      changes: [{ event: 'resolved', ref: 'k2' }],
    });
  });

  it('says why it cannot be', async () => {
    const { sandbox } = await sandboxWorld();
    const answer = (where: object) =>
      sandbox.answer({ address: 'ada', verb: 'acknowledge', ...where });
    expect(answer({ target: 'pd' })).toMatchObject({ ok: false, reason: 'nothing_rings' });
    expect(answer({ target: 'status' })).toMatchObject({ ok: false, reason: 'cannot_answer' });
    expect(answer({ target: 'pd', vendor: 'board' })).toMatchObject({
      ok: false,
      reason: 'unknown_account',
    });
  });
});

describe('webhooks of a vendor', () => {
  const events = (door: { received: { event: string; at: number }[] }) =>
    door.received.map(({ event, at }) => `${event} ${at / 1000}`);

  it('reach Tocsin before time moves on', async () => {
    const clock = createSteppedClock({ start: SANDBOX_START });
    const door = await webhookEndpoint(clock);
    const { sandbox } = await sandboxWorld({ clock, webhookUrl: door.url });
    await post(`${sandbox.url}/pd/events/ring`, { address: 'ada', key: 'k1' });
    await clock.advanceBy(10 * MINUTE);
    expect(events(door)).toEqual(['rang 0', 'escalated 300']);
    expect(sandbox.deliveries()).toMatchObject([
      { target: 'pd', at: SANDBOX_START, tries: 1, result: 'delivered', status: 202 },
      { at: SANDBOX_START + 5 * MINUTE },
    ]);
  });

  it('are tried again after 503 and after a broken connection, and keep their order meanwhile', async () => {
    const clock = createSteppedClock({ start: SANDBOX_START });
    const door = await webhookEndpoint(clock, [503, null, 429]);
    const { sandbox } = await sandboxWorld({ clock, webhookUrl: door.url });
    await post(`${sandbox.url}/pd/events/ring`, { address: 'ada', key: 'k1' });
    sandbox.answer({ target: 'pd', address: 'ada', verb: 'acknowledge' });
    await clock.settle();
    expect(sandbox.inFlight()).toBe(0);
    await clock.advanceBy(10 * MINUTE);
    expect(events(door)).toEqual(['rang 0', 'rang 1', 'rang 6', 'rang 21', 'acknowledged 21']);
    expect(sandbox.deliveries().map(({ tries, result }) => [tries, result])).toEqual([
      [4, 'delivered'],
      [1, 'delivered'],
    ]);
  });

  it('are not hurried by those behind them', async () => {
    const clock = createSteppedClock({ start: SANDBOX_START });
    const door = await webhookEndpoint(clock, [503]);
    const { sandbox } = await sandboxWorld({ clock, webhookUrl: door.url });
    await post(`${sandbox.url}/pd/events/ring`, { key: 'k1' });
    await clock.settle();
    await post(`${sandbox.url}/pd/events/ring`, { key: 'k2' });
    await clock.settle();
    expect(events(door)).toEqual(['rang 0']);
    await clock.advanceBy(1000);
    expect(events(door)).toEqual(['rang 0', 'rang 1', 'rang 1']);
  });

  it('are dropped when Tocsin refuses them, and after the last try', async () => {
    const clock = createSteppedClock({ start: SANDBOX_START });
    const door = await webhookEndpoint(clock, [401, ...Array.from({ length: 8 }, () => 503)]);
    const { sandbox } = await sandboxWorld({ clock, webhookUrl: door.url });
    for (const key of ['k1', 'k2']) await post(`${sandbox.url}/pd/events/ring`, { key });
    for (const ref of ['k1', 'k2'])
      sandbox.answer({ target: 'pd', address: 'nobody', verb: 'resolve', ref });
    await clock.advanceBy(60 * MINUTE);
    expect(
      sandbox.deliveries().map(({ tries, result, status }) => [tries, result, status]),
    ).toEqual([
      [1, 'dropped', 401],
      [8, 'dropped', 503],
      [1, 'delivered', 202],
      [1, 'delivered', 202],
    ]);
  });

  it('go nowhere without an address', async () => {
    const { clock, sandbox } = await sandboxWorld();
    await post(`${sandbox.url}/pd/events/ring`, { key: 'k1' });
    await clock.settle();
    expect([sandbox.deliveries(), sandbox.inFlight()]).toEqual([[], 0]);
  });
});

describe('closing the sandbox', () => {
  it('frees those who hang and leaves nothing planned', async () => {
    const clock = createSteppedClock({ start: SANDBOX_START });
    const accounts = [{ target: 'pd', standIn: 'bell', seed: NO_SEED, webhookUrl: null }];
    const sandbox = await startSandbox({ standIns: [bell], accounts, clock });
    await post(`${sandbox.url}/pd/events/ring`, { key: 'k1' });
    sandbox.setFault({ target: 'pd', fault: 'hang' });
    const hanging = rawRequest(`${sandbox.url}/pd/api/requests`);
    while (sandbox.waiting() === 0) await clock.settle();
    await sandbox.close();
    expect([(await hanging).error, clock.nextAt()]).toEqual(['ECONNRESET', null]);
  });
});
