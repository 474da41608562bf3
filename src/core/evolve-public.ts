/** The part of the fold about public posts, audiences and messages. */
import type { IncidentEvent } from './event.ts';
import type { DraftPost, Incident, PublicPage } from './incident.ts';

/** The state after the event, or null when the event is about something else. */
export function evolvePublic(state: Incident, event: IncidentEvent): Incident | null {
  switch (event.type) {
    case 'PublicClockStarted':
      return clockStarted(state, event.target, event.from);
    case 'PostDrafted':
      return { ...state, drafts: { ...state.drafts, [event.draft.id]: event.draft } };
    case 'PostApproved':
      return draft(state, event.draft, {
        state: 'queued',
        approvedBy: event.actor.kind === 'person' ? event.actor.id : 'machine',
      });
    case 'PostRejected':
    case 'PostWithdrawn':
      return draft(state, event.draft, { state: 'withdrawn' });
    case 'PostUnknown':
      return draft(state, event.draft, {
        state: 'unknown',
        finds: event.finds,
        resends: event.resends,
      });
    case 'PostFailed':
      return draft(state, event.draft, { state: 'failed' });
    case 'PostPublished':
      return published(state, event);
    case 'AudienceInformed':
      return {
        ...state,
        audiences: {
          ...state.audiences,
          [event.audience]: { audience: event.audience, lastAt: event.at, nextAt: event.nextAt },
        },
      };
    case 'MessagePosted':
      return event.ref === null
        ? state
        : { ...state, messages: { ...state.messages, [event.about]: event.ref } };
    default:
      return null;
  }
}

function clockStarted(state: Incident, target: string, from: number): Incident {
  const old = state.publicPages[target];
  const fresh: PublicPage = {
    target,
    published: null,
    ref: null,
    publishedAt: null,
    firstPublishedAt: null,
    promisedAt: null,
    components: {},
    clockFrom: from,
    round: 1,
  };
  const next = old === undefined ? fresh : { ...old, clockFrom: from };
  return { ...state, publicPages: { ...state.publicPages, [target]: next } };
}

function draft(state: Incident, id: string, change: Partial<DraftPost>): Incident {
  const old = state.drafts[id];
  if (old === undefined) throw new Error(`${state.id} has no draft ${id}`);
  return { ...state, drafts: { ...state.drafts, [id]: { ...old, ...change } } };
}

function published(
  state: Incident,
  event: Extract<IncidentEvent, { type: 'PostPublished' }>,
): Incident {
  const next = draft(state, event.draft, { state: 'published' });
  const post = next.drafts[event.draft];
  const page = post === undefined ? undefined : next.publicPages[post.target];
  if (post === undefined || page === undefined)
    throw new Error(`${state.id} published ${event.draft} to an unknown page`);
  const after: PublicPage = {
    ...page,
    published: post.status,
    ref: event.ref ?? page.ref,
    publishedAt: event.at,
    firstPublishedAt: page.firstPublishedAt ?? event.at,
    promisedAt: post.nextUpdateAt,
    components: post.status === 'resolved' ? {} : { ...page.components, ...post.components },
  };
  return { ...next, publicPages: { ...next.publicPages, [post.target]: after } };
}
