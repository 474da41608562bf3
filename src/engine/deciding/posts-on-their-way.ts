/** Which public posts are being sent, as one turn looks it up: of anything else that has not arrived it is known that it has not left. */
import type { Instant } from '../../core/model/alert.ts';
import type { Tx } from '../../store/store.ts';

export interface PostsOnTheirWay {
  /** Null: it is not being sent. What was not read yet counts so, and is missing from then on. */
  until(incident: string, draft: string): Instant | null;
  /** Incidents. */
  readonly missing: Set<string>;
  readMissing(): Promise<void>;
}

export interface PostsOnTheirWayOptions {
  readonly tx: Pick<Tx, 'sending'>;
}

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createPostsOnTheirWay({ tx }: PostsOnTheirWayOptions): PostsOnTheirWay {
  const known = new Map<string, ReadonlyMap<string, Instant>>();
  const missing = new Set<string>();
  const posts = async (incident: string): Promise<ReadonlyMap<string, Instant>> => {
    const rows = await tx.sending(incident);
    return new Map(
      rows.flatMap(({ effect, leaseUntil }) =>
        effect.name === 'statusPage.publish' ? [[effect.draft, leaseUntil] as const] : [],
      ),
    );
  };
  return {
    missing,
    until: (incident, draft) => {
      if (!known.has(incident)) missing.add(incident);
      return known.get(incident)?.get(draft) ?? null;
    },
    readMissing: async () => {
      for (const incident of missing) known.set(incident, await posts(incident));
    },
  };
}
