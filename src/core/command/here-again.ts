/** Whoever acknowledges at the pager once more what was answered before: a sign of life, and nothing else. */
import { CLOCKS_APART_MS, type Instant } from '../model/alert.ts';
import type { Look } from '../model/decision.ts';
import type { Page } from '../model/incident.ts';
import { own } from '../model/own.ts';
import { isSeenSince } from '../model/signs-of-life.ts';

/** An acknowledgement, as the pager tells it. */
interface SecondAnswer {
  readonly by: string | null;
  readonly known: boolean;
  /** The target that tells it. */
  readonly via: string;
  /** When it was given there; missing: nobody knows. */
  readonly saidAt?: Instant | null;
}

/** Whether Tocsin acts at the target by the person's own user: what it does there in their name says nothing of them. */
function isOurUser({ policy }: Look<'policy'>, via: string, id: string): boolean {
  const target = own(policy.targets, via);
  const person = own(policy.people, id);
  if (target?.ownNames === undefined || person === undefined) return false;
  const names = [person.email, ...(own(person.vendorIds, target.type) ?? [])];
  return names.some((name) => name !== null && target.ownNames?.includes(name.toLowerCase()));
}

/**
 * Whether it says anew that its person is there: given after the answer, by whoever gave that or by somebody known. One that
 * is told late or twice is about what was heard of them before.
 */
export function isHereAgain(
  look: Look<'state' | 'policy'>,
  page: Page,
  { by, known, via, saidAt = null }: SecondAnswer,
): boolean {
  const { state, acknowledgedAt, acknowledgedBy } = page;
  if (state !== 'acknowledged' || by === null || saidAt === null) return false;
  const isTheirs = by === acknowledgedBy || (known && !isOurUser(look, via, by));
  // So soon after the answer, or after another sign of life, it is that one: told by another way, or what we do there for it.
  const isLater = acknowledgedAt !== null && saidAt > acknowledgedAt + CLOCKS_APART_MS;
  return isTheirs && isLater && !isSeenSince(look.state, by, saidAt - CLOCKS_APART_MS);
}
