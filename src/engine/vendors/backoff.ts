/** When a failed attempt is repeated. The outbox alone retries: HTTP clients and SDKs have their own retries off. */
import { type Effect, type EffectPart, partOf } from '../../core/model/effect.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Schedule {
  /** Wait after the n-th attempt, in milliseconds; the last one repeats. */
  readonly waitsMs: readonly number[];
  /** After this long since the first attempt was due it is given up; the core hears `rejected`. Infinite: never. */
  readonly giveUpMs: number;
}

/** What is told of a ring: its answer, its end. 429 and network trouble at pagers clear within seconds: short steps at first. */
const PAGE: Schedule = {
  waitsMs: [1, 2, 5, 10, 20, 30].map((s) => s * SECOND),
  giveUpMs: 24 * 60 * MINUTE,
};
/** It is wanted as long as its page rings nobody, whatever held it back so far, and ends with its page. */
const RING: Schedule = { ...PAGE, giveUpMs: Number.POSITIVE_INFINITY };
/** Public posts are slow to repeat: each definite failure is known not to have been carried out. */
const POST: Schedule = {
  waitsMs: [5, 15, 60, 180].map((s) => s * SECOND),
  giveUpMs: 24 * 60 * MINUTE,
};
/**
 * What is written beside a ring: whoever answers before it is there has not answered for it, and is rung once more; after a
 * minute it rings by itself. It rings nobody, and is worth reading only while the phone rings.
 */
const NOTE: Schedule = {
  waitsMs: [1, 2, 3, 5, 5, 10].map((s) => s * SECOND),
  giveUpMs: 30 * MINUTE,
};
/** Chat is only worth repeating while the message is news. */
const CHAT: Schedule = {
  waitsMs: [1, 5, 15, 30, 60].map((s) => s * SECOND),
  giveUpMs: 30 * MINUTE,
};

/** How long a target that left the configuration is kept: a minute more than any schedule above but that of a ring, which has no end. */
export const ROW_LIFE_MAX_MS = PAGE.giveUpMs + MINUTE;

const BY_PART: Readonly<Record<EffectPart, Schedule>> = {
  pager: PAGE,
  statusPage: POST,
  chat: CHAT,
};

function scheduleOf(name: Effect['name']): Schedule {
  if (name === 'pager.note') return NOTE;
  if (name === 'pager.trigger') return RING;
  return BY_PART[partOf({ name })];
}

/** 32-bit FNV-1a; spreads retries without randomness, so that a replay waits exactly as long. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Milliseconds until the next attempt: the schedule of the effect's kind with a jitter of +-20 %, and never before the
 * vendor's Retry-After.
 * @param attempt attempts started so far, from 1
 */
export function retryWaitMs(
  effect: Pick<Effect, 'id' | 'name'>,
  attempt: number,
  afterMs = 0,
): number {
  const { waitsMs } = scheduleOf(effect.name);
  const wait = waitsMs[Math.min(attempt, waitsMs.length) - 1] ?? 0;
  const jitter = 0.8 + (0.4 * hash32(`${effect.id}#${attempt}`)) / 0xffffffff;
  return Math.max(Math.round(wait * jitter), afterMs);
}

/** How long after it was first due the effect is given up, in milliseconds. */
export function giveUpMs(effect: Pick<Effect, 'name'>): number {
  return scheduleOf(effect.name).giveUpMs;
}
