/** What the regular look makes of processes that come and go, of machines that sleep, and of what a bad disk left. */
import { afterEach, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  SECOND,
  START,
  startEngine,
} from '../../../test/support/engine.ts';
import { policy } from '../../../test/support/policy.ts';
import type { Expectation } from '../../core/model/policy.ts';

let h: Harness;
afterEach(() => h.end());

const expectation: Expectation = {
  when: { all: [{ label: 'alertname', operator: '=', value: 'Watchdog' }], any: [], none: [] },
  text: 'alertname="Watchdog"',
  everyMs: 5 * MINUTE,
  severity: 'L2',
  where: { file: 'test.yaml', line: 7, column: 1 },
};

function expecting(everyMs = 5 * MINUTE) {
  const base = policy();
  const { prom } = base.sources;
  if (prom === undefined) throw new Error('the base policy has no source prom');
  return policy({
    sources: { ...base.sources, prom: { ...prom, expect: { ...expectation, everyMs } } },
  });
}

const watchdog = () => alert({ dedupKey: 'w', labels: { alertname: 'Watchdog' } });

async function silentSince(): Promise<readonly number[]> {
  const incidents = await h.open();
  return incidents
    .filter(({ title }) => title.startsWith('prom is silent'))
    .map(({ openedAt }) => (openedAt - START) / SECOND);
}

test('a machine that slept for hours rings nobody when it wakes', async () => {
  h = await startEngine({ policy: expecting() });
  await h.deliver('prom', [watchdog()]);
  await h.clock.advanceBy(4 * MINUTE);
  h.sleepFor(180 * MINUTE);
  await h.clock.advanceBy(5 * MINUTE);
  expect(await silentSince()).toEqual([]);
  await h.clock.advanceBy(2 * MINUTE);
  expect(await silentSince()).toHaveLength(1);
});

test('processes that end before their second look have been there all the same', async () => {
  h = await startEngine({ policy: expecting(MINUTE) });
  await h.deliver('prom', [watchdog()]);
  for (let starts = 0; starts < 30; starts += 1) {
    await h.clock.advanceBy(15 * SECOND);
    await h.crash();
    await h.restart();
  }
  expect(await silentSince()).toHaveLength(1);
});

test('what cannot be read any more begins anew', async () => {
  h = await startEngine({ policy: expecting() });
  await h.deliver('prom', [watchdog()]);
  await h.clock.advanceBy(9 * MINUTE);
  await h.engine.write((tx) => tx.setMeta('expected', '{"prom": {"text": 7}, "x": '));
  await h.clock.advanceBy(9 * MINUTE);
  expect(await silentSince()).toEqual([]);
  await h.clock.advanceBy(2 * MINUTE);
  expect(await silentSince()).toHaveLength(1);
});

test('the metric says how long ago it was heard, and nothing of what is expected no more', async () => {
  h = await startEngine({ policy: expecting() });
  await h.deliver('prom', [watchdog()]);
  await h.clock.advanceBy(3 * MINUTE);
  const shown = async () => (await h.metrics.unheard.get()).values;
  expect(await shown()).toEqual([{ labels: { source: 'prom' }, value: 180 }]);
  await h.engine.reload({ ...h.engine.setup(), policy: policy({ hash: 'without' }) });
  await h.clock.advanceBy(MINUTE);
  expect(await shown()).toEqual([]);
});
