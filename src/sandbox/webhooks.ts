/**
 * Delivers the webhooks of one account to Tocsin over real HTTP, in order: one that waits for its next try holds back
 * those behind it, as PagerDuty keeps the order of an incident's events.
 */
import { Agent, request } from 'node:http';
import type { StandInWebhook } from '../contract/index.ts';
import type { Timer } from '../engine/clock.ts';
import type { SandboxClock } from './clock.ts';

/** Waits between the tries of one webhook; after the last one it is dropped. */
const RETRY_DELAYS_MS = [1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000] as const;
/** PagerDuty wants an answer within 5 s, most others allow 10. */
const TIMEOUT_MS = 10_000;

/** How the last try of a webhook ended. */
export interface SentWebhook {
  readonly target: string;
  /** Epoch milliseconds of the last try. */
  readonly at: number;
  readonly tries: number;
  readonly result: 'delivered' | 'dropped';
  /** HTTP status, null when there was no connection or no answer in time. */
  readonly status: number | null;
}

export interface WebhookQueue {
  add(webhooks: readonly StandInWebhook[]): void;
  deliveries(): readonly SentWebhook[];
  /** Webhooks that are on their way or could be; those that wait for their next try do not count. */
  inFlight(): number;
  /** Forgets what was not delivered. */
  clear(): void;
  close(): void;
}

interface Waiting {
  readonly webhook: StandInWebhook;
  tries: number;
}

export function createWebhookQueue(options: {
  readonly target: string;
  /** Null: the vendor was told no address, its webhooks go nowhere. */
  readonly url: string | null;
  readonly clock: SandboxClock;
}): WebhookQueue {
  const { target, url, clock } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const done: SentWebhook[] = [];
  let queue: Waiting[] = [];
  let retry: Timer | null = null;
  let current: AbortController | null = null;

  function pump(): void {
    const first = queue[0];
    if (first === undefined || url === null || retry !== null || current !== null) return;
    const attempt = new AbortController();
    current = attempt;
    first.tries += 1;
    const timer = clock.after(TIMEOUT_MS, () => attempt.abort());
    post({ url, webhook: first.webhook, agent, signal: attempt.signal }, (status) => {
      timer.cancel();
      if (current !== attempt) return;
      current = null;
      settle(first, status);
    });
  }

  function settle(waiting: Waiting, status: number | null): void {
    const delay = RETRY_DELAYS_MS[waiting.tries - 1];
    if (isWorthRetrying(status) && delay !== undefined) {
      retry = clock.after(delay, () => {
        retry = null;
        pump();
      });
      return;
    }
    const isDelivered = status !== null && status >= 200 && status < 300;
    const result = isDelivered ? 'delivered' : 'dropped';
    done.push({ target, at: clock.now(), tries: waiting.tries, result, status });
    queue.shift();
    pump();
  }

  function clear(): void {
    queue = [];
    retry?.cancel();
    retry = null;
    current?.abort();
    current = null;
  }

  return {
    add(webhooks) {
      if (url === null) return;
      queue.push(...webhooks.map((webhook) => ({ webhook, tries: 0 })));
      // In the next turn: the answer to the request that caused them goes out first, as at every vendor.
      clock.soon(pump);
    },
    deliveries: () => done,
    inFlight: () => (retry === null ? queue.length : 0),
    clear() {
      clear();
      done.length = 0;
    },
    close() {
      clear();
      agent.destroy();
    },
  };
}

/** PagerDuty tries again after 5xx, 429 and no answer, and drops a webhook on any other 4xx; Alertmanager is alike. */
function isWorthRetrying(status: number | null): boolean {
  return status === null || status === 429 || status >= 500;
}

interface Post {
  readonly url: string;
  readonly webhook: StandInWebhook;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/** Reports the status once, null when there was none. */
function post(
  { url, webhook, agent, signal }: Post,
  report: (status: number | null) => void,
): void {
  let isReported = false;
  const once = (status: number | null): void => {
    if (isReported) return;
    isReported = true;
    report(status);
  };
  const sent = request(url, { method: 'POST', headers: webhook.headers, agent, signal });
  sent.on('error', () => once(null));
  sent.on('response', (response) => {
    response.on('error', () => once(null));
    response.on('close', () => once(response.complete ? (response.statusCode ?? null) : null));
    response.resume();
  });
  sent.end(webhook.body);
}
