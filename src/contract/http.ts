/**
 * The HTTP of an adapter. The host owns it: timeouts, size caps, no redirects, the private-address
 * guard, redaction and metrics. An adapter describes a request and reads an answer; a failure is a value.
 */

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON body; sets the content type. */
  readonly json?: unknown;
  /** Form body (application/x-www-form-urlencoded). */
  readonly form?: Readonly<Record<string, string>>;
  /** Whole-request limit in milliseconds; the host's 10 000 when absent. */
  readonly timeoutMs?: number;
}

export interface HttpAnswered {
  readonly kind: 'answered';
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface HttpFailed {
  readonly kind: 'failed';
  readonly reason: 'timeout' | 'network' | 'too_large' | 'forbidden_address';
  /** False: the request certainly never left (DNS, refused, TLS). True: it may have been carried out. */
  readonly sent: boolean;
  readonly detail: string;
}

export type HttpAnswer = HttpAnswered | HttpFailed;

export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
}

/** The JSON of an answer, or undefined when it is no JSON. Vendor answers are untrusted: check the shape with a schema. */
export function jsonOf(answer: HttpAnswered): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    return undefined;
  }
}
