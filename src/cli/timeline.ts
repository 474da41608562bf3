/** `timeline`: everything that happened to one incident, in order. */
import type { Command } from 'commander';
import type { Timeline } from '../read/shapes.ts';
import type { Cli } from './cli.ts';
import { commandOf, incidentPath, printJson } from './incident-command.ts';
import { readIncident } from './read-arguments.ts';
import { readView, type ReadOptions, reads } from './read.ts';
import { found } from './show.ts';
import { recordLine, timelineLines } from './timeline-text.ts';

async function timeline(cli: Cli, incident: string, options: ReadOptions): Promise<void> {
  const answer = await readView<Timeline>(cli, options, {
    path: incidentPath(incident, 'timeline'),
    offline: async (opened) => found(await opened.timeline(incident), incident),
  });
  if (options.json === true) printJson(cli, answer);
  else cli.print([...timelineLines(answer.timeline), recordLine(answer)].join('\n'));
}

export function addTimeline(program: Command, cli: Cli): void {
  reads(
    commandOf(program, {
      name: 'timeline',
      summary: 'Print the timeline of one incident: what happened, when (UTC), by whom.',
      examples: ['tocsin timeline 7', 'tocsin timeline 7 --json > inc-7.json'],
    }),
  )
    .argument('<incident>', 'its id: 7 or inc-7', readIncident)
    .action((incident: string, options: ReadOptions) => timeline(cli, incident, options));
}
