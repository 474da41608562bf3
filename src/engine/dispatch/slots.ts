/**
 * How much may be under way at once: per lane, so that posts never keep pages waiting, and per target, so that one that
 * hangs takes no more than its share; to a public page one post at a time. And which targets asked to be left alone for a while.
 */
import type { Lane } from '../../core/model/effect.ts';

const LANE_SLOTS: Readonly<Record<Lane, number>> = {
  page: 32,
  internal: 8,
  public: 4,
  housekeeping: 8,
};
const TARGET_SLOTS = 8;
/** One post a page: two under way might arrive in either order, and the page would keep what the older one says. */
const POSTS_A_PAGE = 1;

export interface Slots {
  /** How many rows of the lane may be leased now, so that no target can get more than its share. */
  free(
    lane: Lane,
    targets: readonly string[],
    now: number,
  ): { readonly slots: number; readonly except: readonly string[] };
  take(lane: Lane, target: string): void;
  release(lane: Lane, target: string): void;
  /** Nothing is sent to the target before the instant. */
  pause(target: string, until: number): void;
  isPaused(target: string, now: number): boolean;
  /** When the next target may be called again; null: none rests. */
  nextResume(now: number): number | null;
  inFlight(): number;
  /** For one turn: what is taken there is not taken here. */
  copy(): Slots;
}

interface Counts {
  readonly lanes: Map<string, number>;
  /** Posts under way, by page. */
  readonly posts: Map<string, number>;
  readonly targets: Map<string, number>;
  readonly pausedUntil: Map<string, number>;
}

function add(counts: Map<string, number>, key: string, change: number): void {
  counts.set(key, (counts.get(key) ?? 0) + change);
}

function over({ lanes, posts, targets, pausedUntil }: Counts): Slots {
  /** What the target may get now of the lane. */
  const shareOf = (lane: Lane, name: string): number => {
    const share = TARGET_SLOTS - (targets.get(name) ?? 0);
    return lane === 'public' ? Math.min(share, POSTS_A_PAGE - (posts.get(name) ?? 0)) : share;
  };
  const count = (lane: Lane, target: string, change: number): void => {
    add(lanes, lane, change);
    add(targets, target, change);
    if (lane === 'public') add(posts, target, change);
  };
  return {
    free: (lane, names, now) => {
      const except = names.filter(
        (name) => (pausedUntil.get(name) ?? 0) > now || shareOf(lane, name) <= 0,
      );
      const others = names.filter((name) => !except.includes(name));
      // Any of the others may own all the rows that are due.
      const share = Math.min(TARGET_SLOTS, ...others.map((name) => shareOf(lane, name)));
      return {
        slots: Math.max(0, Math.min(LANE_SLOTS[lane] - (lanes.get(lane) ?? 0), share)),
        except,
      };
    },
    take: (lane, target) => count(lane, target, 1),
    release: (lane, target) => count(lane, target, -1),
    pause: (target, until) =>
      void pausedUntil.set(target, Math.max(until, pausedUntil.get(target) ?? 0)),
    isPaused: (target, now) => (pausedUntil.get(target) ?? 0) > now,
    nextResume: (now) => {
      const resting = [...pausedUntil.values()].filter((until) => until > now);
      return resting.length === 0 ? null : Math.min(...resting);
    },
    inFlight: () => [...lanes.values()].reduce((sum, one) => sum + one, 0),
    copy: () =>
      over({
        lanes: new Map(lanes),
        posts: new Map(posts),
        targets: new Map(targets),
        pausedUntil,
      }),
  };
}

export function createSlots(): Slots {
  return over({
    lanes: new Map(),
    posts: new Map(),
    targets: new Map(),
    pausedUntil: new Map(),
  });
}
