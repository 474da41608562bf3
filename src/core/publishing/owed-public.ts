/** What is owed to the public: each draft a person or a page, each page its next update. */
import type { Instant } from '../model/alert.ts';
import { isOver, type DraftPost, type PublicPage } from '../model/incident.ts';
import { gap, nothing, type Ground, type Owed, underAlarm } from '../model/obligation.ts';
import { encodeAlarm } from '../model/keys.ts';
import {
  awaitedAt,
  awaitedOn,
  barredFromPublic,
  everyMs,
  failedNews,
  flagsToTakeIn,
  GRACE_AUTOMATIC_MS,
  GRACE_DEFAULT_MS,
  inDoubt,
  isLeftOpen,
  lateFrom,
  leadOf,
  leadWithin,
  mayBeThere,
  overtakenBy,
  pendingOn,
  postDueAt,
  publicAlarm,
  remindAt,
  switchedOff,
  unaskedBy,
} from './public-page.ts';
import { owedByUnapproved } from './asking.ts';
import { isUnordered, whyForPerson } from './trying-again.ts';
import { clockTime } from '../texts/text.ts';

/** When the next update of a page is to be written: early enough for a person to read it, where one must. */
function updateAt(ground: Ground, page: PublicPage): Instant | null {
  const at = awaitedAt(ground, awaitedOn(page));
  return at === null ? null : at - leadOf(ground, page.target, at);
}

/**
 * A draft that waits for a person: they are asked again before it is late, and before the page is to hear what it promises.
 * Of any other it is owed that they are asked where it needs them since; that it is late is its page's to say.
 */
export function owedByDraft(ground: Ground, draft: DraftPost): Owed {
  switch (draft.state) {
    case 'published':
    case 'withdrawn':
      return nothing(`it is ${draft.state}`);
    case 'queued':
    case 'unknown':
    case 'failed':
      return owedByUnapproved(ground, draft);
    case 'waiting': {
      const page = ground.state.publicPages[draft.target];
      const tick = page === undefined || page.published === null ? null : updateAt(ground, page);
      const moments = [remindAt(ground, draft), tick].filter((at) => at !== null);
      const next = moments.filter((at) => at > draft.askedAt);
      if (next.length === 0) return nothing('a person was asked');
      return {
        clock: { kind: 'approval', draft: draft.id },
        what: `people are asked again to approve public post ${draft.id} (${draft.status}) on ${draft.target}`,
        dueAt: Math.min(...next),
      };
    }
  }
}

/** When the page breaks a promise that no word about the late post has spoken of yet; null: it promises nothing, or one has. */
function promiseToSay({ state }: Ground, { target, promisedAt }: PublicPage): Instant | null {
  const saidAt = state.alarms[encodeAlarm(publicAlarm(target))]?.saidAt ?? 0;
  return promisedAt !== null && promisedAt > saidAt ? promisedAt : null;
}

/** A page that shows what is over, whatever keeps its last post from it: people are alarmed until it is closed. */
function owedByLeftOpen(ground: Ground, { target }: PublicPage): Owed {
  const unless = `unless somebody has closed on ${target} what it shows`;
  return (
    underAlarm(ground, publicAlarm(target), `the alarm again, ${unless}`) ?? {
      clock: { kind: 'late', target },
      what: `an alarm, ${unless}`,
      dueAt: ground.state.lastEventAt,
    }
  );
}

/** A page with something unsent: late, a person is alarmed. */
export function owedByUnsent(ground: Ground, page: PublicPage): Owed {
  const { state } = ground;
  const { target } = page;
  if (isLeftOpen(ground, page)) return owedByLeftOpen(ground, page);
  const barred = barredFromPublic(ground);
  if (barred !== null) return nothing(barred);
  const draft = pendingOn(ground, target).at(-1);
  if (draft === undefined) return nothing('nothing waits to be sent');
  const overtaken = overtakenBy(ground, draft);
  if (overtaken !== null) return nothing(`${draft.id} is not wanted any more: ${overtaken}`);
  const other = page.ref === null ? mayBeThere(ground, target) : null;
  if (other !== null && other.id !== draft.id && other.finds > 0)
    return nothing(`${other.id} may be there, and the alarm about it stands for ${draft.id} too`);
  const unless = `unless public post ${draft.id} (${draft.status}) is on ${target}`;
  const dueAt = lateFrom(ground, draft);
  const alarmed = underAlarm(ground, publicAlarm(target), `the alarm again, ${unless}`);
  // An alarm about an earlier draft of the page does not stand for this one.
  const isSaid =
    draft.state === 'failed' ||
    (state.alarms[encodeAlarm(publicAlarm(target))]?.saidAt ?? 0) >= dueAt;
  const clock = { kind: 'late', target } as const;
  if (alarmed === null || !isSaid) return { clock, what: `an alarm, ${unless}`, dueAt };
  const brokenAt = draft.state === 'failed' ? null : promiseToSay(ground, page);
  return brokenAt !== null && brokenAt < alarmed.dueAt
    ? {
        clock,
        what: `the alarm again, for the page breaks its promise, ${unless}`,
        dueAt: brokenAt,
      }
    : alarmed;
}

/** The rejected draft's clock goes on and asks for another text. */
function afterRejection(ground: Ground, page: PublicPage): Instant | null {
  const { rejected } = page;
  if (rejected === null) return null;
  const soonest = rejected.at + GRACE_AUTOMATIC_MS;
  if (page.published !== null)
    return Math.max(soonest, updateAt(ground, page) ?? rejected.at + GRACE_DEFAULT_MS);
  const dueAt = postDueAt(ground, rejected.anchor);
  return Math.max(soonest, dueAt - leadWithin(dueAt - rejected.anchor.since));
}

/** A repeat that failed waits for a person under its alarm, and the page hears what is next by its cadence. */
function afterFailure(ground: Ground, failed: DraftPost): Instant | null {
  const every = everyMs(ground, failed.draftedAt);
  return every === null ? null : failed.draftedAt + every;
}

/** What a reload says of its flags: the incident takes it in, and with it what it says of components in public. */
export function owedByFlags(ground: Ground): Owed {
  const { state } = ground;
  const isShown = Object.values(state.publicPages).some((page) => isLeftOpen(ground, page));
  if (state.phase === 'closed' && !isShown) return nothing('it is closed');
  const flags = flagsToTakeIn(ground);
  if (flags === null) return nothing('its flags say what they said');
  const names = Object.keys(flags).join(', ');
  return {
    clock: { kind: 'flags' },
    what: `what the configuration says now of ${names} is taken in`,
    dueAt: state.lastEventAt,
  };
}

/**
 * News that failed goes before every repeat: its order sends it again, or looks for it, by the times of the outbox; what has
 * none gets one. Whether a page is asked or a person decides, it stands under its alarm, and an order that is gone is missed
 * whenever that is said again.
 */
function owedByFailedNews(ground: Ground, draft: DraftPost): Owed {
  const { id, status, target } = draft;
  const why = unaskedBy(ground, draft) === null ? whyForPerson(ground, draft) : null;
  if (draft.finds === 0 && why !== null) return nothing(`a person decides about ${id}: ${why}`);
  if (!isUnordered(ground, draft)) return nothing(`the outbox asks ${target} again for ${id}`);
  const failure = ground.state.publicPages[target]?.failure;
  // A page that was off takes it once it is live; what we did not send may fare no better now.
  const waitMs = failure?.why.kind === 'off' ? GRACE_AUTOMATIC_MS : GRACE_DEFAULT_MS;
  return {
    clock: { kind: 'update', target },
    what: `public post ${id} (${status}) is sent to ${target} again`,
    dueAt: (failure?.at ?? draft.draftedAt) + waitMs,
  };
}

/** What the page must hear next. */
export function owedByPublicPage(ground: Ground, page: PublicPage): Owed {
  const { state } = ground;
  const { target } = page;
  const doubt = inDoubt(ground, target);
  const off = switchedOff(ground, target);
  const isStopped = doubt !== null || pendingOn(ground, target).at(-1)?.state === 'failed';
  if (off !== null && isStopped) return nothing(`${off}, and its alarm stands`);
  if (doubt !== null && overtakenBy(ground, doubt) !== null)
    return nothing(`${doubt.id} may be on ${target}, and the outbox looks for it again`);
  const barred = barredFromPublic(ground);
  if (barred !== null) return nothing(barred);
  const failed = failedNews(ground, target);
  if (failed !== null) return owedByFailedNews(ground, failed);
  if (isOver(state)) return nothing(`the incident is ${state.phase}`);
  switch (page.published) {
    case 'resolved':
      return owedByReopenedPage(ground, page);
    case null:
    case 'investigating':
    case 'identified':
    case 'monitoring':
      return owedByCadence(ground, page);
  }
}

/** The page says that it is over, and it goes on: the public hears so, and no repeat of what it was told before. */
function owedByReopenedPage(ground: Ground, { target, rejected }: PublicPage): Owed {
  const { state, level } = ground;
  const off = switchedOff(ground, target);
  if (off !== null) return nothing(off);
  if (state.declaredAt === null || level?.public == null)
    return nothing('the page says resolved, and nothing more is asked for');
  const last = pendingOn(ground, target).at(-1);
  if (last !== undefined) return nothing(`public post ${last.id} follows`);
  return {
    clock: { kind: 'update', target },
    what: `the news that it goes on is written for ${target}, which says resolved`,
    dueAt: rejected === null ? state.lastEventAt : rejected.at + GRACE_DEFAULT_MS,
  };
}

/** The next update of a page that does not say that it is over. */
function owedByCadence(ground: Ground, page: PublicPage): Owed {
  const { target } = page;
  const last = pendingOn(ground, target).at(-1);
  if (last !== undefined && last.state !== 'failed') return nothing('an update is on its way');
  const clock = { kind: 'update', target } as const;
  const promise =
    page.promisedAt === null
      ? ''
      : ` (promised for ${clockTime(page.promisedAt, ground.policy.timezone)})`;
  const again = afterRejection(ground, page);
  if (again !== null)
    return { clock, what: `another text for ${target} is written${promise}`, dueAt: again };
  if (page.published === null) return nothing('nothing was said there yet, and nothing is due');
  const dueAt = last === undefined ? updateAt(ground, page) : afterFailure(ground, last);
  if (dueAt !== null)
    return { clock, what: `the next update on ${target} is written${promise}`, dueAt };
  return page.promisedAt === null || last !== undefined
    ? nothing('it hears of changes only')
    : gap(
        ground,
        { axis: 'public_page', id: target },
        `the next update on ${target} is promised and has no time`,
      );
}
