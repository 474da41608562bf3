/** A vendor played by its stand-in, for checks that tell a story: it answers, works off, and its people answer. */
import { isRecord } from '../../src/contract/index.ts';
import type {
  AnyAdapter,
  AnyStandIn,
  HttpAnswer,
  HttpRequest,
  Io,
  PageOrder,
  StandInStep,
  Truth,
} from '../../src/contract/index.ts';
import { answered, fakeIo, TEST_NOW } from '../support/io.ts';
import { NO_SEED } from '../support/sandbox.ts';
import { asPlayed, pointedAt, revealed } from './played.ts';
import type { MethodCase } from './target.ts';

/** A vendor that answers, and carries out what it took when it is told to. */
export interface Vendor {
  io(): Io<unknown>;
  readonly truth: readonly Truth[];
  /** From now on every write is taken, and refused when it comes to carrying it out; or not any more. */
  refuseLater(on: boolean): void;
  workOff(): void;
  /** Whoever is rung answers there. */
  answer(verb: 'acknowledge' | 'resolve'): void;
  /** Its clock moves on. @param ms milliseconds */
  pass(ms: number): void;
}

/** The vendor with an account for the case, whose page is to ring there. */
export function vendorFor(adapter: AnyAdapter, standIn: AnyStandIn, one: MethodCase): Vendor {
  const raw = pointedAt(standIn, one.config ?? {});
  const { address: given } = one.args[0] as PageOrder;
  const address = revealed(given);
  const target = revealed(raw) as Readonly<Record<string, unknown>>;
  const addresses = isRecord(address) ? [address] : [];
  const truth: Truth[] = [];
  let state: unknown = standIn.initial({ ...NO_SEED, target, addresses });
  let isRefusing = false;
  let now = TEST_NOW;
  const take = (step: StandInStep<unknown>): void => {
    state = step.state;
    truth.push(...step.truth);
  };
  const respond = (request: HttpRequest): HttpAnswer => {
    const isRefused = isRefusing && request.method !== 'GET';
    const handle = isRefused ? (standIn.rejectLater ?? standIn.handle) : standIn.handle;
    const step = handle(state, asPlayed(request), now);
    take(step);
    const { status, body, headers } = step.response;
    return answered(status, body, headers);
  };
  return {
    io: () => ({ ...fakeIo<unknown>(adapter.config?.parse(raw), respond).io, now }),
    truth,
    refuseLater: (on) => (isRefusing = on),
    workOff: () => {
      const next = standIn.nextAt?.(state) ?? null;
      if (next !== null && standIn.advance !== undefined) take(standIn.advance(state, next));
    },
    answer: (verb) => {
      const rang = truth.find((one) => one.kind === 'page' && one.event === 'rang');
      if (rang?.kind !== 'page') throw new Error('no phone of the stand-in rang');
      const action = { verb, address: rang.address, ref: null, by: null };
      if (standIn.answer !== undefined) take(standIn.answer(state, action, now));
    },
    pass: (ms) => (now += ms),
  };
}
