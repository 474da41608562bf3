/** New alerts of an incident about which nobody does anything any more: whoever is on call now is rung again. */
import { serviceRequest, type EscalationRequest } from '../paging/requests.ts';
import type { Instant } from '../model/alert.ts';
import { emit, urgencyOf, type Decision } from '../model/decision.ts';
import { groundOf, rested, waited, type Ground } from '../model/obligation.ts';
import { isOwed } from '../model/incident.ts';
import { encodeEscalation } from '../model/keys.ts';
import { lastSignOf } from '../model/signs-of-life.ts';
import { pagesNobody } from '../command/declaring.ts';
import { startEscalations } from '../paging/escalating.ts';
import { clockTime } from '../texts/text.ts';
import { ringsAlready, unseenOf } from './relapsing.ts';

type Services = readonly (string | null)[];

/** Since when nobody has done anything about it, once that is for too long; null: somebody is there. */
function silentSince(ground: Ground, now: Instant): Instant | null {
  const since = lastSignOf(ground.state);
  const maxMs = ground.policy.presence[urgencyOf(ground)];
  return waited(ground, since, maxMs) > now ? null : since;
}

/** Whether it was begun in this silence and goes on: its steps and its alarm ring whom the next alert would. */
function isBegun({ state }: Decision, { key }: EscalationRequest, since: Instant): boolean {
  const search = state.escalations[encodeEscalation(key)];
  return isOwed(search) && search.newsAt !== null && search.newsAt > since;
}

/** The on-call of the services, of now, as far as nobody has looked for them since then. */
function searchesFor(
  decision: Decision,
  services: Services,
  since: Instant,
): readonly EscalationRequest[] {
  if (pagesNobody(decision)) return [];
  return services
    .map((service) => serviceRequest(decision, service))
    .filter((one) => !ringsAlready(decision, one) && !isBegun(decision, one, since));
}

/** Alerts fire anew: in an incident that was answered and forgotten they ring. */
export function attend(decision: Decision, named: readonly string[]): void {
  const { state, now } = decision;
  const ground = groundOf(state, decision.context);
  const since = silentSince(ground, now);
  // Whoever is at it is rung for what fires again in five minutes, and not twice.
  if (since === null || unseenOf(decision).length > 0) return;
  const services = named.length === 0 ? [state.routing.service] : named;
  const wanted = searchesFor(decision, services, since);
  const later = rested(ground, now) > now;
  const waiting = later ? (state.presence.unattended?.services ?? []) : [];
  if (wanted.length === 0 || services.every((one) => waiting.includes(one))) return;
  emit(decision, { type: 'AlertsUnattended', services, silentSince: since, later });
  if (!later) ringFor(decision, wanted, since);
}

/** Working hours have begun, and nobody has done anything since the alerts joined. */
export function unattendedDue(decision: Decision): void {
  const { state } = decision;
  const services = state.presence.unattended?.services ?? [];
  const since = lastSignOf(state);
  const wanted = searchesFor(decision, services, since);
  emit(decision, { type: 'AlertsUnattended', services, silentSince: since, later: false });
  ringFor(decision, wanted, since);
}

function ringFor(decision: Decision, wanted: readonly EscalationRequest[], since: Instant): void {
  const time = clockTime(since, decision.policy.timezone);
  const about = `Alerts fire anew, and nobody has done anything about it since ${time}`;
  startEscalations(
    decision,
    wanted.map((request) => ({ ...request, about, isNews: true })),
  );
}
