/** Whoever has got a role is looked for no more in one that must stay apart from it. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { encodeEscalation } from '../model/keys.ts';
import { byPerson, MINUTE, observed, Story } from '../../../test/support/story.ts';

/** Dev, who is looked for as voice, takes the command, which is to be another person's. */
function devCommands(minutes: number): Story {
  const s = new Story(policy());
  s.feed(observed());
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  s.advance(minutes * MINUTE);
  s.feed({ type: 'TakeRole', role: 'commander' }, byPerson('dev'));
  return s.advance(0);
}

const VOICE = encodeEscalation({ kind: 'role', role: 'voice' });

const forVoice = (s: Story): readonly (string | null)[] =>
  Object.values(s.incident.pages)
    .filter(({ state, escalations }) => state === 'open' && escalations.some((id) => id === VOICE))
    .map(({ person }) => person);

describe('the search for somebody else', () => {
  test('goes on at once where they were alone in it', () => {
    const s = devCommands(1);
    expect(forVoice(s)).toEqual(['eve']);
    expect(s.events).toContainEqual(
      expect.objectContaining({
        type: 'EscalationAdvanced',
        because: 'dev is commander now, and this must be another person',
      }),
    );
  });

  test('waits for whoever else it rings, who have their time', () => {
    const s = devCommands(6);
    expect(forVoice(s)).toEqual(['eve']);
    s.advance(13 * MINUTE);
    expect(forVoice(s), 'fifteen minutes are not over').toEqual(['eve']);
    s.advance(2 * MINUTE);
    expect(forVoice(s)).toEqual(['eve', 'finn']);
  });
});
