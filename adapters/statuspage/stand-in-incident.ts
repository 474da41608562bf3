/** The memory of the played Statuspage: incidents, their updates, and the states of components. */
import { isoOf } from '../../src/contract/index.ts';
import type { Truth } from '../../src/contract/index.ts';
import { isFields } from './stand-in-request.ts';
import type { Fields } from './stand-in-request.ts';

export interface Component {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

interface Update {
  readonly id: string;
  readonly status: string;
  readonly body: string;
  readonly at: number;
  readonly notified: boolean;
  readonly affected: readonly {
    readonly code: string;
    readonly name: string;
    readonly old_status: string;
    readonly new_status: string;
  }[];
}

export interface Incident {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly impactOverride: string | null;
  readonly metadata: Fields;
  readonly componentIds: readonly string[];
  readonly createdAt: number;
  /** Oldest first. */
  readonly updates: readonly Update[];
}

export interface PageState {
  readonly id: string;
  readonly name: string;
  readonly components: readonly Component[];
  /** Oldest first. */
  readonly incidents: readonly Incident[];
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** Twelve lower-case letters and digits, as the vendor's ids look; derived from a count, so two runs agree. */
function idOf(prefix: string, count: number): string {
  return prefix + String(count).padStart(12 - prefix.length, '0');
}

interface Change {
  readonly fields: Fields;
  readonly now: number;
}

interface Written {
  readonly page: PageState;
  readonly incident: Incident;
  readonly truth: Truth;
}

/** `component_ids` marks components as affected; `components` changes their states. Neither implies the other. */
function affectedIds(incident: Incident, fields: Fields): readonly string[] {
  const given: unknown = fields['component_ids'];
  const ids = Array.isArray(given) ? given.map(String) : incident.componentIds;
  return [
    ...new Set([
      ...ids,
      ...Object.keys(isFields(fields['components']) ? fields['components'] : {}),
    ]),
  ];
}

function withStates(page: PageState, fields: Fields): readonly Component[] {
  const states = isFields(fields['components']) ? fields['components'] : {};
  return page.components.map((component) => ({
    ...component,
    status: textOf(states[component.id], component.status),
  }));
}

function updateOf(before: PageState, after: Incident, { fields, now }: Change): Update {
  const states = isFields(fields['components']) ? fields['components'] : {};
  const affected = before.components
    .filter(({ id }) => after.componentIds.includes(id))
    .map(({ id, name, status }) => ({
      code: id,
      name,
      old_status: status,
      new_status: textOf(states[id], status),
    }));
  return {
    id: idOf(
      'u',
      before.incidents.reduce((sum, { updates }) => sum + updates.length, 1),
    ),
    status: after.status,
    body: textOf(fields['body'], ''),
    at: now,
    // "deliver_notifications ... default: true"
    notified: fields['deliver_notifications'] !== false,
    affected,
  };
}

/** The page after a change of the incident; a status or a body makes an update that the public sees. */
function written(page: PageState, before: Incident, change: Change): Written {
  const { fields } = change;
  const after: Incident = {
    ...before,
    name: textOf(fields['name'], before.name),
    status: textOf(fields['status'], before.status),
    impactOverride:
      typeof fields['impact_override'] === 'string'
        ? fields['impact_override']
        : before.impactOverride,
    metadata: isFields(fields['metadata']) ? fields['metadata'] : before.metadata,
    componentIds: affectedIds(before, fields),
  };
  const update = updateOf(page, after, change);
  const incident = { ...after, updates: [...after.updates, update] };
  const others = page.incidents.filter(({ id }) => id !== incident.id);
  const components = withStates(page, fields);
  const truth: Truth = {
    kind: 'post',
    page: page.id,
    ref: incident.id,
    name: incident.name,
    status: incident.status,
    body: update.body,
    components: Object.fromEntries(
      update.affected.map(({ name, new_status }) => [name, new_status]),
    ),
    notified: update.notified,
  };
  const inOrder = [...others, incident].toSorted((a, b) => a.id.localeCompare(b.id));
  return { page: { ...page, components, incidents: inOrder }, incident, truth };
}

export function created(page: PageState, fields: Fields, now: number): Written {
  const blank: Incident = {
    id: idOf('i', page.incidents.length + 1),
    name: '',
    status: 'investigating',
    impactOverride: null,
    metadata: {},
    componentIds: [],
    createdAt: now,
    updates: [],
  };
  return written(page, blank, { fields, now });
}

/** There is no call to add an update: a PATCH with a status or a body is one. Anything else changes silently. */
export function applied(
  page: PageState,
  incident: Incident,
  change: Change,
): Omit<Written, 'truth'> & { readonly truth: readonly Truth[] } {
  const { truth, ...result } = written(page, incident, change);
  const isPublic = change.fields['status'] !== undefined || change.fields['body'] !== undefined;
  if (isPublic) return { ...result, truth: [truth] };
  const silent = { ...result.incident, updates: incident.updates };
  const incidents = result.page.incidents.map((other) => (other.id === silent.id ? silent : other));
  return { page: { ...result.page, incidents }, incident: silent, truth: [] };
}

const IMPACTS: Readonly<Record<string, string>> = {
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
  under_maintenance: 'maintenance',
};
const IMPACT_ORDER = ['none', 'maintenance', 'minor', 'major', 'critical'];

/** The worst state that the incident ever gave a component; `impact_override` wins. */
function impactOf(incident: Incident): string {
  if (incident.impactOverride !== null) return incident.impactOverride;
  const impacts = incident.updates.flatMap(({ affected }) =>
    affected.map(({ new_status }) => IMPACTS[new_status] ?? 'none'),
  );
  return IMPACT_ORDER.findLast((impact) => impacts.includes(impact)) ?? 'none';
}

function firstAt(incident: Incident, status: string): string | null {
  const at = incident.updates.find((update) => update.status === status)?.at;
  return at === undefined ? null : isoOf(at);
}

/** The incident as the API shows it; newest update first. */
export function incidentAnswer(page: PageState, incident: Incident): Fields {
  return {
    id: incident.id,
    page_id: page.id,
    name: incident.name,
    status: incident.status,
    impact: impactOf(incident),
    impact_override: incident.impactOverride,
    metadata: incident.metadata,
    created_at: isoOf(incident.createdAt),
    updated_at: isoOf(incident.updates.at(-1)?.at ?? incident.createdAt),
    monitoring_at: firstAt(incident, 'monitoring'),
    resolved_at: firstAt(incident, 'resolved'),
    scheduled_for: null,
    scheduled_until: null,
    reminder_intervals: null,
    postmortem_body: null,
    postmortem_published_at: null,
    shortlink: `https://stspg.example/${incident.id}`,
    components: page.components.filter(({ id }) => incident.componentIds.includes(id)),
    incident_updates: incident.updates.toReversed().map((update) => ({
      id: update.id,
      incident_id: incident.id,
      status: update.status,
      body: update.body,
      created_at: isoOf(update.at),
      display_at: isoOf(update.at),
      updated_at: isoOf(update.at),
      deliver_notifications: update.notified,
      affected_components: update.affected.length === 0 ? null : update.affected,
    })),
  };
}
