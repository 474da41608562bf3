/** What is reopened at its pager: which page waits for an answer again, and which is closed there once more. */
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

const BY_BEN = { by: 'ben', known: true, ref: 'r' } as const;

function rung(): Story {
  const s = new Story(policy());
  s.feed(observed());
  return s.advance(MINUTE);
}

function endedThere(s: Story, by: string | null = null): Story {
  s.hear('p1', 'resolved', { by, known: by !== null, ref: 'r' });
  return s;
}

function reopened(s: Story, by: typeof BY_BEN = BY_BEN): Story {
  s.hear('p1', 'reopened', by);
  return s;
}

const closings = (s: Story): readonly string[] =>
  s.pages('pager.resolve').map(({ effect }) => effect.page);

const said = (s: Story): readonly string[] =>
  s.messages().flatMap(({ text }) => (text.includes('reopened') ? [text] : []));

describe('a page that is reopened at its pager', () => {
  test('waits for an answer again after whoever answered it ended it there', () => {
    const s = reopened(endedThere(rung(), 'ada'));
    expect(s.incident.pages['p1']).toMatchObject({
      state: 'open',
      endedThereAt: null,
      rings: [{ status: 'confirmed' }],
    });
    expect(s.incident.escalations['role:expert']?.state).toBe('open');
    expect(said(s)).toEqual([]);
  });

  test('waits for an answer again after automation ended it unanswered', () => {
    const s = endedThere(rung());
    expect(s.incident.pages['p1']?.state).toBe('closed');
    expect(reopened(s).incident.pages['p1']).toMatchObject({
      state: 'open',
      rings: [{ status: 'confirmed' }],
    });
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.pages('pager.acknowledge').map(({ effect }) => effect.page)).toEqual(['p1']);
  });

  test('shows that whoever did it is there', () => {
    expect(reopened(endedThere(rung())).incident.signsOfLife).toHaveProperty('ben');
  });

  test('is silenced where somebody else has answered by a page of their own', () => {
    const s = rung().advance(4 * MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    reopened(endedThere(s));
    expect(s.incident.pages['p1']).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ben' });
    expect(s.pages('pager.acknowledge').at(-1)?.effect.page).toBe('p1');
  });

  test('is closed there again, and that is said, where nobody is looked for by it', () => {
    const s = endedThere(rung()).advance(4 * MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    reopened(s);
    expect(closings(s)).toEqual(['p1']);
    expect(said(s)).toEqual([
      expect.stringContaining(
        'ben reopened page p1 to Ada at pd, but nobody is looked for by it any more: it is closed there again.',
      ),
    ]);
  });

  test('is left to another page that rings under its key', () => {
    const s = rung();
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const before = closings(s).length;
    s.lookups = { ...s.lookups, isShared: () => true };
    reopened(s);
    expect(closings(s)).toHaveLength(before);
    expect(said(s)).toEqual([]);
  });

  test('of a test that is over is closed without a word', () => {
    const s = new Story(policy());
    s.feed({ type: 'PageTest', person: 'ada' }, byPerson('ben'));
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    const before = closings(s).length;
    reopened(s);
    expect(closings(s)).toHaveLength(before + 1);
    expect(said(s)).toEqual([]);
  });
});

describe('the vendor’s own incident that is reopened there', () => {
  const theirs = (): Story => {
    const s = new Story(policy());
    s.feed({
      ...observed(),
      adopted: adopted({ ref: 'r' }),
    });
    return s.advance(MINUTE);
  };

  test('waits for an answer, whoever answered before it fired again', () => {
    const s = theirs();
    s.hear('p1', 'acknowledged', { by: 'ada', ref: 'r' });
    s.feed({ type: 'TakeRole', role: 'expert' }, byPerson('ben'));
    endedThere(s, 'ada').feed(cleared);
    s.advance(30_000);
    reopened(s).feed(observed());
    expect(s.incident.pages['p1']).toMatchObject({ state: 'open' });
    expect(s.incident.escalations['role:expert']?.state).toBe('open');
  });

  test('is not closed there where its incident is over: what fires there is another one here', () => {
    const s = theirs();
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const before = closings(s).length;
    reopened(s);
    expect(closings(s)).toHaveLength(before);
    expect(said(s)).toEqual([]);
  });
});
