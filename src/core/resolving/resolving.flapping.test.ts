/** What flaps, and when it is calm. */
import { describe, expect, test } from 'vitest';
import { policy, withLevel } from '../../../test/support/policy.ts';
import { cleared, MINUTE, noLookups, observed, START, Story } from '../../../test/support/story.ts';

/** In triage it has fired four times within a moment, and is quiet. */
function flapped(s = new Story(policy())): Story {
  s.feed(observed());
  for (let times = 0; times < 3; times += 1) {
    s.feed(cleared);
    s.feed(observed({}, { newlyFiring: 1 }));
  }
  s.feed(cleared);
  expect(s.incident).toMatchObject({ isFlapping: true, phase: 'triage' });
  return s;
}

describe('what flapped in triage and nobody has answered', () => {
  test('goes on ringing for half an hour, for a shorter quiet is none', () => {
    const s = flapped().advance(29 * MINUTE);
    expect(s.rings().slice(0, 3)).toEqual(['0 Ada at pd', '5 Ben at pd', '15 Eve at pd']);
  });

  test('is calm then, and people read it', () => {
    const s = flapped().advance(30 * MINUTE);
    expect(s.last('FlappingEnded')).toMatchObject({ at: START + 30 * MINUTE, quietSince: START });
    expect(s.incident.isFlapping).toBe(false);
  });

  test.each([30, 31, 45, 120])(
    'wakes nobody once it is calm, where the server was down for %i minutes',
    (minutes) => {
      const s = flapped().downFor(minutes * MINUTE);
      expect(s.rings()).toEqual(['0 Ada at pd']);
      expect(s.incident.phase).toBe('closed');
    },
  );

  test('wakes somebody where the server was back before that', () => {
    const s = flapped().downFor(29 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '29 Ben at pd']);
  });

  test('rings nobody once a pause is over that has held it until then', () => {
    const soak = { forMs: 120 * MINUTE, then: 'propose' } as const;
    const s = new Story(withLevel('L2', { soak }));
    const paging = { since: START, until: START + 80 * MINUTE, by: 'ada', why: 'a drill' };
    s.lookups = { ...noLookups, pauses: { paging } };
    s.answer = () => null;
    flapped(s).advance(31 * MINUTE);
    expect(s.incident.phase).toBe('triage');
    expect(Object.values(s.incident.pages).filter(({ state }) => state === 'open')).toEqual([]);
    s.feed(observed({}, { newlyFiring: 1 }));
    const again = Object.values(s.incident.pages).filter(({ state }) => state === 'open');
    expect(again, 'what fires again rings').not.toEqual([]);
  });

  test('is calm only once it is known whether what is held fires', () => {
    const s = flapped().advance(29 * MINUTE);
    s.feed({ ...cleared, alerts: { ...cleared.alerts, newlyResolved: 0, held: 1 } });
    s.advance(4 * MINUTE);
    expect(s.incident.isFlapping).toBe(true);
    s.advance(2 * MINUTE);
    expect(s.incident.isFlapping).toBe(false);
  });
});
