/**
 * The decision of one batch of inbox rows: recognise, route, decide, and what became of each row. All of it happens in
 * the writer's transaction; nothing is remembered outside before that is committed.
 */
import { encodeInput, encodeSelf, objectKey } from '../../core/model/arriving-keys.ts';
import { SELF } from '../../core/model/about-tocsin.ts';
import type { VendorIncident } from '../../core/model/alert.ts';
import type { Actor, Fact } from '../../core/model/input.ts';
import type { Input } from '../../core/deciding/decide.ts';
import type { Request } from '../../core/verbs/table.ts';
import { pick } from '../../lib/pick.ts';
import { StoreUnavailable } from '../../store/store.ts';
import {
  isNew,
  incidentOf,
  itemOf,
  knows,
  openArrivals,
  routeItem,
  readAlerts,
  readGroups,
  startOf,
  write,
} from './arrivals.ts';
import type { Core } from './core.ts';
import { type AlertItem, type Arrivals, type Gathering, observed } from './gatherings.ts';
import { tellWhole } from './hearing.ts';
import type { ParsedRow } from './parsed.ts';
import { boundedRow } from './bounded.ts';
import { type Hearing, openHearing } from './expected.ts';
import { actorOf } from './people.ts';
import {
  beginRow,
  decidedRow,
  type DecidedRow,
  type RowResult,
  sourceOf,
  wordOf,
} from './row-result.ts';
import { type AskKeys, ECHO_WAIT_MS, recognise } from './recognise.ts';
import { unparsedAlert, unparsedKeys } from './self-alert.ts';
import type { Turn } from './turns.ts';
import { hasEnded, isUndone, newsOf } from './words-in-order.ts';

/** One input for one incident, and the rows it comes from. */
interface Feed {
  readonly incident: string;
  readonly results: RowResult[];
  readonly actor: Actor;
  /** Taken for what the request opens; given back when it is refused. */
  readonly number?: number;
  readonly body: () => Fact | Request;
}

/** Incidents that one row opens in a turn, and those that hear of it: each costs as much as many alerts that join one. */
const OPENINGS_MAX = 64;
const TOUCHED_MAX = 512;

/** What decides, and whom it asks. */
export interface Deciders {
  readonly core: Core;
  readonly askKeys: AskKeys;
}

interface Batch extends Deciders {
  readonly turn: Turn;
  /** It is of one row, the rest of which another turn may decide. */
  readonly isSlice: boolean;
  left: number;
  readonly arrivals: Arrivals;
  readonly hearing: Hearing;
  readonly feeds: Feed[];
  readonly feedOf: Map<Gathering, Feed>;
  /** Unreadable deliveries: an incident hears once a turn how many there were. */
  readonly unparsed: Map<string, { readonly feed: Feed; count: number }>;
  /** Row id -> what the core threw over it. */
  readonly blamed: Map<string, unknown>;
}

export type BatchResult =
  | {
      readonly ok: true;
      readonly decided: readonly DecidedRow[];
      /** Observations of a slice for which this turn has no time. */
      readonly left: number;
    }
  /** The core threw over these rows; the transaction must be rolled back. */
  | { readonly ok: false; readonly blamed: ReadonlyMap<string, unknown> };

async function routeAlert(
  batch: Batch,
  result: RowResult,
  item: AlertItem,
): Promise<string | null> {
  const { disposition, gathering } = await routeItem(batch.arrivals, item);
  result.notes.push(disposition.note);
  if (disposition.kind === 'suppressed') result.suppressed = true;
  if (gathering !== null) feedOf(batch, result, gathering);
  if (disposition.kind !== 'joined') return null;
  result.incidents.add(disposition.incident);
  return disposition.incident;
}

/** Sees to it that the incident hears what is gathered for it. */
function feedOf(batch: Batch, result: RowResult, gathering: Gathering): void {
  result.incidents.add(gathering.incident);
  const feed = batch.feedOf.get(gathering);
  if (feed !== undefined) {
    if (feed.results.at(-1) !== result) feed.results.push(result);
    return;
  }
  const begun: Feed = {
    incident: gathering.incident,
    results: [result],
    actor: { kind: 'source', id: sourceOf(result.row) },
    body: () => observed(batch.arrivals, gathering),
  };
  batch.feedOf.set(gathering, begun);
  batch.feeds.push(begun);
}

/** Takes in an event about a vendor's object, unless a newer one that was heard before says otherwise. */
async function routeVendorIncident(
  batch: Batch,
  result: RowResult,
  incident: VendorIncident,
): Promise<void> {
  const { arrivals, turn } = batch;
  const source = sourceOf(result.row);
  const account = arrivals.policy.sources[source]?.target ?? source;
  const object = { account, ref: incident.ref };
  const heard = await turn.tx.heardOf(object);
  if (isUndone(incident, heard)) {
    result.notes.push(`${incident.action}: older than what was heard of it before`);
    return;
  }
  await recogniseAndRoute(batch, result, { incident, isPast: hasEnded(incident, heard) });
  if (result.waits !== null) return;
  for (const word of newsOf(incident, heard)) await turn.tx.hear(object, word);
}

async function recogniseAndRoute(
  batch: Batch,
  result: RowResult,
  { incident, isPast }: { readonly incident: VendorIncident; readonly isPast: boolean },
): Promise<void> {
  const { arrivals, turn } = batch;
  const source = sourceOf(result.row);
  if (isNew(arrivals, source, objectKey(incident.ref))) {
    // Its page is made by this very batch: the next turn finds it.
    result.waits = { why: 'its incident is being opened', until: turn.now };
    return;
  }
  const recognised = await recognise(incident, {
    tx: turn.tx,
    askKeys: batch.askKeys,
    policy: arrivals.policy,
    now: turn.now,
    source,
    receivedAt: result.row.receivedAt,
    isPast,
    isKnownAlert: knows(arrivals, source, objectKey(incident.ref)),
    asAlert: (one) => batch.core.asAlert(one),
  });
  if (recognised.kind === 'wait')
    result.waits = { why: recognised.why, until: turn.now + ECHO_WAIT_MS };
  if (recognised.kind === 'ignored') result.notes.push(recognised.note);
  if (recognised.kind === 'pages') {
    for (const { incident: id, fact } of recognised.observed) {
      result.incidents.add(id);
      result.notes.push(`${fact.action} at the vendor`);
      batch.feeds.push({
        incident: id,
        results: [result],
        actor: actorOf(fact, source),
        body: () => fact,
      });
    }
  }
  if ((recognised.kind === 'pages' || recognised.kind === 'alert') && recognised.alert !== null)
    await routeAlert(batch, result, {
      source,
      told: null,
      word: wordOf(result),
      ...recognised.alert,
    });
}

async function routeUnparsed(batch: Batch, result: RowResult, reason: string): Promise<void> {
  const source = sourceOf(result.row);
  const alert = unparsedAlert(source, reason, {
    now: result.row.receivedAt,
    startOf: (key) => startOf(batch.arrivals, SELF, encodeSelf(key)),
  });
  result.unparsed = true;
  const came = { told: null, word: wordOf(result) };
  const joined = await routeAlert(batch, result, itemOf(SELF, alert, came));
  // A person closed the incident of these sixty minutes: it is written down there, and rings nobody again before the next.
  const incident = joined ?? incidentOf(batch.arrivals, SELF, alert.dedupKey);
  if (incident === null)
    throw new Error(`no incident takes the unreadable deliveries of ${source}`);
  result.incidents.add(incident);
  const known = batch.unparsed.get(incident);
  if (known !== undefined) {
    known.count += 1;
    known.feed.results.push(result);
    return;
  }
  const body = (): Fact => ({
    type: 'DeliveryUnparsed',
    source,
    reason,
    count: batch.unparsed.get(incident)?.count ?? 1,
  });
  const feed: Feed = { incident, results: [result], actor: { kind: 'tocsin' }, body };
  batch.unparsed.set(incident, { feed, count: 1 });
  batch.feeds.push(feed);
}

async function routeRequest(
  batch: Batch,
  result: RowResult,
  asked: { readonly incident: string | null; readonly request: Request },
): Promise<void> {
  const { actor } = result.row;
  if (actor === null) {
    result.refused = { code: 'internal', message: 'who asked cannot be read any more; ask again' };
    return;
  }
  const number = asked.incident === null ? await batch.turn.tx.nextIncidentNumber() : null;
  const incident = asked.incident ?? `inc-${number}`;
  result.incidents.add(incident);
  batch.feeds.push({
    incident,
    results: [result],
    actor,
    ...(number === null ? {} : { number }),
    body: () => asked.request,
  });
}

function isFull({ openings, gatherings }: Arrivals): boolean {
  return openings >= OPENINGS_MAX || gatherings.size >= TOUCHED_MAX;
}

async function routeRow(batch: Batch, result: RowResult): Promise<void> {
  const { parsed } = result;
  switch (parsed.kind) {
    case 'ignored':
      result.notes.push(parsed.note);
      return;
    case 'unparsed':
      return routeUnparsed(batch, result, parsed.reason);
    case 'request':
      return routeRequest(batch, result, parsed);
    case 'observations':
      for (const [index, one] of parsed.observations.entries()) {
        if (batch.isSlice && isFull(batch.arrivals)) {
          batch.left = parsed.observations.length - index;
          return;
        }
        if (one.kind === 'vendor_incident') await routeVendorIncident(batch, result, one);
        else {
          const came = { source: sourceOf(parsed.row), alert: one, at: parsed.row.receivedAt };
          await batch.hearing.note(came, batch.arrivals.policy);
          await routeAlert(batch, result, itemOf(came.source, one, cameWith(parsed)));
        }
      }
      for (const gathering of await tellWhole(batch.arrivals, parsed.told))
        feedOf(batch, result, gathering);
  }
}

/** What every alert of the row comes with. */
function cameWith(parsed: Extract<ParsedRow, { kind: 'observations' }>) {
  return { told: parsed.told, word: wordOf(parsed) };
}

function alertsOf(parsed: ParsedRow): AlertItem[] {
  if (parsed.kind !== 'observations') return [];
  const source = sourceOf(parsed.row);
  const came = cameWith(parsed);
  return parsed.observations
    .filter((one) => one.kind === 'alert')
    .map((alert) => itemOf(source, alert, came));
}

function keysOf(parsed: ParsedRow): { source: string; dedupKey: string }[] {
  const source = sourceOf(parsed.row);
  if (parsed.kind === 'unparsed') {
    const keys = unparsedKeys(source, parsed.row.receivedAt);
    return keys.map((key) => ({ source: SELF, dedupKey: encodeSelf(key) }));
  }
  if (parsed.kind !== 'observations') return [];
  return parsed.observations.map((one) => ({
    source,
    dedupKey: one.kind === 'alert' ? one.dedupKey : objectKey(one.ref),
  }));
}

/** One pass over the rows with all the culprits named, so that one rollback sets them aside together. */
async function routeAll(batch: Batch, parsed: readonly ParsedRow[]): Promise<readonly RowResult[]> {
  await readAlerts(batch.arrivals, parsed.flatMap(keysOf));
  await readGroups(batch.arrivals, parsed.flatMap(alertsOf));
  const results: RowResult[] = [];
  for (const one of parsed) {
    const result = beginRow(one);
    results.push(result);
    try {
      await routeRow(batch, result);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      batch.blamed.set(one.row.id, error);
    }
  }
  return results;
}

function inputOf(feed: Feed, index: number): Input {
  const first = feed.results[0]?.row.id ?? '';
  return {
    id: encodeInput({ kind: 'row', row: first, number: index }),
    incident: feed.incident,
    actor: feed.actor,
    ...feed.body(),
  };
}

async function feedAll(batch: Batch): Promise<void> {
  const { turn } = batch;
  const seen = new Map<string, number>();
  for (const feed of batch.feeds) {
    const first = feed.results[0]?.row.id ?? '';
    const index = seen.get(first) ?? 0;
    seen.set(first, index + 1);
    try {
      const decision = await turn.workspace.feed(inputOf(feed, index));
      if (decision.ok) continue;
      if (feed.number !== undefined) await turn.tx.returnIncidentNumber(feed.number);
      for (const result of feed.results) {
        result.refused = pick(decision, 'code', 'message', 'about');
        result.notes.push(decision.message);
      }
    } catch (error) {
      for (const result of feed.results) batch.blamed.set(result.row.id, error);
    }
  }
}

async function feedJoinedParents(batch: Batch): Promise<void> {
  const { turn, arrivals } = batch;
  for (const [child, parent] of arrivals.joinedParents) {
    await turn.workspace.feed({
      id: encodeInput({ kind: 'storm', incident: child, parent }),
      incident: child,
      actor: { kind: 'tocsin' },
      type: 'JoinedParent',
      parent,
    });
  }
}

/** Decides the rows. Writes alert rows and feeds the workspace; the caller flushes it and writes the dispositions. */
export async function decideRows(
  parsed: readonly ParsedRow[],
  turn: Turn,
  { core, askKeys, isSlice }: Deciders & { readonly isSlice: boolean },
): Promise<BatchResult> {
  const { workspace, tx, now } = turn;
  const arrivals = openArrivals({ tx, core, policy: workspace.policy, workspace, now });
  const batch: Batch = {
    turn,
    isSlice,
    left: 0,
    core,
    askKeys,
    arrivals,
    hearing: openHearing(tx),
    feeds: [],
    feedOf: new Map(),
    unparsed: new Map(),
    blamed: new Map(),
  };
  const results = await routeAll(batch, parsed.map(boundedRow));
  if (batch.blamed.size > 0) return { ok: false, blamed: batch.blamed };
  await write(arrivals);
  await batch.hearing.keep();
  await workspace.prepare([
    ...batch.feeds.map((feed) => feed.incident),
    ...arrivals.joinedParents.keys(),
  ]);
  await feedAll(batch);
  if (batch.blamed.size > 0) return { ok: false, blamed: batch.blamed };
  await feedJoinedParents(batch);
  return {
    ok: true,
    left: batch.left,
    decided: results.map((result) => decidedRow(arrivals, result)),
  };
}
