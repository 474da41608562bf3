/** A ring that no pager has taken when everything clears: which one waits for whether it fires again, and what is written. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { cleared, MINUTE, observed, Story } from '../../../test/support/story.ts';
import { stillWanted, type Wanted } from '../deciding/send.ts';

const script = { kind: 'machine', id: 'deploy-bot', via: 'cli' } as const;

/** An alert fires, and its page is on its way, or has been taken. */
function paged(isTaken: boolean): Story {
  const s = new Story(policy());
  const usual = s.answer;
  s.answer = (effect) => (isTaken ? usual(effect) : null);
  s.feed(observed());
  return s;
}

/** What becomes of the page that was asked for last and is on its way. */
function lastPage(s: Story): Wanted {
  const order = s.pages('pager.trigger').at(-1);
  if (order === undefined) throw new Error('nobody is rung');
  return stillWanted(s.incident, order.effect, s.context);
}

describe('what is on its way to a pager', () => {
  /** What becomes of it once that was heard. */
  function heard(news: ReturnType<typeof observed>): Wanted {
    const s = paged(false);
    s.advance(30_000).feed(news);
    return lastPage(s);
  }

  test('waits while everything has cleared', () => {
    expect(heard(cleared)).toMatchObject({ verdict: 'hold', why: 'all alerts have cleared' });
  });

  test('rings where the alert is only not heard of any more, which is no proof that it is over', () => {
    const stale = observed({}, { firing: 0, stale: 1, newlyFiring: 0, newlyStale: 1 });
    const unheard = { source: 'prom', afterMs: 60 * MINUTE };
    expect(heard({ ...stale, unheard })).toMatchObject({ verdict: 'send' });
  });

  test('rings in what flaps, also in a moment in which nothing fires', () => {
    const s = paged(false);
    for (let time = 0; time < 3; time += 1) {
      s.feed(cleared);
      s.advance(5_000).feed(observed());
    }
    s.feed(cleared);
    expect(s.incident.isFlapping).toBe(true);
    expect(lastPage(s)).toMatchObject({ verdict: 'send' });
  });

  test('rings where a script has asked for somebody after everything had cleared', () => {
    const s = paged(false);
    s.advance(30_000).feed(cleared);
    s.advance(1_000).feed({ type: 'PageRole', role: 'deputy' }, script);
    expect(s.last('PageRequested')?.page.label).toBe('Finn');
    expect(lastPage(s)).toMatchObject({ verdict: 'send' });
  });

  test('rings where a script has reopened what had closed by itself, though its end is heard once more', () => {
    const s = paged(false);
    s.advance(30_000).feed(cleared);
    s.advance(15 * MINUTE);
    expect(s.incident.phase).toBe('closed');
    const before = s.pages('pager.trigger').length;
    s.feed({ type: 'Reopen', reason: 'errors are back' }, script);
    expect(s.pages('pager.trigger').length).toBeGreaterThan(before);
    s.advance(30_000).feed(cleared);
    expect(s.incident.soak).not.toBeNull();
    expect(lastPage(s)).toMatchObject({ verdict: 'send' });
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
