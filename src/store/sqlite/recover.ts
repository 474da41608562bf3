/** What a person does about a database that holds less than was committed to it: sees it, and goes on with what is there. */
import { renameSync } from 'node:fs';
import { takeLock } from './lock.ts';
import { type Kept, NO_LEDGER, whatIsKept } from './loss.ts';
import { type Lost, openMarker } from './marker.ts';

export interface Recovery {
  /** As it was found, before anything was accepted. */
  readonly kept: Kept;
  /** So many commits of so many are gone on with; null: nothing was accepted. */
  readonly accepted: Lost | null;
  /** Files that were given other names, for they would spoil what is there. */
  readonly setAside: readonly string[];
}

function setLogAside(path: string): readonly string[] {
  const away = `${path}-wal.set-aside`;
  renameSync(`${path}-wal`, away);
  return [away];
}

/** Tells the marker that less is there from now on, which the next start says aloud. */
function accept(directory: string, path: string, kept: Extract<Kept, { kind: 'less' }>): Recovery {
  const { marker, lost, isForeignLog } = kept;
  const setAside = isForeignLog ? setLogAside(path) : [];
  // Of a log that was set aside nothing counts.
  const now = isForeignLog ? null : kept.found;
  const instance = now?.instance ?? marker.instance;
  const ledger = now?.ledger ?? NO_LEDGER;
  const said = { ...ledger, instance, base: 0, isClosed: false, accepted: lost };
  openMarker(directory, said).close();
  return { kept, accepted: lost, setAside };
}

/**
 * Holds the database against its marker; changes something only where less is there and that is accepted.
 * @throws StoreUnavailable when a server runs there and something would be changed
 */
export function recoverFiles(
  directory: string,
  path: string,
  options: { readonly accept: boolean },
): Recovery {
  const kept = whatIsKept(directory, path);
  if (kept.kind !== 'less' || !options.accept) return { kept, accepted: null, setAside: [] };
  const unlock = takeLock(directory, null);
  try {
    return accept(directory, path, kept);
  } finally {
    unlock();
  }
}
