/** Any sender of JSON as a source of alerts: a field mapping in YAML and one of three ways to verify the sender. */
import { z } from 'zod';
import { defineAdapter, readJson } from '../../src/contract/index.ts';
import type { Alert, ParseResult, RawRequest, Verified } from '../../src/contract/index.ts';
import { alertAt, mapping } from './mapping.ts';
import type { Aside, Mapping } from './mapping.ts';
import { valuesAt } from './path.ts';
import type { Path, ReadFrom } from './path.ts';
import { verification, verifyBy } from './verify.ts';

const sourceConfig = z.strictObject({
  verify: verification.meta({ description: 'How the sender proves itself: exactly one way.' }),
  mapping: mapping.meta({ description: 'Which part of the JSON is which part of an alert.' }),
  delivery_id_header: z
    .string()
    .min(1)
    .transform((name) => name.toLowerCase())
    .optional()
    .meta({
      description:
        'Header in which the sender names a delivery, if it repeats the same name on its own retries and never otherwise: a second delivery of that name is dropped.',
    }),
});

type SourceConfig = z.infer<typeof sourceConfig>;

function verify(request: RawRequest, config: SourceConfig, now: number): Verified {
  const verified = verifyBy(config.verify, request, now);
  if (!verified.ok || config.delivery_id_header === undefined) return verified;
  const named = request.headers[config.delivery_id_header] ?? '';
  return named === '' ? verified : { ok: true, deliveryId: named };
}

/** The elements of `each`; null where its list is not there. An empty list is a list. */
function elementsOf(each: Path, document: unknown): readonly unknown[] | null {
  const place = { document, element: document };
  const elements = valuesAt(each, place);
  if (elements.length > 0) return elements;
  const isEmpty =
    each.steps.at(-1)?.kind === 'every' &&
    valuesAt({ ...each, steps: each.steps.slice(0, -1) }, place).some(Array.isArray);
  return isEmpty ? [] : null;
}

/** Pure and total. */
function parseDelivery(body: Uint8Array, rules: Mapping): ParseResult {
  const reading = readJson(body);
  if (!reading.ok) return reading;
  const document = reading.value;
  const elements = rules.each === undefined ? [document] : elementsOf(rules.each, document);
  if (elements === null)
    return { ok: false, reason: `each: nothing at ${rules.each?.text ?? '$'}` };
  const observations: Alert[] = [];
  const ignored: Aside[] =
    elements.length === 0
      ? [{ what: 'delivery', reason: `the list at ${rules.each?.text ?? '$'} is empty` }]
      : [];
  const failures: string[] = [];
  for (const element of elements) {
    const place: ReadFrom = { document, element };
    const mapped = alertAt(rules, place);
    if (!mapped.ok) failures.push(mapped.reason);
    else {
      if (mapped.alert !== null) observations.push(mapped.alert);
      ignored.push(...mapped.asides);
    }
  }
  const [failure] = failures;
  if (failure !== undefined && failures.length === elements.length)
    return { ok: false, reason: failure };
  // Some elements can be read: they must not wait for the others, which count as missing.
  ignored.push(...failures.map((reason) => ({ what: 'one element of each', reason })));
  return { ok: true, parsed: { observations, ignored, truncated: failures.length } };
}

export const genericWebhook = defineAdapter<SourceConfig, never>({
  name: 'generic-webhook',
  source: {
    config: sourceConfig,
    repeats: 'perhaps',
    verify,
    parse: (request, config) => parseDelivery(request.body, config.mapping),
  },
});
