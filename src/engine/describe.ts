/** Every event as one sentence for people. The time and the actor stand beside it. */
import { isoOf } from '../contract/instant.ts';
import type { EventBody, EventType, IncidentEvent } from '../core/event.ts';
import type { Ring, Run } from '../core/incident.ts';
import type { Actor } from '../core/input.ts';
import type { Where } from '../core/policy.ts';

/** Bookkeeping of obligations: of record, but not of the timeline that people read. */
const BOOKKEEPING: ReadonlySet<EventType> = new Set([
  'TimerSet',
  'TimerDropped',
  'EffectRequested',
  'EffectDone',
]);

/** Whether people need not read the event. */
export function isBookkeeping(event: Pick<IncidentEvent, 'type'>): boolean {
  return BOOKKEEPING.has(event.type);
}

/** `teams/shop.yaml:12` */
export function placeOf(where: Where): string {
  return `${where.file}:${where.line}`;
}

/** `ada via cli`, `source prom`, `Tocsin`. */
export function actorText(actor: Actor): string {
  switch (actor.kind) {
    case 'person':
      return `${actor.id} via ${actor.via}`;
    case 'machine':
      return `${actor.id} (machine) via ${actor.via}`;
    case 'source':
      return `source ${actor.id}`;
    case 'tocsin':
      return 'Tocsin';
  }
}

function dutyText(service: string): string {
  return service === '' ? 'whoever is on call' : `whoever is on call for ${service}`;
}

/** What a search for somebody is for: a role, whoever is on call for a service, ... */
export function purposeOf(purpose: Run['purpose']): string {
  switch (purpose.kind) {
    case 'service':
      return dutyText(purpose.service ?? '');
    case 'role':
      return purpose.role.replaceAll('_', ' ');
    case 'alarm':
      return `the alarm "${purpose.alarm}"`;
    case 'test':
      return `a test page to ${purpose.person}`;
  }
}

function runName(id: string): string {
  const [kind, ...rest] = id.split(':');
  const name = rest.join(':');
  if (kind === 'role') return name.replaceAll('_', ' ');
  if (kind === 'service') return dutyText(name);
  return kind === 'test' ? 'the test' : id;
}

function words(text: string | null): string {
  return text === null || text === '' ? '' : `: ${text}`;
}

function people(ids: readonly string[]): string {
  return ids.length === 0 ? 'nobody' : ids.join(', ');
}

const RING_WORDS: Readonly<Record<Ring['status'], string>> = {
  pending: 'is on its way',
  accepted: 'was accepted by the pager',
  confirmed: 'was confirmed by the pager',
  lost: 'was accepted, but the pager does not know it',
  failed: 'could not be delivered',
  withheld: 'was recorded and not sent',
  joined: 'rings with another incident',
  closed: 'was closed at the pager',
};

const DECLARED: Readonly<Record<Extract<EventBody, { type: 'IncidentDeclared' }>['how'], string>> =
  {
    person: 'by a person',
    acknowledgement: 'because it was acknowledged',
    trusted_rule: 'by a trusted rule',
    still_firing: 'because it is still firing',
  };

const MOVED: Readonly<
  Record<Extract<EventBody, { type: 'SeverityChanged' }>['direction'], string>
> = { start: 'Severity is', raise: 'Severity raised to', lower: 'Severity lowered to' };

type Of<T extends EventType> = Extract<EventBody, { type: T }>;

function severity(event: Of<'SeverityChanged'>): string {
  const from = event.from === null ? '' : ` from ${event.from}`;
  const where = event.where === null ? '' : placeOf(event.where);
  const cited = where === '' || event.because.includes(where) ? '' : ` (${where})`;
  return `${MOVED[event.direction]} ${event.to}${from}: ${event.because}${cited}.`;
}

function alerts(event: Of<'AlertsAttached' | 'AlertsCleared'>): string {
  const { firing, total, newlyFiring, newlyResolved, truncated } = event.alerts;
  const changed =
    event.type === 'AlertsAttached' ? `${newlyFiring} began` : `${newlyResolved} ended`;
  const missing = truncated ? ' The sender left some out.' : '';
  return `Alerts: ${changed}; ${firing} of ${total} are firing.${missing}`;
}

function opened(event: Of<'IncidentOpened'>): string {
  const by = event.facts.rule === null ? '' : ` by rule "${event.facts.rule.name}"`;
  const at = event.facts.rule === null ? '' : ` (${placeOf(event.facts.rule.where)})`;
  const adopted =
    event.adopted === null ? '' : ` ${event.adopted.label} rings for it already and was adopted.`;
  if (event.kind === 'test') return `${event.title} was started.`;
  return `Opened from ${event.facts.source}${by}${at}: ${event.title}.${adopted}`;
}

function requested(event: Of<'PageRequested'>): string {
  const { page } = event;
  const first = page.rings[0];
  const path = page.adopted ? 'was taken over' : `is paged (${page.urgency} urgency)`;
  return `${page.label} ${path}${first === undefined ? '' : ` by ${first.address.label}`}: ${event.because}. Page ${page.id}.`;
}

function closed(event: Of<'IncidentClosed'>): string {
  return `Closed as ${event.as.replaceAll('_', ' ')}${words(event.reason)}.`;
}

function drafted(event: Of<'PostDrafted'>): string {
  const { draft } = event;
  const waits = draft.approval === 'required' ? '; it waits for approval' : '';
  return `Public post ${draft.id} (${draft.status}) drafted for ${draft.target}${waits}: "${draft.body}"`;
}

function unknown(event: Of<'PostUnknown'>): string {
  return `Whether public post ${event.draft} arrived is unknown (${event.detail}); it is looked up at the vendor.`;
}

function noted(event: Of<'PageNoted'>): string {
  return `At the pager: page ${event.page} ${event.action}${event.by === null ? '' : ` by ${event.by}`}${words(event.text)}.`;
}

function measures(impact: Of<'ImpactReported'>['impact']): string {
  return Object.entries(impact)
    .map(([name, value]) => `${value} ${name.replaceAll('_', ' ')}`)
    .join(', ');
}

type IncidentWords = Of<
  | 'IncidentOpened'
  | 'AlertsAttached'
  | 'AlertsCleared'
  | 'StormGathered'
  | 'ParentJoined'
  | 'IncidentDeclared'
  | 'SeverityChanged'
  | 'TriggerHeld'
  | 'ImpactReported'
  | 'FlagSet'
  | 'CustomerReported'
  | 'NoteAdded'
  | 'PhaseChanged'
  | 'RootCauseIdentified'
  | 'SoakStarted'
  | 'SoakBroken'
  | 'ResolutionProposed'
  | 'IncidentResolved'
  | 'IncidentClosed'
  | 'IncidentReopened'
  | 'PostmortemDue'
  | 'DeliveriesUnparsed'
>;

function ofIncident(event: IncidentWords): string {
  switch (event.type) {
    case 'IncidentOpened':
      return opened(event);
    case 'AlertsAttached':
    case 'AlertsCleared':
      return alerts(event);
    case 'StormGathered':
      return `A storm over ${event.over}: gathers ${people(event.children)}.`;
    case 'ParentJoined':
      return `Joined ${event.parent}, which speaks for it in public.`;
    case 'IncidentDeclared':
      return `Declared ${DECLARED[event.how]}${words(event.title)}${words(event.text)}.`;
    case 'SeverityChanged':
      return severity(event);
    case 'TriggerHeld':
      return `Trigger "${event.trigger}" did not change the severity: ${event.why}.`;
    case 'ImpactReported':
      return `Impact reported: ${measures(event.impact)}.`;
    case 'FlagSet':
      return `Flag ${event.flag} set.`;
    case 'CustomerReported':
      return `Customer ${event.account} (${event.tier}) reported it${words(event.text)}.`;
    case 'NoteAdded':
      return `Note: ${event.text}`;
    case 'PhaseChanged':
      return `Phase ${event.from} → ${event.to}${words(event.text)}.`;
    case 'RootCauseIdentified':
      return `Root cause found: ${event.text}`;
    case 'SoakStarted':
      return `All quiet; watched until ${isoOf(event.until)}.`;
    case 'SoakBroken':
      return `The watch after the fix ended early: ${event.because}.`;
    case 'ResolutionProposed':
      return `Can be resolved: ${event.because}.`;
    case 'IncidentResolved':
      return `Resolved${event.automatic ? ' by itself' : ''}${words(event.text)}.`;
    case 'IncidentClosed':
      return closed(event);
    case 'IncidentReopened':
      return `Reopened: ${event.reason}.`;
    case 'PostmortemDue':
      return `A post-mortem is due by ${isoOf(event.dueAt)}.`;
    case 'DeliveriesUnparsed':
      return `${event.count} deliveries of ${event.source} could not be read: ${event.reason}.`;
  }
}

type PagingWords = Of<
  | 'RunStarted'
  | 'RunAdvanced'
  | 'RunAnswered'
  | 'RunExhausted'
  | 'RunEnded'
  | 'NobodyToPage'
  | 'PageRequested'
  | 'PageShared'
  | 'PageRung'
  | 'RingChanged'
  | 'PageAcknowledged'
  | 'PageUnacknowledged'
  | 'PageClosed'
  | 'PageNoted'
  | 'RoleFilled'
  | 'AlarmRaised'
  | 'AlarmCleared'
  | 'ClockMissed'
>;

function ofPaging(event: PagingWords): string {
  switch (event.type) {
    case 'RunStarted':
      return `Somebody is looked for: ${purposeOf(event.run.purpose)}.`;
    case 'RunAdvanced':
      return `Escalated ${runName(event.run)} to step ${event.step + 1}: ${event.because}.`;
    case 'RunAnswered':
      return `${event.by} answered for ${runName(event.run)}.`;
    case 'RunExhausted':
      return `Everybody was tried for ${runName(event.run)}: ${event.because}.`;
    case 'RunEnded':
      return `No longer looked for: ${runName(event.run)}, ${event.because}.`;
    case 'NobodyToPage':
      return `Step ${event.step + 1} for ${runName(event.run)} leads to nobody: ${event.because}.`;
    case 'PageRequested':
      return requested(event);
    case 'PageShared':
      return `Page ${event.page} also serves ${runName(event.run)}.`;
    case 'PageRung':
      return `Page ${event.page} is also sent by ${event.ring.address.label}: ${event.because}.`;
    case 'RingChanged':
      return `Page ${event.page} at ${event.target} ${RING_WORDS[event.status]}${words(event.detail)}.`;
    case 'PageAcknowledged':
      return `${event.by} acknowledged page ${event.page} via ${event.via}.`;
    case 'PageUnacknowledged':
      return `${event.by ?? 'The pager'} took back the answer to page ${event.page} via ${event.via}.`;
    case 'PageClosed':
      return `Page ${event.page} closed: ${event.because}.`;
    case 'PageNoted':
      return noted(event);
    case 'RoleFilled':
      return `${event.person} is ${event.role.replaceAll('_', ' ')} (${event.how}).`;
    case 'AlarmRaised':
      return `ALARM${event.count > 1 ? ` (${event.count} times)` : ''}: ${event.reason}.`;
    case 'AlarmCleared':
      return `Alarm "${event.alarm}" cleared: ${event.because}.`;
    case 'ClockMissed':
      return `Nobody met the time to ${event.clock} (due ${isoOf(event.dueAt)}).`;
  }
}

type SpokenWords = Exclude<EventBody, IncidentWords | PagingWords>;

function ofWords(event: SpokenWords): string {
  switch (event.type) {
    case 'PublicClockStarted':
      return `The public clock of ${event.target} began at ${isoOf(event.from)}.`;
    case 'PostDrafted':
      return drafted(event);
    case 'PostApproved':
      return `Public post ${event.draft} approved.`;
    case 'PostRejected':
      return `Public post ${event.draft} rejected: ${event.reason}.`;
    case 'PostWithdrawn':
      return `Public post ${event.draft} withdrawn: ${event.because}.`;
    case 'PostUnknown':
      return unknown(event);
    case 'PostPublished':
      return `Public post ${event.draft} is published.`;
    case 'PostFailed':
      return `Public post ${event.draft} failed: ${event.reason}. ${event.hint}`;
    case 'AudienceInformed':
      return `Update for ${event.audience}: ${event.text}`;
    case 'PeopleNotified':
      return `Told ${people(event.people)} (${event.about}).`;
    case 'RoomRequested':
      return `Room ${event.name} is being opened at ${event.target}.`;
    case 'RoomChanged':
      return `The room is ${event.state}${words(event.detail)}.`;
    case 'MessagePosted':
      return `Message posted (${event.about}).`;
    case 'MessageFailed':
      return `A message (${event.about}) failed: ${event.reason}. ${event.hint}`;
    case 'TimerSet':
      return `Timer ${event.purpose} set for ${isoOf(event.dueAt)}.`;
    case 'TimerDropped':
      return `Timer ${event.purpose} ended.`;
    case 'EffectRequested':
      return `${event.name} requested (${event.about}).`;
    case 'EffectDone':
      return `${event.effect} done.`;
  }
}

const PAGING: Readonly<Record<PagingWords['type'], true>> = {
  RunStarted: true,
  RunAdvanced: true,
  RunAnswered: true,
  RunExhausted: true,
  RunEnded: true,
  NobodyToPage: true,
  PageRequested: true,
  PageShared: true,
  PageRung: true,
  RingChanged: true,
  PageAcknowledged: true,
  PageUnacknowledged: true,
  PageClosed: true,
  PageNoted: true,
  RoleFilled: true,
  AlarmRaised: true,
  AlarmCleared: true,
  ClockMissed: true,
};

const SPOKEN: Readonly<Record<SpokenWords['type'], true>> = {
  PublicClockStarted: true,
  PostDrafted: true,
  PostApproved: true,
  PostRejected: true,
  PostWithdrawn: true,
  PostUnknown: true,
  PostPublished: true,
  PostFailed: true,
  AudienceInformed: true,
  PeopleNotified: true,
  RoomRequested: true,
  RoomChanged: true,
  MessagePosted: true,
  MessageFailed: true,
  TimerSet: true,
  TimerDropped: true,
  EffectRequested: true,
  EffectDone: true,
};

function isPaging(event: EventBody): event is PagingWords {
  return Object.hasOwn(PAGING, event.type);
}

function isSpoken(event: EventBody): event is SpokenWords {
  return Object.hasOwn(SPOKEN, event.type);
}

/** One sentence about the event; the compiler knows that none is missing. */
export function describeEvent(event: EventBody): string {
  const sentence = isPaging(event)
    ? ofPaging(event)
    : isSpoken(event)
      ? ofWords(event)
      : ofIncident(event);
  // Reasons that people or vendors wrote may end with a full stop of their own.
  return sentence.replace(/([.!?])\.$/, '$1');
}
