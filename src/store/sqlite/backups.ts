/**
 * Backups: each is a folder of its own, named by the installation and the moment, with a copy of the database that was read
 * as a whole before the folder got that name. What a killed process has left has another name, and is cleared away by the
 * next one. Whatever else lies there is not touched.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { instantOf, isoOf } from '../../contract/instant.ts';
import type { Instant } from '../../core/model/alert.ts';
import { whyNotWritable } from '../../lib/folder.ts';
import { makePrivate } from '../../lib/private-file.ts';
import { syncPath } from '../../lib/sync-path.ts';
import { type Backup, type Backups, type KeepBackups, StoreUnavailable } from '../store.ts';
import type { Ballast } from './ballast.ts';
import { beside } from './beside.ts';
import type { CopyTask, Inspected } from './copy.ts';
import { archiveOf, databaseOf } from './directory.ts';

const DIRECTORY_MODE = 0o700;
/** Is being made, or was when its process ended. */
const PARTIAL = '.partial';
/** Of a database that was not as it was written: better than nothing, and no reason to let another one go. */
const FLAWED = '.flawed';
const NAME = /^tocsin-([0-9a-z]+)-(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)(\.partial|\.flawed)?$/;

interface Made {
  readonly name: string;
  readonly at: Instant;
  readonly suffix: string;
}

/** `tocsin-q7c9wzkm-20260105T031500Z`: a name on every file system. */
function nameOf(instance: string, now: Instant): string {
  return `tocsin-${instance}-${isoOf(now).replaceAll(/[-:]/g, '')}`;
}

/** Null: it is no backup of this installation. */
function readName(name: string, instance: string): Made | null {
  const parts = NAME.exec(name);
  if (parts === null || parts[1] !== instance) return null;
  const [, , year, month, day, minute, second, suffix = ''] = parts;
  const at = instantOf(`${year}-${month}-${day}:${minute}:${second}`);
  return at === null ? null : { name, at, suffix };
}

/** What of this installation lies there, the newest first. */
function madeIn(folder: string, instance: string): readonly Made[] {
  return readdirSync(folder)
    .flatMap((name) => readName(name, instance) ?? [])
    .toSorted((a, b) => b.at - a.at);
}

/** What neither the number nor the age keeps any more; never the newest. */
export function pruned(
  made: readonly Made[],
  { last, forMs }: KeepBackups,
  now: Instant,
): readonly Made[] {
  const good = made.filter(({ suffix }) => suffix === '');
  return good.slice(Math.max(1, last)).filter(({ at }) => now - at > forMs);
}

/** First under another name, so that what is half gone is not taken for a backup. */
function remove(folder: string, { name, suffix }: Made): void {
  const gone = join(folder, suffix === PARTIAL ? name : `${name}${PARTIAL}`);
  if (suffix !== PARTIAL) renameSync(join(folder, name), gone);
  rmSync(gone, { recursive: true, force: true });
}

/** Whether one folder is the other or lies in it, whatever links lead there. */
function isWithin(folder: string, outer: string): boolean {
  const way = relative(realpathSync(outer), realpathSync(folder));
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function problemWith(to: string, directory: string): StoreUnavailable | null {
  const why = isAbsolute(to) ? whyNotWritable(to) : 'is no absolute path';
  if (why !== null)
    return new StoreUnavailable(
      `backups cannot be made in ${to}: it ${why}`,
      'make the folder and give it to the user that runs Tocsin, or name another one (`backup.to`)',
    );
  if (isWithin(to, directory))
    return new StoreUnavailable(
      `backups cannot be made in ${to}: it lies in the data directory ${directory}, and would be lost with it`,
      'name a folder elsewhere (`backup.to`), on another disk or machine',
    );
  return null;
}

const FREE_SPACE = 'free space there, or keep fewer backups (`backup.keep`)';

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** What is copied: of the archive what the backup before does not have, as far as its size tells. */
function bytesToCopy({ from, previous }: Pick<CopyTask, 'from' | 'previous'>): number {
  const archive = archiveOf(from);
  const files = existsSync(archive) ? readdirSync(archive) : [];
  const sizes = files.map((name) => {
    const size = sizeOf(join(archive, name));
    const isShared = previous !== null && sizeOf(join(archiveOf(previous), name)) === size;
    return isShared ? 0 : size;
  });
  const path = databaseOf(from);
  return sizes.reduce((all, size) => all + size, sizeOf(path) + sizeOf(`${path}-wal`));
}

/** @throws StoreUnavailable when a copy would not fit, or would leave no room for deliveries on the disk of the data */
function assertRoom(task: CopyTask, to: string, room: number): void {
  const needed = bytesToCopy(task);
  const isSameDisk = statSync(to).dev === statSync(task.from).dev;
  const { bavail, bsize } = statfsSync(to);
  if (bavail * bsize >= needed + (isSameDisk ? room : 0)) return;
  const beside = isSameDisk ? `, and the data on the same disk need ${room} bytes beside it` : '';
  throw new StoreUnavailable(
    `a backup of up to ${needed} bytes does not fit into ${to}: ${bavail * bsize} bytes are free${beside}`,
    FREE_SPACE,
  );
}

/** Copies in a thread of its own; `terminate` gives up. */
function copyBeside(task: CopyTask): { readonly done: Promise<Inspected>; terminate(): void } {
  const thread = new URL('./copy-thread.ts', import.meta.url);
  const { outcome, terminate } = beside<Inspected>(thread, task);
  const done = outcome.then((copied) => {
    if (copied.ok) return copied.value;
    const { what, isFull } = copied;
    const hint = isFull ? FREE_SPACE : 'look at the disk, and run `tocsin verify` on the data';
    throw new StoreUnavailable(`the backup could not be made: ${what}`, hint);
  });
  return { done, terminate };
}

export interface BackupsOptions {
  readonly directory: string;
  readonly instance: string;
  /** Knows what is to stay free on the disk of the data. */
  readonly ballast: Pick<Ballast, 'room'>;
  /** One at a time, and nothing else that reads or writes files of the archive by itself. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

async function makeIn(task: CopyTask, onCopy: (terminate: () => void) => void): Promise<Inspected> {
  mkdirSync(task.to, { mode: DIRECTORY_MODE });
  makePrivate(databaseOf(task.to));
  const { done, terminate } = copyBeside(task);
  onCopy(terminate);
  const made = await done;
  syncPath(task.to);
  return made;
}

/** The backups of one open store. `close` gives up what is being made. */
export function createBackups(options: BackupsOptions): Backups & { close(): void } {
  const { directory, instance, inTurn } = options;
  const { room } = options.ballast;
  let giveUp: (() => void) | null = null;
  let isClosed = false;
  const removeAll = (to: string, suffix: string, but = ''): void => {
    for (const made of madeIn(to, instance))
      if (made.suffix === suffix && made.name !== but) remove(to, made);
  };
  const make = async (to: string, now: Instant): Promise<Backup> => {
    const problem = problemWith(to, directory);
    if (problem !== null) throw problem;
    if (isClosed) throw new StoreUnavailable('the store is closed', 'Tocsin is stopping');
    removeAll(to, PARTIAL);
    const name = nameOf(instance, now);
    const partial = join(to, `${name}${PARTIAL}`);
    const previous = madeIn(to, instance).find(({ suffix }) => suffix === '')?.name;
    const task = {
      from: directory,
      to: partial,
      previous: previous === undefined ? null : join(to, previous),
    };
    assertRoom(task, to, room);
    try {
      const made = await makeIn(task, (terminate) => {
        giveUp = terminate;
      });
      const isFlawed = made.flaws.length > 0;
      const final = `${name}${isFlawed ? FLAWED : ''}`;
      renameSync(partial, join(to, final));
      syncPath(to);
      // They come as often as it is tried: of those the newest is enough.
      if (isFlawed) removeAll(to, FLAWED, final);
      return { ...made, path: join(to, final), commits: made.committed.commits };
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      throw error;
    } finally {
      giveUp = null;
    }
  };
  return {
    problemWith: (to) => problemWith(to, directory),
    make: (to, now) => inTurn(() => make(to, now)),
    prune: async (to, keep, now) => {
      const old = pruned(madeIn(to, instance), keep, now);
      for (const made of old) remove(to, made);
      return old.map(({ name }) => name);
    },
    close: () => {
      isClosed = true;
      giveUp?.();
    },
  };
}
