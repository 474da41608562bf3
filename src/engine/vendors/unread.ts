/**
 * Since when a pager does not tell, by any way, what is asked about the rings that wait for an answer: of each ring by
 * itself, since one of them may be unreadable for a reason of its own. The incidents whose rings they are hear of it.
 */
import type { Instant } from '../../core/model/alert.ts';
import { own } from '../../core/model/own.ts';
import type { Clock } from '../clock.ts';
import type { Turn } from '../deciding/turns.ts';
import type { Writer } from '../deciding/writer.ts';
import { isAnswerAwaited, type Waiting } from './waiting.ts';

/** What could not be read: since when, and why. */
interface Trouble {
  readonly since: Instant;
  readonly why: string;
}

/** What a round of questions came to. */
export interface Asked {
  /** Everything that it was about. */
  readonly all: readonly Waiting[];
  /** By key what was asked: why it could not be read; null: it was. */
  readonly read: ReadonlyMap<string, string | null>;
  /** Why nothing more could be asked; null: all was asked whose turn it was. */
  readonly endedBy: string | null;
  readonly begunAt: Instant;
  /** It was about what was answered as well. */
  readonly isWhole: boolean;
}

/** What one incident is to hear. */
interface Word {
  readonly incident: string;
  readonly unread: Trouble | null;
}

/** What is remembered of one target. */
export interface Unread {
  /** Since when the ring could not be read; null: it could, or nobody waits for an answer to it. */
  since(key: string): Instant | null;
  /** Takes in what a round came to, and says what the incidents are to hear. */
  tookIn(asked: Asked): readonly Word[];
  /** The incident has heard, and has its rings for unheard or not. */
  heard(incident: string, isUnheard: boolean): void;
  /** Nothing is asked there any more. */
  forget(): void;
}

/** Nothing is unread yet; what incidents were told by another process shows when they are asked about. */
export function createUnread(): Unread {
  const troubles = new Map<string, Trouble>();
  const told = new Map<string, boolean>();

  const note = ({ all, read, endedBy, begunAt }: Asked): void => {
    const awaited = all.filter(isAnswerAwaited).map(({ sought }) => sought.key);
    const keys = new Set(awaited);
    for (const key of troubles.keys()) if (!keys.has(key)) troubles.delete(key);
    for (const key of awaited) {
      const why = read.has(key) ? read.get(key) : endedBy;
      const since = troubles.get(key)?.since ?? begunAt;
      if (why !== null && why !== undefined) troubles.set(key, { since, why });
      else if (read.has(key)) troubles.delete(key);
    }
  };

  const words = ({ all, read, isWhole }: Asked): readonly Word[] => {
    const found = new Map<string, { unread: Trouble | null; isRead: boolean }>();
    for (const { sought, rows } of all)
      for (const { incident, state } of rows) {
        if (state === 'closed') continue;
        const one = found.get(incident) ?? { unread: null, isRead: false };
        const trouble = state === 'open' ? (troubles.get(sought.key) ?? null) : null;
        found.set(incident, {
          unread: earlier(one.unread, trouble),
          isRead: one.isRead || read.get(sought.key) === null,
        });
      }
    if (isWhole)
      for (const incident of told.keys()) if (!found.has(incident)) told.delete(incident);
    return [...found].flatMap(([incident, { unread, isRead }]) => {
      const isOver = unread === null && isRead && told.get(incident) !== false;
      return unread !== null || isOver ? [{ incident, unread }] : [];
    });
  };

  return {
    since: (key) => troubles.get(key)?.since ?? null,
    tookIn: (asked) => {
      note(asked);
      return words(asked);
    },
    heard: (incident, isUnheard) => void told.set(incident, isUnheard),
    forget: () => {
      troubles.clear();
      told.clear();
    },
  };
}

function earlier(a: Trouble | null, b: Trouble | null): Trouble | null {
  if (a === null || b === null) return a ?? b;
  return b.since < a.since ? b : a;
}

/** Incidents in one turn of the writer. */
const INCIDENTS_A_TURN = 8;

interface Telling {
  readonly target: string;
  readonly unread: Unread;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly isStopped: () => boolean;
}

/** Tells incidents that answers at the target are not heard, or are again: each decides whether that is news to it. */
export async function tellOfUnread(words: readonly Word[], telling: Telling): Promise<void> {
  const { writer, unread } = telling;
  for (let at = 0; at < words.length && !telling.isStopped(); at += INCIDENTS_A_TURN) {
    const some = words.slice(at, at + INCIDENTS_A_TURN);
    const isUnheard = await writer.write(async (turn) => {
      await turn.workspace.prepare(some.map(({ incident }) => incident));
      const after: boolean[] = [];
      for (const word of some) after.push(await tellOne(word, turn, telling));
      return after;
    });
    for (const [i, { incident }] of some.entries()) unread.heard(incident, isUnheard[i] === true);
  }
}

/** Whether the incident has answers there for unheard by now. */
async function tellOne(word: Word, turn: Turn, { target, clock }: Telling): Promise<boolean> {
  const { workspace } = turn;
  const isUnheard = (): boolean =>
    own(workspace.state(word.incident)?.unheardAnswers ?? {}, target) !== undefined;
  if (workspace.state(word.incident) === null || (word.unread === null && !isUnheard()))
    return false;
  await workspace.feed({
    id: clock.id(),
    actor: { kind: 'tocsin' },
    type: 'AnswersAsked',
    target,
    ...word,
  });
  return isUnheard();
}
