/**
 * Whether an answer on the phone is heard: where a pager cannot be asked who has answered, and nothing else tells of it, the
 * search for somebody goes on although somebody may have answered. The room hears that once, and once that it is over.
 */
import { emit, type Decision, type Look } from '../model/decision.ts';
import type { Fact } from '../model/input.ts';
import { own } from '../model/own.ts';
import { say } from '../texts/messages.ts';
import { clockTime } from '../texts/text.ts';
import { hasTaken, openPages, tellsByItself } from './progress.ts';

type AnswersAsked = Extract<Fact, { type: 'AnswersAsked' }>;
type Unread = NonNullable<AnswersAsked['unread']>;

/** Sooner than that the next question may well be answered. */
const UNHEARD_AFTER_MS = 60_000;

/** A round of questions is over: what was asked for the incident could be read, or could not. */
export function answersAsked(decision: Decision, { target, unread }: AnswersAsked): void {
  if (unread === null) heardAgain(decision, target);
  else unheard(decision, target, unread);
}

function unheard(decision: Decision, target: string, { since, why }: Unread): void {
  const { state, policy, now } = decision;
  if (now - since < UNHEARD_AFTER_MS) return;
  if (tellsByItself(policy, target) || rangSince(decision, target).length === 0) return;
  if (isSaid(decision, target)) return;
  emit(decision, { type: 'AnswersUnheard', target, since, why });
  const text = `${state.id}: an answer at ${target} is not heard at the moment: since ${clockTime(since, policy.timezone)} it cannot be asked who has answered (${why}), and no webhook tells. Whoever has answered there says so here: \`tocsin ack ${state.id}\`.`;
  say(decision, text, { kind: 'answers', target });
}

function heardAgain(decision: Decision, target: string): void {
  const { state } = decision;
  if (own(state.unheardAnswers, target) === undefined) return;
  emit(decision, { type: 'AnswersHeardAgain', target });
  const text = `${state.id}: answers at ${target} are heard again: it can be asked who has answered.`;
  say(decision, text, { kind: 'answers', target });
}

/** When each phone that nobody has answered began to ring there. */
function rangSince(look: Look<'state'>, target: string): readonly number[] {
  return openPages(look).flatMap(({ rings }) =>
    rings.filter((ring) => ring.target === target && hasTaken(ring)).map(({ at }) => at),
  );
}

/** Whether whoever is rung now could read it; it was said of others where all that rang then is answered or over. */
function isSaid(look: Look<'state'>, target: string): boolean {
  const saidAt = own(look.state.unheardAnswers, target);
  return saidAt !== undefined && rangSince(look, target).some((at) => at <= saidAt);
}
