/** What arrives at another thread is what was handed over. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../contract/secret.ts';
import { pack, type Packed, unpack } from './packed.ts';

const known = [{ name: 'pagerduty', ring: () => 'rings' }, { name: 'opsgenie' }];

function opened(packed: Packed, finish?: (value: unknown) => void): unknown {
  const steps = unpack(packed, known, finish);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

const handedOver = (value: unknown): unknown => opened(structuredClone(pack(value, known)));

test('plain values arrive as they were, whatever their keys', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'medium', noUnicodeString: false }), (value) => {
      expect(handedOver(value)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  const odd = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": [2], "7": null}');
  expect(JSON.stringify(handedOver(odd))).toBe(JSON.stringify(odd));
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('what JSON has no word for arrives, too', () => {
  const value = { never: Infinity, unset: undefined, list: [undefined, -Infinity, Number.NaN] };
  expect(handedOver(value)).toStrictEqual(value);
});

test('a secret arrives as a secret, wherever it stands', () => {
  const arrived = handedOver({ tokens: [{ token: new Secret('s3cret') }] });
  const [{ token } = { token: null }] = (arrived as { tokens: { token: Secret }[] }).tokens;
  expect(token).toBeInstanceOf(Secret);
  expect(token?.reveal()).toBe('s3cret');
  expect(JSON.stringify(arrived)).not.toContain('s3cret');
});

test('an adapter arrives as the very one', () => {
  const arrived = handedOver({ pd: { adapter: known[0], config: {} } });
  expect((arrived as { pd: { adapter: unknown } }).pd.adapter).toBe(known[0]);
});

test.each<[string, unknown]>([
  ['a function', { reads: () => 1 }],
  ['an object of a class', { at: new Map() }],
  ['a big number', { n: 1n }],
])('%s is refused: it would arrive as something else', (_, value) => {
  expect(() => pack(value, known)).toThrow('cannot be handed to another thread');
});

describe('very many values', () => {
  const rules = Array.from({ length: 5_000 }, (_, i) => ({ name: `r${i}`, when: { all: [i] } }));

  test('are opened in steps, none of which takes more than a piece', () => {
    const packed = pack({ teams: { shop: { rules } } }, known);
    expect([...unpack(packed, known)].length).toBeGreaterThan(5);
    const longest = (one: Packed): number => {
      if (typeof one === 'string') return one.length;
      if (one.kind === 'list') return Math.max(...one.items.map(longest));
      if (one.kind === 'map') return Math.max(...one.members.map(([, each]) => longest(each)));
      return 0;
    };
    expect(longest(packed)).toBeLessThan(40_000);
    expect(opened(packed)).toEqual({ teams: { shop: { rules } } });
  });

  test('are finished throughout', () => {
    const isFrozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    const freeze = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
      for (const member of Object.values(value)) freeze(member);
      Object.freeze(value);
    };
    expect(isFrozen(opened(pack({ rules }, known), freeze))).toBe(true);
  });
});
