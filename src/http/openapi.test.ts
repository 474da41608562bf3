/** The description of the API is true: every reply has a schema, and every reply that is really sent is one of it. */
import { afterEach, describe, expect, test } from 'vitest';
import { alert } from '../../test/support/engine.ts';
import { undescribed } from '../../test/support/described.ts';
import { type ApiServer, openApiServer } from '../../test/support/http.ts';
import { VERBS } from '../core/verbs/table.ts';
import { allRoutes } from './routes.ts';

let server: ApiServer;
afterEach(() => server?.end());

test('every reply that is JSON has a schema', () => {
  const without = allRoutes(VERBS)
    .filter(({ reply, success }) => reply === undefined && success[0] !== 204)
    .map(({ path }) => path);
  expect(without).toEqual(['/metrics']);
});

/** `ask` of the server compares each answer with the description; here every route is asked once at least. */
describe('what is sent is what is described:', () => {
  test('reading and what is about the server', async () => {
    server = await openApiServer();
    await server.h.deliver('prom', [alert()]);
    await server.h.settle();
    await server.post('/api/v1/pauses', { what: 'public', for: '30m', why: 'A drill.' });
    const owner = { kind: 'person', id: 'ada' };
    await server.post('/api/v1/tokens', { owner, scopes: ['read'], expires_in: '1d' });
    await server.post('/api/v1/explain/prom', [alert()]);
    await server.post('/-/reload');
    for (const path of [
      '/api/v1/incidents?limit=1',
      '/api/v1/incidents/1',
      '/api/v1/incidents/1/timeline',
      '/api/v1/pauses',
      '/api/v1/tokens',
      '/api/v1/whoami',
      '/api/v1/health',
      '/api/v1/openapi.json',
      '/metrics',
      '/livez',
      '/readyz',
    ])
      expect([path, (await server.ask(path)).status]).toEqual([path, 200]);
  });

  test('not being ready, too', async () => {
    server = await openApiServer();
    server.http.drain();
    const { status, json } = await server.ask('/readyz');
    expect(status).toBe(503);
    expect(json.checks).toContainEqual({
      name: 'running',
      ok: false,
      detail: 'the server is stopping',
    });
  });
});

test('a field that nobody described, one that is missing, and a status that is not said are found', () => {
  const json = { alive: true, since: 1 };
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const found = (status: number, said: object): readonly string[] =>
    undescribed('GET /livez', { status, headers, json: said, text: '' });
  expect(found(200, json).join()).toContain('"additionalProperty":"since"');
  expect(found(200, {}).join()).toContain('"missingProperty":"alive"');
  expect(found(201, json)).toEqual(['GET /livez: the status 201 is not described']);
  expect(found(200, { alive: true })).toEqual([]);
});
