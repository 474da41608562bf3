/** Where the rules leave nobody for a role: who is rung for it when somebody is freed. */
import { expect, test } from 'vitest';
import { escalation, policy, role } from '../../../test/support/policy.ts';
import { encodeAlarm } from '../model/keys.ts';
import { byPerson, declare, MINUTE, observed, START, Story } from '../../../test/support/story.ts';

/** Cleo and Ada could command, then Ben; Ada is the expert, Ben the voice, and Cleo sleeps. */
function looking(expert = 'ada'): Story {
  const base = policy();
  const steps = escalation([
    { page: { kind: 'own' }, waitMs: 5 * MINUTE },
    { page: { kind: 'fallback' }, waitMs: null },
  ]);
  const commander = role('commander', {
    page: { kind: 'group', group: 'captains' },
    fallback: [{ kind: 'person', person: 'ben' }],
    commands: true,
    neverWith: ['expert', 'voice'],
  });
  const s = new Story(
    policy({
      roles: { ...base.roles, commander },
      groups: { ...base.groups, captains: ['cleo', 'ada'] },
      escalationPolicies: { standard: steps },
    }),
  );
  s.feed(observed());
  s.feed({ type: 'TakeRole', role: 'expert' }, byPerson(expert));
  s.feed({ type: 'TakeRole', role: 'voice' }, byPerson('ben'));
  s.feed(declare, byPerson('finn'));
  return s;
}

function rung(s: Story): readonly string[] {
  return s
    .pages('pager.trigger')
    .filter(({ effect }) =>
      s.incident.pages[effect.page]?.escalations.some((id) => id === 'role:commander'),
    )
    .map(({ at, effect }) => `${(at - START) / MINUTE} ${s.incident.pages[effect.page]?.person}`);
}

test('somebody of an earlier step who is freed is rung with the next alarm, though the last step stays barred, and nobody anew', () => {
  const s = looking();
  s.advance(8 * MINUTE);
  expect(rung(s)).toEqual(['0 cleo']);
  s.feed({ type: 'TakeRole', role: 'expert' }, byPerson('eve'));
  s.advance(8 * MINUTE);
  expect(rung(s).slice(1)).toEqual(['15 ada']);
});

test('the alarm is said as often as ever while somebody sleeps who may have the role, whoever may not was rung beside', () => {
  const s = looking('eve');
  s.feed({ type: 'TakeRole', role: 'expert' }, byPerson('ada'));
  expect(rung(s)).toEqual(['0 cleo', '0 ada']);
  s.advance(46 * MINUTE);
  const said = s.events.flatMap((one) =>
    one.type === 'AlarmRaised' && encodeAlarm(one.alarm) === 'escalation:role:commander'
      ? [(one.at - START) / MINUTE]
      : [],
  );
  expect(said).toEqual([5, 15, 25, 35, 45]);
});
