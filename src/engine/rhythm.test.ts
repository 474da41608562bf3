/** The slow rhythm, on a clock that goes on while something is done: most of all in the first beat. */
import { expect, it } from 'vitest';
import { handClock } from '../../test/support/hand-clock.ts';
import { createRhythm, type InRhythm } from './rhythm.ts';

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

it('audits and moves the log once a minute, also behind a first beat that takes long', async () => {
  const clock = handClock();
  const audits: number[] = [];
  let isFirst = true;
  const poll = async (): Promise<void> => {
    if (isFirst) clock.move(500);
    isFirst = false;
  };
  const nothing = { tick: async () => undefined };
  const parts = {
    options: {
      clock,
      log: LOG,
      store: {
        condition: () => ({ kind: 'ok' }),
        checkpoint: async () => undefined,
        signing: { sign: () => null },
      },
    },
    expectations: nothing,
    poll: { tick: poll },
    ingest: { calm: () => undefined },
    unheard: nothing,
    jobs: nothing,
    proofs: nothing,
    auditor: { audit: async () => void audits.push(Math.floor(clock.now() / 1_000)) },
  };
  const rhythm = createRhythm(parts as never as InRhythm);
  rhythm.start();
  while (clock.now() <= 185_000) {
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    clock.move(100);
  }
  rhythm.stop();
  expect(audits).toEqual([0, 60, 120, 180]);
});
