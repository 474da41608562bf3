/** Who commands, who keeps apart, and what is said when nobody comes in time. */
import { describe, expect, test } from 'vitest';
import { escalation, policy, role, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  type PageObserved,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Settled } from '../model/effect.ts';
import type { Routing } from '../model/input.ts';
import type { Policy, Role } from '../model/policy.ts';

const base = policy();
const acknowledge = { type: 'Acknowledge', page: null } as const;

function withRoles(change: Readonly<Record<string, Role>>): Policy {
  return policy({ roles: { ...base.roles, ...change } });
}

function opened(by: Policy): Story {
  const s = new Story(by);
  s.feed(observed());
  return s;
}

describe('the commander', () => {
  test('who answered the first page is asked to command, and brings whom the level wants then', () => {
    const s = opened(
      withRoles({
        commander: role('commander', { page: { kind: 'person', person: 'ada' }, commands: true }),
      }),
    );
    s.feed(acknowledge, byPerson('ada'));
    expect(s.incident.roles).toMatchObject({ expert: { person: 'ada' } });
    expect(s.incident.roles).not.toHaveProperty('commander');
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Ada at pd', '0 Dev at pd']);
    s.feed(acknowledge, byPerson('ada'));
    expect(s.incident.roles).toMatchObject({ commander: { person: 'ada' } });
    expect(s.rings().slice(3)).toEqual(['0 Gus at pd']);
  });

  test('who is asked for two roles that exclude each other has one by answering, and the other is looked for', () => {
    const toAda = { page: { kind: 'person', person: 'ada' } } as const;
    const s = opened(
      withRoles({
        commander: role('commander', { ...toAda, commands: true }),
        voice: role('voice', {
          ...toAda,
          neverWith: ['commander'],
          fallback: [{ kind: 'person', person: 'dev' }],
        }),
      }),
    );
    s.feed(acknowledge, byPerson('ada'));
    s.feed(declare, byPerson('ben'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Ada at pd']);
    s.feed(acknowledge, byPerson('ada'));
    expect(s.incident.roles).toMatchObject({ commander: { person: 'ada' } });
    expect(s.incident.roles).not.toHaveProperty('voice');
    expect(s.rings()).toContain('0 Dev at pd');
  });

  test('is nobody whom we do not know: the address that they answered rings anew for the command', () => {
    const rota = {
      target: 'pd',
      address: { service: 'rota' },
      label: 'the rota',
    };
    const toRota = { page: { kind: 'addresses', addresses: [rota] } } as const;
    const s = opened(
      withRoles({
        expert: role('expert', toRota),
        commander: role('commander', { ...toRota, commands: true }),
      }),
    );
    s.hear('p1', 'acknowledged', { by: 'a stranger', known: false });
    s.feed(declare, byPerson('ben'));
    expect(s.rings().filter((ring) => ring.includes('rota'))).toHaveLength(2);
    s.hear('p2', 'acknowledged', { by: 'a stranger', known: false });
    expect(s.incident.escalations['role:commander']?.state).toBe('answered');
    expect(s.incident.roles).toEqual({});
  });

  test('whom nobody knows is not the person of that name, whose other role would keep them apart', () => {
    const s = opened(
      withRoles({
        commander: role('commander', {
          page: { kind: 'person', person: 'cleo' },
          commands: true,
          neverWith: ['expert'],
        }),
      }),
    );
    s.feed(acknowledge, byPerson('ada'));
    s.feed(declare, byPerson('ben'));
    const cleo = Object.values(s.incident.pages).find(({ person }) => person === 'cleo');
    s.hear(cleo?.id ?? 'p0', 'acknowledged', { by: 'ada', known: false });
    expect(s.incident.escalations['role:commander']?.state).toBe('answered');
  });

  test('whom nobody knows brings nobody under command', () => {
    const s = opened(base);
    s.feed(declare, byPerson('ben'));
    const cleo = Object.values(s.incident.pages).find(({ person }) => person === 'cleo');
    s.hear(cleo?.id ?? 'p0', 'acknowledged', { by: 'a stranger', known: false });
    expect(s.incident.escalations['role:commander']?.state).toBe('answered');
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Cleo at pd', '0 Dev at pd']);
  });
});

describe('somebody who is here already and comes to command', () => {
  const answers = (by: Policy, alert: Partial<Routing>): Story => {
    const s = new Story(by);
    s.feed(observed(alert));
    s.feed(acknowledge, byPerson('ada'));
    s.feed(declare, byPerson('ben'));
    return s;
  };
  const commander = (change: Partial<Role>) => ({
    roles: { ...base.roles, commander: role('commander', { commands: true, ...change }) },
  });
  const ada = { kind: 'person', person: 'ada' } as const;
  const cleo = { kind: 'person', person: 'cleo' } as const;
  const raise = { type: 'ChangeSeverity', level: 'L2', reason: null } as const;
  const toGus = (s: Story): readonly string[] => s.rings().filter((one) => one.includes('Gus'));

  test('by a raise brings whom the level wants then, and is asked into the room', () => {
    const first = { triage: ['expert'], declared: [], commanded: [], onRequest: [] };
    const s = answers(
      withLevel(
        'L3',
        { page: first, room: true, urgency: 'high' },
        { ...commander({ page: ada }), room: { target: 'chat', name: 'inc-{{date}}' } },
      ),
      { level: 'L3' },
    );
    const before = s.messages().length;
    s.advance(MINUTE).feed(raise, byPerson('ben'));
    const said = s.messages().slice(before);
    expect(said.filter(({ about }) => about.kind === 'status').map(({ text }) => text)).toEqual([
      expect.stringContaining('Severity is L2 now'),
    ]);
    s.feed(acknowledge, byPerson('ada'));
    expect(s.incident.roles).toMatchObject({ commander: { person: 'ada' } });
    expect(toGus(s)).toEqual(['1 Gus at pd']);
    const invited = s.messages().slice(before);
    expect(invited.flatMap(({ name, users }) => (name === 'chat.invite' ? users : []))).toEqual([
      'U-ada',
    ]);
  });

  test('by a further step of the search brings them', () => {
    const s = answers(policy(commander({ page: cleo, fallback: [ada] })), {});
    s.advance(5 * MINUTE).feed(acknowledge, byPerson('ada'));
    expect(s.incident.roles).toMatchObject({ commander: { person: 'ada' } });
    expect(toGus(s)).toEqual(['5 Gus at pd']);
  });

  test('by a step that only the higher level allows brings them', () => {
    const { standard } = base.escalationPolicies;
    if (standard === undefined) throw new Error('the base policy has steps');
    const s = answers(
      withLevel(
        'L3',
        { urgency: 'high' },
        {
          ...commander({ page: cleo, fallback: [ada] }),
          escalationPolicies: { standard: { ...standard, upTo: { L3: 1 } } },
        },
      ),
      { level: 'L3' },
    );
    s.advance(6 * MINUTE);
    expect(s.incident.escalations['role:commander']?.state).toBe('exhausted');
    s.feed(raise, byPerson('ben'));
    s.feed(acknowledge, byPerson('ada'));
    expect(toGus(s)).toEqual(['6 Gus at pd']);
  });
});

describe('roles that must stay apart', () => {
  const apart = (change: Partial<Role>): Policy =>
    withRoles({
      commander: role('commander', {
        page: { kind: 'person', person: 'ada' },
        commands: true,
        neverWith: ['expert'],
        ...change,
      }),
    });

  test('ring the fallback at once while the person is being rung for the other one', () => {
    const s = opened(apart({ fallback: [{ kind: 'person', person: 'finn' }] }));
    s.feed(declare, byPerson('ben'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Finn at pd', '0 Dev at pd']);
  });

  test('ask who is merely being rung for the other one, where a step names nobody else', () => {
    const s = opened(apart({ fallback: [{ kind: 'person', person: 'ada' }] }));
    s.feed(declare, byPerson('ben'));
    expect(s.rings(), 'no manager is woken, for Ada may choose').toEqual([
      '0 Ada at pd',
      '0 Dev at pd',
    ]);
  });

  test('hold back nobody whose page was closed by nobody we know of', () => {
    const s = opened(apart({ fallback: [{ kind: 'person', person: 'finn' }] }));
    s.hear('p1', 'resolved');
    expect(s.incident.pages['p1']?.state).toBe('closed');
    s.feed(declare, byPerson('ben'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Ada at pd', '0 Dev at pd']);
  });

  test('hold back nobody who is rung for the other one no more', () => {
    const s = opened({
      ...withLevel('L3', {
        page: { triage: [], declared: ['voice'], commanded: [], onRequest: ['deputy'] },
      }),
      roles: {
        ...base.roles,
        voice: role('voice', { page: { kind: 'person', person: 'ada' } }),
        deputy: role('deputy', { page: { kind: 'person', person: 'ada' }, neverWith: ['expert'] }),
      },
    });
    s.feed(declare, byPerson('ben'));
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('ben'));
    expect(s.incident).toMatchObject({
      pages: { p1: { person: 'ada', state: 'open' } },
      escalations: { 'role:expert': { state: 'ended' }, 'role:voice': { state: 'open' } },
    });
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
    expect(s.incident.pages['p1']?.escalations).toContain('role:deputy');
  });

  test("leave whom both ring the one that the level's triage asks for, also where it came with a later raise", () => {
    const toAda = { page: { kind: 'person', person: 'ada' } } as const;
    const nobody = { triage: [], declared: [], commanded: [], onRequest: [] };
    const s = opened({
      ...policy({
        levels: base.levels.map((level) =>
          level.id === 'L1'
            ? { ...level, page: { ...nobody, triage: ['expert'], declared: ['voice'] } }
            : { ...level, page: { ...nobody, declared: ['voice'] } },
        ),
      }),
      roles: {
        ...base.roles,
        voice: role('voice', { ...toAda, neverWith: ['expert'] }),
        expert: role('expert', { ...toAda, fallback: [{ kind: 'person', person: 'ada' }] }),
      },
    });
    s.feed(declare, byPerson('ben'));
    s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('ben'));
    s.feed(acknowledge, byPerson('ada'));
    expect(s.incident.roles).toMatchObject({ expert: { person: 'ada' } });
    expect(s.incident.roles).not.toHaveProperty('voice');
  });

  test('stay apart whichever of the two says so', () => {
    const said = withRoles({
      commander: role('commander', {
        page: { kind: 'person', person: 'ada' },
        fallback: [{ kind: 'person', person: 'finn' }],
        commands: true,
      }),
      expert: role('expert', { page: { kind: 'service_on_call' }, neverWith: ['commander'] }),
    });
    const s = opened(said);
    s.feed(acknowledge, byPerson('ada'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Finn at pd', '0 Dev at pd']);
    expect(
      s.feed(
        { type: 'AssignRole', role: 'commander', person: 'ada', confirmed: true },
        byPerson('ada'),
      ),
    ).toMatchObject({ ok: false, code: 'roles_apart' });
  });
});

describe('a declared incident', () => {
  const timed = withLevel('L2', {
    respond: { acknowledgeMs: 5 * MINUTE, engageMs: 15 * MINUTE },
    declare: { by: ['person'], orAfterMs: null },
  });
  const missed = (s: Story): readonly string[] =>
    s.events.flatMap((event) =>
      event.type === 'ClockMissed' ? [`${(event.at - START) / MINUTE} ${event.clock}`] : [],
    );

  test('that nobody acknowledges in time says so, and so when nobody commands', () => {
    const s = opened(timed);
    s.feed(declare, byPerson('ben'));
    s.advance(20 * MINUTE);
    expect(missed(s)).toEqual(['5 acknowledge', '15 engage']);
    expect(s.messages().map((one) => one.text)).toEqual(
      expect.arrayContaining([
        'inc-1: nobody has acknowledged within the time of L2.',
        'inc-1: nobody commands within the time of L2.',
      ]),
    );
  });

  test('that somebody acknowledges and commands in time says nothing', () => {
    const s = opened(timed);
    s.feed(declare, byPerson('ben'));
    s.advance(4 * MINUTE).feed(acknowledge, byPerson('ada'));
    s.advance(10 * MINUTE).feed(acknowledge, byPerson('cleo'));
    s.advance(20 * MINUTE);
    expect(missed(s)).toEqual([]);
  });

  test('is not acknowledged by whoever answers an alarm about something else', () => {
    const s = opened({
      ...timed,
      automation: {
        ...base.automation,
        alarm: { page: { kind: 'person', person: 'gus' }, chat: null },
      },
      levels: timed.levels.map((one) =>
        one.id === 'L2'
          ? {
              ...one,
              respond: { acknowledgeMs: 13 * MINUTE, engageMs: null },
              notify: [{ who: [{ kind: 'group', group: 'ghosts' }], withinMs: MINUTE }],
            }
          : one,
      ),
    });
    s.feed(declare, byPerson('ben'));
    s.advance(12 * MINUTE);
    expect(s.rings(), 'of a notice that reached nobody').toContain('11 Gus at pd');
    expect(s.feed(acknowledge, byPerson('gus')).ok).toBe(true);
    s.advance(MINUTE);
    expect(missed(s)).toEqual(['13 acknowledge']);
  });
});

describe('a phase', () => {
  test('is not set before somebody declares', () => {
    const s = opened(withLevel('L2', { declare: { by: ['person'], orAfterMs: null } }));
    expect(
      s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('ada')),
    ).toMatchObject({ ok: false, code: 'not_declared' });
  });
});

describe('a declaration', () => {
  test('may raise the level, and never lowers it without a reason', () => {
    const s = opened(base);
    expect(s.feed({ ...declare, level: 'L3' }, byPerson('ben'))).toMatchObject({
      ok: false,
      code: 'lowering_needs_reason',
    });
    expect(s.incident).toMatchObject({ level: 'L2', declaredAt: null });
    expect(s.feed({ ...declare, level: 'L1' }, byPerson('ben')).ok).toBe(true);
    expect(s.incident.level).toBe('L1');
  });
});

describe('an answer that names no page', () => {
  const speakers = { target: 'pd', address: { service: 'speakers' }, label: 'pd Speakers' };
  const elsewhere = role('voice', { page: { kind: 'addresses', addresses: [speakers] } });

  test('is for the pages of whoever gives it, not for a role that rings at an address of its own', () => {
    const s = opened(withRoles({ voice: elsewhere }));
    s.feed(declare, byPerson('ben'));
    s.feed(acknowledge, byPerson('ada'));
    const states = Object.values(s.incident.pages).map(({ label, state }) => [label, state]);
    expect(Object.fromEntries(states)).toMatchObject({
      Ada: 'acknowledged',
      'pd Speakers': 'open',
    });
    expect(s.incident.roles).not.toHaveProperty('voice');
  });
});

describe('a role whose steps are over', () => {
  test('is being paged: it is not asked for a second time', () => {
    const once = escalation([{ page: { kind: 'own' }, waitMs: 5 * MINUTE }]);
    const s = opened(policy({ escalationPolicies: { standard: once } }));
    s.advance(17 * MINUTE);
    expect(s.incident.escalations['role:expert']?.state).toBe('exhausted');
    const before = s.rings();
    const page = { type: 'PageRole', role: 'expert' } as const;
    const known = s.types().length;
    expect(s.feed(page, byPerson('ben')).ok, 'it is known that a person asks').toBe(true);
    expect(s.types().slice(known), 'and nothing else').toEqual(['EscalationStarted']);
    expect(s.feed(page, byPerson('ben'))).toMatchObject({ ok: false, code: 'already_paging' });
    expect(s.rings()).toEqual(before);
    expect(s.incident.escalations['role:expert']?.state).toBe('exhausted');
  });
});

describe('what a vendor tells of a page', () => {
  /** The first pager has not confirmed it within a minute, or has refused it; the second one rings. */
  function atTheSecond(first: Settled | null): Story {
    const s = new Story(base);
    const usual = s.answer;
    s.answer = (effect) =>
      effect.name === 'pager.trigger' && effect.target === 'pd' ? first : usual(effect);
    s.feed(observed());
    return s.advance(MINUTE);
  }
  /** By somebody whom the policy does not know, or by nobody. */
  const told = (s: Story, action: PageObserved['action'], by: string | null = null): void =>
    void s.hear('p1', action, { target: 'og', by, known: false });

  test('is an answer where nothing ended at that pager, whatever ended at another', () => {
    const s = atTheSecond(null);
    s.lookups = { ...noLookups, endedUnder: ({ target }) => (target === 'pd' ? ['ben'] : []) };
    told(s, 'acknowledged', 'a stranger');
    expect(s.incident.pages['p1']).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'a stranger',
    });
  });

  test('is our own call where it ended there', () => {
    const s = atTheSecond(null);
    s.lookups = { ...noLookups, endedUnder: ({ target }) => (target === 'og' ? ['ben'] : []) };
    told(s, 'acknowledged', 'a stranger');
    expect(s.incident.pages['p1']?.state).toBe('open');
  });

  test('ends a page that no phone rings for any more: closed at one pager, refused by the other', () => {
    const s = atTheSecond({
      result: 'rejected',
      ofAccount: false,
      reason: 'unauthorized',
      detail: 'no',
      hint: 'Look.',
    });
    told(s, 'resolved');
    expect(s.incident.pages['p1']).toMatchObject({
      state: 'closed',
      acknowledgedBy: null,
      rings: [{ status: 'failed' }, { status: 'closed' }],
    });
  });
});

describe('what a pager tells of somebody', () => {
  const seen = (s: Story, person: string): number | undefined => s.incident.signsOfLife[person];

  test('shows that they are there, unless it tells of it later than it is asked', () => {
    const s = opened(base);
    s.advance(10 * MINUTE);
    s.hear('p1', 'noted', { by: 'ben', text: 'I look.', saidAt: s.now - 2 * MINUTE });
    expect(seen(s, 'ben')).toBe(s.now);
    s.hear('p1', 'noted', { by: 'cleo', text: 'I looked.', saidAt: s.now - 5 * MINUTE });
    expect(seen(s, 'cleo')).toBeUndefined();
    expect(s.last('PageNoted')).toMatchObject({
      action: 'noted by cleo, told 5 min later',
      by: null,
    });
  });

  test('of its own ring is nothing that anybody did', () => {
    const s = new Story(base);
    s.answer = () => null;
    s.feed(observed());
    s.feed(
      {
        type: 'PageObserved',
        page: 'p1',
        action: 'triggered',
        target: 'pd',
        key: s.incident.pages['p1']?.rings[0]?.key ?? '',
        ref: 'x',
        by: 'ben',
        known: true,
        text: null,
      },
      byPerson('ben'),
    );
    expect(s.last('RingChanged')).toBeDefined();
    expect(seen(s, 'ben')).toBeUndefined();
  });
});
