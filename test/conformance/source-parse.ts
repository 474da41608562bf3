/** Checks on `parse` and `handshake`: nothing that a sender can write breaks the reading. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ParseResult, RawRequest } from '../../src/contract/index.ts';
import type { Check } from './check.ts';
import { damaged, frozen } from './mutations.ts';
import { observationSchema } from './observation.ts';
import { expectNoSecret, secretsIn } from './secrets.ts';
import { bytesOf } from './source-subject.ts';
import type { Delivery, Subject } from './source-subject.ts';

const parseResultSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    parsed: z.strictObject({
      observations: z.array(observationSchema),
      ignored: z.array(z.strictObject({ what: z.string(), reason: z.string().min(1) })),
      truncated: z.number().int().min(0),
      group: z.string().min(1).optional(),
    }),
  }),
  z.strictObject({ ok: z.literal(false), reason: z.string().min(1) }),
]);

/** Calls `parse`, which must be total, pure and well-formed, whatever the bytes. */
export function parse(
  subject: Subject,
  request: Pick<RawRequest, 'headers' | 'body'>,
  how: string,
): ParseResult {
  const config = subject.config(subject.current);
  const before = Buffer.from(request.body);
  const result = subject.part.parse(frozen(request), config);
  const problems = parseResultSchema.safeParse(result).error?.issues ?? [];
  expect(problems, `${how}: parse answered ${JSON.stringify(result).slice(0, 300)}`).toEqual([]);
  expect(before.equals(request.body), `${how}: parse changed the bytes`).toBe(true);
  expectNoSecret(result, secretsIn(config, 'config'));
  return result;
}

const BOMBS: readonly string[] = [
  '',
  ' ',
  '\uFEFF{}',
  'null',
  '1e999',
  '"text"',
  '[]',
  '[null]',
  '{"__proto__":{"polluted":true},"constructor":null}',
  '['.repeat(200_000),
  '{"a":'.repeat(100_000),
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"alerts":'.repeat(5000)}1${'}'.repeat(5000)}`,
  `{"event":${'{"data":'.repeat(3000)}null${'}'.repeat(3000)}}`,
];

export function parseChecks(subject: Subject): readonly Check[] {
  const { deliveries } = subject.source;
  const headersOf = (delivery: Delivery | undefined): Readonly<Record<string, string>> => ({
    'content-type': 'application/json',
    ...delivery?.headers,
  });
  const headerSets = [{}, ...deliveries.map(headersOf)];
  return [
    ...deliveries
      .filter(({ body }) => typeof body === 'object' && !(body instanceof Uint8Array))
      .map((delivery) => ({
        title: `parse survives the loss or replacement of each key: ${delivery.name}`,
        run: () => {
          for (const { how, document } of damaged(delivery.body))
            parse(subject, { headers: headersOf(delivery), body: bytesOf(document) }, how);
        },
      })),
    {
      title: 'parse survives depth bombs and strange documents',
      run: () => {
        for (const headers of headerSets)
          for (const bomb of BOMBS)
            parse(subject, { headers, body: bytesOf(bomb) }, bomb.slice(0, 40));
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      },
    },
    {
      title: 'parse survives random bytes and random JSON',
      run: () => {
        const bodies = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(bytesOf));
        const property = fc.property(
          bodies,
          fc.constantFrom(...headerSets),
          (body, headers) => void parse(subject, { headers, body }, 'random'),
        );
        fc.assert(property, { seed: 20_260_115, numRuns: 500 });
      },
    },
    {
      title: 'parse and handshake survive missing headers and half a body',
      run: () => {
        for (const delivery of deliveries) {
          const body = bytesOf(delivery.body);
          parse(subject, { headers: {}, body }, 'no headers');
          parse(
            subject,
            { headers: headersOf(delivery), body: body.subarray(0, Math.floor(body.length / 2)) },
            'half a body',
          );
          subject.part.handshake?.(
            { headers: {}, body, path: '' },
            subject.config(subject.current),
          );
        }
        for (const bomb of BOMBS)
          subject.part.handshake?.(
            { headers: {}, body: bytesOf(bomb), path: '' },
            subject.config(subject.current),
          );
      },
    },
  ];
}
