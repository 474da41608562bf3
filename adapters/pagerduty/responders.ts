/**
 * Ringing a person (or an escalation policy) as a requested responder. A request hangs on an incident, so one is opened
 * that rings nobody: assigned to the user of `from`, who is not notified of what it assigns to itself.
 */
import { z } from 'zod';
import { delivered, jsonOf } from '../../src/contract/index.ts';
import type { Io, Outcome, PageOrder } from '../../src/contract/index.ts';
import { isSuccess, refusal, send, unreadable } from './api.ts';
import type { Config, Named, RingsBy } from './config.ts';
import { confirmed, incidentById, openIncident, refusalOfObject } from './incidents.ts';
import type { Incident, Opened } from './incidents.ts';
import { isTakingPart } from './incident.ts';
import { responderKeyOf } from './keys.ts';
import { NO_REQUESTER, refusedFor } from './lacks.ts';
import { cut, orElse, SUMMARY_MAX } from './text.ts';

type ResponderRing = Extract<RingsBy, { by: 'responder' }>;

export interface ResponderPage {
  readonly order: PageOrder;
  readonly ring: ResponderRing;
  readonly service: Named;
}

function targetOf({ responder }: ResponderRing): { readonly id: string; readonly type: string } {
  return { id: responder.id, type: `${responder.type}_reference` };
}

/** Whether the incident shows that this responder was asked. */
export function isAsked(incident: Incident, ring: ResponderRing): boolean {
  const asked = (incident.responder_requests ?? []).flatMap((one) =>
    one.responder_request_targets.map((target) => target.responder_request_target?.id),
  );
  const people = (incident.incidents_responders ?? []).map((one) => one.user?.id);
  return [...asked, ...people].includes(ring.responder.id);
}

async function hostOf(page: ResponderPage, requester: Named, io: Io<Config>): Promise<Opened> {
  const { order, service } = page;
  if (order.externalRef !== null) {
    const known = await incidentById(order.externalRef, io);
    if (known.ok && known.data.status !== 'resolved')
      return { ok: true, incident: known.data, isNew: false };
  }
  const key = responderKeyOf(order.key);
  const callee = { assignee: requester.id };
  // Whom we ask is not named in it: what is refused is the requester or the service, and so everybody.
  return openIncident({ order, key, service, own: 'nothing', callee }, io);
}

const asked = z.object({ responder_request: z.object({}) });

/**
 * POST /incidents/{id}/responder_requests; each target is wrapped. 402 without the ability "coordinated responding".
 * https://developer.pagerduty.com/api-reference (Create a responder request for an incident)
 */
export async function requestResponder(page: ResponderPage, io: Io<Config>): Promise<Outcome> {
  const { requester } = io.config;
  if (requester === undefined) return refusedFor(NO_REQUESTER);
  const host = await hostOf(page, requester, io);
  if (!host.ok) return host.outcome;
  if (host.isNew && host.incident.status !== 'acknowledged')
    io.log.warn({ requester }, 'the requester is not the user of `from` and is rung too');
  // A request repeated after an unknown outcome would ring the same person again.
  if (isAsked(host.incident, page.ring)) return confirmed(host.incident);
  const answer = await send(io, {
    method: 'POST',
    path: `/incidents/${encodeURIComponent(host.incident.id)}/responder_requests`,
    json: {
      requester_id: requester.id,
      message: cut(orElse(page.order.title, 'You are needed.'), SUMMARY_MAX),
      responder_request_targets: [{ responder_request_target: targetOf(page.ring) }],
    },
  });
  // The incident is there, as was just read: what is not found is whom we ask.
  if (!isSuccess(answer)) return refusal(answer, io.now);
  return asked.safeParse(jsonOf(answer)).success ? confirmed(host.incident) : unreadable(answer);
}

/**
 * Takes the request back, so that the phone stops: PUT .../responder_requests/cancel, targets not wrapped. Who has
 * joined or declined already cannot be cancelled, and need not be.
 */
export async function cancelRequest(
  id: string,
  ring: ResponderRing,
  io: Io<Config>,
): Promise<Outcome> {
  const { requester } = io.config;
  if (requester === undefined) return refusedFor(NO_REQUESTER);
  const answer = await send(io, {
    method: 'PUT',
    path: `/incidents/${encodeURIComponent(id)}/responder_requests/cancel`,
    json: { requester_id: requester.id, responder_request_targets: [targetOf(ring)] },
  });
  if (isSuccess(answer)) return delivered('confirmed', { externalRef: id });
  return refusalOfObject(answer, io.now);
}

/** Whether somebody who was asked takes part, and who. */
export function takingPart(
  incident: Incident,
): NonNullable<Incident['incidents_responders']>[number] | null {
  return incident.incidents_responders?.find((one) => isTakingPart(one.state)) ?? null;
}
