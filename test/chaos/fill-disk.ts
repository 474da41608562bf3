/**
 * A process that fills the disk of its data, goes on with what is open, and dies of SIGKILL: `node fill-disk.ts DIR CHARACTERS
 * SMALL`. It says what it could not do.
 */
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { inboxRow, T0 } from '../conformance/store-fixtures.ts';
import { randomOf } from './experiment.ts';
import { textOf } from './load.ts';

const ROWS_MAX = 10_000;

const [directory = '', characters = '', small = ''] = process.argv.slice(2);
const random = randomOf(Number(characters));
const store = await openSqliteStore({ directory, kind: 'live', lock: true });

/** One after the other until there is no room for them. */
async function fill(): Promise<void> {
  for (let n = 0; n < ROWS_MAX && store.condition().kind === 'ok'; n += 1) {
    const body = Buffer.from(textOf(random, Number(characters) * random()));
    const row = inboxRow(`delivery-${process.pid}-${n}`, { receivedAt: T0 + n, body });
    await store.transact((tx) => tx.putInbox([row])).catch(() => undefined);
  }
}

async function goOn(): Promise<void> {
  for (let n = 0; n < Number(small); n += 1)
    await store.transact((tx) => tx.setMeta(`small-${n % 7}`, textOf(random, 200)));
}

await fill();
try {
  await goOn();
  process.stdout.write('went on\n', () => process.kill(process.pid, 'SIGKILL'));
} catch (error) {
  process.stdout.write(`${String(error)}\n`, () => process.kill(process.pid, 'SIGKILL'));
}
