/** How PagerDuty's stand-in answers: its successes and refusals, and what a write brings. */
import type { StandInResponse } from '../../src/contract/index.ts';
import { at } from './stand-in-state.ts';
import type { State, Step } from './stand-in-state.ts';

export type Answered = Step & { readonly response: StandInResponse };

/** A write as it came: who asks (`From`), what for, and when. */
export interface Write {
  readonly state: State;
  readonly body: unknown;
  /** The user of the `From` header. */
  readonly user: string;
  readonly id: string;
  readonly now: number;
}

/** Error bodies: developer-docs REST-API/14-Errors.md */
export function refused(
  state: State,
  status: number,
  error: { readonly code: number; readonly message: string; readonly errors?: readonly string[] },
): Answered {
  return { ...at(state), response: { status, body: { error: { errors: [], ...error } } } };
}

export const NO_SUCH_USER = 'Assignee must be a user_reference of an existing user';

export function invalid(state: State, ...errors: readonly string[]): Answered {
  return refused(state, 400, { code: 2001, message: 'Invalid Input Provided', errors });
}

/** Seen for a service that is gone (PagerDuty/pagerduty-api-python-client issue 61) and for a key that is in use. */
export function argumentsError(state: State, error: string): Answered {
  return refused(state, 400, { code: 2002, message: 'Arguments Caused Error', errors: [error] });
}

export function notFound(state: State): Answered {
  return refused(state, 404, { code: 2100, message: 'Not Found' });
}

export function answered(step: Step, status: number, body: unknown): Answered {
  const response: StandInResponse = { status, body };
  return { ...step, response };
}
