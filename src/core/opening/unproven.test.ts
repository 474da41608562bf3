/** Nothing is known to fire, and nothing proves that it is over: people are asked. */
import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import {
  byPerson,
  cleared,
  declare,
  MINUTE,
  observed,
  Story,
} from '../../../test/support/story.ts';

const HOUR = 60 * MINUTE;
const told = (leftOut: number) => ({ told: [{ source: 'prom', group: 'prom {}', leftOut }] });

/** What has cleared is not all that there is. */
function inPart(): Story {
  const story = new Story(policy());
  story.feed(observed());
  story.feed(declare, byPerson('finn'));
  story.feed({ ...cleared, ...told(2) });
  return story.advance(0);
}

const asked = (story: Story): readonly string[] =>
  story.events.flatMap((event) =>
    event.type === 'EndAsked'
      ? [`${(event.at - story.incident.openedAt) / MINUTE} ${event.people.join(' and ')}`]
      : [],
  );

test('who is on call at once, who commands half an hour later, and both once a day', () => {
  const story = inPart().advance(HOUR);
  expect(asked(story)).toEqual(['0 ada', '30 cleo']);
  story.downFor(23 * HOUR);
  expect(asked(story), 'not within a day').toHaveLength(2);
  story.downFor(30 * MINUTE).downFor(24 * HOUR);
  expect(asked(story).slice(2)).toEqual(['1470 ada and cleo', '2910 ada and cleo']);
});

test('not any more once an alert fires, nor once the quiet is proven', () => {
  const fires = inPart();
  fires.feed(observed());
  expect(asked(fires.downFor(30 * HOUR))).toEqual(['0 ada']);
  const whole = inPart();
  whole.feed({ ...observed({}, { firing: 0, newlyFiring: 0 }), ...told(0) });
  expect(asked(whole.downFor(30 * HOUR))).toEqual(['0 ada']);
});

test('once it is reopened people are asked again, for it is not proven yet', () => {
  const story = new Story(policy());
  story.feed(observed());
  story.feed(declare, byPerson('finn'));
  const stale = { firing: 0, stale: 1, newlyFiring: 0, newlyStale: 1 };
  story.feed({ ...observed({}, stale), unheard: { source: 'prom', afterMs: HOUR } });
  story.feed({ type: 'Resolve', text: null }, byPerson('finn'));
  expect(story.incident.unproven).toBeNull();
  story.feed({ type: 'Reopen', reason: 'not over' }, byPerson('finn'));
  expect(story.owed().map(({ clock }) => clock.kind)).toContain('unproven');
});

test('not any more once somebody says that it is over', () => {
  const story = inPart();
  story.feed({ type: 'Resolve', text: null }, byPerson('finn'));
  expect(asked(story.downFor(30 * HOUR))).toEqual(['0 ada']);
  expect(story.incident.unproven).toBeNull();
});
