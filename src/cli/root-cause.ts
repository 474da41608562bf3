/** `root-cause`: the cause is known; this is what the phase `identified` means. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addRootCause(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'root-cause',
    summary: 'Say that the root cause is found, and what it is.',
    examples: ['tocsin root-cause 7 "deploy 4711 leaks connections"'],
  })
    .argument('<text>', 'the cause, in a sentence')
    .action((incident: string, text: string, options: ServerOptions) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'root-cause'),
        body: { text },
        say: () => ({
          what: `${incident}: the root cause is noted.`,
          next: `tocsin phase ${incident} monitoring "..." once the fix is in`,
        }),
      }),
    );
}
