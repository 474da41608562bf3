/** The world behind the sandbox's endpoints: accounts, webhooks, faults and the truth, without the server in front of it. */
import type { AnyStandIn, StandInSeed } from '../contract/index.ts';
import { createAccount } from './account.ts';
import type { Account, AnswerAction } from './account.ts';
import type { SandboxClock } from './clock.ts';
import { createFaultList } from './faults.ts';
import type { FaultList, FaultOrder, FaultRule } from './faults.ts';
import { mountOf } from './mounts.ts';
import { timersOf } from './timers.ts';
import { createTraffic } from './traffic.ts';
import type { Traffic } from './traffic.ts';
import { createTruthLog } from './truth.ts';
import type { TruthEntry } from './truth.ts';
import { createWebhookQueue } from './webhooks.ts';
import type { SentWebhook } from './webhooks.ts';

export interface SandboxAccount {
  /** Name of the target in the configuration. */
  readonly target: string;
  /** Name of the stand-in that plays its vendor. */
  readonly standIn: string;
  readonly seed: StandInSeed;
  /** Where the vendor sends its webhooks, `http:`; null: it sends none. */
  readonly webhookUrl: string | null;
}

/** Who answers which page. Give the target, or the vendor when it does not matter at which of its accounts. */
export interface AnswerOrder {
  readonly target?: string | undefined;
  readonly vendor?: string | undefined;
  readonly address: string;
  readonly verb: AnswerAction['verb'];
  /** As the vendor names people; absent: whoever is at the address. */
  readonly by?: string | undefined;
  /** The vendor's id of the page; absent: the newest that rings at the address. */
  readonly ref?: string | undefined;
}

export type AnswerResult =
  | { readonly ok: true; readonly changes: readonly TruthEntry[] }
  | {
      readonly ok: false;
      readonly reason: 'unknown_account' | 'cannot_answer' | 'nothing_rings';
      readonly detail: string;
    };

export interface Mounted {
  readonly mount: string;
  readonly standIn: AnyStandIn;
  readonly account: Account;
}

export interface World {
  readonly mounted: readonly Mounted[];
  readonly clock: SandboxClock;
  readonly traffic: Traffic;
  readonly strike: FaultList['strike'];
  truth(): readonly TruthEntry[];
  watch(listener: (entry: TruthEntry) => void): () => void;
  /** Calls back after every change of truth or faults. */
  onChange(listener: () => void): void;
  faults(): readonly FaultRule[];
  setFault(order: FaultOrder): FaultRule;
  clearFaults: FaultList['clear'];
  answer(order: AnswerOrder): AnswerResult;
  deliveries(): readonly SentWebhook[];
  inFlight(): number;
  reset(): void;
  close(): void;
}

export interface WorldOptions {
  readonly standIns: readonly AnyStandIn[];
  readonly accounts: readonly SandboxAccount[];
  readonly clock: SandboxClock;
}

export function createWorld(options: WorldOptions): World {
  const clock = timersOf(options.clock);
  const listeners: (() => void)[] = [];
  const changed = (): void => listeners.forEach((tell) => tell());
  const list = createFaultList({ now: clock.now, changed });
  const log = createTruthLog(changed);
  const traffic = createTraffic();
  const houses = options.accounts.map((one) => {
    const { target, seed, webhookUrl: url } = one;
    const standIn = standInOf(one, options.standIns);
    checkWebhookUrl(one);
    const queue = createWebhookQueue({ target, url, clock });
    const { record } = log;
    const account = createAccount({ target, standIn, seed, clock, record, send: queue.add });
    return { mount: mountOf(target), standIn, account, queue };
  });
  checkMounts(houses);
  const accounts = houses.map(({ account }) => account);
  const queues = houses.map(({ queue }) => queue);
  return {
    mounted: houses,
    clock,
    traffic,
    strike: list.strike,
    truth: log.entries,
    watch: log.watch,
    onChange: (listener) => void listeners.push(listener),
    faults: list.list,
    setFault(order) {
      const refused = whyNotPlayed(order, accounts);
      if (refused !== null) throw new Error(refused.detail);
      return list.add(order);
    },
    clearFaults: list.clear,
    answer: (order) => answerAt(accounts, order),
    deliveries: () => queues.flatMap((queue) => queue.deliveries()).toSorted((a, b) => a.at - b.at),
    inFlight: () => queues.reduce((sum, queue) => sum + queue.inFlight(), traffic.inFlight()),
    reset() {
      clock.cancelAll();
      for (const queue of queues) queue.clear();
      for (const account of accounts) account.reset();
      list.clear({});
      log.clear();
    },
    close() {
      for (const queue of queues) queue.close();
      clock.cancelAll();
    },
  };
}

function standInOf(account: SandboxAccount, standIns: readonly AnyStandIn[]): AnyStandIn {
  const found = standIns.find(({ name }) => name === account.standIn);
  if (found !== undefined) return found;
  const known = standIns.map(({ name }) => name).join(', ');
  throw new Error(
    `Nobody can play the vendor "${account.standIn}" of the target "${account.target}" in the sandbox; there are stand-ins of ${known}.`,
  );
}

function checkWebhookUrl({ target, webhookUrl }: SandboxAccount): void {
  if (webhookUrl === null || URL.parse(webhookUrl)?.protocol === 'http:') return;
  throw new Error(
    `The sandbox sends webhooks over http only; the address for the target "${target}" is ${webhookUrl}.`,
  );
}

function checkMounts(houses: readonly Mounted[]): void {
  for (const { mount, account } of houses) {
    if (houses.filter((other) => other.mount === mount).length > 1)
      throw new Error(
        `Two targets would be played at ${mount} of the sandbox; rename "${account.target}".`,
      );
  }
}

export function unknownTarget(
  target: string,
  accounts: readonly { readonly target: string }[],
): string {
  return `There is no target "${target}" in the sandbox; there are ${accounts.map((one) => one.target).join(', ')}.`;
}

/** Why nobody can play the fault there, and which field of the order says so; null: it can be played. */
export function whyNotPlayed(
  { target, fault }: Pick<FaultOrder, 'target' | 'fault'>,
  accounts: readonly Pick<Account, 'target' | 'vendor' | 'canRefuseAddress'>[],
): { readonly field: 'target' | 'fault'; readonly detail: string } | null {
  const account = accounts.find((one) => one.target === target);
  if (account === undefined) return { field: 'target', detail: unknownTarget(target, accounts) };
  if (fault !== 'unknown-address' || account.canRefuseAddress) return null;
  const able = accounts.filter(({ canRefuseAddress }) => canRefuseAddress);
  const where = able.length === 0 ? 'no target here' : able.map((one) => one.target).join(', ');
  return {
    field: 'fault',
    detail: `The stand-in of ${account.vendor} behind "${target}" refuses no address, so it cannot play ${fault}. Who can: ${where}.`,
  };
}

function answerAt(accounts: readonly Account[], order: AnswerOrder): AnswerResult {
  const { target, vendor, verb, address, ref = null, by = null } = order;
  const asked = accounts.filter(
    (one) => one.target === (target ?? one.target) && one.vendor === (vendor ?? one.vendor),
  );
  if (asked.length === 0) {
    const detail = `There is no such account in the sandbox; there are ${accounts.map((one) => `${one.target} (${one.vendor})`).join(', ')}.`;
    return { ok: false, reason: 'unknown_account', detail };
  }
  const answerable = asked.filter(({ canAnswer }) => canAnswer);
  if (answerable.length === 0) {
    const detail = `Nobody is paged at ${asked.map((one) => one.vendor).join(', ')}: there is nothing to answer.`;
    return { ok: false, reason: 'cannot_answer', detail };
  }
  const wanted = verb === 'acknowledge' ? 'acknowledged' : 'resolved';
  for (const account of answerable) {
    const changes = account.answer({ verb, address, ref, by });
    if (changes.some((entry) => entry.kind === 'page' && entry.event === wanted))
      return { ok: true, changes };
  }
  const page = ref === null ? '' : ` under ${ref}`;
  return {
    ok: false,
    reason: 'nothing_rings',
    detail: `Nothing rings at ${address}${page} that one could ${verb}.`,
  };
}
