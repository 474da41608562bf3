/**
 * `token list`: who may do what by the API. `token reset`: a new one of every scope, for whoever has the machine and has
 * lost the tokens. The other commands about tokens are made from the table of verbs.
 */
import type { Command } from 'commander';
import { z } from 'zod';
import { call, type ServerOptions, speaksToServer } from './api.ts';
import type { Cli } from './cli.ts';
import { pathOf } from './files.ts';
import { commandOf, printJson } from './incident-command.ts';
import { readingOf } from './read.ts';
import { harmless } from '../core/model/plain.ts';
import { whenOf } from './words.ts';
import { countOf } from '../lib/count.ts';

const Tokens = z.looseObject({
  tokens: z.array(
    z.looseObject({
      id: z.string(),
      owner: z.object({ kind: z.string(), id: z.string() }),
      scopes: z.array(z.string()),
      expiresAt: z.string().nullable(),
      revokedAt: z.string().nullable(),
      lastUsedAt: z.string().nullable(),
    }),
  ),
});

async function list(cli: Cli, options: ServerOptions): Promise<void> {
  const answer = await call(cli, options, { method: 'GET', path: '/tokens' });
  if (options.json === true) return printJson(cli, answer);
  const reading = readingOf(cli);
  const { tokens } = Tokens.parse(answer);
  for (const { id, owner, scopes, expiresAt, revokedAt, lastUsedAt } of tokens) {
    const end =
      revokedAt !== null
        ? `revoked ${whenOf(revokedAt, reading)}`
        : expiresAt === null
          ? 'does not expire'
          : `expires ${whenOf(expiresAt, reading)}`;
    const used = lastUsedAt === null ? 'never used' : `used ${whenOf(lastUsedAt, reading)}`;
    cli.print(
      harmless(`${id}  ${owner.kind} ${owner.id}  ${scopes.join(',')}\n    ${end}, ${used}`),
    );
  }
  cli.print(countOf(tokens.length, 'token'));
}

interface GivenReset {
  readonly data: string;
  readonly revokeOthers?: boolean;
}

async function reset(cli: Cli, { data, revokeOthers = false }: GivenReset): Promise<void> {
  const done = await cli.backends.resetToken({ data: pathOf(cli, data), revokeOthers });
  const others = revokeOthers
    ? `${countOf(done.revoked, 'other token')} revoked.`
    : 'No other token was revoked.';
  cli.print(`Token ${done.id} of the machine admin, with every scope. ${others}`);
  cli.print(`It is shown this once:\n${done.token}`);
  cli.print('Next: start the server, and make a token for each person with `tocsin token create`');
}

/** Adds the command of tokens, with the list of them. */
export function addTokens(program: Command, cli: Cli): void {
  const parent = commandOf(program, {
    name: 'token',
    summary: 'Make, list and revoke API tokens (needs the scope admin), or replace lost ones.',
    examples: ['tocsin token create --person ada'],
  });
  const listing = { name: 'list', summary: 'List the tokens.', examples: ['tocsin token list'] };
  speaksToServer(commandOf(parent, listing)).action((options: ServerOptions) => list(cli, options));
  commandOf(parent, {
    name: 'reset',
    summary: 'Make a token of every scope at the server itself, when all are lost.',
    examples: ['tocsin token reset --data /var/lib/tocsin'],
  })
    .requiredOption('--data <dir>', 'folder of the database; the server must be stopped')
    .option('--revoke-others', 'make every token useless that there was before')
    .action((given: GivenReset) => reset(cli, given));
}
