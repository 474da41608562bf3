/**
 * What enters the core: facts, in the past tense, and the stamp that facts and requests bear. Each is an inbox row with
 * an actor; its id is the row's id. The requests of people are made from the table of verbs.
 */
import type { PageId } from './made-ids.ts';
import type { Instant, Link } from './alert.ts';
import type { Effect, Settled } from './effect.ts';
import type { Urgency, Where } from './policy.ts';
import type { TurnedBack } from './turning-back.ts';

export type Actor =
  | { readonly kind: 'person'; readonly id: string; readonly via: string }
  /** A token that belongs to a machine, or a vendor's person we do not know. */
  | { readonly kind: 'machine'; readonly id: string; readonly via: string }
  | { readonly kind: 'source'; readonly id: string }
  | { readonly kind: 'tocsin' };

/** What routing found out about the alerts that open or join an incident. */
export interface Routing {
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
  /** Not heard of for so long that they count as firing no more. */
  readonly stale: number;
  /** A firing of so many waits for another word of its sender. */
  readonly held: number;
  readonly total: number;
  readonly newlyFiring: number;
  readonly newlyResolved: number;
  readonly newlyStale: number;
  /** They were stale, and fire since the same moment as before. */
  readonly heardAgain: number;
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

/** How whole a delivery was: what it left out may fire. */
export interface Told {
  readonly source: string;
  /** What a later delivery must tell of in whole: the sender's group or, where it knows none, the source. */
  readonly group: string;
  /** Alerts that the sender left out. */
  readonly leftOut: number;
}

export type Fact =
  | {
      readonly type: 'AlertsObserved';
      readonly routing: Routing;
      readonly alerts: AlertsSummary;
      /** How whole the deliveries were that told of it, one per group: the last one counts. */
      readonly told: readonly Told[];
      /** Who has not spoken of those that are newly stale, and for how long; null: none are. */
      readonly unheard: { readonly source: string; readonly afterMs: number } | null;
      /** Of how many that fire anew nobody told that they had ended, and when the last of them was heard of; null: of none. */
      readonly endedUnheard: { readonly alerts: number; readonly heardAt: Instant } | null;
      /** Of the worst among the alerts that the incident has never heard of; null: it knows them all. */
      readonly news: Routing | null;
      /** Every service among the alerts that fire anew; `routing` is that of the worst one. */
      readonly services: readonly string[];
      readonly adopted: Adopted | null;
      /** Set when this incident is the parent that a storm's incidents join. */
      readonly storm: { readonly over: string; readonly children: readonly string[] } | null;
    }
  /** Something happened at the vendor to a page of ours (or one we adopted). */
  | {
      readonly type: 'PageObserved';
      readonly page: PageId;
      /** The ring that is meant: one page may ring at several pagers, and by several addresses at one. */
      readonly target: string;
      readonly key: string;
      readonly action:
        /** It rings: told of a ring whose reference there is not known. */
        | 'triggered'
        | 'acknowledged'
        | 'unacknowledged'
        /** What had ended there rings again. */
        | 'reopened'
        /** It is not so there as it was answered or ended here, although that was taken. */
        | 'rings on'
        | 'resolved'
        | 'escalated'
        | 'reassigned'
        | 'merged'
        | 'noted';
      /** Of the object there; empty: it is not known. */
      readonly ref: string;
      /** Person id, or the vendor's name of somebody unknown, or null for the vendor itself. */
      readonly by: string | null;
      readonly known: boolean;
      readonly text: string | null;
      /** When the vendor says that it happened; missing: it does not. */
      readonly saidAt?: Instant | null;
    }
  /** The pager was asked who has answered what rings there for the incident. */
  | {
      readonly type: 'AnswersAsked';
      readonly target: string;
      /** Since when that could not be read of a ring which nobody has answered, and why; null: it was read of each. */
      readonly unread: { readonly since: Instant; readonly why: string } | null;
    }
  /** The moment has come at which something falls due, or at which everything is looked at again. */
  | { readonly type: 'TimePassed' }
  /** Time was turned back, as a person has accepted. */
  | ({ readonly type: 'ClockTurnedBack' } & TurnedBack)
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
  readonly actor: Actor;
}
