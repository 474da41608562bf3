/**
 * The shapes of what people read, as JSON by the API and by `--json`: the types of the functions that make them, and the
 * schemas of the API's description, are both made from here. Fields may be added; a client ignores what it does not know.
 */
import { z } from 'zod';
import { COMPONENT_STATUSES } from '../core/model/policy.ts';

/** Read only, all the way down: what is told is not changed by who reads it. */
export type Frozen<T> = unknown extends T
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

const text = z.string();
const texts = z.array(text);
const orNull = text.nullable();
const count = z.int().min(0);
const time = text.meta({ description: 'ISO 8601, UTC, to the second', format: 'date-time' });
const timeOrNull = time.nullable();
const labels = z.record(text, text);
const fileLine = orNull.describe('`file:line` in the configuration');

const URGENCY = z.enum(['high', 'low']);
const PUBLIC_STATUS = z.enum(['investigating', 'identified', 'monitoring', 'resolved']);
const IMPACT_MEASURE = z.enum(['users', 'percent', 'components', 'regions', 'revenue_per_minute']);
const OPENNESS = z.enum(['allowed', 'never']).describe('`never`: nothing of it is posted');
const NAMED_LINE = z.object({ name: text, where: text.describe('`file:line`') });

/** An incident in a list. */
export const SUMMARY = z.object({
  id: text,
  kind: z.enum(['incident', 'test']),
  title: text,
  phase: z.enum(['triage', 'investigating', 'identified', 'monitoring', 'resolved', 'closed']),
  level: orNull.describe('Id of its level; null: pending more information'),
  team: text,
  service: orNull,
  parent: orNull.describe('The incident of the storm that it belongs to'),
  firing: count.describe('Alerts that fire now'),
  unreachable: count.describe('Pages that no pager has accepted for 60 s, each once'),
  neverRang: count.describe('Pages that no pager had taken when all alerts had cleared'),
  openedAt: time,
  declaredAt: timeOrNull,
  resolvedAt: timeOrNull,
  closedAs: z.enum(['resolved', 'false_positive', 'cleared', 'test']).nullable(),
  archived: z
    .boolean()
    .describe('Moved to the archive: it can be read, and does not change any more'),
});

export const ENTRY = z.object({
  version: z.int().min(1),
  at: time,
  actor: text.describe('`ada via cli`, `source prom`, `Tocsin`'),
  type: text.describe('Type of the event'),
  text: text.describe('The event as one sentence'),
  input: text.describe('Id of the inbox row behind it'),
  hash: text.describe('Its link in the hash chain'),
});

/** A timeline, and whether the record of it is as it was written. */
export const TIMELINE = z.object({
  timeline: z.array(ENTRY),
  record: z.discriminatedUnion('intact', [
    z.object({ intact: z.literal(true) }),
    z.object({
      intact: z.literal(false),
      version: count.describe('The first event that is not as it was written'),
      why: text,
    }),
  ]),
});

const CAUSE = z.enum(['rule', 'trigger', 'person']);

const SEVERITY = z.object({
  level: orNull,
  name: orNull,
  since: time,
  because: text.describe('The sentence with the rule or trigger and the values seen'),
  by: CAUSE.nullable(),
  cause: orNull.describe('Name of the rule or trigger'),
  where: fileLine,
  changes: z.array(
    z.object({
      at: time,
      from: orNull,
      to: text,
      direction: z.enum(['start', 'raise', 'lower']),
      by: CAUSE,
      actor: text,
      because: text,
      where: fileLine,
    }),
  ),
  held: z
    .array(z.object({ at: time, trigger: text, why: text }))
    .describe('Triggers that fired and did not move the level, and why'),
});

const ROUTING = z.object({
  neverPublic: orNull.describe('Why nothing of it is ever public; null: it may be'),
  source: text,
  rule: NAMED_LINE.nullable(),
  route: fileLine,
  because: text,
  public: OPENNESS,
  labels,
  links: z.array(z.object({ url: text, text })),
});

const ATTEMPT = z.object({
  name: text.describe('`pager.trigger`, `statusPage.publish`, ...'),
  status: z.enum(['pending', 'sending', 'ambiguous', 'done', 'dead', 'superseded']),
  attempts: count,
  dueAt: time,
  outcome: orNull.describe('What came back last'),
});

const PAGE = z.object({
  id: text,
  person: orNull.describe('Null: the vendor decides whose phone rings'),
  label: text,
  urgency: URGENCY,
  state: z.enum(['open', 'acknowledged', 'closed']),
  adopted: z.boolean().describe("It is the vendor's own ring, taken over"),
  purposes: texts.describe('What the person is wanted for'),
  because: text.describe('How the configuration led to this person'),
  requestedAt: time,
  unreachableSince: timeOrNull.describe('No pager has accepted it for 60 s; null: one has'),
  acknowledgedBy: orNull,
  acknowledgedAt: timeOrNull,
  silenced: z
    .boolean()
    .describe('An answer elsewhere ended its ringing: its own person may be asleep'),
  neverRang: z
    .boolean()
    .describe('No pager had taken it when all alerts had cleared, and no phone had rung since'),
  rings: z.array(
    z.object({
      target: text,
      address: text,
      key: text.describe("The vendor's dedup key"),
      status: z.enum([
        'pending',
        'accepted',
        'confirmed',
        'lost',
        'failed',
        'withheld',
        'joining',
        'joined',
        'closed',
      ]),
      ref: orNull.describe("The vendor's id of it"),
      url: orNull.describe('Where a person sees it there'),
      attempts: z.array(ATTEMPT),
    }),
  ),
});

const POST = z.object({
  id: text,
  target: text,
  status: PUBLIC_STATUS,
  state: z.enum(['waiting', 'queued', 'unknown', 'published', 'withdrawn', 'failed']),
  title: text,
  body: text,
  components: z.record(text, z.enum(COMPONENT_STATUSES)).describe('By id of the component'),
  approval: z.enum(['none', 'required']),
  approvedBy: orNull,
  draftedAt: time,
  dueAt: time,
  publishedAt: timeOrNull,
  nextUpdateAt: timeOrNull.describe('The promise inside the text'),
  attempts: z.array(ATTEMPT),
});

const ROLE = z.object({
  role: text,
  person: orNull,
  name: orNull,
  since: timeOrNull,
  state: z
    .enum(['filled', 'open', 'answered', 'exhausted', 'ended'])
    .describe('`filled`, or how the search for somebody stands'),
  why: orNull.describe(
    'Why the search led to nobody, or why whoever answered has the role no more; null: neither is so',
  ),
});

const OFFER = z.object({
  role: text,
  person: text.describe('Who is asked to take it, and rung'),
  by: text.describe('Who asks'),
  since: time,
});

const UNPARSED = z.object({
  row: text.describe('Id of the inbox row'),
  at: time,
  source: text,
  reason: text.describe('Why it could not be read'),
  count: count.describe('Deliveries that came at once; this is the first of them'),
  contentType: orNull,
  bytes: count.nullable(),
  beginning: orNull.describe(
    'Its first 1000 characters, without secrets and signs of control; null: it is not kept any more',
  ),
  isCut: z.boolean().describe('More of it is stored than is shown'),
});

/** Everything that is known of one incident. */
export const INCIDENT = SUMMARY.extend({
  version: count,
  description: text,
  firstSignalAt: time,
  rootCauseAt: timeOrNull,
  mitigatedAt: timeOrNull,
  declaredBy: orNull,
  storm: z
    .object({ over: text, children: texts, services: texts })
    .nullable()
    .describe('It gathers these incidents'),
  severity: SEVERITY,
  routing: ROUTING,
  impact: z.partialRecord(IMPACT_MEASURE, z.number()),
  flags: z.record(text, time).describe('Flag -> since when'),
  reports: z.array(z.object({ account: text, tier: text, at: time })),
  alerts: z.object({
    firing: count,
    stale: count.describe('Not heard of for so long that they count as firing no more'),
    held: count.describe('Told to fire again right after they cleared: it waits for the next word'),
    total: count,
    leftOut: z
      .array(
        z.object({
          source: text,
          count: count.describe('By the first of these deliveries'),
          since: time,
        }),
      )
      .describe(
        'Senders whose deliveries leave alerts out, which may fire: nothing counts as quiet',
      ),
    list: z
      .array(
        z.object({
          source: text,
          dedupKey: text,
          status: z.enum(['firing', 'resolved', 'stale']),
          title: text,
          labels,
        }),
      )
      .describe('The first fifty, those that fire before the others'),
  }),
  roles: z.array(ROLE),
  offers: z.array(OFFER).describe('Roles that somebody is asked to take now'),
  pages: z.array(PAGE),
  public: z.array(
    z.object({
      target: text,
      published: PUBLIC_STATUS.nullable(),
      url: orNull,
      publishedAt: timeOrNull,
      promisedAt: timeOrNull.describe('"Next update at", as published'),
      byHand: orNull.describe(
        'Why a person must close there what is over here; null: it is not shown, a post ends it, or somebody has',
      ),
      mayBeThere: orNull.describe('Id of a post that nobody has seen there and that may be there'),
    }),
  ),
  noPublicPost: z
    .string()
    .nullable()
    .describe(
      'Why no page can hear what the level tells the public; null: one can, or it tells nothing',
    ),
  posts: z.array(POST).describe('Public posts in the order of drafting'),
  waiting: texts.describe('Ids of the posts that wait for approval'),
  room: z
    .object({ target: text, name: text, state: z.enum(['opening', 'open', 'failed', 'archived']) })
    .nullable(),
  alarms: z.array(z.object({ alarm: text, reason: text, since: time, count })),
  unparsed: z
    .object({ total: count, list: z.array(UNPARSED).describe('The last five, the newest last') })
    .describe('Deliveries that could not be read, and in which an alert may be hidden'),
  owed: z.array(z.object({ what: text, dueAt: time })).describe('The earliest first'),
  timeline: z.array(ENTRY),
});

export type IncidentSummary = Frozen<z.output<typeof SUMMARY>>;
export type TimelineEntry = Frozen<z.output<typeof ENTRY>>;
export type Timeline = Frozen<z.output<typeof TIMELINE>>;
export type IncidentView = Frozen<z.output<typeof INCIDENT>>;
export type PageView = IncidentView['pages'][number];
export type EffectView = Frozen<z.output<typeof ATTEMPT>>;

const RINGS = z.object({
  role: orNull.describe('Null: whoever is on call for the service or team'),
  who: z.array(
    z.object({
      person: orNull,
      label: text,
      because: text,
      addresses: z
        .array(z.object({ target: text, label: text, mode: text }))
        .describe('In the order of failover; a `mode` other than `live` rings nobody'),
    }),
  ),
  nobody: orNull.describe('Why nobody would be rung; null: somebody is'),
});

const TRY = z.object({
  kind: z.enum(['route', 'rule']),
  name: text,
  where: text.describe('`file:line`'),
  whyNot: orNull.describe('Null: it matched'),
});

const LEVEL = z.object({
  level: text,
  name: text,
  urgency: URGENCY,
  declaredBy: texts.describe('How an incident of this level comes to be declared'),
  declaredAfterMs: count.nullable(),
  publicWithinMs: count
    .nullable()
    .describe('Due time of the first public post after declaration; null: nothing is public'),
  publicApproval: z.enum(['none', 'required']).nullable(),
});

const EXPLAINED = z.object({
  kind: z.enum(['alert', 'vendor_incident']),
  dedupKey: text,
  title: text,
  status: z.enum(['firing', 'resolved']),
  labels,
  verdict: z.enum(['take', 'suppress']),
  because: text.describe('The sentence behind the verdict or the level'),
  team: orNull,
  service: orNull,
  rule: NAMED_LINE.nullable(),
  route: fileLine,
  groupKey: orNull,
  trusted: z.boolean(),
  public: OPENNESS,
  level: LEVEL.nullable(),
  triage: z.array(RINGS).describe('Rung when the incident opens'),
  declared: z.array(RINGS).describe('Rung as well when it is declared'),
  tried: z.array(TRY),
  notes: texts.describe('What depends on what is open when it arrives'),
});

/** What would happen to a delivery. */
export const EXPLANATION = z.object({
  ok: z.literal(true),
  source: text,
  at: time,
  observations: z.array(EXPLAINED),
  ignored: z.array(z.object({ what: text, reason: text })),
  truncated: count.describe('Alerts that the sender says it left out'),
});

export type ExplainedPage = Frozen<z.output<typeof RINGS>>;
export type ExplainedTry = Frozen<z.output<typeof TRY>>;
export type ExplainedLevel = Frozen<z.output<typeof LEVEL>>;
export type ExplainedObservation = Frozen<z.output<typeof EXPLAINED>>;

export type Explanation =
  | Frozen<z.output<typeof EXPLANATION>>
  /** `unparsed` would be accepted all the same and join the incident of unreadable deliveries. */
  | {
      readonly ok: false;
      readonly reason: 'unknown_source' | 'unparsed';
      readonly message: string;
    };

/** Of what was committed by then; signed, so that it can be kept where nobody reaches the database. */
const CHECKPOINT = z.object({
  format: text,
  at: time,
  instance: text,
  commits: count,
  deliveries: count,
  events: count.describe('Events of all incidents, the leaves of the tree'),
  root: text.describe('Root of the Merkle tree over them (RFC 9162), hex'),
  previous: text.describe('SHA-256 of the line before, hex'),
  anew: z
    .object({
      has: count,
      had: count,
      incidents: count.nullable(),
      events: count.describe('Of them, when that was begun'),
      how: z.enum(['as_found', 'copied', 'restored']),
    })
    .nullable()
    .describe('Somebody has gone on with so many commits of so many'),
  key: text,
  signature: text.describe('Ed25519 over the JSON of all else, keys sorted; base64url'),
});

export const CHECKPOINT_HEAD = z.object({
  key: orNull.describe('The public key, base64url; null: there is none yet'),
  file: orNull.describe('Where the checkpoints are, on the machine of the server'),
  checkpoint: CHECKPOINT.nullable().describe('Null: nothing has been signed yet'),
});
export type CheckpointHead = Frozen<z.output<typeof CHECKPOINT_HEAD>>;

/** An incident as a document that proves itself. */
export const EXPORT = z.object({
  format: z.literal('tocsin export 1'),
  exportedAt: time,
  instance: text.describe('Of the installation'),
  incident: text,
  shown: INCIDENT.describe('What `show` tells, made of the events; the proof is about those'),
  policies: z.array(text).describe('Hashes of the configurations by which it was decided'),
  events: z.array(
    z.object({
      previous: text.describe('Hash of the event before; zeros for the first'),
      hash: text.describe('SHA-256 over the hash before, a line break and the event, hex'),
      event: z
        .record(text, z.unknown())
        .nullable()
        .describe('Null: withheld, for a secret stands in it, or it cannot be read'),
    }),
  ),
  proof: z.object({
    inclusion: z
      .object({ leaf: text, index: count, size: count, path: z.array(text) })
      .nullable()
      .describe('From the hash of the last event to the root of the checkpoint (RFC 9162, 2.1.3)'),
    checkpoint: CHECKPOINT.nullable().describe('The first that stands for all of the events'),
    why: text.nullable().describe('Why there is no proof; null: there is'),
  }),
});
export type IncidentExport = Frozen<z.output<typeof EXPORT>>;
