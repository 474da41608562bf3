/** `demo`: one whole incident within a minute, over real HTTP against the stand-ins. */
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { commandOf } from './incident-command.ts';
import { readSpeed } from './read-arguments.ts';

interface Given {
  readonly json?: boolean;
  readonly speed?: number;
}

async function demo(cli: Cli, { json, speed }: Given): Promise<void> {
  const running = await cli.backends.demo({ json: json === true, speed: speed ?? null });
  cli.end(await running.stopped);
}

export function addDemo(program: Command, cli: Cli): void {
  commandOf(program, {
    name: 'demo',
    summary: 'Watch one whole incident, from the alert to the last public post. No account needed.',
    examples: ['tocsin demo', 'tocsin demo --json > demo.json'],
  })
    .option('--json', 'one JSON document at the end: pages, posts, severities, timeline')
    .option('--speed <n>', 'pace of the printing: 2 is twice as fast', readSpeed)
    .action((given: Given) => demo(cli, given));
}
