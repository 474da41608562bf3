/** Alarms that ring: who is rung for which alarm, and the repetition until a person answers. */
import { clearAlarm, raiseAlarm } from './alarms.ts';
import { type AlarmKey, encodeAlarm, encodeEscalation } from '../model/keys.ts';
import { endEscalation, ringAgain, startEscalations } from './escalating.ts';
import type { AlarmState } from '../model/incident.ts';
import { acceptedBy, isOwed, unconfirmedText } from './progress.ts';
import type { Recipient } from '../model/policy.ts';
import { levelOf, type Look, type Decision } from '../model/decision.ts';

/** Opens (or repeats) an alarm and rings for it: an escalation's alarm rings that escalation again, any other the one who owes it. */
export function soundAlarm(decision: Decision, alarm: AlarmKey, reason: string): void {
  raiseAlarm(decision, alarm, reason);
  if (alarm.kind === 'escalation') ringAgain(decision, encodeEscalation(alarm.escalation));
  else ringForAlarm(decision, alarm);
}

/** Rings for an open alarm whoever is to hear of it, unless somebody has answered. */
export function ringForAlarm(decision: Decision, alarm: AlarmKey): void {
  const recipient = alarmRecipient(decision, alarm);
  if (recipient === null) return;
  const key = { kind: 'alarm', alarm } as const;
  const id = encodeEscalation(key);
  const escalation = decision.state.escalations[id];
  if (isOwed(escalation)) ringAgain(decision, id);
  else if (!isAnswered(decision, alarm))
    startEscalations(decision, [
      {
        key,
        about: null,
        recipient,
        escalation: { kind: 'vendor', unanswered: null },
        fallback: [],
      },
    ]);
}

/** A late public post rings the role that owes it; everything else rings the alarm address of the configuration. */
function alarmRecipient(look: Look<'state' | 'policy'>, alarm: AlarmKey): Recipient | null {
  // A test concerns the one whose phone is tested.
  if (look.state.kind === 'test') return null;
  const owner = alarm.kind === 'public' ? (levelOf(look)?.public?.by ?? null) : null;
  if (owner !== null) {
    const holder = look.state.roles[owner];
    return holder === undefined
      ? { kind: 'role', role: owner }
      : { kind: 'person', person: holder.person };
  }
  return look.policy.automation.alarm.page;
}

/** Whether somebody answered when the alarm rang: it rings no more, however often it is said. */
export function isAnswered({ state }: Look<'state'>, alarm: AlarmKey): boolean {
  return state.escalations[encodeEscalation({ kind: 'alarm', alarm })]?.state === 'answered';
}

/** Its interval is over: say it again. */
export function repeatAlarm(decision: Decision, alarm: AlarmKey): void {
  const open = decision.state.alarms[encodeAlarm(alarm)];
  if (open !== undefined) soundAlarm(decision, alarm, reasonNow(decision, open));
}

/** A page that no pager accepted may have been accepted since. */
function reasonNow({ state }: Look<'state'>, { key, reason }: AlarmState): string {
  const page = key.kind === 'page' ? state.pages[key.page] : undefined;
  return page?.state !== 'open' || acceptedBy(page) === undefined ? reason : unconfirmedText(page);
}

/** The cause of an alarm is gone: it is cleared and whoever rings for it is left in peace. */
export function silenceAlarm(decision: Decision, alarm: AlarmKey, because: string): void {
  clearAlarm(decision, alarm, because);
  const escalation = decision.state.escalations[encodeEscalation({ kind: 'alarm', alarm })];
  if (escalation !== undefined) endEscalation(decision, escalation.id, because);
}
