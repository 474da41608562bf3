/**
 * Components of public pages: which of them an incident concerns, what it says about them, and what the page is to show,
 * which is the worst that any open incident says.
 */
import type { DraftPost, Incident, PublicPage, PublicStatus } from './incident.ts';
import type { ComponentHeld, Lookups } from './input.ts';
import { type ComponentId, encodeComponent } from './keys.ts';
import {
  COMPONENT_STATUSES,
  type ComponentRef,
  type ComponentStatus,
  type Policy,
} from './policy.ts';
import { isOver, levelOf, type Turn } from './turn.ts';

type States = Readonly<Record<string, ComponentStatus>>;

/** The components of the incident's services, by the page that shows them; pages that take no posts are left out. */
export function componentsByTarget({
  state,
  policy,
}: Pick<Turn, 'state' | 'policy'>): ReadonlyMap<string, readonly ComponentRef[]> {
  const services = [state.facts.service, ...(state.storm?.services ?? [])];
  const found = new Map<string, ComponentRef[]>();
  for (const name of new Set(services)) {
    for (const component of name === null ? [] : (policy.services[name]?.components ?? [])) {
      const target = policy.targets[component.target];
      if (
        target === undefined ||
        target.mode === 'off' ||
        !target.can.includes('statusPage.publish')
      )
        continue;
      const list = found.get(component.target) ?? [];
      if (!list.some((one) => one.id === component.id))
        found.set(component.target, [...list, component]);
    }
  }
  return found;
}

/** What a post of this status says about the components. */
export function statesToSay(
  turn: Turn,
  post: {
    readonly page: PublicPage;
    readonly status: PublicStatus;
    readonly components: readonly ComponentRef[];
  },
): States {
  const { page, status, components } = post;
  if (status === 'resolved')
    return Object.fromEntries(setByUs(turn, page).map((id) => [id, 'operational' as const]));
  const state = levelOf(turn)?.componentsUpTo ?? 'operational';
  if (state === 'operational') return page.components;
  return { ...page.components, ...Object.fromEntries(components.map((one) => [one.id, state])) };
}

/** Components that we set, or may have set by a post whose outcome is unknown. */
function setByUs(turn: Turn, page: PublicPage): readonly string[] {
  const unknown = Object.values(turn.state.drafts).filter(
    (draft) => draft.target === page.target && draft.state === 'unknown',
  );
  const set = [page, ...unknown].flatMap((one) => Object.keys(one.components));
  return [...new Set(set)];
}

const rankOf = (status: ComponentStatus): number => COMPONENT_STATUSES.indexOf(status);

/** The worst of them; null: there is none. */
export function worstHeld(held: readonly ComponentHeld[]): ComponentHeld | null {
  return held.reduce<ComponentHeld | null>(
    (worst, one) => (worst === null || rankOf(one.status) > rankOf(worst.status) ? one : worst),
    null,
  );
}

/**
 * What the incident says about components while it is open: by what is on the page, and by posts that may be there or are
 * about to be. A draft that waits for a person says nothing yet.
 */
export function componentsHeld(state: Incident): ReadonlyMap<ComponentId, ComponentHeld> {
  const found = new Map<ComponentId, ComponentHeld>();
  if (isOver(state)) return found;
  const onTheWay = Object.values(state.drafts).filter(
    (draft) => draft.state === 'queued' || draft.state === 'unknown',
  );
  for (const { target, components } of [...Object.values(state.publicPages), ...onTheWay]) {
    for (const [id, status] of Object.entries(components)) {
      if (status === 'operational') continue;
      const component = encodeComponent({ target, id });
      const own: ComponentHeld = { incident: state.id, status };
      const before = found.get(component);
      found.set(component, before === undefined ? own : (worstHeld([before, own]) ?? own));
    }
  }
  return found;
}

type Post = Pick<DraftPost, 'target' | 'components'>;

/** What another open incident says of the post's components that is worse than what the post says. */
function worseElsewhere(
  { target, components }: Post,
  lookups: Pick<Lookups, 'componentHeld'>,
): readonly (ComponentHeld & { readonly id: string })[] {
  return Object.entries(components).flatMap(([id, status]) => {
    const other = lookups.componentHeld(encodeComponent({ target, id }));
    return other !== null && rankOf(other.status) > rankOf(status) ? [{ ...other, id }] : [];
  });
}

/** What the page is to show when the post goes out: never better than what another open incident says. */
export function statesToShow(post: Post, lookups: Pick<Lookups, 'componentHeld'>): States {
  const worse = worseElsewhere(post, lookups).map(({ id, status }) => [id, status] as const);
  return { ...post.components, ...Object.fromEntries(worse) };
}

/** The same for the timeline, by the component's name. */
export function shownWorse(
  post: Post,
  at: { readonly policy: Policy; readonly lookups: Pick<Lookups, 'componentHeld'> },
): readonly (ComponentHeld & { readonly component: string })[] {
  const known = Object.values(at.policy.services).flatMap(({ components }) => components);
  return worseElsewhere(post, at.lookups).map(({ id, incident, status }) => ({
    component: known.find((one) => one.target === post.target && one.id === id)?.name ?? id,
    incident,
    status,
  }));
}
