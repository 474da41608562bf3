/** What a chaos experiment is: something is done to a Tocsin again and again, and each time it must come out well. */

import type { Finishing } from '../support/real.ts';

export interface Outcome {
  /** What went wrong, with the seed by which it is played again. */
  readonly failed: readonly string[];
  /** How often what was seen, for the table. */
  readonly seen: Readonly<Record<string, number>>;
}

export interface Experiment {
  readonly name: string;
  /** Tries of `npm run chaos`, and of the short form within `npm test`. */
  readonly tries: number;
  readonly shortTries: number;
  /** Why it cannot be played on this machine; null: it can. */
  readonly whyNot?: () => string | null;
  /** @param seed the first try's; the next one's is one more */
  run(tries: number, seed: number): Promise<Outcome>;
}

/** Mulberry32: numbers in [0, 1) that follow from the seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Random = () => number;

/** One of several, each as likely as the others. */
export function pick<T>(random: Random, among: readonly T[]): T {
  const one = among[Math.floor(random() * among.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

/** One world of an experiment: so many tries, by what follows from a seed. */
export interface Trying {
  readonly random: Random;
  readonly tries: number;
  /** What is made is undone when the world ends. */
  readonly test: Finishing;
}

/** How it came out. */
export interface Played {
  /** What was seen, once each time. */
  readonly seen: readonly string[];
  readonly failed: readonly string[];
}

type Undo = () => Promise<void>;

/** Of every world that is played just now. */
const open = new Set<Undo>();

/** Undoes what a world registered, last to first, every one, once. */
function undoing(): { readonly test: Finishing; readonly undo: Undo } {
  const steps: (() => unknown)[] = [];
  const undo = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (let step = steps.pop(); step !== undefined; step = steps.pop())
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    open.delete(undo);
    if (errors.length > 0) throw errors[0];
  };
  open.add(undo);
  return { test: { onTestFinished: (step) => void steps.push(step as () => unknown) }, undo };
}

/** Undoes what every world has made that is played just now: processes, disks, folders. */
export async function undoAll(): Promise<void> {
  await Promise.allSettled([...open].map((undo) => undo()));
}

/** Plays it in a world that ends with it, in any case. */
export async function inWorld<T>(play: (test: Finishing) => Promise<T>): Promise<T> {
  const { test, undo } = undoing();
  try {
    return await play(test);
  } finally {
    await undo();
  }
}

/** What throws has failed. */
async function playOne(
  play: (trying: Trying) => Promise<Played>,
  trying: Omit<Trying, 'test'>,
): Promise<Played> {
  try {
    return await inWorld((test) => play({ ...trying, test }));
  } catch (error) {
    return { seen: [], failed: [String(error)] };
  }
}

/**
 * Plays so many tries in worlds of their own.
 * @param atOnce how many tries a world has
 * @param sideBySide how many worlds are played at a time: more than one where they mostly wait
 */
export function eachWorld(
  atOnce: number,
  play: (trying: Trying) => Promise<Played>,
  sideBySide = 1,
): Experiment['run'] {
  return async (tries, seed) => {
    const worlds = Array.from({ length: Math.ceil(tries / atOnce) }, (_, index) => ({
      number: seed + index,
      many: Math.min(atOnce, tries - index * atOnce),
    }));
    const next = worlds.values();
    const seen: string[] = [];
    const failed: string[] = [];
    const lane = async (): Promise<void> => {
      for (const { number, many } of next) {
        const played = await playOne(play, { random: randomOf(number), tries: many });
        seen.push(...played.seen);
        failed.push(...played.failed.map((what) => `--seed ${number} --tries ${many}: ${what}`));
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, lane));
    return { failed, seen: tallyOf(seen) };
  };
}

/** Counts by name. */
export function tallyOf(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export interface Row {
  readonly experiment: string;
  readonly tried: number;
  readonly seconds: number;
  readonly outcome: Outcome | { readonly skipped: string };
}

/** One line per experiment: tried, failed, seconds, what was seen; then what failed, and how it is played again. */
export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ experiment }) => experiment.length));
  const lines = rows.map(({ experiment, tried, seconds, outcome }) => {
    const name = experiment.padEnd(width);
    if ('skipped' in outcome) return `${name}  not played: ${outcome.skipped}`;
    const seen = Object.entries(outcome.seen).map(([what, count]) => `${what} ${count}`);
    return `${name}  tried ${String(tried).padStart(4)}  failed ${String(outcome.failed.length).padStart(3)}  ${seconds.toFixed(0).padStart(4)} s  ${seen.join(', ')}`;
  });
  const failed = rows.flatMap(({ experiment, outcome }) =>
    'skipped' in outcome ? [] : outcome.failed.map((what) => `FAILED ${experiment}: ${what}`),
  );
  return `${[...lines, ...failed].join('\n')}\n`;
}
