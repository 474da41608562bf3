/**
 * What a source sends again and again while all is well, such as Prometheus's Watchdog. It opens no incident; that it
 * stays away does. Here is what counts as away, and from when the wait counts.
 */
import type { Alert, Instant } from '../model/alert.ts';
import { own } from '../model/own.ts';
import type { Expectation, Policy } from '../model/policy.ts';
import { holds } from './match.ts';

/** The expectation of its source that the alert meets; null: it is an alert like any other. */
export function expectationMetBy(
  { labels }: Pick<Alert, 'labels'>,
  source: string,
  { sources }: Pick<Policy, 'sources'>,
): Expectation | null {
  const expectation = own(sources, source)?.expect;
  return expectation !== undefined && holds(expectation.when, labels) ? expectation : null;
}

/** One alert that met the expectation. */
export interface Heard {
  readonly at: Instant;
  readonly startsAt: Instant | null;
}

/** What has been heard of what a source expects. It holds anchors and how long was waited, never when something is due. */
export interface Watch {
  /** What is expected: something else begins anew. */
  readonly text: string;
  /** By dedup key, the latest few: several that meet the expectation keep it met, whichever of them ends. */
  readonly heard: Readonly<Record<string, Heard>>;
  /** When any of it was heard last; null: never. */
  readonly heardAt: Instant | null;
  /** When it was heard last, or began to be expected: one absence is one episode. */
  readonly from: Instant;
  /** For how long it was waited for up to `since`, as far as it could have been heard. */
  readonly waitedMs: number;
  readonly since: Instant;
  /** Its sender said that it has ended: nobody need wait for it any more. */
  readonly hasEnded: boolean;
  /** When somebody was told that it stays away; null: nobody was, or it was heard since. */
  readonly awayAt: Instant | null;
}

/** Alerts that are told apart; whoever sends more has one of the others still firing when some end. */
const HEARD_MAX = 20;

/** A repeat or two may be late: it is away once it was waited for twice as long as it takes. */
const AWAY_AFTER = 2;
/** A server that starts gives it one `every` to come; however often it starts, the wait ends after so many. */
const AWAY_FOR_SURE_AFTER = 3;

/** It begins to be expected. */
export function begin({ text }: Pick<Expectation, 'text'>, now: Instant): Watch {
  return {
    text,
    heard: {},
    heardAt: null,
    from: now,
    waitedMs: 0,
    since: now,
    hasEnded: false,
    awayAt: null,
  };
}

/** The server can be reached again: what passed since it could be last is no part of the wait. */
export function resume(
  watch: Watch,
  reachable: { readonly until: Instant; readonly from: Instant },
) {
  const { until, from } = reachable;
  const waitedMs = watch.waitedMs + Math.max(0, until - watch.since);
  return { ...watch, waitedMs, since: from } satisfies Watch;
}

/** An alert that meets the expectation came in. What was received before the server could be reached last is heard all the same. */
export function hear(
  watch: Watch,
  alert: Pick<Alert, 'dedupKey' | 'status' | 'startsAt'>,
  { at, everyMs }: { readonly at: Instant; readonly everyMs: number },
): Watch {
  const { dedupKey, startsAt } = alert;
  const { [dedupKey]: before, ...known } = watch.heard;
  const others = Object.fromEntries(
    Object.entries(known).filter(([, other]) => at - other.at < AWAY_AFTER * everyMs),
  );
  if (alert.status === 'firing') {
    const latest = Object.entries(others)
      .toSorted(([, a], [, b]) => b.at - a.at)
      .slice(0, HEARD_MAX - 1);
    const heardAt = Math.max(at, watch.heardAt ?? at);
    return {
      ...watch,
      heard: { ...Object.fromEntries(latest), [dedupKey]: { at, startsAt } },
      heardAt,
      from: heardAt,
      waitedMs: 0,
      since: Math.max(at, watch.since),
      hasEnded: false,
    };
  }
  // The late end of an earlier episode, or of one that was not what kept the expectation met.
  const isOfEarlier =
    before !== undefined &&
    startsAt !== null &&
    before.startsAt !== null &&
    startsAt < before.startsAt;
  const isOfAnother = before === undefined && Object.keys(others).length > 0;
  if (isOfEarlier || isOfAnother) return watch;
  return { ...watch, heard: others, hasEnded: Object.keys(others).length === 0 };
}

/**
 * Whether it stays away: its sender said that it ended, or it was waited for in vain. Time in which the server could not
 * be reached does not count, and a server that has only just started waits for one more.
 * @param reachableFrom since when the server can be reached without a break
 */
export function isAway(
  watch: Watch,
  { everyMs }: Pick<Expectation, 'everyMs'>,
  { now, reachableFrom }: { readonly now: Instant; readonly reachableFrom: Instant },
): boolean {
  if (watch.hasEnded) return true;
  const waitedMs = watch.waitedMs + (now - watch.since);
  const hadTime = now - reachableFrom >= everyMs;
  return waitedMs >= AWAY_AFTER * everyMs && (hadTime || waitedMs >= AWAY_FOR_SURE_AFTER * everyMs);
}

/** Whether it was heard after somebody was told that it stays away. */
export function isBack({ awayAt, heardAt, hasEnded }: Watch): boolean {
  return awayAt !== null && !hasEnded && heardAt !== null && heardAt >= awayAt;
}
