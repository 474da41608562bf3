/** Keys become texts and values again, whatever an operator or a vendor calls a thing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeAlarm,
  decodeClock,
  decodeEscalation,
  encodeAddress,
  encodeAlarm,
  encodeClock,
  encodeEvidence,
  encodeNotice,
  decodeSchedule,
  encodeSchedule,
  encodeStream,
  encodeEscalation,
  AXES,
  type AlarmId,
  type AlarmKey,
  type Axis,
  type ClockId,
  type ClockKey,
  type EvidenceKey,
  type NoticeKey,
  type Removed,
  type StreamKey,
  type EscalationId,
  type EscalationKey,
} from './keys.ts';
import { encodeDraft, encodePage } from './made-ids.ts';
import { apart, hostile as name, kind, oneOf, RUNS } from '../../../test/support/hostile-keys.ts';

const number = fc.nat();
const page = fc.integer({ min: 1, max: 999_999_999 }).map(encodePage);
const notice: fc.Arbitrary<NoticeKey> = fc.record({ level: name, number });
const removable: Readonly<Record<Removed['what'], Removed['what']>> = {
  level: 'level',
  role: 'role',
  person: 'person',
  target: 'target',
  flag: 'flag',
};
const removed = fc.record({
  kind: fc.constant('removed' as const),
  what: fc.constantFrom(...Object.values(removable)),
  name,
});

type Keys = { escalation: EscalationKey; alarm: AlarmKey; clock: ClockKey };

/** Keys in keys: an alarm of a clock of an alarm of an escalation, ... */
const keys = fc.letrec<Keys>((tie) => ({
  escalation: oneOf<EscalationKey>({
    test: fc.record({ kind: kind('test') }),
    role: fc.record({ kind: kind('role'), role: name }),
    service: fc.record({ kind: kind('service'), service: fc.option(name) }),
    next: fc.record({ kind: kind('next'), trigger: name, number }),
    offer: fc.record({
      kind: kind('offer'),
      role: name,
      by: name,
      number,
      from: fc.option(name),
    }),
    presence: fc.record({ kind: kind('presence') }),
    alarm: fc.record({ kind: kind('alarm'), post: fc.option(name) }),
  }),
  alarm: oneOf<AlarmKey>({
    nobody: fc.record({ kind: kind('nobody') }),
    page: fc.record({ kind: kind('page'), page }),
    public: fc.record({ kind: kind('public'), target: name }),
    notify: fc.record({ kind: kind('notify'), notice }),
    audience: fc.record({ kind: kind('audience'), audience: name }),
    trigger: fc.record({ kind: kind('trigger'), trigger: name }),
    removed,
    escalation: fc.record({ kind: kind('escalation'), escalation: tie('escalation') }),
    stuck: fc.record({ kind: kind('stuck'), clock: tie('clock') }),
  }),
  clock: oneOf<ClockKey>({
    declare: fc.record({ kind: kind('declare') }),
    flags: fc.record({ kind: kind('flags') }),
    soak: fc.record({ kind: kind('soak') }),
    calm: fc.record({ kind: kind('calm') }),
    unproven: fc.record({ kind: kind('unproven') }),
    relapse: fc.record({ kind: kind('relapse') }),
    presence: fc.record({ kind: kind('presence') }),
    unattended: fc.record({ kind: kind('unattended') }),
    close: fc.record({ kind: kind('close') }),
    test: fc.record({ kind: kind('test') }),
    failover: fc.record({ kind: kind('failover'), page }),
    offer: fc.record({ kind: kind('offer'), role: name }),
    reach: fc.record({ kind: kind('reach'), page }),
    ended: fc.record({ kind: kind('ended'), page }),
    trigger: fc.record({ kind: kind('trigger'), trigger: name }),
    respond: fc.record({
      kind: kind('respond'),
      response: fc.constantFrom('acknowledge', 'engage'),
    }),
    approval: fc.record({
      kind: kind('approval'),
      draft: fc.integer({ min: 1, max: 999_999_999 }).map(encodeDraft),
    }),
    late: fc.record({ kind: kind('late'), target: name }),
    update: fc.record({ kind: kind('update'), target: name }),
    notify: fc.record({ kind: kind('notify'), notice }),
    first: fc.record({ kind: kind('first'), audience: name }),
    audience: fc.record({ kind: kind('audience'), audience: name }),
    removed,
    gap: fc.record({
      kind: kind('gap'),
      axis: fc.constantFrom(...(Object.keys(AXES) as Axis[])),
      id: name,
    }),
    room: fc.record({ kind: kind('room') }),
    escalation: fc.record({ kind: kind('escalation'), escalation: tie('escalation') }),
    alarm: fc.record({ kind: kind('alarm'), alarm: tie('alarm') }),
    call: fc.record({ kind: kind('call'), post: fc.option(name) }),
  }),
}));

const evidence = oneOf<EvidenceKey>({
  // Evidence of a named rule is one whatever source it came from.
  rule: fc.record({ kind: kind('rule'), rule: name, source: fc.constant('prom'), level: name }),
  trigger: fc.record({
    kind: kind('trigger'),
    trigger: name,
    seen: fc.array(name),
  }),
});

const beside = { target: name, key: name };
const inIncident = { target: name, incident: name };
const stream = oneOf<StreamKey>({
  ring: fc.record({ kind: kind('ring'), ...beside }),
  'ring.find': fc.record({ kind: kind('ring.find'), ...beside }),
  'ring.note': fc.record({ kind: kind('ring.note'), ...beside }),
  post: fc.record({ kind: kind('post'), ...inIncident }),
  'post.find': fc.record({ kind: kind('post.find'), ...inIncident }),
  room: fc.record({ kind: kind('room'), ...inIncident }),
  channel: fc.record({ kind: kind('channel'), target: name, channel: name }),
});

describe('a key comes back from its text as it was, and is no other’s', () => {
  test('of an escalation', () => {
    fc.assert(
      fc.property(keys.escalation, keys.escalation, (one, other) => {
        expect(decodeEscalation(encodeEscalation(one))).toEqual(one);
        apart(
          decodeEscalation(encodeEscalation(one)),
          decodeEscalation(encodeEscalation(other)),
          encodeEscalation,
        );
      }),
      RUNS,
    );
  });

  test('of an alarm', () => {
    fc.assert(
      fc.property(keys.alarm, keys.alarm, (one, other) => {
        expect(decodeAlarm(encodeAlarm(one))).toEqual(one);
        apart(decodeAlarm(encodeAlarm(one)), decodeAlarm(encodeAlarm(other)), encodeAlarm);
      }),
      RUNS,
    );
  });

  test('of a clock', () => {
    fc.assert(
      fc.property(keys.clock, keys.clock, (one, other) => {
        expect(decodeClock(encodeClock(one))).toEqual(one);
        apart(decodeClock(encodeClock(one)), decodeClock(encodeClock(other)), encodeClock);
      }),
      RUNS,
    );
  });

  test('of a stream, which is only compared, and of a schedule', () => {
    const schedule = fc.record({ target: name, id: name });
    fc.assert(
      fc.property(stream, stream, (one, other) => apart(one, other, encodeStream)),
      RUNS,
    );
    fc.assert(
      fc.property(schedule, schedule, (one, other) => {
        apart(one, other, encodeSchedule);
        expect(decodeSchedule(encodeSchedule(one))).toEqual(one);
      }),
      RUNS,
    );
  });

  test('of a notice, which stands in the alarm about it', () => {
    fc.assert(
      fc.property(notice, notice, (one, other) => {
        const alarm = { kind: 'notify', notice: one } as const;
        expect(encodeAlarm(alarm)).toBe(encodeNotice(one));
        expect(decodeAlarm(encodeAlarm(alarm))).toEqual(alarm);
        apart({ ...one }, { ...other }, encodeNotice);
      }),
      RUNS,
    );
  });

  test('of evidence, which is only compared', () => {
    fc.assert(
      fc.property(evidence, evidence, (one, other) =>
        apart({ ...one }, { ...other }, encodeEvidence),
      ),
      RUNS,
    );
  });
});

describe('names that hold the mark between parts', () => {
  test.each([
    [
      encodeEscalation({ kind: 'next', trigger: 'a:1', number: 2 }),
      encodeEscalation({ kind: 'next', trigger: 'a', number: 1 }),
    ],
    [encodeNotice({ level: 'a:1', number: 2 }), encodeNotice({ level: 'a', number: 1 })],
    [
      encodeEscalation({ kind: 'role', role: 'a:b' }),
      encodeEscalation({ kind: 'role', role: 'a%3Ab' }),
    ],
    [
      encodeEscalation({ kind: 'service', service: '' }),
      encodeEscalation({ kind: 'service', service: null }),
    ],
    [
      encodeEscalation({ kind: 'alarm', post: '' }),
      encodeEscalation({ kind: 'alarm', post: null }),
    ],
  ])('make %s and %s two', (one, other) => {
    expect(one).not.toBe(other);
  });
});

test('a rule is one piece of evidence, whichever source repeats it; without a rule each source is one', () => {
  const rule = { kind: 'rule', rule: 'errors', source: 'prom', level: 'L2' } as const;
  expect(encodeEvidence({ ...rule, source: 'hooks' })).toBe(encodeEvidence(rule));
  expect(encodeEvidence({ ...rule, rule: null, source: 'hooks' })).not.toBe(
    encodeEvidence({ ...rule, rule: null }),
  );
});

describe('an address', () => {
  const leaf = fc.oneof(name, number);
  const reference = fc.record({ name, id: name, type: name }, { requiredKeys: ['name', 'id'] });
  const given = fc.dictionary(
    fc.oneof(name, fc.constantFrom('user', 'service', 'id', 'name', '1')),
    fc.oneof(leaf, reference, fc.array(reference), fc.dictionary(name, leaf)),
  );

  /** The same, written the other way round. */
  function turned(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(turned);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).toReversed();
    return Object.fromEntries(members.map(([key, member]) => [key, turned(member)]));
  }

  /** The same with other names, for what has an id. */
  function renamed(value: unknown, to: string): unknown {
    if (Array.isArray(value)) return value.map((each) => renamed(each, to));
    if (typeof value !== 'object' || value === null) return value;
    const isReference = Object.hasOwn(value, 'id');
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        isReference && key === 'name' ? to : renamed(member, to),
      ]),
    );
  }

  const at = (address: unknown): string =>
    encodeAddress({ target: 'pd', address: address as Record<string, unknown> });

  test('is one, in whatever order it is written and however people call it', () => {
    fc.assert(
      fc.property(given, name, (address, other) => {
        expect(at(turned(address))).toBe(at(address));
        expect(at(JSON.parse(JSON.stringify(address)))).toBe(at(address));
        expect(at(renamed(address, other))).toBe(at(address));
      }),
      RUNS,
    );
  });

  test.each([
    [{ user: { name: 'Ada', id: 'P1' } }, { user: { name: 'Ada', id: 'P2' } }],
    [{ user: { name: 'Ada', id: 'P1' } }, { service: { name: 'Ada', id: 'P1' } }],
    [{ user: 'ada@example.com' }, { user: 'ben@example.com' }],
    [{ room: { name: 'north' } }, { room: { name: 'south' } }],
    [{ steps: ['a', 'b'] }, { steps: ['b', 'a'] }],
    [
      { 1: 'a', 2: 'b' },
      { 1: 'b', 2: 'a' },
    ],
  ])('is another one where its id, its kind or its only name is another: %j, %j', (one, other) => {
    expect(at(one)).not.toBe(at(other));
  });

  test('is another one at another pager', () => {
    const address = { user: 'ada' };
    expect(encodeAddress({ target: 'og', address })).not.toBe(at(address));
  });
});

describe('a text that is no key', () => {
  test.each(['', 'gone', 'role', 'test:more', 'role:a:b', 'alarm:a:b'])(
    'is no escalation: %j',
    (text) => {
      expect(() => decodeEscalation(text as EscalationId)).toThrow();
    },
  );

  test.each(['', 'gone', 'page', 'nobody:x', 'notify:L1', 'stuck:gone', 'page:a:b'])(
    'is no alarm: %j',
    (text) => {
      expect(() => decodeAlarm(text as AlarmId)).toThrow();
    },
  );

  test.each([
    '',
    'gone',
    'soak:x',
    'escalation:gone',
    'update',
    'late:a:b',
    'gap:a',
    'gap:nobody:x',
  ])('is no clock: %j', (text) => {
    expect(() => decodeClock(text as ClockId)).toThrow();
  });

  test.each(['', 'role:a:b', 'schedule:a', 'schedule:a:b:c'])('is no schedule: %j', (text) => {
    expect(() => decodeSchedule(text)).toThrow();
  });
});
