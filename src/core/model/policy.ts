/**
 * The policy: the user's YAML after loading, validated, cross-checked and turned into plain frozen data.
 * It is JSON (stored by hash, never a secret inside) and the only thing the core knows of levels, roles, services and teams.
 */

/** Where a piece of configuration stands, for explanations. Lines and columns count from 1. */
export interface Where {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Urgency = 'high' | 'low';

/** An address on one pager target. `address` was validated by that adapter's pager `address` schema. */
export interface PageAddress {
  readonly target: string;
  /** Vendor's own shape, e.g. `{service: {name, id}, key: "secret:roles.ic.page.key"}`; secrets are references. */
  readonly address: Readonly<Record<string, unknown>>;
  /** What a person reads, e.g. `pd service Role IC`. */
  readonly label: string;
}

/** The address of an object of the vendor's own that was only taken over: never triggered, and known by this id. */
export interface AdoptedAddress {
  readonly adopted: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Pager addresses in order of preference: the first is rung, the next ones are the failover. */
  readonly addresses: readonly PageAddress[];
  /** Chat user by target name. */
  readonly chat: Readonly<Record<string, string>>;
  readonly email: string | null;
  /** How vendors name this person: adapter type -> ids and e-mails, lower-cased, for matching acknowledgements. */
  readonly vendorIds: Readonly<Record<string, readonly string[]>>;
}

/** Who is paged: resolved at the moment of paging, never before. */
export type Recipient =
  /** The `on_call` of the incident's service. */
  | { readonly kind: 'service_on_call' }
  | { readonly kind: 'rotation'; readonly rotation: string }
  | { readonly kind: 'person'; readonly person: string }
  /** A named list of people, all rung. */
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'role'; readonly role: string }
  /** Vendor-side addresses in failover order: the vendor decides whose phone rings. */
  | { readonly kind: 'addresses'; readonly addresses: readonly PageAddress[] }
  /** A schedule at a vendor, read ahead by the target's `onCall` part. */
  | {
      readonly kind: 'schedule';
      readonly target: string;
      readonly schedule: { readonly id: string; readonly name: string };
    };

/** What a step of an escalation policy names: the escalation's own recipient, its fallback, or a fixed one. */
export type StepPage = { readonly kind: 'own' } | { readonly kind: 'fallback' } | Recipient;

export interface EscalationStep {
  readonly page: StepPage;
  /** How long to wait for an acknowledgement before the next step; null on a last step: the alarm interval. */
  readonly waitMs: number | null;
}

export interface EscalationPolicy {
  readonly id: string;
  readonly steps: readonly EscalationStep[];
  /** Level id -> number of steps that may be walked for it; absent: all. */
  readonly upTo: Readonly<Record<string, number>>;
}

/** How an unanswered page goes on. */
export type EscalationChoice =
  | { readonly kind: 'policy'; readonly policy: string }
  /** The vendor walks its steps; we act only when they led nowhere. */
  | {
      readonly kind: 'vendor';
      readonly unanswered: { readonly afterMs: number; readonly page: Recipient } | null;
    };

export interface Role {
  readonly id: string;
  readonly page: Recipient;
  readonly escalation: EscalationChoice;
  readonly fallback: readonly Recipient[];
  /** Roles that the same person must not hold at once. */
  readonly neverWith: readonly string[];
  /** The role that commands: filling it is the moment `commanded` of a level. */
  readonly commands: boolean;
  /** The role for whose holder this one stands in, when nothing is heard of them; null: none. */
  readonly deputizes: string | null;
  /** Written so: that nobody takes it rings people. Of a role that commands or is paged in triage that holds anyway. */
  readonly essential: boolean;
}

export interface Rotation {
  readonly id: string;
  readonly timezone: string;
  /** Length of one shift in days or weeks of wall-clock time in `timezone`. */
  readonly every: { readonly count: number; readonly unit: 'day' | 'week' };
  /** Wall-clock hand-off, "HH:MM"; weekday 1 = Monday .. 7 = Sunday, null for day rotations. */
  readonly handoff: { readonly weekday: number | null; readonly at: string };
  /** ISO date of the first hand-off day, in `timezone`. */
  readonly starts: string;
  readonly people: readonly string[];
}

/** States of a component on a public page, the best first. */
export const COMPONENT_STATUSES = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
] as const;

export type ComponentStatus = (typeof COMPONENT_STATUSES)[number];

export interface ComponentRef {
  /** Status page target. */
  readonly target: string;
  readonly name: string;
  readonly id: string;
}

export interface Service {
  readonly id: string;
  readonly team: string;
  readonly onCall: Recipient;
  readonly escalation: EscalationChoice;
  /** It names no escalation: where a role that is its on-call names one, that holds. */
  readonly followsRole: boolean;
  readonly fallback: readonly Recipient[];
  readonly dependsOn: readonly string[];
  readonly components: readonly ComponentRef[];
}

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** Alertmanager's matcher: a missing label equals ""; patterns are anchored, RE2. */
export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** A list of matchers is ANDed; the blocks combine. */
export interface Condition {
  readonly all: readonly (Matcher | Condition)[];
  readonly any: readonly (Matcher | Condition)[];
  readonly none: readonly (Matcher | Condition)[];
}

/** A team's rule: the first that matches decides, unless `continue`. */
export interface Rule {
  readonly name: string;
  readonly when: Condition;
  /** Level id; null: the source's `severity_map`, else the route's or the default route's level. */
  readonly severity: string | null;
  readonly service: string | null;
  readonly groupBy: readonly string[];
  readonly trusted: boolean;
  /** Drop the alert (recorded, visible in explain). */
  readonly suppress: boolean;
  readonly continue: boolean;
  readonly where: Where;
}

/** The shared list that picks the team; the default route comes last. */
export interface Route {
  readonly when: Condition;
  readonly isDefault: boolean;
  readonly team:
    | { readonly kind: 'fixed'; readonly team: string }
    | { readonly kind: 'label'; readonly label: string };
  readonly severity: string | null;
  /** The worst level this route may start with. */
  readonly cap: string | null;
  readonly public: 'allowed' | 'never';
  readonly suppress: boolean;
  readonly continue: boolean;
  readonly where: Where;
}

export interface Team {
  readonly id: string;
  readonly rules: readonly Rule[];
  /** Used for alerts of the team that name no known service. */
  readonly onCall: Recipient | null;
  /** Chat channel for internal updates when there is no room. */
  readonly chat: { readonly target: string; readonly channel: string } | null;
}

export interface Cadence {
  readonly firstWithinMs: number | null;
  /** Null: on change only. */
  readonly everyMs: number | null;
  readonly slower: { readonly afterMs: number; readonly everyMs: number } | null;
  /** At the top of each hour instead of an interval. */
  readonly topOfHour: boolean;
}

export type ApprovalMode = 'none' | 'required';

export interface PublicCadence extends Cadence {
  /**
   * Approval per kind of post. `unchanged` is the repeat of the last status on the cadence.
   * A kind that the YAML leaves out is compiled to `required`; the top level is `required` throughout.
   */
  readonly approval: {
    readonly investigating: ApprovalMode;
    readonly identified: ApprovalMode;
    readonly monitoring: ApprovalMode;
    readonly resolved: ApprovalMode;
    readonly unchanged: ApprovalMode;
  };
  /** The role asked for approvals and alarmed when a post is late; null: the commanding role, else the service's on-call. */
  readonly by: string | null;
}

/** An audience other than the public: internal, executive, briefing, ... the names are the user's. */
export interface AudienceCadence extends Cadence {
  readonly audience: string;
  /** Where it goes: the incident's room (or the team's channel), a fixed channel, or people one by one. */
  readonly to:
    | { readonly kind: 'room' }
    | { readonly kind: 'channel'; readonly target: string; readonly channel: string }
    | { readonly kind: 'people'; readonly recipients: readonly Recipient[] };
}

export interface Notify {
  readonly who: readonly Recipient[];
  readonly withinMs: number;
}

export interface Level {
  readonly id: string;
  /** 0 is the worst. */
  readonly rank: number;
  readonly name: string;
  /** For people's input only. */
  readonly aliases: readonly string[];
  readonly criteria: string;
  readonly urgency: Urgency;
  readonly declare: {
    readonly by: readonly ('person' | 'acknowledgement' | 'trusted_rule')[];
    readonly orAfterMs: number | null;
  };
  readonly respond: { readonly acknowledgeMs: number | null; readonly engageMs: number | null };
  /** Role ids by moment. */
  readonly page: {
    readonly triage: readonly string[];
    readonly declared: readonly string[];
    readonly commanded: readonly string[];
    readonly onRequest: readonly string[];
  };
  readonly notify: readonly Notify[];
  readonly public: PublicCadence | null;
  readonly audiences: readonly AudienceCadence[];
  /** The worst component state that may be published without a person choosing it. */
  readonly componentsUpTo: ComponentStatus;
  readonly soak: { readonly forMs: number; readonly then: 'propose' | 'resolve' };
  readonly postmortemWithinMs: number | null;
  /** Open a chat room at declaration. */
  readonly room: boolean;
  /** Levels that page nobody leave a note in a chat channel. */
  readonly note: { readonly target: string; readonly channel: string } | null;
}

/** Measures of impact that may be compared with their value at the last level change. */
export type ImpactMeasure = 'users' | 'percent' | 'components' | 'regions' | 'revenue_per_minute';

/** What a trigger waits for. The entry of its kind says what it is given, and the configuration was read by that. */
export interface TriggerWhen {
  readonly kind: string;
  readonly given: Readonly<
    Record<string, string | number | null | Readonly<Record<string, number>>>
  >;
}

export type TriggerThen =
  | { readonly kind: 'raise'; readonly levels: number }
  | { readonly kind: 'at_least'; readonly level: string }
  | { readonly kind: 'escalate_next_step' };

export interface Trigger {
  readonly name: string;
  readonly when: TriggerWhen;
  readonly then: TriggerThen;
  readonly where: Where;
}

/** What a source sends again and again while all is well: that it stays away is an incident. */
export interface Expectation {
  readonly when: Condition;
  /** The condition as people read it. */
  readonly text: string;
  readonly everyMs: number;
  /** Level id of the incident. */
  readonly severity: string;
  readonly where: Where;
}

export interface SourcePolicy {
  readonly name: string;
  readonly type: string;
  /** Vendor severity word (lower-cased) -> level id. */
  readonly severityMap: Readonly<Record<string, string>>;
  /** The pager target whose objects this source speaks of; null: none. */
  readonly target: string | null;
  /** It tells of an alert again and again while it fires. */
  readonly repeats: boolean;
  /** What its sender does not speak of for so long counts as firing no more; null: it fires until it is said to have cleared. */
  readonly staleAfterMs: number | null;
  /** Absent: nobody would notice if the source fell silent. */
  readonly expect?: Expectation;
}

export type Mode = 'off' | 'shadow' | 'draft' | 'live';

export interface TargetPolicy {
  readonly type: string;
  readonly mode: Mode;
  /** `part.method` names the adapter has, e.g. `pager.trigger`, `pager.find`; derived from the adapter's parts. */
  readonly can: readonly string[];
  /** How the vendor names Tocsin itself, in lower case; absent: it never does. */
  readonly ownNames?: readonly string[];
}

export interface Automation {
  /** The worst level automation may set; the level above it is a person's decision. */
  readonly ceiling: string;
  readonly raiseAtMost: { readonly count: number; readonly withinMs: number } | null;
  readonly storm: { readonly incidents: number; readonly withinMs: number } | null;
  /** Another alarm every so often while nobody answers. */
  readonly alarmEveryMs: number;
  /** Who is rung for alarms, one person after the other; null: all people of the incident's team. */
  readonly alarm: {
    readonly page: Recipient | null;
    readonly chat: { readonly target: string; readonly channel: string } | null;
  };
}

export interface FlagPolicy {
  /** `never`: withdraws every unsent public post and forbids further ones. */
  readonly public: 'allowed' | 'never';
}

export interface RoomPolicy {
  readonly target: string;
  /** Template of the room's name, e.g. `inc-{{date}}-{{slug}}`. */
  readonly name: string;
}

/** Text name -> template; every name of the closed list in `core/text.ts` may be overridden. */
export type Texts = Readonly<Record<string, string>>;

export interface Policy {
  /** SHA-256 of the canonical JSON of everything below. */
  readonly hash: string;
  /** Worst first; index = rank. */
  readonly levels: readonly Level[];
  readonly people: Readonly<Record<string, Person>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly rotations: Readonly<Record<string, Rotation>>;
  readonly escalationPolicies: Readonly<Record<string, EscalationPolicy>>;
  readonly roles: Readonly<Record<string, Role>>;
  readonly services: Readonly<Record<string, Service>>;
  readonly teams: Readonly<Record<string, Team>>;
  readonly routes: readonly Route[];
  readonly triggers: readonly Trigger[];
  readonly sources: Readonly<Record<string, SourcePolicy>>;
  readonly targets: Readonly<Record<string, TargetPolicy>>;
  readonly flags: Readonly<Record<string, FlagPolicy>>;
  readonly automation: Automation;
  readonly room: RoomPolicy | null;
  readonly texts: Texts;
  /** By urgency: after so long without a sign of life, in ms, people are missed. */
  readonly presence: Readonly<Record<Urgency, number>>;
  /** Time zone in which people and the public read times. */
  readonly timezone: string;
  /** Where links in pages and posts lead, e.g. `https://tocsin.example.com`; null: no link. */
  readonly publicUrl: string | null;
}
