/** What a start says of what it has found of what was committed before. */
import type { Log } from '../../contract/adapter.ts';
import type { Recovered } from '../../store/store.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';

/** Tells the log, unless the process before ended in order. */
function sayRecovered(recovered: Recovered, log: Log): void {
  const { commits, known, isClosed, isMarkerSpoilt } = recovered;
  if (isMarkerSpoilt)
    log.error(
      { commits },
      'marker.json beside the database cannot be read, so that nobody knows whether the database is whole; it is written anew',
    );
  else if (known === null && commits > 0)
    log.warn(
      { commits },
      'there is no marker.json beside the database, so that nobody knows whether the database is whole; it is written now',
    );
  else if (!isClosed)
    log.warn(
      { commits, known },
      `the process before did not end by itself: recovered ${commits} of ${Math.max(known ?? 0, commits)} commits`,
    );
}

/** Tells the log what there is, and people what somebody has gone on without. */
export function tellRecovered(
  recovered: Recovered,
  { log, selfAlert }: { readonly log: Log; readonly selfAlert: (alert: SelfAlert) => void },
): void {
  sayRecovered(recovered, log);
  if (recovered.accepted === null) return;
  const { has, had, isCopied } = recovered.accepted;
  const what = isCopied
    ? `The database was damaged, and somebody has gone on with a copy of what could be read of it: ${has} of ${had} commits, and what was in rows that could not be read is unknown.`
    : `Recovered ${has} of ${had} commits, and somebody has gone on with those.`;
  selfAlert({
    key: { kind: 'lost', had: String(had) },
    alertname: 'DataLost',
    status: 'firing',
    title: isCopied
      ? 'The database was damaged, and what could be read was copied'
      : `The database has lost ${had - has} of ${had} commits`,
    description: `${what} Alerts, answers and incidents of the time before may be missing: compare with what your senders and pagers have, and close this when you have.`,
  });
}
