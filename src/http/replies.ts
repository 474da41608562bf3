/** What a success of each route brings; the description of the API and the types of the handlers are both made from it. */
import { z } from 'zod';
import { PAUSABLE } from '../core/model/lookups.ts';
import { PAUSE, TOKEN } from '../core/verbs/replies.ts';
import { SUMMARY, type Frozen } from '../read/shapes.ts';

const text = z.string();
const count = z.int().min(0);
const instant = z.int().describe('Epoch milliseconds');

/** A verb was carried out. */
export const DONE = z.object({
  incident: text.describe('Id of the incident'),
  level: text.nullable().describe('Id of its level; null: pending more information'),
  row: text.describe('Id of the inbox row behind it, for the audit'),
  duplicate: z.boolean().describe('Whether the Idempotency-Key was seen before'),
  waitsFor: text.nullable().describe('Who must accept before it holds; null: it holds'),
  remark: text.nullable().describe('What is worth knowing of it; null: nothing'),
});

export const INCIDENTS = z.object({
  incidents: z.array(SUMMARY),
  unreadable: count.describe(
    'Further ones of this page that cannot be read, for instance because a file of the archive is gone',
  ),
  next: text.nullable().describe('What to give as `before` for the next page; null: there is none'),
});

export const PAUSES = z.object({ pauses: z.array(PAUSE) });

export const TOKENS = z.object({ tokens: z.array(TOKEN) });
export const WHOAMI = TOKEN.extend({ name: text.describe('Of the person, or of the machine') });

const KEPT_PAUSE = z.object({
  since: instant,
  until: instant,
  by: text,
  why: text,
  reminded: count.describe('Reminders given'),
});

export const HEALTH = z.object({
  version: text,
  startedAt: instant,
  mode: z.enum(['live', 'sandbox']),
  store: z.object({
    condition: z.enum(['ok', 'refusing', 'broken']),
    problem: text.nullable(),
    unwrittenMs: count.nullable().describe('For how long every write has failed; null: none has'),
    archives: z
      .array(z.object({ file: text, incidents: count, why: text }))
      .describe('Files of the archive that are gone or hold less than was moved into them'),
    bytes: z
      .object({
        database: count,
        log: count,
        unused: count.describe('Inside of the database, which fills it before it grows'),
        archive: count,
        ballast: count.describe('Kept for a full disk'),
        disk_free: count,
      })
      .describe('Sizes'),
    incidents: z.object({
      open: count,
      closed: count.describe('Those that are not archived'),
      archived: count,
    }),
    rows: z
      .object({ events: count, inbox: count, outbox: count })
      .describe('Of inbox and outbox from the oldest row to the newest, so at most so many'),
  }),
  undecided: count.describe('Inbox rows without a final disposition, but for what is held'),
  held: count.describe(
    'Alerts told to fire again right after they cleared: each waits for the next word, 5 minutes at most',
  ),
  oldestDueMs: count.describe('Age of the oldest row or wake-up that is due; 0: nothing is late'),
  oldestPageMs: count.describe('The same of deliveries, wake-ups and pages alone'),
  oldestTurnMs: count.describe('The same of deliveries and wake-ups alone'),
  ambiguous: count.describe('Requests to vendors of which nobody knows whether they took effect'),
  dead: count.describe('Requests to vendors that were given up'),
  openIncidents: count,
  queued: count.describe('Deliveries that wait for their commit'),
  sending: count,
  clockAheadMs: count.describe(
    'How far time is ahead of the clock of the machine, which was set back; 0: it is not',
  ),
  pauses: z.partialRecord(z.enum(PAUSABLE), KEPT_PAUSE),
  unreachable: z
    .array(z.object({ incident: text, page: text, since: instant }))
    .describe('Pages that no pager has accepted for 60 s, the oldest first; a hundred at most'),
  missing: z
    .array(z.object({ incident: text, what: text, since: instant }))
    .describe('What events of incidents ask for, and of which nothing is to be seen'),
  refused: z
    .array(z.object({ source: text, since: instant, last: instant, count, reason: text }))
    .describe('Deliveries that were refused, by source'),
  expected: z
    .array(
      z.object({
        source: text,
        what: text,
        everyMs: count,
        heardAt: instant.nullable().describe('Null: never'),
        isAway: z.boolean().describe('Somebody was told that it stays away'),
      }),
    )
    .describe('What sources send again and again, and when it was heard last'),
  jobs: z
    .array(
      z.object({
        name: text,
        schedule: text
          .nullable()
          .describe(
            'The five fields of the cron expression and the time zone; null: it is not configured',
          ),
        nextAt: instant.nullable().describe('Null: never'),
        isRunning: z.boolean(),
        lastRun: z
          .object({
            ranAt: instant,
            tookMs: count.nullable().describe('Null: it has not ended'),
            result: z
              .enum(['ok', 'failed', 'unfinished'])
              .describe('`unfinished`: it is running, or its process died in the middle of it'),
            said: text.nullable().describe('What it did, or why it failed'),
          })
          .nullable()
          .describe('Null: it has never run'),
        succeededAt: instant.nullable().describe('Null: never'),
        failures: count.describe('In a row; a run that has not ended is one until it has'),
      }),
    )
    .describe('Jobs on the calendar'),
  targets: z
    .array(
      z.object({
        name: text,
        type: text,
        mode: z.enum(['off', 'shadow', 'draft', 'live']),
        provedAt: instant
          .nullable()
          .describe('When it was last asked and would have worked; null: never'),
        failingSince: instant.nullable().describe('Null: the last proof found nothing wrong'),
        problems: z.array(text).describe('What the last proof found, and what to do'),
      }),
    )
    .describe('Targets, each asked without ringing anybody unless it is off'),
  canaryAgeMs: count
    .nullable()
    .describe(
      'How long ago the last canary was sent that went all the way of an alert; null: none has since the start, or none is sent',
    ),
  heartbeats: z
    .array(
      z.object({
        to: text.describe('Host of the address'),
        takenAt: instant.nullable().describe('Null: not since the start'),
        failingSince: instant.nullable().describe('Null: the last one was taken'),
        why: text.nullable().describe('Why the last one was not taken'),
      }),
    )
    .describe('Outgoing heartbeats, by address'),
  onCall: z
    .record(text, z.object({ people: z.array(text), readAt: instant }))
    .describe('`<target>/<schedule id>` -> who is on call there, as read last'),
  kept: z
    .array(z.object({ team: text, file: text, since: instant }))
    .describe('Files of teams that keep their last good copies; a restart is refused with them'),
  policy: text.describe('Hash of the configuration in force'),
});

export const ALIVE = z.object({ alive: z.literal(true) });

const SECONDS = z.number().describe('Seconds');

export const READY = z.object({
  ready: z.boolean(),
  checks: z.array(
    z.object({
      name: text,
      ok: z.boolean(),
      detail: text.optional().describe('What is wrong; absent where `ok`'),
    }),
  ),
  targets: z
    .array(
      z.object({
        name: text,
        provedSecondsAgo: SECONDS.nullable().describe('Null: never'),
        failingForSeconds: SECONDS.nullable().describe('Null: it would have worked'),
      }),
    )
    .optional()
    .describe(
      'With `verbose` alone: when each target that is not off was proved. It decides nothing',
    ),
});

export const DESCRIPTION = z.object({
  openapi: text,
  info: z.object({ title: text, version: text, description: text }),
  paths: z.record(text, z.record(text, z.record(text, z.unknown()))),
  components: z.record(text, z.unknown()),
});

export type Description = Frozen<z.output<typeof DESCRIPTION>>;
