/** A pager tells when its page was answered, whatever happened to it since: what joined later was not meant by that. */
import { expect } from 'vitest';
import type { AnyAdapter, AnyStandIn, PageOrder } from '../../src/contract/index.ts';
import { TEST_NOW } from '../support/io.ts';
import type { Check } from './check.ts';
import type { TargetConformance } from './target.ts';
import { vendorFor } from './vendor.ts';

const MINUTE = 60_000;
const ANSWERS = [
  ['acknowledge', 'acknowledged'],
  ['resolve', 'resolved'],
] as const;

/**
 * What is read back of an answer that was given a minute after the page rang, four minutes before a note was written there;
 * null: nothing rang.
 */
async function readBack(
  adapter: AnyAdapter,
  vendor: ReturnType<typeof vendorFor>,
  { order, verb }: { readonly order: PageOrder; readonly verb: 'acknowledge' | 'resolve' },
) {
  const { pager } = adapter;
  await pager?.trigger(order, vendor.io() as never);
  vendor.workOff();
  if (vendor.truth.length === 0) return null;
  vendor.pass(MINUTE);
  vendor.answer(verb);
  vendor.pass(4 * MINUTE);
  await pager?.note?.(order, vendor.io() as never);
  vendor.workOff();
  const first = await pager?.find?.(order, vendor.io() as never);
  // What is closed is found by its own name alone.
  const externalRef = first?.ok === true ? first.data.externalRef : null;
  const ref = vendor.truth.find((one) => one.kind === 'page')?.ref ?? null;
  const known = { ...order, externalRef: externalRef ?? ref };
  return [first, await pager?.find?.(known, vendor.io() as never)].findLast(
    (read) => read?.ok === true && read.data.found,
  );
}

/** Both for what is acknowledged and for what is over. */
export function whenAnsweredChecks(
  adapter: AnyAdapter,
  standIn: AnyStandIn | undefined,
  target: TargetConformance,
): readonly Check[] {
  if (standIn?.answer === undefined || adapter.pager?.find === undefined) return [];
  const run = async (): Promise<void> => {
    let answers = 0;
    for (const one of target.methods.filter(({ method }) => method === 'pager.trigger'))
      for (const [verb, status] of ANSWERS) {
        const config = one.config ?? target.config;
        const vendor = vendorFor(adapter, standIn, { ...one, config });
        const order = one.args[0] as PageOrder;
        const parsed = vendor.io().config as never;
        if (adapter.cannot?.(parsed).includes('pager.find') === true) continue;
        const read = await readBack(adapter, vendor, { order, verb });
        if (read === null) continue;
        expect(read, `${one.title}, ${verb}`).toMatchObject({ ok: true, data: { status } });
        const saidAt = read?.ok === true ? (read.data.saidAt ?? 0) : 0;
        // To the second: so vendors write their times.
        expect(Math.ceil(saidAt / 1_000) * 1_000, `${one.title}, ${verb}`).toBe(TEST_NOW + MINUTE);
        answers += 1;
      }
    expect(answers, 'no phone of the stand-in rang').toBeGreaterThan(0);
  };
  return [{ title: 'what is read back of an answer tells when it was given', run }];
}
