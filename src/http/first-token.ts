/**
 * The first token of a live server: it lies in a file of the data directory that its owner alone may read, and not in a
 * log or a terminal. It is gone once it has done its work: another token was made, or it was revoked.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../contract/adapter.ts';
import { writePrivate } from '../lib/private-file.ts';
import { firstToken, idIn, type Tokens } from './auth.ts';

interface TokenFile {
  readonly path: string;
  /** Replaces what an earlier start has left. @throws an error for people */
  write(token: string): void;
  /** Whether it is there and its token still opens anything; if not, it is removed. */
  isKept(tokens: Pick<Tokens, 'list'>): Promise<boolean>;
  /** The tokens, of which the next one that is made removes the file, as does revoking the one in it. */
  watching(tokens: Tokens): Tokens;
}

function createTokenFile(directory: string, log: Log): TokenFile {
  const path = join(directory, 'first-token');
  /** Id of the token in the file; an empty text: there is none in it. Null: there is no file. */
  const id = (): string | null => {
    try {
      return idIn(readFileSync(path, 'utf8').trim()) ?? '';
    } catch {
      return null;
    }
  };
  const remove = (): void => {
    try {
      rmSync(path, { force: true });
    } catch (error) {
      log.warn({ error, path }, 'the file with the first token could not be removed; delete it');
    }
  };
  return {
    path,
    write: (token) => {
      try {
        rmSync(path, { force: true });
        writePrivate(path, `${token}\n`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(
          `The first token cannot be written to ${path} (${why}). Remove what is there, make room, and start again.`,
          { cause: error },
        );
      }
    },
    isKept: async (tokens) => {
      const kept = id();
      if (kept === null) return false;
      const row = (await tokens.list()).find((one) => one.id === kept);
      if (row !== undefined && row.revokedAt === null) return true;
      remove();
      return false;
    },
    watching: (tokens) => ({
      ...tokens,
      issue: async (about) => {
        const issued = await tokens.issue(about);
        remove();
        return issued;
      },
      revoke: async (revoked) => {
        const isKnown = await tokens.revoke(revoked);
        if (id() === revoked) remove();
        return isKnown;
      },
    }),
  };
}

/** Where the first token is to be had. */
export interface FirstToken {
  /** In a rehearsal, on the first start of a data directory: to be shown. */
  readonly token: string | null;
  /** The file with it, as long as it is there; live only. */
  readonly file: string | null;
}

/**
 * The tokens, and how the first one is made where there is none: written down before anybody is told of it, and told
 * before it is stored.
 * @param data folder for the file; null: a rehearsal, whose token is shown
 */
export function withFirstToken(
  tokens: Tokens,
  { data, log }: { readonly data: string | null; readonly log: Log },
): {
  readonly tokens: Tokens;
  make(tell: (first: FirstToken) => void): Promise<string | null>;
} {
  if (data === null)
    return { tokens, make: (tell) => firstToken(tokens, (token) => tell({ token, file: null })) };
  const file = createTokenFile(data, log);
  return {
    tokens: file.watching(tokens),
    make: async (tell) => {
      const isKept = await file.isKept(tokens);
      return firstToken(tokens, (token) => {
        if (token !== null) file.write(token);
        tell({ token: null, file: token !== null || isKept ? file.path : null });
      });
    },
  };
}
