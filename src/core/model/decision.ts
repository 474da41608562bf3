/**
 * One decision under construction. Emitting an event folds it at once, so every later step of the same decision sees
 * what the earlier ones did. Effects follow from an event of the same decision, which gives them their ids.
 */
import type { Instant } from './alert.ts';
import type { ChatEffect, Effect, PageEffect, PublishEffect } from './effect.ts';
import type { EventBody, IncidentEvent } from './event.ts';
import { evolve } from './events.ts';
import type { Incident } from './incident.ts';
import type { Stamp } from './input.ts';
import type { Lookups, Paused } from './lookups.ts';
import { type EffectId, encodeEffect } from './made-ids.ts';
import { own } from './own.ts';
import { urgencyAboutTocsin } from './about-tocsin.ts';
import type { Level, Policy, Role, Urgency } from './policy.ts';

export interface Context {
  /** Decision time: the node's clock, never before the stream's last event. */
  readonly now: Instant;
  readonly policy: Policy;
  readonly lookups: Lookups;
}

export interface Decision {
  readonly input: Stamp;
  readonly context: Context;
  readonly now: Instant;
  readonly policy: Policy;
  state: Incident;
  readonly events: IncidentEvent[];
  readonly effects: Effect[];
  /** Effects that follow from its last event so far. */
  following: number;
}

/** What a function reads of a decision that it does not change: without all of it nothing can be emitted or sent. */
export type Look<K extends keyof Decision> = Readonly<Pick<Decision, K>>;

/** What a decision came to. */
export interface Concluded {
  readonly state: Incident;
  readonly events: readonly IncidentEvent[];
  readonly effects: readonly Effect[];
}

/** What a refusal is about: whoever answers the request tells by it what must change. */
export type RefusalAbout =
  /** What is so now; the same may be asked for another time. */
  | { readonly kind: 'state' }
  /** Who asks. */
  | { readonly kind: 'asker' }
  /** What was given in the field, or left out; null: in all of them together. */
  | { readonly kind: 'field'; readonly field: string | null }
  /** Nothing has the name that was given in the field. */
  | { readonly kind: 'name'; readonly field: string };

/** A refusal is a value: `code` is stable, `message` is for the person. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The state when absent. */
  readonly about?: RefusalAbout;
}

function envelope(
  input: Stamp,
  context: Context,
  version: number,
): Omit<IncidentEvent, keyof EventBody> {
  return {
    incident: input.incident,
    version,
    at: context.now,
    input: input.id,
    actor: input.actor,
    policy: context.policy.hash,
  };
}

/** Begins a decision at an incident that exists: at no moment before its last event, unless time was turned back. */
export function beginDecision(
  state: Incident,
  input: Stamp & { readonly type?: string },
  context: Context,
): Decision {
  const isTurned = input.type === 'ClockTurnedBack';
  const now = isTurned ? context.now : Math.max(context.now, state.lastEventAt);
  return {
    input,
    context: { ...context, now },
    now,
    policy: context.policy,
    state,
    events: [],
    effects: [],
    following: 0,
  };
}

/** Begins a decision that opens its incident with this event. */
export function openDecision(
  input: Stamp,
  context: Context,
  body: Extract<EventBody, { type: 'IncidentOpened' }>,
): Decision {
  const event = { ...envelope(input, context, 1), ...body };
  return {
    input,
    context,
    now: context.now,
    policy: context.policy,
    state: evolve(null, event),
    events: [event],
    effects: [],
    following: 0,
  };
}

export function emit(
  decision: Decision,
  body: Exclude<EventBody, { type: 'IncidentOpened' }>,
): void {
  const event: IncidentEvent = {
    ...envelope(decision.input, decision.context, decision.state.version + 1),
    ...body,
  };
  decision.state = evolve(decision.state, event);
  decision.events.push(event);
  decision.following = 0;
}

type Unnumbered<E extends Effect> = Omit<E, 'id' | 'incident' | 'dueAt'> & {
  readonly dueAt?: Instant;
};

/** Requests an effect and returns its id, which is derived, so that no other decision has it. */
export function send(
  decision: Decision,
  effect: Unnumbered<PageEffect> | Unnumbered<PublishEffect> | Unnumbered<ChatEffect>,
): EffectId {
  if (decision.events.length === 0)
    throw new Error(
      `${effect.name} was requested by a decision of ${decision.state.id} without an event`,
    );
  const { id: incident, version } = decision.state;
  const id = encodeEffect({ incident, version, index: decision.following });
  decision.following += 1;
  decision.effects.push({ ...effect, id, incident, dueAt: effect.dueAt ?? decision.now });
  return id;
}

/** The level it is at: as configured now or, where a reload has removed it, as it was when it was entered. */
export function levelOf({ state, policy }: Pick<Decision, 'state' | 'policy'>): Level | null {
  return state.level === null ? null : (findLevel(policy, state.level) ?? state.levelKept);
}

/** What Tocsin says about itself has an urgency of its own until a person has judged how bad it is. */
export function urgencyOf(look: Pick<Decision, 'state' | 'policy'>): Urgency {
  const { state } = look;
  const ofItself = state.isLevelChosen ? null : urgencyAboutTocsin(state.routing);
  return ofItself ?? levelOf(look)?.urgency ?? 'high';
}

export function findLevel(policy: Policy, id: string | null): Level | null {
  return id === null ? null : (policy.levels.find((level) => level.id === id) ?? null);
}

/** The roles that the level asks for at any of its moments, in its order. */
export function rolesNamedBy({ page }: Level): readonly string[] {
  return [...page.triage, ...page.declared, ...page.commanded, ...page.onRequest];
}

/** A role: as configured now or, where a reload has removed it, as it was when the incident went by it last. */
export function roleOf(
  { state, policy }: Pick<Decision, 'state' | 'policy'>,
  id: string,
): Role | null {
  return own(policy.roles, id) ?? own(state.keptRoles, id) ?? null;
}

/** The level for what a person typed: id or alias, letter case aside. */
export function levelNamed(policy: Policy, typed: string | null): Level | null {
  const word = typed?.toLowerCase();
  return (
    policy.levels.find((level) => level.id.toLowerCase() === word) ??
    policy.levels.find((level) => level.aliases.some((alias) => alias.toLowerCase() === word)) ??
    null
  );
}

/** The pause of what happens by itself, while it holds: triggers, declaration without a person, resolution without a person. */
export function automationPause(decision: Pick<Decision, 'context' | 'now'>): Paused | null {
  const pause = decision.context.lookups.pauses.automation;
  return pause !== undefined && pause.until > decision.now ? pause : null;
}
