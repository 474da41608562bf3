/** Whoever is refused reads which command would do what they meant, and that command can be typed. */
import { describe, expect, test } from 'vitest';
import { decide } from '../src/core/deciding/decide.ts';
import type { Refusal } from '../src/core/model/decision.ts';
import { archivedIncident } from '../src/core/model/unknown-incident.ts';
import type { Actor } from '../src/core/model/input.ts';
import { isRequestType, verbOf, VERBS, type Request } from '../src/core/verbs/table.ts';
import { filesBelow, read } from './house/project.ts';
import { tocsin } from './support/cli.ts';
import { person, policy, role, withLevel } from './support/policy.ts';
import { byPerson, noLookups, observed, START, Story } from './support/story.ts';

const ada = byPerson('ada');
const script: Actor = { kind: 'machine', id: 'robot', via: 'api' };

const declare: Request = {
  type: 'Declare',
  level: null,
  title: null,
  team: null,
  service: null,
  text: null,
  flags: [],
};

const POLICY = policy();
/** Of whom nobody may be two things at once, and of whom one cannot be rung. */
const STRICT = policy({
  people: { ...POLICY.people, mute: person('mute', []) },
  roles: { ...POLICY.roles, one: role('one', { neverWith: ['other'] }), other: role('other') },
});

/** L2 is as far as machines go, and only people declare L3. */
const GUARDED = withLevel(
  'L3',
  { declare: { by: ['person'], orAfterMs: null } },
  { automation: { ...POLICY.automation, ceiling: 'L2' } },
);

function inTriage(): Story {
  const s = new Story(STRICT);
  s.feed(observed());
  return s;
}

function declared(): Story {
  const s = inTriage();
  s.feed(declare, ada);
  return s;
}

function over(): Story {
  const s = declared();
  s.feed({ type: 'Resolve', text: null }, ada);
  return s;
}

function closed(): Story {
  const s = inTriage();
  s.feed({ type: 'MarkFalsePositive', reason: 'a test' }, ada);
  return s;
}

function refusalOf(s: Story, request: Request, actor: Actor = ada): Refusal {
  const decided = s.feed(request, actor);
  if (decided.ok) throw new Error(`${request.type} was not refused`);
  return decided;
}

function refusedAnew(request: Request): Refusal {
  const context = { now: START, policy: STRICT, lookups: noLookups };
  const decided = decide(null, { id: 'i1', incident: 'inc-9', actor: ada, ...request }, context);
  if (decided.ok) throw new Error(`${request.type} was not refused`);
  return decided;
}

function refusedAnewTo(actor: Actor, level: string): Refusal {
  const context = { now: START, policy: GUARDED, lookups: noLookups };
  const request = { ...declare, level, title: 'Down' };
  const decided = decide(null, { id: 'i1', incident: 'inc-9', actor, ...request }, context);
  if (decided.ok) throw new Error('it was not refused');
  return decided;
}

/** After the story has been told so: the second time is refused. */
function again(s: Story, request: Request): Refusal {
  s.feed(request, ada);
  return refusalOf(s, request);
}

const REFUSED: Readonly<Record<string, () => Refusal>> = {
  closed: () => refusalOf(closed(), { type: 'Acknowledge', page: null }),
  over: () => refusalOf(over(), { type: 'Resolve', text: null }),
  not_declared: () => refusalOf(inTriage(), { type: 'RootCauseFound', text: 'a full disk' }),
  already_declared: () => refusalOf(declared(), declare),
  already_found: () => again(declared(), { type: 'RootCauseFound', text: 'a full disk' }),
  not_public: () => {
    const s = declared();
    s.feed({ type: 'SetFlag', flag: 'leak' }, ada);
    return refusalOf(s, { type: 'Approve', draft: 'd1' });
  },
  person_needed: () => refusalOf(inTriage(), { type: 'Acknowledge', page: null }, script),
  automation_paused: () => {
    const s = inTriage();
    const automation = { since: START, until: Infinity, by: 'ada', why: 'a count by hand' };
    s.lookups = { ...noLookups, pauses: { automation } };
    return refusalOf(s, declare, script);
  },
  lowering_needs_reason: () => refusalOf(inTriage(), { ...declare, level: 'L3' }),
  not_over: () => refusalOf(inTriage(), { type: 'Reopen', reason: 'it is back' }),
  same_phase: () => refusalOf(declared(), { type: 'SetPhase', phase: 'investigating', text: null }),
  same_level: () => refusalOf(inTriage(), { type: 'ChangeSeverity', level: 'L2', reason: null }),
  reason_needed: () => refusalOf(declared(), { type: 'ChangeSeverity', level: 'L3', reason: null }),
  measure_needed: () =>
    refusalOf(inTriage(), {
      type: 'ReportImpact',
      users: null,
      percent: null,
      components: null,
      regions: null,
      revenue_per_minute: null,
    }),
  unknown_level: () => refusalOf(inTriage(), { ...declare, level: 'SEV-9' }),
  unknown_flag: () => refusalOf(inTriage(), { ...declare, flags: ['nothing'] }),
  already_set: () => again(inTriage(), { type: 'SetFlag', flag: 'leak' }),
  unknown_role: () => refusalOf(inTriage(), { type: 'PageRole', role: 'nobody' }),
  unknown_person: () =>
    refusalOf(inTriage(), { type: 'AssignRole', role: 'one', person: 'nobody', confirmed: true }),
  already_holds: () => {
    const s = inTriage();
    s.feed({ type: 'AssignRole', role: 'one', person: 'ben', confirmed: true }, ada);
    return refusalOf(s, { type: 'AssignRole', role: 'one', person: 'ben', confirmed: false });
  },
  already_offered: () =>
    again(inTriage(), { type: 'AssignRole', role: 'one', person: 'ben', confirmed: false }),
  not_holder: () =>
    refusalOf(inTriage(), { type: 'HandOff', role: 'one', person: 'ben', confirmed: true }),
  already_yours: () => {
    const s = inTriage();
    s.feed({ type: 'TakeRole', role: 'one' }, ada);
    return refusalOf(s, { type: 'HandOff', role: 'one', person: 'ada', confirmed: true });
  },
  not_offered: () => refusalOf(inTriage(), { type: 'AcceptOffer', role: null }),
  offer_over: () => {
    const s = inTriage();
    s.feed({ type: 'AssignRole', role: 'one', person: 'ben', confirmed: false }, ada);
    s.feed({ type: 'TakeRole', role: 'other' }, byPerson('ben'));
    return refusalOf(s, { type: 'AcceptOffer', role: null }, byPerson('ben'));
  },
  roles_apart: () => {
    const s = declared();
    s.feed({ type: 'AssignRole', role: 'one', person: 'ada', confirmed: true }, ada);
    return refusalOf(s, { type: 'TakeRole', role: 'other' });
  },
  already_paging: () => again(declared(), { type: 'PageRole', role: 'one' }),
  unknown_draft: () =>
    refusalOf(declared(), { type: 'Reject', draft: 'd9', reason: 'wrong', closed: false }),
  not_waiting: () => {
    const s = declared();
    const draft = Object.values(s.incident.drafts)[0]?.id ?? 'd0';
    s.feed({ type: 'Reject', draft, reason: 'wrong', closed: false }, ada);
    return refusalOf(s, { type: 'Reject', draft, reason: 'wrong', closed: false });
  },
  unknown_page: () => refusalOf(inTriage(), { type: 'Acknowledge', page: 'p9' }),
  already_answered: () => {
    const s = inTriage();
    s.feed({ type: 'Acknowledge', page: 'p1' }, ada);
    return refusalOf(s, { type: 'Acknowledge', page: 'p1' }, byPerson('ben'));
  },
  not_yours: () => refusalOf(inTriage(), { type: 'Acknowledge', page: 'p1' }, byPerson('ben')),
  not_rung: () => refusalOf(inTriage(), { type: 'Acknowledge', page: null }, byPerson('ben')),
  unknown_service: () => refusedAnew({ ...declare, service: 'nothing' }),
  unknown_team: () => refusedAnew({ ...declare, team: 'nobody' }),
  no_address: () => refusedAnew({ type: 'PageTest', person: 'mute' }),
  unknown_incident: () => refusedAnew({ type: 'AddNote', text: 'here' }),
  archived: () => archivedIncident('inc-7'),
  wrong_state: () => refusalOf(inTriage(), { type: 'PageTest', person: 'ada' }),
};

/** Other ways to the same code, each with words of its own. */
const ALSO: Readonly<Record<string, () => Refusal>> = {
  'a machine that says yes for somebody': () =>
    refusalOf(
      inTriage(),
      { type: 'AssignRole', role: 'one', person: 'ben', confirmed: true },
      script,
    ),
  'a machine that declares above its ceiling': () => refusedAnewTo(script, 'L1'),
  'a machine that declares what people declare': () => refusedAnewTo(script, 'L3'),
  'a machine that raises above its ceiling': () => {
    const s = new Story(GUARDED);
    s.feed(observed());
    return refusalOf(s, { type: 'ChangeSeverity', level: 'L1', reason: null }, script);
  },
  'a machine that lowers': () =>
    refusalOf(inTriage(), { type: 'ChangeSeverity', level: 'L3', reason: 'quiet' }, script),
  'a level to declare anew': () => refusedAnew({ ...declare, level: 'SEV-9' }),
  'a level to change to': () =>
    refusalOf(inTriage(), { type: 'ChangeSeverity', level: 'SEV-9', reason: null }),
  'a flag to declare anew': () => refusedAnew({ ...declare, flags: ['nothing'] }),
  'a flag to set': () => refusalOf(inTriage(), { type: 'SetFlag', flag: 'nothing' }),
  'a role to take': () => refusalOf(inTriage(), { type: 'TakeRole', role: 'nobody' }),
  'somebody to offer a role whose phone rings for it': () =>
    refusalOf(
      inTriage(),
      { type: 'AssignRole', role: 'expert', person: 'ada', confirmed: false },
      byPerson('ben'),
    ),
  'a role to hand off': () =>
    refusalOf(inTriage(), { type: 'HandOff', role: 'nobody', person: 'ben', confirmed: true }),
  'a role to decline': () => {
    const s = inTriage();
    s.feed({ type: 'AssignRole', role: 'one', person: 'ben', confirmed: false }, ada);
    return refusalOf(s, { type: 'DeclineOffer', role: 'other', why: 'asleep' }, byPerson('ben'));
  },
  'somebody to offer a role to whom nothing can ring': () =>
    refusalOf(inTriage(), { type: 'AssignRole', role: 'one', person: 'mute', confirmed: false }),
  'a role to give': () =>
    refusalOf(inTriage(), { type: 'AssignRole', role: 'nobody', person: 'ben', confirmed: true }),
  'a person to test': () => refusedAnew({ type: 'PageTest', person: 'nobody' }),
  'a last post that was rejected already': () => {
    const s = over();
    s.feed({ type: 'Reject', draft: 'd2', reason: 'wrong', closed: false }, ada);
    return refusalOf(s, { type: 'Reject', draft: 'd2', reason: 'wrong', closed: false });
  },
  'a post after the last one': () => {
    const s = over();
    for (const { id: draft } of Object.values(s.incident.drafts))
      s.feed({ type: 'Reject', draft, reason: 'wrong', closed: false }, ada);
    return refusalOf(s, { type: 'Approve', draft: 'd9' });
  },
};

/** What no person asks for. */
const NOT_OF_PEOPLE = ['unknown_input'];

async function cannotBeTyped(message: string): Promise<readonly string[]> {
  const lines = [...message.matchAll(/`tocsin ([^`]+)`/g)].map(([, line = '']) => line);
  if (lines.length === 0) return ['names no command'];
  const wrong: string[] = [];
  for (const line of lines) {
    const words = line.replaceAll(/"[^"]*"/g, 'TEXT').split(' ');
    const command = words.slice(0, words[0] === 'token' ? 2 : 1).join(' ');
    const { out } = await tocsin([...command.split(' '), '--help']);
    const options = words.filter((word) => word.startsWith('--'));
    const isKnown = options.every((option) => new RegExp(`${option}[ ,\\n]`).test(out));
    if (!out.includes(`Usage: tocsin ${command} `) || !isKnown) wrong.push(line);
  }
  return wrong;
}

const FIELDS = Object.values(VERBS).flatMap(({ fields }) => Object.keys(fields));

/** Which status the API answers with, and which field it names, follows from it. */
function aboutFits({ code, about = { kind: 'state' } }: Refusal): boolean {
  if (code.startsWith('unknown_'))
    return about.kind === 'name' && ['incident', ...FIELDS].includes(about.field);
  if (code.endsWith('_needed')) return about.kind === 'asker' || about.kind === 'field';
  return about.kind === 'state';
}

describe.each(Object.entries({ ...REFUSED, ...ALSO }))('%s', (code, refused) => {
  test('names what would do what was meant', async () => {
    const refusal = refused();
    if (Object.hasOwn(REFUSED, code)) expect(refusal.code).toBe(code);
    expect(await cannotBeTyped(refusal.message), refusal.message).toEqual([]);
    expect(aboutFits(refusal), `${refusal.code} is about ${refusal.about?.kind}`).toBe(true);
    expect(refusal.message, 'names no incident that is not there').not.toContain('inc-9 ');
    if (!code.includes('role') && refusal.code !== 'unknown_role')
      expect(refusal.message, 'names the roles there are').not.toMatch(/\bROLE\b/);
  });
});

test('no refusal of the core is left out', () => {
  const files = filesBelow('src/core').filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  );
  const codes = files.flatMap((path) =>
    [...read(path).matchAll(/\bcode: '([a-z_]+)'/g)].map(([, code = '']) => code),
  );
  const known = [...Object.keys(REFUSED), ...NOT_OF_PEOPLE];
  expect([...new Set(codes)].filter((code) => !known.includes(code))).toEqual([]);
});

test('every verb is refused by some case here, or never is', () => {
  const types = Object.keys(VERBS).filter(isRequestType);
  const silent = types.filter((type) => verbOf(type).acts?.guards.length === 0);
  expect(silent).toEqual(['AddNote', 'Reject']);
});
