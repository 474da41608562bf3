/** What came of pages: failover, read-back, refusals, and where an incident is closed again. */
import { describe, expect, test } from 'vitest';
import { address, person, policy } from '../../../test/support/policy.ts';
import {
  byPerson,
  MINUTE,
  noLookups,
  observed,
  type PageObserved,
  ringing,
  ringsAt,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Settled } from '../model/effect.ts';
import type { Page, Ring } from '../model/incident.ts';
import type { Lookups } from '../model/lookups.ts';
import { sentenceOf } from '../model/events.ts';
import type { Policy } from '../model/policy.ts';
import { stillWanted } from './send.ts';

const SECOND = 1_000;
const usual = new Story(policy()).answer;
const refused: Settled = {
  result: 'rejected',
  ofAccount: false,
  reason: 'not_found',
  detail: 'no such key',
  hint: 'look at the key',
};
const accepted: Settled = {
  result: 'delivered',
  receipt: 'accepted',
  externalRef: 'ref',
  url: null,
};
const confirmed: Settled = { ...accepted, receipt: 'confirmed' };
const missing: Settled = {
  result: 'read',
  read: { found: false, externalRef: null, status: null, by: null },
  detail: '',
};

/** Ada's phone hangs on Opsgenie first, which can be read back, then on PagerDuty. */
const readable: Policy = policy({
  people: { ...policy().people, ada: person('ada', ['og', 'pd']) },
});

/** Ada has two addresses at one pager. */
const twoPhones: Policy = policy({
  people: {
    ...policy().people,
    ada: {
      ...person('ada'),
      addresses: [address('pd', 'ada'), address('pd', 'ada at home')],
    },
  },
});

function opened(by: Policy, answer: Story['answer']): Story {
  const s = new Story(by);
  s.answer = answer;
  s.feed(observed());
  return s;
}

const triggers = (s: Story): readonly string[] =>
  s.pages('pager.trigger').map((one) => `${(one.at - START) / SECOND} ${one.effect.target}`);
const atTarget =
  (target: string, settled: Settled | null): Story['answer'] =>
  (effect) =>
    effect.name === 'pager.trigger' && effect.target === target ? settled : usual(effect);

describe('a page that does not get through', () => {
  test('within 60 s rings at the next pager, under another key', () => {
    const s = opened(policy(), atTarget('pd', null));
    s.advance(59 * SECOND);
    expect(triggers(s)).toEqual(['0 pd']);
    s.advance(SECOND);
    expect(triggers(s)).toEqual(['0 pd', '60 og']);
    expect(new Set(s.pages('pager.trigger').map((one) => one.effect.key)).size).toBe(2);
  });

  test('because it is refused rings at the next pager at once', () => {
    expect(triggers(opened(policy(), atTarget('pd', refused)))).toEqual(['0 pd', '0 og']);
  });

  test('rings at the next address of the same pager before it rings nobody', () => {
    const s = opened(twoPhones, (effect) =>
      effect.name === 'pager.trigger' && effect.address.label === 'pd ada'
        ? refused
        : usual(effect),
    );
    expect(s.pages('pager.trigger').map(({ effect }) => effect.address.label)).toEqual([
      'pd ada',
      'pd ada at home',
    ]);
    expect(s.incident.alarms).toEqual({});
  });

  test('and cannot be delivered anywhere escalates now, and says why', () => {
    const s = opened(policy(), (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? refused : usual(effect),
    );
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Ada at og', '0 Ben at pd']);
    expect(s.incident.alarms['page:p1']?.reason).toContain('look at the key');
  });

  test('nowhere is confirmed: everybody is told, and it is still being tried', () => {
    const s = opened(policy(), (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    s.advance(2 * MINUTE);
    expect(s.incident.alarms['page:p1']?.reason).toBe(
      'page p1 to Ada is unreachable: no pager has accepted it for 60 s (asked: pd); og is asked now',
    );
  });

  test('nowhere is confirmed, although a pager accepted it: everybody is told, and it is still being tried', () => {
    const { targets } = policy();
    const asked = {
      type: 'pagerduty',
      mode: 'live',
      can: ['pager.trigger', 'pager.find'],
    } as const;
    const s = opened(policy({ targets: { ...targets, pd: asked } }), (effect) => {
      if (!('page' in effect) || effect.page !== 'p1') return usual(effect);
      return effect.name === 'pager.trigger' && effect.target === 'pd' ? accepted : null;
    });
    s.advance(2 * MINUTE);
    expect(s.incident.pages['p1']?.unreachableSince).toBeNull();
    expect(s.incident.alarms['page:p1']?.reason).toBe(
      'page p1 to Ada is not confirmed by any pager; it is still being tried',
    );
  });

  test('goes to a third pager, too, although everybody was told that no pager accepts it', () => {
    const { people, targets } = policy();
    const ada = { ...people['ada'], ...person('ada', ['pd', 'og', 'third']) };
    const three = policy({
      people: { ...people, ada },
      targets: { ...targets, third: { type: 'opsgenie', mode: 'live', can: ['pager.trigger'] } },
    });
    const s = opened(three, (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    s.advance(2 * MINUTE);
    const adas = s.rings().filter((ring) => ring.includes('Ada'));
    expect(adas).toEqual(['0 Ada at pd', '1 Ada at og', '2 Ada at third']);
  });

  test('is accepted at last and not confirmed: the alarm says that when it repeats', () => {
    let isUp = false;
    const s = opened(policy(), (effect) => {
      if (!('page' in effect) || effect.page !== 'p1') return usual(effect);
      return isUp && effect.target === 'og' && effect.name === 'pager.trigger' ? accepted : null;
    });
    s.advance(2 * MINUTE);
    isUp = true;
    const effect = s.pages('pager.trigger').find((one) => one.effect.target === 'og')?.effect;
    if (effect === undefined) throw new Error('the second pager was not asked');
    s.feed({ type: 'EffectSettled', effect, settled: accepted });
    s.advance(10 * MINUTE);
    expect(
      s.incident.pages['p1']?.unreachableSince,
      'nobody knows whether it rings',
    ).not.toBeNull();
    expect(s.incident.alarms['page:p1']?.reason).toContain('is not confirmed by any pager');
  });

  describe('and is confirmed after everybody was told', () => {
    /** Nobody has it until then; then the second pager shows it, and nobody answers. */
    const confirmedAfter = (ms: number): Story => {
      const s = opened(policy(), (effect) =>
        effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
      );
      s.advance(ms);
      expect(Object.keys(s.incident.alarms)).toContain('page:p1');
      const effect = s.pages('pager.trigger').find((one) => one.effect.target === 'og')?.effect;
      if (effect === undefined) throw new Error('the second pager was not asked');
      const shown = { receipt: 'confirmed', externalRef: 'late', url: null } as const;
      s.feed({ type: 'EffectSettled', effect, settled: { result: 'delivered', ...shown } });
      return s.advance(0);
    };
    const said = (s: Story) => s.messages().filter(({ text }) => text.includes('ALARM: page p1'));

    test('is alarmed no more', () => {
      const s = confirmedAfter(3 * MINUTE);
      expect(s.incident.alarms).toEqual({});
      s.advance(60 * MINUTE);
      expect(said(s)).toHaveLength(1);
      expect(s.events.find(({ type }) => type === 'AlarmCleared')).toMatchObject({
        because: 'a pager has page p1',
      });
    });

    test('leaves whoever was rung for the alarm in peace', () => {
      const s = confirmedAfter(14 * MINUTE);
      const alarmed = Object.values(s.incident.escalations).filter(
        ({ key }) => key.kind === 'alarm',
      );
      expect(alarmed.map(({ state }) => state)).toEqual(['ended']);
    });
  });

  /** Not confirmed within 60 s at the first pager; what the first one says comes after what the second one says. */
  const late = (second: Settled): Story => {
    const s = opened(policy(), (effect) => {
      if (effect.name !== 'pager.trigger' || effect.page !== 'p1') return usual(effect);
      return effect.target === 'pd' ? null : second;
    });
    return s.advance(MINUTE);
  };
  const firstTrigger = (s: Story) => {
    const trigger = s.pages('pager.trigger')[0]?.effect;
    if (trigger === undefined) throw new Error('nothing rang');
    return trigger;
  };

  test('at the first pager and is refused there late is through at the second: nobody else is rung', () => {
    const s = late(usual(firstTrigger(opened(policy(), usual))) ?? refused);
    s.feed({ type: 'EffectSettled', effect: firstTrigger(s), settled: refused });
    s.advance(MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '1 Ada at og']);
    expect(s.incident.alarms).toEqual({});
  });

  test('at the second pager may do so at the first; everybody is told after the first minute', () => {
    const s = late(refused);
    expect(s.rings().slice(0, 2)).toEqual(['0 Ada at pd', '1 Ada at og']);
    expect(Object.keys(s.incident.alarms)).toEqual(['page:p1']);
    expect(s.last('EscalationAdvanced')).toBeUndefined();
  });

  test('although it is still wanted rings at the next pager: rather two pages than none', () => {
    expect(
      triggers(opened(policy(), atTarget('pd', { result: 'superseded', why: 'a fault of ours' }))),
    ).toEqual(['0 pd', '0 og']);
  });

  test('where every pager is in shadow is recorded, and rings nowhere else', () => {
    const { pd, og, ...others } = policy().targets;
    if (pd === undefined || og === undefined) throw new Error('the base policy has two pagers');
    const inShadow = policy({
      targets: { ...others, pd: { ...pd, mode: 'shadow' }, og: { ...og, mode: 'shadow' } },
    });
    const s = opened(inShadow, atTarget('pd', { result: 'withheld', mode: 'shadow' }));
    s.advance(2 * MINUTE);
    expect(triggers(s)).toEqual(['0 pd']);
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('withheld');
  });
});

describe('a page that was merely accepted', () => {
  const finds = (s: Story): readonly number[] =>
    s
      .pages('pager.find')
      .filter((one) => one.effect.page === 'p1')
      .map((one) => (one.at - START) / SECOND);

  test('is read back and confirmed', () => {
    const s = opened(readable, atTarget('og', accepted));
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('accepted');
    s.advance(5 * SECOND);
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('confirmed');
    s.advance(MINUTE);
    expect(triggers(s)).toEqual(['0 og']);
  });

  test('and is not found at 5, 15 and 45 s is sent again under its key, and fails over at 60 s', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.find' ? missing : atTarget('og', accepted)(effect),
    );
    s.advance(61 * SECOND);
    expect(finds(s).slice(0, 3)).toEqual([5, 15, 45]);
    expect(triggers(s)).toEqual(['0 og', '45 og', '60 pd']);
    const [first, again] = s.pages('pager.trigger');
    expect(again?.effect.key).toBe(first?.effect.key);
  });

  test('and was confirmed by a word of its vendor is not sent again, though it is not found', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.find' ? missing : atTarget('og', accepted)(effect),
    );
    s.advance(7 * SECOND).hear('p1', 'noted');
    s.advance(2 * MINUTE);
    expect(triggers(s)).toEqual(['0 og']);
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('confirmed');
  });

  test.each<[string, Settled | null, readonly string[]]>([
    ['lost', null, ['0 og', '45 og']],
    ['refused when it was sent again', refused, ['0 og', '45 og', '45 pd']],
  ])('is through when its vendor speaks of it, although it was %s', (_word, again, expected) => {
    let sent = 0;
    const s = opened(readable, (effect) => {
      if (effect.name === 'pager.find') return missing;
      if (effect.name !== 'pager.trigger' || effect.page !== 'p1') return usual(effect);
      return (sent += 1) === 1 ? accepted : effect.target === 'og' ? again : null;
    });
    s.advance(50 * SECOND).hear('p1', 'noted');
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('confirmed');
    s.advance(3 * MINUTE);
    expect(triggers(s)).toEqual(expected);
    expect(s.incident.alarms).toEqual({});
  });

  test('is not called lost by a pager that does not answer, and may be there: nobody else is rung yet', () => {
    const s = opened(readable, (effect) => {
      if (effect.name === 'pager.find') return { result: 'read', read: null, detail: '503' };
      if (effect.name !== 'pager.trigger' || effect.page !== 'p1') return usual(effect);
      return effect.target === 'og' ? accepted : refused;
    });
    s.advance(MINUTE + SECOND);
    const said = s.events.flatMap((event) =>
      event.type === 'RingChanged' && event.target === 'og' ? event.status : [],
    );
    expect(new Set(said)).toEqual(new Set(['accepted']));
    expect(triggers(s)).toEqual(['0 og', '45 og', '60 pd']);
    expect(s.incident.alarms).toEqual({});
  });

  test('and answered before it is sent once more is closed at its pager in the end', () => {
    let sent = 0;
    const s = opened(readable, (effect) => {
      if (effect.name === 'pager.find') return missing;
      if (effect.name === 'pager.trigger' && effect.page === 'p1')
        return (sent += 1) === 1 ? accepted : null;
      return usual(effect);
    });
    s.advance(50 * SECOND);
    const again = s.pages('pager.trigger').at(-1)?.effect;
    if (again === undefined) throw new Error('nothing rang');
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    const settled = { result: 'superseded', why: 'the page is acknowledged' } as const;
    s.feed({ type: 'EffectSettled', effect: again, settled });
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const closed = s.pages('pager.resolve').filter(({ effect }) => effect.page === 'p1');
    expect(closed.map(({ effect }) => effect.target)).toEqual(['og']);
  });

  test('by a pager that cannot be asked is through', () => {
    const s = opened(policy(), atTarget('pd', accepted));
    s.advance(2 * MINUTE);
    expect(triggers(s)).toEqual(['0 pd']);
  });

  test('and is found acknowledged there is answered', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.find'
        ? {
            result: 'read',
            read: { found: true, externalRef: 'r', status: 'acknowledged', by: 'ada' },
            detail: '',
          }
        : atTarget('og', accepted)(effect),
    );
    s.advance(5 * SECOND);
    expect(s.incident.escalations['role:expert']).toMatchObject({
      state: 'answered',
      answeredBy: 'ada',
    });
  });
});

test('a page that is found acknowledged by nobody is not answered: the next step rings', () => {
  const s = opened(readable, (effect) =>
    effect.name === 'pager.find'
      ? {
          result: 'read',
          read: { found: true, externalRef: 'r', status: 'acknowledged', by: null },
          detail: '',
        }
      : atTarget('og', accepted)(effect),
  );
  s.advance(5 * MINUTE);
  expect(s.rings()).toEqual(['0 Ada at og', '5 Ben at pd']);
  expect(s.incident.roles).toEqual({});
});

describe('a page of which its pager speaks before it answers', () => {
  /** Told of at 2 s; its trigger is answered at 90 s. */
  const answeredLate = (answer: Settled): Story => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    s.advance(2 * SECOND).hear('p1', 'triggered');
    s.advance(88 * SECOND);
    const trigger = s.pages('pager.trigger').find(({ effect }) => effect.page === 'p1')?.effect;
    if (trigger === undefined) throw new Error('nothing rang');
    s.feed({ type: 'EffectSettled', effect: trigger, settled: answer });
    return s.advance(MINUTE);
  };

  test.each([
    ['took it', accepted],
    ['refuses to repeat it', refused],
    ['refuses our account', { ...refused, ofAccount: true }],
  ] as const)(
    'rings, and nobody else does, although the answer that it %s comes late',
    (_, answer) => {
      const s = answeredLate(answer);
      expect(triggers(s)).toEqual(['0 og']);
      expect(s.incident.pages['p1']?.rings[0]?.status).toBe('confirmed');
      expect(s.pages('pager.find')).toEqual([]);
    },
  );

  test('and that was answered before it rang is silenced', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    const sent = s.pages('pager.acknowledge').length;
    s.hear('p1', 'triggered');
    expect(s.pages('pager.acknowledge')).toHaveLength(sent + 1);
  });

  test('and that was answered, and then not sent once more, rings all the same: it is silenced, and closed in the end', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    const trigger = s.pages('pager.trigger').find(({ effect }) => effect.page === 'p1')?.effect;
    if (trigger === undefined) throw new Error('nothing was to ring');
    const settled = { result: 'superseded', why: 'the page is acknowledged' } as const;
    s.feed({ type: 'EffectSettled', effect: trigger, settled });
    const sent = s.pages('pager.acknowledge').length;
    s.hear('p1', 'triggered');
    expect(s.pages('pager.acknowledge')).toHaveLength(sent + 1);
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const closed = s.pages('pager.resolve').filter(({ effect }) => effect.page === 'p1');
    expect(closed.map(({ effect }) => effect.target)).toEqual(['og']);
  });

  test('and whose repeat the account was refused when somebody had answered is asked about on', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    const trigger = s.pages('pager.trigger').find(({ effect }) => effect.page === 'p1')?.effect;
    if (trigger === undefined) throw new Error('nothing was to ring');
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    s.feed({
      type: 'EffectSettled',
      effect: trigger,
      settled: { ...refused, ofAccount: true },
    });
    const settled = { result: 'superseded', why: 'it is answered', mayHaveArrived: true } as const;
    s.feed({ type: 'EffectSettled', effect: trigger, settled });
    expect(s.incident.pages['p1']?.rings).toMatchObject([{ target: 'og', status: 'pending' }]);
  });

  test('and that was closed before it was there is closed under the name that it has got there', () => {
    const s = opened(readable, (effect) => {
      if (effect.name !== 'pager.trigger' || effect.page !== 'p1') return usual(effect);
      return { result: 'delivered', receipt: 'accepted', externalRef: 'request:1', url: null };
    });
    s.feed({ type: 'MarkFalsePositive', reason: 'a drill' }, byPerson('ada'));
    const closed = s.pages('pager.resolve').length;
    s.hear('p1', 'triggered', { ref: 'alert-1' });
    expect(s.pages('pager.resolve')).toHaveLength(closed + 1);
    expect(s.incident.pages['p1']?.rings[0]).toMatchObject({ status: 'closed', ref: 'alert-1' });
  });

  test('and that its pager spoke of while it was asked once more may come once more', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    const trigger = s.pages('pager.trigger').find(({ effect }) => effect.page === 'p1')?.effect;
    if (trigger === undefined) throw new Error('nothing was to ring');
    s.hear('p1', 'triggered', { ref: 'alert-1' });
    s.advance(MINUTE).feed({ type: 'MarkFalsePositive', reason: 'a drill' }, byPerson('ada'));
    const settled = { result: 'superseded', why: 'it is closed', mayHaveArrived: true } as const;
    s.feed({ type: 'EffectSettled', effect: trigger, settled });
    expect(s.incident.pages['p1']?.rings).toMatchObject([
      { ref: 'alert-1', status: 'closed', mayComeAgain: true, askedAt: s.now },
    ]);
  });

  test('and that was closed, and rings for somebody else by now, is no news of what was closed', () => {
    const s = opened(readable, usual);
    s.feed({ type: 'MarkFalsePositive', reason: 'a drill' }, byPerson('ada'));
    s.lookups = { ...s.lookups, isAwaited: () => true };
    const before = s.types().length;
    s.hear('p1', 'triggered', { ref: '' });
    expect(s.types().slice(before)).toEqual([]);
  });

  test('and that is told of twice is silenced once', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    s.hear('p1', 'triggered');
    const sent = s.pages('pager.acknowledge').length;
    s.hear('p1', 'triggered');
    expect(s.pages('pager.acknowledge')).toHaveLength(sent);
  });
});

describe('a page that its pager said to ring', () => {
  /** At the pager that can be asked, which answers the trigger like this one and is asked like that. */
  const taken = (found: Settled | null): Story =>
    opened(readable, (effect) =>
      effect.name === 'pager.find' ? found : atTarget('og', confirmed)(effect),
    );
  const finds = (s: Story): readonly number[] =>
    s.pages('pager.find').map((one) => (one.at - START) / SECOND);

  test('sets no clock by which the next pager would ring, and is looked for once', () => {
    const s = taken({
      result: 'read',
      read: { found: true, externalRef: 'r', status: 'triggered', by: null },
      detail: '',
    });
    s.advance(5 * MINUTE - SECOND);
    expect(finds(s)).toEqual([5]);
    expect(s.owed().filter(({ clock }) => clock.kind === 'failover')).toEqual([]);
  });

  test('and that is not there is lost: it is sent again, and the next pager rings', () => {
    const s = taken(missing);
    s.advance(61 * SECOND);
    expect(finds(s).slice(0, 3)).toEqual([5, 15, 45]);
    expect(triggers(s)).toEqual(['0 og', '45 og', '60 pd']);
    expect(s.types(), 'a pager had taken it').not.toContain('PageUnreachable');
  });

  test('and that is not there when nobody takes it any more is alarmed as what was lost', () => {
    let sent = 0;
    const s = opened(readable, (effect) => {
      if (effect.name === 'pager.find') return missing;
      if (effect.name !== 'pager.trigger' || effect.page !== 'p1') return usual(effect);
      return (sent += 1) === 1 ? confirmed : null;
    });
    s.advance(3 * MINUTE);
    expect(s.types(), 'a pager had taken it').not.toContain('PageUnreachable');
    expect(s.incident.alarms['page:p1']?.reason).toContain('is not confirmed by any pager');
  });

  test('again, of what was lost before, is not believed until it is seen there', () => {
    const s = taken(missing);
    s.advance(50 * SECOND);
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('accepted');
    expect(s.owed().filter(({ clock }) => clock.kind === 'failover')).toHaveLength(1);
  });

  test('rings, as far as anybody knows, while its pager answers no question; it is asked for two minutes', () => {
    const s = taken({ result: 'read', read: null, detail: '503' });
    s.advance(5 * MINUTE - SECOND);
    expect(triggers(s)).toEqual(['0 og']);
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('confirmed');
    expect(finds(s)).toEqual([5, 15, 45, 75, 105, 135]);
  });

  test('that answers in the end is found to be lost all the same', () => {
    let asked = 0;
    const s = opened(readable, (effect) => {
      if (effect.name !== 'pager.find') return atTarget('og', confirmed)(effect);
      return (asked += 1) < 6 ? { result: 'read', read: null, detail: '503' } : missing;
    });
    s.advance(136 * SECOND);
    expect(triggers(s)).toEqual(['0 og', '135 og', '135 pd']);
  });
});

describe('paged means un-paged', () => {
  test('an acknowledgement reaches both pagers of a page that failed over', () => {
    const s = opened(policy(), atTarget('pd', null));
    s.advance(MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    expect(s.pages('pager.acknowledge').map((one) => one.effect.target)).toEqual(['pd', 'og']);
  });

  test('a pager that refused a page hears nothing more of it', () => {
    const s = opened(policy(), atTarget('pd', refused));
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const told = [...s.pages('pager.acknowledge'), ...s.pages('pager.resolve')];
    expect(new Set(told.map(({ effect }) => effect.target))).toEqual(new Set(['og']));
  });

  test('a pager where the page was closed hears nothing more of it', () => {
    const s = opened(policy(), atTarget('pd', null));
    s.advance(MINUTE);
    s.hear('p1', 'merged');
    expect(s.incident.pages['p1']?.rings.map(({ status }) => status)).toEqual([
      'closed',
      'confirmed',
    ]);
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const told = [...s.pages('pager.acknowledge'), ...s.pages('pager.resolve')];
    expect(
      told.filter(({ effect }) => effect.page === 'p1').map(({ effect }) => effect.target),
    ).toEqual(['og', 'og']);
  });

  describe('two addresses of a person at one pager', () => {
    const atPd = (action: PageObserved['action'], by: string | null = null): Story => {
      const s = opened(twoPhones, (effect) => {
        if (effect.name !== 'pager.trigger' || effect.page !== 'p1') return usual(effect);
        return effect.address.label === 'pd ada'
          ? null
          : { result: 'delivered', receipt: 'confirmed', externalRef: 'second', url: null };
      });
      s.advance(MINUTE);
      s.hear('p1', action, { key: s.incident.pages['p1']?.rings[1]?.key ?? '', by });
      return s;
    };
    const statuses = (s: Story) => s.incident.pages['p1']?.rings.map(({ status }) => status);

    test('are told of the answer that was given at the other', () => {
      const s = atPd('acknowledged', 'ada');
      expect(s.pages('pager.acknowledge').map(({ effect }) => effect.address.label)).toEqual([
        'pd ada',
      ]);
    });

    test('are confirmed one by one', () => {
      expect(statuses(atPd('noted'))).toEqual(['pending', 'confirmed']);
    });

    test('are closed one by one: the other one may ring', () => {
      const s = atPd('merged');
      expect(statuses(s)).toEqual(['pending', 'closed']);
      expect(s.incident.pages['p1']?.state).toBe('open');
    });
  });

  test('a resolve closes every page, the acknowledged ones too', () => {
    const s = opened(policy(), usual);
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    expect(
      s
        .pages('pager.resolve')
        .map((one) => one.effect.page)
        .toSorted(),
    ).toEqual(['p1', 'p2', 'p3']);
    expect(
      Object.values(s.incident.pages).flatMap((page) => page.rings.map((ring) => ring.status)),
    ).toEqual(['closed', 'closed', 'closed']);
  });

  test('but not what another open incident rings under the same key', () => {
    const s = new Story(policy());
    s.lookups = {
      ...noLookups,
      ...ringsAt(ringing()),
    };
    s.feed(observed());
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const resolve = s.pages('pager.resolve')[0]?.effect;
    if (resolve === undefined) throw new Error('nothing was to be closed');
    const context = { now: s.now, policy: s.policy, lookups: noLookups };
    expect(
      stillWanted(s.incident, resolve, {
        ...context,
        lookups: { ...noLookups, isShared: () => true },
      }),
    ).toMatchObject({ verdict: 'superseded' });
    expect(stillWanted(s.incident, resolve, context)).toMatchObject({ verdict: 'send' });
  });

  test('a trigger that has not left is overtaken by the end of its page', () => {
    const s = opened(policy(), () => null);
    const trigger = s.pages('pager.trigger')[0]?.effect;
    if (trigger === undefined) throw new Error('nothing rang');
    const context = { now: s.now, policy: s.policy, lookups: noLookups };
    expect(stillWanted(s.incident, trigger, context)).toMatchObject({ verdict: 'send' });
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    expect(stillWanted(s.incident, trigger, context)).toMatchObject({ verdict: 'superseded' });
  });
});

describe('a ring that two pages share', () => {
  /** Another page of the incident, as far as its ring differs, and what other incidents hold. */
  interface Among {
    readonly other?: Page['state'];
    readonly change?: Partial<Ring>;
    readonly lookups?: Partial<Lookups>;
  }

  /** Whether the effect leaves that an end of the page asks for. */
  function verdict(
    name: 'pager.acknowledge' | 'pager.resolve',
    is: Page['state'],
    among: Among,
  ): string {
    const s = opened(policy(), usual);
    const trigger = s.pages('pager.trigger')[0]?.effect;
    const page = s.incident.pages['p1'];
    if (trigger === undefined || page === undefined) throw new Error('nothing rang');
    const rings = page.rings.map((ring) => ({ ...ring, ...among.change }));
    const { other } = among;
    const pages = {
      p1: { ...page, state: is },
      ...(other === undefined ? {} : { p2: { ...page, id: 'p2' as const, state: other, rings } }),
    };
    const lookups = { ...noLookups, ...among.lookups };
    const context = { now: s.now, policy: s.policy, lookups };
    return stillWanted({ ...s.incident, pages }, { ...trigger, name }, context).verdict;
  }

  const isShared = (): boolean => true;
  const isAwaited = isShared;
  const elsewhere = { key: 'tocsin/test/inc-1/p2' };

  test.each<[string, string, Among]>([
    ['it has no other page', 'send', {}],
    ['another one rings by it', 'superseded', { other: 'open' }],
    ['another one was refused there', 'send', { other: 'open', change: { status: 'failed' } }],
    ['another one was answered by it', 'superseded', { other: 'acknowledged' }],
    ['the other one is closed too', 'send', { other: 'closed' }],
    ['the other one has another key', 'send', { other: 'open', change: elsewhere }],
    ['the other one is at another pager', 'send', { other: 'open', change: { target: 'og' } }],
    ['another incident holds it', 'superseded', { lookups: { isShared } }],
  ])('is closed with a page, or not: %s', (_what, expected, among) => {
    expect(verdict('pager.resolve', 'closed', among)).toBe(expected);
  });

  test.each<[string, string, Among]>([
    ['it has no other page', 'send', {}],
    ['another one waits for an answer', 'superseded', { other: 'open' }],
    ['another one has given it up', 'send', { other: 'open', change: { status: 'failed' } }],
    ['another one was answered as well', 'send', { other: 'acknowledged' }],
    ['the other one has another key', 'send', { other: 'open', change: elsewhere }],
    ['another incident waits', 'superseded', { lookups: { isShared, isAwaited } }],
    ['another incident was answered', 'send', { lookups: { isShared } }],
  ])('falls silent with the answer to a page, or not: %s', (_what, expected, among) => {
    expect(verdict('pager.acknowledge', 'acknowledged', among)).toBe(expected);
  });

  test.each<[string, string, Among]>([
    ['it is closed itself', 'superseded', {}],
    ['another page that was answered holds it', 'send', { other: 'acknowledged' }],
    ['another incident that was answered holds it', 'send', { lookups: { isShared } }],
  ])('falls silent with the end of a page, or not: %s', (_what, expected, among) => {
    expect(verdict('pager.acknowledge', 'closed', among)).toBe(expected);
  });

  test('is to fall silent with the end of a page that was open, and only there', () => {
    const shared = { ...noLookups, isShared };
    const silenced = (lookups: Lookups, isAnswered: boolean): number => {
      const s = opened(policy(), usual);
      s.lookups = lookups;
      if (isAnswered) s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
      const before = s.pages('pager.acknowledge').length;
      s.feed({ type: 'MarkFalsePositive', reason: 'nothing' }, byPerson('ada'));
      const ended = s.pages('pager.acknowledge').slice(before);
      return ended.filter(({ effect }) => effect.page === 'p1').length;
    };
    expect([silenced(shared, false), silenced(shared, true), silenced(noLookups, false)]).toEqual([
      1, 0, 0,
    ]);
  });
});

test('an effect that the state does not know changes nothing', () => {
  const s = opened(policy(), usual);
  const trigger = s.pages('pager.trigger')[0]?.effect;
  if (trigger === undefined) throw new Error('nothing rang');
  const before = s.state;
  const effect = { ...trigger, key: 'tocsin/test/inc-1/p99' };
  const decision = s.feed({ type: 'EffectSettled', effect, settled: accepted });
  expect(decision).toMatchObject({ ok: true, events: [] });
  expect(s.state).toBe(before);
});

test('our own silence, read back at a ring that another incident shares, is nobody’s answer', () => {
  const s = new Story(readable);
  s.lookups = { ...noLookups, endedUnder: () => ['ben'] };
  s.answer = (effect) =>
    effect.name === 'pager.find'
      ? {
          result: 'read',
          read: { found: true, externalRef: 'ref', status: 'acknowledged', by: 'Tocsin' },
          detail: '',
        }
      : atTarget('og', accepted)(effect);
  s.feed(observed());
  s.advance(6 * SECOND);
  expect(s.pages('pager.find')).toHaveLength(1);
  expect(s.incident.pages['p1']).toMatchObject({ state: 'open', acknowledgedBy: null });
});

test('a ring that another incident rang first is not read back', () => {
  const s = new Story(readable);
  s.lookups = {
    ...noLookups,
    ...ringsAt(ringing({ target: 'og' })),
  };
  s.answer = atTarget('og', accepted);
  s.feed(observed());
  s.advance(MINUTE);
  expect(s.incident.pages['p1']?.rings[0]?.status).toBe('joined');
  expect(s.pages('pager.find').filter(({ effect }) => effect.page === 'p1')).toEqual([]);
});

test('where a person sees the page at its pager stays known, also after a word of it that does not say so', () => {
  const url = 'https://trams.pagerduty.example/incidents/Q1';
  const s = opened(policy(), (effect) =>
    effect.name === 'pager.trigger' && effect.target === 'pd'
      ? { result: 'delivered', receipt: 'confirmed', externalRef: 'Q1', url }
      : usual(effect),
  );
  s.hear('p1', 'resolved', { ref: 'Q1', by: 'ada' });
  expect(s.incident.pages['p1']).toMatchObject({ rings: [{ status: 'closed', url }] });
});

describe('a pager that refuses our account', () => {
  /** The token is refused until the instant, in seconds. */
  const until = (seconds: number, targets: readonly string[]) => (s: Story) => {
    s.answer = (effect) =>
      effect.name === 'pager.trigger' &&
      targets.includes(effect.target) &&
      s.now < START + seconds * SECOND
        ? { ...refused, ofAccount: true, reason: 'forbidden' }
        : usual(effect);
    s.feed(observed());
    return s;
  };

  test('costs no step: it is asked again, and rings the same person when it takes us back', () => {
    const s = until(20, ['pd', 'og'])(new Story(policy()));
    s.advance(4 * MINUTE);
    expect(s.rings().filter((ring) => !ring.includes('Ada'))).toEqual([]);
    expect(s.incident.pages['p1']?.rings.map(({ status }) => status)).toEqual([
      'confirmed',
      'confirmed',
    ]);
    expect(s.incident.escalations['role:expert']).toMatchObject({ state: 'open', step: 0 });
  });

  test('after it has taken the page and lost it is told of the answer all the same: it may have it yet', () => {
    let sent = 0;
    const s = opened(readable, (effect) => {
      if (effect.name === 'pager.find') return missing;
      if (effect.name !== 'pager.trigger' || effect.target !== 'og') return usual(effect);
      return (sent += 1) === 1 ? accepted : { ...refused, ofAccount: true, reason: 'forbidden' };
    });
    s.advance(50 * SECOND).feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    s.advance(MINUTE);
    const ring = s.incident.pages['p1']?.rings.find(({ target }) => target === 'og');
    expect(ring?.status).toBe('pending');
    expect(s.pages('pager.acknowledge').map(({ effect }) => effect.target)).toContain('og');
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    expect(s.pages('pager.resolve').map(({ effect }) => effect.target)).toContain('og');
  });

  test('hands the page to the next pager at once', () => {
    const s = until(600, ['pd'])(new Story(policy()));
    expect(triggers(s).slice(0, 2)).toEqual(['0 pd', '0 og']);
  });

  test('is told of once, by one order, however long that lasts', () => {
    const s = until(3_600, ['pd'])(new Story(policy()));
    s.advance(10 * MINUTE);
    const orders = s
      .pages('pager.trigger')
      .filter(({ effect }) => effect.target === 'pd' && effect.page === 'p1');
    expect(orders.length).toBeGreaterThan(10);
    expect(new Set(orders.map(({ effect }) => effect.id)).size).toBe(1);
    const told = s.events.filter(
      (one) => one.type === 'RingChanged' && one.target === 'pd' && one.page === 'p1',
    );
    expect(told).toHaveLength(1);
  });

  test('is alarmed after a minute where nothing else rings, and the steps go on at their times', () => {
    const s = until(3_600, ['pd', 'og'])(new Story(policy()));
    s.advance(MINUTE);
    s.advance(MINUTE);
    expect(s.incident.alarms['page:p1']?.reason).toContain('no pager has accepted it for 60 s');
    expect(s.incident.escalations['role:expert']).toMatchObject({ step: 0 });
    s.advance(4 * MINUTE);
    expect(s.incident.escalations['role:expert']).toMatchObject({ step: 1 });
  });
});

test('what became of a ring is said once', () => {
  const s = opened(policy(), (effect) =>
    effect.name === 'pager.trigger' ? confirmed : usual(effect),
  );
  s.feed({ type: 'MarkFalsePositive', reason: 'a drill' }, byPerson('ada'));
  const told = s.events.flatMap((event) =>
    event.type === 'RingChanged' ? [sentenceOf(event, String)] : [],
  );
  expect(told).toEqual([
    'Page p1 at pd was confirmed by the pager.',
    'Page p1 at pd was closed at the pager.',
  ]);
});
