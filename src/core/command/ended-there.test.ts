/** What was resolved at its pager while alerts fire: whom it rings again, and whom not. */
import type { PageId } from '../model/made-ids.ts';
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import {
  adopted,
  byPerson,
  cleared,
  MINUTE,
  observed,
  Story,
} from '../../../test/support/story.ts';

function resolvedBy(s: Story, person: string | null, page: PageId = 'p1'): Story {
  const { target, key } = s.incident.pages[page]?.rings[0] ?? { target: 'pd', key: '' };
  const seen = { target, key, ref: 'r', by: person, known: person !== null, text: null };
  s.feed(
    { type: 'PageObserved', page, action: 'resolved', ...seen },
    person === null ? { kind: 'source', id: 'hooks' } : byPerson(person),
  );
  return s;
}

function opened(): Story {
  const s = new Story(policy());
  s.feed(observed());
  return s.advance(MINUTE);
}

const rungAt = (s: Story, minute: number): readonly string[] =>
  s.rings().filter((ring) => Number.parseFloat(ring) >= minute);

describe('a page that is resolved at its pager while an alert fires', () => {
  test('rings whoever got its role again, a quarter of an hour later', () => {
    const s = resolvedBy(opened(), 'ada');
    expect(s.incident.roles['expert']?.person).toBe('ada');
    expect(s.last('PageEndedThere')).toMatchObject({ page: 'p1', by: 'ada', via: 'pd', firing: 1 });
    s.advance(15 * MINUTE);
    expect(rungAt(s, 16)).toContain('16 Ada at pd');
    expect(s.pages('pager.trigger').at(-1)?.effect.body).toContain(
      'It was resolved at the pager, and still fires.',
    );
  });

  test('by the vendor’s own automation, after it was answered, rings again as well', () => {
    const s = opened();
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    s.advance(MINUTE);
    resolvedBy(s, null);
    s.advance(15 * MINUTE);
    expect(rungAt(s, 17)).toContain('17 Ada at pd');
  });

  test('by automation before anybody answered leaves the search to its steps', () => {
    const s = resolvedBy(opened(), null);
    expect(s.types()).not.toContain('PageEndedThere');
    s.advance(5 * MINUTE);
    expect(s.rings()).toContain('5 Ben at pd');
  });

  test('says nothing where somebody else has answered on a page of their own', () => {
    const s = opened();
    s.advance(4 * MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    resolvedBy(s, 'ada');
    expect(s.types()).not.toContain('PageEndedThere');
  });

  test('rings once, and again only when that was resolved there, too', () => {
    const s = resolvedBy(opened(), 'ada');
    s.advance(15 * MINUTE);
    const again = Object.values(s.incident.pages).findLast(({ person }) => person === 'ada');
    resolvedBy(s, 'ada', again?.id);
    s.advance(10 * MINUTE);
    expect(rungAt(s, 17).filter((ring) => ring.includes('Ada'))).toEqual([]);
    s.advance(5 * MINUTE);
    expect(rungAt(s, 17).filter((ring) => ring.includes('Ada'))).toEqual(['31 Ada at pd']);
  });

  test('does not where it clears and fires again: that rings by itself', () => {
    const s = resolvedBy(opened(), 'ada');
    s.advance(MINUTE).feed(cleared);
    s.advance(MINUTE).feed(observed());
    expect(s.owed().map(({ clock }) => clock.kind)).not.toContain('ended');
  });

  test('does not where the incident is over', () => {
    const s = resolvedBy(opened(), 'ada');
    s.feed({ type: 'MarkFalsePositive', reason: 'noise' }, byPerson('ada'));
    s.advance(20 * MINUTE);
    expect(rungAt(s, 2)).toEqual([]);
  });

  test('does not for an alarm, which repeats by itself', () => {
    const s = new Story(policy());
    const usual = s.answer;
    s.answer = (effect) => ('page' in effect && effect.page === 'p1' ? null : usual(effect));
    s.feed(observed());
    s.advance(2 * MINUTE);
    const alarm = s.incident.pages['p2'];
    expect(alarm).toMatchObject({ person: 'eve', escalations: ['alarm'] });
    resolvedBy(s, 'eve', 'p2');
    expect(s.incident.pages['p2']?.state).toBe('acknowledged');
    expect(s.types()).not.toContain('PageEndedThere');
  });

  test('says nothing where only the vendor’s own alert fires, which ends with it', () => {
    const s = new Story(policy());
    s.feed({
      ...observed(),
      adopted: adopted({ ref: 'r' }),
    });
    resolvedBy(s, 'ada');
    expect(s.types()).not.toContain('PageEndedThere');
  });
});

test('what we closed at the pager ourselves is nobody’s sign of life when it comes back', () => {
  const s = resolvedBy(opened(), 'ada');
  s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
  const [page] = Object.values(s.incident.pages).slice(-1);
  s.feed({ type: 'TakeRole', role: 'deputy' }, byPerson('ben'));
  s.feed({ type: 'Resolve', text: null }, byPerson('ben'));
  s.hear(page?.id ?? 'p0', 'resolved', { ref: 'r', by: 'Robot', known: false });
  expect(s.incident.signsOfLife).not.toHaveProperty('Robot');
});
