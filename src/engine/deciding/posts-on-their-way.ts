/** Which public posts have an order in the outbox, and which are being sent: of any other it is known that it has not left. */
import type { DraftId } from '../../core/model/made-ids.ts';
import type { Instant } from '../../core/model/alert.ts';
import { partOf } from '../../core/model/effect.ts';
import type { OutboxRow, Tx } from '../../store/store.ts';

export interface PostsOnTheirWay {
  /** Null: it is not being sent. What was not read yet counts so, and is missing from then on. */
  until(incident: string, draft: DraftId): Instant | null;
  /** Whether it is to be sent or looked for. What was not read yet is missing from then on. */
  hasOrder(incident: string, draft: DraftId): boolean;
  /** Incidents. */
  readonly missing: Set<string>;
  readMissing(): Promise<void>;
}

export interface PostsOnTheirWayOptions {
  readonly tx: Pick<Tx, 'unsettled'>;
}

interface Posts {
  readonly sending: ReadonlyMap<string, Instant>;
  readonly ordered: ReadonlySet<string>;
}

function postsOf(rows: readonly OutboxRow[]): Posts {
  const sending = rows.flatMap(({ effect, status, leaseUntil }) =>
    effect.name === 'statusPage.publish' && status === 'sending'
      ? [[effect.draft, leaseUntil] as const]
      : [],
  );
  const ordered = rows.flatMap(({ effect }) =>
    partOf(effect) === 'statusPage' && 'draft' in effect ? [effect.draft] : [],
  );
  return { sending: new Map(sending), ordered: new Set(ordered) };
}

/** Opens what one turn knows; nothing is read before it is asked for. */
export function createPostsOnTheirWay({ tx }: PostsOnTheirWayOptions): PostsOnTheirWay {
  const known = new Map<string, Posts>();
  const missing = new Set<string>();
  const knownOf = (incident: string): Posts | undefined => {
    if (!known.has(incident)) missing.add(incident);
    return known.get(incident);
  };
  return {
    missing,
    until: (incident, draft) => knownOf(incident)?.sending.get(draft) ?? null,
    hasOrder: (incident, draft) => knownOf(incident)?.ordered.has(draft) === true,
    readMissing: async () => {
      for (const incident of missing) known.set(incident, postsOf(await tx.unsettled(incident)));
    },
  };
}
