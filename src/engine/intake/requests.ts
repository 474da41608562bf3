/** People's requests: each is an inbox row with an actor, and whoever asked waits for the decision. */
import type { Actor } from '../../core/model/input.ts';
import type { Refusal } from '../../core/model/decision.ts';
import type { Request } from '../../core/verbs/table.ts';
import { pick } from '../../lib/pick.ts';
import type { Disposition, InboxRow, Reads } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { encode } from '../deciding/parsed.ts';
import type { Process } from '../deciding/process.ts';
import type { Writer } from '../deciding/writer.ts';

export interface AskedRequest {
  readonly actor: Actor;
  /** Null: the request opens an incident. */
  readonly incident: string | null;
  readonly request: Request;
  /** Prefixed by its token; the same key is the same request. Null: none. */
  readonly idempotencyKey: string | null;
  readonly origin: 'api' | 'cli';
}

export type RequestResult =
  | {
      readonly ok: true;
      readonly incident: string;
      /** Inbox row, for the audit. */ readonly row: string;
      readonly duplicate: boolean;
    }
  | ({ readonly ok: false } & Refusal);

export interface RequestsOptions {
  readonly writer: Writer;
  readonly decider: Pick<Process, 'whenDecided'>;
  readonly reads: Pick<Reads, 'inboxRow'>;
  readonly clock: Clock;
}

function resultOf(
  disposition: Disposition,
  row: { readonly id: string; readonly duplicate: boolean },
): RequestResult {
  switch (disposition.kind) {
    case 'decided':
      return {
        ok: true,
        incident: disposition.incidents[0] ?? '',
        row: row.id,
        duplicate: row.duplicate,
      };
    case 'refused':
      return { ok: false, ...pick(disposition, 'code', 'message', 'about') };
    default:
      return { ok: false, code: 'internal', message: `the request ended as ${disposition.kind}` };
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/**
 * Asks, and answers once the decision is committed. Rejects with `Overloaded` or `StoreUnavailable` when the request
 * could not be stored; it was not carried out then.
 */
export async function submitRequest(
  asked: AskedRequest,
  options: RequestsOptions,
): Promise<RequestResult> {
  const { clock, writer, reads } = options;
  const now = clock.now();
  const row: InboxRow = {
    id: clock.id(),
    origin: asked.origin,
    actor: asked.actor,
    source: null,
    deliveryId: asked.idempotencyKey,
    receivedAt: now,
    headers: {},
    body: encode({ incident: asked.incident, request: asked.request }),
    notBefore: 0,
    failures: 0,
  };
  // Before it is stored: the decision may come with the same commit.
  const decided = options.decider.whenDecided(row.id);
  const { duplicateOf } = await writer.intake(row).catch((error: unknown) => {
    decided.forget();
    throw error;
  });
  if (duplicateOf === null) return resultOf(await decided.done, { id: row.id, duplicate: false });
  decided.forget();
  const first = options.decider.whenDecided(duplicateOf);
  const known = await reads.inboxRow(duplicateOf);
  if (known !== null && !isSame(known.row.body, row.body)) {
    first.forget();
    return {
      ok: false,
      code: 'idempotency_key_reused',
      message: 'This Idempotency-Key was used for another request; use a new one for each request.',
    };
  }
  if (known === null || known.disposition.kind === 'undecided')
    return resultOf(await first.done, { id: duplicateOf, duplicate: true });
  first.forget();
  return resultOf(known.disposition, { id: duplicateOf, duplicate: true });
}
