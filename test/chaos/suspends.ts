/**
 * The process is suspended under load (SIGSTOP), as with a machine that sleeps: the wall clock goes on meanwhile, its own timers
 * do not. It is not ended for that; what has become due rings once, late, and nothing rings twice.
 */
import { type Experiment, eachWorld, type Played, type Trying } from './experiment.ts';
import { judge } from './judge.ts';
import { openLadder, STEP_MS } from './ladder.ts';
import { OLAV, pause, ringsAt } from './live.ts';
import { startLoad } from './load.ts';

async function play({ random, test, ms }: Trying & { readonly ms: number }): Promise<Played> {
  const ladder = await openLadder({ test });
  const { world, wall } = ladder;
  const server = ladder.server();
  const load = startLoad({ test, url: server.url, random });
  await pause(random() * 2_000);
  server.signal('SIGSTOP');
  await pause(ms * (0.5 + random() / 2));
  // Slept for longer than the step waits.
  wall.step(STEP_MS + random() * 2 * 60_000);
  server.signal('SIGCONT');
  await ladder.rings();
  await load.finish();
  const taken = new Map([...load.taken, ...ladder.taken]);
  const failed = await judge(world, server, taken);
  if (ringsAt(world, OLAV).length !== 1)
    failed.push(`Olav rang ${ringsAt(world, OLAV).length} times for one step`);
  return { seen: Array.from({ length: load.answered() }, () => 'deliveries answered'), failed };
}

export const suspends: readonly Experiment[] = [
  {
    name: 'suspended for seconds under load',
    tries: 20,
    shortTries: 1,
    run: eachWorld(1, (trying) => play({ ...trying, ms: 6_000 })),
  },
  {
    name: 'suspended for longer than the watchdog waits',
    tries: 8,
    shortTries: 0,
    run: eachWorld(1, (trying) => play({ ...trying, ms: 140_000 }), 4),
  },
];
