/** Alerts open incidents, join them, and clear: what each means for the incident. */
import { raiseAlarm } from '../paging/alarms.ts';
import { acknowledgePage } from '../command/acknowledging.ts';
import { declare, mayDeclare, momentRequests, serviceRequest } from '../command/declaring.ts';
import { type RunRequest, startRuns, urgencyOf } from '../paging/escalating.ts';
import { ruleFact } from '../model/facts.ts';
import { encodeRun, type RunId } from '../model/keys.ts';
import type { Page, Run } from '../model/incident.ts';
import { textOf } from '../informing/informing.ts';
import type { Adopted, AlertsSummary, Fact, RoutingFacts, Stamp } from '../model/input.ts';
import type { AdoptedAddress } from '../model/policy.ts';
import { postTo, say } from '../texts/messages.ts';
import { startPublicClocks, stopPublic } from '../publishing/publishing.ts';
import { considerSoak } from '../resolving/resolving.ts';
import { isForAlarm } from '../model/events-paging.ts';
import { applyRule } from '../severity/severity.ts';
import {
  emit,
  isOver,
  levelOf,
  nextId,
  openTurn,
  type Context,
  type Look,
  type Turn,
} from '../model/turn.ts';

type Observed = Stamp & Extract<Fact, { type: 'AlertsObserved' }>;

/** A new incident: its level, and the ring of its service's on-call only. */
export function openByAlerts(input: Observed, context: Context): Turn {
  const { facts, alerts, adopted, storm } = input;
  const turn = openTurn(input, context, {
    type: 'IncidentOpened',
    kind: 'incident',
    title: storm === null ? facts.title : `Alert storm over ${storm.over}: ${facts.title}`,
    facts,
    firstSignalAt: alerts.firstSignalAt,
    adopted,
  });
  if (storm !== null)
    emit(turn, {
      type: 'StormGathered',
      over: storm.over,
      children: storm.children,
      services: input.services,
    });
  attach(turn, facts, alerts);
  applyRule(turn, facts);
  triage(turn, adopted);
  if (facts.trusted && mayDeclare(turn, 'trusted_rule')) declare(turn, 'trusted_rule');
  // It may have cleared before anybody decided about it.
  considerSoak(turn);
  return turn;
}

function attach(turn: Turn, facts: RoutingFacts, alerts: AlertsSummary): void {
  emit(turn, {
    type: 'AlertsAttached',
    alerts,
    service: facts.service,
    spent: [ruleFact(facts)],
  });
}

/** Rings whoever the level wants in triage; a level that pages nobody leaves a note. */
function triage(turn: Turn, adopted: Adopted | null): void {
  const level = levelOf(turn);
  const named = level === null ? [] : momentRequests(turn, ['triage']);
  const requests =
    level === null || (named.length === 0 && (turn.state.storm !== null || adopted !== null))
      ? [serviceRequest(turn, turn.state.facts.service)]
      : named;
  const first =
    requests.find((request) => request.source.kind === 'service_on_call') ?? requests[0];
  if (adopted !== null && first !== undefined) {
    adopt(turn, adopted, first);
    startRuns(
      turn,
      requests.filter((request) => request !== first),
    );
    if (adopted.acknowledgedBy !== null) acknowledgeAdopted(turn, adopted);
    return;
  }
  // A storm reaches several services at once; the first one's on-call is among the requests already.
  const others = (turn.state.storm?.services ?? []).filter(
    (one) => one !== turn.state.facts.service,
  );
  startRuns(turn, [...requests, ...others.map((service) => serviceRequest(turn, service))]);
  if (requests.length === 0) leaveNote(turn);
}

function leaveNote(turn: Turn): void {
  const note = levelOf(turn)?.note ?? null;
  if (note !== null)
    postTo(turn, {
      target: note.target,
      channel: note.channel,
      text: textOf(turn, 'note'),
      about: { kind: 'note' },
    });
  else if (pagesNobody(turn)) say(turn, textOf(turn, 'note'), { kind: 'note' });
  else
    raiseAlarm(
      turn,
      { kind: 'nobody' },
      `no role of ${turn.state.level ?? 'this incident'} leads to anybody`,
    );
}

function pagesNobody(look: Look<'state' | 'policy'>): boolean {
  const page = levelOf(look)?.page;
  return page !== undefined && page.triage.length === 0 && page.declared.length === 0;
}

/** A phone rings there already: that ring becomes the page of the service's on-call, and the vendor walks its own steps. */
function adopt(turn: Turn, adopted: Adopted, request: Pick<RunRequest, 'key' | 'source'>): void {
  const run: Run = {
    id: encodeRun(request.key),
    key: request.key,
    about: null,
    source: request.source,
    fallback: [],
    walk: { kind: 'vendor', unanswered: null },
    step: 0,
    since: turn.now,
    urgency: urgencyOf(turn),
    state: 'open',
    answeredBy: null,
  };
  emit(turn, { type: 'RunStarted', run });
  hold(turn, adopted, run.id);
}

/** The vendor's ring as a page of ours, which serves the run. */
function hold(turn: Turn, adopted: Adopted, run: RunId): void {
  const person = adopted.people[0] ?? null;
  const address = {
    target: adopted.target,
    address: { adopted: adopted.ref } satisfies AdoptedAddress,
    label: adopted.label,
  };
  const page: Page = {
    id: nextId('p', turn.state.pages),
    person,
    label: person === null ? adopted.label : (turn.policy.people[person]?.name ?? person),
    addresses: [address],
    rings: [
      {
        target: adopted.target,
        address,
        key: adopted.key ?? `ref:${adopted.ref}`,
        status: 'confirmed',
        ref: adopted.ref,
        finds: 0,
        at: turn.now,
      },
    ],
    runs: [run],
    urgency: adopted.urgency,
    state: 'open',
    adopted: true,
    requestedAt: turn.now,
    acknowledgedBy: null,
    acknowledgedAt: null,
  };
  emit(turn, {
    type: 'PageRequested',
    page,
    because: `${adopted.target} rings it already (${adopted.ref})`,
  });
}

/** One more object of the vendor rings for an incident that is open already. */
function adoptAnother(turn: Turn, adopted: Adopted): void {
  const runs = Object.values(turn.state.runs).filter((run) => !isForAlarm(run));
  const run = runs.find((one) => one.source.kind === 'service_on_call') ?? runs[0];
  if (run === undefined) adopt(turn, adopted, serviceRequest(turn, turn.state.facts.service));
  else hold(turn, adopted, run.id);
  if (adopted.acknowledgedBy !== null) acknowledgeAdopted(turn, adopted);
}

function acknowledgeAdopted(turn: Turn, adopted: Adopted): void {
  const page = Object.values(turn.state.pages).find(
    (one) => one.adopted && one.rings.some((ring) => ring.ref === adopted.ref),
  );
  if (page === undefined || adopted.acknowledgedBy === null) return;
  acknowledgePage(turn, page.id, {
    by: adopted.acknowledgedBy,
    known: Object.hasOwn(turn.policy.people, adopted.acknowledgedBy),
    via: adopted.target,
    key: null,
  });
}

/** Alerts of an incident that exists. A mere repeat is no input at all. */
export function alertsObserved(turn: Turn, input: Observed): void {
  const { facts, alerts } = input;
  if (isOver(turn.state)) {
    if (alerts.newlyResolved > 0 && alerts.firing === 0)
      emit(turn, { type: 'AlertsCleared', alerts });
    return;
  }
  if (alerts.newlyFiring > 0) {
    const { storm } = turn.state;
    const reached =
      storm === null ? [] : input.services.filter((one) => !storm.services.includes(one));
    // Its word counts before it is noted as known.
    applyRule(turn, facts);
    attach(turn, facts, alerts);
    if (input.adopted !== null) adoptAnother(turn, input.adopted);
    if (storm !== null && reached.length > 0) stormReached(turn, storm.over, reached);
    if (facts.trusted && mayDeclare(turn, 'trusted_rule')) declare(turn, 'trusted_rule');
  } else if (alerts.firing === 0) {
    emit(turn, { type: 'AlertsCleared', alerts });
    if (turn.state.phase === 'investigating' || turn.state.phase === 'identified')
      say(
        turn,
        textOf(
          turn,
          'update.status',
          'Every alert has cleared. If a fix is in place, set the phase to monitoring.',
        ),
        { kind: 'status' },
      );
  } else attach(turn, facts, alerts);
  considerSoak(turn);
}

/** A storm's parent pages once per person: the on-call of each service it reaches joins the ring that is there. */
function stormReached(turn: Turn, over: string, services: readonly string[]): void {
  emit(turn, { type: 'StormGathered', over, children: [], services });
  startRuns(
    turn,
    services.map((service) => serviceRequest(turn, service)),
  );
  startPublicClocks(turn);
}

/** From now on the storm's parent speaks in public for this incident. */
export function joinedParent(turn: Turn, parent: string): void {
  if (turn.state.parent !== null) return;
  emit(turn, { type: 'ParentJoined', parent });
  stopPublic(turn, `public posts go by ${parent}`);
}
