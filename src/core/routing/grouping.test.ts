/** Which alerts share an incident. */
import { describe, expect, test } from 'vitest';
import type { Alert } from '../model/alert.ts';
import { objectKey } from '../model/arriving-keys.ts';
import type { Rule } from '../model/policy.ts';
import { groupKeyOf } from './grouping.ts';

const rule: Rule = {
  name: 'shop',
  when: { all: [], any: [], none: [] },
  severity: null,
  service: null,
  groupBy: ['service', 'region'],
  trusted: false,
  suppress: false,
  continue: false,
  where: { file: 'test.yaml', line: 1, column: 1 },
};

interface Words {
  readonly key?: string;
  readonly source?: string;
  /** What its rule groups by; null: no rule takes it. */
  readonly by?: readonly string[] | null;
  /** Of its rule. */
  readonly name?: string;
  /** It stands for a vendor's own incident. */
  readonly ofObject?: true;
}

function groupOf(
  labels: Alert['labels'],
  { key = 'k1', source = 'prom', by = rule.groupBy, name = rule.name, ...object }: Words = {},
): string {
  const alert: Alert = {
    kind: 'alert',
    dedupKey: key,
    status: 'firing',
    title: 'Errors',
    description: '',
    labels,
    vendorSeverity: null,
    startsAt: null,
    observedAt: null,
    links: [],
    ...object,
  };
  return groupKeyOf(alert, source, {
    team: 'shop',
    rule: by === null ? null : { ...rule, name, groupBy: by },
  });
}

const two = (labels: Alert['labels'], by?: readonly string[]) => {
  const words = by === undefined ? {} : { by };
  return [groupOf(labels, { key: '1', ...words }), groupOf(labels, { key: '2', ...words })];
};

function expectTogether([one, other]: readonly string[]): void {
  expect(one).toBe(other);
}

function expectApart([one, other]: readonly string[]): void {
  expect(one).not.toBe(other);
}

describe('two alerts of one rule share an incident', () => {
  test('when they have the same labels of group_by', () => {
    expectTogether(two({ service: 'basket', region: 'eu' }));
  });

  test('when they have one of the labels, and both lack the other', () => {
    expectTogether(two({ service: 'basket' }));
  });

  test('when the rule groups by nothing', () => {
    expectTogether(two({}, []));
  });

  test('but not when they have none of the labels', () => {
    expectApart(two({ instance: 'a' }));
  });

  test('nor when the labels are there and empty, which is as good as missing', () => {
    expectApart(two({ service: '', region: '' }));
  });

  test('nor when a label is only what every object inherits', () => {
    expectApart(two({}, ['constructor', 'toString']));
  });
});

test('an alert without the labels keeps its group for as long as it keeps its key', () => {
  expect(groupOf({ instance: 'a' })).toBe(groupOf({ instance: 'b', job: 'c' }));
});

describe('whatever its team calls a rule, its alerts are no others', () => {
  const alone = (name: string | null, key: string): string =>
    groupOf({}, { key, ...(name === null ? { by: null } : { name }) });

  test.each<[string, [string | null, string], [string | null, string]]>([
    ['one that no rule takes and one of a rule named "-"', [null, 'K'], ['-', 'K']],
    ['those of "shop" and of "shop/prom"', ['shop', 'prom/K'], ['shop/prom', 'K']],
    ['those of "shop" and of "shop:prom"', ['shop', 'prom:K'], ['shop:prom', 'K']],
  ])('%s are two groups', (_, one, other) => {
    expectApart([alone(...one), alone(...other)]);
  });

  test('a label that reads like two is one', () => {
    const by = ['a'];
    expectApart([groupOf({ a: '1:b:2' }, { by }), groupOf({ a: '1', b: '2' }, { by: ['a', 'b'] })]);
  });
});

test('alerts of two sources have nothing in common but their key', () => {
  expect(groupOf({}, { source: 'prom' })).not.toBe(groupOf({}, { source: 'probe' }));
});

describe("a vendor's own incident", () => {
  const incidents = (labels: Alert['labels'], by: readonly string[]) =>
    ['Q1', 'Q2'].map((ref) => groupOf(labels, { key: objectKey(ref), by, ofObject: true }));

  test('shares one with another where all of the labels are really there', () => {
    expectTogether(incidents({ service: 'basket', region: 'eu' }, ['service', 'region']));
  });

  test.each<[string, Alert['labels'], readonly string[]]>([
    ['one label is missing', { service: 'basket' }, ['service', 'region']],
    ['one label is empty', { service: 'basket', region: '' }, ['service', 'region']],
    ['all are missing', {}, ['service']],
    ['the rule groups by nothing', { service: 'basket' }, []],
  ])('is a group of its own where %s', (_, labels, by) => {
    expectApart(incidents(labels, by));
  });
});

test('an alert whose key reads like that of an incident of a vendor is an alert', () => {
  const [one, other] = ['Q1', 'Q2'].map((ref) =>
    groupOf({ service: 'basket' }, { key: objectKey(ref) }),
  );
  expect(one).toBe(other);
});
