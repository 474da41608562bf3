/** One delivery of very many alerts: all of them are decided, a part of them a turn, and everything else goes on. */
import { afterEach, describe, expect, test } from 'vitest';
import { alert, type Harness, MINUTE, startEngine } from '../../../test/support/engine.ts';
import { policy } from '../../../test/support/policy.ts';
import type { Alert } from '../../core/model/alert.ts';
import { type Store, StoreUnavailable, type Tx } from '../../store/store.ts';
import { bounded } from './bounded.ts';

let h: Harness;
afterEach(() => h.end());

interface Seen {
  /** Alerts written by each transaction. */
  readonly alerts: number[];
  /** Incidents written by each transaction that were not there before. */
  readonly opened: number[];
  /** Incidents changed by each. */
  readonly changed: number[];
}

/** The store, and what each of its transactions writes; it takes no more than so many alerts. */
function watched(store: Store, seen: Seen, room = { alerts: Number.POSITIVE_INFINITY }): Store {
  return {
    ...store,
    transact: (work) =>
      store.transact((tx) => {
        const watching: Tx = {
          ...tx,
          putAlerts: (rows) => {
            room.alerts -= rows.length;
            if (room.alerts < 0) throw new StoreUnavailable('the disk is full', 'make room');
            seen.alerts.push(rows.length);
            return tx.putAlerts(rows);
          },
          apply: (changes) => {
            seen.changed.push(changes.length);
            seen.opened.push(changes.filter(({ expectedVersion }) => expectedVersion === 0).length);
            return tx.apply(changes);
          },
        };
        return work(watching);
      }),
  };
}

const grouped = (groupBy: readonly string[]) =>
  policy({
    teams: {
      shop: {
        id: 'shop',
        rules: [
          {
            name: 'basket errors',
            when: { all: [], any: [], none: [] },
            severity: 'L2',
            service: 'basket',
            groupBy,
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

function many(count: number, change: (n: number) => Partial<Alert> = () => ({})): Alert[] {
  return Array.from({ length: count }, (_, n) => alert({ dedupKey: `pod-${n}`, ...change(n) }));
}

const alertRows = (): unknown =>
  h.peek('SELECT status, count(*) AS count FROM alerts GROUP BY status');

describe('fifty thousand alerts in one body', () => {
  test('are all decided, some hundreds a turn, and ring once', async () => {
    const seen: Seen = { alerts: [], opened: [], changed: [] };
    h = await startEngine({
      policy: grouped(['service']),
      wrap: (store) => watched(store, seen),
    });
    const accepted = await h.deliver('prom', many(50_000));
    expect(accepted.kind).toBe('accepted');
    await h.settle();
    expect(alertRows()).toEqual([{ status: 'firing', count: 50_000 }]);
    expect((await h.incident('inc-1')).alerts).toMatchObject({ firing: 50_000 });
    expect(Math.max(...seen.alerts)).toBeLessThanOrEqual(512);
    expect(h.sent('trigger')).toHaveLength(1);
  }, 60_000);

  test('that open an incident each open some of them a turn', async () => {
    const seen: Seen = { alerts: [], opened: [], changed: [] };
    h = await startEngine({ policy: grouped(['pod']), wrap: (store) => watched(store, seen) });
    await h.deliver(
      'prom',
      many(1_000, (n) => ({ labels: { service: 'basket', pod: `${n}` } })),
    );
    await h.settle();
    expect(await h.open()).toHaveLength(1_000);
    expect(Math.max(...seen.opened)).toBe(17);
    seen.changed.length = 0;
    await h.deliver(
      'prom',
      many(1_000, (n) => ({ labels: { service: 'basket', pod: `${n}` }, dedupKey: `again-${n}` })),
    );
    await h.settle();
    expect(Math.max(...seen.changed)).toBe(47);
  }, 60_000);

  test('are decided to their end before what came after them', async () => {
    h = await startEngine({ policy: grouped(['service']) });
    const large = h.deliver('prom', many(20_000));
    const over = h.deliver('prom', [alert({ dedupKey: 'pod-19999', status: 'resolved' })]);
    const note = h.ask({ type: 'AddNote', text: 'I see it' }, 'inc-1');
    await h.settle();
    expect([(await large).kind, (await over).kind, (await note).ok]).toEqual([
      'accepted',
      'accepted',
      true,
    ]);
    expect((await h.incident('inc-1')).alerts).toMatchObject({ firing: 19_999, total: 20_000 });
  }, 60_000);

  test('are decided to their end after a crash amid them', async () => {
    const seen: Seen = { alerts: [], opened: [], changed: [] };
    const room = { alerts: 10_000 };
    h = await startEngine({
      policy: grouped(['service']),
      wrap: (store) => watched(store, seen, room),
    });
    expect((await h.deliver('prom', many(20_000))).kind).toBe('accepted');
    h.engine.inFlight = () => 0;
    while (seen.alerts.length < 3) await h.clock.settle();
    await h.crash();
    expect(alertRows()).toEqual([{ status: 'firing', count: 9_518 }]);
    room.alerts = Number.POSITIVE_INFINITY;
    await h.restart();
    expect(alertRows()).toEqual([{ status: 'firing', count: 20_000 }]);
    expect(h.sent('trigger')).toHaveLength(1);
  }, 60_000);
});

test('what fires in a large delivery counts before what clears: nothing clears in between', async () => {
  h = await startEngine({ policy: grouped(['service']) });
  // Many whole slices.
  await h.deliver('prom', many(6_144));
  await h.settle();
  await h.clock.advanceBy(MINUTE);
  const clearing = many(6_144, () => ({ status: 'resolved' }));
  await h.deliver('prom', [...clearing, alert({ dedupKey: 'pod-new' })]);
  await h.settle();
  const types = (await h.store.reads.timeline('inc-1')).map(({ event }) => event.type);
  expect(types).not.toContain('AlertsCleared');
  expect((await h.incident('inc-1')).alerts.firing).toBe(1);
}, 60_000);

describe('what is too long for a state', () => {
  const long = 'x'.repeat(2_000_000);
  const chars = (value: unknown): number => JSON.stringify(value).length;

  test('is cut, and says so', () => {
    const cut = bounded(
      alert({
        dedupKey: long,
        title: long,
        description: long,
        vendorSeverity: long,
        labels: { a: long, service: 'basket' },
        links: [{ url: `https://example.com/${long}`, text: 'Graph' }],
      }),
    ) as Alert;
    expect(chars(cut)).toBeLessThan(20_000);
    for (const text of [
      cut.dedupKey,
      cut.title,
      cut.description,
      cut.vendorSeverity,
      cut.labels['a'],
    ])
      expect(text).toMatch(/… \(cut: 2000000 characters, [0-9a-f]{12}\)$/);
    expect(cut.labels['service']).toBe('basket');
    expect(cut.links).toEqual([]);
  });

  test('a label of 4 KB is kept, a longer one cut', () => {
    const [whole, longer] = ['x'.repeat(4_096), 'x'.repeat(4_097)];
    const { labels } = bounded(alert({ labels: { whole, longer } })) as Alert;
    expect(labels['whole']).toBe(whole);
    expect(labels['longer']).toMatch(/^x{4096}… \(cut: 4097 characters, /);
  });

  test('labels beyond the hundredth are counted, and two alerts stay two', () => {
    const labels = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`l${n}`, 'v']));
    const cut = bounded(alert({ labels })) as Alert;
    expect(Object.keys(cut.labels)).toHaveLength(101);
    expect(cut.labels['tocsin_cut']).toBe('300 labels');
    const keys = ['a', 'b'].map((end) => bounded(alert({ dedupKey: long + end })));
    expect((keys[0] as Alert).dedupKey).not.toBe((keys[1] as Alert).dedupKey);
  });

  test('is no longer than a few pages altogether', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 90 }, (_, n) => [`l${n}`, 'v'.repeat(1_900)]),
    );
    expect(chars(bounded(alert({ labels })))).toBeLessThan(25_000);
  });

  test('an alert of a size that people mean is the same', () => {
    const plain = alert();
    expect(bounded(plain)).toBe(plain);
  });
});
