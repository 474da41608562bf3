/**
 * Moves incidents that have been over for long into the archive. Two databases share no commit, so each goes in three
 * steps, of which any may be the last one of this process: it is copied, synced and checked by a thread of its own; one
 * commit says where it is from now on; then its rows are deleted here, some hundred at a time.
 */
import { Worker } from 'node:worker_threads';
import type { Instant } from '../../core/model/alert.ts';
import type { Archived } from '../store.ts';
import type { Connection } from './connection.ts';

/** What the thread is given. */
export interface ArchiveTask {
  readonly directory: string;
  /** Of the database. */
  readonly instance: string;
}

export interface CopyAsked {
  readonly ids: readonly string[];
}

/** An incident of which the archive holds a copy. */
export interface Copied {
  readonly id: string;
  readonly version: number;
  readonly head: string;
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Incidents that its state names. */
  readonly related: readonly string[];
  /** The copy was read, and its chain of hashes leads to the head that the database knows. */
  readonly isWhole: boolean;
}

/** What the thread answers. */
export type CopyAnswer =
  | { readonly ok: true; readonly copied: readonly Copied[] }
  | { readonly ok: false; readonly why: string };

/** Incidents that are copied at once: each time costs a sync or two. */
const PORTION = 100;
/** Rows that one transaction deletes, in some milliseconds. */
const ROWS = 500;

interface Candidate {
  readonly id: string;
  readonly seq: number;
  readonly last_event_at: Instant;
}

/** What stays of an incident. */
interface Line extends Candidate {
  readonly version: number;
  readonly head: string;
  readonly opened_at: Instant;
  readonly source: string;
  readonly service: string | null;
  readonly is_storm: 0 | 1;
  readonly is_alone: 0 | 1;
}

type PutLine = [
  seq: number,
  id: string,
  version: number,
  head: string,
  openedAt: Instant,
  source: string,
  service: string | null,
  isStorm: number,
  isAlone: number,
  lastEventAt: Instant,
  file: string,
];

function putLine(line: Line, file: string): PutLine {
  const { seq, id, version, head, opened_at, source, service, is_storm, is_alone } = line;
  return [
    ...([seq, id, version, head, opened_at, source, service, is_storm, is_alone] as const),
    ...([line.last_event_at, file] as const),
  ];
}

type After = Pick<Candidate, 'last_event_at' | 'seq'>;
const FIRST: After = { last_event_at: Number.MIN_SAFE_INTEGER, seq: 0 };

const IS_SETTLED = "is_open = 0 AND is_awake = 0 AND archive = ''";
/** Effects that are on their way, and what it still says of components or gathers. */
const IS_WANTED = `EXISTS (SELECT 1 FROM outbox WHERE incident = incidents.id AND settled_at IS NULL)
  OR EXISTS (SELECT 1 FROM claims WHERE holder = incidents.id AND kind <> 'ring')`;

function prepareMoving({ prepare }: Connection) {
  return {
    next: prepare<[before: Instant, at: Instant, seq: number, limit: number], Candidate>(
      `SELECT id, seq, last_event_at FROM incidents
       WHERE ${IS_SETTLED} AND last_event_at < +? AND (last_event_at, seq) > (+?, +?) AND NOT (${IS_WANTED})
       ORDER BY last_event_at, seq LIMIT ? + 0`,
    ),
    isOpen: prepare<[id: string]>('SELECT 1 FROM incidents WHERE id = +? AND is_open = 1'),
    // Not updated: SQLite makes pages of a table smaller only where rows are deleted, and each row had one for itself.
    take: prepare<[id: string, version: number, head: string], Line>(
      `DELETE FROM incidents
       WHERE id = ? AND version = ? AND head = ? AND ${IS_SETTLED} AND NOT (${IS_WANTED})
       RETURNING seq, id, version, head, opened_at, source, service, is_storm, is_alone, last_event_at`,
    ),
    put: prepare<PutLine>(
      `INSERT INTO incidents (seq, id, version, head, is_open, opened_at, source, service, is_storm, is_alone, state,
         state_hash, wake_rank, wake_at, wake_basis, is_awake, last_event_at, archive, is_moving)
       VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, '', '', 0, 0, '', 0, ?, ?, 1)`,
    ),
    note: prepare<[file: string, events: number, bytes: number]>(
      `INSERT INTO archives (file, incidents, events, bytes) VALUES (?, 1, ?, ?)
       ON CONFLICT (file) DO UPDATE SET incidents = incidents + 1, events = events + excluded.events, bytes = max(bytes, excluded.bytes)`,
    ),
    moving: prepare<[], { readonly id: string }>(
      'SELECT id FROM incidents WHERE is_moving = 1 ORDER BY seq LIMIT 1',
    ),
    dropEvents: prepare<[incident: string, incident: string, limit: number]>(
      `DELETE FROM events WHERE kind = 'incident' AND subject = ? AND version IN
         (SELECT version FROM events WHERE kind = 'incident' AND subject = ? ORDER BY version LIMIT ? + 0)`,
    ),
    dropEffects: prepare<[incident: string, limit: number]>(
      'DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE incident = ? ORDER BY seq LIMIT ? + 0)',
    ),
    dropCount: prepare<[incident: string]>(
      'DELETE FROM alert_counts WHERE incident = ? AND total = 0',
    ),
    moved: prepare<[id: string]>('UPDATE incidents SET is_moving = 0 WHERE id = ?'),
  };
}

/** What the transactions of one move do, each of them short. */
export interface Mover {
  /** The next ones that ended before the instant, behind those that were looked at. */
  next(before: Instant): readonly string[];
  /** Says where those are that are as they were copied; returns how many. */
  move(copied: readonly Copied[]): number;
  /** Deletes rows of what is elsewhere; false: there are none left. */
  drop(): boolean;
}

/** Prepares the statements once; each move begins with the oldest. */
export function createMovers(connection: Connection): () => Mover {
  const sql = prepareMoving(connection);
  const isFree = (one: Copied): boolean =>
    one.isWhole && one.related.every((id) => sql.isOpen.get(id) === undefined);
  return () => {
    let after = FIRST;
    return {
      next: (before) => {
        const found = sql.next.all(before, after.last_event_at, after.seq, PORTION);
        after = found.at(-1) ?? after;
        return found.map(({ id }) => id);
      },
      move: (copied) => {
        let moved = 0;
        for (const one of copied.filter(isFree)) {
          const line = sql.take.get(one.id, one.version, one.head);
          if (line === undefined) continue;
          sql.put.run(...putLine(line, one.file));
          sql.note.run(one.file, one.version, one.bytes);
          moved += 1;
        }
        return moved;
      },
      drop: () => {
        let left = ROWS;
        while (left > 0) {
          const id = sql.moving.get()?.id;
          if (id === undefined) return false;
          left -= sql.dropEvents.run(id, id, left).changes;
          left -= sql.dropEffects.run(id, Math.max(0, left)).changes;
          if (left <= 0) break;
          sql.dropCount.run(id);
          sql.moved.run(id);
          left -= 1;
        }
        return true;
      },
    };
  };
}

/** The thread that copies, as long as it is needed. */
export interface Copier {
  /** Rejects where nothing could be copied, with why. */
  copy(ids: readonly string[]): Promise<readonly Copied[]>;
  close(): Promise<void>;
}

export function startCopier(task: ArchiveTask): Copier {
  const worker = new Worker(new URL('./archive-thread.ts', import.meta.url), { workerData: task });
  let waiting: PromiseWithResolvers<readonly Copied[]> | null = null;
  let dead: Error | null = null;
  const failed = (error: Error): void => waiting?.reject(error);
  const died = (error: Error): void => {
    dead ??= error;
    failed(error);
  };
  worker.on('message', (answer: CopyAnswer) => {
    if (answer.ok) waiting?.resolve(answer.copied);
    else failed(new Error(answer.why));
  });
  worker.on('error', died);
  worker.on('exit', (code) => died(new Error(`the thread that archives ended with ${code}`)));
  return {
    copy: async (ids) => {
      if (dead !== null) throw dead;
      waiting = Promise.withResolvers();
      worker.postMessage({ ids } satisfies CopyAsked);
      return waiting.promise;
    },
    close: async () => {
      worker.removeAllListeners();
      await worker.terminate();
    },
  };
}

export interface MovingOptions {
  readonly mover: Mover;
  readonly copier: () => Copier;
  /** Runs the work as one transaction. */
  readonly inTurn: <T>(work: () => T) => Promise<T>;
  /** Whether the disk has room for a portion more. */
  readonly hasRoom: () => boolean;
  /** Lets everything else come first. */
  readonly rest: () => Promise<void>;
}

async function dropAll({ mover, inTurn, rest }: MovingOptions): Promise<void> {
  while (await inTurn(() => mover.drop())) await rest();
}

/**
 * Moves all that ended before the instant; what an earlier process has left to be deleted comes first.
 * @throws Error where nothing can be copied, with why
 */
export async function moveAll(before: Instant, options: MovingOptions): Promise<Archived> {
  const { mover, inTurn, hasRoom, rest } = options;
  let copier: Copier | null = null;
  let [moved, left] = [0, 0];
  try {
    for (;;) {
      await dropAll(options);
      const ids = await inTurn(() => mover.next(before));
      const isDiskShort = ids.length > 0 && !hasRoom();
      if (ids.length === 0 || isDiskShort) return { moved, left, isDiskShort };
      copier ??= options.copier();
      const copied = await copier.copy(ids);
      moved += await inTurn(() => mover.move(copied));
      left += copied.filter(({ isWhole }) => !isWhole).length;
      await rest();
    }
  } finally {
    await copier?.close();
  }
}
