/** Seeded random walks over the core: whatever happens in whatever order, the invariants hold. */
import { expect, test } from 'vitest';
import type { Settled } from '../src/core/effect.ts';
import type { Fact, Request } from '../src/core/input.ts';
import { EVENT_TYPES } from '../src/core/events.ts';
import { encodeClock } from '../src/core/keys.ts';
import { answersOf } from '../src/core/owed.ts';
import { policy, trigger, withLevel } from './support/policy.ts';
import { byPerson, cleared, MINUTE, observed, Story } from './support/story.ts';

/** A small generator (mulberry32) so that a failing walk is named by its seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** More by `WALK_SEEDS=2000 npx vitest run test/core-walk.test.ts`. */
const SEEDS = Number(process.env['WALK_SEEDS'] ?? 60);
const PEOPLE = ['ada', 'ben', 'cleo', 'dev', 'eve', 'finn', 'gus'];
const LEVELS = ['L1', 'L2', 'L3', 'L4'];

function pick<T>(random: () => number, list: readonly T[]): T {
  const chosen = list[Math.floor(random() * list.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}

function someRequest(random: () => number, story: Story): Request | Fact {
  const page = pick(random, [...Object.keys(story.incident.pages), 'p1']);
  const draft = pick(random, [...Object.keys(story.incident.drafts), 'd1']);
  return pick<() => Request | Fact>(random, [
    () =>
      observed(
        {
          level: pick(random, LEVELS),
          rule: { name: pick(random, ['a', 'b', 'c']), where: { file: 'x', line: 1, column: 1 } },
        },
        { newlyFiring: 1 },
      ),
    () => cleared,
    () => ({ type: 'Acknowledge', page: random() < 0.5 ? null : page }),
    () => ({
      type: 'PageObserved',
      page,
      action: pick(random, [
        'acknowledged',
        'resolved',
        'merged',
        'escalated',
        'noted',
        'unacknowledged',
        'reassigned',
      ] as const),
      ref: 'r',
      by: random() < 0.7 ? pick(random, PEOPLE) : null,
      known: true,
      text: null,
    }),
    () => ({
      type: 'Declare',
      level: random() < 0.5 ? null : pick(random, LEVELS),
      title: null,
      team: null,
      service: null,
      text: null,
    }),
    () => ({
      type: 'SetPhase',
      phase: pick(random, ['investigating', 'identified', 'monitoring'] as const),
      text: 'a text',
    }),
    () => ({ type: 'RootCauseFound', text: 'a cause' }),
    () => ({ type: 'ChangeSeverity', level: pick(random, LEVELS), reason: 'a reason' }),
    () => ({
      type: 'ReportImpact',
      impact: { users: Math.floor(random() * 1000), percent: Math.floor(random() * 100) },
    }),
    () => ({ type: 'SetFlag', flag: pick(random, ['leak', 'corrupt']) }),
    () => ({
      type: 'ReportFromCustomer',
      account: pick(random, ['x', 'y', 'z']),
      tier: 'paying',
      text: null,
    }),
    () => ({
      type: 'AssignRole',
      role: pick(random, ['expert', 'commander', 'voice', 'writer', 'deputy']),
      person: pick(random, PEOPLE),
    }),
    () => ({ type: 'PageRole', role: 'deputy' }),
    () => ({ type: 'Approve', draft }),
    () => ({ type: 'Reject', draft, reason: 'no' }),
    () => ({ type: 'AddNote', text: 'a note' }),
    () => ({ type: 'Resolve', text: null }),
    () => ({ type: 'MarkFalsePositive', reason: 'noise' }),
    () => ({ type: 'Reopen', reason: 'again' }),
    () => ({ type: 'JoinedParent', parent: 'inc-9' }),
  ])();
}

function worldOf(random: () => number): Story['answer'] {
  return (effect): Settled | null => {
    if (effect.name === 'pager.find' || effect.name === 'statusPage.find')
      return random() < 0.2
        ? { result: 'read', read: null, detail: 'no answer' }
        : {
            result: 'read',
            read: {
              found: random() < 0.7,
              externalRef: 'r',
              status: random() < 0.2 ? 'acknowledged' : 'triggered',
              by: 'ada',
            },
            detail: '',
          };
    const roll = random();
    if (roll < 0.1) return { result: 'rejected', reason: 'forbidden', detail: 'no', hint: 'ask' };
    if (roll < 0.2)
      return effect.name === 'statusPage.publish' ? { result: 'ambiguous', detail: '504' } : null;
    if (roll < 0.25) return { result: 'superseded', why: 'overtaken' };
    if (roll < 0.3) return { result: 'withheld', mode: 'shadow' };
    return {
      result: 'delivered',
      receipt: random() < 0.5 ? 'accepted' : 'confirmed',
      externalRef: 'r',
      url: null,
    };
  };
}

const rich = withLevel(
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
    triggers: [
      trigger(
        'grows',
        { kind: 'impact_grows', factor: 2, atLeast: { users: 100, percent: 5 } },
        { kind: 'raise', levels: 1 },
      ),
      trigger(
        'no cause',
        { kind: 'no_root_cause', afterMs: { L1: 30 * MINUTE, L2: 120 * MINUTE } },
        { kind: 'escalate_next_step' },
      ),
      trigger(
        'customers',
        { kind: 'customer_reports', tier: 'paying', accounts: 2, withinMs: 30 * MINUTE },
        { kind: 'at_least', level: 'L2' },
      ),
      trigger('integrity', { kind: 'flag', flag: 'corrupt' }, { kind: 'at_least', level: 'L1' }),
    ],
  },
);

/** Every obligation is there once, whatever owes nothing says why, and nothing got stuck. */
function checkInvariants(story: Story, seed: number): void {
  const where = `seed ${seed} after ${story.events.at(-1)?.type ?? ''}`;
  const owed = story.owed();
  const all = owed.map(({ clock, what }) => `${encodeClock(clock)}: ${what}`);
  expect(all, `${where}: an obligation stands twice`).toEqual([...new Set(all)]);
  for (const answer of answersOf(story.incident, story.context))
    if ('nothing' in answer)
      expect(answer.nothing, `${where}: owes nothing and says not why`).not.toBe('');
  expect(story.incident.stuck, `${where}: something could not be dealt with`).toEqual({});
}

function checkNothingOverdue(story: Story, seed: number): void {
  for (const { what, dueAt } of story.owed())
    expect(dueAt, `seed ${seed}: overdue: ${what}`).toBeGreaterThan(story.now);
}

function checkSends(story: Story, seed: number): void {
  const ids = story.sent.map((one) => one.effect.id);
  expect(new Set(ids).size, `seed ${seed}: an effect id twice`).toBe(ids.length);
  const over = story.events.find(
    (event) => event.type === 'IncidentResolved' || event.type === 'IncidentClosed',
  );
  const reopened = story.events.some((event) => event.type === 'IncidentReopened');
  if (over !== undefined && !reopened) {
    const late = story
      .pages('pager.trigger')
      .filter(
        (one) =>
          one.at > over.at &&
          !(story.incident.pages[one.effect.page]?.runs ?? []).some(
            (run) => story.incident.runs[run]?.key.kind === 'alarm',
          ),
      );
    expect(late, `seed ${seed}: a page after the end`).toEqual([]);
  }
}

/** What no walk brings about, and the stories that do. */
const ELSEWHERE: readonly string[] = [
  // The walks' incidents are no storm's, their level asks for no post-mortem, and their deliveries can be read.
  'StormGathered',
  'PostmortemDue',
  'DeliveriesUnparsed',
  // Too rare for so few walks: an answer that is taken back before anything else happens.
  'PageUnacknowledged',
  // That nothing gets stuck is what the walks are about.
  'ClockStuck',
  'ClockFreed',
];

test('in random incidents there is no dead end, folding equals the state, and nothing is sent twice or after the end', () => {
  const types = new Set<string>(ELSEWHERE);
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = seeded(seed);
    const story = new Story(rich);
    story.answer = worldOf(random);
    story.feed(observed({ level: pick(random, LEVELS) }));
    for (let step = 0; step < 60; step += 1) {
      const actor = random() < 0.8 ? byPerson(pick(random, PEOPLE)) : ({ kind: 'tocsin' } as const);
      story.feed(someRequest(random, story), actor);
      checkInvariants(story, seed);
      story.advance(Math.floor(random() * 12 * MINUTE));
      checkInvariants(story, seed);
      checkNothingOverdue(story, seed);
    }
    expect(story.folded(), `seed ${seed}`).toEqual(story.state);
    checkSends(story, seed);
    for (const type of story.types()) types.add(type);
  }
  expect(
    EVENT_TYPES.filter((type) => !types.has(type)),
    'a type of event that nothing brings about',
  ).toEqual([]);
}, 120_000);

test('the same walk decided twice gives the same events', () => {
  const run = (): unknown => {
    const random = seeded(7);
    const story = new Story(policy());
    story.answer = worldOf(random);
    story.feed(observed());
    for (let step = 0; step < 40; step += 1) {
      story.feed(someRequest(random, story), byPerson('ada'));
      story.advance(Math.floor(random() * 9 * MINUTE));
    }
    return story.events;
  };
  expect(run()).toEqual(run());
});
