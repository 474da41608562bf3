/** What people do to incidents: each verb is a request to the engine, answered once it is decided and committed. */
import { z } from 'zod';
import type { Request } from '../core/input.ts';
import type { RequestResult } from '../engine/requests.ts';
import { incidentIdOf } from '../lib/incident-id.ts';
import type { Policy } from '../core/policy.ts';
import { Problem } from './problem.ts';
import {
  type Call,
  define,
  EMPTY,
  paramOf,
  type RawCall,
  type Reply,
  type Route,
  whoOf,
} from './route.ts';

const TEXT_MAX = 10_000;
const NAME_MAX = 200;
const text = z.string().trim().min(1, 'It must not be empty.').max(TEXT_MAX);
const name = z.string().trim().min(1, 'It must not be empty.').max(NAME_MAX);
const amount = z.number().nonnegative('It must not be negative.');

const INCIDENT = '/api/v1/incidents/{incident}';

/** The level's id for what a person typed: id or alias, letter case aside. Unknown words are left for the core to refuse. */
export function levelIdOf(policy: Policy, typed: string): string {
  const word = typed.toLowerCase();
  const found =
    policy.levels.find((level) => level.id.toLowerCase() === word) ??
    policy.levels.find((level) => level.aliases.some((alias) => alias.toLowerCase() === word));
  return found?.id ?? typed;
}

const STATUS: Readonly<Record<string, number>> = {
  internal: 500,
  idempotency_key_reused: 422,
  reason_needed: 400,
  person_needed: 403,
};

/** A field of the body that the refusal is about; null: the address or the state. */
function fieldOf(code: string, body: object): string | null {
  if (code === 'reason_needed') return 'reason';
  const subject = code.startsWith('unknown_') ? code.slice('unknown_'.length) : null;
  return subject !== null && Object.hasOwn(body, subject) ? subject : null;
}

function refused(result: Extract<RequestResult, { ok: false }>, body: object): Problem {
  const { code, message } = result;
  const field = fieldOf(code, body);
  const isUnknown = code.startsWith('unknown_');
  const status = STATUS[code] ?? (isUnknown ? (field === null ? 404 : 400) : 409);
  return new Problem({
    status,
    code,
    detail: message,
    ...(field === null ? {} : { errors: [{ field, message }] }),
  });
}

async function ask(
  call: Omit<RawCall, 'query' | 'json'> & { readonly body: object },
  asked: { readonly incident: string | null; readonly request: Request; readonly status: number },
): Promise<Reply> {
  const { actor, origin } = whoOf(call);
  const { incident, request, status } = asked;
  const result = await call.api.engine.request({
    actor,
    origin,
    incident,
    request,
    idempotencyKey: call.idempotencyKey,
  });
  if (!result.ok) throw refused(result, call.body);
  return {
    status,
    json: { incident: result.incident, row: result.row, duplicate: result.duplicate },
    headers: { location: `/api/v1/incidents/${result.incident}` },
  };
}

/** The id of an incident that exists. A prefix is no name here: an action must not meet another incident. */
async function existing(call: Pick<RawCall, 'api' | 'params'>): Promise<string> {
  const id = incidentIdOf(paramOf(call, 'incident'));
  const row = await call.api.reads.incident(id);
  if (row?.id === id) return id;
  throw new Problem({
    status: 404,
    code: 'unknown_incident',
    detail: `There is no incident ${id}.`,
  });
}

interface Verb<B> {
  /** Behind the incident's address. */
  readonly path: string;
  readonly summary: string;
  readonly access?: 'act' | 'approve';
  readonly body: z.ZodType<B>;
  readonly request: (call: Call<B, object>) => Request;
}

const ACTED =
  'Decided and committed: the incident, the inbox row behind it, and whether the Idempotency-Key was seen before';

function verb<B extends object>({ path, summary, access = 'act', body, request }: Verb<B>): Route {
  return define({
    method: 'post',
    path: `${INCIDENT}/${path}`,
    access,
    summary,
    success: [200, ACTED],
    isIdempotent: true,
    body,
    query: EMPTY,
    handle: async (call) => {
      const incident = await existing(call);
      return ask(call, { incident, request: request(call), status: 200 });
    },
  });
}

const declaration = z.strictObject({
  level: name.optional().describe('Level or alias; absent: pending more information'),
  title: name.optional(),
  text: text.optional().describe('What is known so far'),
});

const opening = declaration.extend({
  service: name.optional(),
  team: name.optional(),
});

function declareRequest(
  call: Call<z.infer<typeof opening>, object>,
): Extract<Request, { type: 'Declare' }> {
  const { level, title, team, service, text: said } = call.body;
  return {
    type: 'Declare',
    level: level === undefined ? null : levelIdOf(call.api.policy(), level),
    title: title ?? null,
    team: team ?? null,
    service: service ?? null,
    text: said ?? null,
  };
}

const openers: readonly Route[] = [
  define({
    method: 'post',
    path: '/api/v1/incidents',
    access: 'act',
    summary: 'Declare a new incident',
    success: [201, ACTED],
    isIdempotent: true,
    body: opening,
    query: EMPTY,
    handle: (call) => ask(call, { incident: null, request: declareRequest(call), status: 201 }),
  }),
  define({
    method: 'post',
    path: '/api/v1/page-tests',
    access: 'act',
    summary: 'Page one person as a test, through the real path',
    success: [201, ACTED],
    isIdempotent: true,
    body: z.strictObject({ person: name }),
    query: EMPTY,
    handle: (call) =>
      ask(call, {
        incident: null,
        request: { type: 'PageTest', person: call.body.person },
        status: 201,
      }),
  }),
];

const course: readonly Route[] = [
  verb({
    path: 'declare',
    summary: 'Declare an incident that is in triage',
    body: declaration,
    request: declareRequest,
  }),
  verb({
    path: 'acknowledge',
    summary:
      'Acknowledge a page; without one, all that ring for whoever asks. Needs the token of a person',
    body: z.strictObject({ page: name.optional() }),
    request: ({ body }) => ({ type: 'Acknowledge', page: body.page ?? null }),
  }),
  verb({
    path: 'notes',
    summary: 'Add a note to the timeline',
    body: z.strictObject({ text }),
    request: ({ body }) => ({ type: 'AddNote', text: body.text }),
  }),
  verb({
    path: 'phase',
    summary: 'Set the phase, with a text for those who are kept informed',
    body: z.strictObject({
      phase: z.enum(['investigating', 'identified', 'monitoring']),
      text: text.optional(),
    }),
    request: ({ body }) => ({ type: 'SetPhase', phase: body.phase, text: body.text ?? null }),
  }),
  verb({
    path: 'root-cause',
    summary: 'Say that the root cause is found',
    body: z.strictObject({ text }),
    request: ({ body }) => ({ type: 'RootCauseFound', text: body.text }),
  }),
  verb({
    path: 'resolve',
    summary: 'Resolve the incident',
    body: z.strictObject({ text: text.optional() }),
    request: ({ body }) => ({ type: 'Resolve', text: body.text ?? null }),
  }),
  verb({
    path: 'false-positive',
    summary: 'Close the incident as a false positive',
    body: z.strictObject({ reason: text }),
    request: ({ body }) => ({ type: 'MarkFalsePositive', reason: body.reason }),
  }),
  verb({
    path: 'reopen',
    summary: 'Reopen an incident that is over',
    body: z.strictObject({ reason: text }),
    request: ({ body }) => ({ type: 'Reopen', reason: body.reason }),
  }),
];

const impact = z
  .strictObject({
    users: amount.optional(),
    percent: amount.max(100, 'It must be at most 100.').optional(),
    components: amount.optional(),
    regions: amount.optional(),
    revenue_per_minute: amount.optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'Name at least one measure.');

const facts: readonly Route[] = [
  verb({
    path: 'severity',
    summary: 'Raise or lower the severity; lowering needs a reason',
    body: z.strictObject({ level: name.describe('Level or alias'), reason: text.optional() }),
    request: ({ body, api }) => ({
      type: 'ChangeSeverity',
      level: levelIdOf(api.policy(), body.level),
      reason: body.reason ?? null,
    }),
  }),
  verb({
    path: 'impact',
    summary: 'Report the impact as it is now',
    body: impact,
    request: ({ body }) => {
      const given = Object.entries(body).flatMap(([measure, value]) =>
        value === undefined ? [] : [[measure, value] as const],
      );
      return { type: 'ReportImpact', impact: Object.fromEntries(given) };
    },
  }),
  verb({
    path: 'flags',
    summary: 'Set a flag of the configuration',
    body: z.strictObject({ flag: name }),
    request: ({ body }) => ({ type: 'SetFlag', flag: body.flag }),
  }),
  verb({
    path: 'customer-reports',
    summary: 'Report what a customer says',
    body: z.strictObject({ account: name, tier: name, text: text.optional() }),
    request: ({ body }) => ({
      type: 'ReportFromCustomer',
      account: body.account,
      tier: body.tier,
      text: body.text ?? null,
    }),
  }),
];

const people: readonly Route[] = [
  verb({
    path: 'roles',
    summary: 'Make a person the holder of a role',
    body: z.strictObject({ role: name, person: name }),
    request: ({ body }) => ({ type: 'AssignRole', role: body.role, person: body.person }),
  }),
  verb({
    path: 'roles/{role}/page',
    summary: 'Page a role',
    body: EMPTY,
    request: (call) => ({ type: 'PageRole', role: paramOf(call, 'role') }),
  }),
  verb({
    path: 'posts/{draft}/approve',
    summary: 'Approve a public post that waits. Needs the token of a person',
    access: 'approve',
    body: EMPTY,
    request: (call) => ({ type: 'Approve', draft: paramOf(call, 'draft') }),
  }),
  verb({
    path: 'posts/{draft}/reject',
    summary: 'Reject a public post that waits',
    access: 'approve',
    body: z.strictObject({ reason: text }),
    request: (call) => ({
      type: 'Reject',
      draft: paramOf(call, 'draft'),
      reason: call.body.reason,
    }),
  }),
];

/** Every verb of people. */
export const verbs: readonly Route[] = [...openers, ...course, ...facts, ...people];
