/** `customer`: a report from outside; triggers count distinct accounts. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addCustomer(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'customer',
    summary: 'Record that a customer reported it.',
    examples: ['tocsin customer 7 --account acme --tier paying "the shop hangs"'],
  })
    .argument('[text]', 'what they said')
    .requiredOption('--account <account>', 'who reported it')
    .requiredOption('--tier <tier>', 'their tier, as the triggers of the configuration name it')
    .action(
      (
        incident: string,
        text: string | undefined,
        options: ServerOptions & { readonly account: string; readonly tier: string },
      ) =>
        act(cli, options, {
          method: 'POST',
          path: incidentPath(incident, 'customer-reports'),
          body: { account: options.account, tier: options.tier, text },
          say: () => ({
            what: `${incident}: the report of ${options.account} (${options.tier}) is recorded.`,
            next: `tocsin impact ${incident} users=... if you know how many are affected`,
          }),
        }),
    );
}
