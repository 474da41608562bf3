/**
 * Asks each pager what became of the pages that wait for an answer: often where no source tells of them, now and then
 * where one should, because a webhook may be switched off, misfiltered or stuck behind a firewall without our noticing.
 * Now and then, too, whether those that were answered are over there. And whether what was answered or ended here while
 * nobody knew whether it arrived there has come since: a phone would ring on for it.
 * One listing for all pages of a target where the pager has one, and singly for those it does not speak of.
 */
import type { Io, Log, PagerPart } from '../../contract/adapter.ts';
import type { PageFound, PageSought } from '../../contract/order.ts';
import type { ReadResult, Reason } from '../../contract/outcome.ts';
import type { PageCursor, PageRow, Reads } from '../../store/store.ts';
import type { Page, Ring } from '../../core/model/incident.ts';
import { isUnheard } from '../../core/paging/progress.ts';
import type { Clock, Timer } from '../clock.ts';
import type { HttpClient } from '../http-client.ts';
import type { Setup } from '../setup.ts';
import { revealed } from './orders.ts';
import { adoptedNews, isAdopted } from './adopted-news.ts';
import { pick } from '../../lib/pick.ts';
import { actorOf, answererOf } from '../deciding/people.ts';
import type { Target, Targets } from './targets.ts';
import type { Turn } from '../deciding/turns.ts';
import type { Writer } from '../deciding/writer.ts';

export interface ReconcileOptions {
  readonly setup: () => Setup;
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly reads: Pick<Reads, 'openPages' | 'lateRings'>;
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
  /** By key, what came late and is there, as it is called there: it is told of once, however long its end waits. */
  readonly lateThere: Map<string, string>;
  /** Why the last round could not be finished, said once. */
  trouble: Reason | null;
}

/** One object at the vendor; related incidents may share it. */
interface Waiting {
  readonly sought: PageSought;
  readonly rows: readonly PageRow[];
}

interface Round {
  readonly options: ReconcileOptions;
  readonly name: string;
  readonly target: Target;
  readonly pager: PagerPart<unknown>;
  readonly memory: Memory;
  /** It asks about what was answered as well. */
  readonly isForEnds: boolean;
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

/** Its configuration lacks what it takes: each round would only be refused. */
function cannotBeAsked({ part }: Target): boolean {
  return part.adapter.cannot?.(part.config).includes('pager.find') === true;
}

/** Somebody is waited for; else only the end of what was answered is. */
function isAnswerAwaited({ rows }: Pick<Waiting, 'rows'>): boolean {
  return rows.some((row) => row.state === 'open' || isAdopted(row));
}

/** Nobody is wanted by it any more, and nobody knows whether its pager will carry it out. */
function isLate({ unconfirmed, state }: PageRow): boolean {
  return unconfirmed && state !== 'open';
}

/** By the name that we know it would be found as it was: what comes late has another one. */
function byKeyAlone(sought: PageSought): PageSought {
  return Object.freeze({ ...sought, externalRef: null });
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

/** All of it may come late, and nobody is waited for. */
function mayComeLate({ rows }: Pick<Waiting, 'rows'>): boolean {
  return rows.every(isLate);
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

/** A page that rings on, what automation or Tocsin itself acknowledged, and an answer that was heard before, is no news. */
function isNews({ waiting, found }: WaitingFound, by: string | null, memory: Memory): boolean {
  if (!found.found) return false;
  if (found.status === 'resolved') return waiting.rows.some(({ state }) => state !== 'closed');
  const isAwaited = waiting.rows.some(({ state }) => state === 'open');
  if (mayComeLate(waiting))
    return memory.lateThere.get(waiting.sought.key) !== (found.externalRef ?? '');
  return isAwaited && found.status === 'acknowledged' && by !== null;
}

interface WaitingFound {
  readonly waiting: Waiting;
  readonly found: PageFound;
}

/** What came late and is there: told of once, until it goes away or another object is there under its key. */
function isLateThere({ waiting, found }: WaitingFound): boolean {
  return mayComeLate(waiting) && found.found && found.status !== 'resolved';
}

/** Takes one answer in: by the row that its source would have sent where it is about the vendor's own. */
async function takeIn({ waiting, found }: WaitingFound, round: Round): Promise<void> {
  const { writer, clock } = round.options;
  const own = waiting.rows.find(isAdopted);
  const ref = own?.ref ?? null;
  const news = await writer.write(async (turn) => {
    const row =
      ref === null ? null : await adoptedNews({ target: round.name, ref, found }, turn, clock);
    if (row === null) await feed(turn, { waiting, found }, round);
    return row;
  });
  if (news !== null) await writer.intake(news);
}

/** Whether the page has not heard of it: an answer while it was open, its end until its ring was over, that it came late. */
function isNewsOf(page: Page, row: PageRow, found: PageFound): boolean {
  const { target, key } = row;
  const rings = page.rings.filter((ring) => ring.target === target && ring.key === key);
  if (hasComeLate(row, found))
    return (
      page.state === 'closed' ||
      (page.state === 'acknowledged' &&
        rings.some((ring) => isUnheard(ring) || hasComeAgain(ring, found)))
    );
  if (page.state !== 'acknowledged' || found.status !== 'resolved') return page.state === 'open';
  return rings.some(({ status }) => status !== 'closed');
}

/** It was over there, and another attempt has been carried out since: nobody has opened it again. */
function hasComeAgain({ status, ref }: Ring, { externalRef }: PageFound): boolean {
  return status === 'closed' && ref !== externalRef;
}

/** It is there, and was not when it was answered or closed here. */
function hasComeLate(row: PageRow, { status }: PageFound): boolean {
  return isLate(row) && status !== 'resolved';
}

/** What came late is told of as if it began to ring now, whatever was done there since: it is to end as its page did here. */
function actionOf(row: PageRow, found: PageFound): 'triggered' | 'acknowledged' | 'resolved' {
  if (hasComeLate(row, found)) return 'triggered';
  return found.status === 'resolved' ? 'resolved' : 'acknowledged';
}

/**
 * Its name there. What came late after its end, and was never known by a name, is closed by its key and keeps none: each of
 * several attempts may come yet, by a name of its own, and is looked for under that key.
 */
function refOf(row: PageRow, found: PageFound): string {
  if (hasComeLate(row, found) && row.state === 'closed' && row.ref === null) return '';
  return found.externalRef ?? row.ref ?? '';
}

/** Tells the core of one answer, in every incident that rings by it. What is not open any more has heard of it. */
async function feed(turn: Turn, { waiting, found }: WaitingFound, round: Round): Promise<void> {
  const { options, name, target } = round;
  const who = answererOf(found.by, target.part.adapter.name, turn.workspace.policy);
  await turn.workspace.prepare(waiting.rows.map((row) => row.incident));
  for (const row of waiting.rows) {
    const page = turn.workspace.state(row.incident)?.pages[row.page];
    if (page === undefined || !isNewsOf(page, row, found)) continue;
    await turn.workspace.feed({
      id: options.clock.id(),
      incident: row.incident,
      actor: actorOf(who, name),
      type: 'PageObserved',
      ...pick(row, 'page', 'target', 'key'),
      action: actionOf(row, found),
      ref: refOf(row, found),
      ...who,
      text: null,
      saidAt: hasComeLate(row, found) ? null : (found.saidAt ?? null),
    });
  }
}

async function tell(answers: readonly WaitingFound[], round: Round): Promise<void> {
  const { options, name, target } = round;
  const { policy } = options.setup();
  const type = target.part.adapter.name;
  const { memory } = round;
  for (const one of answers) if (!isLateThere(one)) memory.lateThere.delete(one.waiting.sought.key);
  const news = answers.filter((one) =>
    isNews(one, answererOf(one.found.by, type, policy).by, memory),
  );
  for (let at = 0; at < news.length && !round.isStopped(); at += ANSWERS_A_TURN) {
    const some = news.slice(at, at + ANSWERS_A_TURN);
    const told = await Promise.allSettled(some.map((answer) => takeIn(answer, round)));
    for (const [i, one] of told.entries()) {
      const answer = some[i];
      if (one.status === 'fulfilled' && answer !== undefined && isLateThere(answer))
        memory.lateThere.set(answer.waiting.sought.key, answer.found.externalRef ?? '');
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
  await tell(
    found.flatMap(({ waiting, found: one }) => (one === null ? [] : [{ waiting, found: one }])),
    round,
  );
  return {
    ok: true,
    data: found.filter((one) => one.found === null).map(({ waiting }) => waiting),
  };
}

/** The next ones behind the one that was asked last, from the front again at the end. */
function nextOf(rest: readonly Waiting[], askedUpTo: string, most: number): readonly Waiting[] {
  const at = rest.findIndex(({ sought }) => sought.key > askedUpTo);
  const turned = at < 0 ? rest : [...rest.slice(at), ...rest.slice(0, at)];
  return turned.slice(0, most);
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
    if (looked.ok) await tell([{ waiting, found: looked.data }], round);
    else failed = looked;
    if (!looked.ok && ENDS_ROUND.has(looked.reason)) return looked;
  }
  return failed;
}

async function ask(round: Round): Promise<void> {
  const late = await allLate(round);
  const asLate = new Set(late.map(({ sought }) => sought.key));
  const waiting = (await allWaiting(round)).filter(
    (one) => !(mayComeLate(one) && asLate.has(one.sought.key)),
  );
  const all = [...(round.isForEnds ? waiting : waiting.filter(isAnswerAwaited)), ...late];
  if (all.length === 0) return;
  const left = await byListing(all, round);
  if (!left.ok && ENDS_ROUND.has(left.reason)) {
    if (!round.isStopped()) note(round, left);
    return;
  }
  // A pager that refuses the listing alone can still be asked singly.
  const failed = await singly(left.ok ? left.data : all, round);
  if (!round.isStopped()) note(round, left.ok ? failed : left);
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
      lateThere: new Map(),
      trouble: null,
    };
    memories.set(name, memory);
    return memory;
  };
  const isSeldom = (): boolean => beats % SELDOM === 0;
  const isDue = (name: string): boolean => {
    const { sources } = options.setup().policy;
    const isHeard = Object.values(sources).some((source) => source.target === name);
    return !isHeard || isSeldom();
  };
  const begin = async (name: string): Promise<void> => {
    const target = options.targets.get(name);
    const pager = target?.part.adapter.pager;
    const memory = memoryOf(name);
    if (target === null || pager?.find === undefined || cannotBeAsked(target)) return;
    if (memory.isAsking || !['live', 'draft'].includes(target.mode) || options.isResting(name))
      return;
    memory.isAsking = true;
    underWay += 1;
    try {
      const isForEnds = isSeldom();
      await ask({ options, name, target, pager, memory, isForEnds, isStopped: () => stopped });
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
    for (const name of options.targets.names()) if (isDue(name)) void begin(name);
    beats += 1;
  };
  return {
    start: beat,
    inFlight: () => underWay,
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}
