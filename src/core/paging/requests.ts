/** Whom a search asks, and how it goes on, as the configuration has it now: for a role, and for the on-call of a service. */
import { roleOf, type Look } from '../model/decision.ts';
import type { EscalationKey } from '../model/keys.ts';
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
  /** Whoever answered before has not heard of it. */
  readonly isNews?: boolean;
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
