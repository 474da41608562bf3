/** Checks that texts are cut at the vendor's limit, in the vendor's unit, and no earlier. */
import { expect } from 'vitest';
import type { HttpRequest } from '../../src/contract/index.ts';
import type { Check } from './check.ts';
import { at, replaced } from './mutations.ts';
import type { Subject } from './target.ts';

/** `characters`: Unicode code points; `utf16`: JavaScript's length; `bytes`: UTF-8. */
export type TextUnit = 'characters' | 'utf16' | 'bytes';

export interface TextLimit {
  /** Path of the text in the order, e.g. `title`. */
  readonly text: string;
  /** Path of the field in a request, e.g. `json.incident.name`. */
  readonly field: string;
  readonly limit: number;
  readonly unit: TextUnit;
  /** Texts to repeat; `['a', 'é', '🚨']` when absent. Narrow it where the vendor's alphabet is narrower. */
  readonly samples?: readonly string[];
}

const MEASURES: Readonly<Record<TextUnit, (text: string) => number>> = {
  characters: (text) => [...text].length,
  utf16: (text) => text.length,
  bytes: (text) => Buffer.byteLength(text),
};

/** Room that a mark of omission, a prefix or a character that no longer fits may take. */
const SLACK = 40;

function fieldOf(requests: readonly HttpRequest[], field: string): string {
  const found = requests
    .map((request) => at(request, field.split('.')))
    .findLast((value) => value !== undefined);
  return typeof found === 'string' ? found : expect.fail(`no request has the text field ${field}`);
}

async function sentWith(subject: Subject, limit: TextLimit, text: string): Promise<string> {
  const [order, ...rest] = subject.one.args;
  const changed = replaced(order, limit.text.split('.'), text);
  const { requests } = await subject.run(subject.one.respond, [changed, ...rest]);
  return fieldOf(requests, limit.field);
}

export function limitChecks(subject: Subject): readonly Check[] {
  return (subject.one.limits ?? []).map((limit) => ({
    title: `${subject.label} cuts ${limit.field} at ${limit.limit} ${limit.unit}`,
    run: async () => {
      const measure = MEASURES[limit.unit];
      for (const sample of limit.samples ?? ['a', 'é', '🚨']) {
        const sent = await sentWith(subject, limit, sample.repeat(limit.limit * 2));
        expect(measure(sent), `${sample} repeated`).toBeLessThanOrEqual(limit.limit);
        expect(measure(sent), `${sample} repeated is cut too early`).toBeGreaterThanOrEqual(
          Math.min(limit.limit - SLACK, limit.limit * 0.9),
        );
        expect(sent.isWellFormed(), 'a character is cut in half').toBe(true);
      }
    },
  }));
}
