/**
 * What triggers watch, as data: one entry per kind, with what it is given, the evidence that counts once each and the
 * sentence of what it sees. How a kind is written in the configuration, and its place in the schema, are made from it.
 */
import type { Instant } from '../model/alert.ts';
import type { Incident } from '../model/incident.ts';
import type { ImpactMeasure, Level, TriggerWhen } from '../model/policy.ts';

/** What a parameter can be, and what becomes of it. */
export interface ParameterTypes {
  /** `2x`: 2. */
  readonly factor: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Id of a level -> milliseconds. */
  readonly duration_by_level: Readonly<Record<string, number>>;
  /** From 1 on. */
  readonly count: number;
  /** Null: left out. */
  readonly optional_text: string | null;
  /** Name of a configured one. */
  readonly flag: string;
  /** Measure -> least value at which it counts; measures not named never do. */
  readonly impact: Readonly<Partial<Record<ImpactMeasure, number>>>;
}

export interface Parameter<W extends keyof ParameterTypes = keyof ParameterTypes> {
  readonly type: W;
  /** For people, in the schema of the configuration. */
  readonly about: string;
}

/** One piece of evidence: what tells it apart from all else that a trigger of the kind may see. */
type Evidence = readonly (string | number)[];

type Parameters = Readonly<Record<string, Parameter>>;

type Given<P extends Parameters> = { readonly [K in keyof P]: ParameterTypes[P[K]['type']] };

interface Watching<P extends Parameters> {
  readonly state: Incident;
  readonly given: Given<P>;
}

export interface TriggerKind<P extends Parameters = Parameters> {
  /** What the parameters have in common, where they stand together. */
  readonly about: string | null;
  /**
   * By their keys in the configuration. One that is called as the kind is stands under the kind's key, and the others
   * beside it; without such a one they stand together under the key.
   */
  readonly parameters: P;
  /** The evidence on which it could fire now; on each piece it fires once. Its parts are stored: see `INCIDENT_FORMAT`. */
  evidence(at: Watching<P>): readonly Evidence[];
  /** What it sees; null: nothing that makes it fire. */
  sees(at: Watching<P> & { readonly now: Instant }): string | null;
  /** For one that counts the reports of customers: of which tier; null: of any. */
  countsReportsOf?(given: Given<P>): string | null;
  /** For one that counts time. */
  readonly counts?: {
    /** What would stop it, in a sentence. */
    readonly unless: string;
    /** When the time is over, or why none is counted. */
    dueAt(at: Watching<P> & { readonly level: Level | null }): Instant | string;
  };
}

function parameter<W extends keyof ParameterTypes>(type: W, about: string): Parameter<W> {
  return { type, about };
}

/** Keeps the types of the parameters together with what reads them. */
function kind<P extends Parameters>(entry: TriggerKind<P>): TriggerKind<P> {
  return entry;
}

/** Distinct accounts of the tier (null: of any): whoever reports again is no new evidence. */
function accountsOf(reports: Incident['reports'], tier: string | null): ReadonlySet<string> {
  const counted = reports.filter((report) => tier === null || report.tier === tier);
  return new Set(counted.map((report) => report.account));
}

const isWithoutRootCause = ({ phase, rootCauseAt }: Incident): boolean =>
  phase === 'investigating' && rootCauseAt === null;

/** In the order of the schema. */
export const TRIGGER_KINDS = {
  impact_grows: kind({
    about: null,
    parameters: {
      impact_grows: parameter(
        'factor',
        'Reported impact has grown by this factor since the last change of level: `2x` means doubled.',
      ),
      at_least: parameter(
        'impact',
        'With impact_grows: measures that count, each from this value on.',
      ),
    },
    evidence: ({ state }) => [[state.impactReports]],
    /** Compared per measure with its value at the last level change; unknown or zero never fires. */
    sees: ({ state, given }) => {
      for (const [measure, least] of Object.entries(given.at_least) as [ImpactMeasure, number][]) {
        const now = state.impact[measure] ?? 0;
        const before = state.impactBaseline[measure] ?? 0;
        if (before > 0 && now >= least && now >= before * given.impact_grows)
          return `${measure.replaceAll('_', ' ')} grew from ${before} to ${now}`;
      }
      return null;
    },
  }),

  no_root_cause: kind({
    about: null,
    parameters: {
      no_root_cause: parameter('duration_by_level', 'Level -> time without `identified`.'),
    },
    // Once per entry into a level.
    evidence: ({ state }) => [[state.level ?? '', state.levelSince]],
    sees: ({ state, now }) => {
      if (!isWithoutRootCause(state)) return null;
      const minutes = Math.round((now - state.levelSince) / 60_000);
      return `no root cause after ${minutes} min at ${state.level ?? 'this level'}`;
    },
    counts: {
      unless: 'the root cause is found',
      dueAt: ({ state, given, level }) => {
        const afterMs = level === null ? undefined : given.no_root_cause[level.id];
        if (afterMs === undefined) return 'it does not count at this level';
        if (!isWithoutRootCause(state)) return 'it counts while investigating without a root cause';
        return state.levelSince + afterMs;
      },
    },
  }),

  customer_reports: kind({
    about: 'Reports from customers.',
    parameters: {
      tier: parameter('optional_text', 'Tier of the accounts that count; any when left out.'),
      accounts: parameter('count', 'So many different accounts ...'),
      within: parameter('duration', '... within this long.'),
    },
    countsReportsOf: ({ tier }) => tier,
    evidence: ({ state, given }) => [[accountsOf(state.reports, given.tier).size]],
    sees: ({ state, given, now }) => {
      const recent = state.reports.filter((report) => now - report.at <= given.within);
      const { size } = accountsOf(recent, given.tier);
      if (size < given.accounts) return null;
      const who = given.tier === null ? 'accounts' : `${given.tier} accounts`;
      return `${size} ${who} reported it within ${Math.round(given.within / 60_000)} min`;
    },
  }),

  flag: kind({
    about: null,
    parameters: { flag: parameter('flag', 'A flag that a person sets.') },
    evidence: ({ state, given }) => {
      const set = state.flags[given.flag];
      return set === undefined ? [] : [[given.flag, set.at]];
    },
    sees: ({ state, given }) =>
      state.flags[given.flag] === undefined ? null : `flag ${given.flag} is set`,
  }),
};

type Kinds = typeof TRIGGER_KINDS;

/** What a trigger waits for: the kind, and what it is given. */
export type When = {
  readonly [K in keyof Kinds]: {
    readonly kind: K;
    readonly given: Given<Kinds[K]['parameters']>;
  };
}[keyof Kinds];

/** The entry of a kind, for whoever does not care which one it is. */
export function kindOf({ kind: name }: TriggerWhen): TriggerKind {
  // What a condition is given was read by the parameters of its own kind, by which the entry is found here.
  return TRIGGER_KINDS[name as keyof Kinds];
}

/** The evidence on which a condition could fire now, told apart from that of every other kind. */
export function evidenceOf(when: TriggerWhen, state: Incident): readonly (readonly string[])[] {
  const found = kindOf(when).evidence({ state, given: when.given });
  return found.map((parts) => [when.kind, ...parts.map(String)]);
}
