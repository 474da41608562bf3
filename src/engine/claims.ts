/**
 * What incidents share, as the decisions of one turn look it up and change it: the addresses that ring, the vendors' keys
 * and the components of public pages. A decision says by asking what it needs; what was not read yet is read, and the
 * decision, which is pure, is made again.
 */
import type { Incident, Page, Ring } from '../core/incident.ts';
import type { Lookups, Ringing } from '../core/input.ts';
import { type AddressId, type ComponentId, encodeAddress } from '../core/keys.ts';
import type { ClaimsChange, Tx } from '../store/store.ts';
import {
  type ComponentClaimsOptions,
  createComponentClaims,
  type OnUnreadable,
} from './component-claims.ts';

/** Lookups that do not come from the store. */
export type OtherLookups = Omit<Lookups, 'ringAt' | 'isShared' | 'saidElsewhere'>;

/** A ring that somebody else's page may join: one that failed, was closed or is shared itself would swallow it. */
const HOLDS: ReadonlySet<Ring['status']> = new Set(['pending', 'accepted', 'confirmed', 'lost']);

function ringsOf(state: Incident, page: Page | undefined): readonly [AddressId, Ringing][] {
  const { person } = page ?? { person: null };
  if (page === undefined || person === null || page.state === 'closed' || state.kind === 'test')
    return [];
  const { team, service } = state.facts;
  return page.rings
    .filter(({ status }) => HOLDS.has(status))
    .map(({ target, key, address }) => [
      encodeAddress(address),
      {
        incident: state.id,
        page: page.id,
        person,
        target,
        key,
        urgency: page.urgency,
        since: page.requestedAt,
        team,
        service,
        parent: state.parent,
        acknowledged: page.state === 'acknowledged',
      },
    ]);
}

interface Changed {
  readonly was: ReadonlyMap<AddressId, Ringing>;
  readonly is: ReadonlyMap<AddressId, Ringing>;
  /** Another page of the incident rings on at the address. */
  readonly still: ReadonlyMap<AddressId, Ringing>;
  readonly gone: readonly AddressId[];
}

/** Addresses that ring for the pages which differ between the states; unchanged pages keep their identity. */
function changedRings(before: Incident | null, after: Incident): Changed {
  const was = new Map<AddressId, Ringing>();
  const is = new Map<AddressId, Ringing>();
  const isMoved = before !== null && before.parent !== after.parent;
  for (const page of Object.values(after.pages)) {
    const old = before?.pages[page.id];
    if (!isMoved && old === page) continue;
    for (const [address, ring] of before === null ? [] : ringsOf(before, old))
      was.set(address, ring);
    for (const [address, ring] of ringsOf(after, page)) is.set(address, ring);
  }
  return { was, is, ...leftOf(was, is, after) };
}

/** Of the addresses at which a page has ceased to ring: those where one that did not change rings on, and those where none does. */
function leftOf(
  was: ReadonlyMap<AddressId, Ringing>,
  is: ReadonlyMap<AddressId, Ringing>,
  after: Incident,
): Pick<Changed, 'still' | 'gone'> {
  const left = [...was.keys()].filter((key) => !is.has(key));
  if (left.length === 0) return { still: new Map(), gone: [] };
  const all = new Map(Object.values(after.pages).flatMap((page) => ringsOf(after, page)));
  return {
    still: new Map([...all].filter(([key]) => left.includes(key))),
    gone: left.filter((key) => !all.has(key)),
  };
}

/** What a change does to the addresses that ring for its incident. */
export function ringClaims(before: Incident | null, after: Incident): ClaimsChange {
  const { was, is, still, gone } = changedRings(before, after);
  const all = [...is, ...still].map(([key, ring]) => ({
    isNew: !still.has(key) && was.get(key)?.page !== ring.page,
    row: { kind: 'ring' as const, key, value: JSON.stringify(ring) },
  }));
  return {
    take: all.filter(({ isNew }) => isNew).map(({ row }) => row),
    renew: all.filter(({ isNew }) => !isNew).map(({ row }) => row),
    release: gone.map((key) => ({ kind: 'ring' as const, key })),
  };
}

interface KeyOfVendor {
  readonly target: string;
  readonly key: string;
}

const idOf = ({ target, key }: KeyOfVendor): string => JSON.stringify([target, key]);

/** What was read in this turn, kept in step with what it decides. */
interface Known {
  readonly rings: Map<AddressId, Ringing | null>;
  /** Incidents that hold a page under the vendor's key. */
  readonly holders: Map<string, Set<string>>;
  readonly missingRings: Set<AddressId>;
  readonly missingKeys: Map<string, KeyOfVendor>;
}

/** What `ringClaims` above wrote. Throws when a bad disk or a hand has left something else. */
function ringOf(text: string): Ringing {
  const ring = JSON.parse(text) as Partial<Ringing> | null;
  if (typeof ring?.incident !== 'string' || typeof ring.page !== 'string')
    throw new Error('it does not say what rings');
  return ring as Ringing;
}

async function readMissing(known: Known, tx: Tx, onUnreadable: OnUnreadable): Promise<void> {
  const addresses = [...known.missingRings];
  for (const address of addresses) known.rings.set(address, null);
  const rows = await tx.claims(addresses.map((key) => ({ kind: 'ring' as const, key })));
  for (const { key, value } of rows) {
    if (value === null) continue;
    try {
      // Written by `ringClaims` above, under such a key.
      known.rings.set(key as AddressId, ringOf(value));
    } catch (error) {
      // As if nobody rang there: the worst that follows is a page too many.
      onUnreadable(`the ring at ${key}`, error);
    }
  }
  for (const [id, { target, key }] of known.missingKeys) {
    const pages = await tx.pagesBy({ target, key });
    const open = pages.filter(({ state }) => state !== 'closed');
    known.holders.set(id, new Set(open.map(({ incident }) => incident)));
  }
}

function follow(known: Known, before: Incident | null, after: Incident): void {
  const { was, is, still, gone } = changedRings(before, after);
  for (const [address, ring] of still)
    if (known.rings.get(address)?.incident === after.id) known.rings.set(address, ring);
  for (const [address, ring] of is)
    if (was.get(address)?.page !== ring.page || known.rings.get(address)?.incident === after.id)
      known.rings.set(address, ring);
  for (const address of gone)
    if (known.rings.get(address)?.incident === after.id) known.rings.set(address, null);
  for (const page of Object.values(after.pages)) {
    if (before?.pages[page.id] === page) continue;
    for (const ring of page.rings) {
      const holders = known.holders.get(idOf(ring));
      if (page.state === 'closed') holders?.delete(after.id);
      else holders?.add(after.id);
    }
  }
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
  readonly tx: Tx;
}

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createClaims(options: ClaimsOptions): Claims {
  const { tx, onUnreadable } = options;
  const known: Known = {
    rings: new Map(),
    holders: new Map(),
    missingRings: new Set(),
    missingKeys: new Map(),
  };
  const components = createComponentClaims(options);
  const missing = [known.missingRings, known.missingKeys, components.missing];
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
          const ring = known.rings.get(address);
          if (ring === undefined) known.missingRings.add(address);
          return ring ?? null;
        },
        isShared: (ring: KeyOfVendor) => {
          const holders = known.holders.get(idOf(ring));
          if (holders === undefined) known.missingKeys.set(idOf(ring), ring);
          return [...(holders ?? [])].some((holder) => holder !== incident);
        },
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
        await readMissing(known, tx, onUnreadable);
        await components.readMissing();
      }
    },
  };
}
