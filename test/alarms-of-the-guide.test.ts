/** The expressions of "Is it well?" in the guide for operators: each asks for what is there, from the start on. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { createMetrics } from '../src/engine/telemetry/metrics.ts';
import { type Harness, MINUTE, startEngine } from './support/engine.ts';

const guide = readFileSync(new URL('../docs/guides/operate.md', import.meta.url), 'utf8');
const [, table = ''] = /\| expression \| why \|\n([^]*?)\n\n/.exec(guide) ?? [];
const expressions = table
  .split('\n')
  .flatMap((row) => Array.from((row.split(' | ')[0] ?? '').matchAll(/`([^`/]+)`/g), ([, it]) => it))
  .filter((it): it is string => it?.includes('tocsin_') === true);

const selectors = expressions.flatMap((expression) =>
  Array.from(
    expression.matchAll(/(tocsin_\w+)(?:\{([^}]*)\})?/g),
    ([, name = '', labels = '']) => ({
      expression,
      name: name.replace(/_bucket$/, ''),
      labels: Array.from(labels.matchAll(/(\w+)="/g), ([, label = '']) => label),
    }),
  ),
);

let h: Harness;
afterEach(() => h.end());

test('there are some, and each names a metric of ours with labels that it has', async () => {
  h = await startEngine();
  expect(expressions.length).toBeGreaterThan(15);
  for (const { expression, name, labels } of selectors) {
    const metric = h.metrics.registry.getSingleMetric(name);
    const known = (metric as { readonly labelNames?: readonly string[] } | undefined)?.labelNames;
    expect(known, expression).toEqual(expect.arrayContaining(labels));
  }
});

test('no label has a name that Prometheus gives to every series itself', async () => {
  h = await startEngine();
  const metrics = createMetrics().registry.getMetricsAsArray() as unknown as readonly {
    readonly name: string;
    readonly labelNames: readonly string[];
  }[];
  const taken = metrics.filter(({ labelNames }) =>
    labelNames.some((label) => label === 'job' || label === 'instance'),
  );
  expect(taken.map(({ name }) => name)).toEqual([]);
});

test('what is asked for an increase is there with 0 before anything has happened', async () => {
  h = await startEngine();
  await h.clock.advanceBy(2 * MINUTE);
  const text = await h.metrics.registry.metrics();
  const asked = selectors.filter(({ expression }) => /increase|delta/.test(expression));
  expect(asked.length).toBeGreaterThan(4);
  for (const { expression, name } of asked) {
    const [, matcher = ''] = /\{([^}]*)\}/.exec(expression) ?? [];
    const series = text
      .split('\n')
      .filter((line) => line.startsWith(name) && line.includes(matcher));
    expect(series.length, expression).toBeGreaterThan(0);
    expect(series.every((line) => line.endsWith(' 0'))).toBe(true);
  }
});
