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

describe('the search for somebody who has the role, rung anew', () => {
  const COMMAND = encodeEscalation({ kind: 'role', role: 'commander' });

  /** Cleo commands, is not heard of for a while, and somebody has the command paged. */
  function paged(): Story {
    const s = new Story(policy());
    s.feed(observed());
    for (const person of ['ada', 'cleo', 'dev', 'gus'])
      s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
    s.advance(20 * MINUTE);
    s.feed({ type: 'PageRole', role: 'commander' }, byPerson('ada'));
    return s;
  }

  test('is over once they do anything, and nobody behind them is rung', () => {
    const s = paged();
    s.advance(2 * MINUTE).feed({ type: 'AddNote', text: 'I look.' }, byPerson('cleo'));
    expect(s.incident.escalations[COMMAND]?.state).toBe('ended');
    const before = s.rings();
    s.advance(20 * MINUTE);
    expect(s.rings()).toEqual(before);
    expect(Object.values(s.incident.pages).filter(({ state }) => state === 'open')).toEqual([]);
  });

  test('asks whoever stands in for them behind them, before anybody else', () => {
    const s = paged();
    const before = s.rings().length;
    s.advance(12 * MINUTE);
    expect(s.rings().slice(before)).toEqual(['25 Finn at pd', '30 Eve at pd']);
    expect(s.rings()[before - 1]).toBe('20 Cleo at pd');
  });

  test('is over also when its steps have led nowhere, and so is its alarm', () => {
    const s = paged();
    s.advance(60 * MINUTE);
    expect(s.incident.escalations[COMMAND]?.state).toBe('exhausted');
    s.feed({ type: 'AddNote', text: 'I look.' }, byPerson('cleo'));
    expect(s.incident.escalations[COMMAND]?.state).toBe('ended');
    expect(Object.keys(s.incident.alarms)).toEqual([]);
  });

  test('goes on where it asks somebody else: whoever commands wants to be relieved', () => {
    const s = paged();
    s.feed({ type: 'Acknowledge', page: null }, byPerson('cleo'));
    const { commander } = s.policy.roles;
    if (commander === undefined) throw new Error('there is no commander');
    const page = { kind: 'person', person: 'finn' } as const;
    s.policy = { ...s.policy, roles: { ...s.policy.roles, commander: { ...commander, page } } };
    s.feed({ type: 'PageRole', role: 'commander' }, byPerson('cleo'));
    s.advance(MINUTE).feed({ type: 'AddNote', text: 'I am tired.' }, byPerson('cleo'));
    expect(s.incident.escalations[COMMAND]?.state).toBe('open');
  });

  test('goes on whatever anybody else does', () => {
    const s = paged();
    s.advance(2 * MINUTE).feed({ type: 'AddNote', text: 'I look.' }, byPerson('dev'));
    expect(s.incident.escalations[COMMAND]?.state).toBe('open');
  });
});

describe('the search for whoever is on call for the service, who answered before', () => {
  const SERVICE = encodeEscalation({ kind: 'service', service: 'basket' });

  /** Ada answered for the service long ago, while nobody knew how bad it was; now it has a level. */
  function graded(): Story {
    const s = new Story(policy());
    s.feed(observed({ level: null }));
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(20 * MINUTE);
    s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('finn'));
    return s.advance(MINUTE);
  }

  test('is over once they do anything', () => {
    const s = graded();
    expect(s.incident.escalations[SERVICE]?.state).toBe('open');
    s.feed({ type: 'AddNote', text: 'I look.' }, byPerson('ada'));
    expect(s.incident.escalations[SERVICE]?.state).toBe('ended');
  });

  test('goes on where somebody else is on call by now', () => {
    const s = graded();
    const { basket } = s.policy.services;
    if (basket === undefined) throw new Error('there is no basket');
    const onCall = { kind: 'person', person: 'ben' } as const;
    s.policy = { ...s.policy, services: { basket: { ...basket, onCall } } };
    s.feed({ type: 'AddNote', text: 'I look.' }, byPerson('ada'));
    expect(s.incident.escalations[SERVICE]?.state).toBe('open');
  });
});
