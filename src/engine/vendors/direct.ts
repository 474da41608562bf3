/**
 * The direct path: a person is rung, and the channel for alarms is told, about Tocsin itself where the ordinary path may be
 * what has failed. Nothing is read from the store and nothing is written: whom to ring follows from the configuration in
 * memory, and each ring is one request to a pager.
 *
 * The first person is rung at once, the next one after each interval of alarms, until somebody acknowledges or it is over. A
 * pager that does not take the page is passed over for the next one, and all are tried again with the next look.
 */
import type { Log } from '../../contract/adapter.ts';
import type { PageOrder } from '../../contract/order.ts';
import type { Candidate } from '../../core/people/candidates.ts';
import { encodeDirect } from '../../core/model/made-ids.ts';
import type { PageAddress } from '../../core/model/policy.ts';
import type { Clock } from '../clock.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import type { Setup } from '../setup.ts';
import { revealed } from './orders.ts';
import type { Target, Targets } from './targets.ts';

/** Something about Tocsin itself of which a person must hear. */
export interface OwnTrouble {
  /** Same name = same trouble. */
  readonly name: string;
  readonly title: string;
  /** What it means and what to do. */
  readonly body: string;
}

export interface DirectOptions {
  readonly setup: () => Setup;
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this installation; part of each key. */
  readonly instance: () => string;
  /** In the order in which they are rung. */
  readonly whom: () => readonly Candidate[];
  /** While people have paused paging, nobody is rung. */
  readonly isPaused: () => boolean;
  readonly say: (text: string) => void;
}

export interface Direct {
  /** Goes on with the trouble, or begins it. */
  raise(trouble: OwnTrouble): void;
  /** It is over: what rings is closed, and said. Nothing happens where it was not raised. */
  clear(name: string, why: string): void;
  /** Names of what is raised. */
  raised(): readonly string[];
  /** To be called every few seconds. */
  look(): Promise<void>;
  inFlight(): number;
  /** Resolves once nothing is in flight. */
  settled(): Promise<void>;
}

const WITHIN_MS = 10_000;

/** A page at a pager. */
interface DirectPage {
  readonly address: PageAddress;
  readonly order: PageOrder;
}

interface Raised {
  trouble: OwnTrouble;
  /** How many people were rung so far. */
  rounds: number;
  rungAt: number | null;
  pages: readonly DirectPage[];
  isAnswered: boolean;
  isOver: boolean;
  /** Somebody is being rung, or it is asked who has answered. */
  isLookedAt: boolean;
}

const NOTHING_YET = { isAnswered: false, isOver: false, isLookedAt: false };

/** Pagers that may be asked; what is in shadow or off rings nobody. */
function pagerOf(targets: Targets, { target }: PageAddress): Target | null {
  const found = targets.get(target);
  const isOn = found?.mode === 'live' || found?.mode === 'draft';
  return isOn && found.part.adapter.pager !== undefined ? found : null;
}

/** The requests: each may fail, and none throws. */
function createCalls({ targets, http, clock, log }: DirectOptions) {
  const ioOf = (target: Target, name: string) => ({
    config: target.part.config,
    http: http.scoped({ target: name, endsAt: clock.monotonic() + WITHIN_MS }),
    now: clock.now(),
    log,
  });
  const guarded = async (target: string, call: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await call();
    } catch (error) {
      log.error({ error, target }, 'an adapter threw: this is a bug of the adapter');
      return false;
    }
  };
  return {
    /** Whether the pager has taken it. */
    ask: (method: 'trigger' | 'resolve', { address, order }: DirectPage): Promise<boolean> =>
      guarded(address.target, async () => {
        const target = pagerOf(targets, address);
        const pager = target?.part.adapter.pager;
        if (target === null || pager === undefined) return false;
        const outcome = await pager[method](order, ioOf(target, address.target));
        if (outcome.verb === 'delivered') return true;
        log.warn(
          { target: address.target, detail: outcome.detail },
          `a page about Tocsin itself was not taken (${method})`,
        );
        return false;
      }),
    /** Whether somebody has acknowledged there, as far as it can be asked. */
    isAnswered: ({ address, order }: DirectPage): Promise<boolean> =>
      guarded(address.target, async () => {
        const target = pagerOf(targets, address);
        const find = target?.part.adapter.pager?.find;
        if (target === null || find === undefined) return false;
        const found = await find(order, ioOf(target, address.target));
        const status = found.ok ? found.data.status : null;
        return status === 'acknowledged' || status === 'resolved';
      }),
  };
}

type Calls = ReturnType<typeof createCalls>;

function orderFor(one: Raised, address: PageAddress, options: DirectOptions): PageOrder {
  const { policy } = options.setup();
  const { name, title, body } = one.trouble;
  const number = one.rounds + 1;
  const key = encodeDirect({ instance: options.instance(), name, number });
  return {
    idempotencyKey: key,
    deadline: options.clock.now() + WITHIN_MS,
    key,
    address: revealed(address.address, options.targets.secrets()),
    urgency: 'high',
    severity: policy.routes.find((route) => route.isDefault)?.severity ?? null,
    title: `Tocsin: ${title}`,
    body,
    origin: 'tocsin',
    links: [],
    externalRef: null,
  };
}

/** Rings somebody at the first of their pagers that takes it. */
async function ringOne(
  one: Raised,
  candidate: Candidate,
  { options, calls }: { readonly options: DirectOptions; readonly calls: Calls },
): Promise<boolean> {
  for (const address of candidate.addresses) {
    if (one.isOver) return true;
    const page = { address, order: orderFor(one, address, options) };
    if (!(await calls.ask('trigger', page))) continue;
    one.pages = [...one.pages, page];
    const about = { about: one.trouble.name, who: candidate.label };
    options.log.warn(about, 'somebody was rung by the direct path');
    // It ended while the pager was asked.
    if (one.isOver) await calls.ask('resolve', page);
    return true;
  }
  return false;
}

/** Rings the next person who can be rung, unless somebody has acknowledged. */
async function ringNext(
  one: Raised,
  given: { readonly options: DirectOptions; readonly calls: Calls },
): Promise<void> {
  const { options, calls } = given;
  for (const page of one.pages) one.isAnswered ||= await calls.isAnswered(page);
  if (one.isAnswered) return;
  const list = options.whom();
  const from = one.rounds % Math.max(1, list.length);
  for (const [behind, candidate] of [...list.slice(from), ...list.slice(0, from)].entries()) {
    if (!(await ringOne(one, candidate, given))) continue;
    one.rounds += behind + 1;
    one.rungAt = options.clock.now();
    return;
  }
}

export function createDirect(options: DirectOptions): Direct {
  const { setup, clock, log, say } = options;
  const calls = createCalls(options);
  const raised = new Map<string, Raised>();
  const flying = new Set<Promise<unknown>>();
  const counted = async (work: () => Promise<unknown>): Promise<void> => {
    const flight = work();
    flying.add(flight);
    await flight.finally(() => flying.delete(flight));
  };
  const lookAt = async (one: Raised): Promise<void> => {
    const isQuiet = one.isOver || one.isAnswered || one.isLookedAt || options.isPaused();
    const { alarmEveryMs } = setup().policy.automation;
    const isFresh = one.rungAt !== null && clock.now() - one.rungAt < alarmEveryMs;
    if (isQuiet || isFresh) return;
    one.isLookedAt = true;
    await counted(() => ringNext(one, { options, calls }));
    one.isLookedAt = false;
  };
  return {
    raise: (trouble) => {
      const known = raised.get(trouble.name);
      if (known !== undefined) {
        known.trouble = trouble;
        return;
      }
      const one = { trouble, rounds: 0, rungAt: null, pages: [], ...NOTHING_YET };
      raised.set(trouble.name, one);
      log.error({ about: trouble.name }, `${trouble.title}. ${trouble.body}`);
      say(`Tocsin: ${trouble.title}. ${trouble.body}`);
      void lookAt(one);
    },
    clear: (name, why) => {
      const one = raised.get(name);
      if (one === undefined) return;
      raised.delete(name);
      one.isOver = true;
      log.warn({ about: name }, `over: ${one.trouble.title}. ${why}`);
      say(`Tocsin: over: ${one.trouble.title}. ${why}`);
      for (const page of one.pages) void counted(() => calls.ask('resolve', page));
    },
    raised: () => [...raised.keys()],
    look: async () => {
      for (const one of raised.values()) await lookAt(one);
    },
    inFlight: () => flying.size,
    settled: async () => {
      while (flying.size > 0) await Promise.all(flying);
    },
  };
}
