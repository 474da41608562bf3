/** The installation itself: where it listens, where its links lead, how long it keeps what. */
import { z } from 'zod';
import { byteSize, duration, word } from '../words.ts';

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

export const serverShape = z
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

export const retentionShape = z
  .strictObject({
    bodies: duration(
      'How long raw bodies of deliveries and settled rows are kept; incidents and timelines are kept for ever.',
    ).optional(),
  })
  .meta({ description: 'How long what is kept.' });

export const publicUrlShape = z
  .url({ protocol: /^https?$/, error: 'this is no http(s) address' })
  .meta({
    description:
      'Where links in pages and posts lead, e.g. `https://tocsin.example.com`; no links when left out.',
  });
