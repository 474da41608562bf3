/**
 * What incidents share, as the decisions of one turn look it up and change it: the addresses that ring, the vendors' keys
 * and the components of public pages; and which posts are on their way. A decision says by asking what it needs; what was not read yet is read, and the
 * decision, which is pure, is made again.
 */
import type { DraftId } from '../../core/model/made-ids.ts';
import type { Incident } from '../../core/model/incident.ts';
import type { ComponentId } from '../../core/model/keys.ts';
import type { Lookups } from '../../core/model/lookups.ts';
import type { ClaimsChange } from '../../store/store.ts';
import { type ComponentClaimsOptions, createComponentClaims } from './component-claims.ts';
import { leftOutChange } from './left-out-claims.ts';
import { createPostsOnTheirWay, type PostsOnTheirWayOptions } from './posts-on-their-way.ts';
import { createRingClaims, type RingClaimsOptions } from './ring-claims.ts';

/** Lookups that do not come from the store. */
export type OtherLookups = Omit<
  Lookups,
  | 'ringsAt'
  | 'isShared'
  | 'isAwaited'
  | 'endedUnder'
  | 'saidElsewhere'
  | 'onItsWayUntil'
  | 'hasOrder'
>;

export interface Claims {
  lookups(incident: string, others: OtherLookups): Lookups;
  /** Asks the pure question until everything that it looks up has been read. Throws what it throws. */
  answer<T>(ask: () => T): Promise<T>;
  /** The turn has decided. */
  changed(before: Incident | null, after: Incident): void;
  /** What the change of an incident does to the claims on addresses and components. */
  changeOf(before: Incident | null, after: Incident): Promise<ClaimsChange>;
}

export type ClaimsOptions = ComponentClaimsOptions & RingClaimsOptions & PostsOnTheirWayOptions;

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createTurnClaims(options: ClaimsOptions): Claims {
  const rings = createRingClaims(options);
  const components = createComponentClaims(options);
  const posts = createPostsOnTheirWay(options);
  const missing = [...rings.missing, components.missing, posts.missing];
  const isComplete = (): boolean => missing.every(({ size }) => size === 0);
  return {
    changed: (before, after) => {
      rings.changed(before, after);
      components.changed(before, after);
    },
    changeOf: async (before, after) => {
      const { take, release } = components.changeOf(before, after);
      const leftOut = leftOutChange(before, after);
      return {
        take: [...(await rings.takenBy(before, after)), ...take, ...leftOut.take],
        release: [...release, ...leftOut.release],
      };
    },
    lookups: (incident, others) =>
      Object.freeze({
        ...others,
        ...rings.lookups(incident),
        saidElsewhere: (component: ComponentId) => components.saidElsewhere(component, incident),
        onItsWayUntil: (draft: DraftId) => posts.until(incident, draft),
        hasOrder: (draft: DraftId) => posts.hasOrder(incident, draft),
      }),
    answer: async (ask) => {
      for (;;) {
        for (const one of missing) one.clear();
        try {
          const answer = ask();
          if (isComplete()) return answer;
        } catch (error) {
          if (isComplete()) throw error;
        }
        await rings.readMissing();
        await components.readMissing();
        await posts.readMissing();
      }
    },
  };
}
