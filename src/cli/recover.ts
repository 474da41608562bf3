/** `recover`: what a data directory holds of what was committed to it, and how to go on with less. */
import type { Command } from 'commander';
import type { RecoveryReport } from './backends.ts';
import type { Cli } from './cli.ts';
import { pathOf } from './files.ts';
import { commandOf, printJson } from './incident-command.ts';
import { wrap } from './words.ts';

interface Given {
  readonly data: string;
  readonly accept?: boolean;
  readonly json?: boolean;
}

function lines(found: RecoveryReport): readonly string[] {
  const { state, why, has, had, isAccepted, setAside } = found;
  if (state === 'unknown')
    return [
      'Nothing beside the database says how much was committed to it: there is no marker.json that can be read. The next start goes on with what is there.',
    ];
  if (state === 'whole')
    return [`Recovered all that is known: ${had} commits. The database holds ${has}.`];
  const recovered =
    has === null ? `A start is refused: ${why}.` : `Recovered ${has} of ${had} commits: ${why}.`;
  if (!isAccepted)
    return [
      recovered,
      `Nothing was changed. ${state === 'less' ? 'Look for the files that belong there, or restore a backup' : 'Restore a backup, and check the disk'}. To go on with what ${state === 'less' ? 'is there' : 'can be read'}, add --accept.`,
    ];
  return [
    recovered,
    ...setAside.map((file) => `Set aside: ${file}`),
    'The next start goes on with what is there, and says what was lost. Compare with what your senders and pagers have.',
  ];
}

function recover(cli: Cli, given: Given): void {
  const found = cli.backends.recover(pathOf(cli, given.data), { accept: given.accept === true });
  if (found.why !== null && !found.isAccepted) cli.end(1);
  if (given.json === true) return printJson(cli, found);
  for (const line of lines(found)) cli.print(wrap(line));
}

export function addRecover(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'recover',
    summary: 'Say whether a database holds all that was committed, and go on with less.',
    examples: [
      'tocsin recover --data /var/lib/tocsin',
      'tocsin recover --data /var/lib/tocsin --accept',
    ],
  })
    .requiredOption('--data <dir>', 'folder of the database')
    .option('--accept', 'go on with what is there; no server may be running on it')
    .option('--json', 'print what was found as JSON')
    .action((given: Given) => recover(cli, given));
}
