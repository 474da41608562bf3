/** Whether it is quiet: that nothing is known to fire proves it only where the sender has told of everything. */
import type { Instant } from './alert.ts';
import { isOver, type Incident } from './incident.ts';
import type { AlertsSummary } from './input.ts';

/** The counts of the alerts, as an event brings them. */
export function countsOf(
  state: Pick<Incident, 'alerts'>,
  { firing, stale, total }: AlertsSummary,
): Incident['alerts'] {
  return { ...state.alerts, firing, stale, total };
}

type Heard = Pick<Incident, 'alerts' | 'leftOut'>;

/** Nothing fires, and nothing may fire that is not known. */
export function isProvenQuiet({ alerts, leftOut }: Heard): boolean {
  return alerts.firing === 0 && alerts.stale === 0 && Object.keys(leftOut).length === 0;
}

/**
 * Since when nothing counts as firing because what is left is not heard of any more; null: that is not so. What deliveries
 * leave out may fire, though.
 */
export function unheardSince(state: Pick<Incident, 'unproven' | 'leftOut'>): Instant | null {
  const isWhole = Object.keys(state.leftOut).length === 0;
  return isWhole ? (state.unproven?.since ?? null) : null;
}

/** After so much quiet, what flapped is news again; what is shorter is no quiet while it flaps. */
export const CALM_MS = 30 * 60_000;

type MayBeQuiet = Pick<Incident, 'phase' | 'soak' | 'unproven' | 'leftOut' | 'isFlapping'>;

/** Since when nothing fires, as far as anybody watches whether it does; null: it does, or nobody watches. */
export function quietSince(state: Pick<Incident, 'soak' | 'unproven' | 'leftOut'>): Instant | null {
  return state.soak?.since ?? unheardSince(state);
}

/**
 * From when on nobody further is woken in triage, because nothing fires; null: somebody may be. What flaps goes on in the
 * minutes between, until it is calm.
 */
export function quietFrom(state: MayBeQuiet): Instant | null {
  return state.phase === 'triage' && !state.isFlapping ? quietSince(state) : null;
}

/** Nothing fires and the soak runs: it is over with the first proposal to resolve the incident. */
export function isWatched({ soak }: Pick<Incident, 'soak'>): boolean {
  return soak !== null && soak.proposedAt === null;
}

/** Whether the soak may be a moment between two relapses of what nobody has called mended: somebody is missed all the same. */
export function isBetween({ phase, isFlapping }: Pick<Incident, 'phase' | 'isFlapping'>): boolean {
  return phase === 'triage' && isFlapping;
}

/** Beyond so many the oldest are forgotten: a wait is over sooner by it, never later. */
const QUIET_SPELLS_MAX = 64;

/** The quiet is over: it is kept for the waits that began before its end. */
export function quietSpellsAfter(state: Incident, at: number): Incident['quietSpells'] {
  const from = quietFrom(state);
  if (from === null || from >= at) return state.quietSpells;
  const oldest = Math.min(
    state.levelSince,
    ...state.raisedFrom.map(({ since }) => since),
    ...Object.values(state.escalations).flatMap((escalation) =>
      escalation.state === 'open' ? [escalation.since] : [],
    ),
    ...Object.values(state.alarms).map(({ saidAt }) => saidAt),
    ...Object.values(state.pages).flatMap((page) =>
      page.state === 'open' ? page.rings.map((ring) => ring.at) : [],
    ),
  );
  const counted = state.quietSpells.filter(({ until }) => until > oldest);
  return [...counted, { from, until: at }].slice(-QUIET_SPELLS_MAX);
}

/** Rings wait since somebody opened the incident again, for a reason of their own. */
export function isReopening({ relapse, reopenedAt }: Pick<Incident, 'relapse' | 'reopenedAt'>) {
  return relapse !== null && relapse.at === reopenedAt;
}

/** What still waits once nothing fires: the rings of what fired again are over with it, those of a person's reason are not. */
export function waitingInQuiet(
  state: Pick<Incident, 'relapse' | 'reopenedAt'>,
): Incident['relapse'] {
  return isReopening(state) ? state.relapse : null;
}

function unprovenOf(state: Incident, at: Instant): Incident['unproven'] {
  const isKnown = state.alerts.total === 0 || state.alerts.firing > 0 || isProvenQuiet(state);
  return isKnown || isOver(state) ? null : (state.unproven ?? { since: at, asked: 0, askedAt: at });
}

/** The state after what was heard of its alerts has changed. */
export function reckoned(before: Incident, change: Partial<Incident>, at: Instant): Incident {
  const changed = { ...before, ...change };
  const after = { ...changed, unproven: unprovenOf(changed, at) };
  const isEnding = unheardSince(before) !== null && unheardSince(after) === null;
  return isEnding ? { ...after, quietSpells: quietSpellsAfter(before, at) } : after;
}
