/**
 * The direct path: a person is rung, and the channel for alarms is told, about Tocsin itself where the ordinary path may be
 * what has failed. Nothing is read from the store and nothing is written there: whom to ring follows from the configuration in
 * memory, each ring is one request to a pager, and what rings is kept in a small file (see `ownTroubles.ts`).
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
import type { StandingTrouble, TroublePage, OwnTroubles } from './own-troubles.ts';
import type { Target, Targets } from './targets.ts';

/** Something about Tocsin itself of which a person must hear. */
export type OwnTrouble = Pick<StandingTrouble, 'name' | 'title' | 'body'>;

export interface DirectOptions {
  readonly setup: () => Setup;
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly ownTroubles: OwnTroubles;
  /** In the order in which they are rung. */
  readonly whom: () => readonly Candidate[];
  /** While people have paused paging, nobody is rung. */
  readonly isPaused: () => boolean;
  readonly say: (text: string) => void;
}

export interface Direct {
  /** Goes on with the trouble, or begins it. */
  raise(trouble: OwnTrouble): void;
  /** It is over: what rings is closed, and said. Nothing happens where it was not raised, by this process or one before it. */
  clear(name: string, why: string): void;
  /** To be called every few seconds. */
  look(): Promise<void>;
  inFlight(): number;
  /** Resolves once nothing is in flight. */
  settled(): Promise<void>;
}

const WITHIN_MS = 10_000;

/** A page at a pager, as it is asked for. */
interface DirectPage {
  readonly address: PageAddress;
  readonly order: PageOrder;
}

interface Raised {
  standing: StandingTrouble;
  /** Somebody is being rung, or it is asked who has answered, or what rings is being closed. */
  isLookedAt: boolean;
}

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

function pageFor(
  { title, body }: StandingTrouble,
  { address, key }: TroublePage,
  { setup, targets, clock }: DirectOptions,
): DirectPage {
  const { policy } = setup();
  const order = {
    idempotencyKey: key,
    deadline: clock.now() + WITHIN_MS,
    key,
    address: revealed(address.address, targets.secrets()),
    urgency: 'high',
    severity: policy.routes.find((route) => route.isDefault)?.severity ?? null,
    title: `Tocsin: ${title}`,
    body,
    origin: 'tocsin',
    links: [],
    externalRef: null,
  } as const;
  return { address, order };
}

/** What is done about one trouble. `note` keeps what became of it. */
interface Doing {
  readonly options: DirectOptions;
  readonly calls: Calls;
  readonly note: (one: Raised, change: Partial<StandingTrouble>) => void;
}

/** Rings somebody at the first of their pagers that takes it. */
async function ringOne(one: Raised, candidate: Candidate, doing: Doing): Promise<boolean> {
  const { options, calls, note } = doing;
  for (const address of candidate.addresses) {
    const { standing } = one;
    if (standing.isOver) return true;
    const { name, since, rounds } = standing;
    const installation = options.ownTroubles.id();
    const key = encodeDirect({ installation, name, since, number: rounds + 1 });
    const page = { address, key };
    // Kept first: a process that dies right behind the request has left a page there.
    note(one, { pages: [...standing.pages, page] });
    if (await calls.ask('trigger', pageFor(standing, page, options))) {
      const about = { about: name, who: candidate.label, key };
      options.log.warn(about, 'a page by the direct path was taken');
      return true;
    }
    note(one, { pages: one.standing.pages.filter((asked) => asked !== page) });
  }
  return false;
}

/** Rings the next person who can be rung, unless somebody has acknowledged. */
async function ringNext(one: Raised, doing: Doing): Promise<void> {
  const { options, calls, note } = doing;
  for (const page of one.standing.pages)
    if (await calls.isAnswered(pageFor(one.standing, page, options)))
      note(one, { isAnswered: true });
  const { isAnswered, rounds } = one.standing;
  if (isAnswered) return;
  const list = options.whom();
  const from = rounds % Math.max(1, list.length);
  for (const [behind, candidate] of [...list.slice(from), ...list.slice(0, from)].entries()) {
    if (!(await ringOne(one, candidate, doing))) continue;
    note(one, { rounds: rounds + behind + 1, rungAt: options.clock.now() });
    return;
  }
}

/** Closes what rings of a trouble that is over; what its pager does not take is tried again with the next look. */
async function closeAll(one: Raised, { options, calls, note }: Doing): Promise<void> {
  for (const page of one.standing.pages)
    if (await calls.ask('resolve', pageFor(one.standing, page, options)))
      note(one, { pages: one.standing.pages.filter(({ key }) => key !== page.key) });
}

/** The ownTroubles that this process and those before it have noticed and that are not done with. */
function createRaised({ ownTroubles }: Pick<DirectOptions, 'ownTroubles'>) {
  let all: readonly Raised[] = ownTroubles
    .all()
    .map((standing) => ({ standing, isLookedAt: false }));
  const keep = (): void => {
    all = all.filter(({ standing }) => !standing.isOver || standing.pages.length > 0);
    ownTroubles.keep(all.map(({ standing }) => standing));
  };
  return {
    all: () => all,
    lasting: (name: string): Raised | undefined =>
      all.find(({ standing }) => standing.name === name && !standing.isOver),
    begin: (standing: StandingTrouble): Raised => {
      const one = { standing, isLookedAt: false };
      all = [...all, one];
      keep();
      return one;
    },
    note: (one: Raised, change: Partial<StandingTrouble>): void => {
      one.standing = { ...one.standing, ...change };
      keep();
    },
  };
}

const NOBODY_YET = {
  rounds: 0,
  rungAt: null,
  isAnswered: false,
  isOver: false,
  pages: [],
} as const;

export function createDirect(options: DirectOptions): Direct {
  const { setup, clock, log, say, ownTroubles } = options;
  const raised = createRaised(options);
  const doing = { options, calls: createCalls(options), note: raised.note };
  const flying = new Set<Promise<unknown>>();
  const counted = async (one: Raised, work: () => Promise<unknown>): Promise<void> => {
    one.isLookedAt = true;
    const flight = work();
    flying.add(flight);
    await flight.finally(() => flying.delete(flight));
    one.isLookedAt = false;
  };
  const lookAt = async (one: Raised): Promise<void> => {
    const { isOver, isAnswered, rungAt } = one.standing;
    if (one.isLookedAt) return;
    if (isOver) return counted(one, () => closeAll(one, doing));
    const { alarmEveryMs } = setup().policy.automation;
    const isFresh = rungAt !== null && clock.now() - rungAt < alarmEveryMs;
    if (isAnswered || isFresh || options.isPaused()) return;
    await counted(one, () => ringNext(one, doing));
    // It ended while somebody was rung.
    if (one.standing.isOver) await counted(one, () => closeAll(one, doing));
  };
  return {
    raise: (trouble) => {
      const { name, title, body } = trouble;
      const known = raised.lasting(name);
      if (known !== undefined) {
        if (known.standing.title !== title || known.standing.body !== body)
          raised.note(known, trouble);
        return;
      }
      const since = ownTroubles.beginning(clock.now());
      const one = raised.begin({ ...trouble, ...NOBODY_YET, since });
      log.error({ about: name }, `${title}. ${body}`);
      say(`Tocsin: ${title}. ${body}`);
      void lookAt(one);
    },
    clear: (name, why) => {
      const one = raised.lasting(name);
      if (one === undefined) return;
      raised.note(one, { isOver: true });
      const { title } = one.standing;
      log.warn({ about: name }, `over: ${title}. ${why}`);
      say(`Tocsin: over: ${title}. ${why}`);
      void lookAt(one);
    },
    look: async () => {
      for (const one of raised.all()) await lookAt(one);
    },
    inFlight: () => flying.size,
    settled: async () => {
      while (flying.size > 0) await Promise.all(flying);
    },
  };
}
