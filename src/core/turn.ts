/**
 * One decision under construction. Emitting an event folds it at once, so every later step of the same decision sees
 * what the earlier ones did; effects and timers are always announced by an event, so the state knows what is owed.
 */
import type { Instant } from './alert.ts';
import type { ChatEffect, Effect, PageEffect, PublishEffect, TimerEffect } from './effect.ts';
import type { EventBody, IncidentEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { Incident } from './incident.ts';
import type { Input, Lookups } from './input.ts';
import type { Level, Policy } from './policy.ts';

export interface Context {
  /** Decision time: the node's clock, never before the stream's last event. */
  readonly now: Instant;
  readonly policy: Policy;
  readonly lookups: Lookups;
}

export interface Turn {
  readonly input: Input;
  readonly context: Context;
  readonly now: Instant;
  readonly policy: Policy;
  state: Incident;
  readonly events: IncidentEvent[];
  readonly effects: Effect[];
  readonly dropTimers: Set<string>;
}

/** A refusal is a value: `code` is stable, `message` is for the person. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

function envelope(
  input: Input,
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
export function beginTurn(state: Incident, input: Input, context: Context): Turn {
  const now = Math.max(context.now, state.lastEventAt);
  return {
    input,
    context: { ...context, now },
    now,
    policy: context.policy,
    state,
    events: [],
    effects: [],
    dropTimers: new Set(),
  };
}

/** Begins a decision that opens its incident with this event. */
export function openTurn(
  input: Input,
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
    dropTimers: new Set(),
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
  readonly about: string;
};

/** Requests an effect; its id is derived from the version of the event that announces it. */
export function send(
  turn: Turn,
  effect: Unnumbered<PageEffect> | Unnumbered<PublishEffect> | Unnumbered<ChatEffect>,
): string {
  const id = `${turn.state.id}/${turn.state.version + 1}/0`;
  emit(turn, { type: 'EffectRequested', effect: id, name: effect.name, about: effect.about });
  turn.effects.push({ ...effect, id, incident: turn.state.id, dueAt: effect.dueAt ?? turn.now });
  return id;
}

/** Sets or replaces the timer of a purpose. */
export function setTimer(turn: Turn, purpose: string, dueAt: Instant): void {
  const generation = (turn.state.timerGenerations[purpose] ?? 0) + 1;
  const due = Math.max(dueAt, turn.now);
  emit(turn, { type: 'TimerSet', purpose, generation, dueAt: due });
  turn.dropTimers.delete(purpose);
  const timer: TimerEffect = {
    name: 'timer',
    id: `${turn.state.id}/timer/${purpose}`,
    incident: turn.state.id,
    stream: `timer|${turn.state.id}|${purpose}`,
    lane: 'housekeeping',
    dueAt: due,
    purpose,
    generation,
  };
  const index = turn.effects.findIndex((one) => one.id === timer.id);
  if (index >= 0) turn.effects.splice(index, 1);
  turn.effects.push(timer);
}

/** Drops the timer of a purpose; nothing happens when there is none. */
export function dropTimer(turn: Turn, purpose: string): void {
  if (turn.state.timers[purpose] === undefined) return;
  emit(turn, { type: 'TimerDropped', purpose });
  turn.dropTimers.add(purpose);
  const index = turn.effects.findIndex((one) => one.name === 'timer' && one.purpose === purpose);
  if (index >= 0) turn.effects.splice(index, 1);
}

/** The timer's row is gone once it fired; the event keeps the state in step. */
export function timerFired(turn: Turn, purpose: string): void {
  emit(turn, { type: 'TimerDropped', purpose });
  turn.dropTimers.add(purpose);
}

export function levelOf(turn: Pick<Turn, 'state' | 'policy'>): Level | null {
  return findLevel(turn.policy, turn.state.level);
}

export function findLevel(policy: Policy, id: string | null): Level | null {
  return id === null ? null : (policy.levels.find((level) => level.id === id) ?? null);
}

/** The next unused id of a family: `p1`, `p2`, ... */
export function nextId(prefix: string, existing: Readonly<Record<string, unknown>>): string {
  return `${prefix}${Object.keys(existing).length + 1}`;
}

export function isOver(state: Incident): boolean {
  return state.phase === 'resolved' || state.phase === 'closed';
}

/** Whether nobody is rung now: then no wait for an answer runs down either. */
export function isPagingPaused(turn: Pick<Turn, 'context' | 'now'>): boolean {
  const pause = turn.context.lookups.pauses.paging;
  return pause !== undefined && pause.until > turn.now;
}

/** The brake on what happens by itself, while it holds: triggers, declaration without a person, resolution without a person. */
export function automationPause(
  turn: Pick<Turn, 'context' | 'now'>,
): { readonly until: Instant; readonly by: string; readonly why: string } | null {
  const pause = turn.context.lookups.pauses.automation;
  return pause !== undefined && pause.until > turn.now ? pause : null;
}
