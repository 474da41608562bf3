/** `list`: what is open, newest first. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ListPage } from '../read/views.ts';
import type { Cli } from './cli.ts';
import { commandOf, printJson } from './incident-command.ts';
import { readIncident } from './read-arguments.ts';
import { readView, readingOf, type ReadOptions, reads } from './read.ts';
import { listText } from './timeline-text.ts';
import { wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

interface ListOptions extends ReadOptions {
  readonly all?: boolean;
  readonly limit: number;
  readonly before?: string;
}

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`At least 1 and at most ${LIMIT_MAX}; --before shows older ones.`);
}

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const all = options.all === true;
  const { limit, before } = options;
  const query = new URLSearchParams({
    limit: String(limit),
    ...(all ? {} : { open: 'true' }),
    ...(before === undefined ? {} : { before }),
  });
  const page = await readView<ListPage>(cli, options, {
    path: `/incidents?${query.toString()}`,
    offline: (opened) => opened.list({ open: all ? null : true, limit, before: before ?? null }),
  });
  if (options.json === true) return printJson(cli, page);
  if (page.incidents.length > 0 || page.unreadable === 0)
    cli.print(listText(page.incidents, readingOf(cli), all));
  if (page.unreadable > 0)
    cli.print(
      wrap(
        `${countOf(page.unreadable, 'incident')} here cannot be read: see \`archives\` and \`SpoiltRows\` in the health of the server, and run tocsin verify on the data.`,
      ),
    );
  if (page.next !== null)
    cli.print(`Older ones: tocsin list${all ? ' --all' : ''} --before ${page.next}`);
}

export function addList(program: Command, cli: Cli): void {
  reads(
    commandOf(program, {
      name: 'list',
      summary: 'List open incidents, newest first.',
      examples: ['tocsin list', 'tocsin list --all --data /var/lib/tocsin'],
    }),
  )
    .option('--all', 'closed ones too')
    .addOption(new Option('--open', 'what is open, as it lists anyway').hideHelp())
    .option('--limit <n>', `how many, at most ${LIMIT_MAX}`, readLimit, LIMIT_DEFAULT)
    .option('--before <inc>', 'those older than this one', readIncident)
    .action((options: ListOptions) => list(cli, options));
}
