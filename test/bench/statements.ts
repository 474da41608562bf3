/** Loaded into a server by `--import`: at SIGUSR2 it writes down how many SQL statements were executed since the last time. */
import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const db = new Database(':memory:');
  const statements = Object.getPrototypeOf(db.prepare('SELECT 1')) as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  db.close();
  let count = 0;
  for (const name of ['run', 'get', 'all', 'iterate']) {
    const execute = statements[name];
    if (execute === undefined) continue;
    statements[name] = function counted(this: unknown, ...args: unknown[]): unknown {
      count += 1;
      return execute.apply(this, args);
    };
  }
  process.on('SIGUSR2', () => {
    writeFileSync(process.env['STALL_FILE'] ?? '', `${count} 0\n`);
    count = 0;
  });
}
