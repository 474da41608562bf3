/** A firing soon after its own clearing, or with another start: news, or the word of a peer that lags. */
import { HELD_MS, type Alert, type Instant } from '../model/alert.ts';
import { decodeHeldRow } from '../model/arriving-keys.ts';
import { own } from '../model/own.ts';
import type { Policy } from '../model/policy.ts';
import type { KnownAlert, Routed } from './routed.ts';
import { HEARD_WITHIN_MS } from './staleness.ts';

/** With what an alert comes to be routed. */
export interface Word {
  /** The row of the inbox. */
  readonly row: string;
  /** That row has held the alert until now. */
  readonly isHeld: boolean;
}

/** Whether the row holds an alert of the delivery. */
export function isHeldOf(held: string, row: string): boolean {
  return decodeHeldRow(held)?.row === row;
}

interface Hearing {
  readonly policy: Policy;
  readonly now: Instant;
  readonly word: Word;
}

type Known = KnownAlert & { readonly incidentOpen: boolean };

/** Whether its sender will say again that it fires, so that nothing is lost by not opening an incident now. */
function isRepeated({ source }: Known, { policy }: Hearing): boolean {
  return own(policy.sources, source)?.repeats === true;
}

/** Whether it was just said that this very episode is over, by a sender who does not say when it saw what. */
function mayLag(alert: Alert, known: Known, now: Instant): boolean {
  const isSame = alert.startsAt !== null && alert.startsAt === known.startsAt;
  const isSoon = known.clearedAt !== null && now - known.clearedAt < HELD_MS;
  return isSame && isSoon && alert.observedAt === null;
}

/** What becomes of a firing of an alert that had cleared; null: it counts. */
export function latenessOf(alert: Alert, known: Known, hearing: Hearing): Routed | null {
  const { word, now } = hearing;
  const isResolved = !known.incidentOpen && isRepeated(known, hearing);
  const late = `${known.incident} is over, and this may be a peer that lags: the next word of its sender counts`;
  if (word.isHeld) return isResolved ? { to: 'nothing', why: late } : null;
  if (!mayLag(alert, known, now)) return null;
  if (known.held === null) return { to: 'held', incident: known.incident, until: now + HELD_MS };
  if (isHeldOf(known.held, word.row))
    return { to: 'nothing', why: 'it is held already, as told by this delivery' };
  // The sender has spoken again, and of the same episode.
  return isResolved ? { to: 'nothing', why: late } : null;
}

/** Whether the word says once more that the last episode of the alert is over. */
export function isClearedAgain(alert: Alert, known: KnownAlert): boolean {
  const isEarlier =
    alert.startsAt !== null && known.startsAt !== null && alert.startsAt < known.startsAt;
  return alert.status === 'resolved' && known.status === 'resolved' && !isEarlier;
}

/**
 * Whether an alert that counts as firing has ended, which nobody told, and fires anew. Two monitors that see one outage
 * tell of it in turns, each with a start of its own: a later start alone is no other outage. What began after its sender
 * had last spoken of it as firing is; when that was is known to the minute.
 */
export function hasBegunAnew({ startsAt }: Alert, known: KnownAlert): boolean {
  if (startsAt === null || known.startsAt === null) return false;
  return startsAt > known.startsAt && startsAt > known.heardAt + HEARD_WITHIN_MS;
}

/** Two monitors that see one outage give it starts as far apart as this at most. */
const APART_MS = 5 * 60_000;

/**
 * Whether an alert that a person closed, or that is stale, is told of as the outage that it was: with the start that is known,
 * or with that of another monitor, which had begun when its sender last spoke of it as firing. What passes for that
 * rings nobody, so nothing does in doubt, and without a start nothing does at all: rather two pages than none.
 */
export function isSameEpisode({ startsAt }: Alert, known: KnownAlert): boolean {
  if (startsAt === null || known.startsAt === null) return false;
  const isOfPeer = startsAt <= known.heardAt && Math.abs(startsAt - known.startsAt) <= APART_MS;
  return startsAt === known.startsAt || isOfPeer;
}
