/** What is done about each kind of obligation when its moment has come; the other half of `owed.ts`. */
import type { Instant } from '../model/alert.ts';
import { whyOver } from '../paging/owed-paging.ts';
import { isAlarmed, raiseAlarm } from '../paging/alarms.ts';
import { declare } from '../command/declaring.ts';
import { alarmText } from '../model/event-entry.ts';
import { advanceRun } from '../paging/escalating.ts';
import { audienceDue, firstUpdateDue, noticeDue } from '../informing/informing.ts';
import {
  type AlarmKey,
  encodeAlarm,
  encodeClock,
  encodeRun,
  type ClockId,
  type ClockKey,
  type ResponseClock,
} from '../model/keys.ts';
import { say } from '../texts/messages.ts';
import type { Obligation } from '../model/obligation.ts';
import { answersOf, FAILURES_MAX, mostUrgent, owed } from './owed.ts';
import {
  approvalDue,
  flagsDue,
  publicAlarmAgain,
  publicLate,
  updateDue,
} from '../publishing/publishing.ts';
import { close, closeDue, soakOver } from '../resolving/resolving.ts';
import { failoverDue } from './settling.ts';
import { triggerDue } from '../severity/severity.ts';
import { repeatAlarm, silenceAlarm, soundAlarm } from '../paging/sounding.ts';
import { emit, type Turn } from '../model/turn.ts';

type Of<K extends ClockKey['kind']> = Extract<ClockKey, { readonly kind: K }>;

/** One entry per kind; a kind without one does not compile. Each removes its obligation or moves it later than now. */
const DEALING: {
  readonly [K in ClockKey['kind']]: (turn: Turn, clock: Of<K>, dueAt: Instant) => void;
} = {
  failover: (turn, { page }) => failoverDue(turn, page),
  run: (turn, { run }) => advanceRun(turn, encodeRun(run), 'nobody answered in time'),
  alarm: (turn, { alarm }) => alarmAgain(turn, alarm),
  declare: (turn) => declare(turn, 'still_firing'),
  trigger: (turn, { trigger }) => triggerDue(turn, trigger),
  respond: (turn, { response }, dueAt) => responseMissed(turn, response, dueAt),
  late: (turn, { target }) => publicLate(turn, target),
  update: (turn, { target }) => updateDue(turn, target),
  approval: (turn, { draft }) => approvalDue(turn, draft),
  notify: (turn, { notice }) => noticeDue(turn, notice),
  first: (turn, { audience }) => firstUpdateDue(turn, audience),
  audience: (turn, { audience }) => audienceDue(turn, audience),
  soak: (turn) => soakOver(turn),
  close: (turn) => closeDue(turn),
  test: (turn) => close(turn, 'false_positive', 'the test page was not acknowledged in time'),
  flags: (turn) => flagsDue(turn),
  removed: (turn, clock) => removedOrBack(turn, clock),
  gap: (turn, clock) =>
    soundAlarm(turn, { kind: 'stuck', clock }, `nothing follows from this: ${clock.about}`),
};

function deal<K extends ClockKey['kind']>(turn: Turn, clock: Of<K>, dueAt: Instant): void {
  const kind: K = clock.kind;
  DEALING[kind](turn, clock, dueAt);
}

/** A response time ran out: the responders hear it, the timeline keeps it; the runs escalate on their own. */
function responseMissed(turn: Turn, response: ResponseClock, dueAt: Instant): void {
  emit(turn, { type: 'ClockMissed', clock: response, dueAt });
  const what = response === 'acknowledge' ? 'nobody has acknowledged' : 'nobody commands';
  say(turn, `${turn.state.id}: ${what} within the time of ${turn.state.level ?? 'its level'}.`, {
    kind: 'response',
    response,
  });
}

function removedOrBack(turn: Turn, { what, name }: Of<'removed'>): void {
  const alarm = { kind: 'removed', what, name } as const;
  if (isAlarmed(turn.state, alarm))
    silenceAlarm(turn, alarm, 'it is configured again, or needed no more');
  else raiseAlarm(turn, alarm, `${alarmText(alarm)}; what it said last still holds here`);
}

/** Whether the clock still follows from the state; a gap that is alarmed stands under its alarm, by its words. */
function isOwed({ state, context }: Turn, clock: ClockKey): boolean {
  const id = encodeClock(clock);
  return answersOf(state, context).some(
    (one) =>
      'clock' in one &&
      (encodeClock(one.clock) === id || (clock.kind === 'gap' && one.what === clock.about)),
  );
}

function alarmAgain(turn: Turn, alarm: AlarmKey): void {
  const over = whyOver(turn, alarm);
  if (over !== null) silenceAlarm(turn, alarm, over);
  else if (alarm.kind === 'public') publicAlarmAgain(turn, alarm.target);
  else if (alarm.kind === 'stuck' && !isOwed(turn, alarm.clock))
    silenceAlarm(turn, alarm, 'it is owed no more');
  else repeatAlarm(turn, alarm);
}

interface Stuck {
  readonly because: string;
  /** Trying again at once would only do the same once more. */
  readonly isFinal: boolean;
}

function stuck(turn: Turn, { clock, what }: Obligation, why: Stuck): void {
  const { because } = why;
  const before = turn.state.stuck[encodeClock(clock)]?.failures ?? 0;
  const failures = why.isFinal ? FAILURES_MAX : before + 1;
  emit(turn, { type: 'ClockStuck', clock, what, because, failures });
  if (clock.kind === 'alarm') {
    sayOnly(turn, clock.alarm);
    return;
  }
  const alarm = { kind: 'stuck', clock } as const;
  // Once it is open, it repeats by itself; raised anew with every attempt it would never come to ring.
  if (failures < FAILURES_MAX || isAlarmed(turn.state, alarm)) return;
  const reason = `could not be done: ${what} (${because})`;
  const undo = checkpoint(turn);
  try {
    soundAlarm(turn, alarm, reason);
  } catch {
    // Whom to ring may be the very thing that fails.
    undo();
    raiseAlarm(turn, alarm, reason);
  }
}

/** An alarm that cannot ring is said all the same; an alarm about it would fail as it does, and so would the next. */
function sayOnly(turn: Turn, alarm: AlarmKey): void {
  const open = turn.state.alarms[encodeAlarm(alarm)];
  if (open !== undefined) raiseAlarm(turn, alarm, open.reason);
}

/** Takes back what the turn decides from here on. */
function checkpoint(turn: Turn): () => void {
  const { state } = turn;
  const length = { events: turn.events.length, effects: turn.effects.length };
  return () => {
    turn.state = state;
    turn.events.length = length.events;
    turn.effects.length = length.effects;
  };
}

function freed(turn: Turn, { clock, what }: Obligation): void {
  if (turn.state.stuck[encodeClock(clock)] === undefined) return;
  emit(turn, { type: 'ClockFreed', clock, what });
  silenceAlarm(turn, { kind: 'stuck', clock }, 'it is done at last');
}

/** Deals with one obligation. When that throws, nothing of it remains, and the others go on. */
function dealWith(turn: Turn, obligation: Obligation): void {
  const undo = checkpoint(turn);
  try {
    deal(turn, obligation.clock, obligation.dueAt);
  } catch (error) {
    undo();
    const because = error instanceof Error ? error.message : String(error);
    stuck(turn, obligation, { because, isFinal: false });
    return;
  }
  const id = encodeClock(obligation.clock);
  const left = owed(turn.state, turn.context).find(({ clock }) => encodeClock(clock) === id);
  if (left !== undefined && left.dueAt <= turn.now)
    stuck(turn, obligation, { because: 'it is still due after it was dealt with', isFinal: true });
  else freed(turn, obligation);
}

/** More than this at one instant is a loop of our own making. */
const DEALT_MAX = 1_000;

/** Deals with everything that is due, the most urgent first; what is owed is asked anew after each. */
export function timePassed(turn: Turn): void {
  const failed = new Set<ClockId>();
  for (let dealt = 0; dealt < DEALT_MAX; dealt += 1) {
    const next = mostUrgent(owed(turn.state, turn.context), turn.now, failed);
    if (next === null) return;
    dealWith(turn, next);
    if (turn.state.stuck[encodeClock(next.clock)] !== undefined)
      failed.add(encodeClock(next.clock));
  }
}
