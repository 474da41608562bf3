/** Where a server is told to listen by its environment, as an image is. */
import type { Listen } from './backends.ts';
import { type Cli, CommandError, messageOf } from './cli.ts';
import { readListen } from './read-arguments.ts';

const LOOPBACK = '127.0.0.1';
const EVERYWHERE: readonly string[] = ['0.0.0.0', '::'];

/** `TOCSIN_LISTEN`; null: it is not set. @throws CommandError when it is no address */
export function listenOf({ env }: Pick<Cli, 'env'>): Listen | null {
  const given = env['TOCSIN_LISTEN'];
  if (given === undefined || given === '') return null;
  try {
    return readListen(given);
  } catch (error) {
    throw new CommandError(`TOCSIN_LISTEN cannot be '${given}'`, messageOf(error), {
      cause: error,
    });
  }
}

/** The stand-ins ask nobody for a token: they stay inside the machine, but for a container, which says what it opens. */
export function sandboxHostOf(cli: Pick<Cli, 'env'>): string {
  const host = listenOf(cli)?.host ?? LOOPBACK;
  return EVERYWHERE.includes(host) ? host : LOOPBACK;
}
