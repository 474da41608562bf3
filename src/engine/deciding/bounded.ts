/**
 * What enters a decision is bounded: rules are matched against it, and it ends up in states, pages and messages. What is
 * too long is cut and says so; the raw body stays in the inbox as it came.
 */
import { CUT, cutText } from '../../contract/bounded.ts';
import { oneLine } from '../../core/model/plain.ts';
import type {
  Alert,
  Link,
  Observation,
  VendorIncident,
  VendorPerson,
} from '../../core/model/alert.ts';
import type { ParsedRow } from './parsed.ts';

const KEY_MAX = 500;
const NAME_MAX = 200;
const TITLE_MAX = 1_000;
const TEXT_MAX = 10_000;
const VALUE_MAX = 4_096;
const URL_MAX = 2_000;
const LABELS_MAX = 100;
/** Names and values of all labels together. */
const LABELS_CHARS_MAX = 20_000;
const LINKS_MAX = 20;
const PEOPLE_MAX = 100;

type Labels = Readonly<Record<string, string>>;

function short(text: string | null, max: number): string | null {
  return text === null ? null : cutText(text, max);
}

function isBounded(labels: Labels): boolean {
  let count = 0;
  let chars = 0;
  for (const name in labels) {
    const { length } = labels[name] ?? '';
    count += 1;
    chars += name.length + length;
    const isTooMuch = count > LABELS_MAX || chars > LABELS_CHARS_MAX;
    if (isTooMuch || name.length > NAME_MAX || length > VALUE_MAX) return false;
  }
  return true;
}

function cutLabels(labels: Labels): Labels {
  const kept: Record<string, string> = {};
  let count = 0;
  let chars = 0;
  const { [CUT]: before, ...others } = labels;
  const all = Object.entries(others);
  for (const [name, value] of all) {
    const [label, said] = [cutText(name, NAME_MAX), cutText(value, VALUE_MAX)];
    if (count === LABELS_MAX || chars + label.length + said.length > LABELS_CHARS_MAX) continue;
    kept[label] = said;
    count += 1;
    chars += label.length + said.length;
  }
  const missing = all.length - count;
  const said = [missing === 0 ? null : `${missing} labels`, short(before ?? null, NAME_MAX)];
  const text = said.filter((one) => one !== null).join('; ');
  return text === '' ? kept : { ...kept, [CUT]: text };
}

/** Labels that thousands of alerts share are cut once. */
const cut = new WeakMap<Labels, Labels>();

function boundedLabels(labels: Labels): Labels {
  const known = cut.get(labels);
  if (known !== undefined) return known;
  if (isBounded(labels)) return labels;
  const shorter = cutLabels(labels);
  cut.set(labels, shorter);
  return shorter;
}

/** An address that is cut leads nowhere. */
function boundedLinks(links: readonly Link[]): readonly Link[] {
  const isShort = ({ url, text }: Link): boolean =>
    url.length <= URL_MAX && text.length <= NAME_MAX;
  return links.length <= LINKS_MAX && links.every(isShort)
    ? links
    : links.filter(isShort).slice(0, LINKS_MAX);
}

/** Whoever is woken reads it first, and where it is shown nothing else may seem to be said. */
function titleOf({ title }: { readonly title: string }): string {
  const line = oneLine(title);
  return line === '' ? 'Alert without a title' : cutText(line, TITLE_MAX);
}

function boundedAlert(alert: Alert): Alert {
  const { dedupKey, description, vendorSeverity } = alert;
  const title = titleOf(alert);
  const labels = boundedLabels(alert.labels);
  const links = boundedLinks(alert.links);
  const isShort =
    dedupKey.length <= KEY_MAX &&
    title === alert.title &&
    description.length <= TEXT_MAX &&
    (vendorSeverity ?? '').length <= NAME_MAX;
  if (isShort && labels === alert.labels && links === alert.links) return alert;
  return {
    ...alert,
    dedupKey: cutText(dedupKey, KEY_MAX),
    title,
    description: cutText(description, TEXT_MAX),
    labels,
    vendorSeverity: short(vendorSeverity, NAME_MAX),
    links,
  };
}

function boundedPerson({ id, name, email }: VendorPerson): VendorPerson {
  return { id: short(id, NAME_MAX), name: short(name, NAME_MAX), email: short(email, NAME_MAX) };
}

function boundedIncident(incident: VendorIncident): VendorIncident {
  const { url, service, by, mergedInto } = incident;
  return {
    ...incident,
    ref: cutText(incident.ref, KEY_MAX),
    key: short(incident.key, KEY_MAX),
    title: titleOf(incident),
    description: cutText(incident.description, TEXT_MAX),
    url: url !== null && url.length > URL_MAX ? null : url,
    labels: boundedLabels(incident.labels),
    vendorSeverity: short(incident.vendorSeverity, NAME_MAX),
    service:
      service === null
        ? null
        : { id: cutText(service.id, NAME_MAX), name: short(service.name, NAME_MAX) },
    assignees: incident.assignees.slice(0, PEOPLE_MAX).map(boundedPerson),
    by: by === null ? null : boundedPerson(by),
    note: short(incident.note, TEXT_MAX),
    mergedInto: short(mergedInto, KEY_MAX),
  };
}

/** The observation, with nothing in it that is too long. */
export function bounded(observation: Observation): Observation {
  return observation.kind === 'alert' ? boundedAlert(observation) : boundedIncident(observation);
}

/** A row with all that it observes bounded. */
export function boundedRow(parsed: ParsedRow): ParsedRow {
  if (parsed.kind !== 'observations') return parsed;
  return { ...parsed, observations: parsed.observations.map(bounded) };
}
