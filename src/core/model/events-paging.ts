/** Events about paging: who is looked for, which phone rings, who answered, what nobody may overlook. */
import type { Instant } from './alert.ts';
import {
  alarmText,
  appended,
  escalationKeyText,
  escalationText,
  roleText,
  spanText,
  unchanged,
  without,
} from './event-entry.ts';
import type { EventEntries, EventEntry } from './event-entry.ts';
import type { EventOf, EventType } from './event.ts';
import type { Incident, Page, Ring, Escalation } from './incident.ts';
import { decodeEscalation, encodeAlarm, encodeClock } from './keys.ts';
import type { Role } from './policy.ts';
import { turnBack } from './turning-back.ts';

const RING_WORDS: Readonly<Record<Ring['status'], string>> = {
  pending: 'is on its way',
  accepted: 'was accepted by the pager',
  confirmed: 'was confirmed by the pager',
  lost: 'was accepted, but the pager does not know it',
  failed: 'could not be delivered',
  withheld: 'was recorded and not sent',
  joining: 'is to ring with another incident',
  joined: 'rings with another incident',
  closed: 'was closed at the pager',
};

function entry<T extends EventType>(one: EventEntry<T>): EventEntry<T> {
  return one;
}

/** Whether it rings for an alarm, or because a trigger called the next tier. */
export function isForAlarm(escalation: Escalation | undefined): boolean {
  return escalation?.key.kind === 'alarm' || escalation?.key.kind === 'next';
}

function isSameRing(ring: Ring, other: { readonly target: string; readonly key: string }): boolean {
  return ring.target === other.target && ring.key === other.key;
}

/** Who has it rings a phone by it. */
const RINGS: ReadonlySet<Ring['status']> = new Set(['accepted', 'confirmed', 'joined']);

/** The first of several pagers that took the page counts, and its first word: what is told again rang before. */
function rangAfter(
  { rang }: Incident,
  { page, status, isSpokenOf, at }: EventOf<'RingChanged'>,
): Incident['rang'] {
  const rings = RINGS.has(status) || (status === 'joining' && isSpokenOf);
  return rings && !Object.hasOwn(rang, page) ? { ...rang, [page]: at } : rang;
}

/** A ring that no longer joins another has been sent for itself, or rings no more. */
function joinedAtOf({ joinedAt }: Ring, { status, at }: EventOf<'RingChanged'>): Instant | null {
  if (status === 'joined') return joinedAt ?? at;
  return status === 'joining' ? joinedAt : null;
}

function changeEscalation(state: Incident, id: string, change: Partial<Escalation>): Incident {
  const old = state.escalations[id];
  if (old === undefined) throw new Error(`${state.id} has no escalation ${id}`);
  return { ...state, escalations: { ...state.escalations, [id]: { ...old, ...change } } };
}

function changePage(state: Incident, id: string, change: (old: Page) => Page): Incident {
  const old = state.pages[id];
  if (old === undefined) throw new Error(`${state.id} has no page ${id}`);
  return { ...state, pages: { ...state.pages, [id]: change(old) } };
}

function lookedForText({ key, about }: Escalation): string {
  return `Somebody is looked for: ${escalationKeyText(key)}${about === null ? '' : ` (${about})`}.`;
}

/** Null: it is no offer. */
function offeredText({ key, recipient }: Escalation): string | null {
  if (key.kind !== 'offer') return null;
  const whom = recipient.kind === 'person' ? recipient.person : 'somebody';
  return `${key.by} offers ${roleText(key.role)} to ${whom}, who is rung for it.`;
}

/** A role is kept as it was last configured while the incident went by it. */
function withRole({ keptRoles }: Incident, role: Role | null): Incident['keptRoles'] {
  return role === null ? keptRoles : { ...keptRoles, [role.id]: role };
}

const escalationEvents = {
  EscalationStarted: entry<'EscalationStarted'>({
    fold: (state, event) => ({
      ...state,
      escalations: { ...state.escalations, [event.escalation.id]: event.escalation },
      keptRoles: withRole(state, event.role),
    }),
    says: ({ escalation }) => offeredText(escalation) ?? lookedForText(escalation),
  }),
  EscalationAdvanced: entry<'EscalationAdvanced'>({
    fold: (state, event) =>
      changeEscalation(state, event.escalation, {
        step: event.step,
        since: event.at,
        state: 'open',
        answeredBy: null,
      }),
    says: ({ escalation, step, because }) =>
      `Step ${step + 1} of the escalation for ${escalationText(escalation)}: ${because}.`,
  }),
  EscalationAnswered: entry<'EscalationAnswered'>({
    fold: (state, event) => ({
      ...changeEscalation(state, event.escalation, {
        state: 'answered',
        answeredBy: event.by,
        // What its quiet counts from.
        ...(state.escalations[event.escalation]?.key.kind === 'alarm' ? { since: event.at } : {}),
      }),
      // Whoever answers in the place of another who is missed is there for the incident.
      presence:
        state.escalations[event.escalation]?.key.kind === 'presence'
          ? { ...state.presence, since: event.at }
          : state.presence,
      // Whoever answers an alarm has not answered the incident.
      answeredAt: isForAlarm(state.escalations[event.escalation])
        ? state.answeredAt
        : (state.answeredAt ?? event.at),
    }),
    says: ({ by, escalation }) => {
      const key = decodeEscalation(escalation);
      const what = key.kind === 'offer' ? 'accepted' : 'answered for';
      return `${by} ${what} ${escalationKeyText(key)}.`;
    },
  }),
  EscalationExhausted: entry<'EscalationExhausted'>({
    fold: (state, event) => changeEscalation(state, event.escalation, { state: 'exhausted' }),
    says: ({ escalation, because }) =>
      `Everybody was tried for ${escalationText(escalation)}: ${because}.`,
  }),
  EscalationEnded: entry<'EscalationEnded'>({
    fold: (state, event) => changeEscalation(state, event.escalation, { state: 'ended' }),
    says: ({ escalation, because }) => {
      const key = decodeEscalation(escalation);
      return key.kind === 'offer'
        ? `The offer of ${roleText(key.role)} by ${key.by} is over: ${because}.`
        : `No longer looked for: ${escalationKeyText(key)}, ${because}.`;
    },
  }),
  NobodyToPage: entry<'NobodyToPage'>({
    fold: unchanged,
    says: ({ step, escalation, because }) =>
      `Step ${step + 1} for ${escalationText(escalation)} leads to nobody: ${because}.`,
  }),
};

const pageEvents = {
  PageRequested: entry<'PageRequested'>({
    fold: (state, event) => ({ ...state, pages: { ...state.pages, [event.page.id]: event.page } }),
    says: ({ page, because }) => {
      const first = page.rings[0];
      const path = page.adopted ? 'was taken over' : `is paged (${page.urgency} urgency)`;
      return `${page.label} ${path}${first === undefined ? '' : ` by ${first.address.label}`}: ${because}. Page ${page.id}.`;
    },
  }),
  PageShared: entry<'PageShared'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) =>
        old.escalations.includes(event.escalation)
          ? old
          : { ...old, escalations: [...old.escalations, event.escalation] },
      ),
    says: ({ page, escalation }) => `Page ${page} also serves ${escalationText(escalation)}.`,
  }),
  PageRung: entry<'PageRung'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) => ({
        ...old,
        rings: [...old.rings.filter((ring) => !isSameRing(ring, event.ring)), event.ring],
      })),
    says: ({ page, ring, because }) =>
      `Page ${page} is also sent by ${ring.address.label}: ${because}.`,
  }),
  RingChanged: entry<'RingChanged'>({
    fold: (state, event) => ({
      ...changePage(state, event.page, (old) => ({
        ...old,
        rings: old.rings.map((ring) =>
          isSameRing(ring, event)
            ? {
                ...ring,
                status: event.status,
                ref: event.ref ?? ring.ref,
                url: event.url ?? ring.url,
                finds: event.finds,
                isSpokenOf: event.isSpokenOf,
                askedAt: event.askedAt,
                mayComeAgain: event.mayComeAgain,
                joinedAt: joinedAtOf(ring, event),
              }
            : ring,
        ),
      })),
      rang: rangAfter(state, event),
    }),
    // Looks in a row that tell nothing confirm nothing, of what its pager has confirmed before, too.
    says: ({ page, target, status, finds, detail }) =>
      `Page ${page} at ${target} ${status === 'confirmed' && finds > 0 ? 'is looked for' : RING_WORDS[status]}${appended(detail)}.`,
  }),
  PageAcknowledged: entry<'PageAcknowledged'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) => ({
        ...old,
        state: 'acknowledged',
        acknowledgedBy: event.by,
        acknowledgedAt: event.at,
        unreachableSince: null,
      })),
    // Via Tocsin itself: an answer elsewhere silenced this page, whose person may be asleep.
    says: ({ by, page, via }) =>
      via === 'tocsin'
        ? `Page ${page} was silenced, since ${by} answered.`
        : `${by} acknowledged page ${page} via ${via}.`,
  }),
  PageUnacknowledged: entry<'PageUnacknowledged'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) => ({
        ...old,
        state: 'open',
        acknowledgedBy: null,
        acknowledgedAt: null,
        endedThereAt: null,
      })),
    says: ({ by, page, via }) =>
      `${by ?? 'The pager'} set page ${page} back to unanswered via ${via}.`,
  }),
  PageClosed: entry<'PageClosed'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) => ({
        ...old,
        state: 'closed',
        unreachableSince: null,
      })),
    says: ({ page, because }) => `Page ${page} closed: ${because}.`,
  }),
  PageUnreachable: entry<'PageUnreachable'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) => ({ ...old, unreachableSince: event.at })),
    says: ({ page, pagers }) =>
      `Page ${page} is unreachable: no pager has accepted it for 60 s (asked: ${pagers.join(', ')}).`,
  }),
  PageReached: entry<'PageReached'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) => ({ ...old, unreachableSince: null })),
    says: ({ page, target }) => `Page ${page} is reachable again: ${target} has accepted it.`,
  }),
  AnswersUnheard: entry<'AnswersUnheard'>({
    fold: (state, { target, at }) => ({
      ...state,
      unheardAnswers: { ...state.unheardAnswers, [target]: at },
    }),
    says: ({ target, why }) =>
      `An answer at ${target} is not heard at the moment: it cannot be asked who has answered (${why}), and no webhook tells.`,
  }),
  AnswersHeardAgain: entry<'AnswersHeardAgain'>({
    fold: (state, { target }) => ({
      ...state,
      unheardAnswers: without(state.unheardAnswers, target),
    }),
    says: ({ target }) => `Answers at ${target} are heard again: it can be asked who has answered.`,
  }),
  PageEndedThere: entry<'PageEndedThere'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) => ({ ...old, endedThereAt: event.at })),
    says: ({ by, page, via, firing }) =>
      `${by ?? 'The pager'} resolved page ${page} at ${via} while ${firing === 1 ? 'an alert fires' : `${firing} alerts fire`}: it rings again in 15 minutes, unless somebody does something about it or it clears.`,
  }),
  PageEndUnseen: entry<'PageEndUnseen'>({
    fold: (state, event) =>
      changePage(state, event.page, (old) => ({ ...old, endedThereAt: null })),
    says: ({ page }) =>
      `Nobody has done anything since page ${page} was resolved at its pager: it rings again.`,
  }),
  PageNoted: entry<'PageNoted'>({
    fold: unchanged,
    says: ({ page, action, by, text }) =>
      `At the pager: page ${page} ${action}${by === null ? '' : ` by ${by}`}${appended(text)}.`,
  }),
  RoleFilled: entry<'RoleFilled'>({
    fold: (state, event) => ({
      ...state,
      roles: { ...state.roles, [event.role]: { person: event.person, at: event.at } },
      keptRoles: withRole(state, event.kept),
    }),
    says: ({ person, role, how }) => `${person} is ${roleText(role)} (${how}).`,
  }),
  RoleEnded: entry<'RoleEnded'>({
    fold: (state, event) => ({ ...state, roles: without(state.roles, event.role) }),
    says: ({ person, role, because }) => `${person} is ${roleText(role)} no more: ${because}.`,
  }),
};

const alarmEvents = {
  AlarmRaised: entry<'AlarmRaised'>({
    fold: (state, event) => {
      const id = encodeAlarm(event.alarm);
      return {
        ...state,
        alarms: {
          ...state.alarms,
          [id]: {
            key: event.alarm,
            since: state.alarms[id]?.since ?? event.at,
            saidAt: event.at,
            reason: event.reason,
            count: event.count,
          },
        },
      };
    },
    says: ({ count, reason }) => `ALARM${count > 1 ? ` (${count} times)` : ''}: ${reason}.`,
  }),
  AlarmCleared: entry<'AlarmCleared'>({
    fold: (state, event) => ({ ...state, alarms: without(state.alarms, encodeAlarm(event.alarm)) }),
    says: ({ alarm, because }) => `Alarm "${alarmText(alarm)}" cleared: ${because}.`,
  }),
  ClockTurnedBack: entry<'ClockTurnedBack'>({
    fold: (state, event) => turnBack(state, event),
    says: ({ byMs }) =>
      `Time was turned back by ${byMs < 60_000 ? 'seconds' : spanText(byMs)}: it had been ahead of the clock of the machine. What counted from later moments counts from that much earlier.`,
  }),
  ClockMissed: entry<'ClockMissed'>({
    fold: (state, event) => ({ ...state, missed: { ...state.missed, [event.clock]: event.at } }),
    says: ({ clock, dueAt }, time) => `Nobody met the time to ${clock} (due ${time(dueAt)}).`,
  }),
  ClockStuck: entry<'ClockStuck'>({
    fold: (state, event) => ({
      ...state,
      stuck: {
        ...state.stuck,
        [encodeClock(event.clock)]: { at: event.at, failures: event.failures },
      },
    }),
    says: ({ what, because }) => `Could not be done: ${what} (${because}). It is tried again.`,
  }),
  ClockFreed: entry<'ClockFreed'>({
    fold: (state, event) => ({ ...state, stuck: without(state.stuck, encodeClock(event.clock)) }),
    says: ({ what }) => `Done at last: ${what}.`,
  }),
};

export const pagingEvents = {
  ...escalationEvents,
  ...pageEvents,
  ...alarmEvents,
} satisfies Partial<EventEntries<EventType>>;
