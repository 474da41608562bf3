/** Reading and answering requests at the sandbox's own endpoints. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAnswers } from '../lib/answers.ts';

export interface PageVisit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** Nothing here is for a cache, a frame, or a script that is not ours. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** How the sandbox's own endpoints answer; their JSON is read by people. */
export const pageAnswers = createAnswers({ headers: HEADERS, indent: 2 });

/** Opens a stream of server-sent events. */
export function openEvents(response: ServerResponse): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
  response.write('retry: 1000\n\n');
}

export type Body =
  | { readonly ok: true; readonly value: unknown; readonly isForm: boolean }
  | { readonly ok: false; readonly status: 400 | 413; readonly detail: string };

const BODY_BYTES_MAX = 64 * 1024;

/** A JSON object, or the fields of a form. Null: the client went away. */
export async function readBody(request: IncomingMessage): Promise<Body | null> {
  const bytes: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_BYTES_MAX)
        return {
          ok: false,
          status: 413,
          detail: `The body must be at most ${BODY_BYTES_MAX} bytes.`,
        };
      bytes.push(chunk);
    }
  } catch {
    return null;
  }
  const text = Buffer.concat(bytes).toString();
  // curl -d sends JSON as a form; a form of ours never begins with a brace.
  const isForm =
    (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded') &&
    !/^\s*\{/.test(text);
  return isForm
    ? { ok: true, isForm, value: Object.fromEntries(new URLSearchParams(text)) }
    : jsonBody(text);
}

function jsonBody(text: string): Body {
  try {
    return { ok: true, isForm: false, value: text === '' ? {} : (JSON.parse(text) as unknown) };
  } catch {
    return { ok: false, status: 400, detail: 'The body is not JSON.' };
  }
}

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Why the request must not be served, null when it may: a foreign web page could reach the sandbox through the
 * operator's browser, by a name of its own that points here (rebinding) or by a form.
 */
export function foreignness(request: IncomingMessage): string | null {
  const host = request.headers.host ?? '';
  const name = URL.parse(`http://${host}`)?.hostname ?? '';
  if (!LOOPBACK_NAMES.includes(name))
    return `The sandbox answers only as 127.0.0.1 or localhost, not as ${host}.`;
  const { origin } = request.headers;
  if (origin === undefined || origin === `http://${host}`) return null;
  return `The sandbox takes no orders from a page of ${origin}.`;
}
