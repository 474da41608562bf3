/** Statuspage's API v1 as this adapter uses it: configuration, requests, refusals and the shapes of the answers. */
import { z } from 'zod';
import { failure, jsonOf, secret } from '../../src/contract/index.ts';
import type {
  HttpAnswer,
  HttpAnswered,
  Io,
  Rejection,
  Retry,
  StatusOverrides,
} from '../../src/contract/index.ts';

export const config = z.strictObject({
  page_id: z
    .string()
    .min(1)
    .describe('Id of the page, from the address of its management console or from its API page.'),
  api_key: secret('API key of a user who may manage incidents on this page.'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.statuspage.io/v1')
    .describe('Address of the API, without a trailing slash; change it for a proxy.'),
  deliver_notifications: z
    .boolean()
    .default(true)
    .describe(
      "Whether posts may be sent to the page's subscribers; false keeps every post silent.",
    ),
});

export type Config = z.infer<typeof config>;

/**
 * Deviations from the default reading of an answer, with what an operator should do.
 * https://developer.statuspage.io: 420 and 429 both mean "too many requests".
 */
const OVERRIDES: StatusOverrides = {
  401: {
    reason: 'unauthorized',
    retry: false,
    hint: 'Statuspage refused api_key: create a new key in the console under "API info" and put it into this target.',
  },
  403: {
    reason: 'forbidden',
    retry: false,
    hint: 'The user of api_key may not manage incidents on this page: give the user the incident manager role.',
  },
  404: {
    reason: 'not_found',
    retry: false,
    hint: 'Compare page_id with the console; if it is right, the incident was deleted on the page by hand.',
  },
  420: { reason: 'rate_limited', retry: true },
  422: {
    reason: 'invalid_request',
    retry: false,
    hint: 'Statuspage refused the content: compare the component ids with the page (tocsin doctor lists them).',
  },
};

/** What is asked below the page, `/pages/<page_id><path>`. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly json?: object;
}

export function send(io: Io<Config>, { method, path, json }: Ask): Promise<HttpAnswer> {
  const base = io.config.base_url.replace(/\/+$/, '');
  return io.http.send({
    method,
    url: `${base}/pages/${encodeURIComponent(io.config.page_id)}${path}`,
    // The scheme is the word OAuth, not Bearer: https://developer.statuspage.io/#section/Authentication
    headers: { authorization: `OAuth ${io.config.api_key.reveal()}`, accept: 'application/json' },
    ...(json === undefined ? {} : { json }),
  });
}

export function isSuccess(answer: HttpAnswer): answer is HttpAnswered {
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
}

const words = z.union([z.string(), z.array(z.string())]).optional();
const complaint = z.object({ message: words, error: words });

/** What Statuspage says is wrong: `message` or `error`, each a text or a list of texts. */
function complaintOf(answer: HttpAnswered): string | null {
  const parsed = complaint.safeParse(jsonOf(answer));
  if (!parsed.success) return null;
  const texts = [parsed.data.message ?? [], parsed.data.error ?? []].flat();
  return texts.length === 0 ? null : texts.join('; ').slice(0, 500);
}

/** The reading of anything that is not a success, in the vendor's own words where it has some. */
export function refusal(answer: HttpAnswer, now: number): Retry | Rejection {
  const read = failure(answer, now, OVERRIDES);
  const complained = answer.kind === 'answered' ? complaintOf(answer) : null;
  if (answer.kind === 'failed' || complained === null) return read;
  return { ...read, detail: `HTTP ${answer.status}: ${complained}` };
}

const update = z.object({ status: z.string(), body: z.string().nullish() });

/** Timestamps and references may be null whatever the specification says, so only what is used is described. */
export const incident = z.object({
  id: z.string().min(1),
  shortlink: z.string().min(1).nullish().catch(null),
  metadata: z.unknown(),
  incident_updates: z.array(update).nullish(),
});

export type Incident = z.infer<typeof incident>;

export const component = z.object({
  id: z.string().min(1),
  name: z.string(),
  status: z.string(),
  /** Groups carry no state of their own and cannot be named in an incident. */
  group: z.boolean().nullish(),
});

export const page = z.object({ id: z.string(), name: z.string() });
