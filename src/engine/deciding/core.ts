/**
 * The functional core as the engine sees it: pure functions. It is handed in, so that tests can put a small core of their
 * own behind the same machinery.
 */
import type { decide } from '../../core/deciding/decide.ts';
import type { fold } from '../../core/model/events.ts';
import type { minimalAlarm, minimalIncident } from '../../core/opening/minimal.ts';
import type { owed, wakeUpOf } from '../../core/deciding/owed.ts';
import type { asAlert, classify, route } from '../../core/routing/route.ts';
import type { whomToWarn } from '../../core/people/alarm-list.ts';
import type { stillWanted } from '../../core/deciding/send.ts';

export interface Core {
  readonly classify: typeof classify;
  readonly asAlert: typeof asAlert;
  readonly route: typeof route;
  readonly decide: typeof decide;
  readonly fold: typeof fold;
  readonly owed: typeof owed;
  readonly wakeUpOf: typeof wakeUpOf;
  /** Asked right before sending. */
  readonly stillWanted: typeof stillWanted;
  readonly minimalIncident: typeof minimalIncident;
  readonly minimalAlarm: typeof minimalAlarm;
  /** Without any incident. */
  readonly whomToWarn: typeof whomToWarn;
}
