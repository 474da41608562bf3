/** What a decision may look up beside its incident: read before it, by key, never a list of everything. */
import type { DraftId, PageId } from './made-ids.ts';
import type { Instant } from './alert.ts';
import type { AddressId, ComponentId } from './keys.ts';
import type { ComponentStatus, Policy, Urgency } from './policy.ts';

/** Where the phone of a page rings, or is about to, for "one person, one ring" across related incidents. */
export interface Ringing {
  readonly incident: string;
  readonly page: PageId;
  /** Null: the vendor decides whose phone rings. */
  readonly person: string | null;
  /** What rings, and under which key of which pager. */
  readonly address: AddressId;
  readonly target: string;
  readonly key: string;
  readonly status: 'pending' | 'accepted' | 'confirmed';
  /** When this pager was asked for it: failover counts from here. */
  readonly at: Instant;
  readonly urgency: Urgency;
  /** Of the incident; null: pending. */
  readonly level: string | null;
  /** Since when the phone rings by this page or the one that it joined; where no pager has taken it, since it was wanted first. */
  readonly since: Instant;
  readonly team: string;
  readonly service: string | null;
  readonly parent: string | null;
  readonly acknowledged: boolean;
}

/** What an incident says about a component of a public page. */
export interface ComponentSaid {
  readonly incident: string;
  readonly status: ComponentStatus;
  /** A post that names the component may be on the page, and is being looked up. */
  readonly isUnknown: boolean;
}

/** What a person can hold up for a while. */
export const PAUSABLE = ['public', 'paging', 'automation'] as const;
export type Pausable = (typeof PAUSABLE)[number];

/** No pause is longer: whoever needs more says so again. */
export const PAUSE_MAX_MS = 7 * 86_400_000;

/** A pause that holds now. */
export interface Paused {
  readonly since: Instant;
  readonly until: Instant;
  readonly by: string;
  readonly why: string;
}

/** From the first instant up to, not including, the second. */
export interface Interval {
  readonly from: Instant;
  readonly until: Instant;
}

export interface Reload {
  readonly since: Instant;
  /** What held until then. */
  readonly before: Policy;
}

/** A frozen snapshot loaded before deciding; what was used is copied into the event. No decision waits for a vendor. */
export interface Lookups {
  /** Minted with the database; part of every vendor key, so that two installations never share one. */
  readonly instance: string;
  /**
   * Another one each time that somebody goes on with less of the record than there was: of what was lost the vendors may
   * have pages, and a new page under the key of one of those would ring nobody. Empty until then.
   */
  readonly incarnation: string;
  /** By schedule: people on call there, and how old the reading is. */
  readonly onCall: Readonly<
    Record<string, { readonly people: readonly string[]; readonly readAt: Instant }>
  >;
  /** Pages of other incidents that ring by the address, or are about to: the few newest under each key that rings there. */
  readonly ringsAt: (address: AddressId) => readonly Ringing[];
  /** Whether another incident holds a page under the vendor's key that is not closed. */
  readonly isShared: (ring: { readonly target: string; readonly key: string }) => boolean;
  /** Whether another incident holds one that nobody has answered. */
  readonly isAwaited: (ring: { readonly target: string; readonly key: string }) => boolean;
  /**
   * How pages of other incidents under the vendor's key ended: by whose answer; null: without one, and the vendor's object
   * was closed.
   */
  readonly endedUnder: (ring: {
    readonly target: string;
    readonly key: string;
  }) => readonly (string | null)[];
  /** What other incidents say about the component. */
  readonly saidElsewhere: (component: ComponentId) => readonly ComponentSaid[];
  /** By when it is known at the latest whether a post of the incident, being sent now, has arrived; null: it is not being sent. */
  readonly onItsWayUntil: (draft: DraftId) => Instant | null;
  /** Whether an order to send the post, or to look for it, is in the outbox and not done. */
  readonly hasOrder: (draft: DraftId) => boolean;
  readonly pauses: Readonly<Partial<Record<Pausable, Paused>>>;
  /** When paging was paused before, the oldest first: no wait for an answer ran down meanwhile. */
  readonly pagingWasPaused: readonly Interval[];
  /** Since when its pager could not be asked by any way who has answered there; null: it could, or nobody waits for that. */
  readonly unreadSince: (ring: { readonly target: string; readonly key: string }) => Instant | null;
  /** The reloads of the last minutes, the oldest first: nothing falls due merely by one in the minute after it. */
  readonly reloads: readonly Reload[];
}

/** Nothing was looked up: for reading without an engine. */
export const NO_LOOKUPS: Lookups = {
  instance: '',
  incarnation: '',
  onCall: {},
  ringsAt: () => [],
  isShared: () => false,
  isAwaited: () => false,
  endedUnder: () => [],
  saidElsewhere: () => [],
  onItsWayUntil: () => null,
  hasOrder: () => false,
  pauses: {},
  pagingWasPaused: [],
  unreadSince: () => null,
  reloads: [],
};
