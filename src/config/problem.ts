/** Problems of a configuration: what is wrong, where, and what to write instead; all of them at once. */
import { pathText, type Spot, whereIs } from './yaml-file.ts';

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** `severities.worst.page.declared[0]`; empty: the whole file. */
  readonly path: string;
  readonly message: string;
  /** What to write instead: a sentence. */
  readonly hint: string;
  readonly level: 'error' | 'warning';
}

/** Collects problems in the order found; `sorted` gives them in the order of the files. */
export interface Report {
  error(at: Spot, message: string, hint: string): void;
  warning(at: Spot, message: string, hint: string): void;
  add(problem: Problem): void;
  sorted(): readonly Problem[];
}

function problemAt(at: Spot, words: Pick<Problem, 'message' | 'hint' | 'level'>): Problem {
  return { ...whereIs(at), path: pathText(at.path), ...words };
}

export function createReport(): Report {
  const problems: Problem[] = [];
  // The same wrong name is reached on several ways (a role through two levels); it is said once.
  const seen = new Set<string>();
  const add = (problem: Problem): void => {
    const { file, line, column, path, message } = problem;
    const key = JSON.stringify([file, line, column, path, message]);
    if (seen.has(key)) return;
    seen.add(key);
    problems.push(problem);
  };
  return {
    error: (at, message, hint) => add(problemAt(at, { message, hint, level: 'error' })),
    warning: (at, message, hint) => add(problemAt(at, { message, hint, level: 'warning' })),
    add,
    sorted: () =>
      problems.toSorted((a, b) => compareFiles(a, b) || a.line - b.line || a.column - b.column),
  };
}

function compareFiles(a: Problem, b: Problem): number {
  if (a.file === b.file) return 0;
  return a.file < b.file ? -1 : 1;
}

/**
 * One line per problem: `file:line:col  path: what is wrong. What to write instead.` Warnings say so in front of the
 * path. Ends with a line break unless there is nothing to say.
 */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => `${lineOf(problem)}\n`).join('');
}

function lineOf({ file, line, column, path, message, hint, level }: Problem): string {
  const kind = level === 'warning' ? 'warning: ' : '';
  const subject = path === '' ? '' : `${path}: `;
  return `${file}:${line}:${column}  ${kind}${subject}${message}.${hint === '' ? '' : ` ${hint}`}`;
}
