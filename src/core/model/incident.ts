/**
 * The incident: its state as plain JSON, and nothing else. How it changes stands in `event.ts` (what happened),
 * `events.ts` (the fold) and `decide.ts` (what to do).
 *
 * Axes kept apart:
 * - the response phase: triage -> investigating <-> identified <-> monitoring -> resolved -> closed. In triage only the
 *   service's on-call rings; declaring pages the level's roles and starts the public clocks. `closed` without
 *   `declaredAt` is a false positive or an alert that cleared by itself.
 * - the acknowledgement of each page: open -> acknowledged -> closed.
 * - the public status per status page: what is published, what waits for approval.
 * - mitigated (monitoring) versus root cause removed.
 *
 * No clock stands here: the state holds anchors (since when, last said, last sent), and `owed.ts` tells what follows from
 * them and when it falls due.
 */
import type { DraftId, PageId } from './made-ids.ts';
import { SELF } from './about-tocsin.ts';
import type { Instant } from './alert.ts';
import type { Actor, Routing } from './input.ts';
import type { Interval } from './lookups.ts';
import type {
  AlarmKey,
  EvidenceId,
  NoticeKey,
  ResponseClock,
  EscalationId,
  EscalationKey,
} from './keys.ts';
import type {
  Cadence,
  ComponentStatus,
  EscalationStep,
  FlagPolicy,
  ImpactMeasure,
  Level,
  PageAddress,
  Recipient,
  Role,
  Urgency,
} from './policy.ts';

export type Phase =
  | 'triage'
  | 'investigating'
  | 'identified'
  | 'monitoring'
  | 'resolved'
  | 'closed';
export type PublicStatus = 'investigating' | 'identified' | 'monitoring' | 'resolved';

/** Raised when the shape below changes; a stored state of another format is rebuilt from its events. */
export const INCIDENT_FORMAT = 17;

export interface Ring {
  readonly target: string;
  readonly address: PageAddress;
  /** Vendor-side dedup key. */
  readonly key: string;
  readonly status:
    | 'pending'
    | 'accepted'
    | 'confirmed'
    /** Accepted, but read-back did not find it. */
    | 'lost'
    | 'failed'
    | 'withheld'
    /** Is to ring under another incident's key, which its pager has not confirmed yet. */
    | 'joining'
    /** Rings under another incident's key: one person, one ring. */
    | 'joined'
    | 'closed';
  readonly ref: string | null;
  /** Where a person sees it at the vendor. */
  readonly url: string | null;
  readonly finds: number;
  /** Its pager has spoken of it by itself: it is looked for no more. */
  readonly isSpokenOf: boolean;
  /** When it was asked for: failover counts from here. */
  readonly at: Instant;
  /** When its pager was asked for it last, as far as is known: what it has not carried out long after that comes no more. */
  readonly askedAt: Instant;
  /** Nobody knows what became of an attempt: once it is over there, that one may be carried out yet, by another name. */
  readonly mayComeAgain: boolean;
  /**
   * Since when an answer to what it joined is for this as well: it could be seen there, or nothing can be shown there. Null:
   * it is not seen yet, or rings by itself.
   */
  readonly joinedAt: Instant | null;
}

export interface Page {
  readonly id: PageId;
  /** Null: the vendor decides whose phone rings. */
  readonly person: string | null;
  readonly label: string;
  /** All addresses in failover order; the first `rings` of them have been rung. */
  readonly addresses: readonly PageAddress[];
  readonly rings: readonly Ring[];
  readonly escalations: readonly EscalationId[];
  readonly urgency: Urgency;
  readonly state: 'open' | 'acknowledged' | 'closed';
  readonly adopted: boolean;
  /** Pages in whose place it rings: they ring on until a pager has it. */
  readonly insteadOf: readonly PageId[];
  readonly requestedAt: Instant;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: Instant | null;
  /** When it was said that no pager accepts it; null: one has, or there is time yet. */
  readonly unreachableSince: Instant | null;
  /** When it was resolved at its pager while alerts fired; null: that has not been, or it has rung again since. */
  readonly endedThereAt: Instant | null;
}

/** One escalation under way, pinned to the policy it began with. */
export interface Escalation {
  readonly id: EscalationId;
  /** Whom it looks for; `id` is its encoding. */
  readonly key: EscalationKey;
  /** What it is about, where the key does not tell: who is tested, why the next tier is called. */
  readonly about: string | null;
  readonly recipient: Recipient;
  readonly fallback: readonly Recipient[];
  readonly walk:
    | {
        readonly kind: 'policy';
        readonly policy: string;
        readonly steps: readonly EscalationStep[];
      }
    | {
        readonly kind: 'vendor';
        readonly unanswered: { readonly afterMs: number; readonly page: Recipient } | null;
      };
  /** Index of the step being waited on. */
  readonly step: number;
  /** When that step was entered; its wait counts from here. Of an alarm that was answered: when that was. */
  readonly since: Instant;
  readonly urgency: Urgency;
  readonly state: 'open' | 'answered' | 'exhausted' | 'ended';
  readonly answeredBy: string | null;
  /** When the news came for which it was started: what anybody did before is no answer to it. Null: it is for no news. */
  readonly newsAt: Instant | null;
}

/** What a post is for, and since when: from this and from the policy follows when it should be on the page. */
export type PostAnchor =
  | {
      /** The first one on its page. */
      readonly kind: 'first';
      readonly since: Instant;
      /** For a level that sets no time for it any more. */
      readonly withinMs: number;
    }
  | {
      /** Something has changed. */
      readonly kind: 'news';
      readonly since: Instant;
    }
  | ({
      /** What the page must hear next. */
      readonly kind: 'update';
      readonly since: Instant;
    } & Awaited);

/** What the readers of a page wait for. */
export interface Awaited {
  /** "Next update at", as published. */
  readonly promisedAt: Instant | null;
  /** When the level was raised after the last post: the next update comes no later than the new level's interval from here. */
  readonly raisedAt: Instant | null;
}

export interface DraftPost {
  readonly id: DraftId;
  readonly target: string;
  readonly status: PublicStatus;
  /** The repeat of the last status on the cadence. */
  readonly unchanged: boolean;
  /** Words of a person in it; empty: none. */
  readonly text: string;
  readonly title: string;
  readonly body: string;
  /** Component id -> state. An end has none until it is published: what it takes back is known when it is sent. */
  readonly components: Readonly<Record<string, ComponentStatus>>;
  readonly approval: 'none' | 'required';
  readonly state: 'waiting' | 'queued' | 'unknown' | 'published' | 'withdrawn' | 'failed';
  readonly draftedAt: Instant;
  readonly anchor: PostAnchor;
  /** The promise inside the text; null: none. */
  readonly nextUpdateAt: Instant | null;
  readonly approvedBy: string | null;
  readonly approvedAt: Instant | null;
  /** When a person was last asked to approve it. */
  readonly askedAt: Instant;
  /** Look-ups asked for since nobody knows whether it is on the page; 0: it is known not to be there. */
  readonly finds: number;
  readonly resends: number;
}

/** Why a post is not on its page: it was refused, nobody knows whether it is there, its page is off, or it was not sent. */
export type PostFailure =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown' | 'in_doubt' | 'off' | 'not_sent' };

/** One status page. */
export interface PublicPage extends Awaited {
  readonly target: string;
  /** What it says, or, of an end, what somebody has seen to by hand. */
  readonly published: PublicStatus | null;
  readonly ref: string | null;
  /** Where everybody reads it. */
  readonly url: string | null;
  readonly publishedAt: Instant | null;
  /** Components we set, to be reset on resolve. */
  readonly components: Readonly<Record<string, ComponentStatus>>;
  /** The draft that a person rejected last; null: another one was drafted since. */
  readonly rejected: { readonly at: Instant; readonly anchor: PostAnchor } | null;
  /** The post that failed there last; null: one has arrived since. */
  readonly failure: {
    readonly at: Instant;
    readonly draft: DraftId;
    readonly why: PostFailure;
  } | null;
}

/** A flag that was set. */
export interface FlagState {
  readonly at: Instant;
  /** What the configuration said of it last, for the day when a reload has removed it. */
  readonly kept: FlagPolicy;
}

export interface AudienceState {
  readonly audience: string;
  /** When its cadence began: its first update must have reached it soon after. */
  readonly since: Instant;
  /** Something has reached it. */
  readonly reached: boolean;
  readonly lastAt: Instant;
  /** The cadence by which it was told last, for a level that knows it no more; null: it hears of further changes only. */
  readonly cadence: Cadence | null;
}

/** A notice that a level owes to people. */
export interface NoticeState {
  readonly key: NoticeKey;
  readonly at: Instant;
  readonly people: readonly string[];
  /** Who got it. */
  readonly told: readonly string[];
  /** For a level that knows the notice no more. */
  readonly withinMs: number;
}

export interface AlarmState {
  readonly key: AlarmKey;
  readonly since: Instant;
  /** When it was last said; it repeats from here. */
  readonly saidAt: Instant;
  readonly reason: string;
  readonly count: number;
}

/** A ring for people who are at it: it goes out unless one of them does something. */
export interface WaitingRing {
  readonly key: EscalationKey;
  readonly people: readonly string[];
}

/** Whether those who hold the incident are still there. */
export interface PresenceState {
  /** Nobody is missed for what was before: the watch after a fix ended, or another person answered. Null: neither happened. */
  readonly since: Instant | null;
  /** Who was asked last whether they are still there, and in which role; null: nobody was. */
  readonly asked: {
    readonly person: string;
    readonly role: string | null;
    readonly at: Instant;
  } | null;
  /** Services of alerts that joined while nobody was there, where their rings wait for working hours. */
  readonly unattended: {
    readonly services: readonly (string | null)[];
    readonly at: Instant;
  } | null;
}

/** Deliveries of a sender's group leave alerts out: whatever fires of those is not known here. */
export interface LeftOut {
  readonly source: string;
  /** By the first of these deliveries. */
  readonly count: number;
  readonly since: Instant;
}

/** Nothing is known to fire, and nothing proves that it is quiet. */
export interface Unproven {
  readonly since: Instant;
  /** How often people were asked whether it is over, and when last. */
  readonly asked: number;
  readonly askedAt: Instant;
}

/** Something owed over which the core threw, or that stayed due after it was dealt with. */
export interface StuckState {
  readonly at: Instant;
  readonly failures: number;
}

export interface Incident {
  readonly format: number;
  readonly id: string;
  readonly version: number;
  readonly lastEventAt: Instant;
  readonly kind: 'incident' | 'test';
  readonly phase: Phase;
  readonly title: string;
  readonly routing: Routing;
  readonly parent: string | null;
  /** This incident gathers the incidents of a storm. */
  readonly storm: {
    readonly over: string;
    readonly children: readonly string[];
    readonly services: readonly string[];
  } | null;

  readonly openedAt: Instant;
  readonly firstSignalAt: Instant;
  readonly declaredAt: Instant | null;
  readonly declaredBy: Actor | null;
  readonly rootCauseAt: Instant | null;
  readonly mitigatedAt: Instant | null;
  readonly resolvedAt: Instant | null;
  readonly reopenedAt: Instant | null;
  readonly closedAs: 'resolved' | 'false_positive' | 'cleared' | 'test' | null;

  /** Level id; null: pending more information. */
  readonly level: string | null;
  readonly levelSince: Instant;
  /** A person has chosen the level, or declared at it. */
  readonly isLevelChosen: boolean;
  /** The milder levels that it was raised from, each with when it was entered: a raise puts nothing off. */
  readonly raisedFrom: readonly {
    readonly level: string;
    readonly since: Instant;
    /** As it was then, for the day when a reload has removed it. */
    readonly kept: Level | null;
  }[];
  /** The level as it was when it was entered, for the day when a reload has removed it. */
  readonly levelKept: Level | null;
  /** When somebody answered first; null: nobody has. */
  readonly answeredAt: Instant | null;
  /** Response times that were missed, and when. */
  readonly missed: Readonly<Partial<Record<ResponseClock, Instant>>>;
  readonly levelBecause: string;
  /** Evidence that has fired or that a person's lowering holds against. */
  readonly spent: readonly EvidenceId[];
  /** Triggers that fired while automation was paused, and since when: they are asked again at its end. */
  readonly heldTriggers: Readonly<Record<string, Instant>>;
  /** When automation raised the level. */
  readonly raises: readonly Instant[];
  readonly impact: Readonly<Partial<Record<ImpactMeasure, number>>>;
  /** Impact at the last level change. */
  readonly impactBaseline: Readonly<Partial<Record<ImpactMeasure, number>>>;
  readonly impactReports: number;
  readonly flags: Readonly<Record<string, FlagState>>;
  readonly reports: readonly {
    readonly account: string;
    readonly tier: string;
    readonly at: Instant;
  }[];

  readonly alerts: {
    readonly firing: number;
    /** Not heard of for long: they count as firing no more, and prove no end. */
    readonly stale: number;
    /** A firing of so many waits for another word of its sender. */
    readonly held: number;
    readonly total: number;
  };
  /** When a firing was held last; null: none is held. */
  readonly heldAt: Instant | null;
  /** By the group of the sender whose deliveries leave alerts out. */
  readonly leftOut: Readonly<Record<string, LeftOut>>;
  /** Null: an alert is known to fire, or it is known that none does. */
  readonly unproven: Unproven | null;
  /** When every alert had cleared last; null: that has never been. */
  readonly clearedAt: Instant | null;
  /** When all alerts had cleared and one fired again, the oldest first. */
  readonly relapses: readonly Instant[];
  /** The last relapse or reopening, and the rings about it that wait; null: it is over. */
  readonly relapse: { readonly at: Instant; readonly waiting: readonly WaitingRing[] } | null;
  /** The last relapse was one of many. */
  readonly isFlapping: boolean;
  /** When each person last did something about the incident, here or at a pager. */
  readonly signsOfLife: Readonly<Record<string, Instant>>;
  readonly presence: PresenceState;
  readonly roles: Readonly<Record<string, { readonly person: string; readonly at: Instant }>>;
  /** Roles held or looked for, as they were configured then, for the day when a reload has removed one. */
  readonly keptRoles: Readonly<Record<string, Role>>;
  readonly pages: Readonly<Record<string, Page>>;
  /** By page: when a pager first took it, or spoke of it. None: no phone has rung by it, as far as is known. */
  readonly rang: Readonly<Record<string, Instant>>;
  /** By pager: when it was said that an answer there is not heard. None: it is, as far as is known. */
  readonly unheardAnswers: Readonly<Record<string, Instant>>;
  readonly escalations: Readonly<Record<string, Escalation>>;
  readonly publicPages: Readonly<Record<string, PublicPage>>;
  readonly drafts: Readonly<Record<string, DraftPost>>;
  readonly audiences: Readonly<Record<string, AudienceState>>;
  readonly room: {
    readonly target: string;
    readonly name: string;
    readonly ref: string | null;
    readonly state: 'opening' | 'open' | 'failed' | 'archived';
    readonly askedAt: Instant;
  } | null;
  readonly notices: Readonly<Record<string, NoticeState>>;
  readonly alarms: Readonly<Record<string, AlarmState>>;
  /** Since when it is quiet, and when the resolution was last proposed because of it. */
  readonly soak: { readonly since: Instant; readonly proposedAt: Instant | null } | null;
  /** When nothing fired in triage, the oldest first: no wait ran down meanwhile. Only what an open wait began before. */
  readonly quietSpells: readonly Interval[];
  /** By clock. */
  readonly stuck: Readonly<Record<string, StuckState>>;
}

/**
 * Whether it tells of a storm: an outage of its own, which no storm has gathered, no test of a phone, and nothing that
 * Tocsin says about itself.
 */
export function standsForItself({
  kind,
  routing,
  parent,
  storm,
}: Pick<Incident, 'kind' | 'parent' | 'storm'> & {
  readonly routing: Pick<Routing, 'source'>;
}): boolean {
  return kind === 'incident' && parent === null && storm === null && routing.source !== SELF;
}

export function isOver(state: Incident): boolean {
  return state.phase === 'resolved' || state.phase === 'closed';
}

/** Whether the last that was said on it, or recorded for it, is that the incident goes on. */
export function saysItGoesOn({ published }: PublicPage): boolean {
  return published !== null && published !== 'resolved';
}

/** Whether it looks for somebody: nobody has answered it, be there a further step or not. */
export function isOwed(escalation: Escalation | undefined): escalation is Escalation {
  return escalation?.state === 'open' || escalation?.state === 'exhausted';
}

/** Whether a person has asked for it: unlike what fires again, that is about nothing but the role itself. */
export function isAskedFor({ newsAt, about }: Pick<Escalation, 'newsAt' | 'about'>): boolean {
  return newsAt !== null && about === null;
}
