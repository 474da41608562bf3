/** What holds a post back that nobody need approve any more, in words for whoever approved it. */
import type { DraftPost } from '../model/incident.ts';
import type { Lookups } from '../model/lookups.ts';
import type { Look } from '../model/decision.ts';
import { pausedText } from '../texts/text.ts';
import { doubtText, waitsFor } from './public-page.ts';

type Held = Look<'state' | 'policy'> & Pick<Lookups, 'pauses'>;

/** What holds a post that nobody need approve any more, and till when; empty: nothing. */
export function heldText({ state, policy, pauses }: Held, draft: DraftPost): string {
  const earlier = waitsFor({ state }, draft);
  const behind =
    earlier === null
      ? []
      : earlier.state === 'unknown'
        ? [
            `It waits until it is known whether ${earlier.id} (${earlier.status}) is on ${draft.target}, which is being looked up.`,
          ]
        : [`It waits: ${doubtText({ state }, earlier)}.`];
  const { public: pause } = pauses;
  const paused =
    pause === undefined
      ? []
      : [
          `Public posting is ${pausedText(pause, policy.timezone)}: it goes out then, or at \`tocsin resume public\`.`,
        ];
  return [...behind, ...paused].join(' ');
}
