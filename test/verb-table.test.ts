/** The table of verbs: whoever adds an entry has a decision, a route, a description and a command. */
import { beforeAll, describe, expect, test } from 'vitest';
import { VERBS } from '../src/core/verbs/table.ts';
import { playedWith } from './support/trial.ts';

const ENTRY = `
import { emit } from '../model/decision.ts';
import { notOver } from './guards.ts';
import { argument, name, option, optional, text, verb } from './verb.ts';

export const TrialOfAVerb = verb({
  name: 'trial-of-a-verb',
  subject: 'incident',
  summary: 'Say who takes over',
  scope: 'act',
  fields: { to: argument(name, 'a person'), why: option(optional(text), 'why now') },
  acts: {
    path: 'trial-of-a-verb',
    guards: [notOver],
    decide: (decision, { to, why }) => {
      emit(decision, { type: 'NoteAdded', text: to + ' takes over' + (why === null ? '' : ': ' + why) });
      return null;
    },
  },
  said: ({ to }, incident) => ({ what: to + ' takes ' + incident + ' over.', next: 'tocsin show ' + incident }),
  examples: ['tocsin trial-of-a-verb 7 ben --why "end of shift"'],
});
`;

const OF_INSTALLATION = `
import { z } from 'zod';
import { argument, installationVerb, name, switched } from './verb.ts';

export const TrialOfARule = installationVerb({
  name: 'trial rule',
  subject: 'installation',
  summary: 'Set a rule of the house',
  scope: 'admin',
  fields: { rule: argument(name, 'a rule'), strict: switched('without exceptions') },
  method: 'post',
  path: 'rules/{rule}',
  success: [201, 'The rule'],
  reply: z.object({ rule: z.string(), by: z.string() }),
  said: ({ rule }, { by = '' }) => ({ what: rule + ' is set by ' + by + '.', next: 'tocsin list' }),
  examples: ['tocsin trial rule quiet'],
});
`;

const CARRIED = `
    TrialOfARule: async ({ rule, strict }, by) =>
      strict
        ? { ok: false, code: 'too_strict', message: rule + ' has exceptions.' }
        : { ok: true, answer: { rule, by } },`;

const PLAYED = `
import { policy } from './test/support/policy.ts';
import { byPerson, observed, Story } from './test/support/story.ts';
import { VERBS } from './src/core/verbs/table.ts';
import { allRoutes } from './src/http/routes.ts';
import { openApiOf } from './src/http/openapi.ts';
import { testBackends } from './test/support/cli.ts';
import { runCli } from './src/cli/run.ts';
import { openApiServer, speak } from './test/support/http.ts';

const s = new Story(policy());
s.feed(observed());
s.feed({ type: 'TrialOfAVerb', to: 'ben', why: 'end of shift' }, byPerson('ada'));
const note = s.events.findLast(({ type }) => type === 'NoteAdded');
s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
const late = s.feed({ type: 'TrialOfAVerb', to: 'ben', why: null }, byPerson('ada'));
const paths = openApiOf(allRoutes(VERBS), '0').paths;
const asked = [];
let out = '';
const run = (argv, answer) => runCli({
  argv,
  env: { TOCSIN_TOKEN: 'x' },
  stdout: (text) => { out += text; },
  stderr: (text) => { out += text; },
  stdin: process.stdin,
  cwd: process.cwd(),
  backends: testBackends({
    http: async (url, { body }) => {
      asked.push([url, JSON.parse(body)]);
      return { status: 200, headers: { get: () => null }, text: async () => JSON.stringify(answer) };
    },
  }),
});
await run(['trial-of-a-verb', '7', 'ben', '--why', 'end of shift'], { incident: 'inc-7', level: null });
const server = await openApiServer();
const ruled = [];
for (const body of [{}, { strict: true }]) {
  const { status, json } = await speak(server.http.url + '/api/v1/rules/quiet', { body, token: server.admin });
  ruled.push([status, json.by ?? json.code]);
}
await server.end();
await run(['trial', 'rule', 'quiet', '--strict'], { rule: 'quiet', by: 'ada' });
await run(['trial', '--help'], {});
const path = paths['/api/v1/incidents/{incident}/trial-of-a-verb'].post;
const rule = paths['/api/v1/rules/{rule}'].post;
console.log(JSON.stringify({ note, late, path, rule, ruled, asked, out }));
`;

interface Played {
  readonly note: { readonly text: string; readonly actor: { readonly id: string } };
  readonly late: { readonly ok: boolean; readonly code: string };
  readonly path: Readonly<Record<string, unknown>>;
  readonly rule: Readonly<Record<string, unknown>>;
  /** Status, and by whom or why not. */
  readonly ruled: readonly (readonly [number, string])[];
  readonly asked: readonly (readonly [string, unknown])[];
  readonly out: string;
}

let played: Played;

beforeAll(() => {
  played = playedWith(
    {
      'src/core/verbs/trial-of-a-verb.ts': () => ENTRY,
      'src/core/verbs/table.ts': (before) =>
        before
          .replace(
            'import type { Given,',
            "import { TrialOfAVerb } from './trial-of-a-verb.ts';\nimport { TrialOfARule } from './trial-of-a-rule.ts';\nimport type { Given,",
          )
          .replace('VERBS = {', 'VERBS = {\n  TrialOfAVerb,\n  TrialOfARule,'),
      'src/core/verbs/trial-of-a-rule.ts': () => OF_INSTALLATION,
      'src/engine/installation.ts': (before) =>
        before.replace('\n    SetPause: async', `${CARRIED}\n    SetPause: async`),
    },
    PLAYED,
  ) as Played;
}, 60_000);

describe('a verb that is added as one entry', () => {
  test('is decided, and refused where its guards say so', () => {
    expect(played.note).toMatchObject({
      text: 'ben takes over: end of shift',
      actor: { kind: 'person', id: 'ada' },
    });
    expect(played.late).toMatchObject({ ok: false, code: 'over' });
  });

  test('has a route, whose fields and answer are described', () => {
    expect(played.path).toMatchObject({
      summary: 'Say who takes over',
      'x-scope': 'act',
      requestBody: {
        content: {
          'application/json': {
            schema: { required: ['to'], properties: { to: { type: 'string' }, why: {} } },
          },
        },
      },
      responses: {
        200: {
          content: {
            'application/json': { schema: { required: expect.arrayContaining(['incident']) } },
          },
        },
      },
    });
  });

  test('has a command, which says what happened and what to do next', () => {
    expect(played.asked[0]).toEqual([
      'http://127.0.0.1:8080/api/v1/incidents/inc-7/trial-of-a-verb',
      { to: 'ben', why: 'end of shift' },
    ]);
    expect(played.out).toMatch(/^ben takes inc-7 over\.\nNext: tocsin show inc-7\n/);
  });
});

describe('a verb about the installation, added as one entry and who carries it out,', () => {
  test('has a route with its scope, whose fields and answer are described', () => {
    expect(played.rule).toMatchObject({
      summary: 'Set a rule of the house',
      'x-scope': 'admin',
      parameters: [{ name: 'rule', in: 'path' }],
      requestBody: {
        content: {
          'application/json': { schema: { properties: { strict: { type: 'boolean' } } } },
        },
      },
      responses: {
        201: { content: { 'application/json': { schema: { required: ['rule', 'by'] } } } },
      },
    });
  });

  test('is carried out in the name of whoever asks, or refused by who carries it out', () => {
    expect(played.ruled).toEqual([
      [201, 'admin'],
      [409, 'too_strict'],
    ]);
  });

  test('has a command, below one of its first word where it has two', () => {
    expect(played.asked[1]).toEqual(['http://127.0.0.1:8080/api/v1/rules/quiet', { strict: true }]);
    expect(played.out).toContain('quiet is set by ada.\nNext: tocsin list\n');
    expect(played.out).toContain('Usage: tocsin trial [options] [command]');
  });
});

describe('every verb', () => {
  test.each(Object.entries(VERBS))(
    '%s has an example that begins with its command',
    (_type, verb) => {
      expect(verb.examples.length).toBeGreaterThan(0);
      for (const example of verb.examples) expect(example).toMatch(`tocsin ${verb.name}`);
    },
  );

  test('asks for what its path names', () => {
    for (const verb of Object.values(VERBS)) {
      const path = verb.subject === 'incident' ? verb.acts?.path : verb.path;
      for (const [, field = ''] of (path ?? '').matchAll(/\{(\w+)\}/g))
        expect(Object.keys(verb.fields)).toContain(field);
    }
  });
});
