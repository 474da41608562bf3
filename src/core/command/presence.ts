/** Who is there: a sign of life is anything that a person does about the incident, here or at the pager. */
import type { Instant } from '../model/alert.ts';
import type { Incident } from '../model/incident.ts';

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
