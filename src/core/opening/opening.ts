/** Alerts open incidents, join them, and clear: what each means for the incident. */
import { encodeAdopted, encodePage } from '../model/made-ids.ts';
import { serviceRequest, type EscalationRequest } from '../paging/requests.ts';
import { raiseAlarm } from '../paging/alarms.ts';
import { acknowledgePage } from '../command/acknowledging.ts';
import { declare, mayDeclare, pagesNobody } from '../command/declaring.ts';
import { triageRequests } from '../paging/moments.ts';
import { startEscalations } from '../paging/escalating.ts';
import { SELF } from '../model/about-tocsin.ts';
import { ruleEvidence } from '../model/evidence.ts';
import { encodeEscalation, type EscalationId } from '../model/keys.ts';
import { offerOf } from '../paging/offers.ts';
import { isOver, type Page, type Escalation } from '../model/incident.ts';
import { isProvenQuiet } from '../model/quiet.ts';
import { textOf } from '../informing/informing.ts';
import type { Instant } from '../model/alert.ts';
import type { Adopted, AlertsSummary, Fact, Routing, Stamp } from '../model/input.ts';
import type { AdoptedAddress } from '../model/policy.ts';
import { postTo, say } from '../texts/messages.ts';
import { startPublicClocks, stopPublic } from '../publishing/publishing.ts';
import { goesBy } from '../publishing/public-page.ts';
import { considerSoak } from '../resolving/resolving.ts';
import { attend } from './attending.ts';
import { relapsed } from './relapsing.ts';
import { noteHeard, noteHeld, noteTold } from './unproven.ts';
import { isForAlarm } from '../model/events-paging.ts';
import { applyRule } from '../severity/severity.ts';
import {
  emit,
  levelOf,
  openDecision,
  urgencyOf,
  type Context,
  type Decision,
} from '../model/decision.ts';

type Observed = Stamp & Extract<Fact, { type: 'AlertsObserved' }>;

/** A new incident: its level, and the ring of its service's on-call only. */
export function openByAlerts(input: Observed, context: Context): Decision {
  const { routing, alerts, adopted, storm, told } = input;
  const decision = openDecision(input, context, {
    type: 'IncidentOpened',
    kind: 'incident',
    title: storm === null ? routing.title : `Alert storm over ${storm.over}: ${routing.title}`,
    routing,
    firstSignalAt: alerts.firstSignalAt,
    adopted,
  });
  if (storm !== null)
    emit(decision, {
      type: 'StormGathered',
      over: storm.over,
      children: storm.children,
      services: input.services,
    });
  attach(decision, routing, alerts);
  noteTold(decision, told);
  applyRule(decision, routing);
  triage(decision, adopted);
  if (routing.trusted && mayDeclare(decision, 'trusted_rule')) declare(decision, 'trusted_rule');
  // It may have cleared before anybody decided about it.
  considerSoak(decision);
  return decision;
}

function attach(decision: Decision, routing: Routing, alerts: AlertsSummary): void {
  emit(decision, {
    type: 'AlertsAttached',
    alerts,
    service: routing.service,
    spent: [ruleEvidence(routing)],
  });
}

/** Rings whoever the level wants in triage; a level that pages nobody leaves a note. */
function triage(decision: Decision, adopted: Adopted | null): void {
  const wanted = triageRequests(decision);
  const { service } = decision.state.routing;
  const requests =
    wanted.length === 0 && adopted !== null ? [serviceRequest(decision, service)] : wanted;
  const first =
    requests.find((request) => request.recipient.kind === 'service_on_call') ?? requests[0];
  if (adopted !== null && first !== undefined) {
    adopt(decision, adopted, first);
    startEscalations(
      decision,
      requests.filter((request) => request !== first),
    );
    if (adopted.acknowledgedBy !== null) acknowledgeAdopted(decision, adopted);
    return;
  }
  startEscalations(decision, requests);
  if (requests.length === 0) leaveNote(decision);
}

function leaveNote(decision: Decision): void {
  const note = levelOf(decision)?.note ?? null;
  if (note !== null)
    postTo(decision, {
      target: note.target,
      channel: note.channel,
      text: textOf(decision, 'note'),
      about: { kind: 'note' },
    });
  else if (pagesNobody(decision)) say(decision, textOf(decision, 'note'), { kind: 'note' });
  else
    raiseAlarm(
      decision,
      { kind: 'nobody' },
      `no role of ${decision.state.level ?? 'this incident'} leads to anybody`,
    );
}

/** A phone rings there already: that ring becomes the page of the service's on-call, and the vendor walks its own steps. */
function adopt(
  decision: Decision,
  adopted: Adopted,
  request: Pick<EscalationRequest, 'key' | 'recipient'>,
): void {
  const escalation: Escalation = {
    id: encodeEscalation(request.key),
    key: request.key,
    about: null,
    recipient: request.recipient,
    fallback: [],
    walk: { kind: 'vendor', unanswered: null },
    step: 0,
    since: decision.now,
    urgency: urgencyOf(decision),
    state: 'open',
    answeredBy: null,
    newsAt: null,
  };
  emit(decision, { type: 'EscalationStarted', escalation, role: null });
  hold(decision, adopted, escalation.id);
}

/** The vendor's ring as a page of ours, which serves the escalation. */
function hold(decision: Decision, adopted: Adopted, escalation: EscalationId): void {
  const person = adopted.people[0] ?? null;
  const address = {
    target: adopted.target,
    address: { adopted: adopted.ref } satisfies AdoptedAddress,
    label: adopted.label,
  };
  const page: Page = {
    id: encodePage(Object.keys(decision.state.pages).length + 1),
    person,
    label: person === null ? adopted.label : (decision.policy.people[person]?.name ?? person),
    addresses: [address],
    rings: [
      {
        target: adopted.target,
        address,
        key: adopted.key ?? encodeAdopted(adopted.ref),
        status: 'confirmed',
        ref: adopted.ref,
        url: null,
        finds: 0,
        joinedAt: null,
        isSpokenOf: true,
        at: decision.now,
        askedAt: decision.now,
        mayComeAgain: false,
      },
    ],
    escalations: [escalation],
    urgency: adopted.urgency,
    state: 'open',
    adopted: true,
    requestedAt: decision.now,
    acknowledgedBy: null,
    acknowledgedAt: null,
    insteadOf: [],
    unreachableSince: null,
    endedThereAt: null,
  };
  emit(decision, {
    type: 'PageRequested',
    page,
    because: `${adopted.target} rings it already (${adopted.ref})`,
  });
}

/** One more object of the vendor rings for an incident that is open already. */
function adoptAnother(decision: Decision, adopted: Adopted): void {
  const escalations = Object.values(decision.state.escalations).filter(
    (escalation) => !isForAlarm(escalation) && offerOf(escalation) === null,
  );
  const escalation =
    escalations.find((one) => one.recipient.kind === 'service_on_call') ?? escalations[0];
  if (escalation === undefined)
    adopt(decision, adopted, serviceRequest(decision, decision.state.routing.service));
  else hold(decision, adopted, escalation.id);
  if (adopted.acknowledgedBy !== null) acknowledgeAdopted(decision, adopted);
}

function acknowledgeAdopted(decision: Decision, adopted: Adopted): void {
  const page = Object.values(decision.state.pages).find(
    (one) => one.adopted && one.rings.some((ring) => ring.ref === adopted.ref),
  );
  if (page === undefined || adopted.acknowledgedBy === null) return;
  acknowledgePage(decision, page.id, {
    by: adopted.acknowledgedBy,
    known: Object.hasOwn(decision.policy.people, adopted.acknowledgedBy),
    via: adopted.target,
    key: null,
  });
}

/** Alerts of an incident that exists. A mere repeat is no input at all. */
export function alertsObserved(decision: Decision, input: Observed): void {
  const { routing, alerts, told } = input;
  if (isOver(decision.state)) {
    if (alerts.newlyResolved > 0 && alerts.firing === 0)
      emit(decision, { type: 'AlertsCleared', alerts });
    noteHeld(decision, alerts);
    return;
  }
  const wasQuiet = isProvenQuiet(decision.state);
  noteTold(decision, told);
  if (alerts.newlyFiring > 0) beginAgain(decision, input);
  else if (alerts.newlyResolved > 0 && alerts.firing === 0)
    emit(decision, { type: 'AlertsCleared', alerts });
  else if (alerts.newlyResolved > 0) attach(decision, routing, alerts);
  noteHeard(decision, input);
  noteHeld(decision, alerts);
  if (!wasQuiet && isProvenQuiet(decision.state)) sayCleared(decision);
  considerSoak(decision);
  // Where the vendor tells of it, its phone rings.
  if (alerts.newlyFiring > 0 && input.adopted === null) attend(decision, input.services);
}

/** Where all that fired has ended, which nobody told: as if it had been told just before they fire anew; null: some go on. */
function allEnded(
  { alerts, endedUnheard }: Observed,
  firing: number,
): { readonly cleared: AlertsSummary; readonly heardAt: Instant } | null {
  if (endedUnheard === null || firing === 0 || endedUnheard.alerts < firing) return null;
  const cleared = { ...alerts, firing: 0, newlyResolved: endedUnheard.alerts };
  return { cleared, heardAt: endedUnheard.heardAt };
}

/** Alerts fire that did not fire before. */
function beginAgain(decision: Decision, input: Observed): void {
  const { routing, alerts, news, services, adopted } = input;
  const { storm } = decision.state;
  const { firing, total } = decision.state.alerts;
  const ended = allEnded(input, firing);
  const isRelapse = total > 0 && (firing === 0 || ended !== null);
  const reached = storm === null ? [] : services.filter((one) => !storm.services.includes(one));
  if (ended !== null) emit(decision, { type: 'AlertsCleared', alerts: ended.cleared });
  // Its word counts before it is noted as known.
  applyRule(decision, routing);
  if (news !== null) applyRule(decision, news, true);
  attach(decision, routing, alerts);
  if (adopted !== null) adoptAnother(decision, adopted);
  if (isRelapse) describeAnew(decision, routing);
  if (isRelapse)
    relapsed(decision, {
      isRinging: adopted !== null || isVendorsOwn(decision, routing),
      heardAt: ended?.heardAt ?? null,
    });
  if (storm !== null && reached.length > 0) stormReached(decision, storm.over, reached);
  if (routing.trusted && mayDeclare(decision, 'trusted_rule')) declare(decision, 'trusted_rule');
}

/** Whether it is the vendor's own incident, of which a page is held here: its pager rings again by itself. */
function isVendorsOwn({ state, policy }: Decision, { source }: Routing): boolean {
  const target = policy.sources[source]?.target ?? null;
  return Object.values(state.pages).some(
    (page) => page.adopted && page.rings.some((ring) => ring.target === target),
  );
}

/** What Tocsin says of itself names a cause, and the next time it is another one: whoever is rung reads that one. */
function describeAnew(decision: Decision, { source, description }: Routing): void {
  if (source !== SELF || description === decision.state.routing.description) return;
  emit(decision, { type: 'AlertsDescribed', description });
}

function sayCleared(decision: Decision): void {
  const { phase } = decision.state;
  if (phase !== 'investigating' && phase !== 'identified') return;
  const words = 'Every alert has cleared. If a fix is in place, set the phase to monitoring.';
  say(decision, textOf(decision, 'update.status', words), { kind: 'status' });
}

/** A storm's parent pages once per person: the on-call of each service it reaches joins the ring that is there. */
function stormReached(decision: Decision, over: string, services: readonly string[]): void {
  emit(decision, { type: 'StormGathered', over, children: [], services });
  startEscalations(
    decision,
    services.map((service) => serviceRequest(decision, service)),
  );
  startPublicClocks(decision);
}

/** From now on the storm's parent speaks in public for this incident. */
export function joinedParent(decision: Decision, parent: string): void {
  if (decision.state.parent !== null) return;
  emit(decision, { type: 'ParentJoined', parent });
  stopPublic(decision, goesBy(parent));
}
