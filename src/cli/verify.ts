/** `verify`: whether the record of every incident is as it was written, by itself and by what was signed. */
import type { Command } from 'commander';
import type { VerifiedData } from '../store/sqlite/verify.ts';
import { type Cli, CommandError } from './cli.ts';
import { pathOf, readBytes } from './files.ts';
import { commandOf, printJson } from './incident-command.ts';
import { harmless } from '../core/model/plain.ts';
import { dateOf, wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

interface Given {
  readonly data?: string;
  readonly export?: string;
  readonly checkpoints?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** Of a file of the archive that is gone each incident is missing. */
const TOLD_MAX = 50;

function brokenLines({ broken, tree, signed }: VerifiedData): readonly string[] {
  const records = broken
    .slice(0, TOLD_MAX)
    .map(({ incident, version, why }) => `${incident}, event ${version}: ${why}`);
  if (broken.length > TOLD_MAX)
    records.push(`and ${broken.length - TOLD_MAX} more; --json names them all`);
  const ofTree = tree === null ? [] : [`All events: ${tree}`];
  return [...records, ...ofTree, ...(signed?.broken ?? [])];
}

/** What the checkpoints say for it. */
function signedLines({ signed }: VerifiedData, key: string | undefined): readonly string[] {
  if (signed === null)
    return [
      'There are no signed checkpoints in the data directory (see --checkpoints): what was written anew as a whole, counts and all, is not seen.',
    ];
  const { lines, last, told, events, file } = signed;
  if (last === null) return [`There is no line in ${file} yet.`];
  const by =
    key === undefined
      ? `, signed by ${last.key}: compare that with the public key that you keep (--key)`
      : '';
  return [
    ...told,
    `${countOf(lines, 'signed checkpoint')} in ${file}, the last of ${dateOf(last.at)}, for ${last.events} of ${countOf(events, 'event')}${by}.`,
  ];
}

function tell(cli: Cli, verified: VerifiedData, { json, key }: Given): void {
  const { incidents, events } = verified;
  const broken = brokenLines(verified);
  const whose =
    verified.broken.length === 0
      ? 'The record'
      : `The record of ${countOf(verified.broken.length, 'incident')}`;
  if (broken.length > 0) cli.end(1);
  if (json === true) return printJson(cli, verified);
  for (const line of broken) cli.print(wrap(harmless(line), { rest: '  ' }));
  cli.print(
    wrap(
      broken.length === 0
        ? `The record is whole: ${countOf(incidents, 'incident')}, ${countOf(events, 'event')}.`
        : `${whose} is not as it was written. Something other than Tocsin has changed the data: compare with a backup.`,
    ),
  );
  for (const line of signedLines(verified, key)) cli.print(wrap(harmless(line), { rest: '  ' }));
}

/** Checks an exported incident, without any data. */
function verifyExport(cli: Cli, file: string, { key, json }: Given): void {
  const document = new TextDecoder().decode(readBytes(cli, file));
  const checked = cli.backends.checkExport(document, key ?? null);
  if (checked === null)
    throw new CommandError(`${file} is no exported incident`, 'Make one with `tocsin export`.');
  const { incident, events, withheld, broken, signed } = checked;
  if (broken.length > 0 || signed === null) cli.end(1);
  if (json === true) return printJson(cli, checked);
  for (const line of broken) cli.print(wrap(harmless(line), { rest: '  ' }));
  const held = withheld === 0 ? '' : ` (${withheld} of them withheld)`;
  const what = `${incident} with ${countOf(events, 'event')}${held}`;
  if (broken.length > 0) return cli.print(wrap(harmless(`${what} is not as it was exported.`)));
  if (signed === null)
    return cli.print(
      wrap(harmless(`${what}: its chain is whole, and nothing proves that it was signed for.`)),
    );
  const by =
    key === undefined
      ? `, signed by ${signed.key}: compare that with the public key that you keep (--key)`
      : '';
  cli.print(
    wrap(
      harmless(
        `${what} is as it was recorded by ${signed.at}${by}. What it shows beside the events is not part of the proof.`,
      ),
    ),
  );
}

async function verifyData(cli: Cli, data: string, given: Given): Promise<void> {
  const { key = null } = given;
  const checkpoints = given.checkpoints === undefined ? null : pathOf(cli, given.checkpoints);
  const opened = await cli.backends.openReads(pathOf(cli, data));
  try {
    tell(cli, await opened.verify({ checkpoints, key }), given);
  } finally {
    await opened.close();
  }
}

async function verify(cli: Cli, given: Given): Promise<void> {
  const { key, data } = given;
  if (key !== undefined && !/^[\w-]{43}$/.test(key))
    throw new CommandError(
      `${key} is no public key`,
      'Give what `tocsin checkpoint` prints: 43 letters, digits, - and _.',
    );
  if (given.export !== undefined) return verifyExport(cli, given.export, given);
  if (data === undefined)
    throw new CommandError(
      'what is to be verified is missing',
      'Add --data DIR, or --export FILE.',
    );
  return verifyData(cli, data, given);
}

export function addVerify(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'verify',
    summary: 'Recompute the record, or that of an export: whether anything was changed afterwards.',
    examples: [
      'tocsin verify --data /var/lib/tocsin',
      'tocsin verify --data /var/lib/tocsin --checkpoints /mnt/elsewhere --key KEY',
      'tocsin verify --export inc-7.json --key KEY',
    ],
  })
    .option('--data <dir>', 'folder of the database; a server may be running on it')
    .option('--export <file>', 'check what `tocsin export` wrote, without any database')
    .option('--checkpoints <path>', 'signed checkpoints that were kept elsewhere: file or folder')
    .option('--key <key>', 'public key with which they must be signed')
    .option('--json', 'print what was found as JSON')
    .action((given: Given) => verify(cli, given));
}
