/**
 * One incident whose page nobody answers, on a wall clock that the experiment holds: Nora rings at once, and Olav five minutes
 * later. Whatever is done to the process meanwhile, he rings then: no earlier, once, and at most a little later.
 */
import {
  type Finishing,
  type RealServer,
  type RealWorld,
  type Starting,
  until,
} from '../support/real.ts';
import { isTaken, liveWorld, type Living, NORA, OLAV, pause, ringsAt, send } from './live.ts';
import type { Taken } from './load.ts';
import { createWall, type Wall } from './wall.ts';

export const STEP_MS = 5 * 60_000;
/** A step that is due is looked for once a second; the rest is a busy machine. */
const LATE_MS = 15_000;
/** So long before it is due he does not ring. */
const EARLY_MS = 10_000;
const LOOKED_MS = 2_500;

export interface Ladder {
  readonly world: RealWorld;
  readonly wall: Wall;
  /** The process of now. */
  server(): RealServer;
  readonly taken: Taken;
  /** Starts another one, on the same wall clock. */
  restart(): Promise<void>;
  /** Real ms since Nora rang. */
  sinceMs(): number;
  /** Olav has not rung ten seconds before the step is due, and rings when it is. The wall clock shows the true time now. */
  goesOn(): Promise<void>;
  /** Olav rings; the step is due. */
  rings(patienceMs?: number): Promise<void>;
  isRung(): boolean;
}

export interface Climbing {
  readonly test: Finishing;
  readonly living?: Living;
  readonly starting?: Starting;
}

/** Sends it until it is taken, and remembers that it was. */
export async function deliverTo(url: string, taken: Taken, name: string): Promise<void> {
  const fire = { service: 'crane', name };
  await until(`${name} is taken`, async () => isTaken(await send(url, fire)));
  taken.set(name, fire);
}

export async function openLadder({ test, living, starting }: Climbing): Promise<Ladder> {
  const wall = createWall(test);
  const world = await liveWorld(test, living);
  const how: Starting = {
    ...starting,
    preload: [...(starting?.preload ?? []), ...(wall.starting.preload ?? [])],
    environment: { ...starting?.environment, ...wall.starting.environment },
  };
  let server = await world.start(undefined, how);
  const taken: Taken = new Map();
  await deliverTo(server.url, taken, 'CraneDown');
  await until('Nora rings', () => ringsAt(world, NORA).length > 0);
  const from = performance.now();
  const isRung = (): boolean => ringsAt(world, OLAV).length > 0;
  const rings = (patienceMs = LATE_MS): Promise<void> => until('Olav rings', isRung, patienceMs);
  const sinceMs = (): number => performance.now() - from;
  return {
    world,
    wall,
    taken,
    server: () => server,
    restart: async () => {
      server = await world.start(undefined, how);
    },
    sinceMs,
    isRung,
    rings,
    goesOn: async () => {
      const passed = wall.now() - Date.now() + sinceMs();
      wall.step(STEP_MS - passed - EARLY_MS);
      await pause(LOOKED_MS);
      if (isRung()) throw new Error('Olav rings before the step is due');
      wall.step(EARLY_MS);
      await rings();
    },
  };
}
