/** Where inputs come from; and canaries, of which the store holds one at a time and keeps none. */
import type { PageEffect } from '../core/model/effect.ts';

/**
 * `held`: an alert of a delivery, which waits for another word of its sender; `canary`: an alert that means nothing, of
 * which at most one is stored.
 */
export type InboxOrigin =
  | 'webhook'
  | 'api'
  | 'cli'
  | 'poll'
  | 'read_back'
  | 'self'
  | 'held'
  | 'canary';

export interface CanaryRows {
  /** Writes the effect of a canary, behind which no change of an incident stands, in the place of any before it. */
  putCanary(effect: PageEffect): Promise<void>;
  /** Deletes its row of the inbox: in the commit that decides it that costs no page more than to write down how. */
  decidedCanary(id: string): Promise<void>;
  /** Deletes its effect. */
  dropCanary(): Promise<void>;
}
