/** Tokens as they are kept: the public part, and of the secret only its hash. */
import type { KeptToken } from '../core/verbs/replies.ts';
import type { SelfAlert } from '../engine/deciding/self-alert.ts';

export interface TokenRow extends KeptToken {
  /** SHA-256 hex of the secret part. */
  readonly hash: string;
}

export interface TokenStore {
  /** Oldest first. */
  tokens(): Promise<readonly TokenRow[]>;
  /** Null: there is no such token. */
  token(id: string): Promise<TokenRow | null>;
  /** Writes the row with this id, new or not. */
  putToken(row: TokenRow): Promise<void>;
}

const PREFIX = 'token:';

/** What `putToken` wrote; null: a bad disk or a hand has left something else. */
function readToken(text: string): TokenRow | null {
  try {
    const row = JSON.parse(text) as Partial<TokenRow> | null;
    const isWhole =
      typeof row?.id === 'string' && typeof row.hash === 'string' && Array.isArray(row.scopes);
    return isWhole && row.owner != null ? (row as TokenRow) : null;
  } catch {
    return null;
  }
}

function spoilt(row: string): SelfAlert {
  return {
    key: { kind: 'spoilt', row },
    alertname: 'TokenSpoilt',
    status: 'firing',
    title: 'A token cannot be read and is nobody’s',
    description: `What is stored of it is no token any more: table meta, row ${row}. Give its owner another one with "tocsin token create", delete the row while the server is stopped, and check the disk.`,
  };
}

/** Tokens among the durable values of a store. */
export function storedTokens(values: {
  metas(prefix: string): Promise<readonly { readonly key: string; readonly value: string }[]>;
  meta(key: string): Promise<string | null>;
  setMeta(key: string, value: string): Promise<void>;
  /** Told once about each row that cannot be read. */
  alarm(about: SelfAlert): void;
}): TokenStore {
  const told = new Set<string>();
  const tell = (key: string): void => {
    if (told.has(key)) return;
    told.add(key);
    values.alarm(spoilt(key));
  };
  const read = (key: string, value: string): TokenRow | null => {
    const row = readToken(value);
    if (row === null) tell(key);
    return row;
  };
  return {
    token: async (id) => {
      const value = await values.meta(`${PREFIX}${id}`);
      return value === null ? null : read(`${PREFIX}${id}`, value);
    },
    tokens: async () => {
      const kept = await values.metas(PREFIX);
      const rows = kept.flatMap(({ key, value }) => read(key, value) ?? []);
      return rows.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    },
    putToken: (row) => values.setMeta(`${PREFIX}${row.id}`, JSON.stringify(row)),
  };
}
