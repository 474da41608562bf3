/**
 * Heartbeats end when the process is suspended, killed or stuck, within the promised time, and come again with it. Whoever
 * takes them is the judge: when the last one came, and whether there is another.
 */
import { BLOCK_LOOP_MS } from '../support/block-loop.ts';
import { until } from '../support/real.ts';
import { receiver } from '../support/receiver.ts';
import { type Experiment, eachWorld, pick, type Played, type Trying } from './experiment.ts';
import { judge } from './judge.ts';
import { type Ladder, openLadder } from './ladder.ts';
import { pause } from './live.ts';

const BLOCK = new URL('../support/block-loop.ts', import.meta.url).href;
/** A loop that stands still is noticed after ten seconds. */
const STUCK_WITHIN_MS = 15_000;
/** What is no more sends nothing: the rest is on its way. */
const GONE_WITHIN_MS = 1_000;
const BLOCKED_MS = 30_000;
const QUIET_MS = 20_000;
/** Behind the first canary, which is sent every ten seconds. */
const AGAIN_MS = 45_000;

interface Trouble {
  readonly name: string;
  readonly withinMs: number;
  begin(ladder: Ladder): Promise<void>;
  end(ladder: Ladder): Promise<void>;
}

const TROUBLES: readonly Trouble[] = [
  {
    name: 'suspended',
    withinMs: GONE_WITHIN_MS,
    begin: async (ladder) => ladder.server().signal('SIGSTOP'),
    end: async (ladder) => {
      await pause(QUIET_MS);
      ladder.server().signal('SIGCONT');
    },
  },
  {
    name: 'killed',
    withinMs: GONE_WITHIN_MS,
    begin: (ladder) => ladder.server().kill(),
    end: async (ladder) => {
      await pause(QUIET_MS);
      await ladder.restart();
    },
  },
  {
    name: 'stuck',
    withinMs: STUCK_WITHIN_MS,
    begin: async (ladder) => ladder.server().signal('SIGUSR2'),
    end: () => pause(BLOCKED_MS - 1_000),
  },
];

async function play({ random, test }: Trying): Promise<Played> {
  const { file, heard } = await receiver(test);
  const trouble = pick(random, TROUBLES);
  const ladder = await openLadder({
    test,
    living: { heartbeat: `{url_file: "${file}", every: 1s}` },
    starting: { preload: [BLOCK], environment: { [BLOCK_LOOP_MS]: String(BLOCKED_MS) } },
  });
  await until('three heartbeats', () => heard.length >= 3, AGAIN_MS);
  await pause(random() * 3_000);
  const from = performance.now();
  await trouble.begin(ladder);
  await trouble.end(ladder);
  const last = Math.max(0, ...heard.map(({ at }) => at - from));
  const before = heard.length;
  const failed: string[] = [];
  if (last > trouble.withinMs)
    failed.push(`${trouble.name}: the last heartbeat came ${Math.round(last)} ms later`);
  await until('heartbeats come again', () => heard.length > before + 1, AGAIN_MS);
  const judged = await judge(ladder.world, ladder.server(), ladder.taken);
  return { seen: [trouble.name], failed: [...failed, ...judged] };
}

export const heartbeats: Experiment = {
  name: 'suspended, killed or stuck: heartbeats end and come again',
  tries: 20,
  // It takes most of a minute; its short form is a test of its own.
  shortTries: 0,
  run: eachWorld(1, play, 5),
};
