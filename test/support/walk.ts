/** Random walks over the core: what may happen to an incident, in any order, and how the world may answer. */
import type { Settled } from '../../src/core/model/effect.ts';
import type { Fact } from '../../src/core/model/input.ts';
import type { Request } from '../../src/core/verbs/table.ts';
import { trigger, withLevel } from './policy.ts';
import { byPerson, cleared, MINUTE, observed, reported, Story } from './story.ts';

/** A small generator (mulberry32) so that a failing walk is named by its seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const PEOPLE = ['ada', 'ben', 'cleo', 'dev', 'eve', 'finn', 'gus'];
const LEVELS = ['L1', 'L2', 'L3', 'L4'];

function pick<T>(random: () => number, list: readonly T[]): T {
  const chosen = list[Math.floor(random() * list.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}

export function someRequest(random: () => number, story: Story): Request | Fact {
  const page = pick(random, [...Object.keys(story.incident.pages), 'p1']);
  const drafts = Object.values(story.incident.drafts);
  const waiting = drafts.filter(({ state }) => state === 'waiting');
  const draft = pick(random, [...[...drafts, ...waiting].map(({ id }) => id), 'd1']);
  const approve = (): Request => ({ type: 'Approve', draft });
  const reject = (): Request => ({ type: 'Reject', draft, reason: 'no' });
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
    () => reported({ users: Math.floor(random() * 1000), percent: Math.floor(random() * 100) }),
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
    approve,
    reject,
    // A draft that waits is seldom; somebody is about to look at it.
    ...(waiting.length > 0 ? [approve, reject, reject] : []),
    () => ({ type: 'AddNote', text: 'a note' }),
    () => ({ type: 'Resolve', text: null }),
    () => ({ type: 'MarkFalsePositive', reason: 'noise' }),
    () => ({ type: 'Reopen', reason: 'again' }),
    () => ({ type: 'JoinedParent', parent: 'inc-9' }),
  ])();
}

export function worldOf(random: () => number): Story['answer'] {
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

/** Opens an incident in a world that answers as the generator says. */
export function openWalk(random: () => number): Story {
  const story = new Story(rich);
  story.answer = worldOf(random);
  story.feed(observed({ level: pick(random, LEVELS) }));
  return story;
}

/** A reload, by which flags bar the public, bar it no more, or are gone. */
function reloadFlags(random: () => number, story: Story): void {
  const flags = ['leak', 'corrupt'].flatMap((flag) =>
    random() < 0.2
      ? []
      : [[flag, { public: pick(random, ['allowed', 'never'] as const) }] as const],
  );
  story.reload({ ...rich, flags: Object.fromEntries(flags) });
}

/**
 * Time passes and something happens. One time in ten the server is down meanwhile; what falls due then is dealt with at the
 * end, before what happens or after it.
 */
export function passAndStep(random: () => number, story: Story, happen: typeof step): void {
  const roll = random();
  const ms = Math.floor(random() * 12 * MINUTE);
  if (roll < 0.05) story.now += 4 * ms;
  else if (roll < 0.1) story.downFor(4 * ms);
  else story.advance(ms);
  if (random() < 0.05) reloadFlags(random, story);
  happen(random, story);
}

/** Something happens by which nobody declares the incident. */
export function stepInTriage(random: () => number, story: Story): void {
  const fires = (): Fact => observed({ level: pick(random, LEVELS) }, { newlyFiring: 1 });
  const input = pick<() => Request | Fact>(random, [
    fires,
    fires,
    () => cleared,
    () => cleared,
    () => ({ type: 'ChangeSeverity', level: pick(random, LEVELS), reason: 'a reason' }),
    () => ({ type: 'PageRole', role: 'deputy' }),
    () => ({ type: 'Reopen', reason: 'again' }),
  ])();
  story.feed(input, byPerson(pick(random, PEOPLE)));
}

/** Something happens, mostly by a person. */
export function step(random: () => number, story: Story): void {
  const actor = random() < 0.8 ? byPerson(pick(random, PEOPLE)) : ({ kind: 'tocsin' } as const);
  story.feed(someRequest(random, story), actor);
}
