/**
 * Alarms: what nobody may overlook. An open alarm is said in the alarm channel, rings where it must, and repeats until
 * the cause is gone or a person answers.
 */
import type { Incident } from '../model/incident.ts';
import { postTo } from '../texts/messages.ts';
import { render, viewOf } from '../texts/text.ts';
import { type AlarmKey, encodeAlarm } from '../model/keys.ts';
import { emit, type Turn } from '../model/turn.ts';

function announce(turn: Turn, alarm: AlarmKey, reason: string): void {
  const { chat } = turn.policy.automation.alarm;
  const view = viewOf(turn.state, turn.policy, { now: turn.now, extra: { reason } });
  const text = render('alarm', turn.policy, view);
  if (chat !== null)
    postTo(turn, {
      target: chat.target,
      channel: chat.channel,
      text,
      about: { kind: 'alarm', alarm },
    });
  if (turn.state.room?.state === 'open')
    postTo(turn, {
      target: turn.state.room.target,
      channel: 'room',
      text,
      about: { kind: 'alarm', alarm },
    });
}

/** Whether the alarm is open. */
export function isAlarmed(state: Pick<Incident, 'alarms'>, alarm: AlarmKey): boolean {
  return state.alarms[encodeAlarm(alarm)] !== undefined;
}

/** Opens an alarm, or counts it up when it is open already, and says it. Ringing for it stands in `sounding.ts`. */
export function raiseAlarm(turn: Turn, alarm: AlarmKey, reason: string): void {
  const count = (turn.state.alarms[encodeAlarm(alarm)]?.count ?? 0) + 1;
  emit(turn, { type: 'AlarmRaised', alarm, reason, count });
  announce(turn, alarm, reason);
}

/** The cause is gone. */
export function clearAlarm(turn: Turn, alarm: AlarmKey, because: string): void {
  if (!isAlarmed(turn.state, alarm)) return;
  emit(turn, { type: 'AlarmCleared', alarm, because });
}
