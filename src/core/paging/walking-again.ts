/** A search whose steps its pagers have all refused begins again: they are mended sooner than everybody is gone. */
import { emit, type Decision, type Look } from '../model/decision.ts';
import type { Escalation, Page } from '../model/incident.ts';
import { enterStep, ringAndAnswer } from './escalating.ts';
import { mayRing, openPagesOf } from './progress.ts';
import { decodeEscalation, type EscalationId } from '../model/keys.ts';
import { candidatesOf } from '../people/candidates.ts';
import { closePage, type Want } from './ringing.ts';
import { urgencyNow } from './sharing.ts';

/** Whether a pager refused what was to ring in its place: by the page itself nobody hears of what that was to tell. */
function isReplacedInVain(open: readonly Page[], { id }: Page): boolean {
  const isForAlarm = (search: EscalationId): boolean => decodeEscalation(search).kind === 'alarm';
  return open.some(
    (page) => page.insteadOf.includes(id) && !mayRing(page) && !page.escalations.some(isForAlarm),
  );
}

/**
 * The pages of a search that is over because its pagers know none of those whom it rang; empty: somebody's phone rings, and
 * for what it is to ring for by now.
 */
export function refusedPagesOf(
  look: Look<'state'>,
  { id, key, state }: Escalation,
): readonly Page[] {
  if (state !== 'exhausted' || key.kind === 'test') return [];
  const open = openPagesOf(look, id);
  const isRinging = (page: Page): boolean => mayRing(page) && !isReplacedInVain(open, page);
  return open.some(isRinging) ? [] : open.filter((page) => !mayRing(page));
}

/** Whoever's phone rings on, for the new ring of theirs was refused, is rung once more by the search. */
function ringsOf(decision: Decision, search: EscalationId, refused: readonly Page[]): Want[] {
  const escalation = decision.state.escalations[search];
  if (escalation === undefined) return [];
  const urgency = urgencyNow(decision, escalation);
  return refused.flatMap(({ person, insteadOf }) => {
    if (person === null || insteadOf.length === 0) return [];
    const named = { kind: 'person', person } as const;
    const [candidate] = candidatesOf(named, decision.context, decision.state.routing).list;
    if (candidate === undefined) return [];
    return [{ escalation: search, candidate, urgency, anew: true, insteadOf }];
  });
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
  for (const { id, pages } of again) {
    emit(decision, { type: 'EscalationAdvanced', escalation: id, step: 0, because });
    wants.push(...enterStep(decision, id, 0), ...ringsOf(decision, id, pages));
  }
  ringAndAnswer(decision, wants);
}
