/** A vendor that works its writes off later may take a note and never write it: the adapter believes what can be read there. */
import { expect } from 'vitest';
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
import type { Check } from './check.ts';
import { asPlayed, pointedAt, revealed } from './played.ts';
import type { MethodCase, TargetConformance } from './target.ts';

/** A vendor that answers, and carries out what it took when it is told to. */
interface Vendor {
  readonly io: Io<unknown>;
  readonly truth: readonly Truth[];
  /** From now on every write is taken, and refused when it comes to carrying it out; or not any more. */
  refuseLater(on: boolean): void;
  workOff(): void;
}

function vendorFor(adapter: AnyAdapter, standIn: AnyStandIn, one: MethodCase): Vendor {
  const raw = pointedAt(standIn, one.config ?? {});
  const { address: given } = one.args[0] as PageOrder;
  const address = revealed(given);
  const target = revealed(raw) as Readonly<Record<string, unknown>>;
  const addresses = isRecord(address) ? [address] : [];
  const truth: Truth[] = [];
  let state: unknown = standIn.initial({ ...NO_SEED, target, addresses });
  let isRefusing = false;
  const take = (step: StandInStep<unknown>): void => {
    state = step.state;
    truth.push(...step.truth);
  };
  const respond = (request: HttpRequest): HttpAnswer => {
    const isRefused = isRefusing && request.method !== 'GET';
    const handle = isRefused ? (standIn.rejectLater ?? standIn.handle) : standIn.handle;
    const step = handle(state, asPlayed(request), TEST_NOW);
    take(step);
    const { status, body, headers } = step.response;
    return answered(status, body, headers);
  };
  return {
    io: fakeIo<unknown>(adapter.config?.parse(raw), respond).io,
    truth,
    refuseLater: (on) => (isRefusing = on),
    workOff: () => {
      const next = standIn.nextAt?.(state) ?? null;
      if (next !== null && standIn.advance !== undefined) take(standIn.advance(state, next));
    },
  };
}

/** What the notes come to of which the first two are refused when they are worked off. */
async function notes(adapter: AnyAdapter, vendor: Vendor, order: PageOrder) {
  const { pager } = adapter;
  await pager?.trigger(order, vendor.io as never);
  vendor.workOff();
  const verbs: (string | undefined)[] = [];
  for (const isRefused of [true, true, false, false]) {
    vendor.refuseLater(isRefused);
    verbs.push((await pager?.note?.(order, vendor.io as never))?.verb);
    vendor.workOff();
  }
  return verbs;
}

/** A pager whose writes are worked off later counts a note once it can be read. */
export function noteChecks(
  adapter: AnyAdapter,
  standIn: AnyStandIn | undefined,
  target: TargetConformance,
): readonly Check[] {
  if (standIn?.rejectLater === undefined || adapter.pager?.note === undefined) return [];
  const run = async (): Promise<void> => {
    const cases = target.methods.filter(({ method }) => method === 'pager.trigger');
    expect(cases, 'a pager has a case of its trigger').not.toEqual([]);
    for (const one of cases) {
      const config = one.config ?? target.config;
      const vendor = vendorFor(adapter, standIn, { ...one, config });
      const verbs = await notes(adapter, vendor, one.args[0] as PageOrder);
      expect(verbs, one.title).toEqual(['retry', 'retry', 'retry', 'delivered']);
      const noted = vendor.truth.filter((each) => each.kind === 'page' && each.event === 'noted');
      expect(noted, `${one.title}: who looks there reads it once`).toHaveLength(1);
    }
  };
  const title =
    'a note that its vendor took and did not write is asked for again until it can be read';
  return [{ title, run }];
}
