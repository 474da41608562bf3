/** What no story may leave behind, whatever it is about: a part of an incident of which nothing follows. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** The alarms about gaps that the timelines of a stopped Tocsin tell of. */
export function gapsIn(data: string): readonly string[] {
  const path = join(data, 'tocsin.db');
  if (!existsSync(path)) return [];
  const database = new Database(path, { readonly: true });
  try {
    return database
      .prepare<[], { event: string }>(`SELECT event FROM events WHERE event LIKE '%"kind":"gap"%'`)
      .all()
      .map(({ event }) => event);
  } finally {
    database.close();
  }
}
