/** Small things: durable values by key, and the incident counter. */
import type { Connection } from './connection.ts';

/** Values that belong to the database itself: set when it is created, and where a start goes on with less than was there. */
export const OWN_KEYS = {
  kind: 'kind',
  instance: 'instance',
  incarnation: 'incarnation',
} as const;

function prepareRecords({ prepare }: Connection) {
  return {
    meta: prepare<[key: string], { readonly value: string }>(
      'SELECT value FROM meta WHERE key = +?',
    ),
    setMeta: prepare<[key: string, value: string]>(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    ),
    dropMeta: prepare<[key: string]>('DELETE FROM meta WHERE key = ?'),
    count: prepare<[name: string], { readonly value: number }>(
      `INSERT INTO counters (name, value) VALUES (?, 1)
       ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value`,
    ),
    countOf: prepare<[name: string], { readonly value: number }>(
      'SELECT value FROM counters WHERE name = +?',
    ),
    setCount: prepare<[name: string, value: number]>(
      'INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ),
    countBack: prepare<[name: string, value: number]>(
      'UPDATE counters SET value = value - 1 WHERE name = ? AND value = ?',
    ),
  };
}

export function createRecords(connection: Connection) {
  const sql = prepareRecords(connection);

  const count = (name: string): number => {
    const row = sql.count.get(name);
    if (row === undefined) throw new Error(`the counter ${name} gave no number`);
    return row.value;
  };
  const setMeta = (key: string, value: string | null): void => {
    if (value === null) sql.dropMeta.run(key);
    else sql.setMeta.run(key, value);
  };
  return {
    meta: (key: string): string | null => sql.meta.get(key)?.value ?? null,
    setMeta: (key: string, value: string | null): void => {
      if (Object.hasOwn(OWN_KEYS, key))
        throw new Error(`${key} belongs to the database and never changes`);
      setMeta(key, value);
    },
    /** For the stamp of a start. */
    setOwn: (key: keyof typeof OWN_KEYS, value: string): void => setMeta(key, value),
    nextIncidentNumber: (): number => {
      const number = count('incident');
      connection.tally.incidents = number;
      return number;
    },
    returnIncidentNumber: (number: number): void => void sql.countBack.run('incident', number),
    /** Incidents go on behind that number. */
    skipIncidentNumbers: (behind: (last: number) => number): void =>
      void sql.setCount.run('incident', behind(sql.countOf.get('incident')?.value ?? 0)),
    /** Counts how often the database was opened for writing; also the first write of every start. */
    countStart: (): number => count('starts'),
  };
}
