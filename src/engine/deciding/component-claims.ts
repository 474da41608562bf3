/** What incidents say about the components of public pages, as one turn reads and changes it: a claim each. */
import { componentsSaid } from '../../core/publishing/components.ts';
import type { Incident } from '../../core/model/incident.ts';
import type { ComponentSaid } from '../../core/model/lookups.ts';
import type { ComponentId } from '../../core/model/keys.ts';
import { COMPONENT_STATUSES, type ComponentStatus } from '../../core/model/policy.ts';
import type { ClaimRow, ClaimsChange, Tx } from '../../store/store.ts';

/** Told of what is stored about a shared thing and cannot be read. */
export type OnUnreadable = (what: string, error: unknown) => void;

function isStatus(value: unknown): value is ComponentStatus {
  return (COMPONENT_STATUSES as readonly unknown[]).includes(value);
}

/** What `changeOf` below wrote; where a bad disk or a hand has left something else, it is as if the incident said nothing. */
function saidIn({ key, holder, value }: ClaimRow, onUnreadable: OnUnreadable): ComponentSaid[] {
  try {
    const said = JSON.parse(value ?? 'null') as Partial<ComponentSaid> | null;
    if (!isStatus(said?.status)) throw new Error('it does not say what state the component is in');
    return [{ incident: holder, status: said.status, isUnknown: said.isUnknown === true }];
  } catch (error) {
    onUnreadable(`what ${holder} says about ${key}`, error);
    return [];
  }
}

/** The row of a component is what the state says of it: nothing else is compared, so that none is left behind. */
function changeOf(before: Incident | null, after: Incident): ClaimsChange {
  const was = before === null ? new Map<ComponentId, ComponentSaid>() : componentsSaid(before);
  const is = componentsSaid(after);
  const isSame = (one: ComponentSaid, old: ComponentSaid | undefined): boolean =>
    old?.status === one.status && old.isUnknown === one.isUnknown;
  const taken = [...is].filter(([key, one]) => !isSame(one, was.get(key)));
  const released = [...was.keys()].filter((key) => !is.has(key));
  return {
    take: taken.map(([key, { status, isUnknown }]) => ({
      kind: 'component',
      key,
      value: JSON.stringify({ status, isUnknown }),
    })),
    release: released.map((key) => ({ kind: 'component', key })),
  };
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
  readonly onUnreadable: OnUnreadable;
}

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createComponentClaims(options: ComponentClaimsOptions): ComponentClaims {
  const { tx, onUnreadable } = options;
  const stored = new Map<ComponentId, readonly ComponentSaid[]>();
  /** As the turn has decided them: what they say, and what they say no more. */
  const decided = new Map<string, Incident>();
  const missing = new Set<ComponentId>();

  const known = (component: ComponentId): readonly ComponentSaid[] => [
    ...(stored.get(component) ?? []).filter(({ incident }) => !decided.has(incident)),
    ...[...decided.values()].flatMap((state) => componentsSaid(state).get(component) ?? []),
  ];
  const readMissing = async (): Promise<void> => {
    const unread = [...missing];
    const rows = await tx.claims(unread.map((key) => ({ kind: 'component' as const, key })));
    for (const component of unread)
      stored.set(
        component,
        rows.filter(({ key }) => key === component).flatMap((row) => saidIn(row, onUnreadable)),
      );
  };
  return {
    missing,
    saidElsewhere: (component, incident) => {
      if (!stored.has(component)) missing.add(component);
      return known(component).filter((one) => one.incident !== incident);
    },
    readMissing,
    changed: (_before, after) => void decided.set(after.id, after),
    changeOf,
  };
}
