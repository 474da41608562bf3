/**
 * The incidents of one turn. Every input of the turn is fed here, so two inputs of one incident see each other, an
 * incident is read once, and all that was decided is written as one change per incident.
 */
import type { Decision } from '../core/decide.ts';
import type { Effect } from '../core/effect.ts';
import type { IncidentEvent } from '../core/event.ts';
import { INCIDENT_FORMAT, type Incident } from '../core/incident.ts';
import type { Input, Lookups, Ringing } from '../core/input.ts';
import type { Policy } from '../core/policy.ts';
import { isOver } from '../core/turn.ts';
import type { Change, PageRow, Reads, Tx } from '../store/store.ts';
import type { Core, Wanted } from './core.ts';
import { changedPageRows } from './page-rows.ts';

/** The turn must be run again from the start: somebody else was faster, or a part of it was set aside. */
export class TurnAgain extends Error {
  override readonly name = 'TurnAgain';
}

export interface WorkspaceOptions {
  readonly tx: Tx;
  readonly reads: Pick<Reads, 'timeline'>;
  readonly core: Core;
  readonly policy: Policy;
  /** Epoch ms of the turn. */
  readonly now: number;
  /** All of `Lookups` that does not come from the store. */
  readonly lookups: Omit<Lookups, 'ringing' | 'sharedKeys'>;
}

export interface Workspace {
  /** Reads the incidents that are not here yet, and what every decision looks up. Must precede `state` and `feed`. */
  prepare(incidents: readonly string[]): Promise<void>;
  /** The incident as of now within the turn; null: there is none. */
  state(incident: string): Incident | null;
  /** Decides one input. Throws what the core throws; nothing has changed then. */
  feed(input: Input): Decision;
  /** Takes an incident that was opened without deciding. */
  adopt(
    opened: {
      readonly state: Incident;
      readonly events: readonly IncidentEvent[];
      readonly effects: readonly Effect[];
    },
    groupKey: string,
  ): void;
  /** The timer's row goes away unless a decision of the turn sets it anew. */
  dropTimer(incident: string, purpose: string): void;
  wanted(incident: string, effect: Effect): Wanted;
  lookups(): Lookups;
  /** Writes what is pending. Throws `TurnAgain` when another writer was faster. */
  flush(): Promise<void>;
  /** Effects written by this turn, timers included. */
  readonly written: readonly Effect[];
  readonly policy: Policy;
}

/** What the turn has done to one incident since the last flush. */
interface Desk {
  readonly incident: string;
  version: number;
  committed: Incident | null;
  state: Incident | null;
  events: IncidentEvent[];
  /** Effects other than timers. */
  effects: Effect[];
  /** Purpose -> the timer to set, or null to drop: the last word counts. */
  timers: Map<string, Effect | null>;
  /** Overrides the group of the facts, for incidents that were opened without routing. */
  groupKey: string | null;
}

function desk(incident: string, version: number, state: Incident | null): Desk {
  return {
    incident,
    version,
    committed: state,
    state,
    events: [],
    effects: [],
    timers: new Map(),
    groupKey: null,
  };
}

function take(
  at: Desk,
  decided: {
    readonly state: Incident;
    readonly events: readonly IncidentEvent[];
    readonly effects: readonly Effect[];
    readonly dropTimers: readonly string[];
  },
): void {
  at.state = decided.state;
  for (const event of decided.events) at.events.push(event);
  for (const purpose of decided.dropTimers) at.timers.set(purpose, null);
  for (const effect of decided.effects) {
    if (effect.name === 'timer') at.timers.set(effect.purpose, effect);
    else at.effects.push(effect);
  }
}

/** The wall clock was set back behind the incident's own time: what is due at once by that one is due at once. */
function dueNow(
  effects: readonly Effect[],
  { decidedAt, now }: { readonly decidedAt: number; readonly now: number },
): readonly Effect[] {
  if (decidedAt <= now) return effects;
  return effects.map((effect) =>
    effect.name !== 'timer' && effect.dueAt <= decidedAt
      ? { ...effect, dueAt: Math.min(effect.dueAt, now) }
      : effect,
  );
}

function hasWork(at: Desk): boolean {
  return at.events.length > 0 || at.effects.length > 0 || at.timers.size > 0;
}

function asRinging(row: PageRow): Ringing | null {
  return row.person === null || row.state === 'closed' ? null : { ...row, person: row.person };
}

/**
 * The rings of open incidents, kept in step with what the turn decides. The list is changed in place: a storm opens
 * hundreds of incidents in a turn, and a new list for each of them would cost more than deciding.
 */
function createRingingView(rows: readonly PageRow[]) {
  const byRing = new Map<string, PageRow>();
  const places = new Map<string, number>();
  let ringing: Ringing[] = [];
  const list = (): void => {
    ringing = [];
    places.clear();
    for (const [id, row] of byRing) insert(id, asRinging(row));
  };
  const insert = (id: string, ring: Ringing | null): void => {
    if (ring !== null) places.set(id, ringing.push(ring) - 1);
  };
  const put = (row: PageRow): void => {
    const id = `${row.incident}|${row.page}|${row.target}|${row.key}`;
    byRing.set(id, row);
    const ring = asRinging(row);
    const place = places.get(id);
    if (place === undefined) insert(id, ring);
    else if (ring === null) list();
    else ringing[place] = ring;
  };
  rows.forEach(put);
  return {
    update: (changed: readonly PageRow[]): void => changed.forEach(put),
    ringing: (): readonly Ringing[] => ringing,
    sharedKeys: (incident: string): readonly string[] => {
      const keys = new Set<string>();
      for (const row of byRing.values())
        if (row.incident !== incident && row.state !== 'closed')
          keys.add(`${row.target}|${row.key}`);
      return [...keys];
    },
  };
}

type RingingView = ReturnType<typeof createRingingView>;

async function rebuilt(incident: string, options: WorkspaceOptions): Promise<Incident | null> {
  const timeline = await options.reads.timeline(incident);
  return options.core.fold(timeline.map(({ event }) => event));
}

async function load(
  ids: readonly string[],
  options: WorkspaceOptions,
  desks: Map<string, Desk>,
): Promise<void> {
  const missing = [...new Set(ids)].filter((id) => !desks.has(id));
  if (missing.length === 0) return;
  for (const row of await options.tx.incidents(missing)) {
    // The state is a cache of the events; one of another format is read from them.
    const state = row.state.format === INCIDENT_FORMAT ? row.state : await rebuilt(row.id, options);
    desks.set(row.id, desk(row.id, row.version, state));
  }
  for (const id of missing) if (!desks.has(id)) desks.set(id, desk(id, 0, null));
}

/** The group that the incident opens with this change; null: none. */
async function groupToOpen(at: Desk, tx: Tx): Promise<string | null> {
  const { committed, state } = at;
  if (state === null || state.kind === 'test' || isOver(state)) return null;
  const key = at.groupKey ?? state.facts.groupKey;
  if (committed === null) return key;
  if (!isOver(committed)) return null;
  // Reopened: it collects alerts again, unless another incident took the group over meanwhile.
  const [taken] = await tx.groups([key]);
  return taken === undefined ? key : null;
}

async function changeOf(at: Desk, state: Incident, options: WorkspaceOptions): Promise<Change> {
  const timers = [...at.timers.values()].filter((timer) => timer !== null);
  return {
    incident: at.incident,
    expectedVersion: at.version,
    events: at.events,
    state,
    effects: [...at.effects, ...timers],
    dropTimers: [...at.timers].filter(([, timer]) => timer === null).map(([purpose]) => purpose),
    pages: changedPageRows(at.committed, state, options.policy),
    openGroup: await groupToOpen(at, options.tx),
    closeGroups: isOver(state) && (at.committed === null || !isOver(at.committed)),
  };
}

async function flush(
  options: WorkspaceOptions,
  desks: Map<string, Desk>,
  written: Effect[],
): Promise<void> {
  const changes: Change[] = [];
  for (const at of desks.values()) {
    if (hasWork(at) && at.state !== null) changes.push(await changeOf(at, at.state, options));
  }
  if (changes.length === 0) return;
  const results = await options.tx.apply(changes);
  for (const [index, change] of changes.entries()) {
    const result = results[index];
    if (result?.ok !== true)
      throw new TurnAgain(
        `${change.incident}: ${result?.conflict ?? 'the change was not applied'}`,
      );
    written.push(...change.effects);
    desks.set(change.incident, desk(change.incident, change.state.version, change.state));
  }
}

/** Opens the workspace of one turn. */
export function createWorkspace(options: WorkspaceOptions): Workspace {
  const { tx, core, policy, now } = options;
  const desks = new Map<string, Desk>();
  const written: Effect[] = [];
  let rows: readonly PageRow[] | null = null;
  let view: RingingView | null = null;
  /** Changes that the view has not seen: most turns never ask for it, and it costs a pass over all rings. */
  const unseen: (readonly PageRow[])[] = [];
  const rings = (): RingingView => {
    if (rows === null) throw new Error('the workspace was used before it was prepared');
    view ??= createRingingView(rows);
    for (const changed of unseen.splice(0)) view.update(changed);
    return view;
  };
  const at = (incident: string): Desk => {
    const found = desks.get(incident);
    if (found === undefined) throw new Error(`incident ${incident} was not prepared`);
    return found;
  };
  const context = (incident: string, state: Incident | null) => ({
    now: Math.max(now, state?.lastEventAt ?? now),
    policy,
    // Both cost a pass over all rings and most inputs never ask.
    lookups: Object.freeze({
      ...options.lookups,
      get ringing() {
        return rings().ringing();
      },
      get sharedKeys() {
        return rings().sharedKeys(incident);
      },
    }),
  });
  return {
    policy,
    written,
    prepare: async (incidents) => {
      await load(incidents, options, desks);
      rows ??= await tx.ringing(0);
    },
    state: (incident) => at(incident).state,
    feed: (input) => {
      const place = at(input.incident);
      const within = context(input.incident, place.state);
      const decision = core.decide(place.state, input, within);
      if (!decision.ok) return decision;
      unseen.push(changedPageRows(place.state, decision.state, policy));
      const effects = dueNow(decision.effects, { decidedAt: within.now, now });
      take(place, { ...decision, effects });
      return decision;
    },
    adopt: (opened, groupKey) => {
      const place = desk(opened.state.id, 0, null);
      place.groupKey = groupKey;
      desks.set(opened.state.id, place);
      take(place, { ...opened, dropTimers: [] });
    },
    dropTimer: (incident, purpose) => {
      const { timers } = at(incident);
      if (!timers.has(purpose)) timers.set(purpose, null);
    },
    wanted: (incident, effect) => {
      const { state } = at(incident);
      if (state === null) return { verdict: 'superseded', why: 'its incident does not exist' };
      return core.stillWanted(state, effect, context(incident, state));
    },
    lookups: () => context('', null).lookups,
    flush: () => flush(options, desks, written),
  };
}
