/** Reading pages back: one by id or alias, or all that are open from one listing. */
import { listOf, memberOf, asText } from '../../src/contract/index.ts';
import type { PageFound, PageSought, ReadResult } from '../../src/contract/index.ts';
import { NAMES_RESPONDER, pathOf, read } from './api.ts';
import type { OpsgenieIo } from './api.ts';
import { aliasOf, requestOf } from './names.ts';
import { actorOf } from './person.ts';
import { reportedAt } from './report.ts';

/** The vendor's own maximum: https://docs.opsgenie.com/docs/pagination */
const PAGE_SIZE = 100;
/** `offset` and `limit` together may be 20 000 (https://docs.opsgenie.com/docs/alert-api); half of it is a long look. */
const PAGES_MAX = 100;

/** What became of a request. */
interface Worked {
  /** Null while unknown: in work, refused, or no longer kept. */
  readonly alertId: string | null;
  /** Why Opsgenie has not carried it out; absent: it has, or nobody knows. */
  readonly refused?: string;
}

const REFUSED_MAX = 300;

/**
 * Worked off without success, because of whom it names; one that does not say so may be in work, and what failed for another
 * reason is merely not there, and is sent again. `status` is a sentence for people.
 */
function refusedBy(data: unknown): string | undefined {
  const words = [memberOf(data, 'isSuccess'), memberOf(data, 'success')];
  if (!words.includes(false)) return undefined;
  const status = asText(memberOf(data, 'status')) ?? '';
  return NAMES_RESPONDER.test(status) ? status.slice(0, REFUSED_MAX) : undefined;
}

/** GET /v2/alerts/requests/{id}: https://docs.opsgenie.com/docs/alert-api (Get Request Status) */
async function workedOff(requestId: string, io: OpsgenieIo): Promise<ReadResult<Worked>> {
  const status = await read(io, pathOf('v2', 'alerts', 'requests', requestId));
  if (!status.ok && status.reason !== 'not_found') return status;
  if (!status.ok) return { ok: true, data: { alertId: null } };
  const hasWorked =
    memberOf(status.data, 'isSuccess') === true || memberOf(status.data, 'success') === true;
  if (hasWorked) return { ok: true, data: { alertId: asText(memberOf(status.data, 'alertId')) } };
  const refused = refusedBy(status.data);
  return { ok: true, data: { alertId: null, ...(refused === undefined ? {} : { refused }) } };
}

function foundAlert(alert: unknown): PageFound | null {
  const id = asText(memberOf(alert, 'id'));
  if (id === null) return null;
  const report = memberOf(alert, 'report');
  if (memberOf(alert, 'status') === 'closed')
    return {
      found: true,
      externalRef: id,
      status: 'resolved',
      by: actorOf(memberOf(report, 'closedBy')),
      saidAt: reportedAt(alert, 'closeTime'),
    };
  if (memberOf(alert, 'acknowledged') !== true)
    return { found: true, externalRef: id, status: 'triggered', by: null };
  const by = actorOf(memberOf(report, 'acknowledgedBy')) ?? actorOf(memberOf(alert, 'owner'));
  const saidAt = reportedAt(alert, 'ackTime');
  return { found: true, externalRef: id, status: 'acknowledged', by, saidAt };
}

/**
 * By id where the request status or an earlier read told it, else by alias: an alias finds only an open alert, so a page
 * that was answered and closed at once is found by id alone.
 */
export async function find(order: PageSought, io: OpsgenieIo): Promise<ReadResult<PageFound>> {
  const requestId = order.externalRef === null ? null : requestOf(order.externalRef);
  const known: ReadResult<Worked> =
    requestId === null
      ? { ok: true, data: { alertId: order.externalRef } }
      : await workedOff(requestId, io);
  if (!known.ok) return known;
  const { alertId: id, refused } = known.data;
  const alert = await read(io, pathOf('v2', 'alerts', id ?? aliasOf(order.key)), {
    identifierType: id === null ? 'alias' : 'id',
  });
  if (!alert.ok && alert.reason === 'not_found') {
    // Jira Service Management answers the request status, but shows no alerts to an integration's key.
    // What an earlier request has made is there all the same: only then is the refusal of this one the end of it.
    const missing = { found: id !== null, externalRef: id, status: null, by: null };
    return { ok: true, data: refused === undefined ? missing : { ...missing, refused } };
  }
  if (!alert.ok) return alert;
  const found = foundAlert(alert.data);
  return found === null
    ? { ok: false, reason: 'server_error', detail: 'the answer holds no alert' }
    : { ok: true, data: found };
}

/** The one name under which the listing shows the page: the alert's id once it is known, else the alias. */
function nameOf({ key, externalRef }: PageSought): string {
  const isId = externalRef !== null && requestOf(externalRef) === null;
  return isId ? `id ${externalRef}` : `alias ${aliasOf(key)}`;
}

/** By the same names as `nameOf`. */
function enter(found: Map<string, PageFound>, alert: unknown): void {
  const page = foundAlert(alert);
  if (page === null) return;
  const alias = asText(memberOf(alert, 'alias'));
  found.set(`id ${page.externalRef}`, page);
  if (alias !== null) found.set(`alias ${alias}`, page);
}

/**
 * GET /v2/alerts of what is open, acknowledged alerts among them, the youngest first, so that alerts which open
 * meanwhile shift none past the reader. The listing is a search, which lags behind for moments.
 * https://docs.opsgenie.com/docs/alert-api (List Alerts)
 */
export async function list(
  orders: readonly PageSought[],
  io: OpsgenieIo,
): Promise<ReadResult<readonly (PageFound | null)[]>> {
  const found = new Map<string, PageFound>();
  const missing = new Set(orders.map(nameOf));
  for (let page = 0; missing.size > 0 && page < Math.min(orders.length, PAGES_MAX); page += 1) {
    const answer = await read(io, '/v2/alerts', {
      query: 'status:open',
      sort: 'createdAt',
      order: 'desc',
      limit: String(PAGE_SIZE),
      offset: String(page * PAGE_SIZE),
    });
    // Jira Service Management shows no alerts to an integration's key: `find` can still ask it.
    if (!answer.ok && page === 0 && answer.reason !== 'not_found') return answer;
    if (!answer.ok) {
      const { reason, detail } = answer;
      io.log.warn({ page, reason, detail }, 'the list of open alerts was not read to its end');
      break;
    }
    if (!Array.isArray(answer.data))
      return { ok: false, reason: 'server_error', detail: 'the answer holds no list of alerts' };
    const alerts = listOf(answer.data);
    for (const alert of alerts) enter(found, alert);
    for (const name of missing) if (found.has(name)) missing.delete(name);
    if (alerts.length < PAGE_SIZE) break;
  }
  return { ok: true, data: orders.map((sought) => found.get(nameOf(sought)) ?? null) };
}
