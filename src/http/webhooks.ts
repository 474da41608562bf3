/**
 * The intake: `POST /webhooks/<source>` by plain node:http, for Express and its parser cost half of the speed. A sender
 * that is who it should be never hears a 4xx: vendors drop an alert for ever on one.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../contract/adapter.ts';
import type { Accepted, Delivery } from '../engine/intake/ingest.ts';
import { flatHeaders, readRaw, tooLarge } from './body.ts';
import { apiAnswers } from './problem.ts';

export const WEBHOOKS = '/webhooks/';

export interface IntakeOptions {
  readonly accept: (delivery: Delivery) => Promise<Accepted>;
  /** Told of a delivery to the source that is larger than the limit. */
  readonly tooLarge: (source: string) => void;
  readonly log: Log;
  /** Bytes of one delivery. */
  readonly limit: number;
  /** No longer taking deliveries: the sender is told to come back. */
  readonly isStopping: () => boolean;
}

/** Source and the path and query behind it; null: the name is no text. */
function addressOf(url: string): { readonly source: string; readonly path: string } | null {
  const rest = url.slice(WEBHOOKS.length);
  const end = rest.search(/[/?]/);
  try {
    return end === -1
      ? { source: decodeURIComponent(rest), path: '' }
      : { source: decodeURIComponent(rest.slice(0, end)), path: rest.slice(end) };
  } catch {
    return null;
  }
}

const RETRY_AFTER_S = 5;

function busy(
  response: ServerResponse,
  why: { readonly code: string; readonly detail: string; readonly seconds?: number },
): void {
  const { code, detail, seconds = RETRY_AFTER_S } = why;
  apiAnswers.problem(response, {
    status: 503,
    code,
    detail,
    headers: { 'retry-after': String(seconds) },
  });
}

function answer(response: ServerResponse, accepted: Accepted): void {
  switch (accepted.kind) {
    case 'accepted':
      return apiAnswers.json(
        response,
        { id: accepted.id, duplicate: accepted.duplicate },
        { status: 202 },
      );
    case 'handshake':
      return apiAnswers.send(response, {
        status: accepted.status,
        type: accepted.headers['content-type'] ?? 'text/plain; charset=utf-8',
        headers: accepted.headers,
        body: accepted.body,
      });
    case 'unknown_source':
      return apiAnswers.problem(response, {
        status: 404,
        code: 'unknown_source',
        detail: accepted.message,
      });
    case 'refused':
      return apiAnswers.problem(response, {
        status: 401,
        code: 'refused',
        detail: `The delivery was not verified: ${accepted.reason}.`,
        headers: { 'www-authenticate': 'Bearer' },
      });
    case 'unavailable':
      return busy(response, {
        code: accepted.reason,
        detail: accepted.message,
        seconds: accepted.retryAfterSeconds,
      });
  }
}

async function take(
  visit: { readonly request: IncomingMessage; readonly response: ServerResponse },
  options: IntakeOptions,
): Promise<void> {
  const { request, response } = visit;
  const address = addressOf(request.url ?? '');
  if (address === null)
    return apiAnswers.problem(response, {
      status: 404,
      code: 'unknown_source',
      detail: 'The name of the source in the address cannot be read.',
    });
  if (request.method !== 'POST')
    return apiAnswers.problem(response, {
      status: 405,
      code: 'method_not_allowed',
      detail: 'Deliveries are sent by POST.',
      headers: { allow: 'POST' },
    });
  if (options.isStopping())
    return busy(response, { code: 'stopping', detail: 'The server is stopping; send it again.' });
  const body = await readRaw(request, options.limit);
  if (body.kind === 'gone') return;
  if (body.kind === 'too_large') {
    options.tooLarge(address.source);
    return apiAnswers.problem(response, tooLarge(options.limit, body.drained));
  }
  answer(
    response,
    await options.accept({
      source: address.source,
      request: { headers: flatHeaders(request), body: body.bytes, path: address.path },
    }),
  );
}

/** Answers one delivery. Never rejects: what is our own fault is a 503. */
export async function takeDelivery(
  visit: { readonly request: IncomingMessage; readonly response: ServerResponse },
  options: IntakeOptions,
): Promise<void> {
  try {
    await take(visit, options);
  } catch (error) {
    options.log.error({ error, url: visit.request.url }, 'a delivery could not be answered');
    busy(visit.response, {
      code: 'internal',
      detail: 'The delivery could not be taken; send it again.',
    });
  }
}
