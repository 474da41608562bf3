/**
 * The vendors' truth joined to our side: a stand-in knows only which address rang under which key; who that is, in which
 * role and for which incident, stands in our incidents.
 */
import type { Incident } from '../core/model/incident.ts';
import type { TruthEntry } from '../sandbox/truth.ts';

export interface JoinedPage {
  readonly time: string;
  readonly vendor: string;
  readonly event: string;
  readonly address: string;
  readonly urgency: string;
  readonly incident: string | null;
  readonly person: string | null;
  readonly role: string | null;
}

type PageTruth = Extract<TruthEntry, { kind: 'page' }>;

function roleOf(incident: Incident, escalations: readonly string[]): string | null {
  const names = escalations.flatMap((id) => {
    const key = incident.escalations[id]?.key;
    if (key === undefined) return [];
    if (key.kind === 'role') return [key.role];
    if (key.kind === 'service') return ['on call'];
    return [key.kind === 'next' ? 'alarm' : key.kind];
  });
  return names.length === 0 ? null : names.join(', ');
}

/** Joins one page by its vendor key or the vendor's reference. */
export function joinPage(truth: PageTruth, incidents: readonly Incident[]): JoinedPage {
  const base = {
    time: truth.time,
    vendor: truth.vendor,
    event: truth.event,
    address: truth.address,
    urgency: truth.urgency,
  };
  for (const incident of incidents) {
    for (const page of Object.values(incident.pages)) {
      const ring = page.rings.find(
        (one) =>
          one.target === truth.target &&
          (one.key === truth.key || (one.ref !== null && one.ref === truth.ref)),
      );
      if (ring !== undefined)
        return {
          ...base,
          incident: incident.id,
          person: page.person ?? page.acknowledgedBy,
          role: roleOf(incident, page.escalations),
        };
    }
  }
  return { ...base, incident: null, person: null, role: null };
}
