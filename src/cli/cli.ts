/** What every command is handed, and how it ends. */
import type { Backends } from './backends.ts';

export interface Cli {
  readonly backends: Backends;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** Prints one or several lines on standard output. */
  print(text: string): void;
  /** Prints one or several lines on standard error. */
  complain(text: string): void;
  /** Sets the exit code of the run; 0 unless set. */
  end(code: number): void;
}

/** A command that cannot be carried out: printed as it is, without a stack. Says what is wrong, where, and what to do. */
export class CommandError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.hint = hint;
  }
}

/** What was thrown, in words for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
