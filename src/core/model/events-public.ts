/** Events about what people are told: public posts, audiences, notices, the room. */
import { alarmText, appended, peopleText, unchanged } from './event-entry.ts';
import type { EventEntries, EventEntry } from './event-entry.ts';
import type { EventOf, EventType } from './event.ts';
import type { MessageAbout } from './effect.ts';
import type { Instant } from './alert.ts';
import {
  isOver,
  saysItGoesOn,
  type DraftPost,
  type Incident,
  type PublicPage,
} from './incident.ts';
import { encodeNotice } from './keys.ts';

function entry<T extends EventType>(one: EventEntry<T>): EventEntry<T> {
  return one;
}

function changeDraft(state: Incident, id: string, change: Partial<DraftPost>): Incident {
  const old = state.drafts[id];
  if (old === undefined) throw new Error(`${state.id} has no draft ${id}`);
  return { ...state, drafts: { ...state.drafts, [id]: { ...old, ...change } } };
}

function changePublicPage(state: Incident, target: string, change: Partial<PublicPage>): Incident {
  const old = state.publicPages[target];
  if (old === undefined) throw new Error(`${state.id} owes nothing to ${target}`);
  return { ...state, publicPages: { ...state.publicPages, [target]: { ...old, ...change } } };
}

const FRESH: Omit<PublicPage, 'target'> = {
  published: null,
  ref: null,
  url: null,
  publishedAt: null,
  promisedAt: null,
  components: {},
  raisedAt: null,
  rejected: null,
  failure: null,
};

/** Without those that work. */
function broken(components: PublicPage['components']): PublicPage['components'] {
  return Object.fromEntries(
    Object.entries(components).filter(([, status]) => status !== 'operational'),
  );
}

function published(state: Incident, event: EventOf<'PostPublished'>): Incident {
  const { components } = event;
  const next = changeDraft(state, event.draft, { state: 'published', components });
  const post = next.drafts[event.draft];
  const page = post === undefined ? undefined : next.publicPages[post.target];
  if (post === undefined || page === undefined)
    throw new Error(`${state.id} published ${event.draft} to an unknown page`);
  return changePublicPage(next, post.target, {
    published: post.status,
    ref: event.ref ?? page.ref,
    url: event.url ?? page.url,
    publishedAt: event.at,
    promisedAt: post.nextUpdateAt,
    // Only what was taken back is forgotten.
    components: broken({ ...page.components, ...components }),
    raisedAt: null,
    rejected: null,
    failure: null,
  });
}

function rejected(state: Incident, event: EventOf<'PostRejected'>): Incident {
  const next = changeDraft(state, event.draft, { state: 'withdrawn' });
  const draft = next.drafts[event.draft];
  const page = draft === undefined ? undefined : next.publicPages[draft.target];
  if (draft === undefined || page === undefined) return next;
  const noted = { rejected: { at: event.at, anchor: draft.anchor } };
  if (!event.closed || !saysItGoesOn(page)) return changePublicPage(next, page.target, noted);
  const closed = closedByHand(event.at);
  // While it goes on, another text is asked for as after any rejection.
  return changePublicPage(next, page.target, isOver(state) ? closed : { ...closed, ...noted });
}

/** What a page reads that a person has closed there, and its components with it. */
function closedByHand(at: Instant): Partial<PublicPage> {
  return {
    published: 'resolved',
    publishedAt: at,
    promisedAt: null,
    raisedAt: null,
    components: {},
    rejected: null,
    failure: null,
  };
}

function failed(state: Incident, event: EventOf<'PostFailed'>): Incident {
  const next = changeDraft(state, event.draft, { state: 'failed' });
  const draft = next.drafts[event.draft];
  if (draft === undefined) return next;
  const { at, why } = event;
  return changePublicPage(next, draft.target, { failure: { at, draft: draft.id, why } });
}

const postEvents = {
  PublicClockStarted: entry<'PublicClockStarted'>({
    fold: (state, event) =>
      state.publicPages[event.target] === undefined
        ? {
            ...state,
            publicPages: {
              ...state.publicPages,
              [event.target]: { target: event.target, ...FRESH },
            },
          }
        : state,
    says: ({ target }) => `From now on ${target} is kept informed.`,
  }),
  PostDrafted: entry<'PostDrafted'>({
    fold: (state, event) => ({
      ...changePublicPage(state, event.draft.target, { rejected: null }),
      drafts: { ...state.drafts, [event.draft.id]: event.draft },
    }),
    says: ({ draft }) => {
      const waits = draft.approval === 'required' ? '; it waits for approval' : '';
      return `Public post ${draft.id} (${draft.status}) drafted for ${draft.target}${waits}: "${draft.body}"`;
    },
  }),
  ApprovalAsked: entry<'ApprovalAsked'>({
    fold: (state, event) =>
      changeDraft(state, event.draft, { askedAt: event.at, approval: 'required' }),
    says: ({ draft }) => `Approval of public post ${draft} was asked for.`,
  }),
  PostTriedAgain: entry<'PostTriedAgain'>({
    fold: (state, event) => changeDraft(state, event.draft, { state: 'queued' }),
    says: ({ draft }) => `Public post ${draft} is tried again.`,
  }),
  PostApproved: entry<'PostApproved'>({
    fold: (state, event) =>
      changeDraft(state, event.draft, {
        // What may be there is looked for all the same.
        state: state.drafts[event.draft]?.state === 'unknown' ? 'unknown' : 'queued',
        approvedBy: event.actor.kind === 'person' ? event.actor.id : 'machine',
        approvedAt: event.at,
        // Who approves it wants it sent if it is missing, however often it was sent before.
        resends: 0,
      }),
    says: ({ draft }) => `Public post ${draft} approved.`,
  }),
  PostRejected: entry<'PostRejected'>({
    fold: rejected,
    says: ({ draft, reason, closed }) =>
      `Public post ${draft} rejected: ${reason}.${closed ? ' Its page was closed by hand.' : ''}`,
  }),
  PostWithdrawn: entry<'PostWithdrawn'>({
    fold: (state, event) => changeDraft(state, event.draft, { state: 'withdrawn' }),
    says: ({ draft, because }) => `Public post ${draft} withdrawn: ${because}.`,
  }),
  PostUnknown: entry<'PostUnknown'>({
    fold: (state, event) =>
      changeDraft(state, event.draft, {
        state: 'unknown',
        finds: event.finds,
        resends: event.resends,
      }),
    says: ({ draft, detail }) =>
      `Whether public post ${draft} arrived is unknown (${detail}); it is looked up at the vendor.`,
  }),
  PostPublished: entry<'PostPublished'>({
    fold: published,
    says: ({ draft, ref, shownOtherwise }) => {
      if (ref === null) return `Public post ${draft} is recorded, not sent.`;
      const others = Object.entries(shownOtherwise).map(
        ([component, status]) =>
          ` The page shows ${component} as ${status}, as another incident says.`,
      );
      return `Public post ${draft} is published.${others.join('')}`;
    },
  }),
  PostFailed: entry<'PostFailed'>({
    fold: failed,
    says: ({ draft, reason, hint }) => `Public post ${draft} failed: ${reason}. ${hint}`,
  }),
};

/** What a message was for, in words. */
function aboutText(about: MessageAbout): string {
  switch (about.kind) {
    case 'update':
      return about.person === null
        ? `update for ${about.audience}`
        : `update for ${about.audience} to ${about.person}`;
    case 'notice':
      return `notice of ${about.notice.level} to ${about.person}`;
    case 'approval':
      return `approval of ${about.draft}`;
    case 'alarm':
      return `alarm "${alarmText(about.alarm)}"`;
    case 'response':
      return `time to ${about.response}`;
    case 'held':
      return `what trigger "${about.trigger}" saw`;
    case 'role':
      return `who is ${about.role}`;
    case 'answers':
      return `answers at ${about.target}`;
    case 'public_stopped':
      return `public posts on ${about.target} are stopped`;
    default:
      return about.kind.replaceAll('_', ' ');
  }
}

const insideEvents = {
  AudienceInformed: entry<'AudienceInformed'>({
    fold: (state, event) => {
      const before = state.audiences[event.audience];
      return {
        ...state,
        audiences: {
          ...state.audiences,
          [event.audience]: {
            audience: event.audience,
            since: before?.since ?? event.at,
            reached: before?.reached ?? false,
            lastAt: event.at,
            cadence: event.cadence,
          },
        },
      };
    },
    // Nothing was said to those who are told on the hour, or by the first message of the room.
    says: ({ audience, text }) =>
      text === ''
        ? `The updates for ${audience} begin; nothing was said to it yet.`
        : `Update for ${audience}: ${text}`,
  }),
  AudienceReached: entry<'AudienceReached'>({
    fold: (state, event) => {
      const told = state.audiences[event.audience];
      return told === undefined
        ? state
        : {
            ...state,
            audiences: { ...state.audiences, [event.audience]: { ...told, reached: true } },
          };
    },
    // Its target may only have recorded it.
    says: ({ audience }) => `The first update to ${audience} is done.`,
  }),
  PeopleNotified: entry<'PeopleNotified'>({
    fold: (state, event) => ({
      ...state,
      notices: {
        ...state.notices,
        [encodeNotice(event.notice)]: {
          key: event.notice,
          at: event.at,
          people: event.people,
          told: [],
          withinMs: event.withinMs,
        },
      },
    }),
    says: ({ people, notice }) => `${peopleText(people)} are told (notice of ${notice.level}).`,
  }),
  NoticeDelivered: entry<'NoticeDelivered'>({
    fold: (state, event) => {
      const id = encodeNotice(event.notice);
      const notice = state.notices[id];
      if (notice === undefined) return state;
      const told = [...new Set([...notice.told, event.person])];
      return { ...state, notices: { ...state.notices, [id]: { ...notice, told } } };
    },
    says: ({ person, notice }) => `${person} got the notice of ${notice.level}.`,
  }),
  RoomRequested: entry<'RoomRequested'>({
    fold: (state, event) => ({
      ...state,
      room: {
        target: event.target,
        name: event.name,
        ref: null,
        state: 'opening',
        askedAt: event.at,
      },
    }),
    says: ({ name, target }) => `Room ${name} is being opened at ${target}.`,
  }),
  RoomChanged: entry<'RoomChanged'>({
    fold: (state, event) =>
      state.room === null
        ? state
        : {
            ...state,
            room: { ...state.room, state: event.state, ref: event.ref ?? state.room.ref },
          },
    says: ({ state, detail }) => `The room is ${state}${appended(detail)}.`,
  }),
  MessageFailed: entry<'MessageFailed'>({
    fold: unchanged,
    says: ({ about, reason, hint }) => `A message (${aboutText(about)}) failed: ${reason}. ${hint}`,
  }),
};

export const publicEvents = {
  ...postEvents,
  ...insideEvents,
} satisfies Partial<EventEntries<EventType>>;
