import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { START, MINUTE } from '../../../test/support/engine.ts';
import { openOwnTroubles, type StandingTrouble, type OwnTroubles } from './own-troubles.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-ownTroubles-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

const open = (name = 'troubles.json', place = 'here'): OwnTroubles => {
  const ownTroubles = openOwnTroubles({
    path: join(root, name),
    place,
    random: (bytes) => new Uint8Array(bytes).fill(7),
  });
  onTestFinished(() => ownTroubles.close());
  return ownTroubles;
};

const address = { target: 'pd', address: {}, label: 'pd' };
const full: StandingTrouble = {
  name: 'database',
  since: START,
  title: 'NO NEW ALERTS ARE TAKEN IN',
  body: 'The disk is full.',
  rounds: 1,
  rungAt: START,
  isAnswered: false,
  isOver: false,
  pages: [{ address, key: 'k1' }],
};

test('what one process kept is there for the next, under the same name', () => {
  const before = open();
  before.keep([full]);
  const after = open();
  expect(after.all()).toEqual([full]);
  expect(after.id()).toBe(before.id());
});

test('an outage begins when it is noticed', () => {
  expect(open().beginning(START + 7)).toBe(START + 7);
});

test('where no file can be made, one of an hour is one: tries of a start that follow each other are it', () => {
  const ownTroubles = open('gone/troubles.json');
  const [first, later] = [20 * MINUTE, 59 * MINUTE].map((ms) => ownTroubles.beginning(START + ms));
  expect(first).toBe(later);
  expect(ownTroubles.beginning(START + 60 * MINUTE)).not.toBe(first);
  expect(open('gone/troubles.json', 'elsewhere').id()).not.toBe(ownTroubles.id());
});

test('what could not be kept at first is once there is a folder', () => {
  const ownTroubles = open('later/troubles.json');
  ownTroubles.keep([full]);
  mkdirSync(join(root, 'later'));
  expect(ownTroubles.all()).toEqual([full]);
  expect(open('later/troubles.json').all()).toEqual([full]);
});

test('a file that somebody has spoilt is begun anew', () => {
  writeFileSync(join(root, 'troubles.json'), '{"kept":');
  expect(open().all()).toEqual([]);
});

test('more than there is space for is cut: the latest rings and the beginnings of texts stay', () => {
  const pages = Array.from({ length: 500 }, (_, n) => ({ address, key: `k${n}` }));
  const ownTroubles = open();
  ownTroubles.keep([{ ...full, body: 'x'.repeat(100_000), pages }]);
  const [kept] = open().all();
  expect(kept?.pages.at(-1)?.key).toBe('k499');
  expect(kept?.body.length).toBeLessThan(1_000);
});
