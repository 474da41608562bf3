/**
 * Alarms: what nobody may overlook. An open alarm is said in the alarm channel, rings where it must, and repeats until
 * the cause is gone or a person answers.
 */
import { postTo } from './messages.ts';
import { render, viewOf } from './text.ts';
import { dropTimer, emit, setTimer, type Turn } from './turn.ts';

function announce(turn: Turn, alarm: string, reason: string): void {
  const { chat } = turn.policy.automation.alarm;
  const view = viewOf(turn.state, turn.policy, { now: turn.now, extra: { reason } });
  const text = render('alarm', turn.policy, view);
  if (chat !== null)
    postTo(turn, { target: chat.target, channel: chat.channel, text, about: `alarm:${alarm}` });
  if (turn.state.room?.state === 'open')
    postTo(turn, {
      target: turn.state.room.target,
      channel: 'room',
      text,
      about: `alarm:${alarm}:room`,
    });
}

/** Opens an alarm, or counts it up when it is open already, and says it. Ringing for it stands in `sounding.ts`. */
export function raiseAlarm(turn: Turn, alarm: string, reason: string): void {
  const count = (turn.state.alarms[alarm]?.count ?? 0) + 1;
  emit(turn, { type: 'AlarmRaised', alarm, reason, count });
  setTimer(turn, `alarm:${alarm}`, turn.now + turn.policy.automation.alarmEveryMs);
  announce(turn, alarm, reason);
}

/** The cause is gone. */
export function clearAlarm(turn: Turn, alarm: string, because: string): void {
  if (turn.state.alarms[alarm] === undefined) return;
  emit(turn, { type: 'AlarmCleared', alarm, because });
  dropTimer(turn, `alarm:${alarm}`);
}
