/** The end of an incident: quiet that must last, resolution, reopening. */
import type { DraftId } from '../model/made-ids.ts';
import { describe, expect, test } from 'vitest';
import { policy, publicCadence, role, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  cleared,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Policy } from '../model/policy.ts';

function monitored(by: Policy = policy()): Story {
  const s = new Story(by);
  s.feed(observed());
  for (const one of ['ada', 'cleo', 'dev', 'gus'])
    s.feed({ type: 'Acknowledge', page: null }, byPerson(one));
  s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('cleo'));
  return s;
}

const allowed = {
  investigating: 'none',
  identified: 'none',
  monitoring: 'none',
  resolved: 'none',
  unchanged: 'none',
} as const;

describe('the soak', () => {
  test('proposes the resolution when it was quiet for its whole time, and asks again', () => {
    const s = monitored();
    s.feed(cleared);
    s.advance(9 * MINUTE);
    expect(s.types()).not.toContain('ResolutionProposed');
    s.advance(MINUTE);
    expect(s.last('ResolutionProposed')?.at).toBe(START + 10 * MINUTE);
    expect(s.messages().at(-1)).toMatchObject({
      channel: 'shop',
      text: expect.stringContaining('Commander: resolve it, or say why not.') as string,
    });
    expect(s.incident.phase).toBe('monitoring');
    s.advance(30 * MINUTE);
    expect(s.types().filter((type) => type === 'ResolutionProposed')).toHaveLength(2);
  });

  test('resolves where the level says so', () => {
    const s = monitored(withLevel('L2', { soak: { forMs: 10 * MINUTE, then: 'resolve' } }));
    s.feed(cleared);
    s.advance(10 * MINUTE);
    expect(s.incident).toMatchObject({ phase: 'resolved', resolvedAt: START + 10 * MINUTE });
    expect(s.posts().at(-1)).toBe('10 resolved');
  });

  test('proposes only, while automation is paused', () => {
    const s = monitored(withLevel('L2', { soak: { forMs: 10 * MINUTE, then: 'resolve' } }));
    s.lookups = {
      ...noLookups,
      pauses: {
        automation: { since: START, until: START + 15 * MINUTE, by: 'ada', why: 'a migration' },
      },
    };
    s.feed(cleared);
    s.advance(10 * MINUTE);
    expect(s.incident.phase).toBe('monitoring');
    expect(s.last('ResolutionProposed')?.at).toBe(START + 10 * MINUTE);
    s.advance(30 * MINUTE);
    expect(s.incident.resolvedAt, 'the pause is over when it is looked at again').toBe(
      START + 40 * MINUTE,
    );
  });

  test('is broken by an alert that fires again, and begins anew', () => {
    const s = monitored(withLevel('L2', { soak: { forMs: 10 * MINUTE, then: 'resolve' } }));
    s.feed(cleared);
    s.advance(8 * MINUTE).feed(observed());
    expect(s.types()).toContain('SoakBroken');
    expect(s.incident.phase).toBe('investigating');
    s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('cleo'));
    s.advance(8 * MINUTE).feed(cleared);
    s.advance(9 * MINUTE);
    expect(s.incident.phase).toBe('monitoring');
    s.advance(MINUTE);
    expect(s.incident.resolvedAt).toBe(START + 26 * MINUTE);
  });

  test('does not begin before a fix is in place: cleared alerts alone resolve nothing', () => {
    const s = new Story(withLevel('L2', { soak: { forMs: 10 * MINUTE, then: 'resolve' } }));
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.feed(cleared);
    s.advance(60 * MINUTE);
    expect(s.incident.phase).toBe('investigating');
    expect(s.messages().some((one) => one.text.includes('Every alert has cleared'))).toBe(true);
  });
});

describe('resolved', () => {
  test('nothing rings or is posted any more', () => {
    const s = monitored();
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    const rings = s.rings().length;
    s.advance(20 * 60 * MINUTE);
    expect(s.rings()).toHaveLength(rings);
    expect(s.posts().at(-1)).toBe('0 resolved');
  });

  test('it closes after a day, or when the post-mortem is due', () => {
    const s = monitored();
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(24 * 60 * MINUTE);
    expect(s.incident).toMatchObject({ phase: 'closed', closedAs: 'resolved' });
    expect(s.types(), 'its level asks for no post-mortem').not.toContain('PostmortemDue');
    const due = monitored(withLevel('L2', { postmortemWithinMs: 48 * 60 * MINUTE }));
    due.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    due.advance(48 * 60 * MINUTE);
    expect(due.last('PostmortemDue')?.at).toBe(START + 48 * 60 * MINUTE);
  });

  test('a phone that was answered for a late post is closed with the others', () => {
    const s = monitored(
      withLevel('L2', {
        public: publicCadence(30 * MINUTE, { approval: { ...allowed, monitoring: 'required' } }),
      }),
    );
    s.advance(6 * MINUTE);
    expect(s.rings().at(-1)).toBe('5 Dev at pd');
    s.feed({ type: 'Acknowledge', page: null }, byPerson('dev'));
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(Object.values(s.incident.pages).map(({ state }) => state)).toEqual(
      Object.values(s.incident.pages).map(() => 'closed'),
    );
  });

  test.each([
    ['Resolve', { type: 'Resolve', text: null }],
    ['ChangeSeverity', { type: 'ChangeSeverity', level: 'L1', reason: null }],
    ['AssignRole', { type: 'AssignRole', role: 'writer', person: 'gus', confirmed: true }],
  ] as const)('%s is refused', (_name, request) => {
    const s = monitored();
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(s.feed(request, byPerson('cleo'))).toMatchObject({ ok: false, code: 'over' });
  });

  test('an alert of it that clears late is noted, nothing else', () => {
    const s = monitored();
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    const sent = s.sent.length;
    s.feed(cleared);
    expect(s.incident.alerts.firing).toBe(0);
    expect(s.sent).toHaveLength(sent);
  });
});

describe('resolved before anybody declared', () => {
  test('nobody was told of it, so nobody is told of its end', () => {
    const s = new Story(policy());
    s.feed(observed());
    s.feed({ type: 'Resolve', text: 'A probe was restarted.' }, byPerson('ada'));
    expect(s.incident).toMatchObject({ phase: 'resolved', declaredAt: null });
    expect(s.messages()).toEqual([]);
  });
});

describe('closed', () => {
  test('the pages and alarms say once that it is, and why', () => {
    const s = new Story(policy());
    s.feed(observed());
    s.feed({ type: 'MarkFalsePositive', reason: 'a drill' }, byPerson('ada'));
    expect(s.last('PageClosed')?.because).toBe('the incident is closed (a drill)');
    expect(s.last('EscalationEnded')?.because).toBe('the incident is closed (a drill)');
  });
});

describe('the last word in public', () => {
  const asking = withLevel('L2', {
    public: publicCadence(30 * MINUTE, {
      approval: { ...allowed, resolved: 'required' },
    }),
  });
  const posts = (s: Story): readonly string[] => s.posts().slice(-1);
  const waiting = (s: Story): DraftId =>
    Object.values(s.incident.drafts).find((draft) => draft.state === 'waiting')?.id ?? 'd0';

  test('that nobody approves is alarmed although the incident is over, and ends when it is out', () => {
    const s = monitored(asking);
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    const before = s.rings().length;
    s.advance(16 * MINUTE);
    expect(s.rings().slice(before)).toEqual(['5 Dev at pd', '15 Eve at pd']);
    s.feed({ type: 'Approve', draft: waiting(s) }, byPerson('dev'));
    s.advance(60 * MINUTE);
    expect(posts(s)).toEqual(['16 resolved']);
    expect(s.rings().slice(before)).toHaveLength(2);
  });

  test.each<[number, readonly string[]]>([
    [3, []],
    [20, ['dev', 'eve']],
  ])(
    'that nobody approves is alarmed on, although the incident closes after %i minutes',
    (minutes, phones) => {
      const s = monitored({
        ...asking,
        levels: asking.levels.map((one) => ({ ...one, postmortemWithinMs: minutes * MINUTE })),
      });
      s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
      const before = s.rings().length;
      s.advance(minutes * MINUTE);
      expect(s.incident.phase).toBe('closed');
      const ringing = Object.values(s.incident.pages).filter(({ state }) => state === 'open');
      expect(ringing.map(({ person }) => person)).toEqual(phones);
      s.advance((26 - minutes) * MINUTE);
      expect(s.rings().slice(before)).toEqual(['5 Dev at pd', '15 Eve at pd', '25 Dev at pd']);
    },
  );

  test('that is rejected leaves the page as it is, and a person hears of it', () => {
    const s = monitored(asking);
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.feed(
      { type: 'Reject', draft: waiting(s), reason: 'too early', closed: false },
      byPerson('dev'),
    );
    expect(s.messages().at(-1)).toMatchObject({
      channel: 'alarms',
      text: expect.stringContaining('page still says') as string,
    });
  });

  test('of a false positive may be approved although the incident is closed', () => {
    const s = monitored(asking);
    s.feed({ type: 'MarkFalsePositive', reason: 'a broken probe' }, byPerson('cleo'));
    expect(s.incident.phase).toBe('closed');
    expect(s.feed({ type: 'Approve', draft: waiting(s) }, byPerson('dev')).ok).toBe(true);
    expect(posts(s)).toEqual(['0 resolved']);
    expect(s.feed({ type: 'Resolve', text: null }, byPerson('cleo'))).toMatchObject({
      ok: false,
      code: 'closed',
    });
  });
});

describe('a cause that is found when a fix is in place', () => {
  test('takes nothing back: the phase stays, and the public hears no more of it', () => {
    const s = monitored();
    const posts = s.posts();
    s.feed({ type: 'RootCauseFound', text: 'A disk was full.' }, byPerson('cleo'));
    expect(s.incident).toMatchObject({ phase: 'monitoring', rootCauseAt: START });
    expect(s.posts()).toEqual(posts);
  });
});

describe('reopening', () => {
  test('is told to everybody who was told before, on the hour too', () => {
    const cadence = { firstWithinMs: null, everyMs: null, slower: null };
    const s = monitored(
      withLevel('L2', {
        audiences: [
          {
            ...cadence,
            audience: 'support',
            to: { kind: 'channel', target: 'chat', channel: 'support' },
            topOfHour: false,
          },
          {
            ...cadence,
            audience: 'board',
            to: { kind: 'channel', target: 'chat', channel: 'board' },
            topOfHour: true,
          },
        ],
      }),
    );
    const told = (channel: string, word: string): number =>
      s.messages().filter((one) => one.channel === channel && one.text.includes(word)).length;
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(70 * MINUTE);
    expect(told('board', '')).toBe(0);
    s.feed({ type: 'Reopen', reason: 'it is back' }, byPerson('ben'));
    expect(told('support', 'Reopened: it is back.')).toBe(1);
    s.advance(50 * MINUTE);
    expect(told('board', '')).toBe(1);
  });

  test('ends the alarm about the last word, which nobody wants any more', () => {
    const s = monitored(
      withLevel('L2', {
        public: publicCadence(30 * MINUTE, {
          approval: { ...allowed, investigating: 'required', resolved: 'required' },
        }),
      }),
    );
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(6 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual(['public:page']);
    s.feed({ type: 'Reopen', reason: 'it is back' }, byPerson('ben'));
    expect(s.incident.alarms).toEqual({});
  });

  test.each([
    ['went home', 60, '65 Finn at pd'],
    ['was there a moment ago', 5, '15 Finn at pd'],
  ] as const)(
    'rings the fallback of the commander who %s and does not answer',
    (_who, at, rung) => {
      const s = monitored(
        policy({
          roles: {
            ...policy().roles,
            commander: role('commander', {
              ...policy().roles['commander'],
              fallback: [{ kind: 'person', person: 'finn' }],
            }),
          },
        }),
      );
      s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
      s.advance(at * MINUTE).feed({ type: 'Reopen', reason: 'it is back' }, byPerson('ben'));
      s.advance(10 * MINUTE);
      expect(s.rings()).toContain(rung);
    },
  );

  test('rings whoever is on call now and whoever commands: they went home', () => {
    const s = monitored();
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(60 * MINUTE).feed({ type: 'Reopen', reason: 'it is back' }, byPerson('ben'));
    expect(s.incident.phase).toBe('investigating');
    expect(
      s
        .rings()
        .filter((ring) => ring.startsWith('60 '))
        .toSorted(),
    ).toEqual(['60 Ada at pd', '60 Cleo at pd']);
    expect(s.posts().at(-1)).toBe('60 investigating');
  });

  test('of what was never declared goes back to triage', () => {
    const s = new Story(policy());
    s.feed(observed());
    s.feed({ type: 'MarkFalsePositive', reason: 'noise' }, byPerson('ada'));
    s.feed({ type: 'Reopen', reason: 'it was real' }, byPerson('ada'));
    expect(s.incident).toMatchObject({ phase: 'triage', declaredAt: null, closedAs: null });
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.incident.phase).toBe('investigating');
  });

  test('what is open is refused', () => {
    expect(monitored().feed({ type: 'Reopen', reason: 'x' }, byPerson('ada'))).toMatchObject({
      ok: false,
      code: 'not_over',
    });
  });
});

test('a false positive that was published gets a last word', () => {
  const s = monitored();
  s.feed({ type: 'MarkFalsePositive', reason: 'a broken probe' }, byPerson('cleo'));
  expect(s.posts().at(-1)).toBe('0 resolved');
  expect(s.incident.closedAs).toBe('false_positive');
});

test('a flag that forbids public posts stops the last one after the resolution too', () => {
  const s = new Story(
    withLevel('L2', {
      public: publicCadence(30 * MINUTE, {
        approval: { ...allowed, resolved: 'required' },
      }),
    }),
  );
  s.feed(observed());
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
  const waiting = Object.values(s.incident.drafts).find((draft) => draft.state === 'waiting');
  expect(waiting?.status).toBe('resolved');
  s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('ada'));
  expect(s.incident.drafts[waiting?.id ?? '']?.state).toBe('withdrawn');
});
