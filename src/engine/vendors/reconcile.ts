/**
 * Asks each pager what became of the pages that wait for an answer: often where no source tells of them, now and then
 * where one should, because a webhook may be switched off, misfiltered or stuck behind a firewall without our noticing.
 * Now and then, too, whether those that were answered are over there. And whether what was answered or ended here is so
 * there, or has come since where nobody knew whether it arrived: a phone would ring on for it.
 * One listing for all pages of a target where the pager has one, and singly for those it does not speak of.
 */
import type { Instant } from '../../core/model/alert.ts';
import type { Io, Log, PagerPart } from '../../contract/adapter.ts';
import type { PageFound } from '../../contract/order.ts';
import type { ReadResult, Reason } from '../../contract/outcome.ts';
import type { PageCursor, PageRow, Reads } from '../../store/store.ts';
import type { Clock, Timer } from '../clock.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import type { Setup } from '../setup.ts';
import { revealed } from './orders.ts';
import { adoptedNews, isAdopted } from './adopted-news.ts';
import { pick } from '../../lib/pick.ts';
import { actorOf, answererOf } from '../deciding/people.ts';
import {
  actionOf,
  hasComeLate,
  isEndAwaited,
  isLearnedLate,
  isNewsOf,
  type News,
  refOf,
} from './page-news.ts';
import { tellsByItself } from '../../core/paging/progress.ts';
import { createUnread, tellOfUnread, type Unread } from './unread.ts';
import { createStillThere, type StillThere } from './still-there.ts';
import {
  byKeyAlone,
  oldestFirst,
  isAnswerAwaited,
  isOther,
  mayComeLate,
  nextOf,
  type Waiting,
  type WaitingFound,
} from './waiting.ts';
import { canBeAskedNow, type Target, type Targets } from './targets.ts';
import type { Turn } from '../deciding/turns.ts';
import type { Writer } from '../deciding/writer.ts';

export interface ReconcileOptions {
  readonly setup: () => Setup;
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly reads: Pick<Reads, 'openPages' | 'lateRings' | 'toldRings'>;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the target asked to be left alone for a while. */
  readonly isResting: (target: string) => boolean;
}

export interface Reconcile {
  /** Begins with a round at once: somebody may have answered while no process ran. */
  start(): void;
  /** Rounds under way. */
  inFlight(): number;
  /** Since when nobody could be told by any way whether the ring was answered; null: it could be read, or nobody waits for that. */
  unreadSince(ring: { readonly target: string; readonly key: string }): Instant | null;
  stop(): void;
}

const EVERY_MS = 30_000;
/** Where a source speaks of the target, asking is the safety net, and for an end there is time: each fourth beat, every 120 s. */
const SELDOM = 4;
const LIST_WITHIN_MS = 60_000;
const FINDS_WITHIN_MS = 30_000;
/** A round and target: with a bound on each round no pager is flooded by the pages that its listing leaves out. */
const FINDS_MAX = 20;
/** Of those that were answered, on top, and of those that may come late: few, and none takes the place of one that rings. */
const ENDS_MAX = 5;
/** What its pager has not carried out so long after it was asked for it last comes no more. */
const LATE_MAX_MS = 26 * 60 * 60_000;
/** Rows in one read, so that nothing else waits long for it. */
const READ_ROWS = 500;
/** Answers in one turn of the writer. */
const ANSWERS_A_TURN = 8;

/** What the rounds of one target remember. */
interface Memory {
  isAsking: boolean;
  /** The key that was asked singly last: the next round goes on behind it, so that none starves. */
  askedUpTo: string;
  /** The same of those that were answered. */
  endsAskedUpTo: string;
  /** The same of those that may come late. */
  lateAskedUpTo: string;
  /** Of what was answered or ended here. */
  readonly stillThere: StillThere;
  /** Of the rings that wait for an answer. */
  readonly unread: Unread;
  /** Why the last round could not be finished, said once; null: it was finished. */
  trouble: Reason | null;
}

interface Round {
  readonly options: ReconcileOptions;
  readonly name: string;
  readonly target: Target;
  readonly pager: PagerPart<unknown>;
  readonly memory: Memory;
  /** It asks about what was answered as well. */
  readonly isForEnds: boolean;
  /** What was asked in it so far, by key: why it could not be read; null: it was. */
  readonly read: Map<string, string | null>;
  readonly isStopped: () => boolean;
}

type Looked = ReadResult<PageFound>;

/** Rings of one key are one object at the vendor: the first of them made it, and knows best what it is called there. */
function waitingFor(rows: readonly PageRow[], { options }: Round): readonly Waiting[] {
  const [first] = rows.toSorted((a, b) => a.since - b.since);
  if (first === undefined) return [];
  const externalRef = first.ref ?? rows.find((row) => row.ref !== null)?.ref ?? null;
  const address = revealed(first.address.address, options.targets.secrets());
  return [{ sought: Object.freeze({ key: first.key, address, externalRef }), rows }];
}

/** What may ring late at the target, by key. */
async function allLate(round: Round): Promise<readonly Waiting[]> {
  const { options, name } = round;
  const since = options.clock.now() - LATE_MAX_MS;
  const rows = await options.reads.lateRings({ target: name, since, limit: READ_ROWS });
  return [...Map.groupBy(rows, ({ key }) => key)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, ofKey]) => waitingFor(ofKey, round))
    .map(({ sought, rows: late }) => ({ sought: byKeyAlone(sought), rows: late }));
}

/** What its pager took that it is answered or over, by key. */
async function allTold(round: Round): Promise<readonly Waiting[]> {
  const { options, name } = round;
  const since = options.clock.now() - LATE_MAX_MS;
  const query = { target: name, since, limit: READ_ROWS };
  const rows = await options.reads.toldRings(query);
  return [...Map.groupBy(rows, ({ key }) => key).values()]
    .flatMap((ofKey) => waitingFor(ofKey, round))
    .toSorted((a, b) => (a.sought.key < b.sought.key ? -1 : 1));
}

/** All that waits at the target, by key. */
async function allWaiting(round: Round): Promise<readonly Waiting[]> {
  const { options, name } = round;
  const waiting: Waiting[] = [];
  const open: PageRow[] = [];
  let after: PageCursor | null = null;
  for (;;) {
    const query = { target: name, after, limit: READ_ROWS };
    const read: readonly PageRow[] = await options.reads.openPages(query);
    for (const row of read) {
      if (open[0]?.key !== row.key) waiting.push(...waitingFor(open.splice(0), round));
      open.push(row);
    }
    after = read.at(-1) ?? null;
    if (read.length < READ_ROWS) return [...waiting, ...waitingFor(open, round)];
    await new Promise<void>((resolve) => options.clock.soon(resolve));
  }
}

function ioFor({ options, name, target }: Round, withinMs: number): Io<unknown> {
  const { clock, http, log } = options;
  const endsAt = clock.monotonic() + withinMs;
  const client = http.scoped({ target: name, endsAt });
  return { config: target.part.config, http: client, now: clock.now(), log };
}

/** What the adapter answers; what it throws is its bug, and an answer all the same. */
async function safely<T>(
  { options, name }: Round,
  look: () => Promise<ReadResult<T>>,
): Promise<ReadResult<T>> {
  try {
    return await look();
  } catch (error) {
    options.log.error({ error, target: name }, 'an adapter threw: this is a bug of the adapter');
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: 'internal', detail };
  }
}

/** Troubles of the target, not of one page: asking on would only cost time. */
const ENDS_ROUND: ReadonlySet<Reason> = new Set([
  'timeout',
  'network',
  'server_error',
  'rate_limited',
  'unauthorized',
  'forbidden_address',
]);

/** Says what stands in the way, once and not at every round. */
function note({ options, name, memory }: Round, failed: Extract<Looked, { ok: false }> | null) {
  const reason = failed?.reason ?? null;
  if (reason === memory.trouble) return;
  memory.trouble = reason;
  const { log } = options;
  if (failed === null) log.info({ target: name }, 'the pager can be asked about answers again');
  else
    log.warn(
      { target: name, reason, detail: failed.detail },
      'the pager could not be asked whether somebody answered; it is tried again at every round',
    );
}

/**
 * What is told of it; null: nothing. What automation or Tocsin itself acknowledged, and an answer that was heard before, is
 * no news. That a page rings is, where nobody knew whether it arrived.
 */
function newsOf({ waiting, found }: WaitingFound, by: string | null, round: Round): News | null {
  const { rows } = waiting;
  const { stillThere } = round.memory;
  const now = round.options.clock.now();
  const isLateOne = mayComeLate(waiting);
  const again = isOther(waiting, found)
    ? null
    : stillThere.newsOf(rows, found, { now, mayComeLate: isLateOne });
  if (!found.found) return null;
  if (found.status === 'resolved') return rows.some(isEndAwaited) ? 'resolved' : null;
  if (!rows.some((row) => row.state === 'open' || isLearnedLate(row))) return again;
  if (found.status === 'acknowledged' && by !== null) return 'acknowledged';
  const isDoubted = rows.some((row) => row.state === 'open' && row.unconfirmed);
  return isDoubted && found.externalRef !== null ? 'triggered' : null;
}

interface Heard extends WaitingFound {
  readonly news: News;
}

/** Takes one answer in: by the row that its source would have sent where it is about the vendor's own. */
async function takeIn({ waiting, found, news }: Heard, round: Round): Promise<void> {
  const { writer, clock } = round.options;
  const own = waiting.rows.find(isAdopted);
  const ref = own?.ref ?? null;
  const row = await writer.write(async (turn) => {
    const isOfSource = ref !== null && news !== 'rings on';
    const learned = isOfSource
      ? await adoptedNews({ target: round.name, ref, found }, turn, clock)
      : null;
    if (learned === null) await feed(turn, { waiting, found, news }, round);
    return learned;
  });
  if (row !== null) await writer.intake(row);
}

/** Tells the core of one answer, in every incident that rings by it. What is not open any more has heard of it. */
async function feed(turn: Turn, { waiting, found, news }: Heard, round: Round): Promise<void> {
  const { options, name, target } = round;
  const who = answererOf(found.by, target.part.adapter.name, turn.workspace.policy);
  await turn.workspace.prepare(waiting.rows.map((row) => row.incident));
  for (const row of waiting.rows) {
    const page = turn.workspace.state(row.incident)?.pages[row.page];
    if (page === undefined) continue;
    const isNews = news === 'rings on' ? page.state === row.state : isNewsOf(page, row, found);
    if (!isNews) continue;
    await turn.workspace.feed({
      id: options.clock.id(),
      incident: row.incident,
      actor: actorOf(who, name),
      type: 'PageObserved',
      ...pick(row, 'page', 'target', 'key'),
      action: actionOf(row, { found, news }),
      ref: refOf(row, found),
      ...who,
      text: null,
      saidAt: hasComeLate(row, found) ? null : (found.saidAt ?? null),
    });
  }
}

function remember({ waiting, found, news }: Heard, { memory, options }: Round): void {
  const { rows, sought } = waiting;
  if (news === 'triggered' || news === 'rings on')
    memory.stillThere.told(rows, found, options.clock.now());
  else memory.stillThere.heard(sought.key, found);
}

/** Tells the core what has been read, the oldest answer first. */
async function tell(answers: readonly WaitingFound[], round: Round): Promise<void> {
  const { options, name, target } = round;
  const { policy } = options.setup();
  const type = target.part.adapter.name;
  const news = oldestFirst(answers).flatMap((one): readonly Heard[] => {
    const said = newsOf(one, answererOf(one.found.by, type, policy).by, round);
    return said === null ? [] : [{ ...one, news: said }];
  });
  for (let at = 0; at < news.length && !round.isStopped(); at += ANSWERS_A_TURN) {
    const some = news.slice(at, at + ANSWERS_A_TURN);
    const told = await Promise.allSettled(some.map((answer) => takeIn(answer, round)));
    for (const [i, one] of told.entries()) {
      const answer = some[i];
      if (one.status === 'fulfilled' && answer !== undefined) remember(answer, round);
      if (one.status === 'rejected')
        options.log.error(
          { error: one.reason as unknown, target: name },
          'an answer at the pager could not be taken in; it is asked for again',
        );
    }
  }
}

/** Those of which the listing says nothing: all of them where there is none. */
async function byListing(
  all: readonly Waiting[],
  round: Round,
): Promise<ReadResult<readonly Waiting[]>> {
  const { list } = round.pager;
  if (list === undefined) return { ok: true, data: all };
  const listed = await safely(round, () =>
    list(
      all.map(({ sought }) => sought),
      ioFor(round, LIST_WITHIN_MS),
    ),
  );
  if (!listed.ok) return listed;
  const found = all.map((waiting, i) => ({ waiting, found: listed.data[i] ?? null }));
  for (const one of found) if (one.found !== null) round.read.set(one.waiting.sought.key, null);
  await tell(
    found.flatMap(({ waiting, found: one }) => (one === null ? [] : [{ waiting, found: one }])),
    round,
  );
  return {
    ok: true,
    data: found.filter((one) => one.found === null).map(({ waiting }) => waiting),
  };
}

/** Whom nobody has answered comes first. */
function turnOf(rest: readonly Waiting[], { memory }: Round): readonly Waiting[] {
  const awaited = rest.filter(isAnswerAwaited);
  const late = rest.filter(mayComeLate);
  const answered = rest.filter((waiting) => !isAnswerAwaited(waiting) && !mayComeLate(waiting));
  return [
    ...nextOf(awaited, memory.askedUpTo, FINDS_MAX),
    ...nextOf(late, memory.lateAskedUpTo, ENDS_MAX),
    ...nextOf(answered, memory.endsAskedUpTo, ENDS_MAX),
  ];
}

async function singly(
  rest: readonly Waiting[],
  round: Round,
): Promise<Extract<Looked, { ok: false }> | null> {
  const { find } = round.pager;
  if (find === undefined) return null;
  let failed: Extract<Looked, { ok: false }> | null = null;
  const io = ioFor(round, FINDS_WITHIN_MS);
  for (const waiting of turnOf(rest, round)) {
    if (round.isStopped()) return null;
    const { key } = waiting.sought;
    if (isAnswerAwaited(waiting)) round.memory.askedUpTo = key;
    else if (mayComeLate(waiting)) round.memory.lateAskedUpTo = key;
    else round.memory.endsAskedUpTo = key;
    const looked = await safely(round, () => find(waiting.sought, io));
    round.read.set(key, looked.ok ? null : looked.detail);
    if (looked.ok) await tell([{ waiting, found: looked.data }], round);
    else failed = looked;
    if (!looked.ok && ENDS_ROUND.has(looked.reason)) return looked;
  }
  return failed;
}

const keysOf = (all: readonly Waiting[]) => new Set(all.map(({ sought }) => sought.key));

/** Each key once: what waits for an answer is asked for that, what may come late for that it comes. */
async function allAsked(round: Round): Promise<readonly Waiting[]> {
  const late = await allLate(round);
  const asLate = keysOf(late);
  const waiting = (await allWaiting(round)).filter(
    (one) => !(mayComeLate(one) && asLate.has(one.sought.key)),
  );
  const awaited = round.isForEnds ? waiting : waiting.filter(isAnswerAwaited);
  const before = keysOf([...awaited, ...late]);
  const told = await allTold(round);
  const { stillThere } = round.memory;
  stillThere.keep(keysOf([...late, ...told]));
  const isUnseen = ({ sought, rows }: Waiting): boolean =>
    !before.has(sought.key) && stillThere.isToBeSeen(rows, round.options.clock.now());
  return [...awaited, ...late, ...told.filter(isUnseen)];
}

/** By the listing and singly; why nothing more could be asked, if anything came in the way. */
async function askAll(all: readonly Waiting[], round: Round): Promise<string | null> {
  const left = await byListing(all, round);
  const isDown = !left.ok && ENDS_ROUND.has(left.reason);
  // A pager that refuses the listing alone can still be asked singly.
  const failed = isDown ? left : await singly(left.ok ? left.data : all, round);
  if (!round.isStopped()) note(round, left.ok ? failed : left);
  return failed !== null && ENDS_ROUND.has(failed.reason) ? failed.detail : null;
}

async function ask(round: Round): Promise<void> {
  const { options, name, memory, read, isStopped } = round;
  const { writer, clock } = options;
  const begunAt = clock.now();
  const all = await allAsked(round);
  const isAsked = all.length > 0 && !options.isResting(name);
  const endedBy = isAsked ? await askAll(all, round) : 'it wants to be left alone for a while';
  if (isStopped()) return;
  const words = memory.unread.tookIn({ all, read, endedBy, begunAt, isWhole: round.isForEnds });
  await tellOfUnread(words, { target: name, unread: memory.unread, writer, clock, isStopped });
}

/** Builds the rounds; nothing is asked before `start`. */
export function createReconcile(options: ReconcileOptions): Reconcile {
  const memories = new Map<string, Memory>();
  let timer: Timer | null = null;
  let beats = 0;
  let underWay = 0;
  let stopped = false;
  const memoryOf = (name: string): Memory => {
    const memory = memories.get(name) ?? {
      isAsking: false,
      askedUpTo: '',
      endsAskedUpTo: '',
      lateAskedUpTo: '',
      stillThere: createStillThere(),
      unread: createUnread(),
      trouble: null,
    };
    memories.set(name, memory);
    return memory;
  };
  const askable = (name: string): Target | null => {
    const target = options.targets.get(name);
    return target !== null && canBeAskedNow(target) ? target : null;
  };
  const isSeldom = (): boolean => beats % SELDOM === 0;
  const isDue = (name: string): boolean =>
    !tellsByItself(options.setup().policy, name) || isSeldom();
  const begin = async (name: string): Promise<void> => {
    const target = askable(name);
    const pager = target?.part.adapter.pager;
    const memory = memoryOf(name);
    if (target === null || pager === undefined || memory.isAsking) return;
    memory.isAsking = true;
    underWay += 1;
    try {
      const isForEnds = isSeldom();
      const isStopped = (): boolean => stopped;
      await ask({ options, name, target, pager, memory, isForEnds, read: new Map(), isStopped });
    } catch (error) {
      if (!stopped)
        options.log.error(
          { error, target: name },
          'asking the pager whether somebody answered failed',
        );
    }
    memory.isAsking = false;
    underWay -= 1;
  };
  const beat = (): void => {
    timer = options.clock.after(EVERY_MS, beat);
    for (const [name, { unread }] of memories) if (askable(name) === null) unread.forget();
    for (const name of options.targets.names()) if (isDue(name)) void begin(name);
    beats += 1;
  };
  return {
    start: beat,
    inFlight: () => underWay,
    unreadSince: ({ target, key }) =>
      askable(target) === null ? null : (memories.get(target)?.unread.since(key) ?? null),
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}
