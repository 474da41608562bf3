/**
 * Alarms: what nobody may overlook. An open alarm is said in the alarm channel, rings where it must, and repeats until
 * the cause is gone or a person answers.
 */
import type { Incident } from '../model/incident.ts';
import { postTo } from '../texts/messages.ts';
import { render, viewOf } from '../texts/text.ts';
import { type AlarmKey, encodeAlarm } from '../model/keys.ts';
import { emit, type Decision } from '../model/decision.ts';

function announce(decision: Decision, alarm: AlarmKey, reason: string): void {
  const view = viewOf(decision.state, decision.policy, { now: decision.now, extra: { reason } });
  sayAlarm(decision, alarm, render('alarm', decision.policy, view));
}

/** Says something about the alarm where alarms are said: in the channel for them, and in the room. */
export function sayAlarm(decision: Decision, alarm: AlarmKey, text: string): void {
  const { chat } = decision.policy.automation.alarm;
  const { room } = decision.state;
  const about = { kind: 'alarm', alarm } as const;
  if (chat !== null) postTo(decision, { target: chat.target, channel: chat.channel, text, about });
  if (room?.state === 'open')
    postTo(decision, { target: room.target, channel: 'room', text, about });
}

/** Whether the alarm is open. */
export function isAlarmed(state: Pick<Incident, 'alarms'>, alarm: AlarmKey): boolean {
  return state.alarms[encodeAlarm(alarm)] !== undefined;
}

/** Opens an alarm, or counts it up when it is open already, and says it. Ringing for it stands in `sounding.ts`. */
export function raiseAlarm(decision: Decision, alarm: AlarmKey, reason: string): void {
  const count = (decision.state.alarms[encodeAlarm(alarm)]?.count ?? 0) + 1;
  emit(decision, { type: 'AlarmRaised', alarm, reason, count });
  announce(decision, alarm, reason);
}

/** The cause is gone. */
export function clearAlarm(decision: Decision, alarm: AlarmKey, because: string): void {
  if (!isAlarmed(decision.state, alarm)) return;
  emit(decision, { type: 'AlarmCleared', alarm, because });
}
