/**
 * The pauses as they are stored: what holds, and when paging was paused before, in one durable value.
 *
 * It is read entry by entry, by shape. What a bad disk or a hand has spoilt counts as no pause, for every reader alike:
 * nobody knows any more until when it was to hold, and one without an end would keep phones and pages silent for ever. A
 * post too many can be taken back; a phone that did not ring cannot. Whoever is told may pause again.
 */
import {
  PAUSABLE,
  PAUSE_MAX_MS,
  type Pausable,
  type Interval,
  type Lookups,
} from '../../core/model/lookups.ts';
import { isRecord } from '../../contract/json.ts';
import type { Reads, Tx } from '../../store/store.ts';

export interface Pause {
  readonly since: number;
  readonly until: number;
  readonly by: string;
  readonly why: string;
  /** Reminders given. */
  readonly reminded: number;
}

export type KeptPauses = Readonly<Partial<Record<Pausable, Pause>>>;

/** What is kept across restarts. */
export interface Kept {
  readonly pauses: KeptPauses;
  /** Pauses of paging that are over. */
  readonly past: readonly Interval[];
}

export const NOTHING_KEPT: Kept = { pauses: {}, past: [] };

export interface KeptReading extends Kept {
  readonly unreadable: readonly LostPart[];
}

/** A part of the stored value of which nothing could be made. */
export interface LostPart {
  /** Where it stands there: `pauses.paging`. */
  readonly path: string;
  /** What stood there was over. */
  readonly isPast: boolean;
}

const META = 'pauses';
/** No wait for an answer lasts longer: a person who writes more than a month means never. */
const REMEMBERED_MS = 31 * 24 * 3_600_000;

/** The pauses with what they pause; `Object.entries` forgets that the keys of a partial record are its keys. */
export function entriesOf(pauses: KeptPauses): readonly (readonly [Pausable, Pause])[] {
  return PAUSABLE.flatMap((what) => {
    const pause = pauses[what];
    return pause === undefined ? [] : [[what, pause] as const];
  });
}

function isPausable(name: string): name is Pausable {
  return PAUSABLE.some((one) => one === name);
}

/** What ends later after its beginning than any pause may was not written by us, and would hold for ever. */
function isSpan(from: unknown, until: unknown): boolean {
  if (typeof from !== 'number' || typeof until !== 'number') return false;
  return [from, until].every(Number.isFinite) && until - from <= PAUSE_MAX_MS;
}

function isPause(value: unknown): value is Pause {
  if (!isRecord(value)) return false;
  const { since, until, by, why, reminded } = value;
  const isCounted = isSpan(since, until) && Number.isFinite(reminded);
  return isCounted && typeof by === 'string' && typeof why === 'string';
}

function isInterval(value: unknown): value is Interval {
  return isRecord(value) && isSpan(value['from'], value['until']);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const lost = (path: string): LostPart => ({ path, isPast: false });
const lostOfPast = (path: string): LostPart => ({ path, isPast: true });

function pausesIn(value: unknown): Pick<KeptReading, 'pauses' | 'unreadable'> {
  if (!isRecord(value)) return { pauses: {}, unreadable: [lost('pauses')] };
  const pauses: Partial<Record<Pausable, Pause>> = {};
  const unreadable: LostPart[] = [];
  for (const [name, pause] of Object.entries(value))
    if (isPausable(name) && isPause(pause)) pauses[name] = pause;
    else unreadable.push(lost(`pauses.${name}`));
  return { pauses, unreadable };
}

function pastIn(value: unknown): Pick<KeptReading, 'past' | 'unreadable'> {
  if (!Array.isArray(value)) return { past: [], unreadable: [lostOfPast('past')] };
  const past: readonly unknown[] = value;
  return {
    past: past.filter(isInterval),
    unreadable: past.flatMap((one, i) => (isInterval(one) ? [] : lostOfPast(`past[${i}]`))),
  };
}

/** Whether none of the unreadable parts is that of a pause which may hold. */
export function areAllOver(unreadable: readonly LostPart[]): boolean {
  return unreadable.every(({ isPast }) => isPast);
}

/** What an earlier run, or a server beside us, has kept. Throws nothing but what the store throws. */
export async function readKept(reads: Pick<Reads, 'meta'>): Promise<KeptReading> {
  const text = await reads.meta(META);
  if (text === null) return { ...NOTHING_KEPT, unreadable: [] };
  const value = parsed(text);
  if (!isRecord(value)) return { ...NOTHING_KEPT, unreadable: [lost('all of it')] };
  const { pauses, unreadable } = pausesIn(value['pauses']);
  const { past, unreadable: more } = pastIn(value['past']);
  return { pauses, past, unreadable: [...unreadable, ...more] };
}

/** Stores these pauses in the place of those before, and remembers a pause of paging that ends by that. */
export async function writeKept(
  tx: Pick<Tx, 'setMeta'>,
  next: { readonly before: Kept; readonly pauses: KeptPauses; readonly now: number },
): Promise<Kept> {
  const { before, pauses, now } = next;
  const kept: Kept = { pauses, past: pastAfter(before, pauses, now) };
  await tx.setMeta(META, JSON.stringify(kept));
  return kept;
}

/** Pauses that hold at the instant. */
export function holdingAt({ pauses }: Kept, now: number): Lookups['pauses'] {
  return Object.fromEntries(
    entriesOf(pauses)
      .filter(([, pause]) => pause.until > now)
      .map(([what, { since, until, by, why }]) => [what, { since, until, by, why }]),
  );
}

/** Pauses of paging that are over at the instant, also one whose end nobody has noted yet. */
export function pastAt({ pauses, past }: Kept, now: number): readonly Interval[] {
  const { paging } = pauses;
  if (paging === undefined || paging.until > now) return past;
  return [...past, { from: paging.since, until: paging.until }];
}

/** The pause of paging that ends by this change, as far as it held, beside the others of the last month. */
function pastAfter(before: Kept, pauses: KeptPauses, now: number): readonly Interval[] {
  const ended = before.pauses.paging;
  const recent = before.past.filter(({ until }) => until > now - REMEMBERED_MS);
  if (ended === undefined || pauses.paging?.since === ended.since) return recent;
  return [...recent, { from: ended.since, until: Math.min(ended.until, now) }];
}
