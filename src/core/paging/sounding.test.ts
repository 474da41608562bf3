/** Alarms: whom they ring, how often, and what ends them. */
import type { PageId } from '../model/made-ids.ts';
import { describe, expect, test } from 'vitest';
import { person, policy, publicCadence, service, withLevel } from '../../../test/support/policy.ts';
import {
  adopted,
  byPerson,
  cleared,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Settled } from '../model/effect.ts';
import type { Policy, Recipient } from '../model/policy.ts';

const base = policy();
const usual = new Story(base).answer;
const acknowledge = { type: 'Acknowledge', page: null } as const;
const refused: Settled = {
  result: 'rejected',
  ofAccount: false,
  reason: 'not_found',
  detail: '',
  hint: '',
};

/** Each post waits for Dev, and is late so many minutes after the declaration. */
const lateAfter = (minutes: number): Policy =>
  withLevel('L2', {
    public: publicCadence(null, {
      firstWithinMs: minutes * MINUTE,
      approval: {
        investigating: 'required',
        identified: 'required',
        monitoring: 'required',
        resolved: 'required',
        unchanged: 'required',
      },
    }),
  });
const asking = lateAfter(10);

/** Whom alarms ring. */
function alarming(page: Recipient | null, by = base): Policy {
  const { automation } = by;
  return { ...by, automation: { ...automation, alarm: { ...automation.alarm, page } } };
}

const group = (...people: readonly string[]): Policy =>
  alarming(
    { kind: 'group', group: 'bells' },
    policy({ groups: { ...base.groups, bells: people } }),
  );

function declared(by = asking): Story {
  const s = new Story(by);
  s.feed(observed());
  for (const person of ['ada', 'cleo', 'dev', 'gus']) s.feed(acknowledge, byPerson(person));
  return s;
}

/** No phone of Ada's can be reached; everybody else's can. */
function unreachable(by = base): Story {
  const s = new Story(by);
  s.answer = (effect) =>
    effect.name === 'pager.trigger' && effect.address.label.endsWith('ada')
      ? refused
      : usual(effect);
  s.feed(observed());
  return s;
}

/** Of a page that nobody accepted a few seconds are waited; which minute it is matters. */
const minutes = (rings: readonly string[]): readonly string[] =>
  rings.map((ring) => ring.replace(/^(\d+)\.\d+/, '$1'));

const alarms = (s: Story): readonly number[] =>
  s.sent.flatMap(({ at, effect }) =>
    'channel' in effect && effect.channel === 'alarms' && effect.text.includes('ALARM')
      ? [(at - START) / MINUTE]
      : [],
  );

describe('the alarm of a late post', () => {
  test('rings whoever owes it, then round the list, once each time, until the post is out', () => {
    const s = declared();
    s.advance(45 * MINUTE);
    expect(s.rings().slice(4)).toEqual([
      '10 Dev at pd',
      '20 Eve at pd',
      '30 Dev at pd',
      '40 Eve at pd',
    ]);
    expect(alarms(s)).toEqual([10, 20, 30, 40]);
    const draft = Object.values(s.incident.drafts).find((one) => one.state === 'waiting');
    s.feed({ type: 'Approve', draft: draft?.id ?? 'd0' }, byPerson('dev'));
    s.advance(60 * MINUTE);
    expect(alarms(s)).toHaveLength(4);
    expect(s.rings()).toHaveLength(8);
    const open = Object.values(s.incident.pages).filter(({ state }) => state === 'open');
    expect(open, 'nobody is left ringing').toEqual([]);
  });

  test('rings whoever holds the role that owes it, not whom the rota names', () => {
    const s = declared();
    s.feed(
      { type: 'AssignRole', role: 'voice', person: 'finn', confirmed: true },
      byPerson('finn'),
    );
    s.advance(11 * MINUTE);
    expect(s.rings().slice(4)).toEqual(['10 Finn at pd']);
    expect(s.pages('pager.trigger').at(-1)?.effect.body).toContain(
      'Alarm: the public post on page is late.',
    );
  });

  test('rings whom the rota names where whoever holds the role has no phone', () => {
    const finn = person('finn', []);
    const s = declared({ ...asking, people: { ...asking.people, finn } });
    s.feed(
      { type: 'AssignRole', role: 'voice', person: 'finn', confirmed: true },
      byPerson('finn'),
    );
    s.advance(11 * MINUTE);
    expect(s.rings().slice(4)).toEqual(['10 Dev at pd']);
  });

  test('rings again somebody who answered another page of the incident', () => {
    const s = declared(lateAfter(8));
    s.advance(9 * MINUTE);
    expect(s.rings().filter((ring) => ring.includes('Dev'))).toEqual([
      '0 Dev at pd',
      '8 Dev at pd',
    ]);
  });

  test('leaves whoever answered it in peace for three intervals, and then begins with them', () => {
    const s = declared();
    s.advance(21 * MINUTE);
    s.feed(acknowledge, byPerson('eve'));
    s.advance(41 * MINUTE);
    expect(s.rings().slice(4)).toEqual([
      '10 Dev at pd',
      '20 Eve at pd',
      // It was answered at 21.
      '51 Eve at pd',
      '61 Dev at pd',
    ]);
    expect(alarms(s)).toEqual([10, 20, 51, 61]);
  });
});

describe('the pages of a late post that rang anew after an answer', () => {
  /** Eve answers at 21, and it rings anew from 51 on. */
  function renewed(): Story {
    const s = declared();
    s.advance(21 * MINUTE);
    s.feed(acknowledge, byPerson('eve'));
    return s.advance(41 * MINUTE);
  }
  const states = (s: Story): readonly string[] =>
    Object.values(s.incident.pages).map(({ state }) => state);

  test('are all closed by the end of the incident, but for what still rings', () => {
    const s = renewed();
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(states(s)).not.toContain('acknowledged');
    expect(states(s)).toContain('open');
  });

  test('are all closed by a false alarm of which nobody has read', () => {
    const s = renewed();
    s.feed({ type: 'MarkFalsePositive', reason: 'noise' }, byPerson('cleo'));
    s.advance(MINUTE);
    expect(new Set(states(s))).toEqual(new Set(['closed']));
  });

  test('and were answered after the end are closed with the alarm', () => {
    const s = declared();
    const approve = (): void => {
      const draft = Object.values(s.incident.drafts).findLast((one) => one.state === 'waiting');
      s.feed({ type: 'Approve', draft: draft?.id ?? 'd0' }, byPerson('dev'));
      s.advance(MINUTE);
    };
    approve();
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(15 * MINUTE);
    for (const person of ['dev', 'eve']) s.feed(acknowledge, byPerson(person));
    expect(states(s)).toContain('acknowledged');
    approve();
    expect(s.incident.alarms).toEqual({});
    expect(new Set(states(s))).toEqual(new Set(['closed']));
  });
});

describe('an alarm for somebody whose phone rings unanswered', () => {
  const ofDev = (s: Story): readonly string[] => s.rings().filter((ring) => ring.includes('Dev'));

  /** Dev is rung as voice from the start, and owes the post that is late. */
  function ringing(by: Policy, answer: Story['answer'] = usual): Story {
    const s = new Story(by);
    s.answer = answer;
    s.feed(observed());
    for (const person of ['ada', 'cleo', 'gus']) s.feed(acknowledge, byPerson(person));
    return s;
  }

  function pageOf(s: Story, escalation: string): PageId {
    const pages = Object.values(s.incident.pages);
    return (
      pages.findLast(({ escalations }) => escalations.some((id) => id === escalation))?.id ?? 'p0'
    );
  }

  test('joins that ring and is said in the chat; one answer on the phone is for both', () => {
    const s = ringing(lateAfter(8));
    s.advance(9 * MINUTE);
    expect(ofDev(s)).toEqual(['0 Dev at pd']);
    expect(alarms(s)).toEqual([8]);
    s.hear(pageOf(s, 'role:voice'), 'acknowledged', { by: 'dev', known: true });
    expect(s.incident.roles['voice']?.person).toBe('dev');
    expect(s.incident.escalations['alarm:page']).toMatchObject({
      state: 'answered',
      answeredBy: 'dev',
    });
    const rang = s.rings().length;
    s.advance(29 * MINUTE);
    expect(s.rings().slice(rang), 'nobody is rung for their part').toEqual([]);
  });

  test('joins a page that is only recorded, as it would if that rang', () => {
    const by = lateAfter(3);
    const inShadow = Object.entries(by.targets).map(([name, target]) => [
      name,
      { ...target, mode: 'shadow' as const },
    ]);
    const s = ringing(
      { ...by, targets: Object.fromEntries(inShadow) as Policy['targets'] },
      (effect) =>
        effect.name === 'pager.trigger' ? { result: 'withheld', mode: 'shadow' } : usual(effect),
    );
    s.advance(4 * MINUTE);
    expect(ofDev(s)).toEqual(['0 Dev at pd']);
    expect(s.incident.escalations['alarm:page']).toMatchObject({ step: 0 });
  });

  test('rings them anew once an interval has passed, with words for all that they are wanted for', () => {
    const s = ringing(lateAfter(10));
    s.advance(11 * MINUTE);
    expect(ofDev(s)).toEqual(['0 Dev at pd', '10 Dev at pd']);
    const anew = s
      .pages('pager.trigger')
      .findLast(({ effect }) => effect.address.label === 'pd dev');
    expect(anew?.effect.title, 'it is their turn').toMatch(/^\[/);
    expect(anew?.effect.body).toMatch(
      /You are needed as voice\. Alarm: the public post on page is late\. To acknowledge makes you voice;/,
    );
    s.feed(acknowledge, byPerson('dev'));
    expect(s.incident.roles['voice']?.person, 'it rang them for the role as well').toBe('dev');
  });

  test('rings one phone for all of it where the interval is shorter than a ring is fresh', () => {
    const by = lateAfter(6);
    const s = ringing({ ...by, automation: { ...by.automation, alarmEveryMs: 5 * MINUTE } });
    s.advance(7 * MINUTE);
    expect(ofDev(s)).toEqual(['0 Dev at pd', '6 Dev at pd']);
    const open = Object.values(s.incident.pages).filter(
      ({ person, state }) => person === 'dev' && state === 'open',
    );
    expect(open.map(({ escalations }) => escalations)).toEqual([['alarm:page', 'role:voice']]);
  });

  test('passes over whom a page has not reached within the interval, and rings the next one', () => {
    const s = ringing(lateAfter(8), (effect) =>
      effect.name === 'pager.trigger' && effect.address.label.endsWith('dev')
        ? null
        : usual(effect),
    );
    s.advance(9 * MINUTE);
    expect(ofDev(s)).toEqual(['0 Dev at pd', '1 Dev at og']);
    const [page] = Object.values(s.incident.pages).filter(({ escalations }) =>
      escalations.some((id) => id === 'alarm:page'),
    );
    expect(page?.label, 'she rings since 5').toBe('Eve');
  });

  describe('by the vendor’s own incident as well', () => {
    const ada = { kind: 'person', person: 'ada' } as const;

    /** The vendor rings Ada since 0, and its steps lead nowhere: at 20 she is rung by a page of ours, beside it. */
    function beside(): Story {
      const s = new Story(alarming(ada));
      s.feed({
        ...observed(),
        adopted: adopted(),
      });
      s.advance(21 * MINUTE);
      expect(s.rings()).toEqual(['20 Ada at pd']);
      return s;
    }

    test('however freshly the vendor rings, for nobody reads there what is alarmed', () => {
      const quick = alarming(ada);
      const s = new Story({
        ...quick,
        automation: { ...quick.automation, alarmEveryMs: 4 * MINUTE },
      });
      s.feed({ ...observed(), adopted: adopted() });
      s.advance(9 * MINUTE);
      expect(s.rings()).toEqual(['8 Ada at pd']);
    });

    const answered = (s: Story, page: PageId, who: { by: string; known: boolean }): void =>
      void s.hear(page, 'acknowledged', who);

    test('an answer to either page is for both, here and at the pager', () => {
      const s = beside();
      answered(s, 'p2', { by: 'ada', known: true });
      expect(s.incident.roles['expert']?.person).toBe('ada');
      expect(s.incident.pages['p1']).toMatchObject({ state: 'acknowledged' });
      expect(s.pages('pager.acknowledge').map(({ effect }) => effect.key)).toContain('ref:Q1');
    });

    test.each<[string, string, boolean]>([
      ['somebody whom nobody knows', 'Zoe', false],
      ['somebody whom nobody knows, although called like them', 'ada', false],
      ['somebody else', 'ben', true],
    ])('an answer by %s leaves the other page as it is', (_who, by, known) => {
      const s = beside();
      answered(s, 'p2', { by, known });
      expect(s.incident.escalations['alarm']).toMatchObject({ answeredBy: by });
      expect(s.incident.pages['p1']).toMatchObject({ person: 'ada', state: 'open' });
    });
  });
});

describe('what wakes people, and when', () => {
  const missing = (s: Story): readonly string[] => s.rings().filter((ring) => ring.includes('Eve'));

  test('a page that no pager accepts rings others once the pager that was asked last has had five seconds', () => {
    const s = new Story(alarming({ kind: 'person', person: 'eve' }));
    s.answer = (effect) =>
      effect.name === 'pager.trigger' && effect.address.address['user'] === 'ada'
        ? null
        : usual(effect);
    s.feed(observed());
    s.advance(64_000);
    expect(missing(s), 'the second pager was asked four seconds ago').toEqual([]);
    s.advance(2_000);
    expect(missing(s)).toHaveLength(1);
  });

  test('what a reload took away rings when it is said again', () => {
    const s = new Story(alarming({ kind: 'person', person: 'eve' }));
    s.feed(observed());
    for (const person of ['ada', 'cleo', 'dev', 'gus']) s.feed(acknowledge, byPerson(person));
    s.advance(MINUTE);
    const { commander: _commander, ...others } = base.roles;
    s.reload({ ...s.policy, roles: others });
    s.advance(5 * MINUTE);
    expect(alarms(s)).toEqual([2]);
    expect(missing(s)).toEqual([]);
    s.advance(7 * MINUTE);
    expect(alarms(s)).toEqual([2, 12]);
    expect(missing(s)).toEqual(['12 Eve at pd']);
  });

  test('a role that need not be filled wakes nobody, nor does a page for it that does not get through', () => {
    const s = new Story(base);
    s.answer = (effect) =>
      effect.name === 'pager.trigger' && effect.address.label.endsWith('gus')
        ? refused
        : usual(effect);
    s.feed(observed());
    for (const person of ['ada', 'cleo', 'dev']) s.feed(acknowledge, byPerson(person));
    s.advance(3 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual(['page:p4']);
    s.advance(4 * 60 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toContain('escalation:role:writer');
    const nights = s.rings().filter((ring) => Number(ring.split(' ')[0]) > 40);
    expect(nights).toEqual([]);
  });

  test('what is refused goes to the next one on the list at once, and round it once', () => {
    const s = new Story(group('ben', 'cleo', 'dev'));
    s.answer = (effect) =>
      effect.name === 'pager.trigger' && !effect.address.label.endsWith('dev')
        ? refused
        : usual(effect);
    s.feed(observed());
    s.advance(MINUTE);
    // All whom the search names are refused, and so are Ben and Cleo on the list: neither is waited for.
    expect(s.rings().map((ring) => ring.split(' ')[1])).toEqual(
      expect.arrayContaining(['Ada', 'Ben', 'Cleo', 'Dev']),
    );
    expect(s.incident.escalations['alarm']).toMatchObject({ state: 'open', step: 2 });
  });

  test('where everybody is refused, each is tried once within an interval', () => {
    const s = new Story(group('ben', 'cleo', 'dev'));
    s.answer = (effect) => (effect.name === 'pager.trigger' ? refused : usual(effect));
    s.feed(observed());
    s.advance(9 * MINUTE);
    const ofCleo = (): number => s.rings().filter((ring) => ring.includes('Cleo at pd')).length;
    expect(ofCleo()).toBe(1);
    s.advance(10 * MINUTE);
    expect(ofCleo()).toBe(2);
  });

  test('an answer to the alarm fills no role, and whoever answered is rung by what is new', () => {
    const s = new Story(group('gus', 'dev'));
    s.answer = (effect) =>
      effect.name === 'pager.trigger' && effect.address.label.endsWith('cleo')
        ? null
        : usual(effect);
    s.feed(observed());
    s.advance(41 * MINUTE);
    expect(s.rings().at(-1)).toBe('40 Gus at pd');
    s.feed(acknowledge, byPerson('gus'));
    expect(s.incident.roles).toEqual({});
    // The answer declares, as the level says; the commander's page does not get through.
    s.advance(5 * MINUTE);
    expect(minutes(s.rings().slice(-5))).toEqual([
      '41 Cleo at pd',
      '41 Dev at pd',
      '42 Cleo at og',
      '42 Gus at pd',
      '46 Eve at pd',
    ]);
  });

  test('where nobody is on the list, whoever the search has rung is rung again', () => {
    const people = { ada: { ...base.people['ada'], addresses: [] } } as unknown as Policy['people'];
    const vendor = { target: 'pd', address: { service: 'basket' }, label: 'pd basket' };
    const services = {
      basket: service('basket', {
        onCall: { kind: 'addresses', addresses: [vendor] },
        fallback: [],
      }),
    };
    const s = new Story(alarming(null, policy({ people, services, groups: {}, teams: {} })));
    s.feed(observed());
    s.advance(26 * MINUTE);
    expect(s.rings()).toEqual(['0 pd basket at pd', '15 pd basket at pd', '25 pd basket at pd']);
  });
});

describe('the alarm of a page that reaches nobody', () => {
  test('rings the address for alarms when it repeats, where somebody else is reached', () => {
    const s = unreachable();
    expect(alarms(s)).toEqual([0]);
    s.advance(11 * MINUTE);
    expect(s.rings().filter((ring) => ring.includes('Eve'))).toEqual(['10 Eve at pd']);
    expect(alarms(s)).toEqual([0, 10]);
  });

  test('is over when nobody is wanted by it any more', () => {
    const s = unreachable();
    s.advance(MINUTE);
    s.feed(acknowledge, byPerson('ben'));
    s.advance(MINUTE);
    expect(s.incident.alarms).toEqual({});
    const open = Object.values(s.incident.pages).filter(
      ({ label, state }) => label === 'Eve' && state === 'open',
    );
    expect(open, 'whoever rang for it is left in peace').toEqual([]);
  });

  test('ends when its person answers all the same', () => {
    const s = unreachable();
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    expect(s.incident.alarms, 'what Ada reads of what is open does not name it').toEqual({});
    for (const person of ['ben', 'cleo', 'dev', 'gus']) s.feed(acknowledge, byPerson(person));
    s.advance(30 * MINUTE);
    expect(alarms(s)).toEqual([0]);
    expect(s.rings().some((ring) => ring.includes('Eve'))).toBe(false);
  });

  test('rings nobody while everything has cleared and it is watched whether it stays so', () => {
    const s = unreachable(withLevel('L2', { soak: { forMs: 45 * MINUTE, then: 'propose' } }));
    s.advance(2 * MINUTE).feed(cleared);
    s.advance(40 * MINUTE);
    expect(alarms(s)).toEqual([0]);
    s.feed(observed());
    s.advance(11 * MINUTE);
    expect(alarms(s).length, 'it fires again, and so does the alarm').toBeGreaterThan(1);
  });

  test('rings nobody while paging is paused, and goes on when the pause is over', () => {
    const s = unreachable();
    s.lookups = {
      ...noLookups,
      pauses: { paging: { since: START, until: START + 25 * MINUTE, by: 'ada', why: 'a drill' } },
    };
    s.advance(24 * MINUTE);
    expect(alarms(s)).toEqual([0]);
    s.advance(12 * MINUTE);
    expect(alarms(s)[1], 'its interval counts from the end of the pause').toBe(35);
  });
});

test('what is alarmed of a test of a phone rings nobody else', () => {
  const s = new Story(alarming({ kind: 'person', person: 'eve' }));
  s.feed({ type: 'PageTest', person: 'ben' }, byPerson('ada'));
  const { og } = base.targets;
  s.reload({ ...s.policy, targets: og === undefined ? {} : { og } });
  s.advance(13 * MINUTE);
  expect(Object.keys(s.incident.alarms)).toEqual(['removed:target:pd']);
  expect(s.incident.alarms['removed:target:pd']?.count).toBeGreaterThan(1);
  expect(s.rings()).toEqual(['0 Ben at pd']);
});

describe('an alarm whose own phone cannot be reached', () => {
  test('is said at its rhythm; nothing further is alarmed about it', () => {
    const s = new Story(base);
    s.answer = (effect) => (effect.name === 'pager.trigger' ? refused : usual(effect));
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    s.advance(31 * MINUTE);
    const open = Object.keys(s.incident.alarms);
    expect(open.filter((alarm) => alarm.startsWith('page:')).length).toBeGreaterThan(1);
    expect(open.filter((alarm) => alarm.startsWith('escalation:alarm'))).toEqual([]);
    expect(s.incident.escalations['alarm']?.state).toBe('open');
  });
});

test('the address for alarms rings within twenty minutes where the only person on call cannot be reached', () => {
  const s = new Story(
    policy({
      escalationPolicies: {
        default: { id: 'default', steps: [{ page: { kind: 'own' }, waitMs: null }], upTo: {} },
      },
    }),
  );
  s.answer = (effect) =>
    effect.name === 'pager.trigger' && effect.address.label.endsWith('ada')
      ? refused
      : usual(effect);
  s.feed(observed());
  s.advance(21 * MINUTE);
  expect(s.rings().filter((ring) => ring.includes('Eve'))).not.toEqual([]);
});

test('the test of a phone that cannot be reached rings nobody else', () => {
  const s = new Story(base);
  s.answer = (effect) =>
    effect.name === 'pager.trigger' && effect.address.label.endsWith('ada')
      ? refused
      : usual(effect);
  s.feed({ type: 'PageTest', person: 'ada' }, byPerson('ben'));
  s.advance(14 * MINUTE);
  expect(Object.keys(s.incident.alarms)).not.toEqual([]);
  expect(s.rings().filter((ring) => !ring.includes('Ada'))).toEqual([]);
});

describe('an alarm that no pager has confirmed yet', () => {
  test('is joined by the next one for the same person, who is not rung once more for each', () => {
    const s = new Story(base);
    s.answer = (effect) => (effect.name === 'pager.trigger' ? null : usual(effect));
    s.feed(observed());
    s.advance(25 * MINUTE);
    expect(Object.keys(s.incident.alarms).length).toBeGreaterThan(2);
    expect(minutes(s.rings().filter((ring) => ring.includes('Eve')))).toEqual([
      '1 Eve at pd',
      '2 Eve at og',
      // One page for all that is open, and for her part in the search, which comes to her at 15.
      '11 Eve at pd',
      '12 Eve at og',
      '21 Eve at pd',
      '22 Eve at og',
    ]);
  });
});

describe('a test of a phone that does not get through', () => {
  test('alarms nobody else', () => {
    const s = new Story(base);
    s.answer = (effect) => (effect.name === 'pager.trigger' ? refused : usual(effect));
    s.feed({ type: 'PageTest', person: 'ada' }, byPerson('ben'));
    s.advance(14 * MINUTE);
    expect(new Set(s.rings().map((ring) => ring.split(' ')[1]))).toEqual(new Set(['Ada']));
  });
});

describe('while paging is paused', () => {
  const paused = {
    ...noLookups,
    pauses: { paging: { since: START, until: START + 20 * MINUTE, by: 'ada', why: 'a drill' } },
  };

  test('no step of an escalation is spent', () => {
    const s = new Story(base);
    s.lookups = paused;
    s.feed(observed());
    s.advance(40 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '25 Ben at pd', '35 Eve at pd']);
  });

  test('no page is given to the next pager, which is paused as well', () => {
    const s = new Story(base);
    s.lookups = paused;
    s.answer = (effect) => (effect.name === 'pager.trigger' ? null : usual(effect));
    s.feed(observed());
    s.advance(19 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd']);
    s.advance(3 * MINUTE);
    expect(s.rings()).toContain('21 Ada at og');
  });
});
