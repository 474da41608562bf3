/** Adopted pages: phones that a vendor rings for an incident of its own, which is not ours to end. */
import { describe, expect, test } from 'vitest';
import { policy, trigger, withLevel } from '../../../test/support/policy.ts';
import { adopted, byPerson, MINUTE, observed, Story } from '../../../test/support/story.ts';
import type { Adopted } from '../model/input.ts';
import type { Policy, Recipient } from '../model/policy.ts';

function opened(by: Policy = policy(), change: Partial<Adopted> = {}, level = 'L2'): Story {
  const s = new Story(by);
  s.feed({ ...observed({ level }), adopted: adopted(change) });
  return s;
}

const closedAtVendor = (s: Story): readonly string[] =>
  s.pages('pager.resolve').map(({ effect }) => effect.key);

describe("the vendor's own incident", () => {
  test.each(['live', 'shadow', 'off'] as const)(
    'is with a pager also where that is in mode %s for what we send, and rings nobody else',
    (mode) => {
      const targets = Object.entries(policy().targets).map(([id, one]) => [id, { ...one, mode }]);
      const s = opened(policy({ targets: Object.fromEntries(targets) as Policy['targets'] }));
      s.advance(4 * MINUTE);
      expect(s.last('AlarmRaised')).toBeUndefined();
      expect(s.rings()).toEqual([]);
    },
  );

  test('is not closed when nobody answers: the alarm rings by a page of ours beside it, when it is said again', () => {
    const s = opened();
    s.advance(25 * MINUTE);
    expect(s.rings()).toEqual(['20 Eve at pd']);
    expect(closedAtVendor(s)).not.toContain('ref:Q1');
    expect(s.incident.pages['p1']).toMatchObject({ adopted: true, state: 'open' });
  });

  test('may be assigned to several: each of them answers it by the name of its page', () => {
    const s = opened(policy(), { people: ['ada', 'ben'] });
    expect(s.feed({ type: 'Acknowledge', page: null }, byPerson('ben'))).toMatchObject({
      ok: false,
      message: expect.stringContaining('`tocsin ack inc-1 p1`') as string,
    });
    expect(s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ben')).ok).toBe(true);
    expect(s.incident.pages['p1']).toMatchObject({ acknowledgedBy: 'ben' });
  });

  test.each<[string, Recipient, boolean]>([
    ['the only one whom its search would ask', { kind: 'person', person: 'cleo' }, true],
    ['one of several', { kind: 'group', group: 'managers' }, false],
  ])('of nobody known is answered without its name by %s', (_, page, isTheirs) => {
    const { roles, groups } = policy();
    const expert = { ...roles['expert'], page } as Policy['roles'][string];
    const s = opened(
      policy({
        roles: { ...roles, expert },
        groups: { ...groups, managers: ['cleo', 'ben'] },
      }),
      { people: [] },
    );
    expect(s.feed({ type: 'Acknowledge', page: null }, byPerson('cleo')).ok).toBe(isTheirs);
    expect(s.incident.pages['p1']?.state).toBe(isTheirs ? 'acknowledged' : 'open');
  });

  test('is not closed by a raise that rings louder, and is told of the answer', () => {
    const s = opened(
      policy({
        triggers: [
          trigger(
            'data',
            { kind: 'flag', given: { flag: 'corrupt' } },
            { kind: 'at_least', level: 'L2' },
          ),
        ],
      }),
      { urgency: 'low' },
      'L3',
    );
    s.advance(2 * MINUTE);
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ben'));
    expect(s.rings()).toEqual(['2 Ada at pd']);
    expect(closedAtVendor(s)).toEqual([]);
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ada'));
    expect(s.pages('pager.acknowledge').map(({ effect }) => effect.key)).toContain('ref:Q1');
  });

  test.each(['a|b', 'tocsin|q1', 'x:y%3A', ' ', 'ü–…'])(
    'is closed whatever characters its key has: %s',
    (key) => {
      const s = opened(policy(), { key });
      s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
      expect(closedAtVendor(s)).toEqual([key]);
      expect(s.incident.pages['p1']?.rings.map(({ status }) => status)).toEqual(['closed']);
    },
  );

  test('is closed with the incident', () => {
    const s = opened();
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    expect(closedAtVendor(s)).toContain('ref:Q1');
  });

  test('that joins an incident which is open already is held too, and closed with it', () => {
    const s = opened();
    s.feed({ ...observed(), adopted: adopted({ ref: 'Q2' }) });
    expect(s.rings()).toEqual([]);
    expect(s.incident.pages['p2']).toMatchObject({ adopted: true, state: 'open', person: 'ada' });
    s.hear('p2', 'acknowledged', { ref: 'Q2', by: 'ada' });
    expect(s.incident.escalations['role:expert']).toMatchObject({
      state: 'answered',
      answeredBy: 'ada',
    });
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    expect(closedAtVendor(s)).toEqual(expect.arrayContaining(['ref:Q1', 'ref:Q2']));
  });

  const expertSecond: Policy = withLevel('L2', {
    page: { triage: ['commander', 'expert'], declared: [], commanded: [], onRequest: [] },
  });

  test('rings for the on-call of the service, whichever role the level asks for first', () => {
    const s = opened(expertSecond);
    expect(s.incident.pages['p1']?.escalations).toEqual(['role:expert']);
    expect(s.rings()).toEqual(['0 Cleo at pd']);
  });

  test('that joins an incident rings for the on-call of the service too', () => {
    const s = new Story(expertSecond);
    s.feed(observed());
    s.feed({ ...observed(), adopted: adopted() });
    expect(Object.values(s.incident.pages).at(-1)).toMatchObject({
      adopted: true,
      escalations: ['role:expert'],
    });
  });

  test('that joins an incident for which only an alarm rings is no answer to the alarm', () => {
    const s = new Story(
      withLevel('L2', {
        page: { triage: [], declared: ['commander'], commanded: [], onRequest: [] },
      }),
    );
    s.feed(observed());
    s.advance(MINUTE);
    expect(s.rings()).toEqual(['0 Eve at pd']);
    s.feed({ ...observed(), adopted: adopted() });
    expect(Object.values(s.incident.pages).at(-1)?.escalations).toEqual(['service:basket']);
  });

  test('that joins answered is an answer, of the one who gave it and at its own page', () => {
    const s = opened();
    s.feed({ ...observed(), adopted: adopted({ ref: 'Q2', acknowledgedBy: 'ben' }) });
    expect(s.incident.pages['p2']).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ben' });
    expect(s.incident.escalations['role:expert']).toMatchObject({
      state: 'answered',
      answeredBy: 'ben',
    });
    const told = s.pages('pager.acknowledge').map(({ effect }) => effect.key);
    expect(told, 'Q2 knows').toEqual(['ref:Q1']);
  });

  test('that somebody unknown has answered gives nobody a role', () => {
    const s = opened(policy(), { acknowledgedBy: 'a stranger' });
    expect(s.incident.escalations['role:expert']?.state).toBe('answered');
    expect(s.incident.roles).toEqual({});
  });

  test('that joins when somebody has answered owes nobody another answer', () => {
    const s = opened();
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.feed({ ...observed(), adopted: adopted({ ref: 'Q2' }) });
    expect(s.incident.escalations['role:expert']).toMatchObject({ state: 'answered' });
    expect(s.incident.pages['p2'] ?? s.incident.pages['p4']).toBeDefined();
  });
});
