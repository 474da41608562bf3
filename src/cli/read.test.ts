import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testServer, type TestServer, tocsin } from '../../test/support/cli.ts';
import { PAUSE_MAX_MS } from '../core/model/lookups.ts';
import { unknownIncident } from '../core/model/unknown-incident.ts';
import { fallbackAnswers, initConfig, QUESTIONS } from '../config/init.ts';
import type { IncidentView, TimelineEntry } from '../read/shapes.ts';
import type { Backends, OfflineReads } from './backends.ts';

const NO_INCIDENT = unknownIncident('inc-9').message;

const entry = (at: string, text: string): TimelineEntry => ({
  version: 1,
  at,
  actor: 'source prom',
  type: 'NoteAdded',
  text,
  input: 'i',
  hash: 'h',
});

const VIEW: IncidentView = {
  id: 'inc-7',
  kind: 'incident',
  title: 'Checkout fails',
  phase: 'investigating',
  level: 'L2',
  team: 'pay',
  service: 'shop',
  parent: null,
  firing: 3,
  unreachable: 0,
  neverRang: 0,
  unparsed: { total: 0, list: [] },
  openedAt: '2026-03-02T09:14:05Z',
  declaredAt: '2026-03-02T09:18:00Z',
  resolvedAt: null,
  closedAs: null,
  archived: false,
  version: 9,
  description: 'five in a hundred requests',
  firstSignalAt: '2026-03-02T09:13:00Z',
  rootCauseAt: null,
  mitigatedAt: null,
  declaredBy: 'ada via pagerduty',
  storm: null,
  severity: {
    level: 'L2',
    name: 'Major',
    since: '2026-03-02T09:20:00Z',
    by: 'trigger',
    cause: 'impact doubled',
    because: 'trigger "impact doubled" (tocsin.yaml:41): users 600 -> 1300, at least 100',
    where: 'tocsin.yaml:41',
    changes: [],
    held: [
      {
        at: '2026-03-02T09:21:00Z',
        trigger: 'paying customers',
        why: 'the ceiling of automation is L2',
      },
    ],
  },
  routing: {
    source: 'prom',
    rule: { name: 'checkout errors', where: 'teams/pay.yaml:12' },
    route: 'tocsin.yaml:9',
    because: 'x',
    public: 'allowed',
    neverPublic: null,
    labels: {},
    links: [{ url: 'https://runbooks.example.com/pay', text: 'Runbook' }],
  },
  impact: { users: 1300, percent: 8 },
  flags: { sensitive: '2026-03-02T09:22:00Z' },
  reports: [{ account: 'acme', tier: 'paying', at: '2026-03-02T09:22:00Z' }],
  alerts: { firing: 3, stale: 0, held: 0, total: 4, leftOut: [], list: [] },
  roles: [
    {
      role: 'commander',
      person: 'ben',
      name: 'Ben B',
      since: '2026-03-02T09:25:00Z',
      state: 'filled',
      why: null,
    },
    {
      role: 'scribe',
      person: null,
      name: null,
      since: null,
      state: 'exhausted',
      why: 'every step was walked and nobody answered',
    },
  ],
  offers: [],
  pages: [
    {
      id: 'p1',
      person: 'ada',
      label: 'Ada',
      urgency: 'high',
      state: 'acknowledged',
      adopted: false,
      purposes: ['on-call of shop'],
      because: 'on call by rotation shop',
      requestedAt: '2026-03-02T09:14:05Z',
      unreachableSince: null,
      acknowledgedBy: 'ada',
      acknowledgedAt: '2026-03-02T09:18:00Z',
      silenced: false,
      neverRang: false,
      rings: [
        {
          target: 'pd',
          address: 'pd service Shop',
          key: 'k',
          status: 'confirmed',
          ref: 'Q123',
          url: 'https://shop.pagerduty.com/incidents/Q123',
          attempts: [
            {
              name: 'pager.trigger',
              status: 'done',
              attempts: 2,
              dueAt: '2026-03-02T09:14:05Z',
              outcome: '202 accepted',
            },
          ],
        },
      ],
    },
  ],
  noPublicPost: null,
  public: [
    {
      target: 'status',
      published: 'investigating',
      url: 'https://stspg.io/7',
      publishedAt: '2026-03-02T09:00:00Z',
      promisedAt: '2026-03-02T09:27:00Z',
      mayBeThere: null,
      byHand: null,
    },
    {
      target: 'other',
      published: null,
      url: null,
      publishedAt: null,
      promisedAt: null,
      mayBeThere: 'd2',
      byHand: null,
    },
    {
      target: 'third',
      published: 'investigating',
      url: null,
      publishedAt: null,
      promisedAt: null,
      mayBeThere: null,
      byHand: 'a flag says so',
    },
  ],
  posts: [
    {
      id: 'd2',
      target: 'status',
      status: 'identified',
      state: 'waiting',
      title: 't',
      body: 'We found the cause\u001b[2J of it\u202e.',
      components: { cmp1: 'partial_outage' },
      approval: 'required',
      approvedBy: null,
      draftedAt: '2026-03-02T09:28:00Z',
      dueAt: '2026-03-02T09:33:00Z',
      publishedAt: null,
      nextUpdateAt: null,
      attempts: [],
    },
  ],
  waiting: ['d2'],
  room: { target: 'chat', name: 'inc-x', state: 'open' },
  alarms: [
    { alarm: 'a', reason: 'nobody answers as scribe', since: '2026-03-02T09:29:00Z', count: 2 },
  ],
  owed: [
    { what: 'the next update on status is written', dueAt: '2026-03-02T09:27:00Z' },
    { what: 'an alarm, unless public post d2 is on status', dueAt: '2026-03-02T10:45:00Z' },
  ],
  timeline: Array.from({ length: 12 }, (_, i) =>
    entry(`2026-03-02T09:1${i % 10}:00Z`, `thing ${i} happened`),
  ),
};

let server: TestServer;
let answers: Record<string, unknown>;
let dir: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
  answers = {};
  server = await testServer(({ method, path }) => {
    const json = answers[`${method} ${path.replace('/api/v1', '')}`];
    return json === undefined
      ? { status: 404, json: { detail: NO_INCIDENT, code: 'unknown_incident' } }
      : { json };
  });
});
afterEach(() => server.close());

const run = (argv: readonly string[], backends: Partial<Backends> = {}, stdin = '') =>
  tocsin([...argv], { env: { TOCSIN_URL: server.url }, backends, cwd: dir, stdin });

describe('show', () => {
  beforeEach(() => (answers['GET /incidents/inc-7'] = VIEW));

  it('tells the person who was just woken everything, in 80 columns', async () => {
    const { code, out } = await run(['show', '7']);
    expect(code).toBe(0);
    const flat = out.replaceAll(/\s+/g, ' ');
    for (const said of [
      'inc-7 L2 (Major) investigating Checkout fails',
      'Severity L2 since 09:20 UTC, 10m ago: trigger "impact doubled" (tocsin.yaml:41): users 600 -> 1300',
      'trigger "paying customers" fired and was held: the ceiling',
      'routed by rule "checkout errors" (teams/pay.yaml:12)',
      'Declared 09:18 UTC, 12m ago by ada via pagerduty',
      'Link Runbook: https://runbooks.example.com/pay',
      'Impact users 1300, percent 8',
      'ALARMS nobody answers as scribe (since 09:29 UTC, 1m ago, sounded 2 times)',
      '09:27 UTC, 3m LATE: the next update on status is written',
      '10:45 UTC, in 1h15m: an alarm, unless public post d2 is on status',
      'Ada for on-call of shop: acknowledged by ada 09:18 UTC, 12m ago',
      'by pd to pd service Shop: confirmed, Q123 there: https://shop.pagerduty.com/incidents/Q123 pager.trigger: done after 2 attempts: 202 accepted',
      'commander: Ben B (ben), since 09:25 UTC',
      'scribe: NOBODY: every step was walked and nobody answered',
      'status (https://stspg.io/7) says investigating since 09:00 UTC, 30m ago; promised the next update for 09:27 UTC, 3m LATE',
      'other says nothing yet; d2 (identified) may be there, which nobody could see yet: look at the page',
      'third says investigating; close it there by hand: a flag says so',
      'draft d2 for status, identified: waiting, due 09:33 UTC, in 3m',
      'publish it: tocsin approve inc-7 d2',
      'Timeline (the last 8; all of it: tocsin timeline inc-7)',
      'Next: tocsin approve inc-7 d2',
    ])
      expect(flat).toContain(said);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says that another answered a page that was silenced', async () => {
    const [page] = VIEW.pages;
    const silenced = { ...page, person: 'cleo', label: 'Cleo', silenced: true };
    answers['GET /incidents/inc-7'] = { ...VIEW, pages: [silenced] };
    const flat = (await run(['show', '7'])).out.replaceAll(/\s+/g, ' ');
    expect(flat).toContain(
      'Cleo for on-call of shop: was silenced, since ada answered 09:18 UTC, 12m ago',
    );
  });

  it('of a hundred pages that are over and alike shows the last, and each that is open or was answered', async () => {
    const alike = VIEW.pages.flatMap((page) =>
      Array.from({ length: 100 }, (_, n) => ({
        ...page,
        id: `p${n + 2}`,
        label: 'Mia',
        person: 'mia',
        state: n === 99 ? 'open' : 'closed',
        purposes: ['alarms'],
        requestedAt: n === 0 ? '2026-03-02T04:15:00Z' : page.requestedAt,
        acknowledgedBy: null,
        acknowledgedAt: null,
      })),
    );
    answers['GET /incidents/inc-7'] = { ...VIEW, pages: [...VIEW.pages, ...alike] };
    const flat = (await run(['show', '7'])).out.replaceAll(/\s+/g, ' ');
    expect(flat.match(/\w+ for alarms: [\w ]+ p\d+/gu)).toEqual([
      'Mia for alarms: closed p100',
      'Mia for alarms: NO ANSWER YET p101',
    ]);
    expect(flat).toContain('the last of 99 that are closed, the first 04:15 UTC, 5h15m ago');
    expect(flat).toContain('Ada for on-call of shop: acknowledged');
  });

  it('lets no text of strangers move the cursor', async () => {
    const { out } = await run(['show', '7']);
    expect(out).not.toContain('\u001b');
    expect(out, 'nor turn what they read round').not.toContain('\u202e');
  });

  it('prints the whole view with --json', async () => {
    const { out } = await run(['show', '7', '--json']);
    expect(JSON.parse(out)).toEqual(VIEW);
    expect(out, 'a terminal obeys some of what JSON allows').not.toContain('\u202e');
  });

  it('says what to type when nobody has declared or acknowledged', async () => {
    answers['GET /incidents/inc-7'] = { ...VIEW, phase: 'triage', declaredAt: null, waiting: [] };
    expect((await run(['show', '7'])).out).toContain('Next: tocsin declare --incident inc-7');
    answers['GET /incidents/inc-7'] = { ...VIEW, phase: 'resolved', declaredAt: null, waiting: [] };
    expect((await run(['show', '7'])).out, 'it is over').not.toContain('Next: tocsin declare');
    answers['GET /incidents/inc-7'] = {
      ...VIEW,
      pages: VIEW.pages.map((page) => ({ ...page, state: 'open' })),
    };
    expect((await run(['show', '7'])).out).toContain('Next: tocsin ack inc-7');
  });

  it('sends nobody to answer who has answered, or whom nothing rings', async () => {
    const rings = VIEW.pages.map((page) => ({ ...page, state: 'open', acknowledgedBy: null }));
    const [page] = rings;
    const nextFor = async (id: string, pages: readonly object[]): Promise<string> => {
      answers['GET /whoami'] = { owner: { kind: 'person', id } };
      answers['GET /incidents/inc-7'] = { ...VIEW, waiting: [], pages };
      return (await run(['show', '7'])).out.trimEnd().split('\n').at(-1) ?? '';
    };
    expect(await nextFor('ada', rings)).toBe('Next: tocsin ack inc-7');
    expect(await nextFor('ben', rings)).toBe('Next: tocsin root-cause inc-7 "..."');
    const vendors = { ...page, id: 'p9', person: null };
    expect(await nextFor('ben', [vendors])).toBe('Next: tocsin ack inc-7 p9 if that is your phone');
    const answered = { ...page, state: 'acknowledged', acknowledgedBy: 'ben' };
    expect(await nextFor('ben', [answered, vendors])).toBe('Next: tocsin root-cause inc-7 "..."');
  });

  it('says the name of a level only where it says more than its id', async () => {
    const severity = { ...VIEW.severity, name: 'L2' };
    answers['GET /incidents/inc-7'] = { ...VIEW, severity };
    expect((await run(['show', '7'])).out).toMatch(/^inc-7 {2}L2 {2}investigating/);
  });

  it('of an incident that is not there says how to find others', async () => {
    const { code, err } = await run(['show', '9']);
    expect(code).toBe(1);
    expect(err).toBe(`tocsin: ${NO_INCIDENT}\n`);
  });
});

describe('list and timeline', () => {
  it('list asks for open ones, and points to older ones', async () => {
    answers['GET /incidents?limit=50&open=true'] = { incidents: [VIEW], next: 'inc-7' };
    const { out } = await run(['list']);
    expect(out).toContain(
      'inc-7    L2     investigating, shop, 3 alerts firing, opened 15m55s ago\n',
    );
    expect(out).toContain('Checkout fails\nOlder ones: tocsin list --before inc-7\n');
  });

  it('list names no team for what has none', async () => {
    const test = { ...VIEW, kind: 'test', service: null, team: '' };
    answers['GET /incidents?limit=50&open=true'] = { incidents: [test], unreadable: 0, next: null };
    expect((await run(['list'])).out).toContain('investigating, 3 alerts firing, test, opened');
  });

  it('list --all asks for closed ones too, and says when there are none', async () => {
    answers['GET /incidents?limit=2&before=inc-5'] = { incidents: [], unreadable: 0, next: null };
    const { out } = await run(['list', '--all', '--limit', '2', '--before', '5']);
    expect(out).toBe('There are no incidents.\n');
  });

  it('timeline prints the date where the day changes', async () => {
    answers['GET /incidents/inc-7/timeline'] = {
      timeline: [entry('2026-03-01T23:59:00Z', 'opened'), entry('2026-03-02T00:01:00Z', 'closed')],
      record: { intact: true },
    };
    expect((await run(['timeline', '7'])).out).toBe(
      '2026-03-01\n23:59:00  opened [source prom]\n2026-03-02\n00:01:00  closed [source prom]\nThe record is whole: 2 events.\n',
    );
  });
});

describe('without a server, --data reads the database', () => {
  const opened: string[] = [];
  const reads: OfflineReads = {
    list: async (query) => ({
      incidents: query.open === null ? [VIEW] : [],
      unreadable: 0,
      next: null,
    }),
    show: async (incident) => (incident === 'inc-7' ? VIEW : null),
    timeline: async () => ({ timeline: VIEW.timeline, record: { intact: true } }),
    verify: async () => ({ incidents: 1, events: 3, broken: [], tree: null, signed: null }),
    export: async () => null,
    checkpoint: async () => ({ key: null, file: null, checkpoint: null }),
    close: async () => void opened.push('closed'),
  };
  const backends: Partial<Backends> = {
    openReads: async (data) => {
      opened.push(data);
      return reads;
    },
  };

  it('shows, says where it comes from, and closes it', async () => {
    await server.close();
    opened.length = 0;
    const { code, out, err } = await run(['show', '7', '--data', 'db'], backends);
    expect({ code, opened }).toEqual({ code: 0, opened: [join(dir, 'db'), 'closed'] });
    expect(out).toContain('Checkout fails');
    expect(err).toContain('this is what the database in db says');
    expect((await run(['list', '--all', '--data', 'db'], backends)).out).toContain('inc-7');
    expect((await run(['timeline', '7', '--data', 'db'], backends)).out).toContain('thing 3');
    const missing = await run(['show', '9', '--data', 'db'], backends);
    expect(missing.code).toBe(1);
    expect(missing.err.trimEnd().endsWith(`tocsin: ${NO_INCIDENT}`)).toBe(true);
    server = await testServer(() => ({}));
  });

  it('is not read while a server answers, whatever it answers', async () => {
    const { code, out, err } = await run(['show', '9', '--data', 'db'], backends);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(NO_INCIDENT);
    expect(err).not.toContain('the database');
  });
});

describe('the rule of the house', () => {
  it('pause and resume', async () => {
    answers['POST /pauses'] = {};
    answers['DELETE /pauses/public'] = null;
    const { out } = await run(['pause', 'public', '90m', '--why', 'legal']);
    expect(out).toContain('No public post is sent for 1h30m');
    expect(server.seen[0]?.body).toEqual({ what: 'public', for: '90m', why: 'legal' });
    expect((await run(['resume', 'public'])).out).toContain('public goes on');
  });

  it('a pause that ends a longer one earlier says which one that was', async () => {
    answers['POST /pauses'] = { remark: 'It was paused until 08:30 UTC by ada: legal' };
    const { out } = await run(['pause', 'public', '5m', '--shorten', '--why', 'read']);
    expect(server.seen[0]?.body).toMatchObject({ for: '5m', shorten: true });
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'what is held leaves at the end. It was paused until 08:30 UTC by ada: legal',
    );
  });

  it('tokens are made, listed and revoked', async () => {
    answers['POST /tokens'] = { id: 't1', token: 'tcn_t1_secret' };
    answers['DELETE /tokens/t1'] = null;
    answers['GET /tokens'] = {
      tokens: [
        {
          id: 't1',
          owner: { kind: 'person', id: 'ada' },
          scopes: ['read'],
          expiresAt: null,
          revokedAt: null,
          lastUsedAt: '2026-03-02T09:29:00Z',
        },
      ],
    };
    const made = await run([
      'token',
      'create',
      '--person',
      'ada',
      '--scopes',
      'read,approve',
      '--expires',
      '90d',
    ]);
    expect(made.out).toContain('tcn_t1_secret');
    expect(server.seen[0]?.body).toEqual({
      owner: { kind: 'person', id: 'ada' },
      scopes: ['read', 'approve'],
      expires_in: '90d',
    });
    expect((await run(['token', 'list'])).out).toContain(
      't1  person ada  read\n    does not expire, used 09:29 UTC, 1m ago\n1 token',
    );
    expect((await run(['token', 'revoke', 't1'])).out).toContain('Token t1 is revoked');
    expect((await run(['token', 'create'])).err).toContain('one person or one machine');
    expect((await run(['token', 'create', '--person', 'ada', '--scopes', 'root'])).code).toBe(2);
  });

  it('reload goes to the operations door and prints warnings and problems', async () => {
    answers['POST /-/reload'] = { ok: true, problems: ['a.yaml:1:1  warning: x.'] };
    const fine = await run(['reload']);
    expect(fine.out).toContain('a.yaml:1:1  warning: x.');
    expect(fine.code).toBe(0);
    await server.close();
    server = await testServer(() => ({
      status: 409,
      json: {
        detail: 'The configuration has problems.',
        errors: [{ field: '', message: 'a.yaml:2:3  y.' }],
      },
    }));
    expect((await run(['reload'])).err).toContain(
      'The configuration has problems.\na.yaml:2:3  y.',
    );
  });
});

describe('reload, where the file of a team keeps its last good copy,', () => {
  const kept = [{ team: 'yard', file: 'teams/yard.yaml' }];
  const problem = 'teams/yard.yaml:3:5  error: there is no person nobody.';

  it.each([[[]], [['--json']]])('is no success of a script: %j', async (options) => {
    answers['POST /-/reload'] = { ok: true, problems: [problem], kept };
    const { code, out, err } = await run(['reload', ...options]);
    expect(code).toBe(1);
    expect(out).toContain(problem);
    expect(err).toContain(
      'team yard keeps its last good copy; a restart will be refused until teams/yard.yaml is mended.',
    );
    expect(err).toContain('`tocsin check FILE`');
  });

  it('names every team and file', async () => {
    const more = [...kept, { team: 'shed', file: 'teams/shed.yaml' }];
    answers['POST /-/reload'] = { ok: true, problems: [problem], kept: more };
    expect((await run(['reload'])).err).toContain(
      'team yard, team shed keep their last good copies; a restart will be refused until teams/yard.yaml, teams/shed.yaml are mended.',
    );
  });
});

describe('configuring', () => {
  it('init asks until the answers will do, writes a file that check accepts, and never overwrites', async () => {
    const stdin = 'payments\ncheckout\nnothing-like-it\nalertmanager\n\nada, ben\n';
    const first = await run(['init'], {}, stdin);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out.match(/Where do its alerts come from/g)).toHaveLength(2);
    expect(readFileSync(join(dir, 'tocsin.yaml'), 'utf8')).toContain('checkout');
    const checked = await run(['check', '--sandbox', 'tocsin.yaml']);
    expect(checked.out).toMatch(/tocsin\.yaml: fine.*: 3 levels, 2 roles, 1 team, 1 service/);
    expect(checked.code).toBe(0);
    const again = await run(['init'], {}, stdin);
    expect(again.code).toBe(1);
    expect(again.err).toContain('tocsin.yaml is there already');
    expect((await run(['init', 'other.yaml'], {}, 'payments\n')).err).toContain(
      'nothing was written',
    );
  });

  it('init asks nothing when there is no folder for its answers', async () => {
    const { code, out, err } = await run(['init', 'nodir/x.yaml'], {}, 'payments\n');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('the folder of nodir/x.yaml is not there');
    expect(err).toContain('mkdir -p nodir');
  });

  it('init does not overwrite what somebody wrote while it asked', async () => {
    const file = join(dir, 'tocsin.yaml');
    const questions = QUESTIONS.map((question) => ({
      ...question,
      check: (given: string) => {
        writeFileSync(file, 'mine');
        return question.check(given);
      },
    }));
    const stdin = 'payments\ncheckout\nalertmanager\n\nada, ben\n';
    const { code } = await run(['init'], { init: { questions, initConfig } }, stdin);
    expect(code).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('check lists every problem with its place, and fails', async () => {
    writeFileSync(join(dir, 'bad.yaml'), 'severitys: {}\nroutes: 3\n');
    const { code, out } = await run(['check', 'bad.yaml', 'missing.yaml']);
    expect(code).toBe(1);
    expect(out).toMatch(/^bad\.yaml:1:1 {2}severitys: .*severities/m);
    expect(out).toMatch(/^bad\.yaml:2:\d+ {2}routes: /m);
    expect(out).toMatch(/^bad\.yaml: \d+ errors/m);
    expect(out).toMatch(/^missing\.yaml: 1 error/m);
    writeFileSync(join(dir, 'good.yaml'), initConfig(fallbackAnswers()));
    expect((await run(['check', '--sandbox', 'good.yaml'])).code).toBe(0);
    expect((await run(['check', '--sandbox', 'good.yaml', 'bad.yaml'])).code).toBe(1);
    const json: unknown = JSON.parse((await run(['check', '--json', 'bad.yaml'])).out);
    expect(json).toMatchObject([{ file: 'bad.yaml', ok: false }]);
  });

  it('ends the list of what is wrong with a configuration where it ends', async () => {
    const { err } = await run(['doctor', '--config', 'c.yaml'], {
      doctor: () => Promise.reject(new Error('c.yaml:1:1  it is wrong. Mend it.\n')),
    });
    expect(err).toBe('tocsin: c.yaml:1:1  it is wrong. Mend it.\n');
  });

  it('doctor fails on a problem and passes on warnings', async () => {
    const finding = (level: 'ok' | 'warning' | 'problem') => ({
      name: 'pd',
      level,
      what: 'service Shop',
      hint: 'Enable it.',
    });
    const bad = await run(['doctor', '--config', 'c.yaml'], {
      doctor: async () => [finding('ok'), finding('problem')],
    });
    expect(bad).toMatchObject({
      code: 1,
      out: 'ok      pd: service Shop\nPROBLEM pd: service Shop. Enable it.\n1 problem, 0 warnings\n',
    });
    expect(
      (await run(['doctor', '--config', 'c.yaml'], { doctor: async () => [finding('warning')] }))
        .code,
    ).toBe(0);
  });

  it('explain asks the server with the body as it is, or the file', async () => {
    writeFileSync(join(dir, 'body.json'), '{ "a": 1 }');
    answers['POST /explain/prom'] = {
      ok: true,
      source: 'prom',
      at: '',
      observations: [],
      ignored: [],
      truncated: 0,
    };
    expect((await run(['explain', 'body.json', '--source', 'prom'])).out).toContain(
      'It holds no alerts',
    );
    expect(server.seen[0]?.body).toEqual({ a: 1 });
    const offline = await run(['explain', 'body.json', '--source', 'prom', '--config', 'c.yaml'], {
      explain: async ({ config }) => ({ ok: false, reason: 'unparsed', message: `by ${config}` }),
    });
    expect(offline.out.replaceAll('\n', ' ')).toContain(
      'joins the incident of unreadable deliveries',
    );
    expect(offline.code).toBe(1);
    expect((await run(['explain', 'none.json', '--source', 'prom'])).err).toContain(
      'cannot read none.json',
    );
  });
});

describe('running', () => {
  it('serve hands absolute paths on and ends with the code of the server', async () => {
    const asked: unknown[] = [];
    const serve: Backends['serve'] = async (options) => {
      asked.push(options);
      return { stopped: Promise.resolve(3) };
    };
    const argv = ['serve', '--config', 'c.yaml', '--data', 'db', '--listen', '0.0.0.0:9000'];
    expect((await run([...argv, '--log-level', 'debug'], { serve })).code).toBe(3);
    await run(
      ['serve', '--config', 'c.yaml', '--sandbox', '--clock', 'stepped', '--sandbox-port', '0'],
      { serve },
    );
    expect(asked).toEqual([
      {
        config: join(dir, 'c.yaml'),
        data: join(dir, 'db'),
        listen: { host: '0.0.0.0', port: 9000 },
        sandbox: false,
        clock: 'real',
        sandboxPort: null,
        sandboxHost: '127.0.0.1',
        logLevel: 'debug',
      },
      {
        config: join(dir, 'c.yaml'),
        data: null,
        listen: null,
        sandbox: true,
        clock: 'stepped',
        sandboxPort: 0,
        sandboxHost: '127.0.0.1',
        logLevel: null,
      },
    ]);
  });

  it('serve and sandbox listen where the environment says, and serve where it is told before all', async () => {
    const hosts: unknown[] = [];
    const record = async (options: object) => {
      const { listen, sandboxHost, host } = options as Record<string, unknown>;
      hosts.push({ listen, sandboxHost, host });
      return { stopped: Promise.resolve(0) };
    };
    const started = (env: Record<string, string>, ...argv: string[]) =>
      tocsin(argv, { env, backends: { serve: record, sandbox: record } });
    const serve = ['serve', '--config', 'c.yaml', '--data', 'db'];
    const everywhere = { TOCSIN_LISTEN: '0.0.0.0:8080' };
    await started(everywhere, ...serve);
    await started(everywhere, ...serve, '--listen', '127.0.0.1:9000');
    await started({ TOCSIN_LISTEN: '10.0.0.5:80' }, ...serve);
    await started({ TOCSIN_LISTEN: '' }, ...serve);
    await started(everywhere, 'sandbox');
    await started({}, 'sandbox');
    const [all, loopback] = ['0.0.0.0', '127.0.0.1'];
    expect(hosts).toEqual([
      { listen: { host: all, port: 8080 }, sandboxHost: all },
      { listen: { host: loopback, port: 9000 }, sandboxHost: all },
      { listen: { host: '10.0.0.5', port: 80 }, sandboxHost: loopback },
      { listen: null, sandboxHost: loopback },
      { host: all },
      { host: loopback },
    ]);
    const wrong = await started({ TOCSIN_LISTEN: 'everywhere' }, ...serve);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain("TOCSIN_LISTEN cannot be 'everywhere'");
    expect(wrong.err).toContain('Write HOST:PORT');
  });

  it.each([
    [['serve', '--config', 'c.yaml'], 1, '--data DIR, or --sandbox'],
    [['serve', '--config', 'c.yaml', '--data', 'd', '--clock', 'stepped'], 1, 'are for rehearsals'],
    [['serve', '--data', 'd'], 2, '--config'],
    [['serve', '--config', 'c.yaml', '--data', 'd', '--listen', 'here'], 2, 'Write HOST:PORT'],
    [
      ['serve', '--config', 'c', '--data', 'd', '--log-level', 'loud'],
      2,
      'debug, info, warn, error, silent',
    ],
    [['token', 'reset'], 2, '--data'],
    [['sandbox', '--port', '70000'], 2, 'A port is a whole number'],
    [['demo', '--speed', '0'], 2, 'A speed is a number above 0'],
  ])('%j is refused', async (argv, code, said) => {
    const ran = await run(argv);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(said);
  });

  it('demo and sandbox pass their options on', async () => {
    const asked: unknown[] = [];
    const record = async (options: unknown) => {
      asked.push(options);
      return { stopped: Promise.resolve(0) };
    };
    await run(['demo', '--json', '--speed', '2.5'], { demo: record });
    await run(['sandbox', '--port', '0'], { sandbox: record });
    expect(asked).toEqual([
      { json: true, speed: 2.5 },
      { config: null, port: 0, host: '127.0.0.1' },
    ]);
  });

  it('an error of a service is printed with its hint', async () => {
    const error = Object.assign(new Error('the database is in use'), {
      hint: 'Stop the other one.',
    });
    const serve: Backends['serve'] = () => Promise.reject(error);
    const { code, err } = await run(['serve', '--config', 'c', '--data', 'd'], { serve });
    expect({ code, err }).toEqual({
      code: 1,
      err: 'tocsin: the database is in use.\n  Stop the other one.\n',
    });
  });
});

describe('what is written wrong', () => {
  it('is answered with the help of that command', async () => {
    const { code, err } = await run(['ack', '7', 'p1', 'p2']);
    expect(code).toBe(2);
    expect(err).toContain('(tocsin ack --help shows how it is written)');
    expect((await run(['token', 'create', '--persn', 'ada'])).err).toContain(
      '(tocsin token create --help shows how it is written)',
    );
  });

  it('about a token leads to the list of tokens, about anything else to no wrong list', async () => {
    const refused = (code: string) =>
      tocsin(['token', 'revoke', 'x'], {
        backends: {
          http: async () => ({
            status: 404,
            headers: new Headers(),
            text: async () => JSON.stringify({ detail: 'There is none.', code }),
          }),
        },
      });
    expect((await refused('unknown_token')).err).toContain('tocsin token list');
    expect((await refused('unknown_draft')).err).toBe('tocsin: There is none.\n');
  });
});

describe('help', () => {
  it('is had by its word, too', async () => {
    const { code, out } = await run(['help', 'ack']);
    expect(code).toBe(0);
    expect(out).toContain('Usage: tocsin ack ');
  });

  it('is printed for everything, with an example, in 80 columns', async () => {
    const top = await run(['--help']);
    expect(top.code).toBe(0);
    const names = [...top.out.matchAll(/^ {2}([a-z-]+) (?=.*\S)/gm)].map((match) => match[1] ?? '');
    const commands = names.filter((name) => name !== 'tocsin');
    expect(commands.length).toBeGreaterThanOrEqual(30);
    for (const command of commands) {
      const { code, out } = await run([command, '--help']);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(out).toContain('Example');
      for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(90);
    }
  });

  it('says which options must be there, and how long a pause may last', async () => {
    const { out } = await run(['pause', '--help']);
    expect(out).toMatch(/--why <why> .*\(required\)/);
    expect(out).toContain(`${PAUSE_MAX_MS / 86_400_000}d at most`);
    expect((await run(['false-positive', '--help'])).out).toMatch(
      /--reason <reason> .*\(required\)/,
    );
    expect((await run(['recover', '--help'])).out.replaceAll(/\s+/g, ' ')).toMatch(
      /--data <dir> [^-]*\(required\)/,
    );
    expect((await run(['severity', '--help'])).out).not.toContain('(required)');
  });

  it('version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, out: '0.0.0-test\n', err: '' });
  });
});
