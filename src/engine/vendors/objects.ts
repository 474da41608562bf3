/**
 * Objects at the vendors, asked for the keys of their alerts: an event about one need not say that we made it, and whether
 * we did must be known before it is taken for somebody else's. Decisions never wait for it; they are made again.
 */
import type { Log } from '../../contract/adapter.ts';
import type { Reason } from '../../contract/outcome.ts';
import type { Clock } from '../clock.ts';
import type { AskKeys, ToldKeys } from '../deciding/recognise.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import type { Target, Targets } from './targets.ts';

export interface ObjectsOptions {
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Objects {
  readonly askKeys: AskKeys;
  /** Objects that are being asked. */
  inFlight(): number;
}

const WITHIN_MS = 10_000;
/** An answer is remembered for so long: by then its event is decided. */
const KNOWN_MS = 60_000;
/** Alerts may follow the incident, and a vendor that does not answer is asked again. */
const AGAIN_MS = 5_000;
const KNOWN_MAX = 1_000;
const ASKING_MAX = 8;

/** Of these another try may know more. */
const PASSES: ReadonlySet<Reason> = new Set(['timeout', 'network', 'server_error', 'rate_limited']);

interface Known {
  readonly told: ToldKeys;
  readonly until: number;
}

const WAITING: ToldKeys = { kind: 'waiting' };
const REFUSED: ToldKeys = { kind: 'refused' };

async function ask(target: Target, ref: string, options: ObjectsOptions): Promise<ToldKeys> {
  const { clock, log } = options;
  const { pager } = target.part.adapter;
  const { name, config } = target.part;
  const http = options.http.scoped({ target: name, endsAt: clock.monotonic() + WITHIN_MS });
  try {
    const read = await pager?.keysOf?.(ref, { config, http, now: clock.now(), log });
    if (read?.ok === true) return { kind: 'keys', keys: read.data };
    return read !== undefined && PASSES.has(read.reason) ? WAITING : REFUSED;
  } catch (error) {
    log.error({ error, target: name }, 'an adapter threw: this is a bug of the adapter');
    return REFUSED;
  }
}

/** Builds what asks; nothing is asked before somebody wants to know. */
export function createObjects(options: ObjectsOptions): Objects {
  const { targets, clock } = options;
  const known = new Map<string, Known>();
  const asking = new Set<string>();
  const remember = (id: string, told: ToldKeys): void => {
    const isFinal = told.kind === 'keys' && told.keys.length > 0;
    known.delete(id);
    known.set(id, { told, until: clock.now() + (isFinal ? KNOWN_MS : AGAIN_MS) });
    const [oldest] = known.keys();
    if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
  };
  const begin = async (id: string, target: Target, ref: string): Promise<void> => {
    asking.add(id);
    remember(id, await ask(target, ref, options));
    asking.delete(id);
  };
  return {
    askKeys: (name, ref) => {
      const target = targets.get(name);
      if (target?.part.adapter.pager?.keysOf === undefined) return REFUSED;
      const id = `${name}\n${ref}`;
      const before = known.get(id);
      const isStale = before === undefined || before.until <= clock.now();
      if (isStale && !asking.has(id) && asking.size < ASKING_MAX) void begin(id, target, ref);
      return before?.told ?? WAITING;
    },
    inFlight: () => asking.size,
  };
}
