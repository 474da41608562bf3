/**
 * Reach: that no pager accepts a page is a fact of its own. Everybody who can be told another way hears of it after a
 * minute, whatever the steps of the escalation are, and hears when it is over.
 */
import type { Instant } from '../model/alert.ts';
import { emit, levelOf, type Decision, type Look } from '../model/decision.ts';
import { isForAlarm } from '../model/events-paging.ts';
import type { Page, Ring } from '../model/incident.ts';
import { encodeEscalation, type AlarmKey } from '../model/keys.ts';
import { type Ground, groundOf, nothing, type Owed, waited } from '../model/obligation.ts';
import type { Recipient } from '../model/policy.ts';
import { chatPeople, postTo } from '../texts/messages.ts';
import { durationText } from '../texts/text.ts';
import { isAlarmed, raiseAlarm, sayAlarm } from './alarms.ts';
import { acceptedBy, isOwed, isRecorded, openPagesOf } from './progress.ts';
import { ringForAlarm } from './sounding.ts';

const UNREACHABLE_AFTER_MS = 60_000;
/** A pager that was asked only now has this long before phones of others ring for it. */
const JUST_ASKED_MS = 5_000;

const alarmOf = ({ id }: Pick<Page, 'id'>): AlarmKey => ({ kind: 'page', page: id });

/** Whether whom it is to find is looked for by another page, which a pager has accepted: then somebody is reached. */
function isReachedElsewhere(look: Look<'state'>, { escalations }: Page): boolean {
  const searches = escalations.filter((id) => isOwed(look.state.escalations[id]));
  return searches.every((id) =>
    openPagesOf(look, id).some((other) => acceptedBy(other) !== undefined),
  );
}

/** Whether phones of others are still to ring for it. What rings for an alarm is no cause for another one. */
function isToRing({ state, policy }: Pick<Ground, 'state' | 'policy'>, page: Page): boolean {
  if (state.kind === 'test' || policy.automation.alarm.page === null) return false;
  if (page.escalations.every((id) => isForAlarm(state.escalations[id]))) return false;
  if (isReachedElsewhere({ state }, page)) return false;
  return state.escalations[encodeEscalation({ kind: 'alarm', alarm: alarmOf(page) })] === undefined;
}

/** Of a page that waits: the word that nobody accepts it, the phones of others, and the word that it is over. */
export function owedByReach(ground: Ground, page: Page): Owed {
  const { id, label, rings, unreachableSince: since } = page;
  if (page.state !== 'open') return nothing(`it is ${page.state}`);
  if (isRecorded(page)) return nothing('it is recorded and not sent');
  const falls = (what: string, dueAt: Instant): Owed => ({
    clock: { kind: 'reach', page: id },
    what: `${what} page ${id} to ${label}`,
    dueAt,
  });
  if (acceptedBy(page) !== undefined)
    return since === null
      ? nothing('a pager has accepted it')
      : falls('the word that a pager has accepted', since);
  if (since === null)
    return falls(
      'the word that no pager accepts',
      waited(ground, page.requestedAt, UNREACHABLE_AFTER_MS),
    );
  if (!isToRing(ground, page)) return nothing('everybody was told that no pager accepts it');
  const askedAt = rings.at(-1)?.at ?? since;
  return falls('the alarm that no pager accepts', waited(ground, askedAt, JUST_ASKED_MS));
}

/** Whoever is meant by the page, alarmed by it, or owed a notice at this level, as far as they have a chat user. */
function toldOf(decision: Decision, { person }: Page): readonly Recipient[] {
  const { page } = decision.policy.automation.alarm;
  return [
    ...(person === null ? [] : [{ kind: 'person', person } as const]),
    ...(page === null ? [] : [page]),
    ...(levelOf(decision)?.notify ?? []).flatMap(({ who }) => who),
  ];
}

function tell(decision: Decision, page: Page, text: string): void {
  for (const { target, user } of chatPeople(decision, toldOf(decision, page)))
    postTo(decision, {
      target,
      channel: user,
      text,
      about: { kind: 'alarm', alarm: alarmOf(page) },
    });
}

/** A minute is over, others are to be rung for it, or a pager has accepted it. */
export function reachDue(decision: Decision, id: string): void {
  const page = decision.state.pages[id];
  if (page === undefined) return;
  const ring = acceptedBy(page);
  if (ring !== undefined) {
    reached(decision, page, ring);
    return;
  }
  if (page.unreachableSince === null) unreachable(decision, page);
  if (isRingDue(decision, id)) ringForAlarm(decision, alarmOf(page));
}

/** Whether what is owed now that it was said are the phones of others, at once. */
function isRingDue(decision: Decision, id: string): boolean {
  const page = decision.state.pages[id];
  if (page === undefined) return false;
  const left = owedByReach(groundOf(decision.state, decision.context), page);
  return 'clock' in left && left.dueAt <= decision.now;
}

function unreachable(decision: Decision, page: Page): void {
  const asked = page.rings.filter(({ at }) => at < decision.now).map(({ target }) => target);
  const pagers = [...new Set(asked)];
  emit(decision, { type: 'PageUnreachable', page: page.id, pagers });
  const next = page.rings.find(({ at }) => at >= decision.now);
  const goesOn = next === undefined ? 'it is still being tried' : `${next.target} is asked now`;
  const what = `page ${page.id} to ${page.label} is unreachable: no pager has accepted it for 60 s (asked: ${pagers.join(', ')}); ${goesOn}`;
  // One that every pager refuses is alarmed already.
  if (!isAlarmed(decision.state, alarmOf(page))) raiseAlarm(decision, alarmOf(page), what);
  tell(decision, page, `${decision.state.id}: ${what}.`);
}

function reached(decision: Decision, page: Page, { target }: Ring): void {
  const after = durationText(decision.now - page.requestedAt);
  emit(decision, { type: 'PageReached', page: page.id, target });
  const text = `${decision.state.id}: page ${page.id} to ${page.label} is reachable again: ${target} has accepted it, ${after} after it was due.`;
  sayAlarm(decision, alarmOf(page), text);
  tell(decision, page, text);
}
