/**
 * Orders: what the engine asks of an adapter. Complete and frozen: text is rendered, the idempotency key is the
 * effect id (byte-identical on each attempt), references of earlier successes are filled in.
 */
import type { ComponentStatus, Urgency } from '../core/model/policy.ts';
import type { Link } from '../core/model/alert.ts';
import type { PublicStatus } from '../core/model/incident.ts';

export interface OrderBase {
  /** = effect id. */
  readonly idempotencyKey: string;
  /** Epoch ms; after this the attempt must not start. */
  readonly deadline: number;
}

/** A page as far as it takes to find it again. */
export interface PageSought {
  /** The vendor-side dedup key (PagerDuty `dedup_key`/`incident_key`, Opsgenie alias); the same for trigger, acknowledge, resolve. */
  readonly key: string;
  /**
   * Validated by the adapter's `pager.address`; secret references replaced by their `Secret`. Where `adoptedRef` reads
   * it, an object of the vendor's own that was only taken over: never triggered, and known by its `externalRef`.
   */
  readonly address: unknown;
  /** Vendor's id from the trigger, once known. */
  readonly externalRef: string | null;
}

export interface PageOrder extends OrderBase, PageSought {
  readonly urgency: Urgency;
  /** Level id of the incident, for the target's own priority map; null while undecided. */
  readonly severity: string | null;
  readonly title: string;
  readonly body: string;
  /** What monitoring calls the origin: service or source. */
  readonly origin: string;
  readonly links: readonly Link[];
}

/** What read-back found. */
export interface PageFound {
  readonly found: boolean;
  readonly externalRef: string | null;
  readonly status: 'triggered' | 'acknowledged' | 'resolved' | null;
  readonly by: {
    readonly id: string | null;
    readonly name: string | null;
    readonly email: string | null;
  } | null;
  /**
   * Epoch ms, by the vendor's clock: when it was acknowledged, resolved, or made to ring again after that; missing: the
   * vendor does not tell, or it rings as it did from the start.
   */
  readonly saidAt?: number | null;
  /** Of a page that is not there: why the vendor, which had taken it, has not made it, in its own words. */
  readonly refused?: string;
}

export interface PublishOrder extends OrderBase {
  /** Null: create; else the vendor's id of the public incident to continue. */
  readonly externalRef: string | null;
  /** Our token for the public incident, stored at the vendor where it has a place for it: lets `find` recognise it. */
  readonly token: string;
  readonly title: string;
  readonly status: PublicStatus;
  readonly body: string;
  /** Component id -> new state; already capped. */
  readonly components: Readonly<Record<string, ComponentStatus>>;
  /** Mail the page's subscribers. */
  readonly notify: boolean;
}

export interface PostFound {
  readonly found: boolean;
  readonly externalRef: string | null;
}

export interface PostOrder extends OrderBase {
  /** Channel id or name, room ref, or a chat user's id for a direct message. */
  readonly channel: string;
  readonly text: string;
  /** External ref of the message to answer in its thread; null: a new message. */
  readonly thread: string | null;
}

export interface RoomOrder extends OrderBase {
  /** Wanted name; the adapter fits it to the vendor's alphabet and limit. */
  readonly name: string;
}

export interface TopicOrder extends OrderBase {
  readonly room: string;
  readonly topic: string;
}

export interface InviteOrder extends OrderBase {
  readonly room: string;
  /** Chat users as people's `chat` contact names them. */
  readonly users: readonly string[];
}

export interface PinOrder extends OrderBase {
  readonly room: string;
  /** External ref of the posted message. */
  readonly message: string;
}

export interface ArchiveOrder extends OrderBase {
  readonly room: string;
}
