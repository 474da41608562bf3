/** Small things: durable values, the incident counter, configurations, tokens. */
import type { Instant } from '../../core/alert.ts';
import type { TokenRow } from '../store.ts';
import type { Connection } from './connection.ts';
import { fromJson } from './json.ts';

/** Values that belong to the database itself. Set once, when it is created. */
export const OWN_KEYS = { kind: 'kind', instance: 'instance' } as const;

export interface TokenRecord {
  readonly id: string;
  readonly hash: string;
  readonly owner: string;
  readonly scopes: string;
  readonly created_at: Instant;
  readonly expires_at: Instant | null;
  readonly revoked_at: Instant | null;
  readonly last_used_at: Instant | null;
}

export function tokenRow(record: TokenRecord): TokenRow {
  return {
    id: record.id,
    hash: record.hash,
    owner: fromJson<TokenRow['owner']>(record.owner),
    scopes: fromJson<TokenRow['scopes']>(record.scopes),
    createdAt: record.created_at,
    expiresAt: record.expires_at,
    revokedAt: record.revoked_at,
    lastUsedAt: record.last_used_at,
  };
}

type UpsertToken = [
  id: string,
  hash: string,
  owner: string,
  scopes: string,
  createdAt: Instant,
  expiresAt: Instant | null,
  revokedAt: Instant | null,
  lastUsedAt: Instant | null,
];

function prepareRecords({ prepare }: Connection) {
  return {
    meta: prepare<[key: string], { readonly value: string }>(
      'SELECT value FROM meta WHERE key = +?',
    ),
    setMeta: prepare<[key: string, value: string]>(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    ),
    dropMeta: prepare<[key: string]>('DELETE FROM meta WHERE key = ?'),
    count: prepare<[name: string], { readonly value: number }>(
      `INSERT INTO counters (name, value) VALUES (?, 1)
       ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value`,
    ),
    putConfig: prepare<[hash: string, policy: string, at: Instant]>(
      'INSERT INTO configs (hash, policy, first_used_at) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING',
    ),
    putToken: prepare<UpsertToken>(
      `INSERT INTO tokens (id, hash, owner, scopes, created_at, expires_at, revoked_at, last_used_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET
         hash = excluded.hash, owner = excluded.owner, scopes = excluded.scopes, created_at = excluded.created_at,
         expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, last_used_at = excluded.last_used_at`,
    ),
  };
}

export function createRecords(connection: Connection) {
  const sql = prepareRecords(connection);

  const count = (name: string): number => {
    const row = sql.count.get(name);
    if (row === undefined) throw new Error(`the counter ${name} gave no number`);
    return row.value;
  };
  const setMeta = (key: string, value: string | null): void => {
    if (value === null) sql.dropMeta.run(key);
    else sql.setMeta.run(key, value);
  };
  return {
    meta: (key: string): string | null => sql.meta.get(key)?.value ?? null,
    setMeta: (key: string, value: string | null): void => {
      if (Object.hasOwn(OWN_KEYS, key))
        throw new Error(`${key} belongs to the database and never changes`);
      setMeta(key, value);
    },
    /** For the stamp of a new database. */
    setOwn: (key: keyof typeof OWN_KEYS, value: string): void => setMeta(key, value),
    nextIncidentNumber: (): number => count('incident'),
    /** Counts how often the database was opened for writing; also the first write of every start. */
    countStart: (): number => count('starts'),
    putConfig: ({
      hash,
      policy,
      at,
    }: {
      readonly hash: string;
      readonly policy: string;
      readonly at: Instant;
    }): void => {
      sql.putConfig.run(hash, policy, at);
    },
    putToken: (token: TokenRow): void => {
      sql.putToken.run(
        token.id,
        token.hash,
        JSON.stringify(token.owner),
        JSON.stringify(token.scopes),
        token.createdAt,
        token.expiresAt,
        token.revokedAt,
        token.lastUsedAt,
      );
    },
  };
}
