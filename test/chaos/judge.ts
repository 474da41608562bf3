/**
 * What must hold at the end of every experiment, whatever was done meanwhile: each delivery that was answered 2xx is an alert
 * that is known, and a phone of its service rang, under one key; nothing is public twice; the record is whole.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createBackends } from '../../src/commands.ts';
import { runCli } from '../../src/cli/run.ts';
import { type RealServer, type RealWorld, until } from '../support/real.ts';
import {
  berthNumbers,
  berthOf,
  isPublic,
  phoneOf,
  publicTwice,
  rangAgain,
  ringsAt,
  teamIdOf,
} from './live.ts';
import type { Taken } from './load.ts';

/** A post of which nobody knows, since the process died while it was sent, is looked up for five minutes before it is sent again. */
const RECOVERED_MS = 7 * 60_000;

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
    // What the pager saw of it: a page that was over before the next one rang is another matter than two that ring.
    const seen = world.pages().filter(({ key }) => keys.has(key));
    const told = seen.map(({ time, event, key, title }) => `${time} ${event} ${key} "${title}"`);
    return keys.size > 1 ? [`${berthOf(n)} rang twice: ${told.join('; ')}`] : [];
  });
}

const isRung = (world: RealWorld, n: number): boolean =>
  ringsAt(world, phoneOf(n)).length + ringsAt(world, teamIdOf(n)).length > 0;

/** After the last start all that is owed comes by itself, and nothing besides. */
export async function judge(world: RealWorld, server: RealServer, taken: Taken): Promise<string[]> {
  const failed: string[] = [];
  const berths = servicesOf(taken);
  const silent = (): readonly number[] => berths.filter((n) => !isRung(world, n));
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
  return [
    ...failed,
    ...lostOf(world, taken),
    ...rungTwice(world, berths),
    ...rangAgain(world),
    ...publicTwice(world),
  ];
}
