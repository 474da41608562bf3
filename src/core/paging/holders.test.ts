/** Whom a search asks that begins anew, where somebody has its role by now. */
import { describe, expect, test } from 'vitest';
import {
  address,
  escalation,
  policy,
  role,
  service,
  withLevel,
} from '../../../test/support/policy.ts';
import { byPerson, MINUTE, observed, START, Story } from '../../../test/support/story.ts';
import type { Level, Policy, Role } from '../model/policy.ts';

const page: Level['page'] = {
  triage: ['expert'],
  declared: ['commander'],
  commanded: [],
  onRequest: [],
};
const base = policy();

/** At the milder level both roles are looked for softly. */
const company = (change: Partial<Policy> = {}): Policy =>
  withLevel('L3', { page }, { ...withLevel('L2', { page, public: null }), ...change });

/** Ada is on call and has answered softly, which declares it; Finn has taken the command from there. */
function softly(by: Policy): Story {
  const s = new Story(by);
  s.feed(observed({ level: 'L3' }));
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  s.feed({ type: 'TakeRole', role: 'commander' }, byPerson('finn'));
  return s;
}

/** Who is rung by a raise. */
function raised(s: Story): readonly string[] {
  const before = s.rings().length;
  s.feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('gus'));
  s.advance(0);
  return s
    .rings()
    .slice(before)
    .map((ring) => ring.replace(/^\S+ /, ''))
    .toSorted();
}

describe('a raise', () => {
  test('asks whoever is at it in the role, and whoever is on call now where that was hours ago', () => {
    const later = (by: Policy): Policy => ({
      ...by,
      services: { basket: service('basket', { onCall: { kind: 'person', person: 'dev' } }) },
    });
    const s = softly(company());
    s.policy = later(s.policy);
    s.advance(5 * MINUTE);
    expect(raised(s)).toEqual(['Ada at pd', 'Finn at pd']);
    const night = softly(company());
    night.policy = later(night.policy);
    night.advance(8 * 60 * MINUTE);
    expect(raised(night), 'who commands is asked all the same').toEqual([
      'Dev at pd',
      'Finn at pd',
    ]);
  });

  test('rings whom it was looked for where no phone of whoever commands can ring', () => {
    const ownOnly = escalation([{ page: { kind: 'own' }, waitMs: 5 * MINUTE }]);
    const s = softly(company({ escalationPolicies: { standard: ownOnly } }));
    const { finn } = s.policy.people;
    if (finn === undefined) throw new Error('there is no Finn');
    s.policy = { ...s.policy, people: { ...s.policy.people, finn: { ...finn, addresses: [] } } };
    expect(raised(s)).toEqual(['Ada at pd', 'Cleo at pd']);
  });

  test('asks whom the file names for a role since a reload, and nobody whom it named before', () => {
    const s = new Story(company());
    s.feed(observed({ level: 'L3' }));
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.rings().at(-1)).toBe('0 Cleo at pd');
    const commander = role('commander', {
      page: { kind: 'person', person: 'dev' },
      commands: true,
    });
    s.policy = company({ roles: { ...base.roles, commander } });
    expect(raised(s)).toEqual(['Ada at pd', 'Dev at pd']);
  });

  test('leaves a command whose steps the pager walks to the pager, unless its holder is at it', () => {
    const atVendor = company({
      roles: {
        ...base.roles,
        commander: role('commander', {
          page: { kind: 'person', person: 'cleo' },
          commands: true,
          escalation: { kind: 'vendor', unanswered: null },
        }),
      },
    });
    expect(raised(softly(atVendor))).toContain('Finn at pd');
    expect(raised(softly(atVendor).advance(60 * MINUTE))).toContain('Cleo at pd');
  });

  describe('of which a reload has changed how it goes on', () => {
    const atVendor = role('commander', {
      page: { kind: 'addresses', addresses: [address('pd', 'command')] },
      commands: true,
      escalation: { kind: 'vendor', unanswered: null },
    });
    const ours = role('commander', {
      page: { kind: 'person', person: 'dev' },
      commands: true,
      fallback: [{ kind: 'person', person: 'gus' }],
    });
    const raisedSince = (before: Role, after: Role): readonly string[] => {
      const withRole = (commander: Role): Policy =>
        company({ roles: { ...base.roles, commander } });
      const s = new Story(withRole(before));
      s.feed(observed({ level: 'L3' }));
      s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
      s.policy = withRole(after);
      const rung = s.rings().length;
      s.feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('gus'));
      s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
      s.advance(15 * MINUTE);
      return s.rings().slice(rung);
    };

    test('walks our steps where the file names them now', () => {
      expect(raisedSince(atVendor, ours)).toEqual(
        expect.arrayContaining(['0 Dev at pd', '5 Gus at pd']),
      );
    });

    test('leaves them to the pager where the file does, and walks none of ours beside it', () => {
      expect(raisedSince(ours, atVendor)).toEqual(['0 Ada at pd', '0 pd command at pd']);
    });
  });

  test('comes to whom it was looked for behind whoever commands, each once', () => {
    const s = softly(
      company({
        roles: {
          ...base.roles,
          commander: role('commander', {
            page: { kind: 'person', person: 'cleo' },
            commands: true,
            fallback: [
              { kind: 'person', person: 'finn' },
              { kind: 'person', person: 'dev' },
            ],
          }),
        },
        escalationPolicies: {
          standard: escalation([
            { page: { kind: 'own' }, waitMs: 5 * MINUTE },
            { page: { kind: 'fallback' }, waitMs: 60 * MINUTE },
          ]),
        },
      }),
    );
    raised(s);
    const { now } = s;
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(6 * MINUTE);
    const minute = (now - START) / MINUTE + 5;
    expect(s.rings().slice(-2)).toEqual([`${minute} Cleo at pd`, `${minute} Dev at pd`]);
  });

  test('leaves whoever stands in for a holder in front of all steps that the level allows', () => {
    const limited = escalation(base.escalationPolicies['standard']?.steps ?? [], {
      upTo: { L2: 1 },
    });
    const s = new Story(policy({ escalationPolicies: { standard: limited } }));
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    for (const person of ['cleo', 'dev', 'gus'])
      s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
    s.feed({ type: 'PageRole', role: 'commander' }, byPerson('ada'));
    const steps = (level: string): readonly string[] => {
      if (s.incident.level !== level)
        s.feed({ type: 'ChangeSeverity', level, reason: 'so' }, byPerson('ben'));
      const before = s.rings().length;
      s.advance(40 * MINUTE);
      return s
        .rings()
        .slice(before)
        .filter((ring) => /Finn|Eve/.test(ring));
    };
    expect(steps('L2')[0], 'one step, and who stands in').toBe('5 Finn at pd');
    expect(s.incident.escalations['role:commander']?.step).toBe(1);
    steps('L1');
    expect(s.incident.escalations['role:commander']?.step).toBeGreaterThan(1);
  });
});
