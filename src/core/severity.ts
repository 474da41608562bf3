/**
 * Severity moves by declaration of rules: rules start it, triggers only raise it, the worst wins on merge, and only a
 * person lowers it, saying why. A trigger fires once per fact that changed; a lowering holds against all facts known then.
 */
import { enterLevel, momentRequests, momentsSoFar } from './declaring.ts';
import {
  endRun,
  resumeExhausted,
  ringLouder,
  sourcesAhead,
  startRuns,
  urgencyOf,
} from './escalating.ts';
import { levelFact } from './evolve.ts';
import type { Incident, Run } from './incident.ts';
import { informAll } from './informing.ts';
import type { RoutingFacts } from './input.ts';
import type { ImpactMeasure, Level, Policy, Trigger, Where } from './policy.ts';
import { tightenPublicClocks } from './publishing.ts';
import { place } from './route.ts';
import { armLevelTimers, timedFact } from './severity-clocks.ts';
import { soundAlarm } from './sounding.ts';
import { automationPause, emit, findLevel, isOver, levelOf, setTimer, type Turn } from './turn.ts';

interface Move {
  readonly to: Level;
  readonly by: 'rule' | 'trigger' | 'person';
  readonly because: string;
  readonly where: Where | null;
  readonly spent: readonly string[];
}

/** Changes the level and does what the change asks for: rings, roles, clocks. Same level: nothing. */
export function changeLevel(turn: Turn, move: Move): void {
  const from = levelOf(turn);
  if (from?.id === move.to.id) return;
  const direction = from === null ? 'start' : move.to.rank < from.rank ? 'raise' : 'lower';
  const before = { from: turn.state.level, runs: Object.values(turn.state.runs) };
  emit(turn, {
    type: 'SeverityChanged',
    from: before.from,
    to: move.to.id,
    direction,
    by: move.by,
    because: move.because,
    where: move.where,
    spent: move.spent,
  });
  armLevelTimers(turn);
  if (isOver(turn.state)) return;
  // At the opening nobody rings yet: triage decides who does, and whether a vendor's phone rings already.
  const isOpening =
    direction === 'start' && before.runs.length === 0 && turn.state.declaredAt === null;
  if (direction === 'lower') releaseRoles(turn, move.to);
  else if (!isOpening) raiseRings(turn, before.runs);
  if (turn.state.declaredAt === null) return;
  enterLevel(turn, move.to);
  if (direction !== 'lower') tightenPublicClocks(turn, before.from);
  informAll(turn, direction === 'start' ? '' : `Severity is ${move.to.id} now: ${move.because}.`);
}

function raiseRings(turn: Turn, before: readonly Run[]): void {
  const wanted = new Set(momentRequests(turn, momentsSoFar(turn)).map((request) => request.id));
  const softer =
    urgencyOf(turn) === 'high'
      ? before.filter((run) => run.urgency === 'low' && run.purpose.kind !== 'alarm')
      : [];
  ringLouder(turn, softer);
  startRuns(
    turn,
    momentRequests(turn, momentsSoFar(turn)).filter((request) => wanted.has(request.id)),
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
    if (open && run.purpose.kind === 'role' && !asked.has(run.purpose.role))
      endRun(turn, run.id, `${level.id} does not ask for this role`);
  }
}

function isSpent(turn: Turn, fact: string): boolean {
  return turn.state.spent.includes(fact);
}

/** The level of a rule that met this incident: starts it, or raises it when worse, once per rule. */
export function applyRule(turn: Turn, facts: RoutingFacts): void {
  const level = findLevel(turn.policy, facts.level);
  if (level === null) return;
  const current = levelOf(turn);
  const fact = levelFact(facts);
  if (current !== null && (level.rank >= current.rank || isSpent(turn, fact))) return;
  changeLevel(turn, {
    to: level,
    by: 'rule',
    because: facts.because,
    where: facts.rule?.where ?? null,
    spent: [fact],
  });
}

/** Facts that a person's lowering holds against: all that triggers or rules could name now. */
export function knownFacts(turn: Turn): readonly string[] {
  const { state, policy } = turn;
  const facts = [levelFact(state.facts)];
  for (const trigger of policy.triggers) facts.push(...factsOf(turn, trigger));
  return facts;
}

function factsOf(turn: Turn, trigger: Trigger): readonly string[] {
  const { state } = turn;
  switch (trigger.when.kind) {
    case 'impact_grows':
      return [`${trigger.name}#impact${state.impactReports}`];
    case 'flag':
      return state.flags[trigger.when.flag] === undefined
        ? []
        : [`${trigger.name}#${trigger.when.flag}@${state.flags[trigger.when.flag]}`];
    case 'customer_reports':
      return [`${trigger.name}#accounts${accountsOf(state.reports, trigger.when.tier).size}`];
    case 'no_root_cause':
      return [timedFact(turn, trigger.name)];
  }
}

/** What a trigger sees: null, or the sentence with the values. */
function fires(turn: Turn, trigger: Trigger): string | null {
  switch (trigger.when.kind) {
    case 'impact_grows':
      return impactGrew(turn, trigger.when);
    case 'flag':
      return turn.state.flags[trigger.when.flag] === undefined
        ? null
        : `flag ${trigger.when.flag} is set`;
    case 'customer_reports':
      return customersReported(turn, trigger.when);
    case 'no_root_cause':
      // Only its timer makes it fire.
      return null;
  }
}

/** Compared per measure with its value at the last level change; unknown or zero never fires. */
function impactGrew(
  turn: Turn,
  when: Extract<Trigger['when'], { kind: 'impact_grows' }>,
): string | null {
  for (const [measure, least] of Object.entries(when.atLeast) as [ImpactMeasure, number][]) {
    const now = turn.state.impact[measure] ?? 0;
    const before = turn.state.impactBaseline[measure] ?? 0;
    if (before > 0 && now >= least && now >= before * when.factor)
      return `${measure.replaceAll('_', ' ')} grew from ${before} to ${now}`;
  }
  return null;
}

/** Distinct accounts of the tier (null: of any): whoever reports again is no new fact. */
function accountsOf(reports: Incident['reports'], tier: string | null): ReadonlySet<string> {
  const counted = reports.filter((report) => tier === null || report.tier === tier);
  return new Set(counted.map((report) => report.account));
}

function customersReported(
  turn: Turn,
  when: Extract<Trigger['when'], { kind: 'customer_reports' }>,
): string | null {
  const recent = turn.state.reports.filter((report) => turn.now - report.at <= when.withinMs);
  const accounts = accountsOf(recent, when.tier);
  if (accounts.size < when.accounts) return null;
  return `${accounts.size} ${when.tier ?? ''} accounts reported it within ${Math.round(when.withinMs / 60_000)} min`.replace(
    '  ',
    ' ',
  );
}

/** Asks every trigger. Called after each fact that may have changed one. */
export function askTriggers(turn: Turn): void {
  if (isOver(turn.state)) return;
  for (const trigger of turn.policy.triggers) {
    const seen = fires(turn, trigger);
    if (seen === null) continue;
    const facts = factsOf(turn, trigger).filter((fact) => !isSpent(turn, fact));
    if (facts.length > 0) pull(turn, trigger, { seen, facts });
  }
}

/** A timed trigger's moment came. */
export function timedTrigger(turn: Turn, name: string): void {
  const trigger = turn.policy.triggers.find((one) => one.name === name);
  const isRunning = turn.state.phase === 'investigating' && turn.state.rootCauseAt === null;
  if (trigger?.when.kind !== 'no_root_cause' || !isRunning) return;
  const fact = timedFact(turn, name);
  const minutes = Math.round((turn.now - turn.state.levelSince) / 60_000);
  if (!isSpent(turn, fact))
    pull(turn, trigger, {
      seen: `no root cause after ${minutes} min at ${turn.state.level ?? 'this level'}`,
      facts: [fact],
    });
}

function pull(
  turn: Turn,
  trigger: Trigger,
  why: { readonly seen: string; readonly facts: readonly string[] },
): void {
  const pause = automationPause(turn);
  if (pause !== null) {
    emit(turn, {
      type: 'TriggerHeld',
      trigger: trigger.name,
      why: `automation is paused by ${pause.by}: ${pause.why}`,
      spent: [],
    });
    setTimer(
      turn,
      trigger.when.kind === 'no_root_cause' ? `trigger:${trigger.name}` : 'retrigger',
      pause.until,
    );
    return;
  }
  const because = `trigger "${trigger.name}" (${place(trigger.where)}): ${why.seen}`;
  if (trigger.then.kind === 'escalate_next_step') {
    emit(turn, {
      type: 'TriggerHeld',
      trigger: trigger.name,
      why: `${why.seen}: the next step is called`,
      spent: why.facts,
    });
    callNextStep(turn, trigger.name, because);
    return;
  }
  const held = (reason: string): void =>
    emit(turn, { type: 'TriggerHeld', trigger: trigger.name, why: reason, spent: why.facts });
  const target = targetLevel(turn.policy, levelOf(turn), trigger);
  if (target === null) held('the level is there already, or at the ceiling of automation');
  else if (tooManyRaises(turn))
    held(
      `automation may raise only ${turn.policy.automation.raiseAtMost?.count ?? 0} time(s) in this span; a person must decide`,
    );
  else
    changeLevel(turn, {
      to: target,
      by: 'trigger',
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

function tooManyRaises(turn: Turn): boolean {
  const limit = turn.policy.automation.raiseAtMost;
  return (
    limit !== null &&
    turn.state.raises.filter((at) => turn.now - at < limit.withinMs).length >= limit.count
  );
}

/** Calls the next tier: whom the steps ahead name first that is not here yet, of the command's run or else of another. */
function callNextStep(turn: Turn, name: string, because: string): void {
  const isCommand = (run: Run): boolean =>
    run.purpose.kind === 'role' && turn.policy.roles[run.purpose.role]?.commands === true;
  const runs = Object.values(turn.state.runs).filter(
    (run) => run.purpose.kind === 'role' || run.purpose.kind === 'service',
  );
  const inOrder = [...runs.filter(isCommand), ...runs.filter((run) => !isCommand(run))];
  const [source] = inOrder.flatMap((run) => sourcesAhead(turn, run));
  if (source === undefined) {
    soundAlarm(turn, `trigger:${name}`, `${because}; there is no further step to call`);
    return;
  }
  const called = Object.keys(turn.state.runs).filter((id) => id.startsWith(`next:${name}:`)).length;
  startRuns(turn, [
    {
      id: `next:${name}:${called + 1}`,
      purpose: { kind: 'alarm', alarm: because },
      source,
      escalation: { kind: 'vendor', unanswered: null },
      fallback: [],
    },
  ]);
}
