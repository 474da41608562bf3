/** A sign of life is anything that a person does about the incident, here or at the pager. */
import type { Instant } from './alert.ts';
import type { Incident } from './incident.ts';

/** Whoever did something less than this ago is at it. */
export const PRESENT_MS = 10 * 60_000;

/** Whether the person has done something after the instant. That a phone rang for them is no sign of life. */
export function isSeenSince(
  { signsOfLife }: Pick<Incident, 'signsOfLife'>,
  person: string,
  since: Instant,
): boolean {
  return (signsOfLife[person] ?? Number.NEGATIVE_INFINITY) > since;
}

/** When anybody did something about the incident last; when it was opened, where nobody has. */
export function lastSignOf({ openedAt, signsOfLife }: Incident): Instant {
  return Math.max(openedAt, ...Object.values(signsOfLife));
}
