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
  startOf,
  write,
} from './arrivals.ts';
import type { Core } from './core.ts';
import { type AlertItem, type Arrivals, type Gathering, observed } from './gatherings.ts';
import { tellWhole } from './hearing.ts';
import type { ParsedRow } from './parsed.ts';
import { type Hearing, openHearing } from './expected.ts';
import { decideCanary } from './canary-row.ts';
import { actorOf } from './people.ts';
import {
  beginRow,
  decidedRow,
  type DecidedRow,
  isWhole,
  type RowResult,
  type RowToDecide,
  sourceOf,
  wordOf,
} from './row-result.ts';
import { type AskKeys, ECHO_WAIT_MS, recognise } from './recognise.ts';
import { openReadAhead, type ReadAhead } from './read-ahead.ts';
import { unparsedAlert } from './self-alert.ts';
import type { Slicing } from './slices.ts';
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

/**
 * What a batch costs, in alerts that repeat: an alert that joins costs as much as a few of those, an incident that hears of
 * anything as much as ten, one that is opened as much as thirty (`npm run bench` shows it: about 25, 300 and 800 µs).
 */
const COST = { observation: 1, touched: 10, opening: 20 } as const;
/** A batch ends with this: about 15 ms, so that a turn with whatever else it does stays below 50 ms. */
const COST_MAX = 512;

/** What decides, and whom it asks. */
export interface Deciders {
  readonly core: Core;
  readonly askKeys: AskKeys;
}

interface Batch extends Deciders {
  readonly turn: Turn;
  readonly arrivals: Arrivals;
  readonly ahead: ReadAhead;
  /** Observations and other rows that were routed. */
  routed: number;
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
      /** Those that were decided, in order: for the others there was no time. */
      readonly decided: readonly DecidedRow[];
      /** The one behind those, if it was decided in part. */
      readonly sliced: Slicing | null;
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

function isFull({ arrivals: { openings, gatherings }, routed }: Batch): boolean {
  const cost = routed * COST.observation + gatherings.size * COST.touched + openings * COST.opening;
  return cost >= COST_MAX;
}

async function routeObservations(
  batch: Batch,
  result: RowResult,
  parsed: Extract<ParsedRow, { kind: 'observations' }>,
): Promise<void> {
  const { arrivals, ahead } = batch;
  for (let index = result.done; index < parsed.observations.length; index += 1) {
    const one = parsed.observations[index];
    if (one === undefined || isFull(batch)) return;
    await ahead.next();
    batch.routed += 1;
    result.done = index + 1;
    if (one.kind === 'vendor_incident') await routeVendorIncident(batch, result, one);
    else {
      const came = { source: sourceOf(parsed.row), alert: one, at: parsed.row.receivedAt };
      await batch.hearing.note(came, arrivals.policy);
      await routeAlert(batch, result, itemOf(came.source, one, cameWith(parsed)));
    }
  }
  for (const gathering of await tellWhole(arrivals, parsed.told)) feedOf(batch, result, gathering);
}

async function routeRow(batch: Batch, result: RowResult): Promise<void> {
  const { parsed } = result;
  if (parsed.kind === 'observations') return routeObservations(batch, result, parsed);
  await batch.ahead.next();
  batch.routed += 1;
  switch (parsed.kind) {
    case 'ignored':
      result.notes.push(parsed.note);
      return;
    case 'unparsed':
      return routeUnparsed(batch, result, parsed.reason);
    case 'canary':
      return decideCanary(parsed.row, batch.turn, batch.core);
    case 'request':
      return routeRequest(batch, result, parsed);
  }
}

/** What every alert of the row comes with. */
function cameWith(parsed: Extract<ParsedRow, { kind: 'observations' }>) {
  return { told: parsed.told, word: wordOf(parsed) };
}

/** One pass over the rows with all the culprits named, so that one rollback sets them aside together. */
async function routeAll(batch: Batch, rows: readonly RowToDecide[]): Promise<readonly RowResult[]> {
  const results: RowResult[] = [];
  for (const { parsed, done } of rows) {
    if (isFull(batch)) break;
    const result = beginRow(parsed, done);
    results.push(result);
    try {
      await routeRow(batch, result);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      batch.blamed.set(parsed.row.id, error);
      batch.ahead.skip(result);
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

/**
 * Decides rows until the batch has cost enough, at least a part of the first. Writes alert rows and feeds the workspace; the
 * caller flushes it and writes the dispositions.
 */
export async function decideRows(
  rows: readonly RowToDecide[],
  turn: Turn,
  { core, askKeys }: Deciders,
): Promise<BatchResult> {
  const { workspace, tx, now } = turn;
  const arrivals = openArrivals({ tx, core, policy: workspace.policy, workspace, now });
  const batch: Batch = {
    turn,
    core,
    askKeys,
    arrivals,
    ahead: openReadAhead(arrivals, rows),
    routed: 0,
    hearing: openHearing(tx),
    feeds: [],
    feedOf: new Map(),
    unparsed: new Map(),
    blamed: new Map(),
  };
  const results = await routeAll(batch, rows);
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
  const decided = results.map((result) => decidedRow(arrivals, result));
  const last = results.at(-1);
  const end = decided.at(-1);
  if (last === undefined || end === undefined || isWhole(last))
    return { ok: true, decided, sliced: null };
  const { row, done } = last;
  return {
    ok: true,
    decided: decided.slice(0, -1),
    sliced: { row, done, disposition: end.disposition },
  };
}
