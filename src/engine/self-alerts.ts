/**
 * What was alerted about Tocsin itself and is still firing. An earlier process may have said it, which cannot say any more
 * that it is over: whoever may alert asks after a start, and ends what holds no longer.
 */
import { SELF } from '../core/model/about-tocsin.ts';
import { isOver } from '../core/model/incident.ts';
import type { Reads, Tx } from '../store/store.ts';
import type { SelfAlert } from './deciding/self-alert.ts';

/** Alerts of one kind about Tocsin have keys that begin alike. */
export const AUDITED = 'audit:';
const RELOADED = 'reload';
const SPOILT = 'spoilt:';

const ALERTS_MAX = 1_000;

export interface SelfAlertsOptions {
  /** Runs in a turn of the writer. */
  readonly write: <T>(work: (turn: { readonly tx: Tx }) => Promise<T>) => Promise<T>;
  readonly reads: Pick<Reads, 'meta'>;
  readonly selfAlert: (alert: SelfAlert) => void;
}

type Firing = Pick<SelfAlert, 'key' | 'alertname' | 'title'>;

/** An alert about Tocsin itself that fires. */
export interface StandingAlert {
  readonly key: string;
  /** Whether its incident is open. Where somebody closed that, nobody looks after it any more. */
  readonly isOpen: boolean;
}

/** Which of these alerts about Tocsin itself fire. An incident that cannot be read is nobody's: rather told twice than never. */
export async function standingAlerts(
  keys: readonly string[],
  { write }: Pick<SelfAlertsOptions, 'write'>,
): Promise<readonly StandingAlert[]> {
  return write(async ({ tx }) => {
    const known = await tx.alerts(keys.map((dedupKey) => ({ source: SELF, dedupKey })));
    const firing = known.filter(({ status }) => status === 'firing');
    const rows = await tx.incidents([...new Set(firing.map(({ incident }) => incident))]);
    const open = new Set(
      rows.flatMap(({ id, state }) => (state === null || isOver(state) ? [] : [id])),
    );
    return firing.map(({ dedupKey, incident }) => ({ key: dedupKey, isOpen: open.has(incident) }));
  });
}

/** The alerts about Tocsin itself that are firing and have keys that begin so: others may be many. */
async function firingAlerts(
  keysBegin: string,
  { write }: Pick<SelfAlertsOptions, 'write'>,
): Promise<readonly Firing[]> {
  const since = Number.MAX_SAFE_INTEGER;
  const rows = await write(({ tx }) =>
    tx.unheardAlerts({ source: SELF, since, limit: ALERTS_MAX, keysBegin }),
  );
  return rows.map(({ dedupKey, labels, title }) => ({
    key: dedupKey,
    alertname: labels['alertname'] as SelfAlert['alertname'],
    title,
  }));
}

/** Why an alert of an earlier process is over with this start; null: that is for somebody else to say. */
async function overByStart(
  key: string,
  { reads }: Pick<SelfAlertsOptions, 'reads'>,
): Promise<string | null> {
  if (key === RELOADED || key.startsWith(`${RELOADED}:`))
    return 'Tocsin was started anew, and the whole configuration was loaded.';
  if (!key.startsWith(SPOILT)) return null;
  return (await reads.meta(key.slice(SPOILT.length))) === null ? 'The row is gone.' : null;
}

/** Ends what the start itself has put right. */
export async function endWhatTheStartEnds(options: SelfAlertsOptions): Promise<void> {
  const files = await firingAlerts(RELOADED, options);
  for (const one of [...files, ...(await firingAlerts(SPOILT, options))]) {
    const description = await overByStart(one.key, options);
    if (description !== null) options.selfAlert({ ...one, status: 'resolved', description });
  }
}
