/**
 * The incident: its state as plain JSON, and nothing else. How it changes stands in `event.ts` (what happened),
 * `evolve.ts` (the fold) and `decide.ts` (what to do).
 *
 * Axes kept apart:
 * - the response phase: triage -> investigating <-> identified <-> monitoring -> resolved -> closed. In triage only the
 *   service's on-call rings; declaring pages the level's roles and starts the public clocks. `closed` without
 *   `declaredAt` is a false positive or an alert that cleared by itself.
 * - the acknowledgement of each page: open -> acknowledged -> closed.
 * - the public status per status page: what is published, what waits for approval.
 * - mitigated (monitoring) versus root cause removed.
 *
 * Obligations: a run (somebody must answer), a cadence per audience, a draft, the soak, a clock. Each open one has a
 * pending timer, a pending effect or an open alarm; `obligations.ts` lists them and the invariant test checks it.
 */
import type { Instant } from './alert.ts';
import type { EffectName } from './effect.ts';
import type { Actor, RoutingFacts } from './input.ts';
import type {
  ComponentStatus,
  EscalationStep,
  ImpactMeasure,
  PageAddress,
  PageSource,
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
export const INCIDENT_FORMAT = 1;

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
    /** Rings under another incident's key: one person, one ring. */
    | 'joined'
    | 'closed';
  readonly ref: string | null;
  readonly finds: number;
}

export interface Page {
  readonly id: string;
  /** Null: the vendor decides whose phone rings. */
  readonly person: string | null;
  readonly label: string;
  /** All addresses in failover order; the first `rings` of them have been rung. */
  readonly addresses: readonly PageAddress[];
  readonly rings: readonly Ring[];
  readonly runs: readonly string[];
  readonly urgency: Urgency;
  readonly state: 'open' | 'acknowledged' | 'closed';
  readonly adopted: boolean;
  readonly requestedAt: Instant;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: Instant | null;
}

export type RunPurpose =
  | { readonly kind: 'service'; readonly service: string | null }
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'alarm'; readonly alarm: string }
  | { readonly kind: 'test'; readonly person: string };

/** One escalation under way, pinned to the policy it began with. */
export interface Run {
  readonly id: string;
  readonly purpose: RunPurpose;
  readonly source: PageSource;
  readonly fallback: readonly PageSource[];
  readonly walk:
    | {
        readonly kind: 'policy';
        readonly policy: string;
        readonly steps: readonly EscalationStep[];
      }
    | {
        readonly kind: 'vendor';
        readonly unanswered: { readonly afterMs: number; readonly page: PageSource } | null;
      };
  /** Index of the step being waited on. */
  readonly step: number;
  readonly urgency: Urgency;
  readonly state: 'open' | 'answered' | 'exhausted' | 'ended';
  readonly startedAt: Instant;
  readonly answeredBy: string | null;
  readonly answeredAt: Instant | null;
}

export interface DraftPost {
  readonly id: string;
  readonly target: string;
  readonly status: PublicStatus;
  /** The repeat of the last status on the cadence. */
  readonly unchanged: boolean;
  readonly title: string;
  readonly body: string;
  /** Component id -> state. */
  readonly components: Readonly<Record<string, ComponentStatus>>;
  readonly approval: 'none' | 'required';
  readonly state: 'waiting' | 'queued' | 'unknown' | 'published' | 'withdrawn' | 'failed';
  readonly draftedAt: Instant;
  /** When it should be on the page. */
  readonly dueAt: Instant;
  /** The promise inside the text; null: none. */
  readonly nextUpdateAt: Instant | null;
  readonly approvedBy: string | null;
  /** Read-backs after an unknown outcome. */
  readonly finds: number;
  readonly resends: number;
}

/** One status page. */
export interface PublicPage {
  readonly target: string;
  readonly published: PublicStatus | null;
  readonly ref: string | null;
  readonly publishedAt: Instant | null;
  readonly firstPublishedAt: Instant | null;
  /** "Next update at", as published. */
  readonly promisedAt: Instant | null;
  /** Components we set, to be reset on resolve. */
  readonly components: Readonly<Record<string, ComponentStatus>>;
  /** When the public clock for the first post began. */
  readonly clockFrom: Instant;
  /** Counts public incidents of this page: a reopening after resolved continues the same one. */
  readonly round: number;
}

export interface AudienceState {
  readonly audience: string;
  readonly lastAt: Instant | null;
  readonly nextAt: Instant | null;
}

export interface Incident {
  readonly format: number;
  readonly id: string;
  readonly version: number;
  readonly lastEventAt: Instant;
  readonly kind: 'incident' | 'test';
  readonly phase: Phase;
  readonly title: string;
  readonly facts: RoutingFacts;
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
  readonly closedAs: 'resolved' | 'false_positive' | 'cleared' | 'test' | null;

  /** Level id; null: pending more information. */
  readonly level: string | null;
  readonly levelSince: Instant;
  readonly levelBecause: string;
  /** Trigger facts that have fired or that a person's lowering holds against: `<trigger>#<fact>`. */
  readonly spent: readonly string[];
  /** When automation raised the level. */
  readonly raises: readonly Instant[];
  readonly impact: Readonly<Partial<Record<ImpactMeasure, number>>>;
  /** Impact at the last level change. */
  readonly impactBaseline: Readonly<Partial<Record<ImpactMeasure, number>>>;
  readonly impactReports: number;
  readonly flags: Readonly<Record<string, Instant>>;
  readonly reports: readonly {
    readonly account: string;
    readonly tier: string;
    readonly at: Instant;
  }[];

  readonly alerts: {
    readonly firing: number;
    readonly total: number;
    readonly lastAt: Instant;
    readonly clearSince: Instant | null;
  };
  readonly roles: Readonly<Record<string, { readonly person: string; readonly at: Instant }>>;
  readonly pages: Readonly<Record<string, Page>>;
  readonly runs: Readonly<Record<string, Run>>;
  readonly publicPages: Readonly<Record<string, PublicPage>>;
  readonly drafts: Readonly<Record<string, DraftPost>>;
  readonly audiences: Readonly<Record<string, AudienceState>>;
  readonly room: {
    readonly target: string;
    readonly name: string;
    readonly ref: string | null;
    readonly state: 'opening' | 'open' | 'failed' | 'archived';
  } | null;
  readonly messages: Readonly<Record<string, string>>;
  readonly alarms: Readonly<
    Record<string, { readonly since: Instant; readonly reason: string; readonly count: number }>
  >;
  /** Since when it is quiet and how long that must last. */
  readonly soak: {
    readonly since: Instant;
    readonly until: Instant;
    readonly proposed: boolean;
  } | null;

  /** Pending timers by purpose. */
  readonly timers: Readonly<
    Record<string, { readonly generation: number; readonly dueAt: Instant }>
  >;
  /** Last generation used per purpose, also after the timer is gone. */
  readonly timerGenerations: Readonly<Record<string, number>>;
  /** Pending effects other than timers. */
  readonly effects: Readonly<Record<string, { readonly name: EffectName; readonly about: string }>>;
}
