/**
 * How much may be under way at once: per lane, so that nothing else keeps pages waiting, and of a lane per target, so that
 * one that hangs takes no more than its share; to a public page one post at a time. Which targets asked to be left alone
 * for a while, and how often a pager is asked what became of its pages.
 */
import type { Lane } from '../../core/model/effect.ts';

const LANE_SLOTS: Readonly<Record<Lane, number>> = {
  page: 32,
  internal: 8,
  public: 4,
  housekeeping: 8,
};
/** Of each lane: read-backs that hang must not take the share of the pages, nor must notes beside what rings. */
const TARGET_SLOTS = 8;
/** One post a page: two under way might arrive in either order, and the page would keep what the older one says. */
const POSTS_A_PAGE = 1;
/**
 * Read-backs of one target: 240 a minute, a quarter of what PagerDuty lets an account key ask
 * (developer-docs REST-API/04-Rate-Limits.md). The rest is for pages, which the same key rings.
 */
const READ_BACKS_MAX = 20;
const READ_BACKS_WITHIN_MS = 5_000;

export interface Slots {
  /** How many rows of the lane may be leased now, so that no target can get more than its share. */
  free(
    lane: Lane,
    targets: readonly string[],
    now: number,
  ): { readonly slots: number; readonly except: readonly string[] };
  take(lane: Lane, target: string, now: number): void;
  release(lane: Lane, target: string): void;
  /** Nothing is sent to the target before the instant. */
  pause(target: string, until: number): void;
  /** Nothing is read back or noted there before the instant; pages go on. */
  pauseReadBacks(target: string, until: number): void;
  isPaused(target: string, now: number): boolean;
  /** When the next target may be called again; null: none rests. */
  nextResume(now: number): number | null;
  inFlight(): number;
  /** For one turn: what is taken there is not taken here. */
  copy(): Slots;
}

/** Read-backs of a target: how many were begun since when, and how long none is. */
interface ReadBacks {
  readonly since: number;
  readonly count: number;
  readonly pausedUntil: number;
}

const NO_READ_BACKS: ReadBacks = { since: 0, count: 0, pausedUntil: 0 };

interface Counts {
  readonly lanes: Map<string, number>;
  /** By lane and target. */
  readonly shares: Map<string, number>;
  readonly readBacks: Map<string, ReadBacks>;
  readonly pausedUntil: Map<string, number>;
}

function add(counts: Map<string, number>, key: string, change: number): void {
  counts.set(key, (counts.get(key) ?? 0) + change);
}

function shareKey(lane: Lane, target: string): string {
  return `${lane} ${target}`;
}

/** From when on the target may be read back again. */
function readAgainFrom({ since, count, pausedUntil }: ReadBacks): number {
  return Math.max(pausedUntil, count < READ_BACKS_MAX ? 0 : since + READ_BACKS_WITHIN_MS);
}

function readBacksLeft(readBacks: ReadBacks, now: number): number {
  if (readAgainFrom(readBacks) > now) return 0;
  const isOver = now >= readBacks.since + READ_BACKS_WITHIN_MS;
  return isOver ? READ_BACKS_MAX : READ_BACKS_MAX - readBacks.count;
}

function begun(readBacks: ReadBacks, now: number): ReadBacks {
  const isOver = now >= readBacks.since + READ_BACKS_WITHIN_MS;
  return isOver
    ? { ...readBacks, since: now, count: 1 }
    : { ...readBacks, count: readBacks.count + 1 };
}

/** What the target may get now of the lane. */
function shareOf({ shares, readBacks }: Counts, lane: Lane, at: { name: string; now: number }) {
  const used = shares.get(shareKey(lane, at.name)) ?? 0;
  if (lane === 'public') return POSTS_A_PAGE - used;
  const share = TARGET_SLOTS - used;
  if (lane !== 'housekeeping') return share;
  return Math.min(share, readBacksLeft(readBacks.get(at.name) ?? NO_READ_BACKS, at.now));
}

function over(counts: Counts): Slots {
  const { lanes, shares, readBacks, pausedUntil } = counts;
  const count = (lane: Lane, target: string, change: number): void => {
    add(lanes, lane, change);
    add(shares, shareKey(lane, target), change);
  };
  const changeReadBacks = (target: string, change: (readBacks: ReadBacks) => ReadBacks): void =>
    void readBacks.set(target, change(readBacks.get(target) ?? NO_READ_BACKS));
  return {
    free: (lane, names, now) => {
      const left = new Map(names.map((name) => [name, shareOf(counts, lane, { name, now })]));
      const except = names.filter(
        (name) => (pausedUntil.get(name) ?? 0) > now || (left.get(name) ?? 0) <= 0,
      );
      const others = names.filter((name) => !except.includes(name));
      // Any of the others may own all the rows that are due.
      const share = Math.min(TARGET_SLOTS, ...others.map((name) => left.get(name) ?? 0));
      return {
        slots: Math.max(0, Math.min(LANE_SLOTS[lane] - (lanes.get(lane) ?? 0), share)),
        except,
      };
    },
    take: (lane, target, now) => {
      count(lane, target, 1);
      if (lane === 'housekeeping') changeReadBacks(target, (was) => begun(was, now));
    },
    release: (lane, target) => count(lane, target, -1),
    pause: (target, until) =>
      void pausedUntil.set(target, Math.max(until, pausedUntil.get(target) ?? 0)),
    pauseReadBacks: (target, until) =>
      changeReadBacks(target, (was) => ({ ...was, pausedUntil: Math.max(until, was.pausedUntil) })),
    isPaused: (target, now) => (pausedUntil.get(target) ?? 0) > now,
    nextResume: (now) => {
      const resting = [...pausedUntil.values(), ...[...readBacks.values()].map(readAgainFrom)];
      const later = resting.filter((until) => until > now);
      return later.length === 0 ? null : Math.min(...later);
    },
    inFlight: () => [...lanes.values()].reduce((sum, one) => sum + one, 0),
    copy: () =>
      over({
        lanes: new Map(lanes),
        shares: new Map(shares),
        readBacks: new Map(readBacks),
        pausedUntil,
      }),
  };
}

export function createSlots(): Slots {
  return over({
    lanes: new Map(),
    shares: new Map(),
    readBacks: new Map(),
    pausedUntil: new Map(),
  });
}
