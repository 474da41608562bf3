/** What every type of event has: how it changes the state, and the sentence that people read. */
import type { Instant } from './alert.ts';
import type { BodyOf, EventOf, EventType } from './event.ts';
import type { Incident } from './incident.ts';
import {
  AXES,
  decodeEscalation,
  type AlarmKey,
  type ClockKey,
  type EvidenceId,
  type NoticeKey,
  type EscalationId,
  type EscalationKey,
  type Removed,
} from './keys.ts';
import type { Where } from './policy.ts';

export interface EventEntry<T extends EventType> {
  /** The state after the event; reads nothing but the event. */
  readonly fold: (state: Incident, event: EventOf<T>) => Incident;
  /** The sentence; time and actor stand beside it. @param time text of an instant */
  readonly says: (event: BodyOf<T>, time: (at: Instant) => string) => string;
}

/** A part of the table; a type that is missing in all of them does not compile in `events.ts`. */
export type EventEntries<T extends EventType> = { readonly [K in T]: EventEntry<K> };

/** For a line of record that changes nothing of what is owed. */
export function unchanged(state: Incident): Incident {
  return state;
}

export function union<T extends string | null>(
  known: readonly T[],
  more: readonly T[],
): readonly T[] {
  const fresh = more.filter((one) => !known.includes(one));
  return fresh.length === 0 ? known : [...known, ...fresh];
}

export function withSpent(
  state: Incident,
  evidence: readonly EvidenceId[],
): Pick<Incident, 'spent'> {
  return { spent: union(state.spent, evidence) };
}

export function without<T>(
  record: Readonly<Record<string, T>>,
  key: string,
): Readonly<Record<string, T>> {
  if (!Object.hasOwn(record, key)) return record;
  const rest: Record<string, T> = { ...record };
  delete rest[key];
  return rest;
}

/** `: text`, or nothing. */
export function appended(text: string | null): string {
  return text === null || text === '' ? '' : `: ${text}`;
}

export function peopleText(ids: readonly string[]): string {
  return ids.length === 0 ? 'nobody' : ids.join(', ');
}

/** `ada (night watch)` */
export function holderText(person: string, role: string | null): string {
  return role === null ? person : `${person} (${role.replaceAll('_', ' ')})`;
}

/** `teams/shop.yaml:12` */
export function whereText(where: Where): string {
  return `${where.file}:${where.line}`;
}

/** A role as people read it. */
export function roleText(role: string): string {
  return role.replaceAll('_', ' ');
}

/** Whom an escalation looks for, in words: a role, whoever is on call for a service, ... */
export function escalationKeyText(key: EscalationKey): string {
  switch (key.kind) {
    case 'service':
      return key.service === null ? 'whoever is on call' : `whoever is on call for ${key.service}`;
    case 'role':
      return roleText(key.role);
    case 'alarm':
      return key.post === null ? 'the alarms' : `the alarm about the public post on ${key.post}`;
    case 'next': {
      const again = key.number === 1 ? '' : `, call ${key.number}`;
      return `the next tier (trigger "${key.trigger}"${again})`;
    }
    case 'offer':
      return `the offer of ${roleText(key.role)} by ${key.by}`;
    case 'presence':
      return 'whoever is still on it';
    case 'test':
      return 'the test';
  }
}

export function escalationText(id: EscalationId): string {
  return escalationKeyText(decodeEscalation(id));
}

function unansweredText(key: EscalationKey): string {
  switch (key.kind) {
    case 'service':
      return `nobody answers who is on call${key.service === null ? '' : ` for ${key.service}`}`;
    case 'role':
      return `nobody answers as ${escalationKeyText(key)}`;
    case 'next':
      return `nobody answers from ${escalationKeyText(key)}`;
    case 'presence':
      return 'nobody says that they are still on it';
    case 'alarm':
    case 'offer':
    case 'test':
      return `nobody answers ${escalationKeyText(key)}`;
  }
}

/** What an alarm is about, in words: what the timeline names and a phone says. */
export function alarmText(key: AlarmKey): string {
  switch (key.kind) {
    case 'escalation':
      return unansweredText(key.escalation);
    case 'page':
      return `page ${key.page} did not get through`;
    case 'public':
      return `the public post on ${key.target}`;
    case 'notify':
      return `${noticeText(key.notice)} has not reached everybody`;
    case 'audience':
      return `no update has reached ${key.audience}`;
    case 'trigger':
      return `trigger "${key.trigger}" found nobody to call`;
    case 'nobody':
      return 'no role leads to anybody';
    case 'stuck':
      return `could not be done: ${clockText(key.clock)}`;
    case 'removed':
      return `${removedText(key)} is gone from the configuration`;
  }
}

/** `notice 2 of L1` */
export function noticeText({ level, number }: NoticeKey): string {
  return `notice ${number} of ${level}`;
}

/** `level L1`, `role night watch` */
function removedText({ what, name }: Removed): string {
  return `${what} ${what === 'role' ? roleText(name) : name}`;
}

/** What is due, where nothing but its clock is at hand; `owed-*.ts` says it with all that is known. */
function clockText(key: ClockKey): string {
  switch (key.kind) {
    case 'escalation':
      return `the next step for ${escalationKeyText(key.escalation)}`;
    case 'failover':
      return `the next pager of page ${key.page}`;
    case 'offer':
      return `the end of the offer of ${roleText(key.role)}`;
    case 'alarm':
      return `the alarm "${alarmText(key.alarm)}"`;
    case 'call':
      return `the next ring for ${escalationKeyText({ kind: 'alarm', post: key.post })}`;
    case 'declare':
      return 'the declaration';
    case 'trigger':
      return `trigger "${key.trigger}"`;
    case 'respond':
      return `the time to ${key.response}`;
    case 'approval':
      return `the approval of public post ${key.draft}`;
    case 'late':
      return `the alarm of a late public post on ${key.target}`;
    case 'update':
      return `the next update on ${key.target}`;
    case 'notify':
      return `the alarm of ${noticeText(key.notice)}`;
    case 'first':
      return `the alarm of the first update for ${key.audience}`;
    case 'audience':
      return `the next update for ${key.audience}`;
    case 'soak':
      return 'the end of the watch after the fix';
    case 'calm':
      return 'the end of the flapping';
    case 'unproven':
      return 'the question whether it is over';
    case 'relapse':
      return 'the rings about what fires again';
    case 'presence':
      return 'the question whether somebody is still on it';
    case 'unattended':
      return 'the rings about alerts that nobody has looked at';
    case 'reach':
      return `the word whether any pager accepts page ${key.page}`;
    case 'ended':
      return `the next ring for what page ${key.page} rang for`;
    case 'close':
      return 'the closing of the incident';
    case 'test':
      return 'the end of the test';
    case 'removed':
      return `the alarm of ${removedText(key)}`;
    case 'flags':
      return 'what the configuration says of its flags';
    case 'room':
      return 'the end of the wait for the room';
    case 'gap':
      return `what follows from ${AXES[key.axis]}${key.id === '' ? '' : ` (${key.id})`}`;
  }
}

/** A length of time, to the minute: `3 h`, `1 h 30 min`, `15 min`. */
export function spanText(ms: number): string {
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60];
  const parts = [hours === 0 ? '' : `${hours} h`, minutes === 0 ? '' : `${minutes} min`];
  return parts.filter(Boolean).join(' ');
}
