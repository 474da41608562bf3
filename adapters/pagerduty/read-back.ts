/** Reading pages back: one by id or key, or all that are open from one listing. */
import { memberOf, asText, instantOf } from '../../src/contract/index.ts';
import type { Io, PageFound, PageSought, ReadResult } from '../../src/contract/index.ts';
import { PAGES_MAX, readPage } from './api.ts';
import { whereaboutsOf } from './config.ts';
import type { Config, Whereabouts } from './config.ts';
import { incidentById, incidentByKey, incidentSchema, OPEN_INCIDENTS } from './incidents.ts';
import type { Incident } from './incidents.ts';
import { dedupKeyOf, responderKeyOf } from './keys.ts';
import { noAddress } from './lacks.ts';
import { isAsked, takingPart } from './responders.ts';

/** The key of the page's incident; a responder request hangs on one of its own. */
export function keyOf(sought: PageSought, ring: Whereabouts): string {
  return ring.by === 'responder' ? responderKeyOf(sought.key) : dedupKeyOf(sought.key);
}

/** Whether the incident may be the page's own. One that was made from an event, and one taken over, bears no key of ours. */
function isIts(incident: Incident, key: string, ring: Whereabouts): boolean {
  return ring.by === 'adopted' || incident.incident_key == null || incident.incident_key === key;
}

/** The page's incident: by the vendor's id, else by key; null: PagerDuty knows none. */
export async function incidentOf(
  sought: PageSought,
  ring: Whereabouts,
  io: Io<Config>,
): Promise<ReadResult<Incident | null>> {
  const key = keyOf(sought, ring);
  const known = sought.externalRef === null ? null : await incidentById(sought.externalRef, io);
  if (known?.ok === true && isIts(known.data, key, ring)) return known;
  if (known?.ok === false && known.reason !== 'not_found') return known;
  // Its key is not ours to look for.
  if (ring.by === 'adopted') return { ok: true, data: null };
  // Not narrowed to the service: rules and merges at PagerDuty move incidents, and the key is ours alone.
  return incidentByKey({ key, service: null }, io);
}

type Reference = Incident['last_status_change_by'];

function personOf(actor: Reference): PageFound['by'] {
  if (actor == null || !['user', 'user_reference'].includes(actor.type ?? '')) return null;
  return {
    id: actor.id ?? null,
    name: actor.summary ?? actor.name ?? null,
    email: actor.email ?? null,
  };
}

/** Null: it has rung since it was opened, as far as PagerDuty tells. An answer that runs out, a new assignee and a reopening make it ring again. */
function triggeredAgain(incident: Incident, ring: Whereabouts): Pick<PageFound, 'by' | 'saidAt'> {
  const { created_at: created, last_status_change_at: changed } = incident;
  const isSince = ring.by === 'responder' || created == null || created === changed;
  return { by: null, saidAt: isSince ? null : instantOf(changed) };
}

/** Who acknowledged or resolved it, and when. */
function answerOf(incident: Incident, ring: Whereabouts): Pick<PageFound, 'by' | 'saidAt'> {
  const said = (actor: Reference, at: string | null | undefined): ReturnType<typeof answerOf> => ({
    by: personOf(actor),
    saidAt: instantOf(at),
  });
  if (incident.status === 'resolved')
    return said(incident.last_status_change_by, incident.last_status_change_at);
  const responder = ring.by === 'responder' ? takingPart(incident) : null;
  if (responder?.user != null) return said(responder.user, responder.updated_at);
  const newest = incident.acknowledgements.toSorted((a, b) =>
    (b.at ?? '').localeCompare(a.at ?? ''),
  )[0];
  return said(newest?.acknowledger, newest?.at);
}

function statusOf(incident: Incident, ring: Whereabouts): PageFound['status'] {
  if (ring.by !== 'responder' || incident.status === 'resolved') return incident.status;
  return takingPart(incident) === null ? 'triggered' : 'acknowledged';
}

/** The incident is there and its responder was never asked: nobody's phone rings for it. */
function isUnasked(incident: Incident, ring: Whereabouts): boolean {
  if (ring.by !== 'responder' || incident.status === 'resolved') return false;
  const { incidents_responders: people, responder_requests: requests } = incident;
  // An answer that leaves them out says nothing of them.
  return people !== null && requests !== null && !isAsked(incident, ring);
}

function foundOf(incident: Incident, ring: Whereabouts): PageFound {
  const status = statusOf(incident, ring);
  const answer = status === 'triggered' ? triggeredAgain(incident, ring) : answerOf(incident, ring);
  return { found: true, externalRef: incident.id, status, ...answer };
}

/** A merge into a merged one into another one ...: further than this nobody is led. */
const MERGES_MAX = 5;

/** Merged away is not resolved: the incident that took over rings on, or the one that took over that one. */
async function takenOver(
  first: Awaited<ReturnType<typeof incidentOf>>,
  io: Io<Config>,
): Promise<typeof first> {
  let found = first;
  for (let merges = 0; merges < MERGES_MAX && found.ok; merges += 1) {
    const into = found.data?.resolve_reason?.incident?.id ?? null;
    if (into === null) break;
    found = await incidentById(into, io);
  }
  if (!found.ok || found.data?.resolve_reason?.type !== 'merge_resolve_reason') return found;
  // Whoever merged it has answered and ended nothing.
  const detail = `${found.data.id} was merged, and PagerDuty does not tell what became of the other incident`;
  return { ok: false, reason: 'not_found', detail };
}

export async function find(sought: PageSought, io: Io<Config>): Promise<ReadResult<PageFound>> {
  const ring = whereaboutsOf(sought.address);
  if (ring === null) return { ok: false, reason: 'invalid_request', detail: noAddress().detail };
  const found = await takenOver(await incidentOf(sought, ring, io), io);
  if (!found.ok) return found;
  const incident = found.data;
  if (incident === null || isUnasked(incident, ring))
    return { ok: true, data: { found: false, externalRef: null, status: null, by: null } };
  return { ok: true, data: foundOf(incident, ring) };
}

/**
 * GET /incidents/{id}/alerts: an incident that was made from events has no key of its own, its alerts have. The first page
 * holds the alert that made it. https://developer.pagerduty.com/api-reference (List alerts for an incident)
 */
export async function keysOf(ref: string, io: Io<Config>): Promise<ReadResult<readonly string[]>> {
  const path = `/incidents/${encodeURIComponent(ref)}/alerts`;
  const read = await readPage(io, { path, query: [], list: 'alerts' }, 0);
  if (!read.ok) return read;
  const keys = read.data.items.map((alert) => asText(memberOf(alert, 'alert_key')));
  return { ok: true, data: keys.filter((key) => key !== null) };
}

/** Places of the pages sought, by every name under which an incident may be one of them. */
function positionsOf(orders: readonly PageSought[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  const add = (name: string, place: number): void =>
    void places.set(name, [...(places.get(name) ?? []), place]);
  for (const [place, { key, externalRef }] of orders.entries()) {
    if (externalRef !== null) add(externalRef, place);
    // Which of the two it is depends on its address, which is looked at when an incident bears the name.
    else for (const name of new Set([dedupKeyOf(key), responderKeyOf(key)])) add(name, place);
  }
  return places;
}

/**
 * An incident made from an event has no key of its own, so it is known by its id alone; one that was merged away or
 * resolved is not listed. Null: this is not the page's incident, or does not say what there is to know.
 */
function foundAs(sought: PageSought, item: unknown): PageFound | null {
  const parsed = incidentSchema.safeParse(item);
  const ring = whereaboutsOf(sought.address);
  if (!parsed.success || ring === null) return null;
  const { id, incident_key: key } = parsed.data;
  const isIt =
    sought.externalRef === null ? key === keyOf(sought, ring) : id === sought.externalRef;
  const isSilent =
    ring.by === 'responder' && !Array.isArray(memberOf(item, 'incidents_responders'));
  return isIt && !isSilent ? foundOf(parsed.data, ring) : null;
}

/**
 * GET /incidents, 100 a page and 10 000 in all (developer-docs REST-API/09-Pagination.md), of the 960 requests a minute
 * that an account key may make (developer-docs REST-API/04-Rate-Limits.md). The youngest first, so that incidents which
 * open meanwhile shift none past the reader; reading ends as soon as every page sought was seen.
 */
export async function list(
  orders: readonly PageSought[],
  io: Io<Config>,
): Promise<ReadResult<readonly (PageFound | null)[]>> {
  const places = positionsOf(orders);
  const answers = orders.map((): PageFound | null => null);
  let missing = orders.length;
  const take = (item: unknown): void => {
    const names = [memberOf(item, 'id'), memberOf(item, 'incident_key')].map(asText);
    for (const place of names.flatMap((name) => (name === null ? [] : (places.get(name) ?? [])))) {
      const sought = orders[place];
      // The youngest of its key comes first, and is the one that `find` takes.
      if (sought === undefined || answers[place] != null) continue;
      const found = foundAs(sought, item);
      if (found === null) continue;
      answers[place] = found;
      missing -= 1;
    }
  };
  for (let page = 0; missing > 0 && page < Math.min(orders.length, PAGES_MAX); page += 1) {
    const read = await readPage(io, OPEN_INCIDENTS, page);
    if (!read.ok && page === 0) return read;
    if (!read.ok) {
      const { reason, detail } = read;
      io.log.warn({ page, reason, detail }, 'the list of open incidents was not read to its end');
      break;
    }
    for (const item of read.data.items) take(item);
    if (!read.data.more) break;
  }
  return { ok: true, data: answers };
}
