/**
 * The hash chain over an incident's events: each hash covers the event and the hash before it, so that an event that was
 * edited, removed, added or moved afterwards shows. Removing the last ones shows against the incident's version.
 */
import { hash } from 'node:crypto';
import { canonicalJson } from '../lib/hash.ts';
import type { ChainLink, Reads, StoredRecord } from './store.ts';

/** What the first event of an incident has for a previous hash. */
export const CHAIN_START = '0'.repeat(64);

export type ChainCheck =
  | { readonly intact: true }
  | { readonly intact: false; readonly version: number; readonly why: string };

/** @param json the event as `canonicalJson` writes it */
export function linkHash(previous: string, json: string): string {
  return hash('sha256', `${previous}\n${json}`, 'hex');
}

/**
 * Recomputes the chain of one incident.
 * @param links in order of version, as `Reads.timeline` returns them
 * @param version the incident's version, as `Reads.incident` returns it
 */
export function checkChain(links: readonly ChainLink[], version: number): ChainCheck {
  let previous = CHAIN_START;
  for (const [index, link] of links.entries()) {
    const expected = index + 1;
    const broken = (why: string): ChainCheck => ({ intact: false, version: expected, why });
    if (link.event.version !== expected)
      return broken(`expected version ${expected}, found ${link.event.version}`);
    if (link.previous !== previous) return broken('does not continue the event before it');
    if (link.hash !== linkHash(previous, canonicalJson(link.event)))
      return broken('was changed after it was written');
    previous = link.hash;
  }
  if (links.length !== version)
    return {
      intact: false,
      version: links.length + 1,
      why: `the incident is at version ${version}, the events end at ${links.length}`,
    };
  return { intact: true };
}

function isReadable(link: StoredRecord['links'][number]): link is ChainLink {
  return link.event !== null;
}

/** Recomputes the chain of all that is stored of an incident, and compares its end with the incident's row. */
export function checkRecord({ end, links, missing }: StoredRecord): ChainCheck {
  if (missing !== null) return { intact: false, version: 1, why: missing };
  if (end === null)
    return { intact: false, version: 1, why: 'the incident was removed, its events are left' };
  const readable = links.filter(isReadable);
  const unreadable = links.findIndex((link) => link.event === null);
  if (unreadable >= 0) {
    const before = checkChain(readable.slice(0, unreadable), unreadable);
    if (!before.intact) return before;
    return { intact: false, version: unreadable + 1, why: 'cannot be read' };
  }
  const chain = checkChain(readable, end.version);
  if (!chain.intact || (links.at(-1)?.hash ?? CHAIN_START) === end.hash) return chain;
  const why = 'is not the one with which the incident ended';
  return { intact: false, version: end.version, why };
}

/** What the records of all incidents come to. */
export interface VerifiedRecords {
  readonly incidents: number;
  readonly events: number;
  /** The first place at which each record is not as it was written. */
  readonly broken: readonly {
    readonly incident: string;
    readonly version: number;
    readonly why: string;
  }[];
}

/**
 * Recomputes the record of every incident there is.
 * @param isHereOnly those that are archived are counted, and not looked at
 */
export async function verifyRecords(
  reads: Pick<Reads, 'record' | 'nextRecord'>,
  { isHereOnly = false }: { readonly isHereOnly?: boolean } = {},
): Promise<VerifiedRecords> {
  const broken: VerifiedRecords['broken'][number][] = [];
  let [incidents, events] = [0, 0];
  let id = await reads.nextRecord('');
  while (id !== null) {
    const record = await reads.record(id);
    const isPassed = isHereOnly && record.archive !== null;
    const check: ChainCheck = isPassed ? { intact: true } : checkRecord(record);
    if (!check.intact) broken.push({ incident: id, version: check.version, why: check.why });
    incidents += 1;
    events += record.links.length;
    id = await reads.nextRecord(id);
  }
  return { incidents, events, broken };
}
