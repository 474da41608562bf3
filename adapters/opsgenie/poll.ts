/**
 * What happened at Opsgenie while we heard nothing: the alerts that changed since, newest change first, read until they
 * are older. A list is eventually consistent, so it serves to reconcile after an outage and never to confirm a page.
 */
import { instantOf, listOf, memberOf, asText } from '../../src/contract/index.ts';
import type {
  Observation,
  PollPart,
  VendorIncident,
  VendorPerson,
} from '../../src/contract/index.ts';
import { read } from './api.ts';
import type { TargetConfig } from './config.ts';
import { labelsOf, priorityTextOf } from './labels.ts';
import { actorOf, personOf } from './person.ts';
import { reportedAt } from './report.ts';

/** The vendor's own maximum; 20 pages are 2000 changed alerts. */
const PAGE_SIZE = 100;
const PAGES_MAX = 20;

function incidentOf(
  alert: unknown,
  ref: string,
): Omit<VendorIncident, 'action' | 'by' | 'observedAt'> {
  const responders = listOf(memberOf(alert, 'responders'));
  const team = responders.find((responder) => memberOf(responder, 'type') === 'team');
  const teamId = asText(memberOf(team, 'id'));
  return {
    kind: 'vendor_incident',
    ref,
    key: asText(memberOf(alert, 'alias')),
    title: asText(memberOf(alert, 'message')) ?? `Opsgenie alert ${ref}`,
    description: '',
    url: null,
    labels: labelsOf(alert),
    vendorSeverity: priorityTextOf(memberOf(alert, 'priority')),
    urgency: null,
    service: teamId === null ? null : { id: teamId, name: asText(memberOf(team, 'name')) },
    assignees: responders
      .filter((responder) => memberOf(responder, 'type') === 'user')
      .map((responder) => personOf(responder))
      .filter((person): person is VendorPerson => person !== null),
    note: null,
    mergedInto: null,
  };
}

/** What must have happened for the alert to be as it is: its opening if that is news, then its present state. */
function observationsOf(alert: unknown, from: number): readonly Observation[] {
  const ref = asText(memberOf(alert, 'id'));
  if (ref === null) return [];
  const base = incidentOf(alert, ref);
  const openedAt = instantOf(memberOf(alert, 'createdAt'));
  const changedAt = instantOf(memberOf(alert, 'updatedAt'));
  const report = memberOf(alert, 'report');
  if (memberOf(alert, 'status') === 'closed')
    return [
      {
        ...base,
        action: 'resolved',
        by: actorOf(memberOf(report, 'closedBy')),
        observedAt: reportedAt(alert, 'closeTime') ?? changedAt,
      },
    ];
  const opened: Observation = { ...base, action: 'triggered', by: null, observedAt: openedAt };
  if (memberOf(alert, 'acknowledged') !== true) return [opened];
  const by = actorOf(memberOf(report, 'acknowledgedBy')) ?? actorOf(memberOf(alert, 'owner'));
  const observedAt = reportedAt(alert, 'ackTime') ?? changedAt;
  const acknowledged: Observation = { ...base, action: 'acknowledged', by, observedAt };
  return openedAt !== null && openedAt >= from ? [opened, acknowledged] : [acknowledged];
}

export const poll: PollPart<TargetConfig> = {
  since: async (from, io) => {
    const observations: Observation[] = [];
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await read(io, '/v2/alerts', {
        sort: 'updatedAt',
        order: 'desc',
        limit: String(PAGE_SIZE),
        offset: String(page * PAGE_SIZE),
      });
      if (!answer.ok) return answer;
      if (!Array.isArray(answer.data))
        return { ok: false, reason: 'server_error', detail: 'the answer holds no list of alerts' };
      const changed = listOf(answer.data).filter(
        (alert) => (instantOf(memberOf(alert, 'updatedAt')) ?? from) >= from,
      );
      observations.push(...changed.flatMap((alert) => observationsOf(alert, from)));
      if (changed.length < PAGE_SIZE) return { ok: true, data: inOrder(observations) };
    }
    io.log.warn(
      { alerts: PAGE_SIZE * PAGES_MAX },
      'more alerts changed at Opsgenie than are read at once; the oldest are left out',
    );
    return { ok: true, data: inOrder(observations) };
  },
};

function inOrder(observations: readonly Observation[]): readonly Observation[] {
  return observations.toSorted((a, b) => (a.observedAt ?? 0) - (b.observedAt ?? 0));
}
