/**
 * Somebody is rung whom a reload has removed. Their answer could fill no role, and nobody could count on it: their phones
 * fall silent, and whoever the file names now is looked for.
 */
import type { Decision, Look } from '../model/decision.ts';
import { escalationKeyText } from '../model/event-entry.ts';
import type { Escalation, Page } from '../model/incident.ts';
import type { EscalationId } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { say } from '../texts/messages.ts';
import { enumerate } from '../texts/text.ts';
import { ringAndAnswer, startAnew } from './escalating.ts';
import { isOfOffer } from './offers.ts';
import { openPages } from './progress.ts';
import { closePage, type Want } from './ringing.ts';
import { soughtByPages } from './sharing.ts';
import { callPassesOn } from './sounding.ts';

/** Whether the file knows the person no more; of an address nobody knows whose phone it is. */
export function isGone({ policy }: Look<'policy'>, person: string | null): person is string {
  return person !== null && own(policy.people, person) === undefined;
}

/** What rings people by ourselves: an offer ends by itself, and what was adopted its vendor rings. */
function ringingPages(look: Look<'state'>): readonly Page[] {
  return openPages(look).filter((page) => !page.adopted && !isOfOffer(look, page));
}

/** Everybody whose phone rings. */
export function ringingPeople(look: Look<'state'>): readonly string[] {
  return [...new Set(ringingPages(look).flatMap(({ person }) => person ?? []))];
}

/** Whether the phone of somebody rings whom the file knows no more. */
export function ringsWhoIsGone(look: Look<'state' | 'policy'>, person: string): boolean {
  return isGone(look, person) && ringingPeople(look).includes(person);
}

/** Their phones fall silent, and each search that they were rung for goes on with whom the file names now. */
export function ringInstead(decision: Decision, person: string): void {
  const pages = ringingPages(decision).filter((page) => page.person === person);
  const searches = soughtByPages(decision, pages);
  for (const page of pages) closePage(decision, page, goneText(person));
  searchInstead(decision, person, searches);
}

/** Why nobody counts on them. */
export function goneText(person: string): string {
  return `${person} is not among the people of the configuration any more`;
}

/** What the person was rung for is looked for among those whom the file names now, together, and people read why. */
export function searchInstead(
  decision: Decision,
  person: string,
  searches: readonly EscalationId[],
): void {
  const { state } = decision;
  const all = searches.flatMap((id) => state.escalations[id] ?? []);
  if (all.length === 0) return;
  const because = goneText(person);
  const what = enumerate(all.map(({ key }) => escalationKeyText(key)));
  const text = `${state.id}: ${because}, and was rung for ${what}. Whoever it names now is looked for.`;
  say(decision, text, { kind: 'status' });
  ringAndAnswer(
    decision,
    all.flatMap((one) => goOn(decision, one, because)),
  );
}

function goOn(decision: Decision, escalation: Escalation, because: string): readonly Want[] {
  switch (escalation.key.kind) {
    case 'role':
    case 'service':
    case 'next':
    case 'presence':
      return startAnew(decision, escalation, because);
    case 'alarm':
      callPassesOn(decision, escalation.key.post, because);
      return [];
    case 'offer':
    case 'test':
      return [];
  }
}
