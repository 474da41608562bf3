/** Deliveries as several senders make them, each of which repeats what was not taken; and what of it was answered 2xx. */
import type { Finishing } from '../support/real.ts';
import type { Random } from './experiment.ts';
import { berthNumbers, berthOf, type Fire, isPublic, isTaken, pause, send } from './live.ts';

const SENDERS = 4;
/** Between two deliveries of a sender, and before it repeats one. */
const NEXT_MS = 5;
const REPEAT_MS = 20;

/** What was answered 2xx, by name, as it was last answered. */
export type Taken = Map<string, Fire>;

/** Status of an answer; null: none came. */
type Status = number | null;

export interface Load {
  readonly taken: Taken;
  /** How many deliveries were answered 2xx. */
  answered(): number;
  /** How many were answered so. */
  count(status: Status): number;
  /** Called at once after each answer. */
  onAnswer(tell: (status: Status) => void): void;
  /** From now on nothing new is sent; resolves once every delivery was taken. */
  finish(): Promise<void>;
}

export interface Loading {
  /** When its world ends, nothing is sent any more, taken or not. */
  readonly test: Finishing;
  readonly url: string;
  readonly random: Random;
  /** Characters of text in each delivery, of which nothing is alike; absent: none. */
  readonly characters?: number;
}

interface State {
  readonly taken: Taken;
  made: number;
}

/** What a sender sends next: mostly something new, sometimes what is known already, sometimes that it is over. */
function nextOf(state: State, random: Random): Fire {
  const kind = random();
  const known = [...state.taken.values()];
  const one = known[Math.floor(random() * known.length)];
  if (one !== undefined && kind < 0.1) return one;
  // The first alert of each service goes on firing: what clears before it rang rings nobody, and rightly so.
  if (one !== undefined && kind < 0.2 && !one.name.endsWith('-first'))
    return { ...one, status: 'resolved' };
  const berth = Math.floor(random() * berthNumbers.length);
  const service = berthOf(berth);
  const severity = isPublic(berth) ? 'critical' : 'warning';
  // Until that is taken nothing else of the service is sent: cleared before it, another alert would make it a relapse.
  const first = `${service}-first`;
  const name = state.taken.has(first) ? `${service}-alert-${(state.made += 1)}` : first;
  return { service, severity, name };
}

/** Text of which nothing is alike. */
export function textOf(random: Random, characters: number): string {
  let text = '';
  while (text.length < characters) text += random().toString(36).slice(2);
  return text;
}

export function startLoad({ test, url, random, characters = 0 }: Loading): Load {
  const state: State = { taken: new Map(), made: 0 };
  const counts = new Map<Status, number>();
  const busy = new Set<string>();
  let isOver = false;
  let isWorldOver = false;
  test.onTestFinished(() => {
    isOver = isWorldOver = true;
  });
  let tell = (_status: Status): void => {};
  const isSent = async (fire: Fire): Promise<boolean> => {
    const status = await send(url, fire);
    counts.set(status, (counts.get(status) ?? 0) + 1);
    tell(status);
    return isTaken(status);
  };
  const one = async (fire: Fire): Promise<void> => {
    const text = characters === 0 ? {} : { text: textOf(random, characters) };
    while (!isWorldOver) {
      if (await isSent({ ...fire, ...text })) return void state.taken.set(fire.name, fire);
      await pause(REPEAT_MS);
    }
  };
  const sender = async (): Promise<void> => {
    while (!isOver) {
      const fire = nextOf(state, random);
      // Two senders never speak of one alert at once: which of them was heard last would be anybody's guess.
      if (!busy.has(fire.name)) {
        busy.add(fire.name);
        await one(fire);
        busy.delete(fire.name);
      }
      await pause(NEXT_MS);
    }
  };
  const senders = Array.from({ length: SENDERS }, sender);
  return {
    taken: state.taken,
    answered: () => [...counts].reduce((sum, [status, n]) => sum + (isTaken(status) ? n : 0), 0),
    count: (status) => counts.get(status) ?? 0,
    onAnswer: (given) => (tell = given),
    finish: async () => {
      isOver = true;
      await Promise.all(senders);
    },
  };
}
