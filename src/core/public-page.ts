/** What a public page is owed: whether anything may be published, where, how often, and with whose approval. */
import type { DraftPost, PublicStatus } from './incident.ts';
import type { ComponentRef, Level } from './policy.ts';
import { levelOf, type Turn } from './turn.ts';

export const GRACE_DEFAULT_MS = 5 * 60_000;
/** An automatic repeat that is a minute late has failed somewhere. */
export const GRACE_AUTOMATIC_MS = 60_000;

export function publicAlarm(target: string): string {
  return `public:${target}`;
}

/** Why nothing may be published; null: it may. Checked at every decision and again right before sending. */
export function barredFromPublic(turn: Pick<Turn, 'state' | 'policy'>): string | null {
  const { state, policy } = turn;
  if (state.kind === 'test') return 'a test is never public';
  if (state.facts.public === 'never') return 'its route is never public';
  const flag = Object.keys(state.flags).find((name) => policy.flags[name]?.public === 'never');
  if (flag !== undefined) return `flag ${flag} forbids public posts`;
  return state.parent === null ? null : `public posts go by ${state.parent}`;
}

export function componentsByTarget(turn: Turn): ReadonlyMap<string, readonly ComponentRef[]> {
  const services = [turn.state.facts.service, ...(turn.state.storm?.services ?? [])];
  const found = new Map<string, ComponentRef[]>();
  for (const name of new Set(services)) {
    for (const component of name === null ? [] : (turn.policy.services[name]?.components ?? [])) {
      const target = turn.policy.targets[component.target];
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

export function everyMs(turn: Turn, level: Level | null): number | null {
  const cadence = level?.public ?? null;
  if (cadence === null) return null;
  const { slower } = cadence;
  const since = turn.state.declaredAt ?? turn.now;
  return slower !== null && turn.now - since >= slower.afterMs ? slower.everyMs : cadence.everyMs;
}

export function approvalOf(
  turn: Pick<Turn, 'state' | 'policy'>,
  target: string,
  kind: { readonly status: PublicStatus; readonly unchanged: boolean },
): 'none' | 'required' {
  const level = levelOf(turn);
  if (turn.state.storm !== null || level?.public == null || level.rank === 0) return 'required';
  if (turn.policy.targets[target]?.mode === 'draft') return 'required';
  return level.public.approval[kind.unchanged ? 'unchanged' : kind.status];
}

export function graceOf(turn: Turn): number {
  return levelOf(turn)?.public?.firstWithinMs ?? GRACE_DEFAULT_MS;
}

export function unsent(turn: Turn, target: string | null): readonly DraftPost[] {
  return Object.values(turn.state.drafts).filter(
    (draft) =>
      (draft.state === 'waiting' || draft.state === 'queued' || draft.state === 'failed') &&
      (target === null || draft.target === target),
  );
}

export function currentStatus(turn: Turn): PublicStatus {
  const { phase } = turn.state;
  return phase === 'identified' || phase === 'monitoring' ? phase : 'investigating';
}
