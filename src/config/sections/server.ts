/** The installation itself: where it listens, where its links lead, in which time zone it speaks, what it keeps how long. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Schedule } from '../../lib/cron.ts';
import { canonicalHost } from '../../lib/private-address.ts';
import { holdsLogin } from '../addresses.ts';
import { hasBitsBehind, type Network, networkOf } from '../../lib/networks.ts';
import { LOG_LEVELS, type LogLevel } from '../../lib/log-level.ts';
import type { Item } from '../context.ts';
import {
  byteSize,
  cron,
  duration,
  durationOrNever,
  nonEmptyText,
  timezone,
  word,
} from '../words.ts';
import { scheduleOf } from './schedule.ts';
import type { Report } from '../problem.ts';
import type { SecretStore } from '../secret-values.ts';
import { buildHeartbeat, type HeartbeatPlan } from './heartbeat.ts';
import { below } from '../yaml-file.ts';

const listen = word(
  (given) => {
    const parts = /^(?:(\[[0-9a-fA-F:.]+\]|[^\s:]+):)?(\d{1,5})$/.exec(given);
    const port = Number(parts?.[2] ?? Number.NaN);
    return parts === null || !(port <= 65_535)
      ? null
      : { host: (parts[1] ?? '127.0.0.1').replaceAll(/[[\]]/g, ''), port };
  },
  {
    what: 'is no address to listen on',
    hint: 'Write host and port: 127.0.0.1:8080, or 0.0.0.0:8080 for every interface.',
    ofNumber: (given) => `Write 127.0.0.1:${given}, or 0.0.0.0:${given} for every interface.`,
  },
).meta({ description: 'Host and port to listen on.' });

const privateHost = word(canonicalHost, {
  what: 'is no host',
  hint: 'Write one host as it stands in base_url, without scheme, port or path: proxy.internal, 10.1.2.3 or fd00::1. There are no ranges and no wildcards: name each host.',
});
const proxy = word((given) => networkOf(given), {
  what: 'is no address and no network',
  hint: 'Write the address of a proxy or the network of several: 10.0.0.7, 10.0.0.0/8, fd00::/8.',
})
  .refine((network) => network.prefix > 0, {
    error: 'this is everybody: whoever asks could claim to be anybody',
    params: { hint: 'Write the addresses or networks of your own proxies.' },
  })
  .refine((network) => !hasBitsBehind(network), {
    error: 'this is no network: it has bits behind its prefix',
    params: {
      hint: 'Write the network by its first address, 10.0.0.0/8, or one address alone, 10.1.2.3.',
    },
  });

/** A delivery is read as a whole; several arrive at once. */
const MAX_BODY_MOST_MB = 100;

export const serverShape = z
  .strictObject({
    listen: listen.optional(),
    max_body: byteSize('Larger deliveries are refused with 413.', MAX_BODY_MOST_MB).optional(),
    checkpoints: nonEmptyText(
      'The folder in which signed checkpoints are written, by its absolute path: on another disk or machine they show what was removed from the data. The data directory when left out.',
    )
      .refine((path) => isAbsolute(path), {
        error: 'this is no absolute path',
        params: { hint: 'Write where it is from the root: /mnt/elsewhere/tocsin.' },
      })
      .optional(),
    allow_private_hosts: z
      .array(privateHost)
      .meta({
        description:
          'Hosts in private networks that targets may be reached at (a proxy, a test), each by the name or the address that stands in `base_url`; all others are refused. A name among them never leads to where a cloud keeps its credentials.',
      })
      .optional(),
    trusted_proxies: z
      .array(proxy)
      .meta({
        description:
          'Addresses and networks (CIDR) of the proxies in front of Tocsin: from them X-Forwarded-For says who asks. Left out: the header is ignored.',
      })
      .optional(),
    heartbeat: z.unknown().optional().meta({
      // Its secrets have spellings of their own.
      description: 'Who is told that it lives.',
      shape: 'heartbeat',
    }),
    log: z
      .strictObject({
        level: z
          .enum(LOG_LEVELS)
          .meta({ description: 'How much is logged; info when left out. No level logs a secret.' })
          .optional(),
      })
      .meta({ description: 'The log on the error stream.' })
      .optional(),
  })
  .meta({ description: 'The HTTP server for webhooks, API and console.' });

/** PagerDuty sends up to 256 KB; a group of Alertmanager has no limit, and a 413 would lose it for ever. */
const MAX_BODY_DEFAULT_BYTES = 8 * 1024 * 1024;
const LISTEN_DEFAULT = { host: '127.0.0.1', port: 8080 } as const;

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly maxBodyBytes: number;
  /** Hosts in private networks that targets may be reached at. */
  readonly allowPrivateHosts: readonly string[];
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly Network[];
  readonly logLevel: LogLevel;
  /** Folder of the signed checkpoints; null: the data directory. */
  readonly checkpoints: string | null;
  /** Null: nobody is told that it lives. */
  readonly heartbeat: HeartbeatPlan | null;
}

/** Where the process listens, and what it takes. */
export function buildServer(
  [item]: readonly Item<z.output<typeof serverShape>>[],
  about: { readonly report: Report; readonly secrets: SecretStore; readonly sandbox: boolean },
): ServerSettings {
  const yaml = item?.value;
  const allowPrivateHosts = yaml?.allow_private_hosts ?? [];
  const privateHosts = about.sandbox ? null : allowPrivateHosts;
  return {
    ...(yaml?.listen ?? LISTEN_DEFAULT),
    maxBodyBytes: yaml?.max_body ?? MAX_BODY_DEFAULT_BYTES,
    allowPrivateHosts,
    trustedProxies: yaml?.trusted_proxies ?? [],
    logLevel: yaml?.log?.level ?? 'info',
    checkpoints: yaml?.checkpoints ?? null,
    heartbeat:
      item === undefined || yaml?.heartbeat === undefined
        ? null
        : buildHeartbeat(yaml.heartbeat, below(item.spot, 'heartbeat'), { ...about, privateHosts }),
  };
}

const DAY_MS = 86_400_000;

export const retentionShape = z
  .strictObject({
    bodies: duration(
      'How long raw bodies of deliveries and settled rows are kept, a day at least; incidents and timelines are kept for ever.',
    )
      .refine((ms) => ms >= DAY_MS, {
        error: 'this is too short: for a day what was sent is held against what was to be sent',
        params: { hint: 'Write 1d or more; 30d is usual.' },
      })
      .optional(),
    archive: durationOrNever(
      'After this time without an event, what is over and owes nothing moves from the database to the archive beside it, where it can be read and does not change any more; 90 days when left out.',
    )
      .refine(({ ms }) => ms === null || ms >= DAY_MS, {
        error: 'this is too short: what is archived can neither be reopened nor added to',
        params: { hint: 'Write 1d or more, e.g. 90d, or never.' },
      })
      .optional(),
    sweep: cron(
      'When what is older is deleted: a cron expression in quotes, such as "30 3 * * *"; every day at 03:30 when left out.',
    ).optional(),
  })
  .meta({ description: 'How long what is kept.' });

const RETENTION_DEFAULT_MS = 30 * DAY_MS;
const ARCHIVE_DEFAULT = { ms: 90 * DAY_MS };

const SWEEP_DEFAULT = '30 3 * * *';

export interface RetentionSettings {
  readonly bodiesMs: number;
  /** Null: nothing is archived. */
  readonly archiveMs: number | null;
  readonly sweep: Schedule;
}

/**
 * How long what is kept.
 * @param fileTimezone the time zone of the file
 */
export function buildRetention(
  [item]: readonly Item<z.output<typeof retentionShape>>[],
  fileTimezone: string,
): RetentionSettings {
  const yaml = item?.value;
  return {
    bodiesMs: yaml?.bodies ?? RETENTION_DEFAULT_MS,
    archiveMs: (yaml?.archive ?? ARCHIVE_DEFAULT).ms,
    sweep: scheduleOf(yaml?.sweep, { cron: SWEEP_DEFAULT, timezone: fileTimezone }),
  };
}

export const publicUrlShape = z
  .url({ protocol: /^https?$/, error: 'this is no http(s) address' })
  .refine((address) => !holdsLogin(address), {
    error: 'a name or a password stands in this address, which everybody reads who is paged',
  })
  .meta({
    description:
      'Where links in pages and posts lead, e.g. `https://tocsin.example.com`; no links when left out.',
  });

/** Where links lead, without a slash at the end; null: there are none. */
export function publicUrlOf([item]: readonly Item<string>[]): string | null {
  return item?.value?.replace(/\/+$/, '') ?? null;
}

export const timezoneShape = timezone(
  'Time zone in which people and the public read times; UTC when left out.',
);

/** The time zone of the file. */
export function timezoneOf([item]: readonly Item<string>[]): string {
  return item?.value ?? 'UTC';
}
