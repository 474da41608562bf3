/** Refusals that whoever decides, whoever serves and whoever reads beside a server give alike: of incidents that are not there. */
import type { Refusal } from './decision.ts';

/** Nobody opened one of this name. */
export function unknownIncident(id: string): Refusal {
  const message = `There is no incident ${id}. To see those that there are: \`tocsin list --all\`; to open one: \`tocsin declare "..."\`.`;
  return { code: 'unknown_incident', message, about: { kind: 'name', field: 'incident' } };
}

/** It has been over for so long that it was moved to the archive, where nothing changes any more. */
export function archivedIncident(id: string): Refusal {
  const message = `${id} has been over for long and is archived: it can be read (\`tocsin show ${id}\`), and does not change any more. To work on it again, open a new one and name it there: \`tocsin declare "..."\`.`;
  return { code: 'archived', message };
}
