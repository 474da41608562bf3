/** An answer to an escalation: what it settles, and that the phones which it settles stop ringing. */
import type { Instant } from '../model/alert.ts';
import { emit, roleOf, type Decision, type Look } from '../model/decision.ts';
import type { BodyOf } from '../model/event.ts';
import { roleText } from '../model/event-entry.ts';
import { isOwed, type Page, type Ring } from '../model/incident.ts';
import type { EscalationId } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { standInRoles } from '../people/standing-in.ts';
import { clearAlarm } from './alarms.ts';
import { mayBeKnown, settledPagesOf } from './progress.ts';
import { sendPage } from './ringing.ts';

/**
 * Somebody answered this escalation, and only this one. Every place that rang for it is told: other people's pages, and
 * the other pagers of the same page.
 */
export function answerEscalation(
  decision: Decision,
  escalationId: EscalationId,
  answer: {
    readonly by: string;
    /** The role that the answer gives them; null: none, or they have it already. */
    readonly fills: string | null;
  },
): void {
  const { by, fills } = answer;
  const escalation = decision.state.escalations[escalationId];
  if (!isOwed(escalation)) return;
  emit(decision, { type: 'EscalationAnswered', escalation: escalationId, by });
  clearAlarm(decision, { kind: 'escalation', escalation: escalation.key }, `${by} answered`);
  if (fills !== null) fillRole(decision, { role: fills, person: by, how: 'acknowledgement' });
  for (const page of settledPagesOf(decision, escalationId))
    stopRinging(decision, page, { by, from: null });
}

/**
 * The person has the role from now on, and stands in for it no more: whoever did both at once would break the rules of
 * combination. One commands at any time: whoever did so by another role has that one no more.
 */
export function fillRole(
  decision: Decision,
  filled: Pick<BodyOf<'RoleFilled'>, 'role' | 'person' | 'how'>,
): void {
  const { role, person } = filled;
  const kept = roleOf(decision, role);
  for (const id of standInRoles(decision, role, person)) {
    const because = `${person} takes over as ${roleText(role)}`;
    emit(decision, { type: 'RoleEnded', role: id, person, because });
  }
  emit(decision, { type: 'RoleFilled', ...filled, kept });
  if (kept?.commands !== true) return;
  const because = `${person} commands as ${roleText(role)}`;
  for (const [other, held] of Object.entries(decision.state.roles))
    if (other !== role && held.person !== person && roleOf(decision, other)?.commands === true)
      emit(decision, { type: 'RoleEnded', role: other, person: held.person, because });
}

/** Where the vendor speaks from. */
export interface HeardVia {
  /** Target, or the way that a person took. */
  readonly via: string;
  /** Key of the ring there; null: it is not known which one it is. */
  readonly key: string | null;
}

export interface PersonAnswer extends HeardVia {
  /** Person id, or the name by which the vendor knows somebody we do not. */
  readonly by: string;
  readonly known: boolean;
  /** When it was given, by the clock of the vendor that tells it; null: nobody knows. Missing: now. */
  readonly saidAt?: Instant | null;
}

/** One pager may ring several addresses of a person. */
export function isHeardFrom(ring: Ring, { via, key }: HeardVia): boolean {
  return ring.target === via && (key === null || ring.key === key);
}

/** Marks a page acknowledged and acknowledges it wherever it rang, except where the acknowledgement came from. */
export function stopRinging(
  decision: Decision,
  page: Page,
  how: { readonly by: string; readonly from: HeardVia | null },
): void {
  const { by, from } = how;
  emit(decision, { type: 'PageAcknowledged', page: page.id, by, via: from?.via ?? 'tocsin' });
  for (const one of page.rings) {
    if (from !== null && isHeardFrom(one, from)) continue;
    if (mayBeKnown(one)) sendPage(decision, { page, ring: one }, { name: 'pager.acknowledge' });
  }
}

/** Who answered the escalation on a page of their own; null: this page's acknowledgement was the answer. */
export function answeredElsewhere(
  { state }: Look<'state'>,
  page: Page,
  escalationId: EscalationId,
): string | null {
  const escalation = state.escalations[escalationId];
  if (escalation?.state !== 'answered') return null;
  const holder =
    escalation.key.kind === 'role' ? own(state.roles, escalation.key.role)?.person : undefined;
  // Whoever was given the role since has answered for it.
  if (holder !== undefined && holder !== page.acknowledgedBy) return holder;
  const theirs = Object.values(state.pages).find(
    (one) =>
      one.id !== page.id &&
      one.escalations.includes(escalationId) &&
      one.state === 'acknowledged' &&
      one.person !== null &&
      one.person === escalation.answeredBy,
  );
  return theirs?.person ?? null;
}
