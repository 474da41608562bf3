/**
 * What becomes of the time that Tocsin was ahead of the clock of the machine, once a person has accepted that clock. Time
 * never goes back within a process, so this is done by the next start, before anything else: everything in memory begins
 * anew then, and what is stored is turned back row by row and incident by incident.
 */
import type { Log } from '../../contract/adapter.ts';
import { isRecord } from '../../contract/json.ts';
import { encodeInput } from '../../core/model/arriving-keys.ts';
import type { TurnedBack } from '../../core/model/turning-back.ts';
import type { Reads, Store, Tx } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Turn } from './turns.ts';

const META = 'clock:accepted';
const INCIDENTS_A_TURN = 32;

interface Accepted {
  readonly byMs: number;
  /** Who accepted it. */
  readonly person: string;
  /** What the start that began with it has done; null: nothing yet. */
  readonly done: {
    readonly after: number;
    /** The incident that was told last; null: none was. */
    readonly incident: string | null;
  } | null;
}

/** Keeps that the time of the machine is accepted; the next start goes by it. */
export async function acceptClock(
  tx: Tx,
  accepted: Pick<Accepted, 'byMs' | 'person'>,
): Promise<void> {
  await tx.setMeta(META, JSON.stringify({ ...accepted, done: null } satisfies Accepted));
}

function isAccepted(value: unknown): value is Accepted {
  return isRecord(value) && Number.isFinite(value['byMs']) && typeof value['person'] === 'string';
}

/** Null: nobody has accepted anything, or what says so is spoilt. */
function read(text: string | null): Accepted | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isAccepted(value) ? value : null;
  } catch {
    return null;
  }
}

export interface BeginTimeOptions {
  readonly clock: Pick<Clock, 'notBefore'>;
  readonly store: Pick<Store, 'recovered'> & {
    readonly reads: Pick<Reads, 'meta' | 'listIncidents'>;
  };
  readonly write: <T>(work: (turn: Turn) => Promise<T>) => Promise<T>;
  readonly log: Log;
}

/** Tells a slice of the open incidents. Null: there are no more. */
async function tellSome(
  { store: { reads }, write, log }: BeginTimeOptions,
  turned: TurnedBack,
  accepted: Accepted,
): Promise<Accepted | null> {
  const before = accepted.done?.incident ?? null;
  const rows = await reads.listIncidents({ open: true, limit: INCIDENTS_A_TURN, before });
  const last = rows.at(-1);
  const next: Accepted | null =
    last === undefined ? null : { ...accepted, done: { after: turned.after, incident: last.id } };
  await write(async ({ tx, workspace }) => {
    await workspace.prepare(rows.map(({ id }) => id));
    for (const { id: incident } of rows) {
      const id = encodeInput({ kind: 'clock', incident, after: turned.after });
      const actor = { kind: 'person', id: accepted.person, via: 'api' } as const;
      try {
        await workspace.feed({ type: 'ClockTurnedBack', id, incident, actor, ...turned });
      } catch (error) {
        log.error({ error, incident }, 'an incident could not be told that time was turned back');
      }
    }
    await tx.setMeta(META, next === null ? null : JSON.stringify(next));
  });
  return next;
}

/** Turns back what is stored, and what an earlier start has left of it. */
async function turnStoredBack(options: BeginTimeOptions, from: Accepted): Promise<void> {
  const { write, log } = options;
  const { byMs, person } = from;
  let accepted = from;
  if (from.done === null) {
    accepted = await write(async ({ tx, now }) => {
      await tx.turnBack({ after: now, byMs });
      const first: Accepted = { ...from, done: { after: now, incident: null } };
      await tx.setMeta(META, JSON.stringify(first));
      return first;
    });
    log.warn({ byMs, person }, 'time is turned back to the clock of the machine');
  }
  const after = accepted.done?.after ?? 0;
  for (let next: Accepted | null = accepted; next !== null;)
    next = await tellSome(options, { after, byMs }, next);
}

/**
 * Begins time at a start: it goes on from what is stored, so that a clock that was set back while no server ran is one that
 * was set back; or by the clock of the machine, where a person has accepted that.
 */
export async function beginTime(options: BeginTimeOptions): Promise<void> {
  const { clock, store } = options;
  const accepted = read(await store.reads.meta(META));
  if (accepted === null) clock.notBefore(store.recovered.newestAt);
  else await turnStoredBack(options, accepted);
}
