/**
 * What an incident still owes. Each open obligation has its own pending timer, its own pending effect, or an open alarm:
 * that is the "no dead ends" invariant, checked by tests, and what `show` prints as "owed next".
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

interface Keepers {
  readonly timers: readonly string[];
  /** By what the pending effect is about. */
  readonly effect?: (about: string) => boolean;
  readonly alarms?: readonly string[];
}

function owe(state: Incident, what: string, keepers: Keepers): Obligation {
  return { what, ...keeper(state, keepers) };
}

function keeper(
  state: Incident,
  { timers, effect: isKeeper, alarms }: Keepers,
): Pick<Obligation, 'dueAt' | 'kept'> {
  const timer = timers.find((purpose) => state.timers[purpose] !== undefined);
  if (timer !== undefined)
    return { dueAt: state.timers[timer]?.dueAt ?? null, kept: `timer ${timer}` };
  const effect =
    isKeeper === undefined
      ? undefined
      : Object.entries(state.effects).find(([, pending]) => isKeeper(pending.about));
  if (effect !== undefined) return { dueAt: null, kept: `effect ${effect[0]}` };
  const alarm = alarms?.find((key) => state.alarms[key] !== undefined);
  if (alarm !== undefined)
    return { dueAt: state.timers[`alarm:${alarm}`]?.dueAt ?? null, kept: `alarm ${alarm}` };
  return { dueAt: null, kept: null };
}

function publicTimers(target: string): readonly string[] {
  return ['cadence', 'late', 'due'].map((kind) => `${kind}:${target}`);
}

/** Every open obligation of the incident. */
export function obligationsOf(state: Incident): readonly Obligation[] {
  const owed: Obligation[] = [];
  for (const run of Object.values(state.runs)) {
    if (run.state === 'open' || run.state === 'exhausted')
      owed.push(
        owe(state, `an answer for ${run.id}`, {
          timers: [`run:${run.id}`],
          alarms: [`run:${run.id}`, ...(run.purpose.kind === 'alarm' ? [run.purpose.alarm] : [])],
        }),
      );
  }
  for (const page of Object.values(state.pages)) {
    const isThrough =
      page.rings.some((ring) => ['confirmed', 'joined', 'accepted'].includes(ring.status)) ||
      page.rings.every((ring) => ring.status === 'withheld');
    if (page.state === 'open' && !isThrough)
      owed.push(
        owe(state, `page ${page.id} to ${page.label}`, {
          timers: [`failover:${page.id}`],
          effect: (about) => about.startsWith(`page|${page.id}|`),
          alarms: [`page:${page.id}`, ...page.runs.map((run) => `run:${run}`)],
        }),
      );
  }
  for (const draft of Object.values(state.drafts)) {
    if (
      draft.state === 'waiting' ||
      draft.state === 'queued' ||
      draft.state === 'unknown' ||
      draft.state === 'failed'
    )
      owed.push(
        owe(state, `public post ${draft.id} (${draft.status}) on ${draft.target}`, {
          timers: publicTimers(draft.target),
          effect: (about) => about === `draft|${draft.id}`,
          alarms: [`public:${draft.target}`],
        }),
      );
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
      owed.push(
        owe(state, `the promised update on ${page.target}`, {
          timers: publicTimers(page.target),
          effect: (about) => about.startsWith('draft|'),
          alarms: [`public:${page.target}`],
        }),
      );
  }
  for (const audience of Object.values(state.audiences)) {
    if (!isOver && audience.nextAt !== null)
      owed.push(
        owe(state, `an update for ${audience.audience}`, {
          timers: [`audience:${audience.audience}`],
        }),
      );
  }
  if (state.soak !== null) owed.push(owe(state, 'the end of the soak', { timers: ['soak'] }));
  if (state.phase === 'resolved') owed.push(owe(state, 'closing', { timers: ['close'] }));
  return owed;
}
