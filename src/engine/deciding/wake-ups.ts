/**
 * Wake-ups: when the instant of an incident has come, the core is told that time has passed, in the writer's transaction.
 * Wake-ups that were derived from another policy, pause or reading of who is on call are derived anew, a slice a turn.
 */
import type { Log } from '../../contract/adapter.ts';
import { encodeInput } from '../../core/model/arriving-keys.ts';
import type { Core } from './core.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createRefusals, type Refusals, REFUSALS_MAX } from './refusals.ts';
import type { Stuck } from './stuck.ts';
import type { Turn } from './turns.ts';

export interface WakeUpOptions {
  readonly core: Core;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly stuck: Stuck;
}

export interface WakeUps {
  /** Whether wake-ups stand that were derived from something else than what holds now. */
  isStale(basis: string, now: number): boolean;
  /** Wakes what is due. True: there is more. */
  run(turn: Turn): Promise<boolean>;
  /** Derives the wake-ups of the incidents anew, but of those that were set aside: they wait for their own instant. */
  lookAgain(turn: Turn, incidents: readonly string[]): Promise<void>;
}

/** One look into the store; a turn deals with these few at a time until its time is over. */
const INCIDENTS_A_LOOK = 32;
/** Intake and sends wait no longer than this for incidents that are woken. */
const BUDGET_MS = 10;
/** Another process may have written wake-ups by what it looked up. */
const DERIVE_AGAIN_MS = 60_000;
const FAILURES_MAX = 3;
const FAILURE_WAIT_MS = 1_000;
/** What nobody can deal with is looked at again this late, in case that a reload mends it. */
const GIVEN_UP_WAIT_MS = 15 * 60_000;

interface Failing {
  /** In a row; 0: it was given up for now. */
  readonly count: number;
  readonly until: number;
}

async function wakeOne(incident: string, turn: Turn): Promise<void> {
  const version = turn.workspace.state(incident)?.version ?? 0;
  await turn.workspace.feed({
    id: encodeInput({ kind: 'time', incident, version }),
    incident,
    actor: { kind: 'tocsin' },
    type: 'TimePassed',
  });
}

/** What a turn wakes with. */
interface Waking {
  readonly turn: Turn;
  readonly options: WakeUpOptions;
  readonly failing: Map<string, Failing>;
  readonly refusals: Refusals;
}

/** Says and rings again what an incident about Tocsin itself is about, without dealing with what it owes. */
async function speakForItself({ turn, options }: Waking, incident: string): Promise<void> {
  const { core, log } = options;
  const input = encodeInput({ kind: 'stuck', incident, at: turn.now });
  try {
    await turn.workspace.continueMinimally(incident, (state, context) =>
      core.minimalAlarm(state, { ...context, input }),
    );
  } catch (error) {
    log.error({ error, incident }, 'an incident that is stuck cannot ring again either');
  }
}

/** Puts the incident off by a second, or, when it was too often, tells somebody and puts it off for long. */
async function setAside(at: Waking, incident: string, error: unknown): Promise<void> {
  const { turn, failing, refusals, options } = at;
  const count = (failing.get(incident)?.count ?? 0) + 1;
  options.metrics.poison.inc({ input: 'time' });
  options.log.error(
    { error, incident, failures: count },
    'an incident that was woken could not be dealt with',
  );
  options.stuck.failed(turn, incident);
  const isRefused = refusals.isStuck(incident);
  turn.afterCommit(() => refusals.forget(incident));
  if (count < FAILURES_MAX) {
    const until = turn.now + FAILURE_WAIT_MS;
    turn.workspace.postpone(incident, until);
    turn.afterCommit(() => failing.set(incident, { count, until }));
    return;
  }
  const isTold = await options.stuck.tell(turn, {
    incident,
    input: encodeInput({ kind: 'time', incident, version: null }),
    reason: `what is owed could not be dealt with ${FAILURES_MAX} times`,
  });
  if (!isTold && !isRefused) await speakForItself(at, incident);
  const again = turn.now + GIVEN_UP_WAIT_MS;
  turn.workspace.postpone(incident, again);
  turn.afterCommit(() => failing.set(incident, { count: 0, until: again }));
}

/** Goes on until there is no more, or the turn has taken its time. True: there is more. */
async function untilOver(turn: Turn, some: (turn: Turn) => Promise<boolean>): Promise<boolean> {
  const endsAt = turn.elapsedMs() + BUDGET_MS;
  let isMore = await some(turn);
  while (isMore && turn.elapsedMs() < endsAt) isMore = await some(turn);
  return isMore;
}

async function lookAgain(turn: Turn, incidents: readonly string[]): Promise<void> {
  await turn.workspace.prepare(incidents);
  for (const incident of incidents) turn.workspace.lookAgain(incident);
  await turn.workspace.flush();
}

/** Remembers which incidents the core threw over or the store refused, so that they neither block the others nor run hot. */
export function createWakeUps(options: WakeUpOptions): WakeUps {
  const failing = new Map<string, Failing>();
  const refusals = createRefusals();
  /** The basis of which no wake-up was left to derive anew, and when that was. */
  let derived = { basis: '', at: Number.NEGATIVE_INFINITY };

  const wakeSome = async (turn: Turn): Promise<boolean> => {
    const due = await turn.tx.dueIncidents(turn.now, INCIDENTS_A_LOOK);
    await turn.workspace.prepare(due);
    for (const incident of due) {
      try {
        // It would be refused again, and the whole turn with it.
        if (refusals.isStuck(incident))
          throw new Error(`what was decided was refused ${REFUSALS_MAX} times`);
        await wakeOne(incident, turn);
        turn.afterCommit(() => {
          failing.delete(incident);
          refusals.forget(incident);
        });
      } catch (error) {
        await setAside({ turn, options, failing, refusals }, incident, error);
      }
    }
    await turn.workspace.flush();
    return due.length === INCIDENTS_A_LOOK;
  };

  const deriveSome = async (turn: Turn): Promise<boolean> => {
    const { basis } = turn.workspace;
    const stale = await turn.tx.staleIncidents(basis, INCIDENTS_A_LOOK);
    await lookAgain(turn, stale);
    const isDone = stale.length < INCIDENTS_A_LOOK;
    if (isDone) turn.afterCommit(() => void (derived = { basis, at: turn.now }));
    return !isDone;
  };

  const isStale = (basis: string, now: number): boolean =>
    derived.basis !== basis || now - derived.at >= DERIVE_AGAIN_MS;

  const isSetAside = (incident: string, now: number): boolean =>
    (failing.get(incident)?.until ?? 0) > now;

  return {
    lookAgain: (turn, incidents) =>
      lookAgain(
        turn,
        incidents.filter((incident) => !isSetAside(incident, turn.now)),
      ),
    isStale,
    run: async (turn) => {
      // Who is due is woken first: it may be somebody's phone.
      const isMoreDue = await untilOver(turn, wakeSome).catch((error: unknown) => {
        refusals.note(error);
        throw error;
      });
      const { basis } = turn.workspace;
      const isMoreStale = isStale(basis, turn.now) ? await untilOver(turn, deriveSome) : false;
      return isMoreDue || isMoreStale;
    },
  };
}
