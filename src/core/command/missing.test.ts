/** Nothing is heard of whoever holds an incident: who is asked and rung, what counts, and what ends it. */
import { describe, expect, test } from 'vitest';
import { address, escalation, policy, role, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  cleared,
  declare,
  MINUTE,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import { owed } from '../deciding/owed.ts';
import type { Policy } from '../model/policy.ts';

const HOUR = 60 * MINUTE;
const presence = { high: 30 * MINUTE, low: HOUR };

function answers(s: Story, ...people: readonly string[]): Story {
  for (const one of people) s.feed({ type: 'Acknowledge', page: null }, byPerson(one));
  return s;
}

/** Declared, and everybody who was rung has answered: ada, cleo who commands, dev, and gus. */
function led(change: Partial<Policy> = {}, level = 'L2'): Story {
  const s = new Story(policy({ presence, ...change }));
  s.feed(observed({ level }));
  s.feed(declare, byPerson('eve'));
  return answers(s, 'ada', 'cleo', 'dev', 'gus');
}

function later(s: Story): readonly string[] {
  return s.rings().filter((line) => !line.startsWith('0 '));
}

/** Minutes since the start at which somebody was asked. */
function asked(s: Story): readonly number[] {
  return s.events
    .filter(({ type }) => type === 'PresenceAsked')
    .map(({ at }) => (at - START) / MINUTE);
}

function whatIsOwed(s: Story): readonly string[] {
  return owed(s.incident, s.context).flatMap(({ clock, what, dueAt }) =>
    clock.kind === 'presence' || clock.kind === 'unattended'
      ? [`${(dueAt - s.now) / MINUTE}: ${what}`]
      : [],
  );
}

describe('what is owed', () => {
  test('is told in words, from the question to the next ring', () => {
    const s = led();
    expect(whatIsOwed(s)).toEqual([
      '30: cleo (commander) is asked whether anybody is still on it, unless they do something before',
    ]);
    s.advance(31 * MINUTE);
    expect(whatIsOwed(s)).toEqual([
      '4: a ring for cleo (commander), unless they say that they are still on it',
    ]);
    s.advance(5 * MINUTE);
    expect(whatIsOwed(s)).toEqual([]);
    expect(s.owed().map(({ what }) => what)).toContain(
      'the next step for whoever is still on it, unless somebody answers',
    );
  });

  test('is a line of the timeline at each step', () => {
    const s = led();
    s.advance(41 * MINUTE);
    answers(s, 'finn');
    expect(
      s
        .types()
        .filter((type) => /Presence|Escalation|Role/.test(type))
        .slice(-6),
    ).toEqual([
      'RoleFilled',
      'PresenceAsked',
      'EscalationStarted',
      'EscalationAdvanced',
      'EscalationAnswered',
      'RoleFilled',
    ]);
  });
});

describe('the answer to that ring', () => {
  test('by somebody whom only the pager knows shows that somebody is there, and changes no role', () => {
    const s = led();
    s.advance(36 * MINUTE);
    const [page] = Object.values(s.incident.pages).filter(({ state }) => state === 'open');
    s.hear(page?.id ?? 'p0', 'acknowledged', {
      ref: 'r',
      by: 'somebody@example.com',
      known: false,
    });
    s.advance(29 * MINUTE);
    expect(asked(s)).toEqual([30]);
    expect(s.incident.roles['commander']?.person).toBe('cleo');
    s.advance(2 * MINUTE);
    expect(asked(s)).toEqual([30, 66]);
  });

  test('is no answer that was given for something else before', () => {
    const s = led();
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('eve'));
    answers(s, 'finn').advance(41 * MINUTE);
    expect(later(s)).toEqual(['35 Cleo at pd', '40 Finn at pd']);
    expect(s.incident.roles['commander']?.person).toBe('cleo');
  });

  test('ends the role that stands in, so that nobody is both', () => {
    const s = led();
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('eve'));
    answers(s, 'finn').advance(41 * MINUTE);
    answers(s, 'finn');
    expect(s.incident.roles['commander']?.person).toBe('finn');
    expect(s.incident.roles['deputy']).toBeUndefined();
  });

  test('is not asked for anew when the level is raised a moment later', () => {
    const s = led({}, 'L3');
    s.advance(66 * MINUTE);
    expect(later(s)).toEqual(['65 Cleo at pd']);
    answers(s, 'cleo');
    s.feed({ type: 'ChangeSeverity', level: 'L2', reason: 'worse' }, byPerson('eve'));
    expect(s.incident.escalations['presence']?.state).toBe('answered');
  });
});

describe('a search for the command that begins while its holder is missed', () => {
  const ringing = (s: Story): readonly (string | null)[] =>
    Object.values(s.incident.pages).flatMap(({ state, person }) =>
      state === 'open' ? person : [],
    );

  test('goes on with whoever is rung in their place, and does not ring them once more', () => {
    const s = led().advance(41 * MINUTE);
    s.feed({ type: 'PageRole', role: 'commander' }, byPerson('eve'));
    s.advance(9 * MINUTE);
    expect(ringing(s)).toContain('finn');
    expect(later(s).filter((line) => line.includes('Finn'))).toEqual(['40 Finn at pd']);
    answers(s, 'finn');
    expect(s.incident.roles['commander']?.person).toBe('finn');
  });

  test('leaves in peace whom another role keeps from it', () => {
    const s = led().advance(41 * MINUTE);
    s.feed(
      { type: 'AssignRole', role: 'expert', person: 'finn', confirmed: true },
      byPerson('eve'),
    );
    s.feed({ type: 'PageRole', role: 'commander' }, byPerson('eve'));
    s.advance(MINUTE);
    expect(ringing(s)).not.toContain('finn');
  });
});

test('a bystander does not answer in the place of the commander, and reads what they can do', () => {
  const s = led();
  s.advance(31 * MINUTE);
  const answer = s.feed({ type: 'Acknowledge', page: null }, byPerson('ben'));
  expect(answer).toMatchObject({ ok: false, code: 'not_rung' });
  s.advance(5 * MINUTE);
  expect(later(s)).toEqual(['35 Cleo at pd']);
});

describe('nobody is missed', () => {
  test('in what the parent of a storm has gathered', () => {
    const s = led();
    s.feed({ type: 'JoinedParent', parent: 'inc-9' });
    s.advance(2 * HOUR);
    expect(asked(s)).toEqual([]);
  });

  test('who is being rung because it fires again', () => {
    const s = led();
    s.feed(cleared);
    s.advance(20 * MINUTE).feed(observed());
    s.advance(20 * MINUTE);
    expect(asked(s)).toEqual([]);
  });

  test('sooner than a minute after a reload that shortens the time', () => {
    const s = led();
    s.advance(20 * MINUTE);
    s.reload(policy({ presence: { ...presence, high: 5 * MINUTE } })).advance(59_000);
    expect(asked(s)).toEqual([]);
    s.advance(1_000);
    expect(asked(s)).toEqual([21]);
  });

  test('at the end of an incident, whose ring for them ends with it', () => {
    const s = led();
    s.advance(36 * MINUTE);
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    s.advance(2 * HOUR);
    expect(later(s)).toEqual(['35 Cleo at pd']);
    expect(s.incident.escalations['presence']?.state).toBe('ended');
  });

  test('once the fix is being watched, also while their phone rings', () => {
    const s = led();
    s.advance(36 * MINUTE);
    s.feed(cleared);
    s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('ada'));
    s.advance(9 * MINUTE);
    expect(later(s)).toEqual(['35 Cleo at pd']);
    expect(s.incident.escalations['presence']?.state).toBe('ended');
  });
});

test('that we silenced the phone of somebody who was given a role is no sign of life of theirs', () => {
  const s = new Story(policy({ presence }));
  s.feed(observed());
  s.feed(declare, byPerson('eve'));
  s.advance(MINUTE);
  s.feed(
    { type: 'AssignRole', role: 'commander', person: 'cleo', confirmed: true },
    byPerson('eve'),
  );
  expect(Object.keys(s.incident.signsOfLife)).toEqual(['eve']);
});

test('somebody whom only the pager knows is missed in the role for which they answered, and rung where it rings', () => {
  const place = address('pd', 'command');
  const page = { kind: 'addresses', addresses: [place] } as const;
  const { commander } = policy().roles;
  const roles = { ...policy().roles, commander: { ...role('commander'), ...commander, page } };
  const s = new Story(policy({ presence, roles }));
  s.feed(observed());
  s.feed(declare, byPerson('eve'));
  answers(s, 'ada', 'dev');
  const rung = Object.values(s.incident.pages).find(({ label }) => label === place.label);
  s.advance(MINUTE);
  s.hear(rung?.id ?? 'p0', 'acknowledged', { ref: 'r', by: 'kim@example.com', known: false });
  s.advance(41 * MINUTE);
  expect(s.last('PresenceAsked')).toMatchObject({ person: 'kim@example.com', role: 'commander' });
  expect(later(s)).toEqual([`36 ${place.label} at pd`, '41 Finn at pd']);
  answers(s, 'finn');
  expect(s.incident.roles['commander']?.person).toBe('finn');
});

test('where the pager walks the steps of the command itself, whoever is paged when they led nowhere comes last', () => {
  const page = { kind: 'addresses', addresses: [] } as const;
  const unanswered = { afterMs: 7 * MINUTE, page: { kind: 'person', person: 'ben' } } as const;
  const roles = {
    ...policy().roles,
    deputy: role('deputy'),
    commander: role('commander', {
      page,
      commands: true,
      escalation: { kind: 'vendor', unanswered },
    }),
  };
  const s = led({ roles });
  s.feed(
    { type: 'AssignRole', role: 'commander', person: 'cleo', confirmed: true },
    byPerson('cleo'),
  );
  s.advance(43 * MINUTE);
  expect(later(s)).toContain('35 Cleo at pd');
  expect(later(s)).toContain('42 Ben at pd');
});

test('whose role a reload has removed is missed as it was configured last', () => {
  const { commander, ...others } = policy().roles;
  const fallback = [{ kind: 'person', person: 'ben' }] as const;
  const deputy = role('deputy');
  const s = led({
    roles: { ...others, deputy, commander: { ...role('commander'), ...commander, fallback } },
  });
  s.reload(policy({ presence, roles: { ...others, deputy } })).advance(41 * MINUTE);
  // Eve hears of the role that is gone.
  expect(later(s).filter((line) => !line.includes('Eve'))).toEqual([
    '35 Cleo at pd',
    '40 Ben at pd',
  ]);
});

describe('at low urgency, outside working hours', () => {
  /** Monday, six in the evening; cleo was heard of last at half past five. */
  const evening = (): Story => {
    const s = led({}, 'L3');
    s.advance(5.5 * HOUR);
    s.feed({ type: 'AddNote', text: 'Tomorrow.' }, byPerson('cleo'));
    return s.advance(0.5 * HOUR);
  };
  const nine = 21 * 60;

  test('everything waits for nine in the morning', () => {
    const s = evening();
    s.advance(14 * HOUR);
    expect(asked(s).filter((at) => at > 360)).toEqual([]);
    s.advance(2 * HOUR);
    expect(asked(s).filter((at) => at > 360)).toEqual([nine]);
    expect(
      later(s)
        .filter((line) => Number.parseInt(line) >= nine)
        .slice(0, 2),
    ).toEqual([`${nine + 5} Cleo at pd`, `${nine + 10} Finn at pd`]);
  });

  /** Minutes since noon at which a phone rang, when cleo was heard of last at that minute. */
  const rungAfter = (minute: number): readonly number[] =>
    later(night(minute))
      .map((line) => Number.parseInt(line))
      .filter((one) => one > minute);

  const night = (minute: number): Story => {
    const s = led({}, 'L3');
    s.advance(minute * MINUTE);
    s.feed({ type: 'AddNote', text: 'Still here.' }, byPerson('cleo'));
    return s.advance(22 * HOUR - minute * MINUTE);
  };

  const alarmsAfter = (minute: number): readonly number[] =>
    night(minute)
      .events.filter(({ type }) => type === 'AlarmRaised')
      .map(({ at }) => (at - START) / MINUTE)
      .filter((at) => at > minute);

  test('the search that has begun stands still until nine', () => {
    // Asked at 17:48, rung at 17:53 and 17:58.
    expect(rungAfter(288).slice(0, 3)).toEqual([353, 358, nine]);
    expect(alarmsAfter(288)[0], 'and nobody reads that it ended').toBe(nine);
  });

  test('the alarm that nobody answers stands still until nine', () => {
    // Asked at 17:40, rung at 17:45 and 17:50; at 17:55 the alarm rings.
    expect(rungAfter(280).slice(0, 4)).toEqual([345, 350, 355, nine]);
    expect(alarmsAfter(280).slice(0, 2)).toEqual([355, nine]);
  });

  test('the alarm that somebody else cannot be reached rings at once, and does not wait for nine with it', () => {
    const { roles, escalationPolicies } = policy();
    const alone = escalation([{ page: { kind: 'own' }, waitMs: null }]);
    const voice = role('voice', {
      page: { kind: 'person', person: 'dev' },
      escalation: { kind: 'policy', policy: 'alone' },
      essential: true,
    });
    const s = led(
      { roles: { ...roles, voice }, escalationPolicies: { ...escalationPolicies, alone } },
      'L3',
    ).advance(280 * MINUTE);
    s.feed({ type: 'AddNote', text: 'Still here.' }, byPerson('cleo'));
    s.advance(140 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual(['escalation:presence']);
    const usual = s.answer;
    s.answer = (effect) =>
      'address' in effect && effect.address.label.endsWith('dev')
        ? { result: 'rejected', ofAccount: false, reason: 'not_found', detail: '', hint: '' }
        : usual(effect);
    s.feed({ type: 'PageRole', role: 'voice' }, byPerson('ada'));
    s.advance(0);
    expect(Object.keys(s.incident.alarms)).toEqual([
      'escalation:presence',
      'page:p29',
      'escalation:role:voice',
    ]);
    expect(later(s).slice(-4)).toEqual([
      '355 Eve at pd',
      '420 Dev at pd',
      '420 Dev at og',
      '420 Eve at pd',
    ]);
  });

  test('a new alert at which nobody looks rings at nine, unless somebody does something before', () => {
    for (const isSeen of [false, true]) {
      const s = evening();
      s.advance(3 * HOUR);
      s.feed(observed({ level: 'L3' }, { firing: 2, total: 2 }));
      s.advance(HOUR);
      s.feed(observed({ level: 'L3' }, { firing: 3, total: 3 }));
      expect(s.types().filter((type) => type === 'AlertsUnattended').length).toBe(1);
      if (isSeen) s.feed({ type: 'AddNote', text: 'Seen.' }, byPerson('ben'));
      s.advance(11 * HOUR + MINUTE);
      expect(later(s).includes(`${nine} Ada at pd`)).toBe(!isSeen);
    }
  });

  test('what has become urgent meanwhile waits no longer', () => {
    const s = evening();
    s.advance(3 * HOUR);
    s.feed(observed({ level: 'L3' }, { firing: 2, total: 2 }));
    s.policy = withLevel('L3', { urgency: 'high' }, { presence });
    s.advance(MINUTE);
    expect(later(s)).toContain(`${9 * 60} Ada at pd`);
  });
});

test('what flaps and was answered rings again once nobody has done anything about it for too long', () => {
  const s = led({ presence: { ...presence, high: 45 * MINUTE } });
  const again = (): void => {
    s.feed(cleared);
    s.advance(MINUTE).feed(observed());
  };
  for (let i = 0; i < 3; i += 1) again();
  answers(s.advance(6 * MINUTE), 'ada', 'cleo');
  expect(s.incident.isFlapping).toBe(true);
  for (const [minutes, rings] of [
    [20, []],
    [24, ['55 Ada at pd']],
  ] as const) {
    s.advance(minutes * MINUTE);
    const before = s.rings().length;
    again();
    expect(s.rings().slice(before)).toEqual(rings);
  }
});

test('a level that rings nobody rings nobody for a new alert either', () => {
  const s = new Story(policy({ presence }));
  s.feed(observed({ level: 'L4' }));
  s.advance(3 * HOUR).feed(observed({ level: 'L4' }, { firing: 2, total: 2 }));
  s.advance(24 * HOUR);
  expect(s.rings()).toEqual([]);
});
