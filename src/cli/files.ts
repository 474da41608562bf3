/** The files that people name on the command line. */
import { readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { type Cli, messageOf, CommandError } from './cli.ts';

/** Absolute path of what a person typed. */
export function pathOf(cli: Pick<Cli, 'cwd'>, file: string): string {
  return resolve(cli.cwd, file);
}

/** The path as a person would type it: relative where it lies below the folder they are in. */
export function shownPath({ cwd }: Pick<Cli, 'cwd'>, path: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
}

/** Bytes of a file. @throws CommandError when it cannot be read */
export function readBytes(cli: Pick<Cli, 'cwd'>, file: string): Uint8Array {
  try {
    return readFileSync(pathOf(cli, file));
  } catch (error) {
    throw new CommandError(
      `cannot read ${file}: ${messageOf(error)}`,
      'Check the path and its permissions.',
      { cause: error },
    );
  }
}

/** Writes a file that must not be there yet. @throws CommandError when it is, or cannot be written */
export function writeNew(cli: Pick<Cli, 'cwd'>, file: string, text: string): void {
  try {
    writeFileSync(pathOf(cli, file), text, { flag: 'wx' });
  } catch (error) {
    throw new CommandError(
      `cannot write ${file}: ${messageOf(error)}`,
      'Name another file, or move the one that is there.',
      { cause: error },
    );
  }
}
