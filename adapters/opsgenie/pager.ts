/**
 * Paging through Opsgenie alerts. The alias is our dedup key: while an alert with it is open, a repeat only raises its
 * count and rings nobody. Every write is asynchronous: 202 means accepted, the request status tells what came of it.
 * https://docs.opsgenie.com/docs/alert-api
 */
import { adoptedRef, asLoudAs, delivered, memberOf } from '../../src/contract/index.ts';
import type { Outcome, PageOrder, PagerPart } from '../../src/contract/index.ts';
import { isAccepted, pathOf, refusalOf, requestIdOf, send } from './api.ts';
import type { OpsgenieIo } from './api.ts';
import { contact, LOUDNESS, pageAddress } from './config.ts';
import type { Address, Priority, TargetConfig } from './config.ts';
import { aliasOf, requestRef } from './names.ts';
import { noteOn } from './notes.ts';
import type { Named } from './notes.ts';
import { find, list } from './read-back.ts';

/** Limits of "Create Alert" in the vendor's unit (Java characters, which are UTF-16 units). */
export const MESSAGE_MAX = 130;
export const DESCRIPTION_MAX = 15_000;
export const ENTITY_MAX = 512;
/** Of "Add Note to Alert". */
export const NOTE_MAX = 25_000;
/** All names and values of `details` together. */
export const DETAILS_MAX = 8_000;

/** Whom Opsgenie names as author of what we do there. */
export const OURSELVES = 'Tocsin';

/** At most `max` UTF-16 units, marked as shortened, never half a character. */
function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function priorityOf(order: PageOrder, config: TargetConfig): Priority {
  const mapped = order.severity === null ? undefined : memberOf(config.priorities, order.severity);
  return asLoudAs(order.urgency, mapped as Priority | undefined, LOUDNESS);
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
    ofAddress: true,
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

function namedBy(order: PageOrder): Named {
  const id = adoptedRef(order.address);
  return id === null ? { name: aliasOf(order.key), type: 'alias' } : { name: id, type: 'id' };
}

/**
 * Without `identifierType=alias` the alias is taken for an id and the action fails silently, behind its 202. An alert that
 * was only taken over is known by its id: its alias is not of our making.
 */
async function act(
  order: PageOrder,
  {
    action,
    more = {},
  }: { readonly action: 'acknowledge' | 'close' | 'notes'; readonly more?: object },
  io: OpsgenieIo,
): Promise<Outcome> {
  const { name, type } = namedBy(order);
  const path = `${pathOf('v2', 'alerts', name, action)}?identifierType=${type}`;
  return write(io, path, { user: OURSELVES, source: OURSELVES, ...more });
}

/** POST /v2/alerts/{identifier}/notes: https://docs.opsgenie.com/docs/alert-api (Add Note to Alert) */
function note(order: PageOrder, io: OpsgenieIo): Promise<Outcome> {
  const text = shortened(order.body, NOTE_MAX);
  const write = (): Promise<Outcome> => act(order, { action: 'notes', more: { note: text } }, io);
  return noteOn(namedBy(order), { text, write }, io);
}

/** 202 is a promise, not a deed. The request id is kept as the reference: with it `find` learns the alert's id. */
async function write(io: OpsgenieIo, path: string, json: unknown): Promise<Outcome> {
  const answer = await send(io, path, { json });
  if (!isAccepted(answer)) return refusalOf(answer, io.now);
  const requestId = requestIdOf(answer);
  return delivered('accepted', {
    externalRef: requestId === null ? undefined : requestRef(requestId),
  });
}

export const pager: PagerPart<TargetConfig> = {
  address: pageAddress,
  personAddress: (given) => {
    const user = contact.safeParse(given);
    return user.success ? { user: user.data } : null;
  },
  trigger,
  acknowledge: (order, io) => act(order, { action: 'acknowledge' }, io),
  resolve: (order, io) => act(order, { action: 'close' }, io),
  note,
  find,
  list,
};
