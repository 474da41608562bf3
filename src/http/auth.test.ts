/** Tokens: who may do what, and what guessing comes to. */
import { afterEach, describe, expect, test } from 'vitest';
import { MINUTE } from '../../test/support/engine.ts';
import { type ApiServer, openApiServer } from '../../test/support/http.ts';
import { createTokens, firstToken } from './auth.ts';
import { createNetworks } from '../lib/networks.ts';
import { SCOPES } from '../core/verbs/replies.ts';
import { storedTokens } from './token-rows.ts';
import { VERBS } from '../core/verbs/table.ts';
import { allRoutes } from './routes.ts';

const routes = allRoutes(VERBS);

let server: ApiServer;
afterEach(() => server.end());

const WHOAMI = '/api/v1/whoami';

describe('the table of routes', () => {
  test('names a scope for every route, and leaves only what must be open without one', async () => {
    server = await openApiServer();
    const open = routes.filter(({ access }) => access === 'none').map(({ path }) => path);
    expect(open).toEqual(['/api/v1/openapi.json', '/metrics', '/livez', '/readyz']);
    const keys = routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('is the whole of the OpenAPI document', async () => {
    server = await openApiServer();
    const document = (await server.ask('/api/v1/openapi.json', { token: null })).json as {
      openapi: string;
      paths: Record<string, Record<string, { 'x-scope': string; security: unknown[] }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, about]) => `${method} ${path} ${about['x-scope']}`),
    );
    expect(described.toSorted()).toEqual(
      routes.map(({ method, path, access }) => `${method} ${path} ${access}`).toSorted(),
    );
    const declare = document.paths['/api/v1/incidents']?.['post'];
    expect(declare).toMatchObject({
      security: [{ token: [] }],
      requestBody: { content: { 'application/json': { schema: { additionalProperties: false } } } },
      parameters: [{ name: 'Idempotency-Key', in: 'header' }],
    });
  });

  test('leaves administration, approval and action to the scopes that are meant for them', async () => {
    server = await openApiServer();
    const of = (scope: string): readonly string[] =>
      routes
        .filter(({ access }) => access === scope)
        .map(({ method, path }) => `${method} ${path.replace('/api/v1/', '')}`);
    expect(of('admin').toSorted()).toEqual([
      'delete tokens/{token}',
      'get tokens',
      'post /-/reload',
      'post backups',
      'post tokens',
    ]);
    expect(of('approve').toSorted()).toEqual([
      'post incidents/{incident}/posts/{draft}/approve',
      'post incidents/{incident}/posts/{draft}/reject',
    ]);
    expect(of('any')).toEqual(['get whoami']);
    const changes = of('read').filter((each) => !each.startsWith('get '));
    expect(changes).toEqual(['post explain/{source}']);
  });

  test('is all that Express serves', async () => {
    server = await openApiServer();
    for (const path of ['/', '/api', '/api/v1', '/api/v1/config', '/-/quit', '/console'])
      expect((await server.ask(path)).status).toBe(404);
  });

  test('lets each scope do what is its own, and nothing else', async () => {
    server = await openApiServer();
    for (const scope of SCOPES) {
      const token = await server.issue([scope]);
      for (const { method, path, access } of routes) {
        const answer = await server.ask(path.replaceAll(/\{\w+\}/g, 'x'), {
          method: method.toUpperCase(),
          token,
          ...(method === 'post' ? { body: { unknown: 1 } } : {}),
        });
        const isAllowed = access === 'none' || access === 'any' || access === scope;
        expect([scope, method, path, answer.status === 403]).toEqual([
          scope,
          method,
          path,
          !isAllowed,
        ]);
        expect(answer.status).not.toBe(401);
      }
    }
  });

  test('asks for a token wherever it names a scope', async () => {
    server = await openApiServer();
    for (const { method, path, access } of routes) {
      const answer = await server.ask(path, { method: method.toUpperCase(), token: null });
      expect([path, answer.status === 401]).toEqual([path, access !== 'none']);
      if (access !== 'none') expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });
});

describe('a token', () => {
  test('is stored without its secret, and the first one is made only once', async () => {
    server = await openApiServer();
    expect(server.admin).toMatch(/^tcs_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    const stored = JSON.stringify(await server.h.store.reads.metas('token:'));
    expect(stored).not.toContain(server.admin.split('_').slice(2).join('_'));
    expect(await firstToken(server.tokens)).toBeNull();
    const listed = await server.ask('/api/v1/tokens');
    expect(listed.json.tokens).toMatchObject([{ owner: { kind: 'machine', id: 'admin' } }]);
    expect(listed.text).not.toContain('hash');
  });

  test('that is the first is shown before it is stored, so that a start that fails in between loses nothing', async () => {
    server = await openApiServer();
    const stored = new Map<string, string>();
    let isFull = true;
    const tokens = createTokens({
      store: storedTokens({
        metas: async () => [...stored].map(([key, value]) => ({ key, value })),
        meta: async (key) => stored.get(key) ?? null,
        setMeta: async (key, value) => {
          if (isFull) throw new Error('the disk is full');
          stored.set(key, value);
        },
        alarm: () => undefined,
      }),
      clock: server.h.clock,
      random: (bytes) => new Uint8Array(bytes),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      policy: () => ({ people: {} }),
    });
    const shown: (string | null)[] = [];
    const show = (token: string | null): void => {
      shown.push(token);
      expect(stored.size, 'what is shown is not stored yet').toBe(shown.length > 2 ? 1 : 0);
    };
    await expect(firstToken(tokens, show)).rejects.toThrow('full');
    isFull = false;
    const token = await firstToken(tokens, show);
    await firstToken(tokens, show);
    expect(shown).toEqual([token, token, null]);
    expect(await tokens.authenticate(`Bearer ${token}`, 'here')).toMatchObject({ ok: true });
  });

  test('is issued, used, and revoked by an administrator', async () => {
    server = await openApiServer();
    const issued = await server.post('/api/v1/tokens', {
      owner: { kind: 'person', id: 'ada' },
      scopes: ['act', 'read'],
      expires_in: '30m',
    });
    expect(issued).toMatchObject({
      status: 201,
      json: { scopes: ['read', 'act'], expiresAt: '2026-01-05T12:30:00Z' },
    });
    const { id, token } = issued.json as { id: string; token: string };
    expect((await server.ask(WHOAMI, { token })).status).toBe(200);
    expect((await server.ask(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await server.ask(WHOAMI, { token })).toMatchObject({
      status: 401,
      json: { detail: 'The token was revoked.' },
    });
    expect((await server.ask('/api/v1/tokens/none', { method: 'DELETE' })).status).toBe(404);
    const stranger = { owner: { kind: 'person', id: 'zoe' }, scopes: ['read'] };
    expect(await server.post('/api/v1/tokens', stranger)).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'owner.id' }] },
    });
  });

  test('expires, and ends with the person it belongs to', async () => {
    server = await openApiServer();
    const issue = async (expiresAt: number | null) =>
      (
        await server.tokens.issue({
          owner: { kind: 'person', id: 'ada' },
          scopes: ['read'],
          expiresAt,
        })
      ).token;
    const brief = await issue(server.h.clock.now() + MINUTE);
    const lasting = await issue(null);
    expect((await server.ask(WHOAMI, { token: brief })).status).toBe(200);
    await server.h.clock.advanceBy(MINUTE);
    expect((await server.ask(WHOAMI, { token: brief })).json.detail).toBe('The token has expired.');
    const loaded = server.h.engine.setup();
    const { ada: _, ...people } = loaded.policy.people;
    await server.h.engine.reload({ ...loaded, policy: { ...loaded.policy, people } });
    expect((await server.ask(WHOAMI, { token: lasting })).status).toBe(401);
  });

  test('with one wrong character, or of another shape, is refused', async () => {
    server = await openApiServer();
    const last = server.admin.at(-1) === 'A' ? 'B' : 'A';
    for (const token of [`${server.admin.slice(0, -1)}${last}`, `${server.admin}A`, 'tcs__', 'x'])
      expect((await server.ask(WHOAMI, { token })).status).toBe(401);
  });

  test('notes its last use, and a noted use does not undo a revocation', async () => {
    server = await openApiServer();
    const token = await server.issue(['read']);
    const id = token.split('_')[1] ?? '';
    await Promise.all([server.ask(WHOAMI, { token }), server.tokens.revoke(id)]);
    await server.ask('/api/v1/tokens');
    const row = (await server.tokens.list()).find((one) => one.id === id);
    expect(row?.revokedAt).not.toBeNull();
  });

  test('that is revoked while it is being used stays revoked', async () => {
    server = await openApiServer();
    const token = await server.issue(['read']);
    const id = token.split('_')[1] ?? '';
    const used = server.tokens.authenticate(`Bearer ${token}`, '127.0.0.1');
    expect(await server.tokens.revoke(id)).toBe(true);
    expect((await used).ok).toBe(true);
    // Changes are made one after the other: behind this one the use is noted.
    expect(await server.tokens.revoke('nobody')).toBe(false);
    expect(await server.ask(WHOAMI, { token })).toMatchObject({
      status: 401,
      json: { detail: 'The token was revoked.' },
    });
  });
});

describe('after ten tries a minute that failed', () => {
  const WRONG = `tcs_${'0'.repeat(12)}_${'A'.repeat(43)}`;
  const wrongSecretOf = (token: string): string =>
    `${token.slice(0, -1)}${token.at(-1) === 'A' ? 'B' : 'A'}`;
  /** Status of the answer to so many tries, the last of them. */
  const tried = async (
    times: number,
    { token, from = '198.51.100.9' }: { token: string; from?: string | ((i: number) => string) },
  ): Promise<number> => {
    let status = 0;
    for (let i = 0; i < times; i += 1) {
      const address = typeof from === 'string' ? from : from(i);
      const answer = await server.tokens.authenticate(`Bearer ${token}`, address);
      status = answer.ok ? 200 : answer.status;
    }
    return status;
  };

  test('the next one waits, and is told what to do; whoever has a valid token goes on, also for the first time', async () => {
    server = await openApiServer();
    const unused = await server.issue(['read']);
    expect((await server.ask(WHOAMI)).status).toBe(200);
    for (let i = 0; i < 10; i += 1)
      expect((await server.ask(WHOAMI, { token: WRONG })).status).toBe(401);
    const throttled = await server.ask(WHOAMI, { token: WRONG });
    expect(throttled).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
      json: {
        code: 'too_many_tries',
        detail:
          'The token is not known. 10 tries from 127.0.0.1 have failed within a minute: wait 60 s before the next one, and send a valid token, which passes at once. Whoever may makes one with `tocsin token create`; at the server itself `tocsin token reset` does.',
      },
    });
    expect((await server.ask(WHOAMI, { token: unused })).status).toBe(200);
    expect((await server.ask(WHOAMI)).status).toBe(200);
    const guessed = await server.ask(WHOAMI, { token: wrongSecretOf(server.admin) });
    expect(guessed.status).toBe(429);
    await server.h.clock.advanceBy(MINUTE);
    expect((await server.ask(WHOAMI, { token: WRONG })).status).toBe(401);
  });

  test('with a token that was revoked, by a program behind our address, nobody else is locked out', async () => {
    server = await openApiServer();
    const cron = await server.issue(['act']);
    const fresh = await server.issue(['read', 'act']);
    await server.tokens.revoke(cron.split('_')[1] ?? '');
    expect(await tried(10, { token: cron })).toBe(401);
    expect(await server.tokens.authenticate(`Bearer ${cron}`, '198.51.100.9')).toMatchObject({
      status: 429,
      detail: expect.stringContaining('The token was revoked.'),
    });
    expect(await tried(1, { token: fresh })).toBe(200);
    expect(await tried(1, { token: server.admin })).toBe(200);
    expect(
      server.h.logs.filter(({ message }) => message.includes('10 logins')),
      'it is said once, not at each try',
    ).toHaveLength(1);
  });

  test('at one token from many addresses, the next one waits wherever it comes from; its owner does not', async () => {
    server = await openApiServer();
    const from = (i: number): string => `203.0.113.${i}`;
    expect(await tried(10, { token: wrongSecretOf(server.admin), from })).toBe(401);
    const next = await server.tokens.authenticate(
      `Bearer ${wrongSecretOf(server.admin)}`,
      '198.51.100.77',
    );
    const id = server.admin.split('_')[1] ?? '';
    expect(next).toMatchObject({
      status: 429,
      detail: expect.stringContaining(`10 tries with the token ${id} have failed`),
    });
    expect(await tried(1, { token: server.admin, from: '203.0.113.1' })).toBe(200);
    expect(await tried(1, { token: WRONG, from: '203.0.113.1' }), 'other tokens are free').toBe(
      401,
    );
  });

  test('from addresses of one customer of an IPv6 provider, the next one waits; the neighbour does not', async () => {
    server = await openApiServer();
    const from = (i: number): string => `2001:db8:0:1::${i}`;
    expect(await tried(10, { token: 'guess', from })).toBe(401);
    expect(await tried(1, { token: 'guess', from: '2001:db8:0:1:ffff::1' })).toBe(429);
    expect(await tried(1, { token: 'guess', from: '2001:db8:0:2::1' })).toBe(401);
  });

  test('behind a proxy the next one waits by the address that the proxy names, if it is trusted', async () => {
    const trustedProxies = createNetworks([{ address: '127.0.0.0', prefix: 8 }]);
    server = await openApiServer({}, () => ({ trustedProxies }));
    const from = async (forwarded: string): Promise<number> =>
      (await server.ask(WHOAMI, { token: WRONG, headers: { 'x-forwarded-for': forwarded } }))
        .status;
    for (let i = 0; i < 10; i += 1)
      await server.ask(WHOAMI, { token: 'guess', headers: { 'x-forwarded-for': '203.0.113.5' } });
    expect(await from('203.0.113.5')).toBe(429);
    expect(await from('198.51.100.1, 203.0.113.5'), 'what the client made up counts not').toBe(429);
    expect(await from('203.0.113.6')).toBe(401);
  });

  test('without a proxy that is trusted nobody escapes by naming another address', async () => {
    server = await openApiServer();
    const answers: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${i}` };
      answers.push((await server.ask(WHOAMI, { token: 'guess', headers })).status);
    }
    expect(answers.at(-1)).toBe(429);
  });

  test('who has to wait makes nobody else forgotten, and the wait no longer', async () => {
    server = await openApiServer();
    await tried(10, { token: 'guess' });
    await server.h.clock.advanceBy(MINUTE / 2);
    expect(await tried(1_000, { token: 'guess' })).toBe(429);
    await server.h.clock.advanceBy(MINUTE / 2);
    expect(await tried(1, { token: 'guess' })).toBe(401);
  });
});

describe('of ten thousand addresses that guess', () => {
  const guessFrom = async (address: string): Promise<number> => {
    const answer = await server.tokens.authenticate('Bearer guess', address);
    return answer.ok ? 200 : answer.status;
  };
  const guessFromMany = async (addresses: number): Promise<void> => {
    for (let i = 0; i < addresses; i += 1) await guessFrom(`many-${i}`);
  };
  const guessNineTimes = async (): Promise<void> => {
    for (let i = 0; i < 9; i += 1) await guessFrom('stubborn');
  };

  test('the one that goes on guessing is remembered', async () => {
    server = await openApiServer();
    await guessNineTimes();
    await guessFromMany(9_999);
    expect(await guessFrom('stubborn')).toBe(401);
    await guessFrom('one more');
    expect(await guessFrom('stubborn')).toBe(429);
  });

  test('the one that was quiet the longest is forgotten, so that guessing fills no memory', async () => {
    server = await openApiServer();
    await guessNineTimes();
    await guessFromMany(10_000);
    expect(await guessFrom('stubborn')).toBe(401);
    expect(await guessFrom('stubborn')).toBe(401);
  });
});
