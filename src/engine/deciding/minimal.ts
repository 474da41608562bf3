/**
 * The path of last resort, for what cannot be decided: an incident that is opened and paged without the rules and without
 * the state of the incident that is broken. It is about Tocsin itself, whatever it is that could not be decided.
 */
import { SELF } from '../../core/model/about-tocsin.ts';
import type { Core } from './core.ts';
import type { Turn } from './turns.ts';

export interface Unmanageable {
  /** What it is about: what has an open incident already joins that. */
  readonly about: string;
  readonly input: string;
  readonly title: string;
  readonly reason: string;
}

/** Opens the incident, or names the one that is open already. */
export async function openMinimally(turn: Turn, core: Core, what: Unmanageable): Promise<string> {
  const { workspace, tx, now } = turn;
  const group = `${SELF}/minimal/${what.about}`;
  const [taken] = await tx.claims([{ kind: 'group', key: group }]);
  if (taken !== undefined) return taken.holder;
  const incident = `inc-${await tx.nextIncidentNumber()}`;
  const { input, title, reason } = what;
  const { policy } = workspace;
  await workspace.adopt(incident, group, (lookups) =>
    core.minimalIncident({ incident, input, title, reason, source: SELF, now, policy, lookups }),
  );
  await workspace.flush();
  return incident;
}
