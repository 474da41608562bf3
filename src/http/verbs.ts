/**
 * The routes of what people can do, made from the table of verbs: each is answered once it is decided and committed, or
 * carried out at the installation.
 */
import { z } from 'zod';
import type { Incident } from '../core/model/incident.ts';
import type { Refusal } from '../core/model/decision.ts';
import { unknownIncident } from '../core/model/unknown-incident.ts';
import type { InstallationRequests, InstallationType, Request } from '../core/verbs/table.ts';
import type { After, Fields, IncidentVerb, InstallationVerb, Verbs } from '../core/verbs/verb.ts';
import { required } from '../lib/fields.ts';
import { incidentIdOf } from '../lib/incident-id.ts';
import type { Api } from './options.ts';
import { HttpProblem } from './problem.ts';
import { DONE } from './replies.ts';
import {
  type Call,
  define,
  EMPTY,
  type Named,
  paramOf,
  type RawCall,
  type Reply,
  type HttpRoute,
  whoOf,
} from './route.ts';

const API = '/api/v1';

/** What goes wrong whatever is asked for. */
const STATUS: Readonly<Record<string, number>> = { internal: 500, idempotency_key_reused: 422 };

/** The status by what the refusal is about, and the field of the body that is to be changed; null: none of it. */
function blamed(
  { code, about = { kind: 'state' } }: Refusal,
  body: object,
): { readonly status: number; readonly field: string | null } {
  switch (about.kind) {
    case 'asker':
      return { status: 403, field: null };
    case 'field':
      return { status: 400, field: about.field ?? '' };
    case 'name':
      // What stands in the address is not there, what stands in the body is wrong.
      return Object.hasOwn(body, about.field)
        ? { status: 400, field: about.field }
        : { status: 404, field: null };
    case 'state':
      return { status: STATUS[code] ?? 409, field: null };
  }
}

/** @param problems each thing that is wrong, where the refusal is about several */
function refused(
  { problems = [], ...refusal }: Refusal & { readonly problems?: readonly string[] },
  body: object,
): HttpProblem {
  const { code, message } = refusal;
  const { status, field } = blamed(refusal, body);
  const errors =
    field === null ? problems.map((one) => ({ field: '', message: one })) : [{ field, message }];
  return new HttpProblem({
    status,
    code,
    detail: message,
    ...(errors.length === 0 ? {} : { errors }),
  });
}

/** The incident as it is since. It is done already: that it cannot be read now must not say otherwise. */
async function stateOf(api: Api, id: string): Promise<Incident | null> {
  const row = await api.reads.incident(id).catch(() => null);
  return row?.state ?? null;
}

/** How many of the pages under one key at a pager are looked through: a storm has one for each of its incidents. */
const LOOKED_AT = 20;

/** The incidents for which the objects ring besides that ring whoever asked for this one: no answer to it stops them. */
async function ringsOn(
  { reads }: Api,
  { state, by, isPerson, pauses }: Omit<After, 'ringsOnFor'>,
): Promise<readonly string[]> {
  if (state === null || !isPerson || pauses.paging !== undefined) return [];
  const theirs = Object.values(state.pages).filter(({ person }) => person === by);
  const rings = theirs.flatMap((page) => page.rings);
  const found = await Promise.all(
    rings.map(({ target, key }) =>
      reads
        .openPages({ target, after: { key, incident: '', page: '' }, limit: LOOKED_AT })
        .then((rows) =>
          rows.filter(
            (row) => row.key === key && row.state === 'open' && row.incident !== state.id,
          ),
        )
        .catch(() => []),
    ),
  );
  return [...new Set(found.flat().map(({ incident }) => incident))];
}

async function ask(
  call: Omit<RawCall, 'query' | 'json'> & { readonly body: object },
  asked: {
    readonly verb: IncidentVerb;
    readonly incident: string | null;
    readonly request: Request;
    readonly status: number;
  },
): Promise<Reply<z.output<typeof DONE>>> {
  const { actor, origin } = whoOf(call);
  const { verb, incident, request, status } = asked;
  const result = await call.api.engine.request({
    actor,
    origin,
    incident,
    request,
    idempotencyKey: call.idempotencyKey,
  });
  if (!result.ok) throw refused(result, call.body);
  const { incident: id, row, duplicate } = result;
  const state = await stateOf(call.api, id);
  const { pauses } = call.api.engine.lookups();
  const isPerson = actor.kind === 'person';
  const after = { policy: call.api.policy(), state, by: actor.id, isPerson, pauses };
  const ringsOnFor = await ringsOn(call.api, after);
  const remark = verb.remark?.(request, { ...after, ringsOnFor }) ?? null;
  const waitsFor = state === null ? null : (verb.waitsFor?.(request, state) ?? null);
  return {
    status,
    json: { incident: id, level: state?.level ?? null, row, duplicate, waitsFor, remark },
    headers: { location: `${API}/incidents/${id}` },
  };
}

/** The answer where nobody opened an incident of this name. */
export function noIncident(id: string): HttpProblem {
  return refused(unknownIncident(id), {});
}

/** The id of an incident that exists. A prefix is no name here: an action must not meet another incident. */
async function existing(call: Pick<RawCall, 'api' | 'params'>): Promise<string> {
  const id = incidentIdOf(paramOf(call, 'incident'));
  const row = await call.api.reads.incident(id);
  if (row?.id === id) return id;
  throw noIncident(id);
}

const ACTED = 'Decided and committed';

function shapeOf(
  fields: Fields,
  names: readonly string[],
  asks: readonly string[] = [],
): Record<string, z.ZodType> {
  const chosen = Object.entries(fields).filter(([field]) => names.includes(field));
  return Object.fromEntries(
    chosen.map(([field, { schema, about: what }]) => {
      const read = asks.includes(field) ? required(schema) : schema;
      return [field, read.describe(what)];
    }),
  );
}

/** The fields of the body, which are all that do not stand in the path. */
function bodyOf(
  fields: Fields,
  { elsewhere = [], asks = [] }: { elsewhere?: readonly string[]; asks?: readonly string[] },
): z.ZodType<Named> {
  const inBody = Object.keys(fields).filter((field) => !elsewhere.includes(field));
  return z.strictObject(shapeOf(fields, inBody, asks));
}

/**
 * Every field of the verb, as its schema reads it: from the body, from the path, or not given. The table says for each type
 * which fields it has, so that this is a request of that type.
 */
function requestOf(
  type: string,
  fields: Fields,
  call: Call<Named, object>,
): { readonly type: string } {
  const read: Named = { ...call.body, ...call.inPath };
  const given = Object.entries(fields).map(([field, { schema }]): [string, unknown] => [
    field,
    Object.hasOwn(read, field) ? read[field] : schema.parse(undefined),
  ]);
  return { type, ...Object.fromEntries(given) };
}

function fieldsIn(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, field = '']) => field);
}

function about({ summary, scope }: IncidentVerb) {
  return {
    method: 'post',
    access: scope,
    summary,
    reply: DONE,
    isIdempotent: true,
    query: EMPTY,
  } as const;
}

function routesAtIncidents(type: string, verb: IncidentVerb): readonly HttpRoute[] {
  const { acts, opens, fields } = verb;
  const found: HttpRoute[] = [];
  if (opens !== null)
    found.push(
      define({
        ...about(verb),
        path: `${API}/${opens.path}`,
        success: [201, ACTED],
        body: bodyOf(fields, { asks: opens.asks ?? [] }),
        handle: (call) => {
          const request = requestOf(type, fields, call) as Request;
          return ask(call, { verb, incident: null, request, status: 201 });
        },
      }),
    );
  if (acts !== null) {
    const named = fieldsIn(acts.path);
    found.push(
      define({
        ...about(verb),
        path: `${API}/incidents/{incident}/${acts.path}`,
        success: [200, ACTED],
        inPath: z.object(shapeOf(fields, named)),
        body: bodyOf(fields, { elsewhere: [...named, ...(acts.without ?? [])] }),
        handle: async (call) => {
          const incident = await existing(call);
          const request = requestOf(type, fields, call) as Request;
          return ask(call, { verb, incident, request, status: 200 });
        },
      }),
    );
  }
  return found;
}

function routeAtInstallation(type: string, verb: InstallationVerb): HttpRoute {
  const { fields, path, success, reply } = verb;
  const named = fieldsIn(path);
  return define<Named, object, unknown>({
    method: verb.method,
    path: path.startsWith('/') ? path : `${API}/${path}`,
    access: verb.scope,
    summary: verb.summary,
    success,
    ...(reply === null ? {} : { reply }),
    inPath: z.object(shapeOf(fields, named)),
    body: bodyOf(fields, { elsewhere: named }),
    query: EMPTY,
    handle: async (call) => {
      const { id } = whoOf(call).actor;
      const asked = requestOf(type, fields, call) as InstallationRequests[InstallationType];
      const carried = await call.api.installation.carryOut(asked, id);
      if (!carried.ok) throw refused(carried, call.body);
      return { status: success[0], ...(reply === null ? {} : { json: carried.answer }) };
    },
  });
}

/** The routes of every verb, in the order of the table. */
export function routesOf(verbs: Verbs): readonly HttpRoute[] {
  return Object.entries(verbs).flatMap(([type, verb]) =>
    verb.subject === 'incident' ? routesAtIncidents(type, verb) : routeAtInstallation(type, verb),
  );
}
