/** A ring that no pager has taken when everything clears: which one waits for whether it fires again, and what is written. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { cleared, MINUTE, observed, Story } from '../../../test/support/story.ts';
import { stillWanted, type Wanted } from '../deciding/send.ts';

/** An alert fires, and its page is on its way, or has been taken. */
function paged(isTaken: boolean): Story {
  const s = new Story(policy());
  const usual = s.answer;
  s.answer = (effect) => (isTaken ? usual(effect) : null);
  s.feed(observed());
  return s;
}

describe('what is on its way to a pager', () => {
  /** What becomes of it once that was heard. */
  function heard(news: ReturnType<typeof observed>): Wanted {
    const s = paged(false);
    const [order] = s.pages('pager.trigger');
    if (order === undefined) throw new Error('nobody is rung');
    s.advance(MINUTE).feed(news);
    return stillWanted(s.incident, order.effect, s.context);
  }

  test('waits while everything has cleared', () => {
    expect(heard(cleared)).toMatchObject({ verdict: 'hold', why: 'all alerts have cleared' });
  });

  test('rings where the alert is only not heard of any more, which is no proof that it is over', () => {
    const stale = observed({}, { firing: 0, stale: 1, newlyFiring: 0, newlyStale: 1 });
    const unheard = { source: 'prom', afterMs: 60 * MINUTE };
    expect(heard({ ...stale, unheard })).toMatchObject({ verdict: 'send' });
  });
});

test('that a phone stayed silent is written of a page that no pager has taken, and of no other', () => {
  const notes = (isTaken: boolean): readonly string[] => {
    const s = paged(isTaken);
    s.advance(MINUTE).feed(cleared);
    return s.events.flatMap((one) => (one.type === 'PageNoted' ? [one.action] : []));
  };
  expect(notes(false)).toEqual(['not rung']);
  expect(notes(true)).toEqual([]);
});
