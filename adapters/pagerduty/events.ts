/**
 * Paging by integration key (Events API v2): the most robust path, since it needs neither token nor user. Answers are
 * receipts: PagerDuty queues the event. developer-docs events-API-v2/02-Trigger-Events.md
 */
import {
  asLoudAs,
  delivered,
  failure,
  jsonOf,
  memberOf,
  asText,
} from '../../src/contract/index.ts';
import type {
  HttpAnswered,
  Io,
  Outcome,
  PageOrder,
  StatusOverrides,
} from '../../src/contract/index.ts';
import { unreadable } from './api.ts';
import { LOUDNESS, regionalUrlOf } from './config.ts';
import type { Config, EventSeverity } from './config.ts';
import { dedupKeyOf } from './keys.ts';
import { cut, DETAILS_MAX, LINKS_MAX, ORIGIN_MAX, orElse, SUMMARY_MAX } from './text.ts';

type Action = 'trigger' | 'acknowledge' | 'resolve';

/** developer-docs events-API-v2/01-Overview.md (400: never repeat; 429 and 5xx: repeat). */
const STATUSES: StatusOverrides = {
  400: {
    reason: 'invalid_request',
    retry: false,
    hint: 'PagerDuty refused the event. Most often the integration key is wrong: it has 32 characters and belongs to an "Events API v2" integration of the service.',
  },
};

function severityOf(order: PageOrder, config: Config): EventSeverity {
  const ofLevel = order.severity === null ? undefined : config.event_severities[order.severity];
  return asLoudAs(order.urgency, ofLevel, LOUDNESS);
}

function triggerOf(order: PageOrder, config: Config): object {
  const links = order.links.slice(0, LINKS_MAX);
  const first = links[0];
  return {
    payload: {
      summary: cut(orElse(order.title, 'Incident without a title'), SUMMARY_MAX),
      source: cut(orElse(order.origin, 'tocsin'), ORIGIN_MAX),
      severity: severityOf(order, config),
      custom_details: { details: cut(order.body, DETAILS_MAX) },
    },
    client: 'Tocsin',
    ...(first === undefined ? {} : { client_url: first.url }),
    ...(links.length === 0 ? {} : { links: links.map(({ url, text }) => ({ href: url, text })) }),
  };
}

/** "invalid event" and the errors that PagerDuty lists. */
function complaintOf(answer: HttpAnswered): string | null {
  const body = jsonOf(answer);
  const errors = memberOf(body, 'errors');
  const texts = [
    memberOf(body, 'message'),
    ...(Array.isArray(errors) ? (errors as unknown[]) : []),
  ];
  const said = texts.map(asText).filter((text) => text !== null);
  return said.length === 0 ? null : said.join('; ').slice(0, 500);
}

/** PagerDuty itself says that there is no such integration key: "Invalid routing key", "Length of 'routing_key' ...". */
const NAMES_KEY = /\brouting[ _]key\b|\binvalid key\b/i;

async function send(event: object, io: Io<Config>): Promise<Outcome> {
  const answer = await io.http.send({
    method: 'POST',
    url: `${regionalUrlOf(io.config, 'events')}/v2/enqueue`,
    headers: { accept: 'application/json' },
    json: event,
  });
  if (answer.kind === 'answered' && answer.status === 202) return delivered('accepted');
  // Only 202 is PagerDuty's receipt; another 2xx comes from something in between.
  if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300)
    return unreadable(answer);
  const read = failure(answer, io.now, STATUSES);
  const said = answer.kind === 'answered' ? complaintOf(answer) : null;
  if (answer.kind === 'failed' || said === null) return read;
  const detail = `HTTP ${answer.status}: ${said}`;
  if (read.verb === 'retry') return { ...read, detail };
  return { ...read, detail, ofAddress: answer.status === 400 && NAMES_KEY.test(said) };
}

/** Sends one event under the page's key; repeating it under an open key rings nobody twice. */
export function enqueue(
  action: Action,
  { order, key }: { readonly order: PageOrder; readonly key: string },
  io: Io<Config>,
): Promise<Outcome> {
  const event = {
    routing_key: key,
    event_action: action,
    dedup_key: dedupKeyOf(order.key),
    ...(action === 'trigger' ? triggerOf(order, io.config) : {}),
  };
  return send(event, io);
}

/** Under which nothing is ever opened. */
const NOTHING_THERE = 'tocsin-proof-rings-nobody';

/**
 * Whether events with this integration key are taken, by the end of something that there is not: PagerDuty takes that and drops it
 * without a trace. developer-docs events-API-v2/02-Trigger-Events.md
 */
export function proveKey(key: string, io: Io<Config>): Promise<Outcome> {
  return send({ routing_key: key, event_action: 'resolve', dedup_key: NOTHING_THERE }, io);
}
