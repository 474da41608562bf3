/** `explain`: what would happen to a delivery, and why not the other rules. Changes nothing, pages nobody. */
import type { Command } from 'commander';
import type { Explanation } from '../read/shapes.ts';
import { callAs, type ServerOptions, speaksToServer } from './api.ts';
import type { Cli } from './cli.ts';
import { explainText } from './explain-text.ts';
import { pathOf, readBytes } from './files.ts';
import { commandOf, printJson } from './incident-command.ts';

interface ExplainOptions extends ServerOptions {
  readonly source: string;
  readonly config?: string;
}

function ask(cli: Cli, file: string, options: ExplainOptions): Promise<Explanation> {
  const { source, config } = options;
  const body = readBytes(cli, file);
  if (config !== undefined)
    return cli.backends.explain({ config: pathOf(cli, config), source, body });
  return callAs<Explanation>(cli, options, {
    method: 'POST',
    path: `/explain/${encodeURIComponent(source)}`,
    text: new TextDecoder().decode(body),
  });
}

async function explain(cli: Cli, file: string, options: ExplainOptions): Promise<void> {
  const answer = await ask(cli, file, options);
  if (!answer.ok) cli.end(1);
  if (options.json === true) printJson(cli, answer);
  else cli.print(explainText(answer));
}

export function addExplain(program: Command, cli: Cli): void {
  speaksToServer(
    commandOf(program, {
      name: 'explain',
      summary:
        'Say what an alert body would do: team, rule, level, who is rung; and why not others.',
      examples: [
        'tocsin explain body.json --source prom --config tocsin.yaml',
        'tocsin explain body.json --source prom',
      ],
    }),
  )
    .argument('<body>', 'file with the body as the source sends it')
    .requiredOption('--source <name>', 'the source of the configuration that it comes from')
    .option('--config <file>', 'explain by this file; without: by what the server runs')
    .action((file: string, options: ExplainOptions) => explain(cli, file, options));
}
