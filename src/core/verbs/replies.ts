/** What people are told of pauses and tokens, by the verbs about them and by the lists of them; and of a reload. */
import { z } from 'zod';
import type { Instant } from '../model/alert.ts';
import { PAUSABLE, type Pausable, type Paused } from '../model/lookups.ts';

/** What a token may be used for. */
export const SCOPES = ['read', 'act', 'approve', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const text = z.string();
const time = text.meta({ description: 'ISO 8601, UTC, to the second', format: 'date-time' });

export const PAUSE = z.object({
  what: z.enum(PAUSABLE),
  by: text,
  why: text,
  since: time,
  until: time,
});

/** A pause was set. */
export const PAUSED = PAUSE.extend({
  remark: text.nullable().describe('The pause that was open and gave way to it; null: none was'),
});

export const TOKEN = z.object({
  id: text,
  owner: z.object({ kind: z.enum(['person', 'machine']), id: text }),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: time,
  expiresAt: time.nullable().describe('Null: it does not expire'),
  revokedAt: time.nullable(),
  lastUsedAt: time.nullable().describe('To the hour'),
});

export const ISSUED = TOKEN.extend({ token: text.describe('The secret, shown this once') });

export const RELOADED = z.object({
  ok: z.literal(true),
  problems: z.array(text).describe('Warnings, and what is wrong with files that keep their copies'),
  kept: z
    .array(z.object({ team: text, file: text }))
    .describe('Files of teams that keep their last good copies; a restart is refused with them'),
});

/** The clock of the machine is gone by. */
export const CLOCK_ACCEPTED = z.object({
  turned_back: text.describe('By how much time goes back, e.g. 3h'),
});

/** A backup was made, or is being made. */
export const BACKED_UP = z.object({
  made: z
    .object({
      path: text.describe('Its folder, on the machine of the server'),
      bytes: z.int(),
      commits: z.int(),
      incidents: z.int(),
      flaws: z.array(text).describe('What of the data is not as it was written'),
    })
    .nullable()
    .describe('Null: it takes longer than 20 s and goes on; the log says how it ended'),
});

/** A moment as people read it: the core knows no calendar of its own. */
type Written = (at: Instant) => string;

/** A pause, as people are told of it. */
export function pauseReply(
  what: Pausable,
  { by, why, since, until }: Paused,
  written: Written,
): z.output<typeof PAUSE> {
  return { what, by, why, since: written(since), until: written(until) };
}

/** A token as it is kept; its secret is not. */
export interface KeptToken {
  /** Public part, for lookup. */
  readonly id: string;
  readonly owner: { readonly kind: 'person' | 'machine'; readonly id: string };
  readonly scopes: readonly Scope[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly lastUsedAt: Instant | null;
}

/** A token without its secret, as people are told of it. */
export function tokenReply(row: KeptToken, written: Written): z.output<typeof TOKEN> {
  const orNull = (at: Instant | null): string | null => (at === null ? null : written(at));
  return {
    id: row.id,
    owner: row.owner,
    scopes: [...row.scopes],
    createdAt: written(row.createdAt),
    expiresAt: orNull(row.expiresAt),
    revokedAt: orNull(row.revokedAt),
    lastUsedAt: orNull(row.lastUsedAt),
  };
}
