/**
 * The server is killed again and again while deliveries come in: under load, in the middle of a start, and by SIGTERM.
 * What it has answered 2xx is an alert that it knows, and the phone of its group rings; nothing rings under two keys, and
 * nothing is public twice.
 */
import type { RealServer, RealWorld } from '../support/real.ts';
import { type Experiment, eachWorld, type Played, type Random, type Trying } from './experiment.ts';
import { judge } from './judge.ts';
import { isTaken, liveWorld, pause } from './live.ts';
import { type Load, startLoad } from './load.ts';

const KILLS_A_WORLD = 5;
/** A start takes about a second on an idle machine. */
const STARTING_MS = 1_500;
const UNDER_LOAD_MS = 1_000;
const AT_CALL_MS = 2_000;
/** What is asked for and not in doubt is done long before. */
const IN_DOUBT_MS = 120_000;

interface Ending {
  readonly world: RealWorld;
  readonly server: RealServer;
  readonly load: Load;
  readonly random: Random;
}

/** Resolves in the very moment of the n-th call of what it hands out; after some seconds all the same. */
function atCall(n: number): { readonly call: () => void; readonly reached: Promise<void> } {
  let left = n;
  let reach = (): void => {};
  const reached = new Promise<void>((done) => (reach = done));
  const call = (): void => {
    left -= 1;
    if (left === 0) reach();
  };
  return { call, reached: Promise.race([reached, pause(AT_CALL_MS)]) };
}

/** The ways in which it ends, and how often each of 20 times. */
const WAYS: readonly (readonly [number, string, (ending: Ending) => Promise<void>])[] = [
  [
    4,
    'killed in a start',
    async ({ server, random }) => {
      await pause(random() * STARTING_MS);
      await server.kill();
    },
  ],
  [
    4,
    'killed under load',
    async ({ server, random }) => {
      await server.listening;
      await pause(random() * UNDER_LOAD_MS);
      await server.kill();
    },
  ],
  [
    5,
    'killed at an answer',
    async ({ server, load, random }) => {
      await server.listening;
      const { call, reached } = atCall(1 + Math.floor(random() * 100));
      load.onAnswer((status) => (isTaken(status) ? call() : undefined));
      await reached;
      await server.kill();
    },
  ],
  [
    5,
    'killed at a ring',
    async ({ world, server, random }) => {
      await server.listening;
      const { call, reached } = atCall(1 + Math.floor(random() * 5));
      const stop = world.sandbox.watch(call);
      await reached;
      await server.kill();
      stop();
    },
  ],
  [
    2,
    'ended by SIGTERM',
    async ({ server, random }) => {
      await server.listening;
      await pause(random() * UNDER_LOAD_MS);
      const how = await server.stop();
      if (how !== '0') throw new Error(`SIGTERM ended it by ${how}:\n${server.output()}`);
    },
  ],
];

/** Ends the server in one of the ways; says which. */
async function end(ending: Ending): Promise<string> {
  let left = ending.random() * 20;
  for (const [share, name, play] of WAYS) {
    left -= share;
    if (left >= 0) continue;
    await play(ending);
    return name;
  }
  throw new Error('the shares are 20 together');
}

async function play({ random, test, tries }: Trying): Promise<Played> {
  const world = await liveWorld(test);
  const first = world.launch();
  const load = startLoad({ test, url: first.url, random });
  const seen: string[] = [];
  let server = first;
  for (let n = 0; n < tries; n += 1) {
    seen.push(await end({ world, server, load, random }));
    server = world.launch();
  }
  await server.listening;
  await load.finish();
  const from = performance.now();
  const failed = await judge(world, server, load.taken);
  if (performance.now() - from > IN_DOUBT_MS) seen.push('post in doubt for minutes');
  return {
    seen: [...seen, ...Array.from({ length: load.answered() }, () => 'deliveries answered')],
    failed,
  };
}

export const kills: Experiment = {
  name: 'kill -9 and SIGTERM under load and in the start',
  tries: 200,
  shortTries: KILLS_A_WORLD,
  run: eachWorld(KILLS_A_WORLD, play),
};
