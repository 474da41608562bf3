/**
 * Who is on call at the vendors: read ahead every few minutes and kept, also across restarts, so that no decision waits
 * for a vendor and paging goes on with the last reading while one is down.
 */
import type { Log, OnCallPerson } from '../../contract/adapter.ts';
import { encodeSchedule } from '../../core/model/keys.ts';
import type { Lookups } from '../../core/model/lookups.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Reads } from '../../store/store.ts';
import type { Clock, Timer } from '../clock.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import { personOf } from '../deciding/people.ts';
import type { Targets } from './targets.ts';
import type { Writer } from '../deciding/writer.ts';

interface Schedule {
  readonly target: string;
  readonly id: string;
  readonly name: string;
}

export interface OnCallOptions {
  readonly policy: () => Policy;
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly reads: Pick<Reads, 'meta'>;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  /** Somebody else is on call now: what is owed may follow from it. */
  readonly onChange: () => void;
}

export interface OnCall {
  /** Loads the readings of an earlier run. */
  load(): Promise<void>;
  /** Reads every schedule of the policy now, and again every few minutes until stopped. */
  start(): void;
  /** Reads now, e.g. after a reload. */
  refresh(): void;
  readings(): Lookups['onCall'];
  /** Reads under way. */
  inFlight(): number;
  stop(): void;
}

const REFRESH_MS = 3 * 60_000;
const READ_WITHIN_MS = 20_000;

function isSchedule(value: object): value is {
  readonly target: string;
  readonly schedule: { readonly id: string; readonly name: string };
} {
  return 'kind' in value && value.kind === 'schedule' && 'target' in value && 'schedule' in value;
}

function collect(value: unknown, into: Map<string, Schedule>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isSchedule(value)) {
    const schedule = { target: value.target, ...value.schedule };
    into.set(encodeSchedule(schedule), schedule);
    return;
  }
  for (const inner of Object.values(value)) collect(inner, into);
}

/** Every schedule that any role, service, step or audience of the policy names. */
export function schedulesOf(policy: Policy): readonly Schedule[] {
  const found = new Map<string, Schedule>();
  collect(policy, found);
  return [...found.values()];
}

interface Reading {
  readonly people: readonly string[];
  readonly readAt: number;
}

interface Readings {
  readonly options: OnCallOptions;
  byKey: Readonly<Record<string, Reading>>;
  underWay: number;
}

/** The policy's people among those whom the vendor names. */
function known(
  named: readonly OnCallPerson[],
  schedule: Schedule,
  about: { readonly type: string; readonly options: OnCallOptions },
): readonly string[] {
  const people = new Set<string>();
  for (const one of named) {
    const person = personOf(one, about.type, about.options.policy());
    if (person !== null) people.add(person);
    else
      about.options.log.warn(
        {
          target: schedule.target,
          schedule: schedule.name,
          person: one.name ?? one.email ?? one.id,
        },
        'somebody on call there is not among people: in the configuration and cannot be rung from here',
      );
  }
  return [...people];
}

async function read(readings: Readings, schedule: Schedule): Promise<void> {
  const { options } = readings;
  const { clock, log } = options;
  const target = options.targets.get(schedule.target);
  const part = target?.part.adapter.onCall;
  if (target === null || part === undefined) return;
  const now = clock.now();
  const http = options.http.scoped({
    target: schedule.target,
    endsAt: clock.monotonic() + READ_WITHIN_MS,
  });
  const io = { config: target.part.config, http, now, log };
  const result = await part.whoIsOn({ id: schedule.id, name: schedule.name }, now, io);
  if (!result.ok) {
    const { reason, detail } = result;
    log.warn(
      { target: schedule.target, schedule: schedule.name, reason, detail },
      'the on-call could not be read; the last reading stays',
    );
    return;
  }
  const people = known(result.data, schedule, { type: target.part.adapter.name, options });
  const reading: Reading = { people, readAt: now };
  const before = readings.byKey[encodeSchedule(schedule)]?.people;
  readings.byKey = { ...readings.byKey, [encodeSchedule(schedule)]: reading };
  if (before === undefined || before.join('\n') !== people.join('\n')) options.onChange();
  await options.writer.write((turn) =>
    turn.tx.setMeta(encodeSchedule(schedule), JSON.stringify(reading)),
  );
}

async function readAll(readings: Readings): Promise<void> {
  readings.underWay += 1;
  for (const schedule of schedulesOf(readings.options.policy())) {
    try {
      await read(readings, schedule);
    } catch (error) {
      readings.options.log.error({ error, schedule: schedule.name }, 'reading the on-call failed');
    }
  }
  readings.underWay -= 1;
}

/** Builds the reader; nothing is asked before `start`. */
export function createOnCall(options: OnCallOptions): OnCall {
  const readings: Readings = { options, byKey: {}, underWay: 0 };
  let timer: Timer | null = null;
  const loop = (): void => {
    timer = options.clock.after(REFRESH_MS, loop);
    void readAll(readings);
  };
  return {
    load: async () => {
      for (const schedule of schedulesOf(options.policy())) {
        const text = await options.reads.meta(encodeSchedule(schedule));
        // Written by `read` above.
        if (text !== null)
          readings.byKey = {
            ...readings.byKey,
            [encodeSchedule(schedule)]: JSON.parse(text) as Reading,
          };
      }
    },
    start: loop,
    refresh: () => void readAll(readings),
    readings: () => readings.byKey,
    inFlight: () => readings.underWay,
    stop: () => timer?.cancel(),
  };
}
