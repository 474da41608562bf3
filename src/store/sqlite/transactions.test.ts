import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, openWriter } from './connection.ts';
import { type Transactions, createTransactions } from './transactions.ts';

let directory: string;
let connection: Connection;
let transactions: Transactions;
let ballast: { there: boolean; room: boolean };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-transactions-'));
  connection = openWriter(join(directory, 'a.db'), null);
  connection.db.exec('CREATE TABLE t (a)');
  ballast = { there: true, room: true };
  transactions = createTransactions({
    connection,
    directory,
    count: { begin: () => undefined, seal: () => null },
    onCommit: () => undefined,
    ballast: {
      free: () => {
        ballast.there = false;
        return true;
      },
      restore: () => {
        ballast.there = ballast.room;
        return ballast.room;
      },
    },
  });
});

afterEach(() => {
  connection.db.close();
  rmSync(directory, { recursive: true });
});

const insert = (a: number): void => void connection.db.prepare('INSERT INTO t VALUES (?)').run(a);
const rows = (): unknown => connection.db.prepare('SELECT a FROM t').pluck().all();

function fail(code: string): () => never {
  return () => {
    throw new Database.SqliteError('made by the test', code);
  };
}

describe('a transaction', () => {
  it.each(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_BUSY'])(
    'is not committed when a method met %s, even if the work swallowed it',
    async (code) => {
      const work = transactions.run(async (guard) => {
        await guard(insert)(1);
        await expect(guard(fail(code))()).rejects.toThrow(code);
        await guard(insert)(2);
      });
      await expect(work).rejects.toThrow(code);
      expect(rows()).toEqual([]);
    },
  );

  it('may go on after an error that says nothing about the database', async () => {
    await transactions.run(async (guard) => {
      await expect(guard(fail('SQLITE_CONSTRAINT'))()).rejects.toThrow('made by the test');
      await guard(insert)(1);
    });
    expect(rows()).toEqual([1]);
  });
});

describe('the condition', () => {
  const meet = (code: string) =>
    transactions.run((guard) => guard(fail(code))()).catch((error: unknown) => error);

  it('is refusing from a full disk until there is room, and decisions go on meanwhile', async () => {
    ballast.room = false;
    const problem = await meet('SQLITE_FULL');
    expect(ballast.there).toBe(false);
    expect(transactions.condition()).toEqual({ kind: 'refusing', problem });
    await transactions.run((guard) => guard(insert)(1));
    expect(rows()).toEqual([1]);
    ballast.room = true;
    expect(transactions.condition()).toEqual({ kind: 'ok' });
    expect(ballast.there).toBe(true);
  });

  it('is broken for good after a failed write, also when the disk was full before', async () => {
    ballast.room = false;
    await meet('SQLITE_FULL');
    const problem = await meet('SQLITE_IOERR_FSYNC');
    ballast.room = true;
    expect(transactions.condition()).toEqual({ kind: 'broken', problem });
    await expect(transactions.run((guard) => guard(insert)(1))).rejects.toBe(problem);
    expect(rows()).toEqual([]);
  });

  it('stays ok when somebody else holds the lock', async () => {
    await meet('SQLITE_BUSY');
    expect(transactions.condition()).toEqual({ kind: 'ok' });
  });
});
