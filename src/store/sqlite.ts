/**
 * The store on SQLite: one file in a data directory, one process that writes it, any number that read beside it.
 * A commit that was answered survives SIGKILL and a power cut.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Recovered,
  type Reads,
  type Store,
  type StoreCondition,
  StoreUnavailable,
} from './store.ts';
import type { Instant } from '../core/model/alert.ts';
import { type Ballast, openBallast } from './sqlite/ballast.ts';
import { type Connection, assertDurable, openReader, openWriter } from './sqlite/connection.ts';
import { createReadArchive, keepReadArchive } from './sqlite/archive-reads.ts';
import { checkpoint, watchLog } from './sqlite/checkpoint.ts';
import { damageAtStart, isCheckedAtStart } from './sqlite/damage.ts';
import { databaseOf, prepareDirectory } from './sqlite/directory.ts';
import { troubleOf } from './sqlite/errors.ts';
import { type Committed, type CommitCount, createCommitCount } from './sqlite/committed.ts';
import { takeLock } from './sqlite/lock.ts';
import { readSignedHead } from './checkpoint-file.ts';
import { createBackups } from './sqlite/backups.ts';
import { beginIncarnation } from './sqlite/incarnation.ts';
import { mintText } from '../lib/minted.ts';
import { oneAtATime } from '../lib/one-at-a-time.ts';
import { assertNothingLost } from './sqlite/loss.ts';
import { type MarkerFile, openMarker } from './sqlite/marker.ts';
import { mendInbox, mendIncidents, mendStreams } from './sqlite/mend.ts';
import { assertMigrated, migrate, sqliteMigrations } from './sqlite/migrate.ts';
import { createReads } from './sqlite/reads.ts';
import { createSigning } from './sqlite/signing.ts';
import { proofOf } from './sqlite/proof.ts';
import { type VerifiedData, verifyData, type VerifyOptions } from './sqlite/verify.ts';
import { type Recovery, recoverFiles } from './sqlite/recover.ts';
import { restoreFiles, type Restoration } from './sqlite/restore.ts';
import { OWN_KEYS, createRecords } from './sqlite/records.ts';
import { createTransactions } from './sqlite/transactions.ts';
import { prepareTx } from './sqlite/tx.ts';
import { createUpkeep } from './sqlite/upkeep.ts';

export interface SqliteOptions {
  /** Data directory; made when there is none. */
  readonly directory: string;
  /**
   * Stamped at creation: a rehearsal must never eat a real page, nor leave its pages among the real ones. Null: whichever
   * it is stamped, and none is made.
   */
  readonly kind: 'live' | 'sandbox' | null;
  /** Refuse to run beside another process that writes. Only tests leave it off. */
  readonly lock: boolean;
  /** Told to a second process that is refused. */
  readonly pid?: number;
  /** Space kept free for a full disk; 16 MB for a live database, none for a sandbox. */
  readonly ballastBytes?: number;
  /** The database grows no larger than this; the disk is the limit when absent. */
  readonly bytesMax?: number;
  /** Told of what others on this machine may read of the data. */
  readonly warn?: (what: string) => void;
  /** Folder of the signed checkpoints; the data directory when absent. */
  readonly checkpoints?: string | null;
  /** Source of the ids of the installation and its incarnations. */
  readonly random?: (bytes: number) => Uint8Array;
}

const BALLAST_BYTES = 16_000_000;
/** While nothing is stored, how late it is is noted as often; a restart goes on from there where the clock was set back. */
const NOTED_EVERY_MS = 5 * 60_000;
const INSTANCE_LENGTH = 8;

function missing(directory: string): StoreUnavailable {
  return new StoreUnavailable(
    `there is no database in ${directory}`,
    'name the data directory of the server with --data',
    { isMisuse: true },
  );
}

type Kept = ReturnType<typeof assertNothingLost>;

/**
 * Whether there may have been more than is there now, and the number of the last incident of it, where that is known; null: all
 * of it is there.
 */
function lossOf(
  kept: Kept,
  { isNew }: { readonly isNew: boolean },
): { readonly incidents: number | null } | null {
  // A spoilt marker says that there was something.
  if (kept.kind === 'unknown') return isNew && !kept.isSpoilt ? null : { incidents: null };
  return kept.marker.accepted;
}

/** The first write of every start: stamps a new database, refuses one of the other kind, and proves that commits last. */
function start(
  connection: Connection,
  count: CommitCount,
  { kind, directory, random = randomBytes, kept }: SqliteOptions & { readonly kept: Kept },
): Committed {
  const records = createRecords(connection);
  const stamp = (): Committed | null => {
    count.begin();
    const stamped = records.meta(OWN_KEYS.kind);
    if (kind === null && stamped === null) throw missing(directory);
    if (kind !== null && stamped === null) {
      records.setOwn('kind', kind);
      // Begun anew where everything was lost, it is the same installation, whose backups are its own.
      const before = kept.kind === 'whole' ? kept.marker.instance : null;
      records.setOwn('instance', before ?? mintText(INSTANCE_LENGTH, random));
    } else if (kind !== null && stamped !== kind)
      throw new StoreUnavailable(
        `the database in ${directory} is stamped ${stamped} and cannot be used as ${kind}`,
        kind === 'live'
          ? 'a rehearsal made it: give the live server a directory of its own with --data'
          : 'it belongs to a live server: a sandbox takes an empty directory',
        { isMisuse: true },
      );
    const loss = lossOf(kept, { isNew: stamped === null });
    if (loss !== null) beginIncarnation(records, loss.incidents, random);
    records.countStart();
    return count.seal();
  };
  const stamped = connection.db.transaction(stamp).immediate();
  assertDurable(connection.db);
  if (stamped === null) throw new Error('the start has written nothing');
  return stamped;
}

interface OpenDatabase {
  readonly connection: Connection;
  readonly count: CommitCount;
  readonly instance: string;
  /** All that is committed now. */
  readonly committed: Committed;
  /** Whether the database holds that without its log. */
  readonly isWhole: boolean;
}

/** Makes indexes anew, and notes all that is not as it was written. */
function mendDamage({ db, spoilt }: Connection, { damage }: Kept, path: string): void {
  for (const index of damage.indexes) {
    db.exec(`REINDEX ${index}`);
    spoilt.note({ table: 'sqlite_schema', row: index, column: 'the index, which was made anew' });
  }
  // Again: a connection that only reads looks at no constraint.
  const { tables } = damageAtStart(db, path);
  for (const table of tables) spoilt.note({ table, row: 'unknown', column: 'what it cannot hold' });
}

function openDatabase(options: SqliteOptions, kept: Kept): OpenDatabase {
  const { directory, bytesMax } = options;
  const connection = openWriter(databaseOf(directory), bytesMax ?? null);
  try {
    const { db } = connection;
    mendDamage(connection, kept, databaseOf(directory));
    migrate(db, sqliteMigrations(), directory);
    const count = createCommitCount(connection);
    const committed = start(connection, count, { ...options, kept });
    const isThorough = isCheckedAtStart(databaseOf(directory));
    mendIncidents(connection, isThorough);
    mendInbox(connection, isThorough);
    mendStreams(connection);
    const instance = createRecords(connection).meta(OWN_KEYS.instance) ?? '';
    return { connection, count, instance, committed, isWhole: checkpoint(db, 'truncate') };
  } catch (error) {
    connection.db.close();
    throw error;
  }
}

/** Reads tell of trouble in the same words as writes. */
function guardReads(reads: Reads, directory: string): Reads {
  const guard =
    <A extends readonly unknown[], R>(read: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await read(...args);
      } catch (error) {
        throw troubleOf(error, directory)?.error ?? error;
      }
    };
  return {
    incident: guard(reads.incident),
    listIncidents: guard(reads.listIncidents),
    timeline: guard(reads.timeline),
    record: guard(reads.record),
    nextRecord: guard(reads.nextRecord),
    outboxOf: guard(reads.outboxOf),
    alertsOf: guard(reads.alertsOf),
    openPages: guard(reads.openPages),
    pagesOf: guard(reads.pagesOf),
    lateRings: guard(reads.lateRings),
    toldRings: guard(reads.toldRings),
    inboxRow: guard(reads.inboxRow),
    meta: guard(reads.meta),
    metas: guard(reads.metas),
    health: guard(reads.health),
    nextDueAt: guard(reads.nextDueAt),
  };
}

/** Runs the steps last to first, all of them, and throws the first error. */
function undo(steps: readonly (() => void)[]): void {
  const errors: unknown[] = [];
  for (const step of steps.toReversed()) {
    try {
      step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** The space that the ballast gave back is not for deliveries, whichever process gave it. */
function conditionAtStart(directory: string, ballast: Ballast): StoreCondition {
  if (ballast.restore() || !ballast.isOwed()) return { kind: 'ok' };
  const problem = new StoreUnavailable(
    `the disk of ${directory} is full: Tocsin runs in the space of the ballast, which was given back`,
    'free space there; deliveries are refused until there is room, open incidents go on',
  );
  return { kind: 'refusing', problem };
}

/** What the start has found, by the marker of before. */
function recoveredOf(kept: Kept, committed: Committed): Recovered {
  const marker = kept.kind === 'unknown' ? null : kept.marker;
  return {
    commits: committed.commits - 1,
    known: marker?.commits ?? null,
    isClosed: marker?.isClosed ?? committed.commits === 1,
    isMarkerSpoilt: kept.kind === 'unknown' && kept.isSpoilt,
    accepted: marker?.accepted ?? null,
    newestAt: committed.newestAt,
  };
}

/** The marker as the start leaves it; what is moved out of the log is noted there from now on. */
function markStart(
  { instance, committed, isWhole }: OpenDatabase,
  directory: string,
  kept: Kept,
): MarkerFile {
  const before = kept.kind === 'unknown' ? null : kept.marker;
  return openMarker(directory, {
    ...committed,
    instance,
    base: isWhole ? committed.commits : (before?.base ?? 0),
    isClosed: false,
    // Until it stands in a signed checkpoint.
    accepted: before?.accepted ?? null,
  });
}

interface Files {
  readonly kept: Kept;
  readonly opened: OpenDatabase;
  readonly reader: Connection;
  readonly marker: MarkerFile;
}

/** Opens everything; each adds how to give it back, where it is made. */
function openFiles(options: SqliteOptions, teardown: (() => void)[]): Files {
  const { directory, lock, pid } = options;
  if (lock) teardown.push(takeLock(directory, pid ?? null));
  const kept = assertNothingLost(directory, databaseOf(directory));
  const opened = openDatabase(options, kept);
  teardown.push(() => void opened.connection.db.close());
  const reader = openReader(databaseOf(directory));
  teardown.push(() => void reader.db.close());
  const marker = markStart(opened, directory, kept);
  teardown.push(() => marker.close());
  return { kept, opened, reader, marker };
}

function createStore(options: SqliteOptions, ballast: Ballast, teardown: (() => void)[]): Store {
  const { directory } = options;
  const { kept, opened, reader, marker } = openFiles(options, teardown);
  const { connection: writer, count } = opened;
  const condition = conditionAtStart(directory, ballast);
  let { committed } = opened;
  const isLogLong = watchLog(writer, ballast);
  const onCommit = (sealed: Committed): void => {
    committed = sealed;
    marker.note(sealed);
    // What goes wrong there is remembered, and nothing of what was committed.
    if (isLogLong()) transactions.between(() => void move('passive')).catch(() => undefined);
  };
  const around = { directory, ballast, condition, count, onCommit };
  const transactions = createTransactions({ connection: writer, ...around });
  const txOf = prepareTx(writer);
  const noteTime = writer.prepare<[now: Instant, now: Instant]>(
    `UPDATE committed SET newest_at = ? WHERE newest_at < +? - ${NOTED_EVERY_MS}`,
  );
  const { instance } = opened;
  const files = { directory, instance, ballast, inTurn: oneAtATime() };
  const { close: giveUpBackup, ...backups } = createBackups(files);
  teardown.push(giveUpBackup);
  const accepted = kept.kind === 'unknown' ? null : kept.marker.accepted;
  const signing = createSigning({ ...options, reader, instance, accepted });
  let moved = opened.isWhole ? committed.commits : 0;
  const move = (how: 'passive' | 'truncate'): boolean => {
    if (how === 'passive' && moved === committed.commits) return true;
    if (!checkpoint(writer.db, how)) return false;
    moved = committed.commits;
    marker.note({ base: moved });
    return true;
  };
  teardown.push(() => {
    if (transactions.condition().kind === 'broken') return;
    const isMoved = move('truncate');
    marker.note({ isClosed: true });
    // SQLite moves as much as fits where the last connection that is closed may write: here a reader is the last.
    if (!isMoved) writer.db.close();
  });
  return {
    transact: (work) => transactions.run((guard) => work(txOf(guard))),
    reads: guardReads(createReads(reader, createReadArchive(directory)), directory),
    condition: transactions.condition,
    spoilt: () => [...writer.spoilt.rows(), ...reader.spoilt.rows()],
    recovered: recoveredOf(kept, opened.committed),
    backups,
    signing,
    ...createUpkeep({ ...files, writer, reader, transactions }),
    checkpoint: async (now) => {
      await transactions.run((guard) => guard(() => void noteTime.run(now, now))());
      await transactions.between(() => void move('passive'));
      if (signing.isTold()) marker.note({ accepted: null });
      marker.sync();
    },
    close: async () => {
      await transactions.close();
      undo(teardown.splice(0));
    },
  };
}

/** A file that cannot grow fails in more ways than one: with next to no space left, that is the reason. */
function isForWantOfSpace(error: unknown, ballast: Ballast): boolean {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return true;
  const trouble = troubleOf(error, '');
  return trouble?.kind === 'full' || (trouble?.kind === 'broken' && ballast.isDiskFull());
}

function fullAtStart(directory: string, cause: unknown): StoreUnavailable {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StoreUnavailable(
    `the disk of ${directory} is full (${why})`,
    'free space there, 64 MB to take deliveries again, and start Tocsin again',
    { cause },
  );
}

function unopened(directory: string, cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const unknown = (): StoreUnavailable =>
    new StoreUnavailable(
      `the data in ${directory} cannot be opened (${why})`,
      'something else may lie there in the place of a file of Tocsin: "The data directory" in docs/guides/operate.md says what belongs there',
      { cause },
    );
  return troubleOf(cause, directory)?.error ?? unknown();
}

/**
 * Opens the store for the one process that writes it, creating and migrating the database as needed.
 * @throws StoreUnavailable when another process has it, it is of the other kind, newer than this release, or not writable
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { directory, kind } = options;
  if (kind === null && !existsSync(databaseOf(directory))) throw missing(directory);
  prepareDirectory(directory, options.warn ?? (() => undefined));
  const ballast = openBallast(
    join(directory, 'ballast'),
    options.ballastBytes ?? (kind === 'live' ? BALLAST_BYTES : 0),
  );
  for (;;) {
    const teardown: (() => void)[] = [];
    try {
      return createStore(options, ballast, teardown);
    } catch (error) {
      undo(teardown);
      const isFull = isForWantOfSpace(error, ballast);
      // Once: the second time there is nothing to give.
      if (isFull && ballast.free()) continue;
      throw isFull ? fullAtStart(directory, error) : unopened(directory, error);
    }
  }
}

/**
 * Holds the database of the directory against what was committed to it; with `accept`, less is gone on with from now on.
 * @throws StoreUnavailable when it cannot be read, or a server runs there and something would be changed
 */
export function recoverSqlite(directory: string, options: { readonly accept: boolean }): Recovery {
  if (!existsSync(directory))
    throw new StoreUnavailable(
      `there is no directory ${directory}`,
      'name the data directory of the server with --data',
    );
  try {
    return recoverFiles(directory, databaseOf(directory), options);
  } catch (error) {
    throw troubleOf(error, directory)?.error ?? error;
  }
}

/**
 * Reads a backup as a whole and holds it against what is in the directory; with `accept` it takes its place.
 * @param from folder of the backup, or the database in it
 * @throws StoreUnavailable when it cannot be used there, or a server runs there and something would be changed
 */
export async function restoreSqlite(
  directory: string,
  from: string,
  options: { readonly accept: boolean },
): Promise<Restoration> {
  try {
    return await restoreFiles(directory, from, options);
  } catch (error) {
    throw troubleOf(error, directory)?.error ?? error;
  }
}

export interface OpenReads {
  readonly reads: Reads;
  /** Recomputes everything. @throws StoreUnavailable when there are no checkpoints where they were named */
  verify(options: VerifyOptions): Promise<VerifiedData>;
  /** Proves by the checkpoints in the data directory that the event with that hash was signed for. */
  prove(head: string): ReturnType<Store['signing']['prove']>;
  /** Of the checkpoints in the data directory. */
  signedHead(): ReturnType<typeof readSignedHead>;
  close(): Promise<void>;
}

/**
 * Opens the data for reading only, beside a server that runs or without one.
 * @throws StoreUnavailable when there is no database, or it is not of this release
 */
export async function openSqliteReads(directory: string): Promise<OpenReads> {
  const path = databaseOf(directory);
  if (!existsSync(path)) throw missing(directory);
  const teardown: (() => void)[] = [];
  try {
    const reader = openReader(path);
    teardown.push(() => void reader.db.close());
    const archive = keepReadArchive(directory);
    teardown.push(archive.close);
    assertMigrated(reader.db, sqliteMigrations(), directory);
    const reads = guardReads(createReads(reader, archive.read), directory);
    return {
      reads,
      verify: (options) =>
        verifyData({ connection: reader, directory, readArchive: archive.read }, options),
      prove: async (head) => proofOf({ directory, folder: directory, head }),
      signedHead: () => readSignedHead(directory, createRecords(reader).meta(OWN_KEYS.instance)),
      close: async () => undo(teardown.splice(0)),
    };
  } catch (error) {
    undo(teardown);
    throw troubleOf(error, directory)?.error ?? error;
  }
}
