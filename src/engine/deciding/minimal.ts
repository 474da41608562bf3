/**
 * The path of last resort, for what cannot be decided: an incident that is opened and paged without the rules and without
 * the state of the incident that is broken. It is about Tocsin itself, whatever it is that could not be decided.
 */
import { encodeGroup, type GroupKey } from '../../core/model/arriving-keys.ts';
import { SELF } from '../../core/model/about-tocsin.ts';
import type { Core } from './core.ts';
import type { Tx } from '../../store/store.ts';
import { lastsSince } from './self-alert.ts';
import type { Turn } from './turns.ts';

export interface Unmanageable {
  /**
   * What it is about: what has an open incident already joins that. Of two groups, that of this hour and that of the last
   * one, an incident of the second is joined for sixty minutes.
   */
  readonly about: GroupKey | readonly [GroupKey, GroupKey];
  readonly input: string;
  readonly title: string;
  readonly reason: string;
}

async function holderOf(tx: Tx, group: string): Promise<string | null> {
  const [claim] = await tx.claims([{ kind: 'group', key: group }]);
  return claim?.holder ?? null;
}

/** Null also where its state cannot be read: rather two rings than none. */
async function openedAt(tx: Tx, incident: string): Promise<number | null> {
  const [row] = await tx.incidents([incident]);
  return row?.state?.openedAt ?? null;
}

/** Opens the incident, or names the one that is open already. */
export async function openMinimally(turn: Turn, core: Core, what: Unmanageable): Promise<string> {
  const { workspace, tx, now } = turn;
  const [about, before = null] = 'kind' in what.about ? [what.about] : what.about;
  const group = encodeGroup(about);
  const taken = await holderOf(tx, group);
  if (taken !== null) return taken;
  const earlier = before === null ? null : await holderOf(tx, encodeGroup(before));
  if (earlier !== null && lastsSince(await openedAt(tx, earlier), now)) return earlier;
  const incident = `inc-${await tx.nextIncidentNumber()}`;
  const { input, title, reason } = what;
  const { policy } = workspace;
  await workspace.adopt(incident, group, (lookups) =>
    core.minimalIncident({ incident, input, title, reason, source: SELF, now, policy, lookups }),
  );
  await workspace.flush();
  return incident;
}
