/**
 * What an adapter is. Capability is the presence of a part (or of an optional method); nothing else declares it.
 * `name` = folder = `type:` in YAML.
 */
import type { z } from 'zod';
import type { Observation } from '../core/model/alert.ts';
import type { Http } from './http.ts';
import type {
  ArchiveOrder,
  InviteOrder,
  PageFound,
  PageOrder,
  PageSought,
  PinOrder,
  PostFound,
  PostOrder,
  PublishOrder,
  RoomOrder,
  TopicOrder,
} from './order.ts';
import type { Outcome, ReadResult } from './outcome.ts';

export interface Log {
  /** @param fields or what makes them, which is not called where nobody reads it */
  debug(fields: object | (() => object), message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The only way to the world. */
export interface Io<C> {
  readonly config: C;
  readonly http: Http;
  /** Epoch ms. */
  readonly now: number;
  readonly log: Log;
}

/** One HTTP request from a source, raw. */
export interface RawRequest {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Path and query behind `/webhooks/<source>`. */
  readonly path: string;
}

export type Verified =
  | {
      readonly ok: true;
      /** An id that the vendor repeats on its own retries, else null. */
      readonly deliveryId: string | null;
    }
  /** The sender is not who it should be. */
  | { readonly ok: false; readonly reason: string };

export interface Parsed {
  readonly observations: readonly Observation[];
  /** What was understood and left aside, with the reason, for `explain`. */
  readonly ignored: readonly { readonly what: string; readonly reason: string }[];
  /** Observations known to be missing from this delivery (e.g. truncated lists): absence must not mean resolved. */
  readonly truncated: number;
  /** The sender's own group, all of which a delivery tells that leaves nothing out; absent: the sender knows no groups. */
  readonly group?: string;
}

export type ParseResult =
  | { readonly ok: true; readonly parsed: Parsed }
  /** Not the vendor's format: joins the incident "unparsed deliveries" of this source and hour. */
  | { readonly ok: false; readonly reason: string };

export interface SourcePart<C> {
  readonly config: z.ZodType<C>;
  /** Whether the sender tells of an alert again and again while it fires: `perhaps`, as it is set up; absent: never. */
  readonly repeats?: 'always' | 'perhaps';
  verify(request: RawRequest, config: C, now: number): Verified;
  /** Pure and total: never throws, whatever the bytes. */
  parse(request: Pick<RawRequest, 'headers' | 'body'>, config: C): ParseResult;
  /**
   * Matchers of an alert that senders of this type can be made to send at all times, so that their silence is told from
   * quiet; absent: there is no such alert. `check` asks for an `expect:` of it.
   */
  readonly alwaysFires?: string;
  /** For vendors that demand a challenge reply before deliveries; null: not a handshake. */
  handshake?(
    request: RawRequest,
    config: C,
  ): { status: number; headers: Record<string, string>; body: string } | null;
}

/** Reconcile after an outage: what happened at the vendor since the last sign of life. Lives on the target, which has the token. */
export interface PollPart<C> {
  /** Observations since the instant, oldest first. */
  since(from: number, io: Io<C>): Promise<ReadResult<readonly Observation[]>>;
}

/** Why a page cannot be delivered, and what to write instead. */
export interface Lack {
  readonly what: string;
  readonly instead: string;
}

export interface PagerPart<C> {
  /** The vendor-side address of a page in a role's, service's or person's YAML, without `via`. */
  readonly address: z.ZodType<Record<string, unknown>>;
  /** Turns a person's contact (`people.<id>.<type>`) into an address; null when the contact cannot be paged. */
  personAddress(contact: unknown): Record<string, unknown> | null;
  /**
   * What the target's configuration lacks to ring an address that is valid by itself; null or absent: nothing. `check`
   * refuses such a page, which would be rejected at the moment of paging. Pure, and no capability of its own.
   */
  lacks?(address: Readonly<Record<string, unknown>>, config: C): Lack | null;
  trigger(order: PageOrder, io: Io<C>): Promise<Outcome>;
  acknowledge(order: PageOrder, io: Io<C>): Promise<Outcome>;
  resolve(order: PageOrder, io: Io<C>): Promise<Outcome>;
  /**
   * Writes the order's `body` where people see it beside what rings under the order's key, without ringing. It is asked
   * for when a page of another incident joins that ring; where it fails, the page rings all the same.
   */
  note?(order: PageOrder, io: Io<C>): Promise<Outcome>;
  /** Did it really arrive, is it acknowledged. */
  find?(order: PageSought, io: Io<C>): Promise<ReadResult<PageFound>>;
  /**
   * The same for many at once, from one listing of what is open at the vendor, which therefore must carry all that
   * `find` reads. Answers in the order of `orders`; null: the listing says nothing about it, because it is not in it or
   * the listing was cut, so that `find` has to be asked. Makes at most as many requests as asking singly would, and no
   * more pages than the vendor hands out. Listings lag behind at some vendors: they tell of answers and never confirm
   * that a page arrived.
   */
  list?(
    orders: readonly PageSought[],
    io: Io<C>,
  ): Promise<ReadResult<readonly (PageFound | null)[]>>;
  /**
   * The keys under which the vendor's object with this reference was asked for, where its events do not tell; empty: it
   * bears none, or none yet. By them an object of ours is known whose reference never reached us.
   */
  keysOf?(ref: string, io: Io<C>): Promise<ReadResult<readonly string[]>>;
}

export interface OnCallPerson {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
}

export interface OnCallPart<C> {
  /** Who is on call on the schedule at the instant; empty: nobody. */
  whoIsOn(
    schedule: { id: string; name: string },
    at: number,
    io: Io<C>,
  ): Promise<ReadResult<readonly OnCallPerson[]>>;
}

export interface StatusPagePart<C> {
  publish(order: PublishOrder, io: Io<C>): Promise<Outcome>;
  /** Whether exactly this post (token and, for updates, status and body) is on the page. */
  find(order: PublishOrder, io: Io<C>): Promise<ReadResult<PostFound>>;
  components?(
    io: Io<C>,
  ): Promise<ReadResult<readonly { id: string; name: string; status: string }[]>>;
}

export interface ChatPart<C> {
  post(order: PostOrder, io: Io<C>): Promise<Outcome>;
  openRoom?(order: RoomOrder, io: Io<C>): Promise<Outcome>;
  setTopic?(order: TopicOrder, io: Io<C>): Promise<Outcome>;
  invite?(order: InviteOrder, io: Io<C>): Promise<Outcome>;
  pin?(order: PinOrder, io: Io<C>): Promise<Outcome>;
  archiveRoom?(order: ArchiveOrder, io: Io<C>): Promise<Outcome>;
}

/** One finding of `doctor`. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly what: string;
  readonly hint: string;
}

export interface DoctorPart<C> {
  /** Checks token, names and ids, disabled services and maintenance, without paging anyone. */
  check(
    subject: {
      addresses: readonly unknown[];
      components: readonly { id: string; name: string }[];
      schedules: readonly { id: string; name: string }[];
    },
    io: Io<C>,
  ): Promise<readonly Finding[]>;
}

/** `S`: config of a `sources:` entry; `T`: config of a `targets:` entry. */
export interface Adapter<S = unknown, T = unknown> {
  readonly name: string;
  /** Schema of a target's YAML (without type and mode); absent: the adapter has no target side. */
  readonly config?: z.ZodType<T>;
  /** Schema of `people.<id>.<name>`, if people have a contact at this vendor. */
  readonly contact?: z.ZodType;
  /** The vendor ids (user id, e-mail) inside a person's contact, for recognising who acted. */
  contactIds?(contact: unknown): readonly string[];
  /**
   * How the vendor names us when it reports what we did there: ids, e-mails or names, letter case aside. An
   * acknowledgement or a resolve of ours is nobody's answer.
   */
  ownNames?(config: T): readonly string[];
  /** What the target's configuration lacks for us to be known by those names; null or absent: nothing. `check` warns of it. */
  ownNamesLack?(config: T): Lack | null;
  /** Methods, as `part.method`, for which the target's configuration lacks something: they are never called. */
  cannot?(config: T): readonly string[];
  /** The chat user inside a person's contact. */
  chatUser?(contact: unknown): string | null;
  readonly source?: SourcePart<S>;
  readonly poll?: PollPart<T>;
  readonly pager?: PagerPart<T>;
  readonly onCall?: OnCallPart<T>;
  readonly statusPage?: StatusPagePart<T>;
  readonly chat?: ChatPart<T>;
  readonly doctor?: DoctorPart<T>;
}

/** Any adapter, whatever its configs; the registry's element type. */
// eslint-disable-next-line typescript/no-explicit-any -- an array of adapters with different configs has no common supertype
export type AnyAdapter = Adapter<any, any>;

export type Registry = readonly AnyAdapter[];

/** Returns its argument: the types of the parts are checked here, at the adapter's one export. */
export function defineAdapter<S, T>(adapter: Adapter<S, T>): Adapter<S, T> {
  return adapter;
}
