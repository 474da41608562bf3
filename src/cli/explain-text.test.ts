/** What `explain` prints of an alert. */
import { expect, test } from 'vitest';
import type { ExplainedObservation } from '../read/shapes.ts';
import { explainText } from './explain-text.ts';

const WATCHDOG: ExplainedObservation = {
  kind: 'alert',
  dedupKey: 'k1',
  title: 'Watchdog',
  status: 'firing',
  labels: {},
  verdict: 'suppress',
  because: 'it is expected, and opens nothing',
  team: null,
  service: null,
  rule: null,
  route: null,
  groupKey: null,
  trusted: false,
  public: 'never',
  level: null,
  triage: [],
  declared: [],
  tried: [],
  notes: [],
};

test.each([
  ['no route was looked at', null, false],
  ['a route was', 'tocsin.yaml:7', true],
])('a route is named as the reason why nothing is public only where %s', (_, route, isSaid) => {
  const observations = [{ ...WATCHDOG, route }];
  const text = explainText({
    ok: true,
    source: 'prom',
    at: '',
    observations,
    ignored: [],
    truncated: 0,
  });
  expect(text.includes('its route keeps it from the public')).toBe(isSaid);
});
