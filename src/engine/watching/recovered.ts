/** What a start says of what it has found of what was committed before. */
import type { Log } from '../../contract/adapter.ts';
import { minuteOf } from '../../contract/instant.ts';
import type { Instant } from '../../core/model/alert.ts';
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

/** What somebody has gone on without, in words. */
function lostWords(
  { has, had, how }: NonNullable<Recovered['accepted']>,
  newestAt: Instant,
): Pick<SelfAlert, 'title' | 'description'> {
  const missing = `${had - has} of ${had} commits`;
  switch (how) {
    case 'as_found':
      return {
        title: `The database has lost ${missing}`,
        description: `Recovered ${has} of ${had} commits, and somebody has gone on with those.`,
      };
    case 'copied':
      return {
        title: 'The database was damaged, and what could be read was copied',
        description: `The database was damaged, and somebody has gone on with a copy of what could be read of it: ${has} of ${had} commits, and what was in rows that could not be read is unknown.`,
      };
    case 'restored':
      return {
        title: `The database was restored from a backup that ends at ${minuteOf(newestAt)}`,
        description: `A backup took the place of the database: it holds ${has} commits${had > has ? `, ${missing} are given up` : ', and what came after it is not there'}. What was open then is open again, pauses and tokens are as they were then.`,
      };
  }
}

function lostAlert(accepted: NonNullable<Recovered['accepted']>, newestAt: Instant): SelfAlert {
  const { title, description } = lostWords(accepted, newestAt);
  return {
    key: { kind: 'lost', had: String(accepted.had) },
    alertname: 'DataLost',
    status: 'firing',
    title,
    description: `${description} Alerts, answers and incidents of the time before may be missing: compare with what your senders and pagers have, and close this when you have.`,
  };
}

/** Tells the log what there is, and people what somebody has gone on without. */
export function tellRecovered(
  recovered: Recovered,
  { log, selfAlert }: { readonly log: Log; readonly selfAlert: (alert: SelfAlert) => void },
): void {
  sayRecovered(recovered, log);
  if (recovered.accepted === null) return;
  selfAlert(lostAlert(recovered.accepted, recovered.newestAt));
}
