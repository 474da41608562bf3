/** Files and connections that this process has open, and some kept free for the moment when there are no more. Linux only. */
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

const KEPT = 16;

function limit(): number | null {
  const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return found === undefined ? null : Number(found);
}

/**
 * Keeps some open from the start; whether they are held just now or not, they count as open: what they are for is not there
 * for anything else. Elsewhere than on Linux nothing is told and nothing kept.
 */
export function keepDescriptors() {
  let kept: number[] = [];
  /** Read while there is one left to read it with. */
  let most: number | null = null;
  const free = (): void => {
    for (const one of kept.splice(0)) closeSync(one);
  };
  return {
    used: (): { readonly open: number; readonly limit: number } | null => {
      try {
        most = limit();
        const open = readdirSync('/proc/self/fd').length - kept.length + KEPT;
        return most === null ? null : { open, limit: most };
      } catch (error) {
        // There is not one left to look with; or this is not Linux.
        const isOut = error instanceof Error && 'code' in error && error.code === 'EMFILE';
        return isOut ? { open: most ?? 1, limit: most ?? 1 } : null;
      }
    },
    free,
    keep: (): void => {
      try {
        while (kept.length < KEPT) kept = [...kept, openSync('/dev/null', 'r')];
      } catch {
        free();
      }
    },
  };
}
