/**
 * What was alerted about Tocsin itself and is still firing. An earlier process may have said it, which cannot say any more
 * that it is over: whoever may alert asks after a start, and ends what holds no longer.
 */
import { SELF } from '../../core/model/about-tocsin.ts';
import {
  decodeSelf,
  encodeSelf,
  type SelfKey,
  selfKeysBegin,
} from '../../core/model/arriving-keys.ts';
import { isOver } from '../../core/model/incident.ts';
import type { Reads, Tx } from '../../store/store.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';

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
  readonly key: SelfKey;
  /** Whether its incident is open. Where somebody closed that, nobody looks after it any more. */
  readonly isOpen: boolean;
}

/** Which of these alerts about Tocsin itself fire. An incident that cannot be read is nobody's: rather told twice than never. */
export async function standingAlerts(
  keys: readonly SelfKey[],
  { write }: Pick<SelfAlertsOptions, 'write'>,
): Promise<readonly StandingAlert[]> {
  return write(async ({ tx }) => {
    const known = await tx.alerts(keys.map((key) => ({ source: SELF, dedupKey: encodeSelf(key) })));
    const firing = known.filter(({ status }) => status === 'firing');
    const rows = await tx.incidents([...new Set(firing.map(({ incident }) => incident))]);
    const open = new Set(
      rows.flatMap(({ id, state }) => (state === null || isOver(state) ? [] : [id])),
    );
    return firing.flatMap(({ dedupKey, incident }) => {
      const key = decodeSelf(dedupKey);
      return key === null ? [] : [{ key, isOpen: open.has(incident) }];
    });
  });
}

/** The alerts of one kind about Tocsin itself that are firing: others may be many. */
async function firingAlerts(
  kind: SelfKey['kind'],
  { write }: Pick<SelfAlertsOptions, 'write'>,
): Promise<readonly Firing[]> {
  const since = Number.MAX_SAFE_INTEGER;
  const keysBegin = selfKeysBegin(kind);
  const rows = await write(({ tx }) =>
    tx.unheardAlerts({ source: SELF, since, limit: ALERTS_MAX, keysBegin }),
  );
  return rows.flatMap(({ dedupKey, labels, title }) => {
    const key = decodeSelf(dedupKey);
    const alertname = labels['alertname'] as SelfAlert['alertname'];
    return key === null ? [] : [{ key, alertname, title }];
  });
}

/** Why an alert of an earlier process is over with this start; null: that is for somebody else to say. */
async function overByStart(
  key: SelfKey,
  { reads }: Pick<SelfAlertsOptions, 'reads'>,
): Promise<string | null> {
  switch (key.kind) {
    case 'reload':
      return 'Tocsin was started anew, and the whole configuration was loaded.';
    case 'heartbeat':
      return 'Tocsin was started anew; where heartbeats fail again, it says so again.';
    case 'spoilt':
      return (await reads.meta(key.row)) === null ? 'The row is gone.' : null;
    case 'lost':
    case 'job':
    case 'proof':
    case 'expected':
    case 'audit':
    case 'unparsed':
      return null;
  }
}

/** Ends what the start itself has put right. */
export async function endWhatTheStartEnds(options: SelfAlertsOptions): Promise<void> {
  for (const kind of ['reload', 'spoilt', 'heartbeat'] as const) await endOfKind(kind, options);
}

async function endOfKind(kind: SelfKey['kind'], options: SelfAlertsOptions): Promise<void> {
  for (const one of await firingAlerts(kind, options)) {
    const description = await overByStart(one.key, options);
    if (description !== null) options.selfAlert({ ...one, status: 'resolved', description });
  }
}
