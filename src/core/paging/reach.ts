/**
 * Reach: that no pager accepts a page is a fact of its own. Everybody who can be told another way hears of it after a
 * minute, whatever the steps of the escalation are, and hears when it is over: once a pager that can be asked shows the
 * page, for it may take it and refuse it a moment later. Whom its alarm rings: `concerns.ts`.
 */
import type { Instant } from '../model/alert.ts';
import { emit, levelOf, type Decision } from '../model/decision.ts';
import type { Page, Ring } from '../model/incident.ts';
import type { AlarmKey } from '../model/keys.ts';
import { type Ground, nothing, type Owed, pageWaited } from '../model/obligation.ts';
import type { Policy, Recipient } from '../model/policy.ts';
import { alarmList } from '../people/alarm-list.ts';
import { chatPeople, postTo } from '../texts/messages.ts';
import { durationText } from '../texts/text.ts';
import { isAlarmed, raiseAlarm, sayOfAlarms } from './alarms.ts';
import { acceptedBy, isRecorded, isThrough, isUnderWay, isUnshown } from './progress.ts';

const UNREACHABLE_AFTER_MS = 60_000;

const alarmOf = ({ id }: Pick<Page, 'id'>): AlarmKey => ({ kind: 'page', page: id });

/** Of a page that waits: the word that nobody accepts it, and the word that it is over. */
export function owedByReach(ground: Ground, page: Page): Owed {
  const { id, label, unreachableSince: since } = page;
  if (page.state !== 'open') return nothing(`it is ${page.state}`);
  if (isRecorded(page)) return nothing('it is recorded and not sent');
  const falls = (what: string, dueAt: Instant): Owed => ({
    clock: { kind: 'reach', page: id },
    what: `${what} page ${id} to ${label}`,
    dueAt,
  });
  if (since !== null)
    return reachedBy(ground.policy, page) === undefined
      ? nothing('everybody was told that no pager accepts it')
      : falls('the word that a pager has accepted', since);
  if (acceptedBy(page) !== undefined) return nothing('a pager has accepted it');
  return falls(
    'the word that no pager accepts',
    pageWaited(ground, page, { from: page.requestedAt, ms: UNREACHABLE_AFTER_MS }),
  );
}

/** The first of its rings of which it is known that a phone rings by it, as far as its pager can tell. */
function reachedBy(policy: Policy, { rings }: Page): Ring | undefined {
  return rings.find((ring) => isThrough(ring, policy) || isUnshown(ring));
}

/** Whoever is meant by the page, alarmed by it, or owed a notice at this level, as far as they have a chat user. */
function toldOf(decision: Decision, { person }: Page): readonly Recipient[] {
  const { page } = decision.policy.automation.alarm;
  const team = alarmList(decision.context, decision.state.routing).list;
  const people = [person, ...(page === null ? team.map((one) => one.person) : [])];
  return [
    ...people.flatMap((one) => (one === null ? [] : [{ kind: 'person', person: one } as const])),
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

/** A minute is over, or a pager has the page. */
export function reachDue(decision: Decision, id: string): void {
  const page = decision.state.pages[id];
  if (page === undefined) return;
  const ring = reachedBy(decision.policy, page);
  if (page.unreachableSince !== null && ring !== undefined) reached(decision, page, ring);
  if (page.unreachableSince === null && acceptedBy(page) === undefined) unreachable(decision, page);
}

function unreachable(decision: Decision, page: Page): void {
  const asked = page.rings.filter(({ at }) => at < decision.now).map(({ target }) => target);
  const pagers = [...new Set(asked)];
  emit(decision, { type: 'PageUnreachable', page: page.id, pagers });
  const next = page.rings.find(({ at }) => at >= decision.now);
  const tried = page.rings.some(isUnderWay)
    ? 'it is still being tried'
    : 'every pager refused it, and it is not tried any more';
  const goesOn = next === undefined ? tried : `${next.target} is asked now`;
  const what = `page ${page.id} to ${page.label} is unreachable: no pager has accepted it for 60 s (asked: ${pagers.join(', ')}); ${goesOn}`;
  // One that every pager refuses is alarmed already.
  if (!isAlarmed(decision.state, alarmOf(page))) raiseAlarm(decision, alarmOf(page), what);
  tell(decision, page, `${decision.state.id}: ${what}.`);
}

function reached(decision: Decision, page: Page, { target }: Ring): void {
  const after = durationText(decision.now - page.requestedAt);
  emit(decision, { type: 'PageReached', page: page.id, target });
  const text = `${decision.state.id}: page ${page.id} to ${page.label} is reachable again: ${target} has accepted it, ${after} after it was due.`;
  sayOfAlarms(decision, text, { kind: 'alarm', alarm: alarmOf(page) });
  tell(decision, page, text);
}
