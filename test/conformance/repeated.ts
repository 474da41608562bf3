/** Checks that no part of a secret is told on, wherever in its answer a vendor or a proxy repeats it. */
import { expect } from 'vitest';
import { createRedactor } from '../../src/engine/telemetry/redact.ts';
import { refusalText } from '../../src/engine/outgoing/refusal-text.ts';
import { answered } from '../support/io.ts';
import type { Check } from './check.ts';
import type { Subject } from './target.ts';

const SECRET = 'kV9+repeated/4711~%41==Zq';
const FORMS: Readonly<Record<string, string>> = {
  plain: SECRET,
  'in a URL': encodeURIComponent(SECRET),
  'in base64': Buffer.from(SECRET).toString('base64'),
  'as a login': Buffer.from(`api:${SECRET}`).toString('base64'),
  "as somebody's login": Buffer.from(`user:${SECRET}`).toString('base64'),
};
/** Where adapters cut what they tell of an answer, and where the host does. */
const LIMITS = [300, 500];
/** More is what no one would recognise, let alone use. */
const PART = 8;

/** As vendors word it, and as a proxy does. */
function bodies(words: string): readonly string[] {
  return [
    JSON.stringify({ message: words, errors: [words], error: { message: words, errors: [words] } }),
    JSON.stringify({ error: words, errors: { field: [words] }, code: 2001, requestId: 'r-1' }),
    `<html>${words} and more`,
  ];
}

/** Filler lengths for which the words come to lie across a limit. */
function offsets(form: string): readonly number[] {
  const ahead = 90;
  return LIMITS.flatMap((limit) =>
    Array.from({ length: form.length + ahead }, (_, i) => limit - form.length - ahead + i + 1),
  );
}

/** What may stand in no text: each stretch of the form but its first letters, which may belong to what is before it. */
function partsOf(form: string): readonly string[] {
  return Array.from({ length: form.length - PART - 8 }, (_, i) => form.slice(i + 8, i + 8 + PART));
}

/** A vendor that repeats the secret at every offset about the limits at which texts are cut. */
export function repeatedCheck(subject: Subject): Check {
  return {
    title: `${subject.label} tells on no part of a secret that is repeated to it`,
    run: async () => {
      const redactor = createRedactor();
      redactor.register(SECRET);
      for (const [name, form] of Object.entries(FORMS)) {
        const parts = partsOf(form);
        for (const [i, offset] of offsets(form).entries()) {
          const words = `${'x'.repeat(offset)} ${form} said the vendor`;
          const body = bodies(words)[i % 3] ?? '';
          const text = refusalText(body, (one) => redactor.redactCut(one));
          const answer = answered([400, 422, 403, 500][i % 4] ?? 400, text);
          const { result } = await subject.run(() => answer);
          // As it is stored: looked at once more, and cut.
          const told = redactor.redact(JSON.stringify(result));
          if (parts.some((part) => told.includes(part)))
            expect.fail(`${name}, behind ${offset} letters: ${told.slice(-200)}`);
        }
      }
    },
  };
}
