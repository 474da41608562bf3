/**
 * Corruptions of the data directory, at rest and as a crash leaves it: bits flipped, stretches zeroed, files removed, tails
 * cut, an older copy put back. A start must refuse, or hold all that was committed, or say what is not as it was written.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { StoreUnavailable, type Store } from '../../src/store/store.ts';
import { alertRow, inboxRow, noting, opening, T0 } from '../conformance/store-fixtures.ts';
import {
  type Experiment,
  inWorld,
  type Outcome,
  pick,
  type Random,
  randomOf,
  tallyOf,
} from './experiment.ts';

const FILES = ['tocsin.db', 'tocsin.db-wal', 'marker.json', 'tocsin.db-shm'] as const;
const INCIDENTS = 12;
const ROUNDS = 6;

/** What must be there again, by table: as many rows, known by their names. */
type Content = Readonly<Record<string, readonly string[]>>;

const NAMES: Readonly<Record<string, string>> = {
  inbox: 'SELECT id AS name FROM inbox',
  undecided: 'SELECT id AS name FROM inbox JOIN inbox_ready USING (seq)',
  incidents: 'SELECT id AS name FROM incidents',
  events: "SELECT subject || '/' || version AS name FROM events",
  alerts: 'SELECT dedup_key AS name FROM alerts',
};

function contentOf(directory: string): Content {
  const db = new Database(join(directory, 'tocsin.db'), { readonly: true });
  try {
    return Object.fromEntries(
      Object.entries(NAMES).map(([table, sql]) => {
        const rows = db.prepare<[], { readonly name: string }>(sql).all();
        return [table, rows.map(({ name }) => name).toSorted()];
      }),
    );
  } finally {
    db.close();
  }
}

async function fill(store: Store, onMiddle: () => void): Promise<void> {
  const last = new Map<string, ReturnType<typeof opening>>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let n = 1; n <= INCIDENTS; n += 1) {
      const id = `inc-${n}`;
      const before = last.get(id);
      const change =
        before === undefined ? opening(id) : noting(before.state, `${round} `.repeat(40));
      last.set(id, change);
      await store.transact(async (tx) => {
        await tx.putInbox([inboxRow(`${id}-${round}`, { receivedAt: T0 + round })]);
        await tx.apply([change]);
        await tx.putAlerts([alertRow(`${id}-${round}`, { incident: id })]);
      });
    }
    if (round === ROUNDS / 2) {
      await store.checkpoint(T0);
      onMiddle();
    }
  }
}

interface Sample {
  readonly directory: string;
  /** As `tocsin.db` was in the middle. */
  readonly older: string;
  readonly content: Content;
}

/** A directory whose server ended in order, and one whose server was killed. */
async function samples(root: string): Promise<readonly Sample[]> {
  const running = join(root, 'running');
  const older = join(root, 'older.db');
  const store = await openSqliteStore({ directory: running, kind: 'sandbox', lock: true });
  await fill(store, () => copyFileSync(join(running, 'tocsin.db'), older));
  const crashed = join(root, 'crashed');
  cpSync(running, crashed, { recursive: true });
  await store.close();
  const content = contentOf(running);
  return [running, crashed].map((directory) => ({ directory, older, content }));
}

/** Does something to one file; says what. */
function corrupt(directory: string, older: string, random: Random): string {
  const there = FILES.filter((name) => existsSync(join(directory, name)));
  // The files that hold something are met more often.
  const name = pick(random, [...there, 'tocsin.db', ...there.filter((one) => one.endsWith('wal'))]);
  const path = join(directory, name);
  const bytes = readFileSync(path);
  const at = Math.floor(random() * bytes.length);
  const ways: Readonly<Record<string, () => void>> = {
    'bit flipped': () => {
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      writeFileSync(path, bytes);
    },
    'stretch zeroed': () => {
      bytes.fill(0, at, Math.min(bytes.length, at + 512));
      writeFileSync(path, bytes);
    },
    removed: () => rmSync(path),
    'tail cut': () => truncateSync(path, at),
    'older copy': () => copyFileSync(older, join(directory, 'tocsin.db')),
  };
  const way = pick(random, Object.keys(ways));
  ways[way]?.();
  return `${way} ${way === 'older copy' ? '' : `in ${name} at ${at}`}`;
}

function missingOf(before: Content, now: Content): readonly string[] {
  return Object.entries(before).flatMap(([table, names]) => {
    const there = new Set(now[table]);
    const missing = names.filter((name) => !there.has(name));
    return missing.length === 0 ? [] : [`${missing.length} of ${table}`];
  });
}

/** How a start over the directory comes out: refused, whole, told, or what is missing in silence. */
async function startOver(directory: string, content: Content): Promise<string> {
  let store: Store;
  try {
    store = await openSqliteStore({ directory, kind: 'sandbox', lock: true });
  } catch (error) {
    const isSaid = error instanceof StoreUnavailable && error.hint !== '';
    return isSaid ? 'refused' : `MISSING a word: ${String(error)}`;
  }
  const told = store.spoilt().length > 0;
  await store.close();
  const missing = missingOf(content, contentOf(directory));
  if (missing.length === 0) return told ? 'told' : 'whole';
  return told ? 'told' : `MISSING ${missing.join(', ')}`;
}

async function tryOne(sample: Sample, root: string, seed: number): Promise<[string, string]> {
  const random = randomOf(seed);
  const directory = join(root, `try-${seed}`);
  cpSync(sample.directory, directory, { recursive: true });
  const what = corrupt(directory, sample.older, random);
  try {
    return [what, await startOver(directory, sample.content)];
  } catch (error) {
    return [what, `MISSING an end in order: ${String(error)}`];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(tries: number, seed: number): Promise<Outcome> {
  return inWorld(async (test) => {
    const root = mkdtempSync(join(tmpdir(), 'tocsin-corruption-'));
    test.onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const both = await samples(root);
    const ends: string[] = [];
    const failed: string[] = [];
    for (let n = 0; n < tries; n += 1) {
      const sample = both[n % both.length];
      if (sample === undefined) break;
      const [what, end] = await tryOne(sample, root, seed + n);
      ends.push(end.startsWith('MISSING') ? 'less in silence' : end);
      if (end.startsWith('MISSING'))
        failed.push(
          `seed ${seed + n}, ${n % 2 === 0 ? 'at rest' : 'after a crash'}: ${what}: ${end}`,
        );
    }
    return { failed, seen: tallyOf(ends) };
  });
}

export const corruption: Experiment = {
  name: 'database and log corrupted, at rest and after a crash',
  tries: 1_000,
  shortTries: 60,
  run,
};
