/** Drafts: their text is fixed when they are written, and a text never promises the past. */
import type { Instant } from '../model/alert.ts';
import { componentsByTarget, postOf, statesToSay, worseText } from './components.ts';
import type { PublishEffect } from '../model/effect.ts';
import type { DraftPost, PostAnchor, PublicStatus } from '../model/incident.ts';
import { say } from '../texts/messages.ts';
import { approvalOf, everyMs, GRACE_DEFAULT_MS, postDueAt, unsent } from './public-page.ts';
import {
  clockTime,
  durationText,
  enumerate,
  render,
  viewOf,
  type TextName,
  type TextView,
} from '../texts/text.ts';
import { emit, nextId, send, type Decision, type Look } from '../model/decision.ts';

interface WantedPost {
  readonly target: string;
  readonly status: PublicStatus;
  readonly unchanged: boolean;
  /** Words of a person; empty: none. */
  readonly text: string;
  readonly anchor: PostAnchor;
}

function publicView(
  decision: Decision,
  post: WantedPost,
  more: { readonly names: readonly string[]; readonly nextUpdateAt: number | null },
): TextView {
  const { timezone } = decision.policy;
  return {
    components: more.names.length === 0 ? 'our service' : enumerate(more.names),
    status: post.status,
    next_update:
      more.nextUpdateAt === null ? 'when there is news' : clockTime(more.nextUpdateAt, timezone),
    started: clockTime(decision.state.firstSignalAt, timezone),
    duration: durationText(
      (decision.state.resolvedAt ?? decision.now) - decision.state.firstSignalAt,
    ),
    text: post.text,
  };
}

/** Nothing was broken where there was a false alarm, so nothing is resolved. */
function wordingOf({ state }: Look<'state'>, post: WantedPost): TextName {
  if (post.unchanged) return 'public.unchanged';
  const isFalse = post.status === 'resolved' && state.closedAs === 'false_positive';
  return isFalse ? 'public.false_alarm' : `public.${post.status}`;
}

/** Writes a draft; without need of approval it is sent at once. Its text is fixed here and never rendered again. */
export function draftPost(decision: Decision, post: WantedPost): void {
  const page = decision.state.publicPages[post.target];
  if (page === undefined) return;
  const components = componentsByTarget(decision).get(post.target) ?? [];
  const every = post.status === 'resolved' ? null : everyMs(decision, decision.now);
  // What a person wrote on the spot is looked at once more before the public reads it.
  const approval = post.text === '' ? approvalOf(decision, post.target, post) : 'required';
  // What goes out at once promises from now; what waits for a person promises from when it is due.
  const from =
    approval === 'none' ? decision.now : Math.max(decision.now, postDueAt(decision, post.anchor));
  const nextUpdateAt = every === null ? null : from + every;
  const view = publicView(decision, post, {
    names: components.map((one) => one.name),
    nextUpdateAt,
  });
  const draft: DraftPost = {
    id: nextId('d', decision.state.drafts),
    target: post.target,
    status: post.status,
    unchanged: post.unchanged,
    title: render('public.title', decision.policy, view),
    body: render(wordingOf(decision, post), decision.policy, view),
    components: post.status === 'resolved' ? {} : statesToSay(decision, { page, components }),
    approval,
    state: approval === 'none' ? 'queued' : 'waiting',
    draftedAt: decision.now,
    anchor: post.anchor,
    nextUpdateAt,
    approvedBy: null,
    approvedAt: null,
    askedAt: decision.now,
    finds: 0,
    resends: 0,
  };
  emit(decision, { type: 'PostDrafted', draft });
  if (approval === 'none') publish(decision, draft);
  else ask(decision, draft);
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
    stream: `${draft.target}|${decision.state.id}${name === 'statusPage.find' ? '|find' : ''}`,
    lane: 'public',
    target: draft.target,
    draft: draft.id,
    token: `tocsin:${decision.context.lookups.instance}:${decision.state.id}`,
    status: draft.status,
    title: draft.title,
    body: draft.body,
    notify: !draft.unchanged,
    dueAt: order.dueAt ?? decision.now,
  });
}

export function withdraw(decision: Decision, target: string | null, because: string): void {
  for (const draft of unsent(decision, target))
    emit(decision, { type: 'PostWithdrawn', draft: draft.id, because });
}

/** The sentence stays, the promised time is renewed: a text must never promise the past. Returns the draft to go on with. */
export function refreshStale(decision: Decision, draft: DraftPost): DraftPost {
  if (draft.nextUpdateAt === null || draft.nextUpdateAt > decision.now) return draft;
  const every = everyMs(decision, decision.now) ?? GRACE_DEFAULT_MS;
  const nextUpdateAt = decision.now + every;
  const fresh: DraftPost = {
    ...draft,
    id: nextId('d', decision.state.drafts),
    body: draft.body.replaceAll(
      clockTime(draft.nextUpdateAt, decision.policy.timezone),
      clockTime(nextUpdateAt, decision.policy.timezone),
    ),
    draftedAt: decision.now,
    askedAt: decision.now,
    nextUpdateAt,
  };
  emit(decision, {
    type: 'PostWithdrawn',
    draft: draft.id,
    because: `its promised time has passed; ${fresh.id} renews it`,
  });
  emit(decision, { type: 'PostDrafted', draft: fresh });
  return fresh;
}
