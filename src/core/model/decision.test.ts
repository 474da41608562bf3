/** Decision time never goes back, whatever the clock of the machine does. */
import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, MINUTE, observed, START, Story } from '../../../test/support/story.ts';
import { beginDecision, emit, send } from './decision.ts';

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

test('the effects of each event are counted from 0, so that each has an id of its own', () => {
  const s = new Story(policy());
  s.feed(observed());
  const effect = s.pages('pager.trigger')[0]?.effect;
  if (effect === undefined) throw new Error('nothing rang');
  const input = { id: 'i-9', incident: s.incident.id, actor: byPerson('ada') };
  const context = { now: s.now, policy: s.policy, lookups: s.lookups };
  const decision = beginDecision(s.incident, input, context);
  const { version } = s.incident;
  emit(decision, { type: 'NoteAdded', text: 'one' });
  expect([send(decision, effect), send(decision, effect)]).toEqual([
    `inc-1/${version + 1}/0`,
    `inc-1/${version + 1}/1`,
  ]);
  emit(decision, { type: 'NoteAdded', text: 'two' });
  expect(send(decision, effect)).toBe(`inc-1/${version + 2}/0`);
  expect(new Set(decision.effects.map(({ id }) => id)).size).toBe(3);
});
