/** What users write in YAML about Opsgenie: a target, a source, an address to page, a person's contact. */
import { z } from 'zod';
import { byLevel, secret, secrets } from '../../src/contract/index.ts';
import type { Loudness } from '../../src/contract/index.ts';

const priority = z.enum(['P1', 'P2', 'P3', 'P4', 'P5']);

export type Priority = z.infer<typeof priority>;

/** Whom a priority wakes is decided by the rules of each user; P1 and P2 are those that the vendor calls critical and high. */
export const LOUDNESS: Loudness<Priority> = { high: ['P1', 'P2'], low: ['P4', 'P3', 'P5'] };

export const targetConfig = z.strictObject({
  api_key: secret(
    'Key of an API integration (Settings > Integrations > API), with read access and "create and update access". A key of a team integration sees only that team.',
  ),
  region: z.enum(['us', 'eu']).default('us').meta({
    description:
      'Service region of the account: eu where its web address ends in app.eu.opsgenie.com. Jira Service Management has one host for both (see `base_url`).',
  }),
  base_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      description:
        'Host of the API, where it is another one than that of the region: a proxy, or Jira Service Management (successor of Opsgenie, which ends on 2027-04-05): `https://api.atlassian.com/jsm/ops/integration`.',
    }),
  priorities: byLevel(priority, LOUDNESS).default({}).meta({
    description:
      'Level -> Opsgenie priority, e.g. `{SEV1: P1, SEV2: P2}`. P1 and P2 are for pages of high urgency, P3 to P5 for low. Without one that fits: high urgency P1, low urgency P4.',
  }),
});

export type TargetConfig = z.infer<typeof targetConfig>;

/** https://docs.opsgenie.com/docs/api-overview */
const HOSTS = { us: 'https://api.opsgenie.com', eu: 'https://api.eu.opsgenie.com' } as const;

/** Where the API of the account is, without a slash at the end. */
export function apiUrlOf({ region, base_url }: TargetConfig): string {
  return (base_url ?? HOSTS[region]).replace(/\/+$/, '');
}

/** An HTTP field name (RFC 9110), which a YAML may spell in any case. */
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'a header name holds letters, digits and dashes only')
  .transform((name) => name.toLowerCase());

export const sourceConfig = z.strictObject({
  token: secrets(
    'Opsgenie does not sign its webhooks: enter a custom header in its Webhook integration and give its secret here. Several are valid at once while you rotate.',
  ),
  header: headerName.default('authorization').meta({
    description:
      'Name of that custom header. `authorization` expects the value `Bearer <token>`, any other header the bare token.',
  }),
});

export type SourceConfig = z.infer<typeof sourceConfig>;

function named(what: string): z.ZodType<{ name: string; id: string } | undefined> {
  return z
    .strictObject({
      name: z
        .string()
        .min(1)
        .meta({
          description: `Name of the ${what}, for readers; a changed name is a warning of doctor.`,
        }),
      id: z
        .string()
        .min(1)
        .meta({ description: `Id of the ${what}: the last part of its address in Opsgenie.` }),
    })
    .optional()
    .meta({ description: `Ring the ${what}.` });
}

/** One responder; Opsgenie decides whose phone that is. */
export const pageAddress = z
  .strictObject({
    team: named('team (its routing rules decide who rings)'),
    user: z
      .email()
      .optional()
      .meta({ description: 'Ring one user: the e-mail address with which they log in.' }),
    schedule: named('schedule (whoever is on call)'),
    escalation: named('escalation policy (Opsgenie walks its steps)'),
  })
  .refine((address) => Object.values(address).filter((part) => part !== undefined).length === 1, {
    message: 'name exactly one of `team`, `user`, `schedule` and `escalation`',
  });

export type Address = z.infer<typeof pageAddress>;

export const contact = z
  .email()
  .meta({ description: 'E-mail address with which the person logs in to Opsgenie.' });
