/** `reject`: a public post that waits for a person is not published. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addReject(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'reject',
    summary: 'Keep a post that waits for approval from being published.',
    examples: ['tocsin reject 7 d1 --reason "names the wrong region"'],
  })
    .argument('<draft>', 'id of the draft (show lists those that wait)')
    .requiredOption('--reason <reason>', 'why')
    .action(
      (incident: string, draft: string, options: ServerOptions & { readonly reason: string }) =>
        act(cli, options, {
          method: 'POST',
          path: incidentPath(incident, 'posts', draft, 'reject'),
          body: { reason: options.reason },
          say: () => ({
            what: `Draft ${draft} of ${incident} is rejected. The public promise stands: another post is still owed.`,
            next: `tocsin phase ${incident} investigating "..." drafts one with your text`,
          }),
        }),
    );
}
