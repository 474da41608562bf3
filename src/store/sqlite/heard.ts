/** What was heard last of each vendor's object, and when that happened there. */
import type { Instant } from '../../core/model/alert.ts';
import type { HeardWord, VendorObject } from '../store.ts';
import type { Connection } from './connection.ts';

interface HeardRow extends Omit<HeardWord, 'says'> {
  readonly says: 0 | 1;
}

export function createHeard({ prepare }: Connection) {
  const find = prepare<[account: string, ref: string], HeardRow>(
    'SELECT about, says, at FROM heard WHERE account = +? AND ref = +?',
  );
  const put = prepare<[account: string, ref: string, about: string, says: number, at: Instant]>(
    `INSERT INTO heard (account, ref, about, says, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (account, ref, about) DO UPDATE SET says = excluded.says, at = excluded.at`,
  );
  return {
    of: ({ account, ref }: VendorObject): readonly HeardWord[] =>
      find.all(account, ref).map((row) => ({ ...row, says: row.says === 1 })),
    put: ({ account, ref }: VendorObject, { about, says, at }: HeardWord): void =>
      void put.run(account, ref, about, says ? 1 : 0, at),
  };
}
