import { expect, test } from 'vitest';
import type { OutboxRow, Tx } from '../../store/store.ts';
import type { Turn } from '../deciding/turns.ts';
import { createReleases } from './releases.ts';

type Ended = Parameters<ReturnType<typeof createReleases>['heard']>[2];

const taken: Ended = {
  settled: { result: 'delivered', receipt: 'accepted', externalRef: null, url: null },
};
const denied: Ended = { settled: null, refused: 'unauthorized' };
const retried: Ended = { settled: null };

/** Tells of attempts at pagers, in seconds, and notes when what waits there was let go. */
function listening() {
  const releases = createReleases();
  const released: string[] = [];
  const tell = async (
    second: number,
    ended: Ended,
    { lane = 'page', target = 'pd' } = {},
  ): Promise<void> => {
    const after: (() => void)[] = [];
    const tx: Partial<Tx> = {
      wake: async (which) =>
        void released.push(`${second} ${'pagesAt' in which ? which.pagesAt : 'others'}`),
    };
    const turn: Partial<Turn> = {
      now: second * 1_000,
      tx: tx as Tx,
      afterCommit: (run) => void after.push(run),
    };
    const effect: Partial<OutboxRow['effect']> = { lane: lane as 'page', target };
    await releases.heard(turn as Turn, { effect } as OutboxRow, ended);
    for (const run of after) run();
  };
  return { tell, released };
}

test('a pager that takes something after it refused our account is sent what waits there', async () => {
  const { tell, released } = listening();
  await tell(0, taken);
  await tell(10, taken);
  await tell(20, denied);
  await tell(30, taken);
  await tell(40, taken);
  // The first word after a start counts as well: what was before nobody knows.
  expect(released).toEqual(['0 pd', '30 pd']);
});

test('a pager that takes some and refuses others is sent what waits every five seconds at most', async () => {
  const { tell, released } = listening();
  for (let second = 0; second < 12; second += 1)
    await tell(second, second % 2 === 0 ? taken : denied);
  expect(released).toEqual(['0 pd', '6 pd']);
});

test('neither a read-back, nor a mere retry, nor another pager proves anything', async () => {
  const { tell, released } = listening();
  await tell(0, taken, { lane: 'housekeeping' });
  await tell(1, retried);
  await tell(2, taken, { target: 'og' });
  expect(released).toEqual(['2 og']);
});
