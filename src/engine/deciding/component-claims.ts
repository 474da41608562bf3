/** What incidents say about the components of public pages, as one turn reads and changes it: a claim each. */
import { componentsSaid } from '../../core/publishing/components.ts';
import type { Incident } from '../../core/model/incident.ts';
import type { ComponentSaid } from '../../core/model/lookups.ts';
import type { ComponentId } from '../../core/model/keys.ts';
import { COMPONENT_STATUSES, type ComponentStatus, type Policy } from '../../core/model/policy.ts';
import type { ClaimRow, ClaimsChange, Tx } from '../../store/store.ts';

/** Told of what is stored about a shared thing and cannot be read. */
export type OnUnreadable = (what: string, error: unknown) => void;

/** By incident. */
type Said = Map<string, ComponentSaid>;

function isStatus(value: unknown): value is ComponentStatus {
  return (COMPONENT_STATUSES as readonly unknown[]).includes(value);
}

/** What `changeOf` below wrote. Throws when a bad disk or a hand has left something else. */
function saidIn({ holder, value }: ClaimRow): ComponentSaid {
  const said = JSON.parse(value ?? 'null') as Partial<ComponentSaid> | null;
  if (!isStatus(said?.status)) throw new Error('it does not say what state the component is in');
  return { incident: holder, status: said.status, isUnknown: said.isUnknown === true };
}

type Changes = ReadonlyMap<ComponentId, ComponentSaid | null>;

/** Components about which the incident says something else than before; null: it says nothing any more. */
function changesOf(before: Incident | null, after: Incident, policy: Policy): Changes {
  const was: ReturnType<typeof componentsSaid> =
    before === null ? new Map() : componentsSaid({ state: before, policy });
  const is = componentsSaid({ state: after, policy });
  const changed = new Map<ComponentId, ComponentSaid | null>();
  for (const id of was.keys()) if (!is.has(id)) changed.set(id, null);
  for (const [id, one] of is) {
    const old = was.get(id);
    if (old?.status !== one.status || old.isUnknown !== one.isUnknown) changed.set(id, one);
  }
  return changed;
}

export interface ComponentClaims {
  /** What other incidents say; what was not read yet counts as nothing and is missing from then on. */
  saidElsewhere(component: ComponentId, incident: string): readonly ComponentSaid[];
  readonly missing: Set<ComponentId>;
  readMissing(): Promise<void>;
  /** The turn has decided. */
  changed(before: Incident | null, after: Incident): void;
  /** What the change of an incident does to the rows. */
  changeOf(before: Incident | null, after: Incident): ClaimsChange;
}

export interface ComponentClaimsOptions {
  readonly tx: Pick<Tx, 'claims'>;
  readonly policy: Policy;
  readonly onUnreadable: OnUnreadable;
}

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createComponentClaims(options: ComponentClaimsOptions): ComponentClaims {
  const { tx, policy, onUnreadable } = options;
  const stored = new Map<ComponentId, Said>();
  /** What the turn has decided, whether its component was read or not. */
  const decided = new Map<ComponentId, Map<string, ComponentSaid | null>>();
  const missing = new Set<ComponentId>();

  const known = (component: ComponentId): Said => {
    const said = new Map(stored.get(component));
    for (const [incident, one] of decided.get(component) ?? [])
      if (one === null) said.delete(incident);
      else said.set(incident, one);
    return said;
  };
  const readMissing = async (): Promise<void> => {
    const unread = [...missing];
    for (const component of unread) stored.set(component, new Map());
    const rows = await tx.claims(unread.map((key) => ({ kind: 'component' as const, key })));
    for (const row of rows) {
      try {
        // Written by `changeOf` below, under such a key.
        stored.get(row.key as ComponentId)?.set(row.holder, saidIn(row));
      } catch (error) {
        // As if that incident said nothing, until it says something else.
        onUnreadable(`what ${row.holder} says about ${row.key}`, error);
      }
    }
  };
  return {
    missing,
    saidElsewhere: (component, incident) => {
      if (!stored.has(component)) missing.add(component);
      return [...known(component).values()].filter((one) => one.incident !== incident);
    },
    readMissing,
    changed: (before, after) => {
      for (const [component, one] of changesOf(before, after, policy)) {
        const said = decided.get(component) ?? new Map<string, ComponentSaid | null>();
        decided.set(component, said.set(after.id, one));
      }
    },
    changeOf: (before, after) => {
      const changed = [...changesOf(before, after, policy)];
      return {
        take: changed.flatMap(([key, one]) =>
          one === null
            ? []
            : [
                {
                  kind: 'component' as const,
                  key,
                  value: JSON.stringify({ status: one.status, isUnknown: one.isUnknown }),
                },
              ],
        ),
        release: changed.flatMap(([key, one]) =>
          one === null ? [{ kind: 'component' as const, key }] : [],
        ),
      };
    },
  };
}
