/** What Tocsin makes ids of comes back from them, and no two share one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apart, hostile, RUNS } from '../../../test/support/hostile-keys.ts';
import {
  decodeDraft,
  decodePage,
  decodeRing,
  encodeAdopted,
  encodeDirect,
  encodeDraft,
  encodeEffect,
  encodePage,
  encodePublicToken,
  encodeRing,
  isDirect,
  type EffectKey,
  type RingKey,
} from './made-ids.ts';

const name = fc.oneof(
  hostile,
  fc.string({
    unit: fc.constantFrom('/', '.', ':', '|', '%', '2F', 'p1', 'tocsin', '\uD83D', '1'),
  }),
);
const number = fc.integer({ min: 1, max: 999_999_999 });
const ring: fc.Arbitrary<RingKey> = fc.record({
  instance: name,
  incarnation: fc.constantFrom('', '', 'r1', 'rz90', 'p2'),
  incident: name,
  page: number.map(encodePage),
  number: fc.oneof(fc.integer({ min: 1, max: 12 }), number),
});
const effect: fc.Arbitrary<EffectKey> = fc.record({
  incident: name,
  version: fc.nat({ max: 12 }),
  index: fc.nat({ max: 12 }),
});

describe('what is made comes back as it was, and is no other’s', () => {
  test('the key of a ring, whatever the installation and the incident are called', () => {
    fc.assert(
      fc.property(ring, ring, (one, other) => {
        expect(decodeRing(encodeRing(one))).toEqual(one);
        apart({ ...one }, { ...other }, (key) => encodeRing(key));
      }),
      RUNS,
    );
  });

  test('the ids of pages and drafts, and none is that of the other', () => {
    fc.assert(
      fc.property(number, (one) => {
        expect(decodePage(encodePage(one))).toBe(encodePage(one));
        expect(decodeDraft(encodeDraft(one))).toBe(encodeDraft(one));
        expect(decodePage(encodeDraft(one))).toBeNull();
        expect(decodeDraft(encodePage(one))).toBeNull();
      }),
      RUNS,
    );
  });

  test('effects, tokens of public incidents and keys of adopted rings, which are only compared', () => {
    fc.assert(
      fc.property(effect, effect, (one, other) => apart({ ...one }, { ...other }, encodeEffect)),
      RUNS,
    );
    fc.assert(
      fc.property(ring, ring, ({ instance, incident }, other) => {
        const another = { instance: other.instance, incident: other.incident };
        apart({ instance, incident }, another, encodePublicToken);
        apart(instance, incident, encodeAdopted);
      }),
      RUNS,
    );
  });
});

test('vendors go on seeing the keys that they have', () => {
  const inc7 = { instance: '0a1b2c3d', incarnation: '', incident: 'inc-7' };
  const first = { ...inc7, page: 'p2', number: 1 } as const;
  expect(encodeRing(first)).toBe('tocsin/0a1b2c3d/inc-7/p2');
  expect(encodeRing({ ...first, number: 2 })).toBe('tocsin/0a1b2c3d/inc-7/p2.2');
  expect(encodeRing({ ...first, incarnation: 'r4k9' })).toBe('tocsin/0a1b2c3d/inc-7/p2.r4k9');
  expect(encodePublicToken(first)).toBe('tocsin:0a1b2c3d:inc-7');
  expect(encodeEffect({ incident: 'inc-7', version: 4, index: 0 })).toBe('inc-7/4/0');
});

test.each([
  '',
  'ours',
  'tocsin/a/inc-7',
  'tocsin/a/inc-7/d1',
  'tocsin/a/inc-7/p2.1',
  'tocsin/a/inc-7/p2.02',
  'tocsin/a/inc-7/p2.2.2',
  'tocsin/a/inc-7/p2.2.r4k9',
  'tocsin/a/inc-7/p2.r4k9.1',
  'tocsin/a/inc-7/p2.R4',
  'tocsin/a/inc-7/p2/p2',
  'tocsin/a%3A/inc-7/p2',
  ' tocsin/a/inc-7/p2',
])('a vendor’s text is no key of ours because it looks like one: %j', (text) => {
  expect(decodeRing(text)).toBeNull();
});

test.each(['', 'p', 'p0', 'p01', 'p1.2', ' p1', 'P1', '1', 'd', 'd0', 'd1x', 'toString'])(
  'a text that no page or draft goes by is no id: %j',
  (text) => {
    expect(decodePage(text)).toBeNull();
    expect(decodeDraft(text)).toBeNull();
  },
);

test('a page about Tocsin itself is told from every ring of an incident, by whatever they are called', () => {
  const direct = fc.record({ installation: name, name, since: number, number });
  fc.assert(
    fc.property(direct, ring, (one, other) => {
      expect(isDirect(encodeDirect(one))).toBe(true);
      expect(decodeRing(encodeDirect(one))).toBeNull();
      expect(isDirect(encodeRing(other))).toBe(false);
    }),
    RUNS,
  );
});
