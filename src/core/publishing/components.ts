/**
 * Components of public pages: which of them an incident concerns, what it says about them, and what the page is to show,
 * which is the worst that any open incident says.
 */
import { isOver, type DraftPost, type Incident, type PublicPage } from '../model/incident.ts';
import type { ComponentSaid, Lookups } from '../model/lookups.ts';
import { type ComponentId, encodeComponent } from '../model/keys.ts';
import {
  COMPONENT_STATUSES,
  type ComponentRef,
  type ComponentStatus,
  type Policy,
} from '../model/policy.ts';
import { barredFromPublic, isKnownBarred } from './public-page.ts';
import { levelOf, type Decision } from '../model/decision.ts';

type Statuses = Readonly<Record<string, ComponentStatus>>;

/** The components of the incident's services, by the page that shows them; pages that take no posts are left out. */
export function componentsByTarget({
  state,
  policy,
}: Pick<Decision, 'state' | 'policy'>): ReadonlyMap<string, readonly ComponentRef[]> {
  const services = [state.routing.service, ...(state.storm?.services ?? [])];
  const found = new Map<string, ComponentRef[]>();
  for (const name of new Set(services)) {
    for (const component of name === null ? [] : (policy.services[name]?.components ?? [])) {
      const target = policy.targets[component.target];
      // One that is switched off in an incident is still spoken of as before: what is recorded may be sent yet.
      const isOff = target?.mode === 'off' && state.publicPages[component.target] === undefined;
      if (target === undefined || isOff || !target.can.includes('statusPage.publish')) continue;
      const list = found.get(component.target) ?? [];
      if (!list.some((one) => one.id === component.id))
        found.set(component.target, [...list, component]);
    }
  }
  return found;
}

/** Why the level's public posts cannot be: no page shows a component of the incident. Null: one does, or none are asked for. */
export function whyNoPage(look: Pick<Decision, 'state' | 'policy'>): string | null {
  const { state, policy } = look;
  const isAsked = levelOf(look)?.public != null && barredFromPublic(look) === null;
  const hasPage = Object.keys(state.publicPages).length > 0 || componentsByTarget(look).size > 0;
  if (!isAsked || hasPage) return null;
  const { service } = state.routing;
  if (service === null)
    return 'its service is not known, and so is no component of a status page. Post by hand, or end it here and declare it anew with --service';
  return policy.services[service] === undefined
    ? `service ${service} is not in the configuration. Post by hand, or add it there under services`
    : `service ${service} has no component on a status page that takes posts. Post by hand, or name one under services.${service}.components`;
}

/** What a post other than an end says about the components: what its level allows, and all that is on the page already. */
export function statesToSay(
  decision: Decision,
  { page, components }: { readonly page: PublicPage; readonly components: readonly ComponentRef[] },
): Statuses {
  const state = levelOf(decision)?.componentsUpTo ?? 'operational';
  if (state === 'operational') return page.components;
  return { ...page.components, ...Object.fromEntries(components.map((one) => [one.id, state])) };
}

/**
 * The post with what it says about components. An end takes back what the page shows by us, or may show, when it is sent:
 * when it was drafted, a post that breaks a component may have been on its way.
 */
export function postOf(state: Incident, draft: DraftPost): PostedComponents {
  const { target } = draft;
  if (draft.status !== 'resolved' || draft.state === 'published') return draft;
  const ids = setByUs(state, target);
  return { target, components: Object.fromEntries(ids.map((id) => [id, 'operational' as const])) };
}

/** Components that we set, or may have set by a post that was looked for, and that nobody may have seen there to this day. */
function setByUs(state: Incident, target: string): readonly string[] {
  const posts = [
    ...Object.values(state.publicPages),
    ...Object.values(state.drafts).filter(({ state: is, finds }) => is === 'unknown' || finds > 0),
  ];
  const ours = posts.filter((one) => one.target === target);
  return [...new Set(ours.flatMap(({ components }) => Object.keys(components)))];
}

const rankOf = (status: ComponentStatus): number => COMPONENT_STATUSES.indexOf(status);

/** The worst of them; null: there is none. */
export function worstSaid(said: readonly ComponentSaid[]): ComponentSaid | null {
  return said.reduce<ComponentSaid | null>(
    (worst, one) => (worst === null || rankOf(one.status) > rankOf(worst.status) ? one : worst),
    null,
  );
}

/**
 * What the incident says about components: by what is on the page, and by posts that may be there. A draft says nothing
 * yet, for it may never arrive; nor does an incident that is over, or that may post no more: it could never take back what
 * it says. It follows from the state alone, so that whatever changes it is an event.
 */
export function componentsSaid(state: Incident): ReadonlyMap<ComponentId, ComponentSaid> {
  const found = new Map<ComponentId, ComponentSaid>();
  const pages = Object.values(state.publicPages);
  if (pages.length === 0) return found;
  const isSilent = isOver(state) || isKnownBarred(state);
  const add = ({ target, components }: PostedComponents, isUnknown: boolean): void => {
    for (const [id, wanted] of Object.entries(components)) {
      const component = encodeComponent({ target, id });
      const status = isSilent ? 'operational' : wanted;
      if (status === 'operational' && !isUnknown) continue;
      const said = { incident: state.id, status, isUnknown };
      const before = found.get(component) ?? said;
      const { status: worst } = worstSaid([before, said]) ?? said;
      found.set(component, { ...said, status: worst });
    }
  };
  for (const page of pages) add(page, false);
  for (const draft of Object.values(state.drafts))
    if (draft.state === 'unknown') add(postOf(state, draft), true);
  return found;
}

type PostedComponents = Pick<DraftPost, 'target' | 'components'>;
type Elsewhere = Pick<Lookups, 'saidElsewhere'>;

/** What another incident says of the post's components that is worse than what the post says. */
function worseElsewhere(
  { target, components }: PostedComponents,
  lookups: Elsewhere,
): readonly (ComponentSaid & { readonly id: string })[] {
  return Object.entries(components).flatMap(([id, status]) => {
    const other = worstSaid(lookups.saidElsewhere(encodeComponent({ target, id })));
    if (other === null || rankOf(other.status) <= rankOf(status)) return [];
    return [{ ...other, id }];
  });
}

/** What the page is to show when the post goes out: never better than what another open incident says. */
export function statesToShow(post: PostedComponents, lookups: Elsewhere): Statuses {
  const worse = worseElsewhere(post, lookups).map(({ id, status }) => [id, status] as const);
  return { ...post.components, ...Object.fromEntries(worse) };
}

function nameIn(policy: Policy, target: string, id: string): string {
  const known = Object.values(policy.services).flatMap(({ components }) => components);
  return known.find((one) => one.target === target && one.id === id)?.name ?? id;
}

/** For whoever is to approve a post: what the page would show worse than the post says, and because of whom. */
export function worseText(
  post: PostedComponents,
  at: { readonly policy: Policy; readonly lookups: Elsewhere },
): string {
  return worseElsewhere(post, at.lookups)
    .map(
      ({ id, incident, status }) =>
        ` ${nameIn(at.policy, post.target, id)} stays ${status} on the page, because of ${incident}.`,
    )
    .join('');
}

/** Components that the page was told to show otherwise than the post says, by name. */
export function shownOtherwise(post: PostedComponents, shown: Statuses, policy: Policy): Statuses {
  const others = Object.entries(shown)
    .filter(([id, status]) => post.components[id] !== status)
    .map(([id, status]) => [nameIn(policy, post.target, id), status] as const);
  return Object.fromEntries(others);
}

/** Another incident one of whose posts about these components may yet arrive at the page; null: there is none. */
export function unknownElsewhere(
  { target, components }: PostedComponents,
  lookups: Elsewhere,
): string | null {
  const said = Object.keys(components).flatMap((id) =>
    lookups.saidElsewhere(encodeComponent({ target, id })),
  );
  return said.find(({ isUnknown }) => isUnknown)?.incident ?? null;
}
