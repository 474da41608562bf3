/** What an obligation is, and how long a wait really is: it stands while nobody may be rung. */
import type { Instant } from './alert.ts';
import { callOf, postOfAlarm, quietMs } from './calls.ts';
import { CALM_MS, quietFrom } from './quiet.ts';
import { isAskedFor, type Incident, type Page } from './incident.ts';
import type { Interval } from './lookups.ts';
import { encodeAlarm, encodeClock, type AlarmKey, type AxisKey, type ClockKey } from './keys.ts';
import { own } from './own.ts';
import type { Level } from './policy.ts';
import { levelOf, urgencyOf, type Context } from './decision.ts';
import { inWorkingHours } from './working-hours.ts';

/** Something that is owed, and when it falls due. */
export interface Obligation {
  readonly clock: ClockKey;
  /** What happens at that instant unless somebody acts: "the next step for a role, unless somebody answers". */
  readonly what: string;
  readonly dueAt: Instant;
}

/** Nothing is owed, and why: the other answer of each question in the `owed-*` files. */
export interface Nothing {
  readonly nothing: string;
}

export type Owed = Obligation | Nothing;

/** What an obligation follows from. No clock of its own: "now" is no argument. */
export interface Ground extends Pick<Context, 'policy' | 'lookups'> {
  readonly state: Incident;
  readonly level: Level | null;
}

export function groundOf(
  state: Incident,
  { policy, lookups }: Pick<Context, 'policy' | 'lookups'>,
): Ground {
  return { state, policy, lookups, level: levelOf({ state, policy }) };
}

export function nothing(why: string): Nothing {
  return { nothing: why };
}

/**
 * How long it is until an alarm is said again: a pause of paging holds phones, not chat; but while it holds them, that nobody
 * could be rung is no news. Nor is it while nothing fires, unless a person has asked for whoever is not reached.
 */
function waitUnder({ state }: Ground, key: AlarmKey): typeof waited {
  const page = key.kind === 'page' ? state.pages[key.page] : undefined;
  if (page !== undefined && isOfAsked(state, page)) return ringable;
  return key.kind === 'escalation' || key.kind === 'page' ? waited : spoken;
}

/** It stands under an open alarm, whose next repetition is its backstop. Null: that alarm is not open. */
export function underAlarm(ground: Ground, key: AlarmKey, what: string): Obligation | null {
  const alarm = ground.state.alarms[encodeAlarm(key)];
  if (alarm === undefined) return null;
  const { alarmEveryMs } = ground.policy.automation;
  const after = waitUnder(ground, key);
  const again = after(ground, alarm.saidAt, alarmEveryMs);
  const call = callOf(ground.state, postOfAlarm(key));
  const isAnswered = call?.state === 'answered';
  const dueAt = isAnswered
    ? Math.max(again, after(ground, call.since, quietMs(ground.policy)))
    : again;
  const clock = { kind: 'alarm', alarm: key } as const;
  return { clock, what, dueAt: isOfPresence(key) ? rested(ground, dueAt) : dueAt };
}

/** Whether the alarm is that whoever is still on it was not found: it rests with the search. */
export function isOfPresence(alarm: AlarmKey): boolean {
  return alarm.kind === 'escalation' && alarm.escalation.kind === 'presence';
}

/** Until when the answer to the alarms leaves people's phones in peace; null: nobody has answered. */
export function quietUntil(ground: Ground, post: string | null): Instant | null {
  const call = callOf(ground.state, post);
  if (call?.state !== 'answered') return null;
  return waited(ground, call.since, quietMs(ground.policy));
}

/** Something is open and nothing follows from it: a fault of ours. It alarms at once. */
export function gap(ground: Ground, of: AxisKey, what: string): Owed {
  const clock = { kind: 'gap', ...of } as const;
  const dueAt = ground.state.openedAt;
  return underAlarm(ground, { kind: 'stuck', clock }, what) ?? { clock, what, dueAt };
}

/** The end of a wait that stands during the intervals; they may overlap. */
function endOf(from: Instant, ms: number, intervals: readonly Interval[]): Instant {
  const still = intervals.toSorted((a, b) => a.from - b.from);
  let at = from;
  let left = ms;
  for (const interval of still) {
    if (interval.until <= at) continue;
    if (interval.from - at > left) break;
    left -= Math.max(0, interval.from - at);
    at = interval.until;
  }
  return at + left;
}

const SOAK_WITHOUT_LEVEL_MS = 5 * 60_000;

/** Whether it looks for somebody whom a person has asked for. */
export function isOfAsked({ escalations }: Incident, page: Pick<Page, 'escalations'>): boolean {
  return page.escalations.some((id) => {
    const search = escalations[id];
    return search !== undefined && isAskedFor(search);
  });
}

/** Since when the phone rings; for ever from now on, while a pause or a pager that is down holds it. */
function ringsFrom({ rang }: Incident, { id, state, rings }: Page): Instant | null {
  const isHeld = rings.some(({ status }) => status === 'pending' || status === 'joining');
  return own(rang, id) ?? (state === 'open' && isHeld ? STANDS : null);
}

/**
 * When the quiet has lasted; what flaps belongs together until it is calm, however short the soak. Whom a person has asked for
 * has the whole of it from when their phone rings: its end would swallow a ring that a pause holds, or a pager that is down.
 */
export function soakEndsAt(ground: Ground, since: Instant): Instant {
  const { state, level } = ground;
  const forMs = level?.soak.forMs ?? SOAK_WITHOUT_LEVEL_MS;
  const quietMs = state.isFlapping ? Math.max(forMs, CALM_MS) : forMs;
  const asked = Object.values(state.pages).filter((page) => isOfAsked(state, page));
  const rang = asked.flatMap((page) => ringsFrom(state, page) ?? []);
  return Math.max(since, ...rang) + quietMs;
}

/** Of the quiet in triage: what was, and what is. */
function quietOf(ground: Ground): readonly Interval[] {
  const { soak, quietSpells } = ground.state;
  const from = quietFrom(ground.state);
  const until = soak === null ? STANDS : soakEndsAt(ground, soak.since);
  return from === null ? quietSpells : [...quietSpells, { from, until }];
}

/** The end of a wait that stands until something happens that has no instant yet. */
export const STANDS: Instant = Infinity;

/**
 * In triage every wait stands while nothing fires: until an alert fires again, or for ever. The end of the soak is not the
 * end of the quiet; where it cannot be dealt with, though, what waits must go on behind it. What flaps has its own clock,
 * which says from when on a quiet is one.
 */
function unlessQuiet({ state }: Ground, over: Instant): Instant {
  const from = quietFrom(state);
  const isOpen = from === null || state.stuck[encodeClock({ kind: 'soak' })] !== undefined;
  return isOpen ? over : STANDS;
}

/** When a wait for an answer is over: it stands while paging is paused, and in triage while nothing fires. */
export function waited(ground: Ground, from: Instant, ms: number): Instant {
  return unlessQuiet(ground, endOf(from, ms, [...pausesOf(ground), ...quietOf(ground)]));
}

/** When something was said for so long: it stands in triage while nothing fires, and for no pause. */
function spoken(ground: Ground, from: Instant, ms: number): Instant {
  return unlessQuiet(ground, fired(ground, from, ms));
}

/** When a phone could ring for so long, whatever fires: it stands while paging is paused. */
export function ringable(ground: Pick<Ground, 'lookups'>, from: Instant, ms: number): Instant {
  return endOf(from, ms, pausesOf(ground));
}

/** When nobody could be rung. */
function pausesOf({ lookups }: Pick<Ground, 'lookups'>): readonly Interval[] {
  const { pauses, pagingWasPaused } = lookups;
  const { paging } = pauses;
  const now = paging === undefined ? [] : [{ from: paging.since, until: paging.until }];
  return [...pagingWasPaused, ...now];
}

/** When a page has had so long: whom a person has asked for by it is rung whatever fires. */
export function pageWaited(
  ground: Ground,
  page: Pick<Page, 'escalations'>,
  wait: { readonly from: Instant; readonly ms: number },
): Instant {
  const after = isOfAsked(ground.state, page) ? ringable : waited;
  return after(ground, wait.from, wait.ms);
}

/** When alerts have fired for so long. */
export function fired(ground: Ground, from: Instant, ms: number): Instant {
  return endOf(from, ms, quietOf(ground));
}

/** At low urgency nobody is missed outside working hours: what falls due then falls due when they begin. */
export function rested(ground: Ground, dueAt: Instant): Instant {
  if (dueAt === STANDS || urgencyOf(ground) === 'high') return dueAt;
  return inWorkingHours(dueAt, ground.policy.timezone);
}

/** What automation would do is done when its pause is over. */
export function automated({ lookups }: Ground, dueAt: Instant): Instant {
  return Math.max(dueAt, lookups.pauses.automation?.until ?? dueAt);
}
