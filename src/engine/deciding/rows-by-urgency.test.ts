/** The order in which rows are decided: the worst first, and none before an earlier one about the same thing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inboxRow } from '../../../test/conformance/store-fixtures.ts';
import { createRowsByUrgency, type Ranked } from './rows-by-urgency.ts';

const NONE: ReadonlySet<string> = new Set();

const ranked = (id: string, rank: number, ...keys: readonly string[]): Ranked => ({
  row: inboxRow(id),
  rank,
  keys,
});

function waitingRows(...all: readonly Ranked[]) {
  const waiting = createRowsByUrgency();
  for (const one of all) waiting.put(one);
  return waiting;
}

const ids = (rows: readonly { readonly id: string }[]): string =>
  rows.map(({ id }) => id).join(' ');

describe('rows that wait', () => {
  test('come by urgency, and of one urgency in order of arrival', () => {
    const waiting = waitingRows(ranked('a', 3), ranked('b', 1), ranked('c', 3), ranked('d', 1));
    expect(ids(waiting.byUrgency(9, NONE))).toBe('b d a c');
    expect(ids(waiting.byAge(9, NONE))).toBe('a b c d');
    expect(ids(waiting.byUrgency(2, new Set(['b'])))).toBe('d a');
  });

  test('become as urgent as what waits behind them about the same thing', () => {
    const waiting = waitingRows(
      ranked('fires', 3, 'x'),
      ranked('other', 2, 'y'),
      ranked('both', 3, 'x', 'z'),
      ranked('worst', 1, 'z'),
    );
    expect(ids(waiting.byUrgency(9, NONE))).toBe('fires both worst other');
  });

  test('are as urgent as before once what was behind them is gone', () => {
    const waiting = waitingRows(ranked('a', 3, 'x'), ranked('b', 1, 'x'));
    waiting.remove('b');
    waiting.put(ranked('c', 2));
    expect(ids(waiting.byUrgency(9, NONE))).toBe('a c');
    waiting.remove('a');
    waiting.put(ranked('d', 1, 'x'));
    expect(ids(waiting.byUrgency(9, NONE))).toBe('d c');
    expect([waiting.hasUpTo(0), waiting.hasUpTo(1), waiting.has('a'), waiting.count()]).toEqual([
      false,
      true,
      false,
      2,
    ]);
  });

  test('are waited for although one behind them is gone', () => {
    const waiting = waitingRows(ranked('a', 3, 'x'), ranked('b', 3, 'x'));
    waiting.remove('b');
    waiting.put(ranked('c', 1, 'x'));
    expect(ids(waiting.byUrgency(9, NONE))).toBe('a c');
  });

  test('never overtake an earlier one about the same thing, whatever comes and goes', () => {
    const arrival = fc.record({
      rank: fc.integer({ min: 0, max: 4 }),
      keys: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 }),
      takes: fc.integer({ min: 0, max: 2 }),
      byAge: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 40 }), (arrivals) => {
        const waiting = createRowsByUrgency();
        const all = new Map<string, { readonly at: number; readonly keys: readonly string[] }>();
        const check = (order: readonly { readonly id: string }[]): void => {
          expect(order).toHaveLength(waiting.count());
          const seen = new Map<string, number>();
          for (const { id } of order) {
            const { at = 0, keys = [] } = all.get(id) ?? {};
            for (const key of new Set(keys)) {
              expect(at).toBeGreaterThan(seen.get(key) ?? -1);
              seen.set(key, at);
            }
          }
        };
        for (const [at, { rank, keys, takes, byAge }] of arrivals.entries()) {
          const id = `r${at}`;
          all.set(id, { at, keys });
          waiting.put(ranked(id, rank, ...keys));
          check(waiting.byUrgency(99, NONE));
          check(waiting.byAge(99, NONE));
          const next = byAge ? waiting.byAge(takes, NONE) : waiting.byUrgency(takes, NONE);
          for (const row of next) waiting.remove(row.id);
        }
      }),
    );
  });
});
