/**
 * Alertmanager's webhook body to alerts. One body is one group: many alerts in mixed states, repeated every
 * `repeat_interval` and whenever the group changes. What a body leaves out is never taken for resolved.
 * Format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
import {
  hmac,
  instantOf,
  isRecord,
  listOf,
  memberOf,
  readJson,
  asText,
  textsOf,
  webAddressOf,
} from '../../src/contract/index.ts';
import type { Alert, JsonRecord, Link, ParseResult } from '../../src/contract/index.ts';

/** Pure and total. */
export function parseDelivery(body: Uint8Array): ParseResult {
  const reading = readJson(body);
  if (!reading.ok) return reading;
  const group = reading.value;
  const alerts = memberOf(group, 'alerts');
  if (!isRecord(group) || !Array.isArray(alerts)) {
    return { ok: false, reason: 'not an Alertmanager webhook: the list `alerts` is missing' };
  }
  const readable = listOf(alerts).filter(isRecord);
  const unreadable = alerts.length - readable.length;
  if (readable.length === 0 && unreadable > 0)
    return { ok: false, reason: 'not an Alertmanager webhook: `alerts` holds no objects' };
  const ignored =
    alerts.length === 0 ? [{ what: 'delivery', reason: 'the list `alerts` is empty' }] : [];
  if (unreadable > 0)
    ignored.push({ what: `${unreadable} of ${alerts.length} alerts`, reason: 'no JSON object' });
  const common: Common = {
    group,
    labels: textsOf(memberOf(group, 'commonLabels')),
    annotations: textsOf(memberOf(group, 'commonAnnotations')),
    links: linkTo(memberOf(group, 'externalURL'), 'Alertmanager'),
  };
  const observations = readable.map((alert) => alertOf(alert, common));
  const key = asText(memberOf(group, 'groupKey'));
  return {
    ok: true,
    parsed: {
      observations,
      ignored,
      truncated: truncatedOf(group) + unreadable,
      ...(key === null ? {} : { group: key }),
    },
  };
}

/** `truncatedAlerts` counts what `max_alerts` cut off; absent before Alertmanager 0.22. */
function truncatedOf(group: JsonRecord): number {
  const count = memberOf(group, 'truncatedAlerts');
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** What the alerts of a group share; read once, however many they are. */
interface Common {
  readonly group: JsonRecord;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly links: readonly Link[];
}

function textsIn(value: unknown, common: Common['labels']): Common['labels'] {
  return value === undefined || value === null ? common : textsOf(value);
}

function alertOf(alert: JsonRecord, common: Common): Alert {
  const { group } = common;
  const labels = textsIn(memberOf(alert, 'labels'), common.labels);
  const annotations = textsIn(memberOf(alert, 'annotations'), common.annotations);
  return {
    kind: 'alert',
    dedupKey: asText(memberOf(alert, 'fingerprint')) ?? identityOf(alert, labels),
    status: isResolved(alert, group) ? 'resolved' : 'firing',
    title: asText(annotations['summary']) ?? asText(annotations['title']) ?? nameOf(labels),
    description: asText(annotations['description']) ?? asText(annotations['message']) ?? '',
    labels,
    vendorSeverity: asText(labels['severity']),
    startsAt: instantOf(memberOf(alert, 'startsAt')),
    // The body carries no time of sending, and `endsAt` may lie before a repeat that arrived meanwhile: arrival counts.
    observedAt: null,
    links: linksOf(alert, annotations, common),
  };
}

/** A group is `resolved` only when all its alerts are; an alert that says nothing in a firing group is firing. */
function isResolved(alert: JsonRecord, group: JsonRecord): boolean {
  return (asText(memberOf(alert, 'status')) ?? memberOf(group, 'status')) === 'resolved';
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  const where = asText(labels['instance']) ?? asText(labels['service']) ?? asText(labels['job']);
  const name = asText(labels['alertname']) ?? 'Alert without a name';
  return where === null ? name : `${name} (${where})`;
}

/**
 * Our own fingerprint for senders that give none (Alertmanager before 0.16, relays): labels identify an alert, in any
 * order. Without labels, what the alert was generated from has to do.
 */
function identityOf(alert: JsonRecord, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => JSON.stringify([name, value]));
  if (pairs.length === 0)
    pairs.push(
      JSON.stringify([
        asText(memberOf(alert, 'generatorURL')),
        asText(memberOf(alert, 'startsAt')),
      ]),
    );
  return hmac('sha256', 'alertmanager labels', pairs.toSorted().join('\n'))
    .toString('hex')
    .slice(0, 32);
}

const LINKED_ANNOTATIONS = [
  ['runbook_url', 'Runbook'],
  ['dashboard_url', 'Dashboard'],
] as const;

function linkTo(address: unknown, text: string): readonly Link[] {
  const url = webAddressOf(address);
  return url === null ? [] : [{ url, text }];
}

function linksOf(
  alert: JsonRecord,
  annotations: Readonly<Record<string, string>>,
  common: Common,
): readonly Link[] {
  const links = [...linkTo(memberOf(alert, 'generatorURL'), 'Source of the alert')];
  for (const [name, text] of LINKED_ANNOTATIONS) links.push(...linkTo(annotations[name], text));
  return links.length === 0 ? common.links : [...links, ...common.links];
}
