/** The chaos experiments that have a short form, in that; `npm run chaos` plays the long ones. */
import { expect, test } from 'vitest';
import { EXPERIMENTS } from './all.ts';

test.for(EXPERIMENTS.filter(({ shortTries }) => shortTries > 0))(
  '$name: nothing is lost',
  { timeout: 600_000 },
  async ({ run, shortTries, whyNot }, { skip }) => {
    const why = whyNot?.() ?? null;
    skip(why !== null, why ?? '');
    expect((await run(shortTries, 1)).failed).toEqual([]);
  },
);
