import { expect, test } from 'vitest';
import { Secret } from '../contract/secret.ts';
import type { Setup } from './setup.ts';
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
