/**
 * Events: what happened to an incident. They are the timeline of record, past tense, append-only, each one a sentence that
 * a person wants to read; each carries all that its fold needs, so folding never reads policy. How each changes the state
 * and what it says stands in one entry of the table in `events.ts`.
 */
import type { DraftId, PageId } from './made-ids.ts';
import type { Instant } from './alert.ts';
import type { MessageAbout } from './effect.ts';
import type { TurnedBack } from './turning-back.ts';
import type { AlertsSummary, Actor, Adopted, Routing } from './input.ts';
import type {
  WaitingRing,
  DraftPost,
  Page,
  Phase,
  PostFailure,
  Ring,
  Escalation,
} from './incident.ts';
import type {
  AlarmKey,
  ClockKey,
  EvidenceId,
  NoticeKey,
  ResponseClock,
  EscalationId,
} from './keys.ts';
import type {
  Cadence,
  ComponentStatus,
  FlagPolicy,
  ImpactMeasure,
  Level,
  Role,
  Where,
} from './policy.ts';

/** What moved the severity: its name is the user's. */
export type Cause =
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'trigger'; readonly name: string }
  | { readonly kind: 'person' };

export type EventBody =
  | {
      readonly type: 'IncidentOpened';
      readonly kind: 'incident' | 'test';
      readonly title: string;
      readonly routing: Routing;
      readonly firstSignalAt: Instant;
      readonly adopted: Adopted | null;
    }
  | {
      readonly type: 'AlertsAttached';
      readonly alerts: AlertsSummary;
      readonly service: string | null;
      readonly spent: readonly EvidenceId[];
    }
  | { readonly type: 'AlertsCleared'; readonly alerts: AlertsSummary }
  /** Their sender has not spoken of them for so long: silenced, inhibited or lost there. */
  | {
      readonly type: 'AlertsUnheard';
      readonly alerts: AlertsSummary;
      readonly source: string;
      readonly afterMs: number;
    }
  /** Stale alerts fire since the same moment as before. */
  | { readonly type: 'AlertsHeardAgain'; readonly alerts: AlertsSummary }
  /** So many firings of alerts that had just cleared wait for another word of their sender. */
  | { readonly type: 'AlertsHeld'; readonly held: number }
  /** From now on deliveries of a sender's group leave alerts out. */
  | {
      readonly type: 'AlertsLeftOut';
      readonly source: string;
      readonly group: string;
      readonly count: number;
    }
  /** The sender tells of all of the group again. */
  | { readonly type: 'AlertsToldWhole'; readonly source: string; readonly group: string }
  /** Nothing is known to fire, and people were asked whether it is over. */
  | {
      readonly type: 'EndAsked';
      readonly people: readonly string[];
      /** 1: for the first time. */
      readonly number: number;
    }
  | {
      readonly type: 'AlertsRelapsed';
      /** Within two hours, this one counted. */
      readonly number: number;
      readonly isFlapping: boolean;
      /** When the last alert had cleared. */
      readonly quietSince: Instant;
      readonly waiting: readonly WaitingRing[];
    }
  /** What it is about is not as it was at the opening: it happens again, for a reason of its own. */
  | { readonly type: 'AlertsDescribed'; readonly description: string }
  /** People whose ring about a relapse or a reopening waited have done nothing. */
  | { readonly type: 'RelapseUnseen'; readonly people: readonly string[] }
  | { readonly type: 'ResponderJoined'; readonly person: string }
  /** Whoever holds the incident is asked, where the responders are, whether they are still there. */
  | {
      readonly type: 'PresenceAsked';
      readonly person: string;
      readonly role: string | null;
      readonly silentSince: Instant;
    }
  /** New alerts, and for so long nobody has done anything about the incident. */
  | {
      readonly type: 'AlertsUnattended';
      /** Null: the alerts name no service that is known. */
      readonly services: readonly (string | null)[];
      readonly silentSince: Instant;
      /** Their on-call is rung when working hours begin. */
      readonly later: boolean;
    }
  | {
      readonly type: 'StormGathered';
      readonly over: string;
      readonly children: readonly string[];
      readonly services: readonly string[];
    }
  | { readonly type: 'ParentJoined'; readonly parent: string }
  | {
      readonly type: 'IncidentDeclared';
      readonly how: 'person' | 'acknowledgement' | 'trusted_rule' | 'still_firing';
      readonly title: string | null;
      readonly text: string | null;
    }
  | {
      readonly type: 'SeverityChanged';
      readonly from: string | null;
      readonly to: string;
      readonly direction: 'start' | 'raise' | 'lower';
      readonly cause: Cause;
      /** The level as it is configured now. */
      readonly level: Level;
      /** The sentence that explains it: rule or trigger, values seen. */
      readonly because: string;
      readonly where: Where | null;
      /** Evidence spent or held against by this change. */
      readonly spent: readonly EvidenceId[];
    }
  | {
      readonly type: 'TriggerHeld';
      readonly trigger: string;
      readonly why: string;
      readonly spent: readonly EvidenceId[];
      /** It is asked again when automation goes on. */
      readonly later: boolean;
    }
  | {
      readonly type: 'ImpactReported';
      readonly impact: Readonly<Partial<Record<ImpactMeasure, number>>>;
    }
  | {
      readonly type: 'FlagSet';
      readonly flag: string;
      /** The flag as it is configured now. */
      readonly configured: FlagPolicy;
    }
  /** Flags that are set are configured otherwise than they were. */
  | {
      readonly type: 'FlagsReconfigured';
      readonly flags: Readonly<Record<string, FlagPolicy>>;
    }
  | {
      readonly type: 'CustomerReported';
      readonly account: string;
      readonly tier: string;
      readonly text: string | null;
    }
  | { readonly type: 'NoteAdded'; readonly text: string }
  | {
      readonly type: 'PhaseChanged';
      readonly from: Phase;
      readonly to: Phase;
      readonly text: string | null;
    }
  | { readonly type: 'RootCauseIdentified'; readonly text: string }
  | {
      readonly type: 'EscalationStarted';
      readonly escalation: Escalation;
      /** The role that it looks for, as configured; null: it looks for none. */
      readonly role: Role | null;
    }
  | {
      readonly type: 'EscalationAdvanced';
      readonly escalation: EscalationId;
      readonly step: number;
      readonly because: string;
    }
  | {
      readonly type: 'EscalationAnswered';
      readonly escalation: EscalationId;
      readonly by: string;
    }
  | {
      readonly type: 'EscalationExhausted';
      readonly escalation: EscalationId;
      readonly because: string;
    }
  | {
      readonly type: 'EscalationEnded';
      readonly escalation: EscalationId;
      readonly because: string;
    }
  | {
      readonly type: 'NobodyToPage';
      readonly escalation: EscalationId;
      readonly step: number;
      readonly because: string;
    }
  | { readonly type: 'PageRequested'; readonly page: Page; readonly because: string }
  /** Another escalation is served by a page that rings already. */
  | { readonly type: 'PageShared'; readonly page: PageId; readonly escalation: EscalationId }
  /** The next address of the page is rung (failover), or the same one again under the same key. */
  | {
      readonly type: 'PageRung';
      readonly page: PageId;
      readonly ring: Ring;
      readonly because: string;
    }
  | {
      readonly type: 'RingChanged';
      readonly page: PageId;
      readonly target: string;
      readonly key: string;
      readonly status: Ring['status'];
      readonly ref: string | null;
      readonly url: string | null;
      readonly finds: number;
      readonly isSpokenOf: boolean;
      readonly askedAt: Instant;
      readonly mayComeAgain: boolean;
      readonly detail: string;
    }
  | {
      readonly type: 'PageAcknowledged';
      readonly page: PageId;
      readonly by: string;
      readonly via: string;
    }
  /** The vendor takes the acknowledgement back: it rings there again, and an answer is owed again. */
  | {
      readonly type: 'PageUnacknowledged';
      readonly page: PageId;
      readonly by: string | null;
      readonly via: string;
    }
  | { readonly type: 'PageClosed'; readonly page: PageId; readonly because: string }
  /** No pager has accepted it for a minute. */
  | {
      readonly type: 'PageUnreachable';
      readonly page: PageId;
      /** Those that were asked. */
      readonly pagers: readonly string[];
    }
  /** One has accepted it after all. */
  | { readonly type: 'PageReached'; readonly page: PageId; readonly target: string }
  /** Nobody can be told of an answer there: it cannot be asked, and nothing tells. */
  | {
      readonly type: 'AnswersUnheard';
      readonly target: string;
      readonly since: Instant;
      readonly why: string;
    }
  | { readonly type: 'AnswersHeardAgain'; readonly target: string }
  /** What rang was resolved at its pager while alerts fire. */
  | {
      readonly type: 'PageEndedThere';
      readonly page: PageId;
      /** Null: the vendor's own automation. */
      readonly by: string | null;
      readonly via: string;
      readonly firing: number;
    }
  /** Nobody has done anything since: what it rang for rings again. */
  | { readonly type: 'PageEndUnseen'; readonly page: PageId }
  | {
      readonly type: 'PageNoted';
      readonly page: PageId;
      readonly action: string;
      readonly by: string | null;
      readonly text: string | null;
    }
  | {
      readonly type: 'RoleFilled';
      readonly role: string;
      readonly person: string;
      readonly how: 'acknowledgement' | 'assignment';
      /** As configured; null: a reload has removed it. */
      readonly kept: Role | null;
    }
  /** Nobody has it any more. */
  | {
      readonly type: 'RoleEnded';
      readonly role: string;
      readonly person: string;
      readonly because: string;
    }
  | { readonly type: 'PublicClockStarted'; readonly target: string }
  | { readonly type: 'PostDrafted'; readonly draft: DraftPost }
  | { readonly type: 'ApprovalAsked'; readonly draft: DraftId }
  | { readonly type: 'PostTriedAgain'; readonly draft: DraftId }
  | { readonly type: 'PostApproved'; readonly draft: DraftId }
  | {
      readonly type: 'PostRejected';
      readonly draft: DraftId;
      readonly reason: string;
      /** Whoever rejects it has closed on the page what it showed. */
      readonly closed: boolean;
    }
  | { readonly type: 'PostWithdrawn'; readonly draft: DraftId; readonly because: string }
  | {
      readonly type: 'PostUnknown';
      readonly draft: DraftId;
      readonly finds: number;
      readonly resends: number;
      readonly detail: string;
    }
  | {
      readonly type: 'PostPublished';
      readonly draft: DraftId;
      readonly ref: string | null;
      readonly url: string | null;
      /** What the post says of components, by id. */
      readonly components: Readonly<Record<string, ComponentStatus>>;
      /** Components, by name, that the page shows worse than the post says, as another incident says. */
      readonly shownOtherwise: Readonly<Record<string, ComponentStatus>>;
    }
  | {
      readonly type: 'PostFailed';
      readonly draft: DraftId;
      readonly why: PostFailure;
      readonly reason: string;
      readonly hint: string;
    }
  | {
      readonly type: 'AudienceInformed';
      readonly audience: string;
      /** By which it is told again; null: it hears of further changes only. */
      readonly cadence: Cadence | null;
      readonly text: string;
    }
  | { readonly type: 'AudienceReached'; readonly audience: string }
  | {
      readonly type: 'PeopleNotified';
      readonly notice: NoticeKey;
      readonly people: readonly string[];
      readonly withinMs: number;
    }
  | { readonly type: 'NoticeDelivered'; readonly notice: NoticeKey; readonly person: string }
  | { readonly type: 'RoomRequested'; readonly target: string; readonly name: string }
  | {
      readonly type: 'RoomChanged';
      readonly state: 'open' | 'failed' | 'archived';
      readonly ref: string | null;
      readonly detail: string;
    }
  | {
      readonly type: 'MessageFailed';
      readonly about: MessageAbout;
      readonly reason: string;
      readonly hint: string;
    }
  | {
      readonly type: 'AlarmRaised';
      readonly alarm: AlarmKey;
      readonly reason: string;
      readonly count: number;
    }
  | { readonly type: 'AlarmCleared'; readonly alarm: AlarmKey; readonly because: string }
  /** Time was turned back: what counted from later counts from that much earlier. */
  | ({ readonly type: 'ClockTurnedBack' } & TurnedBack)
  | { readonly type: 'ClockMissed'; readonly clock: ResponseClock; readonly dueAt: Instant }
  /** What was due could not be dealt with: the core threw, or it stayed due. */
  | {
      readonly type: 'ClockStuck';
      readonly clock: ClockKey;
      readonly what: string;
      readonly because: string;
      readonly failures: number;
    }
  | { readonly type: 'ClockFreed'; readonly clock: ClockKey; readonly what: string }
  | {
      readonly type: 'SoakStarted';
      /** null: as long as usual from when a pager takes the page to whom somebody has asked for. */
      readonly until: Instant | null;
    }
  | { readonly type: 'SoakBroken'; readonly because: string }
  | { readonly type: 'FlappingEnded'; readonly quietSince: Instant }
  | { readonly type: 'ResolutionProposed'; readonly because: string }
  | { readonly type: 'IncidentResolved'; readonly text: string | null; readonly automatic: boolean }
  | {
      readonly type: 'IncidentClosed';
      readonly as: 'resolved' | 'false_positive' | 'cleared' | 'test';
      readonly reason: string;
    }
  | {
      readonly type: 'IncidentReopened';
      readonly reason: string;
      readonly waiting: readonly WaitingRing[];
    }
  | { readonly type: 'PostmortemDue'; readonly dueAt: Instant }
  | {
      readonly type: 'DeliveriesUnparsed';
      readonly source: string;
      readonly reason: string;
      readonly count: number;
    };

export type EventType = EventBody['type'];

export interface EventEnvelope {
  readonly incident: string;
  readonly version: number;
  readonly at: Instant;
  readonly input: string;
  readonly actor: Actor;
  readonly policy: string;
}

export type IncidentEvent = EventEnvelope & EventBody;

/** What an event of one type tells. */
export type BodyOf<T extends EventType> = Extract<EventBody, { readonly type: T }>;

/** The event of one type, whole. */
export type EventOf<T extends EventType> = Extract<IncidentEvent, { readonly type: T }>;
