/**
 * Public posts on Statuspage. The API has no idempotency key, so `publish` is exactly one request and never repeats it;
 * `find` tells afterwards whether a post is on the page. When to look and when to post again is decided by the core.
 */
import { z } from 'zod';
import { delivered, jsonOf } from '../../src/contract/index.ts';
import type {
  HttpAnswered,
  Io,
  Outcome,
  PostFound,
  PublishOrder,
  ReadResult,
} from '../../src/contract/index.ts';
import { incident, isSuccess, refusal, send } from './api.ts';
import type { Config, Incident } from './api.ts';

/** Characters. https://developer.statuspage.io/#operation/postPagesPageIdIncidents */
const NAME_MAX = 255;
const BODY_MAX = 25_000;
/** Rows a list may have at most, by the same page; a post that is in doubt is minutes old, so the first page suffices. */
const PAGE_SIZE = 100;

/** Cut to a number of Unicode characters, with a mark where something is missing. */
function cut(text: string, charactersMax: number): string {
  const characters = [...text];
  return characters.length <= charactersMax
    ? text
    : `${characters.slice(0, charactersMax - 1).join('')}…`;
}

/** What an update of a public incident carries. `component_ids` marks as affected, `components` sets the state: both are needed. */
function updateOf(order: PublishOrder, config: Config): object {
  const ids = Object.keys(order.components);
  return {
    status: order.status,
    body: cut(order.body, BODY_MAX),
    ...(ids.length === 0 ? {} : { component_ids: ids, components: order.components }),
    // Absent means true at the vendor: it must always be said.
    deliver_notifications: order.notify && config.deliver_notifications,
  };
}

/**
 * Creates the public incident, or continues it. A later title is not sent: people correct titles on the page by hand.
 * The answer 2xx without a readable incident counts as unknown, for the post may be public already.
 */
export async function publish(order: PublishOrder, io: Io<Config>): Promise<Outcome> {
  const update = updateOf(order, io.config);
  const creation = {
    name: cut(order.title, NAME_MAX),
    ...update,
    metadata: { tocsin: { token: order.token } },
  };
  const answer = await send(
    io,
    order.externalRef === null
      ? { method: 'POST', path: '/incidents', json: { incident: creation } }
      : { method: 'PATCH', path: incidentPath(order.externalRef), json: { incident: update } },
  );
  if (!isSuccess(answer)) return refusal(answer, io.now);
  const read = incident.safeParse(jsonOf(answer));
  if (!read.success)
    return {
      verb: 'retry',
      reason: 'server_error',
      ambiguous: true,
      detail: `HTTP ${answer.status} without a readable incident`,
    };
  return delivered('confirmed', {
    externalRef: read.data.id,
    url: read.data.shortlink ?? undefined,
  });
}

function incidentPath(ref: string): string {
  return `/incidents/${encodeURIComponent(ref)}`;
}

const metadata = z.object({ tocsin: z.object({ token: z.string() }) });

function carriesToken(candidate: Incident, token: string): boolean {
  const read = metadata.safeParse(candidate.metadata);
  return read.success && read.data.tocsin.token === token;
}

/** Line ends and outer blanks are the vendor's to keep or not. */
function normal(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}

function carriesUpdate(candidate: Incident, order: PublishOrder): boolean {
  const body = normal(cut(order.body, BODY_MAX));
  return (candidate.incident_updates ?? []).some(
    (update) => update.status === order.status && normal(update.body ?? '') === body,
  );
}

type Read = ReadResult<PostFound>;

const ABSENT: Read = { ok: true, data: { found: false, externalRef: null } };

function unreadable(answer: HttpAnswered): Extract<Read, { ok: false }> {
  return {
    ok: false,
    reason: 'server_error',
    detail: `HTTP ${answer.status} without readable incidents`,
  };
}

/** An update is recognised by its status and exact body: updates carry no metadata. A deleted incident carries nothing. */
async function findUpdate(order: PublishOrder, ref: string, io: Io<Config>): Promise<Read> {
  const answer = await send(io, { method: 'GET', path: incidentPath(ref) });
  if (answer.kind === 'answered' && answer.status === 404) return ABSENT;
  if (!isSuccess(answer)) return failed(answer, io);
  const read = incident.safeParse(jsonOf(answer));
  if (!read.success || read.data.incident_updates == null) return unreadable(answer);
  return { ok: true, data: { found: carriesUpdate(read.data, order), externalRef: ref } };
}

function failed(
  answer: Parameters<typeof refusal>[0],
  io: Io<Config>,
): Extract<Read, { ok: false }> {
  const { reason, detail } = refusal(answer, io.now);
  return { ok: false, reason, detail };
}

/** A created incident is recognised by our token, first among the open ones, then among all: it may be resolved by now. */
async function findCreated(order: PublishOrder, io: Io<Config>): Promise<Read> {
  for (const path of [
    `/incidents/unresolved?page=1&per_page=${PAGE_SIZE}`,
    `/incidents?limit=${PAGE_SIZE}`,
  ]) {
    const answer = await send(io, { method: 'GET', path });
    if (!isSuccess(answer)) return failed(answer, io);
    const read = z.array(incident).safeParse(jsonOf(answer));
    // One unreadable row could be ours: then the answer is "unknown", never "not there".
    if (!read.success) return unreadable(answer);
    const own = read.data.find((candidate) => carriesToken(candidate, order.token));
    if (own !== undefined) return { ok: true, data: { found: true, externalRef: own.id } };
  }
  return ABSENT;
}

/** Whether exactly this post is on the page. Two requests at most. */
export function find(order: PublishOrder, io: Io<Config>): Promise<Read> {
  return order.externalRef === null
    ? findCreated(order, io)
    : findUpdate(order, order.externalRef, io);
}
