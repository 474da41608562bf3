/** Which incidents an audit looks at: a hundred at a time, and what was late again the next time. */
import { expect, test } from 'vitest';
import { realCore, START } from '../../test/support/engine.ts';
import { policy } from '../../test/support/policy.ts';
import { observed, Story } from '../../test/support/story.ts';
import { createSteppedClock } from '../sandbox/clock.ts';
import type { IncidentRow } from '../store/store.ts';
import { createAuditor } from './auditor.ts';
import { createMetrics } from './metrics.ts';

const well = { undecided: 0, oldestDueMs: 0, ambiguous: 0, dead: 0, openIncidents: 250 };
const OWES = 'An incident does not do what it owes';

test('every open incident has its turn, also those behind the newest hundred', async () => {
  const opened = new Story(policy());
  opened.feed(observed());
  const rows: readonly IncidentRow[] = Array.from({ length: 250 }, (_, i) => {
    const state = { ...opened.incident, id: `inc-${250 - i}` };
    return { id: state.id, version: state.version, state, wake: null };
  });
  const asked: string[] = [];
  const alerts: string[] = [];
  const silent = () => undefined;
  const auditor = createAuditor({
    reads: {
      health: () => Promise.resolve(well),
      timeline: () => Promise.resolve([]),
      incident: (id) => Promise.resolve(rows.find((row) => row.id === id) ?? null),
      listIncidents: ({ limit, before }) => {
        const from = before === null ? 0 : rows.findIndex(({ id }) => id === before) + 1;
        return Promise.resolve(rows.slice(from, from + limit));
      },
    },
    fold: realCore.fold,
    owed: ({ id }) => {
      asked.push(id);
      const clock = { kind: 'soak' } as const;
      return id === 'inc-1' ? [{ clock, what: 'the end of the quiet', dueAt: 0 }] : [];
    },
    lookAgain: () => Promise.resolve(),
    clock: createSteppedClock({ start: START }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    metrics: createMetrics(),
    selfAlert: ({ title, status }) => void alerts.push(`${title}: ${status}`),
  });
  for (let audit = 1; audit <= 3; audit += 1) await auditor.audit();
  expect(new Set(asked).size).toBe(250);
  expect(alerts).toEqual([]);
  await auditor.audit();
  expect(alerts).toEqual([`${OWES}: firing`]);
});
