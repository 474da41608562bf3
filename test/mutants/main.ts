/**
 * `npm run mutants [-- words of a name or a path] [--jobs N]`: puts each mutant into a throw-away checkout and runs the
 * tests that guard it. A mutant that lives without a written reason, or dies although it has one, fails the run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutants, mutate } from './all.ts';
import { makeCheckouts, type Checkouts } from './checkouts.ts';
import type { Mutant } from './mutant.ts';
import { killAll, runTests, type Verdict } from './tests.ts';

/** Far more than the tests need, also on a busy machine: whoever takes longer does not end at all. */
const NAMED_LIMIT_MS = 180_000;
const RELATED_LIMIT_MS = 1_200_000;
/** Each job has a core; vitest's own workers would only get in each other's way. */
const ONE_WORKER = ['--maxWorkers=1'];

interface Result {
  readonly mutant: Mutant;
  readonly outcome: 'killed' | 'survives' | 'problem';
  readonly line: string;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function chosen(words: readonly string[]): readonly Mutant[] {
  return mutants.filter(({ name, file }) =>
    words.every((word) => `${name} ${file}`.toLowerCase().includes(word.toLowerCase())),
  );
}

async function verdictOn(root: string, mutant: Mutant): Promise<Verdict> {
  if (mutant.tests !== undefined) {
    const named = ['run', ...mutant.tests, ...ONE_WORKER];
    const verdict = await runTests(root, named, NAMED_LIMIT_MS);
    if (verdict.is !== 'green') return verdict;
  }
  return runTests(root, ['related', '--run', mutant.file, ...ONE_WORKER], RELATED_LIMIT_MS);
}

function judged(mutant: Mutant, verdict: Verdict): Result {
  const problem = (line: string): Result => ({ mutant, outcome: 'problem', line });
  const { survives } = mutant;
  if (verdict.is === 'broken') return problem(`BROKEN    no test ran: ${verdict.why}`);
  if (verdict.is === 'green')
    return survives === undefined
      ? problem('SURVIVED  no test noticed it')
      : { mutant, outcome: 'survives', line: `survives  ${survives}` };
  const by =
    verdict.is === 'red' ? `by ${verdict.by}` : `timed out after ${verdict.afterMs / 1_000} s`;
  return survives === undefined
    ? { mutant, outcome: 'killed', line: `killed    ${by}` }
    : problem(`STALE     it is killed ${by}; its reason to survive is no longer true`);
}

async function tryOut(root: string, mutant: Mutant): Promise<Result> {
  const path = join(root, mutant.file);
  const original = readFileSync(path, 'utf8');
  const mutated = mutate(original, mutant);
  if ('problem' in mutated)
    return { mutant, outcome: 'problem', line: `MISPLACED ${mutated.problem}` };
  writeFileSync(path, mutated.text);
  try {
    return judged(mutant, await verdictOn(root, mutant));
  } finally {
    writeFileSync(path, original);
  }
}

/** Each checkout takes the next mutant as soon as it is free. */
async function tryAll(
  roots: readonly string[],
  wanted: readonly Mutant[],
): Promise<readonly Result[]> {
  const waiting = [...wanted];
  const results: Result[] = [];
  const work = async (root: string): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await tryOut(root, next);
      results.push(result);
      say(`${String(results.length).padStart(3)}/${wanted.length} ${next.name} (${next.file})`);
      say(`        ${result.line}`);
    }
  };
  await Promise.all(roots.map(work));
  return results;
}

function summary(results: readonly Result[], startedAt: number): number {
  const count = (outcome: Result['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const problems = results.filter((result) => result.outcome === 'problem');
  const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
  say('');
  say(
    `${results.length} mutants in ${minutes} min: ${count('killed')} killed, ${count('survives')} survive with a reason, ${problems.length} to look at.`,
  );
  for (const { mutant, line } of problems) say(`  ${mutant.name} (${mutant.file})\n    ${line}`);
  return problems.length === 0 ? 0 : 1;
}

async function judgeAll(checkouts: Checkouts, wanted: readonly Mutant[]): Promise<number> {
  const startedAt = Date.now();
  const changed =
    checkouts.uncommitted === 0 ? '' : ` with ${checkouts.uncommitted} uncommitted files`;
  say(`${wanted.length} mutants of the current commit${changed}.`);
  const guards = [...new Set(wanted.flatMap(({ tests }) => tests ?? []))];
  const [first = ''] = checkouts.roots;
  if (guards.length > 0) {
    const verdict = await runTests(first, ['run', ...guards], RELATED_LIMIT_MS);
    if (verdict.is !== 'green') {
      const why = verdict.is === 'red' ? verdict.by : verdict.is === 'broken' ? verdict.why : '';
      say(`The tests are not green without any mutant (${verdict.is}): ${why}`);
      return 1;
    }
    say(`The ${guards.length} test files that guard them are green without any mutant.`);
  }
  return summary(await tryAll(checkouts.roots, wanted), startedAt);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: 'string', default: '2' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    say('npm run mutants [-- words of a name or a path] [--jobs N]');
    return 0;
  }
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1) {
    say(`--jobs takes a whole number from 1 on, not "${values.jobs}".`);
    return 2;
  }
  const wanted = chosen(positionals);
  if (wanted.length === 0) {
    say(`No mutant has "${positionals.join(' ')}" in its name or path.`);
    return 2;
  }
  const checkouts = makeCheckouts(Math.min(jobs, wanted.length));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      killAll();
      checkouts.remove();
      process.exit(130);
    });
  try {
    return await judgeAll(checkouts, wanted);
  } finally {
    killAll();
    checkouts.remove();
  }
}

process.exitCode = await main();
