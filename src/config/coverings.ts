/** Which of very many conditions cover another one, without comparing each with each. */
import type { Condition } from '../core/model/policy.ts';
import { canonicalJson } from '../lib/hash.ts';

/** What a condition asks for, in its own words: each of them must be met. */
export type Demands = ReadonlySet<string>;

/** The demands of a condition; none: it takes everything. */
export function demandsOf({ all, any, none }: Condition): Demands {
  return new Set([
    ...all.map((part) => `all ${canonicalJson(part)}`),
    ...none.map((part) => `none ${canonicalJson(part)}`),
    ...(any.length === 0 ? [] : [`any ${canonicalJson(any)}`]),
  ]);
}

interface Demanding {
  readonly position: number;
  readonly demands: Demands;
}

/**
 * Conditions by what they demand. One covers another where everything that meets the second surely meets the first: the
 * first demands nothing that the second does not demand in the same words. What cannot be told covers nothing.
 */
export interface Coverings {
  add(position: number, demands: Demands): void;
  /** The positions of those that cover what has these demands, ascending. */
  covering(demands: Demands): readonly number[];
}

/** Under this stand those that demand nothing. */
const NOTHING = '';

/** None yet. @param all whatever will be added: it tells which demands are rare */
export function createCoverings(all: readonly Demands[]): Coverings {
  const counts = new Map<string, number>();
  for (const demand of all.flatMap((demands) => [...demands]))
    counts.set(demand, (counts.get(demand) ?? 0) + 1);
  /** Each under the one of its demands that the fewest have. */
  const byDemand = new Map<string, Demanding[]>();
  const rarer = (a: string, b: string): string =>
    (counts.get(b) ?? 0) < (counts.get(a) ?? 0) ? b : a;
  return {
    add: (position, demands) => {
      const rarest = demands.size === 0 ? NOTHING : [...demands].reduce(rarer);
      const known = byDemand.get(rarest);
      if (known === undefined) byDemand.set(rarest, [{ position, demands }]);
      else known.push({ position, demands });
    },
    covering: (demands) =>
      [NOTHING, ...demands]
        .flatMap((demand) => byDemand.get(demand) ?? [])
        .filter((one) => [...one.demands].every((demand) => demands.has(demand)))
        .map(({ position }) => position)
        .toSorted((a, b) => a - b),
  };
}

/** For each of a list that is walked from its first to its last: the first before it that takes all that it would; null: none. */
export function firstCovering(
  ordered: readonly { readonly when: Condition; readonly continue: boolean }[],
): readonly (number | null)[] {
  const demands = ordered.map(({ when }) => demandsOf(when));
  const coverings = createCoverings(demands);
  return demands.map((own, position) => {
    const [first] = coverings.covering(own);
    // One that is never reached need not be known: what covers it covers all that it would.
    if (first === undefined && ordered[position]?.continue === false) coverings.add(position, own);
    return first ?? null;
  });
}
