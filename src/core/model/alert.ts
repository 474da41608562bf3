/**
 * What a source tells us, as plain data: alerts, and events about vendors' own incidents.
 * Vendor types stop here; everything after this file speaks Tocsin's words only.
 */

/** Epoch milliseconds, UTC. */
export type Instant = number;

/** A vendor's clock and ours may be so far apart: of two moments this close, one by each, nobody knows which was first. */
export const CLOCKS_APART_MS = 60_000;

export interface Link {
  readonly url: string;
  readonly text: string;
}

/** One condition reported by monitoring, at one moment. */
export interface Alert {
  readonly kind: 'alert';
  /** The sender's identity of this alert, unique within the source; same key = same alert. */
  readonly dedupKey: string;
  readonly status: 'firing' | 'resolved';
  readonly title: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The vendor's own severity or priority word, mapped per source by `severity_map`; null when absent. */
  readonly vendorSeverity: string | null;
  /** When this episode began by the vendor's clock; a later value with the same key is a new episode. Null: unknown. */
  readonly startsAt: Instant | null;
  /** When the vendor observed this; an observation older than the last one changes nothing. Null: unknown, arrival counts. */
  readonly observedAt: Instant | null;
  readonly links: readonly Link[];
  /** It stands for a vendor's own incident. Set where that becomes an alert and by no adapter: keys are what strangers write. */
  readonly ofObject?: true;
}

/** A person or machine as a vendor names it. */
export interface VendorPerson {
  readonly id: string | null;
  readonly name: string | null;
  readonly email: string | null;
}

export type VendorIncidentAction =
  | 'triggered'
  | 'acknowledged'
  | 'unacknowledged'
  | 'resolved'
  | 'reopened'
  | 'escalated'
  | 'reassigned'
  | 'priority_changed'
  /** Merged into another vendor incident: never a recovery. */
  | 'merged'
  | 'noted';

/**
 * An event about an incident or alert object that lives at a pager vendor.
 * Whether we created it (a page of ours) or somebody else did (an alert, adopted) is decided later.
 */
export interface VendorIncident {
  readonly kind: 'vendor_incident';
  readonly action: VendorIncidentAction;
  /** The vendor's id of the object. */
  readonly ref: string;
  /** The dedup key, alias or incident key of the object, where the vendor tells it. */
  readonly key: string | null;
  readonly title: string;
  readonly description: string;
  readonly url: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly vendorSeverity: string | null;
  readonly urgency: 'high' | 'low' | null;
  /** The vendor's service (PagerDuty) or team (Opsgenie) the object belongs to. */
  readonly service: { readonly id: string; readonly name: string | null } | null;
  /** Whose phone rings for it now. */
  readonly assignees: readonly VendorPerson[];
  /** Who acted; null when the vendor acted by itself. */
  readonly by: VendorPerson | null;
  /** Text of a note, for `noted`. */
  readonly note: string | null;
  readonly mergedInto: string | null;
  readonly observedAt: Instant | null;
}

export type Observation = Alert | VendorIncident;

/**
 * Peers of a highly available sender lag: one tells that an alert has cleared, and the other still tells that it fires. For
 * so long after a clearing a firing of the same start may be such a word; it waits for the next one, for so long at most.
 */
export const HELD_MS = 5 * 60_000;
