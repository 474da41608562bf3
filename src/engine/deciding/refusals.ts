/**
 * Incidents whose changes the store refuses again and again. A refusal rolls the whole turn back, so it is counted at
 * once and not after the commit: there will be none, and the next try must know it.
 */
import { TurnAgain } from './workspace.ts';

/** In a row; once or twice, somebody else was merely faster. */
export const REFUSALS_MAX = 3;

export interface Refusals {
  /** Counts the refusals that the error tells of. */
  note(error: unknown): void;
  /** Whether it would be refused again. */
  isStuck(incident: string): boolean;
  /** Something of it was written, or it was set aside. */
  forget(incident: string): void;
}

export function createRefusals(): Refusals {
  const counts = new Map<string, number>();
  return {
    note: (error) => {
      if (!(error instanceof TurnAgain)) return;
      for (const incident of error.incidents) counts.set(incident, (counts.get(incident) ?? 0) + 1);
    },
    isStuck: (incident) => (counts.get(incident) ?? 0) >= REFUSALS_MAX,
    forget: (incident) => void counts.delete(incident),
  };
}
