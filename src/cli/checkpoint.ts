/** `checkpoint`: the newest signed checkpoint and the public key, to be kept elsewhere. */
import type { Command } from 'commander';
import type { CheckpointHead } from '../read/shapes.ts';
import type { Cli } from './cli.ts';
import { commandOf, printJson } from './incident-command.ts';
import { readView, type ReadOptions, reads } from './read.ts';
import { dateOf, wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

function lines({ key, file, checkpoint }: CheckpointHead): readonly string[] {
  return [
    key === null
      ? 'There is no key yet: the server makes it when it signs for the first time.'
      : `Public key: ${key}`,
    ...(file === null ? [] : [`Checkpoints: ${file}`]),
    ...(checkpoint === null
      ? ['Nothing has been signed yet.']
      : [
          `The last one is of ${dateOf(checkpoint.at)} and stands for ${countOf(checkpoint.events, 'event')}.`,
          `Root: ${checkpoint.root}`,
        ]),
  ];
}

async function checkpoint(cli: Cli, options: ReadOptions): Promise<void> {
  const head = await readView<CheckpointHead>(cli, options, {
    path: '/checkpoint',
    offline: (opened) => opened.checkpoint(),
  });
  if (options.json === true) return printJson(cli, head);
  for (const line of lines(head)) cli.print(wrap(line, { rest: '  ' }));
}

export function addCheckpoint(program: Command, cli: Cli): void {
  reads(
    commandOf(program, {
      name: 'checkpoint',
      summary: 'Print the newest signed checkpoint and the public key, to be kept elsewhere.',
      examples: ['tocsin checkpoint', 'tocsin checkpoint --json >> /mnt/elsewhere/tocsin.jsonl'],
    }),
  ).action((options: ReadOptions) => checkpoint(cli, options));
}
