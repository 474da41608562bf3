/** What ops write about PagerDuty: a target, a source, the address of a page, a person's contact. */
import { z } from 'zod';
import { adoptedRef, byLevel, secret, secrets } from '../../src/contract/index.ts';
import type { Loudness } from '../../src/contract/index.ts';

function host(description: string): z.ZodOptional<z.ZodURL> {
  return z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description });
}

const id = z
  .string()
  .regex(/^[A-Za-z0-9]{1,64}$/, 'an id of PagerDuty holds letters and digits only, e.g. PSVC001')
  .meta({ description: 'Id at PagerDuty, the last part of its web address, e.g. PSVC001.' });
const name = z
  .string()
  .min(1)
  .meta({ description: 'Name, for people who read this file; `doctor` warns when it differs.' });

/** An object at PagerDuty: used by id, named for people. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

function named(
  description: string,
): z.ZodObject<{ name: typeof name; id: typeof id }, z.core.$strict> {
  return z.strictObject({ name, id }).meta({ description });
}

const eventSeverity = z.enum(['critical', 'error', 'warning', 'info']);

export type EventSeverity = z.infer<typeof eventSeverity>;

/**
 * A service with dynamic notifications rings high for critical and error, low for warning and info:
 * https://support.pagerduty.com/main/docs/dynamic-notifications
 */
export const LOUDNESS: Loudness<EventSeverity> = {
  high: ['critical', 'error'],
  low: ['warning', 'info'],
};

export const config = z
  .strictObject({
    token: secret(
      'REST API key (General Access, with write permission). Needed to ring persons, to read back what rings, for on-call schedules and after an outage; not needed to ring services by their Events key.',
    ).optional(),
    from: z.email().optional().meta({
      description:
        'E-mail of the PagerDuty user in whose name Tocsin acts (header From); needed with `token`. Give Tocsin a user of its own: PagerDuty does not notify a user of an incident that it assigns to itself.',
    }),
    region: z.enum(['us', 'eu']).optional().meta({
      description:
        'Service region of the account: eu where its web address ends in eu.pagerduty.com. Left out: us, or eu where `base_url` or `events_url` is of the EU.',
    }),
    base_url: host(
      'Host of the REST API, for a proxy; left out: https://api.pagerduty.com, in the EU https://api.eu.pagerduty.com.',
    ),
    events_url: host(
      'Host of the Events API, for a proxy; left out: https://events.pagerduty.com, in the EU https://events.eu.pagerduty.com.',
    ),
    people_service: named(
      'Service under which persons are rung: their incidents belong to it, its escalation policy is not used.',
    ).optional(),
    priorities: byLevel(named('A priority of the account.'))
      .default({})
      .meta({ description: 'Severity level -> priority of the PagerDuty incident.' }),
    event_severities: byLevel(eventSeverity, LOUDNESS).default({}).meta({
      description:
        'Severity level -> severity of the event: critical or error for pages of high urgency, warning or info for low. Without one that fits: high urgency critical, low urgency warning.',
    }),
    requester: named(
      'The user of `from`, by id: PagerDuty wants it for responder requests, and its webhooks name it when Tocsin itself acted.',
    ).optional(),
    poll_services: z.array(named('A service.')).min(1).optional().meta({
      description:
        'Services whose incidents are read after an outage. Without it, all that the token sees; name the services of your webhook if it is filtered.',
    }),
  })
  .refine((target) => target.token === undefined || target.from !== undefined, {
    path: ['from'],
    message: 'is needed with `token`: the e-mail of a PagerDuty user, in whose name Tocsin acts',
  });

export type Config = z.infer<typeof config>;

/** https://support.pagerduty.com/main/docs/service-regions */
const HOSTS = {
  us: { rest: 'https://api.pagerduty.com', events: 'https://events.pagerduty.com' },
  eu: { rest: 'https://api.eu.pagerduty.com', events: 'https://events.eu.pagerduty.com' },
} as const;

/** An account lives in one region: who names one of its hosts there means both, or its pages would leave for the other one. */
function regionOf({ region, base_url, events_url }: Config): keyof typeof HOSTS {
  const isEu = [base_url, events_url].some((url) => url?.includes('.eu.pagerduty.com'));
  return region ?? (isEu ? 'eu' : 'us');
}

/** Where the REST API or the Events API of the account is, without a slash at the end. */
export function regionalUrlOf(target: Config, api: 'rest' | 'events'): string {
  const written = api === 'rest' ? target.base_url : target.events_url;
  return (written ?? HOSTS[regionOf(target)][api]).replace(/\/+$/, '');
}

export const sourceConfig = z.strictObject({
  secret: secrets(
    'Secret of the webhook subscription (v3), shown once when it is created. Two are valid at once while you rotate.',
  ).refine((all) => all.length <= 2, 'give one secret, or two during a rotation'),
});

export type SourceConfig = z.infer<typeof sourceConfig>;

export const contact = z
  .strictObject({
    name,
    id,
    service: named(
      'Service under which this person is rung; without it `people_service` of the target.',
    ).optional(),
  })
  .meta({ description: 'The user at PagerDuty.' });

const responder = z
  .strictObject({
    name,
    id,
    type: z
      .enum(['user', 'escalation_policy'])
      .default('user')
      .meta({ description: 'What the id names: a user, or an escalation policy.' }),
  })
  .meta({
    description:
      'Ring as a requested responder (the account needs coordinated responding, the target `requester`).',
  });

/**
 * Whom an address rings is PagerDuty's decision: a service rings its escalation policy, and only `user` and
 * `responder` name a person.
 */
export const address = z
  .strictObject({
    service: named(
      'The service that rings, by its escalation policy; with `user`, `escalation_policy` or `responder` the service that the incident belongs to.',
    ).optional(),
    key: secret(
      'Integration key of the service (Events API v2). Pages by key need no token and are the most robust.',
    ).optional(),
    user: named('Ring this user.').optional(),
    escalation_policy: named(
      "Ring this escalation policy instead of the service's own.",
    ).optional(),
    responder: responder.optional(),
  })
  .superRefine((given, context) => {
    const callees = (['user', 'escalation_policy', 'responder'] as const).filter(
      (one) => given[one] !== undefined,
    );
    const problem = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (callees.length === 0 && given.service === undefined)
      problem('service', 'name what rings: service, user, escalation_policy or responder');
    for (const extra of callees.slice(1))
      problem(extra, `cannot stand beside ${callees[0] ?? ''}: one address rings one of them`);
    if (given.key !== undefined && callees[0] !== undefined)
      problem('key', `rings the service, not the ${callees[0]}: remove one of them`);
  });

/** Where a page goes, told apart. `service` null: the target's `people_service`. */
export type RingsBy =
  | { readonly by: 'events'; readonly service: Named; readonly key: string }
  | { readonly by: 'service'; readonly service: Named }
  | { readonly by: 'user'; readonly user: Named; readonly service: Named | null }
  | { readonly by: 'policy'; readonly policy: Named; readonly service: Named | null }
  | {
      readonly by: 'responder';
      readonly responder: Named & { readonly type: 'user' | 'escalation_policy' };
      readonly service: Named | null;
    };

/** Where a page is: where it rings, or at PagerDuty's own incident, which was only taken over. */
export type Whereabouts = RingsBy | { readonly by: 'adopted' };

/** Null when its address is none of ours. */
export function whereaboutsOf(given: unknown): Whereabouts | null {
  return adoptedRef(given) === null ? ringsBy(given) : { by: 'adopted' };
}

/** The validated address, told apart; null when it is none. */
export function ringsBy(given: unknown): RingsBy | null {
  const parsed = address.safeParse(given);
  if (!parsed.success) return null;
  const { service, key, user, escalation_policy: policy, responder: asked } = parsed.data;
  const under = service ?? null;
  if (user !== undefined) return { by: 'user', user, service: under };
  if (policy !== undefined) return { by: 'policy', policy, service: under };
  if (asked !== undefined) return { by: 'responder', responder: asked, service: under };
  if (service === undefined) return null;
  return key === undefined
    ? { by: 'service', service }
    : { by: 'events', service, key: key.reveal() };
}

/** The address of a person: rung by user, under the contact's service or the target's `people_service`. */
export function personAddress(given: unknown): Record<string, unknown> | null {
  const parsed = contact.safeParse(given);
  if (!parsed.success) return null;
  const { service, ...user } = parsed.data;
  return service === undefined ? { user } : { user, service };
}

/**
 * How PagerDuty names us: REST calls are those of the user of `from`. Webhooks tell its id alone, which is known where
 * `requester` stands.
 */
export function ownNames({ from, requester }: Config): readonly string[] {
  return [from, requester?.id].filter((name) => name !== undefined);
}

/** Without a token events are all that is left: pages ring and are closed by their key, and nothing is ever read. */
export function cannot({ token }: Pick<Config, 'token'>): readonly string[] {
  return token === undefined ? ['pager.find', 'pager.list', 'pager.keysOf', 'onCall.whoIsOn'] : [];
}

/** How PagerDuty names the person who acts: by user id. */
export function contactIds(given: unknown): readonly string[] {
  const parsed = contact.safeParse(given);
  return parsed.success ? [parsed.data.id] : [];
}
