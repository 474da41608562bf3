/**
 * What an incident owes, and when: a pure function of its state, the policy and what was looked up. Nobody sets or drops a
 * timer. The next wake-up, `show`, the auditor and the random walks read this function and no other.
 */
import type { Instant } from '../model/alert.ts';
import { isOver, type Incident } from '../model/incident.ts';
import type { Lookups, Reload } from '../model/lookups.ts';
import { encodeClock, type ClockId, type ClockKey } from '../model/keys.ts';
import { groundOf, type Obligation, STANDS } from '../model/obligation.ts';
import type { Context } from '../model/decision.ts';
import { answersOf } from './axes.ts';

const TRY_AGAIN_MS = 1_000;
export const FAILURES_MAX = 3;

/** What stuck is tried again after a second, and when it failed three times at the rhythm of its alarm. */
function afterFailure(obligation: Obligation, state: Incident, alarmEveryMs: number): Obligation {
  const stuck = state.stuck[encodeClock(obligation.clock)];
  if (stuck === undefined) return obligation;
  const pauseMs = stuck.failures < FAILURES_MAX ? TRY_AGAIN_MS : alarmEveryMs;
  return { ...obligation, dueAt: Math.max(obligation.dueAt, stuck.at + pauseMs) };
}

type Owing = Pick<Context, 'policy' | 'lookups'>;

/** What falls due by itself: not what stands until something else happens. */
function openOf(state: Incident, context: Owing): readonly Obligation[] {
  return answersOf(state, context).flatMap(({ owed: answer }) =>
    'nothing' in answer || answer.dueAt === STANDS ? [] : [answer],
  );
}

/** Nothing falls due merely by a reload sooner than this after it. */
const AFTER_RELOAD_MS = 60_000;

/** What fell due when until the reload, those before it counted; null: that policy cannot be asked, being of an older shape. */
function dueBefore(
  state: Incident,
  { before: policy }: Reload,
  lookups: Lookups,
): Map<ClockId, Instant> | null {
  try {
    const all = afterReloads(state, { policy, lookups });
    return new Map(all.map((one) => [encodeClock(one.clock), one.dueAt]));
  } catch {
    return null;
  }
}

/**
 * What fell due later until a reload, or not at all, comes a minute after that reload at the soonest. A row of reloads is
 * undone from the newest on, so that none of them moves what the minute of an earlier one has fixed.
 */
function afterReloads(state: Incident, context: Owing): readonly Obligation[] {
  const all = openOf(state, context);
  const { reloads } = context.lookups;
  const newest = reloads.at(-1);
  if (newest === undefined || state.openedAt >= newest.since) return all;
  const was = dueBefore(state, newest, { ...context.lookups, reloads: reloads.slice(0, -1) });
  if (was === null) return all;
  const floor = newest.since + AFTER_RELOAD_MS;
  return all.map((one) => {
    const before = was.get(encodeClock(one.clock)) ?? floor;
    return { ...one, dueAt: Math.max(one.dueAt, Math.min(before, floor)) };
  });
}

/** The open obligations, each with the instant at which it falls due. */
export function owed(state: Incident, context: Owing): readonly Obligation[] {
  const { alarmEveryMs } = context.policy.automation;
  return afterReloads(state, context).map((one) => afterFailure(one, state, alarmEveryMs));
}

/** What comes first when several things are due at once: phones, then severity, then the public, then those inside. */
const URGENCY: Readonly<Record<ClockKey['kind'], number>> = {
  // In the calm nobody is woken for what should have been done before it.
  calm: -1,
  failover: 0,
  reach: 1,
  escalation: 1,
  relapse: 2,
  offer: 2,
  presence: 2,
  unattended: 2,
  ended: 2,
  alarm: 2,
  call: 2,
  declare: 3,
  trigger: 4,
  respond: 5,
  late: 6,
  update: 7,
  approval: 8,
  notify: 9,
  first: 10,
  audience: 11,
  room: 11,
  soak: 12,
  unproven: 12,
  close: 13,
  test: 13,
  flags: 14,
  removed: 14,
  gap: 15,
};

function isSooner(a: Obligation, b: Obligation): boolean {
  const urgency = URGENCY[a.clock.kind] - URGENCY[b.clock.kind];
  if (urgency !== 0) return urgency < 0;
  if (a.dueAt !== b.dueAt) return a.dueAt < b.dueAt;
  return encodeClock(a.clock) < encodeClock(b.clock);
}

/** What may end an incident. */
const ENDINGS: ReadonlySet<ClockKey['kind']> = new Set(['soak', 'close', 'test']);

/**
 * What is to be dealt with first at the instant, without the clocks named; null: nothing is due. What fell due after that
 * which may end the incident waits for it: after a time in which the server was down it may be owed no more.
 */
export function mostUrgent(
  all: readonly Obligation[],
  now: Instant,
  except: ReadonlySet<ClockId>,
): Obligation | null {
  const due = all.filter(({ clock, dueAt }) => dueAt <= now && !except.has(encodeClock(clock)));
  const ends = due.filter(({ clock }) => ENDINGS.has(clock.kind)).map(({ dueAt }) => dueAt);
  const endsAt = Math.min(...ends);
  let first: Obligation | null = null;
  for (const one of due)
    if (one.dueAt <= endsAt && (first === null || isSooner(one, first))) first = one;
  return first;
}

/** The one wake-up of an incident: when it is to be looked at again, and how urgent it is among others. */
export interface WakeUp {
  /** The rank of its level, 0 the worst; an incident whose level is pending counts as the worst. */
  readonly rank: number;
  readonly at: Instant;
}

/** Every open incident is looked at this often at least, whatever is owed. */
const LOOK_EVERY_MS = 15 * 60_000;
/** One of which something is not known that it should know is looked at this often. */
const LOOK_AT_GAP_EVERY_MS = 60_000;

/** Something that is open and of which nothing follows, alarmed or not. */
function isGap(clock: ClockKey): boolean {
  if (clock.kind !== 'alarm') return clock.kind === 'gap';
  return clock.alarm.kind === 'stuck' && clock.alarm.clock.kind === 'gap';
}

/** When to wake the incident; null: nothing is owed and it is over. */
export function wakeUpOf(state: Incident, context: Context): WakeUp | null {
  const ground = groundOf(state, context);
  const all = owed(state, context);
  const dues = all.map(({ dueAt }) => dueAt);
  if (!isOver(state)) dues.push(context.now + LOOK_EVERY_MS);
  if (all.some(({ clock }) => isGap(clock))) dues.push(context.now + LOOK_AT_GAP_EVERY_MS);
  return dues.length === 0 ? null : { rank: ground.level?.rank ?? 0, at: Math.min(...dues) };
}
