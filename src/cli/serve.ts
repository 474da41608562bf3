/** `serve`: the engine, live or as a rehearsal against the stand-ins. */
import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../lib/log-level.ts';
import { type Cli, CommandError } from './cli.ts';
import { pathOf } from './files.ts';
import { commandOf } from './incident-command.ts';
import { listenOf, sandboxHostOf } from './listen.ts';
import { readListen, readPort } from './read-arguments.ts';
import type { Listen, ServeArguments } from './backends.ts';

interface Given {
  readonly config: string;
  readonly data?: string;
  readonly listen?: Listen;
  readonly sandbox?: boolean;
  readonly clock: ServeArguments['clock'];
  readonly sandboxPort?: number;
  readonly logLevel?: LogLevel;
}

async function serve(cli: Cli, given: Given): Promise<void> {
  const sandbox = given.sandbox === true;
  if (!sandbox && given.data === undefined)
    throw new CommandError(
      'a folder for the database is missing',
      'Add --data DIR, or --sandbox for a rehearsal that pages nobody and keeps nothing.',
    );
  if (!sandbox && (given.clock === 'stepped' || given.sandboxPort !== undefined))
    throw new CommandError(
      '--clock stepped and --sandbox-port are for rehearsals',
      'Add --sandbox, or leave them out.',
    );
  const running = await cli.backends.serve({
    config: pathOf(cli, given.config),
    data: given.data === undefined ? null : pathOf(cli, given.data),
    listen: given.listen ?? listenOf(cli),
    sandbox,
    clock: given.clock,
    sandboxPort: given.sandboxPort ?? null,
    sandboxHost: sandboxHostOf(cli),
    logLevel: given.logLevel ?? null,
  });
  cli.end(await running.stopped);
}

export function addServe(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'serve',
    summary: 'Run Tocsin: take alerts in, page people, keep the status page informed.',
    examples: [
      'tocsin serve --config tocsin.yaml --data /var/lib/tocsin',
      'tocsin serve --config tocsin.yaml --sandbox',
    ],
  })
    .requiredOption('--config <file>', 'the configuration; see `tocsin init` and `tocsin check`')
    .option('--data <dir>', 'folder of the database; needed unless --sandbox')
    .option(
      '--listen <host:port>',
      'where to listen, instead of what TOCSIN_LISTEN or the configuration says',
      readListen,
    )
    .option('--sandbox', 'point every target at local stand-ins: a rehearsal that pages nobody')
    .addOption(
      new Option('--clock <kind>', 'with --sandbox: stepped jumps to the next due moment')
        .choices(['real', 'stepped'])
        .default('real'),
    )
    .option(
      '--sandbox-port <n>',
      "with --sandbox: port of the stand-ins' page (any free one)",
      readPort,
    )
    .addOption(
      new Option(
        '--log-level <level>',
        'how much is logged, instead of `server.log.level`',
      ).choices(LOG_LEVELS),
    )
    .action((given: Given) => serve(cli, given));
}
