/** Rows of the outbox that cannot be read: the store gave them up, and somebody is rung about what they were for. */
import type { Log } from '../../contract/adapter.ts';
import type { ParkedRow } from '../../store/store.ts';
import type { Stuck } from '../deciding/stuck.ts';
import type { Turn } from '../deciding/turns.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface ParkedOptions {
  readonly stuck: Stuck;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** To be called in the turn that leased or recovered: who is told is committed with the row. */
export async function tellParked(
  turn: Turn,
  parked: readonly ParkedRow[],
  { stuck, log, metrics }: ParkedOptions,
): Promise<void> {
  for (const { seq, id, incident, target } of parked) {
    const row = `table outbox, row ${seq}, column effect`;
    metrics.poison.inc({ input: 'outbox' });
    log.error({ effect: id, incident, target, row }, 'something to be sent cannot be read');
    await turn.workspace.prepare([incident]);
    stuck.failed(turn, incident);
    const reason = `what was to be sent to ${target} (${row}) is not as it was written: a bad disk or a hand has spoilt it`;
    await stuck.tell(turn, { incident, input: id, reason });
  }
}
