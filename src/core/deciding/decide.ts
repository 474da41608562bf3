/**
 * The decision at one incident: `decide(state, input, context)` gives events and effects, or refuses with a reason.
 * Pure: time, ids, randomness and everything looked up are arguments. One case per fact, one entry of the table of
 * verbs per request.
 */
import { pageObserved } from '../command/acknowledging.ts';
import { takeUpRoles } from '../command/declaring.ts';
import { answersAsked } from '../paging/answers-heard.ts';
import { endFoundSearches } from '../paging/leaving.ts';
import { closeReplaced } from '../paging/replacing.ts';
import type { Incident } from '../model/incident.ts';
import type { Fact, Stamp } from '../model/input.ts';
import { alertsObserved, joinedParent, openByAlerts } from '../opening/opening.ts';
import { timePassed } from './dealing.ts';
import { effectSettled } from './settling.ts';
import {
  beginDecision,
  emit,
  type Concluded,
  type Context,
  type Refusal,
  type Decision,
} from '../model/decision.ts';
import { refusedNow } from '../verbs/guards.ts';
import { unknownIncident } from '../model/unknown-incident.ts';
import { isRequestType, type Request, verbOf } from '../verbs/table.ts';

/** Everything that enters the core. */
export type Input = Stamp & (Fact | Request);

export type Decided = ({ readonly ok: true } & Concluded) | ({ readonly ok: false } & Refusal);

function finished(decision: Decision): Decided {
  takeUpRoles(decision);
  endFoundSearches(decision);
  closeReplaced(decision);
  return {
    ok: true,
    state: decision.state,
    events: decision.events,
    effects: decision.effects,
  };
}

function refused(refusal: Refusal): Decided {
  return { ok: false, ...refusal };
}

/** @param state null opens the incident; only alerts, a declaration or a test may do that */
export function decide(state: Incident | null, input: Input, context: Context): Decided {
  if (state === null) return open(input, context);
  const decision = beginDecision(state, input, context);
  const refusal = isRequest(input) ? request(decision, input) : fact(decision, input);
  return refusal === null ? finished(decision) : refused(refusal);
}

type FactInput = Exclude<Input, Request>;

function isRequest(input: Input): input is Extract<Input, Request> {
  return isRequestType(input.type);
}

function open(input: Input, context: Context): Decided {
  if (input.type === 'AlertsObserved') return finished(openByAlerts(input, context));
  const opening = isRequest(input) ? verbOf(input.type).opens : null;
  if (opening !== null) {
    const decision = opening.decide(input, { ...input }, context);
    return 'code' in decision ? refused(decision) : finished(decision);
  }
  return refused(unknownIncident(input.incident));
}

/** What a person asks for: refused by the guards of its verb, or by its decision. */
function request(decision: Decision, input: Extract<Input, Request>): Refusal | null {
  const { acts, name, examples } = verbOf(input.type);
  if (acts === null)
    return {
      code: 'wrong_state',
      message: `This opens an incident of its own, ${name} without one: \`${examples[0]}\`.`,
    };
  return refusedNow(acts, decision) ?? acts.decide(decision, { ...input });
}

function fact(decision: Decision, input: FactInput): Refusal | null {
  switch (input.type) {
    case 'AlertsObserved':
      alertsObserved(decision, input);
      return null;
    case 'PageObserved':
      return pageFact(decision, input);
    case 'AnswersAsked':
      answersAsked(decision, input);
      return null;
    case 'ClockTurnedBack':
      emit(decision, { type: 'ClockTurnedBack', after: input.after, byMs: input.byMs });
      return null;
    case 'TimePassed':
      timePassed(decision);
      return null;
    case 'EffectSettled':
      effectSettled(decision, input.effect, input.settled);
      return null;
    case 'JoinedParent':
      joinedParent(decision, input.parent);
      return null;
    case 'DeliveryUnparsed':
      unparsed(decision, input);
      return null;
    default:
      return unknownInput(input);
  }
}

/** A row of another release: the compiler knows of none. */
function unknownInput(input: never): Refusal {
  const { type } = input as { readonly type: string };
  return {
    code: 'unknown_input',
    message: `This release knows no ${type}; it is not carried out.`,
  };
}

function pageFact(
  decision: Decision,
  input: Extract<Input, { type: 'PageObserved' }>,
): Refusal | null {
  if (decision.state.pages[input.page] === undefined)
    return { code: 'unknown_page', message: `${decision.state.id} has no page ${input.page}.` };
  pageObserved(decision, { ...input, via: input.target });
  return null;
}

/** Kept in the timeline only: the alert that came with the first one has opened this incident and rings its on-call. */
function unparsed(decision: Decision, input: Extract<Input, { type: 'DeliveryUnparsed' }>): void {
  const { source, reason, count } = input;
  emit(decision, { type: 'DeliveriesUnparsed', source, reason, count });
}
