/**
 * The identities of what an incident keeps, as values: who is looked for, which alarm, which notice, which clock. Here and
 * nowhere else they become texts (as keys of records, and for people) and values again; whatever a vendor or an
 * operator calls a thing comes back unchanged.
 */

import { type KeyParts, type KeyReaders, keyText, readKey, wholeKey } from './key-text.ts';
import { decodeDraft, decodePage, type DraftId, type PageId } from './made-ids.ts';
import type { ComponentRef, PageAddress } from './policy.ts';

declare const family: unique symbol;
/** A text that only the encoder of its family makes. */
type Encoded<F extends string> = string & { readonly [family]: F };

export type EscalationId = Encoded<'escalation'>;
export type AlarmId = Encoded<'alarm'>;
export type NoticeId = Encoded<'notice'>;
export type ClockId = Encoded<'clock'>;
/** An address that rings, at one pager. */
export type AddressId = Encoded<'address'>;
/** A component of one public page. */
export type ComponentId = Encoded<'component'>;
/** Evidence that a trigger or rule has used up. */
export type EvidenceId = Encoded<'evidence'>;

/** Whom an escalation looks for. */
export type EscalationKey =
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'service'; readonly service: string | null }
  /** Somebody who answers the alarms: of the late public post on a target, or, null, all others. */
  | { readonly kind: 'alarm'; readonly post: string | null }
  /** The next tier, called by a trigger for the n-th time. */
  | { readonly kind: 'next'; readonly trigger: string; readonly number: number }
  /** Somebody asks one person to take the role: the n-th offer of it. `from` has it meanwhile; null: nobody has. */
  | {
      readonly kind: 'offer';
      readonly role: string;
      readonly by: string;
      readonly number: number;
      readonly from: string | null;
    }
  /** Whoever is still on it: nothing is heard of the one who holds it. */
  | { readonly kind: 'presence' }
  | { readonly kind: 'test' };

/** A notice that a level owes to people; notices of a level count from 1. */
export interface NoticeKey {
  readonly level: string;
  readonly number: number;
}

/** What an incident goes by and a reload may take away. */
export interface Removed {
  readonly what: 'level' | 'role' | 'person' | 'target' | 'flag';
  readonly name: string;
}

export type AlarmKey =
  | { readonly kind: 'escalation'; readonly escalation: EscalationKey }
  | { readonly kind: 'page'; readonly page: PageId }
  | { readonly kind: 'public'; readonly target: string }
  | { readonly kind: 'notify'; readonly notice: NoticeKey }
  /** No first update has reached this audience. */
  | { readonly kind: 'audience'; readonly audience: string }
  | { readonly kind: 'trigger'; readonly trigger: string }
  /** No role of the level leads to anybody. */
  | { readonly kind: 'nobody' }
  /** Something that is owed could not be dealt with. */
  | { readonly kind: 'stuck'; readonly clock: ClockKey }
  /** A reload took away what the incident goes by. */
  | ({ readonly kind: 'removed' } & Removed);

/** What each part of an incident is asked, so that all that it owes is known. */
export const AXES = {
  escalation: 'an escalation',
  page: 'a page',
  reach: 'the reach of a page',
  ended: 'a page that ended at its pager',
  alarm: 'an alarm',
  call: 'a call',
  phase: 'the phase',
  response: 'a response time',
  trigger: 'a trigger',
  held_trigger: 'a trigger that is held',
  soak: 'the soak',
  flapping: 'what flaps',
  relapse: 'a relapse',
  presence: 'whoever holds it',
  unattended: 'alerts that nobody looks at',
  unproven: 'an end in doubt',
  draft: 'a draft',
  unsent: 'an unsent post',
  public_page: 'a public page',
  flags: 'the flags',
  room: 'the room',
  notice: 'a notice',
  first_update: 'a first update',
  audience: 'an audience',
  removed: 'what a reload took away',
} as const;

export type Axis = keyof typeof AXES;

/** One of an axis; the id tells it from others of the axis, and is empty where there is one only. */
export interface AxisKey {
  readonly axis: Axis;
  readonly id: string;
}

export type ResponseClock = 'acknowledge' | 'engage';

/** What may fall due; one entry per kind in `owed.ts` and in `dealing.ts`. */
export type ClockKey =
  | { readonly kind: 'escalation'; readonly escalation: EscalationKey }
  | { readonly kind: 'failover'; readonly page: PageId }
  /** The end of an offer; a role is offered to one person at a time. */
  | { readonly kind: 'offer'; readonly role: string }
  /** The alarm is said again. */
  | { readonly kind: 'alarm'; readonly alarm: AlarmKey }
  /** The next ring for the alarms: of the late public post on a target, or, null, all others. */
  | { readonly kind: 'call'; readonly post: string | null }
  | { readonly kind: 'declare' }
  | { readonly kind: 'trigger'; readonly trigger: string }
  | { readonly kind: 'respond'; readonly response: ResponseClock }
  /** A draft waits for a person, who is asked again. */
  | { readonly kind: 'approval'; readonly draft: DraftId }
  /** A public post is late. */
  | { readonly kind: 'late'; readonly target: string }
  /** The next public update. */
  | { readonly kind: 'update'; readonly target: string }
  | { readonly kind: 'notify'; readonly notice: NoticeKey }
  /** An audience's first update must have reached it. */
  | { readonly kind: 'first'; readonly audience: string }
  /** The next update of an audience. */
  | { readonly kind: 'audience'; readonly audience: string }
  | { readonly kind: 'soak' }
  /** What flapped has been quiet for so long that it is calm. */
  | { readonly kind: 'calm' }
  /** People are asked whether it is over: nothing is known to fire, and nothing proves that it is quiet. */
  | { readonly kind: 'unproven' }
  /** Rings about a relapse that wait for people who are at it. */
  | { readonly kind: 'relapse' }
  /** Whoever holds the incident is asked whether they are still there, then rung. */
  | { readonly kind: 'presence' }
  /** Alerts joined while nobody was there, at an hour at which nobody is rung about it. */
  | { readonly kind: 'unattended' }
  /** A page that no pager has accepted. */
  | { readonly kind: 'reach'; readonly page: PageId }
  /** A page that was resolved at its pager while alerts fire. */
  | { readonly kind: 'ended'; readonly page: PageId }
  | { readonly kind: 'close' }
  | { readonly kind: 'test' }
  | ({ readonly kind: 'removed' } & Removed)
  /** A reload says something else of flags that are set. */
  | { readonly kind: 'flags' }
  /** A room that is being opened, of which nothing is heard. */
  | { readonly kind: 'room' }
  /** A state that nobody thought of: something is open and no clock follows from it. */
  | ({ readonly kind: 'gap' } & AxisKey);

/** What may be counted once only. */
export type EvidenceKey =
  | {
      readonly kind: 'rule';
      readonly rule: string | null;
      readonly source: string;
      readonly level: string | null;
    }
  /** What a trigger fires on. */
  | { readonly kind: 'trigger'; readonly trigger: string; readonly seen: readonly string[] };

/** Effects that leave one after the other: those on one object at a vendor. */
export type StreamKey =
  | { readonly kind: 'ring'; readonly target: string; readonly key: string }
  /** Beside its ring: reading it back, or adding to it, never holds up its resolve. */
  | { readonly kind: 'ring.find'; readonly target: string; readonly key: string }
  | { readonly kind: 'ring.note'; readonly target: string; readonly key: string }
  | { readonly kind: 'post'; readonly target: string; readonly incident: string }
  | { readonly kind: 'post.find'; readonly target: string; readonly incident: string }
  | { readonly kind: 'room'; readonly target: string; readonly incident: string }
  | { readonly kind: 'channel'; readonly target: string; readonly channel: string };

function encodedEscalation(key: EscalationKey): string {
  switch (key.kind) {
    case 'role':
      return keyText('role', key.role);
    case 'service':
      return key.service === null ? 'service' : keyText('service', key.service);
    case 'alarm':
      return key.post === null ? 'alarm' : keyText('alarm', key.post);
    case 'next':
      return keyText('next', key.trigger, String(key.number));
    case 'offer':
      return keyText(
        'offer',
        key.role,
        key.by,
        String(key.number),
        ...(key.from === null ? [] : [key.from]),
      );
    case 'presence':
    case 'test':
      return key.kind;
  }
}

function encodedNotice({ level, number }: NoticeKey): string {
  return keyText('notify', level, String(number));
}

function encodedAlarm(key: AlarmKey): string {
  switch (key.kind) {
    case 'escalation':
      return `escalation:${encodedEscalation(key.escalation)}`;
    case 'page':
      return keyText('page', key.page);
    case 'public':
      return keyText('public', key.target);
    case 'notify':
      return encodedNotice(key.notice);
    case 'audience':
      return keyText('audience', key.audience);
    case 'trigger':
      return keyText('trigger', key.trigger);
    case 'nobody':
      return 'nobody';
    case 'stuck':
      return `stuck:${encodedClock(key.clock)}`;
    case 'removed':
      return keyText('removed', key.what, key.name);
  }
}

function encodedClock(key: ClockKey): string {
  switch (key.kind) {
    case 'escalation':
      return `escalation:${encodedEscalation(key.escalation)}`;
    case 'failover':
      return keyText('failover', key.page);
    case 'offer':
      return keyText('offer', key.role);
    case 'reach':
    case 'ended':
      return keyText(key.kind, key.page);
    case 'alarm':
      return `alarm:${encodedAlarm(key.alarm)}`;
    case 'call':
      return key.post === null ? 'call' : keyText('call', key.post);
    case 'trigger':
      return keyText('trigger', key.trigger);
    case 'respond':
      return keyText('respond', key.response);
    case 'approval':
      return keyText('approval', key.draft);
    case 'late':
    case 'update':
      return keyText(key.kind, key.target);
    case 'notify':
      return encodedNotice(key.notice);
    case 'first':
    case 'audience':
      return keyText(key.kind, key.audience);
    case 'removed':
      return keyText('removed', key.what, key.name);
    case 'gap':
      return keyText('gap', key.axis, key.id);
    case 'declare':
    case 'room':
    case 'flags':
    case 'soak':
    case 'calm':
    case 'unproven':
    case 'relapse':
    case 'presence':
    case 'unattended':
    case 'close':
    case 'test':
      return key.kind;
  }
}

export function encodeEscalation(key: EscalationKey): EscalationId {
  return encodedEscalation(key) as EscalationId;
}

export function encodeAlarm(key: AlarmKey): AlarmId {
  return encodedAlarm(key) as AlarmId;
}

export function encodeNotice(key: NoticeKey): NoticeId {
  return encodedNotice(key) as NoticeId;
}

export function encodeClock(key: ClockKey): ClockId {
  return encodedClock(key) as ClockId;
}

/**
 * What tells an address from others, in one order, however it was written or stored. What has an id counts by that: the
 * name beside it is for people, and may change.
 */
function identityOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(identityOf);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([key]) => !(key === 'name' && Object.hasOwn(value, 'id')))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, identityOf(member)]));
}

/** Addresses are only compared, so there is no way back. */
export function encodeAddress({ target, address }: Omit<PageAddress, 'label'>): AddressId {
  return keyText('address', target, JSON.stringify(identityOf(address))) as AddressId;
}

/** Components are only compared, so there is no way back. */
export function encodeComponent({ target, id }: Pick<ComponentRef, 'target' | 'id'>): ComponentId {
  return keyText('component', target, id) as ComponentId;
}

/** Evidence is only compared, so there is no way back. */
export function encodeEvidence(key: EvidenceKey): EvidenceId {
  switch (key.kind) {
    case 'rule':
      return keyText(
        'rule',
        key.rule ?? '',
        key.rule === null ? key.source : '',
        key.level ?? '',
      ) as EvidenceId;
    case 'trigger':
      return keyText('trigger', key.trigger, ...key.seen) as EvidenceId;
  }
}

/** A vendor's schedule, as that vendor names it. */
export interface ScheduleKey {
  readonly target: string;
  readonly id: string;
}

export function encodeSchedule({ target, id }: ScheduleKey): string {
  return keyText('schedule', target, id);
}

/** Streams are only compared, so there is no way back. */
export function encodeStream(key: StreamKey): string {
  switch (key.kind) {
    case 'ring':
    case 'ring.find':
    case 'ring.note':
      return keyText(key.kind, key.target, key.key);
    case 'post':
    case 'post.find':
    case 'room':
      return keyText(key.kind, key.target, key.incident);
    case 'channel':
      return keyText(key.kind, key.target, key.channel);
  }
}

const ESCALATIONS: KeyReaders<EscalationKey> = {
  role: (parts) => ({ kind: 'role', role: parts.next() }),
  service: (parts) => ({ kind: 'service', service: parts.left() ? parts.next() : null }),
  alarm: (parts) => ({ kind: 'alarm', post: readPost(parts) }),
  next: (parts) => ({ kind: 'next', trigger: parts.next(), number: Number(parts.next()) }),
  offer: (parts) => ({
    kind: 'offer',
    role: parts.next(),
    by: parts.next(),
    number: Number(parts.next()),
    from: parts.left() ? parts.next() : null,
  }),
  presence: () => ({ kind: 'presence' }),
  test: () => ({ kind: 'test' }),
};

const ALARMS: KeyReaders<AlarmKey> = {
  escalation: (parts) => ({ kind: 'escalation', escalation: readEscalation(parts) }),
  page: (parts) => ({ kind: 'page', page: readPage(parts) }),
  public: (parts) => ({ kind: 'public', target: parts.next() }),
  notify: (parts) => ({ kind: 'notify', notice: readNotice(parts) }),
  audience: (parts) => ({ kind: 'audience', audience: parts.next() }),
  trigger: (parts) => ({ kind: 'trigger', trigger: parts.next() }),
  nobody: () => ({ kind: 'nobody' }),
  stuck: (parts) => ({ kind: 'stuck', clock: readClock(parts) }),
  removed: (parts) => ({ kind: 'removed', ...readRemoved(parts) }),
};

const CLOCKS: KeyReaders<ClockKey> = {
  escalation: (parts) => ({ kind: 'escalation', escalation: readEscalation(parts) }),
  failover: (parts) => ({ kind: 'failover', page: readPage(parts) }),
  offer: (parts) => ({ kind: 'offer', role: parts.next() }),
  reach: (parts) => ({ kind: 'reach', page: readPage(parts) }),
  ended: (parts) => ({ kind: 'ended', page: readPage(parts) }),
  alarm: (parts) => ({ kind: 'alarm', alarm: readAlarm(parts) }),
  call: (parts) => ({ kind: 'call', post: readPost(parts) }),
  trigger: (parts) => ({ kind: 'trigger', trigger: parts.next() }),
  respond: (parts) => ({
    kind: 'respond',
    response: parts.next() === 'engage' ? 'engage' : 'acknowledge',
  }),
  approval: (parts) => ({ kind: 'approval', draft: readDraft(parts) }),
  late: (parts) => ({ kind: 'late', target: parts.next() }),
  update: (parts) => ({ kind: 'update', target: parts.next() }),
  notify: (parts) => ({ kind: 'notify', notice: readNotice(parts) }),
  first: (parts) => ({ kind: 'first', audience: parts.next() }),
  audience: (parts) => ({ kind: 'audience', audience: parts.next() }),
  removed: (parts) => ({ kind: 'removed', ...readRemoved(parts) }),
  gap: (parts) => ({ kind: 'gap', axis: readAxis(parts), id: parts.next() }),
  room: () => ({ kind: 'room' }),
  declare: () => ({ kind: 'declare' }),
  flags: () => ({ kind: 'flags' }),
  soak: () => ({ kind: 'soak' }),
  calm: () => ({ kind: 'calm' }),
  unproven: () => ({ kind: 'unproven' }),
  relapse: () => ({ kind: 'relapse' }),
  presence: () => ({ kind: 'presence' }),
  unattended: () => ({ kind: 'unattended' }),
  close: () => ({ kind: 'close' }),
  test: () => ({ kind: 'test' }),
};

function readPage(parts: KeyParts): PageId {
  const text = parts.next();
  const page = decodePage(text);
  if (page === null) throw new Error(`no page goes by "${text}"`);
  return page;
}

function readDraft(parts: KeyParts): DraftId {
  const text = parts.next();
  const draft = decodeDraft(text);
  if (draft === null) throw new Error(`no draft goes by "${text}"`);
  return draft;
}

function readPost(parts: KeyParts): string | null {
  return parts.left() ? parts.next() : null;
}

function readNotice(parts: KeyParts): NoticeKey {
  return { level: parts.next(), number: Number(parts.next()) };
}

const REMOVED: readonly Removed['what'][] = ['level', 'role', 'person', 'target', 'flag'];

function readRemoved(parts: KeyParts): Removed {
  const text = parts.next();
  const what = REMOVED.find((one) => one === text);
  if (what === undefined) throw new Error(`no "${text}" is ever removed`);
  return { what, name: parts.next() };
}

function readAxis(parts: KeyParts): Axis {
  const text = parts.next();
  if (!Object.hasOwn(AXES, text)) throw new Error(`nothing is asked about "${text}"`);
  // It is one of the table's.
  return text as Axis;
}

function readEscalation(parts: KeyParts): EscalationKey {
  return readKey('escalation', ESCALATIONS, parts);
}

function readAlarm(parts: KeyParts): AlarmKey {
  return readKey('alarm', ALARMS, parts);
}

function readClock(parts: KeyParts): ClockKey {
  return readKey('clock', CLOCKS, parts);
}

/** @throws when the text is no escalation's */
export function decodeEscalation(id: EscalationId): EscalationKey {
  return wholeKey(id, readEscalation);
}

/** @throws when the text is no alarm's */
export function decodeAlarm(id: AlarmId): AlarmKey {
  return wholeKey(id, readAlarm);
}

/** @throws when the text is no clock's */
export function decodeClock(id: ClockId): ClockKey {
  return wholeKey(id, readClock);
}

/** @throws when the text is no schedule's */
export function decodeSchedule(id: string): ScheduleKey {
  return wholeKey(id, (parts) => {
    if (parts.next() !== 'schedule') throw new Error(`"${id}" is no schedule`);
    return { target: parts.next(), id: parts.next() };
  });
}
