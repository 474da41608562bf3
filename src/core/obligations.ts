/**
 * What an incident still owes. Each open obligation has its own pending timer, its own pending effect, or an open alarm:
 * that is the "no dead ends" invariant, checked by tests and by the auditor, and what `show` prints as "owed next".
 */
import type { Instant } from './alert.ts';
import type { Incident } from './incident.ts';

export interface Obligation {
  readonly what: string;
  /** When it falls due next; null: it waits for an effect to be answered or an alarm is open. */
  readonly dueAt: Instant | null;
  /** What keeps it alive: `timer <purpose>`, `effect <id>`, `alarm <key>`; null: a dead end. */
  readonly kept: string | null;
}

function keeper(state: Incident, timers: readonly string[], effects: (about: string) => boolean, alarms: readonly string[]): Pick<Obligation, 'dueAt' | 'kept'> {
  const timer = timers.find((purpose) => state.timers[purpose] !== undefined);
  if (timer !== undefined) return { dueAt: state.timers[timer]?.dueAt ?? null, kept: `timer ${timer}` };
  const effect = Object.entries(state.effects).find(([, pending]) => effects(pending.about));
  if (effect !== undefined) return { dueAt: null, kept: `effect ${effect[0]}` };
  const alarm = alarms.find((key) => state.alarms[key] !== undefined);
  if (alarm !== undefined) return { dueAt: state.timers[`alarm:${alarm}`]?.dueAt ?? null, kept: `alarm ${alarm}` };
  return { dueAt: null, kept: null };
}

const nothing = (): boolean => false;

/** Every open obligation of the incident. */
export function obligationsOf(state: Incident): readonly Obligation[] {
  const owed: Obligation[] = [];
  for (const run of Object.values(state.runs)) {
    if (run.state === 'open' || run.state === 'exhausted')
      owed.push({ what: `an answer for ${run.id}`, ...keeper(state, [`run:${run.id}`], nothing, [`run:${run.id}`, ...(run.purpose.kind === 'alarm' ? [run.purpose.alarm] : [])]) });
  }
  for (const page of Object.values(state.pages)) {
    const isThrough = page.rings.some((ring) => ['confirmed', 'joined', 'withheld', 'accepted'].includes(ring.status));
    if (page.state === 'open' && !isThrough)
      owed.push({ what: `page ${page.id} to ${page.label}`, ...keeper(state, [`failover:${page.id}`], (about) => about.startsWith(`page|${page.id}|`), [`page:${page.id}`, ...page.runs.map((run) => `run:${run}`)]) });
  }
  for (const draft of Object.values(state.drafts)) {
    if (draft.state === 'waiting' || draft.state === 'queued' || draft.state === 'unknown' || draft.state === 'failed')
      owed.push({ what: `public post ${draft.id} (${draft.status}) on ${draft.target}`, ...keeper(state, [`late:${draft.target}`, `due:${draft.target}`, `cadence:${draft.target}`], (about) => about === `draft|${draft.id}`, [`public:${draft.target}`]) });
  }
  owed.push(...promises(state));
  return owed;
}

function promises(state: Incident): readonly Obligation[] {
  const owed: Obligation[] = [];
  const isOver = state.phase === 'resolved' || state.phase === 'closed';
  for (const page of Object.values(state.publicPages)) {
    const isStopped = state.parent !== null || Object.keys(state.flags).length > 0;
    if (!isOver && !isStopped && page.promisedAt !== null && page.published !== 'resolved')
      owed.push({ what: `the promised update on ${page.target}`, ...keeper(state, [`cadence:${page.target}`, `late:${page.target}`, `due:${page.target}`], (about) => about.startsWith('draft|'), [`public:${page.target}`]) });
  }
  for (const audience of Object.values(state.audiences)) {
    if (!isOver && audience.nextAt !== null) owed.push({ what: `an update for ${audience.audience}`, ...keeper(state, [`audience:${audience.audience}`], nothing, []) });
  }
  if (state.soak !== null) owed.push({ what: 'the end of the soak', ...keeper(state, ['soak'], nothing, []) });
  if (state.phase === 'resolved') owed.push({ what: 'closing', ...keeper(state, ['close'], nothing, []) });
  return owed;
}
