/** In which states a verb is refused, and why. */
import { isOver } from '../model/incident.ts';
import type { Refusal } from '../model/decision.ts';
import { barredFromPublic } from '../publishing/public-page.ts';
import type { Acting, Asking, Fields, Guard } from './verb.ts';

export const notClosed: Guard = ({ state }) =>
  state.phase === 'closed'
    ? {
        code: 'closed',
        message: `${state.id} is closed (${state.closedAs ?? 'closed'}); reopen it first.`,
      }
    : null;

export const notOver: Guard = (asking) =>
  notClosed(asking) ??
  (isOver(asking.state)
    ? { code: 'over', message: `${asking.state.id} is ${asking.state.phase}; reopen it first.` }
    : null);

export const isDeclared: Guard = ({ state }) =>
  state.declaredAt === null
    ? { code: 'not_declared', message: `${state.id} is in triage; declare it first.` }
    : null;

export const notDeclared: Guard = ({ state }) =>
  state.declaredAt === null
    ? null
    : { code: 'already_declared', message: `${state.id} was declared already.` };

export const noCauseYet: Guard = ({ state }) =>
  state.rootCauseAt === null
    ? null
    : {
        code: 'already_found',
        message: `The root cause of ${state.id} is recorded already; add a note instead.`,
      };

export const isPublic: Guard = (asking) => {
  const barred = barredFromPublic(asking);
  return barred === null
    ? null
    : { code: 'not_public', message: `Nothing may be published: ${barred}.` };
};

/** Some answers are a person's own: a script that gives them would silence phones, or speak to the public, for nobody. */
export function byPerson(what: string): Guard {
  return ({ input }) =>
    input.actor.kind === 'person'
      ? null
      : {
          code: 'person_needed',
          message: `${what} is for a person, and this token belongs to none. Give the person a token: tocsin token create --person NAME --scopes read,act,approve.`,
        };
}

/** Why what the verb does is refused now, whatever would be given with it; null: it may be asked for. */
export function refusedNow(
  { guards }: Pick<Acting<Fields>, 'guards'>,
  asking: Asking,
): Refusal | null {
  for (const guard of guards) {
    const refusal = guard(asking);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Whoever asks, by id. */
export function nameOf({ input: { actor } }: Pick<Asking, 'input'>): string {
  return actor.kind === 'tocsin' ? 'tocsin' : actor.id;
}

/** The way by which they ask. */
export function wayOf({ input: { actor } }: Pick<Asking, 'input'>): string {
  return 'via' in actor ? actor.via : 'tocsin';
}
