/** What is kept of a job between two runs, and between two processes: one row for each, by its name. */
import { isRecord } from '../../contract/json.ts';

/** `unfinished`: it is running, or its process died in the middle of it. */
export type RunResult = 'ok' | 'failed' | 'unfinished';

export interface LastRun {
  /** When it began. */
  readonly ranAt: number;
  /** Null: it has not ended. */
  readonly tookMs: number | null;
  readonly result: RunResult;
  /** What it did, or why it failed; null: it has not ended. */
  readonly said: string | null;
}

export interface KeptRuns {
  /** Whatever was due until then has been tried, or was before the job came to be. */
  readonly lastDue: number;
  /** When the job came to be. */
  readonly since: number;
  readonly lastRun: LastRun | null;
  /** Null: never. */
  readonly succeededAt: number | null;
  /** Failures in a row; a run that has not ended is one until it has. */
  readonly failures: number;
}

const META = 'job:';
const RESULTS: readonly string[] = ['ok', 'failed', 'unfinished'] satisfies readonly RunResult[];

/** Under which it is kept. */
export function keptUnder(job: string): string {
  return META + job;
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || Number.isFinite(value);
}

function isLastRun(value: unknown): value is LastRun {
  return (
    isRecord(value) &&
    Number.isFinite(value['ranAt']) &&
    isNumberOrNull(value['tookMs']) &&
    RESULTS.includes(String(value['result'])) &&
    (value['said'] === null || typeof value['said'] === 'string')
  );
}

function isKeptRuns(value: unknown): value is KeptRuns {
  return (
    isRecord(value) &&
    Number.isFinite(value['lastDue']) &&
    Number.isFinite(value['since']) &&
    (value['lastRun'] === null || isLastRun(value['lastRun'])) &&
    isNumberOrNull(value['succeededAt']) &&
    Number.isSafeInteger(value['failures'])
  );
}

/** Null: there is nothing, or it is spoilt. */
export function readKeptRuns(text: string | null): KeptRuns | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isKeptRuns(value) ? value : null;
  } catch {
    return null;
  }
}

/** Of a job that has never run: it is due from now on. */
export function firstRuns(now: number): KeptRuns {
  return { lastDue: now, since: now, lastRun: null, succeededAt: null, failures: 0 };
}

/** As it is written before the run: should the process die in it, it is tried and has failed. */
export function runBegun(kept: KeptRuns, now: number): KeptRuns {
  const lastRun: LastRun = { ranAt: now, tookMs: null, result: 'unfinished', said: null };
  return { ...kept, lastDue: now, lastRun, failures: kept.failures + 1 };
}

/** As it is written once the run has ended. */
export function runEnded(
  kept: KeptRuns,
  run: {
    readonly now: number;
    readonly tookMs: number;
    readonly ok: boolean;
    readonly said: string;
  },
): KeptRuns {
  const { now, tookMs, ok, said } = run;
  const ranAt = kept.lastRun?.ranAt ?? now;
  return {
    ...kept,
    lastRun: { ranAt, tookMs, result: ok ? 'ok' : 'failed', said },
    succeededAt: ok ? now : kept.succeededAt,
    failures: ok ? 0 : kept.failures,
  };
}
