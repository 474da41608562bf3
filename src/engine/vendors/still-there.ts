/**
 * What was answered or ended here and rings on at its pager, although that took it: it is told again until it is so, with a
 * growing wait. What was seen to be so once is not asked about any more, unless it may come again.
 */
import type { PageFound } from '../../contract/order.ts';
import { CLOCKS_APART_MS, type Instant } from '../../core/model/alert.ts';
import type { PageRow } from '../../store/store.ts';

/** So soon after it was told, its pager may not have worked it off. */
const SETTLES_MS = 15_000;
const FIRST_WAIT_MS = 60_000;
const LAST_WAIT_MS = 60 * 60_000;
/** What its pager does not carry out for so long after it was noticed is told no more. */
const TELLS_MAX_MS = 26 * 60 * 60_000;
/**
 * An answer may run out at the pager, and then it is right that the phone rings again: what was not seen to be answered so
 * soon after it was told is left alone.
 */
const ANSWER_WITHIN_MS = 15 * 60_000;

/** What it is to be at its pager, where nobody is wanted by it any more. */
type ToBeThere = 'acknowledged' | 'resolved';
type Rows = readonly Pick<PageRow, 'key' | 'state' | 'toldAt'>[];

interface RingsOn {
  readonly wanted: ToBeThere;
  /** Its name there: another one under the same key is another ring. */
  readonly ref: string;
  readonly noticedAt: Instant;
  readonly againAt: Instant;
  readonly waitMs: number;
}

/** What it is to be there; null: somebody is wanted by it. */
function wantedOf(rows: Rows): ToBeThere | null {
  if (rows.some(({ state }) => state === 'open')) return null;
  return rows.some(({ state }) => state === 'acknowledged') ? 'acknowledged' : 'resolved';
}

function isSo(wanted: ToBeThere, { found, status }: PageFound): boolean {
  return !found || status === 'resolved' || status === wanted;
}

/**
 * It was made to ring after it was told, or may have been: by a person there, or because an answer ran out. That is not for us
 * to undo.
 */
function ringsAnew(rows: Rows, { status, saidAt }: PageFound): boolean {
  const toldAt = Math.max(...rows.map((row) => row.toldAt ?? -Infinity));
  return status === 'triggered' && saidAt != null && saidAt > toldAt - CLOCKS_APART_MS;
}

/** When it began to ring on; long ago: it is right that it does, or was so before. */
function noticed(rows: Rows, found: PageFound, now: Instant): Instant {
  const wanted = wantedOf(rows);
  if (wanted === null || isSo(wanted, found)) return -Infinity;
  const told = rows.flatMap(({ toldAt }) => toldAt ?? []);
  const isInTime = told.length === 0 || now < Math.max(...told) + ANSWER_WITHIN_MS;
  return wanted === 'resolved' || isInTime ? now : -Infinity;
}

/** What the rounds of one target know of it. */
export interface StillThere {
  /** Whether there is anything to ask. */
  isToBeSeen(rows: Rows, now: Instant): boolean;
  /** What is to be said of what was found: that it rings at all, or that it rings on; null: nothing now. */
  newsOf(
    rows: Rows,
    found: PageFound,
    at: { readonly now: Instant; readonly mayComeLate: boolean },
  ): 'triggered' | 'rings on' | null;
  /** Its own answer or end was heard there: that is so. */
  heard(key: string, found: PageFound): void;
  /** That was told. */
  told(rows: Rows, found: PageFound, now: Instant): void;
  /** Forgets what is not among those keys. */
  keep(keys: ReadonlySet<string>): void;
}

/** Begins with nothing known: after a start all is asked about once. */
export function createStillThere(): StillThere {
  const ringing = new Map<string, RingsOn>();
  const seen = new Map<string, ToBeThere>();
  const known = (rows: Rows): RingsOn | undefined => ringing.get(rows[0]?.key ?? '');
  return {
    isToBeSeen: (rows, now) => {
      const wanted = wantedOf(rows);
      const toldAt = Math.max(...rows.map((row) => row.toldAt ?? -Infinity));
      if (wanted === null || now < toldAt + SETTLES_MS) return false;
      if (seen.get(rows[0]?.key ?? '') === wanted) return false;
      const isInTime = wanted === 'resolved' || now < toldAt + ANSWER_WITHIN_MS;
      return isInTime || known(rows)?.wanted === wanted;
    },
    newsOf: (rows, found, { now, mayComeLate }) => {
      const wanted = wantedOf(rows);
      const key = rows[0]?.key ?? '';
      if (wanted === null) return null;
      const before = ringing.get(key);
      const isNew = before?.ref !== (found.externalRef ?? '') || before.wanted !== wanted;
      const isOver = !found.found || found.status === 'resolved';
      // What comes late is news, also where it was answered there since.
      if (mayComeLate && isNew && !isOver) return 'triggered';
      if (isSo(wanted, found) || ringsAnew(rows, found)) {
        if (isOver) ringing.delete(key);
        // From now on its answer may run out there, and then it is right that it rings.
        else if (before !== undefined) ringing.set(key, { ...before, noticedAt: -Infinity });
        if (!mayComeLate) seen.set(key, wanted);
        return null;
      }
      if (isNew) return 'rings on';
      const isDue = now >= before.againAt && now < before.noticedAt + TELLS_MAX_MS;
      return isDue ? 'rings on' : null;
    },
    heard: (key, { status }) => {
      if (status === 'acknowledged' || status === 'resolved') seen.set(key, status);
    },
    told: (rows, found, now) => {
      const wanted = wantedOf(rows);
      const key = rows[0]?.key ?? '';
      if (wanted === null) return;
      const ref = found.externalRef ?? '';
      const before = ringing.get(key);
      const isSame = before?.ref === ref && before.wanted === wanted;
      const waitMs = isSame ? Math.min(before.waitMs * 2, LAST_WAIT_MS) : FIRST_WAIT_MS;
      const noticedAt = isSame ? before.noticedAt : noticed(rows, found, now);
      ringing.set(key, { wanted, ref, noticedAt, againAt: now + waitMs, waitMs });
    },
    keep: (keys) => {
      for (const memory of [ringing, seen])
        for (const key of memory.keys()) if (!keys.has(key)) memory.delete(key);
    },
  };
}
