import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createAnswers } from './answers.ts';

/** What a client gets from a server that answers so. */
async function asked(
  answer: (response: ServerResponse) => void,
  method = 'GET',
): Promise<{ response: Response; text: string }> {
  const server = createServer((_request, response) => answer(response));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method });
  return { response, text: await response.text() };
}

test('JSON is of its type, for no cache, and ends with its line', async () => {
  const { response, text } = await asked((to) => createAnswers().json(to, { a: 1 }));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(text).toBe('{"a":1}\n');
});

test('a problem says what is wrong, by field and by code', async () => {
  const errors = [{ field: 'to', message: 'It is missing.' }];
  const { response, text } = await asked((to) =>
    createAnswers().problem(to, { status: 400, code: 'invalid_body', detail: 'No.', errors }),
  );
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(JSON.parse(text)).toEqual({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: 'No.',
    code: 'invalid_body',
    errors,
  });
});

test('what a server says with every answer stands beside the headers of one', async () => {
  const answers = createAnswers({ headers: { 'referrer-policy': 'no-referrer' }, indent: 2 });
  const { response, text } = await asked((to) =>
    answers.json(to, { a: 1 }, { status: 201, headers: { location: '/a' } }),
  );
  expect(response.status).toBe(201);
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.get('location')).toBe('/a');
  expect(text).toBe('{\n  "a": 1\n}\n');
});

test('HEAD is told how long the answer is, and not the answer', async () => {
  const { response, text } = await asked((to) => createAnswers().json(to, { a: 1 }), 'HEAD');
  expect(response.headers.get('content-length')).toBe('8');
  expect(text).toBe('');
});

test('a request is answered once', async () => {
  const { text } = await asked((to) => {
    createAnswers().json(to, 'first');
    createAnswers().problem(to, { status: 500, detail: 'second' });
  });
  expect(text).toBe('"first"\n');
});
