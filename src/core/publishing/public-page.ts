/** What a public page is owed: whether anything may be published, where, how often, and with whose approval. */
import { SELF } from '../model/about-tocsin.ts';
import {
  isOver,
  saysItGoesOn,
  type Awaited,
  type DraftPost,
  type FlagState,
  type Incident,
  type PostAnchor,
  type PublicPage,
  type PublicStatus,
} from '../model/incident.ts';
import type { Instant } from '../model/alert.ts';
import { encodeAlarm, type AlarmKey } from '../model/keys.ts';
import { own } from '../model/own.ts';
import type { FlagPolicy } from '../model/policy.ts';
import { levelOf, type Decision } from '../model/decision.ts';

/** All that these questions need. */
type Subject = Pick<Decision, 'state' | 'policy'>;

export const GRACE_DEFAULT_MS = 5 * 60_000;
/** An automatic repeat that is a minute late has failed somewhere. */
export const GRACE_AUTOMATIC_MS = 60_000;

/** Drafts of a page that may still reach it, the oldest first. */
export function pendingOn({ state }: Pick<Subject, 'state'>, target: string): readonly DraftPost[] {
  return Object.values(state.drafts).filter(
    (draft) =>
      draft.target === target && ['waiting', 'queued', 'unknown', 'failed'].includes(draft.state),
  );
}

/**
 * What did not reach its page and that nothing has overtaken: no repeat of what the page says goes out before news. A repeat
 * counts where the level has no pace any more, for no other follows it.
 */
export function failedNews(subject: Subject, target: string): DraftPost | null {
  const last = pendingOn(subject, target).at(-1);
  if (last?.state !== 'failed') return null;
  return !last.unchanged || everyMs(subject, last.draftedAt) === null ? last : null;
}

/**
 * A post that nobody has seen on the page and that may have opened an incident there, of which we have no reference. What
 * comes next would open a second one. Null: there is none.
 */
export function inDoubt({ state }: Pick<Subject, 'state'>, target: string): DraftPost | null {
  if (state.publicPages[target]?.ref !== null) return null;
  return (
    pendingOn({ state }, target).find((one) => one.state === 'failed' && one.finds > 0) ?? null
  );
}

/** So often a post is looked for before its page is known not to tell; from then on it is looked for more rarely. */
export const FINDS_MAX = 5;

/** Whether nobody knows if the post is on its page, where an order looks for it. */
export function isLookedFor({ state, finds }: DraftPost): boolean {
  return finds > 0 && (state === 'unknown' || state === 'failed');
}

/** A post that nobody has seen on the page and that may be there, in doubt or still looked up. Null: there is none. */
export function mayBeThere(subject: Pick<Subject, 'state'>, target: string): DraftPost | null {
  const isLookedUp = ({ state }: DraftPost): boolean => state === 'unknown';
  return pendingOn(subject, target).find(isLookedUp) ?? inDoubt(subject, target);
}

/** An earlier post of the same page that must be known of before this one leaves: one that is looked up, or in doubt. */
export function waitsFor(subject: Pick<Subject, 'state'>, draft: DraftPost): DraftPost | null {
  const lookedUp = Object.values(subject.state.drafts).find(
    ({ id, target, state }) => id !== draft.id && target === draft.target && state === 'unknown',
  );
  const earlier = lookedUp ?? inDoubt(subject, draft.target);
  return earlier?.id === draft.id ? null : earlier;
}

/** Whether the public reads that it goes on, as far as we know; what was only recorded is not there. */
function isShown(page: PublicPage): boolean {
  return page.ref !== null && saysItGoesOn(page);
}

/** Why Tocsin may not end what the page shows of an incident that is over; null: it shows nothing of it, or it may. */
export function whyNotEnded(subject: Subject, page: PublicPage): string | null {
  if (!isShown(page) || !isOver(subject.state)) return null;
  return barredFromPublic(subject) ?? switchedOff(subject, page.target);
}

/** Why a page that shows an incident which is over must be closed by a person; null: a post ends it, or somebody has. */
export function whyByHand(subject: Subject, page: PublicPage): string | null {
  const why = whyNotEnded(subject, page);
  return why === null && isLeftOpen(subject, page) ? 'nothing more is posted there' : why;
}

/** Whether the page shows what is over, and no last post is on its way. */
export function isLeftOpen({ state }: Pick<Subject, 'state'>, page: PublicPage): boolean {
  const isEnding = pendingOn({ state }, page.target).some(({ status }) => status === 'resolved');
  return isOver(state) && isShown(page) && !isEnding;
}

/** The command by which a person says that they have closed on the page what it showed. */
export function closedCommand({ state }: Pick<Subject, 'state'>, { id }: DraftPost): string {
  return `\`tocsin reject ${state.id} ${id} --closed --reason "closed by hand"\``;
}

/** What people do about a page that shows an incident which is over; null: it shows none. */
export function leftOpenText(subject: Pick<Subject, 'state'>, draft: DraftPost): string | null {
  const { state } = subject;
  const page = state.publicPages[draft.target];
  if (!isOver(state) || page === undefined || !isShown(page)) return null;
  return `${page.target} still says ${page.published ?? 'nothing'}: close it there by hand, and its components; then ${closedCommand(subject, draft)}`;
}

/** Whether a person says by this draft, which nobody sends any more, that they have closed its page. */
export function saysClosed({ state }: Pick<Subject, 'state'>, draft: DraftPost): boolean {
  const page = state.publicPages[draft.target];
  return (
    draft.state === 'withdrawn' &&
    page !== undefined &&
    isLeftOpen({ state }, page) &&
    state.alarms[encodeAlarm(publicAlarm(draft.target))] !== undefined
  );
}

/** Why nothing leaves for a page: it is switched off, or its posts are recorded only. Null: it takes posts. */
export function switchedOff({ policy }: Pick<Subject, 'policy'>, target: string): string | null {
  const mode = policy.targets[target]?.mode;
  return mode === 'off' || mode === 'shadow' ? `${target} is ${mode}` : null;
}

/** What customers read there, as far as anybody knows: news may have arrived after it that nobody could see. */
export function saysText(
  { state }: Pick<Subject, 'state'>,
  { target, published, publishedAt }: PublicPage,
): string {
  const unseen = Object.values(state.drafts).filter(
    (draft) =>
      draft.target === target &&
      draft.finds > 0 &&
      draft.state !== 'published' &&
      draft.status !== published &&
      draft.draftedAt > (publishedAt ?? 0),
  );
  const perhaps = unseen.map(({ id, status }) => `, or ${status} (${id} may be there)`);
  return `${published ?? 'nothing'}${perhaps.join('')}`;
}

/** What people do about a post in doubt. */
export function doubtText({ state }: Pick<Subject, 'state'>, draft: DraftPost): string {
  const { id, status, target } = draft;
  return `nobody can tell whether draft ${id} (${status}) is on ${target}, and nothing else is said there before that is known: look at the page, and close by hand what it shows of ${state.id}; then ${closedCommand({ state }, draft)}`;
}

/** What people do about a post of which its page does not tell whether it is there, while it is wanted. */
export function unseenText(
  { state }: Pick<Subject, 'state'>,
  { id, status, target }: DraftPost,
): string {
  const reject = (why: string): string => `\`tocsin reject ${state.id} ${id} --reason "${why}"\``;
  const look = `\`tocsin approve ${state.id} ${id}\` looks for it, and sends it only if the page says that it is missing.`;
  // What is to be closed by hand is said of every end that fails.
  if (status === 'resolved') return look;
  return state.publicPages[target]?.ref === null
    ? `${look} If the page does not tell, look at it yourself: what is missing there, or what you have closed there by hand, is written anew after ${reject('...')}`
    : `${look} If the page does not tell, look at it yourself: if it is missing there, ${reject('it is missing')}, and \`tocsin phase ${state.id} ${status} "..."\` says it anew`;
}

/** Whether the draft was written after the other one; within one instant their order tells. */
export function isAfter(
  { state }: Pick<Subject, 'state'>,
  draft: DraftPost,
  other: DraftPost,
): boolean {
  const inOrder = Object.keys(state.drafts);
  return inOrder.indexOf(draft.id) > inOrder.indexOf(other.id);
}

/** Why a post that did not arrive is not wanted any more; null: it is. */
export function overtakenBy(subject: Subject, draft: DraftPost): string | null {
  const { state } = subject;
  const newer = unsent(subject, draft.target).findLast((one) => isAfter(subject, one, draft));
  if (newer !== undefined) return `${newer.id} follows`;
  if (isOver(state) && draft.status !== 'resolved') return `the incident is ${state.phase}`;
  const isOld = !isOver(state) && !draft.unchanged && draft.status !== currentStatus(subject);
  return isOld ? `the incident is ${state.phase} now` : barredFromPublic(subject);
}

/** Why the level of now would not have a post of which the page knows nothing; null: it would, or a person wants it. */
export function unaskedBy(subject: Subject, draft: DraftPost): string | null {
  const level = levelOf(subject);
  const isTold = (subject.state.publicPages[draft.target]?.published ?? null) !== null;
  if (level === null || isTold || draft.status === 'resolved' || draft.approvedBy !== null)
    return null;
  const isAsked =
    draft.anchor.kind === 'first' ? level.public?.firstWithinMs != null : level.public !== null;
  return isAsked ? null : `${level.id} asks for no such post`;
}

export function publicAlarm(target: string): AlarmKey {
  return { kind: 'public', target };
}

/**
 * Why nothing may be published; null: it may. Checked at every decision and again right before sending. A flag says what
 * is configured now; one that a reload has removed goes on saying what it said last.
 */
export function barredFromPublic({ state, policy }: Subject): string | null {
  return barred(state, (name, { kept }) => own(policy.flags, name) ?? kept);
}

/** Whether nothing may be published, as far as the incident has taken in what the configuration says of its flags. */
export function isKnownBarred(state: Incident): boolean {
  return barred(state, (_name, { kept }) => kept) !== null;
}

/** Why nothing of it is ever public, whatever people set; null: it may be. */
export function whyNeverPublic({
  kind,
  routing,
}: Pick<Incident, 'kind' | 'routing'>): string | null {
  if (kind === 'test') return 'a test is never public';
  // Whatever route it took: what customers see of an outage has an incident of its own.
  if (routing.source === SELF) return 'it is about Tocsin itself and what it hears';
  if (routing.public !== 'never') return null;
  return routing.route === null ? 'no route was found for it' : 'its route is never public';
}

function barred(
  state: Incident,
  saysOf: (name: string, flag: FlagState) => FlagPolicy,
): string | null {
  const never = whyNeverPublic(state);
  if (never !== null) return never;
  const flags = Object.entries(state.flags);
  const [flag] = flags.find(([name, set]) => saysOf(name, set).public === 'never') ?? [];
  if (flag !== undefined) return `flag ${flag} forbids public posts`;
  return state.parent === null ? null : goesBy(state.parent);
}

/** Why an incident that a storm has gathered says nothing in public itself. @param parent id of the one that speaks for it */
export function goesBy(parent: string): string {
  return `public posts go by ${parent}`;
}

/** Id of the incident that speaks in public for this one; null: none does, or nothing of it may be public. */
export function spokenForBy(subject: Subject): string | null {
  const { parent } = subject.state;
  return parent !== null && barredFromPublic(subject) === goesBy(parent) ? parent : null;
}

/** What the configuration says of flags that are set, where the incident has not taken it in. */
export function flagsToTakeIn({
  state,
  policy,
}: Subject): Readonly<Record<string, FlagPolicy>> | null {
  const found = Object.entries(state.flags).flatMap(([name, { kept }]) => {
    const configured = own(policy.flags, name);
    return configured === undefined || configured.public === kept.public
      ? []
      : [[name, configured] as const];
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}

/** The interval of public updates at an instant, or null: on change only. */
export function everyMs(subject: Subject, at: Instant): number | null {
  const cadence = levelOf(subject)?.public ?? null;
  if (cadence === null) return null;
  const { slower } = cadence;
  const since = subject.state.declaredAt ?? at;
  return slower !== null && at - since >= slower.afterMs ? slower.everyMs : cadence.everyMs;
}

const LEAD_MS = 5 * 60_000;

/** How long before the end of a span a person is asked. */
export function leadWithin(ms: number): number {
  return Math.min(LEAD_MS, Math.round(ms / 3));
}

/** How long before a promise falls due its update is written: a person needs time to read it. */
export function leadOf(subject: Subject, target: string, at: Instant): number {
  const every = everyMs(subject, at) ?? GRACE_DEFAULT_MS;
  const repeat = { status: currentStatus(subject), unchanged: true };
  return approvalOf(subject, target, repeat) === 'required' ? leadWithin(every) : 0;
}

export function approvalOf(
  subject: Subject,
  target: string,
  kind: { readonly status: PublicStatus; readonly unchanged: boolean },
): 'none' | 'required' {
  const level = levelOf(subject);
  if (subject.state.storm !== null || level?.public == null || level.rank === 0) return 'required';
  if (subject.policy.targets[target]?.mode === 'draft') return 'required';
  return level.public.approval[kind.unchanged ? 'unchanged' : kind.status];
}

/** Whether nobody has given the approval that it needed when it was written, or needs now: the level may be another one. */
export function lacksApproval(subject: Subject, draft: DraftPost): boolean {
  const isNeeded =
    draft.approval === 'required' || approvalOf(subject, draft.target, draft) === 'required';
  return isNeeded && draft.approvedBy === null;
}

function graceOf(subject: Subject): number {
  return levelOf(subject)?.public?.firstWithinMs ?? GRACE_DEFAULT_MS;
}

/**
 * What the readers of a page wait for. One that promised nothing but news counts from its last post: whatever level that
 * was written for, the pace of the level of now holds from there.
 */
export function awaitedOn({ promisedAt, raisedAt, publishedAt }: PublicPage): Awaited {
  return { promisedAt, raisedAt: raisedAt ?? (promisedAt === null ? publishedAt : null) };
}

/** When the page must hear something: what it promised, or the pace of the level since a raise. Null: on change only. */
export function awaitedAt(subject: Subject, { promisedAt, raisedAt }: Awaited): Instant | null {
  const bounds = [promisedAt];
  if (raisedAt !== null) {
    const every = everyMs(subject, raisedAt);
    if (every !== null) bounds.push(raisedAt + every);
  }
  const known = bounds.filter((one) => one !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** When a post should be on its page: by what it is for, as the level has it now. */
export function postDueAt(subject: Subject, anchor: PostAnchor): Instant {
  const { since } = anchor;
  switch (anchor.kind) {
    case 'first':
      return since + (levelOf(subject)?.public?.firstWithinMs ?? anchor.withinMs);
    case 'news':
      return since;
    case 'update':
      return Math.max(since, awaitedAt(subject, anchor) ?? since);
  }
}

/** By when a post is to be on its page: its due time; news within the time of a first post, and no promise passes before. */
function wantedBy(subject: Subject, draft: DraftPost): Instant {
  const { anchor } = draft;
  if (anchor.kind !== 'news') return postDueAt(subject, anchor);
  const page = subject.state.publicPages[draft.target];
  const by = Math.max(anchor.since, page?.publishedAt ?? 0) + graceOf(subject);
  const promised = page === undefined ? null : awaitedAt(subject, awaitedOn(page));
  return promised === null || promised <= anchor.since ? by : Math.min(by, promised);
}

/** From when on a draft that is not on its page is late. */
export function lateFrom(subject: Subject, draft: DraftPost): Instant {
  const by = wantedBy(subject, draft);
  const sentAt = draft.approvedAt ?? (draft.approval === 'none' ? draft.draftedAt : null);
  if (sentAt !== null) return Math.max(by, sentAt + GRACE_AUTOMATIC_MS);
  // Whoever is asked when it should be there already has the time that a first post has.
  const { since } = draft.anchor;
  return by > since ? by : since + graceOf(subject);
}

/** When people are asked once more for what waits, early enough to read it; what is due by a promise was asked for so. */
export function remindAt(subject: Subject, draft: DraftPost): Instant | null {
  if (draft.anchor.kind === 'update') return null;
  const lateAt = lateFrom(subject, draft);
  return lateAt - leadWithin(lateAt - draft.anchor.since);
}

export function unsent(
  { state }: Pick<Decision, 'state'>,
  target: string | null,
): readonly DraftPost[] {
  return Object.values(state.drafts).filter(
    (draft) =>
      (draft.state === 'waiting' || draft.state === 'queued' || draft.state === 'failed') &&
      (target === null || draft.target === target),
  );
}

export function currentStatus({ state }: Pick<Decision, 'state'>): PublicStatus {
  const { phase } = state;
  return phase === 'identified' || phase === 'monitoring' ? phase : 'investigating';
}
