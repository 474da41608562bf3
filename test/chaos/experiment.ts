/** What a chaos experiment is: something is done to a Tocsin again and again, and each time it must come out well. */

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

/** Counts by name. */
export function tallyOf(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export interface Row {
  readonly experiment: string;
  readonly tried: number;
  readonly outcome: Outcome | { readonly skipped: string };
}

/** One line per experiment: tried, failed, what was seen; then what failed. */
export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ experiment }) => experiment.length));
  const lines = rows.map(({ experiment, tried, outcome }) => {
    const name = experiment.padEnd(width);
    if ('skipped' in outcome) return `${name}  not played: ${outcome.skipped}`;
    const seen = Object.entries(outcome.seen).map(([what, count]) => `${what} ${count}`);
    return `${name}  tried ${String(tried).padStart(4)}  failed ${String(outcome.failed.length).padStart(3)}  ${seen.join(', ')}`;
  });
  const failed = rows.flatMap(({ experiment, outcome }) =>
    'skipped' in outcome ? [] : outcome.failed.map((what) => `FAILED ${experiment}: ${what}`),
  );
  return `${[...lines, ...failed].join('\n')}\n`;
}
