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

const PLAYED = `
import { policy } from './test/support/policy.ts';
import { byPerson, observed, Story } from './test/support/story.ts';
import { VERBS } from './src/core/verbs/table.ts';
import { allRoutes } from './src/http/routes.ts';
import { openApiOf } from './src/http/openapi.ts';
import { testBackends } from './test/support/cli.ts';
import { runCli } from './src/cli/run.ts';

const s = new Story(policy());
s.feed(observed());
s.feed({ type: 'TrialOfAVerb', to: 'ben', why: 'end of shift' }, byPerson('ada'));
const note = s.events.findLast(({ type }) => type === 'NoteAdded');
s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
const late = s.feed({ type: 'TrialOfAVerb', to: 'ben', why: null }, byPerson('ada'));
const paths = openApiOf(allRoutes(VERBS), '0').paths;
const asked = [];
let out = '';
await runCli({
  argv: ['trial-of-a-verb', '7', 'ben', '--why', 'end of shift'],
  env: { TOCSIN_TOKEN: 'x' },
  stdout: (text) => { out += text; },
  stderr: (text) => { out += text; },
  stdin: process.stdin,
  cwd: process.cwd(),
  backends: testBackends({
    http: async (url, { body }) => {
      asked.push([url, JSON.parse(body)]);
      return { status: 200, headers: { get: () => null }, text: async () => '{"incident":"inc-7","level":null}' };
    },
  }),
});
console.log(JSON.stringify({ note, late, path: paths['/api/v1/incidents/{incident}/trial-of-a-verb'].post, asked, out }));
`;

interface Played {
  readonly note: { readonly text: string; readonly actor: { readonly id: string } };
  readonly late: { readonly ok: boolean; readonly code: string };
  readonly path: Readonly<Record<string, unknown>>;
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
            "import { TrialOfAVerb } from './trial-of-a-verb.ts';\nimport type { Given,",
          )
          .replace('VERBS = {', 'VERBS = {\n  TrialOfAVerb,'),
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
    expect(played.asked).toEqual([
      [
        'http://127.0.0.1:8080/api/v1/incidents/inc-7/trial-of-a-verb',
        { to: 'ben', why: 'end of shift' },
      ],
    ]);
    expect(played.out).toBe('ben takes inc-7 over.\nNext: tocsin show inc-7\n');
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
    for (const { acts, fields } of Object.values(VERBS))
      for (const [, field = ''] of (acts?.path ?? '').matchAll(/\{(\w+)\}/g))
        expect(Object.keys(fields)).toContain(field);
  });
});
