/** What connects Tocsin with the world: sources, targets, the server, texts. */
import { z } from 'zod';
import { byteSize, duration, text, word } from '../words.ts';

/** Keys of a source that are Tocsin's; all others are the adapter's. */
export const source = z
  .looseObject({
    type: text('Adapter that reads this source, e.g. `alertmanager`.'),
    severity_map: z.record(z.string(), text('A level.')).optional().meta({
      description: "The vendor's severity or priority words -> levels; case does not matter.",
    }),
    target: text(
      'The pager target whose incidents this source speaks of; the only target of the same type when left out.',
    ).optional(),
  })
  .meta({
    description: 'Where alerts come from; its key is the last part of `/webhooks/<source>`.',
    shape: 'source',
  });

export const MODES = ['off', 'shadow', 'draft', 'live'] as const;

export const target = z
  .looseObject({
    type: text('Adapter that serves this target, e.g. `pagerduty`.'),
    mode: z.enum(MODES).meta({
      description:
        'The ladder to going live: `off`; `shadow` (decided and recorded, nothing sent); `draft` (status pages: waits for a person); `live`.',
    }),
  })
  .meta({ description: 'Where pages, posts and messages go.', shape: 'target' });

/** A channel at a chat target. */
export function channel(description: string): z.ZodType<{ via: string; channel: string }> {
  return z
    .strictObject({
      via: text('A target that can chat.'),
      channel: text('Channel name or id at that target.'),
    })
    .meta({ description });
}

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
  },
).meta({ description: 'Host and port to listen on.' });

export const server = z
  .strictObject({
    listen: listen.optional(),
    max_body: byteSize('Larger deliveries are refused with 413.').optional(),
    allow_private_hosts: z
      .array(z.string().min(1))
      .meta({
        description:
          'Hosts in private networks that targets may be reached at (a proxy, a test); all others are refused.',
      })
      .optional(),
  })
  .meta({ description: 'The HTTP server for webhooks, API and console.' });

export const retention = z
  .strictObject({
    bodies: duration(
      'How long raw bodies of deliveries and settled rows are kept; incidents and timelines are kept for ever.',
    ).optional(),
  })
  .meta({ description: 'How long what is kept.' });

export const rooms = z
  .strictObject({
    via: text('A target that can open rooms.'),
    name: text('Name of a room, e.g. `inc-{{date}}-{{slug}}`.').optional(),
  })
  .meta({ description: 'A chat room for each declared incident.' });

export const publicUrl = z.url({ protocol: /^https?$/, error: 'this is no http(s) address' }).meta({
  description:
    'Where links in pages and posts lead, e.g. `https://tocsin.example.com`; no links when left out.',
});

export const texts = z.record(z.string(), z.string()).meta({
  description:
    'Your wording instead of the built-in one: text name -> template with `{{name}}`; empty means built-in.',
  shape: 'texts',
});
