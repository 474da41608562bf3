/**
 * What has been heard of what sources expect, as it is stored: one durable value. It is read entry by entry, by shape: what
 * a bad disk or a hand has spoilt begins anew, which puts the alarm off by one wait and loses nothing else.
 */
import { isRecord } from '../../contract/json.ts';
import type { Alert } from '../../core/model/alert.ts';
import type { Expectation, Policy } from '../../core/model/policy.ts';
import {
  begin,
  expectationMetBy,
  hear,
  type Heard,
  type Watch,
} from '../../core/routing/expecting.ts';
import type { Tx } from '../../store/store.ts';

const META = 'expected';

/** By source. */
export type Watches = Readonly<Record<string, Watch>>;

function isInstantOrNull(value: unknown): boolean {
  return value === null || Number.isFinite(value);
}

function isHeard(value: unknown): value is Heard {
  return isRecord(value) && Number.isFinite(value['at']) && isInstantOrNull(value['startsAt']);
}

function isWatch(value: unknown): value is Watch {
  if (!isRecord(value) || !isRecord(value['heard'])) return false;
  const { text, heard, heardAt, from, waitedMs, since, hasEnded, awayAt } = value;
  return (
    typeof text === 'string' &&
    typeof hasEnded === 'boolean' &&
    [from, waitedMs, since].every(Number.isFinite) &&
    [heardAt, awayAt].every(isInstantOrNull) &&
    Object.values(heard).every(isHeard)
  );
}

/** What is stored. Throws nothing but what the store throws. */
export async function readWatches(tx: Pick<Tx, 'meta'>): Promise<Watches> {
  const text = await tx.meta(META);
  try {
    const value: unknown = text === null ? null : JSON.parse(text);
    if (!isRecord(value)) return {};
    return Object.fromEntries(
      Object.entries(value).flatMap(([source, watch]) =>
        isWatch(watch) ? [[source, watch] as const] : [],
      ),
    );
  } catch {
    return {};
  }
}

export async function writeWatches(tx: Pick<Tx, 'setMeta'>, watches: Watches): Promise<void> {
  const isNone = Object.keys(watches).length === 0;
  await tx.setMeta(META, isNone ? null : JSON.stringify(watches));
}

/** What is known of the expectation; of another one than the stored it begins now. */
export function watchOf(
  watches: Watches,
  { source, expectation }: { readonly source: string; readonly expectation: Expectation },
  now: number,
): Watch {
  const known = Object.hasOwn(watches, source) ? watches[source] : undefined;
  return known?.text === expectation.text ? known : begin(expectation, now);
}

/** An alert that came in. */
interface Came {
  readonly source: string;
  readonly alert: Alert;
  readonly at: number;
}

/** What one batch of rows tells of what is expected: read once and written once, however many alerts it holds. */
export interface Hearing {
  /** Notes that the alert came, where its source expects it. That it opens nothing is for the routing. */
  note(came: Came, policy: Policy): Promise<void>;
  /** Stores what was heard. */
  keep(): Promise<void>;
}

/** Begins to hear; nothing is read before it has to be. */
export function openHearing(tx: Pick<Tx, 'meta' | 'setMeta'>): Hearing {
  let watches: Watches | null = null;
  const hearOf = async ({ source, alert, at }: Came, expectation: Expectation): Promise<void> => {
    const before = watches ?? (await readWatches(tx));
    const known = Object.hasOwn(before, source) ? before[source] : undefined;
    // That nothing else is expected any more somebody may still have to be told, which the regular look does.
    if (known !== undefined && known.text !== expectation.text && known.awayAt !== null) return;
    const watch = watchOf(before, { source, expectation }, at);
    watches = { ...before, [source]: hear(watch, alert, { at, everyMs: expectation.everyMs }) };
  };
  return {
    note: async (came, policy) => {
      const expectation = expectationMetBy(came.alert, came.source, policy);
      if (expectation !== null) await hearOf(came, expectation);
    },
    keep: async () => {
      if (watches !== null) await writeWatches(tx, watches);
    },
  };
}
