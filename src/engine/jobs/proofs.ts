/**
 * The proof of targets: each that is in use is asked whether it would work, by what `doctor` asks, which rings nobody. All of
 * them by the calendar; one that is new, or whose configuration was changed, within minutes; one that would not work again
 * and again, until it does. One target at a time, its requests apart. Decided in docs/adr/0032.
 */
import type { Finding, Log } from '../../contract/adapter.ts';
import type { Http } from '../../contract/http.ts';
import { isRecord } from '../../contract/json.ts';
import type { SelfKey } from '../../core/model/arriving-keys.ts';
import type { Mode } from '../../core/model/policy.ts';
import type { Schedule } from '../../lib/cron.ts';
import type { Reads, Tx } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { StandingAlert } from '../watching/self-alerts.ts';
import type { Job } from './jobs.ts';

/** What is kept of a target between two proofs, and between two processes. */
interface KeptProof {
  readonly askedAt: number;
  /** When it was last found to work; null: never. */
  readonly provedAt: number | null;
  /** Since when each proof found a problem; null: the last one did not. */
  readonly failingSince: number | null;
  /** What the last proof found, with what to do. */
  readonly problems: readonly string[];
}

/** A target of the configuration that can be asked. */
export interface ProvableTarget {
  readonly name: string;
  readonly type: string;
  readonly mode: Mode;
  /** Changes with what the target is asked about: its part of the configuration, as it is in memory. */
  readonly version: unknown;
}

export interface TargetHealth {
  readonly name: string;
  readonly type: string;
  readonly mode: Mode;
  /** Null: never. */
  readonly provedAt: number | null;
  readonly failingSince: number | null;
  readonly problems: readonly string[];
}

export interface ProofsOptions {
  readonly schedule: () => Schedule;
  /** All of the configuration that can be asked, whatever their mode. */
  readonly targets: () => readonly ProvableTarget[];
  /** What is wrong with the target there. */
  readonly examine: (
    target: string,
    paced: (http: Http) => Http,
  ) => Promise<readonly Finding[] | null>;
  /** Whether it asked to be left alone for a while. */
  readonly isResting: (target: string) => boolean;
  /** Since when it has taken nothing of what was sent to it; null: it does. */
  readonly untakenSince: (target: string) => number | null;
  readonly reads: Pick<Reads, 'metas'>;
  /** Whether people are alarmed by an incident that this target does not do what it should. */
  readonly isAlarmedAbout: (target: string) => Promise<boolean>;
  readonly write: <T>(
    work: (turn: { readonly tx: Pick<Tx, 'setMeta'> }) => Promise<T>,
  ) => Promise<T>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'targetProved'>;
  readonly redact: (text: string) => string;
  readonly selfAlert: (alert: SelfAlert) => void;
  /** Which of these alerts about Tocsin itself fire. */
  readonly standing: (keys: readonly SelfKey[]) => Promise<readonly StandingAlert[]>;
}

export interface Proofs {
  /** Learns what earlier processes found. */
  start(): Promise<void>;
  /** Asks those that are due before their day, unless one is asked; does not wait for it. */
  tick(): void;
  /** Has it asked with the next `tick`. */
  askSoon(target: string): void;
  stop(): void;
  /** Of all that could be asked; those that are off are not. */
  all(): readonly TargetHealth[];
  /** Of all of them, by the calendar. */
  readonly job: Job;
  inFlight(): number;
}

const MINUTE_MS = 60_000;
/** A start has other things to do; what is new at a reload waits for less. */
const AFTER_START_MS = 10 * MINUTE_MS;
const AFTER_RELOAD_MS = MINUTE_MS;
/** A vendor that was down for a moment is nobody's business: who fails is told of from the second time on. */
const AGAIN_FIRST_MS = 10 * MINUTE_MS;
const AGAIN_MS = 60 * MINUTE_MS;
/** At most four requests a second: the narrowest limit is 120 a minute for one key of PagerDuty, and each key is asked once. */
const APART_MS = 250;
const META = 'proof:';
const PROBLEMS_MAX = 10;
const PROBLEM_MAX = 300;

const NEVER: KeptProof = { askedAt: 0, provedAt: null, failingSince: null, problems: [] };

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || Number.isFinite(value);
}

function isKeptProof(value: unknown): value is KeptProof {
  return (
    isRecord(value) &&
    Number.isFinite(value['askedAt']) &&
    isNumberOrNull(value['provedAt']) &&
    isNumberOrNull(value['failingSince']) &&
    Array.isArray(value['problems']) &&
    value['problems'].every((one) => typeof one === 'string')
  );
}

/** Null: it is spoilt. */
function readKeptProof(text: string): KeptProof | null {
  try {
    const value: unknown = JSON.parse(text);
    return isKeptProof(value) ? value : null;
  } catch {
    return null;
  }
}

function alertKey(target: string): SelfKey {
  return { kind: 'proof', target };
}

/** What is in shadow sends nothing and is only shown. */
function isTold({ mode }: ProvableTarget): boolean {
  return mode === 'live' || mode === 'draft';
}

function alertOf(target: string, { problems }: KeptProof, isFiring: boolean): SelfAlert {
  return {
    key: alertKey(target),
    alertname: 'TargetUnproved',
    status: isFiring ? 'firing' : 'resolved',
    title: `The target "${target}" would not work`,
    description: isFiring
      ? `Seen without ringing anybody: ${problems.join('; ')}. It is asked again every hour; see \`tocsin status\`, and \`tocsin doctor\` for all that was asked.`
      : 'It works, or is in use no more.',
    labels: { target },
  };
}

function textOf({ what, hint }: Finding): string {
  return hint === '' ? what : `${what}. ${hint}`.replace(/\.$/, '');
}

/** What is known of each target; every change is written before it counts. */
function createKept({ reads, write, metrics, log }: ProofsOptions) {
  const all = new Map<string, KeptProof>();
  const show = (target: string, { provedAt, failingSince }: KeptProof): void => {
    const since = provedAt ?? failingSince;
    if (since !== null) metrics.targetProved.set({ target }, since / 1000);
  };
  return {
    of: (target: string): KeptProof => all.get(target) ?? NEVER,
    names: (): readonly string[] => [...all.keys()],
    put: async (target: string, kept: KeptProof): Promise<void> => {
      await write(({ tx }) => tx.setMeta(META + target, JSON.stringify(kept)));
      all.set(target, kept);
      show(target, kept);
    },
    load: async (): Promise<void> => {
      for (const { key, value } of await reads.metas(META)) {
        const kept = readKeptProof(value);
        if (kept === null)
          log.warn({ key }, 'what was known of a target is spoilt; it is asked anew');
        else all.set(key.slice(META.length), kept);
      }
      for (const [target, kept] of all) show(target, kept);
    },
  };
}

type Kept = ReturnType<typeof createKept>;

/**
 * When each target is due before its day: a minute after it came or changed, ten minutes after a start, and again and again
 * while it fails.
 */
function createSoon({ clock, targets }: Pick<ProofsOptions, 'clock' | 'targets'>) {
  const known = new Map<string, { readonly version: unknown; readonly at: number | null }>();
  const look = (afterMs: number): void => {
    const now = clock.now();
    const present = targets();
    for (const { name, version, mode } of present)
      if (mode !== 'off' && known.get(name)?.version !== version)
        known.set(name, { version, at: now + afterMs });
    const names = new Set(present.filter(({ mode }) => mode !== 'off').map(({ name }) => name));
    for (const name of known.keys()) if (!names.has(name)) known.delete(name);
  };
  return {
    begin: () => look(AFTER_START_MS),
    /** The one that has been due for longest. */
    next: (): string | null => {
      look(AFTER_RELOAD_MS);
      const now = clock.now();
      const due = [...known].flatMap(([name, { at }]) =>
        at === null || at > now ? [] : [{ name, at }],
      );
      return due.toSorted((a, b) => a.at - b.at)[0]?.name ?? null;
    },
    set: (target: string, at: number | null): void => {
      const before = known.get(target);
      if (before !== undefined) known.set(target, { ...before, at });
    },
  };
}

/** How many work, and nobody waits for the clock meanwhile: a wait between two requests is none. */
function createPace(clock: Clock) {
  let working = 0;
  const work = async <T>(run: () => Promise<T>): Promise<T> => {
    working += 1;
    try {
      return await run();
    } finally {
      working -= 1;
    }
  };
  const rest = async (): Promise<void> => {
    await new Promise<void>((goOn) => {
      clock.after(APART_MS, () => {
        working += 1;
        goOn();
      });
      working -= 1;
    });
  };
  const paced = (http: Http): Http => ({
    send: async (request) => {
      await rest();
      return http.send(request);
    },
  });
  return { work, paced, working: () => working };
}

/** Tells a person, or that it is over; what somebody has closed is said again by the next proof of all. */
async function tell(
  target: string,
  {
    kept,
    isToBeTold,
    isOfAll,
  }: {
    readonly kept: KeptProof;
    readonly isToBeTold: boolean;
    readonly isOfAll: boolean;
  },
  options: ProofsOptions,
): Promise<void> {
  const [known] = await options.standing([alertKey(target)]);
  const isOver = !isToBeTold || kept.failingSince === null;
  if (isOver && known !== undefined) options.selfAlert(alertOf(target, kept, false));
  const isNew = known === undefined || (!known.isOpen && isOfAll);
  // Seen twice, ten minutes apart.
  const lasts = kept.failingSince !== null && kept.askedAt - kept.failingSince >= AGAIN_FIRST_MS;
  if (isOver || !isNew || !lasts) return;
  // Whoever can be rung about it is told already, by the incident that waits for it.
  if (!(await options.isAlarmedAbout(target))) options.selfAlert(alertOf(target, kept, true));
}

async function ask(
  target: ProvableTarget,
  paced: (http: Http) => Http,
  { examine, redact, log }: ProofsOptions,
): Promise<readonly string[]> {
  try {
    const findings = (await examine(target.name, paced)) ?? [];
    return findings
      .filter(({ level }) => level === 'problem')
      .slice(0, PROBLEMS_MAX)
      .map((one) => redact(textOf(one)).slice(0, PROBLEM_MAX));
  } catch (error) {
    log.error({ error, target: target.name }, 'an adapter threw: this is a bug of the adapter');
    return ['its adapter threw; see the log'];
  }
}

function again(kept: KeptProof): number | null {
  if (kept.failingSince === null) return null;
  const isFirst = kept.askedAt === kept.failingSince;
  return kept.askedAt + (isFirst ? AGAIN_FIRST_MS : AGAIN_MS);
}

interface Memory {
  readonly kept: Kept;
  readonly soon: ReturnType<typeof createSoon>;
  readonly pace: ReturnType<typeof createPace>;
}

/** Asks targets, one after the other. */
function createAsking(options: ProofsOptions, { kept, soon, pace }: Memory) {
  const { clock, log, targets, isResting } = options;
  let isStopped = false;
  let last: Promise<unknown> = Promise.resolve();
  let running = 0;
  const proveOne = async (name: string, isOfAll: boolean): Promise<boolean> => {
    const target = targets().find((one) => one.name === name && one.mode !== 'off');
    if (target === undefined || isStopped) return true;
    if (isResting(name)) {
      soon.set(name, clock.now() + MINUTE_MS);
      return true;
    }
    const problems = await ask(target, pace.paced, options);
    if (isStopped) return true;
    const askedAt = clock.now();
    const before = kept.of(name);
    const isWell = problems.length === 0;
    const now: KeptProof = {
      askedAt,
      provedAt: isWell ? askedAt : before.provedAt,
      failingSince: isWell ? null : (before.failingSince ?? options.untakenSince(name) ?? askedAt),
      problems,
    };
    await kept.put(name, now);
    soon.set(name, again(now));
    if (isWell) log.info({ target: name }, 'a target was proved');
    else log.warn({ target: name, problems }, 'a target would not work');
    await tell(name, { kept: now, isToBeTold: isTold(target), isOfAll }, options);
    return isWell;
  };
  /** One after the other: the calendar and what is due before its day are in nobody's hurry. */
  const prove = (name: string, isOfAll: boolean): Promise<boolean> => {
    running += 1;
    const done = last.then(() => pace.work(() => proveOne(name, isOfAll)));
    last = done.catch(() => undefined).finally(() => (running -= 1));
    return done;
  };
  return {
    prove,
    isFree: () => running === 0 && !isStopped,
    stop: () => void (isStopped = true),
  };
}

/** Builds it; nothing is asked before `start` and a `tick` or the calendar. */
export function createProofs(options: ProofsOptions): Proofs {
  const { clock, log, targets } = options;
  const kept = createKept(options);
  const soon = createSoon(options);
  const pace = createPace(clock);
  const { prove, isFree, stop } = createAsking(options, { kept, soon, pace });
  let isJob = false;
  /** What was told of and is in use no more. */
  const endGone = async (): Promise<void> => {
    const used = new Set(
      targets()
        .filter(isTold)
        .map(({ name }) => name),
    );
    const gone = kept.names().filter((name) => !used.has(name));
    for (const { key } of await options.standing(gone.map(alertKey)))
      if (key.kind === 'proof') options.selfAlert(alertOf(key.target, NEVER, false));
  };
  const proveAll = async (): Promise<string> => {
    await pace.work(endGone);
    const names = targets().flatMap(({ name, mode }) => (mode === 'off' ? [] : [name]));
    const failing: string[] = [];
    for (const name of names) if (!(await prove(name, true))) failing.push(name);
    const count = `${names.length} ${names.length === 1 ? 'target' : 'targets'}`;
    return failing.length === 0
      ? `asked ${count}: all would work`
      : `asked ${count}: ${failing.join(', ')} would not work`;
  };
  return {
    start: async () => {
      await kept.load();
      soon.begin();
    },
    tick: () => {
      if (!isFree()) return;
      const name = soon.next();
      if (name !== null)
        prove(name, false).catch((error: unknown) =>
          log.error({ error, target: name }, 'the proof of a target could not be noted'),
        );
    },
    askSoon: (target) => soon.set(target, clock.now()),
    stop,
    all: () =>
      targets().map(({ name, type, mode }) => {
        const { provedAt, failingSince, problems } = kept.of(name);
        return { name, type, mode, provedAt, failingSince, problems };
      }),
    job: {
      name: 'proof',
      schedule: options.schedule,
      run: async () => {
        isJob = true;
        try {
          return await proveAll();
        } finally {
          isJob = false;
        }
      },
    },
    // The job counts as one that runs, also while it waits.
    inFlight: () => pace.working() - (isJob ? 1 : 0),
  };
}
