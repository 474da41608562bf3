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

interface Placed {
  readonly place: number;
  readonly demands: Demands;
}

/**
 * Conditions by what they demand. One covers another where everything that meets the second surely meets the first: the
 * first demands nothing that the second does not demand in the same words. What cannot be told covers nothing.
 */
export class Coverings {
  readonly #counts = new Map<string, number>();
  /** Each under the one of its demands that the fewest have. */
  readonly #of = new Map<string, Placed[]>();
  /** Those without any demand. */
  readonly #free: Placed[] = [];

  /** @param all whatever will be added: it tells which demands are rare */
  constructor(all: readonly Demands[]) {
    for (const demand of all.flatMap((demands) => [...demands]))
      this.#counts.set(demand, this.#count(demand) + 1);
  }

  #count(demand: string): number {
    return this.#counts.get(demand) ?? 0;
  }

  add(place: number, demands: Demands): void {
    const [first, ...more] = demands;
    if (first === undefined) {
      this.#free.push({ place, demands });
      return;
    }
    const rarest = more.reduce(
      (best, one) => (this.#count(one) < this.#count(best) ? one : best),
      first,
    );
    const known = this.#of.get(rarest);
    if (known === undefined) this.#of.set(rarest, [{ place, demands }]);
    else known.push({ place, demands });
  }

  /** The places of those that cover what has these demands, ascending. */
  covering(demands: Demands): readonly number[] {
    const near = [...demands].flatMap((demand) => this.#of.get(demand) ?? []);
    return [...this.#free, ...near]
      .filter((one) => [...one.demands].every((demand) => demands.has(demand)))
      .map(({ place }) => place)
      .toSorted((a, b) => a - b);
  }
}

/** For each of a list that is walked from its first to its last: the first before it that takes all that it would; null: none. */
export function firstCovering(
  ordered: readonly { readonly when: Condition; readonly continue: boolean }[],
): readonly (number | null)[] {
  const demands = ordered.map(({ when }) => demandsOf(when));
  const coverings = new Coverings(demands);
  return demands.map((own, place) => {
    const [first] = coverings.covering(own);
    // One that is never reached need not be known: what covers it covers all that it would.
    if (first === undefined && ordered[place]?.continue === false) coverings.add(place, own);
    return first ?? null;
  });
}
