/** What a handler throws to be answered with a problem document, and what becomes of everything else that is thrown. */
import { createAnswers, type ProblemOptions } from '../lib/answers.ts';

/** How the API and the intake answer. */
export const apiAnswers = createAnswers();

/** Thrown by handlers and turned into the answer in one place. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly options: ProblemOptions;
  constructor(options: ProblemOptions) {
    super(options.detail);
    this.options = options;
  }
}

/** The engine's errors by name: the layer table lets only types of the engine and the store in here. */
interface Unavailable extends Error {
  readonly retryAfterSeconds?: number;
  readonly hint?: string;
  /** Of the archive: it comes back when a person brings it. */
  readonly isOfArchive?: boolean;
}

const UNAVAILABLE = new Set(['Overloaded', 'StoreUnavailable']);
const RETRY_AFTER_S = 5;

/** The answer to something thrown: a problem as it is, ours to blame and worth trying again 503, archived and taken away 410, else null. */
export function problemOf(error: unknown): ProblemOptions | null {
  if (error instanceof HttpProblem) return error.options;
  if (!(error instanceof Error) || !UNAVAILABLE.has(error.name)) return null;
  const { message, hint, isOfArchive, retryAfterSeconds = RETRY_AFTER_S }: Unavailable = error;
  const detail = hint === undefined ? message : `${message}; ${hint}`;
  if (isOfArchive === true) return { status: 410, code: 'archive_unavailable', detail };
  return {
    status: 503,
    code: error.name === 'Overloaded' ? 'overloaded' : 'store_unavailable',
    detail,
    headers: { 'retry-after': String(retryAfterSeconds) },
  };
}
