/** Incidents that were opened lately: how a storm of many groups is recognised, and who has gathered one. */
import type { Instant } from '../../core/model/alert.ts';
import type { LoneIncident, OpenedLately } from '../../core/routing/route.ts';
import type { Connection } from './connection.ts';

interface LoneRecord extends Omit<LoneIncident, 'open'> {
  readonly is_open: 0 | 1;
}

export function createOpened({
  prepare,
}: Connection): (query: { readonly since: Instant; readonly limit: number }) => OpenedLately {
  const parent = prepare<[], NonNullable<OpenedLately['parent']>>(
    `SELECT id AS incident, opened_at AS openedAt FROM incidents
     WHERE is_storm = 1 AND is_open = 1 ORDER BY opened_at DESC, seq DESC LIMIT 1`,
  );
  const alone = prepare<[since: Instant, limit: number], LoneRecord>(
    `SELECT id AS incident, source, service, is_open FROM incidents
     WHERE is_alone = 1 AND opened_at > +? ORDER BY opened_at DESC, seq DESC LIMIT ? + 0`,
  );
  return ({ since, limit }) => ({
    parent: parent.get() ?? null,
    alone: alone
      .all(since, Math.max(0, limit))
      .map(({ is_open, ...row }) => ({ ...row, open: is_open === 1 })),
  });
}
