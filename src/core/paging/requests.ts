/** Whom a search asks, and how it goes on, as the configuration has it now: for a role, and for the on-call of a service. */
import { roleOf, urgencyOf, type Look } from '../model/decision.ts';
import { isOwed, type Escalation } from '../model/incident.ts';
import { encodeEscalation, type EscalationKey } from '../model/keys.ts';
import type { EscalationChoice, EscalationStep, Recipient } from '../model/policy.ts';

export interface EscalationRequest {
  readonly key: EscalationKey;
  /** What it is about, where the key does not tell. */
  readonly about?: string | null;
  readonly recipient: Recipient;
  readonly escalation: EscalationChoice;
  readonly fallback: readonly Recipient[];
  /** Walked in place of the steps of the policy that it names. */
  readonly steps?: readonly EscalationStep[];
  /** The policy whose limit by level holds for those steps all the same; missing: there is none. */
  readonly limitedBy?: string;
  /** Whoever answered before has not heard of it. */
  readonly isNews?: boolean;
}

/** No policy has this name: what is walked instead of one has no limit by level either. */
const NO_POLICY = '';

/** The steps of the request, pinned: what a reload changes counts from the next time that it begins. */
export function walkOf(
  { policy }: Look<'policy'>,
  { escalation, steps, limitedBy = NO_POLICY }: EscalationRequest,
): Escalation['walk'] {
  if (steps !== undefined) return { kind: 'policy', policy: limitedBy, steps };
  if (escalation.kind === 'vendor') return escalation;
  const found = policy.escalationPolicies[escalation.policy];
  return {
    kind: 'policy',
    policy: escalation.policy,
    steps: found?.steps ?? [{ page: { kind: 'own' }, waitMs: null }],
  };
}

/** The search as it begins. */
export function begun(
  look: Look<'state' | 'policy' | 'now'>,
  request: EscalationRequest,
): Escalation {
  const id = encodeEscalation(request.key);
  return {
    id,
    key: request.key,
    about: request.about ?? null,
    recipient: request.recipient,
    fallback: request.fallback,
    walk: walkOf(look, request),
    step: 0,
    since: look.now,
    urgency: urgencyOf(look),
    state: 'open',
    answeredBy: null,
    newsAt: request.isNews === true ? look.now : null,
    ...(request.isNews === true ? progressOf(look.state.escalations[id]) : {}),
  };
}

/** What a search has come to that nobody has answered: news rings its first step again, and takes back nothing of it. */
function progressOf(before: Escalation | undefined): Partial<Escalation> {
  if (!isOwed(before)) return {};
  const { step, since, state } = before;
  return { step, since, state };
}

/** The escalation that fills a role. A role that is the service's on-call follows the service's own escalation, if it has one. */
export function roleRequest(look: Look<'state' | 'policy'>, id: string): EscalationRequest | null {
  const { state, policy } = look;
  const role = roleOf(look, id);
  if (role === null) return null;
  const service =
    state.routing.service === null ? undefined : policy.services[state.routing.service];
  const isOnCall = role.page.kind === 'service_on_call' && service !== undefined;
  return {
    key: { kind: 'role', role: id },
    recipient: role.page,
    escalation: isOnCall && !service.followsRole ? service.escalation : role.escalation,
    fallback: isOnCall && service.fallback.length > 0 ? service.fallback : role.fallback,
  };
}

/** The escalation of a service's on-call, for incidents whose level names no role for triage yet. */
export function serviceRequest(
  { policy }: Look<'policy'>,
  serviceId: string | null,
): EscalationRequest {
  const service = serviceId === null ? undefined : policy.services[serviceId];
  return {
    key: { kind: 'service', service: serviceId },
    recipient: { kind: 'service_on_call' },
    escalation: service?.escalation ?? { kind: 'vendor', unanswered: null },
    fallback: service?.fallback ?? [],
  };
}

/** Of which service the one who is on call is looked for; undefined: another is. */
export function serviceOf(
  { state }: Look<'state'>,
  { key, recipient }: Pick<EscalationRequest, 'key' | 'recipient'>,
): string | null | undefined {
  if (recipient.kind !== 'service_on_call') return undefined;
  return key.kind === 'service' ? key.service : state.routing.service;
}
