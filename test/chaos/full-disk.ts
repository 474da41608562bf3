/**
 * The disk of the data is full: filled by a file beside them, or by deliveries. New ones are answered 503, somebody is rung
 * without a row in the database, what is open goes on paging; with room again all goes on by itself.
 */
import { type RealServer, type RealWorld, until } from '../support/real.ts';
import { type Experiment, eachWorld, type Played, type Trying } from './experiment.ts';
import { judge } from './judge.ts';
import {
  directPages,
  isTaken,
  liveWorld,
  NORA,
  OLAV,
  ringsAt,
  send,
  sendUntilTaken,
  toldIn,
} from './live.ts';
import { type Load, startLoad } from './load.ts';
import { createSmallDisk, whyNoDisk } from './small-disk.ts';
import { createWall } from './wall.ts';

const FILLING_MS = 120_000;
/** 20 s are promised; a busy machine may take some more. */
const RUNG_MS = 30_000;
const RECOVERY_MS = 60_000;
/** The first step of the escalation. */
const STEP_MS = 5 * 60_000;
/** Bodies as large as this fill a disk of 100 MB in half a minute. */
const CHARACTERS = 60_000;

interface Scene {
  readonly world: RealWorld;
  readonly load: Load;
}

/** The direct path has rung and told, and is over again. */
async function isRung({ world }: Scene, event: 'rang' | 'resolved', words: string): Promise<void> {
  const pages = (): boolean =>
    directPages(world).some((page) => page.event === event && page.address === NORA);
  const told = (): boolean => toldIn(world).some((text) => text.includes(words));
  const what = event === 'rang' ? 'the direct path rings' : 'the direct page is closed';
  await until(what, pages, RUNG_MS);
  await until(`the channel is told: ${words}`, told, RUNG_MS);
}

/** Whether a new delivery is taken. */
const isOpen = async (server: RealServer, name: string): Promise<boolean> =>
  isTaken(await send(server.url, { service: 'crane', name }));

async function play({ random, test, megabytes }: Trying & { megabytes: number }): Promise<Played> {
  const disk = createSmallDisk(test, megabytes);
  const wall = createWall(test);
  const world = await liveWorld(test, { data: disk.data });
  let server = await world.start(undefined, wall.starting);
  const seen: string[] = [];
  await sendUntilTaken(server.url, { service: 'crane', name: 'CraneDown' });
  await until('the crane rings', () => ringsAt(world, NORA).length > 0);
  // Before the load draws from the same numbers, at its own pace.
  const [isByFile, isKilled] = [random() < 0.5, random() < 0.5];
  const load = startLoad({
    test,
    url: server.url,
    random,
    ...(isByFile ? {} : { characters: CHARACTERS }),
  });
  if (isByFile) {
    await until('some deliveries are taken', () => load.answered() > 10);
    disk.fill();
  }
  await until('deliveries are answered 503', () => load.count(503) > 0, FILLING_MS);
  seen.push(isByFile ? 'filled by a file' : 'filled by deliveries');
  await isRung({ world, load }, 'rang', 'NO NEW ALERTS ARE TAKEN IN');
  if (isKilled) {
    seen.push('killed while full');
    await server.kill();
    server = await world.start(undefined, wall.starting);
  }
  const before = ringsAt(world, OLAV).length;
  wall.step(STEP_MS + 1_000);
  await until('the escalation goes on', () => ringsAt(world, OLAV).length > before);
  // What comes on would fill it again at once.
  const finished = load.finish();
  disk.empty();
  await until('deliveries are taken again', () => isOpen(server, 'Probe'), RECOVERY_MS);
  await isRung({ world, load }, 'resolved', 'over: NO NEW ALERTS');
  await finished;
  seen.push(...Array.from({ length: load.answered() }, () => 'deliveries answered'));
  return { seen, failed: await judge(world, server, load.taken) };
}

export const fullDisks: readonly Experiment[] = [20, 100].map((megabytes) => ({
  name: `full disk of ${megabytes} MB`,
  tries: megabytes === 20 ? 8 : 4,
  // It takes most of a minute; its short form is a story on the stepped clock.
  shortTries: 0,
  whyNot: whyNoDisk,
  run: eachWorld(1, (trying) => play({ ...trying, megabytes })),
}));
