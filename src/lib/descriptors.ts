/** Files and connections that this process has open, and some kept free for the moment when there are no more. Linux only. */
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

const KEPT = 16;

function limit(): number | null {
  const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return found === undefined ? null : Number(found);
}

/** Keeps some open from the start. Elsewhere than on Linux nothing is told and nothing kept. */
export function keepDescriptors() {
  let kept: number[] = [];
  const free = (): void => {
    for (const one of kept.splice(0)) closeSync(one);
  };
  return {
    used: (): { readonly open: number; readonly limit: number } | null => {
      try {
        const most = limit();
        const open = readdirSync('/proc/self/fd').length - kept.length;
        return most === null ? null : { open, limit: most };
      } catch (error) {
        // There is not one left to look with; or this is not Linux.
        const isOut = error instanceof Error && 'code' in error && error.code === 'EMFILE';
        return isOut ? { open: 1, limit: 1 } : null;
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
