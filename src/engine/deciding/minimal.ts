/**
 * The path of last resort, for inputs over which the core throws again and again: an incident that is opened and paged
 * without the rules and without the state of the incident that is broken. One per source and hour; the rest joins it.
 */
import { SELF } from '../../core/routing/route.ts';
import type { Core } from './core.ts';
import { hourOf } from './self-alert.ts';
import type { Turn } from './turns.ts';

export interface Unmanageable {
  readonly source: string;
  readonly input: string;
  readonly title: string;
  readonly reason: string;
}

/** Opens the incident, or names the one that is open already. */
export async function openMinimally(turn: Turn, core: Core, about: Unmanageable): Promise<string> {
  const { workspace, tx, now } = turn;
  const group = `${SELF}/minimal/${about.source}/${hourOf(now)}`;
  const [taken] = await tx.claims([{ kind: 'group', key: group }]);
  if (taken !== undefined) return taken.holder;
  const incident = `inc-${await tx.nextIncidentNumber()}`;
  await workspace.adopt(incident, group, (lookups) =>
    core.minimalIncident({ ...about, incident, now, policy: workspace.policy, lookups }),
  );
  await workspace.flush();
  return incident;
}
