/** The frame of all commands by which a person acts on an incident: one request, one or two lines about what happened. */
import { harmlessJson } from '../core/model/plain.ts';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Said } from '../core/verbs/verb.ts';
import { type ApiRequest, call, type ServerOptions } from './api.ts';
import { type Cli, CommandError } from './cli.ts';
import { wrap } from './words.ts';

/** `program.command(name)` with the words that its help needs. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  /** Full command lines, without the leading `$`. */
  readonly examples: readonly string[];
}

/** A command with summary and examples in its help. */
export function commandOf(program: Command, { name, summary, examples }: CommandWords): Command {
  const parent = program.parent === null ? '' : `${program.name()} `;
  return program
    .command(name)
    .description(summary)
    .showHelpAfterError(`(tocsin ${parent}${name} --help shows how it is written)`)
    .addHelpText(
      'after',
      `\nExample${examples.length === 1 ? '' : 's'}:\n  ${examples.join('\n  ')}`,
    );
}

/** Path below the API; the parts are escaped. */
export function incidentPath(incident: string, ...parts: readonly string[]): string {
  return ['/incidents', ...[incident, ...parts].map(encodeURIComponent)].join('/');
}

const Answered = z.looseObject({
  incident: z.string(),
  level: z.string().nullable(),
  waitsFor: z.string().nullable().default(null),
  remark: z.string().nullable().default(null),
});

/** The incident that an answer names, the level that it is at, and what is worth knowing. */
export function answered(answer: unknown): z.output<typeof Answered> {
  const read = Answered.safeParse(answer);
  if (!read.success)
    throw new CommandError(
      'the server did not say which incident it is',
      'It is done: tocsin list shows it. Is the server of another version?',
    );
  return read.data;
}

/** Prints JSON as it came; what a terminal would obey is escaped. */
export function printJson(cli: Cli, value: unknown): void {
  cli.print(harmlessJson(JSON.stringify(value, null, 2)));
}

function printSaid(cli: Cli, { what, next }: Said): void {
  cli.print(wrap(what));
  if (next !== null) cli.print(`Next: ${next}`);
}

/** Asks the server and prints what happened; resolves with the answer. */
export async function act(
  cli: Cli,
  options: ServerOptions,
  asked: ApiRequest & { readonly say: (answer: unknown) => Said },
): Promise<unknown> {
  const { say, ...request } = asked;
  const answer = await call(cli, options, request);
  if (options.json === true) printJson(cli, answer);
  else printSaid(cli, say(answer));
  return answer;
}
