/** The shapes in which people read an incident; the CLI and the HTTP API hand out the same ones as JSON. */
import type { Incident, Page, Phase, Ring } from '../core/model/incident.ts';
import type { AlertRow, OutboxRow } from '../store/store.ts';

/** ISO 8601, UTC. */
export type Time = string;

export interface TimelineEntry {
  readonly version: number;
  readonly at: Time;
  /** `ada via cli`, `source prom`, `Tocsin`. */
  readonly actor: string;
  readonly type: string;
  readonly text: string;
  /** Inbox row behind it, and its link in the hash chain. */
  readonly input: string;
  readonly hash: string;
}

export interface SeverityView {
  /** Null: pending more information. */
  readonly level: string | null;
  readonly name: string | null;
  readonly since: Time;
  /** The sentence with the rule or trigger and the values seen. */
  readonly because: string;
  readonly by: 'rule' | 'trigger' | 'person' | null;
  /** Name of the rule or trigger. */
  readonly cause: string | null;
  /** `file:line` of the rule or trigger. */
  readonly where: string | null;
  readonly changes: readonly {
    readonly at: Time;
    readonly from: string | null;
    readonly to: string;
    readonly direction: 'start' | 'raise' | 'lower';
    readonly by: 'rule' | 'trigger' | 'person';
    readonly actor: string;
    readonly because: string;
    readonly where: string | null;
  }[];
  /** Triggers that fired and did not move the level, and why. */
  readonly held: readonly { readonly at: Time; readonly trigger: string; readonly why: string }[];
}

export interface RingView {
  readonly target: string;
  readonly address: string;
  readonly key: string;
  readonly status: Ring['status'];
  /** The vendor's id of it. */
  readonly ref: string | null;
  /** Every request about this ring and what came back, oldest first. */
  readonly attempts: readonly EffectView[];
}

export interface EffectView {
  readonly name: string;
  readonly status: OutboxRow['status'];
  /** Attempts started. */
  readonly attempts: number;
  readonly dueAt: Time;
  readonly outcome: string | null;
}

export interface PageView {
  readonly id: string;
  /** Person id; null: the vendor decides whose phone rings. */
  readonly person: string | null;
  readonly label: string;
  readonly urgency: Page['urgency'];
  readonly state: Page['state'];
  readonly adopted: boolean;
  /** What the person is wanted for, in words. */
  readonly purposes: readonly string[];
  /** How the configuration led to this person. */
  readonly because: string;
  readonly requestedAt: Time;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: Time | null;
  /** An answer elsewhere ended its ringing: its own person may be asleep. */
  readonly silenced: boolean;
  readonly rings: readonly RingView[];
}

export interface RoleView {
  readonly role: string;
  readonly person: string | null;
  readonly name: string | null;
  readonly since: Time | null;
  /** `filled`, or how the search for somebody stands. */
  readonly state: 'filled' | 'open' | 'answered' | 'exhausted' | 'ended';
}

export interface DraftView {
  readonly id: string;
  readonly target: string;
  readonly status: string;
  readonly state: string;
  readonly title: string;
  readonly body: string;
  readonly components: Readonly<Record<string, string>>;
  readonly approval: 'none' | 'required';
  readonly approvedBy: string | null;
  readonly draftedAt: Time;
  readonly dueAt: Time;
  readonly publishedAt: Time | null;
  readonly nextUpdateAt: Time | null;
  readonly attempts: readonly EffectView[];
}

export interface IncidentSummary {
  readonly id: string;
  readonly kind: Incident['kind'];
  readonly title: string;
  readonly phase: Phase;
  readonly level: string | null;
  readonly team: string;
  readonly service: string | null;
  readonly parent: string | null;
  readonly firing: number;
  readonly openedAt: Time;
  readonly declaredAt: Time | null;
  readonly resolvedAt: Time | null;
  readonly closedAs: Incident['closedAs'];
}

export interface IncidentView extends IncidentSummary {
  readonly version: number;
  readonly description: string;
  readonly firstSignalAt: Time;
  readonly rootCauseAt: Time | null;
  readonly mitigatedAt: Time | null;
  readonly declaredBy: string | null;
  readonly storm: Incident['storm'];
  readonly severity: SeverityView;
  readonly routing: {
    readonly source: string;
    readonly rule: { readonly name: string; readonly where: string } | null;
    /** `file:line` */
    readonly route: string | null;
    readonly because: string;
    readonly public: 'allowed' | 'never';
    readonly labels: Readonly<Record<string, string>>;
    /** Where the sender says more: a runbook, a graph. */
    readonly links: readonly { readonly url: string; readonly text: string }[];
  };
  readonly impact: Incident['impact'];
  readonly flags: Readonly<Record<string, Time>>;
  readonly reports: readonly {
    readonly account: string;
    readonly tier: string;
    readonly at: Time;
  }[];
  readonly alerts: {
    readonly firing: number;
    readonly total: number;
    /** At most 50, the firing ones first. */
    readonly list: readonly Pick<AlertRow, 'source' | 'dedupKey' | 'status' | 'title' | 'labels'>[];
  };
  readonly roles: readonly RoleView[];
  readonly pages: readonly PageView[];
  readonly public: readonly {
    readonly target: string;
    readonly published: string | null;
    readonly publishedAt: Time | null;
    readonly promisedAt: Time | null;
  }[];
  /** Public posts in the order of drafting, the ones that wait for a person among them. */
  readonly posts: readonly DraftView[];
  /** Ids of the posts that wait for approval. */
  readonly waiting: readonly string[];
  readonly room: { readonly target: string; readonly name: string; readonly state: string } | null;
  readonly alarms: readonly {
    readonly alarm: string;
    readonly reason: string;
    readonly since: Time;
    readonly count: number;
  }[];
  /** What is owed next, the earliest first. */
  readonly owed: readonly {
    readonly what: string;
    readonly dueAt: Time;
  }[];
  readonly timeline: readonly TimelineEntry[];
}
