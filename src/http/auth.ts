/**
 * Who asks: bearer tokens `tcs_<id>_<secret>`. Each belongs to one person or machine and has scopes; of the secret only
 * its SHA-256 is stored. Tries that fail are throttled by the client's address and by the token they name; a token that
 * is valid passes, whatever others have done: its secret is too long to be guessed, and who has it must not be locked out.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Log } from '../contract/adapter.ts';
import type { Policy } from '../core/model/policy.ts';
import { SCOPES, type Scope } from '../core/verbs/replies.ts';
import type { Clock } from '../engine/clock.ts';
import { sha256 } from '../lib/hash.ts';
import { countedAs } from '../lib/networks.ts';
import { createThrottle, TRIES_MAX } from './throttle.ts';
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
  /** @param address of the client, for the throttle */
  authenticate(authorization: string | undefined, address: string): Promise<Authenticated>;
}

const PREFIX = 'tcs';
const ID_BYTES = 6;
const SECRET_BYTES = 32;
const TOKEN = /^tcs_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/i;
/** A token's last use is written down no more often than this. */
const TOUCH_MS = 3_600_000;
/** Compared with where there is no such token, so that time does not tell which ids exist. */
const NO_HASH = sha256('');

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
      const row = await store.token(id);
      if (row === null) return false;
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

/** The public part of a token; null: it is none. */
export function idIn(token: string): string | null {
  return TOKEN.exec(token)?.[1]?.toLowerCase() ?? null;
}

function shownIn(authorization: string): Shown | null {
  const [, token = ''] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
  const [, id, secret] = TOKEN.exec(token) ?? [];
  return id === undefined || secret === undefined
    ? null
    : { id: id.toLowerCase(), hash: sha256(secret) };
}

function mint(random: TokensOptions['random']) {
  const id = Buffer.from(random(ID_BYTES)).toString('hex');
  const secret = Buffer.from(random(SECRET_BYTES)).toString('base64url');
  return { id, secret, token: `${PREFIX}_${id}_${secret}` };
}

type Refused = Extract<Authenticated, { ok: false }>;

/** What a failed try is answered: 401, or 429 once there were too many, which then are counted no more. */
function createRefusals({ clock, log }: Pick<TokensOptions, 'clock' | 'log'>) {
  const byAddress = createThrottle(() => clock.now());
  const byToken = createThrottle(() => clock.now());
  return (why: string, { id, address }: { id: string | null; address: string }): Refused => {
    const counted = countedAs(address);
    const waits = {
      address: byAddress.waitMs(counted),
      token: id === null ? 0 : byToken.waitMs(id),
    };
    const waitMs = Math.max(waits.address, waits.token);
    if (waitMs > 0) {
      const who = waits.address >= waits.token ? `from ${counted}` : `with the token ${id ?? ''}`;
      const retryAfterSeconds = Math.ceil(waitMs / 1_000);
      const detail = `${why} ${TRIES_MAX} tries ${who} have failed within a minute: wait ${retryAfterSeconds} s before the next one, and send a valid token, which passes at once. Whoever may makes one with \`tocsin token create\`; at the server itself \`tocsin token reset\` does.`;
      return { ok: false, status: 429, detail, retryAfterSeconds };
    }
    const isAddressFull = byAddress.failed(counted);
    const isTokenFull = id !== null && byToken.failed(id);
    if (isAddressFull || isTokenFull)
      log.warn({ address, token: id }, `${TRIES_MAX} logins within a minute have failed: ${why}`);
    return { ok: false, status: 401, detail: why };
  };
}

const NO_TOKEN = 'Send a token: Authorization: Bearer tcs_...; an administrator issues one.';

/** Tokens on the store's rows. */
export function createTokens(options: TokensOptions): Tokens {
  const { store, clock, random, log, policy } = options;
  const refuse = createRefusals(options);
  const update = createUpdates(store);

  const touch = (row: TokenRow): void => {
    const now = clock.now();
    if (row.lastUsedAt !== null && now - row.lastUsedAt < TOUCH_MS) return;
    update(row.id, (current) => ({ ...current, lastUsedAt: now })).catch((error: unknown) =>
      log.warn({ error, token: row.id }, 'the last use of a token could not be noted'),
    );
  };
  /** Its row; a text: why it is not valid. */
  const check = async (shown: Shown | null): Promise<TokenRow | string> => {
    if (shown === null) return 'The Authorization header holds no token of Tocsin.';
    const row = await store.token(shown.id);
    const isRight = isSame(row?.hash ?? NO_HASH, shown.hash);
    if (row === null || !isRight) return 'The token is not known.';
    return unusable(row, clock.now(), policy().people) ?? row;
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
    revoke: (id) => update(id, (row) => ({ ...row, revokedAt: row.revokedAt ?? clock.now() })),
    authenticate: async (authorization, address) => {
      if (authorization === undefined) return { ok: false, status: 401, detail: NO_TOKEN };
      const shown = shownIn(authorization);
      const row = await check(shown);
      if (typeof row === 'string') return refuse(row, { id: shown?.id ?? null, address });
      touch(row);
      return { ok: true, row };
    },
  };
}

/** Whose token has every scope: the first one, and the one that replaces it. */
export const ADMINISTRATOR = {
  owner: { kind: 'machine', id: 'admin' },
  scopes: SCOPES,
  expiresAt: null,
} as const;

/**
 * The first token: every scope, of the machine `admin`, issued when there is none. Null: tokens exist already.
 * @param show prints it or writes it down, or with null what else there is to say; called once, and before the token is
 *   stored: a process that dies in between has shown a token that is not good, and the next one shows another
 */
export async function firstToken(
  tokens: Tokens,
  show: (token: string | null) => void = () => undefined,
): Promise<string | null> {
  if ((await tokens.list()).length > 0) {
    show(null);
    return null;
  }
  return (await tokens.issue({ ...ADMINISTRATOR, show })).token;
}
