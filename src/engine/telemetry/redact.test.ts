import { expect, test } from 'vitest';
import { Secret } from '../../contract/secret.ts';
import type { Setup } from '../setup.ts';
import { createLog } from './log.ts';
import { createRedactor, registerSecrets } from './redact.ts';

test('a registered value is replaced in each spelling in which it can turn up', () => {
  const { register, redact } = createRedactor();
  const value = 'p@ss"word/1';
  register(value);
  const text = [
    value,
    JSON.stringify({ value }),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
  ].join(' | ');
  expect(redact(text)).toBe('[secret] | {"value":"[secret]"} | [secret] | [secret]');
});

test('a value is replaced as a login with any user, and as other programs escape it', () => {
  const { register, redact } = createRedactor();
  const value = 'Zq+9~key/%41-of-all';
  register(value);
  for (const user of ['', 'a', 'ab', 'api', 'user', 'longer']) {
    const login = Buffer.from(`${user}:${value}`).toString('base64');
    const told = redact(`Basic ${login} refused`);
    // The letters at its two ends belong to what stands beside it as well.
    expect(told).toMatch(/^Basic .*\[secret\].{0,2} refused$/);
    expect(told.length).toBeLessThanOrEqual(
      `Basic ${login.slice(0, user.length * 2 + 4)}`.length + 21,
    );
  }
  const escaped = Array.from(value, (one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('');
  const others = [
    encodeURIComponent(value).replaceAll(/%../g, (hex) => hex.toLowerCase()),
    new URLSearchParams({ a: value }).toString().slice(2),
    value.replace('/', String.raw`\/`),
    escaped,
    Buffer.from(value).toString('base64url'),
  ];
  for (const one of others) expect(redact(`<${one}>`)).toBe('<[secret]>');
});

test('a text that others have cut off keeps no beginning of a secret at its end', () => {
  const { register, redact, redactCut } = createRedactor();
  const value = 'token+with-a-long-tail';
  register(value);
  expect(redact(`refused: ${value.slice(0, 9)}`)).toBe('refused: token+wit');
  for (let length = 6; length <= value.length; length += 1)
    expect(redactCut(`refused: ${value.slice(0, length)}`)).toBe('refused: [secret]');
  expect(redactCut(`refused: ${encodeURIComponent(value).slice(0, 10)}`)).toBe('refused: [secret]');
  expect(redactCut('no token')).toBe('no token');
  expect(redactCut(`${value.slice(0, 9)} is no token`)).toBe('token+wit is no token');
});

test('a secret inside another one leaves no tail, and short values are left alone', () => {
  const { register, redact } = createRedactor();
  register('abcdef');
  register('abcdefghij');
  register('L1');
  expect(redact('abcdefghij abcdef L1')).toBe('[secret] [secret] L1');
});

test('every secret of a configuration is registered, however deep', () => {
  const redactor = createRedactor();
  const part = {
    name: 'pd',
    adapter: { name: 'pagerduty' },
    config: { tokens: [{ inner: new Secret('token-value') }] },
  };
  const setup = {
    sources: { a: part },
    targets: {},
    addressSecrets: { 'secret:x': new Secret('routing-key') },
  } as unknown as Setup;
  registerSecrets(redactor, setup);
  expect(redactor.redact('token-value and routing-key')).toBe('[secret] and [secret]');
});

test('a log line carries the injected time, the stack of errors, and no secret', () => {
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.register('hunter22');
  const log = createLog({
    level: 'info',
    clock: { now: () => 42 },
    redactor,
    write: (line) => lines.push(line),
  });
  log.debug({}, 'too quiet');
  log.debug(() => {
    throw new Error('made for nobody');
  }, 'too quiet');
  log.error(
    { error: new Error('refused hunter22'), headers: { authorization: 'Token hunter22' } },
    'hunter22 leaked',
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('hunter22');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'error',
    time: 42,
    msg: '[secret] leaked',
    error: {
      type: 'Error',
      message: 'refused [secret]',
      stack: expect.stringContaining('redact.test.ts') as unknown,
    },
  });
});
