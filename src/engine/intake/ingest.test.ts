/** The door: what is kept of a delivery, and whose fault it is when one cannot be taken. */
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../contract/secret.ts';
import { alert, type Harness, MINUTE, START, startEngine } from '../../../test/support/engine.ts';
import { StoreUnavailable } from '../../store/store.ts';

let h: Harness;
afterEach(() => h.end());

async function storedHeaders(headers: Record<string, string>) {
  const accepted = await h.deliver('prom', [alert()], headers);
  const id = accepted.kind === 'accepted' ? accepted.id : '';
  return (await h.store.reads.inboxRow(id))?.row.headers;
}

describe('of a delivery', () => {
  test('everything is kept but what its sender proved itself by, and what only the connection needs', async () => {
    h = await startEngine();
    const credentials = {
      authorization: 'Bearer very-secret',
      'proxy-authorization': 'Basic very-secret',
      cookie: 'session=very-secret',
      'x-api-key': 'very-secret',
      'x-amz-security-token': 'very-secret',
      'x-forwarded-authorization': 'Basic very-secret',
    };
    const stored = await storedHeaders({
      ...credentials,
      host: 'tocsin.example',
      'x-request-id': 'r-1',
    });
    expect(stored).toEqual({ 'x-signature': 'good', 'x-request-id': 'r-1' });
  });

  test('no header is kept with a secret of ours in it', async () => {
    h = await startEngine();
    const setup = h.engine.setup();
    await h.engine.reload({ ...setup, addressSecrets: { 'secret:a': new Secret('hunter22') } });
    expect(await storedHeaders({ 'x-sent-by': 'token=hunter22' })).toMatchObject({
      'x-sent-by': 'token=[secret]',
    });
  });
});

test('a check of the signature that throws is our fault: the sender is told to come back', async () => {
  h = await startEngine();
  const setup = h.engine.setup();
  const { prom } = setup.sources;
  if (prom?.adapter.source === undefined) throw new Error('prom is configured');
  const source = {
    ...prom.adapter.source,
    verify: () => {
      throw new TypeError('the key is no key');
    },
  };
  const broken = { ...prom, adapter: { ...prom.adapter, source } };
  await h.engine.reload({ ...setup, sources: { ...setup.sources, prom: broken } });
  expect(await h.deliver('prom', [alert()])).toMatchObject({
    kind: 'unavailable',
    reason: 'misconfigured',
    message: 'the check of the signature failed: the key is no key',
  });
  expect(await h.open()).toEqual([]);
});

test('while the clock of the machine is set back, a signature may bear its time or ours, and no other', async () => {
  h = await startEngine();
  const setup = h.engine.setup();
  const { prom } = setup.sources;
  if (prom?.adapter.source === undefined) throw new Error('prom is configured');
  let signedAt = START;
  const source = {
    ...prom.adapter.source,
    verify: (_request: unknown, _config: unknown, now: number) =>
      Math.abs(now - signedAt) < 5 * MINUTE
        ? ({ ok: true, deliveryId: null } as const)
        : ({ ok: false, reason: 'it is too old' } as const),
  };
  const timed = { ...prom, adapter: { ...prom.adapter, source } };
  await h.engine.reload({ ...setup, sources: { ...setup.sources, prom: timed } });
  h.sleepFor(-60 * MINUTE);
  const taken: string[] = [];
  for (const minutes of [0, -60, -30]) {
    signedAt = START + minutes * MINUTE;
    taken.push((await h.deliver('prom', [alert()])).kind);
  }
  expect(taken).toEqual(['accepted', 'accepted', 'refused']);
});

test('after an outage the vendor is asked from the first delivery on that was turned away', async () => {
  let isFull = false;
  const problem = new StoreUnavailable('the disk is full', 'free some space');
  h = await startEngine({
    wrap: (store) => ({
      ...store,
      condition: () => (isFull ? { kind: 'refusing', problem } : store.condition()),
    }),
  });
  const asked: number[] = [];
  h.vendors.poll = (from) => {
    asked.push((from - START) / MINUTE);
    return { ok: true, data: [] };
  };
  await h.clock.advanceBy(5 * MINUTE);
  isFull = true;
  await h.deliver('hooks', []);
  await h.clock.advanceBy(10_000);
  await h.deliver('hooks', []);
  isFull = false;
  await h.clock.advanceBy(MINUTE);
  expect(asked).toEqual([4]);
});
