/**
 * Severity moves by declaration of rules: rules start it, triggers only raise it, the worst wins on merge, and only a
 * person lowers it, saying why. A trigger fires once per piece of evidence; a lowering holds against all evidence known then.
 */
import { enterLevel } from '../command/declaring.ts';
import { recipientsAhead, startEscalations } from '../paging/escalating.ts';
import { whereText } from '../model/event-entry.ts';
import type { Instant } from '../model/alert.ts';
import type { Cause } from '../model/event.ts';
import { isSpent, ruleEvidence } from '../model/evidence.ts';
import { isOver, type Escalation, type Incident } from '../model/incident.ts';
import { informAll } from '../informing/informing.ts';
import type { Routing } from '../model/input.ts';
import { groundOf, type Ground } from '../model/obligation.ts';
import type { Level, Policy, Trigger, Where } from '../model/policy.ts';
import { firstPostsAfterRaise, sayWhyNoPage } from '../publishing/publishing.ts';
import { encodeEvidence, type EvidenceId } from '../model/keys.ts';
import { raiseAlarm } from '../paging/alarms.ts';
import { say } from '../texts/messages.ts';
import { lowerRings } from './lowering.ts';
import { pausedBy } from './machines.ts';
import { evidenceOf, kindOf } from './trigger-kinds.ts';
import {
  automationPause,
  emit,
  findLevel,
  levelOf,
  roleOf,
  type Look,
  type Refusal,
  type Decision,
} from '../model/decision.ts';
import { raiseRings } from './raising.ts';

interface Move {
  readonly to: Level;
  readonly cause: Cause;
  readonly because: string;
  readonly where: Where | null;
  readonly spent: readonly EvidenceId[];
}

/** The person who says that it is worse, and so knows; null: a rule, a trigger or a machine. */
function raisedBy({ input: { actor } }: Decision, { cause }: Move): string | null {
  return cause.kind === 'person' && actor.kind === 'person' ? actor.id : null;
}

/** Changes the level and does what the change asks for: rings, roles, clocks. Same level: nothing. */
export function changeLevel(decision: Decision, move: Move): void {
  const from = levelOf(decision);
  if (from?.id === move.to.id) return;
  const direction = from === null ? 'start' : move.to.rank < from.rank ? 'raise' : 'lower';
  const before = decision.state;
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
    direction === 'start' &&
    Object.keys(before.escalations).length === 0 &&
    before.declaredAt === null;
  if (direction === 'lower') lowerRings(decision, before, move.to);
  else if (!isOpening) raiseRings(decision, { from, to: move.to, by: raisedBy(decision, move) });
  if (decision.state.declaredAt === null) return;
  enterLevel(decision, move.to);
  if (from?.public == null) sayWhyNoPage(decision);
  if (direction !== 'lower') firstPostsAfterRaise(decision, from);
  informAll(
    decision,
    direction === 'start' ? '' : `Severity is ${move.to.id} now: ${move.because}.`,
  );
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
