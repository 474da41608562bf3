/** What is asked of a pager: one object there, and the rings that it stands for. */
import type { PageFound, PageSought } from '../../contract/order.ts';
import type { Instant } from '../../core/model/alert.ts';
import type { PageRow } from '../../store/store.ts';
import { isAdopted } from './adopted-news.ts';
import { isLate, isLearnedLate } from './page-news.ts';

/** One object at the vendor; related incidents may share it. */
export interface Waiting {
  readonly sought: PageSought;
  readonly rows: readonly PageRow[];
}

/** It, and how it was found there. */
export interface WaitingFound {
  readonly waiting: Waiting;
  readonly found: PageFound;
}

/** Whoever answered first has the role, whichever page was asked about first. */
export function oldestFirst(answers: readonly WaitingFound[]): readonly WaitingFound[] {
  const at = ({ found }: WaitingFound): Instant => found.saidAt ?? Infinity;
  return answers.toSorted((a, b) => (at(a) === at(b) ? 0 : at(a) - at(b)));
}

/** Somebody is waited for; else only the end of what was answered is. */
export function isAnswerAwaited({ rows }: Pick<Waiting, 'rows'>): boolean {
  return rows.some((row) => row.state === 'open' || isAdopted(row) || isLearnedLate(row));
}

/** By the name that we know it would be found as it was: what comes late has another one. */
export function byKeyAlone(sought: PageSought): PageSought {
  return Object.freeze({ ...sought, externalRef: null });
}

/** All of it may come late, and nobody is waited for. */
export function mayComeLate({ rows }: Pick<Waiting, 'rows'>): boolean {
  return rows.every(isLate);
}

/** Whether it is another object that took its place there: what was decided about ours says nothing of that. */
export function isOther({ rows, sought }: Waiting, { externalRef }: PageFound): boolean {
  return !rows.every(isLate) && sought.externalRef !== null && sought.externalRef !== externalRef;
}

/** The next ones behind the one that was asked last, from the front again at the end. */
export function nextOf(
  rest: readonly Waiting[],
  askedUpTo: string,
  most: number,
): readonly Waiting[] {
  const at = rest.findIndex(({ sought }) => sought.key > askedUpTo);
  const turned = at < 0 ? rest : [...rest.slice(at), ...rest.slice(0, at)];
  return turned.slice(0, most);
}
