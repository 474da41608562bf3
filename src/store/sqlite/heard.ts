/** When what was heard last of each vendor's object happened there. */
import type { Instant } from '../../core/model/alert.ts';
import type { VendorObject } from '../store.ts';
import type { Connection } from './connection.ts';

export function createHeard({ prepare }: Connection) {
  const find = prepare<[account: string, ref: string], { readonly at: Instant }>(
    'SELECT at FROM heard WHERE account = +? AND ref = +?',
  );
  const put = prepare<[account: string, ref: string, at: Instant]>(
    `INSERT INTO heard (account, ref, at) VALUES (?, ?, ?)
     ON CONFLICT (account, ref) DO UPDATE SET at = max(at, excluded.at)`,
  );
  return {
    of: ({ account, ref }: VendorObject): Instant | null => find.get(account, ref)?.at ?? null,
    put: ({ account, ref }: VendorObject, at: Instant): void => void put.run(account, ref, at),
  };
}
