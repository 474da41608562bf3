/**
 * What begins when Tocsin goes on with less of its record than there was, or with one of which nobody knows whether it is
 * whole. Vendors, rooms and people may know incidents and pages of what is gone. A new one under the number or the key of one
 * of those would be taken for it: a page that somebody has answered there would ring nobody.
 */
import type { createRecords } from './records.ts';
import { mintText } from '../../lib/minted.ts';

/** Numbers left out at least: the marker may be a minute behind what was lost, and without one nobody knows how much it was. */
const LEFT_OUT = { known: 1_000, unknown: 10_000 } as const;
const LENGTH = 4;

/**
 * The number behind which incidents go on, a round one.
 * @param last number of the incident opened last, as far as the record that is left says
 * @param had the same of the one that was there before; null: nobody knows
 */
export function numberBehindLoss(last: number, had: number | null): number {
  const step = had === null ? LEFT_OUT.unknown : LEFT_OUT.known;
  return Math.ceil(Math.max(last, had ?? 0) / step) * step + step;
}

/** Begins another one; to be called in the transaction of the start. */
export function beginIncarnation(
  records: ReturnType<typeof createRecords>,
  had: number | null,
  random: (bytes: number) => Uint8Array,
): void {
  // A letter first, by which a key tells it from the number of a ring.
  records.setOwn('incarnation', `r${mintText(LENGTH, random)}`);
  records.skipIncidentNumbers((last) => numberBehindLoss(last, had));
}
