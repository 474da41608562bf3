/** Whom a level wants at its moments and nobody looks for yet: triage, the declaration, and once somebody commands. */
import { levelOf, type Look } from '../model/decision.ts';
import { encodeEscalation, type EscalationKey } from '../model/keys.ts';
import { roleRequest, serviceOf, serviceRequest, type EscalationRequest } from './requests.ts';

export type Moment = 'triage' | 'declared' | 'commanded';

/** Escalations of the moments that are due and not there yet. */
export function momentRequests(
  look: Look<'state' | 'policy'>,
  moments: readonly Moment[],
): readonly EscalationRequest[] {
  const level = levelOf(look);
  if (level === null) return [];
  const roles = new Set(moments.flatMap((moment) => level.page[moment]));
  return [...roles]
    .filter(
      (role) => look.state.roles[role] === undefined && !isSought(look, { kind: 'role', role }),
    )
    .flatMap((role) => roleRequest(look, role) ?? []);
}

/** Whether whoever is on call for it is at it: they are rung in a moment, unless they do something about what fires again. */
function isAboutToRing(look: Look<'state'>, request: EscalationRequest): boolean {
  const service = serviceOf(look, request);
  const waiting = look.state.relapse?.waiting ?? [];
  return waiting.some(({ key }) => key.kind === 'service' && key.service === service);
}

/**
 * Whom triage wants and nobody looks for: the roles of the level, or where it wants none, whoever is on call for the service,
 * and for each service of a storm.
 */
export function triageRequests(look: Look<'state' | 'policy'>): readonly EscalationRequest[] {
  const { routing, storm } = look.state;
  const named = levelOf(look)?.page.triage ?? null;
  const isByService = named === null || (named.length === 0 && storm !== null);
  const reached = (storm?.services ?? []).filter((one) => one !== routing.service);
  const services = [...(isByService ? [routing.service] : []), ...reached].map((one) =>
    serviceRequest(look, one),
  );
  return [
    ...momentRequests(look, ['triage']),
    ...services.filter(({ key }) => !isSought(look, key)),
  ].filter((request) => !isAboutToRing(look, request));
}

function isSought({ state }: Look<'state'>, key: EscalationKey): boolean {
  const escalation = state.escalations[encodeEscalation(key)];
  return escalation !== undefined && escalation.state !== 'ended';
}
