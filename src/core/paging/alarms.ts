/**
 * Alarms: what nobody may overlook. An open alarm is said in the alarm channel, and said again until the cause is gone.
 * Whom it rings follows from all that are open: `sounding.ts`.
 */
import type { MessageAbout } from '../model/effect.ts';
import type { AlarmState, Incident } from '../model/incident.ts';
import { postTo } from '../texts/messages.ts';
import { render, viewOf } from '../texts/text.ts';
import { type AlarmKey, encodeAlarm } from '../model/keys.ts';
import { emit, type Decision, type Look } from '../model/decision.ts';
import { acceptedBy, unconfirmedText } from './progress.ts';

/** Where alarms are said: their channel, and the room of the incident. */
export function sayOfAlarms(decision: Decision, text: string, about: MessageAbout): void {
  const { chat } = decision.policy.automation.alarm;
  const { room } = decision.state;
  if (chat !== null) postTo(decision, { ...chat, text, about });
  if (room?.state === 'open')
    postTo(decision, { target: room.target, channel: 'room', text, about });
}

function announce(decision: Decision, alarm: AlarmKey, reason: string): void {
  const view = viewOf(decision.state, decision.policy, { now: decision.now, extra: { reason } });
  sayOfAlarms(decision, render('alarm', decision.policy, view), { kind: 'alarm', alarm });
}

/** Whether the alarm is open. */
export function isAlarmed(state: Pick<Incident, 'alarms'>, alarm: AlarmKey): boolean {
  return state.alarms[encodeAlarm(alarm)] !== undefined;
}

/** Opens an alarm, or counts it up when it is open already, and says it. */
export function raiseAlarm(decision: Decision, alarm: AlarmKey, reason: string): void {
  const count = (decision.state.alarms[encodeAlarm(alarm)]?.count ?? 0) + 1;
  emit(decision, { type: 'AlarmRaised', alarm, reason, count });
  announce(decision, alarm, reason);
}

/** Its interval is over: it is said again. */
export function repeatAlarm(decision: Decision, alarm: AlarmKey): void {
  const open = decision.state.alarms[encodeAlarm(alarm)];
  if (open !== undefined) raiseAlarm(decision, alarm, reasonNow(decision, open));
}

/** A page that no pager accepted may have been accepted since. */
function reasonNow(look: Look<'state' | 'policy'>, { key, reason }: AlarmState): string {
  const page = key.kind === 'page' ? look.state.pages[key.page] : undefined;
  if (page?.state !== 'open' || acceptedBy(page) === undefined) return reason;
  return unconfirmedText(look, page);
}

/** The cause is gone; whoever rings for nothing else is left in peace by what the call owes then. */
export function clearAlarm(decision: Decision, alarm: AlarmKey, because: string): void {
  if (!isAlarmed(decision.state, alarm)) return;
  emit(decision, { type: 'AlarmCleared', alarm, because });
}
