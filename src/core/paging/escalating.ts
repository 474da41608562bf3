/**
 * Escalations: an obligation that somebody answers. An escalation is pinned to the policy it began with. Ours walks its
 * steps; the vendor's walks by itself and we act only when it led nowhere. Never both.
 */
import { clearAlarm, isAlarmed, raiseAlarm } from './alarms.ts';
import { candidatesOf, type Candidate } from '../people/candidates.ts';
import { alarmText } from '../model/event-entry.ts';
import { isOver, type Escalation, type Page } from '../model/incident.ts';
import { answerEscalation } from './answering.ts';
import { conflicting, roleApartFrom, strict, unbarred } from '../people/conflicts.ts';
import { askedAnew } from './holders.ts';
import { begun, type EscalationRequest } from './requests.ts';
import { hasAnsweredInVain, restedFor, whyNobody } from './nobody-left.ts';
import { isFreshRing, isSoft, urgencyNow } from './sharing.ts';
import { offerOf } from './offers.ts';
import { mayRing, openPagesOf, settledPagesOf } from './progress.ts';
import type { EscalationId, EscalationKey } from '../model/keys.ts';
import type { Recipient, Role, StepPage } from '../model/policy.ts';
import { own } from '../model/own.ts';
import { closePage, identity, isSamePerson, ring, type Want } from './ringing.ts';
import { emit, roleOf, urgencyOf, type Look, type Decision } from '../model/decision.ts';

/** Starts escalations together, so that one person who is meant by several is rung once and reads all of them. */
export function startEscalations(decision: Decision, requests: readonly EscalationRequest[]): void {
  const wants: Want[] = [];
  for (const request of requests) {
    const escalation = begun(decision, request);
    emit(decision, {
      type: 'EscalationStarted',
      escalation,
      role: roleSought(decision, escalation),
    });
    wants.push(...enterStep(decision, escalation.id, 0));
  }
  ringAndAnswer(decision, wants);
}

/** Whether it names anybody whom no other role of theirs keeps from it. */
export function canBeFound(decision: Decision, request: EscalationRequest): boolean {
  const escalation = begun(decision, request);
  return unbarred(namedBy(decision, escalation), conflicting(decision, escalation)).length > 0;
}

function roleSought(look: Look<'state' | 'policy'>, { key }: Escalation): Role | null {
  return key.kind === 'role' || key.kind === 'offer' ? roleOf(look, key.role) : null;
}

/** Rings them; whoever has answered for one service of a storm has answered for its others, which fills no role. */
export function ringAndAnswer(decision: Decision, wants: readonly Want[]): void {
  for (const { escalation, by } of ring(decision, wants))
    answerEscalation(decision, escalation, { by, fills: null });
}

/** The role that whoever answers gets by it, unless another one of theirs keeps them from it; null: none. */
function roleAnswered({ state }: Look<'state'>, key: EscalationKey, by: string): string | null {
  if (key.kind === 'role') return key.role;
  const { asked } = state.presence;
  // Whoever answers in the place of another who is missed takes over from them.
  return key.kind !== 'presence' || asked?.person === by ? null : (asked?.role ?? null);
}

/** Whether nobody of those whom its step rang is still to answer. */
function isStepSpent(look: Look<'state' | 'policy'>, escalation: Escalation): boolean {
  const { id, key, since } = escalation;
  const left = openPagesOf(look, id);
  // A holder who is missed rings on while those in their place are asked, one after the other.
  return key.kind === 'presence'
    ? hasNextStep(look, escalation) && left.every(({ requestedAt }) => requestedAt < since)
    : left.length === 0;
}

/**
 * Somebody's answer reached the escalation: it fills the role that it is for, unless another one of theirs keeps them from
 * it; then the search goes on, but for where somebody is missed who does not command: there whoever answers is enough.
 * @returns why the search goes on; null: the answer is one to it
 */
export function settleEscalation(
  decision: Decision,
  escalationId: EscalationId,
  answer: { readonly by: string; readonly known: boolean },
): string | null {
  const { by, known } = answer;
  const escalation = decision.state.escalations[escalationId];
  if (escalation === undefined) return null;
  const { key } = escalation;
  const role = known ? roleAnswered(decision, key, by) : null;
  const apart = role === null ? null : roleApartFrom(decision, role, by);
  const isBarred = role !== null && apart !== null;
  if (isBarred && (key.kind === 'role' || roleOf(decision, role)?.commands === true)) {
    const because = `${by} answered, and is ${apart}: ${role} must be another person`;
    if (isStepSpent(decision, escalation)) advanceEscalation(decision, escalationId, because);
    return because;
  }
  answerEscalation(decision, escalationId, { by, fills: isBarred ? null : role });
  return null;
}

function recipientsOf(escalation: Escalation, page: StepPage): readonly Recipient[] {
  if (page.kind === 'own') return [escalation.recipient];
  if (page.kind === 'fallback') return escalation.fallback;
  return [page];
}

/** How long its step waits for an answer, pinned with the escalation; null: a last step, which waits for the alarm interval. */
export function pinnedWaitMs({ walk, step }: Escalation): number | null {
  if (walk.kind === 'policy') return walk.steps[step]?.waitMs ?? null;
  return step === 0 ? (walk.unanswered?.afterMs ?? null) : null;
}

/** Whom the step at the index names, or null behind the last one that the level allows. */
function stepAt(
  { state, policy }: Look<'state' | 'policy'>,
  escalation: Escalation,
  index: number,
): readonly Recipient[] | null {
  if (escalation.walk.kind === 'vendor') {
    const { unanswered } = escalation.walk;
    if (index === 0) return [escalation.recipient];
    return index === 1 && unanswered !== null ? [unanswered.page] : null;
  }
  const { steps } = escalation.walk;
  const limiting = own(policy.escalationPolicies, escalation.walk.policy);
  const upTo = state.level === null ? undefined : limiting?.upTo[state.level];
  // Whoever stands in for a holder was put among the steps of the policy, and takes none of them away.
  const ahead = Math.max(0, steps.length - (limiting?.steps.length ?? steps.length));
  const step = steps[index];
  if (step === undefined || (upTo !== undefined && index >= upTo + ahead)) return null;
  return recipientsOf(escalation, step.page);
}

/** Whether its level allows the escalation a step behind the one it is at. */
export function hasNextStep(subject: Look<'state' | 'policy'>, escalation: Escalation): boolean {
  return stepAt(subject, escalation, escalation.step + 1) !== null;
}

/** Its open pages to the candidate, as loud as it rings now. */
function theirPages(
  decision: Decision,
  escalation: Escalation,
  { person }: Candidate,
): readonly Page[] {
  const urgency = urgencyNow(decision, escalation);
  return openPagesOf(decision, escalation.id).filter(
    (page) =>
      page.person !== null &&
      page.person === person &&
      (page.urgency === 'high' || urgency === 'low'),
  );
}

/** Whether the candidate's phone rings by it as loud as it would now, and not for so long that it rings anew. */
function ringsAlready(decision: Decision, escalation: Escalation, candidate: Candidate): boolean {
  const urgency = urgencyNow(decision, escalation);
  return theirPages(decision, escalation, candidate).some(
    (page) => mayRing(page) && (page.urgency !== urgency || isFreshRing(decision, page)),
  );
}

/**
 * Enters a step and returns whom to ring: of those whom it names, whoever does not ring already. Where they all do, its wait
 * is theirs as well. A step that reaches nobody is passed at once; behind the last one the escalation is exhausted and the
 * alarm repeats until a person answers.
 */
export function enterStep(decision: Decision, escalationId: EscalationId, index: number): Want[] {
  let at = index;
  for (;;) {
    const escalation = decision.state.escalations[escalationId];
    const step = escalation === undefined ? null : stepAt(decision, escalation, at);
    if (escalation === undefined) return [];
    if (step === null) {
      exhaust(
        decision,
        escalation,
        at === 0 ? 'its policy has no step' : 'every step was walked and nobody answered',
      );
      return [];
    }
    const found = step.map((recipient) =>
      candidatesOf(recipient, decision.context, subjectOf(decision, escalation)),
    );
    const named = found.flatMap((one) => one.list);
    const theirs = (candidate: Candidate): readonly Page[] =>
      theirPages(decision, escalation, candidate);
    const reached = unbarred(
      named,
      at === 0 ? strict(conflicting(decision, escalation)) : conflicting(decision, escalation),
    )
      // News rings the first step again, and with it whom it rang in vain.
      .filter((one) => at === 0 || theirs(one).every(mayRing));
    if (reached.length > 0) {
      if (at !== index)
        emit(decision, {
          type: 'EscalationAdvanced',
          escalation: escalationId,
          step: at,
          because: 'the step before it reached nobody',
        });
      const candidates = reached.filter((one) => !ringsAlready(decision, escalation, one));
      return candidates.map((candidate) => ({
        escalation: escalationId,
        candidate,
        urgency: urgencyNow(decision, escalation),
        isNews: escalation.newsAt !== null,
      }));
    }
    const because =
      found
        .map((one) => one.empty)
        .filter(Boolean)
        .join('; ') ||
      'every pager refused whom it names, or they have, or ring for, a role that must stay apart';
    emit(decision, { type: 'NobodyToPage', escalation: escalationId, step: at, because });
    at += 1;
  }
}

function subjectOf(
  { state }: Look<'state'>,
  escalation: Escalation,
): { team: string; service: string | null } {
  const service =
    escalation.key.kind === 'service' ? escalation.key.service : state.routing.service;
  return { team: state.routing.team, service };
}

/** Everybody whom its steps name, each once. */
function namedBy(
  look: Look<'state' | 'policy' | 'context'>,
  escalation: Escalation,
): readonly Candidate[] {
  const subject = subjectOf(look, escalation);
  const named = new Map<string, Candidate>();
  for (let at = 0; ; at += 1) {
    const step = stepAt(look, escalation, at);
    if (step === null) return [...named.values()];
    const here = step.flatMap((one) => candidatesOf(one, look.context, subject).list);
    for (const one of here) named.set(identity(one), one);
  }
}

function exhaust(decision: Decision, escalation: Escalation, why: string): void {
  const because = whyNobody(decision, escalation, namedBy(decision, escalation)) ?? why;
  emit(decision, { type: 'EscalationExhausted', escalation: escalation.id, because });
  const alarm = { kind: 'escalation', escalation: escalation.key } as const;
  // Where it was walked again in vain, that nobody is found was said, and is said on.
  if (!isAlarmed(decision.state, alarm))
    raiseAlarm(decision, alarm, `${alarmText(alarm)}: ${because}`);
  askAgain(decision, escalation.id);
}

/** Whom it looks for in the first place, at this moment. */
export function soughtBy(
  look: Look<'state' | 'context'>,
  escalation: Escalation,
): readonly Candidate[] {
  return candidatesOf(escalation.recipient, look.context, subjectOf(look, escalation)).list;
}

/** Recipients of the steps that are still ahead of an escalation and reach somebody who does not ring or respond already. */
export function recipientsAhead(
  look: Look<'state' | 'policy' | 'context'>,
  escalation: Escalation,
): readonly Recipient[] {
  const here = Object.values(look.state.pages).filter((page) => page.state !== 'closed');
  const isNew = (candidate: Candidate): boolean =>
    !here.some((page) => isSamePerson(page, candidate));
  const ahead: Recipient[] = [];
  for (let at = escalation.step + 1; ; at += 1) {
    const step = stepAt(look, escalation, at);
    if (step === null) return ahead;
    for (const recipient of step)
      if (candidatesOf(recipient, look.context, subjectOf(look, escalation)).list.some(isNew))
        ahead.push(recipient);
  }
}

/** The wait of a step is over, or a page of it failed for good: on to the next one. */
export function advanceEscalation(
  decision: Decision,
  escalationId: EscalationId,
  because: string,
): void {
  const escalation = decision.state.escalations[escalationId];
  if (escalation === undefined || escalation.state !== 'open') return;
  if (stepAt(decision, escalation, escalation.step + 1) === null) {
    exhaust(decision, escalation, because);
    return;
  }
  emit(decision, {
    type: 'EscalationAdvanced',
    escalation: escalationId,
    step: escalation.step + 1,
    because,
  });
  ringAndAnswer(decision, enterStep(decision, escalationId, escalation.step + 1));
}

/** An exhausted escalation that a higher level allows to go further goes on. */
export function resumeExhausted(decision: Decision): void {
  for (const escalation of Object.values(decision.state.escalations)) {
    if (
      escalation.state !== 'exhausted' ||
      stepAt(decision, escalation, escalation.step + 1) === null
    )
      continue;
    clearAlarm(
      decision,
      { kind: 'escalation', escalation: escalation.key },
      'the new level allows further steps',
    );
    emit(decision, {
      type: 'EscalationAdvanced',
      escalation: escalation.id,
      step: escalation.step + 1,
      because: 'the new level allows further steps',
    });
    ringAndAnswer(decision, enterStep(decision, escalation.id, escalation.step + 1));
  }
}

/** An answer was taken back: the escalation is owed again at the step it had reached. */
export function reopenEscalation(
  decision: Decision,
  escalationId: EscalationId,
  because: string,
): void {
  const escalation = decision.state.escalations[escalationId];
  if (escalation?.state !== 'answered') return;
  emit(decision, {
    type: 'EscalationAdvanced',
    escalation: escalationId,
    step: escalation.step,
    because,
  });
}

/** Nobody is needed for this escalation any more; its pages stop ringing unless another escalation needs them. */
export function endEscalation(
  decision: Decision,
  escalationId: EscalationId,
  because: string,
): void {
  const escalation = decision.state.escalations[escalationId];
  if (escalation === undefined || escalation.state === 'ended') return;
  emit(decision, { type: 'EscalationEnded', escalation: escalationId, because });
  clearAlarm(decision, { kind: 'escalation', escalation: escalation.key }, because);
  for (const page of settledPagesOf(decision, escalationId)) closePage(decision, page, because);
  // Behind the end of the incident nothing else would ever close what was answered.
  if (!isOver(decision.state)) return;
  for (const page of Object.values(decision.state.pages))
    if (page.state === 'acknowledged' && page.escalations.includes(escalationId))
      closePage(decision, page, because);
}

/**
 * Begins anew what was not to end, with whom the file names now, and returns whom to ring: at the first of the steps walked
 * with anybody who does not ring already.
 */
export function startAnew(decision: Decision, escalation: Escalation, because: string): Want[] {
  emit(decision, {
    type: 'EscalationStarted',
    escalation: {
      ...escalation,
      ...askedAnew(decision, escalation),
      step: 0,
      since: decision.now,
      state: 'open',
      answeredBy: null,
    },
    role: roleSought(decision, escalation),
  });
  clearAlarm(decision, { kind: 'escalation', escalation: escalation.key }, because);
  const step = loudFrom(decision, escalation);
  if (step > 0)
    emit(decision, {
      type: 'EscalationAdvanced',
      escalation: escalation.id,
      step,
      because: 'whoever is named before rings already',
    });
  return enterStep(decision, escalation.id, step);
}

/**
 * A raise rings: escalations whose pages rang at a lower urgency ring again as new pages at the new one. Who acknowledged at
 * this urgency is left in peace; an unanswered softer page gives way to the new one.
 */
export function ringLouder(decision: Decision, escalations: readonly Escalation[]): void {
  const urgency = urgencyOf(decision);
  const wants: Want[] = [];
  for (const escalation of escalations) {
    if (!isSoft(decision, escalation) || escalation.state === 'ended') continue;
    if (offerOf(escalation) !== null) continue;
    const soft = openPagesOf(decision, escalation.id).filter(({ urgency: at }) => at === 'low');
    const because = 'the level was raised and it rings anew';
    // Each rings on until a pager has a louder one of the same person.
    for (const want of startAnew(decision, { ...escalation, urgency }, because)) {
      const theirs = soft.filter((page) => isSamePerson(page, want.candidate));
      wants.push({ ...want, insteadOf: theirs.map(({ id }) => id) });
    }
  }
  ringAndAnswer(decision, wants);
}

/** Of the steps that it has walked, the first with anybody who does not ring as loud as they are to by now. */
function loudFrom(decision: Decision, { id, step: walked }: Escalation): number {
  const escalation = decision.state.escalations[id];
  if (escalation === undefined) return 0;
  for (let at = 0; at < walked; at += 1) {
    const named = (stepAt(decision, escalation, at) ?? []).flatMap(
      (recipient) =>
        candidatesOf(recipient, decision.context, subjectOf(decision, escalation)).list,
    );
    if (!named.every((one) => ringsAlready(decision, escalation, one))) return at;
  }
  return walked;
}

/** Whom an exhausted search of ours rings at its alarm all the same: who could be freed for it, who has become free since. */
function stillToAsk(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  escalation: Escalation,
): readonly Candidate[] {
  const named = namedBy(look, escalation);
  if (whyNobody(look, escalation, named) !== null) return restedFor(look, [escalation.id], named);
  const ringing = openPagesOf(look, escalation.id);
  // Whoever answered for one role has not answered for another that they must not hold besides.
  return unbarred(named, conflicting(look, escalation)).filter(
    (candidate) =>
      !ringing.some((page) => isSamePerson(page, candidate)) &&
      !hasAnsweredInVain(look, escalation, candidate),
  );
}

/** Rings whoever is still to be asked; whoever it has rung and who could take it rings on, and is not rung again. */
export function askAgain(decision: Decision, escalationId: EscalationId): void {
  const escalation = decision.state.escalations[escalationId];
  if (escalation?.state !== 'exhausted' || escalation.walk.kind !== 'policy') return;
  const urgency = urgencyNow(decision, escalation);
  ringAndAnswer(
    decision,
    stillToAsk(decision, escalation).map((candidate) => ({
      escalation: escalationId,
      candidate,
      urgency,
      anew: true,
    })),
  );
}
