/** What is owed to and by the people who are rung: an answer to each run, a phone for each page, each alarm once more. */
import { nameOfRun, pinnedWaitMs } from './escalating.ts';
import type { Instant } from './alert.ts';
import type { AlarmState, Page, Run } from './incident.ts';
import { gap, nothing, type Ground, type Owed, underAlarm, waited } from './obligation.ts';
import { FAILOVER_AFTER_MS, isThrough } from './ringing.ts';

/** When a step is over. The alarm interval, by which a last one waits, is today's. */
function stepOver(ground: Ground, run: Run): Instant {
  return waited(ground, run.since, pinnedWaitMs(run) ?? ground.policy.automation.alarmEveryMs);
}

export function owedByRun(ground: Ground, run: Run): Owed {
  const what = `an answer for ${nameOfRun(run)}`;
  switch (run.state) {
    case 'answered':
      return nothing(`${run.answeredBy ?? 'somebody'} answered`);
    case 'ended':
      return nothing('nobody is looked for any more');
    case 'exhausted':
      return (
        underAlarm(ground, { kind: 'run', run: run.key }, what) ??
        gap(ground, `${what}: everybody was tried and no alarm is open`)
      );
    case 'open': {
      const alarmed = run.key.kind === 'alarm' ? underAlarm(ground, run.key.alarm, what) : null;
      return (
        alarmed ?? { clock: { kind: 'run', run: run.key }, what, dueAt: stepOver(ground, run) }
      );
    }
  }
}

export function owedByPage(ground: Ground, page: Page): Owed {
  const { policy } = ground;
  if (page.state !== 'open') return nothing(`it is ${page.state}`);
  if (page.rings.some((ring) => isThrough(ring, policy))) return nothing('a pager has it');
  if (page.rings.every((ring) => ring.status === 'withheld'))
    return nothing('it is recorded and not sent');
  const what = `page ${page.id} to ${page.label}`;
  const alarmed = underAlarm(ground, { kind: 'page', page: page.id }, what);
  if (alarmed !== null) return alarmed;
  const last = page.rings.at(-1);
  if (last === undefined) return gap(ground, `${what}: no pager was asked`);
  return {
    clock: { kind: 'failover', page: page.id },
    what,
    dueAt: waited(ground, last.at, FAILOVER_AFTER_MS),
  };
}

export function owedByAlarm(ground: Ground, alarm: AlarmState): Owed {
  const what = `the alarm again: ${alarm.reason}`;
  return underAlarm(ground, alarm.key, what) ?? gap(ground, what);
}
