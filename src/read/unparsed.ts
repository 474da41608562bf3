/** The deliveries that an incident is about because nobody could read them: how each of them begins, as it came. */
import { isoOf } from '../contract/instant.ts';
import type { EventOf } from '../core/model/event.ts';
import { rowOfInput } from '../core/model/arriving-keys.ts';
import { withoutControls } from '../core/model/plain.ts';
import type { ChainLink, Reads } from '../store/store.ts';
import type { IncidentView } from './shapes.ts';

/** How many are shown, the newest. */
const SHOWN_MAX = 5;
/** Characters of a body. */
const BEGINNING_MAX = 1_000;

export interface UnparsedContext {
  readonly reads: Pick<Reads, 'inboxRow'>;
  /** Takes secrets out of a text that was cut off. */
  readonly redact: (text: string) => string;
}

type Unparsed = IncidentView['unparsed'];
type UnparsedEvent = EventOf<'DeliveriesUnparsed'>;

/** Of a body of megabytes no more than this is read: a character is four bytes at most. */
const READ_BYTES_MAX = 4 * BEGINNING_MAX;

function begins(body: Uint8Array, redact: UnparsedContext['redact']) {
  const text = redact(new TextDecoder().decode(body.subarray(0, READ_BYTES_MAX)));
  return {
    bytes: body.byteLength,
    beginning: withoutControls(text.slice(0, BEGINNING_MAX).toWellFormed()),
    isCut: body.byteLength > READ_BYTES_MAX || text.length > BEGINNING_MAX,
  };
}

const GONE = { bytes: null, beginning: null, isCut: false };

async function shownOf(
  event: UnparsedEvent,
  { reads, redact }: UnparsedContext,
): Promise<Unparsed['list'][number]> {
  const id = rowOfInput(event.input);
  const row = (await reads.inboxRow(id))?.row ?? null;
  return {
    row: id,
    at: isoOf(event.at),
    source: event.source,
    reason: event.reason,
    count: event.count,
    contentType: row?.headers['content-type'] ?? null,
    ...(row === null ? GONE : begins(row.body, redact)),
  };
}

/** What an incident was told of deliveries that could not be read; the bodies are gone once `retention.bodies` is over. */
export async function unparsedOf(
  links: readonly ChainLink[],
  context: UnparsedContext,
): Promise<Unparsed> {
  const told = links.flatMap(({ event }) => (event.type === 'DeliveriesUnparsed' ? [event] : []));
  const list: Unparsed['list'][number][] = [];
  for (const event of told.slice(-SHOWN_MAX)) list.push(await shownOf(event, context));
  return { total: told.reduce((sum, { count }) => sum + count, 0), list };
}
