/** It fires again: who is looked for already, and who is not. */
import { describe, expect, test } from 'vitest';
import {
  address,
  escalation,
  person,
  policy,
  role,
  service,
  withLevel,
} from '../../../test/support/policy.ts';
import type { Policy, Service } from '../model/policy.ts';
import {
  adopted,
  byPerson,
  cleared,
  declare,
  MINUTE,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';

test('a phone that a vendor rings for another service keeps nobody of this one from being rung', () => {
  const atVendor = (user: string): Partial<Service> => ({
    onCall: { kind: 'addresses', addresses: [address('pd', user)] },
  });
  const both = policy({
    services: {
      basket: service('basket', atVendor('basket')),
      till: service('till', atVendor('till')),
    },
  });
  const s = new Story(both);
  s.feed({
    ...observed(),
    services: ['basket', 'till'],
    storm: { over: 'source prom', children: ['inc-0'] },
  });
  s.feed(declare, byPerson('ada'));
  const [basket] = Object.values(s.incident.pages).filter(({ label }) => label === 'pd basket');
  s.hear(basket?.id ?? 'p0', 'acknowledged', { by: 'ada' });
  s.advance(5 * MINUTE).feed(cleared);
  const before = s.rings();
  expect(
    before.filter((ring) => ring.includes('till')),
    'nobody answers there',
  ).not.toEqual([]);
  s.advance(3 * MINUTE).feed(observed());
  expect(s.rings().slice(before.length)).toEqual(['8 pd basket at pd']);
});

test('the commander is rung again, whatever else their phone rang for before they had the command', () => {
  const s = new Story(policy());
  s.feed(observed());
  s.feed(declare, byPerson('finn'));
  s.advance(5 * MINUTE);
  expect(s.rings(), 'as fallback of the on-call, from whom the commander must be apart').toContain(
    '5 Ben at pd',
  );
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  const take = { type: 'AssignRole', role: 'commander', person: 'ben', confirmed: true } as const;
  s.feed(take, byPerson('ben'));
  s.advance(2 * MINUTE).feed(cleared);
  s.advance(20 * MINUTE).feed(observed());
  expect(s.rings().filter((ring) => ring.startsWith('27 '))).toEqual([
    '27 Ada at pd',
    '27 Ben at pd',
  ]);
});

test('whoever is looked for already is not looked for a second time', () => {
  const s = new Story(policy());
  s.feed(observed());
  s.advance(2 * MINUTE).feed(cleared);
  s.advance(MINUTE).feed(observed());
  expect(s.last('AlertsRelapsed')?.number).toBe(1);
  expect(Object.keys(s.incident.escalations)).toEqual(['role:expert']);
  expect(s.rings()).toEqual(['0 Ada at pd']);
});

describe('while paging is paused', () => {
  /** Nobody answers Ada's page of the start; the pause holds from one minute to forty. */
  function paused(): Story {
    const s = new Story(policy());
    s.feed(observed());
    s.advance(MINUTE);
    const paging = { since: s.now, until: s.now + 39 * MINUTE, by: 'eve', why: 'a drill' };
    s.lookups = { ...s.lookups, pauses: { paging } };
    s.advance(19 * MINUTE).feed(cleared);
    s.advance(8 * MINUTE).feed(observed());
    return s;
  }
  const asked = (s: Story): readonly string[] =>
    s.events.flatMap((one) =>
      one.type === 'PageRequested' && one.page.person === 'ada'
        ? [String((one.at - START) / MINUTE)]
        : [],
    );

  test('a ring of long before it does not stand for what fires again', () => {
    expect(asked(paused())).toEqual(['0', '28']);
  });

  test('a ring that waits for its end does', () => {
    const s = paused();
    s.advance(MINUTE).feed(cleared);
    s.advance(9 * MINUTE).feed(observed());
    expect(asked(s)).toEqual(['0', '28']);
  });
});

/** Everybody has answered; cleared at 20. */
function calm(by: Policy): Story {
  const s = new Story(by);
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  for (const person of ['ada', 'ben', 'cleo', 'dev', 'gus'])
    s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
  s.advance(20 * MINUTE).feed(cleared);
  return s;
}

const rungFrom = (s: Story, minute: number): readonly string[] =>
  s.rings().filter((ring) => Number.parseInt(ring, 10) >= minute);

test('at a level that rings nobody before it is declared, the service and the commander are rung', () => {
  const s = calm(
    withLevel('L2', {
      page: { triage: [], declared: ['commander'], commanded: [], onRequest: [] },
    }),
  );
  s.advance(20 * MINUTE).feed(observed());
  expect(rungFrom(s, 40)).toEqual(expect.arrayContaining(['40 Ada at pd', '40 Cleo at pd']));
});

test('where the vendor rings the on-call for it, the commander is rung all the same', () => {
  const s = calm(policy());
  s.advance(20 * MINUTE).feed({
    ...observed(),
    adopted: adopted(),
  });
  expect(rungFrom(s, 40)).toEqual(['40 Cleo at pd']);
});

describe('whoever commands is rung', () => {
  test('before whoever is on call to command, who comes behind them', () => {
    const s = calm(policy());
    s.feed({ type: 'TakeRole', role: 'commander' }, byPerson('finn'));
    s.advance(20 * MINUTE).feed(observed());
    s.advance(7 * MINUTE);
    const command = rungFrom(s, 40).filter((ring) => /Finn|Cleo/.test(ring));
    expect(command).toEqual(['40 Finn at pd', '45 Cleo at pd']);
  });

  test('and then whoever stands in for them, before anybody who would be asked if nobody commanded', () => {
    const s = calm(policy());
    s.advance(20 * MINUTE).feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(30 * MINUTE);
    expect(rungFrom(s, 40).slice(0, 4)).toEqual([
      '40 Ada at pd',
      '40 Cleo at pd',
      '45 Finn at pd',
      '50 Eve at pd',
    ]);
  });

  test('where its pager walks its own steps, only while they are at it: else whoever is on call there', () => {
    const commander = role('commander', {
      page: { kind: 'addresses', addresses: [address('pd', 'command')] },
      commands: true,
      escalation: { kind: 'vendor', unanswered: null },
    });
    const company = policy({ roles: { ...policy().roles, commander } });
    const relapsed = (isThere: boolean): readonly string[] => {
      const s = calm(company);
      s.feed({ type: 'TakeRole', role: 'commander' }, byPerson('eve'));
      s.advance(20 * MINUTE);
      if (isThere) s.feed({ type: 'AddNote', text: 'I look.' }, byPerson('eve'));
      s.advance(MINUTE).feed(observed());
      s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
      s.advance((isThere ? 17 : 12) * MINUTE);
      return rungFrom(s, 40).filter((ring) => /Eve|command/.test(ring));
    };
    expect(relapsed(false)).toEqual(['41 pd command at pd']);
    expect(relapsed(true), 'hers waits five minutes').toEqual([
      '46 Eve at pd',
      '56 pd command at pd',
    ]);
  });

  test('but where no phone of theirs can ring, whoever is on call to command is', () => {
    const base = policy();
    const finn = person('finn', []);
    const s = calm({ ...base, people: { ...base.people, finn } });
    s.feed({ type: 'TakeRole', role: 'commander' }, byPerson('finn'));
    s.advance(20 * MINUTE).feed(observed());
    expect(rungFrom(s, 40)).toContain('40 Cleo at pd');
  });
});

const pair = policy({
  groups: { ...policy().groups, pair: ['ada', 'ben'] },
  services: { basket: service('basket', { onCall: { kind: 'group', group: 'pair' } }) },
});

test('of two on call of whom one is at it, both are rung at once', () => {
  const s = calm(pair);
  s.advance(15 * MINUTE).feed({ type: 'AddNote', text: 'I look.' }, byPerson('ada'));
  s.advance(5 * MINUTE).feed(observed());
  expect(rungFrom(s, 40)).toEqual(expect.arrayContaining(['40 Ada at pd', '40 Ben at pd']));
});

test('of two on call who are at it, neither is rung once one has done something', () => {
  const s = calm(pair);
  for (const person of ['ada', 'ben'])
    s.feed({ type: 'AddNote', text: 'I look.' }, byPerson(person));
  s.advance(5 * MINUTE).feed(observed());
  s.advance(MINUTE).feed({ type: 'AddNote', text: 'I see it.' }, byPerson('ben'));
  s.advance(10 * MINUTE);
  expect(rungFrom(s, 25).filter((ring) => /Ada|Ben/.test(ring))).toEqual([]);
});

test('a bystander does not answer a ring that waits for somebody else', () => {
  const s = calm(policy());
  s.feed({ type: 'AddNote', text: 'I look.' }, byPerson('ada'));
  s.advance(5 * MINUTE).feed(observed());
  const acknowledge = { type: 'Acknowledge', page: null } as const;
  expect(s.feed(acknowledge, byPerson('finn'))).toMatchObject({ ok: false, code: 'not_rung' });
  expect(s.feed(acknowledge, byPerson('ada')).ok).toBe(true);
});

describe('a page for the on-call that every pager has refused', () => {
  /** Its pagers know Ada no more; everybody else is rung. */
  function refused(by: Policy, isDeclared = false): Story {
    const s = new Story(by);
    const usual = s.answer;
    const unknown = {
      reason: 'not_found',
      detail: 'no such user',
      hint: 'look at the user',
    } as const;
    s.answer = (effect) =>
      effect.name === 'pager.trigger' && effect.address.label.endsWith('ada')
        ? { result: 'rejected', ofAccount: false, ...unknown }
        : usual(effect);
    s.feed(observed());
    if (isDeclared) s.feed(declare, byPerson('gus'));
    s.advance(2 * MINUTE).feed(cleared);
    s.advance(MINUTE).feed(observed());
    return s.advance(0);
  }

  test.each([
    ['in triage', false],
    ['under command', true],
  ])(
    'is tried once more each time when it fires again %s, where nobody else is rung',
    (_when, isDeclared) => {
      const own = { kind: 'own' } as const;
      const s = refused(
        policy({
          escalationPolicies: { standard: escalation([{ page: own, waitMs: 5 * MINUTE }]) },
        }),
        isDeclared,
      );
      expect(rungFrom(s, 3)).toContain('3 Ada at pd');
      s.advance(2 * MINUTE).feed(cleared);
      s.advance(MINUTE).feed(observed());
      s.advance(0);
      expect(rungFrom(s, 6)).toContain('6 Ada at pd');
      expect(s.types().filter((type) => type === 'NobodyToPage')).toEqual([]);
    },
  );

  test('is not where somebody behind them rings for it: their time runs on', () => {
    const s = refused(policy());
    expect(s.rings()).toContain('0 Ben at pd');
    expect(rungFrom(s, 3)).toEqual([]);
    s.advance(8 * MINUTE);
    expect(
      rungFrom(s, 3).map((ring) => ring.replace(/^\S+ /, '')),
      'the step behind Ben',
    ).toEqual(['Eve at pd']);
  });
});

test('whoever has declined a role a moment ago is rung at once, though that was a sign of life', () => {
  const s = calm(policy());
  const assign = { type: 'AssignRole', role: 'deputy', person: 'ada', confirmed: false } as const;
  s.advance(15 * MINUTE).feed(assign, byPerson('ben'));
  s.advance(MINUTE).feed({ type: 'DeclineOffer', role: null, why: 'ill' }, byPerson('ada'));
  s.advance(2 * MINUTE).feed(observed());
  expect(rungFrom(s, 38)).toContain('38 Ada at pd');
});
