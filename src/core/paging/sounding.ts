/** Alarms that ring: who is rung for which alarm, and the repetition until a person answers. */
import { clearAlarm, raiseAlarm } from './alarms.ts';
import { type AlarmKey, encodeAlarm, encodeRun } from '../model/keys.ts';
import { endRun, ringAgain, startRuns } from './escalating.ts';
import type { PageSource } from '../model/policy.ts';
import { levelOf, type Look, type Turn } from '../model/turn.ts';

/** Opens (or repeats) an alarm and rings for it: a run's alarm rings that run again, any other the one who owes it. */
export function soundAlarm(turn: Turn, alarm: AlarmKey, reason: string): void {
  raiseAlarm(turn, alarm, reason);
  if (alarm.kind === 'run') ringAgain(turn, encodeRun(alarm.run));
  else ringForAlarm(turn, alarm);
}

function ringForAlarm(turn: Turn, alarm: AlarmKey): void {
  const source = alarmSource(turn, alarm);
  if (source === null) return;
  const key = { kind: 'alarm', alarm } as const;
  const id = encodeRun(key);
  const run = turn.state.runs[id];
  if (run !== undefined && run.state !== 'ended' && run.state !== 'answered') ringAgain(turn, id);
  else if (run === undefined || run.state === 'ended')
    startRuns(turn, [
      {
        key,
        about: null,
        source,
        escalation: { kind: 'vendor', unanswered: null },
        fallback: [],
      },
    ]);
}

/** A late public post rings the role that owes it; everything else rings the alarm address of the configuration. */
function alarmSource(look: Look<'state' | 'policy'>, alarm: AlarmKey): PageSource | null {
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
  return state.runs[encodeRun({ kind: 'alarm', alarm })]?.state === 'answered';
}

/** Its interval is over: say it again. */
export function repeatAlarm(turn: Turn, alarm: AlarmKey): void {
  const open = turn.state.alarms[encodeAlarm(alarm)];
  if (open !== undefined) soundAlarm(turn, alarm, open.reason);
}

/** The cause of an alarm is gone: it is cleared and whoever rings for it is left in peace. */
export function silenceAlarm(turn: Turn, alarm: AlarmKey, because: string): void {
  clearAlarm(turn, alarm, because);
  const run = turn.state.runs[encodeRun({ kind: 'alarm', alarm })];
  if (run !== undefined) endRun(turn, run.id, because);
}
