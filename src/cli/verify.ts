/** `verify`: whether the record of every incident is as it was written. */
import type { Command } from 'commander';
import type { VerifiedRecords } from '../store/chain.ts';
import type { Cli } from './cli.ts';
import { pathOf } from './files.ts';
import { commandOf, printJson } from './incident-command.ts';
import { harmless } from '../core/model/plain.ts';
import { countOf, wrap } from './words.ts';

interface Given {
  readonly data: string;
  readonly json?: boolean;
}

function tell(cli: Cli, verified: VerifiedRecords, { json }: Given): void {
  const { incidents, events, broken } = verified;
  if (broken.length > 0) cli.end(1);
  if (json === true) return printJson(cli, verified);
  for (const { incident, version, why } of broken)
    cli.print(wrap(harmless(`${incident}, event ${version}: ${why}`), { rest: '  ' }));
  cli.print(
    wrap(
      broken.length === 0
        ? `The record is whole: ${countOf(incidents, 'incident')}, ${countOf(events, 'event')}.`
        : `The record of ${countOf(broken.length, 'incident')} is not as it was written. Something other than Tocsin has changed the database: compare with a backup.`,
    ),
  );
}

async function verify(cli: Cli, given: Given): Promise<void> {
  const opened = await cli.backends.openReads(pathOf(cli, given.data));
  try {
    tell(cli, await opened.verify(), given);
  } finally {
    await opened.close();
  }
}

export function addVerify(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'verify',
    summary: 'Recompute the record of every incident: whether anything was changed afterwards.',
    examples: ['tocsin verify --data /var/lib/tocsin'],
  })
    .requiredOption('--data <dir>', 'folder of the database; a server may be running on it')
    .option('--json', 'print what was found as JSON')
    .action((given: Given) => verify(cli, given));
}
