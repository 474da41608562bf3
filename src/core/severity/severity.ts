/**
 * Severity moves by declaration of rules: rules start it, triggers only raise it, the worst wins on merge, and only a
 * person lowers it, saying why. A trigger fires once per piece of evidence; a lowering holds against all evidence known then.
 */
import { roleRequest, serviceRequest, type EscalationRequest } from '../paging/requests.ts';
import {
  callsCommander,
  endOtherCommands,
  enterLevel,
  isCommanded,
  momentsSoFar,
  pagesNobody,
} from '../command/declaring.ts';
import { momentRequests } from '../paging/moments.ts';
import {
  endEscalation,
  resumeExhausted,
  ringLouder,
  recipientsAhead,
  startEscalations,
} from '../paging/escalating.ts';
import { whereText } from '../model/event-entry.ts';
import type { Instant } from '../model/alert.ts';
import type { Cause } from '../model/event.ts';
import { isSpent, ruleEvidence } from '../model/evidence.ts';
import { isOwed, isOver, type Escalation, type Incident } from '../model/incident.ts';
import { informAll } from '../informing/informing.ts';
import type { Routing } from '../model/input.ts';
import { groundOf, type Ground } from '../model/obligation.ts';
import { own } from '../model/own.ts';
import type { Level, Policy, Trigger, Where } from '../model/policy.ts';
import { isAtIt } from '../paging/offers.ts';
import { showAllOf } from '../paging/ringing.ts';
import { firstPostsAfterRaise, sayWhyNoPage } from '../publishing/publishing.ts';
import {
  encodeEscalation,
  encodeEvidence,
  type EvidenceId,
  type EscalationId,
} from '../model/keys.ts';
import { isForAlarm } from '../model/events-paging.ts';
import { raiseAlarm } from '../paging/alarms.ts';
import { say } from '../texts/messages.ts';
import { isAskedFor, openPages } from '../paging/progress.ts';
import { isSoft } from '../paging/sharing.ts';
import { pausedBy } from './machines.ts';
import { evidenceOf, kindOf } from './trigger-kinds.ts';
import {
  automationPause,
  emit,
  findLevel,
  levelOf,
  roleOf,
  urgencyOf,
  type Look,
  type Refusal,
  type Decision,
} from '../model/decision.ts';

interface Move {
  readonly to: Level;
  readonly cause: Cause;
  readonly because: string;
  readonly where: Where | null;
  readonly spent: readonly EvidenceId[];
}

/** Changes the level and does what the change asks for: rings, roles, clocks. Same level: nothing. */
export function changeLevel(decision: Decision, move: Move): void {
  const from = levelOf(decision);
  if (from?.id === move.to.id) return;
  const direction = from === null ? 'start' : move.to.rank < from.rank ? 'raise' : 'lower';
  const before = Object.values(decision.state.escalations);
  emit(decision, {
    type: 'SeverityChanged',
    from: decision.state.level,
    to: move.to.id,
    direction,
    cause: move.cause,
    level: move.to,
    because: move.because,
    where: move.where,
    spent: move.spent,
  });
  // At the opening nobody rings yet: triage decides who does, and whether a vendor's phone rings already.
  const isOpening =
    direction === 'start' && before.length === 0 && decision.state.declaredAt === null;
  if (direction === 'lower') releaseRoles(decision, move.to);
  else if (!isOpening) raiseRings(decision, move.to);
  if (decision.state.declaredAt === null) return;
  enterLevel(decision, move.to);
  if (from?.public == null) sayWhyNoPage(decision);
  if (direction !== 'lower') firstPostsAfterRaise(decision, from);
  informAll(
    decision,
    direction === 'start' ? '' : `Severity is ${move.to.id} now: ${move.because}.`,
  );
}

/** Whether a raise rings for it anew: not for an alarm, nor to ask again who has just shown that they are there. */
function ringsLouder(look: Look<'state'>, escalation: Escalation): boolean {
  if (isForAlarm(escalation) || !isSoft(look, escalation)) return false;
  return escalation.key.kind !== 'presence' || isOwed(escalation);
}

/** Looks for the on-call anew, as the file says now; null: it looked for somebody else, or the level calls none. */
function onCallRequest(
  decision: Decision,
  { key, recipient }: Escalation,
): EscalationRequest | null {
  if (recipient.kind !== 'service_on_call' || pagesNobody(decision)) return null;
  if (key.kind === 'service') return serviceRequest(decision, key.service);
  if (key.kind !== 'role') return null;
  const isCalled = momentsSoFar(decision).some((one) =>
    levelOf(decision)?.page[one].includes(key.role),
  );
  return isCalled ? roleRequest(decision, key.role) : null;
}

/**
 * A raise is news: the on-call who has answered, and is not at it, has not heard of it. Where somebody commands it is said
 * where they and everybody else read it, and whom to call is theirs to say.
 */
function unheardBy(decision: Decision, level: Level): readonly EscalationRequest[] {
  if (isCommanded(decision)) return [];
  const { escalations, roles } = decision.state;
  return Object.values(escalations).flatMap((one) => {
    const request = one.state === 'answered' ? onCallRequest(decision, one) : null;
    if (request === null) return [];
    const holder = one.key.kind === 'role' ? own(roles, one.key.role)?.person : undefined;
    const who = holder ?? one.answeredBy;
    if (who !== null && isAtIt(decision, who)) return [];
    return [{ ...request, about: `It is ${level.id} now`, isNews: true }];
  });
}

function raiseRings(decision: Decision, level: Level): void {
  // Where it calls nobody to command yet, whoever is looked for by the milder one is better than nobody.
  if (callsCommander(decision, level))
    endOtherCommands(decision, `${level.id} has a command of its own`);
  const before = Object.values(decision.state.escalations);
  const rang = new Set(openPages(decision).map(({ id }) => id));
  const idOf = ({ key }: EscalationRequest): EscalationId => encodeEscalation(key);
  const wanted = new Set(momentRequests(decision, momentsSoFar(decision)).map(idOf));
  const softer =
    urgencyOf(decision) === 'high' ? before.filter((one) => ringsLouder(decision, one)) : [];
  ringLouder(decision, softer);
  const called = momentRequests(decision, momentsSoFar(decision));
  startEscalations(decision, [
    ...called.filter((request) => wanted.has(idOf(request))),
    ...unheardBy(decision, level),
  ]);
  resumeExhausted(decision);
  showAllOf(
    decision,
    openPages(decision).filter(({ id }) => rang.has(id)),
  );
}

/**
 * Roles that the milder level does not ask for are no longer searched; whoever holds one keeps it. One that it has on request
 * is searched on where somebody has asked for it.
 */
function releaseRoles(decision: Decision, level: Level): void {
  const { onRequest, ...moments } = level.page;
  const asked = new Set(Object.values(moments).flat());
  for (const escalation of Object.values(decision.state.escalations)) {
    const { key } = escalation;
    if (!isOwed(escalation) || key.kind !== 'role' || asked.has(key.role)) continue;
    if (!isAskedFor(escalation) || !onRequest.includes(key.role))
      endEscalation(decision, escalation.id, `${level.id} does not ask for this role`);
  }
}

/**
 * The level of a rule that met this incident: starts it, or raises it when worse, once per rule. What a person has lowered
 * since rises again by an alert that nobody knew of then, but for one more of a storm.
 * @param isNews the incident has never heard of the alert that met the rule
 */
export function applyRule(decision: Decision, routing: Routing, isNews = false): void {
  const level = findLevel(decision.policy, routing.level);
  if (level === null) return;
  const current = levelOf(decision);
  const evidence = ruleEvidence(routing);
  if (current !== null && level.rank >= current.rank) return;
  const isHeldAgainst = current !== null && isSpent(decision.state, evidence);
  if (isHeldAgainst && (!isNews || decision.state.storm !== null)) return;
  const { because } = routing;
  changeLevel(decision, {
    to: level,
    cause: { kind: 'rule', name: routing.rule?.name ?? `source ${routing.source}` },
    because: isHeldAgainst
      ? `an alert that was not known when the level was lowered: ${routing.title}; ${because}`
      : because,
    where: routing.rule?.where ?? null,
    spent: [evidence],
  });
}

/** Evidence that a person's lowering holds against: all that triggers or rules could name now. */
export function knownEvidence({ state, policy }: Look<'state' | 'policy'>): readonly EvidenceId[] {
  const evidence = [ruleEvidence(state.routing)];
  for (const trigger of policy.triggers) evidence.push(...allOf(trigger, state));
  return evidence;
}

/** What a trigger could fire on now, whether or not it did before. */
function allOf({ name: trigger, when }: Trigger, state: Incident): readonly EvidenceId[] {
  return evidenceOf(when, state).map((seen) => encodeEvidence({ kind: 'trigger', trigger, seen }));
}

/** What a trigger could still fire on. */
export function unspentOf(trigger: Trigger, state: Incident): readonly EvidenceId[] {
  return allOf(trigger, state).filter((one) => !isSpent(state, one));
}

/** Asks every trigger. Called after each fact that may have changed one. */
export function askTriggers(decision: Decision): void {
  if (isOver(decision.state)) return;
  // One that counts time is asked when its time has come.
  for (const trigger of decision.policy.triggers)
    if (kindOf(trigger.when).counts === undefined) askTrigger(decision, trigger);
}

function askTrigger(decision: Decision, trigger: Trigger): void {
  const { state, now } = decision;
  const seen = kindOf(trigger.when).sees({ state, given: trigger.when.given, now });
  if (seen === null) return;
  const evidence = unspentOf(trigger, state);
  if (evidence.length > 0) fire(decision, trigger, { seen, evidence });
}

/** A trigger's time has come, or automation goes on after a pause that held it; one that was removed holds nothing. */
export function triggerDue(decision: Decision, name: string): void {
  const trigger = decision.policy.triggers.find((one) => one.name === name);
  if (trigger !== undefined) askTrigger(decision, trigger);
  const { state, now } = decision;
  if (state.heldTriggers[name] === undefined) return;
  if (trigger !== undefined && goesOnAt(groundOf(state, decision.context)) > now) return;
  emit(decision, {
    type: 'TriggerHeld',
    trigger: name,
    why:
      trigger === undefined
        ? 'it was held, and a reload has removed it'
        : 'what it saw before holds no more',
    spent: [],
    later: false,
  });
}

function fire(
  decision: Decision,
  trigger: Trigger,
  why: { readonly seen: string; readonly evidence: readonly EvidenceId[] },
): void {
  const hold = (reason: string, later = false): void =>
    emit(decision, {
      type: 'TriggerHeld',
      trigger: trigger.name,
      why: reason,
      spent: later ? [] : why.evidence,
      later,
    });
  const pause = automationPause(decision);
  if (pause !== null) {
    hold(pausedBy(pause), true);
    return;
  }
  const leaveToPeople = (reason: string, later: boolean): void => {
    const isKnown = decision.state.heldTriggers[trigger.name] !== undefined;
    hold(`${reason}; a person must decide`, later);
    if (!isKnown) tellHeld(decision, trigger, { seen: why.seen, reason });
  };
  const because = `trigger "${trigger.name}" (${whereText(trigger.where)}): ${why.seen}`;
  if (trigger.then.kind === 'escalate_next_step') {
    hold(`${why.seen}: the next step is called`);
    callNextStep(decision, trigger.name, because);
    return;
  }
  const { ceiling, raiseAtMost } = decision.policy.automation;
  const rank = levelOf(decision)?.rank ?? decision.policy.levels.length;
  const wanted = wantedRank(decision.policy, rank, trigger);
  const target = targetLevel(decision.policy, rank, wanted);
  if (target === null && wanted < rank)
    leaveToPeople(`automation may go no further than ${ceiling}`, false);
  else if (target === null) hold('the level is there already');
  else if (goesOnAt(groundOf(decision.state, decision.context)) > decision.now)
    leaveToPeople(
      `automation may raise only ${raiseAtMost?.count ?? 0} time(s) in this span`,
      true,
    );
  else
    changeLevel(decision, {
      to: target,
      cause: { kind: 'trigger', name: trigger.name },
      because,
      where: trigger.where,
      spent: why.evidence,
    });
}

/** Rank of the level that a trigger leads to, whatever automation may set. */
function wantedRank(policy: Policy, rank: number, { then }: Trigger): number {
  if (then.kind === 'raise') return Math.max(0, rank - then.levels);
  return then.kind === 'at_least' ? (findLevel(policy, then.level)?.rank ?? rank) : rank;
}

/** The level for it, never above the ceiling; null: nothing to raise. */
function targetLevel(policy: Policy, rank: number, wanted: number): Level | null {
  const ceiling = findLevel(policy, policy.automation.ceiling)?.rank ?? 0;
  const target = policy.levels[Math.max(wanted, ceiling)];
  return target === undefined || target.rank >= rank ? null : target;
}

/** When automation may raise: not during its pause, and not more often than it may. */
export function goesOnAt({ state, policy, lookups }: Ground): Instant {
  const { raiseAtMost: limit } = policy.automation;
  const last = limit === null ? undefined : state.raises.at(-limit.count);
  return Math.max(
    lookups.pauses.automation?.until ?? 0,
    limit === null || last === undefined ? 0 : last + limit.withinMs,
  );
}

/** What automation saw and may not act on: the responders are asked, or nobody would know. */
function tellHeld(
  decision: Decision,
  trigger: Trigger,
  why: { readonly seen: string; readonly reason: string },
): void {
  const { id } = decision.state;
  say(
    decision,
    `${id}: ${why.seen}, and trigger "${trigger.name}" would raise it, but ${why.reason}. If it is that bad: \`tocsin severity ${id} LEVEL\`.`,
    { kind: 'held', trigger: trigger.name },
  );
}

/** Calls the next tier: whom the steps ahead name first that is not here yet, of the command's escalation or else of another. */
function callNextStep(decision: Decision, name: string, because: string): void {
  const isCommand = (escalation: Escalation): boolean =>
    escalation.key.kind === 'role' && roleOf(decision, escalation.key.role)?.commands === true;
  const escalations = Object.values(decision.state.escalations).filter(
    ({ key }) => key.kind === 'role' || key.kind === 'service',
  );
  const inOrder = [
    ...escalations.filter(isCommand),
    ...escalations.filter((escalation) => !isCommand(escalation)),
  ];
  const [recipient] = inOrder.flatMap((escalation) => recipientsAhead(decision, escalation));
  if (recipient === undefined) {
    const reason = `${because}; there is no further step to call`;
    raiseAlarm(decision, { kind: 'trigger', trigger: name }, reason);
    return;
  }
  const called = Object.values(decision.state.escalations).filter(
    ({ key }) => key.kind === 'next' && key.trigger === name,
  );
  startEscalations(decision, [
    {
      key: { kind: 'next', trigger: name, number: called.length + 1 },
      about: because,
      recipient,
      escalation: { kind: 'vendor', unanswered: null },
      fallback: [],
      isNews: true,
    },
  ]);
}

/** @param command with the word LEVEL where the name belongs */
export function unknownLevel(policy: Policy, level: string, command: string): Refusal {
  return {
    code: 'unknown_level',
    message: `There is no level ${level}. Levels: ${policy.levels.map((one) => one.id).join(', ')}. Name one of them: \`${command}\`.`,
    about: { kind: 'name', field: 'level' },
  };
}
