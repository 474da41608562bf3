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
import type { Level, Policy } from './policy.ts';

export interface Context {
  /** Decision time: the node's clock, never before the stream's last event. */
  readonly now: Instant;
  readonly policy: Policy;
  readonly lookups: Lookups;
}

export interface Turn {
  readonly input: Stamp;
  readonly context: Context;
  readonly now: Instant;
  readonly policy: Policy;
  state: Incident;
  readonly events: IncidentEvent[];
  readonly effects: Effect[];
}

/** What a function reads of a turn that it does not change: without all of it nothing can be emitted or sent. */
export type Look<K extends keyof Turn> = Readonly<Pick<Turn, K>>;

/** A refusal is a value: `code` is stable, `message` is for the person. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

function envelope(
  input: Stamp,
  context: Context,
  version: number,
): Omit<IncidentEvent, keyof EventBody> & { v: 1 } {
  return {
    incident: input.incident,
    version,
    at: context.now,
    v: 1,
    input: input.id,
    actor: input.actor,
    policy: context.policy.hash,
  };
}

/** Begins a decision at an incident that exists. */
export function beginTurn(state: Incident, input: Stamp, context: Context): Turn {
  const now = Math.max(context.now, state.lastEventAt);
  return {
    input,
    context: { ...context, now },
    now,
    policy: context.policy,
    state,
    events: [],
    effects: [],
  };
}

/** Begins a decision that opens its incident with this event. */
export function openTurn(
  input: Stamp,
  context: Context,
  body: Extract<EventBody, { type: 'IncidentOpened' }>,
): Turn {
  const event = { ...envelope(input, context, 1), ...body };
  return {
    input,
    context,
    now: context.now,
    policy: context.policy,
    state: evolve(null, event),
    events: [event],
    effects: [],
  };
}

export function emit(turn: Turn, body: Exclude<EventBody, { type: 'IncidentOpened' }>): void {
  const event: IncidentEvent = {
    ...envelope(turn.input, turn.context, turn.state.version + 1),
    ...body,
  };
  turn.state = evolve(turn.state, event);
  turn.events.push(event);
}

type Unnumbered<E extends Effect> = Omit<E, 'id' | 'incident' | 'dueAt'> & {
  readonly dueAt?: Instant;
};

/** Requests an effect and returns its id: `<incident>/<version>/<index>`, derived, so that no other decision has it. */
export function send(
  turn: Turn,
  effect: Unnumbered<PageEffect> | Unnumbered<PublishEffect> | Unnumbered<ChatEffect>,
): string {
  if (turn.events.length === 0)
    throw new Error(
      `${effect.name} was requested by a decision of ${turn.state.id} without an event`,
    );
  const family = `${turn.state.id}/${turn.state.version}/`;
  const index = turn.effects.filter(({ id }) => id.startsWith(family)).length;
  const id = `${family}${index}`;
  turn.effects.push({ ...effect, id, incident: turn.state.id, dueAt: effect.dueAt ?? turn.now });
  return id;
}

/** The level it is at: as configured now or, where a reload has removed it, as it was when it was entered. */
export function levelOf({ state, policy }: Pick<Turn, 'state' | 'policy'>): Level | null {
  return state.level === null ? null : (findLevel(policy, state.level) ?? state.levelKept);
}

export function findLevel(policy: Policy, id: string | null): Level | null {
  return id === null ? null : (policy.levels.find((level) => level.id === id) ?? null);
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

/** The next unused id of a family: `p1`, `p2`, ... */
export function nextId(prefix: string, existing: Readonly<Record<string, unknown>>): string {
  return `${prefix}${Object.keys(existing).length + 1}`;
}

export function isOver(state: Incident): boolean {
  return state.phase === 'resolved' || state.phase === 'closed';
}

/** The pause of what happens by itself, while it holds: triggers, declaration without a person, resolution without a person. */
export function automationPause(turn: Pick<Turn, 'context' | 'now'>): Paused | null {
  const pause = turn.context.lookups.pauses.automation;
  return pause !== undefined && pause.until > turn.now ? pause : null;
}
