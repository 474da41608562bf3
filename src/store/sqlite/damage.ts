/** Whether the structure of a database is sound, as far as SQLite can tell: what a bad disk or a hand has done to it. */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';

/** A check reads everything: of so much a start can wait for it, about a second. */
const CHECKED_MAX_BYTES = 256_000_000;
const FINDINGS_MAX = 100;

export interface Damage {
  /** Indexes that do not match their tables: made anew, nothing is lost. */
  readonly indexes: readonly string[];
  /** Tables of which a row holds what its column cannot: it costs what that row said. */
  readonly tables: readonly string[];
  /** Everything else, in SQLite's words. */
  readonly rest: readonly string[];
}

/** All is well. */
export const NO_DAMAGE: Damage = { indexes: [], tables: [], rest: [] };

/** https://www.sqlite.org/pragma.html#pragma_integrity_check */
const OF_AN_INDEX =
  /^(?:row \d+ missing from index|wrong # of entries in index|row \d+ values differ from index) (\S+)$/;
const OF_A_ROW = /^(?:CHECK constraint failed in (\w+)|(?:NULL|non-\w+) value in (\w+)\.\w+)$/;

/** Whether SQLite says that what it has read is no database, or not a sound one. */
export function isDamage(error: unknown): error is Error {
  return error instanceof Database.SqliteError && /^SQLITE_(?:CORRUPT|NOTADB)/.test(error.code);
}

function findingsOf(db: Database.Database): readonly string[] {
  try {
    const rows = db.pragma(`integrity_check(${FINDINGS_MAX})`) as readonly {
      readonly integrity_check: string;
    }[];
    return rows.map((row) => row.integrity_check);
  } catch (error) {
    if (isDamage(error)) return [error.message];
    throw error;
  }
}

/** Looks through the whole database. */
export function damageIn(db: Database.Database): Damage {
  const found = findingsOf(db)
    .flatMap((text) => text.split('\n'))
    .filter((text) => text !== 'ok' && text !== '');
  const indexes = found.flatMap((text) => OF_AN_INDEX.exec(text)?.[1] ?? []);
  const tables = found.flatMap((text) => OF_A_ROW.exec(text)?.slice(1).filter(Boolean) ?? []);
  return {
    indexes: [...new Set(indexes)],
    tables: [...new Set(tables)],
    rest: found.filter((text) => !OF_AN_INDEX.test(text) && !OF_A_ROW.test(text)),
  };
}

/** Whether a start can wait until all of the database is looked through. */
export function isCheckedAtStart(path: string): boolean {
  return statSync(path).size <= CHECKED_MAX_BYTES;
}

/** The same at a start, which looks only through what it need not wait for. */
export function damageAtStart(db: Database.Database, path: string): Damage {
  return isCheckedAtStart(path) ? damageIn(db) : NO_DAMAGE;
}
