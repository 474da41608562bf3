/** `resume`: ends a pause before its time. */
import type { Command } from 'commander';
import { type ServerOptions, speaksToServer } from './api.ts';
import type { Cli } from './cli.ts';
import { act, commandOf } from './incident-command.ts';
import { readPausable } from './pause.ts';

export function addResume(program: Command, cli: Cli): void {
  speaksToServer(
    commandOf(program, {
      name: 'resume',
      summary: 'End a pause before its time: public, paging or automation.',
      examples: ['tocsin resume public'],
    }),
  )
    .argument('<what>', 'public, paging, automation', readPausable)
    .action((what: string, options: ServerOptions) =>
      act(cli, options, {
        method: 'DELETE',
        path: `/pauses/${what}`,
        say: () => ({
          what: `${what} goes on; what was held and is still wanted leaves now.`,
          next: 'tocsin list',
        }),
      }),
    );
}
