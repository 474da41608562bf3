/** Alarms that ring: who is rung for which alarm, and the repetition until a person answers. */
import { clearAlarm, raiseAlarm } from './alarms.ts';
import { endRun, ringAgain, startRuns } from './escalating.ts';
import type { PageSource } from './policy.ts';
import { levelOf, type Turn } from './turn.ts';

/** Opens (or repeats) an alarm and rings for it: a run's alarm rings that run again, any other the one who owes it. */
export function soundAlarm(turn: Turn, alarm: string, reason: string): void {
  raiseAlarm(turn, alarm, reason);
  if (alarm.startsWith('run:')) ringAgain(turn, alarm.slice('run:'.length));
  else ringForAlarm(turn, alarm);
}

function ringForAlarm(turn: Turn, alarm: string): void {
  const source = alarmSource(turn, alarm);
  if (source === null) return;
  const id = `alarm:${alarm}`;
  const run = turn.state.runs[id];
  if (run !== undefined && run.state !== 'ended' && run.state !== 'answered') ringAgain(turn, id);
  else if (run === undefined || run.state === 'ended')
    startRuns(turn, [
      {
        id,
        purpose: { kind: 'alarm', alarm },
        source,
        escalation: { kind: 'vendor', unanswered: null },
        fallback: [],
      },
    ]);
}

/** A late public post rings the role that owes it; everything else rings the alarm address of the configuration. */
function alarmSource(turn: Turn, alarm: string): PageSource | null {
  // A test concerns the one whose phone is tested.
  if (turn.state.kind === 'test') return null;
  const owner = alarm.startsWith('public:') ? (levelOf(turn)?.public?.by ?? null) : null;
  if (owner !== null) {
    const holder = turn.state.roles[owner];
    return holder === undefined
      ? { kind: 'role', role: owner }
      : { kind: 'person', person: holder.person };
  }
  return turn.policy.automation.alarm.page;
}

/** The alarm's timer fired: say it again. */
export function repeatAlarm(turn: Turn, alarm: string): void {
  const open = turn.state.alarms[alarm];
  if (open !== undefined) soundAlarm(turn, alarm, open.reason);
}

/** The cause of an alarm is gone: it is cleared and whoever rings for it is left in peace. */
export function silenceAlarm(turn: Turn, alarm: string, because: string): void {
  clearAlarm(turn, alarm, because);
  const run = turn.state.runs[`alarm:${alarm}`];
  if (run !== undefined) endRun(turn, run.id, because);
}
