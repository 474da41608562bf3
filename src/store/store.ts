/**
 * The store: one small interface, the same for SQLite and PostgreSQL. What a turn has many of goes in batches, every
 * statement gets its time as an argument, and all writes of a turn share one transaction.
 *
 * Words: `seq` is the order of arrival within a table; a row is *unsettled* while `pending`, `sending` or `ambiguous`.
 */
import type { Lost } from './lost.ts';
import type { Signing } from './signing.ts';
import type { PageId } from '../core/model/made-ids.ts';
import type { Reason } from '../contract/outcome.ts';
import type { Instant } from '../core/model/alert.ts';
import type { Effect, Lane } from '../core/model/effect.ts';
import type { IncidentEvent } from '../core/model/event.ts';
import type { Incident } from '../core/model/incident.ts';
import type { Actor } from '../core/model/input.ts';
import type { Pausable } from '../core/model/lookups.ts';
import type { WakeUp } from '../core/deciding/owed.ts';
import type { PageAddress } from '../core/model/policy.ts';
import type { Refusal } from '../core/model/decision.ts';
import type { TurnedBack } from '../core/model/turning-back.ts';
import type { OpenedLately } from '../core/routing/route.ts';
import type { KnownAlert } from '../core/routing/routed.ts';
import type { CanaryRows, InboxOrigin } from './canary-rows.ts';

export interface InboxRow {
  /** Minted when it comes in, sortable by time. */
  readonly id: string;
  readonly origin: InboxOrigin;
  /** Null: what is stored cannot be read. Nothing is asked in the name of nobody. */
  readonly actor: Actor | null;
  /** Source name for webhooks and polls; else null. */
  readonly source: string | null;
  /** The id that the vendor repeats on its own retries, or an Idempotency-Key (prefixed by its token); else null. */
  readonly deliveryId: string | null;
  readonly receivedAt: Instant;
  readonly headers: Readonly<Record<string, string>>;
  /** Raw bytes of a delivery, or the JSON of a request. */
  readonly body: Uint8Array;
  /** Not decided before this instant (waits for a read-back); 0: at once. */
  readonly notBefore: Instant;
  /** Decision attempts that threw. */
  readonly failures: number;
}

/** What became of an inbox row. `undecided` is the only one that is not final. */
export type Disposition =
  | {
      readonly kind: 'undecided';
      readonly notBefore: Instant;
      readonly failures: number;
      readonly why: string;
    }
  /** Joined or opened these incidents. */
  | {
      readonly kind: 'decided';
      readonly incidents: readonly string[];
      readonly note: string;
      readonly answer: string | null;
    }
  | { readonly kind: 'suppressed'; readonly note: string }
  | { readonly kind: 'ignored'; readonly note: string }
  /** A request the core refused. */
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'unparsed'; readonly incident: string; readonly note: string };

export interface InboxPut {
  readonly id: string;
  /** The row with the same (source, delivery id) that was there first; null: this one is new. */
  readonly duplicateOf: string | null;
}

export interface TakeQuery {
  readonly now: Instant;
  /** Fewer of large bodies, but at least one. */
  readonly limit: number;
  /** The place up to which the rows were taken before; 0: from the beginning. */
  readonly after: number;
  readonly isKnown: (id: string) => boolean;
}

export interface Taken {
  readonly rows: readonly InboxRow[];
  /** The place to go on from. */
  readonly upTo: number;
  /** There are no others. */
  readonly isAll: boolean;
}

/** One row per (source, dedup key), as routing knows it. */
export type AlertRow = KnownAlert;

/** How many distinct alerts an incident has. */
export interface AlertCount {
  readonly firing: number;
  /** Not heard of for so long that they count as firing no more. */
  readonly stale: number;
  /** A firing of so many waits for another word. */
  readonly held: number;
  readonly total: number;
}

/**
 * What subjects share. A group of alerts and an address that rings have one holder at a time; a component of a public page
 * and a sender's group that is not told of in whole have any number.
 */
export interface ClaimKey {
  readonly kind: 'group' | 'ring' | 'component' | 'left_out';
  readonly key: string;
}

export interface ClaimRow extends ClaimKey {
  readonly holder: string;
  /** What the holder says about it, as JSON. */
  readonly value: string | null;
}

/**
 * A claim that is wanted. Where it cannot be had the whole change is refused: a group must be free or held already; of an
 * address the row must still say what the decision was made by, and goes to whoever rings it last.
 */
export type ClaimTake =
  | {
      readonly kind: 'group' | 'component' | 'left_out';
      readonly key: string;
      readonly value: string | null;
    }
  | {
      readonly kind: 'ring';
      readonly key: string;
      readonly value: string;
      /** What the row said when it was read; null: there was none. */
      readonly was: string | null;
    };

/** What one change does to claims, in its own transaction. */
export interface ClaimsChange {
  readonly take: readonly ClaimTake[];
  /** Gives up what is still held; key null: all of the kind. */
  readonly release: readonly { readonly kind: ClaimKey['kind']; readonly key: string | null }[];
}

/** Where a vendor's key or reference leads; one row per ring. */
export interface PageRow {
  readonly incident: string;
  readonly page: PageId;
  readonly target: string;
  readonly key: string;
  /** When its page was asked for. */
  readonly since: Instant;
  /** When its pager was asked for it last, as far as is known. */
  readonly askedAt: Instant;
  readonly ref: string | null;
  readonly state: 'open' | 'acknowledged' | 'closed';
  /** The vendor may know it under a reference that we do not know: an unmatched event of that target may be about it. */
  readonly unconfirmed: boolean;
  /** It rings there and nobody has answered, or its end is to be heard of: the vendor is asked about it. */
  readonly awaitsAnswer: boolean;
  /** Since when its pager is to show what was answered or ended here; null: it owes that nothing, or is still to be told. */
  readonly toldAt: Instant | null;
  /** No pager has accepted its page. */
  readonly unreachable: boolean;
  /** What rings there; references to secrets, never secrets. */
  readonly address: PageAddress;
}

/** A page that reaches nobody. */
export interface UnreachablePage {
  readonly incident: string;
  readonly page: PageId;
  /** When it was wanted. */
  readonly since: Instant;
}

/** An object at a vendor, by its reference there. */
export interface VendorObject {
  /** Of the vendor: the target whose objects a source speaks of, else the source itself. */
  readonly account: string;
  readonly ref: string;
}

/** The newest word about an object in one respect, and when that happened there. */
export interface HeardWord {
  readonly about: 'answer' | 'end';
  /** Whether somebody has answered, or it is over. */
  readonly says: boolean;
  readonly at: Instant;
}

/** The one instant at which an incident is looked at again, and what that instant was derived from. */
export interface Wake extends WakeUp {
  /** Names the policy and what was looked up; a wake-up of another basis is derived anew. */
  readonly basis: string;
}

/** Where a read of pages goes on. */
export interface PageCursor extends Pick<PageRow, 'key' | 'incident'> {
  /** Empty: before all of them. */
  readonly page: PageId | '';
}

export interface IncidentRow {
  readonly id: string;
  readonly version: number;
  /** Of its first signal, as the state has it. */
  readonly source: string;
  /** Null: what is stored cannot be read; the events say the same. */
  readonly state: Incident | null;
  /** Null: nothing is owed any more. */
  readonly wake: Wake | null;
  /** File of the archive that it was moved to: it can be read, and does not change any more. Null: it is here. */
  readonly archive: string | null;
}

/** What has events, a state and a wake-up of its own. Conflicts are per subject. */
export interface Subject {
  readonly kind: 'incident';
  readonly id: string;
}

/** Everything that the decisions about one subject change, committed together. */
export interface Change {
  readonly subject: Subject;
  /** Version the decision was made at; 0 for a new subject. */
  readonly expectedVersion: number;
  readonly events: readonly IncidentEvent[];
  readonly state: Incident;
  /** New outbox rows. */
  readonly effects: readonly Effect[];
  readonly wake: Wake | null;
  readonly pages: readonly PageRow[];
  readonly claims: ClaimsChange;
}

export type ChangeResult =
  | { readonly ok: true }
  /** Somebody else was faster: load again and decide again. */
  | { readonly ok: false; readonly conflict: 'version' | 'claim_taken' };

export type OutboxStatus = 'pending' | 'sending' | 'ambiguous' | 'done' | 'dead' | 'superseded';

export interface OutboxRow {
  readonly effect: Effect;
  readonly seq: number;
  readonly status: OutboxStatus;
  /** Attempts started. */
  readonly attempt: number;
  /** When the first attempt was due: failover and giving up count from here. */
  readonly firstDueAt: Instant;
  readonly dueAt: Instant;
  readonly leaseUntil: Instant;
  /** Raised by each lease; a settlement with an older fence is refused. */
  readonly fence: number;
  /** Some earlier attempt ended without an answer: it may have taken effect. */
  readonly ambiguous: boolean;
  readonly lastOutcome: string | null;
  /**
   * Why the last attempt was refused by the target, which is asked on; null: it was not. A later order of its stream about a
   * public post takes the place of one that was.
   */
  readonly refused: Reason | null;
}

/** A row of the outbox of which nobody can tell what was to be sent. It is settled, and somebody must be told. */
export interface ParkedRow {
  readonly seq: number;
  readonly id: string;
  readonly incident: string;
  readonly target: string;
}

/** Rows of the outbox that were taken over, and what could not be read of them. */
export interface TakenRows {
  readonly rows: readonly OutboxRow[];
  readonly parked: readonly ParkedRow[];
}

/** Rows of the outbox that wait. */
export type WaitingRows =
  | { readonly ids: readonly string[] }
  /** All that the pause holds. */
  | { readonly heldBy: Pausable }
  /** Of the pages, what waits at the target to be tried again and no pause holds. */
  | { readonly pagesAt: string };

/** Which rings are wanted. */
export type RingQuery =
  /** Of any of these keys that we gave. */
  | { readonly target: string; readonly keys: readonly string[] }
  /** In one state under one of these keys: so many of the newest, the newest first. */
  | (Pick<PageRow, 'target' | 'key' | 'state'> & { readonly newest: number })
  | { readonly target: string; readonly ref: string }
  /**
   * That the vendor may know under a reference that we do not know, at most 100, the one that it was asked for last first;
   * those of closed pages only if that was after the instant.
   */
  | { readonly target: string; readonly unconfirmedSince: Instant };

/** A row that is not as it was written: a bad disk or a hand has spoilt it. */
export interface SpoiltRow {
  readonly table: string;
  /** By what the row is found. */
  readonly row: string;
  readonly column: string;
}

export interface LeaseQuery {
  readonly now: Instant;
  readonly leaseMs: number;
  /** Free send slots per lane; none of a lane that is absent. */
  readonly slots: Readonly<Partial<Record<Lane, number>>>;
  /** Targets that must not be called now (Retry-After, rate). */
  readonly except: readonly string[];
}

export interface Settlement {
  readonly id: string;
  readonly fence: number;
  readonly status: Exclude<OutboxStatus, 'sending'>;
  /** For `pending` and `ambiguous`: when it is due again. */
  readonly dueAt: Instant;
  readonly outcome: string;
  /** For `pending`: the pause at whose end the row is due, however early that comes; null: nothing holds it. */
  readonly heldBy: Pausable | null;
  /** Why the target refuses all that is asked there; null: it does not. */
  readonly refused: Reason | null;
  readonly at: Instant;
}

/** Writes and the reads that decide them, all inside one transaction. */
export interface Tx extends CanaryRows {
  putInbox(rows: readonly InboxRow[]): Promise<readonly InboxPut[]>;
  /** Undecided rows that are due and that the caller does not have yet, oldest first. */
  takeInbox(query: TakeQuery): Promise<Taken>;
  dispose(
    rows: readonly {
      readonly id: string;
      readonly disposition: Disposition;
      readonly at: Instant;
    }[],
  ): Promise<void>;

  alerts(
    keys: readonly { readonly source: string; readonly dedupKey: string }[],
  ): Promise<readonly AlertRow[]>;
  putAlerts(rows: readonly AlertRow[]): Promise<void>;
  /** Firing alerts of the source of which it has not spoken since the instant, the longest first. */
  unheardAlerts(query: {
    readonly source: string;
    readonly since: Instant;
    readonly limit: number;
    /** Only those whose dedup key begins so; without: all. */
    readonly keysBegin?: string;
    /** Only those of this incident; without: all. */
    readonly incident?: string;
  }): Promise<readonly AlertRow[]>;
  /** A delivery of the sender's group left alerts out: what fires of the group counts as heard of. */
  hearGroup(group: { readonly source: string; readonly group: string }, at: Instant): Promise<void>;
  /** Distinct alerts of the incidents. */
  alertCounts(incidents: readonly string[]): Promise<Readonly<Record<string, AlertCount>>>;
  claims(keys: readonly ClaimKey[]): Promise<readonly ClaimRow[]>;

  incidents(ids: readonly string[]): Promise<readonly IncidentRow[]>;
  apply(changes: readonly Change[]): Promise<readonly ChangeResult[]>;

  /** Incidents whose wake-up has come: the worst level first, then the one that has waited longest. */
  dueIncidents(now: Instant, limit: number): Promise<readonly string[]>;
  /** Incidents whose wake-up was derived from another basis, and open ones that lost theirs. */
  staleIncidents(basis: string, limit: number): Promise<readonly string[]>;
  /** Moves wake-ups of incidents that do not change otherwise. */
  rearm(rows: readonly { readonly incident: string; readonly wake: Wake | null }[]): Promise<void>;
  lease(query: LeaseQuery): Promise<TakenRows>;
  /** False: the fence was old, and the late result changes nothing. */
  settle(rows: readonly Settlement[]): Promise<readonly boolean[]>;
  /** Rows of the incident that wait or are being sent. */
  unsettled(incident: string): Promise<readonly OutboxRow[]>;
  /** `sending` rows whose lease ended (at start: `now = Infinity`, all of them) become `ambiguous` and are returned. */
  recoverSending(now: Instant): Promise<TakenRows>;
  /** Marks rows that wait as due now. */
  wake(which: WaitingRows, now: Instant): Promise<void>;

  pages(query: RingQuery): Promise<readonly PageRow[]>;
  /** What was heard last of the object, in each respect in which anything was. */
  heardOf(object: VendorObject): Promise<readonly HeardWord[]>;
  /** In place of what was heard in that respect before. */
  hear(object: VendorObject, word: HeardWord): Promise<void>;
  /** What tells of a storm: of the incidents that stand for themselves at most `limit`, opened after the instant. */
  openedLately(query: { readonly since: Instant; readonly limit: number }): Promise<OpenedLately>;

  /** The next incident number, counting from 1; gaps are possible, repeats are not. */
  nextIncidentNumber(): Promise<number>;
  /** Gives a number back that nothing was opened under, where it is still the newest. */
  returnIncidentNumber(number: number): Promise<void>;
  /** Durable values by key: pauses, signs of life, vendor readings, configurations, tokens. Null deletes. */
  setMeta(key: string, value: string | null): Promise<void>;
  meta(key: string): Promise<string | null>;

  /** Counts what rows and durable values tell of later moments that much earlier; incidents are told by themselves. */
  turnBack(turned: TurnedBack): Promise<void>;
}

/** An event on its incident's hash chain; `checkChain` of chain.ts tells whether a chain is whole. */
export interface ChainLink {
  readonly event: IncidentEvent;
  /** SHA-256 over `previous` and the event, hex. */
  readonly hash: string;
  readonly previous: string;
}

/** The events of an incident as they are stored, and how they end by the incident's row. */
export interface StoredRecord {
  readonly incident: string;
  /** File of the archive to which it was moved; null: it is here. */
  readonly archive: string | null;
  /** Why that file cannot be read; null: it can. */
  readonly missing: string | null;
  /** Null: the row is gone. */
  readonly end: { readonly version: number; readonly hash: string } | null;
  /** In order of version; an event is null when what is stored of it cannot be read. */
  readonly links: readonly (Omit<ChainLink, 'event'> & { readonly event: IncidentEvent | null })[];
}

/** Reads for people, and for what looks after pages and rows; never inside a decision. */
export interface Reads {
  /** By exact id, or by a prefix that only one incident has, for people typing on a phone. */
  incident(id: string): Promise<IncidentRow | null>;
  /** Newest first; `before` is the id of the last one of the page before. */
  listIncidents(query: {
    readonly open: boolean | null;
    readonly limit: number;
    readonly before: string | null;
  }): Promise<readonly IncidentRow[]>;
  /** Events with their chain hashes, in order of version. */
  timeline(incident: string): Promise<readonly ChainLink[]>;
  /** All that is stored of the incident's events, readable or not, as of one moment. */
  record(incident: string): Promise<StoredRecord>;
  /** Id of the next incident that has a row or events, in the order of ids; null: there is none behind. */
  nextRecord(after: string): Promise<string | null>;
  outboxOf(incident: string): Promise<readonly OutboxRow[]>;
  /** Every ring of the incident that is kept. */
  pagesOf(incident: string): Promise<readonly PageRow[]>;
  /** Alerts that lead to the incident now, the firing ones first. */
  alertsOf(incident: string, limit: number): Promise<readonly AlertRow[]>;
  /** Pages of open incidents that await an answer at the target, by key, incident and page; `after`: behind that one. */
  openPages(query: {
    readonly target: string;
    readonly after: PageCursor | null;
    readonly limit: number;
  }): Promise<readonly PageRow[]>;
  /**
   * Rings by which nobody is wanted any more and which the vendor may carry out yet, or once more: those that it was asked
   * for after the instant, the last one first.
   */
  lateRings(query: {
    readonly target: string;
    readonly since: Instant;
    readonly limit: number;
  }): Promise<readonly PageRow[]>;
  /** Rings that the target was told after the instant are answered or over here, the last one first. */
  toldRings(query: {
    readonly target: string;
    readonly since: Instant;
    readonly limit: number;
  }): Promise<readonly PageRow[]>;
  inboxRow(
    id: string,
  ): Promise<{ readonly row: InboxRow; readonly disposition: Disposition } | null>;
  meta(key: string): Promise<string | null>;
  /** The values whose keys begin so, by key. */
  metas(prefix: string): Promise<readonly { readonly key: string; readonly value: string }[]>;
  health(now: Instant): Promise<{
    /** Inbox rows without a final disposition, but for those that are held. */
    readonly undecided: number;
    /** Inbox rows that are meant to wait. */
    readonly held: number;
    /** Age in ms of the oldest due, undecided inbox row, unsettled outbox row or wake-up; 0: nothing is late. */
    readonly oldestDueMs: number;
    /** The same without posts and messages: of pages, and of incidents, which may owe one. */
    readonly oldestPageMs: number;
    /** The same of what only Tocsin itself can hold up: deliveries and incidents, whatever a vendor makes wait. */
    readonly oldestTurnMs: number;
    readonly ambiguous: number;
    readonly dead: number;
    readonly openIncidents: number;
    /** Pages that no pager has accepted, each once, the oldest first; of very many the first hundred. */
    readonly unreachable: readonly UnreachablePage[];
  }>;
  /**
   * The earliest instant after that one at which an inbox row, an incident or an outbox row falls due, or null. What is due
   * by then is no answer: it may be blocked, and would hide what comes next.
   */
  nextDueAt(after: Instant): Promise<Instant | null>;
}

/** A file of the archive that holds less than was moved into it. */
export interface ArchiveTrouble {
  readonly file: string;
  /** So many were moved into it. */
  readonly incidents: number;
  readonly why: string;
}

/** What one move into the archive has come to. */
export interface Archived {
  readonly moved: number;
  /** Incidents whose record is not as it was written: they stay where they are, for `verify` to show. */
  readonly left: number;
  /** There is more to move, and no room for it. */
  readonly isDiskShort: boolean;
}

/** How much is stored, in bytes and in rows. */
export interface StoreSizes {
  /** `unused`: space inside of the database, which it fills before it grows; `ballast`: kept for a full disk. */
  readonly bytes: Readonly<
    Record<'database' | 'log' | 'unused' | 'archive' | 'ballast' | 'disk_free', number>
  >;
  /** Closed ones that are not archived. */
  readonly incidents: Readonly<Record<'open' | 'closed' | 'archived', number>>;
  /** Rows of the database; of the inbox and of the outbox from the oldest to the newest, so at most so many. */
  readonly rows: Readonly<Record<'events' | 'inbox' | 'outbox', number>>;
}

/** What the store can do now. */
export type StoreCondition =
  | { readonly kind: 'ok' }
  /** The disk is full. Answer deliveries with 503 before they are stored: the space that is left is for open incidents. */
  | { readonly kind: 'refusing'; readonly problem: StoreUnavailable }
  /** A read or write failed and nobody knows what reached the disk: stop the process; the next start recovers. */
  | { readonly kind: 'broken'; readonly problem: StoreUnavailable };

/** What a start has found of what was committed before it. */
export interface Recovered {
  /** Transactions that the database holds, without this start's own. */
  readonly commits: number;
  /** Transactions that are known to have been committed; null: there was no marker to say so. */
  readonly known: number | null;
  /** Whether the process before ended by itself. */
  readonly isClosed: boolean;
  /** There was a marker, and it could not be read. */
  readonly isMarkerSpoilt: boolean;
  /** A person has gone on with so many commits of so many, a copy of what was readable, or a backup; null: nobody had to. */
  readonly accepted: Lost | null;
  /** The newest instant that anything stored tells of; 0: there is none. */
  readonly newestAt: Instant;
}

/** A copy of everything that was committed at one moment; it was read as a whole. */
export interface Backup {
  /** Its folder. */
  readonly path: string;
  readonly bytes: number;
  readonly commits: number;
  readonly incidents: number;
  /** What of the data itself is not as it was written, as sentences; such a copy keeps no other from being kept. */
  readonly flaws: readonly string[];
}

/** What neither of the two keeps is deleted. */
export interface KeepBackups {
  /** So many of the newest. */
  readonly last: number;
  readonly forMs: number;
}

export interface Backups {
  /** Why none can be made in that folder; null: they can. */
  problemWith(to: string): StoreUnavailable | null;
  /**
   * Makes one in a folder of its own in that one, while everything else goes on; one at a time.
   * @throws StoreUnavailable when it cannot be made or what was copied cannot be read; nothing of it is left then
   */
  make(to: string, now: Instant): Promise<Backup>;
  /** Deletes what need not be kept of those that this installation has made there, never the newest; returns their names. */
  prune(to: string, keep: KeepBackups, now: Instant): Promise<readonly string[]>;
}

export interface Store {
  /** Runs the work in one transaction and commits; rolls back and rethrows when the work throws. One at a time. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  readonly reads: Reads;
  /** Cheap: to be asked before every intake. Goes back from `refusing` to `ok` by itself once there is room. */
  condition(): StoreCondition;
  /** Rows met since the start that are not as they were written; what of them can be read goes on. */
  spoilt(): readonly SpoiltRow[];
  readonly recovered: Recovered;
  readonly backups: Backups;
  readonly signing: Signing;
  /**
   * Deletes inbox rows decided, outbox rows settled, and resolved alerts of incidents that are over, before the instant;
   * returns how many. Events, incidents and rings stay. Other transactions run in between.
   * @param rest lets everything else come first; nothing waits when absent
   */
  retain(before: Instant, rest?: () => Promise<void>): Promise<number>;
  /**
   * Moves incidents that are over, owe nothing and had their last event before the instant to the archive, with all that
   * reads tell of them. They are read from there; nothing changes them any more. Other transactions run in between.
   * @param rest as for `retain`
   * @throws Error when the archive cannot be written, with why; what is not moved stays where it is
   */
  archive(before: Instant, rest?: () => Promise<void>): Promise<Archived>;
  /**
   * Which files of the archive are gone or hold less than was moved into them. Of one that was taken away on purpose, with
   * `2024.db.away` in its place, nothing is said.
   */
  archiveTroubles(): readonly ArchiveTrouble[];
  /** Cheap: counts no rows one by one. */
  sizes(): StoreSizes;
  /** Makes sure of what was committed, and notes that it is so late; to be called once a minute. */
  checkpoint(now: Instant): Promise<void>;
  close(): Promise<void>;
}

/** The database cannot be written now (full disk, lock, lost connection): the caller answers 503 and nothing is lost. */
export class StoreUnavailable extends Error {
  readonly hint: string;
  /** Tocsin is stopping: nothing is wrong with the database. */
  readonly isClosed: boolean;
  /** A file of the archive cannot be read: all else can. */
  readonly isOfArchive: boolean;
  /** Whoever asked for it has named the wrong thing, and reads so: nothing is ill of which somebody else must hear. */
  readonly isMisuse: boolean;
  constructor(
    message: string,
    hint: string,
    options?: ErrorOptions & {
      readonly isClosed?: boolean;
      readonly isMisuse?: boolean;
      readonly isOfArchive?: boolean;
    },
  ) {
    super(message, options);
    this.name = 'StoreUnavailable';
    this.hint = hint;
    this.isClosed = options?.isClosed ?? false;
    this.isMisuse = options?.isMisuse ?? false;
    this.isOfArchive = options?.isOfArchive ?? false;
  }
}
