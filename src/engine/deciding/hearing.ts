/** How whole deliveries are, as incidents hear it: what a delivery leaves out may fire. */
import { encodeTold } from '../../core/model/arriving-keys.ts';
import type { Told } from '../../core/model/input.ts';
import {
  type AlertItem,
  type Arrivals,
  gather,
  type Gathering,
  gatheringOf,
  isIncidentOpen,
  noteGathered,
} from './gatherings.ts';

/** Whether the incident does not know yet that deliveries of the group leave something out, or that they do no more. */
function isNewsOf(arrivals: Arrivals, incident: string, told: Told): boolean {
  const known = arrivals.gatherings.get(incident)?.told.get(told.group);
  const leftOut = arrivals.workspace.state(incident)?.leftOut ?? {};
  const isKnown = known === undefined ? Object.hasOwn(leftOut, told.group) : known.leftOut > 0;
  return isKnown !== told.leftOut > 0;
}

/** A repeat tells nothing new, but its delivery may: of what it leaves out. */
export function hearRepeat(
  arrivals: Arrivals,
  item: AlertItem,
  incident: string,
): Gathering | null {
  const isNews = item.told !== null && isNewsOf(arrivals, incident, item.told);
  return isNews ? gather(arrivals, incident, { item, routing: null }) : null;
}

/** Whether the open incident waits to hear it; one that cannot be read hears nothing, and keeps nobody else from it. */
function isWaitingFor(arrivals: Arrivals, incident: string, told: Told): boolean {
  try {
    return isIncidentOpen(arrivals, incident) && isNewsOf(arrivals, incident, told);
  } catch {
    return false;
  }
}

/** The incidents that wait to hear that nothing of the group is left out; a batch asks once for each group. */
async function waitingFor(arrivals: Arrivals, group: string): Promise<readonly string[]> {
  const known = arrivals.leftOut.get(group);
  if (known !== undefined) return known;
  const rows = await arrivals.tx.claims([{ kind: 'left_out', key: group }]);
  const holders = rows.map(({ holder }) => holder);
  arrivals.leftOut.set(group, holders);
  return holders;
}

/**
 * A delivery that leaves alerts out speaks of them all the same: they do not become stale by it. One that tells all of its
 * group tells it to every incident that waits for that, also where it names none of its alerts.
 */
export async function tellWhole(
  arrivals: Arrivals,
  told: Told | null,
): Promise<readonly Gathering[]> {
  if (told === null) return [];
  if (told.leftOut > 0) {
    arrivals.inPart.push(told);
    return [];
  }
  // Of a sender without groups a delivery proves nothing about alerts that it does not name.
  if (told.group === encodeTold({ source: told.source, group: null })) return [];
  const waiting = new Set(await waitingFor(arrivals, told.group));
  for (const { incident, told: before } of arrivals.gatherings.values())
    if (before.has(told.group)) waiting.add(incident);
  if (waiting.size === 0) return [];
  await arrivals.workspace.prepare([...waiting]);
  const open = [...waiting].filter((incident) => isWaitingFor(arrivals, incident, told));
  return open.map((incident) => {
    const gathering = gatheringOf(arrivals, incident);
    noteGathered(gathering, told);
    return gathering;
  });
}
