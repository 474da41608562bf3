/** `ack`: taking a page; escalation of what it served stops, wherever it rang. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addAck(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'ack',
    summary:
      'Take a page: stops its escalation everywhere it rang, and may declare the incident. Needs your own token.',
    examples: ['tocsin ack 7', 'tocsin ack 7 p2'],
  })
    .argument('[page]', 'id of one page (show lists them); without it, your own')
    .action((incident: string, page: string | undefined, options: ServerOptions) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'acknowledge'),
        body: { page },
        say: () => ({
          what: `Acknowledged on ${incident}: ${page === undefined ? 'your page' : `page ${page}`}; what it served escalates no further.`,
          next: `tocsin show ${incident} tells who is still rung`,
        }),
      }),
    );
}
