/** Decision time never goes back, whatever the clock of the machine does. */
import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, MINUTE, observed, START, Story } from '../../../test/support/story.ts';

test('a clock that is set back leaves the timeline in order', () => {
  const s = new Story(policy());
  s.feed(observed());
  s.advance(20 * MINUTE);
  s.now -= 15 * MINUTE;
  s.feed({ type: 'AddNote', text: 'the clock was wrong' }, byPerson('ben'));
  s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
  const times = s.events.map((event) => event.at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(s.last('PageRequested')).toMatchObject({
    at: START + 15 * MINUTE,
    page: { person: 'finn', requestedAt: START + 15 * MINUTE },
  });
});
