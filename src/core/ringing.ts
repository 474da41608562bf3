/**
 * Ringing: from wanted candidates to pages. One person, one ring: two runs, or two related incidents, that lead to the
 * same person share a page; nobody who acknowledged at this urgency is rung again for nothing.
 */
import type { Instant } from './alert.ts';
import type { Candidate } from './candidates.ts';
import type { PageEffect } from './effect.ts';
import type { Page, Ring, Run } from './incident.ts';
import type { Ringing } from './input.ts';
import type { PageAddress, Policy, Urgency } from './policy.ts';
import { render, viewOf } from './text.ts';
import { alarmText } from './event-entry.ts';
import { isForAlarm } from './events-paging.ts';
import { encodeAddress, type RunId } from './keys.ts';
import { emit, nextId, send, type Turn } from './turn.ts';

/** Failover counts from the moment the page was due (reliability goal: accepted elsewhere within 90 s). */
export const FAILOVER_AFTER_MS = 60_000;
/** Two incidents of one team share a ring only while the first one is fresh and unanswered. */
const RELATED_WITHIN_MS = 10 * 60_000;

export interface Want {
  readonly run: RunId;
  readonly candidate: Candidate;
  readonly urgency: Urgency;
  /** The vendor's own ring, which we only adopted, led nowhere: one of ours is wanted beside it. */
  readonly anew?: boolean;
}

export function streamOf(target: string, key: string): string {
  return `${target}|${key}`;
}

/** Each ring has a key of its own; the vendor's limit of 255 characters is far away. */
function keyOf(turn: Turn, page: string, ringNumber: number): string {
  const key = `tocsin/${turn.context.lookups.instance}/${turn.state.id}/${page}`;
  return ringNumber === 1 ? key : `${key}.${ringNumber}`;
}

/** The page and ring that an effect was about; null: the state knows none. */
export function ringOf(
  turn: Turn,
  about: Pick<PageEffect, 'page' | 'target' | 'key'>,
): Rung | null {
  const page = turn.state.pages[about.page];
  const found = page?.rings.find((one) => one.target === about.target && one.key === about.key);
  return page === undefined || found === undefined ? null : { page, ring: found };
}

function identity(candidate: Candidate): string {
  return (
    candidate.person ??
    candidate.addresses.map((one) => `${one.target}:${JSON.stringify(one.address)}`).join('|')
  );
}

/** Whether the page rings for the candidate already. */
export function isSamePerson(page: Page, candidate: Candidate): boolean {
  if (candidate.person !== null) return page.person === candidate.person;
  return (
    page.person === null &&
    identity({ ...candidate, addresses: page.addresses }) === identity(candidate)
  );
}

/** A page that somebody else's answer silenced says nothing about this person: they may be asleep. */
function covers(page: Page, urgency: Urgency): boolean {
  if (page.state === 'closed' || (page.urgency === 'low' && urgency === 'high')) return false;
  return page.state === 'open' || page.person === null || page.acknowledgedBy === page.person;
}

/** What the run is for, in words a person reads on a phone. */
export function purposeText(run: Run | undefined): string {
  if (run === undefined) return '';
  const { key } = run;
  switch (key.kind) {
    case 'service':
      return key.service === null ? 'You are on call.' : `You are on call for ${key.service}.`;
    case 'role':
      return `You are needed as ${key.role.replaceAll('_', ' ')}.`;
    case 'alarm':
      return `Alarm: ${alarmText(key.alarm)}.`;
    case 'next':
      return `Alarm: ${run.about ?? ''}.`;
    case 'test':
      return 'This is a test of the path to your phone; acknowledge it, nothing else.';
  }
}

function reasonText(turn: Turn, page: Page): string {
  return page.runs
    .map((run) => purposeText(turn.state.runs[run]))
    .filter(Boolean)
    .join(' ');
}

export interface Rung {
  readonly page: Page;
  readonly ring: Ring;
}

/** Sends one page effect for a ring; it says what the page serves now. */
export function sendPage(
  turn: Turn,
  rung: Rung,
  order: { readonly name: PageEffect['name']; readonly dueAt?: Instant },
): void {
  const { ring } = rung;
  const { name } = order;
  const page = turn.state.pages[rung.page.id] ?? rung.page;
  const { state, policy } = turn;
  const view = viewOf(state, policy, { now: turn.now, extra: { reason: reasonText(turn, page) } });
  const title =
    state.kind === 'test' ? `TEST for ${page.label}` : render('page.title', policy, view);
  send(turn, {
    name,
    // A read-back must never hold up the resolve of its own page.
    stream:
      name === 'pager.find'
        ? `${streamOf(ring.target, ring.key)}|find`
        : streamOf(ring.target, ring.key),
    lane: name === 'pager.find' ? 'housekeeping' : 'page',
    target: ring.target,
    page: page.id,
    key: ring.key,
    address: ring.address,
    urgency: page.urgency,
    severity: state.level,
    title,
    body: render('page.body', policy, view),
    origin: state.facts.service ?? state.facts.source,
    links: state.facts.links,
    dueAt: order.dueAt ?? turn.now,
  });
}

/** Whether the other ring is of the same team, of a service that ours depends on, or of the same storm. */
function isRelated({ state, policy }: Turn, other: Ringing): boolean {
  const { service, team } = state.facts;
  const dependsOn = service === null ? [] : (policy.services[service]?.dependsOn ?? []);
  const isOfStorm =
    (state.storm?.children.includes(other.incident) ?? false) ||
    (state.parent !== null && (other.incident === state.parent || other.parent === state.parent));
  return (
    other.team === team ||
    isOfStorm ||
    (other.service !== null && dependsOn.includes(other.service))
  );
}

/** The ring of another incident that the candidate's page joins; null: it rings for itself. */
function joinable(turn: Turn, candidate: Candidate, urgency: Urgency): Ringing | null {
  const { state, context } = turn;
  if (candidate.person === null || state.kind === 'test') return null;
  for (const address of candidate.addresses) {
    const other = context.lookups.ringAt(encodeAddress(address));
    if (
      other !== null &&
      other.incident !== state.id &&
      other.person === candidate.person &&
      (other.urgency === 'high' || urgency === 'low') &&
      // An answered page of the same storm still means this person is here.
      (!other.acknowledged || state.storm !== null) &&
      turn.now - other.since < RELATED_WITHIN_MS &&
      isRelated(turn, other)
    )
      return other;
  }
  return null;
}

function request(
  turn: Turn,
  candidate: Candidate,
  want: { readonly runs: readonly RunId[]; readonly urgency: Urgency },
): void {
  const first = candidate.addresses[0];
  if (first === undefined) return;
  const id = nextId('p', turn.state.pages);
  const joined = joinable(turn, candidate, want.urgency);
  const address =
    joined === null
      ? first
      : (candidate.addresses.find((one) => one.target === joined.target) ?? first);
  const ring: Ring = {
    target: address.target,
    address,
    key: joined?.target === address.target ? joined.key : keyOf(turn, id, 1),
    status: joined?.target === address.target ? 'joined' : 'pending',
    ref: null,
    finds: 0,
    at: turn.now,
  };
  const page: Page = {
    id,
    person: candidate.person,
    label: candidate.label,
    addresses: candidate.addresses,
    rings: [ring],
    runs: want.runs,
    urgency: want.urgency,
    state: 'open',
    adopted: false,
    requestedAt: turn.now,
    acknowledgedBy: null,
    acknowledgedAt: null,
  };
  const because =
    ring.status === 'joined'
      ? `${candidate.because}; already ringing for ${joined?.incident ?? ''}`
      : candidate.because;
  emit(turn, { type: 'PageRequested', page, because });
  // Under a shared key the vendor stays silent and only shows that both incidents are meant.
  sendPage(turn, { page, ring }, { name: 'pager.trigger' });
}

/**
 * Rings the wanted candidates, each person once. Returns the runs that are answered already, with the person: they were
 * acknowledged before at this urgency.
 */
export function ring(
  turn: Turn,
  wants: readonly Want[],
): readonly { readonly run: RunId; readonly by: string }[] {
  const answered: { run: RunId; by: string }[] = [];
  const groups = new Map<string, Want[]>();
  for (const want of wants) {
    const key = identity(want.candidate);
    groups.set(key, [...(groups.get(key) ?? []), want]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const urgency = group.some((want) => want.urgency === 'high') ? 'high' : 'low';
    const runs = [...new Set(group.map((want) => want.run))];
    const isAlarmRun = (run: RunId): boolean => isForAlarm(turn.state.runs[run]);
    const isAlarm = runs.some(isAlarmRun);
    const isAnew = group.some((want) => want.anew === true);
    const here = Object.values(turn.state.pages).find(
      (page) =>
        isSamePerson(page, first.candidate) &&
        covers(page, urgency) &&
        !(isAnew && page.adopted) &&
        // Whoever answers a page that was there before has not heard of an alarm that came later.
        !(isAlarm && (page.state === 'acknowledged' || !page.runs.some(isAlarmRun))),
    );
    if (here === undefined) {
      request(turn, first.candidate, { runs, urgency });
      continue;
    }
    for (const run of runs) emit(turn, { type: 'PageShared', page: here.id, run });
    if (here.state === 'acknowledged')
      answered.push(...runs.map((run) => ({ run, by: here.acknowledgedBy ?? here.label })));
  }
  return answered;
}

/**
 * Whether the ring reached its pager: confirmed, rung by another incident, or accepted where the pager cannot be asked.
 */
export function isThrough(ring: Ring, policy: Policy): boolean {
  const canFind = policy.targets[ring.target]?.can.includes('pager.find') === true;
  return (
    ring.status === 'confirmed' ||
    ring.status === 'joined' ||
    (ring.status === 'accepted' && !canFind)
  );
}

/** Rings the next address of a page that did not get through; false: there is none left. */
export function failOver(turn: Turn, page: Page, because: string): boolean {
  const rung = new Set(page.rings.map((one) => JSON.stringify(one.address)));
  const next: PageAddress | undefined = page.addresses.find(
    (one) => !rung.has(JSON.stringify(one)),
  );
  if (next === undefined) return false;
  const fresh: Ring = {
    target: next.target,
    address: next,
    key: keyOf(turn, page.id, page.rings.length + 1),
    status: 'pending',
    ref: null,
    finds: 0,
    at: turn.now,
  };
  emit(turn, { type: 'PageRung', page: page.id, ring: fresh, because });
  sendPage(turn, { page, ring: fresh }, { name: 'pager.trigger' });
  return true;
}
