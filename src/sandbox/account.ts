/**
 * One account at a vendor: keeps the state of its stand-in, records what really happened and wakes the stand-in when
 * the vendor would act by itself.
 */
import type {
  AnyStandIn,
  StandInRequest,
  StandInResponse,
  StandInSeed,
  StandInStep,
  StandInWebhook,
} from '../contract/index.ts';
import type { Timer } from '../engine/clock.ts';
import type { SandboxClock } from './clock.ts';
import { entryOf } from './truth.ts';
import type { TruthEntry } from './truth.ts';

/** A person at the vendor answers a page. */
export interface AnswerAction {
  readonly verb: 'acknowledge' | 'resolve';
  readonly address: string;
  readonly ref: string | null;
  readonly by: string | null;
}

export interface Account {
  readonly target: string;
  readonly vendor: string;
  readonly seed: StandInSeed;
  /** Whether people can answer pages there. */
  readonly canAnswer: boolean;
  /** Whether it can be played that whom a request would ring has left the account. */
  readonly canRefuseAddress: boolean;
  /** Carries the request out and returns the vendor's answer. */
  carryOut(request: StandInRequest): StandInResponse;
  /** The answer that the vendor would give; nothing is carried out. */
  pretend(request: StandInRequest): StandInResponse;
  /** The answer that the vendor would give; where it works off what it accepted, that fails. */
  rejectLater(request: StandInRequest): StandInResponse;
  /** As if whom the request would ring had left the account; all else is carried out. */
  refuseAddress(request: StandInRequest): StandInResponse;
  /** What the answer changed; empty when nothing rings there. */
  answer(action: AnswerAction): readonly TruthEntry[];
  /** Begins again with a fresh account. */
  reset(): void;
  /** Forgets what the vendor planned by itself. */
  stop(): void;
}

export interface AccountOptions {
  readonly target: string;
  readonly standIn: AnyStandIn;
  readonly seed: StandInSeed;
  readonly clock: SandboxClock;
  readonly record: (entries: readonly TruthEntry[]) => void;
  readonly send: (webhooks: readonly StandInWebhook[]) => void;
}

export function createAccount(options: AccountOptions): Account {
  const { target, standIn, seed, clock } = options;
  let state: unknown = standIn.initial(seed);
  let planned: Timer | null = null;

  function apply(step: StandInStep<unknown>): readonly TruthEntry[] {
    state = step.state;
    const scene = { at: clock.now(), vendor: standIn.name, target };
    const entries = step.truth.map((truth) => entryOf(truth, scene));
    if (entries.length > 0) options.record(entries);
    if (step.webhooks.length > 0) options.send(step.webhooks);
    plan();
    return entries;
  }

  function plan(): void {
    planned?.cancel();
    const at = standIn.nextAt?.(state) ?? null;
    planned = at === null ? null : clock.after(at - clock.now(), advance);
  }

  function advance(): void {
    const now = clock.now();
    apply(standIn.advance?.(state, now) ?? { state, truth: [], webhooks: [] });
    const next = standIn.nextAt?.(state) ?? null;
    if (next !== null && next <= now) {
      planned?.cancel();
      throw new Error(
        `The stand-in of ${standIn.name} advanced to ${now} and still plans something for ${next}: it would never rest.`,
      );
    }
  }

  plan();
  return {
    target,
    vendor: standIn.name,
    seed,
    canAnswer: standIn.answer !== undefined,
    canRefuseAddress: standIn.refuseAddress !== undefined,
    carryOut(request) {
      const { response, ...step } = standIn.handle(state, request, clock.now());
      apply(step);
      return response;
    },
    rejectLater(request) {
      // It works nothing off later, so that nobody could tell: what was accepted is lost.
      if (standIn.rejectLater === undefined) return this.pretend(request);
      const { response, ...step } = standIn.rejectLater(state, request, clock.now());
      apply(step);
      return response;
    },
    refuseAddress(request) {
      return standIn.refuseAddress?.(state, request) ?? this.carryOut(request);
    },
    pretend(request) {
      const answered = standIn.handle(state, request, clock.now());
      state = standIn.lost?.(state, answered.state) ?? state;
      return answered.response;
    },
    answer(action) {
      const step = standIn.answer?.(state, action, clock.now());
      return step === undefined ? [] : apply(step);
    },
    reset() {
      state = standIn.initial(seed);
      plan();
    },
    stop: () => planned?.cancel(),
  };
}
