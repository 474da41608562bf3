/**
 * The calls of an incident: people are rung for its open alarms one after the other, however many alarms there are. A late
 * public post has a call of its own, for there is somebody who owes it.
 */
import type { Escalation, Incident } from './incident.ts';
import { encodeEscalation, type AlarmKey } from './keys.ts';
import type { Policy } from './policy.ts';

/** Whoever answers an alarm is left in peace for so many of its intervals. */
const QUIET_INTERVALS = 3;

/** How long an answer to the alarms leaves people in peace. */
export function quietMs({ automation }: Policy): number {
  return QUIET_INTERVALS * automation.alarmEveryMs;
}

/** By which call an alarm rings: that of the late post on a target, or, null, that of all others. */
export function postOfAlarm(alarm: AlarmKey): string | null {
  return alarm.kind === 'public' ? alarm.target : null;
}

/** The call as it stands; undefined: nobody was ever rung by it. */
export function callOf(
  { escalations }: Pick<Incident, 'escalations'>,
  post: string | null,
): Escalation | undefined {
  return escalations[encodeEscalation({ kind: 'alarm', post })];
}

/** Every call that rings, or may have to. */
export function callsOf({
  alarms,
  escalations,
}: Pick<Incident, 'alarms' | 'escalations'>): readonly (string | null)[] {
  const alarmed = Object.values(alarms).map(({ key }) => postOfAlarm(key));
  const begun = Object.values(escalations).flatMap(({ key, state }) =>
    key.kind === 'alarm' && state !== 'ended' ? [key.post] : [],
  );
  return [...new Set([...alarmed, ...begun])];
}
