/** A PagerDuty incident as both its spellings tell it (REST and webhook), read into Tocsin's words. */
import { instantOf, listOf, memberOf, asText, webAddressOf } from '../../src/contract/index.ts';
import type {
  VendorIncident,
  VendorIncidentAction,
  VendorPerson,
} from '../../src/contract/index.ts';
import { readKey } from './keys.ts';

/** What a reference calls its object. */
export function summaryOf(reference: unknown): string | null {
  return asText(memberOf(reference, 'summary')) ?? asText(memberOf(reference, 'name'));
}

/** The user behind a reference, or null: services, integrations and policies act too, and are no persons. */
export function personOf(reference: unknown): VendorPerson | null {
  const type = asText(memberOf(reference, 'type')) ?? '';
  const id = asText(memberOf(reference, 'id'));
  if (id === null || !['user_reference', 'user'].includes(type)) return null;
  return { id, name: summaryOf(reference), email: asText(memberOf(reference, 'email')) };
}

/** Users to whom the incident is assigned: `assignees` in webhooks, `assignments[].assignee` in REST. */
function assigneesOf(incident: unknown): readonly VendorPerson[] {
  const inRest = listOf(memberOf(incident, 'assignments')).map((one) => memberOf(one, 'assignee'));
  const references = [...listOf(memberOf(incident, 'assignees')), ...inRest];
  return references.map(personOf).filter((person) => person !== null);
}

function serviceOf(incident: unknown): VendorIncident['service'] {
  const service = memberOf(incident, 'service');
  const id = asText(memberOf(service, 'id'));
  return id === null ? null : { id, name: summaryOf(service) };
}

/** What rules and routes can match on. */
function labelsOf(incident: unknown): Readonly<Record<string, string>> {
  const service = serviceOf(incident);
  const values: readonly (readonly [string, string | null])[] = [
    ['vendor', 'pagerduty'],
    ['service', service?.name ?? null],
    ['service_id', service?.id ?? null],
    ['team', summaryOf(listOf(memberOf(incident, 'teams'))[0])],
    ['urgency', asText(memberOf(incident, 'urgency'))],
    ['priority', summaryOf(memberOf(incident, 'priority'))],
    ['escalation_policy', summaryOf(memberOf(incident, 'escalation_policy'))],
    ['incident_type', asText(memberOf(memberOf(incident, 'incident_type'), 'name'))],
  ];
  const labels: Record<string, string> = {};
  for (const [label, value] of values) if (value !== null) labels[label] = value;
  return labels;
}

/**
 * A merge is told as a resolve with this reason: https://developer.pagerduty.com/api-reference (ResolveReason).
 * @returns the id of the incident that took over, or null
 */
export function mergedInto(incident: unknown): string | null {
  const reason = memberOf(incident, 'resolve_reason');
  if (memberOf(reason, 'type') !== 'merge_resolve_reason') return null;
  return asText(memberOf(memberOf(reason, 'incident'), 'id')) ?? 'another incident';
}

/** What happened, beside the incident that it happened to. */
export interface Happening {
  readonly action: VendorIncidentAction;
  readonly by: VendorPerson | null;
  readonly note: string | null;
  readonly observedAt: unknown;
}

/** The observation, or null when the incident has no id. A mere reference will do: its unknown fields are null. */
export function observationOf(incident: unknown, happening: Happening): VendorIncident | null {
  const ref = asText(memberOf(incident, 'id'));
  if (ref === null) return null;
  const urgency = memberOf(incident, 'urgency');
  const into = happening.action === 'resolved' ? mergedInto(incident) : null;
  return {
    kind: 'vendor_incident',
    action: into === null ? happening.action : 'merged',
    ref,
    key: readKey(asText(memberOf(incident, 'incident_key'))).key,
    title:
      asText(memberOf(incident, 'title')) ?? summaryOf(incident) ?? `PagerDuty incident ${ref}`,
    description: asText(memberOf(incident, 'description')) ?? '',
    url: webAddressOf(memberOf(incident, 'html_url')),
    labels: labelsOf(incident),
    vendorSeverity: summaryOf(memberOf(incident, 'priority')),
    urgency: urgency === 'high' || urgency === 'low' ? urgency : null,
    service: serviceOf(incident),
    assignees: assigneesOf(incident),
    by: happening.by,
    note: happening.note,
    mergedInto: into,
    observedAt: instantOf(happening.observedAt),
  };
}

/** Whether the incident only carries a responder request of ours: its acknowledgement is nobody's answer. */
export function carriesResponder(incident: unknown): boolean {
  return readKey(asText(memberOf(incident, 'incident_key'))).carriesResponder;
}

/**
 * A resolve with words is told as two events, the second of which is this note: whoever resolved it has done nothing
 * further. Recorded deliveries; the prefix is PagerDuty's own.
 */
export function isOfResolve(note: string | null): boolean {
  return note?.startsWith('Resolution Note: ') === true;
}

/** Replies by which a requested responder takes part: `accepted` in webhooks, `joined` in REST answers. */
export function isTakingPart(state: unknown): boolean {
  return state === 'accepted' || state === 'joined';
}
