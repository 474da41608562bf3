/** The clocks that count from entry into a level: declaration of what still fires, and timed triggers. */
import { dropTimer, levelOf, setTimer, type Turn } from './turn.ts';

/** Sets or drops the timers that belong to the level the incident is in now. */
export function armLevelTimers(turn: Turn): void {
  const level = levelOf(turn);
  const { state } = turn;
  const orAfter = level?.declare.orAfterMs ?? null;
  if (state.phase === 'triage' && orAfter !== null && state.kind === 'incident')
    setTimer(turn, 'declare', state.levelSince + orAfter);
  else dropTimer(turn, 'declare');
  for (const trigger of turn.policy.triggers) {
    if (trigger.when.kind !== 'no_root_cause') continue;
    const purpose = `trigger:${trigger.name}`;
    const afterMs = level === null ? undefined : trigger.when.afterMs[level.id];
    const runs = state.phase === 'investigating' && state.rootCauseAt === null;
    if (afterMs === undefined || !runs || isSpent(turn, timedFact(turn, trigger.name)))
      dropTimer(turn, purpose);
    else setTimer(turn, purpose, state.levelSince + afterMs);
  }
}

/** A timed trigger fires once per entry into a level. */
export function timedFact(turn: Turn, trigger: string): string {
  return `${trigger}#${turn.state.level ?? ''}@${turn.state.levelSince}`;
}

function isSpent(turn: Turn, fact: string): boolean {
  return turn.state.spent.includes(fact);
}
