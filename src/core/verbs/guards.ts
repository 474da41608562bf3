/** In which states a verb is refused, why, and which other one would do what was meant. */
import { isOver } from '../model/incident.ts';
import type { Refusal } from '../model/decision.ts';
import { openPages } from '../paging/progress.ts';
import { barredFromPublic } from '../publishing/public-page.ts';
import type { Acting, Asking, Fields, Guard } from './verb.ts';

function afterTheEnd({ id }: Asking['state']): string {
  return `To open it again: \`tocsin reopen ${id} --reason "..."\`; to add to its timeline: \`tocsin note ${id} "..."\`.`;
}

export const notClosed: Guard = ({ state }) =>
  state.phase === 'closed'
    ? {
        code: 'closed',
        message: `${state.id} is closed (${state.closedAs ?? 'closed'}). ${afterTheEnd(state)}`,
      }
    : null;

/** A late word for the public rings people although the incident is closed: they can answer it. */
export const ringsOrIsOpen: Guard = (asking) =>
  openPages(asking).length > 0 ? null : notClosed(asking);

export const notOver: Guard = (asking) =>
  notClosed(asking) ??
  (isOver(asking.state)
    ? {
        code: 'over',
        message: `${asking.state.id} is ${asking.state.phase}. ${afterTheEnd(asking.state)}`,
      }
    : null);

export const isDeclared: Guard = ({ state }) =>
  state.declaredAt === null
    ? {
        code: 'not_declared',
        message: `${state.id} is in triage. Declare it first: \`tocsin declare --incident ${state.id}\`.`,
      }
    : null;

export const notDeclared: Guard = ({ state }) =>
  state.declaredAt === null
    ? null
    : {
        code: 'already_declared',
        message: `${state.id} was declared already. To change its level: \`tocsin severity ${state.id} LEVEL\`; to set a flag: \`tocsin flag ${state.id} FLAG\`; to say more: \`tocsin phase ${state.id} PHASE "..."\`.`,
      };

export const noCauseYet: Guard = ({ state }) =>
  state.rootCauseAt === null
    ? null
    : {
        code: 'already_found',
        message: `The root cause of ${state.id} is recorded already. To add to it: \`tocsin note ${state.id} "..."\`.`,
      };

export const isPublic: Guard = (asking) => {
  const barred = barredFromPublic(asking);
  return barred === null
    ? null
    : {
        code: 'not_public',
        message: `Nothing may be published: ${barred}. To keep words inside: \`tocsin note ${asking.state.id} "..."\`.`,
      };
};

/** Some answers are a person's own: a script that gives them would silence phones, or speak to the public, for nobody. */
export function byPerson(what: string): Guard {
  return ({ input }) =>
    input.actor.kind === 'person'
      ? null
      : {
          code: 'person_needed',
          message: `${what} is for a person, and this token belongs to none. Give the person a token: \`tocsin token create --person NAME --scopes read,act,approve\`.`,
          about: { kind: 'asker' },
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
