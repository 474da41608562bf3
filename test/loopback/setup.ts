/** Before each file of tests: nothing leaves loopback, and a test that tried fails although its code swallowed the error. */
import { afterAll, afterEach, expect } from 'vitest';
import { install } from './guard.ts';
import { LOOPBACK_ONLY } from './processes.ts';
import { beginRefused, refusedHere, takeRefused } from './refused.ts';

Object.assign(process.env, LOOPBACK_ONLY);

if (refusedHere() === null) {
  const list = beginRefused();
  install((what) => {
    const test = expect.getState().currentTestName ?? 'the preparation of a file of tests';
    list.push(what);
    return `${what} was asked for by "${test}": tests reach nothing beyond loopback`;
  });
}

function failOnRefused(where: string): void {
  const refused = takeRefused();
  if (refused.length === 0) return;
  throw new Error(`${where} reached beyond loopback: ${[...new Set(refused)].join(', ')}`);
}

afterEach(({ task }) => failOnRefused(`"${task.name}"`));
afterAll(() => failOnRefused('what surrounds the tests of this file'));
