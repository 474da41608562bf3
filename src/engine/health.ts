/** How the engine is, in numbers. */
import type { Lookups } from '../core/model/lookups.ts';
import type { StoreHealth } from './auditor.ts';
import type { Expected } from './expectations.ts';
import type { Refused } from './intake/ingest.ts';
import type { KeptPauses } from './kept-pauses.ts';

export interface EngineHealth {
  readonly mode: 'live' | 'sandbox';
  readonly store: {
    readonly condition: 'ok' | 'refusing' | 'broken';
    readonly problem: string | null;
  };
  readonly undecided: number;
  /** Alerts that wait for another word of their sender. */
  readonly held: number;
  readonly oldestDueMs: number;
  /** The same of deliveries, wake-ups and pages alone. */
  readonly oldestPageMs: number;
  /** The same of deliveries and wake-ups alone. */
  readonly oldestTurnMs: number;
  readonly ambiguous: number;
  readonly dead: number;
  readonly openIncidents: number;
  /** Pages that no pager has accepted. */
  readonly unreachable: StoreHealth['unreachable'];
  /** Deliveries that wait for their commit. */
  readonly queued: number;
  readonly sending: number;
  readonly pauses: KeptPauses;
  readonly refused: readonly Refused[];
  readonly expected: readonly Expected[];
  readonly onCall: Lookups['onCall'];
  readonly policy: string;
}
