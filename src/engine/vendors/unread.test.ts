/** What is remembered of rings whose pager tells nothing: since when, and who is to hear of it. */
import { describe, expect, test } from 'vitest';
import type { PageRow } from '../../store/store.ts';
import { createUnread, type Asked } from './unread.ts';
import type { Waiting } from './waiting.ts';

const NONE = { found: [], refused: [] };

function waiting(key: string, change: Partial<PageRow> = {}): Waiting {
  const row = {
    incident: 'inc-1',
    key,
    state: 'open',
    awaitsAnswer: true,
    address: { address: {} },
    ...change,
  };
  const sought = { key, address: {}, externalRef: null };
  return { sought, rows: [row] } as unknown as Waiting;
}

/** A round at the instant about these, of which some were read and some refused. */
function round(
  begunAt: number,
  all: readonly Waiting[],
  { found, refused }: { readonly found?: readonly string[]; readonly refused?: readonly string[] },
): Asked {
  const read = new Map<string, string | null>();
  for (const key of found ?? []) read.set(key, null);
  for (const key of refused ?? []) read.set(key, 'HTTP 403');
  return { all, read, endedBy: null, begunAt, isWhole: true };
}

describe('a ring', () => {
  test('is unread since the first round that was refused, until one is read', () => {
    const unread = createUnread();
    const all = [waiting('a')];
    unread.tookIn(round(30, all, { refused: ['a'] }));
    unread.tookIn(round(60, all, { refused: ['a'] }));
    expect(unread.since('a')).toBe(30);
    unread.tookIn(round(90, all, { found: ['a'] }));
    expect(unread.since('a')).toBeNull();
  });

  test('whose turn it was not is neither read nor unread', () => {
    const unread = createUnread();
    const all = [waiting('a'), waiting('b')];
    unread.tookIn(round(30, all, { refused: ['a'] }));
    unread.tookIn(round(60, all, { found: ['b'] }));
    expect([unread.since('a'), unread.since('b')]).toEqual([30, null]);
  });

  test('to which nobody wants an answer any more is not unread, and counts anew if somebody does', () => {
    const unread = createUnread();
    unread.tookIn(round(30, [waiting('a')], { refused: ['a'] }));
    unread.tookIn(round(60, [], NONE));
    expect(unread.since('a')).toBeNull();
    unread.tookIn(round(90, [waiting('a')], { refused: ['a'] }));
    expect(unread.since('a')).toBe(90);
  });

  test('that was answered is none that waits, although its end cannot be read', () => {
    const unread = createUnread();
    const answered = waiting('a', { state: 'acknowledged', awaitsAnswer: true });
    expect(unread.tookIn(round(30, [answered], { refused: ['a'] }))).toEqual([]);
  });
});

describe('an incident hears', () => {
  const all = [waiting('a'), waiting('b')];

  test('of the ring that is unread for longest', () => {
    const unread = createUnread();
    unread.tookIn(round(30, all, { found: ['a'], refused: ['b'] }));
    expect(unread.tookIn(round(60, all, { refused: ['a', 'b'] }))).toEqual([
      { incident: 'inc-1', unread: { since: 30, why: 'HTTP 403' } },
    ]);
  });

  test('that all is read where nobody knows what it was told, and no more once it has answers for heard', () => {
    const unread = createUnread();
    expect(unread.tookIn(round(30, all, { found: ['a'] }))).toEqual([
      { incident: 'inc-1', unread: null },
    ]);
    unread.heard('inc-1', false);
    expect(unread.tookIn(round(60, all, { found: ['a'] }))).toEqual([]);
    unread.heard('inc-1', true);
    expect(unread.tookIn(round(90, all, { found: ['a'] }))).toHaveLength(1);
  });

  test('nothing where none of its rings was asked about', () => {
    expect(createUnread().tookIn(round(30, all, NONE))).toEqual([]);
  });

  test('nothing of what is over', () => {
    const over = waiting('a', { state: 'closed' });
    expect(createUnread().tookIn(round(30, [over], { found: ['a'] }))).toEqual([]);
  });
});
