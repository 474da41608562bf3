/** What rules can match on in an Opsgenie alert, from webhooks and from the API alike. */
import { listOf, memberOf, asText, textsOf } from '../../src/contract/index.ts';

/** `entity`, `source` and `tags` (comma-joined) of the alert, then its `details`, which are the user's and so win. */
export function labelsOf(alert: unknown): Readonly<Record<string, string>> {
  const tags = listOf(memberOf(alert, 'tags'))
    .map(asText)
    .filter((tag) => tag !== null);
  const labels = textsOf({
    entity: memberOf(alert, 'entity'),
    source: memberOf(alert, 'source'),
    tags: tags.join(','),
    ...textsOf(memberOf(alert, 'details')),
  });
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

/** `P1`..`P5`; older webhooks send the number alone. */
export function priorityTextOf(priority: unknown): string | null {
  return typeof priority === 'number' ? `P${priority}` : asText(priority);
}
