/** A rehearsal plays that somebody has left the account: the adapter must read its stand-in's words as what they are. */
import { expect } from 'vitest';
import type { AnyAdapter, AnyStandIn } from '../../src/contract/index.ts';
import { answered, fakeIo } from '../support/io.ts';
import { NO_SEED } from '../support/sandbox.ts';
import type { Check } from './check.ts';
import { asPlayed, pointedAt } from './played.ts';
import type { MethodCase, TargetConformance } from './target.ts';

interface Played {
  readonly result: unknown;
  /** Whether a request would have rung somebody, and was refused. */
  readonly isRefused: boolean;
}

/** The case against its stand-in, which knows nobody there; all else goes well. */
async function play(
  adapter: AnyAdapter,
  standIn: AnyStandIn,
  one: MethodCase & Pick<TargetConformance, 'config'>,
): Promise<Played> {
  const raw = pointedAt(standIn, one.config ?? {});
  const state: unknown = standIn.initial({ ...NO_SEED, target: raw });
  let isRefused = false;
  const { io } = fakeIo<unknown>(adapter.config?.parse(raw), (request, index) => {
    const refused = standIn.refuseAddress?.(state, asPlayed(request)) ?? null;
    if (refused === null) return one.respond(request, index);
    isRefused = true;
    return answered(refused.status, refused.body, refused.headers);
  });
  const [order] = one.args;
  const result = await adapter.pager?.trigger(order as never, io as never);
  return { result, isRefused };
}

/** A pager's stand-in can play it, and the adapter goes to whoever is next instead of asking the account again and again. */
export function refusedAddressCheck(
  adapter: AnyAdapter,
  standIn: AnyStandIn | undefined,
  target: TargetConformance,
): Check {
  return {
    title: 'what its stand-in says of an address that has left the account is read as that',
    run: async () => {
      expect(standIn?.name, 'the suite is given the stand-in of a pager').toBe(adapter.name);
      if (standIn === undefined) return;
      const cases = target.methods.filter(({ method }) => method === 'pager.trigger');
      let played = 0;
      for (const one of cases) {
        const config = one.config ?? target.config;
        const { result, isRefused } = await play(adapter, standIn, { ...one, config });
        if (!isRefused) continue;
        played += 1;
        expect(result, one.title).toMatchObject({ verb: 'reject', ofAddress: true });
      }
      expect(played, 'the stand-in refuses no address: it has no refuseAddress').toBeGreaterThan(0);
    },
  };
}
