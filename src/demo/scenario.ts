/** A scenario: what happens in the world, step by step, as data. It knows nothing of the configuration it is played on. */
import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../lib/duration.ts';

const moment = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === null)
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no duration; write it like 90s, 5m or 1h30m`,
    });
  return ms ?? 0;
});

const step = z.strictObject({
  /** Since the start. */
  at: moment,
  /** What a watcher is told. */
  say: z.string().optional(),
  /** A delivery to one of our sources. */
  webhook: z.strictObject({ source: z.string(), body: z.unknown() }).optional(),
  /** A person answers the phone. */
  answer: z
    .strictObject({
      target: z.string(),
      address: z.string(),
      by: z.string().optional(),
      verb: z.enum(['acknowledge', 'resolve']).default('acknowledge'),
    })
    .optional(),
  /** A vendor fails, in the words of the sandbox's `POST /faults`. */
  fault: z.record(z.string(), z.unknown()).optional(),
  /** A person acts through our API, on the first incident. */
  request: z
    .strictObject({ as: z.string(), path: z.string(), body: z.record(z.string(), z.unknown()) })
    .optional(),
  /** A person approves every public post that waits. */
  approve: z.strictObject({ as: z.string() }).optional(),
});

const repeat = step.pick({ webhook: true }).extend({ every: moment });

const scenario = z.strictObject({
  starts: z.iso.datetime(),
  /** Deliveries that come again and again until the last step, of which nobody is told. */
  repeats: z.array(repeat).default([]),
  steps: z.array(step).min(1),
});

export type Step = z.infer<typeof step>;
export interface Scenario {
  readonly starts: string;
  readonly steps: readonly Step[];
}

/** Reads a scenario; throws with the path of what is wrong. */
export function readScenario(text: string): Scenario {
  const { starts, repeats, steps } = scenario.parse(parse(text));
  const endsAt = Math.max(...steps.map(({ at }) => at));
  const repeated = repeats.flatMap(({ every, webhook }) =>
    Array.from({ length: Math.floor(endsAt / every) }, (_, i) => ({
      at: (i + 1) * every,
      webhook,
    })),
  );
  return { starts, steps: [...steps, ...repeated].toSorted((a, b) => a.at - b.at) };
}
