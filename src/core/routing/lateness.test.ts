/** Which firing of an alert that had cleared may be the word of a peer that lags. */
import { describe, expect, test } from 'vitest';
import { encodeHeldRow } from '../model/arriving-keys.ts';
import { policy } from '../../../test/support/policy.ts';
import { MINUTE, START } from '../../../test/support/story.ts';
import type { Alert } from '../model/alert.ts';
import { hasBegunAnew, isClearedAgain, isSameEpisode, latenessOf, type Word } from './lateness.ts';
import type { KnownAlert } from './routed.ts';

function alert(change: Partial<Alert>): Alert {
  return {
    kind: 'alert',
    dedupKey: 'k1',
    status: 'firing',
    title: 'Errors',
    description: '',
    labels: {},
    vendorSeverity: null,
    startsAt: START,
    observedAt: null,
    links: [],
    ...change,
  };
}

const known = {
  source: 'prom',
  dedupKey: 'k1',
  status: 'resolved',
  startsAt: START,
  observedAt: START,
  heardAt: START,
  group: '',
  clearedAt: START + 30 * MINUTE,
  held: null,
  incident: 'inc-7',
  title: '',
  labels: {},
  incidentOpen: true,
} as const satisfies KnownAlert & { readonly incidentOpen: boolean };

const SOON = START + 32 * MINUTE;
const FIRST: Word = { row: 'row-1', isHeld: false };
const SECOND: Word = { row: 'row-2', isHeld: false };
const heldBy = (row: string) => ({ ...known, held: encodeHeldRow({ row, digest: 'digest' }) });

function lateness(change: Partial<typeof known> | object, word = FIRST, now = SOON) {
  return latenessOf(alert({}), { ...known, ...change }, { policy: policy(), now, word });
}

describe('a firing of the same start, two minutes after its clearing', () => {
  test('is held for five minutes', () => {
    expect(lateness({})).toEqual({ to: 'held', incident: 'inc-7', until: SOON + 5 * MINUTE });
  });

  test('is held once, however often its delivery tells of it, or is read', () => {
    expect(lateness(heldBy('row-1'))).toMatchObject({ to: 'nothing' });
  });

  test('counts when another delivery tells of it', () => {
    expect(lateness(heldBy('row-1'), SECOND)).toBeNull();
  });

  test('counts when it was held long enough', () => {
    const row = encodeHeldRow({ row: 'row-1', digest: 'digest' });
    expect(lateness(heldBy('row-1'), { row, isHeld: true }, SOON + 5 * MINUTE)).toBeNull();
  });

  test('counts of a sender who says when it saw it', () => {
    const seen = alert({ observedAt: SOON });
    expect(latenessOf(seen, known, { policy: policy(), now: SOON, word: FIRST })).toBeNull();
  });

  test('counts where no start is told', () => {
    const seen = alert({ startsAt: null });
    const unknown = { ...known, startsAt: null };
    expect(latenessOf(seen, unknown, { policy: policy(), now: SOON, word: FIRST })).toBeNull();
  });

  test('opens nothing anew where its sender will tell of it again, and an incident where it will not', () => {
    const row = encodeHeldRow({ row: 'row-1', digest: 'digest' });
    const over = { ...heldBy('row-1'), incidentOpen: false };
    const waited: Word = { row, isHeld: true };
    expect(lateness(over, waited, SOON + 5 * MINUTE)).toMatchObject({ to: 'nothing' });
    expect(lateness({ ...over, source: 'hooks' }, waited, SOON + 5 * MINUTE)).toBeNull();
  });
});

test('five minutes after its clearing it counts', () => {
  expect(lateness({}, FIRST, START + 35 * MINUTE)).toBeNull();
});

test('a clearing of an earlier episode says nothing of this one', () => {
  const clearing = (startsAt: number) => alert({ status: 'resolved', startsAt });
  expect(isClearedAgain(clearing(START), known)).toBe(true);
  expect(isClearedAgain(clearing(START - MINUTE), known)).toBe(false);
});

describe('an alert that counts as firing has ended unheard and fires anew', () => {
  const heardAt = START + 30 * MINUTE;
  const isAnew = (startsAt: number | null, before: number | null = START): boolean =>
    hasBegunAnew(alert({ startsAt }), { ...known, status: 'firing', startsAt: before, heardAt });

  test('where it began after it was last heard of, which is known to the minute', () => {
    expect(isAnew(heardAt + MINUTE + 1)).toBe(true);
    expect(isAnew(heardAt + MINUTE)).toBe(false);
  });

  test('not where it merely began later than what was told before', () => {
    expect(isAnew(START + MINUTE)).toBe(false);
  });

  test('not where it began earlier, whatever the clocks of the two say', () => {
    expect(isAnew(heardAt + 2 * MINUTE, heardAt + 3 * MINUTE)).toBe(false);
  });

  test('never where its sender tells no start, or told none', () => {
    expect([isAnew(null), isAnew(heardAt + 9 * MINUTE, null)]).toEqual([false, false]);
  });
});

describe('what a person closed, or what is stale, is told of as the same outage', () => {
  const heardAt = START + 30 * MINUTE;
  const isSame = (startsAt: number | null, before: number | null = START): boolean =>
    isSameEpisode(alert({ startsAt }), { ...known, status: 'firing', startsAt: before, heardAt });

  test('with its start, whenever it was heard of', () => {
    expect(isSame(START)).toBe(true);
    expect(isSame(heardAt + MINUTE, heardAt + MINUTE)).toBe(true);
  });

  test('with the start of another monitor, up to five minutes away to either side', () => {
    expect([isSame(START + 5 * MINUTE), isSame(START - 5 * MINUTE)]).toEqual([true, true]);
    expect([isSame(START + 5 * MINUTE + 1), isSame(START - 5 * MINUTE - 1)]).toEqual([
      false,
      false,
    ]);
  });

  test('unless it began after the last word of it', () => {
    const late = heardAt - MINUTE;
    expect([isSame(heardAt, late), isSame(heardAt + 1, late)]).toEqual([true, false]);
  });

  test('never where its sender tells no start, or told none', () => {
    expect([isSame(null), isSame(START, null)]).toEqual([false, false]);
  });
});
