/**
 * Relapses: every alert of an incident had cleared, and one fires again. Whoever is on call now and whoever commands is
 * rung, for they may have gone back to sleep; for somebody who is at it the ring waits. What comes back again and again
 * is said once.
 */
import {
  roleRequest,
  serviceOf,
  serviceRequest,
  type EscalationRequest,
} from '../paging/requests.ts';
import { isSeenSince } from '../model/signs-of-life.ts';
import { pagesNobody } from '../command/declaring.ts';
import { emit, roleOf, type Decision, type Look } from '../model/decision.ts';
import type { Instant } from '../model/alert.ts';
import { isOwed, type Escalation, type WaitingRing } from '../model/incident.ts';
import { own } from '../model/own.ts';
import { textOf } from '../informing/informing.ts';
import { startEscalations } from '../paging/escalating.ts';
import { holderFirst } from '../paging/holders.ts';
import { isAtIt } from '../paging/offers.ts';
import { mayRing, openPagesOf } from '../paging/progress.ts';
import { isFreshRing } from '../paging/sharing.ts';
import { candidatesOf } from '../people/candidates.ts';
import { encodeEscalation } from '../model/keys.ts';
import { CALM_MS, isReopening } from '../model/quiet.ts';
import { setPhase } from '../resolving/resolving.ts';
import { say } from '../texts/messages.ts';
import { durationText } from '../texts/text.ts';

/** So many relapses within the time are flapping. */
const FLAPPING_FROM = 3;
const FLAPPING_WITHIN_MS = 2 * 3_600_000;

/** The roles that command and that somebody has or is looked for to have. */
function commandsOf(look: Look<'state' | 'policy'>): readonly string[] {
  const { escalations, roles } = look.state;
  const sought = Object.values(escalations).flatMap((one) =>
    isOwed(one) && one.key.kind === 'role' ? [one.key.role] : [],
  );
  const ids = [...new Set([...Object.keys(roles), ...sought])];
  return ids.filter((id) => roleOf(look, id)?.commands === true);
}

/**
 * The service's on-call of now, and those who command or are looked for to; at a level that rings nobody, nobody.
 * @param isGone where it is true of who commands, somebody is looked for as if nobody did
 */
export function requestsOf(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  isGone: (person: string) => boolean = () => false,
): readonly EscalationRequest[] {
  const { state } = look;
  if (pagesNobody(look)) return [];
  const commands = commandsOf(look).flatMap((id) => {
    const wanted = roleRequest(look, id);
    const holder = own(state.roles, id)?.person;
    if (wanted === null) return [];
    return holder !== undefined && isGone(holder) ? wanted : holderFirst(look, wanted);
  });
  return [serviceRequest(look, state.routing.service), ...commands];
}

/** At a reopening: who commands is asked where they are still there, and whoever is on call to command where they went home. */
export function reopeningRequests(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  { at, asking }: { readonly at: Instant; readonly asking: readonly string[] },
): readonly EscalationRequest[] {
  const { state } = look;
  return requestsOf(look, (one) => !asking.includes(one) && !isAtIt({ state, now: at }, one));
}

/** The people whom a request would ring first; a vendor's address tells none. */
function peopleOf(look: Look<'state' | 'context'>, request: EscalationRequest): readonly string[] {
  const { team, service } = look.state.routing;
  const { list } = candidatesOf(request.recipient, look.context, { team, service });
  return list.flatMap(({ person }) => person ?? []);
}

/** The searches under way for the same: as this, or for the one who is on call for the same service. */
function searchesOf(look: Look<'state'>, request: EscalationRequest): readonly Escalation[] {
  const service = serviceOf(look, request);
  return Object.values(look.state.escalations).filter(
    (one) =>
      isOwed(one) &&
      (one.id === encodeEscalation(request.key) ||
        (service !== undefined && serviceOf(look, one) === service)),
  );
}

/**
 * Whether the phones of those whom it would ring have rung for it since a moment ago: one that nobody has answered for long
 * says nothing of what is new, nor does that of somebody behind them, unless their own page was refused.
 */
export function ringsAlready(decision: Decision, request: EscalationRequest): boolean {
  const fresh = searchesOf(decision, request)
    .flatMap(({ id }) => openPagesOf(decision, id))
    .filter((page) => isFreshRing(decision, page));
  const ringing = fresh.filter(mayRing);
  const people = peopleOf(decision, request);
  const isAsked = (one: string | null): boolean => fresh.some(({ person }) => person === one);
  const areAsked = people.length === 0 ? isAsked(null) : people.every(isAsked);
  return areAsked && ringing.length > 0;
}

/** Rings for what nobody is being rung already; an answer of before it fired again is none to this. */
function ringFor(decision: Decision, wanted: readonly EscalationRequest[], about: string): void {
  const fresh = wanted.filter((request) => !ringsAlready(decision, request));
  startEscalations(
    decision,
    fresh.map((request) => ({ ...request, about, isNews: true })),
  );
}

/**
 * Those for which everybody is at it: their ring waits.
 * @param asking do something about it right now
 */
export function waitingOf(
  decision: Decision,
  wanted: readonly EscalationRequest[],
  asking: readonly string[] = [],
): readonly WaitingRing[] {
  const isThere = (one: string): boolean => asking.includes(one) || isAtIt(decision, one);
  return wanted.flatMap((request) => {
    const people = peopleOf(decision, request);
    return people.length > 0 && people.every(isThere) ? [{ key: request.key, people }] : [];
  });
}

/** Who is rung in a moment, and what keeps their phone silent; empty: nobody waits. */
export function unlessText(look: Look<'state' | 'policy'>): string {
  const { state } = look;
  const held = [...new Set(unseenOf(look).flatMap(({ people }) => people))];
  if (held.length === 0) return '';
  return ` ${held.join(', ')}: you are rung in 5 minutes, unless you do something about it or say \`tocsin ack ${state.id}\`.`;
}

/** Rings for all but what waits. */
export function ringUnlessWaiting(
  decision: Decision,
  wanted: readonly EscalationRequest[],
  about: string,
): void {
  const waiting = decision.state.relapse?.waiting ?? [];
  const held = waiting.map(({ key }) => encodeEscalation(key));
  ringFor(
    decision,
    wanted.filter(({ key }) => !held.includes(encodeEscalation(key))),
    about,
  );
}

/** What is known of a relapse. */
interface Relapse {
  /** The vendor rings for what fires now, and its ring is held as a page already. */
  readonly isRinging: boolean;
  /** Nobody told that it had ended: when it was last heard of as firing before; null: that was told. */
  readonly heardAt: Instant | null;
}

/** Every alert had cleared, and one fires again. */
export function relapsed(decision: Decision, { isRinging, heardAt }: Relapse): void {
  const { state, now } = decision;
  const quietSince = state.clearedAt ?? now;
  // An end that nobody told may be as old as the last word before it: in doubt it was calm, and it rings.
  const quietMs = now - (heardAt ?? quietSince);
  const number = state.relapses.filter((at) => at > now - FLAPPING_WITHIN_MS).length + 1;
  const isFlapping = number >= FLAPPING_FROM;
  const wanted = requestsOf(decision).filter(({ key }) => !(isRinging && key.kind === 'service'));
  const isCalm = state.isFlapping && quietMs < CALM_MS;
  // That it flaps was said, and whoever has answered knows it.
  const unknown = wanted.filter((one) => !isCalm || searchesOf(decision, one).length > 0);
  const isKnown = isCalm && unknown.length === 0;
  const waiting = isFlapping || isKnown ? [] : waitingOf(decision, unknown);
  emit(decision, { type: 'AlertsRelapsed', number, isFlapping, quietSince, waiting });
  if (state.phase === 'monitoring') setPhase(decision, 'investigating', null);
  if (isKnown) return;
  const what = isFlapping
    ? `It is flapping: it fires again, time ${number} in two hours`
    : `It fires again, ${heardAt === null ? `after ${durationText(quietMs)} of quiet` : 'and nobody told that it had ended before'}`;
  const unless = unlessText(decision);
  say(decision, textOf(decision, 'update.status', `${what}.${unless}`), { kind: 'status' });
  ringUnlessWaiting(decision, unknown, what);
}

/** Who has got the command since; null: it is whose it was. */
function commandsSince(look: Look<'state' | 'policy'>, since: Instant): string | null {
  const held = Object.entries(look.state.roles).find(
    ([id, { at }]) => at > since && roleOf(look, id)?.commands === true,
  );
  return held?.[1].person ?? null;
}

/**
 * The rings that still wait: nobody whom they are for has done anything since it fired again. That for the commander is the
 * ring of whoever commands by now.
 */
export function unseenOf(look: Look<'state' | 'policy'>): readonly WaitingRing[] {
  const { relapse } = look.state;
  if (relapse === null) return [];
  const commander = commandsSince(look, relapse.at);
  return relapse.waiting
    .map((one) =>
      commander === null || one.key.kind !== 'role' ? one : { ...one, people: [commander] },
    )
    .filter(({ people }) => !people.some((one) => isSeenSince(look.state, one, relapse.at)));
}

/** Whether the ring that waited is this one: that for the commander may be for another role by which somebody commands now. */
function isThatOf({ key }: EscalationRequest, waiting: readonly WaitingRing[]): boolean {
  return waiting.some(
    (one) =>
      encodeEscalation(one.key) === encodeEscalation(key) ||
      (one.key.kind === 'role' && key.kind === 'role'),
  );
}

/** They had five minutes. */
export function relapseDue(decision: Decision): void {
  const unseen = unseenOf(decision);
  emit(decision, { type: 'RelapseUnseen', people: unseen.flatMap(({ people }) => people) });
  const { relapse } = decision.state;
  const all =
    relapse !== null && isReopening(decision.state)
      ? reopeningRequests(decision, { at: relapse.at, asking: [] })
      : requestsOf(decision);
  const since = relapse?.at ?? decision.now;
  const isSeen = (one: string): boolean => isSeenSince(decision.state, one, since);
  const wanted = all.filter((request) => {
    const people = peopleOf(decision, request);
    // Somebody may have come on call since, and be at it.
    return isThatOf(request, unseen) && !(people.length > 0 && people.every(isSeen));
  });
  ringFor(decision, wanted, isReopening(decision.state) ? 'It was reopened' : 'It fires again');
}
