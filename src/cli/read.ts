/** The reading commands ask the server; with `--data` they read the database where no server answers. */
import type { Command } from 'commander';
import { callAs, type ServerOptions, speaksToServer, NoServer } from './api.ts';
import type { Cli } from './cli.ts';
import { pathOf } from './files.ts';
import type { OfflineReads } from './backends.ts';
import type { Reading } from './words.ts';

export interface ReadOptions extends ServerOptions {
  readonly data?: string;
}

export interface ViewRequest<T> {
  readonly path: string;
  /** The same from the database. */
  offline(reads: OfflineReads): Promise<T>;
}

export function reads(command: Command): Command {
  return speaksToServer(command).option(
    '--data <dir>',
    'read the database in this folder when no server answers',
  );
}

/** The time at which the answer is read. */
export function readingOf({ backends }: Cli): Reading {
  return { now: backends.now(), instantOf: (text) => backends.instantOf(text) };
}

async function fromDatabase<T>(cli: Cli, data: string, asked: ViewRequest<T>): Promise<T> {
  const opened = await cli.backends.openReads(pathOf(cli, data));
  try {
    return await asked.offline(opened);
  } finally {
    await opened.close();
  }
}

/** The answer of the server, else of the database. */
export async function readView<T>(
  cli: Cli,
  options: ReadOptions,
  asked: ViewRequest<T>,
): Promise<T> {
  try {
    return await callAs<T>(cli, options, { method: 'GET', path: asked.path });
  } catch (error) {
    if (!(error instanceof NoServer) || options.data === undefined) throw error;
    cli.complain(`tocsin: ${error.message}; this is what the database in ${options.data} says.`);
    return fromDatabase(cli, options.data, asked);
  }
}
