/** Commands of other tools on the command line: each names the one that does what was meant. */
import { expect, test } from 'vitest';
import { tocsin } from '../../test/support/cli.ts';

test('list takes --open, which it does anyway', async () => {
  expect((await tocsin(['list', '--open', '--help'])).code).toBe(0);
  expect((await tocsin(['list', '--open'])).err).not.toContain('unknown option');
});

test('a pause without a reason is told that others read it', async () => {
  const { code, err } = await tocsin(['pause', 'paging', '30m', '--why', ' ']);
  expect(code).toBe(2);
  expect(err).toContain('Say why in a few words: others read it.');
});

test.each([
  ['acknowledge', 'tocsin ack 7'],
  ['close', 'tocsin resolve 7'],
  ['escalate', 'tocsin page 7 ROLE'],
  ['silence', 'tocsin pause paging 30m'],
  ['snooze', 'tocsin pause paging 30m'],
  ['mute', 'tocsin pause paging 30m'],
  ['on-call', 'tocsin show 7'],
  ['oncall', 'tocsin show 7'],
  ['WHO', 'tocsin show 7'],
  ['test', 'tocsin page --test PERSON'],
])('%s is told to be %s', async (word, instead) => {
  const { code, err } = await tocsin([word, '7']);
  expect(code).toBe(2);
  expect(err).toContain(`unknown command '${word}'`);
  expect(err).toContain(instead);
});
