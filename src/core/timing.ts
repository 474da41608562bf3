/** Timers: what each purpose does when its moment comes. */
import { declare, isAcknowledged, isCommanded } from './declaring.ts';
import { advanceRun, waitAgain } from './escalating.ts';
import { audienceTick, noticeDue } from './informing.ts';
import { say } from './messages.ts';
import { cadenceTick, publicLate, remindDue } from './publishing.ts';
import { close, closeDue, soakOver } from './resolving.ts';
import { FAILOVER_AFTER_MS } from './ringing.ts';
import { askTriggers, timedTrigger } from './severity.ts';
import { failoverDue } from './settling.ts';
import { repeatAlarm } from './sounding.ts';
import {
  isPagingPaused,
  automationPause,
  emit,
  isOver,
  levelOf,
  setTimer,
  timerFired,
  type Refusal,
  type Turn,
} from './turn.ts';

/** A timer carries its generation; a stale one is refused and its row dropped. */
export function timer(turn: Turn, purpose: string, generation: number): Refusal | null {
  if (turn.state.timers[purpose]?.generation !== generation)
    return { code: 'stale_timer', message: `Timer ${purpose} was set again or dropped since.` };
  timerFired(turn, purpose);
  const [kind, ...rest] = purpose.split(':');
  const subject = rest.join(':');
  switch (kind) {
    case 'run':
      if (isHushed(turn) || isPagingPaused(turn)) waitAgain(turn, subject);
      else advanceRun(turn, subject, 'nobody answered in time');
      break;
    case 'failover':
      if (isPagingPaused(turn)) setTimer(turn, purpose, turn.now + FAILOVER_AFTER_MS);
      else failoverDue(turn, subject);
      break;
    case 'alarm':
      if (isHushed(turn) || isPagingPaused(turn))
        setTimer(turn, purpose, turn.now + turn.policy.automation.alarmEveryMs);
      else repeatAlarm(turn, subject);
      break;
    case 'cadence':
      cadenceTick(turn, subject);
      break;
    case 'due':
      remindDue(turn, subject);
      break;
    case 'late':
      publicLate(turn, subject);
      break;
    case 'audience':
      audienceTick(turn, subject);
      break;
    case 'notify':
      noticeDue(turn, purpose);
      break;
    default:
      incidentTimer(turn, kind ?? '', subject);
  }
  return null;
}

/** Nothing fires any more and nobody has declared: nobody further is woken while it is watched whether it stays quiet. */
function isHushed({ state }: Turn): boolean {
  return state.phase === 'triage' && state.soak !== null;
}

/** Still firing after the level's time. An alert that cleared and fires again gets that time once more. */
function declareDue(turn: Turn): void {
  if (turn.state.phase !== 'triage') return;
  const pause = automationPause(turn);
  if (pause !== null) {
    setTimer(turn, 'declare', pause.until);
    return;
  }
  if (turn.state.alerts.firing > 0) {
    declare(turn, 'still_firing');
    return;
  }
  const orAfterMs = levelOf(turn)?.declare.orAfterMs ?? null;
  if (isHushed(turn) && orAfterMs !== null) setTimer(turn, 'declare', turn.now + orAfterMs);
}

function incidentTimer(turn: Turn, kind: string, subject: string): void {
  if (kind === 'declare') declareDue(turn);
  else if (kind === 'trigger') timedTrigger(turn, subject);
  else if (kind === 'retrigger') askTriggers(turn);
  else if (kind === 'soak') soakOver(turn);
  else if (kind === 'close') closeDue(turn);
  else if (kind === 'test' && turn.state.phase !== 'closed')
    close(turn, 'false_positive', 'the test page was not acknowledged in time');
  else if (kind === 'clock') clockDue(turn, subject);
}

/** A response clock ran out: the responders hear it, the timeline keeps it; the runs escalate on their own. */
function clockDue(turn: Turn, clock: string): void {
  const isKept = clock === 'acknowledge' ? isAcknowledged(turn) : isCommanded(turn);
  if (isKept || isOver(turn.state)) return;
  emit(turn, { type: 'ClockMissed', clock, dueAt: turn.now });
  const what = clock === 'acknowledge' ? 'nobody has acknowledged' : 'nobody commands';
  say(
    turn,
    `${turn.state.id}: ${what} within the time of ${turn.state.level ?? 'its level'}.`,
    `clock:${clock}`,
  );
}
