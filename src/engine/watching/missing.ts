/**
 * Looks once a minute, in slices, whether of all that the events of incidents ask for something is to be seen. What is missing
 * twice goes by the direct path, once: whatever should have written, woken or sent it may be what has failed. A timer of its own,
 * for the same reason.
 */
import type { Log } from '../../contract/adapter.ts';
import type { Incident } from '../../core/model/incident.ts';
import type { Obligation } from '../../core/model/obligation.ts';
import type { fold } from '../../core/model/events.ts';
import type { IncidentRow, Reads } from '../../store/store.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Evidence, type Missing, missingIn } from './evidence.ts';

export interface MissingOptions {
  readonly store: {
    readonly reads: Pick<Reads, 'incident' | 'listIncidents' | 'timeline' | 'outboxOf' | 'pagesOf'>;
  };
  readonly core: { readonly fold: typeof fold };
  readonly owed: (state: Incident) => readonly Obligation[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'missing'>;
  readonly direct: {
    raise(trouble: { readonly name: string; readonly title: string; readonly body: string }): void;
    clear(name: string, why: string): void;
  };
}

/** Something that an incident asks for and of which nothing is to be seen, twice in a row. */
export interface MissingHealth {
  readonly incident: string;
  readonly what: string;
  /** When it was missed first. */
  readonly since: number;
}

export interface MissingWatch {
  start(): void;
  stop(): void;
  all(): readonly MissingHealth[];
  inFlight(): number;
}

const LOOK_MS = 60_000;
/** Open incidents that a look goes through: with 10,000 of them each is looked at once in ten minutes. */
const OPEN_A_LOOK = 1_000;
/** Rows that are read at once: a turn of the loop is to be short. */
const ROWS_AT_ONCE = 10;
/** The newest are looked at each time, also those that are over. */
const NEWEST = 20;
/** Of the others some, so that of a thousand each is looked at once in ten minutes: what ends them may be lost as well. */
const OTHERS_A_LOOK = 100;
const OTHERS_MAX = 1_000;
/** Work goes on for so long before the rest of the loop has its turn; what is one read or one fold takes as long as it takes. */
const TURN_MS = 5;

interface Suspect extends Missing, MissingHealth {
  readonly times: number;
}

/** Lets everything else of the loop come first, where this turn of it has lasted for long. */
type Rest = () => Promise<void>;

/** Everything about the incident at one version; null: it has changed meanwhile, or cannot be read, of which others tell. */
async function evidenceOf(
  row: IncidentRow,
  options: MissingOptions,
  rest: Rest,
): Promise<Evidence | null> {
  const { store, core, owed, clock } = options;
  const { reads } = store;
  if (row.state === null || row.archive !== null) return null;
  const timeline = (await reads.timeline(row.id)).map(({ event }) => event);
  await rest();
  const folded = core.fold(timeline);
  await rest();
  const orders = await reads.outboxOf(row.id);
  await rest();
  const pages = await reads.pagesOf(row.id);
  const after = await reads.incident(row.id);
  if (folded === null || after?.version !== row.version || folded.version !== row.version)
    return null;
  const kept = row.state;
  return { folded, kept, timeline, orders, pages, owed: owed(folded), now: clock.now() };
}

/** The rows of one look, some at a time: a slice of all that are open, the newest, and those under suspicion. */
function createSlices({ store }: MissingOptions) {
  const { reads } = store;
  let before: string | null = null;
  async function* open(): AsyncGenerator<readonly IncidentRow[]> {
    for (let left = OPEN_A_LOOK; left > 0; left -= ROWS_AT_ONCE) {
      const rows = await reads.listIncidents({ open: true, limit: ROWS_AT_ONCE, before });
      before = rows.length < ROWS_AT_ONCE ? null : (rows.at(-1)?.id ?? null);
      yield rows;
      if (before === null) return;
    }
  }
  let otherBefore: string | null = null;
  let looked = 0;
  async function* others(): AsyncGenerator<readonly IncidentRow[]> {
    for (let left = OTHERS_A_LOOK; left > 0; left -= ROWS_AT_ONCE) {
      const query = { open: null, limit: ROWS_AT_ONCE, before: otherBefore };
      const rows = await reads.listIncidents(query);
      looked += rows.length;
      const isEnd = rows.length < ROWS_AT_ONCE || looked >= OTHERS_MAX;
      otherBefore = isEnd ? null : (rows.at(-1)?.id ?? null);
      yield rows;
      if (!isEnd) continue;
      looked = 0;
      return;
    }
  }
  return async function* slices(
    suspected: readonly string[],
  ): AsyncGenerator<readonly IncidentRow[]> {
    yield await reads.listIncidents({ open: null, limit: NEWEST, before: null });
    for (const id of suspected) yield [(await reads.incident(id)) ?? []].flat();
    yield* open();
    yield* others();
  };
}

function nameOf({ incident, key }: Pick<Suspect, 'incident' | 'key'>): string {
  return `missing ${incident} ${key}`;
}

/** What was missed, and how often in a row. */
function createSuspects({ clock, log, direct, metrics }: MissingOptions) {
  const all = new Map<string, Suspect>();
  const say = (one: Suspect): void => {
    const { incident, what } = one;
    log.error({ incident, missing: what }, 'what was asked for is not to be seen');
    direct.raise({
      name: nameOf(one),
      title: `${incident} DOES NOT DO WHAT IT SHOULD`,
      body: `${what}. Its events say so, and nothing else does. See \`tocsin show ${incident}\` and the log; restart Tocsin if there are more.`,
    });
  };
  const told = (): readonly Suspect[] => [...all.values()].filter(({ times }) => times > 1);
  return {
    told,
    incidents: (): readonly string[] => [
      ...new Set([...all.values()].map(({ incident }) => incident)),
    ],
    note: (incident: string, missing: readonly Missing[]): void => {
      for (const one of missing) {
        const name = nameOf({ incident, key: one.key });
        const known = all.get(name);
        const times = (known?.times ?? 0) + 1;
        const suspect = { ...one, incident, since: known?.since ?? clock.now(), times };
        all.set(name, suspect);
        if (times === 2) say(suspect);
      }
      const names = new Set(missing.map(({ key }) => nameOf({ incident, key })));
      for (const [name, { incident: of }] of all) {
        if (of !== incident || names.has(name)) continue;
        all.delete(name);
        direct.clear(name, 'It is done, or nobody is owed it any more.');
      }
      metrics.missing.set(told().length);
    },
  };
}

/** Builds it; nothing is looked at before `start`. */
export function createMissing(options: MissingOptions): MissingWatch {
  const { clock, log } = options;
  const rowsOf = createSlices(options);
  const suspects = createSuspects(options);
  let timer: Timer | null = null;
  let looking = 0;
  let turnedAt = 0;
  const yieldLoop = async (): Promise<void> => {
    await new Promise<void>((goOn) => clock.soon(goOn));
    turnedAt = clock.monotonic();
  };
  const rest = async (): Promise<void> => {
    if (clock.monotonic() - turnedAt >= TURN_MS) await yieldLoop();
  };
  const lookAt = async (row: IncidentRow): Promise<void> => {
    try {
      const evidence = await evidenceOf(row, options, rest);
      if (evidence !== null) suspects.note(row.id, missingIn(evidence));
    } catch (error) {
      log.error({ error, incident: row.id }, 'what an incident asks for cannot be audited');
    }
  };
  const look = async (): Promise<void> => {
    const seen = new Set<string>();
    turnedAt = clock.monotonic();
    for await (const rows of rowsOf(suspects.incidents())) {
      await rest();
      for (const row of rows) {
        if (seen.has(row.id)) continue;
        seen.add(row.id);
        await lookAt(row);
        await rest();
      }
    }
  };
  const loop = (): void => {
    timer = clock.after(LOOK_MS, loop);
    if (looking > 0) return;
    looking += 1;
    look()
      .catch((error: unknown) =>
        log.error({ error }, 'what incidents ask for could not be audited; it is in a minute'),
      )
      .finally(() => (looking -= 1));
  };
  return {
    start: () => void (timer = clock.after(LOOK_MS, loop)),
    stop: () => timer?.cancel(),
    all: () => suspects.told().map(({ incident, what, since }) => ({ incident, what, since })),
    inFlight: () => looking,
  };
}
