/** Canaries: rows of inbox and outbox like all others, but deleted once they have come through, so that nothing grows. */
import { CANARY, type PageEffect } from '../../core/model/effect.ts';
import type { Connection } from './connection.ts';
import type { createOutbox } from './outbox.ts';

export function createCanaries(
  { prepare }: Connection,
  outbox: Pick<ReturnType<typeof createOutbox>, 'add'>,
) {
  const decided = prepare<[deliveryId: string], { readonly seq: number }>(
    `SELECT seq FROM inbox WHERE delivery_id = +? AND typeof(delivery_id) = 'text'
       AND ifnull(source, '') = '' AND origin = 'canary' AND kind <> 'undecided'`,
  );
  const row = prepare<[seq: number]>('DELETE FROM inbox WHERE seq = ?');
  const body = prepare<[seq: number]>('DELETE FROM inbox_bodies WHERE seq = ?');
  const effect = prepare<[stream: string]>(
    'DELETE FROM outbox WHERE stream = +? AND settled_at IS NULL',
  );
  return {
    put: (wanted: PageEffect): void => outbox.add([wanted]),
    drop: (): void => {
      for (const { seq } of decided.all(CANARY)) {
        row.run(seq);
        body.run(seq);
      }
      effect.run(CANARY);
    },
  };
}
