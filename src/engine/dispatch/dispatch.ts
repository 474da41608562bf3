/**
 * The dispatcher: leases due rows in the writer's turn, asks the core whether each is still wanted, and sends what is
 * once the turn is committed. `sending` is on disk before the request leaves; a row that is found there after a crash is
 * ambiguous, never pending.
 */
import type { Log } from '../../contract/adapter.ts';
import { isCanary, type Lane, LANES } from '../../core/model/effect.ts';
import {
  type OutboxRow,
  type ParkedRow,
  StoreUnavailable,
  type TakenRows,
} from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Core } from '../deciding/core.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import type { Setup } from '../setup.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { observe, rest } from './answered.ts';
import { attempt, LEASE_MS, type Send } from './send.ts';
import { settle, settleCanary, settleIn, type SettleOptions } from './settle.ts';
import { tellParked } from './parked.ts';
import { createReleases } from './releases.ts';
import { type Plan, planOf } from './settle-plan.ts';
import { createSlots, type Slots } from './slots.ts';
import type { Targets } from '../vendors/targets.ts';
import type { Untaken } from '../vendors/untaken.ts';
import { createStuck } from '../deciding/stuck.ts';
import { createWakeUps, type WakeUps } from '../deciding/wake-ups.ts';
import { HOLD_MIN_MS, verdictOn } from './verdict.ts';
import { TurnAgain } from '../deciding/workspace.ts';
import type { Stage, Turn } from '../deciding/turns.ts';
import type { Writer } from '../deciding/writer.ts';

export interface DispatchOptions extends Pick<SettleOptions, 'onCanary'> {
  readonly clock: Clock;
  readonly core: Core;
  readonly setup: () => Setup;
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly writer: Writer;
  readonly untaken: Pick<Untaken, 'note'>;
  readonly redact: (text: string) => string;
  readonly noteDue: (at: number) => void;
}

export interface Dispatch extends Stage {
  /** Time has passed: rows and incidents may be due. */
  wake(): void;
  /** Derives anew when the incidents are woken, and wakes those that are due. */
  lookAgain(incidents: readonly string[]): Promise<void>;
  /** Requests under way and outcomes being stored; not what waits for the clock. */
  inFlight(): number;
  /** Whether the target asked to be left alone for a while. */
  isResting(target: string): boolean;
  /** Takes over rows whose attempt ended without an outcome: all of them at start, later those whose lease ended. */
  recover(upTo: number): Promise<number>;
  /** Leases nothing more and waits for what is under way. */
  stop(): Promise<void>;
}

interface Threw {
  readonly count: number;
  /** It waits a second before it is tried again. */
  readonly hold: boolean;
}

interface State {
  readonly slots: Slots;
  /** Sends that are not written down yet. */
  underWay: number;
  /** Lane -> a number that changes with each wake, so that a wake during a turn is not lost. */
  readonly awake: Map<Lane, number>;
  /** The same for incidents whose wake-up has come. */
  incidentsAwake: number;
  wakes: number;
  /** Effect id -> how often the core threw over a row that was not sent. */
  readonly threw: Map<string, Threw>;
  stopping: boolean;
  idle: (() => void) | null;
}

function wakeLane(state: State, lane: Lane): void {
  state.wakes += 1;
  state.awake.set(lane, state.wakes);
}

async function leaseLane(
  lane: Lane,
  turn: Turn,
  at: { readonly slots: Slots; readonly targets: readonly string[] },
): Promise<TakenRows> {
  const rows: OutboxRow[] = [];
  const parked: ParkedRow[] = [];
  for (;;) {
    const { slots, except } = at.slots.free(lane, at.targets, turn.now);
    if (slots === 0) return { rows, parked };
    const leased = await turn.tx.lease({
      now: turn.now,
      leaseMs: LEASE_MS,
      slots: { [lane]: slots },
      except,
    });
    for (const row of leased.rows) at.slots.take(lane, row.effect.target, turn.now);
    rows.push(...leased.rows);
    parked.push(...leased.parked);
    if (leased.rows.length < slots) return { rows, parked };
  }
}

const THROWS_MAX = 3;

/** What to do with a row over which the core threw before: leave it for a second, or settle it without the core. */
function forewarned(unsent: Plan, threw: Threw | undefined, now: number): Plan {
  if (threw === undefined || unsent.settled === null) return unsent;
  if (threw.count >= THROWS_MAX) return { ...unsent, settled: null };
  if (!threw.hold) return unsent;
  return {
    status: 'pending',
    dueAt: now + HOLD_MIN_MS,
    outcome: 'held: the core threw over it',
    settled: null,
  };
}

/**
 * Settles a leased row that is not sent. When the core throws, the settlement is half done and cannot be taken back
 * within the turn: the turn starts over, forewarned.
 */
async function settleUnsent(
  row: OutboxRow,
  unsent: Plan,
  at: { readonly turn: Turn; readonly state: State; readonly options: DispatchOptions },
): Promise<void> {
  const { turn, state, options } = at;
  const { id } = row.effect;
  const threw = state.threw.get(id);
  const plan = forewarned(unsent, threw, turn.now);
  try {
    await settleIn(turn, { row, plan }, options);
    // At once: were it refused at the end of the turn, nobody could tell which row it was.
    await turn.workspace.flush();
  } catch (error) {
    if (plan.settled === null || error instanceof StoreUnavailable) throw error;
    options.log.error({ error, effect: id }, 'the core threw over an effect that was not sent');
    state.threw.set(id, { count: (threw?.count ?? 0) + 1, hold: true });
    throw new TurnAgain(`the core threw over ${id}`);
  }
  turn.afterCommit(() => {
    if (threw === undefined) return;
    if (plan.status === 'pending') state.threw.set(id, { ...threw, hold: false });
    else state.threw.delete(id);
    options.noteDue(turn.now + HOLD_MIN_MS);
  });
}

interface Dispatching {
  readonly options: DispatchOptions;
  readonly state: State;
  readonly wakeUps: WakeUps;
  readonly settleOptions: SettleOptions;
}

/** Once it is answered: the turn that writes that down leases what comes next, so that both are one commit. */
function releaseOf({ state, options }: Dispatching, send: Send): () => void {
  const { lane, target } = send.row.effect;
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    state.slots.release(lane, target);
    options.metrics.inFlight.set(state.slots.inFlight());
    wakeLane(state, lane);
  };
}

async function run(at: Dispatching, send: Send, release: () => void): Promise<void> {
  const { options } = at;
  const { row } = send;
  const { effect } = row;
  const answer = await attempt(send, {
    ...options,
    policy: () => options.setup().policy,
    secrets: () => options.targets.secrets(),
  });
  if (isCanary(effect)) return settleCanary({ effect, answer }, at.settleOptions);
  options.untaken.note(effect.target, answer);
  const now = options.clock.now();
  const ended = planOf(answer, {
    effect,
    attempt: row.attempt,
    refusedBefore: row.refused,
    mayHaveArrived: row.ambiguous,
    firstDueAt: row.firstDueAt,
    now,
    ...(effect.name === 'statusPage.publish' ? { components: send.wanted.components } : {}),
  });
  rest(effect, { answer, now }, { slots: at.state.slots, noteDue: options.noteDue });
  observe(row, { plan: ended, answer, now }, options);
  if (ended.status === 'pending' || ended.status === 'ambiguous') options.noteDue(ended.dueAt);
  release();
  await settle({ row, plan: ended }, at.settleOptions);
}

function start(at: Dispatching, send: Send): void {
  const { lane, target } = send.row.effect;
  const { state, options } = at;
  const release = releaseOf(at, send);
  state.underWay += 1;
  state.slots.take(lane, target, options.clock.now());
  options.metrics.inFlight.set(state.slots.inFlight());
  run(at, send, release)
    .catch((error: unknown) =>
      options.log.error(
        { error, effect: send.row.effect.id },
        'a send ended in an error of our own; its row is recovered when the lease ends',
      ),
    )
    .finally(() => {
      release();
      state.underWay -= 1;
      // Once more: what stands behind it in its stream may be sent only now that it is written down.
      wakeLane(state, lane);
      options.writer.runSoon();
      if (state.underWay === 0) state.idle?.();
    });
}

/** What cannot be read of it is told of: who is told is committed with the row. */
async function leaseDue(
  at: Dispatching,
  turn: Turn,
  lanes: readonly Lane[],
): Promise<readonly OutboxRow[]> {
  const slots = at.state.slots.copy();
  const targets = at.options.targets.names();
  const taken: TakenRows[] = [];
  for (const lane of lanes) taken.push(await leaseLane(lane, turn, { slots, targets }));
  const rows = taken.flatMap((leased) => leased.rows);
  const parked = taken.flatMap((leased) => leased.parked);
  if (parked.length === 0) return rows;
  await tellParked(turn, parked, at.settleOptions);
  // What stands behind it in its stream may be sent now.
  turn.afterCommit(() => lanes.forEach((lane) => wakeLane(at.state, lane)));
  return rows;
}

async function handle(at: Dispatching, turn: Turn, rows: readonly OutboxRow[]): Promise<Send[]> {
  const { options, state } = at;
  const leasedAt = options.clock.monotonic();
  const sends: Send[] = [];
  await turn.workspace.prepare(rows.map((row) => row.effect.incident));
  for (const row of rows) {
    const verdict = await verdictOn(row, turn, {
      log: options.log,
      target: options.targets.get(row.effect.target),
      leasedAt,
    });
    if (verdict.kind === 'send') sends.push(verdict.send);
    else {
      await settleUnsent(row, verdict.plan, { turn, state, options });
      if (verdict.plan.status === 'pending')
        turn.afterCommit(() => options.noteDue(verdict.plan.dueAt));
      // The next row of the stream may be sent now.
      turn.afterCommit(() => wakeLane(state, row.effect.lane));
    }
  }
  return sends;
}

/** What the turn wrote and nobody looked at yet is noted for later turns. */
function noteWritten(at: Dispatching, turn: Turn, from: number): void {
  const { state, options } = at;
  for (const [index, effect] of turn.workspace.written.entries()) {
    if (effect.dueAt > turn.now) options.noteDue(effect.dueAt);
    else if (index >= from) {
      wakeLane(state, effect.lane);
      options.writer.runSoon();
    }
  }
  for (const at of turn.workspace.wakes) {
    if (at > turn.now) options.noteDue(at);
    else {
      state.wakes += 1;
      state.incidentsAwake = state.wakes;
      options.writer.runSoon();
    }
  }
}

/** Wakes the incidents whose time has come. True: there is more. */
async function wakeIncidents({ state, wakeUps }: Dispatching, turn: Turn): Promise<boolean> {
  const { wakes, basis } = turn.workspace;
  const isAwake = state.incidentsAwake > 0 || wakes.some((at) => at <= turn.now);
  return isAwake || wakeUps.isStale(basis, turn.now) ? wakeUps.run(turn) : false;
}

async function runTurn(at: Dispatching, turn: Turn): Promise<void> {
  const { state, options } = at;
  const { workspace } = turn;
  await workspace.flush();
  const woken = state.incidentsAwake;
  const seen = new Map(state.awake);
  const moreIncidents = await wakeIncidents(at, turn);
  const written = workspace.written.length;
  const due = new Set(
    workspace.written.filter((effect) => effect.dueAt <= turn.now).map((effect) => effect.lane),
  );
  const lanes = LANES.filter((lane) => due.has(lane) || seen.has(lane));
  const rows = state.stopping || lanes.length === 0 ? [] : await leaseDue(at, turn, lanes);
  const sends = rows.length === 0 ? [] : await handle(at, turn, rows);
  await workspace.flush();
  turn.afterCommit(() => {
    for (const [lane, wake] of seen) if (state.awake.get(lane) === wake) state.awake.delete(lane);
    if (state.incidentsAwake === woken) state.incidentsAwake = moreIncidents ? state.wakes : 0;
    if (moreIncidents) options.writer.runSoon();
    for (const send of sends) start(at, send);
    noteWritten(at, turn, written);
    if (state.awake.size > 0) options.writer.runSoon();
  });
}

/** Rows in `sending` that nobody answers for: pages and messages are repeated, a post is looked up by the core. */
async function recoverRows(at: Dispatching, turn: Turn, upTo: number): Promise<number> {
  const { rows, parked } = await turn.tx.recoverSending(upTo);
  await tellParked(turn, parked, at.settleOptions);
  const repeated = rows.filter((row) => row.effect.name !== 'statusPage.publish');
  await turn.tx.wake({ ids: repeated.map((row) => row.effect.id) }, turn.now);
  for (const row of rows) {
    const { id: effect, name, target } = row.effect;
    at.options.log.warn(
      { effect, name, target, attempt: row.attempt },
      'an attempt ended without an outcome; its row is taken over',
    );
    if (row.effect.name !== 'statusPage.publish') continue;
    const detail = 'the process ended, or the lease was lost, while the post was being sent';
    await settleIn(
      turn,
      {
        row,
        plan: {
          status: 'done',
          dueAt: 0,
          outcome: `outcome unknown: ${detail}`,
          settled: { result: 'ambiguous', detail },
        },
      },
      at.options,
    );
  }
  return rows.length;
}

/** Builds the stage. It comes last in the writer: what a turn decided is leased, and leaves, with the same commit. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const state: State = {
    slots: createSlots(),
    underWay: 0,
    awake: new Map(),
    incidentsAwake: 0,
    wakes: 1,
    threw: new Map(),
    stopping: false,
    idle: null,
  };
  let waiting = 0;
  const stuck = createStuck(options);
  const settleOptions: SettleOptions = {
    ...options,
    stuck,
    releases: createReleases(),
    waiting: (change) => void (waiting += change),
  };
  const at: Dispatching = {
    options,
    state,
    wakeUps: createWakeUps({ ...options, stuck }),
    settleOptions,
  };
  const wake = (): void => {
    for (const lane of LANES) wakeLane(state, lane);
    state.incidentsAwake = state.wakes;
    const resume = state.slots.nextResume(options.clock.now());
    if (resume !== null) options.noteDue(resume);
    options.writer.runSoon();
  };
  return {
    lookAgain: (incidents) => options.writer.write((turn) => at.wakeUps.lookAgain(turn, incidents)),
    name: 'dispatch',
    wants: () => true,
    run: (turn) => runTurn(at, turn),
    failed: (error) => {
      options.log.error(
        { error },
        'leasing what is due failed in the store; it is tried again within a second',
      );
    },
    wake,
    inFlight: () => state.underWay - waiting,
    isResting: (target) => state.slots.isPaused(target, options.clock.now()),
    recover: async (upTo) => {
      const count = await options.writer.write((turn) => recoverRows(at, turn, upTo));
      if (count > 0) wake();
      return count;
    },
    stop: async () => {
      state.stopping = true;
      if (state.underWay === 0) return;
      await new Promise<void>((resolve) => {
        state.idle = resolve;
      });
    },
  };
}
