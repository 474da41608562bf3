/** What subjects share: a row per group of alerts and per address that rings, held by one of them, and per component and subject. */
import type { Change, ClaimKey, ClaimRow, ClaimTake } from '../store.ts';
import type { Connection } from './connection.ts';

function prepareClaims({ prepare }: Connection) {
  return {
    find: prepare<[kind: string, key: string], ClaimRow>(
      'SELECT kind, key, holder, value FROM claims WHERE kind = +? AND key = +?',
    ),
    /** In the place of who had it, where a thing has one holder; otherwise of what the subject said before. */
    take: prepare<[kind: string, key: string, holder: string, value: string | null]>(
      'INSERT OR REPLACE INTO claims (kind, key, holder, value) VALUES (?, ?, ?, ?)',
    ),
    release: prepare<[kind: string, key: string, holder: string]>(
      'DELETE FROM claims WHERE kind = ? AND key = ? AND holder = ?',
    ),
    releaseAll: prepare<[holder: string, kind: string]>(
      'DELETE FROM claims WHERE holder = ? AND kind = ?',
    ),
  };
}

export function createClaimRows(connection: Connection) {
  const sql = prepareClaims(connection);
  const isRefused = (wanted: ClaimTake, subject: string): boolean => {
    switch (wanted.kind) {
      case 'group':
        return sql.find.all(wanted.kind, wanted.key).some(({ holder }) => holder !== subject);
      case 'ring': {
        const [row] = sql.find.all(wanted.kind, wanted.key);
        return (row?.value ?? null) !== wanted.was;
      }
      case 'component':
      case 'left_out':
        return false;
    }
  };
  return {
    find: (keys: readonly ClaimKey[]): readonly ClaimRow[] =>
      keys.flatMap(({ kind, key }) => sql.find.all(kind, key)),
    /** Whether the change wants something that another subject has and must keep, or has changed since it was read. */
    isTaken: ({ subject, claims }: Change): boolean =>
      claims.take.some((wanted) => isRefused(wanted, subject.id)),
    apply: ({ subject: { id }, claims }: Change): void => {
      for (const { kind, key } of claims.release) {
        if (key === null) sql.releaseAll.run(id, kind);
        else sql.release.run(kind, key, id);
      }
      for (const { kind, key, value } of claims.take) sql.take.run(kind, key, id, value);
    },
  };
}
