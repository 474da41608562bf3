/** Verbs on public posts that wait for a person. */
import { own } from '../model/own.ts';
import { approve, reject } from '../publishing/publishing.ts';
import type { Look, Refusal } from '../model/decision.ts';
import { byPerson, isPublic } from './guards.ts';
import { argument, name, option, text, verb } from './verb.ts';

/** What may have been meant instead. */
function waiting({ state }: Look<'state'>): string {
  const ids = Object.values(state.drafts)
    .filter((one) => one.state === 'waiting')
    .map((one) => one.id);
  const [first] = ids;
  return first === undefined
    ? `None waits for approval; for another post: \`tocsin phase ${state.id} PHASE "..."\`.`
    : `Waiting: ${ids.join(', ')}; for example \`tocsin approve ${state.id} ${first}\`.`;
}

function unknownDraft(look: Look<'state'>, draft: string): Refusal | null {
  if (own(look.state.drafts, draft) !== undefined) return null;
  return {
    code: 'unknown_draft',
    message: `${look.state.id} has no draft ${draft}. ${waiting(look)}`,
    about: { kind: 'name', field: 'draft' },
  };
}

function notWaiting(look: Look<'state'>, draft: string): Refusal {
  const { state = 'gone' } = look.state.drafts[draft] ?? {};
  if (state === 'failed')
    return {
      code: 'not_waiting',
      message: `Draft ${draft} is overtaken and not sent any more. If you have looked at the page and closed what it showed of it: \`tocsin reject ${look.state.id} ${draft} --reason "closed by hand"\`.`,
    };
  return {
    code: 'not_waiting',
    message: `Draft ${draft} is ${state}. ${waiting(look)}`,
  };
}

export const Approve = verb({
  name: 'approve',
  summary: 'Publish a post that waits for approval; needs the token of a person',
  scope: 'approve',
  fields: { draft: argument(name, 'id of the draft (show lists those that wait)') },
  acts: {
    path: 'posts/{draft}/approve',
    guards: [byPerson('Approving a public post'), isPublic],
    decide: (decision, { draft }) =>
      unknownDraft(decision, draft) ??
      (approve(decision, draft) ? null : notWaiting(decision, draft)),
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
    decide: (decision, { draft, reason }) =>
      unknownDraft(decision, draft) ??
      (reject(decision, draft, reason) ? null : notWaiting(decision, draft)),
  },
  said: ({ draft }, incident) => ({
    what: `Draft ${draft} of ${incident} is rejected. The public promise stands: another post is still owed.`,
    next: `tocsin phase ${incident} PHASE "..." drafts one with your text; the PHASE it is in, or the next`,
  }),
  examples: ['tocsin reject 7 d1 --reason "names the wrong region"'],
});
