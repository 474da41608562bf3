/** What subjects share: one row per group of alerts, address that rings and component, held by one of them. */
import type { Change, ClaimKey, ClaimRow } from '../store.ts';
import type { Connection } from './connection.ts';

function prepareClaims({ prepare }: Connection) {
  return {
    find: prepare<[kind: string, key: string], ClaimRow>(
      'SELECT kind, key, holder, value FROM claims WHERE kind = +? AND key = +?',
    ),
    take: prepare<[kind: string, key: string, holder: string, value: string | null]>(
      `INSERT INTO claims (kind, key, holder, value) VALUES (?, ?, ?, ?)
       ON CONFLICT (kind, key) DO UPDATE SET holder = excluded.holder, value = excluded.value`,
    ),
    renew: prepare<[value: string | null, kind: string, key: string, holder: string]>(
      'UPDATE claims SET value = ? WHERE kind = ? AND key = ? AND holder = ?',
    ),
    release: prepare<[kind: string, key: string, holder: string]>(
      'DELETE FROM claims WHERE kind = ? AND key = ? AND holder = ?',
    ),
    releaseAll: prepare<[holder: string, kind: string]>(
      'DELETE FROM claims WHERE holder = ? AND kind = ?',
    ),
  };
}

/** A group has one holder until it is given up; the other kinds change hands by what the newest change says. */
const IS_EXCLUSIVE: Readonly<Record<ClaimKey['kind'], boolean>> = {
  group: true,
  ring: false,
  component: false,
};

export function createClaims(connection: Connection) {
  const sql = prepareClaims(connection);
  return {
    find: (keys: readonly ClaimKey[]): readonly ClaimRow[] =>
      keys.flatMap(({ kind, key }) => sql.find.get(kind, key) ?? []),
    /** Whether the change wants something that another subject has and must keep. */
    isTaken: ({ subject, claims }: Change): boolean => {
      const wanted = claims.take.filter(({ kind }) => IS_EXCLUSIVE[kind]);
      return wanted.some(({ kind, key }) => {
        const holder = sql.find.get(kind, key)?.holder ?? subject.id;
        return holder !== subject.id;
      });
    },
    apply: ({ subject: { id }, claims }: Change): void => {
      for (const { kind, key } of claims.release) {
        if (key === null) sql.releaseAll.run(id, kind);
        else sql.release.run(kind, key, id);
      }
      for (const { kind, key, value } of claims.renew) sql.renew.run(value, kind, key, id);
      for (const { kind, key, value, holder = id } of claims.take)
        sql.take.run(kind, key, holder, value);
    },
  };
}
