/** How the engine is, in numbers: those of what is stored, and its own. */
import { decodeSchedule } from '../../core/model/keys.ts';
import type { Lookups } from '../../core/model/lookups.ts';
import type { StoreHealth } from './auditor.ts';
import type { Expected } from './expectations.ts';
import type { Refused } from '../intake/ingest.ts';
import type { KeptPauses } from '../pauses/kept-pauses.ts';

export interface EngineHealth extends StoreHealth {
  readonly mode: 'live' | 'sandbox';
  readonly store: {
    readonly condition: 'ok' | 'refusing' | 'broken';
    readonly problem: string | null;
  };
  /** Deliveries that wait for their commit. */
  readonly queued: number;
  readonly sending: number;
  readonly pauses: KeptPauses;
  readonly refused: readonly Refused[];
  readonly expected: readonly Expected[];
  /** By `<target>/<schedule id>`. */
  readonly onCall: Lookups['onCall'];
  readonly policy: string;
}

/** Who is on call at vendors, by the names that people know: what it is kept under is ours alone. */
export function onCallShown(readings: Lookups['onCall']): EngineHealth['onCall'] {
  const named = Object.entries(readings).map(([key, reading]) => {
    const { target, id } = decodeSchedule(key);
    return [`${target}/${id}`, reading] as const;
  });
  return Object.fromEntries(named);
}
