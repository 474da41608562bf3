/** Keys as texts and back: whatever a vendor or an operator calls a thing comes back unchanged. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AlarmKey,
  type ClockKey,
  decodeAlarm,
  decodeClock,
  decodeRun,
  encodeAlarm,
  encodeClock,
  encodeRun,
  type RunKey,
} from './keys.ts';

/** Names with the signs that the texts themselves are made of. */
const name = fc.oneof(fc.string(), fc.constantFrom('a:b', '100%', '%3A', ':', '%25', ''));
const notice = fc.record({ level: name, number: fc.nat() });
const what = fc.constantFrom('level' as const, 'role' as const);
const kind = <K extends string>(one: K): fc.Arbitrary<K> => fc.constant(one);

const { run, alarm, clock } = fc.letrec<{ run: RunKey; alarm: AlarmKey; clock: ClockKey }>(
  (tie) => ({
    run: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: kind('role'), role: name }),
      fc.record({ kind: kind('service'), service: fc.option(name) }),
      fc.record({ kind: kind('next'), trigger: name, number: fc.nat() }),
      fc.record({ kind: kind('test') }),
      fc.record({ kind: kind('alarm'), alarm: tie('alarm') }),
    ),
    alarm: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: kind('page'), page: name }),
      fc.record({ kind: kind('public'), target: name }),
      fc.record({ kind: kind('notify'), notice }),
      fc.record({ kind: kind('audience'), audience: name }),
      fc.record({ kind: kind('trigger'), trigger: name }),
      fc.record({ kind: kind('nobody') }),
      fc.record({ kind: kind('removed'), what, name }),
      fc.record({ kind: kind('run'), run: tie('run') }),
      fc.record({ kind: kind('stuck'), clock: tie('clock') }),
    ),
    clock: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: kind('failover'), page: name }),
      fc.record({ kind: kind('declare') }),
      fc.record({ kind: kind('trigger'), trigger: name }),
      fc.record({ kind: kind('respond'), response: fc.constantFrom('acknowledge', 'engage') }),
      fc.record({ kind: kind('approval'), draft: name }),
      fc.record({ kind: fc.constantFrom('late', 'update'), target: name }),
      fc.record({ kind: kind('notify'), notice }),
      fc.record({ kind: fc.constantFrom('first', 'audience'), audience: name }),
      fc.record({ kind: fc.constantFrom('soak', 'close', 'test') }),
      fc.record({ kind: kind('removed'), what, name }),
      fc.record({ kind: kind('gap'), about: name }),
      fc.record({ kind: kind('run'), run: tie('run') }),
      fc.record({ kind: kind('alarm'), alarm: tie('alarm') }),
    ),
  }),
);

test('a run, an alarm and a clock come back as they were', () => {
  fc.assert(
    fc.property(run, alarm, clock, (ofRun, ofAlarm, ofClock) => {
      expect(decodeRun(encodeRun(ofRun))).toEqual(ofRun);
      expect(decodeAlarm(encodeAlarm(ofAlarm))).toEqual(ofAlarm);
      expect(decodeClock(encodeClock(ofClock))).toEqual(ofClock);
    }),
  );
});

test('two clocks of one audience are told apart from each other and from its alarm', () => {
  const audience = 'internal';
  const texts = [
    encodeClock({ kind: 'first', audience }),
    encodeClock({ kind: 'audience', audience }),
    encodeClock({ kind: 'alarm', alarm: { kind: 'audience', audience } }),
  ];
  expect(texts).toEqual(['first:internal', 'audience:internal', 'alarm:audience:internal']);
});
