/** `reload`: the server builds its configuration anew and swaps it if all of it is right. */
import type { Command } from 'commander';
import { type ServerOptions, speaksToServer } from './api.ts';
import type { Cli } from './cli.ts';
import { act, commandOf } from './incident-command.ts';

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
      say: () => ({ what: 'The server runs the new configuration.', next: 'tocsin list' }),
    }),
  );
}
