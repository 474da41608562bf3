/**
 * Paging through Opsgenie alerts. The alias is our dedup key: while an alert with it is open, a repeat only raises its
 * count and rings nobody. Every write is asynchronous: 202 means accepted, the request status tells what came of it.
 * https://docs.opsgenie.com/docs/alert-api
 */
import { delivered, hmac, memberOf, textOf } from '../../src/contract/index.ts';
import type {
  Outcome,
  PageFound,
  PageOrder,
  PagerPart,
  ReadResult,
} from '../../src/contract/index.ts';
import { isAccepted, pathOf, read, refusalOf, requestIdOf, send } from './api.ts';
import type { OpsgenieIo } from './api.ts';
import { contact, pageAddress } from './config.ts';
import type { Address, Priority, TargetConfig } from './config.ts';
import { personOf } from './person.ts';

/** Limits of "Create Alert" in the vendor's unit (Java characters, which are UTF-16 units). */
export const MESSAGE_MAX = 130;
export const ALIAS_MAX = 512;
export const DESCRIPTION_MAX = 15_000;
export const ENTITY_MAX = 512;
/** All names and values of `details` together. */
export const DETAILS_MAX = 8_000;

/** Whom Opsgenie names as author of what we do there. */
export const OURSELVES = 'Tocsin';
const REQUEST_PREFIX = 'request:';

/** At most `max` UTF-16 units, marked as shortened, never half a character. */
function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A key beyond the limit ends in its hash, so that two long keys stay two. */
function aliasOf(key: string): string {
  if (key.length <= ALIAS_MAX) return key;
  const hash = hmac('sha256', 'opsgenie alias', key).toString('hex').slice(0, 32);
  return `${key.slice(0, ALIAS_MAX - hash.length - 1).toWellFormed()}-${hash}`;
}

function priorityOf(order: PageOrder, config: TargetConfig): Priority {
  const mapped = order.severity === null ? undefined : memberOf(config.priorities, order.severity);
  return (mapped as Priority | undefined) ?? (order.urgency === 'high' ? 'P1' : 'P4');
}

function responderOf(address: Address): Readonly<Record<string, string>> {
  if (address.user !== undefined) return { type: 'user', username: address.user };
  if (address.team !== undefined) return { type: 'team', id: address.team.id };
  if (address.schedule !== undefined) return { type: 'schedule', id: address.schedule.id };
  return { type: 'escalation', id: address.escalation?.id ?? '' };
}

/** Values of `details` are strings only; what does not fit any more is left out. */
function detailsOf(order: PageOrder): Readonly<Record<string, string>> {
  const wanted: (readonly [string, string])[] = [
    ['urgency', order.urgency],
    ...(order.severity === null ? [] : [['severity', order.severity] as const]),
    ...order.links.map((link) => [link.text, link.url] as const),
  ];
  const details: Record<string, string> = {};
  let room = DETAILS_MAX;
  for (const [name, value] of wanted) {
    const size = name.length + value.length;
    if (name === '' || size > room) continue;
    details[name] = value;
    room -= size;
  }
  return details;
}

/** The address is checked when the configuration is loaded; an order that carries another one is our own mistake. */
function responderOrReject(order: PageOrder): Readonly<Record<string, string>> | Outcome {
  const address = pageAddress.safeParse(order.address);
  if (address.success) return responderOf(address.data);
  const detail = `the address is none of Opsgenie's: ${address.error.issues[0]?.message ?? ''}`;
  return {
    verb: 'reject',
    reason: 'internal',
    detail,
    hint: 'Correct the address of this page; `check` names its line.',
  };
}

async function trigger(order: PageOrder, io: OpsgenieIo): Promise<Outcome> {
  const responder = responderOrReject(order);
  if ('verb' in responder) return responder as Outcome;
  const origin = shortened(order.origin, ENTITY_MAX);
  const message = order.title.replace(/\s+/g, ' ').trim();
  return write(io, '/v2/alerts', {
    message: shortened(message === '' ? 'Page without a title' : message, MESSAGE_MAX),
    alias: aliasOf(order.key),
    description: shortened(order.body, DESCRIPTION_MAX),
    responders: [responder],
    tags: ['tocsin', `urgency-${order.urgency}`],
    details: detailsOf(order),
    ...(origin === '' ? {} : { entity: origin }),
    source: OURSELVES,
    user: OURSELVES,
    priority: priorityOf(order, io.config),
  });
}

/** Without `identifierType=alias` the alias is taken for an id and the action fails silently, behind its 202. */
async function act(
  order: PageOrder,
  action: 'acknowledge' | 'close',
  io: OpsgenieIo,
): Promise<Outcome> {
  const path = `${pathOf('v2', 'alerts', aliasOf(order.key), action)}?identifierType=alias`;
  return write(io, path, { user: OURSELVES, source: OURSELVES });
}

/** 202 is a promise, not a deed. The request id is kept as the reference: with it `find` learns the alert's id. */
async function write(io: OpsgenieIo, path: string, json: unknown): Promise<Outcome> {
  const answer = await send(io, path, { json });
  if (!isAccepted(answer)) return refusalOf(answer, io.now);
  const requestId = requestIdOf(answer);
  return delivered('accepted', {
    externalRef: requestId === null ? undefined : `${REQUEST_PREFIX}${requestId}`,
  });
}

/** What became of the request: the alert's id, or null while unknown (in work, failed, or no longer kept). */
async function alertIdOf(requestId: string, io: OpsgenieIo): Promise<ReadResult<string | null>> {
  const status = await read(io, pathOf('v2', 'alerts', 'requests', requestId));
  if (!status.ok) return status.reason === 'not_found' ? { ok: true, data: null } : status;
  const hasWorked =
    memberOf(status.data, 'isSuccess') === true || memberOf(status.data, 'success') === true;
  return { ok: true, data: hasWorked ? textOf(memberOf(status.data, 'alertId')) : null };
}

function foundAlert(alert: unknown): PageFound | null {
  const id = textOf(memberOf(alert, 'id'));
  if (id === null) return null;
  const report = memberOf(alert, 'report');
  if (memberOf(alert, 'status') === 'closed')
    return {
      found: true,
      externalRef: id,
      status: 'resolved',
      by: personOf(memberOf(report, 'closedBy')),
    };
  if (memberOf(alert, 'acknowledged') !== true)
    return { found: true, externalRef: id, status: 'triggered', by: null };
  const by = personOf(memberOf(report, 'acknowledgedBy')) ?? personOf(memberOf(alert, 'owner'));
  return { found: true, externalRef: id, status: 'acknowledged', by };
}

/**
 * By id where the request status or an earlier read told it, else by alias: an alias finds only an open alert, so a page
 * that was answered and closed at once is found by id alone.
 */
async function find(order: PageOrder, io: OpsgenieIo): Promise<ReadResult<PageFound>> {
  const requestId =
    order.externalRef?.startsWith(REQUEST_PREFIX) === true
      ? order.externalRef.slice(REQUEST_PREFIX.length)
      : null;
  const known: ReadResult<string | null> =
    requestId === null ? { ok: true, data: order.externalRef } : await alertIdOf(requestId, io);
  if (!known.ok) return known;
  const id = known.data;
  const alert = await read(io, pathOf('v2', 'alerts', id ?? aliasOf(order.key)), {
    identifierType: id === null ? 'alias' : 'id',
  });
  if (!alert.ok && alert.reason === 'not_found') {
    // Jira Service Management answers the request status, but shows no alerts to an integration's key.
    return { ok: true, data: { found: id !== null, externalRef: id, status: null, by: null } };
  }
  if (!alert.ok) return alert;
  const found = foundAlert(alert.data);
  return found === null
    ? { ok: false, reason: 'server_error', detail: 'the answer holds no alert' }
    : { ok: true, data: found };
}

export const pager: PagerPart<TargetConfig> = {
  address: pageAddress,
  personAddress: (given) => {
    const user = contact.safeParse(given);
    return user.success ? { user: user.data } : null;
  },
  trigger,
  acknowledge: (order, io) => act(order, 'acknowledge', io),
  resolve: (order, io) => act(order, 'close', io),
  find,
};
