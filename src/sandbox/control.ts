/** The sandbox's own endpoints: the truth, the faults, answering pages, the clock, and the page that shows it all. */
import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import { isoOf, isRecord } from '../contract/index.ts';
import { readFields } from '../lib/fields.ts';
import { ICON, SCRIPT, STYLE } from './assets.ts';
import type { SandboxClock, SteppedClock } from './clock.ts';
import { advanceBody, answerBody, faultBody, liftBody } from './control-bodies.ts';
import { foreignness, openEvents, pageAnswers, readBody } from './http.ts';
import type { PageVisit } from './http.ts';
import type { OwnSegment } from './mounts.ts';
import { renderPage } from './page.ts';
import { truthDocument } from './truth.ts';
import { unknownTarget, whyNotPlayed } from './world.ts';
import type { World } from './world.ts';

export interface Control {
  serve(visit: PageVisit): void;
  /** Ends the streams of events. */
  close(): void;
}

interface Endpoints {
  readonly world: World;
  readonly clock: SandboxClock;
  readonly stepped: SteppedClock | null;
  readonly streams: Set<ServerResponse>;
  readonly changed: () => void;
}

type OwnPath = '/' | `/${OwnSegment}` | '/clock/advance';
type Handler = (endpoints: Endpoints, visit: PageVisit) => void | Promise<void>;

const ROUTES: Readonly<Record<OwnPath, Readonly<Partial<Record<string, Handler>>>>> = {
  '/': { GET: getPage },
  '/page.css': { GET: asset('text/css; charset=utf-8', STYLE) },
  '/page.js': { GET: asset('text/javascript; charset=utf-8', SCRIPT) },
  '/icon.svg': { GET: asset('image/svg+xml', ICON) },
  '/events': { GET: getEvents },
  '/truth': { GET: getTruth },
  '/faults': { GET: getFaults, POST: postFault, DELETE: deleteFaults },
  '/answer': { POST: postAnswer },
  '/clock': { GET: getClock },
  '/clock/advance': { POST: postAdvance },
};

export function createControl(world: World, clock: SandboxClock | SteppedClock): Control {
  const streams = new Set<ServerResponse>();
  let isTelling = false;
  /** One event for everything that changed in a turn. */
  function changed(): void {
    if (isTelling || streams.size === 0) return;
    isTelling = true;
    clock.soon(() => {
      isTelling = false;
      for (const stream of streams) stream.write('event: changed\ndata: {}\n\n');
    });
  }
  world.onChange(changed);
  const endpoints = {
    world,
    clock,
    stepped: 'advanceBy' in clock ? clock : null,
    streams,
    changed,
  };
  return {
    serve: (visit) => void serve(endpoints, visit),
    close() {
      for (const stream of streams) stream.end();
    },
  };
}

async function serve(endpoints: Endpoints, visit: PageVisit): Promise<void> {
  const { request, response, url } = visit;
  const foreign = foreignness(request);
  if (foreign !== null) return pageAnswers.problem(response, { status: 403, detail: foreign });
  const methods = isOwnPath(url.pathname) ? ROUTES[url.pathname] : null;
  if (methods === null)
    return pageAnswers.problem(response, {
      status: 404,
      detail: notFound(endpoints.world, url.pathname),
    });
  const handler = methods[request.method ?? 'GET'];
  if (handler !== undefined) return handler(endpoints, visit);
  const allow = Object.keys(methods).join(', ');
  pageAnswers.problem(response, { status: 405, detail: `Only ${allow} here.`, headers: { allow } });
}

function isOwnPath(path: string): path is OwnPath {
  return Object.hasOwn(ROUTES, path);
}

function notFound(world: World, path: string): string {
  const mounts = world.mounted
    .map(({ mount, account }) => `${mount} (${account.vendor})`)
    .join(', ');
  return `There is nothing at ${path}. Accounts are played at ${mounts}; the sandbox itself answers at ${Object.keys(ROUTES).join(', ')}.`;
}

function asset(type: string, body: string): Handler {
  return (_endpoints, { response }) => pageAnswers.send(response, { type, body });
}

function getPage({ world, clock, stepped }: Endpoints, { response }: PageVisit): void {
  const accounts = world.mounted.map(({ account, mount }) => ({
    target: account.target,
    vendor: account.vendor,
    mount,
    canAnswer: account.canAnswer,
    canRefuseAddress: account.canRefuseAddress,
    components: account.seed.components.map(({ name }) => name),
  }));
  const now = clock.now();
  const page = renderPage({
    now,
    accounts,
    isStepped: stepped !== null,
    nextAt: stepped?.nextAt() ?? null,
    truth: world.truth(),
    faults: world.faults(),
    deliveries: world.deliveries(),
  });
  pageAnswers.send(response, { type: 'text/html; charset=utf-8', body: page });
}

function getEvents({ streams }: Endpoints, { response }: PageVisit): void {
  openEvents(response);
  streams.add(response);
  response.once('close', () => streams.delete(response));
}

function getTruth({ world }: Endpoints, { response }: PageVisit): void {
  pageAnswers.json(response, truthDocument(world.truth()));
}

function getFaults({ world }: Endpoints, { response }: PageVisit): void {
  pageAnswers.json(response, { faults: world.faults() });
}

/**
 * Reads and checks the body; the problem is sent already where the result is null.
 * @param instead what stands for an empty body
 */
async function bodyOf<T>(
  { request, response }: PageVisit,
  schema: z.ZodType<T>,
  instead: object = {},
): Promise<{ body: T; isForm: boolean } | null> {
  const read = await readBody(request);
  if (read === null) return null;
  if (!read.ok) {
    pageAnswers.problem(response, { status: read.status, detail: read.detail });
    return null;
  }
  const checked = readFields(schema, isEmpty(read.value) ? instead : read.value, 'body');
  if (checked.ok) return { body: checked.value, isForm: read.isForm };
  pageAnswers.problem(response, { status: 400, detail: checked.detail, errors: checked.errors });
  return null;
}

/** A form of the page without script comes back to the page. */
function done({ response }: PageVisit, isForm: boolean, value: unknown): void {
  if (isForm)
    pageAnswers.send(response, {
      status: 303,
      type: 'text/plain',
      body: '',
      headers: { location: '/' },
    });
  else pageAnswers.json(response, value);
}

function checkTarget(world: World, target: string | undefined): string | null {
  const accounts = world.mounted.map(({ account }) => account);
  return target === undefined || accounts.some((one) => one.target === target)
    ? null
    : unknownTarget(target, accounts);
}

async function postFault({ world, clock }: Endpoints, visit: PageVisit): Promise<void> {
  const order = await bodyOf(visit, faultBody(clock.now()));
  if (order === null) return;
  const refused = whyNotPlayed(
    order.body,
    world.mounted.map(({ account }) => account),
  );
  if (refused !== null) return sendFieldProblem(visit, refused.field, refused.detail);
  done(visit, order.isForm, world.setFault(order.body));
}

function sendFieldProblem({ response }: PageVisit, field: string, detail: string): void {
  pageAnswers.problem(response, { status: 400, detail, errors: [{ field, message: detail }] });
}

async function deleteFaults({ world }: Endpoints, visit: PageVisit): Promise<void> {
  const named = Object.fromEntries(visit.url.searchParams);
  const scope = await bodyOf(visit, liftBody, named);
  if (scope === null) return;
  const unknown = checkTarget(world, scope.body.target);
  if (unknown !== null) return sendFieldProblem(visit, 'target', unknown);
  done(visit, scope.isForm, { cleared: world.clearFaults(scope.body) });
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

async function postAnswer({ world }: Endpoints, visit: PageVisit): Promise<void> {
  const order = await bodyOf(visit, answerBody);
  if (order === null) return;
  const result = world.answer(order.body);
  if (result.ok) return done(visit, order.isForm, { changes: result.changes });
  if (result.reason === 'nothing_rings')
    return pageAnswers.problem(visit.response, { status: 409, detail: result.detail });
  sendFieldProblem(visit, order.body.target === undefined ? 'vendor' : 'target', result.detail);
}

function clockDocument({ clock, stepped }: Endpoints): object {
  const at = clock.now();
  const next = stepped?.nextAt() ?? null;
  return {
    time: isoOf(at),
    at,
    stepped: stepped !== null,
    next: next === null ? null : { time: isoOf(next), at: next },
  };
}

function getClock(endpoints: Endpoints, { response }: PageVisit): void {
  pageAnswers.json(response, clockDocument(endpoints));
}

async function postAdvance(endpoints: Endpoints, visit: PageVisit): Promise<void> {
  const { stepped, changed } = endpoints;
  const by = await bodyOf(visit, advanceBody);
  if (by === null) return;
  if (stepped === null)
    return pageAnswers.problem(visit.response, {
      status: 409,
      detail: 'This sandbox runs on real time; only a stepped clock can be moved.',
    });
  try {
    await stepped.advanceBy(by.body);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return pageAnswers.problem(visit.response, { status: 500, detail });
  }
  changed();
  done(visit, by.isForm, clockDocument(endpoints));
}
