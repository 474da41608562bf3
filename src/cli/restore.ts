/** `restore`: what a backup holds, what would be given up for it, and how to go on from it. */
import type { Command } from 'commander';
import type { Holding, RestoreReport } from './backends.ts';
import type { Cli } from './cli.ts';
import { pathOf } from './files.ts';
import { commandOf, printJson } from './incident-command.ts';
import { dateOf, wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

interface Given {
  readonly data: string;
  readonly accept?: boolean;
  readonly json?: boolean;
}

function until({ newest }: Holding): string {
  return newest === null ? '' : `, until ${dateOf(newest)}`;
}

/** What the present data hold beyond the backup. */
function givenUp({ backup, present }: RestoreReport, data: string): readonly string[] {
  if (present === null) return [`There is no database in ${data} yet.`];
  const { holding, beyond, why } = present;
  const state =
    why === null ? [] : [`The present data cannot be gone on with as they are: ${why}.`];
  if (holding === null) return state;
  const held = `The present data hold ${countOf(holding.commits, 'commit')}${until(holding)}`;
  // Of what cannot be read the totals are all that is known.
  const deliveries = beyond?.deliveries ?? Math.max(0, holding.deliveries - backup.deliveries);
  const events = beyond?.events ?? Math.max(0, holding.events - backup.events);
  if (deliveries + events === 0) return [...state, `${held}, and nothing that is not in it.`];
  const parts = [
    countOf(deliveries, 'delivery or request', 'deliveries and requests'),
    countOf(events, 'event of incidents', 'events of incidents'),
  ];
  return [
    ...state,
    `${held}. What is not in the backup would be given up: ${parts.join(' and ')}.`,
  ];
}

function lines(found: RestoreReport, data: string): readonly string[] {
  const { backup, isAccepted, setAside } = found;
  const { path, commits, incidents, openIncidents, kind, flaws } = backup;
  const about = [
    `${path} is whole: ${countOf(commits, 'commit')}${until(backup)}, with ${countOf(incidents, 'incident')} (${openIncidents} open)${kind === 'sandbox' ? ', of a sandbox' : ''}.`,
    ...flaws.map((flaw) => `It is not all that it should be: ${flaw}.`),
  ];
  if (!isAccepted)
    return [
      ...about,
      ...givenUp(found, data),
      'Nothing was changed. To put the backup in their place, stop the server and add --accept.',
    ];
  return [
    ...about,
    ...setAside.map((file) => `Set aside: ${file}`),
    `It is the database of ${data} now. The next start says so in an incident, asks the pagers what happened meanwhile, and goes on from there: what was open then is open again.`,
    'Never let another copy of the same installation run as well: both would page.',
  ];
}

async function restore(cli: Cli, backup: string, given: Given): Promise<void> {
  const data = pathOf(cli, given.data);
  const accept = given.accept === true;
  const found = await cli.backends.restore(data, pathOf(cli, backup), { accept });
  if (given.json === true) return printJson(cli, found);
  for (const line of lines(found, data)) cli.print(wrap(line));
}

export function addRestore(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'restore',
    summary: 'Read a backup as a whole, say what it holds, and put it in the place of the data.',
    examples: [
      'tocsin restore /mnt/tocsin-q7c9wzkm-20260105T031500Z --data /var/lib/tocsin',
      'tocsin restore /mnt/usb/tocsin.db --data /var/lib/tocsin --accept',
    ],
  })
    .argument('<backup>', 'folder of a backup, or the database in it')
    .requiredOption('--data <dir>', 'folder of the database, which may be empty')
    .option('--accept', 'go on from the backup; no server may be running there')
    .option('--json', 'print what was found as JSON')
    .action((backup: string, given: Given) => restore(cli, backup, given));
}
