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
  type TextView,
} from '../texts/text.ts';
import { emit, nextId, send, type Turn } from '../model/turn.ts';

interface Post {
  readonly target: string;
  readonly status: PublicStatus;
  readonly unchanged: boolean;
  readonly text: string;
  readonly anchor: PostAnchor;
}

function publicView(
  turn: Turn,
  post: Post,
  more: { readonly names: readonly string[]; readonly nextUpdateAt: number | null },
): TextView {
  const { timezone } = turn.policy;
  return {
    components: more.names.length === 0 ? 'our service' : enumerate(more.names),
    status: post.status,
    next_update:
      more.nextUpdateAt === null ? 'when there is news' : clockTime(more.nextUpdateAt, timezone),
    started: clockTime(turn.state.firstSignalAt, timezone),
    duration: durationText((turn.state.resolvedAt ?? turn.now) - turn.state.firstSignalAt),
    text: post.text,
  };
}

/** Writes a draft; without need of approval it is sent at once. Its text is fixed here and never rendered again. */
export function draftPost(turn: Turn, post: Post): void {
  const page = turn.state.publicPages[post.target];
  if (page === undefined) return;
  const components = componentsByTarget(turn).get(post.target) ?? [];
  const every = post.status === 'resolved' ? null : everyMs(turn, turn.now);
  const approval = approvalOf(turn, post.target, post);
  // What goes out at once promises from now; what waits for a person promises from when it is due.
  const from = approval === 'none' ? turn.now : Math.max(turn.now, postDueAt(turn, post.anchor));
  const nextUpdateAt = every === null ? null : from + every;
  const view = publicView(turn, post, { names: components.map((one) => one.name), nextUpdateAt });
  const draft: DraftPost = {
    id: nextId('d', turn.state.drafts),
    target: post.target,
    status: post.status,
    unchanged: post.unchanged,
    title: render('public.title', turn.policy, view),
    body: render(post.unchanged ? 'public.unchanged' : `public.${post.status}`, turn.policy, view),
    components: post.status === 'resolved' ? {} : statesToSay(turn, { page, components }),
    approval,
    state: approval === 'none' ? 'queued' : 'waiting',
    draftedAt: turn.now,
    anchor: post.anchor,
    nextUpdateAt,
    approvedBy: null,
    approvedAt: null,
    askedAt: turn.now,
    finds: 0,
    resends: 0,
  };
  emit(turn, { type: 'PostDrafted', draft });
  if (approval === 'none') publish(turn, draft);
  else ask(turn, draft);
}

export function ask(turn: Turn, draft: DraftPost): void {
  const view = viewOf(turn.state, turn.policy, {
    now: turn.now,
    extra: { status: draft.status, text: draft.body },
  });
  const worse = worseText(postOf(turn.state, draft), turn.context);
  say(turn, `${render('approval.asked', turn.policy, view)}${worse}`, {
    kind: 'approval',
    draft: draft.id,
  });
}

export function publish(
  turn: Turn,
  draft: DraftPost,
  order: { readonly name: PublishEffect['name']; readonly dueAt?: Instant } = {
    name: 'statusPage.publish',
  },
): void {
  const { name } = order;
  send(turn, {
    name,
    stream: `${draft.target}|${turn.state.id}${name === 'statusPage.find' ? '|find' : ''}`,
    lane: 'public',
    target: draft.target,
    draft: draft.id,
    token: `tocsin:${turn.context.lookups.instance}:${turn.state.id}`,
    status: draft.status,
    title: draft.title,
    body: draft.body,
    notify: !draft.unchanged,
    dueAt: order.dueAt ?? turn.now,
  });
}

export function withdraw(turn: Turn, target: string | null, because: string): void {
  for (const draft of unsent(turn, target))
    emit(turn, { type: 'PostWithdrawn', draft: draft.id, because });
}

/** The sentence stays, the promised time is renewed: a text must never promise the past. Returns the draft to go on with. */
export function refreshStale(turn: Turn, draft: DraftPost): DraftPost {
  if (draft.nextUpdateAt === null || draft.nextUpdateAt > turn.now) return draft;
  const every = everyMs(turn, turn.now) ?? GRACE_DEFAULT_MS;
  const nextUpdateAt = turn.now + every;
  const fresh: DraftPost = {
    ...draft,
    id: nextId('d', turn.state.drafts),
    body: draft.body.replaceAll(
      clockTime(draft.nextUpdateAt, turn.policy.timezone),
      clockTime(nextUpdateAt, turn.policy.timezone),
    ),
    draftedAt: turn.now,
    askedAt: turn.now,
    nextUpdateAt,
  };
  emit(turn, {
    type: 'PostWithdrawn',
    draft: draft.id,
    because: `its promised time has passed; ${fresh.id} renews it`,
  });
  emit(turn, { type: 'PostDrafted', draft: fresh });
  return fresh;
}
