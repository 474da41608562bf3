import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VERBS } from '../core/verbs/table.ts';
import type { Verb } from '../core/verbs/verb.ts';
import { allRoutes } from '../http/routes.ts';
import {
  type Answering,
  type Ran,
  type Seen,
  testServer,
  type TestServer,
  tocsin,
} from '../../test/support/cli.ts';

const routes = allRoutes(VERBS);

const DONE = { incident: 'inc-7', level: 'L1', row: 'r', duplicate: false };

let server: TestServer;
let answer: (seen: Seen, index: number) => Answering;

beforeEach(async () => {
  answer = ({ body }) => {
    const isPending = Object.hasOwn(Object(body), 'title') && !Object.hasOwn(Object(body), 'level');
    return { json: isPending ? { ...DONE, level: null } : DONE };
  };
  server = await testServer((seen, index) => answer(seen, index));
});
afterEach(() => server.close());

function run(...argv: string[]): Promise<Ran> {
  return tocsin(argv, { env: { TOCSIN_URL: server.url, TOCSIN_TOKEN: 'tcn_secret' } });
}

/** Command line, request, what is printed, the next command. */
const ACTIONS: readonly (readonly [string[], string, unknown, string, string])[] = [
  [
    ['ack', '7'],
    'POST /incidents/inc-7/acknowledge',
    {},
    'Acknowledged on inc-7.',
    'tocsin show inc-7',
  ],
  [
    ['ack', '#7', 'p1'],
    'POST /incidents/inc-7/acknowledge',
    { page: 'p1' },
    'Acknowledged on inc-7: page p1.',
    'tocsin show inc-7',
  ],
  [
    ['note', 'INC-7', 'hello there'],
    'POST /incidents/inc-7/notes',
    { text: 'hello there' },
    'Noted in the timeline of inc-7',
    'tocsin timeline inc-7',
  ],
  [
    ['phase', '7', 'Monitoring', 'fix is in'],
    'POST /incidents/inc-7/phase',
    { phase: 'monitoring', text: 'fix is in' },
    'inc-7 is in monitoring',
    'tocsin show inc-7 tells what the public reads, and whether a post waits for approval',
  ],
  [
    ['take', '7', 'commander'],
    'POST /incidents/inc-7/roles/commander/take',
    {},
    'You are commander of inc-7',
    'tocsin show inc-7',
  ],
  [
    ['join', '7'],
    'POST /incidents/inc-7/join',
    {},
    'You are among the responders of inc-7',
    'tocsin take inc-7 ROLE',
  ],
  [
    ['phase', '7', 'monitoring'],
    'POST /incidents/inc-7/phase',
    { phase: 'monitoring' },
    'inc-7 is in monitoring',
    'tocsin resolve inc-7',
  ],
  [
    ['declare', 'Signals', '--flag', 'security', '--flag', 'data'],
    'POST /incidents',
    { title: 'Signals', flags: ['security', 'data'] },
    'is declared',
    'tocsin severity inc-7 LEVEL',
  ],
  [
    ['phase', '7', 'identified'],
    'POST /incidents/inc-7/phase',
    { phase: 'identified' },
    'inc-7 is in identified',
    'tocsin show inc-7',
  ],
  [
    ['root-cause', '7', 'a leak'],
    'POST /incidents/inc-7/root-cause',
    { text: 'a leak' },
    'root cause is noted',
    'tocsin phase inc-7 monitoring',
  ],
  [
    ['severity', '7', 'Major'],
    'POST /incidents/inc-7/severity',
    { level: 'Major' },
    'inc-7 is L1 now',
    'tocsin show inc-7',
  ],
  [
    ['severity', '7', 'L3', '--reason', 'one region'],
    'POST /incidents/inc-7/severity',
    { level: 'L3', reason: 'one region' },
    'inc-7 is L1 now',
    'tocsin show',
  ],
  [
    ['impact', '7', 'users=1200', 'percent=8.5', 'revenue_per_minute=300'],
    'POST /incidents/inc-7/impact',
    { users: 1200, percent: 8.5, revenue_per_minute: 300 },
    'users 1200, percent 8.5',
    'tocsin show',
  ],
  [
    ['flag', '7', 'data_integrity'],
    'POST /incidents/inc-7/flags',
    { flag: 'data_integrity' },
    'carries the flag data_integrity',
    'tocsin show',
  ],
  [
    ['customer', '7', '--account', 'acme', '--tier', 'paying', 'it hangs'],
    'POST /incidents/inc-7/customer-reports',
    { account: 'acme', tier: 'paying', text: 'it hangs' },
    'report of acme (paying)',
    'tocsin impact inc-7',
  ],
  [
    ['assign', '7', 'scribe', 'ada'],
    'POST /incidents/inc-7/roles',
    { role: 'scribe', person: 'ada' },
    'ada is scribe of inc-7',
    'tocsin show',
  ],
  [
    ['assign', '7', 'scribe', 'ada', '--confirmed'],
    'POST /incidents/inc-7/roles',
    { role: 'scribe', person: 'ada', confirmed: true },
    'ada is scribe of inc-7',
    'tocsin show',
  ],
  [
    ['hand-off', '7', 'scribe', 'ada'],
    'POST /incidents/inc-7/hand-offs',
    { role: 'scribe', person: 'ada' },
    'ada is scribe of inc-7',
    'tocsin show',
  ],
  [
    ['accept', '7'],
    'POST /incidents/inc-7/offers/accept',
    {},
    'You have taken what you were offered of inc-7',
    'tocsin show',
  ],
  [
    ['accept', '7', 'scribe'],
    'POST /incidents/inc-7/offers/accept',
    { role: 'scribe' },
    'You are scribe of inc-7',
    'tocsin show',
  ],
  [
    ['decline', '7', '--why', 'asleep'],
    'POST /incidents/inc-7/offers/decline',
    { why: 'asleep' },
    'Declined on inc-7',
    'tocsin show',
  ],
  [
    ['page', '7', 'deputy'],
    'POST /incidents/inc-7/roles/deputy/page',
    {},
    'deputy is being paged for inc-7',
    'tocsin show',
  ],
  [
    ['page', '--test', 'ada'],
    'POST /page-tests',
    { person: 'ada' },
    'ada is rung by a test page, inc-7',
    'tocsin show inc-7',
  ],
  [
    ['approve', '7', 'd1'],
    'POST /incidents/inc-7/posts/d1/approve',
    {},
    'd1 of inc-7 is approved.',
    'tocsin show',
  ],
  [
    ['reject', '7', 'd1', '--reason', 'wrong'],
    'POST /incidents/inc-7/posts/d1/reject',
    { reason: 'wrong' },
    'Draft d1 of inc-7 is rejected',
    'tocsin show',
  ],
  [
    ['reject', '7', 'd4', '--closed', '--reason', 'closed by hand'],
    'POST /incidents/inc-7/posts/d4/reject',
    { closed: true, reason: 'closed by hand' },
    'Draft d4 of inc-7 is rejected',
    'tocsin show',
  ],
  [['resolve', '7'], 'POST /incidents/inc-7/resolve', {}, 'inc-7 is resolved', 'tocsin show'],
  [
    ['resolve', '7', 'rolled back'],
    'POST /incidents/inc-7/resolve',
    { text: 'rolled back' },
    'inc-7 is resolved',
    'tocsin show',
  ],
  [
    ['false-positive', '7', '--reason', 'load test'],
    'POST /incidents/inc-7/false-positive',
    { reason: 'load test' },
    'closed as a false positive',
    'tocsin reopen inc-7',
  ],
  [
    ['reopen', '7', '--reason', 'again'],
    'POST /incidents/inc-7/reopen',
    { reason: 'again' },
    'inc-7 is open again',
    'tocsin show',
  ],
  [
    ['declare', 'Checkout fails'],
    'POST /incidents',
    { title: 'Checkout fails' },
    'inc-7 is declared, its level pending',
    'tocsin severity inc-7 LEVEL',
  ],
  [
    [
      'declare',
      '--level',
      'L1',
      '--service',
      'shop',
      '--team',
      'pay',
      '--text',
      'all of it',
      'Down',
    ],
    'POST /incidents',
    { level: 'L1', title: 'Down', service: 'shop', team: 'pay', text: 'all of it' },
    'inc-7 is declared; those',
    'tocsin show inc-7',
  ],
  [
    ['declare', '--incident', '7', '--level', 'L1'],
    'POST /incidents/inc-7/declare',
    { level: 'L1' },
    'inc-7 is declared; those',
    'tocsin show inc-7',
  ],
  [
    ['pause', 'Public', '90m', '--why', 'legal'],
    'POST /pauses',
    { what: 'public', for: '90m', why: 'legal' },
    'No public post is sent for 1h30m; what is held leaves at the end.',
    'tocsin resume public ends it earlier',
  ],
  [
    ['pause', 'paging', '1m', '--shorten', '--why', 'x'],
    'POST /pauses',
    { what: 'paging', for: '1m', why: 'x', shorten: true },
    'NOBODY IS RUNG for 1m',
    'tocsin resume paging ends it earlier',
  ],
  [
    ['resume', 'public'],
    'DELETE /pauses/public',
    null,
    'public goes on; what was held and is still wanted leaves now.',
    'tocsin list',
  ],
  [
    ['token', 'create', '--machine', 'ci', '--expires', '90d'],
    'POST /tokens',
    { owner: { kind: 'machine', id: 'ci' }, scopes: ['read', 'act'], expires_in: '90d' },
    'for machine ci, with the scopes read, act. It is shown this once:',
    'export TOCSIN_TOKEN=...',
  ],
  [
    ['token', 'create', '--person', 'ada', '--scopes', 'read, approve'],
    'POST /tokens',
    { owner: { kind: 'person', id: 'ada' }, scopes: ['read', 'approve'] },
    'for person ada, with the scopes read, approve.',
    'export TOCSIN_TOKEN=...',
  ],
  [
    ['token', 'revoke', 'a/b'],
    'DELETE /tokens/a%2Fb',
    null,
    'Token a/b is revoked.',
    'tocsin token list',
  ],
  [['reload'], 'POST /-/reload', null, 'The server runs the new configuration.', 'tocsin list'],
  [['clock', 'accept'], 'POST /clock/accept', null, 'Time goes back by', 'tocsin list'],
  [
    ['backup', '--to', '/mnt'],
    'POST /backups',
    { to: '/mnt' },
    'It takes longer than 20 s',
    'tocsin list',
  ],
];

describe('each action is one request and a line about what happened', () => {
  it.each(ACTIONS)('%j', async (...[argv, request, body, said, next]) => {
    const { code, out, err } = await run(...argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [seen] = server.seen;
    expect(server.seen).toHaveLength(1);
    expect(`${seen?.method} ${seen?.path.replace('/api/v1', '')}`).toBe(request);
    expect(seen?.body).toEqual(body);
    expect(seen?.headers['authorization']).toBe('Bearer tcn_secret');
    expect(seen?.headers['idempotency-key']).toBe('key-1');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(said);
    expect(out).toContain(`\nNext: ${next}`);
  });

  it('is told as an offer where somebody must accept first', async () => {
    answer = () => ({ json: { ...DONE, waitsFor: 'ada' } });
    const { out } = await run('hand-off', '7', 'scribe', 'ada');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'ada is asked to be scribe of inc-7, and rung for five minutes; until they accept, nothing changes.',
    );
  });

  it('prints the answer as it came with --json', async () => {
    const { out } = await run('ack', '7', '--json');
    expect(JSON.parse(out)).toEqual(DONE);
  });
});

/** Method and address of each way in which a verb is asked. */
function waysOf(verb: Verb): readonly string[] {
  if (verb.subject === 'installation')
    return [`${verb.method.toUpperCase()} /${verb.path.replace(/^\//, '')}`];
  const { acts, opens } = verb;
  return [
    ...(acts === null ? [] : [`POST /incidents/inc-7/${acts.path}`]),
    ...(opens === null ? [] : [`POST /${opens.path}`]),
  ];
}

it.each(Object.entries(VERBS))('%s has a story for each way in which it is asked', (type, verb) => {
  for (const way of waysOf(verb)) {
    const asked = new RegExp(`^${way.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    const stories = ACTIONS.filter(
      ([argv, request]) => argv.join(' ').startsWith(verb.name) && asked.test(request),
    );
    expect(stories.length, `${type} has no story of ${way}: add one to ACTIONS`).toBeGreaterThan(0);
  }
});

describe('what is asked is what the server takes', () => {
  const requests = ACTIONS.map(([, request, body]) => [request, body ?? {}] as const);
  it.each([
    ...requests,
    ['GET /incidents', {}] as const,
    ['GET /incidents/inc-7', {}] as const,
    ['GET /incidents/inc-7/timeline', {}] as const,
    ['POST /explain/prom', {}] as const,
  ])('%s %j', (request, body) => {
    const [method = '', path = ''] = request.split(' ');
    const route = routes.find(
      (one) =>
        one.method === method.toLowerCase() &&
        new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(
          path.startsWith('/-/') ? path : `/api/v1${path}`,
        ),
    );
    expect(route).toBeDefined();
    expect(route?.body.safeParse(body).success).toBe(true);
  });
});

describe('a request', () => {
  it('is marked as typed on the command line, and shows the token that was typed with it', async () => {
    await run('note', '7', 'x');
    await run('note', '7', 'x', '--token', 'tcn_mine');
    expect(server.seen.map(({ headers }) => headers['x-tocsin-via'])).toEqual(['cli', 'cli']);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer tcn_secret',
      'Bearer tcn_mine',
    ]);
  });
});

describe('a server that cannot write now', () => {
  it('is asked again after its Retry-After under the same key', async () => {
    const waits: number[] = [];
    answer = (_seen, index) =>
      index < 2 ? { status: 503, headers: { 'retry-after': String(index + 1) } } : { json: DONE };
    const { code } = await tocsin(['note', '7', 'x', '--url', server.url], {
      backends: { wait: async (ms) => void waits.push(ms) },
    });
    expect({ code, waits }).toEqual({ code: 0, waits: [1000, 2000] });
    expect(server.seen.map((one) => one.headers['idempotency-key'])).toEqual([
      'key-1',
      'key-1',
      'key-1',
    ]);
  });

  it('is given up after five tries, with its reason', async () => {
    answer = () => ({ status: 503, json: { detail: 'The disk is full.' } });
    const { code, err } = await tocsin(['note', '7', 'x', '--url', server.url], {
      backends: { wait: async () => undefined },
    });
    expect({ code, tries: server.seen.length }).toEqual({ code: 1, tries: 5 });
    expect(err).toContain('The disk is full.');
  });

  it('is not waited for when it wants minutes', async () => {
    answer = () => ({
      status: 503,
      headers: { 'retry-after': '600' },
      json: { detail: 'Stopping.' },
    });
    expect((await run('note', '7', 'x')).code).toBe(1);
    expect(server.seen).toHaveLength(1);
  });
});

describe('a refusal says what, and what to do', () => {
  it('409 gives the reason of the server', async () => {
    answer = () => ({
      status: 409,
      json: { detail: 'inc-7 is closed (cleared); reopen it first.', code: 'closed' },
    });
    const { code, err, out } = await run('resolve', '7');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe('tocsin: inc-7 is closed (cleared); reopen it first.\n');
  });

  it('401 says how a token is given', async () => {
    answer = () => ({ status: 401, json: { detail: 'The token is not known.' } });
    const { code, err } = await run('ack', '7');
    expect(code).toBe(1);
    expect(err).toContain('The token is not known.');
    expect(err).toContain('TOCSIN_TOKEN_FILE');
    expect(err).not.toContain('tcn_secret');
  });

  it('403 says how a scope is given where one is missing, and nothing of scopes where a person is needed', async () => {
    answer = () => ({
      status: 403,
      json: { detail: 'This needs a token with the scope act.', code: 'scope_missing' },
    });
    expect((await run('ack', '7')).err).toContain('ask an admin for one');
    answer = () => ({
      status: 403,
      json: { detail: 'Taking a role is for a person.', code: 'person_needed' },
    });
    expect((await run('take', '7', 'scribe')).err).toBe('tocsin: Taking a role is for a person.\n');
  });

  it('400 names the field', async () => {
    answer = () => ({
      status: 400,
      json: { detail: 'The body is not valid: percent: It must be at most 100.' },
    });
    expect((await run('impact', '7', 'percent=800')).err).toContain(
      'percent: It must be at most 100.',
    );
  });

  it('no server says how to start one', async () => {
    await server.close();
    const { code, err } = await run('ack', '7');
    expect(code).toBe(1);
    expect(err).toContain(`no server answers at ${server.url}`);
    expect(err).toContain('ECONNREFUSED');
    expect(err).toContain('tocsin serve --config FILE --data DIR');
    server = await testServer(() => ({}));
  });

  it('something else than Tocsin is recognised', async () => {
    answer = () => ({ text: '<html>' });
    expect((await run('ack', '7')).err).toContain('Is it a Tocsin server?');
  });
});

describe('what was mistyped is refused before anything is sent', () => {
  it.each([
    [['ack', 'seven'], "incident cannot be 'seven'. An incident is written 7 or inc-7"],
    [['list', '--limit', '0'], "--limit <n> cannot be '0'. At least 1"],
    [['ack'], 'missing required argument'],
    [['phase', '7', 'resolved'], 'tocsin resolve'],
    [['impact', '7', 'users'], 'users: It needs a number.'],
    [['impact', '7', 'users=-1'], 'users: It must be a number of 0 or more. For example users=12.'],
    [['impact', '7', 'customers=1'], 'names are users, percent'],
    [['reject', '7', 'd1'], "required option '--reason <reason>' not specified"],
    [['pause', 'everything', '30m', '--why', 'x'], 'There are public, paging, automation'],
    [['pause', 'public', '30', '--why', 'x'], 'A duration is written 30m'],
    [['pause', 'public', '8d', '--why', 'x'], 'a pause lasts 7 days at most'],
    [['token', 'create', '--person', 'ada', '--scopes', 'read,root'], 'one of read, act, approve'],
    [['akc', '7'], '(Did you mean ack?)'],
    [['note', '7', 'two', 'words'], 'too many arguments'],
  ])('%j', async (argv, said) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(/^tocsin: /);
    expect(err).toContain(said);
    expect(server.seen).toEqual([]);
  });

  it.each([
    [['declare'], 'title is missing: what is wrong, in a few words'],
    [
      ['declare', '--incident', '7', '--service', 'shop'],
      '--service is not for an incident that exists',
    ],
    [['page', '7'], 'role is missing'],
    [['token', 'create'], '--person or --machine is missing: a token belongs to one person or one'],
    [
      ['token', 'create', '--person', 'ada', '--machine', 'ci'],
      '--person and --machine exclude each other: a token belongs to one person or one machine',
    ],
    [['page', '7', '--test', 'ada'], '--test is not for an incident that exists'],
    [['ack', '7', '--url', 'nowhere'], 'nowhere is no address of a server'],
  ])('%j, with what to write instead', async (argv, said) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(1);
    expect(err).toContain(said);
    expect(server.seen).toEqual([]);
  });
});
