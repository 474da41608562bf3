/**
 * Plays Statuspage: one account, one page. As strict as the corrected specification of https://developer.statuspage.io;
 * it remembers incidents, their updates and the states of components.
 */
import type {
  StandIn,
  StandInRequest,
  StandInResponse,
  StandInSeed,
  StandInStep,
  Truth,
} from '../../src/contract/index.ts';
import { applied, created, incidentAnswer } from './stand-in-incident.ts';
import type { PageState } from './stand-in-incident.ts';
import { creationProblems, patchProblems, readBody } from './stand-in-request.ts';

interface State extends PageState {
  readonly key: string;
  /** Instants of the requests of the last minute, for the rate limit. */
  readonly calls: readonly number[];
}

interface Answer {
  readonly response: StandInResponse;
  readonly page: PageState;
  readonly truth: readonly Truth[];
}

/** "1 request / second as measured on a 60 second rolling window" (introduction, Rate Limiting). */
const WINDOW_MS = 60_000;
const CALLS_MAX = 60;

function refused(page: PageState, status: number, error: unknown): Answer {
  return { response: { status, body: { error } }, page, truth: [] };
}

function read(page: PageState, body: unknown): Answer {
  return { response: { status: 200, body }, page, truth: [] };
}

const NOT_FOUND = 'The requested resource could not be found.';

function create(page: PageState, request: StandInRequest, now: number): Answer {
  const body = readBody(request);
  if (!body.ok) return refused(page, body.status, body.error);
  const problems = creationProblems(body.incident, page.components);
  if (problems.length > 0) return refused(page, 422, problems);
  const next = created(page, body.incident, now);
  return {
    response: { status: 201, body: incidentAnswer(next.page, next.incident) },
    page: next.page,
    truth: [next.truth],
  };
}

function patch(
  page: PageState,
  id: string,
  { request, now }: { readonly request: StandInRequest; readonly now: number },
): Answer {
  const existing = page.incidents.find((incident) => incident.id === id);
  if (existing === undefined) return refused(page, 404, NOT_FOUND);
  const body = readBody(request);
  if (!body.ok) return refused(page, body.status, body.error);
  const problems = patchProblems(body.incident, page.components);
  if (problems.length > 0) return refused(page, 422, problems);
  const next = applied(page, existing, { fields: body.incident, now });
  return {
    response: { status: 200, body: incidentAnswer(next.page, next.incident) },
    page: next.page,
    truth: next.truth,
  };
}

/** A number from the query, or the default; lists are paged from 1. */
function numberOf(request: StandInRequest, name: string, otherwise: number): number {
  const value = Number(request.query[name] ?? otherwise);
  return Number.isSafeInteger(value) && value > 0 ? value : otherwise;
}

function rows<T>(request: StandInRequest, all: readonly T[], sizeName: string): readonly T[] {
  // "The default and maximum limit is 100" (lists of incidents and of components).
  const size = Math.min(numberOf(request, sizeName, 100), 100);
  const from = (numberOf(request, 'page', 1) - 1) * size;
  return all.slice(from, from + size);
}

function incidentList(page: PageState, request: StandInRequest): Answer {
  const query = request.query['q'];
  const words = typeof query === 'string' ? query.toLowerCase() : '';
  const matching = page.incidents.filter((incident) =>
    [incident.name, incident.status, ...incident.updates.map(({ body }) => body)].some((text) =>
      text.toLowerCase().includes(words),
    ),
  );
  return read(
    page,
    rows(request, matching.toReversed(), 'limit').map((incident) => incidentAnswer(page, incident)),
  );
}

function unresolvedList(page: PageState, request: StandInRequest): Answer {
  const open = page.incidents.filter(({ status }) => status !== 'resolved').toReversed();
  return read(
    page,
    rows(request, open, 'per_page').map((incident) => incidentAnswer(page, incident)),
  );
}

function oneIncident(page: PageState, id: string): Answer {
  const incident = page.incidents.find((candidate) => candidate.id === id);
  return incident === undefined
    ? refused(page, 404, NOT_FOUND)
    : read(page, incidentAnswer(page, incident));
}

function componentList(page: PageState, request: StandInRequest): Answer {
  const all = page.components.map((component, i) => ({
    ...component,
    page_id: page.id,
    group_id: null,
    group: false,
    description: null,
    position: i + 1,
    showcase: true,
    only_show_if_degraded: false,
  }));
  return read(page, rows(request, all, 'per_page'));
}

function routed(page: PageState, request: StandInRequest, now: number): Answer {
  const [root, pageId, collection, id, ...rest] = request.path.split('/').slice(2);
  const { method } = request;
  const isKnown =
    request.path.startsWith('/v1/') && root === 'pages' && pageId === page.id && rest.length === 0;
  if (!isKnown) return refused(page, 404, NOT_FOUND);
  if (method === 'GET' && collection === undefined)
    return read(page, { id: page.id, name: page.name, time_zone: 'UTC' });
  if (method === 'GET' && collection === 'components' && id === undefined)
    return componentList(page, request);
  if (collection !== 'incidents') return refused(page, 404, NOT_FOUND);
  if (method === 'POST' && id === undefined) return create(page, request, now);
  if (method === 'GET' && id === undefined) return incidentList(page, request);
  if (method === 'GET' && id === 'unresolved') return unresolvedList(page, request);
  if (method === 'GET' && id !== undefined) return oneIncident(page, id);
  if (method === 'PATCH' && id !== undefined) return patch(page, id, { request, now });
  return refused(page, 404, NOT_FOUND);
}

function initial(seed: StandInSeed): State {
  const { page_id: id, api_key: key } = seed.target;
  if (typeof id !== 'string' || typeof key !== 'string')
    throw new Error('a statuspage target has page_id and api_key');
  return {
    id,
    name: `Status page ${id}`,
    key,
    calls: [],
    incidents: [],
    components: seed.components.map((component) => ({
      id: component.id,
      name: component.name,
      status: 'operational',
    })),
  };
}

function handle(
  state: State,
  request: StandInRequest,
  now: number,
): StandInStep<State> & { readonly response: StandInResponse } {
  // "Authorization: OAuth <key>" (introduction, Authentication).
  if (request.headers['authorization'] !== `OAuth ${state.key}`)
    return {
      state,
      truth: [],
      webhooks: [],
      response: { status: 401, body: { error: 'Could not authenticate' } },
    };
  const recent = state.calls.filter((at) => at > now - WINDOW_MS);
  if (recent.length >= CALLS_MAX)
    return {
      state: { ...state, calls: recent },
      truth: [],
      webhooks: [],
      response: {
        status: 420,
        body: { error: 'Too many requests: 1 request per second, measured over 60 seconds' },
      },
    };
  const { response, page, truth } = routed(state, request, now);
  return { state: { ...state, ...page, calls: [...recent, now] }, truth, webhooks: [], response };
}

export const statuspageStandIn: StandIn<State> = {
  name: 'statuspage',
  urls: { base_url: '/v1' },
  initial,
  handle,
};
