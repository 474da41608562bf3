/**
 * A note beside what rings. Opsgenie takes a note before it writes it, and its answer says nothing of that: it is there once it
 * can be read. Nothing is remembered between two attempts, so each of them looks first, and writes what it does not see.
 */
import { asText, listOf, memberOf, readsAlike } from '../../src/contract/index.ts';
import type { Outcome, ReadResult, Rejection, Retry } from '../../src/contract/index.ts';
import { pathOf, read } from './api.ts';
import type { OpsgenieIo } from './api.ts';

/** How an alert is named in a path. */
export interface Named {
  readonly name: string;
  readonly type: 'alias' | 'id';
}

/** Notes in one answer; the newest come first, and what is looked for was written a moment ago. */
const NOTES_MAX = 100;

/** It is worked off within a second, as a rule. */
const LOOK_AGAIN_MS = 2_000;

/** `hidden`: the vendor shows nothing of any alert, to whomever has this key. */
type Shown = 'there' | 'missing' | 'no alert' | 'hidden';

/** Jira Service Management shows no alerts to an integration's key, be they there or not. */
async function whyNone(io: OpsgenieIo): Promise<ReadResult<Shown>> {
  const any = await read(io, '/v2/alerts', { limit: '1' });
  if (any.ok) return { ok: true, data: 'no alert' };
  return any.reason === 'not_found' ? { ok: true, data: 'hidden' } : any;
}

/** GET /v2/alerts/{identifier}/notes: https://docs.opsgenie.com/docs/alert-api (List Alert Notes) */
async function shown(
  { name, type }: Named,
  text: string,
  io: OpsgenieIo,
): Promise<ReadResult<Shown>> {
  const notes = await read(io, pathOf('v2', 'alerts', name, 'notes'), {
    identifierType: type,
    limit: String(NOTES_MAX),
    order: 'desc',
  });
  if (!notes.ok) return notes.reason === 'not_found' ? whyNone(io) : notes;
  const isThere = listOf(notes.data).some((one) =>
    readsAlike(asText(memberOf(one, 'note')) ?? '', text),
  );
  return { ok: true, data: isThere ? 'there' : 'missing' };
}

const PASSES: ReadonlySet<string> = new Set(['timeout', 'network', 'server_error', 'rate_limited']);

function unread({ reason, detail }: Extract<ReadResult<never>, { ok: false }>): Retry | Rejection {
  if (PASSES.has(reason)) return { verb: 'retry', reason, ambiguous: false, detail };
  const hint = 'Give the API integration read access: a note counts once it can be read there.';
  return { verb: 'reject', reason, detail, hint };
}

function noAlert(): Rejection {
  return {
    verb: 'reject',
    reason: 'not_found',
    detail: 'Opsgenie shows no open alert under the alias of this page',
    hint: 'Nothing has to be done: the page is looked for, and rings by itself where this one does not.',
  };
}

/** Delivered once it can be read; where nothing can be, the receipt is all there is. */
export async function noteOn(
  alert: Named,
  { text, write }: { readonly text: string; readonly write: () => Promise<Outcome> },
  io: OpsgenieIo,
): Promise<Outcome> {
  const found = await shown(alert, text, io);
  if (!found.ok) return unread(found);
  if (found.data === 'there') return { verb: 'delivered', receipt: 'confirmed' };
  if (found.data === 'no alert') return noAlert();
  const written = await write();
  if (found.data === 'hidden' || written.verb !== 'delivered') return written;
  return {
    verb: 'retry',
    reason: 'not_found',
    afterMs: LOOK_AGAIN_MS,
    ambiguous: true,
    detail: 'Opsgenie took the note; it is looked for before it counts',
  };
}
