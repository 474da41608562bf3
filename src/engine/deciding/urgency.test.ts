/** Amid a storm: what is the worst, and what people ask for, is decided first; what is not gets its share. */
import { afterEach, expect, test } from 'vitest';
import { inboxRow } from '../../../test/conformance/store-fixtures.ts';
import { alert, type Harness, startEngine } from '../../../test/support/engine.ts';
import { policy } from '../../../test/support/policy.ts';
import { createPending, keep, nextRows } from './supply.ts';

let h: Harness;
afterEach(() => h.end());

const base = policy();
const { prom } = base.sources;
if (prom === undefined) throw new Error('the base policy has no source prom');

/** Each pod is an incident; the sender says how bad it is. */
const byPod = policy({
  sources: { ...base.sources, prom: { ...prom, severityMap: { bad: 'L2', worst: 'L1' } } },
  teams: {
    shop: {
      id: 'shop',
      rules: [
        {
          name: 'by pod',
          when: { all: [], any: [], none: [] },
          severity: null,
          service: 'basket',
          groupBy: ['pod'],
          trusted: false,
          suppress: false,
          continue: false,
          where: { file: 'shop.yaml', line: 1, column: 1 },
        },
      ],
      onCall: null,
      chat: null,
    },
  },
});

const firing = (pod: string, vendorSeverity: string) =>
  alert({ dedupKey: pod, vendorSeverity, labels: { service: 'basket', pod } });

/** The pods of the incidents, in the order in which they were opened. */
const opened = (): readonly string[] =>
  h
    .peek("SELECT json_extract(state, '$.routing.labels.pod') AS pod FROM incidents ORDER BY seq")
    .map((row) => String((row as { pod: unknown }).pod));

const storm = (count: number): void => {
  for (let n = 0; n < count; n += 1) void h.deliver('prom', [firing(`pod-${n}`, 'bad')]);
};

test('the worst alert is decided before a storm that came before it, in the order of arrival otherwise', async () => {
  h = await startEngine({ policy: byPod });
  storm(100);
  void h.deliver('prom', [firing('top', 'worst')]);
  void h.deliver('prom', [firing('second', 'worst')]);
  await h.settle();
  expect(opened().slice(0, 4)).toEqual(['top', 'second', 'pod-0', 'pod-1']);
  expect(opened()).toHaveLength(102);
});

test('the worst alert does not wait for the rest of a delivery of hundreds', async () => {
  h = await startEngine({ policy: byPod });
  void h.deliver(
    'prom',
    Array.from({ length: 300 }, (_, n) => firing(`pod-${n}`, 'bad')),
  );
  void h.deliver('prom', [firing('top', 'worst')]);
  await h.settle();
  expect(opened().indexOf('top')).toBeLessThan(20);
  expect(opened()).toHaveLength(301);
});

test('an alert that gets worse while it waits is decided as it came, with what is worst', async () => {
  h = await startEngine({ policy: byPod });
  storm(100);
  void h.deliver('prom', [firing('pod-99', 'worst')]);
  await h.settle();
  expect(opened()[0]).toBe('pod-99');
  expect((await h.incident('inc-1')).level).toBe('L2');
});

test('what a person asks for is done before a storm that came before it', async () => {
  h = await startEngine({ policy: byPod });
  storm(100);
  const asked = h.ask({
    type: 'Declare',
    title: 'I see it',
    level: 'L2',
    service: null,
    team: null,
    text: null,
    flags: [],
  });
  await h.settle();
  expect(await asked).toMatchObject({ ok: true, incident: 'inc-1' });
});

test('one batch of four is of what waits for longest, however much is worse', () => {
  const pending = createPending();
  pending.waiting.put({ row: inboxRow('old'), rank: 9, keys: [] });
  for (let n = 0; n < 600; n += 1)
    pending.waiting.put({ row: inboxRow(`worse-${n}`), rank: 1, keys: [] });
  const firsts = [0, 1, 2, 3].map((batches) => {
    pending.batches = batches;
    return nextRows(pending, new Set())[0]?.id;
  });
  expect(firsts).toEqual(['worse-0', 'worse-0', 'worse-0', 'old']);
});

test('bodies beyond 64 MB are left in the store, read or not', () => {
  const pending = { ...createPending(), store: false };
  const large = (n: number) => inboxRow(`r${n}`, { body: new Uint8Array(1_000_000) });
  keep(
    pending,
    Array.from({ length: 100 }, (_, n) => large(n)),
  );
  expect([pending.unread.length, pending.store]).toEqual([64, true]);
});
