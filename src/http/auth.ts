/**
 * Who asks: bearer tokens `tcs_<id>_<secret>`. Each belongs to one person or machine and has scopes; of the secret only
 * its SHA-256 is stored. Guessing is throttled per address without locking out those who know their secret.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Log } from '../contract/adapter.ts';
import type { Policy } from '../core/model/policy.ts';
import { SCOPES, type Scope } from '../core/verbs/replies.ts';
import type { Clock } from '../engine/clock.ts';
import { sha256 } from '../lib/hash.ts';
import type { TokenRow, TokenStore } from './token-rows.ts';

export type Owner = TokenRow['owner'];

export interface TokensOptions {
  readonly store: TokenStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Random bytes, unguessable. */
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  readonly policy: () => Pick<Policy, 'people'>;
}

export interface Issued {
  /** Shown once; nobody can read it again. */
  readonly token: string;
  readonly row: TokenRow;
}

export type Authenticated =
  | { readonly ok: true; readonly row: TokenRow }
  | { readonly ok: false; readonly status: 401; readonly detail: string }
  | {
      readonly ok: false;
      readonly status: 429;
      readonly detail: string;
      readonly retryAfterSeconds: number;
    };

export interface Tokens {
  issue(about: {
    readonly owner: Owner;
    readonly scopes: readonly Scope[];
    /** Epoch ms; null: never. */
    readonly expiresAt: number | null;
    /** Told before it is stored: what nobody has seen must not exist. */
    readonly show?: (token: string) => void;
  }): Promise<Issued>;
  list(): Promise<readonly TokenRow[]>;
  /** False: there is no such token. Revoking twice is fine. */
  revoke(id: string): Promise<boolean>;
  /** @param address of the connection, for the throttle */
  authenticate(authorization: string | undefined, address: string): Promise<Authenticated>;
}

const PREFIX = 'tcs';
const ID_BYTES = 6;
const SECRET_BYTES = 32;
const SHAPE = /^bearer +tcs_([0-9a-f]{12})_([A-Za-z0-9_-]{43}) *$/i;
/** A token's last use is written down no more often than this. */
const TOUCH_MS = 3_600_000;
/** Compared with where there is no such token, so that time does not tell which ids exist. */
const NO_HASH = sha256('');

const TRIES_MAX = 10;
const TRIES_WITHIN_MS = 60_000;
const ADDRESSES_MAX = 10_000;

/** Counts failed tries of the last minute per address. */
function createThrottle(now: () => number) {
  const tries = new Map<string, number[]>();
  const recent = (address: string): number[] =>
    (tries.get(address) ?? []).filter((at) => at > now() - TRIES_WITHIN_MS);
  return {
    /** Ms until the next try is free; 0: now. */
    waitMs: (address: string): number => {
      const failed = recent(address);
      const first = failed.at(-TRIES_MAX);
      return first === undefined ? 0 : first + TRIES_WITHIN_MS - now();
    },
    failed: (address: string): void => {
      const failed = [...recent(address), now()].slice(-TRIES_MAX);
      tries.delete(address);
      tries.set(address, failed);
      const oldest = tries.keys().next().value;
      if (tries.size > ADDRESSES_MAX && oldest !== undefined) tries.delete(oldest);
    },
  };
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}

/** Why a token whose secret is right must not be used; null: it may. */
function unusable(row: TokenRow, now: number, people: Policy['people']): string | null {
  if (row.revokedAt !== null) return 'The token was revoked.';
  if (row.expiresAt !== null && row.expiresAt <= now) return 'The token has expired.';
  if (row.owner.kind === 'person' && !Object.hasOwn(people, row.owner.id))
    return `The token belongs to ${row.owner.id}, who is no longer among the people of the configuration.`;
  return null;
}

/** Changes of rows one after the other, each on the row as it is then: a noted use must not undo a revocation. */
function createUpdates(store: TokenStore) {
  let last: Promise<unknown> = Promise.resolve();
  return (id: string, change: (row: TokenRow) => TokenRow): Promise<boolean> => {
    const run = async (): Promise<boolean> => {
      const row = (await store.tokens()).find((one) => one.id === id);
      if (row === undefined) return false;
      await store.putToken(change(row));
      return true;
    };
    const result = last.then(run, run);
    last = result.catch(() => undefined);
    return result;
  };
}

interface Shown {
  readonly id: string;
  readonly hash: string;
}

function shownIn(authorization: string): Shown | null {
  const [, id, secret] = SHAPE.exec(authorization) ?? [];
  return id === undefined || secret === undefined
    ? null
    : { id: id.toLowerCase(), hash: sha256(secret) };
}

function mint(random: TokensOptions['random']) {
  const id = Buffer.from(random(ID_BYTES)).toString('hex');
  const secret = Buffer.from(random(SECRET_BYTES)).toString('base64url');
  return { id, secret, token: `${PREFIX}_${id}_${secret}` };
}

/** Tokens on the store's rows. */
export function createTokens(options: TokensOptions): Tokens {
  const { store, clock, random, log, policy } = options;
  const throttle = createThrottle(() => clock.now());
  const update = createUpdates(store);
  /** Credentials that were right before: guesses of others behind the same address do not lock them out. */
  const known = new Map<string, string>();

  const touch = (row: TokenRow): void => {
    const now = clock.now();
    if (row.lastUsedAt !== null && now - row.lastUsedAt < TOUCH_MS) return;
    update(row.id, (current) => ({ ...current, lastUsedAt: now })).catch((error: unknown) =>
      log.warn({ error, token: row.id }, 'the last use of a token could not be noted'),
    );
  };
  const refuse = (address: string, detail: string): Authenticated => {
    throttle.failed(address);
    return { ok: false, status: 401, detail };
  };
  const check = async (shown: Shown | null, address: string): Promise<Authenticated> => {
    if (shown === null)
      return refuse(address, 'The Authorization header holds no token of Tocsin.');
    const row = (await store.tokens()).find((one) => one.id === shown.id);
    const isRight = isSame(row?.hash ?? NO_HASH, shown.hash);
    if (row === undefined || !isRight) return refuse(address, 'The token is not known.');
    const why = unusable(row, clock.now(), policy().people);
    if (why !== null) return refuse(address, why);
    known.set(row.id, shown.hash);
    touch(row);
    return { ok: true, row };
  };
  return {
    issue: async ({ owner, scopes, expiresAt, show }) => {
      const { id, secret, token } = mint(random);
      const row: TokenRow = {
        id,
        hash: sha256(secret),
        owner,
        scopes: SCOPES.filter((scope) => scopes.includes(scope)),
        createdAt: clock.now(),
        expiresAt,
        revokedAt: null,
        lastUsedAt: null,
      };
      show?.(token);
      await store.putToken(row);
      return { token, row };
    },
    list: () => store.tokens(),
    revoke: async (id) => {
      known.delete(id);
      return update(id, (row) => ({ ...row, revokedAt: row.revokedAt ?? clock.now() }));
    },
    authenticate: async (authorization, address) => {
      if (authorization === undefined)
        return {
          ok: false,
          status: 401,
          detail: 'Send a token: Authorization: Bearer tcs_...; an administrator issues one.',
        };
      const shown = shownIn(authorization);
      const waitMs = throttle.waitMs(address);
      if (waitMs > 0 && (shown === null || known.get(shown.id) !== shown.hash))
        return {
          ok: false,
          status: 429,
          detail: `Too many failed tries from ${address}; wait.`,
          retryAfterSeconds: Math.ceil(waitMs / 1_000),
        };
      return check(shown, address);
    },
  };
}

/**
 * The first token: every scope, of the machine `admin`, issued when there is none. Null: tokens exist already.
 * @param show prints it, or with null what else there is to say; called once, and before the token is stored: a process
 *   that dies in between has printed a token that is not good, and the next one prints another
 */
export async function firstToken(
  tokens: Tokens,
  show: (token: string | null) => void = () => undefined,
): Promise<string | null> {
  if ((await tokens.list()).length > 0) {
    show(null);
    return null;
  }
  const owner: Owner = { kind: 'machine', id: 'admin' };
  return (await tokens.issue({ owner, scopes: SCOPES, expiresAt: null, show })).token;
}
