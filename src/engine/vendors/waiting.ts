/** What is asked of a pager: one object there, and the rings that it stands for. */
import type { PageFound, PageSought } from '../../contract/order.ts';
import type { PageRow } from '../../store/store.ts';
import { isAdopted } from './adopted-news.ts';
import { isLate, isLearnedLate } from './page-news.ts';

/** One object at the vendor; related incidents may share it. */
export interface Waiting {
  readonly sought: PageSought;
  readonly rows: readonly PageRow[];
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
