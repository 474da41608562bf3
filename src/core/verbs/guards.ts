/** In which states a verb is refused, and why. */
import type { Actor } from '../model/input.ts';
import { isOver, type Refusal, type Turn } from '../model/turn.ts';
import type { Guard } from './verb.ts';

export const notClosed: Guard = ({ state }) =>
  state.phase === 'closed'
    ? {
        code: 'closed',
        message: `${state.id} is closed (${state.closedAs ?? 'closed'}); reopen it first.`,
      }
    : null;

export const notOver: Guard = (turn) =>
  notClosed(turn) ??
  (isOver(turn.state)
    ? { code: 'over', message: `${turn.state.id} is ${turn.state.phase}; reopen it first.` }
    : null);

export const isDeclared: Guard = ({ state }) =>
  state.declaredAt === null
    ? { code: 'not_declared', message: `${state.id} is in triage; declare it first.` }
    : null;

/** Some answers are a person's own: a script that gives them would silence phones, or speak to the public, for nobody. */
export function personNeeded(actor: Actor, what: string): Refusal | null {
  if (actor.kind === 'person') return null;
  return {
    code: 'person_needed',
    message: `${what} is for a person, and this token belongs to none. Give the person a token: tocsin token create --person NAME --scopes read,act,approve.`,
  };
}

/** Whoever asks, by id. */
export function nameOf({ input }: Turn): string {
  return input.actor.kind === 'tocsin' ? 'tocsin' : input.actor.id;
}
