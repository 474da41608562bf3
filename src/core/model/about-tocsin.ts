/** What Tocsin says about itself: alerts of a built-in source, and how urgent each of them is. */
import type { Routing } from './input.ts';
import { own } from './own.ts';
import type { Urgency } from './policy.ts';

/** The built-in source of alerts that Tocsin raises about itself. */
export const SELF = 'tocsin';

/** Deliveries that were genuine and could not be read. */
export const UNREADABLE = 'UnparsedDelivery';

/** What a source sends again and again stays away: alerts may not come in. */
export const MISSING = 'ExpectedAlertMissing';

/**
 * High is what means that alerts are not taken in or pages not sent, or that an outage may be hidden behind it. Of single
 * pages that fail their own incident takes care; everything else can wait for the morning.
 * How urgent it is that an expected alert stays away is written beside it, as a level.
 */
const URGENCY = {
  [UNREADABLE]: 'high',
  UndecidedDeliveries: 'high',
  OverdueWork: 'high',
  OverdueObligation: 'high',
  SpoiltRows: 'high',
  DataLost: 'high',
  ArchiveLost: 'low',
  TokenSpoilt: 'low',
  ClockSetBack: 'low',
  OverdueMessages: 'low',
  UnknownOutcomes: 'low',
  DeadLetters: 'low',
  ReloadFailed: 'low',
  JobFailed: 'low',
  TargetUnproved: 'low',
  HeartbeatFailed: 'low',
  TeamFileRefused: 'low',
  [MISSING]: 'of its level',
} as const satisfies Readonly<Record<string, Urgency | 'of its level'>>;

/** `alertname` of an alert about Tocsin. */
export type AboutTocsin = keyof typeof URGENCY;

/**
 * How urgent it is, where it is about Tocsin itself; null: it is not, or its level says so. What has no name here could
 * not be decided at all.
 */
export function urgencyAboutTocsin({
  source,
  labels,
}: Pick<Routing, 'source' | 'labels'>): Urgency | null {
  if (source !== SELF) return null;
  const known: Readonly<Record<string, Urgency | 'of its level'>> = URGENCY;
  const urgency = own(known, labels['alertname'] ?? '') ?? 'high';
  return urgency === 'of its level' ? null : urgency;
}
