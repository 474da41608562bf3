/** `export`: an incident as one document that proves itself. */
import type { Command } from 'commander';
import type { IncidentExport } from '../read/shapes.ts';
import type { Cli } from './cli.ts';
import { writeNew } from './files.ts';
import { commandOf, incidentPath, printJson } from './incident-command.ts';
import { readIncident } from './read-arguments.ts';
import { readView, type ReadOptions, reads } from './read.ts';
import { found } from './show.ts';
import { wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

interface Given extends ReadOptions {
  readonly out?: string;
}

async function exportOne(cli: Cli, incident: string, given: Given): Promise<void> {
  const exported = await readView<IncidentExport>(cli, given, {
    path: incidentPath(incident, 'export'),
    offline: async (opened) => found(await opened.export(incident), incident),
  });
  if (given.out === undefined) return printJson(cli, exported);
  writeNew(cli, given.out, `${JSON.stringify(exported, null, 2)}\n`);
  const { events, proof } = exported;
  const proved =
    proof.checkpoint === null
      ? `not proved: ${proof.why ?? ''}`
      : `proved by the checkpoint of ${proof.checkpoint.at}`;
  cli.print(
    wrap(`${given.out} has ${countOf(events.length, 'event')} of ${exported.incident}, ${proved}.`),
  );
  cli.print(`Next: tocsin verify --export ${given.out} --key KEY`);
}

export function addExport(program: Command, cli: Cli): void {
  reads(
    commandOf(program, {
      name: 'export',
      summary: 'Write one incident as a document that proves itself: events, hashes, signature.',
      examples: ['tocsin export 7 --out inc-7.json', 'tocsin verify --export inc-7.json --key KEY'],
    }),
  )
    .argument('<incident>', 'its id: 7 or inc-7', readIncident)
    .option('--out <file>', 'file to write, which must not be there yet; without: printed')
    .action((incident: string, given: Given) => exportOne(cli, incident, given));
}
