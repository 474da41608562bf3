/** Due timers become `TimerFired` inputs, in the writer's transaction. */
import type { Log } from '../contract/adapter.ts';
import type { TimerEffect } from '../core/effect.ts';
import type { Core } from './core.ts';
import type { Metrics } from './metrics.ts';
import { openMinimally } from './minimal.ts';
import type { Turn } from './turns.ts';

export interface TimerOptions {
  readonly core: Core;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly noteDue: (at: number) => void;
}

export interface Timers {
  /** Fires what is due. True: there is more. */
  fire(turn: Turn): Promise<boolean>;
}

const TIMERS_A_TURN_MAX = 200;
const FAILURES_MAX = 3;
const FAILURE_WAIT_MS = 1_000;

interface Failing {
  readonly count: number;
  readonly until: number;
}

function idOf(timer: TimerEffect): string {
  return `${timer.id}#${timer.generation}`;
}

function fireOne(timer: TimerEffect, turn: Turn, log: Log): void {
  const { incident, purpose, generation } = timer;
  const decision = turn.workspace.feed({
    id: idOf(timer),
    incident,
    at: turn.now,
    actor: { kind: 'tocsin' },
    type: 'TimerFired',
    purpose,
    generation,
  });
  // A stale generation is refused, and that is all there is to it.
  if (!decision.ok)
    log.debug({ incident, purpose, generation, code: decision.code }, decision.message);
  turn.workspace.dropTimer(incident, purpose);
}

/** Remembers which timers the core threw over, so that they neither block the others nor run hot. */
export function createTimers(options: TimerOptions): Timers {
  const failing = new Map<string, Failing>();
  const failed = async (timer: TimerEffect, error: unknown, turn: Turn): Promise<void> => {
    const id = idOf(timer);
    const count = (failing.get(id)?.count ?? 0) + 1;
    options.metrics.poison.inc({ input: 'timer' });
    options.log.error({ error, timer: id, failures: count }, 'the core threw over a timer');
    if (count < FAILURES_MAX) {
      const until = turn.now + FAILURE_WAIT_MS;
      turn.afterCommit(() => {
        failing.set(id, { count, until });
        options.noteDue(until);
      });
      return;
    }
    await openMinimally(turn, options.core, {
      source: timer.incident,
      input: id,
      title: `Incident ${timer.incident} cannot go on by itself`,
      reason: `its timer "${timer.purpose}" failed ${FAILURES_MAX} times; take the incident over by hand and report the error in the log.`,
    });
    turn.workspace.dropTimer(timer.incident, timer.purpose);
    turn.afterCommit(() => failing.delete(id));
  };
  return {
    fire: async (turn) => {
      const due = await turn.tx.dueTimers(turn.now, TIMERS_A_TURN_MAX);
      const ready = due.filter((timer) => {
        const until = failing.get(idOf(timer))?.until ?? 0;
        if (until > turn.now) options.noteDue(until);
        return until <= turn.now;
      });
      await turn.workspace.prepare(ready.map((timer) => timer.incident));
      for (const timer of ready) {
        try {
          fireOne(timer, turn, options.log);
        } catch (error) {
          await failed(timer, error, turn);
        }
      }
      await turn.workspace.flush();
      return due.length === TIMERS_A_TURN_MAX && ready.length > 0;
    },
  };
}
