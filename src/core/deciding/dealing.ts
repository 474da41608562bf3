/** What is done about each kind of obligation when its moment has come; the other half of `owed.ts`. */
import type { Instant } from '../model/alert.ts';
import { whyOver } from '../paging/owed-paging.ts';
import { clearAlarm, isAlarmed, raiseAlarm, repeatAlarm } from '../paging/alarms.ts';
import { declare } from '../command/declaring.ts';
import { offerDue } from '../command/offering.ts';
import { endedPageDue } from '../command/ended-there.ts';
import { advanceEscalation, askAgain } from '../paging/escalating.ts';
import { walkAgain } from '../paging/walking-again.ts';
import { wakes } from '../paging/concerns.ts';
import { audienceDue, firstUpdateDue, noticeDue, roomMissing } from '../informing/informing.ts';
import {
  type AlarmKey,
  encodeClock,
  encodeEscalation,
  type ClockId,
  type EscalationId,
  type ClockKey,
  type ResponseClock,
  encodeAlarm,
} from '../model/keys.ts';
import { say } from '../texts/messages.ts';
import type { Obligation } from '../model/obligation.ts';
import { type AxisAnswer, answersOf } from './axes.ts';
import { FAILURES_MAX, mostUrgent, owed } from './owed.ts';
import { approvalDue } from '../publishing/asking.ts';
import { flagsDue, publicAlarmAgain, publicLate, updateDue } from '../publishing/publishing.ts';
import { calmDue, close, closeDue, soakOver } from '../resolving/resolving.ts';
import { unattendedDue } from '../opening/attending.ts';
import { ringsWhoIsGone, ringInstead } from '../paging/gone.ts';
import { reachDue } from '../paging/reach.ts';
import { relapseDue } from '../opening/relapsing.ts';
import { presenceDue } from '../command/missing.ts';
import { askForEnd } from '../opening/unproven.ts';
import { endSuccession, removedReason, seekSuccessors } from './removed.ts';
import { failoverDue } from './settling.ts';
import { triggerDue } from '../severity/severity.ts';
import { callDue } from '../paging/sounding.ts';
import { emit, type Decision } from '../model/decision.ts';

type Of<K extends ClockKey['kind']> = Extract<ClockKey, { readonly kind: K }>;

/** One entry per kind; a kind without one does not compile. Each removes its obligation or moves it later than now. */
const DEALING: {
  readonly [K in ClockKey['kind']]: (
    decision: Decision,
    clock: Of<K>,
    obligation: Obligation,
  ) => void;
} = {
  failover: (decision, { page }) => failoverDue(decision, page),
  reach: (decision, { page }) => reachDue(decision, page),
  escalation: (decision, { escalation }) => stepDue(decision, encodeEscalation(escalation)),
  offer: (decision, { role }) => offerDue(decision, role),
  alarm: (decision, { alarm }) => alarmAgain(decision, alarm),
  call: (decision, { post }) => callDue(decision, post),
  declare: (decision) => declare(decision, 'still_firing'),
  trigger: (decision, { trigger }) => triggerDue(decision, trigger),
  respond: (decision, { response }, { dueAt }) => responseMissed(decision, response, dueAt),
  late: (decision, { target }) => publicLate(decision, target),
  update: (decision, { target }) => updateDue(decision, target),
  approval: (decision, { draft }) => approvalDue(decision, draft),
  notify: (decision, { notice }) => noticeDue(decision, notice),
  first: (decision, { audience }) => firstUpdateDue(decision, audience),
  audience: (decision, { audience }) => audienceDue(decision, audience),
  soak: (decision) => soakOver(decision),
  calm: (decision) => calmDue(decision),
  unproven: (decision) => askForEnd(decision),
  relapse: (decision) => relapseDue(decision),
  presence: (decision) => presenceDue(decision),
  unattended: (decision) => unattendedDue(decision),
  ended: (decision, { page }) => endedPageDue(decision, page),
  close: (decision) => closeDue(decision),
  test: (decision) =>
    close(decision, 'false_positive', 'the test page was not acknowledged in time'),
  flags: (decision) => flagsDue(decision),
  removed: (decision, clock) => removedOrBack(decision, clock),
  room: (decision) => roomMissing(decision),
  gap: (decision, clock, { what }) =>
    raiseAlarm(decision, { kind: 'stuck', clock }, `nothing follows from this: ${what}`),
};

function deal<K extends ClockKey['kind']>(
  decision: Decision,
  clock: Of<K>,
  obligation: Obligation,
): void {
  const kind: K = clock.kind;
  DEALING[kind](decision, clock, obligation);
}

/** A response time ran out: the responders hear it, the timeline keeps it; the escalations escalate on their own. */
function responseMissed(decision: Decision, response: ResponseClock, dueAt: Instant): void {
  emit(decision, { type: 'ClockMissed', clock: response, dueAt });
  const what = response === 'acknowledge' ? 'nobody has acknowledged' : 'nobody commands';
  say(
    decision,
    `${decision.state.id}: ${what} within the time of ${decision.state.level ?? 'its level'}.`,
    {
      kind: 'response',
      response,
    },
  );
}

function stepDue(decision: Decision, id: EscalationId): void {
  if (decision.state.escalations[id]?.state === 'exhausted') walkAgain(decision);
  else advanceEscalation(decision, id, 'nobody answered in time');
}

function removedOrBack(decision: Decision, clock: Of<'removed'>): void {
  const { what, name } = clock;
  if (what === 'person' && ringsWhoIsGone(decision, name)) {
    ringInstead(decision, name);
    if (!isDueStill(decision, clock)) return;
  }
  const alarm = { kind: 'removed', what, name } as const;
  if (isAlarmed(decision.state, alarm)) {
    clearAlarm(decision, alarm, 'it is configured again, or needed no more');
    if (what === 'person') endSuccession(decision, name);
    return;
  }
  raiseAlarm(decision, alarm, removedReason(decision, alarm));
  if (what === 'person') seekSuccessors(decision, name);
}

/** Whether the answer is a gap that is alarmed: it stands under that alarm. */
function isAlarmedGap({ axis, id, owed: answer }: AxisAnswer, clock: ClockKey): boolean {
  if (clock.kind !== 'gap' || clock.axis !== axis || clock.id !== id) return false;
  const alarm = { kind: 'alarm', alarm: { kind: 'stuck', clock } } as const;
  return 'clock' in answer && encodeClock(answer.clock) === encodeClock(alarm);
}

/** Whether the clock still follows from the state. */
function isDueStill({ state, context }: Decision, clock: ClockKey): boolean {
  const id = encodeClock(clock);
  return answersOf(state, context).some(
    (one) =>
      ('clock' in one.owed && encodeClock(one.owed.clock) === id) || isAlarmedGap(one, clock),
  );
}

function alarmAgain(decision: Decision, alarm: AlarmKey): void {
  const open = decision.state.alarms[encodeAlarm(alarm)];
  const over = open === undefined ? null : whyOver(decision, open);
  if (over === null) repeated(decision, alarm);
  else clearAlarm(decision, alarm, over);
}

/** Its cause lasts as far as it tells itself: it is said again, and what else is to be done by then is done. */
function repeated(decision: Decision, alarm: AlarmKey): void {
  switch (alarm.kind) {
    case 'public':
      publicAlarmAgain(decision, alarm.target);
      return;
    case 'stuck':
      if (isDueStill(decision, alarm.clock)) repeatAlarm(decision, alarm);
      else clearAlarm(decision, alarm, 'it is owed no more');
      return;
    case 'escalation':
      repeatAlarm(decision, alarm);
      // Whoever has become free since, or could be, is asked.
      if (wakes(decision, alarm)) askAgain(decision, encodeEscalation(alarm.escalation));
      return;
    case 'page':
    case 'notify':
    case 'audience':
    case 'trigger':
    case 'nobody':
    case 'removed':
      repeatAlarm(decision, alarm);
  }
}

interface Stuck {
  readonly because: string;
  /** Trying again at once would only do the same once more. */
  readonly isFinal: boolean;
}

function stuck(decision: Decision, { clock, what }: Obligation, why: Stuck): void {
  const { because } = why;
  const before = decision.state.stuck[encodeClock(clock)]?.failures ?? 0;
  const failures = why.isFinal ? FAILURES_MAX : before + 1;
  emit(decision, { type: 'ClockStuck', clock, what, because, failures });
  if (clock.kind === 'alarm') {
    // An alarm about it would fail as it does, and so would the next: it is said all the same.
    repeatAlarm(decision, clock.alarm);
    return;
  }
  const alarm = { kind: 'stuck', clock } as const;
  // Once it is open, it repeats by itself; raised anew with every attempt it would never come to ring.
  if (failures < FAILURES_MAX || isAlarmed(decision.state, alarm)) return;
  raiseAlarm(decision, alarm, `could not be done: ${what} (${because})`);
}

/** Takes back what is decided from here on. */
function checkpoint(decision: Decision): () => void {
  const { state } = decision;
  const length = { events: decision.events.length, effects: decision.effects.length };
  return () => {
    decision.state = state;
    decision.events.length = length.events;
    decision.effects.length = length.effects;
  };
}

function freed(decision: Decision, { clock, what }: Obligation): void {
  if (decision.state.stuck[encodeClock(clock)] === undefined) return;
  emit(decision, { type: 'ClockFreed', clock, what });
  clearAlarm(decision, { kind: 'stuck', clock }, 'it is done at last');
}

/** Deals with one obligation. When that throws, nothing of it remains, and the others go on. */
function dealWith(decision: Decision, obligation: Obligation): void {
  const undo = checkpoint(decision);
  try {
    deal(decision, obligation.clock, obligation);
  } catch (error) {
    undo();
    const because = error instanceof Error ? error.message : String(error);
    stuck(decision, obligation, { because, isFinal: false });
    return;
  }
  const id = encodeClock(obligation.clock);
  const left = owed(decision.state, decision.context).find(
    ({ clock }) => encodeClock(clock) === id,
  );
  if (left !== undefined && left.dueAt <= decision.now)
    stuck(decision, obligation, {
      because: 'it is still due after it was dealt with',
      isFinal: true,
    });
  else freed(decision, obligation);
}

/** More than this at one instant is a loop of our own making. */
const DEALT_MAX = 1_000;

/** Deals with everything that is due, the most urgent first; what is owed is asked anew after each. */
export function timePassed(decision: Decision): void {
  const failed = new Set<ClockId>();
  for (let dealt = 0; dealt < DEALT_MAX; dealt += 1) {
    const next = mostUrgent(owed(decision.state, decision.context), decision.now, failed);
    if (next === null) return;
    dealWith(decision, next);
    if (decision.state.stuck[encodeClock(next.clock)] !== undefined)
      failed.add(encodeClock(next.clock));
  }
}
