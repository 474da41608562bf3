/**
 * The files and connections that the process may have run out: somebody holds as many connections as it takes. Pages go
 * out all the same, people are told without a row in the database, and with the connections gone all is well by itself.
 */
import { connect, type Socket } from 'node:net';
import { type Finishing, until } from '../support/real.ts';
import { type Experiment, eachWorld, type Played, type Trying } from './experiment.ts';
import { judge } from './judge.ts';
import { deliverTo, openLadder, STEP_MS } from './ladder.ts';
import { directPages, NORA, toldIn } from './live.ts';

/** 20 s are promised, and a look every 20 s. */
const TOLD_MS = 45_000;
/** Never the end of the request. */
const SLOW = 'GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ';
const REOPENED_MS = 100;

/** Holds so many connections: what is closed is opened anew. Returns how to let go of them. */
function hold(test: Finishing, url: string, count: number): () => void {
  const { hostname, port } = new URL(url);
  const held = new Set<Socket>();
  let isOver = false;
  const open = (): void => {
    if (isOver) return;
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(SLOW));
    held.add(socket);
    // Unread, its end would not be noticed.
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      held.delete(socket);
      setTimeout(open, REOPENED_MS);
    });
  };
  for (let n = 0; n < count; n += 1) open();
  const release = (): void => {
    isOver = true;
    for (const socket of held) socket.destroy();
  };
  test.onTestFinished(release);
  return release;
}

async function play({ random, test }: Trying): Promise<Played> {
  const limit = 80 + Math.floor(random() * 120);
  const ladder = await openLadder({ test, starting: { shell: `ulimit -n ${limit}` } });
  const { world, wall, taken } = ladder;
  const { url } = ladder.server();
  const release = hold(test, url, limit + 50);
  const isTold = (words: string): boolean => toldIn(world).some((text) => text.includes(words));
  const isDirect = (event: string): boolean =>
    directPages(world).some((page) => page.event === event && page.address === NORA);
  await until('the direct path rings', () => isDirect('rang'), TOLD_MS);
  await until('the channel is told', () => isTold('Connections and files run out'), TOLD_MS);
  wall.step(STEP_MS);
  await ladder.rings();
  release();
  await deliverTo(url, taken, 'Probe');
  await until('it is over', () => isTold('over: Connections and files run out'), TOLD_MS);
  await until('the direct page is closed', () => isDirect('resolved'), TOLD_MS);
  return {
    seen: ['pages without descriptors'],
    failed: await judge(world, ladder.server(), taken),
  };
}

export const descriptors: Experiment = {
  name: 'file descriptors run out',
  tries: 20,
  shortTries: 0,
  whyNot: () => (process.platform === 'linux' ? null : 'descriptors are counted on Linux alone'),
  run: eachWorld(1, play, 4),
};
