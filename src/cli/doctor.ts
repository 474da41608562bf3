/** `doctor`: whether the vendors know what the configuration names; pages nobody. */
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { pathOf } from './files.ts';
import { commandOf, printJson } from './incident-command.ts';
import { harmless } from '../core/model/plain.ts';
import { wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

interface Given {
  readonly config: string;
  readonly json?: boolean;
}

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;

async function doctor(cli: Cli, given: Given): Promise<void> {
  const findings = await cli.backends.doctor(pathOf(cli, given.config));
  const count = (level: keyof typeof MARKS): number =>
    findings.filter((finding) => finding.level === level).length;
  if (count('problem') > 0) cli.end(1);
  if (given.json === true) return printJson(cli, findings);
  for (const { name, level, what, hint } of findings) {
    const advice = level === 'ok' || hint === '' ? '' : `. ${hint}`;
    cli.print(
      wrap(harmless(`${name}: ${what}${advice}`), { first: MARKS[level], rest: ' '.repeat(8) }),
    );
  }
  cli.print(`${countOf(count('problem'), 'problem')}, ${countOf(count('warning'), 'warning')}`);
}

export function addDoctor(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'doctor',
    summary: 'Check tokens, names and disabled services at the vendors, without paging anyone.',
    examples: ['tocsin doctor --config tocsin.yaml'],
  })
    .requiredOption('--config <file>', 'the configuration')
    .option('--json', 'print the findings as JSON')
    .action((given: Given) => doctor(cli, given));
}
