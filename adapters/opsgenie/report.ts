/** When an alert at Opsgenie was answered and closed. */
import { instantOf, memberOf } from '../../src/contract/index.ts';

/**
 * Epoch ms; null: the alert does not tell. Its report counts both in ms from its creation, and `updatedAt` is of whatever
 * happened last, be it a note. https://docs.opsgenie.com/docs/alert-api (Get Alert)
 */
export function reportedAt(alert: unknown, what: 'ackTime' | 'closeTime'): number | null {
  const createdAt = instantOf(memberOf(alert, 'createdAt'));
  const after = memberOf(memberOf(alert, 'report'), what);
  return createdAt === null || typeof after !== 'number' ? null : createdAt + after;
}
