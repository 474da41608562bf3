/** `page`: a role that the level rings only on request, or one person as a test of the whole path. */
import type { Command } from 'commander';
import { type ServerOptions, speaksToServer } from './api.ts';
import { type Cli, Refusal } from './cli.ts';
import { act, answeredIncident, commandOf, incidentPath } from './incident-command.ts';
import { readIncident } from './read-arguments.ts';

interface PageOptions extends ServerOptions {
  readonly test?: string;
}

function pageTest(cli: Cli, person: string, options: PageOptions): Promise<void> {
  return act(cli, options, {
    method: 'POST',
    path: '/page-tests',
    body: { person },
    say: (answer) => {
      const id = answeredIncident(answer);
      return {
        what: `${person} is rung by a test page, ${id}, through the same path as a real one.`,
        next: `tocsin show ${id} tells by which way, and whether it was answered`,
      };
    },
  });
}

interface Wanted {
  readonly incident: string | undefined;
  readonly role: string | undefined;
}

function page(cli: Cli, { incident, role }: Wanted, options: PageOptions): Promise<void> {
  if (options.test !== undefined && incident === undefined)
    return pageTest(cli, options.test, options);
  if (options.test !== undefined)
    throw new Refusal('a test page belongs to no incident', 'Write: tocsin page --test PERSON');
  if (incident === undefined || role === undefined)
    throw new Refusal(
      'whom to page is missing',
      'Write: tocsin page 7 ROLE, or tocsin page --test PERSON',
    );
  return act(cli, options, {
    method: 'POST',
    path: incidentPath(incident, 'roles', role, 'page'),
    body: {},
    say: () => ({
      what: `${role} is being paged for ${incident}.`,
      next: `tocsin show ${incident} tells who it is and what came back`,
    }),
  });
}

export function addPage(program: Command, cli: Cli): void {
  speaksToServer(
    commandOf(program, {
      name: 'page',
      summary: 'Page a role on request, or one person as a test.',
      examples: ['tocsin page 7 ROLE', 'tocsin page --test ada'],
    }),
  )
    .argument('[incident]', 'its id: 7 or inc-7', readIncident)
    .argument('[role]', 'a role of the configuration')
    .option('--test <person>', 'ring this person through the real path, to see that it works')
    .action((incident: string | undefined, role: string | undefined, options: PageOptions) =>
      page(cli, { incident, role }, options),
    );
}
