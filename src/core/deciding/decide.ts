/**
 * The decision at one incident: `decide(state, input, context)` gives events and effects, or refuses with a reason.
 * Pure: time, ids, randomness and everything looked up are arguments. One case per input; the cases live in the files
 * named for them.
 */
import { pageObserved } from '../command/acknowledging.ts';
import type { Effect } from '../model/effect.ts';
import type { IncidentEvent } from '../model/event.ts';
import type { Incident } from '../model/incident.ts';
import type { Fact, Stamp } from '../model/input.ts';
import { alertsObserved, joinedParent, openByAlerts } from '../opening/opening.ts';
import { timePassed } from './dealing.ts';
import { effectSettled } from './settling.ts';
import { beginTurn, emit, type Context, type Refusal, type Turn } from '../model/turn.ts';
import { refusedNow } from '../verbs/guards.ts';
import { type Request, verbOf } from '../verbs/table.ts';

/** Everything that enters the core. */
export type Input = Stamp & (Fact | Request);

export type Decision =
  | {
      readonly ok: true;
      readonly state: Incident;
      readonly events: readonly IncidentEvent[];
      readonly effects: readonly Effect[];
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

function finished(turn: Turn): Decision {
  return {
    ok: true,
    state: turn.state,
    events: turn.events,
    effects: turn.effects,
  };
}

function refused(refusal: Refusal): Decision {
  return { ok: false, ...refusal };
}

/** @param state null opens the incident; only alerts, a declaration or a test may do that */
export function decide(state: Incident | null, input: Input, context: Context): Decision {
  if (state === null) return open(input, context);
  const turn = beginTurn(state, input, context);
  const refusal = isFact(input) ? fact(turn, input) : request(turn, input);
  return refusal === null ? finished(turn) : refused(refusal);
}

/** One entry per fact; the type makes a missing or foreign one fail to compile. */
const FACTS: Readonly<Record<Fact['type'], true>> = {
  AlertsObserved: true,
  PageObserved: true,
  TimePassed: true,
  EffectSettled: true,
  JoinedParent: true,
  DeliveryUnparsed: true,
};
type FactInput = Extract<Input, { type: Fact['type'] }>;

function isFact(input: Input): input is FactInput {
  return Object.hasOwn(FACTS, input.type);
}

function open(input: Input, context: Context): Decision {
  if (input.type === 'AlertsObserved') return finished(openByAlerts(input, context));
  const opening = isFact(input) ? null : verbOf(input.type).opens;
  if (opening !== null) {
    const turn = opening.decide(input, { ...input }, context);
    return 'code' in turn ? refused(turn) : finished(turn);
  }
  return refused({ code: 'unknown_incident', message: `There is no incident ${input.incident}.` });
}

/** What a person asks for: refused by the guards of its verb, or by its decision. */
function request(turn: Turn, input: Extract<Input, Request>): Refusal | null {
  const { acts, name } = verbOf(input.type);
  if (acts === null)
    return {
      code: 'wrong_state',
      message: `\`${name}\` opens an incident of its own; ask for it without naming one.`,
    };
  return refusedNow(acts, turn) ?? acts.decide(turn, { ...input });
}

function fact(turn: Turn, input: FactInput): Refusal | null {
  switch (input.type) {
    case 'AlertsObserved':
      alertsObserved(turn, input);
      return null;
    case 'PageObserved':
      return pageFact(turn, input);
    case 'TimePassed':
      timePassed(turn);
      return null;
    case 'EffectSettled':
      effectSettled(turn, input.effect, input.settled);
      return null;
    case 'JoinedParent':
      joinedParent(turn, input.parent);
      return null;
    case 'DeliveryUnparsed':
      unparsed(turn, input);
      return null;
  }
}

function pageFact(turn: Turn, input: Extract<Input, { type: 'PageObserved' }>): Refusal | null {
  const page = turn.state.pages[input.page];
  if (page === undefined)
    return { code: 'unknown_page', message: `${turn.state.id} has no page ${input.page}.` };
  const known = page.rings.find((one) => one.ref === input.ref);
  const ring = known ?? page.rings.find((one) => one.status !== 'failed');
  pageObserved(turn, { ...input, via: ring?.target ?? 'the pager', key: known?.key ?? null });
  return null;
}

/** Kept in the timeline only: the alert that came with the first one has opened this incident and rings its on-call. */
function unparsed(turn: Turn, input: Extract<Input, { type: 'DeliveryUnparsed' }>): void {
  emit(turn, {
    type: 'DeliveriesUnparsed',
    source: input.source,
    reason: input.reason,
    count: input.count,
  });
}
