/** `check`: everything that is wrong with configurations, at once. */
import type { Command } from 'commander';
import type { Loaded, LoadResult, Problem } from '../config/load.ts';
import type { Cli } from './cli.ts';
import { pathOf, shownPath } from './files.ts';
import { commandOf, printJson } from './incident-command.ts';
import { countOf } from '../lib/count.ts';

interface Given {
  readonly json?: boolean;
  readonly sandbox?: boolean;
}

function problemsOf(cli: Cli, result: LoadResult): readonly Problem[] {
  const problems = result.ok ? result.warnings : result.problems;
  return problems.map((problem) => ({ ...problem, file: shownPath(cli, problem.file) }));
}

function summaryOf({ policy, sources, targets }: Loaded): string {
  const rules = Object.values(policy.teams).reduce((sum, team) => sum + team.rules.length, 0);
  const of = (record: Readonly<Record<string, unknown>>): number => Object.keys(record).length;
  return [
    countOf(policy.levels.length, 'level'),
    countOf(of(policy.roles), 'role'),
    countOf(of(policy.teams), 'team'),
    countOf(of(policy.services), 'service'),
    countOf(rules, 'rule'),
    countOf(of(policy.people), 'person', 'people'),
    countOf(of(sources), 'source'),
    countOf(of(targets), 'target'),
  ].join(', ');
}

interface Checked {
  readonly file: string;
  readonly result: LoadResult;
  readonly problems: readonly Problem[];
}

function verdictOf({ file, result, problems }: Checked): string {
  const count = (level: Problem['level']): number =>
    problems.filter((problem) => problem.level === level).length;
  const warnings = count('warning') === 0 ? '' : `, ${countOf(count('warning'), 'warning')}`;
  return result.ok
    ? `${file}: fine${warnings}: ${summaryOf(result.loaded)}`
    : `${file}: ${countOf(count('error'), 'error')}${warnings}; nothing runs with it as it is`;
}

function check(cli: Cli, files: readonly string[], given: Given): void {
  const checked = files.map((file): Checked => {
    const sandbox = given.sandbox === true;
    const result = cli.backends.loadConfig(pathOf(cli, file), { sandbox });
    return { file, result, problems: problemsOf(cli, result) };
  });
  if (checked.some(({ result }) => !result.ok)) cli.end(1);
  if (given.json === true)
    return printJson(
      cli,
      checked.map(({ file, result, problems }) => ({ file, ok: result.ok, problems })),
    );
  for (const one of checked) {
    const problems = cli.backends.formatProblems(one.problems);
    if (problems !== '') cli.print(problems.trimEnd());
    cli.print(verdictOf(one));
  }
}

export function addCheck(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'check',
    summary: 'List every problem of a configuration with its place and what to write instead.',
    examples: ['tocsin check tocsin.yaml'],
  })
    .argument('<file...>', 'configurations')
    .option('--sandbox', 'as a rehearsal would load it: secrets need not be set')
    .option('--json', 'print the problems as JSON')
    .action((files: readonly string[], given: Given) => check(cli, files, given));
}
