/** Sandbox, stepped clock and a real client with a timeout and retries together. */
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  bell,
  MINUTE,
  NO_SEED,
  SANDBOX_START,
  webhookEndpoint,
} from '../../test/support/sandbox.ts';
import { createSteppedClock } from './clock.ts';
import type { SteppedClock } from './clock.ts';
import { startSandbox } from './server.ts';
import type { Sandbox } from './server.ts';

const TIMEOUT_MS = 10_000;
const RETRY_MS = 5000;

interface Client {
  ring(key: string): void;
  readonly attempts: readonly string[];
}

/** Rings until it is answered 202: times out after 10 s, tries again after 5 s, all by the clock. */
function clientOf(sandbox: Sandbox, clock: SteppedClock): Client {
  const attempts: string[] = [];
  let open = 0;
  // What hangs at the sandbox is open here too, and must not hold time up.
  clock.busy(() => open - sandbox.waiting(), 'requests of the client');

  async function attempt(key: string): Promise<void> {
    const impatience = new AbortController();
    const timer = clock.after(TIMEOUT_MS, () => impatience.abort());
    open += 1;
    const status = await fetch(`${sandbox.url}/pd/events/ring`, {
      method: 'POST',
      body: JSON.stringify({ key, address: key }),
      signal: impatience.signal,
    }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      (error: Error) => (error.name === 'AbortError' ? 'timeout' : 'broken'),
    );
    open -= 1;
    timer.cancel();
    attempts.push(`${clock.monotonic() / 1000} ${key} ${status}`);
    if (status !== 202) clock.after(RETRY_MS, () => void attempt(key));
  }

  return { ring: (key) => void attempt(key), attempts };
}

async function world(): Promise<{
  clock: SteppedClock;
  sandbox: Sandbox;
  client: Client;
  webhooks: () => string[];
}> {
  const clock = createSteppedClock({ start: SANDBOX_START });
  const door = await webhookEndpoint(clock, [202, 503, null]);
  const accounts = [{ target: 'pd', standIn: 'bell', seed: NO_SEED, webhookUrl: door.url }];
  const sandbox = await startSandbox({ standIns: [bell], accounts, clock });
  onTestFinished(() => sandbox.close());
  const webhooks = (): string[] => door.received.map(({ at, event }) => `${at / 1000} ${event}`);
  return { clock, sandbox, client: clientOf(sandbox, clock), webhooks };
}

describe('a rehearsal on the stepped clock', () => {
  it('lets a client time out on a vendor that hangs, and ring when it answers again', async () => {
    const { clock, sandbox, client } = await world();
    sandbox.setFault({ target: 'pd', fault: 'hang', times: 2 });
    client.ring('ada');
    await clock.advanceBy(MINUTE);
    expect(client.attempts).toEqual(['10 ada timeout', '25 ada timeout', '30 ada 202']);
    expect(sandbox.truth().map(({ at }) => at - SANDBOX_START)).toEqual([30_000]);
  });

  it('gives a slow vendor its time, and no more', async () => {
    const { clock, sandbox, client } = await world();
    sandbox.setFault({ target: 'pd', fault: 'slow', delayMs: 9000 });
    client.ring('ada');
    await clock.advanceBy(MINUTE);
    expect(client.attempts).toEqual(['9 ada 202']);
  });

  async function run(): Promise<object> {
    const { clock, sandbox, client, webhooks } = await world();
    sandbox.setFault({ target: 'pd', fault: 'refuse', times: 2 });
    sandbox.setFault({
      target: 'pd',
      fault: 'hang',
      from: SANDBOX_START + 30_000,
      until: SANDBOX_START + 80_000,
    });
    sandbox.setFault({
      target: 'pd',
      fault: 'slow',
      delayMs: 3000,
      times: 3,
      from: SANDBOX_START + 90_000,
    });
    ['ada', 'ben', 'cleo', 'dev'].forEach((key, i) =>
      [0, 1, 2].forEach((round) =>
        clock.after(i * 10_000 + round * 30_000, () => client.ring(`${key}${round}`)),
      ),
    );
    await clock.runUntil(() => sandbox.truth().length === 5, SANDBOX_START + 60 * MINUTE);
    sandbox.answer({ target: 'pd', address: 'ada0', verb: 'acknowledge' });
    await clock.advanceBy(30 * MINUTE);
    const { attempts } = client;
    return {
      truth: sandbox.truth(),
      attempts,
      webhooks: webhooks(),
      deliveries: sandbox.deliveries(),
      id: clock.id(),
    };
  }

  it('gives identical results in two runs', async () => {
    const first = await run();
    expect(await run()).toEqual(first);
    expect(first).toMatchObject({ attempts: expect.arrayContaining(['0 ada0 broken']) as unknown });
  });
});
