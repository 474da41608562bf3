/** What is owed because nothing is heard of people: a question, a ring, the end of both. */
import { encodeEscalation } from '../model/keys.ts';
import { ANSWER_WITHIN_MS } from '../command/missing.ts';
import { lastSignOf } from '../model/signs-of-life.ts';
import { askedAt, holderOf, whyFound, whyResting } from '../command/presence.ts';
import { urgencyOf } from '../model/decision.ts';
import { holderText } from '../model/event-entry.ts';
import { isOwed, isOver } from '../model/incident.ts';
import { nothing, rested, waited, type Ground, type Owed } from '../model/obligation.ts';

/** Whoever holds the incident shows from time to time that they are there. */
export function owedByPresence(ground: Ground): Owed {
  const { state } = ground;
  const clock = { kind: 'presence' } as const;
  if (isOver(state)) return nothing(`the incident is ${state.phase}`);
  const sought = state.escalations[encodeEscalation(clock)];
  if (isOwed(sought)) {
    const found = whyFound(ground, sought);
    if (found === null) return nothing('whoever is still on it is being rung');
    const what = `the end of the search for whoever is still on it: ${found}`;
    return { clock, what, dueAt: state.lastEventAt };
  }
  const resting = whyResting(ground);
  if (resting !== null) return nothing(resting);
  const holder = holderOf(ground);
  if (typeof holder === 'string') return nothing(holder);
  const who = holderText(holder.person, holder.role);
  const asked = askedAt(state, holder);
  if (asked !== null) {
    const what = `a ring for ${who}, unless they say that they are still on it`;
    return { clock, what, dueAt: rested(ground, waited(ground, asked, ANSWER_WITHIN_MS)) };
  }
  const maxMs = ground.policy.presence[urgencyOf(ground)];
  return {
    clock,
    what: `${who} is asked whether anybody is still on it, unless they do something before`,
    dueAt: rested(ground, waited(ground, holder.heardAt, maxMs)),
  };
}

/** Alerts joined at low urgency, outside working hours, and nobody was there. */
export function owedByUnattended(ground: Ground): Owed {
  const { state } = ground;
  const { unattended } = state.presence;
  if (unattended === null || lastSignOf(state) >= unattended.at)
    return nothing('somebody has looked at every alert');
  if (isOver(state)) return nothing(`the incident is ${state.phase}`);
  if (state.alerts.firing === 0) return nothing('no alert fires');
  return {
    clock: { kind: 'unattended' },
    what: 'a ring for whoever is on call about alerts that nobody has looked at, unless somebody does something before',
    dueAt: rested(ground, waited(ground, unattended.at, 0)),
  };
}
