/** Escalation: who rings when nobody answers, and whom an answer leaves in peace. */
import { describe, expect, test } from 'vitest';
import {
  address,
  escalation,
  level,
  policy,
  role,
  service,
  withLevel,
} from '../../../test/support/policy.ts';
import {
  byPerson,
  cleared,
  MINUTE,
  noLookups,
  observed,
  ringing,
  ringsAt,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Settled } from '../model/effect.ts';
import type { Ringing } from '../model/lookups.ts';
import { encodeEscalation } from '../model/keys.ts';
import type { Policy, Role } from '../model/policy.ts';

const base = policy();

function opened(by: Policy = base, change: Parameters<typeof observed>[0] = {}): Story {
  const s = new Story(by);
  s.feed(observed(change));
  return s;
}

function withRoles(change: Readonly<Record<string, Role>>, more: Partial<Policy> = {}): Policy {
  return policy({ ...more, roles: { ...base.roles, ...change } });
}

const acknowledge = { type: 'Acknowledge', page: null } as const;
const ownOnly = escalation([{ page: { kind: 'own' }, waitMs: 5 * MINUTE }]);

describe('an alert that has cleared before anybody declared', () => {
  test('wakes nobody further while it is quiet, and the wait goes on from where it stood when it fires again', () => {
    const s = opened(withLevel('L2', { declare: { by: ['person'], orAfterMs: null } }));
    s.advance(2 * MINUTE);
    s.feed(cleared);
    s.advance(7 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd']);
    s.feed(observed());
    s.advance(5 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '12 Ben at pd']);
  });

  test('wakes nobody when it is heard of late: the next step was due, and had to wait for a server that was down', () => {
    const s = opened();
    // What was delivered is decided before what fell due.
    s.now += 6 * MINUTE;
    s.feed(cleared);
    s.advance(7 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd']);
    s.feed(observed());
    s.advance(0);
    expect(s.rings(), 'her five minutes were over, and it fires again').toEqual([
      '0 Ada at pd',
      '13 Ada at pd',
      '13 Ben at pd',
    ]);
  });

  test('wakes nobody when the end of the quiet is dealt with late, paging having been paused or not', () => {
    for (const past of [[], [{ from: START + 3 * MINUTE, until: START + 13 * MINUTE }]]) {
      const s = opened();
      s.advance(2 * MINUTE).feed(cleared);
      s.lookups = { ...noLookups, pagingWasPaused: past };
      s.downFor(60 * MINUTE);
      expect(s.rings()).toEqual(['0 Ada at pd']);
      expect(s.incident.closedAs).toBe('cleared');
    }
  });
});

describe('nobody answers', () => {
  test('the steps ring at 0, 5, 15 and 30 minutes, then the alarm rings and repeats until a person answers', () => {
    const s = opened();
    s.advance(55 * MINUTE);
    expect(s.rings()).toEqual([
      '0 Ada at pd',
      '5 Ben at pd',
      '15 Eve at pd',
      '30 Finn at pd',
      '40 Eve at pd',
      '50 Eve at pd',
    ]);
    expect(
      s.events.filter((event) => event.type === 'AlarmRaised').map((event) => event.count),
    ).toEqual([1, 2]);
    expect(
      s.pages('pager.resolve').map(({ effect }) => s.incident.pages[effect.page]?.label),
      'who rang before rings on, beside whoever rings anew',
    ).toEqual(['Eve', 'Eve']);
    for (const person of ['finn', 'cleo', 'dev', 'gus']) s.feed(acknowledge, byPerson(person));
    s.advance(60 * MINUTE);
    expect(
      s.rings().filter((ring) => Number(ring.split(' ')[0]) > 55 && ring.includes('Finn')),
    ).toEqual([]);
    expect(s.incident.alarms['escalation:role:expert']).toBeUndefined();
  });

  test.each<[number, readonly string[]]>([
    [1, ['0 Ada at pd', '5 Eve at pd']],
    [2, ['0 Ada at pd', '5 Ben at pd', '15 Eve at pd']],
  ])('up_to lets a level walk %i step(s) only, then alarms', (steps, rings) => {
    const standard = base.escalationPolicies['standard'];
    const s = opened(
      policy({
        escalationPolicies: {
          standard: escalation(standard?.steps ?? [], { upTo: { L2: steps } }),
        },
      }),
    );
    s.advance(16 * MINUTE);
    expect(s.rings().slice(0, rings.length)).toEqual(rings);
    expect(s.types()).toContain('EscalationExhausted');
  });

  test('a step that names nobody is passed at once', () => {
    const s = opened(policy({ services: { basket: service('basket', { fallback: [] }) } }));
    s.advance(5 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '5 Eve at pd']);
    expect(s.types()).toContain('NobodyToPage');
  });

  test('when not even the first step names anybody, the next one rings at once', () => {
    const s = opened(
      policy({
        services: { basket: service('basket', { onCall: { kind: 'person', person: 'ghost' } }) },
      }),
    );
    expect(s.rings()).toEqual(['0 Ben at pd']);
    expect(s.last('NobodyToPage')?.because).toBe(
      'ghost is not among the people of the configuration',
    );
  });

  test('the fallback stands in for a role whose person cannot be reached', () => {
    const s = opened(
      withRoles({
        voice: role('voice', {
          page: { kind: 'person', person: 'ghost' },
          fallback: [{ kind: 'person', person: 'finn' }],
        }),
      }),
    );
    s.feed(acknowledge, byPerson('ada'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Cleo at pd', '0 Finn at pd']);
  });

  test('a running escalation is pinned to the policy it began with', () => {
    const s = opened();
    s.policy = policy({
      escalationPolicies: { standard: escalation([{ page: { kind: 'own' }, waitMs: null }]) },
    });
    s.advance(5 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '5 Ben at pd']);
  });

  test('a last step, which waits for the alarm interval of today, leaves a minute after a reload', () => {
    const s = opened(
      policy({
        escalationPolicies: { standard: escalation([{ page: { kind: 'own' }, waitMs: null }]) },
      }),
    );
    s.advance(4 * MINUTE);
    const { automation } = policy();
    s.reload(policy({ automation: { ...automation, alarmEveryMs: MINUTE } }));
    s.advance(2 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '5 Eve at pd', '6 Eve at pd']);
  });

  test('an answer is looked for at the moment of paging, never before', () => {
    const rotation = {
      id: 'shop',
      timezone: 'UTC',
      every: { count: 1, unit: 'day' as const },
      handoff: { weekday: null, at: '12:03' },
      starts: '2026-01-01',
      people: ['ada', 'gus'],
      where: { file: 'x', line: 1, column: 1 },
    };
    const steps = [
      { page: { kind: 'own' as const }, waitMs: 5 * MINUTE },
      { page: { kind: 'own' as const }, waitMs: null },
    ];
    const s = opened(
      policy({
        rotations: { shop: rotation },
        services: { basket: service('basket', { onCall: { kind: 'rotation', rotation: 'shop' } }) },
        escalationPolicies: { standard: escalation(steps) },
      }),
    );
    const [before] = s.rings();
    s.advance(5 * MINUTE);
    expect(s.rings()[1]).not.toBe(`5${before?.slice(1) ?? ''}`);
  });
});

describe('the escalation of a vendor', () => {
  const routing = address('pd', 'routing-key');
  const vendor = (unanswered: boolean): Policy =>
    policy({
      services: {
        basket: service('basket', {
          onCall: { kind: 'addresses', addresses: [routing] },
          escalation: {
            kind: 'vendor',
            unanswered: unanswered
              ? { afterMs: 15 * MINUTE, page: { kind: 'group', group: 'managers' } }
              : null,
          },
        }),
      },
    });

  test('walks by itself: we ring once, and act only when it led nowhere', () => {
    const s = opened(vendor(true));
    s.advance(14 * MINUTE);
    expect(s.rings()).toEqual(['0 pd routing-key at pd']);
    s.advance(MINUTE);
    expect(s.rings()).toEqual(['0 pd routing-key at pd', '15 Eve at pd']);
  });

  test('is never joined by ours: the steps of the standard policy do not ring', () => {
    const s = opened(vendor(true));
    s.advance(14 * MINUTE);
    expect(s.rings().some((ring) => ring.includes('Ben'))).toBe(false);
  });

  test('without "unanswered" alarms, and keeps alarming', () => {
    const s = opened(vendor(false));
    s.advance(20 * MINUTE);
    expect(s.events.filter((event) => event.type === 'AlarmRaised')).toHaveLength(2);
  });

  test('that was answered needs none of us', () => {
    const s = opened(vendor(true));
    s.advance(MINUTE).hear('p1', 'acknowledged', { by: 'gus' });
    s.advance(20 * MINUTE);
    const expert = encodeEscalation({ kind: 'role', role: 'expert' });
    const rungFor = Object.values(s.incident.pages).filter((page) =>
      page.escalations.includes(expert),
    );
    expect(rungFor.map((page) => page.label)).toEqual(['pd routing-key']);
    expect(s.incident.roles['expert']?.person).toBe('gus');
  });
});

describe('one person, one ring', () => {
  test('two roles of one person ring once, and the text says both', () => {
    const s = opened(
      withRoles({
        voice: role('voice', { page: { kind: 'person', person: 'cleo' } }),
        commander: role('commander', { page: { kind: 'person', person: 'cleo' }, commands: true }),
      }),
    );
    s.feed(acknowledge, byPerson('ada'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Cleo at pd']);
    expect(s.pages('pager.trigger')[1]?.effect.body).toContain(
      'You are needed as commander. You are needed as voice.',
    );
    s.feed(acknowledge, byPerson('cleo'));
    expect(s.incident.roles).toMatchObject({
      commander: { person: 'cleo' },
      voice: { person: 'cleo' },
    });
  });

  test('a person who answered already is rung once for another role, which they have by answering', () => {
    const s = opened(
      withRoles({ writer: role('writer', { page: { kind: 'person', person: 'ada' } }) }),
    );
    s.feed(acknowledge, byPerson('ada'));
    s.feed(acknowledge, byPerson('cleo'));
    expect(s.incident.roles).not.toHaveProperty('writer');
    expect(s.rings().filter((ring) => ring.includes('Ada'))).toHaveLength(2);
    s.feed(acknowledge, byPerson('ada'));
    expect(s.incident.roles['writer']?.person).toBe('ada');
  });

  test('a related incident joins the ring of the first, and says so', () => {
    const s = new Story(base);
    s.lookups = { ...noLookups, ...ringsAt(ringing()) };
    s.feed(observed());
    expect(s.rings(), 'it rings already').toEqual([]);
    expect(s.incident.pages['p1']?.rings).toMatchObject([
      { status: 'joined', key: 'tocsin/test/inc-0/p1' },
    ]);
    expect(s.last('PageRequested')?.because).toContain('already ringing for inc-0');
  });

  test.each<[string, Partial<Ringing>]>([
    ['of another team', { team: 'other' }],
    ['answered', { acknowledged: true }],
    ['ringing softly', { urgency: 'low' }],
    ['for ten minutes already', { since: START - 10 * MINUTE }],
  ])('but rings for itself when the other one is %s', (_sentence, change) => {
    const s = new Story(base);
    s.lookups = { ...noLookups, ...ringsAt({ ...ringing(), ...change }) };
    s.feed(observed());
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('confirmed');
  });
});

describe('roles that must stay apart', () => {
  test('never ring the person who holds, or is rung for, the other one', () => {
    const s = opened(
      withRoles({
        commander: role('commander', {
          page: { kind: 'person', person: 'ada' },
          fallback: [{ kind: 'person', person: 'finn' }],
          commands: true,
          neverWith: ['expert'],
        }),
      }),
    );
    s.feed(acknowledge, byPerson('ada'));
    expect(s.rings()).toContain('0 Finn at pd');
    expect(s.incident.escalations['role:commander']?.step).toBe(1);
  });

  test('are not assigned to one person', () => {
    const s = opened();
    s.feed(acknowledge, byPerson('ada'));
    expect(
      s.feed(
        { type: 'AssignRole', role: 'commander', person: 'ada', confirmed: true },
        byPerson('ada'),
      ),
    ).toMatchObject({ ok: false, code: 'roles_apart' });
  });
});

describe('an answer', () => {
  test('settles only what its page served', () => {
    const s = opened();
    s.feed(acknowledge, byPerson('ada'));
    expect(s.incident.escalations['role:commander']?.state).toBe('open');
    s.advance(5 * MINUTE);
    expect(s.rings().some((ring) => ring.startsWith('5'))).toBe(true);
  });

  test('reaches every other place that rang for it', () => {
    const s = opened();
    s.advance(5 * MINUTE);
    s.hear('p2', 'acknowledged', { by: 'ben' });
    expect(
      s.pages('pager.acknowledge').map((one) => one.effect.page),
      'the phone of Ada; the one of Ben knows',
    ).toEqual(['p1']);
    expect(s.incident.pages).toMatchObject({
      p1: { state: 'acknowledged' },
      p2: { state: 'acknowledged' },
    });
  });

  test('that comes late, at a page which gave way to a newer one, is an answer all the same', () => {
    const s = opened();
    s.advance(41 * MINUTE);
    const closed = Object.values(s.incident.pages).find((page) => page.state === 'closed');
    expect(closed, 'the older generation gave way').toBeDefined();
    s.hear(closed?.id ?? 'p0', 'acknowledged', { by: 'finn' });
    expect(s.incident.escalations['role:expert']?.state).toBe('answered');
  });

  test('by somebody whom the policy does not know stops the ringing and fills no role', () => {
    const s = opened();
    s.hear('p1', 'acknowledged', { by: 'Zoe of the vendor', known: false });
    expect(s.incident.escalations['role:expert']).toMatchObject({
      state: 'answered',
      answeredBy: 'Zoe of the vendor',
    });
    expect(s.incident.roles).toEqual({});
  });

  test.each(['acknowledged', 'resolved', 'merged'] as const)(
    'is given by nobody when the vendor tells "%s" by itself: the run goes on',
    (action) => {
      const s = opened();
      s.hear('p1', action);
      expect(s.incident.escalations['role:expert']).toMatchObject({
        state: 'open',
        answeredBy: null,
      });
      expect(s.incident.pages['p1']?.acknowledgedAt).toBeNull();
      s.advance(5 * MINUTE);
      expect(s.rings()).toContain('5 Ben at pd');
    },
  );

  describe('by somebody unknown, where another page ended under the same key,', () => {
    const tocsin = { by: 'Tocsin', known: false } as const;
    const beside = (...ended: readonly (string | null)[]): Story => {
      const s = opened();
      s.lookups = { ...noLookups, endedUnder: ({ key }) => (key.endsWith('p1') ? ended : []) };
      return s;
    };
    const escalation = (s: Story) => s.incident.escalations['role:expert'];

    test.each<[string, readonly (string | null)[]]>([
      ['answered by another person', ['ben']],
      ['closed by us', [null]],
    ])('%s, is our own call coming back, and no news', (_how, ended) => {
      const s = beside(...ended);
      const before = s.events.length;
      s.hear('p1', 'acknowledged', tocsin);
      expect(s.events.slice(before)).toEqual([]);
      s.advance(5 * MINUTE);
      expect(s.rings()).toContain('5 Ben at pd');
    });

    test('is no answer either when the object is closed there: that phone rings no more', () => {
      const s = beside('ben');
      s.hear('p1', 'resolved', tocsin);
      expect(escalation(s)).toMatchObject({ state: 'open', answeredBy: null });
      expect(s.incident.pages['p1']?.state).toBe('closed');
    });

    test('is an answer where the same one answered both, and where we know them', () => {
      const both = beside('Tocsin');
      both.hear('p1', 'acknowledged', tocsin);
      expect(escalation(both)).toMatchObject({ state: 'answered', answeredBy: 'Tocsin' });
      const known = beside('ben');
      known.hear('p1', 'acknowledged', { by: 'ada' });
      expect(escalation(known)).toMatchObject({ state: 'answered', answeredBy: 'ada' });
    });
  });

  test('that the vendor takes back is owed again: the next step rings when its time is over', () => {
    const s = opened();
    s.hear('p1', 'acknowledged', { by: 'ada' });
    s.advance(30 * MINUTE);
    s.hear('p1', 'unacknowledged');
    expect(s.incident.escalations['role:expert']).toMatchObject({
      state: 'open',
      answeredBy: null,
    });
    expect(s.last('EscalationAdvanced')?.because).toBe(
      'the acknowledgement at pd ran out or was taken back',
    );
    s.advance(5 * MINUTE);
    expect(s.rings()).toContain('35 Ben at pd');
    s.hear('p1', 'acknowledged', { by: 'ada' });
    expect(s.incident.escalations['role:expert']?.state).toBe('answered');
  });

  test('that is taken back at a later step is owed at that step, not from the first one on', () => {
    const s = opened(withLevel('L2', { declare: { by: ['person'], orAfterMs: null } }));
    s.advance(5 * MINUTE);
    s.hear('p2', 'acknowledged', { by: 'ben' });
    s.advance(15 * MINUTE);
    s.hear('p2', 'unacknowledged', { by: 'ben' });
    s.advance(20 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '5 Ben at pd', '30 Eve at pd']);
  });

  test.each([
    ['unknown_page', 'p9', 'ada'],
    ['already_answered', 'p1', 'ben'],
  ] as const)('is refused with %s for page %s of %s', (code, page, by) => {
    const s = opened();
    s.feed(acknowledge, byPerson('ada'));
    expect(s.feed({ type: 'Acknowledge', page }, byPerson(by))).toMatchObject({
      ok: false,
      code,
    });
  });
});

describe('a raise rings', () => {
  const soft = withLevel(
    'L2',
    {},
    {
      levels: [
        level('L1', 0, { public: null }),
        level('L2', 1, { public: null }),
        level('L3', 2, {
          public: null,
          urgency: 'low',
          page: { triage: ['expert'], declared: [], commanded: [], onRequest: [] },
        }),
      ],
    },
  );
  const raise = { type: 'ChangeSeverity', level: 'L2', reason: null } as const;

  /** Raised, and each pager refuses for good what is asked of it then. */
  function refused(s: Story, to: string): void {
    const usual = s.answer;
    const said = { reason: 'gone', detail: '', hint: '' };
    const no: Settled = { result: 'rejected', ofAccount: false, ...said };
    s.answer = (effect) => (effect.name === 'pager.trigger' ? no : usual(effect));
    s.feed({ ...raise, level: to }, byPerson('cleo'));
    s.answer = usual;
  }

  test('an unanswered soft page gives way to one that rings high', () => {
    const s = opened(soft, { level: 'L3' });
    s.advance(2 * MINUTE).feed(raise, byPerson('cleo'));
    expect(s.pages('pager.trigger').map((one) => [one.effect.page, one.effect.urgency])).toEqual([
      ['p1', 'low'],
      ['p2', 'high'],
    ]);
    expect(s.incident.pages['p1']?.state).toBe('closed');
  });

  test('whoever rings softly on, for the ring of the raise before was refused for good', () => {
    const s = opened(soft, { level: 'L3' });
    refused(s, 'L2');
    expect(s.incident.pages['p1']?.state).toBe('open');
    const before = s.rings().length;
    s.feed({ ...raise, level: 'L1' }, byPerson('cleo'));
    expect(s.rings().slice(before)).toContain('0 Ada at pd');
    expect(s.incident.pages['p1']?.state).toBe('closed');
  });

  test('and a further one puts off nobody while no pager takes what that rings', () => {
    const s = opened(soft, { level: 'L3' });
    s.answer = () => null;
    s.feed(raise, byPerson('cleo'));
    s.advance(4 * MINUTE).feed({ ...raise, level: 'L1' }, byPerson('cleo'));
    s.advance(MINUTE);
    expect(s.rings()).toContain('5 Ben at pd');
  });

  test('whose phone rings on for the milder level, for a raise before this one was refused for good', () => {
    const s = opened(soft, { level: 'L2' });
    refused(s, 'L1');
    s.feed({ ...raise, reason: 'milder' }, byPerson('cleo'));
    const before = s.rings().length;
    s.feed({ ...raise, level: 'L1' }, byPerson('cleo'));
    expect(s.rings().slice(before)).toContain('0 Ada at pd');
  });

  test('who acknowledged softly is rung high: a repeat under the same key would be silent', () => {
    const s = opened(soft, { level: 'L3' });
    s.feed(acknowledge, byPerson('ada'));
    s.feed(raise, byPerson('cleo'));
    expect(s.pages('pager.trigger').map((one) => one.effect.urgency)).toContain('high');
    expect(s.incident.escalations['role:expert']?.state).toBe('open');
    expect(new Set(s.pages('pager.trigger').map((one) => one.effect.key)).size).toBe(
      s.pages('pager.trigger').length,
    );
  });

  test('and leaves what was answered softly as it is at its pager, where it would read as over', () => {
    const s = opened(soft, { level: 'L3' }).advance(5 * MINUTE);
    s.feed(acknowledge, byPerson('ben'));
    s.feed(raise, byPerson('cleo'));
    expect(s.rings().filter((ring) => ring === '5 Ben at pd')).toHaveLength(2);
    expect(s.pages('pager.resolve')).toEqual([]);
    expect(s.incident.pages['p2']).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ben' });
  });

  test('as softly as before by a level that is as soft: what rang shows the milder one', () => {
    const page = { triage: ['expert'], declared: [], commanded: [], onRequest: [] };
    const s = opened(withLevel('L4', { page }), { level: 'L4' });
    s.advance(MINUTE).feed({ ...raise, level: 'L3' }, byPerson('cleo'));
    expect(
      s
        .pages('pager.trigger')
        .map(({ effect }) => `${effect.page} ${effect.urgency} ${effect.title}`),
    ).toEqual(['p1 low [L4] Basket answers with errors', 'p2 low [L3] Basket answers with errors']);
    expect(s.pages('pager.resolve').map(({ effect }) => effect.page)).toEqual(['p1']);
    s.advance(4 * MINUTE);
    expect(s.rings().at(-1), 'its step goes on').toBe('5 Ben at pd');
  });

  test('who acknowledged at that urgency is not rung for nothing', () => {
    const s = opened(soft);
    s.feed(acknowledge, byPerson('ada'));
    s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('cleo'));
    expect(s.rings().filter((ring) => ring.includes('Ada'))).toHaveLength(1);
  });

  test('an exhausted escalation that the new level lets go further goes on', () => {
    const standard = base.escalationPolicies['standard'];
    const s = opened(
      policy({
        escalationPolicies: { standard: escalation(standard?.steps ?? [], { upTo: { L2: 2 } }) },
      }),
    );
    s.advance(16 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual(['escalation:role:expert']);
    s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('cleo'));
    // Eve rings for the alarm since 15: her step is the same page.
    expect(s.last('PageShared')).toMatchObject({ page: 'p3', escalation: 'role:expert' });
    expect(s.incident.alarms, 'somebody new is asked').toEqual({});
  });

  test('an alarm about nobody who answered softly ends, for it rings anew', () => {
    const s = opened({ ...soft, escalationPolicies: { standard: ownOnly } }, { level: 'L3' });
    s.advance(6 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual(['escalation:role:expert']);
    s.feed(raise, byPerson('cleo'));
    expect(s.rings().at(-1)).toBe('6 Ada at pd');
    expect(s.incident.alarms).toEqual({});
  });

  test('an alarm that rings already is not rung once more', () => {
    const s = opened(
      {
        ...soft,
        levels: soft.levels.map((one) => ({
          ...one,
          page: { ...one.page, triage: [], declared: ['commander'] },
        })),
      },
      { level: 'L3' },
    );
    s.advance(MINUTE);
    expect(s.rings()).toEqual(['0 Eve at pd']);
    s.feed(raise, byPerson('cleo'));
    s.advance(MINUTE);
    expect(s.rings()).toEqual(['0 Eve at pd']);
  });

  test('nobody whom a lowering has let go and whom the worse level does not ask for', () => {
    const asking = (more: readonly string[]) => ({
      public: null,
      page: { triage: more, declared: ['commander'], commanded: [], onRequest: [] },
    });
    const s = opened(
      policy({
        levels: [
          level('L1', 0, asking([])),
          level('L2', 1, { ...asking(['deputy']), urgency: 'low' }),
          level('L3', 2, { ...asking([]), urgency: 'low' }),
        ],
      }),
    );
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('ada'));
    expect(s.incident.escalations['role:deputy']?.state).toBe('ended');
    s.advance(MINUTE).feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('ada'));
    expect(s.rings()).toEqual(['0 Finn at pd']);
  });
});

describe('what only a person can answer', () => {
  const script = { kind: 'machine', id: 'deploy-bot', via: 'cli' } as const;

  test('a machine may not acknowledge, and is told what to do', () => {
    const s = opened();
    const decision = s.feed(acknowledge, script);
    expect(decision).toMatchObject({ ok: false, code: 'person_needed' });
    expect(decision.ok ? '' : decision.message).toContain('tocsin token create --person');
    expect(s.incident.escalations['role:expert']?.state).toBe('open');
  });

  test('a machine may offer a role to somebody, and say yes for nobody', () => {
    const s = opened();
    const assign = { type: 'AssignRole', role: 'expert', person: 'ben' } as const;
    expect(s.feed({ ...assign, confirmed: true }, script)).toMatchObject({ ok: false });
    expect(s.feed({ ...assign, confirmed: false }, script).ok).toBe(true);
    expect(s.incident.roles).toEqual({});
  });

  test('the way a person took is kept', () => {
    const s = opened();
    s.feed(acknowledge, { kind: 'person', id: 'ada', via: 'cli' });
    expect(s.events.find((event) => event.type === 'PageAcknowledged')).toMatchObject({
      by: 'ada',
      via: 'cli',
    });
  });
});
