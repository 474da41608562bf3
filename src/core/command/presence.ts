/** Who holds an incident, and whether they are there. */
import { roleOf, levelOf, type Look } from '../model/decision.ts';
import type { Instant } from '../model/alert.ts';
import { isOwed, type Escalation, type Incident } from '../model/incident.ts';
import { encodeEscalation } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { isBetween, isWatched } from '../model/quiet.ts';
import { lastSignOf } from '../model/signs-of-life.ts';

/** Who holds the incident: missed when nothing is heard of them. */
export interface Holder {
  /** Person id, or the name by which the vendor knows somebody we do not. */
  readonly person: string;
  /** Null: they answered, and hold no role. */
  readonly role: string | null;
  /** Until then nobody is missed: they were there or, where nobody commands, anybody was. */
  readonly heardAt: Instant;
  /** When they showed themselves last that they are there. */
  readonly seenAt: Instant;
}

/** Whoever commands; where nobody does, whoever answered or holds a role and did something last. A text: nobody, and why. */
export function holderOf(look: Look<'state' | 'policy'>): Holder | string {
  return commanderOf(look) ?? answererOf(look);
}

/** Who commands must show that they are there themselves: others may be at work, and nobody leads them. */
function commanderOf(look: Look<'state' | 'policy'>): Holder | string | null {
  const { state } = look;
  const held = Object.entries(state.roles).find(([id]) => roleOf(look, id)?.commands === true);
  if (held === undefined) return null;
  const [role, { person, at }] = held;
  if (isOwed(state.escalations[encodeEscalation({ kind: 'role', role })]))
    return `${person} is being rung`;
  const seenAt = state.signsOfLife[person] ?? at;
  return { person, role, seenAt, heardAt: Math.max(at, seenAt, state.presence.since ?? at) };
}

function answererOf(look: Look<'state' | 'policy'>): Holder | string {
  const { state } = look;
  const escalations = Object.values(state.escalations);
  if (escalations.some((one) => isOwed(one) && isFirstSearch(look, one)))
    return 'somebody is looked for';
  const held = Object.entries(state.roles).map(([role, { person }]) => ({ person, role }));
  const seenAt = ({ person }: { readonly person: string }): Instant =>
    state.signsOfLife[person] ?? state.openedAt;
  const [last] = [...held, ...escalations.flatMap((one) => answerTo(state, one) ?? [])].toSorted(
    (a, b) => seenAt(b) - seenAt(a),
  );
  if (last === undefined) return 'nobody holds it';
  const heldAt = Object.values(state.roles).map(({ at }) => at);
  const heardAt = Math.max(lastSignOf(state), state.presence.since ?? state.openedAt, ...heldAt);
  return { ...last, heardAt, seenAt: ownSign(state, last.person) };
}

/** When they did something last; of somebody whom only a pager knows: when they answered there. */
function ownSign({ signsOfLife, pages, openedAt }: Incident, person: string): Instant {
  const answered = Object.values(pages).flatMap(({ acknowledgedBy, acknowledgedAt }) =>
    acknowledgedBy === person && acknowledgedAt !== null ? [acknowledgedAt] : [],
  );
  return Math.max(openedAt, signsOfLife[person] ?? openedAt, ...answered);
}

/** Who answered, and as what: somebody whom only the pager knows holds no role, and is missed in it all the same. */
function answerTo(
  { roles }: Incident,
  { key, answeredBy }: Escalation,
): Pick<Holder, 'person' | 'role'> | null {
  if (answeredBy === null || !['role', 'service', 'presence'].includes(key.kind)) return null;
  const role = key.kind === 'role' && own(roles, key.role) === undefined ? key.role : null;
  return { person: answeredBy, role };
}

/** Whether it looks for whoever is to come first, or to command: until somebody answers there is nobody to miss. */
function isFirstSearch(look: Look<'state' | 'policy'>, { key }: Escalation): boolean {
  if (key.kind === 'service') return true;
  if (key.kind !== 'role') return false;
  const isFirst = levelOf(look)?.page.triage.includes(key.role) === true;
  return isFirst || roleOf(look, key.role)?.commands === true;
}

/** When the holder was asked whether they are still there, and nothing was heard since; null: they were not. */
export function askedAt({ presence }: Incident, { person, heardAt }: Holder): Instant | null {
  const { asked } = presence;
  return asked?.person === person && asked.at > heardAt ? asked.at : null;
}

/** Whether a word of this person is waited for: of the commander, when that is who was asked, else of anybody. */
export function isAsked(look: Look<'state' | 'policy'>, person: string): boolean {
  const holder = holderOf(look);
  if (typeof holder === 'string' || askedAt(look.state, holder) === null) return false;
  return commanderOf(look) === null || holder.person === person;
}

/** Why nobody is missed any more, while whoever is still on it is looked for; null: they are. */
export function whyFound(
  look: Look<'state' | 'policy'>,
  { since }: Pick<Escalation, 'since'>,
): string | null {
  const resting = whyResting(look);
  if (resting !== null) return resting;
  const holder = holderOf(look);
  if (typeof holder === 'string') return holder;
  return holder.heardAt >= since ? `${holder.person} is there` : null;
}

/** Why nobody is missed now, whoever holds it; null: they may be. */
export function whyResting({ state }: Look<'state'>): string | null {
  if (state.kind === 'test') return 'it is a test';
  // Once it was proposed to resolve it, somebody has to say so: whoever holds it is missed as always.
  if (isWatched(state) && !isBetween(state))
    return 'nothing fires, and it is watched for the whole soak';
  return state.parent === null ? null : `${state.parent} gathers it, and who holds that is asked`;
}
