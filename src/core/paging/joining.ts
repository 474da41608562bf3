/**
 * Joining: related incidents ring one phone of a person once. What of a page others may join, and which of several
 * addresses a page joins. A ring is joined only while it rings or is about to in time; one that does not come would
 * swallow the page.
 */
import { SELF } from '../model/about-tocsin.ts';
import { isOver, type Incident, type Page, type Ring } from '../model/incident.ts';
import type { Ringing } from '../model/lookups.ts';
import { encodeAddress } from '../model/keys.ts';
import type { Lookups } from '../model/lookups.ts';
import { decodeRing, type PageId } from '../model/made-ids.ts';
import type { PageAddress, Policy, Urgency } from '../model/policy.ts';
import { findLevel, levelOf, type Decision, type Look } from '../model/decision.ts';
import { isOfOffer } from './offers.ts';
import { comesInTime, isThrough, isUnshown } from './progress.ts';
import { isFreshSince, isSilenced, rangAt, ringsSince } from './sharing.ts';

/** Whether it can be written beside what rings there what it is for as well. */
export function canShow(policy: Policy, target: string): boolean {
  return policy.targets[target]?.can.includes('pager.note') === true;
}

/** Whether it rings under the key of another page, which it joined: what is there shows that one, whoever asked for it. */
function isOfAnother(
  { state, context }: Look<'state' | 'context'>,
  { id, adopted }: Pick<Page, 'id' | 'adopted'>,
  { key }: Pick<Ring, 'key'>,
): boolean {
  if (adopted) return false;
  const asked = decodeRing(key);
  if (asked === null) return true;
  const { instance, incident, page } = asked;
  return instance !== context.lookups.instance || incident !== state.id || page !== id;
}

/**
 * What its pager's word that it rings makes of it: where that can be shown there, what rings under the key of another page is
 * joined only once it is. That this page asked for it as well changes nothing: of several attempts under one key the first
 * to be carried out gives its words.
 */
export function confirmedStatus(
  look: Look<'state' | 'context' | 'policy'>,
  page: Pick<Page, 'id' | 'adopted'>,
  ring: Pick<Ring, 'status' | 'target' | 'key'>,
): Ring['status'] {
  const { status, target } = ring;
  if (status === 'joined') return 'joined';
  if (isOfAnother(look, page, ring) && canShow(look.policy, target)) return 'joining';
  return status === 'joining' ? 'joined' : 'confirmed';
}

/** Whether the ring was joined and given up: what is said there is about others alone. */
export function isLeft(
  look: Look<'state' | 'context'>,
  page: Pick<Page, 'id' | 'adopted'>,
  ring: Pick<Ring, 'status' | 'key'>,
): boolean {
  return ring.status === 'failed' && isOfAnother(look, page, ring);
}

/** As what others see the ring; null: it does not ring. One that joined rings on by itself when the one it joined is over. */
const SEEN_AS: Readonly<Record<Ring['status'], Ringing['status'] | null>> = {
  pending: 'pending',
  accepted: 'accepted',
  confirmed: 'confirmed',
  joining: 'pending',
  joined: 'confirmed',
  withheld: null,
  failed: null,
  lost: null,
  closed: null,
};

interface Seen {
  readonly ring: Ring;
  readonly status: Ringing['status'];
}

/** Where the phone is: a ring that its pager confirmed, else the newest one that is under way. */
function phoneOf({ rings }: Page): Seen | null {
  const seen = rings.flatMap((ring): readonly Seen[] => {
    // Its pager has spoken of what it joined: that phone rings, whether or not it is written there for whom else.
    const status = isUnshown(ring) ? 'confirmed' : SEEN_AS[ring.status];
    return status === null ? [] : [{ ring, status }];
  });
  return seen.findLast(({ status }) => status === 'confirmed') ?? seen.at(-1) ?? null;
}

/** Whether it is about something that is wrong outside of Tocsin: neither a test of a phone nor an alert of its own. */
function isReal({ kind, routing }: Incident): boolean {
  return kind !== 'test' && routing.source !== SELF;
}

/**
 * What others may join of the page; null: nothing. One that somebody else's answer silenced tells nothing about its
 * person, and what still rings for an incident that is over, or that is not real, is about that alone, as is an offer.
 */
export function ringingOf(state: Incident, page: Page): Ringing | null {
  if (page.state === 'closed' || isSilenced(state, page)) return null;
  if (!isReal(state) || isOver(state) || isOfOffer({ state }, page)) return null;
  const phone = phoneOf(page);
  if (phone === null) return null;
  const { ring, status } = phone;
  const { team, service } = state.routing;
  const isOwn = ring.status !== 'joined' && ring.status !== 'joining';
  return {
    incident: state.id,
    page: page.id,
    person: page.person,
    address: encodeAddress(ring.address),
    target: ring.target,
    key: ring.key,
    status,
    at: ring.at,
    urgency: page.urgency,
    level: state.level,
    since: isOwn ? ringsSince(state, page) : Math.min(page.requestedAt, ring.at),
    team,
    service,
    parent: state.parent,
    acknowledged: page.state === 'acknowledged',
  };
}

/** Whether the other ring is of the same team, of a service that ours depends on, or of the same storm. */
function isRelated({ state, policy }: Decision, other: Ringing): boolean {
  const { service, team } = state.routing;
  const dependsOn = service === null ? [] : (policy.services[service]?.dependsOn ?? []);
  const isOfStorm =
    (state.storm?.children.includes(other.incident) ?? false) ||
    (state.parent !== null && (other.incident === state.parent || other.parent === state.parent));
  return (
    other.team === team ||
    isOfStorm ||
    (other.service !== null && dependsOn.includes(other.service))
  );
}

/**
 * One that began later than now, by a clock that was put back, tells nothing about how long it has rung. Where alarms ring
 * more often than that, a ring serves no longer than their interval: two incidents would join each other's, and ring less
 * than one.
 */
function isFresh(look: Look<'context' | 'now' | 'policy'>, { since }: Ringing): boolean {
  const rungFor = look.now - rangAt(look, since);
  const isWithin = rungFor < look.policy.automation.alarmEveryMs;
  return since <= look.now && isWithin && isFreshSince(look, since);
}

/**
 * Whether the other's level is at least as bad. One that is pending counts as the worst, and of one that a reload has
 * removed nobody knows.
 */
function isAsBad(decision: Decision, { level }: Ringing): boolean {
  if (level === null) return true;
  const other = findLevel(decision.policy, level)?.rank ?? Number.POSITIVE_INFINITY;
  return other <= (levelOf(decision)?.rank ?? 0);
}

/** Whether a page of the incident has joined it and given it up: it would only come to that again. */
function wasLeft(decision: Decision, { key }: Ringing): boolean {
  return Object.values(decision.state.pages).some((page) =>
    page.rings.some((ring) => ring.key === key && isLeft(decision, page, ring)),
  );
}

/** Whether a page before it, which rang for any of the same, has joined a ring and given it up. */
export function hasLeftBefore(look: Look<'state' | 'context'>, page: Page): boolean {
  return Object.values(look.state.pages).some(
    (one) =>
      one.id !== page.id &&
      one.escalations.some((id) => page.escalations.includes(id)) &&
      one.rings.some((ring) => isLeft(look, one, ring)),
  );
}

/** An answer says that somebody is here: in the same storm, and of the person who is wanted. */
function isHeard({ state }: Look<'state'>, other: Ringing, person: string | null): boolean {
  return !other.acknowledged || (state.storm !== null && other.person === person);
}

/** Whose phone is to ring, by which of their addresses. */
export interface Callee {
  /** Null: the vendor decides whose phone rings. */
  readonly person: string | null;
  readonly addresses: readonly PageAddress[];
  readonly urgency: Urgency;
}

export interface Joinable {
  readonly ringing: Ringing;
  /** The callee's own form of the address that rings. */
  readonly address: PageAddress;
}

/**
 * The ring of another incident that a page for the callee joins; null: it rings for itself. What counts is the address
 * that rings, not whose it is.
 */
export function joinable(
  decision: Decision,
  { person, addresses, urgency }: Callee,
): Joinable | null {
  const { state, context } = decision;
  if (state.kind === 'test') return null;
  const isJoinable = (other: Ringing): boolean =>
    (other.urgency === 'high' || urgency === 'low') &&
    isAsBad(decision, other) &&
    isHeard(decision, other, person) &&
    isFresh(decision, other) &&
    !wasLeft(decision, other) &&
    comesInTime(decision, other) &&
    isRelated(decision, other);
  for (const address of addresses) {
    const ringing = context.lookups.ringsAt(encodeAddress(address)).find(isJoinable);
    if (ringing !== undefined) return { ringing, address };
  }
  return null;
}

/**
 * The ring of a page that joins; it counts as rung once its pager has confirmed it and whoever looks there sees it, and fails
 * over with the one it joins.
 */
export function joiningRing(
  { ringing, address }: Joinable,
  { policy, now }: Look<'policy' | 'now'>,
): Ring {
  const isThere = isThrough(ringing, policy);
  return {
    target: ringing.target,
    address,
    key: ringing.key,
    status: isThere && !canShow(policy, ringing.target) ? 'joined' : 'joining',
    ref: null,
    url: null,
    finds: 0,
    isSpokenOf: isThere,
    // Whoever joins this one joins a phone that rings since then.
    at: isThere ? ringing.since : ringing.at,
    askedAt: ringing.at,
    mayComeAgain: false,
    joinedAt: canShow(policy, ringing.target) ? null : now,
  };
}

const NOTE = 'This phone rings for ';

/** What is written beside a ring of its own that rings for more by now, or beside one that was joined. */
export function noteText(
  { id, level, title }: Incident,
  { status }: Pick<Ring, 'status'>,
  { reason, apart }: { readonly reason: string; readonly apart: string },
): string {
  const graded = level === null ? '' : ` [${level}]`;
  if (status !== 'joined' && status !== 'joining') {
    const meaning = apart === '' ? 'is for all of it' : apart;
    return `${NOTE}more by now${graded}: ${reason} An answer here ${meaning}.`;
  }
  const incident = `${id}${graded} ${title}`;
  const meaning = apart === '' ? '' : `; in this one it ${apart}`;
  return `${NOTE}another incident as well: ${incident}. ${reason} An answer here is for both${meaning}.`;
}

/** Whether the note at the vendor is one of ours, whoever the vendor says wrote it. */
export function isNoteOfOurs(text: string | null): boolean {
  return text?.startsWith(NOTE) === true;
}

type UnderKey = Pick<Ring, 'target' | 'key'>;

function ringUnder({ rings }: Page, { target, key }: UnderKey): Ring | undefined {
  return rings.find((ring) => ring.target === target && ring.key === key);
}

/** How the page stands to what rings by that ring of it: what was refused or given up there is over for it. */
export function stateUnder(
  page: Pick<Page, 'state'>,
  { status }: Pick<Ring, 'status'>,
): Page['state'] {
  return status === 'failed' || status === 'withheld' ? 'closed' : page.state;
}

/** Pages of the incident that ring under the key, or did, but for the one that is asked about. */
function pagesUnder(state: Incident, at: UnderKey, except: PageId | null): readonly Page[] {
  return Object.values(state.pages).filter(
    (page) => page.id !== except && ringUnder(page, at) !== undefined,
  );
}

/** How the other pages of the incident stand to what rings under the key. */
function statesUnder(state: Incident, at: UnderKey, except: PageId): readonly Page['state'][] {
  return pagesUnder(state, at, except).flatMap((page) => {
    const ring = ringUnder(page, at);
    return ring === undefined ? [] : [stateUnder(page, ring)];
  });
}

/** Whether the ring is that of another page as well, of this incident or another: the end of the one is not that of the other. */
export function isShared(
  { state, context }: Look<'state' | 'context'>,
  { id }: Page,
  ring: Ring,
): boolean {
  return (
    statesUnder(state, ring, id).some((other) => other !== 'closed') ||
    context.lookups.isShared(ring)
  );
}

/** The incident, and what is known of the others. */
export interface AwaitedLook extends Look<'state'> {
  readonly context: { readonly lookups: Pick<Lookups, 'isAwaited'> };
}

/** Whether another page, of this incident or another, waits by the ring for an answer. */
export function isAwaitedByOthers(
  { state, context }: AwaitedLook,
  { id }: Pick<Page, 'id'>,
  ring: Ring,
): boolean {
  return statesUnder(state, ring, id).includes('open') || context.lookups.isAwaited(ring);
}

/** How they ended: by whose answer; null: without one, and their pager has closed it. */
export function endedUnder(
  state: Incident,
  at: UnderKey,
  except: PageId | null,
): readonly (string | null)[] {
  return pagesUnder(state, at, except).flatMap((page) => {
    if (page.acknowledgedAt !== null) return [page.acknowledgedBy];
    return page.state === 'closed' && ringUnder(page, at)?.status === 'closed' ? [null] : [];
  });
}
