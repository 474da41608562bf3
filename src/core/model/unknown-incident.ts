/** The refusal that whoever decides, whoever serves and whoever reads beside a server give alike: there is no such incident. */
import type { Refusal } from './decision.ts';

/** Nobody opened one of this name. */
export function unknownIncident(id: string): Refusal {
  const message = `There is no incident ${id}. To see those that there are: \`tocsin list --all\`; to open one: \`tocsin declare "..."\`.`;
  return { code: 'unknown_incident', message, about: { kind: 'name', field: 'incident' } };
}
