/** What the word of a pager about one ring is to its page: whether that is news, and how it is told. */
import type { PageFound } from '../../contract/order.ts';
import type { Page, Ring } from '../../core/model/incident.ts';
import { isUnheard } from '../../core/paging/progress.ts';
import type { PageRow } from '../../store/store.ts';

/** What is told of a ring. */
export type News = 'triggered' | 'acknowledged' | 'resolved' | 'rings on';

/** Nobody is wanted by it any more, and nobody knows whether its pager will carry it out. */
export function isLate({ unconfirmed, state }: PageRow): boolean {
  return unconfirmed && state !== 'open';
}

/** It has lapsed here, and was perhaps accepted there in time. */
export function isLearnedLate({ state, awaitsAnswer }: PageRow): boolean {
  return state === 'closed' && awaitsAnswer;
}

/** Whether its end there is to be heard of here. */
export function isEndAwaited(row: PageRow): boolean {
  return row.state === 'open' || row.awaitsAnswer || isLate(row);
}

/** Whether the page has not heard of it: an answer while it was open, its end until its ring was over, that it came late. */
export function isNewsOf(page: Page, row: PageRow, found: PageFound): boolean {
  const { target, key } = row;
  if (isLearnedLate(row)) return page.state === 'closed' && found.status === 'acknowledged';
  const rings = page.rings.filter((ring) => ring.target === target && ring.key === key);
  if (hasComeLate(row, found))
    return (
      page.state === 'closed' ||
      (page.state === 'acknowledged' &&
        rings.some((ring) => isUnheard(ring) || hasComeAgain(ring, found)))
    );
  if (page.state !== 'acknowledged' || found.status !== 'resolved') return page.state === 'open';
  return rings.some(({ status }) => status !== 'closed');
}

/** It was over there, and another attempt has been carried out since: nobody has opened it again. */
function hasComeAgain({ status, ref }: Ring, { externalRef }: PageFound): boolean {
  return status === 'closed' && ref !== externalRef;
}

/** It is there, and was not when it was answered or closed here. */
export function hasComeLate(row: PageRow, { status }: PageFound): boolean {
  return isLate(row) && status !== 'resolved';
}

/** What came late is told of as if it began to ring now, whatever was done there since: it is to end as its page did here. */
export function actionOf(
  row: PageRow,
  { found, news }: { readonly found: PageFound; readonly news: News },
): News {
  return hasComeLate(row, found) && news !== 'rings on' ? 'triggered' : news;
}

/**
 * Its name there. What came late after its end, and was never known by a name, is closed by its key and keeps none: each of
 * several attempts may come yet, by a name of its own, and is looked for under that key.
 */
export function refOf(row: PageRow, found: PageFound): string {
  if (hasComeLate(row, found) && row.state === 'closed' && row.ref === null) return '';
  return found.externalRef ?? row.ref ?? '';
}
