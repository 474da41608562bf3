/**
 * The server is killed again and again while deliveries come in: under load, in the middle of a start, and by SIGTERM.
 * What it has answered 2xx is an alert that it knows, and the phone of its group rings; nothing rings under two keys, and
 * nothing is public twice.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createBackends } from '../../src/commands.ts';
import { runCli } from '../../src/cli/run.ts';
import { type Experiment, eachWorld, type Played, type Random, type Trying } from './experiment.ts';
import {
  berthNumbers,
  berthOf,
  type Fire,
  isPublic,
  isTaken,
  liveWorld,
  pause,
  phoneOf,
  publicTwice,
  ringsAt,
  send,
} from './live.ts';
import { type RealServer, type RealWorld, until } from '../support/real.ts';

const KILLS_A_WORLD = 5;
const SENDERS = 4;
/** A start takes about a second on an idle machine. */
const STARTING_MS = 1_500;
const UNDER_LOAD_MS = 1_000;
const AT_CALL_MS = 2_000;
const RECOVERED_MS = 90_000;

/** What was answered 2xx, by name, as it was last answered. */
type Taken = Map<string, Fire>;

interface Load {
  readonly taken: Taken;
  /** How many deliveries were answered 2xx. */
  answered(): number;
  /** Called at once after each answer of 2xx. */
  onAnswer(tell: () => void): void;
  /** From now on nothing new is sent; resolves once every delivery was taken. */
  finish(): Promise<void>;
}

/** What a sender sends next: mostly something new, sometimes what is known already, sometimes that it is over. */
function nextOf(load: { taken: Taken; made: number }, random: Random): Fire {
  const kind = random();
  const known = [...load.taken.values()];
  const one = known[Math.floor(random() * known.length)];
  if (one !== undefined && kind < 0.1) return one;
  // The first alert of each service goes on firing: what clears before it rang rings nobody, and rightly so.
  if (one !== undefined && kind < 0.2 && !one.name.endsWith('-first'))
    return { ...one, status: 'resolved' };
  const berth = Math.floor(random() * berthNumbers.length);
  const service = berthOf(berth);
  const severity = isPublic(berth) ? 'critical' : 'warning';
  const first = `${service}-first`;
  if (!load.taken.has(first)) return { service, severity, name: first };
  return { service, severity, name: `${service}-alert-${(load.made += 1)}` };
}

/** Several senders, each of which repeats what was not taken, as Alertmanager does. */
function startLoad(url: string, random: Random): Load {
  const state = { taken: new Map<string, Fire>(), made: 0, answered: 0, isOver: false };
  let tell = (): void => {};
  const busy = new Set<string>();
  const one = async (fire: Fire): Promise<void> => {
    const isNew = !state.taken.has(fire.name);
    while (!isTaken(await send(url, fire))) await pause(20);
    state.answered += 1;
    tell();
    if (isNew || fire.status === 'resolved') state.taken.set(fire.name, fire);
  };
  const sender = async (): Promise<void> => {
    while (!state.isOver) {
      const fire = nextOf(state, random);
      // Two senders never speak of one alert at once: which of them was heard last would be anybody's guess.
      if (!busy.has(fire.name)) {
        busy.add(fire.name);
        await one(fire);
        busy.delete(fire.name);
      }
      await pause(5);
    }
  };
  const senders = Array.from({ length: SENDERS }, sender);
  return {
    taken: state.taken,
    answered: () => state.answered,
    onAnswer: (given) => (tell = given),
    finish: async () => {
      state.isOver = true;
      await Promise.all(senders);
    },
  };
}

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
      load.onAnswer(call);
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

/** What `tocsin verify` says of the data; null: all is well. */
async function verified({ data }: RealWorld): Promise<string | null> {
  let said = '';
  const say = (text: string): void => void (said += text);
  const edge = { pid: process.pid, out: say, err: say, onStop: () => {}, onReload: () => {} };
  const code = await runCli({
    argv: ['verify', '--data', data],
    env: {},
    stdout: say,
    stderr: say,
    stdin: process.stdin,
    cwd: data,
    backends: createBackends({ ...edge, environment: {} }),
  });
  return code === 0 ? null : said;
}

interface KnownAlert {
  readonly name: string;
  readonly status: string;
}

function knownIn(data: string): ReadonlyMap<string, string> {
  const db = new Database(join(data, 'tocsin.db'), { readonly: true });
  try {
    const rows = db.prepare<[], KnownAlert>('SELECT dedup_key AS name, status FROM alerts').all();
    return new Map(rows.map(({ name, status }) => [name, status]));
  } finally {
    db.close();
  }
}

function lostOf(world: RealWorld, taken: Taken): readonly string[] {
  const known = knownIn(world.data);
  return [...taken.values()].flatMap(({ name, status = 'firing' }) => {
    const there = known.get(name);
    if (there === status) return [];
    return [`${name} was answered 2xx as ${status} and is ${there ?? 'not known'}`];
  });
}

const servicesOf = (taken: Taken): readonly number[] =>
  berthNumbers.filter((n) => taken.has(`${berthOf(n)}-first`));

function rungTwice(world: RealWorld, berths: readonly number[]): readonly string[] {
  return berths.flatMap((n) => {
    const keys = new Set(ringsAt(world, phoneOf(n)).map(({ key }) => key));
    return keys.size > 1 ? [`${berthOf(n)} rang under ${[...keys].join(' and ')}`] : [];
  });
}

/** After the last start all that is owed comes by itself, and nothing besides. */
async function judge(world: RealWorld, server: RealServer, taken: Taken): Promise<string[]> {
  const failed: string[] = [];
  const berths = servicesOf(taken);
  const silent = (): readonly number[] =>
    berths.filter((n) => ringsAt(world, phoneOf(n)).length === 0);
  const untold = (): readonly number[] =>
    berths.filter(
      (n) => isPublic(n) && !world.posts().some(({ components }) => `Berth ${n}` in components),
    );
  const undecided = (): Promise<number> =>
    world.read(async (reads) => (await reads.health(0)).undecided);
  const isAllThere = async (): Promise<boolean> =>
    silent().length === 0 && untold().length === 0 && (await undecided()) === 0;
  await until('all is rung', isAllThere, RECOVERED_MS).catch(() => {
    failed.push(...silent().map((n) => `${berthOf(n)} never rang`));
    failed.push(...untold().map((n) => `${berthOf(n)} is not on the status page`));
  });
  const how = await server.stop();
  if (how !== '0') failed.push(`the last stop ended by ${how}:\n${server.output().slice(-2_000)}`);
  const broken = await verified(world);
  if (broken !== null) failed.push(`verify: ${broken}`);
  return [...failed, ...lostOf(world, taken), ...rungTwice(world, berths), ...publicTwice(world)];
}

async function play({ random, test, tries }: Trying): Promise<Played> {
  const world = await liveWorld(test);
  const first = world.launch();
  const load = startLoad(first.url, random);
  const seen: string[] = [];
  let server = first;
  for (let n = 0; n < tries; n += 1) {
    seen.push(await end({ world, server, load, random }));
    server = world.launch();
  }
  await server.listening;
  await load.finish();
  const failed = await judge(world, server, load.taken);
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
