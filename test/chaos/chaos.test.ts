/** Every chaos experiment in its short form; `npm run chaos` plays the long ones. */
import { expect, test } from 'vitest';
import { EXPERIMENTS } from './all.ts';

test.for(EXPERIMENTS)(
  '$name: nothing is lost',
  { timeout: 120_000 },
  async ({ run, shortTries, whyNot }, { skip }) => {
    const why = whyNot?.() ?? null;
    skip(why !== null, why ?? '');
    expect((await run(shortTries, 1)).failed).toEqual([]);
  },
);
