/** Ringing, acknowledging and resolving a page, by the path that its address asks for. */
import { delivered } from '../../src/contract/index.ts';
import type { Io, Outcome, PageOrder, PagerPart, Rejection } from '../../src/contract/index.ts';
import { address, personAddress, whereaboutsOf, ringsBy } from './config.ts';
import type { Config, Named, Whereabouts, RingsBy } from './config.ts';
import { enqueue } from './events.ts';
import { confirmed, openIncident, setStatus } from './incidents.ts';
import type { Callee, Incident } from './incidents.ts';
import { lacks, lacksOf, NO_SERVICE, NO_TOKEN, noAddress, notRead, refusedFor } from './lacks.ts';
import { noteOn } from './notes.ts';
import { find, incidentOf, keyOf, keysOf, list } from './read-back.ts';
import { cancelRequest, requestResponder } from './responders.ts';

type Change = 'acknowledged' | 'resolved';

function serviceOf(ring: RingsBy, config: Config): Named | null {
  return ring.service ?? config.people_service ?? null;
}

function calleeOf(ring: Exclude<RingsBy, { by: 'events' | 'responder' }>): Callee {
  if (ring.by === 'user') return { assignee: ring.user.id };
  return ring.by === 'policy' ? { policy: ring.policy.id } : null;
}

/**
 * An incident that a user assigns to themselves is created acknowledged, and they are not notified:
 * developer-docs REST-API/15-Incident-Creation-API.md
 */
function rangNobody(incident: Incident): Rejection {
  return {
    verb: 'reject',
    reason: 'conflict',
    detail: `incident ${incident.id} was opened acknowledged: PagerDuty notified nobody`,
    hint: '`from` of this target is the e-mail of the person to be rung, whom PagerDuty does not notify of an own assignment: give Tocsin a PagerDuty user of its own.',
    ofAddress: true,
  };
}

async function trigger(order: PageOrder, io: Io<Config>): Promise<Outcome> {
  const ring = ringsBy(order.address);
  // What is adopted rings already, and is never triggered.
  if (ring === null) return noAddress();
  if (ring.by === 'events') return enqueue('trigger', { order, key: ring.key }, io);
  const [lack] = lacksOf(ring, io.config);
  const service = serviceOf(ring, io.config);
  if (lack !== undefined || service === null) return refusedFor(lack ?? NO_SERVICE);
  if (ring.by === 'responder') return requestResponder({ order, ring, service }, io);
  const key = keyOf(order, ring);
  // Under one service all persons are rung: what is wrong with it is no fault of this address.
  const own = ring.service === null ? 'callee' : 'all';
  const opening = { order, key, service, own, callee: calleeOf(ring) } as const;
  const opened = await openIncident(opening, io);
  // What is there rings already; it is looked for like anything that PagerDuty took.
  if (!opened.ok) return opened.isThere ? delivered('accepted') : opened.outcome;
  if (opened.isNew && opened.incident.status === 'acknowledged') return rangNobody(opened.incident);
  return confirmed(opened.incident);
}

async function changeByRest(
  order: PageOrder,
  change: Change,
  { ring, io }: { readonly ring: Whereabouts; readonly io: Io<Config> },
): Promise<Outcome> {
  if (change === 'resolved' && order.externalRef !== null)
    return setStatus(order.externalRef, change, io);
  // Acknowledging a resolved incident would reopen it and ring again, so its state is read first.
  const found = await incidentOf(order, ring, io);
  if (!found.ok) return notRead(found);
  // Its trigger is settled before: what PagerDuty does not know was never opened, or comes late, and is asked about on.
  if (found.data === null) return delivered('confirmed');
  const { status, id } = found.data;
  if (status === 'resolved') return confirmed(found.data);
  if (change === 'acknowledged' && ring.by === 'responder') return cancelRequest(id, ring, io);
  if (change === status) return confirmed(found.data);
  return setStatus(id, change, io);
}

async function change(order: PageOrder, wanted: Change, io: Io<Config>): Promise<Outcome> {
  const ring = whereaboutsOf(order.address);
  if (ring === null) return noAddress();
  const hasToken = io.config.token !== undefined;
  if (ring.by !== 'events')
    return hasToken ? changeByRest(order, wanted, { ring, io }) : refusedFor(NO_TOKEN);
  if (hasToken && order.externalRef !== null) {
    const outcome = await changeByRest(order, wanted, { ring, io });
    // A token that is refused must not keep a phone ringing: the key is a second way.
    if (outcome.verb !== 'reject') return outcome;
    io.log.warn({ outcome }, 'PagerDuty REST refused; the event goes by the integration key');
  }
  const action = wanted === 'resolved' ? 'resolve' : 'acknowledge';
  return enqueue(action, { order, key: ring.key }, io);
}

/**
 * By REST a note on the incident. Without a token, where it rings by its integration key, one more event under the open key:
 * PagerDuty appends it to the alert's log and rings nobody; its receipt is all that can be seen without one. developer-docs events-API-v2/02-Trigger-Events.md
 */
async function note(order: PageOrder, io: Io<Config>): Promise<Outcome> {
  const ring = ringsBy(order.address);
  if (ring === null) return noAddress();
  if (io.config.token === undefined) {
    if (ring.by !== 'events') return refusedFor(NO_TOKEN);
    return enqueue('trigger', { order: { ...order, title: order.body }, key: ring.key }, io);
  }
  const found = await incidentOf(order, ring, io);
  if (!found.ok) return notRead(found);
  return found.data === null ? nothingThere() : noteOn(found.data, order.body, io);
}

function nothingThere(): Rejection {
  return {
    verb: 'reject',
    reason: 'not_found',
    detail: 'PagerDuty shows no incident under the key of this page',
    hint: 'Nothing has to be done: the page is looked for, and rings by itself where this one does not.',
  };
}

export const pager: PagerPart<Config> = {
  address,
  personAddress,
  lacks,
  trigger,
  acknowledge: (order, io) => change(order, 'acknowledged', io),
  resolve: (order, io) => change(order, 'resolved', io),
  note,
  find,
  list,
  keysOf,
};
