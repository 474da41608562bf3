/** `reload`: the server builds its configuration anew and swaps it if all of it is right. */
import type { Command } from 'commander';
import { z } from 'zod';
import { call, type ServerOptions, speaksToServer } from './api.ts';
import { type Cli, CommandError } from './cli.ts';
import { commandOf, printJson, printSaid } from './incident-command.ts';

const Reloaded = z.looseObject({
  problems: z.array(z.string()).default([]),
  kept: z.array(z.object({ team: z.string(), file: z.string() })).default([]),
});

type Reloaded = z.output<typeof Reloaded>;

function reloadedOf(answer: unknown): Reloaded {
  const read = Reloaded.safeParse(answer);
  return read.success ? read.data : { problems: [], kept: [] };
}

/** A script must not take it for done: the next start would be refused, and nobody be paged. */
function refuseKept({ kept }: Reloaded): void {
  if (kept.length === 0) return;
  const teams = kept.map(({ team }) => `team ${team}`).join(', ');
  const files = kept.map(({ file }) => file).join(', ');
  const isOne = kept.length === 1;
  throw new CommandError(
    `${teams} ${isOne ? 'keeps its last good copy' : 'keep their last good copies'}; a restart will be refused until ${files} ${isOne ? 'is' : 'are'} mended`,
    'Mend what stands above, look with `tocsin check FILE`, then `tocsin reload` again.',
  );
}

export function addReload(program: Command, cli: Cli): void {
  speaksToServer(
    commandOf(program, {
      name: 'reload',
      summary:
        'Have the server read its configuration again; a wrong one changes nothing, a wrong file of a team keeps its last good copy.',
      examples: ['tocsin check tocsin.yaml && tocsin reload'],
    }),
  ).action(async (options: ServerOptions) => {
    const answer = await call(cli, options, { method: 'POST', path: '/-/reload' });
    const reloaded = reloadedOf(answer);
    const { problems, kept } = reloaded;
    const what = `The server runs the new configuration${kept.length === 0 ? '.' : ', but for what is wrong:'}`;
    if (options.json === true) printJson(cli, answer);
    else
      printSaid(cli, {
        what: [what, ...problems].join('\n'),
        next: kept.length === 0 ? 'tocsin list' : null,
      });
    refuseKept(reloaded);
  });
}
