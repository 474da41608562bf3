/**
 * A page that is resolved at its pager while alerts fire: that ends the ring, not the incident. Whoever resolved it may
 * have meant the noise; where nobody does anything in the next quarter of an hour, it rings again.
 */
import type { PageId } from '../model/made-ids.ts';
import { roleRequest, type EscalationRequest } from '../paging/requests.ts';
import { emit, type Decision, type Look } from '../model/decision.ts';
import { isForAlarm } from '../model/events-paging.ts';
import { isOver, type Escalation, type Incident, type Page } from '../model/incident.ts';
import { type Ground, nothing, type Owed, waited } from '../model/obligation.ts';
import { textOf } from '../informing/informing.ts';
import { answeredElsewhere } from '../paging/answering.ts';
import { holderFirst } from '../paging/holders.ts';
import { offerOf } from '../paging/offers.ts';
import { startEscalations } from '../paging/escalating.ts';
import { say } from '../texts/messages.ts';

/** Time to do something before it rings again. */
const AGAIN_MS = 15 * 60_000;

/** Alerts that fire, without the vendor's own that ends with its ring. */
function firingBeside({ alerts }: Incident, { adopted }: Page): number {
  return alerts.firing - (adopted ? 1 : 0);
}

/** Whether it is of any consequence that the page, which was answered, ends at its pager: an alarm repeats by itself. */
export function mayEndThere(state: Incident, page: Page): boolean {
  return (
    state.kind !== 'test' &&
    page.escalations.some((id) => {
      const escalation = state.escalations[id];
      return escalation !== undefined && !isForAlarm(escalation) && offerOf(escalation) === null;
    })
  );
}

/** Those that its answer settled. An alarm repeats by itself, and what somebody else answered is theirs. */
function settledBy(look: Look<'state'>, page: Page): readonly Escalation[] {
  return page.escalations.flatMap((id) => {
    const escalation = look.state.escalations[id];
    if (escalation?.state !== 'answered' || isForAlarm(escalation)) return [];
    const elsewhere = answeredElsewhere(look, page, id);
    return elsewhere === null || elsewhere === page.person ? [escalation] : [];
  });
}

/** The page was resolved there: its ring is over, and the incident is not. */
export function endedThere(
  decision: Decision,
  id: PageId,
  how: { readonly by: string | null; readonly via: string },
): void {
  const { state } = decision;
  const page = state.pages[id];
  if (page?.state !== 'acknowledged' || isOver(state) || state.kind === 'test') return;
  const firing = firingBeside(state, page);
  if (firing <= 0 || settledBy(decision, page).length === 0) return;
  emit(decision, { type: 'PageEndedThere', page: id, ...how, firing });
  const what = firing === 1 ? 'an alert still fires' : `${firing} alerts still fire`;
  const words = `${how.by ?? 'The pager'} resolved it at ${how.via}, but ${what}: the incident goes on. It rings again in ${AGAIN_MS / 60_000} minutes, unless somebody does something about it here or it clears.`;
  say(decision, textOf(decision, 'update.status', words), { kind: 'status' });
}

/** It was resolved at its pager, and fires: it rings again, unless somebody shows that they are there. */
export function owedByEndedPage(ground: Ground, page: Page): Owed {
  const { state } = ground;
  const since = page.endedThereAt;
  if (since === null) return nothing('nobody resolved it at its pager while alerts fired');
  if (isOver(state)) return nothing(`the incident is ${state.phase}`);
  if (state.alerts.firing === 0 || (state.clearedAt ?? since) > since)
    return nothing('it has cleared since');
  if (Object.values(state.signsOfLife).some((at) => at > since))
    return nothing('somebody has done something about it since');
  return {
    clock: { kind: 'ended', page: page.id },
    what: `another ring for what page ${page.id} rang for, unless somebody does something about it`,
    dueAt: waited(ground, since, AGAIN_MS),
  };
}

/** Whoever holds the role is rung, else whoever is looked for in it; of what is no role, whom it was looked for at first. */
function requestAgain(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  { key, walk, recipient, fallback }: Escalation,
): EscalationRequest {
  const about = 'It was resolved at the pager, and still fires';
  const usual = key.kind === 'role' ? roleRequest(look, key.role) : null;
  if (usual !== null) return { ...holderFirst(look, usual), about };
  const pinned =
    walk.kind === 'vendor'
      ? { escalation: walk }
      : {
          escalation: { kind: 'policy', policy: walk.policy } as const,
          steps: walk.steps,
          limitedBy: walk.policy,
        };
  return { key, about, recipient, fallback, ...pinned };
}

/** They had a quarter of an hour. */
export function endedPageDue(decision: Decision, id: PageId): void {
  const page = decision.state.pages[id];
  if (page === undefined) return;
  const again = settledBy(decision, page).map((one) => requestAgain(decision, one));
  emit(decision, { type: 'PageEndUnseen', page: id });
  const words = `Nobody has done anything since page ${id} was resolved at its pager, and it still fires: it rings again.`;
  say(decision, textOf(decision, 'update.status', words), { kind: 'status' });
  startEscalations(decision, again);
}
