/** Storms of many groups over time: whom a flood joins. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { alert, type Harness, MINUTE, startEngine } from '../../../test/support/engine.ts';
import { level, policy } from '../../../test/support/policy.ts';

// A thousand incidents open in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 60_000 });

let h: Harness;
afterEach(() => h.end());

const whole = policy();
const prom = whole.sources['prom'];
if (prom === undefined) throw new Error('the base policy has no source prom');

/** Nobody is rung: what is asked is only who joins whom. */
const quiet = {
  page: { triage: [], declared: [], commanded: [], onRequest: [] },
  public: null,
} as const;
const stormy = policy({
  levels: [level('L1', 0, quiet), level('L2', 1, quiet)],
  sources: { ...whole.sources, prom: { ...prom, severityMap: { critical: 'L2', fatal: 'L1' } } },
  automation: { ...whole.automation, storm: { incidents: 2, withinMs: 10 * MINUTE } },
});

beforeEach(async () => {
  h = await startEngine({ policy: stormy });
});

/** Alerts that come a second apart, and where each of them went. */
async function flood(...dedupKeys: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const dedupKey of dedupKeys) {
    await h.deliver('prom', [alert({ dedupKey })]);
    await h.clock.advanceBy(1_000);
    const rows = await h.store.transact((tx) => tx.alerts([{ source: 'prom', dedupKey }]));
    ids.push(...rows.map(({ incident }) => incident));
  }
  return ids;
}

test('a second flood joins the parent of the first, however many incidents opened since', async () => {
  expect(await flood('a', 'b', 'c')).toEqual(['inc-1', 'inc-2', 'inc-3']);
  const fatal = (n: number) => alert({ dedupKey: `fatal-${n}`, vendorSeverity: 'fatal' });
  await h.deliver(
    'prom',
    Array.from({ length: 1_001 }, (_, n) => fatal(n)),
  );
  await h.clock.advanceBy(11 * MINUTE);
  expect(await flood('d', 'e', 'f')).toEqual(['inc-1005', 'inc-1006', 'inc-3']);
});
