/**
 * Random walks over the core: what may happen to an incident, in any order, and how the world may answer. A walk is drawn
 * as a list of steps before it is walked, so that one that fails is shrunk to the shortest that still does.
 */
import type { DraftId, PageId } from '../../src/core/model/made-ids.ts';
import fc from 'fast-check';
import type { Effect, Settled } from '../../src/core/model/effect.ts';
import type { Actor, Fact, Told } from '../../src/core/model/input.ts';
import type { Request } from '../../src/core/verbs/table.ts';
import { policy, role, trigger, withLevel } from './policy.ts';
import { byPerson, cleared, declare, MINUTE, observed, reported, START, Story } from './story.ts';

const { automation } = policy();

/** A policy in which much may be owed. */
export const rich = withLevel(
  'L2',
  {
    declare: { by: ['person', 'acknowledgement'], orAfterMs: 5 * MINUTE },
    respond: { acknowledgeMs: 5 * MINUTE, engageMs: 15 * MINUTE },
    notify: [{ who: [{ kind: 'group', group: 'directors' }], withinMs: 5 * MINUTE }],
    audiences: [
      {
        audience: 'internal',
        to: { kind: 'room' },
        firstWithinMs: 10 * MINUTE,
        everyMs: 15 * MINUTE,
        slower: null,
        topOfHour: false,
      },
      {
        audience: 'briefing',
        to: { kind: 'room' },
        firstWithinMs: null,
        everyMs: null,
        slower: null,
        topOfHour: true,
      },
    ],
    room: true,
  },
  {
    room: { target: 'chat', name: 'inc-{{date}}-{{slug}}' },
    // Two roles command, of which one person at a time has the command.
    roles: { ...policy().roles, chief: role('chief', { commands: true, neverWith: ['writer'] }) },
    presence: { high: 8 * MINUTE, low: 20 * MINUTE },
    // Alarms ring the team, which is rung for other things as well.
    automation: { ...automation, alarm: { ...automation.alarm, page: null } },
    triggers: [
      trigger(
        'grows',
        {
          kind: 'impact_grows',
          given: { impact_grows: 2, at_least: { users: 100, percent: 5 } },
        },
        { kind: 'raise', levels: 1 },
      ),
      trigger(
        'no cause',
        { kind: 'no_root_cause', given: { no_root_cause: { L1: 30 * MINUTE, L2: 120 * MINUTE } } },
        { kind: 'escalate_next_step' },
      ),
      trigger(
        'customers',
        { kind: 'customer_reports', given: { tier: 'paying', accounts: 2, within: 30 * MINUTE } },
        { kind: 'at_least', level: 'L2' },
      ),
      trigger(
        'integrity',
        { kind: 'flag', given: { flag: 'corrupt' } },
        { kind: 'at_least', level: 'L1' },
      ),
    ],
  },
);

/** What somebody does, or what is observed; which page or post it is about is known only on the way. */
type Happening = (story: Story) => Request | Fact;

interface Step {
  readonly ms: number;
  /** `unheard`: what falls due meanwhile is dealt with after what happens; `stored up`: at the end, before it. */
  readonly time: 'passes' | 'stored up' | 'unheard';
  readonly actor: Actor;
  readonly happening: Happening;
  /** Of the world, in turn; none: all goes well. */
  readonly answers: readonly Answer[];
}

interface Walk {
  readonly level: string;
  readonly steps: readonly Step[];
}

/** Words as often as is said; a walk that fails is shrunk towards the first. */
function often<T extends string>(weights: Readonly<Record<T, number>>): fc.Arbitrary<T> {
  const words = Object.keys(weights) as T[];
  const drawn = words.map((word) => ({ weight: weights[word], arbitrary: fc.constant(word) }));
  return fc.oneof({ withCrossShrink: true }, ...drawn);
}

const answer = fc.record({
  found: often({ triggered: 9, missing: 5, silence: 4, acknowledged: 2 }),
  sent: often({
    confirmed: 7,
    accepted: 7,
    rejected: 2,
    barred: 1,
    unknown: 2,
    superseded: 1,
    withheld: 1,
  }),
});
type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

const WELL: Answer = { found: 'triggered', sent: 'confirmed' };

function settledBy({ found, sent }: Answer, effect: Effect): Settled | null {
  if (effect.name === 'pager.find' || effect.name === 'statusPage.find') {
    if (found === 'silence') return { result: 'read', read: null, detail: 'no answer' };
    const status = found === 'missing' ? 'triggered' : found;
    const read = { found: found !== 'missing', externalRef: 'r', status, by: 'ada' };
    return { result: 'read', read, detail: '' };
  }
  switch (sent) {
    // What it names is refused, or everything that we ask of that account.
    case 'rejected':
    case 'barred': {
      const ofAccount = sent === 'barred';
      return { result: 'rejected', ofAccount, reason: 'forbidden', detail: 'no', hint: 'ask' };
    }
    case 'unknown':
      return effect.name === 'statusPage.publish' ? { result: 'ambiguous', detail: '504' } : null;
    case 'superseded':
      return { result: 'superseded', why: 'overtaken' };
    case 'withheld':
      return { result: 'withheld', mode: 'shadow' };
    case 'accepted':
    case 'confirmed':
      return { result: 'delivered', receipt: sent, externalRef: 'r', url: null };
  }
}

const TOCSIN: Actor = { kind: 'tocsin' };
const person = fc.constantFrom('ada', 'ben', 'cleo', 'dev', 'eve', 'finn', 'gus');
const level = fc.constantFrom('L1', 'L2', 'L3', 'L4');
const roleName = fc.constantFrom('expert', 'commander', 'voice', 'writer', 'deputy', 'chief');
const which = fc.nat(99);

/** One of the list, whatever its length on the way. */
/** The last one is always there. */
function oneOf<T>(list: readonly [...T[], T], index: number): T {
  // The remainder is an index of the list.
  return list[index % list.length] as T;
}

function pageOf(story: Story, index: number): PageId {
  return oneOf([...Object.values(story.incident.pages).map(({ id }) => id), 'p1' as const], index);
}

/** Those that wait are seldom, and there twice. */
function draftOf(story: Story, index: number): DraftId {
  const drafts = Object.values(story.incident.drafts);
  const waiting = drafts.filter(({ state }) => state === 'waiting');
  return oneOf([...[...drafts, ...waiting].map(({ id }) => id), 'd1'], index);
}

type Inputs = fc.Arbitrary<Request | Fact>;

/** How whole the delivery is: mostly it leaves nothing out. */
const told: fc.Arbitrary<readonly Told[]> = fc
  .constantFrom(0, 0, 0, 0, 3)
  .map((leftOut) => [{ source: 'prom', group: 'prom {}', leftOut }]);

const fires: Inputs = fc
  .tuple(level, fc.constantFrom('a', 'b', 'c'), told)
  .map(([to, rule, whole]) => {
    const where = { file: 'x', line: 1, column: 1 };
    const fact = observed({ level: to, rule: { name: rule, where } }, { newlyFiring: 1 });
    return { ...fact, told: whole };
  });
const clears: Inputs = told.map((whole) => ({ ...cleared, told: whole }));
const changesLevel: Inputs = level.map((to) => ({
  type: 'ChangeSeverity',
  level: to,
  reason: 'a reason',
}));
const pagesDeputy: Inputs = fc.constant({ type: 'PageRole', role: 'deputy' });
const reopens: Inputs = fc.constant({ type: 'Reopen', reason: 'again' });

/** Roles that change hands, at once or by an offer. */
const handsOver: readonly Inputs[] = [
  fc
    .tuple(roleName, person, fc.constantFrom(true, true, false))
    .map(([role, to, confirmed]) => ({ type: 'AssignRole', role, person: to, confirmed })),
  fc
    .tuple(roleName, person, fc.boolean())
    .map(([role, to, confirmed]) => ({ type: 'HandOff', role, person: to, confirmed })),
  fc.constantFrom(
    { type: 'AcceptOffer' as const, role: null },
    { type: 'DeclineOffer' as const, role: null, why: 'asleep' },
  ),
];

/** What is the same whatever has happened before. */
const inputs: readonly Inputs[] = [
  fc.constant({ type: 'AddNote', text: 'a note' }),
  fires,
  clears,
  fc.option(level).map((to) => ({ ...declare, level: to })),
  fc
    .constantFrom('investigating' as const, 'identified' as const, 'monitoring' as const)
    .map((phase) => ({ type: 'SetPhase', phase, text: 'a text' })),
  fc.constant({ type: 'RootCauseFound', text: 'a cause' }),
  fc.constantFrom(
    { type: 'Join' as const },
    { type: 'TakeRole' as const, role: 'writer' },
    { type: 'TakeRole' as const, role: 'chief' },
  ),
  changesLevel,
  fc.tuple(fc.nat(999), fc.nat(99)).map(([users, percent]) => reported({ users, percent })),
  fc.constantFrom('leak', 'corrupt').map((flag) => ({ type: 'SetFlag', flag })),
  fc
    .constantFrom('x', 'y', 'z')
    .map((account) => ({ type: 'ReportFromCustomer', account, tier: 'paying', text: null })),
  pagesDeputy,
  fc.option(fc.constant('a text')).map((text) => ({ type: 'Resolve', text })),
  fc.constant({ type: 'MarkFalsePositive', reason: 'noise' }),
  reopens,
  fc.constant({ type: 'JoinedParent', parent: 'inc-9' }),
  fc
    .option(fc.constant({ since: 0, why: 'HTTP 403' }))
    .map((unread) => ({ type: 'AnswersAsked', target: 'og', unread })),
];

const acknowledges = fc.option(which).map((index): Happening => (story) => ({
  type: 'Acknowledge',
  page: index === null ? null : pageOf(story, index),
}));

/** The phone that rings for the newest offer is answered, mostly by whom it is for. */
const answersOffer = fc
  .record({
    action: fc.constantFrom('acknowledged', 'acknowledged', 'resolved'),
    by: fc.option(person),
  })
  .map(({ action, by }): Happening => (story) => {
    const pages = Object.values(story.incident.pages);
    const page = pages.findLast(({ escalations }) =>
      escalations.some((id) => id.startsWith('offer')),
    );
    const [ring] = page?.rings ?? [];
    if (page === undefined || ring === undefined)
      return { type: 'AddNote', text: 'nothing is offered' };
    const { target, key } = ring;
    const seen = { page: page.id, target, key, action, by: by ?? page.person };
    return { type: 'PageObserved', ref: 'r', known: true, text: null, ...seen };
  });

/** At any of the rings of any page; told under the reference by which it is known there, or under another one. */
const observesPage = fc
  .record({
    which,
    ring: which,
    ref: fc.constantFrom('r', 'r', 's'),
    action: fc.constantFrom(
      'triggered',
      'acknowledged',
      'resolved',
      'merged',
      'escalated',
      'noted',
      'unacknowledged',
      'reopened',
      'reassigned',
    ),
    by: fc.option(person, { freq: 3 }),
  })
  .map(({ which: index, ring, ...seen }): Happening => (story) => {
    const page = pageOf(story, index);
    const rings = story.incident.pages[page]?.rings ?? [];
    const { target, key } = rings[ring % rings.length] ?? { target: 'pd', key: 'none' };
    return { type: 'PageObserved', page, target, key, known: true, text: null, ...seen };
  });

/** Somebody ends at the pager what rings or has rung for them, and goes back to sleep. */
const resolvesThere = fc.tuple(which, person).map(([index, by]): Happening => (story) => {
  const open = Object.values(story.incident.pages).filter(({ state }) => state !== 'closed');
  const page = oneOf([...open.map(({ id }) => id), 'p1' as const], index);
  const [ring] = story.incident.pages[page]?.rings ?? [];
  const { target, key } = ring ?? { target: 'pd', key: 'none' };
  const seen = { ref: 'r', by, known: true, text: null };
  return { type: 'PageObserved', page, target, key, action: 'resolved', ...seen };
});

const looksAtPost = fc
  .record({ which, approves: fc.constantFrom(true, false, false) })
  .map(({ which: index, approves }): Happening => (story) => {
    const draft = draftOf(story, index);
    return approves
      ? { type: 'Approve', draft }
      : { type: 'Reject', draft, reason: 'no', closed: index % 2 === 1 };
  });

/** A reload, by which flags bar the public, bar it no more, or are gone, and the first word after it. */
const reloadsFlags = fc
  .record(
    { leak: fc.constantFrom('never', 'allowed'), corrupt: fc.constantFrom('allowed', 'never') },
    { requiredKeys: [] },
  )
  .map((says): Happening => (story) => {
    const flags = Object.entries(says).map(([flag, reach]) => [flag, { public: reach }] as const);
    story.reload({ ...rich, flags: Object.fromEntries(flags) });
    return { type: 'AddNote', text: `reloaded with ${JSON.stringify(says)}` };
  });

function anyOf(all: readonly Inputs[]): fc.Arbitrary<Happening> {
  return fc.oneof(...all).map((input) => () => input);
}

type Alerts = Partial<Extract<Fact, { type: 'AlertsObserved' }>['alerts']>;

/** What is heard of the alerts that are there: they become stale, fire again, or are held. */
function hears(change: (now: Story['incident']['alerts']) => Alerts | null): Happening {
  return (story) => {
    const { alerts } = story.incident;
    const changed = change(alerts) ?? {};
    const unheard = { source: 'prom', afterMs: 180 * MINUTE };
    return { ...observed({}, { ...alerts, newlyFiring: 0, ...changed }), unheard };
  };
}

const hearing: fc.Arbitrary<Happening> = fc.constantFrom(
  hears(({ firing, stale }) =>
    firing === 0 ? null : { firing: 0, stale: stale + firing, newlyStale: firing },
  ),
  hears(({ firing, stale }) =>
    stale === 0 ? null : { firing: firing + stale, stale: 0, heardAgain: stale },
  ),
  hears(({ firing }) => (firing === 0 ? { held: 1 } : { held: 0 })),
);

/** Anything, mostly by a person. */
const anything: fc.Arbitrary<Pick<Step, 'actor' | 'happening'>> = fc.record({
  actor: fc.oneof(
    { weight: 4, arbitrary: person.map(byPerson) },
    { weight: 1, arbitrary: fc.constant(TOCSIN) },
  ),
  happening: fc.oneof(
    { weight: 16, arbitrary: anyOf(inputs) },
    { weight: 3, arbitrary: anyOf(handsOver) },
    { weight: 1, arbitrary: hearing },
    { weight: 1, arbitrary: acknowledges },
    { weight: 1, arbitrary: observesPage },
    { weight: 2, arbitrary: answersOffer },
    { weight: 2, arbitrary: resolvesThere },
    { weight: 5, arbitrary: looksAtPost },
    { weight: 1, arbitrary: reloadsFlags },
  ),
});

/** What happens without anybody declaring the incident. */
const inTriage: typeof anything = fc.record({
  actor: person.map(byPerson),
  happening: fc.oneof(
    {
      weight: 7,
      arbitrary: anyOf([fires, fires, clears, clears, changesLevel, pagesDeputy, reopens]),
    },
    { weight: 1, arbitrary: hearing },
  ),
});

/** A walk is drawn in so many parts: one alone would as often be short as long. */
const PARTS = 4;

/** Walks of about so many steps. One time in ten the server is down meanwhile, for longer. */
function walksOf(what: typeof anything, about: number): fc.Arbitrary<Walk> {
  const step = fc
    .tuple(
      fc.nat(12 * MINUTE),
      often({ passes: 18, 'stored up': 1, unheard: 1 }),
      fc.array(answer, { maxLength: 6, size: 'max' }),
      what,
    )
    .map(([ms, time, answers, rest]) => ({
      ms: time === 'passes' ? ms : 4 * ms,
      time,
      answers,
      ...rest,
    }));
  const part = fc.array(step, { maxLength: (2 * about) / PARTS, size: 'max' });
  const steps = fc.tuple(...Array.from({ length: PARTS }, () => part)).map((parts) => parts.flat());
  return fc.record({ level, steps });
}

/** Kinds of walks: anything may happen, or nobody declares. */
type Kind = 'anything' | 'triage';

const KINDS: Readonly<Record<Kind, fc.Arbitrary<Walk>>> = {
  anything: walksOf(anything, 60),
  triage: walksOf(inTriage, 32),
};

/** An input as it is printed: of what alerts bring, only what differs. */
function said(input: Request | Fact): string {
  if (input.type !== 'AlertsObserved') return JSON.stringify(input);
  const { level: to, rule } = input.routing;
  const leftOut = input.told.map((one) => one.leftOut);
  return JSON.stringify({ firing: input.alerts.firing, level: to, rule: rule?.name, leftOut });
}

/** Takes the steps one by one. @param log what is done and how the world answers is told to it, a line each */
function play(walk: Walk, log: string[], between: (story: Story) => void): Story {
  const story = new Story(rich);
  const tell = (what: string): void =>
    void log.push(`${String(Math.floor((story.now - START) / 1000)).padStart(6)} s  ${what}`);
  let answers: readonly Answer[] = [];
  let asked = 0;
  story.answer = (effect) => {
    const given = answers[asked % answers.length] ?? WELL;
    asked += 1;
    const settled = settledBy(given, effect);
    tell(`  ${effect.name}: ${settled === null ? 'no answer' : settled.result}`);
    return settled;
  };
  const happen = (input: Request | Fact, actor: Actor): void => {
    tell(`${actor.kind === 'person' ? actor.id : 'tocsin'}: ${said(input)}`);
    story.feed(input, actor);
  };
  happen(observed({ level: walk.level }), TOCSIN);
  for (const step of walk.steps) {
    answers = step.answers;
    asked = 0;
    if (step.time !== 'passes') tell(`the server is down, what falls due is ${step.time}`);
    if (step.time === 'unheard') story.now += step.ms;
    else if (step.time === 'stored up') story.downFor(step.ms);
    else story.advance(step.ms);
    happen(step.happening(story), step.actor);
    between(story);
  }
  return story;
}

const SEED = 1;

/** The shortest walk that fails, with everything that happens on it. */
function report({ failed, errorInstance, ...ran }: fc.RunDetails<[Walk]>): void {
  if (!failed) return;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const found = `walk ${ran.numRuns} of seed ${ran.seed}, shrunk ${ran.numShrinks} times`;
  const cause = errorInstance instanceof Error ? errorInstance.cause : undefined;
  throw new Error(`${why}\n(${found})`, { cause });
}

interface Checks {
  /** After each step. */
  between(story: Story): void;
  /** At the end. */
  after(story: Story): void;
}

/** Checks so many walks, the same ones every time; one that fails is shrunk, and the error says all that happens on it. */
export function checkWalks(kind: Kind, escalations: number, { between, after }: Checks): void {
  const property = fc.property(KINDS[kind], (walk) => {
    const log: string[] = [];
    try {
      after(play(walk, log, between));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${why}\n\nOn this walk:\n${log.join('\n')}`, { cause: error });
    }
  });
  fc.assert(property, { seed: SEED, numRuns: escalations, unbiased: true, reporter: report });
}

/** So many walks of about so many steps, the same ones every time. */
export function someWalks(escalations: number, steps: number): readonly Story[] {
  return fc
    .sample(walksOf(anything, steps), { seed: SEED, numRuns: escalations, unbiased: true })
    .map((walk) => play(walk, [], () => {}));
}
