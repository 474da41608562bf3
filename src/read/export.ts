/**
 * An incident as one document that proves itself: its events with their hashes, what `show` tells of it, and the way from its
 * last event to a signed checkpoint. It is checked without a database.
 */
import type { z } from 'zod';
import { isoOf } from '../contract/instant.ts';
import { canonicalJson } from '../lib/hash.ts';
import { leafHash, rootByPath } from '../lib/merkle.ts';
import { incidentIdOf } from '../lib/incident-id.ts';
import { CHAIN_START, linkHash } from '../store/chain.ts';
import { isCheckpoint, isSigned } from '../store/signed-checkpoints.ts';
import type { Reads, StoredRecord } from '../store/store.ts';
import type { RecordProof, SignedHead, Signing } from '../store/signing.ts';
import { EXPORT, type IncidentExport } from './shapes.ts';
import { incidentView, type ViewContext, type ViewReads } from './views.ts';

type ExportReads = ViewReads & Pick<Reads, 'meta'>;

export interface ExportContext {
  readonly view: ViewContext;
  readonly now: number;
  /** Proves that the event with that hash was signed for. */
  readonly prove: (head: string) => Promise<RecordProof>;
}

/** An event that holds a secret is withheld as a whole: with other words in it, its hash would prove nothing. */
function exportedEvents(
  { links }: StoredRecord,
  redact: (text: string) => string,
): IncidentExport['events'] {
  return links.map(({ previous, hash, event }) => {
    const json = event === null ? '' : canonicalJson(event);
    const isShown = event !== null && redact(json) === json;
    return { previous, hash, event: isShown ? { ...event } : null };
  });
}

/** Null: there is no such incident. `id` may be `7` for `inc-7`. */
export async function exportIncident(
  reads: ExportReads,
  { view, now, prove }: ExportContext,
  id: string,
): Promise<IncidentExport | null> {
  const shown = await incidentView(reads, view, incidentIdOf(id));
  if (shown === null) return null;
  const record = await reads.record(shown.id);
  const { redact = (words: string) => words } = view;
  const policies = record.links.flatMap(({ event }) => (event === null ? [] : [event.policy]));
  return {
    format: EXPORT.shape.format.value,
    exportedAt: isoOf(now),
    instance: (await reads.meta('instance')) ?? '',
    incident: shown.id,
    shown,
    policies: [...new Set(policies)],
    events: exportedEvents(record, redact),
    proof: await prove(record.links.at(-1)?.hash ?? ''),
  };
}

/** What proves the record: the newest checkpoint, and exports. */
export interface RecordViews {
  checkpoint(): SignedHead;
  /** Null: there is no such incident. */
  export(incident: string): Promise<IncidentExport | null>;
}

/** The same of a store that is open, which signs for what is newest first. */
export function createRecordViews(
  { reads, signing }: { readonly reads: ExportReads; readonly signing: Signing },
  around: { readonly context: () => ViewContext; readonly now: () => number },
): RecordViews {
  const signFor = (now: number): void => {
    try {
      signing.sign(now);
    } catch {
      // It is said elsewhere that nothing can be signed, and the export says that it is not proved.
    }
  };
  return {
    checkpoint: signing.head,
    export: async (incident) => {
      const now = around.now();
      signFor(now);
      return exportIncident(reads, { view: around.context(), now, prove: signing.prove }, incident);
    },
  };
}

export interface CheckedExport {
  readonly incident: string;
  readonly events: number;
  /** Events that are not in it; the chain goes through them all the same. */
  readonly withheld: number;
  /** What is wrong, as sentences. */
  readonly broken: readonly string[];
  /** Signed at, and by which key; null: it is not proved. */
  readonly signed: { readonly at: string; readonly key: string } | null;
}

/** What of it is checked. */
const PROVED = EXPORT.omit({ shown: true }).loose();
type Proved = z.output<typeof PROVED>;

function brokenEvents({ incident, events }: Proved): readonly string[] {
  const broken: string[] = [];
  let previous = CHAIN_START;
  for (const [index, { event, ...link }] of events.entries()) {
    const name = `event ${index + 1}`;
    if (link.previous !== previous) broken.push(`${name} does not continue the event before it`);
    const isIts =
      event === null || (event['incident'] === incident && event['version'] === index + 1);
    if (!isIts) broken.push(`${name} is of another incident, or another place in it`);
    if (event !== null && link.hash !== linkHash(link.previous, canonicalJson(event)))
      broken.push(`${name} was changed after it was written`);
    previous = link.hash;
  }
  return broken;
}

function brokenProof(
  { proof: { inclusion, checkpoint }, events, instance }: Proved,
  key: string | null,
): readonly string[] {
  if (inclusion === null || checkpoint === null) return [];
  const head = events.at(-1)?.hash ?? '';
  const isLed = rootByPath(inclusion) === checkpoint.root && inclusion.leaf === leafHash(head);
  const wrong = [
    [
      isLed && inclusion.size === checkpoint.events,
      'the path of the proof does not lead from the last event to the checkpoint',
    ],
    [
      isCheckpoint(checkpoint) && isSigned(checkpoint),
      'the checkpoint was changed after it was signed',
    ],
    [
      key === null || checkpoint.key === key,
      `the checkpoint was signed by another key (${checkpoint.key})`,
    ],
    [checkpoint.instance === instance, 'the checkpoint is of another installation'],
  ] as const;
  return wrong.flatMap(([isRight, what]) => (isRight ? [] : [what]));
}

/** Checks a document by itself. @param key who must have signed; null: whoever it names @returns null: it is no export */
export function checkExport(document: string, key: string | null): CheckedExport | null {
  let given: unknown;
  try {
    given = JSON.parse(document);
  } catch {
    return null;
  }
  // What `show` tells is not proved, and may have fields that this release does not know.
  const read = PROVED.safeParse(given);
  if (!read.success) return null;
  const { events, incident, proof } = read.data;
  return {
    incident,
    events: events.length,
    withheld: events.filter(({ event }) => event === null).length,
    broken: [...brokenEvents(read.data), ...brokenProof(read.data, key)],
    signed:
      proof.checkpoint === null ? null : { at: proof.checkpoint.at, key: proof.checkpoint.key },
  };
}
