/** What Tocsin says about itself: alerts of a built-in source, and how urgent each of them is. */
import type { Routing } from './input.ts';
import type { Urgency } from './policy.ts';

/** The built-in source of alerts that Tocsin raises about itself. */
export const SELF = 'tocsin';

/** Deliveries that were genuine and could not be read. */
export const UNREADABLE = 'UnparsedDelivery';

/**
 * High is what means that alerts are not taken in or pages not sent, or that an outage may be hidden behind it. Of single
 * pages that fail their own incident takes care; everything else can wait for the morning.
 */
const URGENCY = {
  [UNREADABLE]: 'high',
  UndecidedDeliveries: 'high',
  OverdueWork: 'high',
  OverdueObligation: 'high',
  SpoiltRows: 'high',
  TokenSpoilt: 'low',
  OverdueMessages: 'low',
  UnknownOutcomes: 'low',
  DeadLetters: 'low',
  ReloadFailed: 'low',
  TeamFileRefused: 'low',
} as const satisfies Readonly<Record<string, Urgency>>;

/** `alertname` of an alert about Tocsin. */
export type AboutTocsin = keyof typeof URGENCY;

/** How urgent it is, where it is about Tocsin itself; null: it is not. What has no name here could not be decided at all. */
export function urgencyAboutTocsin({
  source,
  labels,
}: Pick<Routing, 'source' | 'labels'>): Urgency | null {
  if (source !== SELF) return null;
  const known: Readonly<Record<string, Urgency>> = URGENCY;
  return known[labels['alertname'] ?? ''] ?? 'high';
}
