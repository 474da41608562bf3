/**
 * The brakes: a person pauses public posts, paging or automation for a while. Each has an author, a reason and an end;
 * it reminds people while it holds and ends by itself. Held rows fall due at its end.
 */
import type { Log } from '../contract/adapter.ts';
import type { Brake, Lookups } from '../core/input.ts';
import type { Reads } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Writer } from './writer.ts';

export interface Pause {
  readonly since: number;
  readonly until: number;
  readonly by: string;
  readonly why: string;
  /** Reminders given. */
  readonly reminded: number;
}

export type Pauses = Readonly<Partial<Record<Brake, Pause>>>;

export interface BrakesOptions {
  readonly reads: Pick<Reads, 'meta' | 'listIncidents' | 'outboxOf'>;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells the people who are told of alarms; best effort. */
  readonly say: (text: string) => void;
  readonly noteDue: (at: number) => void;
}

export interface Brakes {
  /** Reads the pauses of an earlier run. */
  load(): Promise<void>;
  pause(
    brake: Brake,
    about: { readonly by: string; readonly why: string; readonly forMs: number },
  ): Promise<Pause>;
  /** False: it was not paused. */
  resume(brake: Brake, by: string): Promise<boolean>;
  /** Those that hold at the instant. */
  current(now: number): Lookups['pauses'];
  all(): Pauses;
  /** Gives reminders that are due and clears pauses that ended. */
  tick(): Promise<void>;
}

const META = 'pauses';
const LAST_REMINDER_MS = 5 * 60_000;
const INCIDENTS_MAX = 10_000;
const NAMES: Readonly<Record<Brake, string>> = {
  public: 'Public posting',
  paging: 'Paging',
  automation: 'Automation',
};

/** When reminders are due: halfway, and five minutes before the end where that is later. */
function remindersOf(pause: Pause): readonly number[] {
  const halfway = pause.since + (pause.until - pause.since) / 2;
  const last = pause.until - LAST_REMINDER_MS;
  return last > halfway ? [halfway, last] : [halfway];
}

function minutes(ms: number): string {
  return `${Math.max(1, Math.round(ms / 60_000))} min`;
}

function entriesOf(pauses: Pauses): [Brake, Pause][] {
  // Object.entries forgets that the keys of a partial record over brakes are brakes.
  return Object.entries(pauses) as [Brake, Pause][];
}

/** Rows that wait for a brake, by what their last claim noted. */
async function heldRows(reads: BrakesOptions['reads'], brake: Brake): Promise<string[]> {
  const held: string[] = [];
  for (const incident of await reads.listIncidents({
    open: null,
    limit: INCIDENTS_MAX,
    before: null,
  })) {
    if (Object.keys(incident.state.effects).length === 0) continue;
    for (const row of await reads.outboxOf(incident.id)) {
      if (
        row.status === 'pending' &&
        row.lastOutcome?.startsWith(`held: ${brake} is paused`) === true
      )
        held.push(row.effect.id);
    }
  }
  return held;
}

/** Builds the brakes; call `load` before the first decision. */
export function createBrakes(options: BrakesOptions): Brakes {
  const { reads, writer, clock, log, say } = options;
  let pauses: Pauses = {};
  const save = async (next: Pauses, alsoWake: readonly string[] = []): Promise<void> => {
    const text = Object.keys(next).length === 0 ? null : JSON.stringify(next);
    await writer.write(async (turn) => {
      await turn.tx.setMeta(META, text);
      if (alsoWake.length > 0) await turn.tx.wake(alsoWake, turn.now);
    });
    pauses = next;
  };
  const note = (pause: Pause, now: number): void => {
    const next = remindersOf(pause).find((at) => at > now);
    options.noteDue(next ?? pause.until);
  };
  const without = (brake: Brake): Pauses =>
    Object.fromEntries(entriesOf(pauses).filter(([name]) => name !== brake));
  return {
    load: async () => {
      const text = await reads.meta(META);
      // Written by `save` above.
      if (text !== null) pauses = JSON.parse(text) as Pauses;
    },
    pause: async (brake, { by, why, forMs }) => {
      const now = clock.now();
      const pause: Pause = { since: now, until: now + forMs, by, why, reminded: 0 };
      // What waits for the end of an earlier pause looks at this one instead.
      const waiting = pauses[brake] === undefined ? [] : await heldRows(reads, brake);
      await save({ ...pauses, [brake]: pause }, waiting);
      note(pause, now);
      log.warn({ brake, by, why, until: pause.until }, 'a brake was set');
      say(`${NAMES[brake]} is paused for ${minutes(forMs)} by ${by}: ${why}`);
      return pause;
    },
    resume: async (brake, by) => {
      if (pauses[brake] === undefined) return false;
      await save(without(brake), await heldRows(reads, brake));
      log.warn({ brake, by }, 'a brake was released');
      say(`${NAMES[brake]} goes on: released by ${by}.`);
      options.noteDue(clock.now());
      return true;
    },
    current: (now) =>
      Object.fromEntries(
        entriesOf(pauses)
          .filter(([, pause]) => pause.until > now)
          .map(([brake, { until, by, why }]) => [brake, { until, by, why }]),
      ),
    all: () => pauses,
    tick: async () => {
      const now = clock.now();
      for (const [brake, pause] of entriesOf(pauses)) {
        if (pause.until <= now) {
          await save(without(brake));
          log.warn({ brake }, 'a brake ended by itself');
          say(`${NAMES[brake]} goes on: the pause of ${pause.by} is over.`);
          continue;
        }
        const due = remindersOf(pause).filter((at) => at <= now).length;
        if (due > pause.reminded) {
          await save({ ...pauses, [brake]: { ...pause, reminded: due } });
          const left = minutes(pause.until - now);
          say(`${NAMES[brake]} is still paused for ${left} by ${pause.by}: ${pause.why}`);
        }
        // The store does not know these instants, so whoever wakes us is told each time.
        note(pause, now);
      }
    },
  };
}
