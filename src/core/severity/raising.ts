/**
 * A raise rings: whoever answered something softer, whoever has not heard of it, and whoever the level calls besides. What is
 * left to ring as it does shows the level of now.
 */
import {
  callsCommander,
  endOtherCommands,
  isCalled,
  isCommanded,
  momentsSoFar,
  pagesNobody,
} from '../command/declaring.ts';
import { isForAlarm } from '../model/events-paging.ts';
import { isOwed, type Escalation, type Incident, type Page } from '../model/incident.ts';
import { encodeEscalation, type EscalationId } from '../model/keys.ts';
import { own } from '../model/own.ts';
import type { Level } from '../model/policy.ts';
import { resumeExhausted, ringLouder, startEscalations } from '../paging/escalating.ts';
import { momentRequests } from '../paging/moments.ts';
import { joinable } from '../paging/joining.ts';
import { isAtIt, isOfOffer } from '../paging/offers.ts';
import { acceptedBy, isGivingWay, mayBeKnown, openPages } from '../paging/progress.ts';
import { roleRequest, serviceRequest, type EscalationRequest } from '../paging/requests.ts';
import { ringAnew, showAllOf, type PageOfPerson } from '../paging/ringing.ts';
import { isSoft, soughtByPages } from '../paging/sharing.ts';
import { urgencyOf, type Decision, type Look } from '../model/decision.ts';

/** A level that is worse than the one before. */
interface Raise {
  /** Null: the incident had none, which counts as the worst. */
  readonly from: Level | null;
  readonly to: Level;
  /** The person who says so; null: a rule, a trigger or a machine. */
  readonly by: string | null;
}

/** Who was found by it; null: nobody yet. */
function foundBy({ roles }: Incident, { key, state, answeredBy }: Escalation): string | null {
  if (state !== 'answered') return null;
  const holder = key.kind === 'role' ? own(roles, key.role)?.person : undefined;
  return holder ?? answeredBy;
}

/**
 * Whether a raise rings for it anew: not for an alarm, nor to ask again who has just shown that they are there, nor to tell
 * whoever was found by it what they say themselves.
 */
function ringsLouder(look: Look<'state'>, escalation: Escalation, { by }: Raise): boolean {
  if (isForAlarm(escalation) || !isSoft(look, escalation)) return false;
  if (by !== null && foundBy(look.state, escalation) === by) return false;
  return escalation.key.kind !== 'presence' || isOwed(escalation);
}

/** Looks for the on-call anew, as the file says now; null: it looked for somebody else, or the level calls none. */
function onCallRequest(decision: Decision, { key }: Escalation): EscalationRequest | null {
  if (pagesNobody(decision)) return null;
  if (key.kind === 'service') return serviceRequest(decision, key.service);
  if (key.kind !== 'role') return null;
  const usual = roleRequest(decision, key.role);
  // Asked anew, it may name who has the role.
  if (usual?.recipient.kind !== 'service_on_call') return null;
  return isCalled(decision, key.role) ? usual : null;
}

/**
 * A raise is news: the on-call who has answered, and is not at it, has not heard of it. Where somebody commands it is said
 * where they and everybody else read it, and whom to call is theirs to say.
 */
function unheardBy(decision: Decision, level: Level): readonly EscalationRequest[] {
  if (isCommanded(decision)) return [];
  const { state } = decision;
  return Object.values(state.escalations).flatMap((one) => {
    const request = one.state === 'answered' ? onCallRequest(decision, one) : null;
    if (request === null) return [];
    const who = foundBy(state, one);
    if (who !== null && isAtIt(decision, who)) return [];
    return [{ ...request, about: `It is ${level.id} now`, isNews: true }];
  });
}

/** Whether what it joined is as bad as its own incident is now: it would join that again. */
function wouldJoinAgain(decision: Decision, page: Page): boolean {
  const joined = joinable(decision, page)?.ringing.key;
  return page.rings.some(({ key, status }) => key === joined && mayBeKnown({ status }));
}

/**
 * Whether a phone rings for it with the level of before, and asks for somebody of whom nobody knows that they have heard of
 * the raise. What no pager has taken yet is worded when it leaves. What a vendor walks, by an address of its own or by an
 * incident that we adopted, is further on there than it would be if it began again.
 */
function ringsForLess(decision: Decision, page: Page, { by }: Raise): page is PageOfPerson {
  if (page.adopted || page.person === null || page.person === by) return false;
  if (isOfOffer(decision, page) || acceptedBy(page) === undefined) return false;
  if (isGivingWay(decision, page)) return false;
  const sought = soughtByPages(decision, [page]).flatMap(
    (id) => decision.state.escalations[id] ?? [],
  );
  if (sought.every(isForAlarm) || wouldJoinAgain(decision, page)) return false;
  // What rings too softly gives way to a search that begins anew.
  return page.urgency === 'high' || urgencyOf(decision) === 'low';
}

/** Rings whoever must come now that it is worse. */
export function raiseRings(decision: Decision, raise: Raise): void {
  const { from, to } = raise;
  // Where it calls nobody to command yet, whoever is looked for by the milder one is better than nobody.
  if (callsCommander(decision)) endOtherCommands(decision, `${to.id} has a command of its own`);
  const before = Object.values(decision.state.escalations);
  const idOf = ({ key }: EscalationRequest): EscalationId => encodeEscalation(key);
  const wanted = new Set(momentRequests(decision, momentsSoFar(decision)).map(idOf));
  const rang = new Set(openPages(decision).map(({ id }) => id));
  if (from !== null)
    for (const page of openPages(decision))
      if (ringsForLess(decision, page, raise)) ringAnew(decision, page, `it is ${to.id} now`);
  const softer =
    urgencyOf(decision) === 'high' ? before.filter((one) => ringsLouder(decision, one, raise)) : [];
  ringLouder(decision, softer);
  const called = momentRequests(decision, momentsSoFar(decision));
  startEscalations(decision, [
    ...called.filter((request) => wanted.has(idOf(request))),
    ...unheardBy(decision, to),
  ]);
  resumeExhausted(decision);
  showAllOf(
    decision,
    openPages(decision).filter(({ id }) => rang.has(id)),
  );
}
