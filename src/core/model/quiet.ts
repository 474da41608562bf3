/** Whether it is quiet: that nothing is known to fire proves it only where the sender has told of everything. */
import type { Instant } from './alert.ts';
import { isOver, type Incident } from './incident.ts';

type Heard = Pick<Incident, 'alerts' | 'leftOut'>;

/** Nothing fires, and nothing may fire that is not known. */
export function isProvenQuiet({ alerts, leftOut }: Heard): boolean {
  return alerts.firing === 0 && Object.keys(leftOut).length === 0;
}

/** The state after what was heard of its alerts has changed. */
export function reckoned(state: Incident, at: Instant): Incident {
  const { alerts, unproven } = state;
  const isKnown = alerts.total === 0 || alerts.firing > 0 || isProvenQuiet(state) || isOver(state);
  if (isKnown) return unproven === null ? state : { ...state, unproven: null };
  return { ...state, unproven: unproven ?? { since: at, asked: 0, askedAt: at } };
}
