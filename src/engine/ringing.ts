/** What rings in open incidents, as the decisions of one turn look it up. */
import type { Incident } from '../core/incident.ts';
import type { Lookups, Ringing } from '../core/input.ts';
import type { Policy } from '../core/policy.ts';
import type { PageRow } from '../store/store.ts';
import { changedPageRows } from './page-rows.ts';

function asRinging(row: PageRow): Ringing | null {
  return row.person === null || row.state === 'closed' ? null : { ...row, person: row.person };
}

/**
 * The rings of open incidents, kept in step with what the turn decides. The list is changed in place: a storm opens
 * hundreds of incidents in a turn, and a new list for each of them would cost more than deciding.
 */
function createRingingView(rows: readonly PageRow[]) {
  const byRing = new Map<string, PageRow>();
  const places = new Map<string, number>();
  let ringing: Ringing[] = [];
  const list = (): void => {
    ringing = [];
    places.clear();
    for (const [id, row] of byRing) insert(id, asRinging(row));
  };
  const insert = (id: string, ring: Ringing | null): void => {
    if (ring !== null) places.set(id, ringing.push(ring) - 1);
  };
  const put = (row: PageRow): void => {
    const id = `${row.incident}|${row.page}|${row.target}|${row.key}`;
    byRing.set(id, row);
    const ring = asRinging(row);
    const place = places.get(id);
    if (place === undefined) insert(id, ring);
    else if (ring === null) list();
    else ringing[place] = ring;
  };
  rows.forEach(put);
  return {
    update: (changed: readonly PageRow[]): void => changed.forEach(put),
    ringing: (): readonly Ringing[] => ringing,
    sharedKeys: (incident: string): readonly string[] => {
      const keys = new Set<string>();
      for (const row of byRing.values())
        if (row.incident !== incident && row.state !== 'closed')
          keys.add(`${row.target}|${row.key}`);
      return [...keys];
    },
  };
}

type RingingView = ReturnType<typeof createRingingView>;

/** The view over the rows; it is built when a decision first asks, for that costs a pass over all rings. */
export function createRinging(policy: Policy) {
  let rows: readonly PageRow[] | null = null;
  let view: RingingView | null = null;
  const unseen: (readonly PageRow[])[] = [];
  const rings = (): RingingView => {
    if (rows === null) throw new Error('the workspace was used before it was prepared');
    view ??= createRingingView(rows);
    for (const changed of unseen.splice(0)) view.update(changed);
    return view;
  };
  return {
    isRead: (): boolean => rows !== null,
    read: (all: readonly PageRow[]): void => void (rows = all),
    changed: (before: Incident | null, after: Incident): void =>
      void unseen.push(changedPageRows(before, after, policy)),
    /** The lookups of one incident. */
    lookups: (incident: string, others: Omit<Lookups, 'ringing' | 'sharedKeys'>): Lookups =>
      Object.freeze({
        ...others,
        get ringing() {
          return rings().ringing();
        },
        get sharedKeys() {
          return rings().sharedKeys(incident);
        },
      }),
  };
}
