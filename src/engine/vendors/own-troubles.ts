/**
 * What Tocsin keeps of the trouble about which it rings people by the direct path: in a small file beside the database, for
 * the database may be what is ill. By it a process goes on ringing where the one before it died, closes what that one left
 * at the pagers, and never rings under a key that an earlier outage had: whoever had answered that one would hear nothing.
 */
import type { Instant } from '../../core/model/alert.ts';
import type { PageAddress } from '../../core/model/policy.ts';
import { sha256 } from '../../lib/hash.ts';
import { mintText } from '../../lib/minted.ts';
import { openReserved, type ReservedFile, readReserved } from '../../lib/reserved-file.ts';

/** A ring at a pager. Its address names secrets, and holds none. */
export interface TroublePage {
  readonly address: PageAddress;
  readonly key: string;
}

/** Something about Tocsin itself, from when it was noticed until nothing of it rings any more. */
export interface StandingTrouble {
  /** Same name = same trouble. */
  readonly name: string;
  /** Part of its keys: no other outage of that name began then. */
  readonly since: Instant;
  readonly title: string;
  /** What it means and what to do. */
  readonly body: string;
  /** How many people were rung so far. */
  readonly rounds: number;
  readonly rungAt: Instant | null;
  readonly isAnswered: boolean;
  /** It is over, and what rings is still to be closed. */
  readonly isOver: boolean;
  readonly pages: readonly TroublePage[];
}

export interface OwnTroubles {
  /** Of this data directory; part of the keys. */
  readonly id: () => string;
  /** When an outage that is noticed now began. Where nothing can be kept: by the hour, so that a start that is tried again and again rings once in it. */
  beginning(now: Instant): Instant;
  /** What was kept last, by this process or one before it. */
  all(): readonly StandingTrouble[];
  keep(ownTroubles: readonly StandingTrouble[]): void;
  close(): void;
}

interface Kept {
  readonly id: string;
  readonly ownTroubles: readonly StandingTrouble[];
}

export interface OwnTroublesOptions {
  readonly path: string;
  /** Machine and directory: what tells this one from all others where nothing can be kept. */
  readonly place: string;
  readonly random: (bytes: number) => Uint8Array;
}

const BYTES = 65_536;
const ID_LENGTH = 8;
const HOUR_MS = 3_600_000;
/** Of each outage; the rest has rung for hours. */
const PAGES_MAX = 10;
const TEXT_MAX = 500;

/** Short enough for the space that there is. */
function bounded(standing: StandingTrouble): StandingTrouble {
  const [title, body] = [standing.title.slice(0, TEXT_MAX), standing.body.slice(0, TEXT_MAX)];
  return { ...standing, title, body, pages: standing.pages.slice(-PAGES_MAX) };
}

/** Opened when it is first needed; where that fails, in memory alone until it can be. */
export function openOwnTroubles({ path, place, random }: OwnTroublesOptions): OwnTroubles {
  let known: Kept | null = null;
  let file: ReservedFile<Kept> | null = null;
  const read = (): Kept | null => {
    const found = readReserved<Kept>(path);
    return found.kind === 'kept' ? found.value : null;
  };
  const current = (): Kept => {
    if (file !== null && known !== null) return known;
    const before = known ?? read();
    known = before ?? { id: mintText(ID_LENGTH, random), ownTroubles: [] };
    try {
      file = openReserved(path, BYTES, known);
    } catch {
      known = before ?? { id: sha256(place).slice(0, ID_LENGTH), ownTroubles: [] };
    }
    return known;
  };
  const close = (): void => {
    const open = file;
    file = null;
    try {
      open?.close();
    } catch {
      return;
    }
  };
  return {
    id: () => current().id,
    beginning: (now) => {
      current();
      return file === null ? Math.floor(now / HOUR_MS) * HOUR_MS : now;
    },
    all: () => current().ownTroubles,
    keep: (ownTroubles) => {
      known = { ...current(), ownTroubles: ownTroubles.map(bounded) };
      try {
        file?.write(known);
        file?.sync();
      } catch {
        // A disk that fails: it goes on in memory.
        close();
      }
    },
    close,
  };
}
