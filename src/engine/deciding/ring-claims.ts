/**
 * What rings where, as one turn reads and changes it: a claim per address tells under which of the vendors' keys it
 * rings, the rows of pages tell who holds such a key, and the states of their incidents tell whether it is so.
 */
import type { PageId } from '../../core/model/made-ids.ts';
import type { Incident, Page } from '../../core/model/incident.ts';
import { keyText } from '../../core/model/key-text.ts';
import { encodeStream, type AddressId } from '../../core/model/keys.ts';
import type { Lookups, Ringing } from '../../core/model/lookups.ts';
import { own } from '../../core/model/own.ts';
import { endedUnder, ringingOf, stateUnder } from '../../core/paging/joining.ts';
import type { ClaimRow, ClaimsChange, Tx } from '../../store/store.ts';
import type { OnUnreadable } from './component-claims.ts';

/** The incidents as the turn has them. */
export interface IncidentStates {
  /** Reads those that are not here yet. */
  prepare(incidents: readonly string[]): Promise<void>;
  /** Null: there is none, or it cannot be read; undefined: not read yet. */
  state(incident: string): Incident | null | undefined;
}

/** A key at a pager: one object there, whoever shares it. */
interface VendorKey {
  readonly target: string;
  readonly key: string;
}

/** The newest keys of an address; older ones have rung for so long that nothing joins them. */
const KEYS_AT_MOST = 4;
/** Pages under one key that are offered to be joined; the others are about the same ring. */
const OFFERED_AT_MOST = 4;
/** Pages under one key, of one state, that are read at first: in a storm ten thousand have joined one ring. */
const NEWEST = 32;

const idOf = ({ target, key }: VendorKey): string => encodeStream({ kind: 'ring', target, key });

/** Keys under which the incident's pages ring, by the address at which they do, the newest page last. */
function keysOf(state: Incident | null): ReadonlyMap<AddressId, readonly VendorKey[]> {
  const keys = new Map<AddressId, readonly VendorKey[]>();
  if (state === null) return keys;
  for (const page of Object.values(state.pages)) {
    const ringing = ringingOf(state, page);
    if (ringing === null) continue;
    const { address, target, key } = ringing;
    keys.set(address, [...(keys.get(address) ?? []), { target, key }]);
  }
  return keys;
}

/** Each address and key under which a page rings now and none did before, the newest last. */
function newRings(
  before: Incident | null,
  after: Incident,
): readonly (readonly [AddressId, VendorKey])[] {
  if (before?.pages === after.pages) return [];
  const was = keysOf(before);
  return [...keysOf(after)].flatMap(([address, keys]) => {
    const old = new Set(was.get(address)?.map(idOf));
    return keys.filter((key) => !old.has(idOf(key))).map((key) => [address, key] as const);
  });
}

/** The keys with one more in front, each once. */
function inFront(key: VendorKey, keys: readonly VendorKey[]): readonly VendorKey[] {
  return [key, ...keys.filter((one) => idOf(one) !== idOf(key))].slice(0, KEYS_AT_MOST);
}

/** What `takenBy` below wrote. Throws when a bad disk or a hand has left something else. */
function keysIn({ value }: ClaimRow): readonly VendorKey[] {
  const keys: unknown = JSON.parse(value ?? '[]');
  if (!Array.isArray(keys)) throw new Error('it does not say what rings');
  return keys.map((one: Partial<VendorKey> | null) => {
    if (typeof one?.target !== 'string' || typeof one.key !== 'string')
      throw new Error('it does not say under which key it rings');
    return { target: one.target, key: one.key };
  });
}

interface PageThere {
  readonly incident: string;
  readonly page: PageId;
  readonly state: Page['state'];
  readonly since: number;
}

const pageIdOf = ({ incident, page }: PageThere): string => keyText('page', incident, page);

/** Pages under one key, each once: those that were read, and what the turn has decided. A storm brings thousands, so they are in order. */
interface Under {
  readonly byId: Map<string, PageThere>;
  readonly newestFirst: PageThere[];
  /** How many of a state were asked for, and whether there are no others; absent: none were. */
  readonly read: Map<PageThere['state'], { readonly newest: number; readonly isWhole: boolean }>;
}

/** The newest pages under a key that are in a state. */
interface Wanted {
  readonly ring: VendorKey;
  readonly state: PageThere['state'];
  readonly newest: number;
}

/** Negative where the first one is newer. */
function byAge(a: PageThere, b: PageThere): number {
  if (a.since !== b.since) return b.since - a.since;
  if (a.incident !== b.incident) return a.incident > b.incident ? -1 : 1;
  return a.page > b.page ? -1 : 1;
}

/** The turn has decided about the page. */
function put(under: Under, page: PageThere): void {
  const { byId, newestFirst } = under;
  const before = byId.get(pageIdOf(page));
  if (before !== undefined) newestFirst.splice(newestFirst.indexOf(before), 1);
  byId.set(pageIdOf(page), page);
  const older = newestFirst.findIndex((one) => byAge(page, one) < 0);
  newestFirst.splice(older === -1 ? newestFirst.length : older, 0, page);
}

/** What is stored, but for what the turn has decided about since. */
function fill(under: Under, rows: readonly PageThere[]): void {
  for (const row of rows) {
    if (under.byId.has(pageIdOf(row))) continue;
    under.byId.set(pageIdOf(row), row);
    under.newestFirst.push(row);
  }
  under.newestFirst.sort(byAge);
}

export interface RingClaims {
  readonly missing: readonly { readonly size: number; clear(): void }[];
  /** The questions of a decision at the incident; what was not read yet counts as nothing and is missing from then on. */
  lookups(incident: string): Pick<Lookups, 'ringsAt' | 'isShared' | 'isAwaited' | 'endedUnder'>;
  readMissing(): Promise<void>;
  /** The turn has decided. */
  changed(before: Incident | null, after: Incident): void;
  /** The rows of addresses at which the incident rings anew. */
  takenBy(before: Incident | null, after: Incident): Promise<ClaimsChange['take']>;
}

export interface RingClaimsOptions {
  readonly tx: Pick<Tx, 'claims' | 'pages'>;
  readonly states: IncidentStates;
  readonly onUnreadable: OnUnreadable;
}

interface Known {
  /** The row of an address as it is stored, readable or not; null: there is none. */
  readonly rows: Map<AddressId, string | null>;
  /** Keys of an address: as stored, and as the turn has decided since. */
  readonly keys: Map<AddressId, readonly VendorKey[]>;
  readonly keysAt: Map<AddressId, readonly VendorKey[]>;
  /** By vendor's key. */
  readonly pages: Map<string, Under>;
  readonly missingAddresses: Set<AddressId>;
  readonly missingPages: Map<string, Wanted>;
  /** Incidents whose states are asked for. */
  readonly missingStates: Set<string>;
}

async function readKeys(known: Known, { tx, onUnreadable }: RingClaimsOptions): Promise<void> {
  const addresses = [...known.missingAddresses];
  for (const address of addresses) {
    known.keys.set(address, []);
    known.rows.set(address, null);
  }
  const rows = await tx.claims(addresses.map((key) => ({ kind: 'ring' as const, key })));
  for (const row of rows) {
    // Written by `takenBy` below, under such a key.
    const address = row.key as AddressId;
    known.rows.set(address, row.value);
    try {
      known.keys.set(address, keysIn(row));
    } catch (error) {
      // As if nobody rang there: the worst that follows is a page too many.
      onUnreadable(`the ring at ${row.key}`, error);
    }
  }
}

async function readPages(
  known: Known,
  { ring, state, newest }: Wanted,
  { tx }: RingClaimsOptions,
): Promise<void> {
  const under = underOf(known, idOf(ring));
  const rows = await tx.pages({ ...ring, state, newest });
  fill(under, rows);
  under.read.set(state, { newest, isWhole: rows.length < newest });
}

/** Reads what is missing and what will be asked for next: the pages under the keys of an address, and their incidents. */
async function readMissing(known: Known, options: RingClaimsOptions): Promise<void> {
  await readKeys(known, options);
  const keys = [...known.missingAddresses].flatMap((address) => keysAt(known, address));
  for (const key of keys) for (const state of HELD) pagesUnder(known, key, state);
  for (const wanted of known.missingPages.values()) await readPages(known, wanted, options);
  const offered = keys.flatMap((key) => firstOf(openPages(known, key, null), OFFERED_AT_MOST));
  await options.states.prepare([
    ...offered.map(({ incident }) => incident),
    ...known.missingStates,
  ]);
}

function keysAt(known: Known, address: AddressId): readonly VendorKey[] {
  const stored = known.keys.get(address);
  if (stored === undefined) known.missingAddresses.add(address);
  return (known.keysAt.get(address) ?? []).reduceRight(
    (keys, key) => inFront(key, keys),
    stored ?? [],
  );
}

function firstOf<T>(all: Iterable<T>, most: number): readonly T[] {
  const found: T[] = [];
  for (const one of all) {
    if (found.length === most) break;
    found.push(one);
  }
  return found;
}

function underOf({ pages }: Known, id: string): Under {
  const known = pages.get(id) ?? { byId: new Map(), newestFirst: [], read: new Map() };
  pages.set(id, known);
  return known;
}

/** A page that is in one of these holds its ring; who has not answered yet comes first. */
const HELD = ['open', 'acknowledged'] as const;

/** The newest pages under the vendor's key that are in the state, the newest first. */
function pagesUnder(
  known: Known,
  ring: VendorKey,
  state: PageThere['state'],
): readonly PageThere[] {
  const { newestFirst, read } = underOf(known, idOf(ring));
  if (!read.has(state)) want(known, { ring, state, newest: NEWEST });
  return newestFirst.filter((one) => one.state === state);
}

function want(known: Known, wanted: Wanted): void {
  known.missingPages.set(`${wanted.state} ${idOf(wanted.ring)}`, wanted);
}

/** Whether any page of another incident is in the state. Where the newest are not, all are asked for, step by step. */
function isElsewhere(
  known: Known,
  { ring, state }: Omit<Wanted, 'newest'>,
  incident: string,
): boolean {
  if (pagesUnder(known, ring, state).some((one) => one.incident !== incident)) return true;
  const read = underOf(known, idOf(ring)).read.get(state);
  if (read?.isWhole === false) want(known, { ring, state, newest: read.newest * 4 });
  return false;
}

/** Those of other incidents that are not closed. */
function* openPages(
  known: Known,
  ring: VendorKey,
  incident: string | null,
): Generator<PageThere, void> {
  for (const state of HELD)
    for (const page of pagesUnder(known, ring, state)) if (page.incident !== incident) yield page;
}

/** What rings at the address by pages under the key, as the states of their incidents have it: nothing else is believed. */
function ringingUnder(
  known: Known,
  at: { readonly address: AddressId; readonly key: VendorKey; readonly states: IncidentStates },
  incident: string,
): readonly Ringing[] {
  const found: Ringing[] = [];
  let unread = 0;
  for (const one of openPages(known, at.key, incident)) {
    if (found.length + unread === OFFERED_AT_MOST) break;
    const state = at.states.state(one.incident);
    if (state === undefined) {
      known.missingStates.add(one.incident);
      unread += 1;
    }
    const page = state == null ? undefined : own(state.pages, one.page);
    const ringing = state == null || page === undefined ? null : ringingOf(state, page);
    if (ringing !== null && idOf(ringing) === idOf(at.key)) found.push(ringing);
  }
  return found;
}

/** How the newest pages of other incidents ended, as the states of those tell it. */
function endedElsewhere(
  known: Known,
  states: IncidentStates,
  asked: { readonly ring: VendorKey; readonly incident: string },
): readonly (string | null)[] {
  const ended = (['acknowledged', 'closed'] as const)
    .flatMap((state) => pagesUnder(known, asked.ring, state))
    .filter(({ incident }) => incident !== asked.incident);
  return [...new Set(ended.map(({ incident }) => incident))].flatMap((incident) => {
    const state = states.state(incident);
    if (state === undefined) known.missingStates.add(incident);
    return state == null ? [] : endedUnder(state, asked.ring, null);
  });
}

function follow(known: Known, before: Incident | null, after: Incident): void {
  for (const [address, key] of newRings(before, after))
    known.keysAt.set(address, inFront(key, known.keysAt.get(address) ?? []));
  for (const page of Object.values(after.pages)) {
    if (before?.pages[page.id] === page) continue;
    const there = { incident: after.id, page: page.id, since: page.requestedAt };
    for (const ring of page.rings)
      put(underOf(known, idOf(ring)), { ...there, state: stateUnder(page, ring) });
  }
}

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createRingClaims(options: RingClaimsOptions): RingClaims {
  const { states } = options;
  const known: Known = {
    rows: new Map(),
    keys: new Map(),
    keysAt: new Map(),
    pages: new Map(),
    missingAddresses: new Set(),
    missingPages: new Map(),
    missingStates: new Set(),
  };
  return {
    missing: [known.missingAddresses, known.missingPages, known.missingStates],
    readMissing: () => readMissing(known, options),
    changed: (before, after) => follow(known, before, after),
    lookups: (incident) => ({
      ringsAt: (address) =>
        keysAt(known, address).flatMap((key) =>
          ringingUnder(known, { address, key, states }, incident),
        ),
      isShared: (ring) => HELD.some((state) => isElsewhere(known, { ring, state }, incident)),
      isAwaited: (ring) => isElsewhere(known, { ring, state: 'open' }, incident),
      endedUnder: (ring) => endedElsewhere(known, states, { ring, incident }),
    }),
    takenBy: async (before, after) => {
      const addresses = new Set(newRings(before, after).map(([address]) => address));
      for (const address of addresses)
        if (!known.keys.has(address)) known.missingAddresses.add(address);
      await readKeys(known, options);
      known.missingAddresses.clear();
      return [...addresses].map((key) => {
        const was = known.rows.get(key) ?? null;
        const value = JSON.stringify(keysAt(known, key));
        // The next incident of this turn that rings there finds what this one writes.
        known.rows.set(key, value);
        return { kind: 'ring' as const, key, value, was };
      });
    },
  };
}
