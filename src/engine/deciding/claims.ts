/**
 * What incidents share, as the decisions of one turn look it up and change it: the addresses that ring, the vendors' keys
 * and the components of public pages. A decision says by asking what it needs; what was not read yet is read, and the
 * decision, which is pure, is made again.
 */
import type { Incident, Page } from '../../core/model/incident.ts';
import type { Lookups, Ringing } from '../../core/model/lookups.ts';
import { endedUnder, ringingOf } from '../../core/paging/joining.ts';
import type { AddressId, ComponentId } from '../../core/model/keys.ts';
import type { ClaimsChange, Tx } from '../../store/store.ts';
import {
  type ComponentClaimsOptions,
  createComponentClaims,
  type OnUnreadable,
} from './component-claims.ts';

/** Lookups that do not come from the store. */
export type OtherLookups = Omit<
  Lookups,
  'ringAt' | 'isShared' | 'isAwaited' | 'endedUnder' | 'saidElsewhere'
>;

type ClaimReads = Pick<Tx, 'claims' | 'pagesBy'>;

/** The incidents as the turn has them. */
export interface States {
  /** Reads those that are not here yet. */
  prepare(incidents: readonly string[]): Promise<void>;
  /** Null: there is none, or it cannot be read; undefined: not read yet. */
  state(incident: string): Incident | null | undefined;
}

/** The pages that ring, by the address at which they do, the newest last. */
function ringingPages(state: Incident | null): ReadonlyMap<AddressId, readonly string[]> {
  const pages = new Map<AddressId, string[]>();
  for (const page of Object.values(state?.pages ?? {})) {
    const ringing = state === null ? null : ringingOf(state, page);
    if (ringing === null) continue;
    const there = pages.get(ringing.address) ?? [];
    pages.set(ringing.address, [...there, page.id]);
  }
  return pages;
}

interface Rings {
  /** Addresses by which another page rings than before; new is one that did not ring there. */
  readonly held: readonly {
    readonly address: AddressId;
    readonly page: string;
    readonly isNew: boolean;
  }[];
  /** Addresses by which none rings any more. */
  readonly gone: readonly AddressId[];
  readonly isLast: boolean;
}

function changedRings(before: Incident | null, after: Incident): Rings {
  if (before?.pages === after.pages) return { held: [], gone: [], isLast: false };
  const was = ringingPages(before);
  const is = ringingPages(after);
  const held = [...is].flatMap(([address, pages]) => {
    const page = pages.at(-1);
    const old = was.get(address) ?? [];
    if (page === undefined || old.at(-1) === page) return [];
    return [{ address, page, isNew: !old.includes(page) }];
  });
  const gone = [...was.keys()].filter((address) => !is.has(address));
  return { held, gone, isLast: gone.length > 0 && is.size === 0 };
}

/** What a change does to the addresses that ring for its incident. */
export function ringClaims(before: Incident | null, after: Incident): ClaimsChange {
  const { held, gone, isLast } = changedRings(before, after);
  const all = held.map(({ address, page, isNew }) => ({
    isNew,
    row: { kind: 'ring' as const, key: address, value: JSON.stringify({ page }) },
  }));
  // With its last ring it gives up all that it holds, also under keys that an older release wrote.
  const keys = isLast ? [null] : gone;
  return {
    take: all.filter(({ isNew }) => isNew).map(({ row }) => row),
    renew: all.filter(({ isNew }) => !isNew).map(({ row }) => row),
    release: keys.map((key) => ({ kind: 'ring' as const, key })),
  };
}

interface KeyOfVendor {
  readonly target: string;
  readonly key: string;
}

const idOf = ({ target, key }: KeyOfVendor): string => JSON.stringify([target, key]);
const placeOf = ({ incident, page }: Holder): string => JSON.stringify([incident, page]);

/** A page whose ring holds an address. What it rings is told by the state of its incident, and by nothing else. */
interface Holder {
  readonly incident: string;
  readonly page: string;
}

interface PageThere extends Holder {
  readonly state: Page['state'];
}

/** What was read in this turn, kept in step with what it decides. */
interface Known {
  readonly rings: Map<AddressId, Holder | null>;
  /** Pages under the vendor's key. */
  readonly pages: Map<string, Map<string, PageThere>>;
  readonly missingRings: Set<AddressId>;
  readonly missingKeys: Map<string, KeyOfVendor>;
  /** Incidents whose states are asked for. */
  readonly missingStates: Set<string>;
}

/** What `ringClaims` above wrote. Throws when a bad disk or a hand has left something else. */
function pageOf(text: string): string {
  const claim = JSON.parse(text) as { readonly page?: unknown } | null;
  if (typeof claim?.page !== 'string') throw new Error('it does not say what rings');
  return claim.page;
}

async function readRings(known: Known, tx: ClaimReads, onUnreadable: OnUnreadable): Promise<void> {
  const addresses = [...known.missingRings];
  for (const address of addresses) known.rings.set(address, null);
  const rows = await tx.claims(addresses.map((key) => ({ kind: 'ring' as const, key })));
  for (const { key, holder, value } of rows) {
    if (value === null) continue;
    try {
      // Written by `ringClaims` above, under such a key.
      known.rings.set(key as AddressId, { incident: holder, page: pageOf(value) });
    } catch (error) {
      // As if nobody rang there: the worst that follows is a page too many.
      onUnreadable(`the ring at ${key}`, error);
    }
  }
}

async function readPages(known: Known, tx: ClaimReads): Promise<void> {
  for (const [id, { target, key }] of known.missingKeys) {
    const pages = await tx.pagesBy({ target, key });
    known.pages.set(id, new Map(pages.map((page) => [placeOf(page), page])));
  }
}

/** Reads what is missing, and the incidents that hold it. */
async function readMissing(
  known: Known,
  from: { readonly tx: ClaimReads; readonly states: States; readonly onUnreadable: OnUnreadable },
): Promise<void> {
  await readRings(known, from.tx, from.onUnreadable);
  await readPages(known, from.tx);
  const holders = [...known.missingRings].flatMap((address) => {
    const holder = known.rings.get(address);
    return holder == null ? [] : [holder.incident];
  });
  await from.states.prepare([...holders, ...known.missingStates]);
}

function follow(known: Known, before: Incident | null, after: Incident): void {
  const { held, gone } = changedRings(before, after);
  const isOurs = (address: AddressId): boolean => known.rings.get(address)?.incident === after.id;
  for (const { address, page, isNew } of held)
    if (isNew || isOurs(address)) known.rings.set(address, { incident: after.id, page });
  for (const address of gone) if (isOurs(address)) known.rings.set(address, null);
  for (const page of Object.values(after.pages)) {
    if (before?.pages[page.id] === page) continue;
    const there = { incident: after.id, page: page.id, state: page.state };
    for (const ring of page.rings) known.pages.get(idOf(ring))?.set(placeOf(there), there);
  }
}

/** What rings by the address, as the holder's state has it now: a claim that it does not bear out is believed by nobody. */
function ringingAt(
  address: AddressId,
  holder: Holder,
  states: Pick<States, 'state'>,
): Ringing | null {
  const state = states.state(holder.incident);
  const page = state?.pages[holder.page];
  const ringing = state == null || page === undefined ? null : ringingOf(state, page);
  return ringing?.address === address ? ringing : null;
}

/** Pages of other incidents under the vendor's key. */
function pagesOfOthers(known: Known, ring: KeyOfVendor, incident: string): readonly PageThere[] {
  const pages = known.pages.get(idOf(ring));
  if (pages === undefined) known.missingKeys.set(idOf(ring), ring);
  return [...(pages?.values() ?? [])].filter((page) => page.incident !== incident);
}

/** How they ended, as the states of their incidents tell it. */
function endedElsewhere(
  known: Known,
  ring: KeyOfVendor,
  asked: { readonly incident: string; readonly states: Pick<States, 'state'> },
): readonly (string | null)[] {
  const ended = pagesOfOthers(known, ring, asked.incident).filter(({ state }) => state !== 'open');
  return [...new Set(ended.map(({ incident }) => incident))].flatMap((incident) => {
    const state = asked.states.state(incident);
    if (state === undefined) known.missingStates.add(incident);
    return state == null ? [] : endedUnder(state, ring, null);
  });
}

export interface Claims {
  lookups(incident: string, others: OtherLookups): Lookups;
  /** Asks the pure question until everything that it looks up has been read. Throws what it throws. */
  answer<T>(ask: () => T): Promise<T>;
  /** The turn has decided. */
  changed(before: Incident | null, after: Incident): void;
  /** What the change of an incident does to the claims on addresses and components. */
  changeOf(before: Incident | null, after: Incident): ClaimsChange;
}

export interface ClaimsOptions extends ComponentClaimsOptions {
  readonly tx: ClaimReads;
  readonly states: States;
}

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createClaims(options: ClaimsOptions): Claims {
  const { tx, states, onUnreadable } = options;
  const known: Known = {
    rings: new Map(),
    pages: new Map(),
    missingRings: new Set(),
    missingKeys: new Map(),
    missingStates: new Set(),
  };
  const components = createComponentClaims(options);
  const missing = [known.missingRings, known.missingKeys, known.missingStates, components.missing];
  const isComplete = (): boolean => missing.every(({ size }) => size === 0);
  return {
    changed: (before, after) => {
      follow(known, before, after);
      components.changed(before, after);
    },
    changeOf: (before, after) => {
      const rings = ringClaims(before, after);
      const others = components.changeOf(before, after);
      return {
        take: [...rings.take, ...others.take],
        renew: rings.renew,
        release: [...rings.release, ...others.release],
      };
    },
    lookups: (incident, others) =>
      Object.freeze({
        ...others,
        ringAt: (address: AddressId) => {
          const holder = known.rings.get(address);
          if (holder === undefined) known.missingRings.add(address);
          return holder == null ? null : ringingAt(address, holder, states);
        },
        isShared: (ring: KeyOfVendor) =>
          pagesOfOthers(known, ring, incident).some((page) => page.state !== 'closed'),
        isAwaited: (ring: KeyOfVendor) =>
          pagesOfOthers(known, ring, incident).some((page) => page.state === 'open'),
        endedUnder: (ring: KeyOfVendor) => endedElsewhere(known, ring, { incident, states }),
        saidElsewhere: (component: ComponentId) => components.saidElsewhere(component, incident),
      }),
    answer: async (ask) => {
      for (;;) {
        for (const one of missing) one.clear();
        try {
          const answer = ask();
          if (isComplete()) return answer;
        } catch (error) {
          if (isComplete()) throw error;
        }
        await readMissing(known, { tx, states, onUnreadable });
        await components.readMissing();
      }
    },
  };
}
