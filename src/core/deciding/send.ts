/** The last question before an effect leaves the house: do events of the meantime still want it? */
import type { Instant } from '../model/alert.ts';
import { postOf, statesToShow, unknownElsewhere } from '../publishing/components.ts';
import type { ChatEffect, Effect, PageEffect, PublishEffect } from '../model/effect.ts';
import type { DraftPost, Incident, Page, Ring } from '../model/incident.ts';
import type { Pausable } from '../model/lookups.ts';
import { isAwaitedByOthers, isShared, stateUnder } from '../paging/joining.ts';
import { LEARNED_WITHIN_MS, mayHaveAccepted } from '../paging/offers.ts';
import { type PageWords, wordsNow } from '../paging/words.ts';
import type { ComponentStatus } from '../model/policy.ts';
import {
  barredFromPublic,
  isLookedFor,
  lacksApproval,
  switchedOff,
  unaskedBy,
  waitsFor,
} from '../publishing/public-page.ts';
import { whyNotAgain } from '../publishing/trying-again.ts';
import type { Context, Look } from '../model/decision.ts';

/** What is known of an order only right before it is sent. */
export interface Continued {
  /** What it continues: a page's, public incident's or message's reference. */
  readonly ref: string | null;
  /** The room's id where the effect says `room`. */
  readonly channel: string | null;
  /** Of a public post: what the page is to show of its components. */
  readonly components: Readonly<Record<string, ComponentStatus>>;
  /** Of a page that is to ring: what the phone says, as it is now. */
  readonly words?: PageWords;
}

export type Wanted =
  | ({ readonly verdict: 'send' } & Continued)
  | { readonly verdict: 'superseded'; readonly why: string }
  | {
      readonly verdict: 'hold';
      readonly until: Instant;
      readonly why: string;
      /** The pause that holds it: its end, whenever that is, lets it go. */
      readonly pause?: Pausable;
    };

/** While something else must come first (a room, a look-up), ask again this soon. */
const HOLD_MS = 1_000;
/** While that may last, as where a page does not tell what is on it: behind its end the effect leaves this soon. */
const HOLD_AWHILE_MS = 5_000;
/** While a post that was refused may not be sent once more, ask again this soon. */
const HOLD_FAILED_MS = 60_000;

export function stillWanted(state: Incident, effect: Effect, context: Context): Wanted {
  switch (effect.name) {
    case 'pager.trigger':
    case 'pager.acknowledge':
    case 'pager.resolve':
    case 'pager.find':
    case 'pager.note':
      return page(state, effect, context);
    case 'statusPage.publish':
    case 'statusPage.find':
      return post(state, effect, context);
    default:
      return message(state, effect, context);
  }
}

function toSend(order: Partial<Continued>): Wanted {
  return { verdict: 'send', ref: null, channel: null, components: {}, ...order };
}

function superseded(why: string): Wanted {
  return { verdict: 'superseded', why };
}

function page(state: Incident, effect: PageEffect, context: Context): Wanted {
  const found = state.pages[effect.page];
  const ring = found?.rings.find((one) => one.target === effect.target && one.key === effect.key);
  if (found === undefined || ring === undefined) return superseded('the page is unknown');
  const go = toSend({ ref: ring.ref });
  switch (effect.name) {
    case 'pager.trigger': {
      const words = wordsNow({ state, ...context }, { page: found, ring });
      const rings = toSend({ ref: ring.ref, words });
      if (found.state !== 'open') return superseded(`the page is ${found.state}`);
      return paused('paging', context) ?? rings;
    }
    case 'pager.find':
    case 'pager.note':
      return found.state === 'open' ? go : superseded(`the page is ${found.state}`);
    case 'pager.acknowledge':
      return whyNotSilenced({ state, context }, found, ring) ?? go;
    case 'pager.resolve':
      if (mayTellOfAnswer({ state, context }, found, ring)) return unread(ring.target, context);
      return isShared({ state, context }, found, ring)
        ? superseded('another page rings under this key')
        : go;
  }
}

/** Once it is closed there nobody can read who had accepted by it. */
function mayTellOfAnswer(
  { state, context }: Look<'state' | 'context'>,
  page: Page,
  ring: Ring,
): boolean {
  const { lookups, now } = context;
  const askedAt = mayHaveAccepted({ state }, page)?.askedAt ?? null;
  const isUnread = lookups.unreadSince(ring) !== null;
  return isUnread && askedAt !== null && now < askedAt + LEARNED_WITHIN_MS;
}

function unread(target: string, { now }: Context): Wanted {
  const why = `${target} could not be asked yet whether it was answered in time`;
  return { verdict: 'hold', until: now + HOLD_AWHILE_MS, why };
}

/** A phone rings on while somebody is wanted by it; one that is closed falls silent by that. */
function whyNotSilenced(look: Look<'state' | 'context'>, page: Page, ring: Ring): Wanted | null {
  if (isAwaitedByOthers(look, page, ring))
    return superseded('another page under this key is not answered');
  const isClosed = stateUnder(page, ring) === 'closed' && !isShared(look, page, ring);
  return isClosed ? superseded('the page is closed, and its ring with it') : null;
}

function paused(what: 'public' | 'paging', context: Context): Wanted | null {
  const pause = context.lookups.pauses[what];
  if (pause === undefined || pause.until <= context.now) return null;
  return {
    verdict: 'hold',
    until: pause.until,
    why: `${what} is paused by ${pause.by}: ${pause.why}`,
    pause: what,
  };
}

/** Fails closed: whatever changed since the draft speaks against the post. */
function post(state: Incident, effect: PublishEffect, context: Context): Wanted {
  const draft = state.drafts[effect.draft];
  if (draft === undefined) return superseded('the draft is unknown');
  const ref = state.publicPages[effect.target]?.ref ?? null;
  if (effect.name === 'statusPage.find') return lookUp(draft, { ref, context });
  const failed = draft.state === 'failed' ? failedAgain(draft, { state, context }) : null;
  if (failed !== null) return failed;
  if (draft.state === 'published' || draft.state === 'withdrawn' || draft.state === 'waiting')
    return superseded(`the draft is ${draft.state}`);
  const barred = barredFromPublic({ state, policy: context.policy });
  if (barred !== null) return superseded(barred);
  if (lacksApproval({ state, policy: context.policy }, draft))
    return superseded('it lacks the approval it needs');
  return (
    behindAnother(state, draft, context) ??
    paused('public', context) ??
    whyEndWaits(state, draft, context) ??
    promisedPast(draft, context) ??
    toSend({ ref, components: statesToShow(postOf(state, draft), context.lookups) })
  );
}

/** It is looked for until that it is there, or that it is not, is known; a page that is switched off tells nothing. */
function lookUp(
  draft: DraftPost,
  { ref, context }: { readonly ref: string | null; readonly context: Context },
): Wanted {
  if (!isLookedFor(draft)) return superseded(`the draft is ${draft.state}`);
  const off = draft.state === 'failed' ? switchedOff(context, draft.target) : null;
  return off === null ? toSend({ ref }) : putOff(off, context);
}

/** Null: what was refused is sent once more, unless something stands against any post. */
function failedAgain(
  draft: DraftPost,
  { state, context }: { readonly state: Incident; readonly context: Context },
): Wanted | null {
  const subject = { state, policy: context.policy };
  const unasked = unaskedBy(subject, draft);
  if (unasked !== null) return superseded(unasked);
  const why = whyNotAgain(subject, draft);
  return why === null ? null : putOff(why, context);
}

/** It waits for its next try: what keeps it from its page may be over by then. */
function putOff(why: string, { now }: Context): Wanted {
  return { verdict: 'hold', until: now + HOLD_FAILED_MS, why };
}

/** Behind a post of the same page that may be there. */
function behindAnother(state: Incident, draft: DraftPost, { now }: Context): Wanted | null {
  const earlier = waitsFor({ state }, draft);
  if (earlier === null) return null;
  return earlier.state === 'unknown'
    ? {
        verdict: 'hold',
        until: now + HOLD_MS,
        why: 'an earlier post of this page is being looked up',
      }
    : {
        verdict: 'hold',
        until: now + HOLD_AWHILE_MS,
        why: `${earlier.id} may be on this page, and nobody can tell`,
      };
}

/** Held back until its promise has passed, it is written with another one. */
function promisedPast({ nextUpdateAt }: DraftPost, { now }: Context): Wanted | null {
  const isPast = nextUpdateAt !== null && nextUpdateAt <= now;
  return isPast ? superseded('what it promises has passed') : null;
}

/** Arriving before a post of another incident that is being looked up, an end could leave what that one says for good. */
function whyEndWaits(state: Incident, draft: DraftPost, { now, lookups }: Context): Wanted | null {
  // One that is unknown itself is not held: two of them would wait for each other.
  if (draft.status !== 'resolved' || draft.state === 'unknown') return null;
  const other = unknownElsewhere(postOf(state, draft), lookups);
  if (other === null) return null;
  const why = `a post of ${other} about the same component is being looked up`;
  return { verdict: 'hold', until: now + HOLD_MS, why };
}

function message(state: Incident, effect: ChatEffect, context: Context): Wanted {
  const ref = effect.message;
  if (effect.channel !== 'room') return toSend({ ref, channel: effect.channel });
  const { room } = state;
  if (room === null || room.state === 'archived') return superseded('there is no room any more');
  if (room.state === 'opening')
    return { verdict: 'hold', until: context.now + HOLD_MS, why: 'the room is being opened' };
  if (room.state === 'open' && room.ref !== null) return toSend({ ref, channel: room.ref });
  const home =
    context.policy.teams[state.routing.team]?.chat ?? context.policy.automation.alarm.chat;
  if (home === null || home.target !== effect.target)
    return superseded('the room could not be opened');
  return toSend({ ref, channel: home.channel });
}
