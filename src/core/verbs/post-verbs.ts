/** Verbs on public posts that wait for a person. */
import { own } from '../model/own.ts';
import { barredFromPublic } from '../publishing/public-page.ts';
import { approve, reject } from '../publishing/publishing.ts';
import type { Refusal, Turn } from '../model/turn.ts';
import { personNeeded } from './guards.ts';
import { argument, name, option, text, verb } from './verb.ts';

function waiting({ state }: Turn): string {
  const ids = Object.values(state.drafts)
    .filter((one) => one.state === 'waiting')
    .map((one) => one.id);
  return ids.join(', ') || 'none';
}

function unknownDraft(turn: Turn, draft: string): Refusal | null {
  if (own(turn.state.drafts, draft) !== undefined) return null;
  return {
    code: 'unknown_draft',
    message: `${turn.state.id} has no draft ${draft}. Waiting: ${waiting(turn)}.`,
  };
}

function notWaiting(turn: Turn, draft: string): Refusal {
  const { state = 'gone' } = turn.state.drafts[draft] ?? {};
  return {
    code: 'not_waiting',
    message: `Draft ${draft} is ${state}. Waiting: ${waiting(turn)}.`,
  };
}

export const Approve = verb({
  name: 'approve',
  summary: 'Publish a post that waits for approval; needs the token of a person',
  scope: 'approve',
  fields: { draft: argument(name, 'id of the draft (show lists those that wait)') },
  acts: {
    path: 'posts/{draft}/approve',
    guards: [],
    decide: (turn, { draft }) => {
      const refused =
        personNeeded(turn.input.actor, 'Approving a public post') ?? unknownDraft(turn, draft);
      if (refused !== null) return refused;
      const barred = barredFromPublic(turn);
      if (barred !== null)
        return { code: 'not_public', message: `Nothing may be published: ${barred}.` };
      return approve(turn, draft) ? null : notWaiting(turn, draft);
    },
  },
  said: ({ draft }, incident) => ({
    what: `Draft ${draft} of ${incident} is approved and goes out now.`,
    next: `tocsin show ${incident} tells when it is on the page`,
  }),
  examples: ['tocsin approve 7 d1'],
});

/** It only keeps something from the public, so anybody may. */
export const Reject = verb({
  name: 'reject',
  summary: 'Keep a post that waits for approval from being published',
  scope: 'approve',
  fields: {
    draft: argument(name, 'id of the draft (show lists those that wait)'),
    reason: option(text, 'why'),
  },
  acts: {
    path: 'posts/{draft}/reject',
    guards: [],
    decide: (turn, { draft, reason }) =>
      unknownDraft(turn, draft) ?? (reject(turn, draft, reason) ? null : notWaiting(turn, draft)),
  },
  said: ({ draft }, incident) => ({
    what: `Draft ${draft} of ${incident} is rejected. The public promise stands: another post is still owed.`,
    next: `tocsin phase ${incident} investigating "..." drafts one with your text`,
  }),
  examples: ['tocsin reject 7 d1 --reason "names the wrong region"'],
});
