/** What rings on for somebody who works at it: doing something is a sign of life, and no answer. */
import type { Incident } from '../model/incident.ts';
import type { Lookups } from '../model/lookups.ts';
import { own } from '../model/own.ts';
import { isOfOffer } from '../paging/offers.ts';
import { acceptedBy, openPages } from '../paging/progress.ts';

/** Who did something, and how the incident is since. */
interface Worked {
  readonly state: Incident | null;
  readonly by: string;
  readonly isPerson: boolean;
  /** What is paused; nothing of paging: phones ring. */
  readonly pauses: Lookups['pauses'];
}

/** Says that the phone of whoever did something rings for other incidents as well, and how to stop it; null: for none. */
export function ringsElsewhere(incidents: readonly string[]): string | null {
  if (incidents.length === 0) return null;
  const answers = incidents.map((id) => `\`tocsin ack ${id}\``);
  return `Your phone rings on for ${incidents.join(' and ')}: ${answers.join(', ')}.`;
}

/** Says to whoever did something that a page of theirs rings on, and how to stop it; null: none does. */
export function stillRings({ state, by, isPerson, pauses }: Worked): string | null {
  const at = state === null || !isPerson ? undefined : own(state.signsOfLife, by);
  if (state === null || at === undefined || pauses.paging !== undefined) return null;
  const rings = openPages({ state }).filter(
    (page) =>
      page.person === by &&
      // What it has just begun to ring for is nothing that was left unanswered.
      page.requestedAt < at &&
      !isOfOffer({ state }, page) &&
      acceptedBy(page) !== undefined,
  );
  if (rings.length === 0) return null;
  const which = rings.map(({ id }) => id).join(' and ');
  return `${which} still ${rings.length === 1 ? 'rings' : 'ring'} you: \`tocsin ack ${state.id}\`.`;
}
