/**
 * The brakes: a person pauses public posts, paging or automation for a while. Each has an author, a reason and an end;
 * it reminds people while it holds and ends by itself. Held rows fall due at its end.
 */
import type { Log } from '../contract/adapter.ts';
import type { Brake, Interval, Lookups } from '../core/model/lookups.ts';
import type { Reads } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Writer } from './deciding/writer.ts';

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
  readonly reads: Pick<Reads, 'meta'>;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells the people who are told of alarms; best effort. */
  readonly say: (text: string) => void;
  readonly noteDue: (at: number) => void;
  /** What holds has changed: what is owed follows from it. */
  readonly onChange: () => void;
}

export interface Brakes {
  /** Reads the pauses of an earlier run, or of a server beside us. */
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
  /** When paging was paused in the last month, the oldest first. */
  pagingWasPaused(now: number): readonly Interval[];
  /** Gives reminders that are due and clears pauses that ended. */
  tick(): Promise<void>;
}

const META = 'pauses';
const LAST_REMINDER_MS = 5 * 60_000;
/** No wait for an answer lasts longer: a person who writes more than a month means never. */
const REMEMBERED_MS = 31 * 24 * 3_600_000;
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

/** What is kept across restarts. */
export interface Kept {
  readonly pauses: Pauses;
  /** Pauses of paging that are over. */
  readonly past: readonly Interval[];
}

export const NOTHING_KEPT: Kept = { pauses: {}, past: [] };

/** What an earlier run, or a server beside us, has kept; null: a bad disk or a hand has left something else. */
export async function readKept(reads: Pick<Reads, 'meta'>): Promise<Kept | null> {
  const text = await reads.meta(META);
  try {
    // Written by `save` below.
    return text === null ? NOTHING_KEPT : (JSON.parse(text) as Kept);
  } catch {
    return null;
  }
}

/** Pauses that hold at the instant. */
export function holdingAt(pauses: Pauses, now: number): Lookups['pauses'] {
  return Object.fromEntries(
    entriesOf(pauses)
      .filter(([, pause]) => pause.until > now)
      .map(([brake, { since, until, by, why }]) => [brake, { since, until, by, why }]),
  );
}

/** Pauses of paging that are over at the instant, also one whose end nobody has noted yet. */
export function pastAt({ pauses, past }: Kept, now: number): readonly Interval[] {
  const { paging } = pauses;
  if (paging === undefined || paging.until > now) return past;
  return [...past, { from: paging.since, until: paging.until }];
}

/** The pause of paging that ends by this change, as far as it held, beside the others of the last month. */
function pastAfter(before: Kept, pauses: Pauses, now: number): readonly Interval[] {
  const ended = before.pauses.paging;
  const recent = before.past.filter(({ until }) => until > now - REMEMBERED_MS);
  if (ended === undefined || pauses.paging?.since === ended.since) return recent;
  return [...recent, { from: ended.since, until: Math.min(ended.until, now) }];
}

interface Keeping {
  readonly now: () => Kept;
  /** Changes what the store has, which a server beside us may have changed since it was read. */
  change(change: (pauses: Pauses) => Pauses, goesOn?: Brake): Promise<void>;
  load(): Promise<void>;
}

function keeping({ reads, writer, clock, onChange }: BrakesOptions): Keeping {
  let kept = NOTHING_KEPT;
  return {
    now: () => kept,
    change: async (change, goesOn) => {
      kept = await writer.write(async (turn) => {
        const before = (await readKept(turn.tx)) ?? kept;
        const pauses = change(before.pauses);
        const next = { pauses, past: pastAfter(before, pauses, clock.now()) };
        await turn.tx.setMeta(META, JSON.stringify(next));
        if (goesOn !== undefined) await turn.tx.wakeHeld(goesOn, turn.now);
        return next;
      });
      onChange();
    },
    load: async () => {
      const next = (await readKept(reads)) ?? kept;
      const isSame = JSON.stringify(next) === JSON.stringify(kept);
      kept = next;
      if (!isSame) onChange();
    },
  };
}

/** Builds the brakes; call `load` before the first decision. */
export function createBrakes(options: BrakesOptions): Brakes {
  const { clock, log, say } = options;
  const kept = keeping(options);
  const note = (pause: Pause, now: number): void => {
    const next = remindersOf(pause).find((at) => at > now);
    options.noteDue(next ?? pause.until);
  };
  const without =
    (brake: Brake) =>
    (pauses: Pauses): Pauses =>
      Object.fromEntries(entriesOf(pauses).filter(([name]) => name !== brake));
  return {
    load: kept.load,
    pause: async (brake, { by, why, forMs }) => {
      const now = clock.now();
      const pause: Pause = { since: now, until: now + forMs, by, why, reminded: 0 };
      // What waits for the end of an earlier pause looks at this one instead.
      await kept.change((pauses) => ({ ...pauses, [brake]: pause }), brake);
      note(pause, now);
      log.warn({ brake, by, why, until: pause.until }, 'a brake was set');
      say(`${NAMES[brake]} is paused for ${minutes(forMs)} by ${by}: ${why}`);
      return pause;
    },
    resume: async (brake, by) => {
      await kept.load();
      if (kept.now().pauses[brake] === undefined) return false;
      await kept.change(without(brake), brake);
      log.warn({ brake, by }, 'a brake was released');
      say(`${NAMES[brake]} goes on: released by ${by}.`);
      options.noteDue(clock.now());
      return true;
    },
    current: (now) => holdingAt(kept.now().pauses, now),
    all: () => kept.now().pauses,
    pagingWasPaused: (now) => pastAt(kept.now(), now),
    tick: async () => {
      const now = clock.now();
      for (const [brake, pause] of entriesOf(kept.now().pauses)) {
        if (pause.until <= now) {
          await kept.change(without(brake));
          log.warn({ brake }, 'a brake ended by itself');
          say(`${NAMES[brake]} goes on: the pause of ${pause.by} is over.`);
          continue;
        }
        const due = remindersOf(pause).filter((at) => at <= now).length;
        if (due > pause.reminded) {
          await kept.change((pauses) => ({ ...pauses, [brake]: { ...pause, reminded: due } }));
          const left = minutes(pause.until - now);
          say(`${NAMES[brake]} is still paused for ${left} by ${pause.by}: ${pause.why}`);
        }
        // The store does not know these instants, so whoever wakes us is told each time.
        note(pause, now);
      }
    },
  };
}
