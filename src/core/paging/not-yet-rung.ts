/** A ring that a pause, or a pager that is down, held back: it is not sent any more while all that it is about has cleared. */
import type { Instant } from '../model/alert.ts';
import { emit, type Decision } from '../model/decision.ts';
import type { Incident, Page } from '../model/incident.ts';
import { isProvenQuiet, isReopening, quietFrom } from '../model/quiet.ts';
import { acceptedBy, isAskedFor, openPages } from './progress.ts';

/** Whether it looks for somebody because of alerts; what a person asks for rings whatever fires. */
function isAboutAlerts({ escalations }: Incident, page: Page): boolean {
  return page.escalations.every((id) => {
    const search = escalations[id];
    const isSearch = search?.key.kind === 'role' || search?.key.kind === 'service';
    return isSearch && !isAskedFor(search);
  });
}

/** Whether no pager has it yet and, in triage, everything has cleared: nobody is woken for what is over. */
export function waitsInQuiet(state: Incident, page: Page, now: Instant): boolean {
  const from = quietFrom(state);
  const isQuiet = from !== null && from <= now && isProvenQuiet(state);
  return (
    isQuiet &&
    page.state === 'open' &&
    state.alerts.total > 0 &&
    !isReopening(state) &&
    acceptedBy(page) === undefined &&
    isAboutAlerts(state, page)
  );
}

/** Whoever reads the timeline sees why a phone stayed silent. */
export function notePagesHeldBack(decision: Decision): void {
  const text = 'all alerts have cleared before a pager took it; it rings if one fires again';
  for (const page of openPages(decision))
    if (waitsInQuiet(decision.state, page, decision.now))
      emit(decision, { type: 'PageNoted', page: page.id, action: 'not rung', by: null, text });
}
