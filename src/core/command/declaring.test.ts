/** Triage and declaration: who rings first, what declares, and what a false alarm leaves behind. */
import { describe, expect, test } from 'vitest';
import { escalation, policy, role, service, withLevel } from '../../../test/support/policy.ts';
import {
  adopted,
  byPerson,
  cleared,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
  declare,
} from '../../../test/support/story.ts';
import type { Level, Policy } from '../model/policy.ts';

const SECOND = 1_000;

function story(by: Policy = policy()): Story {
  return new Story(by);
}

const declaring = (change: Partial<Level['declare']>): Policy =>
  withLevel('L2', { declare: { by: ['person', 'acknowledgement'], orAfterMs: null, ...change } });

describe('triage', () => {
  test("rings the service's on-call and nobody else, and posts nothing", () => {
    const s = story();
    s.feed(observed());
    expect(s.rings()).toEqual(['0 Ada at pd']);
    expect(s.posts()).toEqual([]);
    expect(s.incident.phase).toBe('triage');
  });

  test.each([
    ['own, where it names one', false, ['0 Ada at pd', '5 Ben at pd', '15 Eve at pd']],
    ["role's, where it names none", true, ['0 Ada at pd', '2 Ben at pd', '4 Gus at pd']],
  ])("goes on by the steps of the service's %s", (_which, followsRole, rings) => {
    const base = policy();
    const brisk = escalation([
      { page: { kind: 'own' }, waitMs: 2 * MINUTE },
      { page: { kind: 'fallback' }, waitMs: 2 * MINUTE },
      { page: { kind: 'person', person: 'gus' }, waitMs: null },
    ]);
    const s = story(
      policy({
        services: { basket: service('basket', { followsRole }) },
        escalationPolicies: { ...base.escalationPolicies, brisk },
        roles: {
          ...base.roles,
          expert: role('expert', {
            page: { kind: 'service_on_call' },
            escalation: { kind: 'policy', policy: 'brisk' },
          }),
        },
      }),
    );
    s.feed(observed());
    s.advance(16 * MINUTE);
    expect(s.rings().slice(0, 3)).toEqual(rings);
  });

  test('of what fired and cleared before it was decided wakes nobody further, and ends with the quiet', () => {
    const s = story();
    s.feed(observed({}, { firing: 0, newlyResolved: 1 }));
    s.advance(60 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd']);
    expect(s.incident).toMatchObject({ phase: 'closed', closedAs: 'cleared' });
  });

  test('of a level that pages nobody leaves a note', () => {
    const s = story();
    s.feed(observed({ level: 'L4' }));
    expect(s.rings()).toEqual([]);
    expect(s.messages().map((one) => [one.channel, one.text])).toEqual([
      ['notes', expect.stringContaining('Nobody is paged at this level')],
    ]);
  });

  test('of an unknown level rings all the same', () => {
    const s = story();
    s.feed(observed({ level: null }));
    expect(s.rings()).toEqual(['0 Ada at pd']);
  });

  test('of an unknown service rings the on-call of the team', () => {
    const s = story();
    s.feed(observed({ service: null }));
    expect(s.rings()).toEqual(['0 Ada at pd']);
  });

  test('tells on the phone what it is for and why', () => {
    const s = story();
    s.feed(observed());
    const [page] = s.pages('pager.trigger');
    expect(page?.effect).toMatchObject({
      title: '[L2] Basket answers with errors',
      urgency: 'high',
      key: 'tocsin/test/inc-1/p1',
    });
    expect(page?.effect.body).toContain('You are needed as expert.');
    expect(page?.effect.body).toContain('rule "basket errors" (shop.yaml:7) gives L2');
  });
});

describe('an incident is declared', () => {
  test('by a person', () => {
    const s = story();
    s.feed(observed());
    s.feed(
      {
        type: 'Declare',
        level: null,
        title: 'Baskets are empty',
        team: null,
        service: null,
        text: null,
        flags: [],
      },
      byPerson('ben'),
    );
    expect(s.last('IncidentDeclared')).toMatchObject({ how: 'person', title: 'Baskets are empty' });
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Cleo at pd', '0 Dev at pd']);
    expect(s.posts()).toEqual(['0 investigating']);
  });

  test('by an acknowledgement', () => {
    const s = story();
    s.feed(observed());
    s.advance(2 * MINUTE);
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.last('IncidentDeclared')).toMatchObject({
      how: 'acknowledgement',
      at: START + 2 * MINUTE,
    });
    expect(s.incident.roles).toMatchObject({ expert: { person: 'ada' } });
    expect(s.rings()).toEqual(['0 Ada at pd', '2 Cleo at pd', '2 Dev at pd']);
  });

  test('by a trusted rule, at once', () => {
    const s = story(declaring({ by: ['trusted_rule'] }));
    s.feed(observed({ trusted: true }));
    expect(s.last('IncidentDeclared')).toMatchObject({ how: 'trusted_rule', at: START });
  });

  test('by what still fires after the time of its level', () => {
    const s = story(declaring({ orAfterMs: 5 * MINUTE }));
    s.feed(observed());
    s.advance(4 * MINUTE);
    expect(s.incident.declaredAt).toBeNull();
    s.advance(MINUTE);
    expect(s.last('IncidentDeclared')).toMatchObject({
      how: 'still_firing',
      at: START + 5 * MINUTE,
    });
  });

  test.each<[string, Policy, boolean]>([
    ['a trusted rule, where the level does not say so', declaring({}), true],
    ['a rule that is not trusted', declaring({ by: ['trusted_rule'] }), false],
  ])('but not by %s', (_sentence, by, trusted) => {
    const s = story(by);
    s.feed(observed({ trusted }));
    expect(s.incident.declaredAt).toBeNull();
  });

  test('but not by an acknowledgement, where the level does not say so', () => {
    const s = story(declaring({ by: ['person'] }));
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.incident.phase).toBe('triage');
  });

  test('but not by what has cleared before the time of its level', () => {
    const s = story(declaring({ orAfterMs: 5 * MINUTE }));
    s.feed(observed());
    s.advance(3 * MINUTE).feed(cleared);
    s.advance(20 * MINUTE);
    expect(s.incident).toMatchObject({ declaredAt: null, phase: 'closed', closedAs: 'cleared' });
  });

  test.each([
    ['half an hour', 2 * MINUTE, 40 * MINUTE],
    ['two seconds', 5 * MINUTE - SECOND, 15 * MINUTE + SECOND],
  ])(
    'but not by what has cleared, although the server was down until %s after the end of the soak',
    (_time, clearedAt, backAt) => {
      const s = story(declaring({ orAfterMs: 5 * MINUTE }));
      s.feed(observed());
      s.advance(clearedAt).feed(cleared);
      s.downFor(backAt - clearedAt);
      expect(s.incident).toMatchObject({ declaredAt: null, phase: 'closed', closedAs: 'cleared' });
      expect(s.rings()).toEqual(['0 Ada at pd']);
      expect(s.posts()).toEqual([]);
    },
  );

  test('twice is refused', () => {
    const s = story();
    s.feed(observed());
    const declare = {
      type: 'Declare',
      level: null,
      title: null,
      team: null,
      service: null,
      text: null,
      flags: [],
    } as const;
    s.feed(declare, byPerson('ada'));
    expect(s.feed(declare, byPerson('ada'))).toMatchObject({ ok: false, code: 'already_declared' });
  });

  test('by a person out of nothing, with the level left open: the on-call of the team looks', () => {
    const s = story();
    s.feed(
      {
        type: 'Declare',
        level: null,
        title: 'Something is wrong',
        team: null,
        service: null,
        text: null,
        flags: [],
      },
      byPerson('ben'),
    );
    expect(s.incident).toMatchObject({
      level: null,
      phase: 'investigating',
      routing: { team: 'shop' },
    });
    expect(s.rings()).toEqual(['0 Ada at pd']);
    s.feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('ben'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Cleo at pd', '0 Dev at pd']);
  });

  test.each([
    ['unknown_level', { level: 'L9' }],
    ['unknown_service', { service: 'nothing' }],
    ['unknown_team', { team: 'nobody' }],
  ])('never with an %s', (code, change) => {
    expect(
      story().feed(
        {
          type: 'Declare',
          level: null,
          title: null,
          team: null,
          service: null,
          text: null,
          flags: [],
          ...change,
        },
        byPerson('ben'),
      ),
    ).toMatchObject({ ok: false, code });
  });
});

describe('a false alarm', () => {
  test('closed in triage posts nothing and leaves every phone in peace', () => {
    const s = story();
    s.feed(observed());
    s.feed({ type: 'MarkFalsePositive', reason: 'a test of the load balancer' }, byPerson('ada'));
    s.advance(24 * 60 * MINUTE);
    expect(s.posts()).toEqual([]);
    expect(s.pages('pager.resolve').map((one) => one.effect.key)).toEqual(['tocsin/test/inc-1/p1']);
    expect(s.incident).toMatchObject({ closedAs: 'false_positive', declaredAt: null });
    expect(s.owed()).toEqual([]);
  });

  test('that fires, clears, fires and clears rings once, posts nothing and closes by itself', () => {
    const s = story();
    s.feed(observed());
    s.advance(3 * MINUTE).feed(cleared);
    s.advance(2 * MINUTE).feed(observed());
    s.advance(3 * MINUTE).feed(cleared);
    s.advance(60 * MINUTE);
    expect(s.rings().filter((ring) => ring.includes('Ada'))).toEqual(['0 Ada at pd']);
    expect(s.posts()).toEqual([]);
    expect(s.incident).toMatchObject({ closedAs: 'cleared', declaredAt: null });
  });
});

describe('the moment of command', () => {
  test('pages whom the level wants then', () => {
    const s = story();
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(MINUTE).feed({ type: 'Acknowledge', page: null }, byPerson('cleo'));
    expect(s.rings().at(-1)).toBe('1 Gus at pd');
  });

  test('has come already when the commander was there before the declaration', () => {
    const s = story();
    s.feed(observed());
    s.feed(
      { type: 'AssignRole', role: 'commander', person: 'cleo', confirmed: true },
      byPerson('cleo'),
    );
    expect(s.rings()).toEqual(['0 Ada at pd']);
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Dev at pd', '0 Gus at pd']);
  });

  test('leaves on the phone whoever was asked for by hand, to command in another role', () => {
    const base = policy();
    const deputy = role('deputy', { page: { kind: 'person', person: 'finn' }, commands: true });
    const s = story(policy({ roles: { ...base.roles, deputy } }));
    s.feed(observed());
    s.feed(declare, byPerson('ada'));
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('ada'));
    expect(s.rings()).toContain('0 Finn at pd');
    s.advance(MINUTE).feed({ type: 'Acknowledge', page: null }, byPerson('cleo'));
    expect(s.incident.roles).toMatchObject({ commander: { person: 'cleo' } });
    expect(s.incident.escalations).toMatchObject({ 'role:deputy': { state: 'open' } });
  });

  test('that comes too late is said', () => {
    const s = story(
      withLevel('L2', { respond: { acknowledgeMs: 5 * MINUTE, engageMs: 15 * MINUTE } }),
    );
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(15 * MINUTE);
    expect(s.last('ClockMissed')).toMatchObject({ clock: 'engage', at: START + 15 * MINUTE });
  });
});

describe('an incident that rings at a vendor already', () => {
  test('is adopted: the on-call is not rung again', () => {
    const s = story();
    s.feed({ ...observed(), adopted: adopted() });
    expect(s.rings()).toEqual([]);
    expect(s.incident.pages['p1']).toMatchObject({ adopted: true, person: 'ada', state: 'open' });
  });

  test('is declared by the acknowledgement there', () => {
    const s = story();
    s.feed({ ...observed(), adopted: adopted() });
    s.advance(MINUTE).hear('p1', 'acknowledged', { ref: 'Q1', by: 'ada' });
    expect(s.incident.roles).toMatchObject({ expert: { person: 'ada' } });
    expect(s.rings()).toEqual(['1 Cleo at pd', '1 Dev at pd']);
    expect(s.pages('pager.acknowledge'), 'it came from there').toEqual([]);
  });

  test('may be acknowledged already', () => {
    const s = story();
    s.feed({ ...observed(), adopted: adopted({ acknowledgedBy: 'ada' }) });
    expect(s.rings()).toEqual(['0 Cleo at pd', '0 Dev at pd']);
  });

  test('is not over when it is merged there', () => {
    const s = story();
    s.feed({ ...observed(), adopted: adopted() });
    s.hear('p1', 'merged', { ref: 'Q1', text: 'Q2' });
    s.advance(30 * MINUTE);
    expect(s.incident.phase).toBe('triage');
    expect(s.types()).not.toContain('IncidentResolved');
    expect(s.incident.escalations['role:expert']?.state, 'an answer is still owed').not.toBe(
      'answered',
    );
  });

  test('is closed there when ours is resolved', () => {
    const s = story();
    s.feed({ ...observed(), adopted: adopted({ acknowledgedBy: 'ada' }) });
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    expect(s.pages('pager.resolve').map((one) => one.effect.key)).toContain('ref:Q1');
  });
});

describe("a storm's parent", () => {
  const storm = { over: 'source prom', children: ['inc-7', 'inc-8'] };
  const base = policy();
  const two = policy({
    services: {
      basket: base.services['basket'] ?? never(),
      search: {
        ...(base.services['basket'] ?? never()),
        id: 'search',
        onCall: { kind: 'person', person: 'ben' },
        components: [{ target: 'page', name: 'Search', id: 'c2' }],
      },
    },
  });

  test('rings the on-call of every service that arrives in one turn, each person once', () => {
    const s = story(two);
    s.feed({ ...observed(), storm, services: ['basket', 'search'] });
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Ben at pd']);
    s.advance(MINUTE).feed({ ...observed({ service: 'search' }), services: ['search'] });
    expect(s.rings()).toHaveLength(2);
  });

  test('rings for services that it reaches later', () => {
    const s = story(two);
    s.feed({ ...observed(), storm });
    s.advance(MINUTE).feed({ ...observed(), services: ['basket', 'search'] });
    expect(s.rings()).toEqual(['0 Ada at pd', '1 Ben at pd']);
    expect(s.incident.storm?.services).toEqual(['basket', 'search']);
  });

  test('keeps a page informed that it reaches after its declaration', () => {
    const s = story({
      ...two,
      services: {
        ...two.services,
        search: {
          ...(two.services['search'] ?? never()),
          components: [{ target: 'status', name: 'Search', id: 'c2' }],
        },
      },
      targets: { ...two.targets, status: { ...(two.targets['page'] ?? never()) } },
    });
    s.feed({ ...observed(), storm });
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(MINUTE).feed({ ...observed(), services: ['search'] });
    expect(Object.values(s.incident.drafts).map(({ target, state }) => [target, state])).toEqual([
      ['page', 'waiting'],
      ['status', 'waiting'],
    ]);
  });

  test('holds its post for a person, and names every component', () => {
    const s = story(two);
    s.feed({ ...observed(), storm, services: ['basket', 'search'] });
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.posts()).toEqual([]);
    expect(s.incident.drafts['d1']).toMatchObject({ approval: 'required', state: 'waiting' });
    expect(s.incident.drafts['d1']?.body).toContain('Basket and Search');
  });

  test('speaks for its children: they post nothing more', () => {
    const s = story();
    s.feed(observed());
    s.feed({ type: 'JoinedParent', parent: 'inc-9' });
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(60 * MINUTE);
    expect(s.posts()).toEqual([]);
    expect(s.incident.drafts).toEqual({});
  });
});

function never(): never {
  throw new Error('the base policy has no service basket');
}

describe('while automation is paused', () => {
  const paused = (until: number) => ({
    ...noLookups,
    pauses: { automation: { since: START, until, by: 'ada', why: 'a migration' } },
  });

  test('no trusted rule declares', () => {
    const s = new Story(withLevel('L2', { declare: { by: ['trusted_rule'], orAfterMs: null } }));
    s.lookups = paused(START + 10 * MINUTE);
    s.feed(observed({ trusted: true }));
    expect(s.incident.declaredAt).toBeNull();
  });

  test('what still fires is declared when the pause ends', () => {
    const s = new Story(withLevel('L2', { declare: { by: ['person'], orAfterMs: 5 * MINUTE } }));
    s.lookups = paused(START + 20 * MINUTE);
    s.feed(observed());
    s.advance(19 * MINUTE);
    expect(s.incident.declaredAt).toBeNull();
    s.advance(MINUTE);
    expect(s.incident.declaredAt).toBe(START + 20 * MINUTE);
  });
});

test('a flag that is set already holds up no declaration', () => {
  const s = new Story(policy({ flags: { leak: { public: 'never' } } }));
  s.feed(observed());
  s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('ada'));
  expect(s.feed({ ...declare, flags: ['leak'] }, byPerson('ada')).ok).toBe(true);
  expect(s.incident.declaredAt).not.toBeNull();
});
