/**
 * The client of the server's API. Every change carries an Idempotency-Key, so a repeat after a 503 or a lost answer is
 * the same request and not a second one.
 */
import { looksLikePath, unreadableFile } from '../lib/shown-path.ts';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { type Cli, messageOf, CommandError } from './cli.ts';
import { pathOf } from './files.ts';
import type { FetchAnswer, FetchRequest } from './backends.ts';

const URL_DEFAULT = 'http://127.0.0.1:8080';
const API = '/api/v1';
/** Tries of one request while the server answers 503. */
const TRIES_MAX = 5;
const WAIT_DEFAULT_MS = 1000;
/** A server that wants to be left alone for longer is reported instead of waited for. */
const WAIT_MAX_MS = 15_000;

/** Options that every command has which speaks to a server. */
export interface ServerOptions {
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

export interface ApiRequest {
  readonly method: FetchRequest['method'];
  /** Below `/api/v1`, or absolute with a leading `/-/`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly text?: string;
}

/** Adds `--url`, `--token` and `--json`. */
export function speaksToServer(command: Command): Command {
  return command
    .option('--url <url>', `server to speak to (TOCSIN_URL; default ${URL_DEFAULT})`)
    .option('--token <token>', 'your API token (better: TOCSIN_TOKEN or TOCSIN_TOKEN_FILE)')
    .option('--json', "print the server's answer as JSON");
}

/** No answer came: `list`, `show` and `timeline` may read the database instead. */
export class NoServer extends Error {
  readonly hint: string;
  constructor(message: string, hint: string, options: ErrorOptions) {
    super(message, options);
    this.name = 'NoServer';
    this.hint = hint;
  }
}

/** What of the server's problem documents (src/http/problem.ts) is printed. */
const Problem = z.looseObject({
  detail: z.string(),
  /** Why; a request that was understood and refused says in its detail what to do. */
  code: z.string().optional(),
  errors: z.array(z.looseObject({ message: z.string() })).default([]),
});

/** An address as it may be printed: what stands before an @ may be a password. */
function withoutLogin(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?.*@/is, '$1');
}

function baseUrl(cli: Cli, options: ServerOptions): string {
  const text = options.url ?? cli.env['TOCSIN_URL'] ?? URL_DEFAULT;
  if (text.includes('@'))
    throw new CommandError(
      `the address of the server holds a name or a password: write ${withoutLogin(text)} alone`,
      'Who you are is said by your token, in TOCSIN_TOKEN; the address stands in --url or TOCSIN_URL.',
    );
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new CommandError(
      `${text} is no address of a server`,
      `Write it like ${URL_DEFAULT}, with --url or in TOCSIN_URL.`,
    );
  return text.replace(/\/+$/, '');
}

function readTokenFile(cli: Cli, file: string): string {
  try {
    return readFileSync(pathOf(cli, file), 'utf8').trim();
  } catch (error) {
    const why = looksLikePath(file) ? `: ${messageOf(error)}` : '';
    throw new CommandError(
      `cannot read the token: ${unreadableFile(file)}${why}`,
      'TOCSIN_TOKEN_FILE is the path of a file that holds it; the token itself belongs in TOCSIN_TOKEN.',
      { cause: error },
    );
  }
}

function givenToken(cli: Cli, options: ServerOptions): string | null {
  const file = cli.env['TOCSIN_TOKEN_FILE'];
  const given = options.token ?? cli.env['TOCSIN_TOKEN'];
  if (given !== undefined && given.trim() !== '') return given.trim();
  return file === undefined || file === '' ? null : readTokenFile(cli, file);
}

function tokenOf(cli: Cli, options: ServerOptions): string | null {
  const token = givenToken(cli, options);
  // A token that cannot be sent stands in the complaint about it.
  if (token !== null) cli.backends.hide(token);
  return token;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return messageOf(error);
  const code: unknown = 'code' in cause ? cause.code : undefined;
  const text = cause.message === '' ? messageOf(error) : cause.message;
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
}

function unreachable(url: string, error: unknown): NoServer {
  return new NoServer(
    `no server answers at ${url}: ${causeOf(error)}`,
    'Start it with `tocsin serve --config FILE --data DIR`, or name another one with --url or TOCSIN_URL.',
    { cause: error },
  );
}

/** Milliseconds of a Retry-After in seconds; its other spelling, a date, is answered with the default. */
function waitOf(answer: FetchAnswer): number {
  const seconds = /^\d+$/.exec(answer.headers.get('retry-after') ?? '')?.[0];
  return seconds === undefined ? WAIT_DEFAULT_MS : Number(seconds) * 1000;
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const HINTS: Readonly<Record<number, string>> = {
  401: 'Give a valid token with TOCSIN_TOKEN, TOCSIN_TOKEN_FILE or --token; the first one is in the file first-token of the data directory, others come from `tocsin token create`. All are lost: `tocsin token reset` at the server.',
  403: 'Your token lacks the scope for it; ask an admin for one: `tocsin token create --help`.',
  413: 'Shorten the text.',
  503: 'The server cannot write now; it says why at /readyz. Try again in a moment: nothing was done twice.',
};

/** Where to see what there is, for an address that names nothing; other refusals list it themselves. */
const LISTS: Readonly<Record<string, string>> = {
  unknown_token: 'See what there is with `tocsin token list`.',
};

function refusalOf(status: number, text: string): CommandError {
  const problem = Problem.safeParse(parsed(text));
  const hint = HINTS[status] ?? '';
  if (!problem.success)
    return new CommandError(
      `the server answered ${status}${text === '' ? '' : `: ${text.slice(0, 200)}`}`,
      hint === '' ? 'Is it a Tocsin server? Check --url or TOCSIN_URL.' : hint,
    );
  const { code, detail, errors } = problem.data;
  // The detail names the fields that are wrong; the problems of a configuration stand in the list alone.
  const more = errors.flatMap(({ message }) => (detail.includes(message) ? [] : [message]));
  const isSaid = status === 403 && code !== 'scope_missing';
  return new CommandError([detail, ...more].join('\n'), isSaid ? '' : (LISTS[code ?? ''] ?? hint));
}

async function once(cli: Cli, url: string, request: FetchRequest): Promise<FetchAnswer> {
  try {
    return await cli.backends.http(url, request);
  } catch (error) {
    throw unreachable(new URL(url).origin, error);
  }
}

/**
 * Asks the server and returns its JSON. A 503 is repeated with the same Idempotency-Key after its Retry-After, five
 * times in all.
 * @throws NoServer when no answer came; CommandError for every answer that is not 2xx, with the server's reason
 */
export async function call(cli: Cli, options: ServerOptions, asked: ApiRequest): Promise<unknown> {
  const { method, path } = asked;
  const body = asked.text ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
  const token = tokenOf(cli, options);
  const request: FetchRequest = {
    method,
    headers: {
      accept: 'application/json',
      'x-tocsin-via': 'cli',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' ? {} : { 'idempotency-key': cli.backends.id() }),
    },
    ...(body === undefined ? {} : { body }),
  };
  const url = `${baseUrl(cli, options)}${path.startsWith('/-/') ? '' : API}${path}`;
  for (let tries = 1; ; tries += 1) {
    const answer = await once(cli, url, request);
    const text = await answer.text();
    if (answer.status >= 200 && answer.status < 300) return answerOf(text, answer.status);
    const waitMs = waitOf(answer);
    if (answer.status !== 503 || tries === TRIES_MAX || waitMs > WAIT_MAX_MS)
      throw refusalOf(answer.status, cli.backends.redact(text));
    await cli.backends.wait(waitMs);
  }
}

/**
 * The same for answers that are printed as text. Their shape is not looked at: server and command line are of one
 * version, and a test of the two together compares them.
 */
export async function callAs<T>(cli: Cli, options: ServerOptions, asked: ApiRequest): Promise<T> {
  return (await call(cli, options, asked)) as T;
}

function answerOf(text: string, status: number): unknown {
  const answer = parsed(text);
  if (answer === undefined)
    throw new CommandError(
      `the server answered ${status} without JSON`,
      'Is it a Tocsin server? Check --url or TOCSIN_URL.',
    );
  return answer;
}
