/** What the played Statuspage refuses in a request body, by its specification: postPagesPageIdIncidents, patchPagesPageIdIncidents. */
import type { StandInRequest } from '../../src/contract/index.ts';

export type Fields = Readonly<Record<string, unknown>>;

export type Body =
  | { readonly ok: true; readonly incident: Fields }
  | { readonly ok: false; readonly status: number; readonly error: unknown };

const REALTIME = ['investigating', 'identified', 'monitoring', 'resolved'];
const COMPONENT = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
];
const IMPACT = ['none', 'maintenance', 'minor', 'major', 'critical'];
/** "There is a maximum limit of 255 characters" / "25000 characters". */
const NAME_MAX = 255;
const BODY_MAX = 25_000;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The content of the `incident` wrapper. "Make sure the Content-Type header matches the body structure". */
export function readBody(request: StandInRequest): Body {
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
  const parsed = isJson ? jsonOf(request.body) : undefined;
  if (!isFields(parsed))
    return {
      ok: false,
      status: 400,
      error: 'Bad request: the body is no JSON object of content type application/json',
    };
  const beside = Object.keys(parsed).filter((key) => key !== 'incident');
  const wrapped = parsed['incident'];
  if (!isFields(wrapped) || beside.length > 0)
    return { ok: false, status: 422, error: ['incident is missing, or stands beside other keys'] };
  return { ok: true, incident: wrapped };
}

function textProblems(fields: Fields, key: string, charactersMax: number): readonly string[] {
  const value = fields[key];
  if (value === undefined) return [];
  if (typeof value !== 'string') return [`${key} must be a string`];
  return [...value].length > charactersMax
    ? [`${key} is too long (maximum is ${charactersMax} characters)`]
    : [];
}

function choiceProblems(
  fields: Fields,
  key: string,
  choices: readonly string[],
): readonly string[] {
  const value = fields[key];
  const isChoice = value === undefined || (typeof value === 'string' && choices.includes(value));
  return isChoice ? [] : [`${key} ${JSON.stringify(value)} is not one of ${choices.join(', ')}`];
}

function componentProblems(fields: Fields, known: ReadonlySet<string>): readonly string[] {
  const states = fields['components'] ?? {};
  const ids = fields['component_ids'] ?? [];
  if (!isFields(states)) return ['components must be a map of component id to status'];
  if (!Array.isArray(ids)) return ['component_ids must be a list'];
  const named = [...Object.keys(states), ...ids.map(String)];
  const unknown = named
    .filter((id) => !known.has(id))
    .map((id) => `component ${id} does not exist on this page`);
  const wrong = Object.entries(states)
    .filter(([, status]) => !COMPONENT.includes(String(status)))
    .map(
      ([id, status]) =>
        `components.${id} ${JSON.stringify(status)} is not one of ${COMPONENT.join(', ')}`,
    );
  return [...new Set(unknown), ...wrong];
}

/** "All top-level values in the object must also be objects." */
function metadataProblems(fields: Fields): readonly string[] {
  const metadata = fields['metadata'] ?? {};
  if (!isFields(metadata)) return ['metadata must be an object'];
  return Object.entries(metadata)
    .filter(([, value]) => !isFields(value))
    .map(([key]) => `metadata.${key} must be an object`);
}

function notificationProblems(fields: Fields): readonly string[] {
  return ['boolean', 'undefined'].includes(typeof fields['deliver_notifications'])
    ? []
    : ['deliver_notifications must be true or false'];
}

/** Scheduled maintenance is not played: its statuses are refused as they are for real-time incidents. */
export function patchProblems(
  fields: Fields,
  components: readonly { readonly id: string }[],
): readonly string[] {
  return [
    ...textProblems(fields, 'name', NAME_MAX),
    ...textProblems(fields, 'body', BODY_MAX),
    ...choiceProblems(fields, 'status', REALTIME),
    ...choiceProblems(fields, 'impact_override', IMPACT),
    ...componentProblems(fields, new Set(components.map(({ id }) => id))),
    ...metadataProblems(fields),
    ...notificationProblems(fields),
  ];
}

export function creationProblems(
  fields: Fields,
  components: readonly { readonly id: string }[],
): readonly string[] {
  const nameless = typeof fields['name'] !== 'string' || fields['name'].trim() === '';
  return [...(nameless ? ["name can't be blank"] : []), ...patchProblems(fields, components)];
}
