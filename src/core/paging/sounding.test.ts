/** Alarms: whom they ring, how often, and what ends them. */
import { describe, expect, test } from 'vitest';
import { policy, publicCadence, trigger, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  cleared,
  declare,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Settled } from '../model/effect.ts';
import type { Policy } from '../model/policy.ts';

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

const asking = withLevel('L2', {
  public: publicCadence(null, {
    firstWithinMs: 600_000,
    approval: {
      investigating: 'required',
      identified: 'required',
      monitoring: 'required',
      resolved: 'required',
      unchanged: 'required',
    },
  }),
});

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

const alarms = (s: Story): readonly number[] =>
  s.sent.flatMap(({ at, effect }) =>
    'channel' in effect && effect.channel === 'alarms' ? [(at - START) / MINUTE] : [],
  );

describe('the alarm of a late post', () => {
  test('rings every ten minutes, once each time, until the post is out', () => {
    const s = declared();
    s.advance(45 * MINUTE);
    expect(s.rings().slice(4)).toEqual([
      '10 Dev at pd',
      '20 Dev at pd',
      '30 Dev at pd',
      '40 Dev at pd',
    ]);
    expect(alarms(s)).toEqual([10, 20, 30, 40]);
    const draft = Object.values(s.incident.drafts).find((one) => one.state === 'waiting');
    s.feed({ type: 'Approve', draft: draft?.id ?? '' }, byPerson('dev'));
    s.advance(60 * MINUTE);
    expect(alarms(s)).toHaveLength(4);
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
      'Alarm: the public post on page.',
    );
  });

  test('rings again somebody who answered another page of the incident', () => {
    const s = declared();
    s.advance(11 * MINUTE);
    expect(s.rings().filter((ring) => ring.includes('Dev'))).toEqual([
      '0 Dev at pd',
      '10 Dev at pd',
    ]);
  });
});

describe('an alarm for somebody whose phone rings unanswered', () => {
  const ofDev = (s: Story): readonly string[] => s.rings().filter((ring) => ring.includes('Dev'));

  const dev = { by: 'dev', known: true };

  /** Dev is rung as voice from the start, and owes the post that is late at 10. */
  function ringing(answer: Story['answer'] = usual, by = asking): Story {
    const s = new Story(by);
    s.answer = answer;
    s.feed(observed());
    for (const person of ['ada', 'cleo', 'gus']) s.feed(acknowledge, byPerson(person));
    return s;
  }

  /** Somebody acknowledges on the phone the page that rings for the escalation. */
  function answered(
    s: Story,
    escalation: string,
    who: { readonly by: string; readonly known: boolean },
  ) {
    s.hear(pageOf(s, escalation), 'acknowledged', who);
  }

  function pageOf(s: Story, escalation: string): string {
    const pages = Object.values(s.incident.pages);
    return (
      pages.findLast(({ escalations }) => escalations.some((id) => id === escalation))?.id ?? ''
    );
  }

  test('joins that ring and is said in the chat; one answer on the phone is for both', () => {
    const s = ringing();
    s.advance(11 * MINUTE);
    expect(ofDev(s)).toEqual(['0 Dev at pd']);
    expect(alarms(s)).toEqual([10]);
    answered(s, 'role:voice', dev);
    expect(s.incident.roles['voice']?.person).toBe('dev');
    expect(s.incident.escalations['alarm:public:page']).toMatchObject({
      state: 'answered',
      answeredBy: 'dev',
    });
    const rang = s.rings().length;
    s.advance(60 * MINUTE);
    expect(s.rings().slice(rang), 'nobody is rung for their part').toEqual([]);
  });

  test('joins a page that is only recorded, as it would if that rang', () => {
    const inShadow = Object.entries(asking.targets).map(([name, target]) => [
      name,
      { ...target, mode: 'shadow' as const },
    ]);
    const s = ringing(
      (effect) =>
        effect.name === 'pager.trigger' ? { result: 'withheld', mode: 'shadow' } : usual(effect),
      { ...asking, targets: Object.fromEntries(inShadow) as Policy['targets'] },
    );
    s.advance(11 * MINUTE);
    expect(ofDev(s)).toEqual(['0 Dev at pd']);
  });

  test('rings them anew at its interval, with words for all that they are wanted for', () => {
    const s = ringing();
    s.advance(20 * MINUTE);
    expect(ofDev(s)).toEqual(['0 Dev at pd', '20 Dev at pd']);
    const anew = s
      .pages('pager.trigger')
      .findLast(({ effect }) => effect.address.label === 'pd dev');
    expect(anew?.effect.body).toContain('Alarm: the public post on page. You are needed as voice.');
  });

  test('joins whether a trigger found nobody to call or a reload took a role away', () => {
    const s = new Story(
      withLevel(
        'L2',
        {},
        {
          triggers: [
            trigger(
              'no root cause',
              { kind: 'no_root_cause', given: { no_root_cause: { L2: 40 * MINUTE } } },
              { kind: 'escalate_next_step' },
            ),
          ],
        },
      ),
    );
    s.feed(observed());
    s.feed(declare, byPerson('gus'));
    s.advance(6 * MINUTE);
    const { voice: _voice, ...others } = base.roles;
    s.reload({ ...s.policy, roles: others });
    s.advance(11 * MINUTE);
    const ofEve = (): readonly string[] => s.rings().filter((ring) => ring.includes('Eve'));
    expect(Object.keys(s.incident.escalations)).toContain('alarm:removed:role:voice');
    expect(ofEve(), 'a manager is called at 5, the alarm would ring at 17').toEqual([
      '5 Eve at pd',
    ]);
    s.reload(withLevel('L2', {}, { triggers: s.policy.triggers }));
    s.advance(24 * MINUTE);
    expect(Object.keys(s.incident.escalations)).toContain('alarm:trigger:no root cause');
    expect(ofEve().filter((ring) => ring.startsWith('40'))).toEqual([]);
  });

  describe('that it does not reach', () => {
    const deaf = (): Story =>
      ringing((effect) =>
        effect.name === 'pager.trigger' && effect.address.label.endsWith('dev')
          ? null
          : usual(effect),
      );

    test('rings them by a page of its own', () => {
      const s = deaf();
      s.advance(10 * MINUTE);
      expect(ofDev(s)).toEqual(['0 Dev at pd', '1 Dev at og', '10 Dev at pd']);
    });

    test('an answer to either page is for both, here and at every pager', () => {
      const s = deaf();
      s.advance(10 * MINUTE);
      answered(s, 'alarm:public:page', dev);
      expect(s.incident.roles['voice']?.person).toBe('dev');
      const silenced = s.pages('pager.acknowledge').map(({ effect }) => effect);
      expect(silenced.map(({ page, target }) => `${page} at ${target}`)).toEqual(
        expect.arrayContaining(['p3 at pd', 'p3 at og']),
      );
      expect(s.incident.pages['p3']).toMatchObject({ person: 'dev', state: 'acknowledged' });
      const rang = s.rings().length;
      s.advance(60 * MINUTE);
      expect(s.rings().slice(rang)).toEqual([]);
    });

    test.each<[string, string, boolean]>([
      ['somebody whom nobody knows', 'Zoe', false],
      ['somebody whom nobody knows, although called like them', 'dev', false],
      ['somebody else', 'ben', true],
    ])('an answer by %s leaves the other page as it is', (_who, by, known) => {
      const s = deaf();
      s.advance(10 * MINUTE);
      answered(s, 'alarm:public:page', { by, known });
      expect(s.incident.escalations['alarm:public:page']).toMatchObject({ answeredBy: by });
      expect(s.incident.pages['p3']).toMatchObject({ person: 'dev', state: 'open' });
    });
  });
});

describe('the alarm of a page that reaches nobody', () => {
  test('rings the address for alarms when it repeats', () => {
    const s = unreachable();
    expect(alarms(s)).toEqual([0]);
    s.advance(11 * MINUTE);
    expect(s.rings()).toContain('10 Eve at pd');
    expect(alarms(s)).toEqual([0, 10]);
  });

  test('ends when its person answers all the same', () => {
    const s = unreachable();
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
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

describe('an alarm whose own phone cannot be reached', () => {
  test('is said at its rhythm; nothing further is alarmed about it', () => {
    const s = new Story(base);
    s.answer = (effect) => (effect.name === 'pager.trigger' ? refused : usual(effect));
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    s.advance(31 * MINUTE);
    const open = Object.keys(s.incident.alarms);
    expect(open).toContain('page:p1');
    expect(open.filter((alarm) => alarm.startsWith('escalation:alarm:'))).toEqual([]);
    expect(s.incident.escalations['alarm:page:p1']?.state).toBe('open');
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
    s.advance(15 * MINUTE);
    expect(Object.keys(s.incident.alarms).length).toBeGreaterThan(1);
    const eves = s.rings().filter((ring) => ring.includes('Eve'));
    expect(eves.map((ring) => ring.replace(/^(\d+)\.\d+/, '$1'))).toEqual([
      '1 Eve at pd',
      '2 Eve at og',
      '11 Eve at pd',
      '12 Eve at og',
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
