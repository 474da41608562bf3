/**
 * Public posts: drafts, approval, the promise of the next update, and what happens when a post is late or its outcome
 * unknown. Posts are at-most-once: an unknown outcome is looked up, never repeated blindly.
 */
import { raiseAlarm } from './alarms.ts';
import type { Instant } from './alert.ts';
import type { PublishEffect } from './effect.ts';
import type { DraftPost, PublicPage, PublicStatus } from './incident.ts';
import { say } from './messages.ts';
import type { ComponentRef, ComponentStatus, Level } from './policy.ts';
import { silenceAlarm, soundAlarm } from './sounding.ts';
import { clockTime, durationText, enumerate, render, viewOf, type TextView } from './text.ts';
import {
  dropTimer,
  emit,
  findLevel,
  isOver,
  levelOf,
  nextId,
  send,
  setTimer,
  type Turn,
} from './turn.ts';

const GRACE_DEFAULT_MS = 5 * 60_000;
/** An automatic repeat that is a minute late has failed somewhere. */
const GRACE_AUTOMATIC_MS = 60_000;

export function publicAlarm(target: string): string {
  return `public:${target}`;
}

/** Why nothing may be published; null: it may. Checked at every decision and again right before sending. */
export function barredFromPublic(turn: Pick<Turn, 'state' | 'policy'>): string | null {
  const { state, policy } = turn;
  if (state.kind === 'test') return 'a test is never public';
  if (state.facts.public === 'never') return 'its route is never public';
  const flag = Object.keys(state.flags).find((name) => policy.flags[name]?.public === 'never');
  if (flag !== undefined) return `flag ${flag} forbids public posts`;
  return state.parent === null ? null : `public posts go by ${state.parent}`;
}

function componentsByTarget(turn: Turn): ReadonlyMap<string, readonly ComponentRef[]> {
  const services = [turn.state.facts.service, ...(turn.state.storm?.services ?? [])];
  const found = new Map<string, ComponentRef[]>();
  for (const name of new Set(services)) {
    for (const component of name === null ? [] : (turn.policy.services[name]?.components ?? [])) {
      const target = turn.policy.targets[component.target];
      if (
        target === undefined ||
        target.mode === 'off' ||
        !target.can.includes('statusPage.publish')
      )
        continue;
      const list = found.get(component.target) ?? [];
      if (!list.some((one) => one.id === component.id))
        found.set(component.target, [...list, component]);
    }
  }
  return found;
}

function everyMs(turn: Turn, level: Level | null): number | null {
  const cadence = level?.public ?? null;
  if (cadence === null) return null;
  const { slower } = cadence;
  const since = turn.state.declaredAt ?? turn.now;
  return slower !== null && turn.now - since >= slower.afterMs ? slower.everyMs : cadence.everyMs;
}

function approvalOf(
  turn: Turn,
  target: string,
  kind: { readonly status: PublicStatus; readonly unchanged: boolean },
): 'none' | 'required' {
  const level = levelOf(turn);
  if (turn.state.storm !== null || level?.public == null || level.rank === 0) return 'required';
  if (turn.policy.targets[target]?.mode === 'draft') return 'required';
  return level.public.approval[kind.unchanged ? 'unchanged' : kind.status];
}

function componentStates(
  turn: Turn,
  post: {
    readonly page: PublicPage;
    readonly status: PublicStatus;
    readonly components: readonly ComponentRef[];
  },
): Readonly<Record<string, ComponentStatus>> {
  const { page, status, components } = post;
  if (status === 'resolved')
    return Object.fromEntries(
      Object.keys(page.components).map((id) => [id, 'operational' as const]),
    );
  const state = levelOf(turn)?.componentsUpTo ?? 'operational';
  if (state === 'operational') return page.components;
  return { ...page.components, ...Object.fromEntries(components.map((one) => [one.id, state])) };
}

interface Post {
  readonly target: string;
  readonly status: PublicStatus;
  readonly unchanged: boolean;
  readonly text: string;
  readonly dueAt: number;
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
function draftPost(turn: Turn, post: Post): void {
  const page = turn.state.publicPages[post.target];
  if (page === undefined) return;
  const components = componentsByTarget(turn).get(post.target) ?? [];
  const every = post.status === 'resolved' ? null : everyMs(turn, levelOf(turn));
  const nextUpdateAt = every === null ? null : Math.max(turn.now, post.dueAt) + every;
  const view = publicView(turn, post, { names: components.map((one) => one.name), nextUpdateAt });
  const approval = approvalOf(turn, post.target, post);
  const draft: DraftPost = {
    id: nextId('d', turn.state.drafts),
    target: post.target,
    status: post.status,
    unchanged: post.unchanged,
    title: render('public.title', turn.policy, view),
    body: render(post.unchanged ? 'public.unchanged' : `public.${post.status}`, turn.policy, view),
    components: componentStates(turn, { page, status: post.status, components }),
    approval,
    state: approval === 'none' ? 'queued' : 'waiting',
    draftedAt: turn.now,
    dueAt: post.dueAt,
    nextUpdateAt,
    approvedBy: null,
    finds: 0,
    resends: 0,
  };
  emit(turn, { type: 'PostDrafted', draft });
  if (approval === 'none') publish(turn, draft);
  else {
    ask(turn, draft);
    if (post.dueAt > turn.now) setTimer(turn, `due:${post.target}`, post.dueAt);
  }
  const grace = post.unchanged && approval === 'none' ? GRACE_AUTOMATIC_MS : graceOf(turn);
  setTimer(turn, `late:${post.target}`, post.dueAt + grace);
}

function graceOf(turn: Turn): number {
  return levelOf(turn)?.public?.firstWithinMs ?? GRACE_DEFAULT_MS;
}

function ask(turn: Turn, draft: DraftPost): void {
  const view = viewOf(turn.state, turn.policy, {
    now: turn.now,
    extra: { status: draft.status, text: draft.body },
  });
  say(turn, render('approval.asked', turn.policy, view), `approval:${draft.id}`);
}

function publish(
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
    components: draft.components,
    notify: !draft.unchanged,
    about: `draft|${draft.id}`,
    dueAt: order.dueAt ?? turn.now,
  });
}

export function draftOf(turn: Turn, about: string): DraftPost | null {
  const [kind, id] = about.split('|');
  return kind === 'draft' ? (turn.state.drafts[id ?? ''] ?? null) : null;
}

function unsent(turn: Turn, target: string | null): readonly DraftPost[] {
  return Object.values(turn.state.drafts).filter(
    (draft) =>
      (draft.state === 'waiting' || draft.state === 'queued' || draft.state === 'failed') &&
      (target === null || draft.target === target),
  );
}

function withdraw(turn: Turn, target: string | null, because: string): void {
  for (const draft of unsent(turn, target))
    emit(turn, { type: 'PostWithdrawn', draft: draft.id, because });
}

function currentStatus(turn: Turn): PublicStatus {
  const { phase } = turn.state;
  return phase === 'identified' || phase === 'monitoring' ? phase : 'investigating';
}

/** Starts the public clocks of pages that have none yet: at declaration, at a raise, when a storm reaches a new page. */
export function startPublicClocks(turn: Turn): void {
  const level = levelOf(turn);
  if (
    level?.public == null ||
    turn.state.declaredAt === null ||
    isOver(turn.state) ||
    barredFromPublic(turn) !== null
  )
    return;
  for (const target of componentsByTarget(turn).keys()) {
    if (turn.state.publicPages[target] !== undefined) continue;
    emit(turn, { type: 'PublicClockStarted', target, from: turn.now });
    const { firstWithinMs } = level.public;
    if (firstWithinMs !== null)
      draftPost(turn, {
        target,
        status: currentStatus(turn),
        unchanged: false,
        text: '',
        dueAt: turn.now + firstWithinMs,
      });
  }
}

/** After a raise the next update comes no later than the new level's interval; a promise already published is kept. */
export function tightenPublicClocks(turn: Turn, from: string | null): void {
  const level = levelOf(turn);
  const every = everyMs(turn, level);
  const before = findLevel(turn.policy, from);
  for (const page of Object.values(turn.state.publicPages)) {
    const first = level?.public?.firstWithinMs ?? null;
    if (
      page.published === null &&
      first !== null &&
      before?.public?.firstWithinMs == null &&
      unsent(turn, page.target).length === 0
    ) {
      emit(turn, { type: 'PublicClockStarted', target: page.target, from: turn.now });
      draftPost(turn, {
        target: page.target,
        status: currentStatus(turn),
        unchanged: false,
        text: '',
        dueAt: turn.now + first,
      });
    } else if (page.published !== null && page.published !== 'resolved' && every !== null) {
      armCadence(
        turn,
        page.target,
        Math.min(page.promisedAt ?? turn.now + every, turn.now + every),
      );
    }
  }
}

function armCadence(turn: Turn, target: string, dueAt: number): void {
  const every = everyMs(turn, levelOf(turn)) ?? GRACE_DEFAULT_MS;
  const needsPerson =
    approvalOf(turn, target, { status: currentStatus(turn), unchanged: true }) === 'required';
  // A person needs time to read before the promise falls due.
  const lead = needsPerson ? Math.min(5 * 60_000, every / 3) : 0;
  setTimer(turn, `cadence:${target}`, dueAt - lead);
}

/** The phase changed: every page of ours says so. Unsent earlier posts are overtaken. */
export function postPhase(turn: Turn, status: PublicStatus, text: string): void {
  if (status !== 'resolved') startPublicClocks(turn);
  const barred = barredFromPublic(turn);
  for (const page of Object.values(turn.state.publicPages)) {
    withdraw(turn, page.target, `the incident is ${status} now`);
    if (status === 'resolved') stopPage(turn, page.target);
    const isUnknown = Object.values(turn.state.drafts).some(
      (draft) => draft.target === page.target && draft.state === 'unknown',
    );
    const nothingToEnd =
      status === 'resolved' &&
      !isUnknown &&
      (page.published === null || page.published === 'resolved');
    if (barred !== null || nothingToEnd) continue;
    draftPost(turn, { target: page.target, status, unchanged: false, text, dueAt: turn.now });
  }
}

function stopPage(turn: Turn, target: string): void {
  for (const kind of ['cadence', 'due', 'late']) dropTimer(turn, `${kind}:${target}`);
  silenceAlarm(turn, publicAlarm(target), 'no public post is owed any more');
}

/** Withdraws every unsent public post and stops the public clocks. */
export function stopPublic(turn: Turn, because: string): void {
  withdraw(turn, null, because);
  for (const page of Object.values(turn.state.publicPages)) {
    stopPage(turn, page.target);
    if (page.promisedAt !== null && page.published !== 'resolved')
      say(
        turn,
        `${turn.state.id}: public posts are stopped (${because}); ${page.target} still promises an update at ${clockTime(page.promisedAt, turn.policy.timezone)}.`,
        `stopped:${page.target}`,
      );
  }
}

/** The cadence came round. However many ticks were missed, one update is owed. */
export function cadenceTick(turn: Turn, target: string): void {
  const page = turn.state.publicPages[target];
  if (page === undefined || page.published === 'resolved' || barredFromPublic(turn) !== null)
    return;
  const pending = Object.values(turn.state.drafts).find(
    (draft) => draft.target === target && ['waiting', 'queued', 'unknown'].includes(draft.state),
  );
  if (pending !== undefined) {
    if (pending.state === 'waiting') ask(turn, pending);
    if (
      turn.state.timers[`late:${target}`] === undefined &&
      turn.state.alarms[publicAlarm(target)] === undefined
    )
      setTimer(turn, `late:${target}`, turn.now + GRACE_AUTOMATIC_MS);
    return;
  }
  draftPost(turn, {
    target,
    status: page.published ?? currentStatus(turn),
    unchanged: true,
    text: '',
    dueAt: Math.max(turn.now, page.promisedAt ?? turn.now),
  });
}

/** A draft falls due and still waits: remind. */
export function remindDue(turn: Turn, target: string): void {
  for (const draft of unsent(turn, target)) if (draft.state === 'waiting') ask(turn, draft);
}

/** A post is late: a person is alarmed, and a draft whose promise has passed gets a fresh one. */
export function publicLate(turn: Turn, target: string): void {
  const pending = Object.values(turn.state.drafts).filter(
    (draft) =>
      draft.target === target && ['waiting', 'queued', 'unknown', 'failed'].includes(draft.state),
  );
  const last = pending.at(-1);
  if (last === undefined) return;
  const why =
    last.state === 'waiting'
      ? `draft ${last.id} waits for approval`
      : `draft ${last.id} could not be published yet`;
  soundAlarm(
    turn,
    publicAlarm(target),
    `the public post (${last.status}) on ${target} is late: ${why}`,
  );
  if (last.state === 'waiting') refreshStale(turn, last);
}

/** The sentence stays, the promised time is renewed: a text must never promise the past. Returns the draft to go on with. */
function refreshStale(turn: Turn, draft: DraftPost): DraftPost {
  if (draft.nextUpdateAt === null || draft.nextUpdateAt > turn.now) return draft;
  const every = everyMs(turn, levelOf(turn)) ?? GRACE_DEFAULT_MS;
  const nextUpdateAt = turn.now + every;
  const fresh: DraftPost = {
    ...draft,
    id: nextId('d', turn.state.drafts),
    body: draft.body.replaceAll(
      clockTime(draft.nextUpdateAt, turn.policy.timezone),
      clockTime(nextUpdateAt, turn.policy.timezone),
    ),
    draftedAt: turn.now,
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

/** A person approves a draft (or sends a failed one again). False: it is not waiting. */
export function approve(turn: Turn, id: string): boolean {
  const draft = turn.state.drafts[id];
  if (draft === undefined || (draft.state !== 'waiting' && draft.state !== 'failed')) return false;
  const current = refreshStale(turn, draft);
  emit(turn, { type: 'PostApproved', draft: current.id });
  dropTimer(turn, `due:${draft.target}`);
  publish(turn, current);
  if (turn.state.alarms[publicAlarm(draft.target)] === undefined)
    setTimer(turn, `late:${draft.target}`, Math.max(turn.now, draft.dueAt) + graceOf(turn));
  return true;
}

/** A person rejects a draft: it is withdrawn; the clock goes on and asks for another text. */
export function reject(turn: Turn, id: string, reason: string): boolean {
  const draft = turn.state.drafts[id];
  if (draft?.state !== 'waiting') return false;
  emit(turn, { type: 'PostRejected', draft: id, reason });
  dropTimer(turn, `due:${draft.target}`);
  if (isOver(turn.state) || turn.state.publicPages[draft.target]?.published != null)
    rearmAfterReject(turn, draft);
  else
    setTimer(turn, `cadence:${draft.target}`, Math.max(turn.now + GRACE_AUTOMATIC_MS, draft.dueAt));
  return true;
}

function rearmAfterReject(turn: Turn, draft: DraftPost): void {
  const promised = turn.state.publicPages[draft.target]?.promisedAt ?? null;
  dropTimer(turn, `late:${draft.target}`);
  if (isOver(turn.state))
    raiseAlarm(
      turn,
      publicAlarm(draft.target),
      `the closing post on ${draft.target} was rejected; the page still shows the incident`,
    );
  else
    setTimer(
      turn,
      `cadence:${draft.target}`,
      Math.max(turn.now + GRACE_AUTOMATIC_MS, promised ?? turn.now + GRACE_DEFAULT_MS),
    );
}

/** The post is on the page. */
export function published(turn: Turn, draft: DraftPost, ref: string | null): void {
  emit(turn, { type: 'PostPublished', draft: draft.id, ref });
  stopPage(turn, draft.target);
  const newer = unsent(turn, draft.target).at(-1);
  if (newer !== undefined)
    setTimer(turn, `late:${draft.target}`, Math.max(turn.now, newer.dueAt) + graceOf(turn));
  else if (draft.status !== 'resolved' && draft.nextUpdateAt !== null && !isOver(turn.state))
    armCadence(turn, draft.target, draft.nextUpdateAt);
}

const FIND_DELAYS_MS = [5_000, 10_000, 45_000, 120_000, 120_000];

/** Nobody knows whether the post is on the page: look it up at 5, 15, 60, 180 and 300 s. */
export function publishUnknown(turn: Turn, draft: DraftPost, detail: string): void {
  emit(turn, { type: 'PostUnknown', draft: draft.id, finds: 0, resends: draft.resends, detail });
  publish(turn, draft, { name: 'statusPage.find', dueAt: turn.now + (FIND_DELAYS_MS[0] ?? 0) });
}

/** What the look-up said. Absent after five minutes of clear answers: one resend; otherwise a person is asked. */
export function publishLookedUp(
  turn: Turn,
  draft: DraftPost,
  read: { readonly found: boolean; readonly externalRef: string | null } | null,
): void {
  if (draft.state !== 'unknown') return;
  if (read?.found === true) {
    published(turn, draft, read.externalRef);
    return;
  }
  const finds = draft.finds + 1;
  const delay = FIND_DELAYS_MS[finds];
  const detail = read === null ? 'the page did not answer the look-up' : 'not on the page';
  if (delay !== undefined) {
    emit(turn, { type: 'PostUnknown', draft: draft.id, finds, resends: draft.resends, detail });
    publish(turn, draft, { name: 'statusPage.find', dueAt: turn.now + delay });
  } else if (read !== null && draft.resends === 0) {
    emit(turn, {
      type: 'PostUnknown',
      draft: draft.id,
      finds: 0,
      resends: 1,
      detail: 'not on the page after 5 minutes: sent once more',
    });
    publish(turn, draft);
  } else {
    publishFailed(turn, draft, {
      reason: 'outcome unknown',
      hint: `Look at ${draft.target}: if the post is missing, approve ${draft.id} to send it again.`,
    });
  }
}

/** The post cannot be published: a person decides. */
export function publishFailed(
  turn: Turn,
  draft: DraftPost,
  why: { readonly reason: string; readonly hint: string },
): void {
  emit(turn, { type: 'PostFailed', draft: draft.id, reason: why.reason, hint: why.hint });
  soundAlarm(
    turn,
    publicAlarm(draft.target),
    `draft ${draft.id} (${draft.status}) was not published on ${draft.target}: ${why.reason}. ${why.hint}`,
  );
}
