/** A vendor that works its writes off later may take a note and never write it: the adapter believes what can be read there. */
import { expect } from 'vitest';
import type { AnyAdapter, AnyStandIn, PageOrder } from '../../src/contract/index.ts';
import type { Check } from './check.ts';
import type { TargetConformance } from './target.ts';
import { vendorFor, type Vendor } from './vendor.ts';

/** What the notes come to of which the first two are refused when they are worked off. */
async function notes(adapter: AnyAdapter, vendor: Vendor, order: PageOrder) {
  const { pager } = adapter;
  await pager?.trigger(order, vendor.io() as never);
  vendor.workOff();
  const verbs: (string | undefined)[] = [];
  for (const isRefused of [true, true, false, false]) {
    vendor.refuseLater(isRefused);
    verbs.push((await pager?.note?.(order, vendor.io() as never))?.verb);
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
