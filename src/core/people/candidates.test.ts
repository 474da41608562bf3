/** Whose phone is meant: never one behind a pager that is switched off, and somebody's even when nobody is named. */
import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { MINUTE, observed, Story } from '../../../test/support/story.ts';
import type { Policy } from '../model/policy.ts';

const base = policy();

function rung(by: Policy, change: Parameters<typeof observed>[0] = {}): readonly string[] {
  const s = new Story(by);
  s.feed(observed(change));
  return s.advance(MINUTE).rings();
}

function switchedOff(...names: readonly string[]): Policy {
  return policy({
    targets: Object.fromEntries(
      Object.entries(base.targets).map(([name, one]) => [
        name,
        names.includes(name) ? { ...one, mode: 'off' as const } : one,
      ]),
    ),
  });
}

test('a person is rung at the first pager that is switched on', () => {
  expect(rung(base)).toEqual(['0 Ada at pd']);
  expect(rung(switchedOff('pd'))).toEqual(['0 Ada at og']);
});

test('with every pager switched off nobody is rung, and an alarm says why', () => {
  const s = new Story(switchedOff('pd', 'og'));
  s.feed(observed());
  expect(s.rings()).toEqual([]);
  expect(s.last('NobodyToPage')?.because).toContain('no address on a pager that is switched on');
  expect(s.messages().map((one) => one.channel)).toContain('alarms');
});

test('an alert rings the on-call of its service, else of its team, else the address for alarms', () => {
  const shop = base.teams['shop'];
  if (shop === undefined) throw new Error('the base policy has a team');
  const named = (person: string) => ({ kind: 'person' as const, person });
  const by = policy({
    teams: { shop: { ...shop, onCall: named('gus') } },
    automation: { ...base.automation, alarm: { page: named('dev'), chat: null } },
  });
  expect(rung(by)).toEqual(['0 Ada at pd']);
  expect(rung(by, { service: null })).toEqual(['0 Gus at pd']);
  expect(rung(by, { service: null, team: '' })).toEqual(['0 Dev at pd']);
});
