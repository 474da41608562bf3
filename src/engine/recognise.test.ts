/** What the words of a vendor about its own objects mean for pages that are known here, and for those that are not. */
import { afterEach, expect, test } from 'vitest';
import { alert, type Harness, startEngine, vendorIncident } from '../../test/support/engine.ts';
import { incidentTimeline } from './views.ts';

let h: Harness;
afterEach(() => h.end());

const ada = { id: 'p-ada', name: 'Ada', email: null };

async function page() {
  return Object.values((await h.incident('inc-1')).pages)[0];
}

test('a page that the vendor reopens rings again: its answer no longer counts', async () => {
  h = await startEngine();
  await h.deliver('prom', [alert()]);
  await h.settle();
  const ref = (await page())?.rings[0]?.ref ?? '';
  await h.deliver('hooks', [vendorIncident({ ref, action: 'acknowledged', by: ada })]);
  await h.settle();
  expect(await page()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' });
  await h.deliver('hooks', [vendorIncident({ ref, action: 'reopened' })]);
  await h.settle();
  expect(await page()).toMatchObject({ state: 'open', acknowledgedBy: null });
});

test.each(['noted', 'merged', 'resolved'] as const)(
  'a word about an object that nobody knows here opens nothing (%s)',
  async (action) => {
    h = await startEngine();
    await h.deliver('hooks', [vendorIncident({ ref: 'Q404', action, note: 'Looking.' })]);
    await h.settle();
    expect(await h.open()).toEqual([]);
  },
);

test('an object that is adopted, ends and comes back is one page, not a second one', async () => {
  h = await startEngine();
  for (const action of ['triggered', 'resolved', 'reopened'] as const) {
    await h.deliver('hooks', [vendorIncident({ action })]);
    await h.settle();
  }
  const { pages, alerts } = await h.incident('inc-1');
  expect(alerts.firing).toBe(1);
  expect(Object.values(pages).map(({ adopted, rings }) => [adopted, rings[0]?.ref])).toEqual([
    [true, 'Q1'],
  ]);
});

test('what a machine does to a page at the vendor is told as the deed of a machine', async () => {
  h = await startEngine();
  await h.deliver('prom', [alert()]);
  await h.settle();
  const ref = (await page())?.rings[0]?.ref ?? '';
  const by = { id: 'P-BOT', name: 'Auto-remediation', email: null };
  await h.deliver('hooks', [vendorIncident({ ref, action: 'acknowledged', by })]);
  await h.settle();
  const actors = (await incidentTimeline(h.store.reads, 'inc-1'))?.map(({ actor }) => actor);
  expect(actors).toContain('Auto-remediation (machine) via hooks');
});
