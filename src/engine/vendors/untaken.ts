/**
 * Which targets take nothing of what is sent to them, by the answers to it: a vendor that is down, refuses the account, or
 * never answers, as long as something waits for it. In memory, so that nothing has to be written for it: a restart begins anew.
 */
import type { Outcome, ReadResult } from '../../contract/outcome.ts';
import type { Clock } from '../clock.ts';

/** Since when nothing was taken, epoch ms, and why not the last time. */
export interface UntakenSince {
  readonly since: number;
  readonly why: string;
}

/** A target has taken nothing for long, or does so no more. */
export interface UntakenNews extends UntakenSince {
  readonly target: string;
  /** `idle`: nothing was tried for so long that nothing can wait for it. */
  readonly now: 'untaken' | 'taken' | 'idle';
}

type Answer = Outcome | { readonly verb: 'read'; readonly result: ReadResult<unknown> };

export interface Untaken {
  note(target: string, answer: Answer): void;
  /** Null: it takes what it is sent, or nothing was sent lately. */
  of(target: string): UntakenSince | null;
  /** What is to be told that was not told before; each beginning has an end. */
  news(): readonly UntakenNews[];
}

const TOLD_AFTER_MS = 10 * 60_000;
/** Longer than any wait between two tries, see `backoff.ts`: nothing waits for it any more. */
const FORGOTTEN_AFTER_MS = 4 * 60_000;

/** What an answer says of the target; null: it is about one object there. */
function reasonOf(answer: Answer): { readonly isTaken: boolean; readonly why: string } | null {
  switch (answer.verb) {
    case 'delivered':
      return { isTaken: true, why: '' };
    case 'retry':
      return { isTaken: false, why: answer.detail };
    case 'reject':
      return answer.ofAddress === true ? null : { isTaken: false, why: answer.detail };
    case 'read':
      if (answer.result.ok) return { isTaken: true, why: '' };
      return answer.result.reason === 'not_found'
        ? null
        : { isTaken: false, why: answer.result.detail };
  }
}

interface Failing extends UntakenSince {
  /** When it was tried last; where it asked to be left alone, when that is over. */
  readonly last: number;
  readonly isTold: boolean;
}

export function createUntaken(clock: Pick<Clock, 'now'>): Untaken {
  const all = new Map<string, Failing>();
  const over: UntakenNews[] = [];
  const end = (target: string, now: 'taken' | 'idle'): void => {
    const known = all.get(target);
    all.delete(target);
    if (known?.isTold === true) over.push({ ...known, target, now });
  };
  return {
    note: (target, answer) => {
      const reason = reasonOf(answer);
      if (reason === null) return;
      if (reason.isTaken) return end(target, 'taken');
      const now = clock.now();
      const before = all.get(target) ?? { since: now, isTold: false };
      const restMs = answer.verb === 'retry' ? (answer.afterMs ?? 0) : 0;
      all.set(target, { ...before, why: reason.why, last: now + restMs });
    },
    of: (target) => all.get(target) ?? null,
    news: () => {
      const now = clock.now();
      for (const [target, { last }] of all)
        if (now - last >= FORGOTTEN_AFTER_MS) end(target, 'idle');
      const begun = [...all].filter(
        ([, { since, isTold }]) => !isTold && now - since >= TOLD_AFTER_MS,
      );
      for (const [target, one] of begun) all.set(target, { ...one, isTold: true });
      const told = begun.map(([target, one]) => ({ ...one, target, now: 'untaken' as const }));
      return [...over.splice(0), ...told];
    },
  };
}
