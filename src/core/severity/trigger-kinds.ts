/** What triggers watch, as data: one entry per kind, with the evidence that counts once each and the sentence of what it sees. */
import type { Instant } from '../model/alert.ts';
import { isSpent, timedEvidence } from '../model/evidence.ts';
import type { Incident } from '../model/incident.ts';
import { encodeEvidence, type EvidenceId } from '../model/keys.ts';
import type { ImpactMeasure, Level, TriggerWhen } from '../model/policy.ts';

type When<K extends TriggerWhen['kind']> = Extract<TriggerWhen, { kind: K }>;

interface Watching<K extends TriggerWhen['kind']> {
  readonly state: Incident;
  /** The trigger's name. */
  readonly trigger: string;
  readonly when: When<K>;
}

interface TriggerKind<K extends TriggerWhen['kind']> {
  /** The evidence on which it could fire now. */
  evidence(at: Watching<K>): readonly EvidenceId[];
  /** What it sees; null: nothing that makes it fire. */
  sees(at: Watching<K> & { readonly now: Instant }): string | null;
  /** For one that counts time: when it is over, or why none is counted. */
  readonly counts?: (at: Watching<K> & { readonly level: Level | null }) => Instant | string;
}

/** Distinct accounts of the tier (null: of any): whoever reports again is no new fact. */
function accountsOf(reports: Incident['reports'], tier: string | null): ReadonlySet<string> {
  const counted = reports.filter((report) => tier === null || report.tier === tier);
  return new Set(counted.map((report) => report.account));
}

const impactGrows: TriggerKind<'impact_grows'> = {
  evidence: ({ state, trigger }) => [
    encodeEvidence({ kind: 'impact', trigger, reports: state.impactReports }),
  ],
  /** Compared per measure with its value at the last level change; unknown or zero never fires. */
  sees: ({ state, when }) => {
    for (const [measure, least] of Object.entries(when.atLeast) as [ImpactMeasure, number][]) {
      const now = state.impact[measure] ?? 0;
      const before = state.impactBaseline[measure] ?? 0;
      if (before > 0 && now >= least && now >= before * when.factor)
        return `${measure.replaceAll('_', ' ')} grew from ${before} to ${now}`;
    }
    return null;
  },
};

const flag: TriggerKind<'flag'> = {
  evidence: ({ state, trigger, when }) => {
    const set = state.flags[when.flag];
    return set === undefined
      ? []
      : [encodeEvidence({ kind: 'flag', trigger, flag: when.flag, setAt: set.at })];
  },
  sees: ({ state, when }) =>
    state.flags[when.flag] === undefined ? null : `flag ${when.flag} is set`,
};

const customerReports: TriggerKind<'customer_reports'> = {
  evidence: ({ state, trigger, when }) => [
    encodeEvidence({ kind: 'accounts', trigger, count: accountsOf(state.reports, when.tier).size }),
  ],
  sees: ({ state, when, now }) => {
    const recent = state.reports.filter((report) => now - report.at <= when.withinMs);
    const { size } = accountsOf(recent, when.tier);
    if (size < when.accounts) return null;
    const who = when.tier === null ? 'accounts' : `${when.tier} accounts`;
    return `${size} ${who} reported it within ${Math.round(when.withinMs / 60_000)} min`;
  },
};

const noRootCause: TriggerKind<'no_root_cause'> = {
  evidence: ({ state, trigger }) => [timedEvidence(state, trigger)],
  sees: ({ state, now }) => {
    if (state.phase !== 'investigating' || state.rootCauseAt !== null) return null;
    const minutes = Math.round((now - state.levelSince) / 60_000);
    return `no root cause after ${minutes} min at ${state.level ?? 'this level'}`;
  },
  counts: ({ state, trigger, when, level }) => {
    const afterMs = level === null ? undefined : when.afterMs[level.id];
    if (afterMs === undefined) return 'it does not count at this level';
    if (state.phase !== 'investigating' || state.rootCauseAt !== null)
      return 'it counts while investigating without a root cause';
    if (isSpent(state, timedEvidence(state, trigger))) return 'it has fired at this level';
    return state.levelSince + afterMs;
  },
};

const KINDS: { readonly [K in TriggerWhen['kind']]: TriggerKind<K> } = {
  impact_grows: impactGrows,
  flag,
  customer_reports: customerReports,
  no_root_cause: noRootCause,
};

/** The entry of a kind, for whoever does not care which one it is. */
export function kindOf({ kind }: TriggerWhen): TriggerKind<TriggerWhen['kind']> {
  // Each entry is for the conditions of its own kind, by which it is found here.
  return KINDS[kind] as TriggerKind<TriggerWhen['kind']>;
}
