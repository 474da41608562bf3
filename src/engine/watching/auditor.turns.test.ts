/** Which incidents an audit looks at: a hundred at a time, and what was late again the next time. */
import { describe, expect, test } from 'vitest';
import { MINUTE, realCore, START } from '../../../test/support/engine.ts';
import { policy } from '../../../test/support/policy.ts';
import { observed, Story } from '../../../test/support/story.ts';
import type { Obligation } from '../../core/model/obligation.ts';
import { createSteppedClock } from '../../sandbox/clock.ts';
import type { StoreSizes, IncidentRow } from '../../store/store.ts';
import { createAuditor } from './auditor.ts';
import { createMetrics } from '../telemetry/metrics.ts';

const OWES = 'An incident does not do what it owes';
const well = {
  undecided: 0,
  held: 0,
  oldestDueMs: 0,
  oldestPageMs: 0,
  oldestTurnMs: 0,
  ambiguous: 0,
  dead: 0,
  openIncidents: 0,
  unreachable: [],
};

const NO_SIZES: StoreSizes = {
  bytes: { database: 0, log: 0, unused: 0, archive: 0, ballast: 0, disk_free: 0 },
  incidents: { open: 0, closed: 0, archived: 0 },
  rows: { events: 0, inbox: 0, outbox: 0 },
};
const story = new Story(policy());
story.feed(observed());

/** Audits of so many open incidents, the newest of which has the highest number. */
function audits(
  count: number,
  owed: (incident: string) => readonly Obligation[],
  /** Checks that an earlier process alerted. */
  before: readonly string[] = [],
) {
  const rows: readonly IncidentRow[] = Array.from({ length: count }, (_, i) => {
    const state = { ...story.incident, id: `inc-${count - i}` };
    return {
      source: 'prom',
      id: state.id,
      version: state.version,
      state,
      archive: null,
      wake: { at: START + MINUTE, rank: 0, basis: '' },
    };
  });
  const asked = new Set<string>();
  const alerts: string[] = [];
  const woken: string[] = [];
  const silent = () => undefined;
  const auditor = createAuditor({
    store: { spoilt: () => [], archiveTroubles: () => [], sizes: () => NO_SIZES },
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
      asked.add(id);
      return owed(id);
    },
    lookAgain: (incidents) => {
      woken.push(...incidents);
      return Promise.resolve();
    },
    clock: createSteppedClock({ start: START }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    metrics: createMetrics(),
    standing: () =>
      Promise.resolve(before.map((check) => ({ key: { kind: 'audit', check }, isOpen: true }))),
    selfAlert: ({ title, status }) => void alerts.push(`${title}: ${status}`),
  });
  return { audit: () => auditor.audit(), asked, alerts, woken };
}

const owes = (what: string, dueAt: number): Obligation => ({
  clock: { kind: 'gap', axis: 'page', id: what },
  what,
  dueAt,
});

test('every open incident has its turn, also those behind the newest hundred', async () => {
  const { audit, asked, alerts } = audits(250, (id) =>
    id === 'inc-1' ? [owes('the end of the quiet', 0)] : [],
  );
  for (let count = 1; count <= 3; count += 1) await audit();
  expect(asked.size).toBe(250);
  expect(alerts).toEqual([]);
  await audit();
  expect(alerts).toEqual([`${OWES}: firing`]);
});

test('an incident that is late with one thing and then with another is alarmed by neither', async () => {
  let count = 0;
  const { audit, alerts } = audits(1, () => [owes(`the ${(count += 1)}. step`, 0)]);
  for (let audited = 1; audited <= 3; audited += 1) await audit();
  expect(alerts).toEqual([]);
});

test('an incident is woken anew when it would sleep over what is due, and not before it is due', async () => {
  const { audit, woken } = audits(2, (id) => [
    owes('the next step', id === 'inc-1' ? START - 1 : START + 1),
  ]);
  await audit();
  expect(woken).toEqual(['inc-1']);
});

describe('what an earlier process alerted', () => {
  const nothing = () => [];

  test('is over with the second audit that finds nothing, for the first has nothing to compare with', async () => {
    const { audit, alerts } = audits(1, nothing, ['DeadLetters']);
    await audit();
    expect(alerts).toEqual([]);
    await audit();
    await audit();
    expect(alerts).toEqual(['Targets refuse what is sent to them: resolved']);
  });

  test('goes on where it lasts, and is not alerted twice', async () => {
    const owing = () => [owes('the end of the quiet', 0)];
    const { audit, alerts } = audits(1, owing, ['OverdueObligation']);
    await audit();
    await audit();
    await audit();
    expect(alerts).toEqual([]);
  });

  test('of rows that were spoilt is over after an hour without any: they are met only when read', async () => {
    const { audit, alerts } = audits(1, nothing, ['SpoiltRows']);
    for (let count = 1; count <= 60; count += 1) await audit();
    expect(alerts).toEqual([]);
    await audit();
    expect(alerts).toEqual(['Rows of the database cannot be read: resolved']);
  });
});
