/** A page that no pager has taken when everything clears: who is looked for on, who is not, and who is again. */
import { describe, expect, test } from 'vitest';
import { policy, withLevel } from '../../../test/support/policy.ts';
import { byPerson, cleared, MINUTE, observed, START, Story } from '../../../test/support/story.ts';

const script = { kind: 'machine', id: 'deploy-bot', via: 'cli' } as const;

/** An alert fires, and its page is on its way, or has been taken. */
function paged(isTaken: boolean, by = policy()): Story {
  const s = new Story(by);
  const usual = s.answer;
  s.answer = (effect) => (isTaken ? usual(effect) : null);
  s.feed(observed());
  return s;
}

/** Whose page is on its way. */
const wanted = (s: Story): readonly string[] =>
  Object.values(s.incident.pages).flatMap(({ state, label }) => (state === 'open' ? [label] : []));

describe('once everything has cleared', () => {
  test('nobody is rung any more by what no pager has taken, and the search is over', () => {
    const s = paged(false);
    expect(wanted(s)).toEqual(['Ada']);
    s.advance(30_000).feed(cleared);
    expect(wanted(s)).toEqual([]);
    expect(s.incident.escalations['role:expert']).toMatchObject({ state: 'ended' });
  });

  test('whoever rings is rung on', () => {
    const s = paged(true);
    s.advance(30_000).feed(cleared);
    expect(wanted(s)).toEqual(['Ada']);
  });

  test('and the search that has come to them goes on, although whoever is behind them was not taken yet', () => {
    const s = paged(true);
    s.answer = () => null;
    s.advance(5 * MINUTE);
    expect(wanted(s)).toEqual(['Ada', 'Ben']);
    s.feed(cleared);
    expect(s.incident.escalations['role:expert']).toMatchObject({ state: 'open', step: 1 });
  });

  test('whoever is looked for because nothing is heard of the alert any more is rung: that proves nothing', () => {
    const s = paged(false);
    const stale = observed({}, { firing: 0, stale: 1, newlyFiring: 0, newlyStale: 1 });
    s.advance(30_000).feed({ ...stale, unheard: { source: 'prom', afterMs: 60 * MINUTE } });
    expect(wanted(s)).toEqual(['Ada']);
  });

  test('what flaps rings on, also in a moment in which nothing fires', () => {
    const s = paged(false);
    for (let time = 0; time < 3; time += 1) {
      s.feed(cleared);
      s.advance(5_000).feed(observed());
    }
    s.feed(cleared);
    expect(s.incident.isFlapping).toBe(true);
    expect(wanted(s)).toEqual(['Ada']);
  });

  test('whom a script has asked for meanwhile is rung, by a page of their own', () => {
    const s = paged(false);
    s.feed({ type: 'PageRole', role: 'deputy' }, script);
    s.advance(30_000).feed(cleared);
    expect(wanted(s)).toEqual(['Finn']);
  });

  test('whom somebody has asked for is rung by the next pager where the first takes nothing', () => {
    const s = paged(false);
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
    s.feed(cleared);
    s.advance(MINUTE);
    expect(s.rings().slice(-2)).toEqual(['0 Finn at pd', '1 Finn at og']);
  });

  test('whoever is wanted for what a person has done something about since is rung', () => {
    const s = paged(false);
    s.advance(10_000).feed({ type: 'AddNote', text: 'I see errors' }, byPerson('ben'));
    s.advance(20_000).feed(cleared);
    expect(wanted(s)).toEqual(['Ada']);
  });

  test('what a script has reopened rings on, though its end is heard once more', () => {
    const s = paged(false);
    s.advance(30_000).feed(cleared);
    s.advance(15 * MINUTE);
    expect(s.incident.phase).toBe('closed');
    s.feed({ type: 'Reopen', reason: 'errors are back' }, script);
    const before = wanted(s);
    expect(before).not.toEqual([]);
    s.advance(30_000).feed(cleared);
    expect(s.incident.soak).not.toBeNull();
    expect(wanted(s)).toEqual(before);
  });

  describe('and then', () => {
    test('fires again, the search begins anew, with the whole time of its step', () => {
      const s = paged(false);
      s.advance(MINUTE).feed(cleared);
      s.advance(3 * MINUTE).feed(observed());
      expect(wanted(s)).toEqual(['Ada']);
      const since = Object.values(s.incident.escalations).find(
        ({ state }) => state === 'open',
      )?.since;
      expect(since).toBe(START + 4 * MINUTE);
    });

    test('fires again, whoever triage asks to command is looked for as well', () => {
      const by = withLevel('L2', {
        page: { triage: ['expert', 'commander'], declared: [], commanded: [], onRequest: [] },
      });
      const s = paged(false, by);
      expect(wanted(s)).toEqual(['Ada', 'Cleo']);
      s.advance(MINUTE).feed(cleared);
      expect(wanted(s)).toEqual([]);
      s.advance(3 * MINUTE).feed(observed());
      expect(wanted(s)).toEqual(['Ada', 'Cleo']);
    });

    test('a delivery leaves alerts out, of which any may fire: somebody is looked for', () => {
      const s = paged(false);
      s.advance(MINUTE).feed(cleared);
      const told = [{ source: 'prom', group: 'g', leftOut: 3 }];
      const cut = observed({}, { firing: 0, newlyFiring: 0, truncated: true });
      s.advance(MINUTE).feed({ ...cut, told });
      expect(s.incident.soak).toBeNull();
      expect(wanted(s)).toEqual(['Ada']);
    });

    test('a script raises it, whoever the worse level wants is rung', () => {
      const s = paged(false);
      s.advance(MINUTE).feed(cleared);
      s.advance(MINUTE).feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, script);
      expect(wanted(s)).toContain('Ada');
    });
  });
});
