/**
 * Deliveries that were not taken, as far as they explain why alerts do not come in. Kept in memory: a restart forgets them.
 * The names of sources that there are not come from strangers, so they are kept together under none.
 */
import { keyText } from '../../core/model/key-text.ts';

/** 401, 404, 413 and 503, as the sender was answered. */
export type NotTakenBecause = 'refused' | 'unknown_source' | 'too_large' | 'unavailable';

export interface NotTaken {
  /** Null: a source that there is not. */
  readonly source: string | null;
  readonly because: NotTakenBecause;
  readonly reason: string;
}

/** How many deliveries were not taken for one cause; the reason is that of the last. */
export interface NotTakenCount {
  readonly because: NotTakenBecause;
  readonly count: number;
  readonly reason: string;
}

export interface NotTakenLog {
  note(one: NotTaken): void;
  /** Those that may have been meant for the source, from the instant on; the most frequent cause first. */
  since(source: string, from: number): readonly NotTakenCount[];
}

/** Of one source and cause: as many are counted one by one. */
const TIMES_MAX = 1_000;

/** Nothing was turned away yet. */
export function createNotTaken({ now }: { readonly now: () => number }): NotTakenLog {
  const kept = new Map<string, { readonly what: NotTaken; readonly times: number[] }>();
  return {
    note: (what) => {
      const key = keyText(what.because, ...(what.source === null ? [] : [what.source]));
      const times = kept.get(key)?.times ?? [];
      times.push(now());
      if (times.length > TIMES_MAX) times.shift();
      kept.set(key, { what, times });
    },
    since: (source, from) =>
      [...kept.values()]
        .filter(({ what }) => what.source === source || what.source === null)
        .map(({ what: { because, reason }, times }) => ({
          because,
          reason,
          count: times.filter((at) => at >= from).length,
        }))
        .filter(({ count }) => count > 0)
        .toSorted((a, b) => b.count - a.count),
  };
}
