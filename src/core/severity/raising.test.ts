/** A raise rings: which phones ring anew, and which show the level of now as they ring. */
import { describe, expect, test } from 'vitest';
import { address, policy, role, withLevel } from '../../../test/support/policy.ts';
import {
  adopted,
  byPerson,
  MINUTE,
  noLookups,
  observed,
  ringing,
  ringsAt,
  Story,
} from '../../../test/support/story.ts';
import type { Fact } from '../model/input.ts';
import type { Policy } from '../model/policy.ts';

const base = policy();

/** What its pagers were asked for: each ring with its level, each word beside one. */
function asked(s: Story): readonly string[] {
  return s.sent.flatMap(({ effect }) => {
    if (effect.name === 'pager.trigger') return [`${effect.page} ${effect.title.split(' ')[0]}`];
    return effect.name === 'pager.note' ? [`beside ${effect.page} [${effect.severity}]`] : [];
  });
}

/** By somebody who has nothing to do with it. */
function raise(s: Story): Story {
  s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('finn'));
  return s;
}

function opened(by: Policy, fact: Fact = observed()): Story {
  const s = new Story(by);
  s.feed(fact);
  return s;
}

/** An incident at L2, whose phone is that of another incident already. */
function beside(level: string): Story {
  const s = new Story(base);
  s.lookups = {
    ...noLookups,
    ...ringsAt(ringing({ level, target: 'og', key: 'tocsin/test/inc-0/p1.2' })),
  };
  s.feed(observed());
  return s;
}

describe('a phone that rings for another incident', () => {
  test('rings for this one by itself where that is milder than this one is now', () => {
    const s = beside('L2');
    raise(s.advance(MINUTE));
    expect(s.incident.pages).toMatchObject({
      p1: { state: 'closed' },
      p2: { state: 'open', rings: [{ status: 'confirmed' }], escalations: ['role:expert'] },
    });
    expect(asked(s)).toContain('p2 [L1]');
  });

  test('shows the level of now where that is as bad', () => {
    const s = beside('L1');
    raise(s.advance(MINUTE));
    expect(s.incident.pages).toMatchObject({ p1: { state: 'open' } });
    expect(asked(s)).toEqual(['beside p1 [L2]', 'beside p1 [L1]']);
  });
});

/** Whoever is on call is an address of the vendor's. */
const atVendor = (): Policy =>
  policy({
    roles: {
      ...base.roles,
      expert: role('expert', {
        page: { kind: 'addresses', addresses: [address('og', 'desk')] },
        escalation: { kind: 'vendor', unanswered: null },
      }),
    },
  });

test('what a vendor walks by an address of its own is not begun again', () => {
  const s = opened(atVendor());
  raise(s.advance(MINUTE));
  expect(asked(s)).toEqual(['p1 [L2]', 'beside p1 [L1]']);
});

test('nor is the vendor’s own incident, which goes on there', () => {
  const s = opened(base, { ...observed(), adopted: adopted() });
  raise(s.advance(MINUTE));
  expect(s.incident.pages).toMatchObject({ p1: { adopted: true, state: 'open' } });
  expect(Object.keys(s.incident.pages)).toEqual(['p1']);
});

test('what no pager has taken yet leaves with the level of now, once', () => {
  const s = new Story(base);
  const usual = s.answer;
  s.answer = () => null;
  s.feed(observed());
  raise(s);
  s.answer = usual;
  s.advance(MINUTE);
  expect(Object.keys(s.incident.pages)).toEqual(['p1']);
});

test('an offer rings on: it is a question of its own', () => {
  const s = opened(base);
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  s.feed({ type: 'AssignRole', role: 'deputy', person: 'eve', confirmed: false }, byPerson('ada'));
  const before = s.rings().filter((ring) => ring.includes('Eve'));
  raise(s.advance(MINUTE));
  expect(before).toHaveLength(1);
  expect(s.rings().filter((ring) => ring.includes('Eve'))).toEqual(before);
});

test('the first level of an incident that had none is no raise: it counted as the worst', () => {
  const s = opened(base, observed({ level: null }));
  const before = s.rings();
  raise(s.advance(MINUTE));
  expect(s.rings().filter((ring) => ring.includes('Ada'))).toEqual(
    before.filter((ring) => ring.includes('Ada')),
  );
});

test('what rings anew rings for all that it rang for', () => {
  const page = { triage: ['expert', 'writer'], declared: [], commanded: [], onRequest: [] };
  const writer = role('writer', { page: { kind: 'person', person: 'ada' } });
  const both = { roles: { ...base.roles, writer } };
  const s = opened(withLevel('L1', { page }, withLevel('L2', { page }, both)));
  raise(s.advance(MINUTE));
  const again = s.pages('pager.trigger').find(({ effect }) => effect.page === 'p2');
  expect(again?.effect.body).toContain('You are needed as expert. You are needed as writer.');
  expect(s.incident.pages['p2']?.escalations).toEqual(['role:expert', 'role:writer']);
});

test('what waits to ring anew is asked for once, however often it is raised', () => {
  const levels = base.levels.map((one) => ({ ...one, urgency: 'high' as const }));
  const s = opened({ ...base, levels }, observed({ level: 'L3' }));
  s.advance(MINUTE);
  s.answer = () => null;
  s.feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('finn'));
  raise(s);
  expect(Object.values(s.incident.pages).filter(({ person }) => person === 'ada')).toHaveLength(2);
});

/** Everybody is rung by Opsgenie alone, which says later what came of a ring. */
function onlyOpsgenie(): Policy {
  const people = Object.entries(base.people).map(([id, person]) => {
    const addresses = person.addresses.filter(({ target }) => target === 'og');
    return [id, { ...person, addresses }] as const;
  });
  return policy({ people: Object.fromEntries(people) });
}

describe('the phone that rang before rings on', () => {
  test.each([
    ['refuses', { refused: 'limit reached' }],
    ['loses', {}],
  ])('where its pager accepts the new ring and %s it then', (_what, more) => {
    const read = { found: false, externalRef: null, status: null, by: null, ...more } as const;
    const s = opened(onlyOpsgenie());
    s.advance(2 * MINUTE);
    const usual = s.answer;
    s.answer = (effect) => {
      if (effect.name === 'pager.trigger')
        return { result: 'delivered', receipt: 'accepted', externalRef: 'late', url: null };
      if (effect.name === 'pager.find') return { result: 'read', read, detail: '' };
      return usual(effect);
    };
    raise(s);
    s.advance(10_000);
    const silenced = s.sent.flatMap(({ effect }) =>
      effect.name === 'pager.resolve' && effect.page === 'p1' ? [effect] : [],
    );
    expect(silenced).toEqual([]);
  });

  test('where the new one joins another incident’s in vain, until it rings by itself', () => {
    const s = opened(onlyOpsgenie());
    s.advance(2 * MINUTE);
    const other = ringing({
      target: 'og',
      status: 'pending',
      level: 'L1',
      since: s.now,
      at: s.now,
    });
    s.lookups = { ...noLookups, ...ringsAt(other) };
    const usual = s.answer;
    s.answer = (effect) =>
      effect.name === 'pager.find' ? { result: 'read', read: null, detail: '' } : usual(effect);
    raise(s);
    s.lookups = noLookups;
    s.advance(2 * MINUTE);
    s.answer = usual;
    s.advance(MINUTE);
    const open = Object.values(s.incident.pages).filter(
      ({ person, state }) => person === 'ada' && state === 'open',
    );
    expect(open).toHaveLength(1);
  });
});
