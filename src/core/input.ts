/**
 * Inputs: everything that enters the core. Requests are imperative, facts are past tense. Each is an inbox row with an
 * actor; its id is the row's id.
 */
import type { Instant, Link } from './alert.ts';
import type { Effect, Settled } from './effect.ts';
import type { AddressId, ComponentId } from './keys.ts';
import type { ComponentStatus, Policy, Urgency, Where } from './policy.ts';
import type { Request } from './verbs/table.ts';

export type Actor =
  | { readonly kind: 'person'; readonly id: string; readonly via: string }
  /** A token that belongs to a machine, or a vendor's person we do not know. */
  | { readonly kind: 'machine'; readonly id: string; readonly via: string }
  | { readonly kind: 'source'; readonly id: string }
  | { readonly kind: 'tocsin' };

/** What routing found out about the alerts that open or join an incident. */
export interface RoutingFacts {
  readonly source: string;
  readonly team: string;
  readonly service: string | null;
  readonly rule: { readonly name: string; readonly where: Where } | null;
  readonly route: { readonly where: Where } | null;
  readonly groupKey: string;
  readonly trusted: boolean;
  readonly public: 'allowed' | 'never';
  /** Level the rules give, and the sentence that explains it. */
  readonly level: string | null;
  readonly because: string;
  readonly title: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where the sender says more: a runbook, a graph. */
  readonly links: readonly Link[];
}

/** The alerts of one incident that one turn brought, summed up. Counts are of distinct alerts after the turn. */
export interface AlertsSummary {
  readonly firing: number;
  readonly total: number;
  readonly newlyFiring: number;
  readonly newlyResolved: number;
  /** Earliest start among the alerts, by the vendor's clock. */
  readonly firstSignalAt: Instant;
  /** Some are known to be missing: absence proves nothing. */
  readonly truncated: boolean;
}

/** A vendor incident that rings a phone already and becomes the page of the service's on-call. */
export interface Adopted {
  readonly target: string;
  readonly ref: string;
  readonly key: string | null;
  readonly urgency: Urgency;
  /** People of the policy who are assigned there. */
  readonly people: readonly string[];
  readonly acknowledgedBy: string | null;
  readonly label: string;
}

export type Fact =
  | {
      readonly type: 'AlertsObserved';
      readonly facts: RoutingFacts;
      readonly alerts: AlertsSummary;
      /** Every service among the alerts that fire anew; `facts` are those of the worst one. */
      readonly services: readonly string[];
      readonly adopted: Adopted | null;
      /** Set when this incident is the parent that a storm's incidents join. */
      readonly storm: { readonly over: string; readonly children: readonly string[] } | null;
    }
  /** Something happened at the vendor to a page of ours (or one we adopted). */
  | {
      readonly type: 'PageObserved';
      readonly page: string;
      readonly action:
        | 'acknowledged'
        | 'unacknowledged'
        | 'resolved'
        | 'escalated'
        | 'reassigned'
        | 'merged'
        | 'noted';
      readonly ref: string;
      /** Person id, or the vendor's name of somebody unknown, or null for the vendor itself. */
      readonly by: string | null;
      readonly known: boolean;
      readonly text: string | null;
    }
  /** The moment has come at which something falls due, or at which everything is looked at again. */
  | { readonly type: 'TimePassed' }
  | { readonly type: 'EffectSettled'; readonly effect: Effect; readonly settled: Settled }
  /** A storm's parent was opened; public posts go by the parent from now on. */
  | { readonly type: 'JoinedParent'; readonly parent: string }
  /** Deliveries of a source that could not be read joined this incident. */
  | {
      readonly type: 'DeliveryUnparsed';
      readonly source: string;
      readonly reason: string;
      readonly count: number;
    };

/** What every input bears. */
export interface Stamp {
  /** Of the inbox row. */
  readonly id: string;
  readonly incident: string;
  readonly at: Instant;
  readonly actor: Actor;
}

export type Input = Stamp & (Fact | Request);

export type { Request } from './verbs/table.ts';

/** Where the phone of a page rings, or is about to, for "one person, one ring" across related incidents. */
export interface Ringing {
  readonly incident: string;
  readonly page: string;
  readonly person: string;
  /** What rings, and under which key of which pager. */
  readonly address: AddressId;
  readonly target: string;
  readonly key: string;
  readonly status: 'pending' | 'accepted' | 'confirmed';
  /** When this pager was asked for it: failover counts from here. */
  readonly at: Instant;
  readonly urgency: Urgency;
  /** When the page was wanted first, at whatever pager. */
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

export type Brake = 'public' | 'paging' | 'automation';

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
  /** `<target>/<schedule id>` -> people on call there, and how old the reading is. */
  readonly onCall: Readonly<
    Record<string, { readonly people: readonly string[]; readonly readAt: Instant }>
  >;
  /** The newest page that rings by the address, or is about to; null: none. */
  readonly ringAt: (address: AddressId) => Ringing | null;
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
  readonly pauses: Readonly<Partial<Record<Brake, Paused>>>;
  /** When paging was paused before, the oldest first: no wait for an answer ran down meanwhile. */
  readonly pagingWasPaused: readonly Interval[];
  /** The reloads of the last minutes, the oldest first: nothing falls due merely by one in the minute after it. */
  readonly reloads: readonly Reload[];
}

/** Nothing was looked up: for reading without an engine. */
export const NO_LOOKUPS: Lookups = {
  instance: '',
  onCall: {},
  ringAt: () => null,
  isShared: () => false,
  isAwaited: () => false,
  endedUnder: () => [],
  saidElsewhere: () => [],
  pauses: {},
  pagingWasPaused: [],
  reloads: [],
};
