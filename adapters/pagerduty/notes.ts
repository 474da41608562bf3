/**
 * A note beside what rings. What PagerDuty answers to a write may be lost on the way, and so may the write: a note counts once
 * it can be read there. Nothing is remembered between two attempts, so each looks first, and writes what it does not see.
 */
import { z } from 'zod';
import { jsonOf, readsAlike } from '../../src/contract/index.ts';
import type { HttpAnswered, Io, Outcome, ReadResult } from '../../src/contract/index.ts';
import { isSuccess, read, refusal, send } from './api.ts';
import type { Config } from './config.ts';
import { confirmed } from './incidents.ts';
import type { Incident } from './incidents.ts';
import { notRead } from './lacks.ts';
import { cut, DETAILS_MAX, orElse } from './text.ts';

/** A read right after the write may come from a copy that lags behind. */
const LOOK_AGAIN_MS = 2_000;

const note = z.object({ id: z.string().nullish().catch(null), content: z.string().catch('') });
const many = z.object({ notes: z.array(note) });
const one = z.object({ note });

/** A note as it was given, and by the id that PagerDuty gave it, if one is known: its words may be changed there. */
interface Sought {
  readonly path: string;
  readonly text: string;
  readonly id: string | null;
}

/** Whether it can be read. GET /incidents/{id}/notes: https://developer.pagerduty.com/api-reference (List notes) */
async function isThere({ path, text, id }: Sought, io: Io<Config>): Promise<ReadResult<boolean>> {
  const found = await read(io, { method: 'GET', path }, many);
  if (!found.ok) return found;
  const isIt = (each: z.infer<typeof note>): boolean =>
    (id !== null && each.id === id) || readsAlike(each.content, text);
  return { ok: true, data: found.data.notes.some(isIt) };
}

function idIn(answer: HttpAnswered): string | null {
  const parsed = one.safeParse(jsonOf(answer));
  return parsed.success ? (parsed.data.note.id ?? null) : null;
}

/**
 * Writes a note on an incident, at most once for each attempt; it rings nobody. Delivered once it can be read; `retry`
 * while it cannot. POST /incidents/{id}/notes: https://developer.pagerduty.com/api-reference (Create a note on an incident)
 */
export async function noteOn(
  incident: Pick<Incident, 'id' | 'html_url'>,
  words: string,
  io: Io<Config>,
): Promise<Outcome> {
  const text = cut(orElse(words, 'A note without words'), DETAILS_MAX);
  const path = `/incidents/${encodeURIComponent(incident.id)}/notes`;
  const before = await isThere({ path, text, id: null }, io);
  if (!before.ok) return notRead(before);
  if (before.data) return confirmed(incident);
  const answer = await send(io, { method: 'POST', path, json: { note: { content: text } } });
  if (!isSuccess(answer)) return refusal(answer, io.now);
  const after = await isThere({ path, text, id: idIn(answer) }, io);
  if (after.ok && after.data) return confirmed(incident);
  return {
    verb: 'retry',
    reason: after.ok ? 'not_found' : after.reason,
    afterMs: LOOK_AGAIN_MS,
    ambiguous: true,
    detail:
      'PagerDuty took the note, and it cannot be read there yet; it is looked for before it counts',
  };
}
