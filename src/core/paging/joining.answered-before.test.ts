/** An answer at the pager that is older than the join, however late its pager tells of it. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import {
  MINUTE,
  noLookups,
  observed,
  ringing,
  ringsAt,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Settled } from '../model/effect.ts';
import type { Ringing } from '../model/lookups.ts';

const SECOND = 1_000;
const before = START - MINUTE;
/** What rings for it can be written beside the ring there, and nothing at `pd`. */
const atOpsgenie = ringing({ target: 'og', key: 'tocsin/test/inc-0/p1.2' });

function beside(other: Ringing, { isStorm = false, noteAfterMs = 0 } = {}): Story {
  const s = new Story(policy());
  const usual = s.answer;
  s.lookups = { ...noLookups, ...ringsAt(other) };
  s.answer = (effect) => (effect.name === 'pager.note' && noteAfterMs > 0 ? null : usual(effect));
  s.feed({ ...observed(), storm: isStorm ? { over: 'source prom', children: ['inc-0'] } : null });
  if (noteAfterMs === 0) return s;
  s.advance(noteAfterMs);
  const [note] = s.pages('pager.note');
  if (note === undefined) throw new Error('nothing was to be written');
  const settled: Settled = {
    result: 'delivered',
    receipt: 'confirmed',
    externalRef: null,
    url: null,
  };
  s.feed({ type: 'EffectSettled', effect: note.effect, settled });
  return s;
}

/** Whoever is the expert after Ada did so at the pager of her page. */
function expertAfter(
  s: Story,
  told: { readonly saidAt: number | null; readonly action?: 'acknowledged' | 'resolved' },
): string | null {
  s.hear('p1', told.action ?? 'acknowledged', { by: 'ada', known: true, saidAt: told.saidAt });
  return s.incident.roles['expert']?.person ?? null;
}

describe('an answer to what a page joined', () => {
  test.each(['acknowledged', 'resolved'] as const)(
    'that was given before (%s) is none to the page, which rings by itself',
    (action) => {
      const s = beside(atOpsgenie);
      expect(expertAfter(s, { saidAt: before, action })).toBeNull();
      expect(s.rings()).toEqual(['0 Ada at pd']);
      expect(s.incident.pages).toMatchObject({ p1: { state: 'closed' }, p2: { state: 'open' } });
    },
  );

  test('is one to the page where it was given since, or its pager does not tell when', () => {
    expect(expertAfter(beside(atOpsgenie), { saidAt: START })).toBe('ada');
    expect(expertAfter(beside(atOpsgenie), { saidAt: null })).toBe('ada');
  });

  test('is none while the page could not be seen there, although it is heard of when it can be', () => {
    const late = { noteAfterMs: 20 * SECOND };
    expect(expertAfter(beside(atOpsgenie, late), { saidAt: START + 10 * SECOND })).toBeNull();
    expect(expertAfter(beside(atOpsgenie, late), { saidAt: START + 20 * SECOND })).toBe('ada');
  });

  test('counts from the join where nothing can be written there', () => {
    expect(expertAfter(beside(ringing()), { saidAt: before })).toBeNull();
    expect(expertAfter(beside(ringing()), { saidAt: START })).toBe('ada');
    const pending = beside(ringing({ status: 'pending', since: before }));
    expect(expertAfter(pending, { saidAt: START })).toBe('ada');
  });

  test('is one in a storm, which joins what was answered', () => {
    const answered = { ...atOpsgenie, acknowledged: true };
    expect(expertAfter(beside(answered, { isStorm: true }), { saidAt: before })).toBe('ada');
  });

  test('is none in a storm where somebody else gave it', () => {
    const s = beside(atOpsgenie, { isStorm: true });
    s.hear('p1', 'acknowledged', { by: 'ben', known: true, saidAt: before });
    expect(s.rings()).toEqual(['0 Ada at pd']);
  });
});

test.each([
  ['before the join is none', before, null],
  ['since is one', START, 'ada'],
])(
  'an answer that is read back, given %s, where nothing can be written',
  (_when, saidAt, expert) => {
    const base = policy();
    const can = ['pager.trigger', 'pager.acknowledge', 'pager.resolve', 'pager.find'];
    const og = { type: 'opsgenie', mode: 'live', can } as const;
    const s = new Story(policy({ targets: { ...base.targets, og } }));
    const usual = s.answer;
    const read = {
      found: true,
      externalRef: 'ref',
      status: 'acknowledged',
      by: 'ada',
      saidAt,
    } as const;
    s.answer = (effect) =>
      effect.name === 'pager.find' ? { result: 'read', read, detail: '' } : usual(effect);
    s.lookups = { ...noLookups, ...ringsAt({ ...atOpsgenie, status: 'pending', at: START }) };
    s.feed(observed());
    s.advance(5 * SECOND);
    expect(s.incident.roles['expert']?.person ?? null).toBe(expert);
  },
);
