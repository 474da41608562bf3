/**
 * The wall clock of the machine is stepped while a page waits for an answer: forward, so that some of the wait is over at once,
 * and back by minutes or hours. The next step rings when it is due, also after a restart; a clock that is set back is told of.
 */
import { until } from '../support/real.ts';
import { type Experiment, eachWorld, pick, type Played, type Trying } from './experiment.ts';
import { judge } from './judge.ts';
import { type Ladder, openLadder, STEP_MS } from './ladder.ts';
import { NORA } from './live.ts';

const MINUTE_MS = 60_000;
/** It is told of within a minute. */
const TOLD_MS = 75_000;
const TOLD = /clock of the machine was set back/;

async function killAndStart(ladder: Ladder): Promise<void> {
  await ladder.server().kill();
  await ladder.restart();
}

async function finish(ladder: Ladder, seen: readonly string[]): Promise<Played> {
  return { seen, failed: await judge(ladder.world, ladder.server(), ladder.taken) };
}

/** Forward, several times, by less than is left of the wait; or at once by more. */
async function forward({ random, test }: Trying): Promise<Played> {
  const isKilled = random() < 0.5;
  const isBeyond = random() < 0.3;
  const ladder = await openLadder({ test });
  const seen = [isBeyond ? 'beyond the step' : 'in parts'];
  if (isKilled) seen.push('killed');
  if (isBeyond) {
    ladder.wall.step(STEP_MS + random() * 4 * MINUTE_MS);
    if (isKilled) await killAndStart(ladder);
    await ladder.rings();
    return finish(ladder, seen);
  }
  ladder.wall.step(random() * 2 * MINUTE_MS);
  if (isKilled) await killAndStart(ladder);
  ladder.wall.step(random() * 2 * MINUTE_MS);
  await ladder.goesOn();
  return finish(ladder, seen);
}

/** Nora's phone rings, and is not answered: it stands beside that. */
const isTold = ({ world }: Ladder): boolean =>
  world
    .pages()
    .some(({ address, title, note = '' }) => address === NORA && TOLD.test(`${title} ${note}`));

async function back({ random, test }: Trying): Promise<Played> {
  const byMs = pick(random, [1, 10, 60, 180, 24 * 60]) * MINUTE_MS * (0.5 + random());
  const [isKilled, isWaitedFor] = [random() < 0.5, random() < 0.25];
  const ladder = await openLadder({ test });
  ladder.wall.step(-byMs);
  await until('it is told of', () => isTold(ladder), TOLD_MS);
  if (isKilled) await killAndStart(ladder);
  if (ladder.isRung()) throw new Error('Olav rings before the step is due');
  if (isWaitedFor) {
    // Behind all that, five minutes after Nora: the wall clock has not caught up.
    await ladder.rings(STEP_MS - ladder.sinceMs() + 20_000);
    if (ladder.sinceMs() < STEP_MS - 5_000) throw new Error('Olav rings before the step is due');
  } else {
    ladder.wall.step(byMs);
    await ladder.goesOn();
  }
  const seen = [isWaitedFor ? 'waited for' : 'set right again', ...(isKilled ? ['killed'] : [])];
  return finish(ladder, seen);
}

export const clockSteps: readonly Experiment[] = [
  {
    name: 'wall clock stepped forward while a page waits',
    tries: 20,
    shortTries: 2,
    run: eachWorld(1, forward, 2),
  },
  {
    name: 'wall clock set back while a page waits',
    tries: 20,
    shortTries: 0,
    run: eachWorld(1, back, 5),
  },
];
