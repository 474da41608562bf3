/** Instants of rows that were noted while time was ahead of the clock of the machine, counted from now on by that clock. */
import { type TurnedBack, turnBack } from '../../core/model/turning-back.ts';
import type { Connection } from './connection.ts';

/** Every column that holds an instant; a test compares them with the schema. */
export const INSTANTS: Readonly<Record<string, readonly string[]>> = {
  alerts: ['starts_at', 'observed_at', 'heard_at', 'cleared_at'],
  heard: ['at'],
  inbox: ['received_at'],
  inbox_decided: ['decided_at'],
  inbox_postponed: ['not_before'],
  incidents: ['opened_at', 'wake_at', 'last_event_at'],
  committed: ['newest_at'],
  outbox: ['first_due_at', 'due_at', 'lease_until', 'settled_at'],
  pages: ['since', 'asked_at', 'told_at'],
};
/** What was configured and who may do what do not follow from the clock. */
const KEPT = ['config:', 'token:'];
/** Beyond it lies what is to wait for ever. */
const INSTANT_MAX = 4_000_000_000_000;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Spoilt, and for whoever reads it to find out.
    return null;
  }
}

/** Reads every table, and prepares nothing: this is done once in a year. */
export function turnRowsBack({ db }: Connection, turned: TurnedBack): void {
  for (const [table, names] of Object.entries(INSTANTS))
    for (const name of names)
      db.prepare(
        `UPDATE ${table} SET ${name} = ${name} - ? WHERE ${name} > ? AND ${name} < ${INSTANT_MAX}`,
      ).run(turned.byMs, turned.after);
  const rows = db.prepare<[], { readonly key: string; readonly value: string }>(
    'SELECT key, value FROM meta',
  );
  const set = db.prepare<[value: string, key: string]>('UPDATE meta SET value = ? WHERE key = ?');
  for (const { key, value } of rows.all()) {
    const before = KEPT.some((prefix) => key.startsWith(prefix)) ? null : parsed(value);
    if (before !== null) set.run(JSON.stringify(turnBack(before, turned)), key);
  }
}
