/**
 * Somebody holds the incident, and nothing is heard of them: they are asked where the responders are, then rung, then
 * whoever stands in for them is.
 */
import { roleRequest, serviceRequest, type EscalationRequest } from '../paging/requests.ts';
import type { Instant } from '../model/alert.ts';
import { emit, type Look, type Decision } from '../model/decision.ts';
import { holderText } from '../model/event-entry.ts';
import { isOwed, type Escalation } from '../model/incident.ts';
import { encodeEscalation, type EscalationKey } from '../model/keys.ts';
import { groundOf, rested } from '../model/obligation.ts';
import { own } from '../model/own.ts';
import type { EscalationStep, Recipient } from '../model/policy.ts';
import { textOf } from '../informing/informing.ts';
import { endEscalation, startEscalations } from '../paging/escalating.ts';
import { isGone } from '../paging/gone.ts';
import { othersThan, standInsFor } from '../paging/holders.ts';
import { openPagesOf } from '../paging/progress.ts';
import { share } from '../paging/ringing.ts';
import { roleApartFrom } from '../people/conflicts.ts';
import { say } from '../texts/messages.ts';
import { clockTime } from '../texts/text.ts';
import { askedAt, holderOf, whyFound, whyResting, type Holder } from './presence.ts';

/** Time to answer where the responders are, before the phone rings. */
export const ANSWER_WITHIN_MS = 5 * 60_000;
/** Where the holder's own escalation sets no time for its first step. */
const STEP_WAIT_MS = 5 * 60_000;

/** The moment has come to ask for a word of whoever holds it, to ring them, or to leave it at that. */
export function presenceDue(decision: Decision): void {
  const sought = decision.state.escalations[encodeEscalation({ kind: 'presence' })];
  if (isOwed(sought)) {
    ringOn(decision, sought);
    endEscalation(decision, sought.id, whyFound(decision, sought) ?? 'somebody is there');
    return;
  }
  const holder = holderOf(decision);
  if (typeof holder === 'string') return;
  if (askedAt(decision.state, holder) === null) ask(decision, holder);
  else startEscalations(decision, [searchFor(decision, holder)]);
}

/** The search that has begun for what somebody is missed in; null: there is none. */
function searchInstead({ state }: Look<'state'>): Escalation | null {
  const role = state.presence.asked?.role ?? null;
  const keys: readonly EscalationKey[] = [
    ...(role === null ? [] : [{ kind: 'role', role } as const]),
    { kind: 'service', service: state.routing.service },
  ];
  return keys.map((key) => state.escalations[encodeEscalation(key)]).find(isOwed) ?? null;
}

/** Whom it has come to rings on for the search that takes its place, which would ring them once more for the same. */
function ringOn(decision: Decision, { id }: Escalation): void {
  const instead = searchInstead(decision);
  if (instead === null || whyResting(decision) !== null) return;
  const { key } = instead;
  const isBarred = (person: string): boolean =>
    key.kind === 'role' && roleApartFrom(decision, key.role, person) !== null;
  for (const page of openPagesOf(decision, id))
    if (page.person === null || !isBarred(page.person)) share(decision, page, [instead.id]);
}

function timeOf({ policy }: Look<'policy'>, at: Instant): string {
  return clockTime(at, policy.timezone);
}

function ask(decision: Decision, holder: Holder): void {
  const { person, role, seenAt } = holder;
  const { id } = decision.state;
  emit(decision, { type: 'PresenceAsked', person, role, silentSince: seenAt });
  const instead = role === null ? '' : ` To take over: \`tocsin take ${id} ${role}\`.`;
  const ground = groundOf(decision.state, decision.context);
  const whom = isGone(decision, person) ? 'whoever the configuration names now' : person;
  const rungAt = timeOf(decision, rested(ground, decision.now + ANSWER_WITHIN_MS));
  const question = `Is anybody still on this? Nothing was heard of ${holderText(person, role)} since ${timeOf(decision, seenAt)}. Answer with \`tocsin ack ${id}\` or a note; otherwise ${whom} is rung at ${rungAt}.${instead}`;
  say(decision, textOf(decision, 'update.status', question), { kind: 'status' });
}

type Usual = Pick<EscalationRequest, 'recipient' | 'escalation' | 'fallback'>;

/** The search that would look for somebody in the holder's place, were nobody there at all. */
function usualSearch(look: Look<'state' | 'policy'>, { role }: Holder): Usual {
  const configured = role === null ? null : roleRequest(look, role);
  return configured ?? serviceRequest(look, look.state.routing.service);
}

/** How long that search gives the first to answer. */
function firstWaitMs({ policy }: Look<'policy'>, { escalation }: Usual): number {
  const waitMs =
    escalation.kind === 'vendor'
      ? escalation.unanswered?.afterMs
      : own(policy.escalationPolicies, escalation.policy)?.steps[0]?.waitMs;
  return waitMs ?? STEP_WAIT_MS;
}

/** Whom it would ring next: where the pager walks its own steps, whoever is paged when they led nowhere. */
function fallbackOf({ escalation, fallback }: Usual): readonly Recipient[] {
  if (fallback.length > 0 || escalation.kind === 'policy') return fallback;
  return escalation.unanswered === null ? [] : [escalation.unanswered.page];
}

/** First whoever is missed, then those who stand in for them, then their fallback. */
function searchFor(decision: Decision, holder: Holder): EscalationRequest {
  const { person, role, seenAt } = holder;
  const usual = usualSearch(decision, holder);
  const waitMs = firstWaitMs(decision, usual);
  const standIns = standInsFor(decision, holder);
  const others = othersThan(decision, person, fallbackOf(usual));
  const behind = standIns.length === 0 ? [] : others;
  const fallback = standIns.length === 0 ? others : standIns;
  const steps: readonly EscalationStep[] = [
    { page: { kind: 'own' }, waitMs },
    ...(fallback.length === 0 ? [] : [{ page: { kind: 'fallback' }, waitMs } as const]),
    ...behind.map((page) => ({ page, waitMs })),
  ];
  return {
    key: { kind: 'presence' },
    isNews: true,
    about: `nothing was heard of ${holderText(person, role)} since ${timeOf(decision, seenAt)}`,
    recipient: isGone(decision, person) ? usual.recipient : { kind: 'person', person },
    escalation: usual.escalation,
    fallback,
    steps,
  };
}
