/**
 * What open incidents say about the components of public pages, as one turn reads and changes it. The claim of a component
 * is one row with all that is said about it, held by whoever says the worst.
 */
import { componentsHeld, worstHeld } from '../core/components.ts';
import type { Incident } from '../core/incident.ts';
import type { ComponentHeld } from '../core/input.ts';
import type { ComponentId } from '../core/keys.ts';
import { COMPONENT_STATUSES, type ComponentStatus } from '../core/policy.ts';
import type { ClaimsChange, Tx } from '../store/store.ts';

/** Told of what is stored about a shared thing and cannot be read. */
export type OnUnreadable = (what: string, error: unknown) => void;

/** Status by incident. */
type Said = Map<string, ComponentStatus>;

function isStatus(value: unknown): value is ComponentStatus {
  return (COMPONENT_STATUSES as readonly unknown[]).includes(value);
}

/** What `changeOf` below wrote. Throws when a bad disk or a hand has left something else. */
function saidIn(text: string): Said {
  const said: Said = new Map();
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null)
    throw new Error('it does not say what incidents say');
  for (const [incident, status] of Object.entries(parsed)) {
    if (!isStatus(status)) throw new Error(`it does not say what ${incident} says`);
    said.set(incident, status);
  }
  return said;
}

const worstOf = (said: ReadonlyMap<string, ComponentStatus>, except: string | null) =>
  worstHeld(
    [...said]
      .filter(([incident]) => incident !== except)
      .map(([incident, status]) => ({ incident, status })),
  );

/** Components about which the incident says something else than before; null: it says nothing any more. */
function changes(
  before: Incident | null,
  after: Incident,
): ReadonlyMap<ComponentId, ComponentStatus | null> {
  const isSame =
    before !== null &&
    before.publicPages === after.publicPages &&
    before.drafts === after.drafts &&
    before.phase === after.phase;
  if (isSame) return new Map();
  const was = before === null ? new Map<ComponentId, ComponentHeld>() : componentsHeld(before);
  const is = componentsHeld(after);
  const changed = new Map<ComponentId, ComponentStatus | null>();
  for (const id of was.keys()) if (!is.has(id)) changed.set(id, null);
  for (const [id, { status }] of is) if (was.get(id)?.status !== status) changed.set(id, status);
  return changed;
}

export interface ComponentClaims {
  /** The worst that another incident says; what was not read yet counts as nothing and is missing from then on. */
  heldByOther(component: ComponentId, incident: string): ComponentHeld | null;
  readonly missing: Set<ComponentId>;
  readMissing(): Promise<void>;
  /** The turn has decided. */
  changed(before: Incident | null, after: Incident): void;
  /** What the change of an incident does to the rows. */
  changeOf(before: Incident | null, after: Incident): Promise<ClaimsChange>;
}

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createComponentClaims(
  tx: Pick<Tx, 'claims'>,
  onUnreadable: OnUnreadable,
): ComponentClaims {
  const stored = new Map<ComponentId, Said>();
  /** What the turn has decided, whether its component was read or not. */
  const decided = new Map<ComponentId, Map<string, ComponentStatus | null>>();
  const missing = new Set<ComponentId>();

  const now = (component: ComponentId): Said => {
    const said = new Map(stored.get(component));
    for (const [incident, status] of decided.get(component) ?? [])
      if (status === null) said.delete(incident);
      else said.set(incident, status);
    return said;
  };
  const read = async (components: readonly ComponentId[]): Promise<void> => {
    const unread = components.filter((component) => !stored.has(component));
    for (const component of unread) stored.set(component, new Map());
    const rows = await tx.claims(unread.map((key) => ({ kind: 'component' as const, key })));
    for (const { key, value } of rows) {
      try {
        // Written by `changeOf` below, under such a key.
        stored.set(key as ComponentId, saidIn(value ?? '{}'));
      } catch (error) {
        // As if no other incident said anything: each says it again with its next post.
        onUnreadable(`what is said about ${key}`, error);
      }
    }
  };
  return {
    missing,
    heldByOther: (component, incident) => {
      if (!stored.has(component)) missing.add(component);
      return worstOf(now(component), incident);
    },
    readMissing: () => read([...missing]),
    changed: (before, after) => {
      for (const [component, status] of changes(before, after)) {
        const said = decided.get(component) ?? new Map<string, ComponentStatus | null>();
        decided.set(component, said.set(after.id, status));
      }
    },
    changeOf: async (before, after) => {
      const components = [...changes(before, after).keys()];
      await read(components);
      const take = components.flatMap((key) => {
        const said = now(key);
        const holder = worstOf(said, null)?.incident;
        const value = JSON.stringify(Object.fromEntries(said));
        return holder === undefined ? [] : [{ kind: 'component' as const, key, holder, value }];
      });
      const kept = new Set(take.map(({ key }) => key));
      const gone = components.filter((key) => !kept.has(key));
      return { take, renew: [], release: gone.map((key) => ({ kind: 'component', key })) };
    },
  };
}
