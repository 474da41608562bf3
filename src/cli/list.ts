/** `list`: what is open, newest first. */
import type { Command } from 'commander';
import type { IncidentSummary } from '../engine/incident-view.ts';
import type { Cli } from './cli.ts';
import { commandOf, printJson } from './incident-command.ts';
import { read, readingOf, type ReadOptions, reads } from './read.ts';
import { listText } from './timeline-text.ts';

interface ListOptions extends ReadOptions {
  readonly all?: boolean;
}

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const all = options.all === true;
  const incidents = await read<readonly IncidentSummary[]>(cli, options, {
    path: all ? '/incidents?open=all' : '/incidents',
    offline: (opened) => opened.list({ all }),
  });
  if (options.json === true) printJson(cli, incidents);
  else cli.print(listText(incidents, readingOf(cli), all));
}

export function addList(program: Command, cli: Cli): void {
  reads(
    commandOf(program, {
      name: 'list',
      summary: 'List open incidents, newest first.',
      examples: ['tocsin list', 'tocsin list --all --data /var/lib/tocsin'],
    }),
  )
    .option('--all', 'closed ones too')
    .action((options: ListOptions) => list(cli, options));
}
