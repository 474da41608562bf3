/** Tokens as they are kept: the public part, and of the secret only its hash. */
import type { Instant } from '../core/model/alert.ts';

export interface TokenRow {
  /** Public part, for lookup. */
  readonly id: string;
  /** SHA-256 hex of the secret part. */
  readonly hash: string;
  readonly owner: { readonly kind: 'person' | 'machine'; readonly id: string };
  readonly scopes: readonly ('read' | 'act' | 'approve' | 'admin')[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly lastUsedAt: Instant | null;
}

export interface TokenStore {
  /** Oldest first. */
  tokens(): Promise<readonly TokenRow[]>;
  /** Writes the row with this id, new or not. */
  putToken(row: TokenRow): Promise<void>;
}

const PREFIX = 'token:';

/** Tokens among the durable values of a store. */
export function storedTokens(values: {
  metas(prefix: string): Promise<readonly { readonly value: string }[]>;
  setMeta(key: string, value: string): Promise<void>;
}): TokenStore {
  return {
    tokens: async () => {
      // Written by `putToken` below.
      const rows = (await values.metas(PREFIX)).map(({ value }) => JSON.parse(value) as TokenRow);
      return rows.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    },
    putToken: (row) => values.setMeta(`${PREFIX}${row.id}`, JSON.stringify(row)),
  };
}
