/** Reading the configuration again while the server runs: what loads is swapped in, what does not leaves the old one alone. */
import { formatProblems, type Loaded, type Problem } from '../config/load.ts';
import type { Clock } from '../engine/clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { KeptFiles } from '../engine/policy/kept-files.ts';
import { oneAtATime } from '../lib/one-at-a-time.ts';
import { loadBeside } from './beside.ts';

export interface ReloadResult {
  readonly ok: boolean;
  readonly kept: Loaded['keptFragments'];
  /** Where ok: warnings, and what is wrong with files that keep their last good copy. */
  readonly problems: readonly Problem[];
}

export interface Reloads {
  /** `isSeen`: whoever asks reads the result; else an alert says what is wrong. */
  reload(how: { readonly isSeen: boolean }): Promise<ReloadResult>;
  /** Those that are under way or wait for one that is. */
  inFlight(): number;
  /** Waits for them. */
  settled(): Promise<void>;
}

interface Reloading {
  readonly options: {
    readonly config: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly sandbox: boolean;
    readonly clock: Pick<Clock, 'now' | 'monotonic' | 'soon'>;
  };
  readonly engine: Pick<Engine, 'reload' | 'selfAlert'>;
  readonly keptFiles: Pick<KeptFiles, 'note'>;
  /** What runs until the first reload. */
  readonly first: Loaded;
  /** As the engine takes it: in the sandbox the targets are pointed at stand-ins. */
  readonly ready: (loaded: Loaded) => Loaded;
}

/** One after the other, whoever asks: of two at once, the files as they were first might be what holds in the end. */
export function createReloads(reloading: Reloading): Reloads {
  const once = createReload(reloading);
  const inTurn = oneAtATime();
  let waiting = 0;
  return {
    reload: (how) => {
      waiting += 1;
      return inTurn(() => once(how)).finally(() => (waiting -= 1));
    },
    inFlight: () => waiting,
    settled: () => inTurn(() => Promise.resolve()),
  };
}

/** Builds everything that can fail first and swaps afterwards; what does not load leaves the running configuration alone. */
function createReload({ options, engine, keptFiles, ...about }: Reloading): Reloads['reload'] {
  let current = about.first;
  const alert = (status: 'firing' | 'resolved', description: string): void =>
    engine.selfAlert({
      key: { kind: 'reload', file: null },
      alertname: 'ReloadFailed',
      status,
      title: 'The configuration could not be reloaded',
      description,
    });
  return async ({ isSeen }) => {
    const { config, environment, sandbox, clock } = options;
    const asked = { environment, sandbox, now: clock.now(), previous: current };
    const next = await loadBeside(config, asked, clock);
    if (!next.ok) {
      if (!isSeen) alert('firing', `The last good one goes on.\n${formatProblems(next.problems)}`);
      return { ok: false, kept: [], problems: next.problems };
    }
    await engine.reload(about.ready(next.loaded));
    current = next.loaded;
    const { keptFragments } = next.loaded;
    const refused = keptFragments.map((kept) => ({
      ...kept,
      problems: formatProblems(kept.problems),
    }));
    keptFiles.note(refused, { isSeen });
    alert('resolved', 'The configuration was reloaded.');
    const problems = [...keptFragments.flatMap((kept) => kept.problems), ...next.warnings];
    return { ok: true, kept: keptFragments, problems };
  };
}
