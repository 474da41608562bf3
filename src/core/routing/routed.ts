/** What is known of an alert, and where it goes: what routing and its rules about lateness speak of. */
import type { Instant } from '../model/alert.ts';

/** Current state per (source, dedup key). Repeats and resolves follow it, never today's rules. */
export interface KnownAlert {
  readonly source: string;
  readonly dedupKey: string;
  /** Stale: not heard of for so long that it counts as firing no more. */
  readonly status: 'firing' | 'resolved' | 'stale';
  readonly startsAt: Instant | null;
  /** Vendor's time of the last observation taken, else its arrival. */
  readonly observedAt: Instant;
  /** When its sender spoke of it last, to the minute, or may have left it out. */
  readonly heardAt: Instant;
  /** The sender's group with which it was told last; empty: none. */
  readonly group: string;
  /** When it was said last that it has cleared; null: it fires. */
  readonly clearedAt: Instant | null;
  /** The row of the inbox that holds a firing of it; null: none is held. */
  readonly held: string | null;
  readonly incident: string;
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where an alert goes. */
export type Routed =
  | { readonly to: 'nothing'; readonly why: string }
  /** It may be the word of a peer that lags, and waits for another. */
  | { readonly to: 'held'; readonly incident: string; readonly until: Instant }
  | {
      readonly to: 'incident';
      readonly incident: string;
      /**
       * `heard`: stale until now, and the same episode as before. `anew`: another episode, and nobody told that the one
       * before it ended.
       */
      readonly change: 'new' | 'anew' | 'repeat' | 'heard' | 'resolved';
    }
  | {
      readonly to: 'open';
      readonly storm: { readonly over: string; readonly children: readonly string[] } | null;
    }
  | { readonly to: 'parent'; readonly incident: string };
