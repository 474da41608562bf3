/** The hidden truth of the sandbox: what really happened at the vendors, in the order in which it happened. */
import { isoOf } from '../contract/index.ts';
import type { Truth } from '../contract/index.ts';

export type TruthEntry = Truth & {
  /** Epoch milliseconds. */
  readonly at: number;
  /** The same, ISO 8601 UTC to the second. */
  readonly time: string;
  readonly vendor: string;
  readonly target: string;
};

export type PageEntry = Extract<TruthEntry, { readonly kind: 'page' }>;
export type PostEntry = Extract<TruthEntry, { readonly kind: 'post' }>;
export type MessageEntry = Extract<TruthEntry, { readonly kind: 'message' }>;

/** What `GET /truth` answers; each list in order of time. */
export interface TruthDocument {
  readonly pages: readonly PageEntry[];
  readonly posts: readonly PostEntry[];
  readonly messages: readonly MessageEntry[];
}

/** Where something happened. */
export interface Scene {
  readonly at: number;
  readonly vendor: string;
  readonly target: string;
}

export function entryOf(truth: Truth, scene: Scene): TruthEntry {
  return { ...truth, ...scene, time: isoOf(scene.at) };
}

export function truthDocument(entries: readonly TruthEntry[]): TruthDocument {
  return {
    pages: entries.filter((entry) => entry.kind === 'page'),
    posts: entries.filter((entry) => entry.kind === 'post'),
    messages: entries.filter((entry) => entry.kind === 'message'),
  };
}

/** All that happened, and who wants to hear of it. */
export interface TruthLog {
  record(entries: readonly TruthEntry[]): void;
  entries(): readonly TruthEntry[];
  /** Calls back for everything from now on; returns the way to stop it. */
  watch(listener: (entry: TruthEntry) => void): () => void;
  clear(): void;
}

/** @param changed called after every change */
export function createTruthLog(changed: () => void): TruthLog {
  const listeners = new Set<(entry: TruthEntry) => void>();
  const log: TruthEntry[] = [];
  return {
    record(entries) {
      log.push(...entries);
      for (const entry of entries) for (const tell of listeners) tell(entry);
      changed();
    },
    entries: () => [...log],
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clear() {
      log.length = 0;
      changed();
    },
  };
}
