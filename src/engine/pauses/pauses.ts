/**
 * A person pauses public posts, paging or automation for a while. Each pause has an author, a reason and an end; it reminds
 * people while it holds and ends by itself. Held rows fall due at its end.
 *
 * A server beside this one may write the pauses as well, so each change is decided on what is stored, in the transaction
 * that writes it. What is kept in memory is what decisions look up, and tells when it is worth looking.
 */
import type { Log } from '../../contract/adapter.ts';
import { pausedText, sentence } from '../../core/texts/text.ts';
import { PAUSABLE, type Pausable, type Interval, type Lookups } from '../../core/model/lookups.ts';
import type { Reads } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Turn } from '../deciding/turns.ts';
import type { Writer } from '../deciding/writer.ts';
import {
  areAllOver,
  entriesOf,
  holdingAt,
  type Kept,
  NOTHING_KEPT,
  pastAt,
  type Pause,
  type KeptPauses,
  type LostPart,
  readKept,
  writeKept,
} from './kept-pauses.ts';

export interface PausesOptions {
  readonly reads: Pick<Reads, 'meta'>;
  readonly writer: Writer;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Tells the people who are told of alarms; best effort. */
  readonly say: (text: string) => void;
  /** In which people read of moments. */
  readonly timezone: () => string;
  readonly noteDue: (at: number) => void;
  /** What holds has changed: what is owed follows from it. */
  readonly onChange: () => void;
}

export interface PauseAsked {
  readonly by: string;
  readonly why: string;
  readonly forMs: number;
  /** It may end what is paused for longer earlier. */
  readonly shorten?: boolean | undefined;
}

/** A pause as people read of it: `paused until 08:30 UTC by ada: lawyers read every word`. */
type PauseWords = string;

/** `before`: the pause that was open and gave way; `open`: the one that lasts longer, and is kept. */
export type PauseResult =
  | { readonly ok: true; readonly pause: Pause; readonly before: PauseWords | null }
  | { readonly ok: false; readonly open: PauseWords };

export interface Pauses {
  /** Reads the pauses of an earlier run, or of a server beside us. */
  load(): Promise<void>;
  /** A pause that is open until later is replaced by a shorter one only where that is meant. */
  pause(what: Pausable, asked: PauseAsked): Promise<PauseResult>;
  /** False: it was not paused. */
  resume(what: Pausable, by: string): Promise<boolean>;
  /** Those that hold at the instant. */
  current(now: number): Lookups['pauses'];
  all(): KeptPauses;
  /** When paging was paused in the last month, the oldest first. */
  pagingWasPaused(now: number): readonly Interval[];
  /** Gives reminders that are due and clears pauses that ended. */
  tick(): Promise<void>;
}

const LAST_REMINDER_MS = 5 * 60_000;
const NAMES: Readonly<Record<Pausable, string>> = {
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

/** How many reminders people should have had at the instant. */
function remindersDue(pause: Pause, now: number): number {
  return remindersOf(pause).filter((at) => at <= now).length;
}

function minutes(ms: number): string {
  return `${Math.max(1, Math.round(ms / 60_000))} min`;
}

function without(pauses: KeptPauses, what: Pausable): KeptPauses {
  return Object.fromEntries(entriesOf(pauses).filter(([name]) => name !== what));
}

/** What is to be done with the pauses that are stored; null: nothing. */
interface Step {
  readonly pauses: KeptPauses;
  /** What it holds is looked at again at once. */
  readonly goesOn?: Pausable;
  /** Once it is committed. */
  readonly then: () => void;
}

interface Keeping {
  readonly now: () => Kept;
  /** False: there was nothing to change. */
  change(decide: (pauses: KeptPauses, now: number) => Step | null): Promise<boolean>;
  load(): Promise<void>;
}

function keeping({ reads, writer, log, say, onChange }: PausesOptions): Keeping {
  let kept = NOTHING_KEPT;
  const keep = (next: Kept): void => {
    const isSame = JSON.stringify(next) === JSON.stringify(kept);
    kept = next;
    if (!isSame) onChange();
  };
  /** What cannot be read holds no more, and is written down so: it is told once, whoever comes upon it. */
  const forget = async (turn: Turn, lost: readonly LostPart[], pauses: KeptPauses) => {
    for (const what of PAUSABLE)
      if (pauses[what] === undefined) await turn.tx.wake({ heldBy: what }, turn.now);
    turn.afterCommit(() => {
      const unreadable = lost.map(({ path }) => path);
      const spoilt = `Stored pauses cannot be read (${unreadable.join(', ')})`;
      if (areAllOver(lost)) {
        log.error({ unreadable }, 'stored pauses cannot be read; they were over');
        say(`${spoilt}. They were over: no pause ends by that.`);
        return;
      }
      log.error({ unreadable }, 'stored pauses cannot be read; what cannot be read holds no more');
      say(`${spoilt} and hold no more. Pause again what must stay quiet.`);
    });
  };
  const change: Keeping['change'] = (decide) =>
    writer.write(async (turn) => {
      const { unreadable, ...before } = await readKept(turn.tx);
      const step = decide(before.pauses, turn.now);
      const pauses = step?.pauses ?? before.pauses;
      if (unreadable.length > 0) await forget(turn, unreadable, pauses);
      else if (step === null) {
        turn.afterCommit(() => keep(before));
        return false;
      }
      const next = await writeKept(turn.tx, { before, pauses, now: turn.now });
      turn.workspace.learn({
        pauses: holdingAt(next, turn.now),
        pagingWasPaused: pastAt(next, turn.now),
      });
      if (step?.goesOn !== undefined) await turn.tx.wake({ heldBy: step.goesOn }, turn.now);
      turn.afterCommit(() => {
        keep(next);
        step?.then();
      });
      return step !== null;
    });
  return {
    now: () => kept,
    change,
    load: async () => {
      const { unreadable, ...next } = await readKept(reads);
      if (unreadable.length === 0) keep(next);
      else await change(() => null);
    },
  };
}

/** What asking for the pause comes to, beside the one that is stored. */
function resultOf(
  pause: Pause,
  asked: PauseAsked,
  at: { readonly known: Pause | undefined; readonly now: number; readonly timezone: string },
): PauseResult {
  const { known, now, timezone } = at;
  if (known === undefined || known.until <= now) return { ok: true, pause, before: null };
  const words = `${pausedText(known, timezone)}: ${known.why}`;
  return pause.until >= known.until || asked.shorten === true
    ? { ok: true, pause, before: words }
    : { ok: false, open: words };
}

/** What people are told of a pause that was set. */
function setText(what: Pausable, { since, until, by, why }: Pause, before: string | null): string {
  const told = `${NAMES[what]} is paused for ${minutes(until - since)} by ${by}: ${why}`;
  return before === null ? told : `${sentence(told)} It was ${before}`;
}

/** The end of a pause, or a reminder of it, where that is due; one at a time. */
function dueStep(
  { log, say }: Pick<PausesOptions, 'log' | 'say'>,
  pauses: KeptPauses,
  now: number,
): Step | null {
  for (const [what, pause] of entriesOf(pauses)) {
    if (pause.until <= now)
      return {
        pauses: without(pauses, what),
        then: () => {
          log.warn({ what }, 'a pause ended by itself');
          say(`${NAMES[what]} goes on: the pause of ${pause.by} is over.`);
        },
      };
    const reminded = remindersDue(pause, now);
    if (reminded > pause.reminded)
      return {
        pauses: { ...pauses, [what]: { ...pause, reminded } },
        then: () => {
          const left = minutes(pause.until - now);
          say(`${NAMES[what]} is still paused for ${left} by ${pause.by}: ${pause.why}`);
        },
      };
  }
  return null;
}

/** Builds the pauses; call `load` before the first decision. */
export function createPauses(options: PausesOptions): Pauses {
  const { clock, log, say } = options;
  const kept = keeping(options);
  const note = (pause: Pause, now: number): void => {
    const next = remindersOf(pause).find((at) => at > now);
    options.noteDue(next ?? pause.until);
  };
  const due = (pauses: KeptPauses, now: number): Step | null => dueStep(options, pauses, now);
  return {
    load: kept.load,
    pause: async (what, asked) => {
      const { by, why, forMs } = asked;
      const now = clock.now();
      const pause: Pause = { since: now, until: now + forMs, by, why, reminded: 0 };
      const said: { result: PauseResult } = { result: { ok: true, pause, before: null } };
      await kept.change((pauses, at) => {
        const timezone = options.timezone();
        const result = resultOf(pause, asked, { known: pauses[what], now: at, timezone });
        said.result = result;
        if (!result.ok) return null;
        return {
          pauses: { ...pauses, [what]: pause },
          // What waits for the end of an earlier pause looks at this one instead.
          goesOn: what,
          then: () => {
            note(pause, now);
            log.warn({ what, by, why, until: pause.until }, 'a pause was set');
            say(setText(what, pause, result.before));
          },
        };
      });
      return said.result;
    },
    resume: (what, by) =>
      kept.change((pauses, now) => {
        if (pauses[what] === undefined) return null;
        return {
          pauses: without(pauses, what),
          goesOn: what,
          then: () => {
            log.warn({ what, by }, 'a pause was ended early');
            say(`${NAMES[what]} goes on: ${by} ended the pause.`);
            options.noteDue(now);
          },
        };
      }),
    current: (now) => holdingAt(kept.now(), now),
    all: () => kept.now().pauses,
    pagingWasPaused: (now) => pastAt(kept.now(), now),
    tick: async () => {
      const now = clock.now();
      // What is in memory says whether it is worth a transaction; what is stored then says what is due.
      let isMore = due(kept.now().pauses, now) !== null;
      while (isMore) isMore = (await kept.change(due)) && due(kept.now().pauses, now) !== null;
      // The store does not know these instants, so whoever wakes us is told each time.
      for (const [, pause] of entriesOf(kept.now().pauses)) note(pause, now);
    },
  };
}
