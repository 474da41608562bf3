/** `reload`: the server builds its configuration anew and swaps it if all of it is right. */
import type { Command } from 'commander';
import { z } from 'zod';
import { type ServerOptions, speaksToServer } from './api.ts';
import type { Cli } from './cli.ts';
import { act, commandOf } from './incident-command.ts';

const Reloaded = z.looseObject({ problems: z.array(z.string()) });

function warningsOf(answer: unknown): readonly string[] {
  const read = Reloaded.safeParse(answer);
  return read.success ? read.data.problems : [];
}

export function addReload(program: Command, cli: Cli): void {
  speaksToServer(
    commandOf(program, {
      name: 'reload',
      summary: 'Have the server read its configuration again; a wrong one changes nothing.',
      examples: ['tocsin check tocsin.yaml && tocsin reload'],
    }),
  ).action((options: ServerOptions) =>
    act(cli, options, {
      method: 'POST',
      path: '/-/reload',
      say: (answer) => ({
        what: ['The server runs the new configuration.', ...warningsOf(answer)].join('\n'),
        next: 'tocsin list',
      }),
    }),
  );
}
