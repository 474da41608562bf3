/** What every type of event has: how it changes the state, and the sentence that people read. */
import type { Instant } from './alert.ts';
import type { BodyOf, EventOf, EventType } from './event.ts';
import type { Incident } from './incident.ts';
import { decodeRun, type FactId, type RunId, type RunKey } from './keys.ts';
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

export function union<T extends string>(known: readonly T[], more: readonly T[]): readonly T[] {
  const fresh = more.filter((one) => !known.includes(one));
  return fresh.length === 0 ? known : [...known, ...fresh];
}

export function withFacts(state: Incident, facts: readonly FactId[]): Pick<Incident, 'spent'> {
  return { spent: union(state.spent, facts) };
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

/** `teams/shop.yaml:12` */
export function placeText(where: Where): string {
  return `${where.file}:${where.line}`;
}

/** Whom a run looks for, in words: a role, whoever is on call for a service, ... */
export function runKeyText(key: RunKey): string {
  switch (key.kind) {
    case 'service':
      return key.service === null ? 'whoever is on call' : `whoever is on call for ${key.service}`;
    case 'role':
      return key.role.replaceAll('_', ' ');
    case 'alarm':
      return 'the alarm';
    case 'next':
      return `the next tier (trigger "${key.trigger}")`;
    case 'test':
      return 'the test';
  }
}

export function runText(id: RunId): string {
  return runKeyText(decodeRun(id));
}
