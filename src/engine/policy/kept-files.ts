/**
 * Files of teams that were wrong at a reload, so that their last good copy goes on: a start without that copy is refused.
 * Where nobody read of it an alert says so at once, else once it has lasted for an hour; it is over when the file is mended.
 */
import type { Clock, Timer } from '../clock.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface RefusedFile {
  readonly team: string;
  readonly file: string;
  /** Finished lines about what is wrong with it. */
  readonly problems: string;
}

/** A file whose last good copy goes on. */
export interface KeptFile extends Pick<RefusedFile, 'team' | 'file'> {
  readonly since: number;
}

export interface KeptFiles {
  /** After a reload: these keep their copies, and all others are good. `isSeen`: whoever reloaded read of it. */
  note(refused: readonly RefusedFile[], how: { readonly isSeen: boolean }): void;
  all(): readonly KeptFile[];
  stop(): void;
}

/** Whoever read of it mends it within the hour, or has forgotten it. */
const FORGOTTEN_MS = 3_600_000;

interface Kept {
  readonly since: number;
  readonly reminder: Timer;
  refused: RefusedFile;
  isTold: boolean;
}

function alertOf({ team, file, problems }: RefusedFile, status: SelfAlert['status']): SelfAlert {
  return {
    key: { kind: 'reload', file },
    alertname: 'TeamFileRefused',
    status,
    title: `The file of team ${team} is wrong and keeps its last good copy`,
    description: `A restart will be refused until ${file} is mended; then \`tocsin reload\`.\n${problems}`,
    labels: { team },
  };
}

/** Builds the list of one process: after a start nothing is kept. */
export function createKeptFiles({
  clock,
  metrics,
  selfAlert,
}: {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly metrics: Pick<Metrics, 'keptFiles'>;
  readonly selfAlert: (alert: SelfAlert) => void;
}): KeptFiles {
  const files = new Map<string, Kept>();
  const tell = (kept: Kept): void => {
    kept.reminder.cancel();
    kept.isTold = true;
    selfAlert(alertOf(kept.refused, 'firing'));
  };
  const keep = (refused: RefusedFile): Kept => {
    const kept: Kept = {
      since: clock.now(),
      reminder: clock.after(FORGOTTEN_MS, () => tell(kept)),
      refused,
      isTold: false,
    };
    files.set(refused.file, kept);
    return kept;
  };
  const end = (file: string, kept: Kept): void => {
    kept.reminder.cancel();
    files.delete(file);
    if (kept.isTold) selfAlert(alertOf(kept.refused, 'resolved'));
  };
  return {
    note: (refused, { isSeen }) => {
      for (const [file, kept] of files)
        if (refused.every((one) => one.file !== file)) end(file, kept);
      for (const one of refused) {
        const kept = files.get(one.file) ?? keep(one);
        kept.refused = one;
        if (!isSeen) tell(kept);
      }
      metrics.keptFiles.set(files.size);
    },
    all: () =>
      [...files.values()].map(({ since, refused: { team, file } }) => ({ team, file, since })),
    stop: () => {
      for (const { reminder } of files.values()) reminder.cancel();
    },
  };
}
