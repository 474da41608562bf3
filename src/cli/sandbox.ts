/** `sandbox`: the vendors' stand-ins alone, for trying clients of one's own. */
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { pathOf } from './files.ts';
import { commandOf } from './incident-command.ts';
import { sandboxHostOf } from './listen.ts';
import { readPort } from './read-arguments.ts';

interface Given {
  readonly config?: string;
  readonly port?: number;
}

async function sandbox(cli: Cli, { config, port }: Given): Promise<void> {
  const running = await cli.backends.sandbox({
    config: config === undefined ? null : pathOf(cli, config),
    port: port ?? null,
    host: sandboxHostOf(cli),
  });
  cli.end(await running.stopped);
}

export function addSandbox(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'sandbox',
    summary: "Run the vendors' stand-ins alone, with a page that shows whose phone rings.",
    examples: ['tocsin sandbox --port 9090', 'tocsin sandbox --config tocsin.yaml'],
  })
    .option('--config <file>', 'play the vendors of this configuration; without: all of them')
    .option('--port <n>', 'where to listen on 127.0.0.1 (any free one)', readPort)
    .action((given: Given) => sandbox(cli, given));
}
