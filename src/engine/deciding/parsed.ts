/** From an inbox row to what it says, by the adapter of its source or, for our own rows, by our own format. */
import { cutText } from '../../contract/bounded.ts';
import { encodeTold } from '../../core/model/arriving-keys.ts';
import type { Observation } from '../../core/model/alert.ts';
import type { Told } from '../../core/model/input.ts';
import type { Request } from '../../core/verbs/table.ts';
import type { InboxRow } from '../../store/store.ts';
import type { Setup } from '../setup.ts';

export type ParsedRow = { readonly row: InboxRow } & (
  | {
      readonly kind: 'observations';
      readonly observations: readonly Observation[];
      /** How whole the delivery is; null: it is none of a sender who could leave something out. */
      readonly told: Told | null;
    }
  | { readonly kind: 'request'; readonly incident: string | null; readonly request: Request }
  | { readonly kind: 'canary' }
  | { readonly kind: 'unparsed'; readonly reason: string }
  | { readonly kind: 'ignored'; readonly note: string }
);

/** What a request row holds; the actor stands in the row. */
export interface RequestBody {
  readonly incident: string | null;
  readonly request: Request;
}

const NOTE_MAX = 1_000;
const GROUP_MAX = 500;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The bytes of a row that we write ourselves. */
export function encode(body: RequestBody | Observation): Uint8Array {
  return encoder.encode(JSON.stringify(body));
}

function ownJson<T>(row: InboxRow): T {
  // Written by `encode` above and nothing else, in this or an earlier version.
  return JSON.parse(decoder.decode(row.body)) as T;
}

function fromSource(row: InboxRow, setup: Setup): ParsedRow {
  const part = row.source === null ? undefined : setup.sources[row.source];
  const source = part?.adapter.source;
  if (part === undefined || source === undefined)
    return {
      row,
      kind: 'unparsed',
      reason: `source ${row.source ?? '(none)'} is no longer configured; its last deliveries could not be read`,
    };
  const result = source.parse({ headers: row.headers, body: row.body }, part.config);
  if (!result.ok) return { row, kind: 'unparsed', reason: cutText(result.reason, NOTE_MAX) };
  const { observations, ignored, truncated, group } = result.parsed;
  if (observations.length > 0)
    return {
      row,
      kind: 'observations',
      observations,
      told: {
        source: part.name,
        group: encodeTold({
          source: part.name,
          group: group === undefined ? null : cutText(group, GROUP_MAX),
        }),
        leftOut: truncated,
      },
    };
  const why = ignored.slice(0, 3).map(({ what, reason }) => `${what}: ${reason}`);
  return { row, kind: 'ignored', note: cutText(why.join('; '), NOTE_MAX) || 'nothing in it' };
}

function read(row: InboxRow, setup: Setup): ParsedRow {
  switch (row.origin) {
    case 'webhook':
      return fromSource(row, setup);
    case 'poll':
    case 'self':
    case 'read_back':
    case 'held':
      return {
        row,
        kind: 'observations',
        observations: [ownJson<Observation>(row)],
        told: null,
      };
    case 'canary':
      return { row, kind: 'canary' };
    case 'api':
    case 'cli':
      return { row, kind: 'request', ...ownJson<RequestBody>(row) };
  }
}

/** Total: an adapter whose parser throws has a bug, and the delivery is one that could not be parsed. */
export function parseRow(row: InboxRow, setup: Setup): ParsedRow {
  try {
    return read(row, setup);
  } catch (error) {
    return {
      row,
      kind: 'unparsed',
      reason: `the parser failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
