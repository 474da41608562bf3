/**
 * Incidents that cannot go on by themselves. Somebody is rung about each, by an incident that is opened without the
 * rules; where many are stuck, something is wrong with Tocsin and not with them, and one incident is about all of them.
 *
 * What makes every incident stick makes that one stick as well. It gets none of its own, or there would be no end to it.
 */
import type { Log } from '../../contract/adapter.ts';
import type { Core } from './core.ts';
import { openMinimally } from './minimal.ts';
import type { Turn } from './turns.ts';

export interface GivenUp {
  readonly incident: string;
  readonly input: string;
  /** What could not be done, in a sentence without its end. */
  readonly reason: string;
}

export interface Stuck {
  /** It failed again; by the time that it is given up it is known how many others do. The incident was prepared. */
  failed(turn: Turn, incident: string): void;
  /** Sees to it that somebody is told. False: it is about Tocsin itself, and must speak for itself. */
  tell(turn: Turn, about: GivenUp): Promise<boolean>;
}

/** More than this many at a time are no faults of their own. */
const APART_MAX = 3;
/** What is stuck fails again within this time. */
const COUNTS_MS = 20 * 60_000;

/** Builds the memory of what is stuck. It is kept at once: a turn that is rolled back tries the same again. */
export function createStuck({ core, log }: { readonly core: Core; readonly log: Log }): Stuck {
  const failedAt = new Map<string, number>();
  const countAt = (now: number): number => {
    for (const [incident, at] of failedAt) if (at < now - COUNTS_MS) failedAt.delete(incident);
    return failedAt.size;
  };
  return {
    failed: (turn, incident) => {
      if (!turn.workspace.isAboutTocsin(incident)) failedAt.set(incident, turn.now);
    },
    tell: async (turn, { incident, input, reason }) => {
      if (turn.workspace.isAboutTocsin(incident)) {
        log.error({ incident, reason }, 'an incident about Tocsin itself cannot go on either');
        return false;
      }
      const isMany = countAt(turn.now) > APART_MAX;
      await openMinimally(
        turn,
        core,
        isMany
          ? {
              about: { kind: 'stuck', incident: null },
              input,
              title: 'Incidents cannot go on by themselves',
              reason: `of many open incidents, ${incident} among them, ${reason}; take them over by hand and report the error in the log.`,
            }
          : {
              about: { kind: 'stuck', incident },
              input,
              title: `Incident ${incident} cannot go on by itself`,
              reason: `${reason}; take the incident over by hand and report the error in the log.`,
            },
      );
      return true;
    },
  };
}
