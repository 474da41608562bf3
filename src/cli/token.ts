/** `token`: who may do what by the API. */
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { formatDuration } from '../lib/duration.ts';
import { call, type ServerOptions, speaksToServer } from './api.ts';
import { type Cli, CommandError } from './cli.ts';
import { act, commandOf, printJson } from './incident-command.ts';
import { readDuration } from './read-arguments.ts';
import { readingOf } from './read.ts';
import { harmless } from '../core/model/plain.ts';
import { countOf, whenOf } from './words.ts';

const SCOPES = ['read', 'act', 'approve', 'admin'] as const;
type Scope = (typeof SCOPES)[number];

interface CreateOptions extends ServerOptions {
  readonly person?: string;
  readonly machine?: string;
  readonly scopes: readonly Scope[];
  readonly expires?: number;
}

function readScopes(text: string): readonly Scope[] {
  return text.split(',').map((word) => {
    const scope = SCOPES.find((one) => one === word.trim());
    if (scope === undefined)
      throw new InvalidArgumentError(`Scopes are ${SCOPES.join(', ')}, separated by commas.`);
    return scope;
  });
}

const Created = z.looseObject({ id: z.string(), token: z.string() });

function create(cli: Cli, options: CreateOptions): Promise<void> {
  const { person, machine, scopes, expires } = options;
  if ((person === undefined) === (machine === undefined))
    throw new CommandError(
      'a token belongs to one person or one machine',
      'Add --person PERSON (as in the configuration) or --machine NAME.',
    );
  const owner =
    person === undefined ? { kind: 'machine', id: machine } : { kind: 'person', id: person };
  return act(cli, options, {
    method: 'POST',
    path: '/tokens',
    body: {
      owner,
      scopes,
      expires_in: expires === undefined ? undefined : formatDuration(expires),
    },
    say: (answer) => {
      const made = Created.parse(answer);
      return {
        what: `Token ${made.id} for ${owner.kind} ${owner.id ?? ''}. It is shown this once:\n${made.token}`,
        next: `export TOCSIN_TOKEN=..., or keep it in a file named by TOCSIN_TOKEN_FILE`,
      };
    },
  });
}

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

function addCreate(parent: Command, cli: Cli): void {
  speaksToServer(
    commandOf(parent, {
      name: 'create',
      summary: 'Make a token for one person or one machine; it is shown once.',
      examples: [
        'tocsin token create --person ada --scopes read,act,approve',
        'tocsin token create --machine ci --scopes act --expires 90d',
      ],
    }),
  )
    .option('--person <person>', 'a person of the configuration')
    .option('--machine <name>', 'a machine, by any name')
    .option('--scopes <list>', `of ${SCOPES.join(', ')}`, readScopes, ['read', 'act'] as const)
    .option('--expires <time>', 'how long it is valid: 90d; without: for ever', readDuration)
    .action((options: CreateOptions) => create(cli, options));
}

function addRevoke(parent: Command, cli: Cli): void {
  speaksToServer(
    commandOf(parent, {
      name: 'revoke',
      summary: 'Make a token useless at once.',
      examples: ['tocsin token revoke 01j8zq4m'],
    }),
  )
    .argument('<id>', 'its id, see `tocsin token list`')
    .action((id: string, options: ServerOptions) =>
      act(cli, options, {
        method: 'DELETE',
        path: `/tokens/${encodeURIComponent(id)}`,
        say: () => ({ what: `Token ${id} is revoked.`, next: 'tocsin token list' }),
      }),
    );
}

export function addToken(program: Command, cli: Cli): void {
  const parent = commandOf(program, {
    name: 'token',
    summary: 'Make, list and revoke API tokens (needs the scope admin).',
    examples: ['tocsin token create --person ada'],
  });
  addCreate(parent, cli);
  const listing = { name: 'list', summary: 'List the tokens.', examples: ['tocsin token list'] };
  speaksToServer(commandOf(parent, listing)).action((options: ServerOptions) => list(cli, options));
  addRevoke(parent, cli);
}
