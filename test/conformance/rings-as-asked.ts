/** A page rings as its urgency says, whatever the level beside it is mapped to: what is soft wakes nobody, what is loud does. */
import { expect } from 'vitest';
import { z } from 'zod';
import { isByLevel } from '../../src/contract/by-level.ts';
import { isRecord } from '../../src/contract/index.ts';
import type {
  AnyAdapter,
  AnyStandIn,
  PageOrder,
  StandInStep,
  Truth,
  Urgency,
} from '../../src/contract/index.ts';
import { shapeOf, unwrap } from '../../src/config/zod-walk.ts';
import { answered, fakeIo, TEST_NOW } from '../support/io.ts';
import { NO_SEED } from '../support/sandbox.ts';
import type { Check } from './check.ts';
import { asPlayed, pointedAt, revealed } from './played.ts';
import type { TargetConformance } from './target.ts';

const LEVEL = 'SEV1';

type Raw = Readonly<Record<string, unknown>>;

/** The target with the level mapped to each word that the adapter knows for it, and to none. */
function mappings(adapter: AnyAdapter, config: Raw): readonly Raw[] {
  const maps = Object.entries(shapeOf(adapter.config ?? z.unknown()) ?? {}).flatMap(
    ([key, schema]) => {
      const map = unwrap(schema);
      if (!isByLevel(map) || !(map instanceof z.ZodRecord)) return [];
      const words = map.valueType instanceof z.ZodEnum ? map.valueType.options : [];
      return words.map((word) => ({ ...config, [key]: { [LEVEL]: word } }));
    },
  );
  return [config, ...maps];
}

interface Playing {
  readonly adapter: AnyAdapter;
  readonly standIn: AnyStandIn;
  readonly config: Raw;
  readonly order: PageOrder;
}

/** How loud the phones rang; nothing: the stand-in was asked for more than a page. */
async function rang({ adapter, standIn, config, order }: Playing): Promise<readonly Urgency[]> {
  const raw = pointedAt(standIn, config);
  const target = revealed(raw) as Raw;
  const address = revealed(order.address);
  const addresses = isRecord(address) ? [address] : [];
  const truth: Truth[] = [];
  let state: unknown = standIn.initial({ ...NO_SEED, target, addresses });
  const take = (step: StandInStep<unknown>): void => {
    state = step.state;
    truth.push(...step.truth);
  };
  const { io } = fakeIo<unknown>(adapter.config?.parse(raw), (request) => {
    const step = standIn.handle(state, asPlayed(request), TEST_NOW);
    take(step);
    const { status, body, headers } = step.response;
    return answered(status, body, headers);
  });
  await adapter.pager?.trigger(order, io as never);
  const next = standIn.nextAt?.(state) ?? null;
  if (truth.length === 0 && next !== null && standIn.advance !== undefined)
    take(standIn.advance(state, next));
  return truth.flatMap((one) => (one.kind === 'page' && one.event === 'rang' ? [one.urgency] : []));
}

/** A pager that maps levels to words of its vendor keeps the urgency that was decided. */
export function urgencyCheck(
  adapter: AnyAdapter,
  standIn: AnyStandIn | undefined,
  target: TargetConformance,
): Check {
  return {
    title: 'a page rings as loud as it was asked to, whatever its level is mapped to',
    run: async () => {
      if (standIn === undefined) return;
      const cases = target.methods.filter(({ method }) => method === 'pager.trigger');
      let played = 0;
      for (const one of cases)
        for (const config of mappings(adapter, one.config ?? target.config))
          for (const urgency of ['high', 'low'] as const) {
            const order = { ...(one.args[0] as PageOrder), severity: LEVEL, urgency };
            const loud = await rang({ adapter, standIn, config, order });
            played += loud.length;
            const wrong = loud.filter((each) => each !== urgency);
            expect(wrong, `${one.title}, ${JSON.stringify(config)}`).toEqual([]);
          }
      expect(played, 'no phone of the stand-in rang').toBeGreaterThan(0);
    },
  };
}
