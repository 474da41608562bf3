/**
 * How urgent a row is, and what it is about, before it is decided: people first, then by the level that the rules give.
 * A row of very many alerts is looked at in steps, for each of them is classified.
 */
import { encodeSelf, objectKey } from '../../core/model/arriving-keys.ts';
import { SELF } from '../../core/model/about-tocsin.ts';
import type { Alert, Observation } from '../../core/model/alert.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Classified } from '../../core/routing/route.ts';
import type { Core } from './core.ts';
import type { ParsedRow } from './parsed.ts';
import { sourceOf } from './row-result.ts';
import { unparsedKeys } from './self-alert.ts';
import type { Ranked } from './rows-by-urgency.ts';

/** What a person asks for, or has done at a vendor: they wait for it, and a phone rings on until it is decided. */
const OF_PEOPLE = 0;
/** The worst level, and what may hide one. */
export const WORST = 1;
/** Nobody has said how bad it is: behind the worst level, before the next one. */
const NO_LEVEL = 2;

/** What ranks are taken from. */
export interface Rules {
  readonly core: Pick<Core, 'classify' | 'asAlert'>;
  readonly policy: Policy;
}

const last = ({ levels }: Policy): number => WORST + 2 * levels.length;

/** The rank of what was classified; suppressed comes last. */
function rankOf(classified: Classified, policy: Policy): number {
  if (classified.verdict === 'suppress') return last(policy);
  const { level } = classified.routing;
  const found = policy.levels.find(({ id }) => id === level);
  return found === undefined ? NO_LEVEL : WORST + 2 * found.rank;
}

/** A row as far as it was looked at. */
export interface Ranking {
  readonly parsed: ParsedRow;
  /** How many of its observations were looked at. */
  readonly done: number;
  readonly rank: number;
  readonly keys: string[];
  /** Alerts by the group that they belong to by the rules, each group in order. */
  readonly groups: Map<string, Observation[]>;
}

/** Before anything of the row was looked at. */
export function beginRanking(parsed: ParsedRow, { policy }: Rules): Ranking {
  return { parsed, done: 0, rank: last(policy), keys: [], groups: new Map() };
}

function alertOf(one: Observation, { core }: Rules): Alert | null {
  if (one.kind === 'alert') return one;
  return one.action === 'triggered' ? core.asAlert(one) : null;
}

/** Its rank and its group; of one over which the core throws nobody knows, so it may be the worst. */
function seen(one: Observation, source: string, rules: Rules): readonly [number, string] {
  const alert = alertOf(one, rules);
  if (alert === null) return [OF_PEOPLE, ''];
  try {
    const classified = rules.core.classify(alert, source, rules.policy);
    const group = classified.verdict === 'take' ? classified.routing.groupKey : '';
    return [rankOf(classified, rules.policy), group];
  } catch {
    return [WORST, ''];
  }
}

const aboutKey = (source: string, key: string): string => `${source}\n${key}`;

function keyOf(one: Observation, source: string): string {
  return aboutKey(source, one.kind === 'alert' ? one.dedupKey : objectKey(one.ref));
}

/** Goes on with the row for so many observations. */
export function rankOn(ranking: Ranking, most: number, rules: Rules): Ranking {
  const { parsed, keys, groups } = ranking;
  if (parsed.kind !== 'observations') return ranking;
  const source = sourceOf(parsed.row);
  let { rank } = ranking;
  const upTo = Math.min(parsed.observations.length, ranking.done + most);
  for (const one of parsed.observations.slice(ranking.done, upTo)) {
    const [own, group] = seen(one, source, rules);
    rank = Math.min(rank, own);
    keys.push(keyOf(one, source));
    const same = groups.get(group);
    if (same === undefined) groups.set(group, [one]);
    else same.push(one);
  }
  return { ...ranking, done: upTo, rank };
}

/** Whether all of the row was looked at. */
export function isRanked({ parsed, done }: Ranking): boolean {
  return parsed.kind !== 'observations' || done >= parsed.observations.length;
}

/** What the row is about and how urgent it is, once all of it was looked at. */
export function ranked({ parsed, rank, keys }: Ranking, { policy }: Rules): Ranked {
  const { row } = parsed;
  switch (parsed.kind) {
    case 'observations':
      return { row, rank, keys };
    case 'request':
      return { row, rank: OF_PEOPLE, keys: ['requests'] };
    case 'unparsed': {
      const about = unparsedKeys(sourceOf(row), row.receivedAt);
      return { row, rank: WORST, keys: about.map((key) => aboutKey(SELF, encodeSelf(key))) };
    }
    // It stands for the alerts that matter most.
    case 'canary':
      return { row, rank: WORST, keys: [] };
    case 'ignored':
      return { row, rank: last(policy), keys: [] };
  }
}
