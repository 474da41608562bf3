/** `declare`: a person says that it is an incident; without a level it is pending more information. */
import type { Command } from 'commander';
import { type ServerOptions, speaksToServer } from './api.ts';
import { type Cli, Refusal } from './cli.ts';
import { act, answeredIncident, commandOf, incidentPath } from './incident-command.ts';
import { readIncident } from './read-arguments.ts';

interface DeclareOptions extends ServerOptions {
  readonly incident?: string;
  readonly level?: string;
  readonly service?: string;
  readonly team?: string;
  readonly text?: string;
}

function declare(cli: Cli, title: string | undefined, options: DeclareOptions): Promise<void> {
  const { incident, level, service, team, text } = options;
  if (incident === undefined && title === undefined)
    throw new Refusal(
      'a new incident needs a title',
      'Say what is wrong: tocsin declare "Nobody can pay". To declare one that is in triage: tocsin declare --incident 7',
    );
  if (incident !== undefined && (service !== undefined || team !== undefined))
    throw new Refusal(
      `${incident} has its service and team already`,
      'Leave out --service and --team, or leave out --incident to open another incident.',
    );
  return act(cli, options, {
    method: 'POST',
    path: incident === undefined ? '/incidents' : incidentPath(incident, 'declare'),
    body: { level, title, service, team, text },
    say: (answer) => {
      const id = incident ?? answeredIncident(answer);
      const pending = level === undefined && incident === undefined;
      return {
        what: `${id} is declared${pending ? ', its level pending more information' : ''}; those whom its level names are paged.`,
        next: pending ? `tocsin severity ${id} LEVEL` : `tocsin show ${id}`,
      };
    },
  });
}

export function addDeclare(program: Command, cli: Cli): void {
  speaksToServer(
    commandOf(program, {
      name: 'declare',
      summary: 'Declare an incident: pages the roles of its level and starts the public clocks.',
      examples: [
        'tocsin declare --level LEVEL --service SERVICE "Nobody can pay"',
        'tocsin declare --incident 7',
      ],
    }),
  )
    .argument('[title]', 'what is wrong, in a few words')
    .option('--incident <inc>', 'declare this one, which is in triage', readIncident)
    .option(
      '--level <level>',
      'a level of the configuration or its alias; without: more information needed',
    )
    .option('--service <service>', 'the service that fails')
    .option('--team <team>', 'the team that answers; without: the one of the service')
    .option('--text <text>', 'what is known')
    .action((title: string | undefined, options: DeclareOptions) => declare(cli, title, options));
}
