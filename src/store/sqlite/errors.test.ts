import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { troubleOf } from './errors.ts';

const of = (code: string) => troubleOf(new Database.SqliteError('words of SQLite', code), 'data');

describe('an error of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'full', 'free space'],
    ['SQLITE_IOERR', 'broken', 'restart'],
    ['SQLITE_IOERR_FSYNC', 'broken', 'restart'],
    ['SQLITE_CORRUPT_VTAB', 'broken', 'restart'],
    ['SQLITE_NOTADB', 'broken', 'restart'],
    ['SQLITE_BUSY', 'unavailable', 'close it'],
    ['SQLITE_BUSY_SNAPSHOT', 'unavailable', 'close it'],
    ['SQLITE_READONLY', 'unavailable', 'write permission'],
    ['SQLITE_READONLY_DIRECTORY', 'unavailable', 'write permission'],
    ['SQLITE_CANTOPEN', 'unavailable', 'write permission'],
  ])('%s means %s', (code, kind, hint) => {
    const trouble = of(code);
    expect(trouble?.kind).toBe(kind);
    expect(trouble?.error.hint).toContain(hint);
    expect(trouble?.error.message).toContain(`${code}: words of SQLite`);
    expect(trouble?.error.cause).toBeInstanceOf(Database.SqliteError);
  });

  it.each(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_ERROR', 'SQLITE_BUSYBODY'])(
    '%s is a bug of ours',
    (code) => {
      expect(of(code)).toBeNull();
    },
  );

  it('is not an error of somebody else', () => {
    expect(troubleOf(new Error('SQLITE_FULL'), 'data')).toBeNull();
    expect(troubleOf('SQLITE_FULL', 'data')).toBeNull();
  });
});
