/**
 * Pagers that do not do their work for a while: they refuse the connection, hang, answer 5xx, bar us, or lose what they took. Another
 * pager of the same person rings, or people hear in chat that none takes the page; back again, nothing rings twice.
 */
import { type Finishing, until } from '../support/real.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type Experiment, eachWorld, pick, type Played, type Trying } from './experiment.ts';
import { judge } from './judge.ts';
import { deliverTo } from './ladder.ts';
import { liveWorld, NORA, OLAV, pause, ringsAt, toldIn } from './live.ts';
import type { Taken } from './load.ts';
import { createWall } from './wall.ts';

/** After a minute the next pager. */
const NEXT_MS = 75_000;
/** What both took and lost: it is looked for at the one for a minute, and then at the other. */
const LOST_MS = 150_000;
/** What is not taken is tried again every 30 s. */
const AGAIN_MS = 45_000;
const STEP_MS = 5 * 60_000;
const NORA_THERE = 'nora@example.com';
const OLAV_THERE = 'olav@example.com';

const FAULTS: readonly Fault[] = [
  { fault: 'refuse' },
  { fault: 'hang' },
  { fault: '5xx' },
  { fault: '403' },
  { fault: '202-but-lost' },
  { fault: 'reset' },
];

type Ended = { readonly world: Awaited<ReturnType<typeof liveWorld>>; readonly taken: Taken };

async function start(test: Finishing, targets: readonly string[], fault: Fault) {
  const wall = createWall(test);
  const world = await liveWorld(test);
  const server = await world.start(undefined, wall.starting);
  for (const target of targets) world.sandbox.setFault({ target, ...fault });
  const taken: Taken = new Map();
  await deliverTo(server.url, taken, 'CraneDown');
  return { wall, world, server, taken };
}

const rung = ({ world }: Pick<Ended, 'world'>, ...addresses: readonly string[]): number =>
  addresses.reduce((sum, address) => sum + ringsAt(world, address).length, 0);

async function play({ random, test }: Trying): Promise<Played> {
  const fault = pick(random, FAULTS);
  const areBothDead = random() < 0.3;
  const scene = await start(test, areBothDead ? ['pd', 'og'] : ['pd'], fault);
  const { world, server, taken, wall } = scene;
  // What is done although the answer is broken off rings at once.
  const isDone = fault.fault === 'reset';
  if (!areBothDead && !isDone)
    await until('the other pager rings', () => rung(scene, NORA_THERE) > 0, NEXT_MS);
  else if (!isDone)
    await until(
      'it is told that no pager takes it',
      () => toldIn(world).some((text) => /unreachable|not confirmed/.test(text)),
      fault.fault === '202-but-lost' ? LOST_MS : NEXT_MS,
    );
  else await until('the phone rings', () => rung(scene, NORA) > 0, NEXT_MS);
  await pause(random() * 5_000);
  world.sandbox.clearFaults();
  await until('Nora rings', () => rung(scene, NORA, NORA_THERE) > 0, AGAIN_MS);
  await pause(AGAIN_MS);
  wall.step(STEP_MS);
  await until('the escalation goes on', () => rung(scene, OLAV, OLAV_THERE) > 0, AGAIN_MS);
  await pause(5_000);
  const failed = await judge(world, server, taken);
  for (const address of [NORA, NORA_THERE, OLAV, OLAV_THERE])
    if (rung(scene, address) > 1)
      failed.push(`${fault.fault}: ${address} rang ${rung(scene, address)} times`);
  return { seen: [`${fault.fault}${areBothDead ? ' at both' : ''}`], failed };
}

export const deadTargets: Experiment = {
  name: 'pagers are dead for a while, one or both',
  tries: 24,
  // It takes two minutes; its short form is the table of faults, on the stepped clock.
  shortTries: 0,
  run: eachWorld(1, play, 8),
};
