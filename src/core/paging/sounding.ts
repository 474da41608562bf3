/**
 * Alarms that ring. However many are open, one person after the other is rung, an interval each, round the list, until
 * somebody answers: an answer leaves people in peace for a while, and fills no role.
 */
import { alarmList } from '../people/alarm-list.ts';
import { candidatesOf, type Candidate, type Candidates } from '../people/candidates.ts';
import { callOf, quietMs } from '../model/calls.ts';
import { concernsOf, openText, type Concern } from './concerns.ts';
import { endEscalation, soughtBy } from './escalating.ts';
import type { Escalation, Page } from '../model/incident.ts';
import { leftToNobody, restedFor } from './nobody-left.ts';
import { isRinging, openPages, openPagesOf } from './progress.ts';
import { decodeEscalation, encodeEscalation, type EscalationId } from '../model/keys.ts';
import type { Recipient } from '../model/policy.ts';
import { identity, isSamePerson, ring } from './ringing.ts';
import { isOfOffer } from './offers.ts';
import { rangAt, ringsSince } from './sharing.ts';
import { sayOfAlarms } from './alarms.ts';
import { durationText } from '../texts/text.ts';
import { emit, levelOf, urgencyOf, type Decision } from '../model/decision.ts';

/** Whoever owes the late post: who has the role, where a phone of theirs can ring, or whom it is looked for in. */
function ownersOf(decision: Decision): readonly Candidate[] {
  const owner = levelOf(decision)?.public?.by ?? null;
  if (owner === null) return [];
  const holder = decision.state.roles[owner];
  const named = (recipient: Recipient): readonly Candidate[] =>
    candidatesOf(recipient, decision.context, decision.state.routing).list;
  const theirs = holder === undefined ? [] : named({ kind: 'person', person: holder.person });
  return theirs.length > 0 ? theirs : named({ kind: 'role', role: owner });
}

function asCandidate({ person, label, addresses }: Page): Candidate {
  return { person, label, addresses, because: 'rang before' };
}

/** Whom the searches that led nowhere have rung. */
function foundBefore(decision: Decision): readonly Candidate[] {
  return Object.values(decision.state.escalations).flatMap((escalation) => {
    if (escalation.state !== 'exhausted') return [];
    const rung = openPagesOf(decision, escalation.id).map(asCandidate);
    return rung.length > 0 ? rung : soughtBy(decision, escalation);
  });
}

/** Whom the call rings, in this order, round and round. */
function listOf(decision: Decision, post: string | null): Candidates {
  const { list, empty } = alarmList(decision.context, decision.state.routing);
  const all = [...(post === null ? [] : ownersOf(decision)), ...list];
  const anybody = all.length > 0 ? all : foundBefore(decision);
  const each = new Map(anybody.toReversed().map((one) => [identity(one), one] as const));
  return { list: [...each.values()].toReversed(), empty };
}

/** Whether its phone rang within the interval, or rings now that the pause is over in which it was asked for. */
function isFresh(decision: Decision, page: Page): boolean {
  const { now, policy, state } = decision;
  return now - rangAt(decision, ringsSince(state, page)) < policy.automation.alarmEveryMs;
}

function pagesOf(decision: Decision, candidate: Candidate): readonly Page[] {
  return openPages(decision).filter(
    (page) => !page.adopted && !isOfOffer(decision, page) && isSamePerson(page, candidate),
  );
}

/** A page of theirs did not get through within the interval: another one would fare no better. */
function isOutOfReach(decision: Decision, candidate: Candidate): boolean {
  return pagesOf(decision, candidate).some(
    (page) => isFresh(decision, page) && !isRinging(decision, page),
  );
}

/** The list from a step on, once round, and who of it may be rung. */
interface Round {
  readonly list: readonly Candidate[];
  readonly from: number;
  readonly may: readonly Candidate[];
}

/** The first of the round who may be rung and can be reached; null: nobody. */
function nextInReach(decision: Decision, { list, from, may }: Round): number | null {
  const round = list.map((_, index) => from + index);
  const step = round.find((at) => {
    const candidate = list[at % list.length];
    return candidate !== undefined && may.includes(candidate) && !isOutOfReach(decision, candidate);
  });
  return step ?? null;
}

/** Where the round goes on: behind whoever was rung last, or with whoever answered. */
function nextStep(call: Escalation | undefined, list: readonly Candidate[]): number {
  if (call === undefined || call.state === 'ended') return 0;
  if (call.state !== 'answered') return call.step + 1;
  const at = list.findIndex(({ person }) => person !== null && person === call.answeredBy);
  return at < 0 ? call.step : at;
}

/**
 * Rings them for the alarms, by one page for all that they are wanted for. Whoever was rung within the interval is not rung
 * again: one answer is for both.
 */
function ringForAlarms(decision: Decision, call: EscalationId, candidate: Candidate): void {
  const urgency = urgencyOf(decision);
  const theirs = pagesOf(decision, candidate);
  const lately = theirs.find(
    (page) => isFresh(decision, page) && (page.urgency === 'high' || urgency === 'low'),
  );
  if (lately !== undefined) {
    if (!lately.escalations.includes(call))
      emit(decision, { type: 'PageShared', page: lately.id, escalation: call });
    return;
  }
  const insteadOf = theirs.map(({ id }) => id);
  ring(decision, [{ escalation: call, candidate, urgency, anew: true, insteadOf }]);
}

interface CallStep {
  readonly list: Candidates;
  readonly step: number;
  readonly because: string;
}

function recipientAt(candidate: Candidate | undefined): Recipient {
  if (candidate === undefined) return { kind: 'service_on_call' };
  const { person, addresses } = candidate;
  return person === null ? { kind: 'addresses', addresses } : { kind: 'person', person };
}

/** The call goes on to this step of its list. */
function goTo(decision: Decision, post: string | null, { list, step, because }: CallStep): void {
  const key = { kind: 'alarm', post } as const;
  const id = encodeEscalation(key);
  const call = callOf(decision.state, post);
  const candidate = list.list[step % list.list.length];
  if (call === undefined || call.state === 'ended')
    emit(decision, {
      type: 'EscalationStarted',
      escalation: {
        id,
        key,
        about: null,
        recipient: recipientAt(candidate),
        fallback: [],
        walk: { kind: 'vendor', unanswered: null },
        step,
        since: decision.now,
        urgency: urgencyOf(decision),
        state: 'open',
        answeredBy: null,
        newsAt: null,
      },
      role: null,
    });
  else emit(decision, { type: 'EscalationAdvanced', escalation: id, step, because });
  if (candidate === undefined)
    emit(decision, { type: 'NobodyToPage', escalation: id, step, because: list.empty });
  else ringForAlarms(decision, id, candidate);
}

/** Whom the alarms may ring: of what the rules leave to nobody, none whose phone has rung for it within the hour. */
function allowedOf(
  decision: Decision,
  concerns: readonly Concern[],
  list: readonly Candidate[],
): readonly Candidate[] {
  const left = concerns.map(({ alarm }) => leftToNobody(decision, alarm.key));
  const searches = left.flatMap((search) => search ?? []);
  return searches.length === left.length ? restedFor(decision, searches, list) : list;
}

/** Its moment has come: the next one on the list is rung; where no alarm that rings is open any more, nobody is. */
export function callDue(decision: Decision, post: string | null): void {
  const call = callOf(decision.state, post);
  const concerns = concernsOf(decision, post);
  if (concerns.length === 0) {
    if (call !== undefined) endEscalation(decision, call.id, 'no alarm that rings is open');
    return;
  }
  const list = listOf(decision, post);
  const may = allowedOf(decision, concerns, list.list);
  if (call !== undefined && call.state !== 'ended' && may.length === 0 && list.list.length > 0) {
    const because = 'everybody whom it may ring was rung within the hour';
    emit(decision, { type: 'EscalationAdvanced', escalation: call.id, step: call.step, because });
    return;
  }
  const from = nextStep(call, list.list);
  goTo(decision, post, {
    list,
    step: nextInReach(decision, { list: list.list, from, may }) ?? from,
    because: call?.state === 'answered' ? 'it is not over' : 'nobody answered in time',
  });
}

/** A page of the call cannot be delivered: the next one is rung at once, unless all were tried within the interval. */
export function callPassesOn(decision: Decision, post: string | null, because: string): void {
  const call = callOf(decision.state, post);
  if (call?.state !== 'open') return;
  const list = listOf(decision, post);
  const step = nextInReach(decision, { list: list.list, from: call.step + 1, may: list.list });
  if (step !== null) goTo(decision, post, { list, step, because });
}

/** Somebody answered the alarms: they read all that is open, and others read that somebody is at it. */
export function sayAnswered(decision: Decision, by: string): void {
  const isAnswer = decision.events.some(
    (event) =>
      event.type === 'EscalationAnswered' && decodeEscalation(event.escalation).kind === 'alarm',
  );
  const open = openText(decision, null);
  if (!isAnswer || open === null) return;
  const peace = durationText(quietMs(decision.policy));
  const text = `${decision.state.id}: ${by} answered the alarm; unless something new comes up, it rings nobody for ${peace}. ${open}`;
  sayOfAlarms(decision, text, { kind: 'status' });
}
