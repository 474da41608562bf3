/** What comes in is told apart, whatever an operator, a vendor or a sender calls a thing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apart, hostile as name, kind, oneOf, RUNS } from '../../../test/support/hostile-keys.ts';
import {
  decodeHeldRow,
  decodeSelf,
  encodeGroup,
  encodeHeldRow,
  encodeInput,
  encodeSelf,
  encodeTold,
  objectKey,
  rowOfInput,
  selfKeysBegin,
  type GroupKey,
  type InputKey,
  type SelfKey,
} from './arriving-keys.ts';

const group = oneOf<GroupKey>({
  rule: fc.record({
    kind: kind('rule'),
    team: name,
    rule: name,
    labels: fc.array(fc.tuple(name, name)),
  }),
  alert: fc.record({
    kind: kind('alert'),
    team: name,
    rule: fc.option(name),
    source: name,
    alert: name,
  }),
  declared: fc.record({ kind: kind('declared'), incident: name }),
  undecided: fc.record({ kind: kind('undecided'), source: name, hour: name }),
  stuck: fc.record({ kind: kind('stuck'), incident: fc.option(name) }),
  minimal: fc.record({ kind: kind('minimal'), input: name }),
});

/** Ids as Tocsin makes them. */
const arrived = fc.constantFrom('01a', '01b', '01a-2');
const row = fc.oneof(
  arrived,
  fc.record({ row: arrived, digest: fc.constantFrom('1', '12') }).map(encodeHeldRow),
);
const number = fc.nat({ max: 12 });
const input = oneOf<InputKey>({
  row: fc.record({ kind: kind('row'), row, number }),
  time: fc.record({ kind: kind('time'), incident: name, version: fc.option(number) }),
  stuck: fc.record({ kind: kind('stuck'), incident: name, at: number }),
  unheard: fc.record({ kind: kind('unheard'), source: name, incident: name, version: number }),
  clock: fc.record({ kind: kind('clock'), incident: name, after: number }),
  storm: fc.record({ kind: kind('storm'), incident: name, parent: name }),
  settled: fc.record({ kind: kind('settled'), effect: name, attempt: number }),
});

const selfKinds = {
  reload: fc.record({ kind: kind('reload'), file: fc.option(name) }),
  spoilt: fc.record({ kind: kind('spoilt'), row: name }),
  lost: fc.record({ kind: kind('lost'), had: name }),
  job: fc.record({ kind: kind('job'), job: name }),
  proof: fc.record({ kind: kind('proof'), target: name }),
  expected: fc.record({ kind: kind('expected'), source: name }),
  heartbeat: fc.record({ kind: kind('heartbeat'), to: name }),
  audit: fc.record({ kind: kind('audit'), check: name }),
  unparsed: fc.record({ kind: kind('unparsed'), source: name, hour: name }),
};
const self = oneOf<SelfKey>(selfKinds);

test('an alert that no rule takes is none of a rule without a name', () => {
  const alone = { kind: 'alert', team: 'shop', source: 'prom', alert: 'K' } as const;
  expect(encodeGroup({ ...alone, rule: null })).not.toBe(encodeGroup({ ...alone, rule: '' }));
});

describe('two that differ have two texts', () => {
  test('groups of alerts', () => {
    fc.assert(
      fc.property(group, group, (one, other) => apart(one, other, encodeGroup)),
      RUNS,
    );
  });

  test('inputs', () => {
    fc.assert(
      fc.property(input, input, (one, other) => apart(one, other, encodeInput)),
      RUNS,
    );
  });

  test('alerts about Tocsin itself, and each comes back as it was', () => {
    fc.assert(
      fc.property(self, self, (one, other) => {
        apart({ ...one }, { ...other }, encodeSelf);
        expect(decodeSelf(encodeSelf(one))).toEqual(one);
      }),
      RUNS,
    );
  });

  test('what senders tell of in whole', () => {
    const told = fc.record({ source: name, group: fc.option(name) });
    fc.assert(
      fc.property(told, told, (one, other) => apart({ ...one }, { ...other }, encodeTold)),
      RUNS,
    );
    const [none, nameless] = [null, ''].map((group) => encodeTold({ source: 'prometheus', group }));
    expect(none, 'no groups at all are not the group without a name').not.toBe(nameless);
  });

  test('incidents of a vendor', () => {
    fc.assert(
      fc.property(name, name, (one, other) => apart(one, other, objectKey)),
      RUNS,
    );
  });
});

test('the rows that hold alerts back are known by the row of their delivery', () => {
  fc.assert(
    fc.property(name, name, (from, digest) => {
      expect(decodeHeldRow(encodeHeldRow({ row: from, digest }))).toEqual({ row: from, digest });
    }),
    RUNS,
  );
});

test('whatever a row says, and how often, is said by that row', () => {
  fc.assert(
    fc.property(row, number, (id, count) => {
      expect(rowOfInput(encodeInput({ kind: 'row', row: id, number: count }))).toBe(id);
    }),
    RUNS,
  );
});

test('the alerts of one kind about Tocsin are found by how their keys begin, and no others', () => {
  fc.assert(
    fc.property(
      self,
      fc.constantFrom(...(Object.keys(selfKinds) as SelfKey['kind'][])),
      (key, of) => {
        expect(encodeSelf(key).startsWith(selfKeysBegin(of))).toBe(key.kind === of);
      },
    ),
    RUNS,
  );
});

test.each(['', 'gone', 'reload:a:b', 'audit', 'unparsed:prom', 'constructor'])(
  'a text that is no key is none: %j',
  (text) => {
    expect(decodeSelf(text)).toBeNull();
    expect(decodeHeldRow(text)).toBeNull();
  },
);
