/**
 * Starts where not a byte is left: the ballast is used up as well. What does not start rings somebody, once for all tries together,
 * however often it is tried again. One that starts in what the tries before it have tidied up tells that it takes nothing. With
 * room again all goes on where the last process stood.
 */
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/real.ts';
import { type Experiment, eachWorld, type Played, type Trying } from './experiment.ts';
import { judge } from './judge.ts';
import { type Ladder, openLadder, STEP_MS } from './ladder.ts';
import { directPages, toldIn } from './live.ts';
import { createSmallDisk, type SmallDisk, whyNoDisk } from './small-disk.ts';

const TOLD = 'IT DOES NOT START';

/** Rings and ends of the direct path. */
const direct = ({ world }: Ladder, event: 'rang' | 'resolved'): number =>
  directPages(world).filter((page) => page.event === event).length;

const told = ({ world }: Ladder, words: string): number =>
  toldIn(world).filter((text) => text.includes(words)).length;

/** The process is gone, and its disk is full to the last byte. */
async function end(ladder: Ladder, disk: SmallDisk, isKilled: boolean): Promise<void> {
  await (isKilled ? ladder.server().kill() : ladder.server().stop());
  truncateSync(join(disk.data, 'ballast'));
  disk.fill();
}

/** Whether it starts. @throws when it ends in another way than by saying that the disk is full */
async function isStarted(ladder: Ladder): Promise<boolean> {
  try {
    await ladder.restart();
    return true;
  } catch (error) {
    if (String(error).includes('is full')) return false;
    throw error;
  }
}

async function play({ random, test }: Trying): Promise<Played> {
  const disk = createSmallDisk(test, 12 + Math.floor(random() * 30));
  const [isKilled, tries] = [random() < 0.5, 2 + Math.floor(random() * 3)];
  const ladder = await openLadder({ test, living: { data: disk.data } });
  const failed: string[] = [];
  await end(ladder, disk, isKilled);
  let refused = 0;
  while (refused < tries && !(await isStarted(ladder))) {
    refused += 1;
    const [rings, words] = [direct(ladder, 'rang'), told(ladder, TOLD)];
    if (rings !== 1 || words !== 1)
      failed.push(`${refused} refused starts rang ${rings} times, and were told ${words} times`);
  }
  const hasNeedOfRoom = refused === tries;
  if (hasNeedOfRoom) {
    disk.empty();
    await ladder.restart();
  }
  if (refused > 0) {
    await until('the direct page is closed', () => direct(ladder, 'resolved') > 0);
    await until('it is told', () => told(ladder, `over: ${TOLD}`) > 0);
  }
  ladder.wall.step(STEP_MS);
  if (!hasNeedOfRoom) {
    // It may be that nothing more can be written: then that is all that people hear.
    await until('it is told that it takes nothing', () => told(ladder, 'NO NEW ALERTS') > 0);
    disk.empty();
  }
  await ladder.rings();
  failed.push(...(await judge(ladder.world, ladder.server(), ladder.taken)));
  const starts = Array.from({ length: refused }, () => 'refused, and rung');
  return { seen: [...starts, hasNeedOfRoom ? 'started with room' : 'started without'], failed };
}

export const noByteLeft: Experiment = {
  name: 'started where not a byte is left',
  tries: 20,
  shortTries: 1,
  whyNot: whyNoDisk,
  run: eachWorld(1, play),
};
