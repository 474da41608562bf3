/** The bodies of the sandbox's control API: what may stand in them, and what is wrong where something else does. */
import { z } from 'zod';
import { closest } from '../lib/closest.ts';
import { parseDuration } from '../lib/duration.ts';
import { FAULT_NAMES, RETRY_AFTER_SPELLINGS } from './faults.ts';
import type { Fault, FaultOrder } from './faults.ts';
import type { AnswerOrder } from './world.ts';

/** One thing that is wrong with a body. */
export interface FieldError {
  /** `` (empty): the body as a whole. */
  readonly field: string;
  readonly detail: string;
}

export type BodyResult<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** One message for a field that is absent, another one for what should not stand there. */
function orMissing(otherwise: string): { error: (issue: { readonly input?: unknown }) => string } {
  return { error: ({ input }) => (input === undefined ? 'is missing' : otherwise) };
}

const duration = z
  .string(orMissing('must be a duration such as 90s, 5m or 1h30m'))
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null) return ms;
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(text)} is no duration; write for example 90s, 5m or 1h30m`,
    });
    return z.NEVER;
  });

const name = z.string(orMissing('must be a text')).min(1, 'must not be empty');
const scope = {
  target: name,
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], 'must be one of GET, POST, PUT, PATCH, DELETE')
    .optional(),
  path: z
    .string('must be a text')
    .startsWith('/', 'must begin with / (the path behind the name of the target)')
    .optional(),
  times: z.int('must be a whole number').min(1, 'must be at least 1').optional(),
  after: duration.optional(),
  for: duration.optional(),
};
const brokenStatus = z
  .int('must be a whole number')
  .min(500, 'must be 500 to 599')
  .max(599, 'must be 500 to 599')
  .optional();

const PLAIN_FAULTS = ['refuse', 'hang', '202-but-lost', 'reset'] as const;

const faultBody = z.discriminatedUnion(
  'fault',
  [
    z.strictObject({ ...scope, fault: z.enum(PLAIN_FAULTS) }),
    z.strictObject({
      ...scope,
      fault: z.literal('429'),
      status: z.literal([420, 429], 'must be 420 or 429').optional(),
      retry_after: duration.optional(),
      spelling: z
        .enum(RETRY_AFTER_SPELLINGS, `must be one of ${RETRY_AFTER_SPELLINGS.join(', ')}`)
        .optional(),
    }),
    z.strictObject({ ...scope, fault: z.literal('5xx'), status: brokenStatus }),
    z.strictObject({
      ...scope,
      fault: z.literal('5xx-but-done'),
      status: brokenStatus,
      done_after: duration.optional(),
    }),
    z.strictObject({ ...scope, fault: z.literal('slow'), delay: duration.optional() }),
  ],
  `must be one of ${FAULT_NAMES.join(', ')}`,
);

type FaultBody = z.infer<typeof faultBody>;

/** `POST /faults`. @param now epoch ms, from which `after` and `for` count */
export function faultOrderOf(body: unknown, now: number): BodyResult<FaultOrder> {
  const parsed = faultBody.safeParse(withTextFault(body));
  if (!parsed.success) return refused(parsed.error);
  const { target, method, path, times, after = 0, for: length } = parsed.data;
  const from = after === 0 ? undefined : now + after;
  const until = length === undefined ? undefined : now + after + length;
  return {
    ok: true,
    body: { ...present({ target, method, path, times, from, until }), ...faultOf(parsed.data) },
  };
}

/** 429 as a number is what people write. */
function withTextFault(body: unknown): unknown {
  const isNumeric =
    typeof body === 'object' && body !== null && 'fault' in body && typeof body.fault === 'number';
  return isNumeric ? { ...body, fault: String(body.fault) } : body;
}

function faultOf(body: FaultBody): Fault {
  switch (body.fault) {
    case '429': {
      const { fault, status, retry_after: retryAfterMs, spelling } = body;
      return { fault, ...present({ status, retryAfterMs, spelling }) };
    }
    case '5xx':
      return { fault: body.fault, ...present({ status: body.status }) };
    case '5xx-but-done':
      return {
        fault: body.fault,
        ...present({ status: body.status, doneAfterMs: body.done_after }),
      };
    case 'slow':
      return { fault: body.fault, ...present({ delayMs: body.delay }) };
    case 'refuse':
    case 'hang':
    case '202-but-lost':
    case 'reset':
      return { fault: body.fault };
  }
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the keys that are undefined. */
function present<T extends object>(fields: T): Present<T> {
  // The type says exactly what the filter does; TypeScript cannot follow entries back into an object.
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<T>;
}

const liftBody = z.strictObject({ target: name.optional(), id: name.optional() });

/** `DELETE /faults`: what it ends; all when empty. */
export function faultScopeOf(
  body: unknown,
): BodyResult<{ readonly target?: string; readonly id?: string }> {
  const parsed = liftBody.safeParse(body);
  return parsed.success ? { ok: true, body: present(parsed.data) } : refused(parsed.error);
}

const answerBody = z
  .strictObject({
    target: name.optional(),
    vendor: name.optional(),
    address: name,
    verb: z.enum(['acknowledge', 'resolve'], orMissing('must be acknowledge or resolve')),
    by: name.optional(),
    ref: name.optional(),
  })
  .refine(({ target, vendor }) => target !== undefined || vendor !== undefined, {
    path: ['target'],
    message: 'is missing: name the target or the vendor where somebody answers',
  });

/** `POST /answer`. */
export function answerOrderOf(body: unknown): BodyResult<AnswerOrder> {
  const parsed = answerBody.safeParse(body);
  return parsed.success ? { ok: true, body: present(parsed.data) } : refused(parsed.error);
}

/** More than a year at once is a slip of the pen, and would take hours. */
const ADVANCE_MAX_MS = 366 * 86_400_000;

const advanceBody = z.strictObject({
  by: duration.refine((ms) => ms <= ADVANCE_MAX_MS, 'must be at most 366d'),
});

/** `POST /clock/advance`: by how many milliseconds. */
export function advanceOf(body: unknown): BodyResult<number> {
  const parsed = advanceBody.safeParse(body);
  return parsed.success ? { ok: true, body: parsed.data.by } : refused(parsed.error);
}

const FIELDS = [
  'target',
  'vendor',
  'address',
  'verb',
  'by',
  'ref',
  'id',
  'fault',
  'method',
  'path',
  'times',
  'after',
].concat(['for', 'status', 'retry_after', 'spelling', 'done_after', 'delay']);

function refused(error: z.ZodError): {
  readonly ok: false;
  readonly errors: readonly FieldError[];
} {
  const errors = error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownField);
    const isWhole = issue.path.length === 0;
    return [
      {
        field: issue.path.join('.'),
        detail: isWhole ? 'The body must be a JSON object.' : issue.message,
      },
    ];
  });
  return { ok: false, errors };
}

function unknownField(field: string): FieldError {
  const meant = closest(
    field,
    FIELDS.filter((known) => known !== field),
  );
  return {
    field,
    detail: meant === null ? 'is no field here' : `is no field here; did you mean ${meant}?`,
  };
}
