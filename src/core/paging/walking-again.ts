/** A search whose steps its pagers have all refused begins again: they are mended sooner than everybody is gone. */
import { emit, type Decision, type Look } from '../model/decision.ts';
import type { Escalation, Page } from '../model/incident.ts';
import { enterStep, ringAndAnswer } from './escalating.ts';
import { mayRing, openPagesOf } from './progress.ts';
import { closePage, type Want } from './ringing.ts';

/** The pages of a search that is over because its pagers know none of those whom it rang; empty: somebody's phone rings. */
export function refusedPagesOf(
  look: Look<'state'>,
  { id, key, state }: Escalation,
): readonly Page[] {
  if (state !== 'exhausted' || key.kind === 'test') return [];
  const open = openPagesOf(look, id);
  return open.some(mayRing) ? [] : open;
}

/**
 * A pager that knows nobody is mended sooner than everybody is gone: whoever was refused is looked for again, from the
 * first step on. One phone is refused for several searches: they begin again together.
 */
export function walkAgain(decision: Decision): void {
  const searches = Object.values(decision.state.escalations);
  const refused = searches.map((one) => ({ id: one.id, pages: refusedPagesOf(decision, one) }));
  const again = refused.filter(({ pages }) => pages.length > 0);
  const because = 'whoever was refused is tried again';
  for (const page of new Set(again.flatMap(({ pages }) => pages)))
    closePage(decision, page, because);
  const wants: Want[] = [];
  for (const { id } of again) {
    emit(decision, { type: 'EscalationAdvanced', escalation: id, step: 0, because });
    wants.push(...enterStep(decision, id, 0));
  }
  ringAndAnswer(decision, wants);
}
