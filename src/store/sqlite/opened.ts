/** Incidents by the time they were opened: how a storm of many groups is recognised. */
import type { Instant } from '../../core/model/alert.ts';
import type { OpenedIncident } from '../../core/routing/route.ts';
import type { Connection } from './connection.ts';

interface OpenedRecord {
  readonly id: string;
  readonly source: string;
  readonly team: string;
  readonly service: string | null;
  readonly opened_at: Instant;
  readonly is_storm: 0 | 1;
  readonly is_test: 0 | 1;
  readonly parent: string | null;
  readonly is_open: 0 | 1;
}

export function createOpened({
  prepare,
}: Connection): (since: Instant, limit: number) => readonly OpenedIncident[] {
  const sql = prepare<[since: Instant, limit: number], OpenedRecord>(
    `SELECT id, source, team, service, opened_at, is_storm, is_test, parent, is_open FROM incidents
     WHERE opened_at >= +? ORDER BY opened_at DESC, seq DESC LIMIT ? + 0`,
  );
  return (since, limit) =>
    sql.all(since, Math.max(0, limit)).map((record) => ({
      incident: record.id,
      source: record.source,
      team: record.team,
      service: record.service,
      openedAt: record.opened_at,
      storm: record.is_storm === 1,
      test: record.is_test === 1,
      parent: record.parent,
      open: record.is_open === 1,
    }));
}
