/** Whom a lowering lets sleep: roles that it does not ask for are searched no more, and what only a raise was to tell rings nobody. */
import type { Instant } from '../model/alert.ts';
import { findLevel, type Decision } from '../model/decision.ts';
import { isAskedFor, isOwed, type Incident, type Page } from '../model/incident.ts';
import { decodeEscalation } from '../model/keys.ts';
import type { Level } from '../model/policy.ts';
import { endEscalation } from '../paging/escalating.ts';
import { acceptedBy, isDelivered, isRecorded, openPages } from '../paging/progress.ts';
import { closePage } from '../paging/ringing.ts';
import { soughtByPages } from '../paging/sharing.ts';

/**
 * Roles that the milder level does not ask for are no longer searched; whoever holds one keeps it. One that it has on request
 * is searched on where somebody has asked for it.
 */
function releaseRoles(decision: Decision, level: Level): void {
  const { onRequest, ...moments } = level.page;
  const asked = new Set(Object.values(moments).flat());
  for (const escalation of Object.values(decision.state.escalations)) {
    const { key } = escalation;
    if (!isOwed(escalation) || key.kind !== 'role' || asked.has(key.role)) continue;
    if (!isAskedFor(escalation) || !onRequest.includes(key.role))
      endEscalation(decision, escalation.id, `${level.id} does not ask for this role`);
  }
}

/** The level at that instant; null: it has been lowered since. */
function levelAt({ level, levelSince, raisedFrom }: Incident, at: Instant): string | null {
  const known = [...raisedFrom, { level, since: levelSince }];
  return known.findLast(({ since }) => since <= at)?.level ?? null;
}

/** Whether its phone rings, and has told of a level as bad as the one of now. */
function tellsEnough({ policy }: Decision, page: Page, { before, to }: Lowering): boolean {
  const level = findLevel(policy, levelAt(before, page.requestedAt));
  return level !== null && level.rank <= to.rank && isDelivered(page, policy);
}

interface Lowering {
  /** What the incident was before. */
  readonly before: Incident;
  readonly to: Level;
}

/**
 * A new ring that no pager has yet is needless where those in whose place it was to ring tell enough, for all that it looks
 * for: what has fired again is looked for by a search of its own. What an alarm rings stays.
 */
function takeBackRings(decision: Decision, lowering: Lowering): void {
  for (const page of openPages(decision)) {
    if (page.insteadOf.length === 0 || acceptedBy(page) !== undefined || isRecorded(page)) continue;
    const ringing = openPages(decision).filter(({ id }) => page.insteadOf.includes(id));
    const served = new Set(ringing.flatMap(({ escalations }) => escalations));
    const isServed = soughtByPages(decision, [page]).every(
      (search) => served.has(search) && decodeEscalation(search).kind !== 'alarm',
    );
    if (!isServed || ringing.length === 0) continue;
    if (ringing.every((one) => tellsEnough(decision, one, lowering)))
      closePage(decision, page, 'it was lowered before any pager had it');
  }
}

/** The level is milder now: nobody is rung for what that does not ask for any more. */
export function lowerRings(decision: Decision, before: Incident, to: Level): void {
  releaseRoles(decision, to);
  takeBackRings(decision, { before, to });
}
