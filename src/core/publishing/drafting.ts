/** Drafts: their text is fixed when they are written, and a text never promises the past. */
import { encodeDraft, encodePublicToken } from '../model/made-ids.ts';
import type { Instant } from '../model/alert.ts';
import { componentsByTarget, postOf, statesToSay, worseText } from './components.ts';
import type { PublishEffect } from '../model/effect.ts';
import type { DraftPost, PostAnchor, PublicPage, PublicStatus } from '../model/incident.ts';
import { say } from '../texts/messages.ts';
import {
  approvalOf,
  barredFromPublic,
  everyMs,
  FINDS_MAX,
  inDoubt,
  postDueAt,
  unsent,
} from './public-page.ts';
import {
  clockTime,
  durationText,
  enumerate,
  render,
  sentence,
  viewOf,
  type TextName,
  type TextView,
} from '../texts/text.ts';
import { encodeStream } from '../model/keys.ts';
import { emit, send, type Decision, type Look } from '../model/decision.ts';

interface WantedPost {
  readonly target: string;
  readonly status: PublicStatus;
  readonly unchanged: boolean;
  /** Words of a person; empty: none. */
  readonly text: string;
  readonly anchor: PostAnchor;
}

/** What a text promises: a time, or that news will be told. */
function promiseText({ policy }: Look<'policy'>, nextUpdateAt: Instant | null): string {
  return nextUpdateAt === null ? 'when there is news' : clockTime(nextUpdateAt, policy.timezone);
}

function publicView(
  decision: Look<'state' | 'policy'>,
  post: Pick<WantedPost, 'status' | 'text'>,
  more: {
    readonly names: readonly string[];
    readonly nextUpdateAt: Instant | null;
    readonly at: Instant;
  },
): TextView {
  return {
    components: more.names.length === 0 ? 'our service' : enumerate(more.names),
    status: post.status,
    next_update: promiseText(decision, more.nextUpdateAt),
    started: clockTime(decision.state.firstSignalAt, decision.policy.timezone),
    duration: durationText((decision.state.resolvedAt ?? more.at) - decision.state.firstSignalAt),
    text: post.text,
  };
}

/** Nothing was broken where there was a false alarm, so nothing is resolved. */
function wordingOf(
  { state }: Look<'state'>,
  post: Pick<WantedPost, 'status' | 'unchanged'>,
): TextName {
  if (post.unchanged) return 'public.unchanged';
  const isFalse = post.status === 'resolved' && state.closedAs === 'false_positive';
  return isFalse ? 'public.false_alarm' : `public.${post.status}`;
}

type Composed = Pick<DraftPost, 'title' | 'body' | 'components' | 'approval' | 'nextUpdateAt'>;

/** The post as the level of now would have it: its words, its components, its promise, and who must approve it. */
function compose(decision: Decision, page: PublicPage, post: WantedPost): Composed {
  const components = componentsByTarget(decision).get(post.target) ?? [];
  const every = post.status === 'resolved' ? null : everyMs(decision, decision.now);
  // What a person wrote on the spot is looked at once more before the public reads it.
  const approval = post.text === '' ? approvalOf(decision, post.target, post) : 'required';
  // What goes out at once promises from now; what waits for a person promises from when it is due.
  const from =
    approval === 'none' ? decision.now : Math.max(decision.now, postDueAt(decision, post.anchor));
  const nextUpdateAt = every === null ? null : from + every;
  const when = { nextUpdateAt, at: decision.now };
  const names = components.map(({ name }) => name);
  return {
    title: render('public.title', decision.policy, publicView(decision, post, { ...when, names })),
    body: worded(decision, post, when),
    components: post.status === 'resolved' ? {} : statesToSay(decision, { page, components }),
    approval,
    nextUpdateAt,
  };
}

/** Writes a draft; without need of approval it is sent at once. Its text is fixed here and never rendered again. */
export function draftPost(decision: Decision, post: WantedPost): void {
  const page = decision.state.publicPages[post.target];
  if (page !== undefined) handOver(decision, written(decision, page, post));
}

/** A last post that waits for a person, whatever the level says of approval. */
export function draftEndToApprove(decision: Decision, page: PublicPage): DraftPost {
  const draft: DraftPost = {
    ...written(decision, page, endOf(decision, page)),
    approval: 'required',
  };
  handOver(decision, draft);
  return draft;
}

/** A last post that may not be sent: it is kept for the record, and a person says by its id that they closed the page. */
export function draftEndUnsent(decision: Decision, page: PublicPage, because: string): DraftPost {
  const draft: DraftPost = {
    ...written(decision, page, endOf(decision, page)),
    state: 'withdrawn',
  };
  emit(decision, { type: 'PostDrafted', draft });
  emit(decision, { type: 'PostWithdrawn', draft: draft.id, because });
  return draft;
}

function endOf({ now }: Look<'now'>, { target }: PublicPage): WantedPost {
  const anchor = { kind: 'news', since: now } as const;
  return { target, status: 'resolved', unchanged: false, text: '', anchor };
}

function written(decision: Decision, page: PublicPage, post: WantedPost): DraftPost {
  const { target, status, unchanged, anchor } = post;
  return {
    id: encodeDraft(Object.keys(decision.state.drafts).length + 1),
    target,
    status,
    unchanged,
    text: post.text,
    ...compose(decision, page, post),
    state: 'waiting',
    draftedAt: decision.now,
    anchor,
    approvedBy: null,
    approvedAt: null,
    askedAt: decision.now,
    finds: 0,
    resends: 0,
  };
}

/** To the page where nobody need approve it, else to people. */
function handOver(decision: Decision, draft: DraftPost): DraftPost {
  const isFree = draft.approval === 'none';
  const given: DraftPost = { ...draft, state: isFree ? 'queued' : 'waiting' };
  emit(decision, { type: 'PostDrafted', draft: given });
  if (isFree) publish(decision, given);
  else ask(decision, given);
  return given;
}

export function ask(decision: Decision, draft: DraftPost): void {
  const view = viewOf(decision.state, decision.policy, {
    now: decision.now,
    extra: { status: draft.status, text: draft.body },
  });
  const worse = worseText(postOf(decision.state, draft), decision.context);
  say(decision, `${render('approval.asked', decision.policy, view)}${worse}`, {
    kind: 'approval',
    draft: draft.id,
  });
}

export function publish(
  decision: Decision,
  draft: DraftPost,
  order: { readonly name: PublishEffect['name']; readonly dueAt?: Instant } = {
    name: 'statusPage.publish',
  },
): void {
  const { name } = order;
  send(decision, {
    name,
    stream: encodeStream({
      kind: name === 'statusPage.find' ? 'post.find' : 'post',
      target: draft.target,
      incident: decision.state.id,
    }),
    lane: 'public',
    target: draft.target,
    draft: draft.id,
    token: encodePublicToken({
      instance: decision.context.lookups.instance,
      incident: decision.state.id,
    }),
    status: draft.status,
    title: draft.title,
    body: draft.body,
    notify: !draft.unchanged,
    dueAt: order.dueAt ?? decision.now,
  });
}

/** What may be on the page is looked for at once: whatever comes next goes on with it. */
export function lookAgain(decision: Decision, draft: DraftPost): void {
  emit(decision, {
    type: 'PostUnknown',
    draft: draft.id,
    finds: FINDS_MAX,
    resends: draft.resends,
    detail: 'the page did not tell',
  });
  publish(decision, draft, { name: 'statusPage.find', dueAt: decision.now });
}

/** Nothing unsent is sent any more; that a post may be there does not end by its not being wanted. */
export function withdraw(decision: Decision, target: string | null, because: string): void {
  for (const draft of unsent(decision, target)) {
    if (inDoubt(decision, draft.target)?.id === draft.id) lookAgain(decision, draft);
    else emit(decision, { type: 'PostWithdrawn', draft: draft.id, because });
  }
}

/** A sign that nobody writes. */
const MARK = '\u{f8ff}';

/** The words of a person end before the next sentence begins; a text of the configuration may have a mark of its own there. */
function asSentence(words: string, bodyOf: (text: string) => string): string {
  const [, after = ''] = bodyOf(MARK).split(MARK);
  return /^\S/.test(after) ? words : sentence(words);
}

/** The sentence of a post as the configuration words it now. */
function worded(
  decision: Look<'state' | 'policy'>,
  post: Pick<DraftPost, 'target' | 'status' | 'unchanged' | 'text'>,
  when: { readonly nextUpdateAt: Instant | null; readonly at: Instant },
): string {
  const components = componentsByTarget(decision).get(post.target) ?? [];
  const names = components.map(({ name }) => name);
  const bodyOf = (text: string): string =>
    render(
      wordingOf(decision, post),
      decision.policy,
      publicView(decision, { status: post.status, text }, { ...when, names }),
    );
  return bodyOf(asSentence(post.text, bodyOf));
}

/** The sentence with another promise; nothing else of it is touched, also where a configuration that is gone worded it. */
function reworded(decision: Decision, draft: DraftPost, nextUpdateAt: Instant | null): string {
  const { body, draftedAt } = draft;
  const isWordedSo =
    worded(decision, draft, { nextUpdateAt: draft.nextUpdateAt, at: draftedAt }) === body;
  return isWordedSo
    ? worded(decision, draft, { nextUpdateAt, at: decision.now })
    : body.replaceAll(
        promiseText(decision, draft.nextUpdateAt),
        promiseText(decision, nextUpdateAt),
      );
}

/** What must hold of a promise when it goes out: it is not over, and no later than the pace of the level asks for. */
function isStale(decision: Decision, draft: DraftPost): boolean {
  if (draft.status === 'resolved') return false;
  const { nextUpdateAt } = draft;
  const every = everyMs(decision, decision.now);
  if (nextUpdateAt === null) return every !== null;
  const from = Math.max(decision.now, postDueAt(decision, draft.anchor));
  return nextUpdateAt <= decision.now || (every !== null && nextUpdateAt > from + every);
}

/** The sentence stays, the promised time is renewed: a text must never promise the past. Returns the draft to go on with. */
export function refreshStale(decision: Decision, draft: DraftPost): DraftPost {
  if (!isStale(decision, draft)) return draft;
  const every = everyMs(decision, decision.now);
  const nextUpdateAt = every === null ? null : decision.now + every;
  const fresh: DraftPost = {
    ...draft,
    id: encodeDraft(Object.keys(decision.state.drafts).length + 1),
    body: reworded(decision, draft, nextUpdateAt),
    draftedAt: decision.now,
    askedAt: decision.now,
    nextUpdateAt,
  };
  const because = `what it promises does not hold any more; ${fresh.id} renews it`;
  emit(decision, { type: 'PostWithdrawn', draft: draft.id, because });
  emit(decision, { type: 'PostDrafted', draft: fresh });
  return fresh;
}

/**
 * The level is another one: what waits is written anew as it would have it. Whoever read the old words has not approved the
 * new ones, so it is another draft; the words of a person need approval at every level.
 */
export function rewriteWaiting(decision: Decision): void {
  if (barredFromPublic(decision) !== null) return;
  for (const draft of Object.values(decision.state.drafts))
    if (draft.state === 'waiting') rewrite(decision, draft);
}

/** Whether it waits for a person, for the end of a pause or for its page, and is not being sent: it cannot be on its page. */
export function hasNotLeft({ context }: Look<'context'>, draft: DraftPost): boolean {
  const isToBeSent = draft.state === 'queued' && context.lookups.onItsWayUntil(draft.id) === null;
  return draft.state === 'waiting' || isToBeSent;
}

/** Whoever approves one of them has read the other. */
function isSaidAlike(one: Composed, other: Composed): boolean {
  const said = ({ title, body, components }: Composed): string =>
    JSON.stringify([title, body, components]);
  return said(one) === said(other);
}

/** The draft as the level of now would have it, with the words of a person in it. */
function rewritten(decision: Decision, page: PublicPage, draft: DraftPost): DraftPost {
  return {
    ...draft,
    ...compose(decision, page, draft),
    id: encodeDraft(Object.keys(decision.state.drafts).length + 1),
    draftedAt: decision.now,
    askedAt: decision.now,
    finds: 0,
    resends: 0,
  };
}

function rewrite(decision: Decision, draft: DraftPost): void {
  const page = decision.state.publicPages[draft.target];
  if (page === undefined) return;
  const fresh = rewritten(decision, page, draft);
  if (fresh.approval === draft.approval && isSaidAlike(fresh, draft)) return;
  const because = `the severity is ${decision.state.level ?? 'another one'} now; ${fresh.id} is written by it`;
  emit(decision, { type: 'PostWithdrawn', draft: draft.id, because });
  handOver(decision, fresh);
}

/** What is not on its page is written anew, and waits where the level of now asks for it. Returns what is in its place. */
export function writeAnew(decision: Decision, page: PublicPage, draft: DraftPost): DraftPost {
  const fresh = rewritten(decision, page, draft);
  const because =
    fresh.approval === 'required'
      ? `it needs approval now; ${fresh.id} waits for it`
      : `${fresh.id} is sent in its place`;
  emit(decision, { type: 'PostWithdrawn', draft: draft.id, because });
  return handOver(decision, fresh);
}
