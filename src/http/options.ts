/** What the HTTP server is handed. */
import type { Registry } from 'prom-client';
import type { Log } from '../contract/adapter.ts';
import type { Policy } from '../core/model/policy.ts';
import type { Verbs } from '../core/verbs/verb.ts';
import type { Clock } from '../engine/clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { Installation } from '../engine/installation.ts';
import type { ExplainedDelivery } from '../read/explain.ts';
import type { Explanation } from '../read/shapes.ts';
import type { KeptFile } from '../engine/policy/kept-files.ts';
import type { Networks } from '../lib/networks.ts';
import type { RecordViews } from '../read/export.ts';
import type { Views } from '../read/views.ts';
import type { Reads } from '../store/store.ts';
import type { ConnectionLimits } from './connections.ts';
import type { Tokens } from './auth.ts';
import type { Description } from './replies.ts';

export interface Limits extends ConnectionLimits {
  /** Bytes of one delivery. */
  readonly deliveryBytes: number;
  /** Bytes of one request of the API. */
  readonly apiBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface HttpOptions {
  /** Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly engine: Pick<Engine, 'accept' | 'tooLarge' | 'request' | 'health' | 'lookups'>;
  readonly installation: Installation;
  readonly reads: Pick<Reads, 'incident' | 'openPages'>;
  readonly views: Views;
  /** What proves the record. */
  readonly record: RecordViews;
  /** The engine's `explain` for what is loaded now. */
  readonly explain: (delivery: ExplainedDelivery) => Explanation;
  readonly tokens: Tokens;
  readonly policy: () => Policy;
  /** What keeps its last good copy now. */
  readonly keptFiles: () => readonly KeptFile[];
  readonly verbs: Verbs;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  /** Of Tocsin, for the OpenAPI document. */
  readonly version: string;
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: Networks;
  readonly limits?: Partial<Limits>;
}

/** What routes may use; `isStopping` belongs to the server. */
export interface Api extends HttpOptions {
  readonly isStopping: () => boolean;
  readonly openApi: () => Description;
}
