/** Canaries: rows of inbox and outbox like all others, but deleted once they have come through, so that nothing grows. */
import { CANARY, type PageEffect } from '../../core/model/effect.ts';
import type { Connection } from './connection.ts';
import type { createOutbox } from './outbox.ts';

export function createCanaries(
  { prepare }: Connection,
  outbox: Pick<ReturnType<typeof createOutbox>, 'add'>,
) {
  const row = prepare<[id: string], { readonly seq: number }>(
    'DELETE FROM inbox WHERE id = ? RETURNING seq',
  );
  const undecided = ['inbox_ready', 'inbox_postponed'].map((table) =>
    prepare<[seq: number]>(`DELETE FROM ${table} WHERE seq = ?`),
  );
  const effect = prepare<[stream: string]>(
    'DELETE FROM outbox WHERE stream = +? AND settled_at IS NULL',
  );
  const drop = (): void => void effect.run(CANARY);
  return {
    put: (wanted: PageEffect): void => {
      // Of an earlier process, behind which this one would wait.
      drop();
      outbox.add([wanted]);
    },
    decided: (id: string): void => {
      for (const { seq } of row.all(id)) for (const table of undecided) table.run(seq);
    },
    drop,
  };
}
