/**
 * The functional core as the engine sees it: eight pure functions. It is handed in, so that tests can put a small core of
 * their own behind the same machinery.
 */
import type { Alert, Instant, VendorIncident } from '../core/alert.ts';
import type { Effect } from '../core/effect.ts';
import type { IncidentEvent } from '../core/event.ts';
import type { Incident } from '../core/incident.ts';
import type { Decision } from '../core/decide.ts';
import type { Input, Lookups } from '../core/input.ts';
import type { Obligation } from '../core/obligation.ts';
import type { WakeUp } from '../core/owed.ts';
import type { Policy } from '../core/policy.ts';
import type { Classified, RouteContext, Routed } from '../core/route.ts';
import type { Wanted } from '../core/send.ts';
import type { Context } from '../core/turn.ts';

export interface MinimalArgs {
  readonly incident: string;
  readonly input: string;
  readonly now: Instant;
  readonly policy: Policy;
  readonly lookups: Lookups;
  /** What could not be decided, in a sentence. */
  readonly title: string;
  readonly reason: string;
  readonly source: string;
}

export type OpenedMinimally = Pick<Extract<Decision, { ok: true }>, 'state' | 'events' | 'effects'>;

export interface Core {
  classify(alert: Alert, source: string, policy: Policy): Classified;
  asAlert(incident: VendorIncident): Alert;
  route(alert: Alert, classified: () => Classified, context: RouteContext): Routed;
  decide(state: Incident | null, input: Input, context: Context): Decision;
  fold(events: readonly IncidentEvent[]): Incident | null;
  /** The open obligations, each with the instant at which it falls due. */
  owed(state: Incident, context: Pick<Context, 'policy' | 'lookups'>): readonly Obligation[];
  /** When the incident is to be looked at again; null: nothing is owed and it is over. */
  wakeUpOf(state: Incident, context: Context): WakeUp | null;
  /** Asked right before sending. */
  stillWanted(state: Incident, effect: Effect, context: Context): Wanted;
  /** Opens an incident and pages without asking the rules or any incident's state. */
  minimalIncident(args: MinimalArgs): OpenedMinimally;
}
