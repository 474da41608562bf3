/**
 * The incidents of one turn. Every input of the turn is fed here, so two inputs of one incident see each other, an
 * incident is read once, and all that was decided is written as one change per incident.
 */
import type { Decided } from '../../core/deciding/decide.ts';
import type { Effect, PageEffect } from '../../core/model/effect.ts';
import type { EventOf, IncidentEvent } from '../../core/model/event.ts';
import { isOver, type Incident } from '../../core/model/incident.ts';
import type { Lookups } from '../../core/model/lookups.ts';
import type { Input } from '../../core/deciding/decide.ts';
import type { Policy } from '../../core/model/policy.ts';
import { SELF } from '../../core/model/about-tocsin.ts';
import { archivedIncident } from '../../core/model/unknown-incident.ts';
import type { Wanted } from '../../core/deciding/send.ts';
import type { Concluded, Context } from '../../core/model/decision.ts';
import type { Change, ClaimsChange, IncidentRow, Reads, Tx, Wake } from '../../store/store.ts';
import type { Core } from './core.ts';
import { changedPageRows } from './page-rows.ts';
import { type Claims, createTurnClaims, type OtherLookups } from './claims.ts';
import type { IncidentStates } from './ring-claims.ts';
import { pick } from '../../lib/pick.ts';
import { readState, UnreadableIncident } from '../../store/read-state.ts';

/** The turn must be run again from the start: somebody else was faster, or a part of it was set aside. */
export class TurnAgain extends Error {
  override readonly name = 'TurnAgain';
  /** The incidents whose changes were refused, where it is known. */
  readonly incidents: readonly string[];
  constructor(message: string, incidents: readonly string[] = []) {
    super(message);
    this.incidents = incidents;
  }
}

export interface WorkspaceOptions {
  readonly tx: Tx;
  readonly reads: Pick<Reads, 'timeline'>;
  readonly core: Core;
  readonly policy: Policy;
  /** Epoch ms of the turn. */
  readonly now: number;
  /** All of `Lookups` that does not come from the store. */
  readonly lookups: OtherLookups;
  /** Names the policy and what was looked up: wake-ups follow from it. */
  readonly basis: string;
  /** The core threw over the wake-up of an incident; it is woken in a minute instead. */
  readonly onFault: (incident: string, error: unknown) => void;
  /** Something stored is not readable; what depends on nothing else goes on. */
  readonly onUnreadable: (what: string, error: unknown) => void;
  /** No pager has accepted the page: where all of chat is down as well, nobody else is told. */
  readonly onUnreachable?: (event: EventOf<'PageUnreachable'>) => void;
}

export interface Workspace {
  /** Reads the incidents that are not here yet, and what every decision looks up. Must precede `state` and `feed`. */
  prepare(incidents: readonly string[]): Promise<void>;
  /** The incident as of now within the turn; null: there is none, or it is archived. Throws when it is there and cannot be read. */
  state(incident: string): Incident | null;
  /** Decides one input; one for an archived incident is refused. Throws what the core throws; nothing has changed then. */
  feed(input: Input): Promise<Decided>;
  /** Decides an input that would open an incident, and changes nothing. Throws what the core throws. */
  rehearse(input: Input): Promise<Decided>;
  /** Writes the effect of a canary. */
  sendCanary(effect: PageEffect): Promise<void>;
  /** Takes an incident that is opened without deciding, by what `open` makes of the lookups. */
  adopt(incident: string, groupKey: string, open: (lookups: Lookups) => Concluded): Promise<void>;
  /** Goes on with a prepared incident without deciding. Throws what `go` throws; nothing has changed then. */
  continueMinimally(
    incident: string,
    go: (state: Incident, context: Context) => Concluded | null,
  ): Promise<void>;
  /** Whether a prepared incident, readable or not, is about Tocsin itself. */
  isAboutTocsin(incident: string): boolean;
  /** Derives the wake-up of a prepared incident anew, although nothing happens to it. */
  lookAgain(incident: string): void;
  /** Wakes a prepared incident at the instant, whatever it owes. */
  postpone(incident: string, until: number): void;
  wanted(incident: string, effect: Effect): Promise<Wanted>;
  /** What is looked up has changed within the turn: whatever is decided from here on goes by that. */
  learn(changed: Partial<OtherLookups>): void;
  /** Writes what is pending. Throws `TurnAgain` when another writer was faster. */
  flush(): Promise<void>;
  /** Effects written by this turn. */
  readonly written: readonly Effect[];
  /** Wake-ups written by this turn, as instants. */
  readonly wakes: readonly number[];
  readonly policy: Policy;
  readonly basis: string;
}

/** What the turn has done to one incident since the last flush. */
interface WorkingCopy {
  readonly incident: string;
  version: number;
  committed: Incident | null;
  state: Incident | null;
  events: IncidentEvent[];
  effects: Effect[];
  /** As the store has it. */
  wake: Wake | null;
  /** The wake-up is to be derived anew, whatever else happens. */
  isLookedAt: boolean;
  /** It was told that time has passed. */
  isWoken: boolean;
  postponedUntil: number | null;
  /** Overrides the group of the routing, for incidents that were opened without routing. */
  groupKey: string | null;
  /** The incident exists and cannot be read: all that can be done to it is to move its wake-up. */
  unreadable: UnreadableIncident | null;
  /** The incident is in the archive: nothing happens to it any more. */
  isArchived: boolean;
}

function workingCopy(incident: string, state: Incident | null, wake: Wake | null): WorkingCopy {
  return {
    incident,
    version: state?.version ?? 0,
    committed: state,
    state,
    events: [],
    effects: [],
    wake,
    isLookedAt: false,
    isWoken: false,
    postponedUntil: null,
    groupKey: null,
    unreadable: null,
    isArchived: false,
  };
}

function take(
  at: WorkingCopy,
  decided: {
    readonly state: Incident;
    readonly events: readonly IncidentEvent[];
    readonly effects: readonly Effect[];
  },
): void {
  at.state = decided.state;
  at.isLookedAt = true;
  for (const event of decided.events) at.events.push(event);
  for (const effect of decided.effects) at.effects.push(effect);
}

function isAboutTocsin({ state, unreadable }: WorkingCopy): boolean {
  return (state?.routing.source ?? unreadable?.source) === SELF;
}

/** The wall clock was set back behind the incident's own time: what is due at once by that one is due at once. */
function dueNow(
  effects: readonly Effect[],
  { decidedAt, now }: { readonly decidedAt: number; readonly now: number },
): readonly Effect[] {
  if (decidedAt <= now) return effects;
  return effects.map((effect) =>
    effect.dueAt <= decidedAt ? { ...effect, dueAt: Math.min(effect.dueAt, now) } : effect,
  );
}

/** One that cannot be read is set down as such, so that the others of the turn go on. */
async function copyOf(row: IncidentRow, options: WorkspaceOptions): Promise<WorkingCopy> {
  const { reads, core, onUnreadable } = options;
  if (row.archive !== null) return { ...workingCopy(row.id, null, null), isArchived: true };
  try {
    const state = await readState(row, { reads, fold: core.fold });
    return workingCopy(row.id, state, row.wake);
  } catch (error) {
    if (!(error instanceof UnreadableIncident)) throw error;
    onUnreadable(row.id, error);
    return { ...workingCopy(row.id, null, row.wake), unreadable: error };
  }
}

async function load(
  ids: readonly string[],
  options: WorkspaceOptions,
  copies: Map<string, WorkingCopy>,
): Promise<void> {
  const missing = [...new Set(ids)].filter((id) => !copies.has(id));
  if (missing.length === 0) return;
  for (const row of await options.tx.incidents(missing))
    copies.set(row.id, await copyOf(row, options));
  for (const id of missing) if (!copies.has(id)) copies.set(id, workingCopy(id, null, null));
}

/** The incidents as the turn has them now, for those that share something with them. */
function statesOf(options: WorkspaceOptions, copies: Map<string, WorkingCopy>): IncidentStates {
  return {
    prepare: (incidents) => load(incidents, options, copies),
    state: (incident) => copies.get(incident)?.state,
  };
}

/** The group that the incident opens with this change; null: none. */
async function groupToTake(at: WorkingCopy, tx: Tx): Promise<string | null> {
  const { committed, state } = at;
  if (state === null || state.kind === 'test' || isOver(state)) return null;
  const key = at.groupKey ?? state.routing.groupKey;
  if (committed === null) return key;
  if (!isOver(committed)) return null;
  // Reopened: it collects alerts again, unless another incident took the group over meanwhile.
  const [taken] = await tx.claims([{ kind: 'group', key }]);
  return taken === undefined ? key : null;
}

const FAULT_WAIT_MS = 60_000;
const AGAIN_MS = 1_000;

/** What the store is to know about when the incident is looked at again. */
async function wakeOf(
  at: WorkingCopy,
  state: Incident,
  { options, claims, contextOf }: Flushing,
): Promise<Wake | null> {
  const { core, basis, now, onFault } = options;
  try {
    const context = contextOf(at.incident, state);
    const wakeUp = await claims.answer(() => core.wakeUpOf(state, context));
    if (at.postponedUntil !== null)
      return { rank: wakeUp?.rank ?? 0, at: at.postponedUntil, basis };
    if (wakeUp === null) return null;
    // What is still due after it was dealt with is a fault, and must not keep the writer busy.
    const isDueAgain = at.isWoken && wakeUp.at <= now;
    return { ...wakeUp, at: isDueAgain ? now + AGAIN_MS : wakeUp.at, basis };
  } catch (error) {
    onFault(at.incident, error);
    return { rank: 0, at: at.postponedUntil ?? now + FAULT_WAIT_MS, basis };
  }
}

/** It cannot be told what it owes: it is woken at once, and whoever wakes it says so and puts it off. */
function wakeUnread(at: WorkingCopy, { now, basis }: WorkspaceOptions): Wake {
  return { rank: 0, at: at.postponedUntil ?? now, basis };
}

function isSameWake(a: Wake | null, b: Wake | null): boolean {
  return a?.at === b?.at && a?.rank === b?.rank && a?.basis === b?.basis;
}

interface Flushing {
  readonly options: WorkspaceOptions;
  readonly claims: Pick<Claims, 'changeOf' | 'answer'>;
  readonly copies: Map<string, WorkingCopy>;
  readonly written: Effect[];
  readonly wakes: number[];
  readonly contextOf: (incident: string, state: Incident | null) => Context;
}

/** What the change does to the claims: the group that the incident collects while it is open, and all else that is shared. */
async function claimsOf(
  at: WorkingCopy,
  state: Incident,
  { claims, options }: Pick<Flushing, 'claims' | 'options'>,
): Promise<ClaimsChange> {
  const { take, release } = await claims.changeOf(at.committed, state);
  const group = await groupToTake(at, options.tx);
  const isEnding = isOver(state) && (at.committed === null || !isOver(at.committed));
  return {
    take: group === null ? take : [...take, { kind: 'group', key: group, value: null }],
    release: isEnding ? [...release, { kind: 'group', key: null }] : release,
  };
}

/** The change of an incident to which something happened; null: at most its wake-up moves. */
async function changeOf(
  at: WorkingCopy,
  wake: Wake | null,
  flushing: Flushing,
): Promise<Change | null> {
  const { state } = at;
  if (state === null || at.events.length === 0) return null;
  return {
    subject: { kind: 'incident', id: at.incident },
    expectedVersion: at.version,
    events: at.events,
    state,
    effects: at.effects,
    wake,
    pages: changedPageRows(at.committed, state, flushing.options),
    claims: await claimsOf(at, state, flushing),
  };
}

async function apply(changes: readonly Change[], flushing: Flushing): Promise<void> {
  const results = await flushing.options.tx.apply(changes);
  const refused: string[] = [];
  const why: string[] = [];
  for (const [index, { subject }] of changes.entries()) {
    const result = results[index];
    if (result?.ok === true) continue;
    refused.push(subject.id);
    why.push(`${subject.id}: ${result?.conflict ?? 'the change was not applied'}`);
  }
  if (refused.length > 0) throw new TurnAgain(why.join(', '), refused);
  for (const change of changes) {
    flushing.written.push(...change.effects);
    for (const event of change.events)
      if (event.type === 'PageUnreachable') flushing.options.onUnreachable?.(event);
    const { id } = change.subject;
    flushing.copies.set(id, workingCopy(id, change.state, change.wake));
  }
}

async function flush(flushing: Flushing): Promise<void> {
  const { options, copies, wakes } = flushing;
  const changes: Change[] = [];
  const moved: { readonly incident: string; readonly wake: Wake | null }[] = [];
  for (const at of copies.values()) {
    const { state, incident } = at;
    if (!at.isLookedAt || (state === null && at.unreadable === null)) continue;
    const wake = state === null ? wakeUnread(at, options) : await wakeOf(at, state, flushing);
    const change = await changeOf(at, wake, flushing);
    if (change !== null) changes.push(change);
    else if (!isSameWake(wake, at.wake)) moved.push({ incident, wake });
    if (wake !== null && !isSameWake(wake, at.wake)) wakes.push(wake.at);
    at.isLookedAt = false;
    at.isWoken = false;
    at.postponedUntil = null;
    at.wake = wake;
  }
  if (moved.length > 0) await options.tx.rearm(moved);
  if (changes.length > 0) await apply(changes, flushing);
}

function preparedAt(copies: ReadonlyMap<string, WorkingCopy>, incident: string): WorkingCopy {
  const found = copies.get(incident);
  if (found === undefined) throw new Error(`incident ${incident} was not prepared`);
  return found;
}

function readableAt(copies: ReadonlyMap<string, WorkingCopy>, incident: string): WorkingCopy {
  const found = preparedAt(copies, incident);
  if (found.unreadable !== null) throw found.unreadable;
  return found;
}

/** What a canary does in a turn. */
function canaryWork({
  options,
  claims,
  written,
  contextOf,
}: Flushing): Pick<Workspace, 'rehearse' | 'sendCanary'> {
  const { core, tx } = options;
  return {
    rehearse: (input) =>
      claims.answer(() => core.decide(null, input, contextOf(input.incident, null))),
    sendCanary: async (effect) => {
      await tx.putCanary(effect);
      written.push(effect);
    },
  };
}

/** Opens the workspace of one turn. */
export function createWorkspace(options: WorkspaceOptions): Workspace {
  const { core, policy, now } = options;
  const copies = new Map<string, WorkingCopy>();
  const written: Effect[] = [];
  const wakes: number[] = [];
  const claims = createTurnClaims({ ...options, states: statesOf(options, copies) });
  let { lookups } = options;
  const at = (incident: string): WorkingCopy => preparedAt(copies, incident);
  const readable = (incident: string): WorkingCopy => readableAt(copies, incident);
  const decided = (copy: WorkingCopy, made: Concluded): void => {
    claims.changed(copy.state, made.state);
    take(copy, made);
  };
  const context = (incident: string, state: Incident | null): Context => ({
    now: Math.max(now, state?.lastEventAt ?? now),
    policy,
    lookups: claims.lookups(incident, lookups),
  });
  const flushing: Flushing = { options, claims, copies, written, wakes, contextOf: context };
  return {
    ...canaryWork(flushing),
    ...pick(options, 'policy', 'basis'),
    written,
    wakes,
    prepare: (incidents) => load(incidents, options, copies),
    state: (incident) => readable(incident).state,
    feed: async (input) => {
      const { incident, type } = input;
      const copy = readable(incident);
      if (copy.isArchived) return { ok: false, ...archivedIncident(incident) };
      // That alone happens before what happened last.
      const within = context(incident, type === 'ClockTurnedBack' ? null : copy.state);
      const decision = await claims.answer(() => core.decide(copy.state, input, within));
      if (!decision.ok) return decision;
      const effects = dueNow(decision.effects, { decidedAt: within.now, now });
      decided(copy, { ...decision, effects });
      if (type === 'TimePassed') copy.isWoken = true;
      return decision;
    },
    adopt: async (incident, groupKey, open) => {
      const opened = await claims.answer(() => open(claims.lookups(incident, lookups)));
      const copy = workingCopy(incident, null, null);
      copy.groupKey = groupKey;
      copies.set(incident, copy);
      decided(copy, opened);
    },
    continueMinimally: async (incident, go) => {
      const copy = at(incident);
      const { state } = copy;
      if (state === null) return;
      const gone = await claims.answer(() => go(state, context(incident, state)));
      if (gone !== null) decided(copy, gone);
    },
    isAboutTocsin: (incident) => isAboutTocsin(at(incident)),
    lookAgain: (incident) => {
      at(incident).isLookedAt = true;
    },
    postpone: (incident, until) => {
      const copy = at(incident);
      copy.isLookedAt = true;
      copy.postponedUntil = until;
    },
    wanted: async (incident, effect) => {
      const { state } = readable(incident);
      if (state === null) return { verdict: 'superseded', why: 'its incident does not exist' };
      return claims.answer(() => core.stillWanted(state, effect, context(incident, state)));
    },
    learn: (changed) => void (lookups = { ...lookups, ...changed }),
    flush: () => flush(flushing),
  };
}
