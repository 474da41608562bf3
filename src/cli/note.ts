/** `note`: a sentence for the timeline. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addNote(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'note',
    summary: 'Write a note into the timeline.',
    examples: ['tocsin note 7 "restarted the workers"'],
  })
    .argument('<text>', 'the note')
    .action((incident: string, text: string, options: ServerOptions) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'notes'),
        body: { text },
        say: () => ({
          what: `Noted in the timeline of ${incident}.`,
          next: `tocsin timeline ${incident}`,
        }),
      }),
    );
}
