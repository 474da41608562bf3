/** What a command prints of its own server holds no secret: not where the server repeats it, not where it was written by mistake. */
import { afterEach, expect, test } from 'vitest';
import { createRedactor } from '../engine/telemetry/redact.ts';
import { testServer, type TestServer, tocsin } from '../../test/support/cli.ts';

const TOKEN = 'tcn_0123456789abcdefghij';

let server: TestServer | undefined;
afterEach(() => server?.close());

test('a token that a proxy repeats across the length that is printed shows no part of itself', async () => {
  let words = '';
  server = await testServer(() => ({ status: 502, text: `<h1>${words}` }));
  const { register: hide, redact } = createRedactor();
  for (let before = 150; before <= 200; before += 1) {
    words = `${'x'.repeat(before)} ${TOKEN} ${'y'.repeat(300)}`;
    const { err } = await tocsin(['list'], {
      env: { TOCSIN_URL: server.url, TOCSIN_TOKEN: TOKEN },
      backends: { hide, redact },
    });
    expect(err.replaceAll(/\s+/g, '')).not.toContain(TOKEN.slice(4, 10));
  }
});

test('an address of the server with a password in it is refused, and the password is not printed', async () => {
  for (const url of [
    'http://ada:hunter22@127.0.0.1:9',
    'http://hunter22@127.0.0.1:9',
    'ada:hunter22@127.0.0.1',
    'http://ada:hunter22@[nowhere',
    'http://ada:hunt/er22@127.0.0.1:x',
  ]) {
    const { code, err } = await tocsin(['list'], { env: { TOCSIN_URL: url, TOCSIN_TOKEN: TOKEN } });
    expect(code, url).not.toBe(0);
    expect(err, url).toContain('TOCSIN_URL');
    expect(err, url).not.toContain('er22');
  }
});

test('a token that was given where the path of its file belongs is not printed', async () => {
  const { code, err } = await tocsin(['list'], { env: { TOCSIN_TOKEN_FILE: TOKEN } });
  expect(code).not.toBe(0);
  expect(err).toContain('TOCSIN_TOKEN_FILE');
  expect(err).not.toContain(TOKEN.slice(4, 10));
});
