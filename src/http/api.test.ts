/** The API over real HTTP and the real engine: every verb, every refusal. */
import { StoreUnavailable } from '../store/store.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { alert } from '../../test/support/engine.ts';
import { type ApiServer, openApiServer, speak } from '../../test/support/http.ts';
import { level, policy, withLevel } from '../../test/support/policy.ts';

let server: ApiServer;
afterEach(() => server.end());

async function opened(...options: Parameters<typeof openApiServer>): Promise<void> {
  server = await openApiServer(...options);
  await server.h.deliver('prom', [alert()]);
  await server.h.settle();
}

const I = '/api/v1/incidents';

function asPerson(): Promise<string> {
  return server.issue(['read', 'act', 'approve'], { kind: 'person', id: 'ada' });
}

describe('people', () => {
  test('declare without a level, then give it one by an alias in any case', async () => {
    server = await openApiServer({
      policy: withLevel('L2', { aliases: ['Major'] }),
    });
    const declared = await server.post(I, { title: 'Tills are down', service: 'basket' });
    expect(declared).toMatchObject({
      status: 201,
      json: { incident: 'inc-1', duplicate: false },
      headers: { location: `${I}/inc-1` },
    });
    expect((await server.h.incident('inc-1')).level).toBeNull();
    expect(declared.json.level).toBeNull();
    expect(await server.post(`${I}/1/severity`, { level: 'mAJOR' })).toMatchObject({
      status: 200,
      json: { level: 'L2' },
    });
    expect((await server.h.incident('inc-1')).level).toBe('L2');
  });

  test('walk an incident from the ring to the reopening', async () => {
    await opened();
    const steps: readonly (readonly [string, object])[] = [
      ['declare', { text: 'Customers cannot pay.' }],
      ['acknowledge', {}],
      ['notes', { text: 'Looking at the database.' }],
      ['impact', { users: 300, percent: 2.5, revenue_per_minute: 10 }],
      ['flags', { flag: 'corrupt' }],
      ['customer-reports', { account: 'acme', tier: 'paying' }],
      ['severity', { level: 'L1' }],
      ['severity', { level: 'L2', reason: 'Only one region.' }],
      ['roles', { role: 'commander', person: 'cleo', confirmed: true }],
      ['roles/deputy/page', {}],
      ['root-cause', { text: 'A full disk.' }],
      ['phase', { phase: 'monitoring', text: 'Cleaned up.' }],
      ['resolve', { text: 'All fine.' }],
      ['reopen', { reason: 'It is back.' }],
      ['false-positive', { reason: 'It was a drill.' }],
    ];
    const token = await asPerson();
    for (const [path, body] of steps) {
      const answer = await server.ask(`${I}/1/${path}`, { body, token });
      expect([path, answer.status, answer.text]).toEqual([path, 200, expect.any(String)]);
      await server.h.settle();
    }
    const shown = await server.ask(`${I}/inc-1`);
    expect(shown.json).toMatchObject({
      phase: 'closed',
      closedAs: 'false_positive',
      impact: { users: 300, percent: 2.5, revenue_per_minute: 10 },
    });
    const { timeline } = (await server.ask(`${I}/1/timeline`)).json as {
      timeline: { text: string }[];
    };
    expect(timeline.map(({ text }) => text)).toContain('Note: Looking at the database.');
  });

  test('say what is wrong when they declare, or ring nobody', async () => {
    server = await openApiServer();
    for (const body of [{}, { level: 'L1', service: 'basket' }, { title: ' ' }, '']) {
      const answer = await server.post(I, body);
      expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: 'title' }] } });
    }
    expect((await server.post(I, {})).json.detail).toContain(
      'it must be a text: what is wrong, in a few words',
    );
    await server.h.settle();
    expect(server.h.sent()).toEqual([]);
    await server.h.deliver('prom', [alert()]);
    await server.h.settle();
    expect((await server.post(`${I}/1/declare`, {})).status).toBe(200);
  });

  test('report a customer in any case of the tier, and learn which tiers no trigger counts', async () => {
    const trigger = {
      name: 'paying customers',
      when: { kind: 'customer_reports', given: { tier: 'paying', accounts: 5, within: 60_000 } },
      then: { kind: 'raise', levels: 1 },
      where: { file: 'tocsin.yaml', line: 1, column: 1 },
    } as const;
    await opened({ policy: policy({ triggers: [trigger] }) });
    const report = (tier: string) =>
      server.post(`${I}/1/customer-reports`, { account: 'acme', tier });
    expect((await report('silver')).json.remark).toBe(
      'No trigger counts the tier silver; triggers count paying.',
    );
    expect((await report('Paying')).json.remark).toBeNull();
    expect((await server.h.incident('inc-1')).reports.map(({ tier }) => tier)).toEqual([
      'silver',
      'paying',
    ]);
  });

  test('a machine may not answer for them', async () => {
    await opened();
    const answer = await server.post(`${I}/1/acknowledge`, {});
    expect(answer).toMatchObject({ status: 403, json: { code: 'person_needed' } });
    expect(answer.json.detail).toContain('tocsin token create --person');
  });

  test('approve and reject public posts', async () => {
    server = await openApiServer();
    await server.post(I, { title: 'Tills are down', level: 'L1', service: 'basket' });
    await server.h.settle();
    expect((await server.ask(`${I}/1`)).json.waiting).toEqual(['d1']);
    expect(await server.post(`${I}/1/posts/d1/approve`)).toMatchObject({
      status: 403,
      json: { code: 'person_needed' },
    });
    const token = await asPerson();
    const approved = await server.ask(`${I}/1/posts/d1/approve`, { body: {}, token });
    expect(approved.status).toBe(200);
    await server.h.settle();
    expect(server.h.sent('publish')).toHaveLength(1);
    expect(await server.post(`${I}/1/posts/d1/reject`, { reason: 'Too late.' })).toMatchObject({
      status: 409,
      json: { code: 'not_waiting' },
    });
    const unknown = await server.ask(`${I}/1/posts/d9/approve`, { body: {}, token });
    expect(unknown.status).toBe(404);
    expect(await server.ask(`${I}/1/posts/p1/approve`, { body: {}, token })).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining('"p1" is no id of a draft, such as d1') as string },
    });
  });

  test('test the path to a phone', async () => {
    server = await openApiServer();
    expect((await server.post('/api/v1/page-tests', { person: 'ada' })).status).toBe(201);
    await server.h.settle();
    expect(server.h.sent('trigger')).toMatchObject([{ order: { address: { user: 'ada' } } }]);
    expect(await server.post('/api/v1/page-tests', { person: 'zoe' })).toMatchObject({
      status: 400,
      json: { code: 'unknown_person', errors: [{ field: 'person' }] },
    });
  });

  test('are told which field is wrong, also when they ask again under the same key', async () => {
    server = await openApiServer();
    const token = await asPerson();
    const declare = {
      token,
      body: { title: 'Tills are down', flags: ['nothing'] },
      headers: { 'idempotency-key': 'till-1' },
    };
    const unknownFlag = {
      status: 400,
      json: { code: 'unknown_flag', errors: [{ field: 'flags' }] },
    };
    expect(await server.ask(I, declare)).toMatchObject(unknownFlag);
    expect(await server.ask(I, declare)).toMatchObject(unknownFlag);
    await server.post(I, { title: 'Tills are down', level: 'L1', service: 'basket' });
    const lowered = await server.ask(`${I}/1/severity`, { token, body: { level: 'L3' } });
    expect(lowered).toMatchObject({
      status: 400,
      json: { code: 'reason_needed', errors: [{ field: 'reason' }] },
    });
    expect(await server.post(`${I}/1/impact`, {})).toMatchObject({
      status: 400,
      json: { code: 'measure_needed', errors: [{ field: '' }] },
    });
    const nowhere = await server.ask(`${I}/1/roles/nobody/take`, { token, body: {} });
    expect(nowhere).toMatchObject({ status: 404, json: { code: 'unknown_role' } });
    expect(nowhere.json.errors).toBeUndefined();
  });

  test('are the actors of what they ask, by the API or by the command line', async () => {
    await opened();
    const token = await server.issue(['act'], { kind: 'person', id: 'ben' });
    const body = { text: 'Here.' };
    await server.ask(`${I}/1/notes`, { token, body });
    await server.ask(`${I}/1/notes`, { token, body, headers: { 'x-tocsin-via': 'cli' } });
    await server.post(`${I}/1/notes`, body);
    const { timeline } = (await server.ask(`${I}/1/timeline`)).json as {
      timeline: { actor: string; type: string }[];
    };
    const actors = timeline.filter(({ type }) => type === 'NoteAdded').map(({ actor }) => actor);
    expect(actors).toEqual(['ben via api', 'ben via cli', 'admin (machine) via api']);
  });

  test('pause and resume, and see what is paused', async () => {
    server = await openApiServer();
    const pause = { what: 'paging', for: '30m', why: 'Migration.' };
    expect(await server.post('/api/v1/pauses', pause)).toMatchObject({
      status: 201,
      json: { what: 'paging', by: 'admin', until: '2026-01-05T12:30:00Z' },
    });
    expect((await server.ask('/api/v1/pauses')).json.pauses).toMatchObject([{ why: 'Migration.' }]);
    expect((await server.ask('/api/v1/pauses/paging', { method: 'DELETE' })).status).toBe(204);
    expect((await server.ask('/api/v1/pauses/paging', { method: 'DELETE' })).status).toBe(409);
    expect((await server.ask('/api/v1/pauses/all', { method: 'DELETE' })).status).toBe(404);
    for (const wrong of ['soon', '0', '8d'])
      expect(await server.post('/api/v1/pauses', { ...pause, for: wrong })).toMatchObject({
        status: 400,
        json: { errors: [{ field: 'for' }] },
      });
  });

  test('list incidents, open or closed, page by page', async () => {
    await opened();
    await server.post(I, { title: 'Another' });
    const list = async (query: string) => (await server.ask(`${I}?${query}`)).json;
    expect(await list('limit=1')).toMatchObject({ incidents: [{ id: 'inc-2' }], next: 'inc-2' });
    expect(await list('limit=1&before=2')).toMatchObject({ incidents: [{ id: 'inc-1' }] });
    expect(await list('open=false')).toEqual({ incidents: [], unreadable: 0, next: null });
    for (const wrong of ['open=maybe', 'limit=0', 'limit=x', 'opne=true'])
      expect((await server.ask(`${I}?${wrong}`)).status).toBe(400);
  });

  test('ask what would happen to a delivery', async () => {
    server = await openApiServer();
    const body = JSON.stringify([alert()]);
    const said = await server.ask('/api/v1/explain/prom', { body });
    expect(said).toMatchObject({
      status: 200,
      json: { observations: [{ level: { level: 'L2' } }] },
    });
    expect(server.h.sent()).toEqual([]);
    expect((await server.ask('/api/v1/explain/nobody', { body })).status).toBe(404);
    expect(await server.ask('/api/v1/explain/prom', { body: '{' })).toMatchObject({
      status: 422,
      json: { code: 'unparsed' },
    });
  });
});

describe('an Idempotency-Key', () => {
  test('makes a retried declaration one incident, for its own token only', async () => {
    server = await openApiServer();
    const key = { 'idempotency-key': 'abc' };
    const first = await server.post(I, { title: 'Once' }, key);
    expect(await server.post(I, { title: 'Once' }, key)).toMatchObject({
      status: 201,
      json: { incident: first.json.incident, duplicate: true },
    });
    const other = await server.issue(['act']);
    const body = { title: 'Once' };
    const second = await server.ask(I, { body, headers: key, token: other });
    expect(second.json).toMatchObject({ incident: 'inc-2', duplicate: false });
    expect(await server.post(I, { title: 'Another' }, key)).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_reused' },
    });
    const blank = await server.post(I, { title: 'Once' }, { 'idempotency-key': 'a b' });
    expect(blank).toMatchObject({ status: 400, json: { errors: [{ field: 'Idempotency-Key' }] } });
  });
});

describe('a bad request', () => {
  test.each([
    ['notes', { text: '' }, ['text']],
    ['notes', { txet: 'a', text: 'b' }, ['txet']],
    ['notes', {}, ['text']],
    ['notes', [], ['']],
    ['phase', { phase: 'resolved' }, ['phase']],
    ['impact', {}, ['']],
    ['impact', { users: -1, percent: 101 }, ['users', 'percent']],
    ['severity', { level: 7 }, ['level']],
    ['severity', { level: 'L9' }, ['level']],
    ['severity', { level: 'L3' }, ['reason']],
    ['flags', { flag: 'odd' }, ['flag']],
    ['roles', { role: 'king', person: 'ada' }, ['role']],
    ['roles', { role: 'commander', person: 'zoe' }, ['person']],
    ['acknowledge', { page: 'p9' }, ['page']],
  ])('%s %j is 400 and names the fields', async (path, body, fields) => {
    await opened();
    const answer = await server.ask(`${I}/1/${path}`, { body, token: await asPerson() });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  test('says what a mistyped field was meant to be', async () => {
    await opened();
    const answer = await server.post(`${I}/1/customer-reports`, {
      acount: 'a',
      account: 'a',
      tier: 'b',
    });
    expect(answer.json.errors).toEqual([
      { field: 'acount', message: 'There is no such field. Did you mean "account"?' },
    ]);
  });

  test.each([
    ['notes', { text: null }, 'It must be a text, not null.'],
    ['notes', {}, 'It is missing; it must be a text: the note.'],
    ['severity', { level: 7 }, 'It must be a text.'],
    ['severity', { level: 'x'.repeat(201) }, 'It must have at most 200 characters.'],
    ['declare', { level: null }, 'It must be a text, not null.'],
    ['impact', { users: '7' }, 'It must be a number.'],
    ['notes', [], 'It must be a JSON object.'],
  ])('%s %j says what is wrong and what to do, in words of ours', async (path, body, message) => {
    await opened();
    const answer = await server.post(`${I}/1/${path}`, body);
    expect(answer.json.errors).toMatchObject([{ message }]);
  });

  test('with a field in its address is read as one in its body is', async () => {
    await opened();
    const page = (role: string) => server.post(`${I}/1/roles/${encodeURIComponent(role)}/page`, {});
    expect((await page(' deputy ')).status).toBe(200);
    for (const [role, message] of [
      ['x'.repeat(3_000), 'It must have at most 200 characters.'],
      [' ', 'It must not be empty.'],
    ] as const) {
      const answer = await page(role);
      expect(answer).toMatchObject({
        status: 400,
        json: { code: 'invalid_address', errors: [{ field: 'role', message }] },
      });
      expect(answer.text.length).toBeLessThan(1_000);
    }
  });

  test('with a body that is no JSON is 400, of another type 415, too large 413', async () => {
    await opened();
    const json = { 'content-type': 'application/json' };
    expect(await server.post(`${I}/1/notes`, '{"text":', json)).toMatchObject({
      status: 400,
      json: { code: 'invalid_json', errors: [{ field: '' }] },
    });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await server.post(`${I}/1/notes`, 'text=a', form)).status).toBe(415);
    const large = await server.post(`${I}/1/notes`, { text: 'x'.repeat(1_000_000) });
    expect(large.status).toBe(413);
  });

  test('in a wrong state is 409 with the reason', async () => {
    await opened();
    expect(await server.post(`${I}/1/root-cause`, { text: 'A disk.' })).toMatchObject({
      status: 409,
      json: {
        code: 'not_declared',
        detail: 'inc-1 is in triage. Declare it first: `tocsin declare --incident inc-1`.',
      },
    });
    expect((await server.post(`${I}/1/severity`, { level: 'L2' })).json.code).toBe('same_level');
  });

  test('about an incident that does not exist is 404 and opens none', async () => {
    await opened();
    for (const path of ['declare', 'resolve', 'acknowledge'])
      expect((await server.post(`${I}/9/${path}`)).status).toBe(404);
    expect((await server.post(`${I}/in/declare`)).status).toBe(404);
    expect((await server.ask(`${I}/9`)).status).toBe(404);
    expect((await server.ask(`${I}/9/timeline`)).status).toBe(404);
    expect((await server.post(`${I}/1/roles/king/page`)).status).toBe(404);
    expect(await server.h.open()).toHaveLength(1);
  });

  test('for an address or a method that is not there is 404 or 405', async () => {
    server = await openApiServer();
    expect((await server.ask('/api/v1/nothing')).status).toBe(404);
    expect((await server.ask('/webhooks')).status).toBe(404);
    expect((await server.ask(`${I}/%ff`)).status).toBe(400);
    const wrong = await server.ask(I, { method: 'PUT' });
    expect(wrong).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
  });

  test('meets 410 where its archive was taken away: trying again is of no use', async () => {
    const gone = new StoreUnavailable('the archive 2025.db is not there', 'put it back', {
      isOfArchive: true,
    });
    server = await openApiServer({}, (h) => ({
      reads: { ...h.store.reads, incident: () => Promise.reject(gone) },
    }));
    const answer = await server.post(`${I}/inc-1/notes`, { text: 'late' });
    expect(answer).toMatchObject({ status: 410, json: { code: 'archive_unavailable' } });
    expect(answer.headers['retry-after']).toBeUndefined();
  });

  test('meets 503 with Retry-After when it could not be stored, 500 without details for a bug', async () => {
    const failing = (name: string) => () =>
      Promise.reject(Object.assign(new Error('secret detail'), { name }));
    for (const [name, status] of [
      ['Overloaded', 503],
      ['StoreUnavailable', 503],
      ['TypeError', 500],
    ] as const) {
      server = await openApiServer({}, (h) => ({
        engine: { ...h.engine, request: failing(name) },
      }));
      const answer = await server.post(I, { title: 'Tills are down' });
      expect(answer.status).toBe(status);
      expect(answer.headers['retry-after']).toBe(status === 503 ? '5' : undefined);
      expect(answer.text.includes('secret detail')).toBe(status === 503);
      const logged = server.h.logs.filter(({ message }) => message === 'a request failed');
      expect(logged).toHaveLength(status === 500 ? 1 : 0);
      if (name !== 'TypeError') await server.end();
    }
  });
});

test('a request that was done is answered so although the incident cannot be read afterwards', async () => {
  server = await openApiServer({}, ({ store }) => ({
    reads: { ...store.reads, incident: () => Promise.reject(new Error('disk I/O error')) },
  }));
  expect(await server.post(I, { title: 'Slow', level: 'L2', service: 'basket' })).toMatchObject({
    status: 201,
    json: { incident: 'inc-1', level: null, duplicate: false },
  });
  expect((await server.h.incident('inc-1')).level).toBe('L2');
});

describe('operations', () => {
  test('alive, ready, and not ready when the database cannot be written, rows are late, or it stops', async () => {
    let change: object = {};
    server = await openApiServer({}, (h) => ({
      engine: { ...h.engine, health: async () => ({ ...(await h.engine.health()), ...change }) },
    }));
    const ready = () => speak(`${server.http.url}/readyz`);
    expect((await speak(`${server.http.url}/livez`)).status).toBe(200);
    expect((await ready()).json).toMatchObject({ ready: true });
    change = { store: { condition: 'refusing', problem: 'the disk is full' } };
    expect(await ready()).toMatchObject({
      status: 503,
      json: { checks: [{}, { detail: 'the disk is full' }, {}] },
    });
    change = { oldestTurnMs: 60_000 };
    expect((await ready()).status).toBe(503);
    change = { oldestDueMs: 600_000, oldestPageMs: 600_000 };
    expect((await ready()).status, 'a vendor makes its rows wait').toBe(200);
    change = {};
    server.http.drain();
    expect(await ready()).toMatchObject({ status: 503, json: { ready: false } });
  });

  test('not ready from the first write that fails, until one does not', async () => {
    let locked: Error | null = null;
    server = await openApiServer({
      wrap: (store) => ({
        ...store,
        transact: (work) => (locked === null ? store.transact(work) : Promise.reject(locked)),
      }),
    });
    const declare = () => server.post(I, { title: 'Slow', level: 'L2', service: 'basket' });
    const ready = () => speak(`${server.http.url}/readyz`);
    expect((await ready()).status).toBe(200);
    locked = new StoreUnavailable('another program locks the database', 'wait for it');
    expect((await declare()).status).toBe(503);
    const answer = await ready();
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('every write has failed');
    locked = null;
    expect((await declare()).status).toBe(201);
    expect((await ready()).status).toBe(200);
  });

  test('not ready when the database cannot even be read', async () => {
    server = await openApiServer({}, (h) => ({
      engine: { ...h.engine, health: () => Promise.reject(new Error('disk I/O error')) },
    }));
    const answer = await speak(`${server.http.url}/readyz`);
    expect(answer).toMatchObject({
      status: 503,
      json: { ready: false, checks: [{ ok: true }, { name: 'database', ok: false }] },
    });
    expect(answer.text).not.toContain('disk I/O');
  });

  test('metrics count requests by route, never by id', async () => {
    await opened();
    await server.post(`${I}/1/notes`, { text: 'a' });
    const { text } = await speak(`${server.http.url}/metrics`);
    expect(text).toContain('route="/api/v1/incidents/{incident}/notes",status="200"} 1');
    expect(text).toContain('tocsin_open_incidents');
  });

  test('reload tells the problems, and whether it was swapped', async () => {
    let problems: readonly string[] = [];
    server = await openApiServer({}, () => ({
      reload: async () => ({ ok: problems.length === 0, problems, kept: [] }),
    }));
    expect((await server.post('/-/reload')).json).toEqual({ ok: true, problems: [], kept: [] });
    problems = ['tocsin.yaml:3:1: there is no level L9'];
    expect(await server.post('/-/reload')).toMatchObject({
      status: 409,
      json: { code: 'configuration_refused', errors: [{ message: problems[0] }] },
    });
  });

  test('health and whoami', async () => {
    server = await openApiServer({ policy: policy({ levels: [level('Only', 0)] }) });
    expect((await server.ask('/api/v1/health')).json).toMatchObject({ undecided: 0 });
    const token = await server.issue(['act'], { kind: 'person', id: 'ada' });
    expect((await server.ask('/api/v1/whoami', { token })).json).toMatchObject({
      name: 'Ada',
      scopes: ['act'],
      owner: { kind: 'person', id: 'ada' },
    });
  });

  test('a closed server answers no more', async () => {
    server = await openApiServer();
    expect(server.http.inFlight()).toBe(0);
    await server.http.close();
    await expect(speak(`${server.http.url}/livez`)).rejects.toThrow('ECONNREFUSED');
  });
});
