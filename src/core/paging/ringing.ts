/**
 * Ringing: from wanted candidates to pages. One person, one ring: two escalations, or two related incidents, that lead to the
 * same person share the page that rings them.
 */
import { encodePage, encodeRing, type PageId } from '../model/made-ids.ts';
import type { Instant } from '../model/alert.ts';
import { candidatesOf, type Candidate } from '../people/candidates.ts';
import type { PageEffect } from '../model/effect.ts';
import { isOwed, type Page, type Ring } from '../model/incident.ts';
import type { PageAddress, Urgency } from '../model/policy.ts';
import { type Callee, canShow, joinable, isLeft, isShared, joiningRing } from './joining.ts';
import {
  isFreshRing,
  ringOutOf,
  serves,
  soughtByPages,
  type Sharing,
  urgencyNow,
} from './sharing.ts';
import { isOfOffer } from './offers.ts';
import {
  FIND_FIRST_MS,
  addressesLeft,
  canBeAsked,
  isDelivered,
  isGivingWay,
  isThrough,
  isUnshown,
  mayBeKnown,
  mayRing,
  openPages,
  silentPagers,
} from './progress.ts';
import { decodeEscalation, encodeAddress, encodeStream, type EscalationId } from '../model/keys.ts';
import { isOver } from '../model/incident.ts';
import { type NextRing, wordsOf } from './words.ts';
import { emit, levelOf, send, type Look, type Decision } from '../model/decision.ts';

export interface Want {
  readonly escalation: EscalationId;
  readonly candidate: Candidate;
  readonly urgency: Urgency;
  /**
   * What rang before led nowhere: the phone is to ring once more. The vendor's own ring, which we only adopted, is not
   * shared, nor is an answer that is older than what nobody has answered.
   */
  readonly anew?: boolean;
  /** Whoever answered before has not heard of it. */
  readonly isNews?: boolean;
  /** Pages that ring on until a pager has the one that it asks for. */
  readonly insteadOf?: readonly PageId[];
}

/** The page and ring that an effect was about; null: the state knows none. */
export function ringOf(
  { state }: Look<'state'>,
  about: Pick<PageEffect, 'page' | 'target' | 'key'>,
): NextRing | null {
  const page = state.pages[about.page];
  const found = page?.rings.find((one) => one.target === about.target && one.key === about.key);
  return page === undefined || found === undefined ? null : { page, ring: found };
}

/** Whom a page, or a wish for one, calls. */
type Called = Pick<Candidate, 'person' | 'addresses'>;

/** What tells whom it calls: the person, or else the addresses. */
export function identity(candidate: Called): string {
  return candidate.person ?? candidate.addresses.map(encodeAddress).join('|');
}

/** Whether the page rings for the candidate already. */
export function isSamePerson(page: Page, candidate: Called): boolean {
  if (candidate.person !== null) return page.person === candidate.person;
  return page.person === null && identity(page) === identity(candidate);
}

/** What was adopted by a source without a target: its vendor was only heard, and can be told nothing. */
export function isOnlyHeard(
  { policy }: Look<'policy'>,
  { target }: Pick<Ring, 'target'>,
  name: PageEffect['name'],
): boolean {
  return policy.targets[target]?.can.includes(name) === false;
}

function streamAndLaneOf(
  name: PageEffect['name'],
  { target, key }: Ring,
): Pick<PageEffect, 'stream' | 'lane'> {
  const of = (kind: 'ring' | 'ring.find' | 'ring.note'): string =>
    encodeStream({ kind, target, key });
  switch (name) {
    case 'pager.find':
      return { stream: of('ring.find'), lane: 'housekeeping' };
    case 'pager.note':
      return { stream: of('ring.note'), lane: 'housekeeping' };
    case 'pager.trigger':
    case 'pager.acknowledge':
    case 'pager.resolve':
      return { stream: of('ring'), lane: 'page' };
  }
}

/** Whose level is pending may be the worst. */
function rankOf(decision: Decision, name: PageEffect['name']): number {
  return name === 'pager.trigger' ? (levelOf(decision)?.rank ?? 0) : decision.policy.levels.length;
}

/** Sends one page effect for a ring; it says what the page serves now. */
export function sendPage(
  decision: Decision,
  next: NextRing,
  order: { readonly name: PageEffect['name']; readonly dueAt?: Instant },
): void {
  const { ring } = next;
  const { name } = order;
  if (isOnlyHeard(decision, ring, name)) {
    const verb = name === 'pager.acknowledge' ? 'acknowledge' : 'resolve';
    const text = `Tocsin has no target there and cannot ${verb} it; do it at the vendor`;
    emit(decision, { type: 'PageNoted', page: next.page.id, action: 'rings on', by: null, text });
    return;
  }
  const page = decision.state.pages[next.page.id] ?? next.page;
  const { state } = decision;
  send(decision, {
    name,
    ...streamAndLaneOf(name, ring),
    target: ring.target,
    page: page.id,
    key: ring.key,
    address: ring.address,
    urgency: page.urgency,
    rank: rankOf(decision, name),
    severity: state.level,
    ...wordsOf(decision, { page, ring }, name),
    origin: state.routing.service ?? state.routing.source,
    links: state.routing.links,
    dueAt: order.dueAt ?? decision.now,
  });
}

/** The ring with which a page begins or goes on: one that rings for a related incident already, else its own. */
function nextRing(
  decision: Decision,
  callee: Callee,
  place: { readonly page: PageId; readonly number: number; readonly isAlone: boolean },
): { readonly ring: Ring; readonly joins: string | null } | null {
  const joined = place.isAlone ? null : joinable(decision, callee);
  if (joined !== null) {
    const ring = joiningRing(joined, decision);
    // At a further pager there is a minute from now on to show it there; else from when the page was asked for.
    const at = place.number > 1 && isUnshown(ring) ? decision.now : ring.at;
    return { ring: { ...ring, at }, joins: joined.ringing.incident };
  }
  const silent = silentPagers(decision);
  const address = callee.addresses.find(({ target }) => !silent.has(target)) ?? callee.addresses[0];
  if (address === undefined) return null;
  const ring: Ring = {
    target: address.target,
    address,
    key: encodeRing({
      instance: decision.context.lookups.instance,
      incarnation: decision.context.lookups.incarnation,
      incident: decision.state.id,
      page: place.page,
      number: place.number,
    }),
    status: 'pending',
    ref: null,
    url: null,
    finds: 0,
    isSpokenOf: false,
    at: decision.now,
    askedAt: decision.now,
    mayComeAgain: false,
    joinedAt: null,
  };
  return { ring, joins: null };
}

function withJoined(because: string, joins: string | null): string {
  return joins === null ? because : `${because}; already ringing for ${joins}`;
}

function request(
  decision: Decision,
  candidate: Candidate,
  want: {
    readonly escalations: readonly EscalationId[];
    readonly urgency: Urgency;
    /** It joins nothing. */
    readonly isAlone?: boolean;
    /** They ring on until a pager has it. */
    readonly insteadOf?: readonly PageId[];
  },
): void {
  const id = encodePage(Object.keys(decision.state.pages).length + 1);
  const first = nextRing(
    decision,
    { ...candidate, urgency: want.urgency },
    { page: id, number: 1, isAlone: want.isAlone === true || isOfOffer(decision, want) },
  );
  if (first === null) return;
  const { ring, joins } = first;
  const page: Page = {
    id,
    person: candidate.person,
    label: candidate.label,
    addresses: candidate.addresses,
    rings: [ring],
    escalations: want.escalations,
    urgency: want.urgency,
    state: 'open',
    adopted: false,
    insteadOf: want.insteadOf ?? [],
    requestedAt: decision.now,
    acknowledgedBy: null,
    acknowledgedAt: null,
    unreachableSince: null,
    endedThereAt: null,
  };
  emit(decision, { type: 'PageRequested', page, because: withJoined(candidate.because, joins) });
  begin(decision, { page, ring });
}

/**
 * Asks the pager for the ring. One that joins is asked for already, and uses up nothing of what the pager takes a minute:
 * it is shown beside the other, and looked for while nobody knows whether that one rings.
 */
function begin(decision: Decision, next: NextRing): void {
  const { status, target } = next.ring;
  if (status === 'joined') return;
  if (isUnshown(next.ring)) showMore(decision, next);
  else if (status === 'joining' && canBeAsked(decision.policy, target))
    sendPage(decision, next, { name: 'pager.find', dueAt: decision.now + FIND_FIRST_MS });
  else sendPage(decision, next, { name: 'pager.trigger' });
}

/** Whoever looks at what rings sees at the vendor, too, what else it is for: another incident, or another role. */
function showMore(decision: Decision, next: NextRing): void {
  const { target } = next.ring;
  if (!canShow(decision.policy, target)) return;
  const isThere = isUnshown(next.ring) || isThrough(next.ring, decision.policy);
  const isSoon = isThere && !isGivingWay(decision, next.page);
  const dueAt = isSoon ? decision.now : decision.now + FIND_FIRST_MS;
  sendPage(decision, next, { name: 'pager.note', dueAt });
}

/**
 * Closes a page and its object at every vendor where it rang. The vendor's own incident, which we only adopted, ends with
 * ours: closed earlier it would come back as a recovery that nobody saw.
 */
export function closePage(decision: Decision, page: Page, because: string): void {
  if (page.state === 'closed' || (page.adopted && !isOver(decision.state))) return;
  emit(decision, { type: 'PageClosed', page: page.id, because });
  for (const one of page.rings) {
    if (!mayBeKnown(one)) continue;
    // Where pages that were answered hold the ring as well, it is not closed; it rang on for this one only.
    if (page.state === 'open' && isShared(decision, page, one))
      sendPage(decision, { page, ring: one }, { name: 'pager.acknowledge' });
    sendPage(decision, { page, ring: one }, { name: 'pager.resolve' });
  }
}

/** Whether it looks for whoever is on call for a service. */
function isForService(search: EscalationId): boolean {
  return decodeEscalation(search).kind === 'service';
}

/** Whether whoever answered as on call for one service of a storm may have answered for this one: it is no news to them. */
function isAsBefore({ escalation, anew, isNews }: Want): boolean {
  return isForService(escalation) && anew !== true && isNews !== true;
}

function wantedBy({ state }: Decision, group: readonly Want[]): Sharing {
  return {
    urgency: group.some((want) => want.urgency === 'high') ? 'high' : 'low',
    isAnew: group.some((want) => want.anew === true),
    isMoreOfStorm: state.storm !== null && group.every(isAsBefore),
  };
}

/**
 * The page serves the searches, too; whoever looks at what rings sees at the vendor for what. The services of a storm would
 * be one note after the other: there the first of them is said.
 */
export function share(decision: Decision, page: Page, searches: readonly EscalationId[]): void {
  const isSaid = decision.state.storm !== null && page.escalations.some(isForService);
  const added = searches.filter(
    (id) => !page.escalations.includes(id) && !(isSaid && isForService(id)),
  );
  for (const escalation of searches)
    emit(decision, { type: 'PageShared', page: page.id, escalation });
  if (page.state === 'open' && added.length > 0) showAllOf(decision, [page]);
}

/** Beside what rings, whoever looks sees for what it does by now, and the level of now. What is there already is not written twice. */
export function showAllOf(decision: Decision, pages: readonly Page[]): void {
  for (const page of pages)
    for (const ring of page.rings) if (mayBeKnown(ring)) showMore(decision, { page, ring });
}

/**
 * What rings on until a pager has the page that takes its place, and what that one looks for besides: all that they looked
 * for. What was to take such a place, or has waited too long, without any pager having it is given up: no phone rings by it.
 */
function givingWay(
  decision: Decision,
  ids: readonly PageId[],
): { readonly insteadOf: readonly PageId[]; readonly sought: readonly EscalationId[] } {
  const isMeant = (id: PageId): boolean => ids.includes(id);
  const meant = openPages(decision).filter(
    (page) => isMeant(page.id) || page.insteadOf.some(isMeant),
  );
  const inVain = meant.filter(
    (page) =>
      !isDelivered(page, decision.policy) &&
      !page.rings.some(isUnshown) &&
      (page.insteadOf.length > 0 || !mayRing(page) || !isFreshRing(decision, page)),
  );
  const sought = soughtByPages(
    decision,
    meant.filter((page) => isMeant(page.id) || inVain.includes(page)),
  );
  for (const page of inVain) closePage(decision, page, 'it rings anew');
  const all = [...ids, ...inVain.flatMap(({ insteadOf }) => insteadOf)];
  const ringing = new Set(openPages(decision).map(({ id }) => id));
  return { insteadOf: [...new Set(all)].filter((id) => ringing.has(id)), sought };
}

/** A page for all that the candidate is wanted for, and for what rang too long to be shared. */
function requestAnew(
  decision: Decision,
  candidate: Candidate,
  want: {
    readonly searches: readonly EscalationId[];
    readonly urgency: Urgency;
    readonly insteadOf: readonly PageId[];
  },
): void {
  const old = ringOutOf(decision, (page) => isSamePerson(page, candidate));
  const wasLoud = old.some((page) => page.urgency === 'high');
  const before = givingWay(decision, [...want.insteadOf, ...old.map(({ id }) => id)]);
  request(decision, candidate, {
    escalations: [...new Set([...want.searches, ...before.sought])],
    urgency: wasLoud ? urgencyNow(decision, { urgency: 'high' }) : want.urgency,
    insteadOf: before.insteadOf,
  });
}

/**
 * Rings the wanted candidates, each person once. Returns the searches of a storm that are answered already, with the person:
 * they answered for another of its services a moment ago.
 */
export function ring(
  decision: Decision,
  wants: readonly Want[],
): readonly { readonly escalation: EscalationId; readonly by: string }[] {
  const answered: { escalation: EscalationId; by: string }[] = [];
  const groups = new Map<string, Want[]>();
  for (const want of wants) {
    const key = identity(want.candidate);
    groups.set(key, [...(groups.get(key) ?? []), want]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const wanted = wantedBy(decision, group);
    const searches = [...new Set(group.map((want) => want.escalation))];
    // An offer is a question of its own: its answer is none to anything else, nor the other way round.
    if (isOfOffer(decision, { escalations: searches })) {
      request(decision, first.candidate, { escalations: searches, urgency: wanted.urgency });
      continue;
    }
    const insteadOf = group.flatMap((want) => want.insteadOf ?? []);
    const here = Object.values(decision.state.pages).find(
      (page) =>
        isSamePerson(page, first.candidate) &&
        !insteadOf.includes(page.id) &&
        serves(decision, page, wanted),
    );
    if (here === undefined) {
      requestAnew(decision, first.candidate, { searches, urgency: wanted.urgency, insteadOf });
      continue;
    }
    share(decision, here, searches);
    if (here.state === 'acknowledged')
      answered.push(
        ...searches.map((escalation) => ({ escalation, by: here.acknowledgedBy ?? here.label })),
      );
  }
  return answered;
}

/** Rings the next address of a page that did not get through; false: there is none left. */
export function failOver(decision: Decision, page: Page, because: string): boolean {
  const place = {
    page: page.id,
    number: page.rings.length + 1,
    isAlone: isOfOffer(decision, page),
  };
  const next = nextRing(decision, { ...page, addresses: addressesLeft(page) }, place);
  if (next === null) return false;
  const { ring, joins } = next;
  emit(decision, { type: 'PageRung', page: page.id, ring, because: withJoined(because, joins) });
  begin(decision, { page, ring });
  return true;
}

/** What is known of a ring has changed. */
export function changeRing(
  decision: Decision,
  { page, ring }: NextRing,
  change: { detail: string } & Pick<Ring, 'status'> &
    Partial<Pick<Ring, 'ref' | 'url' | 'finds' | 'isSpokenOf' | 'askedAt' | 'mayComeAgain'>>,
): void {
  emit(decision, {
    type: 'RingChanged',
    page: page.id,
    target: ring.target,
    key: ring.key,
    status: change.status,
    ref: change.ref ?? null,
    url: change.url ?? null,
    // They count looks in a row that found nothing, which anything else that is told of it ends.
    finds: change.finds ?? 0,
    isSpokenOf: change.isSpokenOf ?? ring.isSpokenOf,
    askedAt: change.askedAt ?? ring.askedAt,
    mayComeAgain: change.mayComeAgain ?? ring.mayComeAgain,
    detail: change.detail,
  });
  const after = {
    ...ring,
    status: change.status,
    isSpokenOf: change.isSpokenOf ?? ring.isSpokenOf,
  };
  if (isUnshown(after) && !isUnshown(ring)) showMore(decision, { page, ring: after });
  if (!isLeft(decision, page, after) || isLeft(decision, page, ring)) return;
  // It is that of others now, and what was to silence or close it for them may have been dropped because of this page.
  for (const name of ['pager.acknowledge', 'pager.resolve'] as const)
    sendPage(decision, { page, ring: after }, { name });
}

/**
 * What a page joined does not tell whoever looks there of its incident: it is given up, and the phone rings by another page,
 * by another pager where there is one.
 * @param how mayJoin: its pager rings, and is only slow to show why: of many that gave it up one rings, and the others join that
 */
export function ringByItself(
  decision: Decision,
  { page, ring }: NextRing,
  how: { readonly why: string; readonly mayJoin?: boolean },
): void {
  const { why, mayJoin = false } = how;
  changeRing(decision, { page, ring }, { status: 'failed', isSpokenOf: false, detail: why });
  closePage(decision, decision.state.pages[page.id] ?? page, 'it rings by itself');
  const isElsewhere = ({ target }: PageAddress): boolean => target !== ring.target;
  const addresses = [
    ...page.addresses.filter(isElsewhere),
    ...page.addresses.filter((address) => !isElsewhere(address)),
  ];
  const { person, label, escalations, urgency, insteadOf } = page;
  request(
    decision,
    { person, label, addresses, because: why },
    {
      escalations: escalations.filter((id) => isOwed(decision.state.escalations[id])),
      urgency,
      insteadOf,
      isAlone: !mayJoin,
    },
  );
}

/** A page by which it is known whose phone rings. */
export type PageOfPerson = Page & { readonly person: string };

/**
 * The phone rings once more, by the addresses that the file has now: there is news that what rang does not tell. What its
 * searches have come to stays; it rings on until a pager has the new page.
 */
export function ringAnew(decision: Decision, page: PageOfPerson, why: string): void {
  const { person, urgency, id } = page;
  const named = { kind: 'person', person } as const;
  const [candidate] = candidatesOf(named, decision.context, decision.state.routing).list;
  if (candidate === undefined) return;
  const { insteadOf, sought: escalations } = givingWay(decision, [id]);
  request(decision, { ...candidate, because: why }, { escalations, urgency, insteadOf });
}
