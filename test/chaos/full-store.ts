/**
 * The store alone on a small disk: it is filled, what is open is written on, the process is killed, and the next one starts in
 * what is left, again and again. That must go on as long as what is open takes no more than the ballast.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Experiment, eachWorld, type Played, type Trying } from './experiment.ts';
import { createSmallDisk, whyNoDisk } from './small-disk.ts';

const NODE = join(import.meta.dirname, '../../node_modules/.bin/node');
const CHILD = join(import.meta.dirname, 'fill-disk.ts');
const STARTS = 3;
const SMALL = 300;

async function play({ random, test }: Trying): Promise<Played> {
  const megabytes = 12 + Math.floor(random() * 30);
  const characters = 1_000 + Math.floor(random() * 100_000);
  const disk = createSmallDisk(test, megabytes);
  const what = `${megabytes} MB, bodies up to ${characters}`;
  const failed: string[] = [];
  for (let start = 1; start <= STARTS; start += 1) {
    const given = [CHILD, disk.data, String(characters), String(SMALL)];
    const { stdout, stderr } = spawnSync(NODE, given, { encoding: 'utf8' });
    if (stdout !== 'went on\n') failed.push(`${what}, start ${start}: ${stdout}${stderr}`);
  }
  return { seen: Array.from({ length: STARTS }, () => 'started'), failed };
}

export const fullStore: Experiment = {
  name: 'killed on a full disk of 12 to 42 MB: the store alone',
  tries: 30,
  shortTries: 1,
  whyNot: whyNoDisk,
  run: eachWorld(1, play),
};
