/**
 * Severity moves by declaration of rules: rules start it, triggers only raise it, the worst wins on merge, and only a
 * person lowers it, saying why. A trigger fires once per fact that changed; a lowering holds against all facts known then.
 */
import { enterLevel, momentRequests, momentsSoFar } from '../command/declaring.ts';
import {
  endRun,
  resumeExhausted,
  ringLouder,
  type RunRequest,
  sourcesAhead,
  startRuns,
  urgencyOf,
} from '../paging/escalating.ts';
import type { Cause } from '../model/event.ts';
import { isSpent, ruleFact } from '../model/facts.ts';
import type { Run } from '../model/incident.ts';
import { informAll } from '../informing/informing.ts';
import type { RoutingFacts } from '../model/input.ts';
import type { Level, Policy, Trigger, Where } from '../model/policy.ts';
import { firstPostsAfterRaise } from '../publishing/publishing.ts';
import { encodeRun, type FactId, type RunId } from '../model/keys.ts';
import { isForAlarm } from '../model/events-paging.ts';
import { place } from '../routing/route.ts';
import { soundAlarm } from '../paging/sounding.ts';
import { kindOf } from './trigger-kinds.ts';
import {
  automationPause,
  emit,
  findLevel,
  isOver,
  levelOf,
  type Look,
  type Refusal,
  type Turn,
} from '../model/turn.ts';

interface Move {
  readonly to: Level;
  readonly cause: Cause;
  readonly because: string;
  readonly where: Where | null;
  readonly spent: readonly FactId[];
}

/** Changes the level and does what the change asks for: rings, roles, clocks. Same level: nothing. */
export function changeLevel(turn: Turn, move: Move): void {
  const from = levelOf(turn);
  if (from?.id === move.to.id) return;
  const direction = from === null ? 'start' : move.to.rank < from.rank ? 'raise' : 'lower';
  const before = Object.values(turn.state.runs);
  emit(turn, {
    type: 'SeverityChanged',
    from: turn.state.level,
    to: move.to.id,
    direction,
    cause: move.cause,
    level: move.to,
    because: move.because,
    where: move.where,
    spent: move.spent,
  });
  // At the opening nobody rings yet: triage decides who does, and whether a vendor's phone rings already.
  const isOpening = direction === 'start' && before.length === 0 && turn.state.declaredAt === null;
  if (direction === 'lower') releaseRoles(turn, move.to);
  else if (!isOpening) raiseRings(turn, before);
  if (turn.state.declaredAt === null) return;
  enterLevel(turn, move.to);
  if (direction !== 'lower') firstPostsAfterRaise(turn, from);
  informAll(turn, direction === 'start' ? '' : `Severity is ${move.to.id} now: ${move.because}.`);
}

function raiseRings(turn: Turn, before: readonly Run[]): void {
  const idOf = ({ key }: RunRequest): RunId => encodeRun(key);
  const wanted = new Set(momentRequests(turn, momentsSoFar(turn)).map(idOf));
  const softer =
    urgencyOf(turn) === 'high'
      ? before.filter((run) => run.urgency === 'low' && !isForAlarm(run))
      : [];
  ringLouder(turn, softer);
  startRuns(
    turn,
    momentRequests(turn, momentsSoFar(turn)).filter((request) => wanted.has(idOf(request))),
  );
  resumeExhausted(turn);
}

/** Roles that the milder level does not ask for are no longer searched; whoever holds one keeps it. */
function releaseRoles(turn: Turn, level: Level): void {
  const asked = new Set([
    ...level.page.triage,
    ...level.page.declared,
    ...level.page.commanded,
    ...level.page.onRequest,
  ]);
  for (const run of Object.values(turn.state.runs)) {
    const open = run.state === 'open' || run.state === 'exhausted';
    if (open && run.key.kind === 'role' && !asked.has(run.key.role))
      endRun(turn, run.id, `${level.id} does not ask for this role`);
  }
}

/** The level of a rule that met this incident: starts it, or raises it when worse, once per rule. */
export function applyRule(turn: Turn, facts: RoutingFacts): void {
  const level = findLevel(turn.policy, facts.level);
  if (level === null) return;
  const current = levelOf(turn);
  const fact = ruleFact(facts);
  if (current !== null && (level.rank >= current.rank || isSpent(turn.state, fact))) return;
  changeLevel(turn, {
    to: level,
    cause: { kind: 'rule', name: facts.rule?.name ?? `source ${facts.source}` },
    because: facts.because,
    where: facts.rule?.where ?? null,
    spent: [fact],
  });
}

/** Facts that a person's lowering holds against: all that triggers or rules could name now. */
export function knownFacts({ state, policy }: Look<'state' | 'policy'>): readonly FactId[] {
  const facts = [ruleFact(state.facts)];
  for (const { name: trigger, when } of policy.triggers)
    facts.push(...kindOf(when).facts({ state, trigger, when }));
  return facts;
}

/** Asks every trigger. Called after each fact that may have changed one. */
export function askTriggers(turn: Turn): void {
  if (isOver(turn.state)) return;
  // One that counts time is asked when its time has come.
  for (const trigger of turn.policy.triggers)
    if (kindOf(trigger.when).counts === undefined) askTrigger(turn, trigger);
}

function askTrigger(turn: Turn, trigger: Trigger): void {
  const kind = kindOf(trigger.when);
  const watching = { state: turn.state, trigger: trigger.name, when: trigger.when };
  const seen = kind.sees({ ...watching, now: turn.now });
  if (seen === null) return;
  const facts = kind.facts(watching).filter((fact) => !isSpent(turn.state, fact));
  if (facts.length > 0) pull(turn, trigger, { seen, facts });
}

/** A trigger's time has come, or automation goes on after a pause that held it. */
export function triggerDue(turn: Turn, name: string): void {
  const trigger = turn.policy.triggers.find((one) => one.name === name);
  if (trigger === undefined) return;
  askTrigger(turn, trigger);
  if (turn.state.heldTriggers[name] === undefined || automationPause(turn) !== null) return;
  emit(turn, {
    type: 'TriggerHeld',
    trigger: name,
    why: 'what it saw before the pause holds no more',
    spent: [],
    later: false,
  });
}

function pull(
  turn: Turn,
  trigger: Trigger,
  why: { readonly seen: string; readonly facts: readonly FactId[] },
): void {
  const hold = (reason: string, later = false): void =>
    emit(turn, {
      type: 'TriggerHeld',
      trigger: trigger.name,
      why: reason,
      spent: later ? [] : why.facts,
      later,
    });
  const pause = automationPause(turn);
  if (pause !== null) {
    hold(`automation is paused by ${pause.by}: ${pause.why}`, true);
    return;
  }
  const because = `trigger "${trigger.name}" (${place(trigger.where)}): ${why.seen}`;
  if (trigger.then.kind === 'escalate_next_step') {
    hold(`${why.seen}: the next step is called`);
    callNextStep(turn, trigger.name, because);
    return;
  }
  const target = targetLevel(turn.policy, levelOf(turn), trigger);
  if (target === null) hold('the level is there already, or at the ceiling of automation');
  else if (tooManyRaises(turn))
    hold(
      `automation may raise only ${turn.policy.automation.raiseAtMost?.count ?? 0} time(s) in this span; a person must decide`,
    );
  else
    changeLevel(turn, {
      to: target,
      cause: { kind: 'trigger', name: trigger.name },
      because,
      where: trigger.where,
      spent: why.facts,
    });
}

/** The level a trigger leads to, never above the ceiling; null: nothing to raise. */
function targetLevel(policy: Policy, current: Level | null, trigger: Trigger): Level | null {
  const ceiling = findLevel(policy, policy.automation.ceiling)?.rank ?? 0;
  const rank = current?.rank ?? policy.levels.length;
  let wanted = rank;
  if (trigger.then.kind === 'raise') wanted = rank - trigger.then.levels;
  else if (trigger.then.kind === 'at_least')
    wanted = findLevel(policy, trigger.then.level)?.rank ?? rank;
  const target = policy.levels[Math.max(wanted, ceiling)];
  return target === undefined || target.rank >= rank ? null : target;
}

function tooManyRaises({ state, policy, now }: Look<'state' | 'policy' | 'now'>): boolean {
  const limit = policy.automation.raiseAtMost;
  return (
    limit !== null && state.raises.filter((at) => now - at < limit.withinMs).length >= limit.count
  );
}

/** Calls the next tier: whom the steps ahead name first that is not here yet, of the command's run or else of another. */
function callNextStep(turn: Turn, name: string, because: string): void {
  const isCommand = (run: Run): boolean =>
    run.key.kind === 'role' && turn.policy.roles[run.key.role]?.commands === true;
  const runs = Object.values(turn.state.runs).filter(
    ({ key }) => key.kind === 'role' || key.kind === 'service',
  );
  const inOrder = [...runs.filter(isCommand), ...runs.filter((run) => !isCommand(run))];
  const [source] = inOrder.flatMap((run) => sourcesAhead(turn, run));
  if (source === undefined) {
    const reason = `${because}; there is no further step to call`;
    soundAlarm(turn, { kind: 'trigger', trigger: name }, reason);
    return;
  }
  const called = Object.values(turn.state.runs).filter(
    ({ key }) => key.kind === 'next' && key.trigger === name,
  );
  startRuns(turn, [
    {
      key: { kind: 'next', trigger: name, number: called.length + 1 },
      about: because,
      source,
      escalation: { kind: 'vendor', unanswered: null },
      fallback: [],
    },
  ]);
}

export function unknownLevel(policy: Policy, level: string): Refusal {
  return {
    code: 'unknown_level',
    message: `There is no level ${level}. Levels: ${policy.levels.map((one) => one.id).join(', ')}.`,
  };
}
