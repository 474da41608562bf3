/**
 * What an open alarm means to people who sleep: whether it wakes somebody, at once or when it lasts, and what whoever
 * answers reads of all that is open.
 */
import { postOfAlarm, quietMs } from '../model/calls.ts';
import { alarmText } from '../model/event-entry.ts';
import type { Instant } from '../model/alert.ts';
import {
  isOwed,
  type AlarmState,
  type Escalation,
  type Incident,
  type Page,
} from '../model/incident.ts';
import {
  decodeEscalation,
  encodeEscalation,
  type AlarmKey,
  type EscalationKey,
  type Removed,
} from '../model/keys.ts';
import { roleOf, type Look } from '../model/decision.ts';
import { durationText } from '../texts/text.ts';
import { toHave } from '../people/role-choice.ts';
import { rolesHeldBy } from '../people/standing-in.ts';
import { givenBy, givenText, type Giving } from './giving.ts';
import { acceptedBy, FAILOVER_AFTER_MS, isUnderWay, openPagesOf } from './progress.ts';

/** When an alarm rings: when it is raised, when it is said again, or never, for its chat is enough. */
type Rings = 'at once' | 'again' | 'never';

type Known = Look<'state' | 'policy'>;

/** Without it nobody deals with the incident: triage, command, and what the configuration says is essential. */
export function isEssential(look: Known, role: string): boolean {
  const known = roleOf(look, role);
  return (
    known?.commands === true ||
    known?.essential === true ||
    look.policy.levels.some(({ page }) => page.triage.includes(role)) ||
    // A reload has taken it out of every level.
    look.state.levelKept?.page.triage.includes(role) === true
  );
}

/** Whether somebody must be found. */
function isNeeded(look: Known, key: EscalationKey): boolean {
  switch (key.kind) {
    case 'service':
    case 'next':
    case 'presence':
      return true;
    case 'role':
      return isEssential(look, key.role);
    case 'alarm':
    case 'offer':
    case 'test':
      return false;
  }
}

/** Whether the vendor walks steps of its own, of which nobody here knows the end: people may be on their way. */
function isWalkedThere({ state }: Look<'state'>, { id, walk }: Escalation): boolean {
  return (
    walk.kind === 'vendor' &&
    walk.unanswered === null &&
    Object.values(state.pages).some(
      ({ person, adopted, escalations }) =>
        (person === null || adopted) && escalations.includes(id),
    )
  );
}

function unansweredRings(look: Known, key: EscalationKey): Rings {
  if (!isNeeded(look, key)) return 'never';
  const escalation = look.state.escalations[encodeEscalation(key)];
  return escalation !== undefined && isWalkedThere(look, escalation) ? 'again' : 'at once';
}

/** Those of them by which somebody is still looked for. */
function searchesOf({ state }: Look<'state'>, all: Page['escalations']): Page['escalations'] {
  return all.filter((one) => isOwed(state.escalations[one]));
}

/** Whether whom it is to find is looked for by another page, which a pager has accepted: then somebody is reached. */
function isReachedElsewhere(look: Look<'state'>, { id, escalations }: Page): boolean {
  return searchesOf(look, escalations).every((one) =>
    openPagesOf(look, one).some((other) => other.id !== id && acceptedBy(other) !== undefined),
  );
}

/** A page that did not get through to somebody who must be found. */
function pageRings(look: Known, id: string): Rings {
  const page = look.state.pages[id];
  if (page?.escalations.some((one) => isNeeded(look, decodeEscalation(one))) !== true)
    return 'never';
  return acceptedBy(page) === undefined && isReachedElsewhere(look, page) ? 'again' : 'at once';
}

/** A pager that was asked only now has this long to accept the page before phones of others ring for it. */
const JUST_ASKED_MS = 5_000;

/** When a pager was asked last for somebody else by whom the page's search goes on; null: none is still to answer. */
function askedElsewhereAt(look: Look<'state'>, { id, escalations }: Page): Instant | null {
  const others = searchesOf(look, escalations)
    .flatMap((search) => openPagesOf(look, search))
    .filter((other) => other.id !== id);
  const asked = others.flatMap(({ rings }) => rings.filter(isUnderWay).map(({ at }) => at));
  return asked.length === 0 ? null : Math.max(...asked);
}

/** When its alarm may ring: a pager that was asked of late, for the page or for whoever is next, may have it yet. */
function ringsFrom(look: Look<'state'>, { key, since }: AlarmState): Instant {
  const page = key.kind === 'page' ? look.state.pages[key.page] : undefined;
  const last = page?.rings.at(-1);
  if (page === undefined || last === undefined) return since;
  if (!isUnderWay(last)) {
    const elsewhere = acceptedBy(page) === undefined ? askedElsewhereAt(look, page) : null;
    return elsewhere === null ? since : Math.max(since, elsewhere + JUST_ASKED_MS);
  }
  const waitMs = acceptedBy(page) === undefined ? JUST_ASKED_MS : FAILOVER_AFTER_MS;
  return Math.max(since, last.at + waitMs);
}

/** Of roles without which the incident is dealt with as well, and of whoever has no other, it is said in chat. */
function removedRings(look: Known, { what, name }: Removed): Rings {
  if (what !== 'role' && what !== 'person') return 'again';
  const roles = what === 'role' ? [name] : rolesHeldBy(look, name);
  return roles.some((role) => isEssential(look, role)) ? 'again' : 'never';
}

function ringsFor(look: Known, key: AlarmKey): Rings {
  switch (key.kind) {
    case 'escalation':
      return unansweredRings(look, key.escalation);
    case 'page':
      return pageRings(look, key.page);
    case 'public':
    case 'trigger':
    case 'nobody':
    case 'stuck':
      return 'at once';
    case 'removed':
      return removedRings(look, key);
    case 'notify':
    case 'audience':
      return 'again';
  }
}

/** Whether the alarm wakes anybody, sooner or later. */
export function wakes(look: Known, key: AlarmKey): boolean {
  return ringsFor(look, key) !== 'never';
}

/** An open alarm that rings, and since when. */
export interface Concern {
  readonly alarm: AlarmState;
  readonly since: Instant;
  /** No phone rings for it before. */
  readonly from: Instant;
  /** It rings also people who have just answered another one. */
  readonly isUrgent: boolean;
}

/** The open alarms that ring by the call, the oldest first. A test concerns the one whose phone is tested, and nobody else. */
export function concernsOf(look: Known, post: string | null): readonly Concern[] {
  if (look.state.kind === 'test') return [];
  const all = openAlarms(look.state, post).flatMap((alarm): readonly Concern[] => {
    const rings = ringsFor(look, alarm.key);
    if (rings === 'at once')
      return [{ alarm, since: alarm.since, from: ringsFrom(look, alarm), isUrgent: true }];
    return rings === 'again' && alarm.count > 1
      ? [{ alarm, since: alarm.saidAt, from: alarm.saidAt, isUrgent: false }]
      : [];
  });
  return all.toSorted((a, b) => a.since - b.since);
}

function openAlarms({ alarms }: Pick<Incident, 'alarms'>, post: string | null) {
  return Object.values(alarms).filter(({ key }) => postOfAlarm(key) === post);
}

/** A phone shows a few lines. */
const NAMED_MAX = 5;

/** What is wrong, with whoever is meant by it. */
function wrongText({ pages }: Incident, key: AlarmKey): string {
  switch (key.kind) {
    case 'public':
      return `${alarmText(key)} is late`;
    case 'page': {
      const whom = pages[key.page]?.label;
      return whom === undefined
        ? alarmText(key)
        : `page ${key.page} to ${whom} did not get through`;
    }
    case 'escalation': {
      const rung = labelsOf(pages, key.escalation);
      return rung.length === 0 ? alarmText(key) : `${alarmText(key)} (rung: ${rung.join(', ')})`;
    }
    case 'notify':
    case 'audience':
    case 'trigger':
    case 'nobody':
    case 'stuck':
    case 'removed':
      return alarmText(key);
  }
}

/** Some of those whom the search has rung. */
function labelsOf(pages: Incident['pages'], key: EscalationKey): readonly string[] {
  const search = encodeEscalation(key);
  const theirs = Object.values(pages).filter(({ escalations }) => escalations.includes(search));
  return [...new Set(theirs.map(({ label }) => label))].slice(0, NAMED_MAX);
}

/** Whom an alarm says that nobody has found, or reached. */
function soughtBy({ pages }: Pick<Incident, 'pages'>, key: AlarmKey): readonly EscalationKey[] {
  switch (key.kind) {
    case 'escalation':
      return [key.escalation];
    case 'page':
      return (pages[key.page]?.escalations ?? []).map(decodeEscalation);
    case 'public':
    case 'notify':
    case 'audience':
    case 'trigger':
    case 'nobody':
    case 'stuck':
    case 'removed':
      return [];
  }
}

/** The role that takes it on; null: none does. */
function roleOfAlarm({ pages }: Pick<Incident, 'pages'>, key: AlarmKey): string | null {
  return soughtBy({ pages }, key).find((one) => one.kind === 'role')?.role ?? null;
}

/** The command that takes it on; null: there is none but to look. */
function takingOn({ id, pages }: Incident, key: AlarmKey): string | null {
  const role = roleOfAlarm({ pages }, key);
  if (role !== null) return `tocsin take ${id} ${role}`;
  return soughtBy({ pages }, key).length === 0 ? null : `tocsin join ${id}`;
}

/** What stands in front of the title of a page that rings for an alarm, and whose answer makes nobody anything. */
export function alarmTitle(look: Known, page: Page): string {
  const { roles, takesOver } = givenBy(look, page);
  return callsOf(page).length > 0 && roles.length === 0 && !takesOver ? 'ALARM ' : '';
}

/** The calls for which the page rings: the late post on a target each, or, null, all other alarms. */
function callsOf({ escalations }: Page): readonly (string | null)[] {
  return escalations.flatMap((id) => {
    const key = decodeEscalation(id);
    return key.kind === 'alarm' ? [key.post] : [];
  });
}

/** What an answer to the page means to whoever reads it: the roles that it gives, and for how long the alarm is quiet. */
function meaningText({ policy }: Known, giving: Giving): string {
  const quiet = `rings nobody for ${durationText(quietMs(policy))}`;
  const given = givenText(giving);
  if (given !== '')
    return `To acknowledge ${given}; the alarm ${quiet} by it unless something new comes up.`;
  const noRole = giving.takesOver ? '' : ' that takes no role, and';
  return `To acknowledge the alarm says that you look at it:${noRole} it ${quiet} unless something new comes up.`;
}

/**
 * What a phone says of the alarms for which the page rings, once for all of them: what is wrong, what its answer means,
 * and how to take on what the answer does not give; empty: nothing is open.
 */
export function callText(look: Known, page: Page): string {
  const { state } = look;
  const all = callsOf(page).flatMap((post) => openAlarms(state, post).map(({ key }) => key));
  if (all.length === 0) return '';
  const given = givenBy(look, page);
  const more = all.length - NAMED_MAX;
  const shown = all.slice(0, NAMED_MAX);
  const named = shown.map((key) => wrongText(state, key)).join('; ');
  const beside = [...given.roles, ...given.apart].map((role) => `tocsin take ${state.id} ${role}`);
  const commands = shown
    .map((key) => takingOn(state, key) ?? `tocsin show ${state.id}`)
    .filter((command) => !beside.includes(command));
  const take = [...new Set(commands)].map((command) => `\`${command}\``).join(' or ');
  return [
    `Alarm: ${more > 0 ? `${named}; and ${more} more` : named}.`,
    meaningText(look, given),
    ...(take === '' ? [] : [`To take it on: ${take}.`]),
  ].join(' ');
}

/**
 * All that is open, for whoever has answered, with the command that takes it on; null: nothing is.
 * @param reader who alone reads it, and is told no command that they would be refused; null: several people do
 */
export function openText(look: Known, reader: string | null): string | null {
  const { state } = look;
  const all = Object.values(state.alarms).map(
    ({ key, reason }) => `${reason}${takeText(look, key, reader)}`,
  );
  return all.length === 0 ? null : `Still open: ${all.join('; ')}.`;
}

function takeText(look: Known, key: AlarmKey, reader: string | null): string {
  const role = roleOfAlarm(look.state, key);
  if (role !== null && reader !== null) return ` (${toHave(look, role, reader)})`;
  const command = takingOn(look.state, key);
  return command === null ? '' : ` (\`${command}\`)`;
}
