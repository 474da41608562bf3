/** Verbs on public posts that wait for a person. */
import type { DraftId } from '../model/made-ids.ts';
import { isOver } from '../model/incident.ts';
import { encodeAlarm } from '../model/keys.ts';
import { own } from '../model/own.ts';
import {
  closedCommand,
  inDoubt,
  lacksApproval,
  pendingOn,
  publicAlarm,
  saysClosed,
  switchedOff,
} from '../publishing/public-page.ts';
import { approve, reject } from '../publishing/publishing.ts';
import { heldText } from '../publishing/held.ts';
import type { Look, Refusal } from '../model/decision.ts';
import { byPerson, isPublic } from './guards.ts';
import {
  argument,
  draftId,
  option,
  switched,
  text,
  verb,
  type After,
  type Asking,
} from './verb.ts';

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

function unknownDraft(look: Look<'state'>, draft: DraftId): Refusal | null {
  if (own(look.state.drafts, draft) !== undefined) return null;
  return {
    code: 'unknown_draft',
    message: `${look.state.id} has no draft ${draft}. ${waiting(look)}`,
    about: { kind: 'name', field: 'draft' },
  };
}

function notWaiting(look: Look<'state' | 'policy'>, draft: DraftId): Refusal {
  const known = look.state.drafts[draft];
  const state = known?.state ?? 'gone';
  if (known !== undefined && state === 'unknown') {
    const meanwhile = lacksApproval(look, known)
      ? `without \`tocsin approve ${look.state.id} ${draft}\` it is not sent once more, so nobody need reject it meanwhile`
      : 'nobody need approve it meanwhile';
    return {
      code: 'not_waiting',
      message: `Whether draft ${draft} is on ${known.target} is being looked up; ${meanwhile}. What came of it: \`tocsin show ${look.state.id}\`.`,
    };
  }
  if (known !== undefined && (state === 'failed' || saysClosed(look, known)))
    return {
      code: 'not_waiting',
      message: `Draft ${draft} is ${state === 'failed' ? 'overtaken' : 'withdrawn'} and not sent any more. If you have looked at the page and closed what it showed of it: ${closedCommand(look, known)}.`,
    };
  return {
    code: 'not_waiting',
    message: `Draft ${draft} is ${state}. ${waiting(look)}`,
  };
}

/** When it goes out: what is approved may be held all the same. */
function afterApproval({ draft }: { readonly draft: DraftId }, after: After): string {
  const { state, policy } = after;
  const asked = state === null ? undefined : own(state.drafts, draft);
  if (state === null || asked === undefined) return 'It goes out now.';
  // One whose promise had passed goes on as another one.
  const later = asked.state === 'withdrawn' ? pendingOn({ state }, asked.target).at(-1) : asked;
  const one = later ?? asked;
  const off = switchedOff({ policy }, one.target);
  if (off !== null) return `${off}: it is recorded, and goes out once ${one.target} is live.`;
  if (one.state === 'unknown')
    return `Whether it is on ${one.target} is not known: it is looked for first, and sent only if the page says that it is missing.`;
  const held = one.state === 'queued' ? heldText({ ...after, state }, one) : '';
  return held === '' ? 'It goes out now.' : held;
}

export const Approve = verb({
  name: 'approve',
  subject: 'incident',
  summary: 'Publish a post that waits for approval; needs the token of a person',
  scope: 'approve',
  fields: { draft: argument(draftId, 'id of the draft (show lists those that wait)') },
  acts: {
    path: 'posts/{draft}/approve',
    guards: [byPerson('Approving a public post'), isPublic],
    decide: (decision, { draft }) =>
      unknownDraft(decision, draft) ??
      (approve(decision, draft) ? null : notWaiting(decision, draft)),
  },
  said: ({ draft }, incident) => ({
    what: `Draft ${draft} of ${incident} is approved.`,
    next: `tocsin show ${incident} tells when it is on the page`,
  }),
  remark: afterApproval,
  examples: ['tocsin approve 7 d1'],
});

/** What a rejection leaves to do: after the end the page says nothing more by itself. */
function afterRejection({ draft }: { readonly draft: DraftId }, { state }: After): string | null {
  const target = state === null ? undefined : own(state.drafts, draft)?.target;
  if (state === null || target === undefined) return null;
  if (!isOver(state))
    return `The public promise stands: another post is still owed. To draft one with your text: \`tocsin phase ${state.id} PHASE "..."\`, the PHASE it is in or the next.`;
  const alarm = own(state.alarms, encodeAlarm(publicAlarm(target)));
  if (alarm !== undefined) return `People are alarmed: ${alarm.reason}.`;
  return pendingOn({ state }, target).length === 0 ? `Nothing more is said on ${target}.` : null;
}

/** Whoever says what is on a page has looked at it: that they closed it there, or what became of a post in doubt. */
function bySomebodyWhoLooked(
  asking: Asking,
  { draft, closed }: { readonly draft: DraftId; readonly closed: boolean },
): Refusal | null {
  const target = own(asking.state.drafts, draft)?.target;
  const isInDoubt = target !== undefined && inDoubt(asking, target)?.id === draft;
  return closed || isInDoubt ? byPerson('Saying what is on a public page')(asking) : null;
}

/** To keep something from the public is for anybody. */
export const Reject = verb({
  name: 'reject',
  subject: 'incident',
  summary: 'Keep a post that waits for approval from being published',
  scope: 'approve',
  fields: {
    draft: argument(draftId, 'id of the draft (show lists those that wait)'),
    reason: option(text, 'why'),
    closed: switched('the incident is over, and you have closed on the page what it showed'),
  },
  acts: {
    path: 'posts/{draft}/reject',
    guards: [],
    decide: (decision, { draft, ...why }) =>
      unknownDraft(decision, draft) ??
      bySomebodyWhoLooked(decision, { draft, closed: why.closed }) ??
      (reject(decision, draft, why) ? null : notWaiting(decision, draft)),
  },
  said: ({ draft }, incident) => ({
    what: `Draft ${draft} of ${incident} is rejected.`,
    next: `tocsin show ${incident}`,
  }),
  remark: afterRejection,
  examples: [
    'tocsin reject 7 d1 --reason "names the wrong region"',
    'tocsin reject 7 d4 --closed --reason "closed by hand"',
  ],
});
