/** The bodies of the sandbox's control API, each as the schema that makes of it what the world takes. */
import { z } from 'zod';
import { parseDuration } from '../lib/duration.ts';
import { DENIALS, type FaultOrder, RETRY_AFTER_SPELLINGS } from './faults.ts';
import type { AnswerOrder } from './world.ts';

const MUST = 'must be a duration such as 90s, 5m or 1h30m';

/** Milliseconds. */
const duration = z
  .string({ error: ({ input }) => `It ${input === undefined ? 'is missing; it ' : ''}${MUST}.` })
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null) return ms;
    context.addIssue({ code: 'custom', message: `It ${MUST}, not "${text}".` });
    return z.NEVER;
  });

const name = z.string().min(1);
const status = z.int().min(500).max(599).optional();
/** When to come back. */
const wait = {
  retry_after: duration.optional(),
  spelling: z.enum(RETRY_AFTER_SPELLINGS).optional(),
};
const scope = {
  target: name,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  path: z
    .string()
    .startsWith('/', 'It must begin with / (the path behind the name of the target).')
    .optional(),
  times: z.int().min(1).optional(),
  after: duration.optional(),
  for: duration.optional(),
};

const fault = z.discriminatedUnion('fault', [
  z.strictObject({
    ...scope,
    fault: z.enum([
      'refuse',
      'hang',
      '202-but-lost',
      '202-but-rejected',
      'unknown-address',
      'reset',
    ]),
  }),
  z
    .strictObject({
      ...scope,
      // As a number is what people write.
      fault: z.literal(['429', 429]).transform(() => '429' as const),
      status: z.literal([420, 429]).optional(),
      ...wait,
    })
    .transform(({ retry_after: retryAfterMs, ...rest }) => ({ ...rest, retryAfterMs })),
  z.strictObject({
    ...scope,
    fault: z.literal(['403', 403]).transform(() => '403' as const),
    status: z.literal(DENIALS).optional(),
  }),
  z
    .strictObject({ ...scope, fault: z.literal('5xx'), status, ...wait })
    .transform(({ retry_after: retryAfterMs, ...rest }) => ({ ...rest, retryAfterMs })),
  z
    .strictObject({
      ...scope,
      fault: z.literal('5xx-but-done'),
      status,
      done_after: duration.optional(),
    })
    .transform(({ done_after: doneAfterMs, ...rest }) => ({ ...rest, doneAfterMs })),
  z
    .strictObject({ ...scope, fault: z.literal('slow'), delay: duration.optional() })
    .transform(({ delay: delayMs, ...rest }) => ({ ...rest, delayMs })),
]);

/** `POST /faults`. @param now epoch ms, from which `after` and `for` count */
export function faultBody(now: number): z.ZodType<FaultOrder> {
  return fault.transform(({ after, for: length, ...order }) => ({
    ...order,
    from: after === undefined ? undefined : now + after,
    until: length === undefined ? undefined : now + (after ?? 0) + length,
  }));
}

/** `DELETE /faults`: what it ends; all when empty. */
export const liftBody = z.strictObject({ target: name.optional(), id: name.optional() });

/** `POST /answer`. */
export const answerBody: z.ZodType<AnswerOrder> = z
  .strictObject({
    target: name.optional(),
    vendor: name.optional(),
    address: name,
    verb: z.enum(['acknowledge', 'resolve']),
    by: name.optional(),
    ref: name.optional(),
  })
  .refine(({ target, vendor }) => target !== undefined || vendor !== undefined, {
    path: ['target'],
    message: 'It is missing; name the target or the vendor where somebody answers.',
  });

/** More than a year at once is a slip of the pen, and would take hours. */
const ADVANCE_MAX_MS = 366 * 86_400_000;

/** `POST /clock/advance`: by how many milliseconds. */
export const advanceBody = z
  .strictObject({ by: duration.refine((ms) => ms <= ADVANCE_MAX_MS, 'It must be at most 366d.') })
  .transform(({ by }) => by);
