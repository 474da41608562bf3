/** What a source's conformance is given, and one such source made ready for the checks. */
import type { RawRequest, Secret, SourcePart } from '../../src/contract/index.ts';

/** A body as the vendor sends it. */
export interface Delivery {
  readonly name: string;
  /** Text, bytes, or a value that is sent as JSON. */
  readonly body: unknown;
  /** Headers beside the credentials (event type, delivery id, content type), lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `toMatchObject` against the result of `parse`; absent: only that it is understood. */
  readonly parsed?: object;
  /** What `verify` must name as the delivery's id; absent: not compared. */
  readonly deliveryId?: string | null;
}

export interface Signing {
  /** The raw config of a source that accepts these secrets (several: during a rotation). */
  configOf(secrets: readonly Secret[]): Readonly<Record<string, unknown>>;
  /** Credential headers (lower case) of a delivery, as the vendor computes them. @param at epoch ms */
  sign(body: Uint8Array, secretText: string, at: number): Readonly<Record<string, string>>;
  /** `body`: a changed byte must be refused. `sender`: the vendor only presents a secret. */
  readonly covers: 'body' | 'sender';
  /** Age in ms beyond which a signed timestamp is refused, either way; absent: the vendor signs no time. */
  readonly toleranceMs?: number;
  /** Two secrets of the form that the vendor issues; plain texts when absent. */
  readonly secretTexts?: readonly [string, string];
}

export interface SourceConformance {
  readonly signing: Signing;
  readonly deliveries: readonly Delivery[];
  /** More valid raw configs for the schema checks. */
  readonly moreConfigs?: readonly Readonly<Record<string, unknown>>[];
  /** Examples published by the vendor: must be accepted as they stand. */
  readonly vectors?: readonly {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly request: RawRequest;
    readonly now: number;
  }[];
  /** Path and query behind `/webhooks/<source>`; empty when absent. */
  readonly path?: string;
}

export function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

export interface Subject {
  readonly part: SourcePart<unknown>;
  readonly source: SourceConformance;
  readonly current: string;
  readonly old: string;
  config(...texts: readonly string[]): unknown;
}

export function requestOf(
  { source }: Subject,
  delivery: Delivery,
  credentials: Readonly<Record<string, string>>,
): RawRequest {
  const headers = { 'content-type': 'application/json', ...delivery.headers, ...credentials };
  return { headers, body: bytesOf(delivery.body), path: source.path ?? '' };
}

export function signed(
  subject: Subject,
  delivery: Delivery,
  by: { readonly secret: string; readonly at: number },
): RawRequest {
  return requestOf(
    subject,
    delivery,
    subject.source.signing.sign(bytesOf(delivery.body), by.secret, by.at),
  );
}
