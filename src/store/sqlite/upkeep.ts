/** What keeps the database small: deleting what is old, moving to the archive what is over, and saying how large it all is. */
import { statSync } from 'node:fs';
import type { Store, StoreSizes } from '../store.ts';
import { archivesOf } from './archive-copies.ts';
import { allArchiveBytes, archiveTroubles, isTakenAway } from './archive-file.ts';
import { createMovers, moveAll, startCopier } from './archive.ts';
import type { Ballast } from './ballast.ts';
import { readCommitted } from './committed.ts';
import type { Connection } from './connection.ts';
import { databaseOf } from './directory.ts';
import { createSweeps, sweepAll } from './retain.ts';
import type { Transactions } from './transactions.ts';

export interface UpkeepOptions {
  readonly directory: string;
  readonly instance: string;
  readonly writer: Connection;
  readonly reader: Connection;
  readonly transactions: Transactions;
  readonly ballast: Pick<Ballast, 'hasRoom' | 'sizes'>;
  /** What reads or writes files of the archive waits for its turn. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

interface Span {
  readonly n: number | null;
}

function prepareSizes({ prepare }: Connection) {
  return {
    // Rows of incidents are never deleted, so the last one bears the number of them.
    incidents: prepare<[], Span>('SELECT max(seq) AS n FROM incidents'),
    open: prepare<[], Span>('SELECT count(*) AS n FROM incidents WHERE is_open = 1'),
    inbox: prepare<[], Span>(
      'SELECT (SELECT max(seq) FROM inbox) - (SELECT min(seq) FROM inbox) + 1 AS n',
    ),
    outbox: prepare<[], Span>(
      'SELECT (SELECT max(seq) FROM outbox) - (SELECT min(seq) FROM outbox) + 1 AS n',
    ),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function createSizes({ directory, reader, ballast }: UpkeepOptions) {
  const sql = prepareSizes(reader);
  const archives = archivesOf(reader);
  const unusedBytes = (): number =>
    Number(reader.db.pragma('freelist_count', { simple: true })) *
    Number(reader.db.pragma('page_size', { simple: true }));
  const rows = (): Pick<StoreSizes, 'incidents' | 'rows'> => {
    const files = archives();
    const sum = (of: 'incidents' | 'events'): number =>
      files.reduce((all, row) => all + row[of], 0);
    const open = sql.open.get()?.n ?? 0;
    const archived = sum('incidents');
    return {
      incidents: { open, closed: (sql.incidents.get()?.n ?? 0) - open - archived, archived },
      rows: {
        events: readCommitted(reader).events - sum('events'),
        inbox: sql.inbox.get()?.n ?? 0,
        outbox: sql.outbox.get()?.n ?? 0,
      },
    };
  };
  const atOnce = reader.db.transaction(rows);
  const sizes = (): StoreSizes => {
    const path = databaseOf(directory);
    const { ballast: kept, diskFree } = ballast.sizes();
    return {
      bytes: {
        database: sizeOf(path),
        log: sizeOf(`${path}-wal`),
        unused: unusedBytes(),
        archive: allArchiveBytes(directory),
        ballast: kept,
        disk_free: diskFree,
      },
      ...atOnce(),
    };
  };
  return { sizes, archives };
}

/** Nothing else waits. */
const AT_ONCE = async (): Promise<void> => undefined;

type Upkeep = Pick<Store, 'retain' | 'archive' | 'archiveTroubles' | 'sizes'>;

export function createUpkeep(options: UpkeepOptions): Upkeep {
  const { directory, instance, writer, transactions, ballast, inTurn } = options;
  const sweepsOf = createSweeps(writer);
  const moverOf = createMovers(writer);
  const { sizes, archives } = createSizes(options);
  const inTransaction = <T>(work: () => T): Promise<T> =>
    transactions.run((guard) => guard(work)());
  return {
    retain: (before, rest = AT_ONCE) => sweepAll(sweepsOf(before), { inTurn: inTransaction, rest }),
    archive: (before, rest = AT_ONCE) =>
      moveAll(before, {
        mover: moverOf(),
        copier: () => {
          const copier = startCopier({ directory, instance });
          return { ...copier, copy: (ids) => inTurn(() => copier.copy(ids)) };
        },
        inTurn: inTransaction,
        hasRoom: ballast.hasRoom,
        rest,
      }),
    archiveTroubles: () => {
      const wanted = archives().filter(({ file }) => !isTakenAway(directory, file));
      return archiveTroubles(directory, wanted, instance);
    },
    sizes,
  };
}
