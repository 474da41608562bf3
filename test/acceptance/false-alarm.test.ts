/**
 * False alarm.
 *
 * Friday, 02:00 UTC. An alert about checkout fires, clears two minutes later, fires and clears once more. Ada's phone
 * rings once. While nothing fires nobody further is woken, nothing is ever posted, and when it has been quiet for the
 * whole soak of the level (15 minutes) the incident closes by itself as cleared. Nobody declared it, so it does not count
 * where response is measured: from declaration to the answers. A server that was down over the end of the quiet changes
 * nothing of that: it closes when it is back.
 */
import { expect, test } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';

const latency = {
  alertname: 'CheckoutLatency',
  labels: { service: 'checkout', severity: 'critical' },
};

test('fires, clears, fires, clears: one ring, no post, no response figure', async () => {
  const stage = await openStage({
    configFile: 'config/example.yaml',
    watchdog: 'prometheus',
    start: '2026-01-09T02:00:00Z',
  });

  await stage.at('02:00');
  await stage.alert(latency);
  await stage.at('02:02');
  await stage.alert({ ...latency, status: 'resolved' });
  const again = { ...latency, startsAt: '2026-01-09T02:06:00Z' };
  await stage.at('02:06');
  await stage.alert(again);
  await stage.at('02:08');
  await stage.alert({ ...again, status: 'resolved' });
  await stage.at('04:00');

  await stage.timetable(`
    02:00:00 | rang     | ada | subject_matter_expert | pd | high
    02:23:00 | resolved | ada | subject_matter_expert | pd
  `);
  expect(stage.posts()).toEqual([]);
  expect(await stage.incidents()).toHaveLength(1);
  expect(await stage.incident()).toMatchObject({
    phase: 'closed',
    closedAs: 'cleared',
    declaredAt: null,
    resolvedAt: null,
  });
}, 30_000);

/** Fires, clears after two minutes, and then the server is down, long over the end of the fifteen minutes of quiet. */
async function downOverTheEnd(): Promise<Stage> {
  const stage = await openStage({
    configFile: 'config/example.yaml',
    watchdog: 'prometheus',
    start: '2026-01-09T02:00:00Z',
  });
  await stage.alert(latency);
  await stage.at('02:02');
  await stage.alert({ ...latency, status: 'resolved' });
  await stage.at('02:03');
  await stage.downUntil('02:40');
  return stage;
}

test('the server is down over the end of the quiet: it closes when it is back, and nobody further is woken', async () => {
  const stage = await downOverTheEnd();
  await stage.at('04:00');

  await stage.timetable(`
    02:00:00 | rang     | ada | subject_matter_expert | pd | high
    02:40:00 | resolved | ada | subject_matter_expert | pd
  `);
  expect(await stage.incident()).toMatchObject({ closedAs: 'cleared', declaredAt: null });
}, 30_000);

test('what fires when the server is back has its whole time until it is declared', async () => {
  const stage = await downOverTheEnd();
  await stage.alert({ ...latency, startsAt: '2026-01-09T02:40:00Z' });
  await stage.at('02:51');

  await stage.timetable(`
    02:00:00 | rang     | ada     | subject_matter_expert | pd | high
    02:40:00 | resolved | ada     | subject_matter_expert | pd
    02:40:00 | rang     | ada     | subject_matter_expert | pd | high
    02:45:00 | rang     | pia     | subject_matter_expert | pd | high
    02:50:00 | rang     | PSVC001 | incident_commander    | pd | high
    02:50:00 | rang     | cleo    | communications_lead   | pd | high
    02:50:00 | posted | investigating | Checkout degraded_performance | status
  `);
}, 30_000);

test('an alert that comes back and stays is no false alarm: the steps go on, and it is declared', async () => {
  const stage = await openStage({
    configFile: 'config/example.yaml',
    watchdog: 'prometheus',
    start: '2026-01-09T02:00:00Z',
  });

  await stage.at('02:00');
  await stage.alert(latency);
  await stage.at('02:02');
  await stage.alert({ ...latency, status: 'resolved' });
  await stage.at('02:12');
  await stage.alert(latency);
  await stage.at('02:21');

  // Ada's five minutes ended at 02:05 and 02:10, in the quiet, and it fires again; the level's ten minutes ended at 02:10.
  await stage.timetable(`
    02:00:00 | rang     | ada     | subject_matter_expert          | pd | high
    02:12:00 | rang     | ada     | on call, subject_matter_expert | pd | high
    02:12:00 | resolved | ada     | subject_matter_expert          | pd
    02:15:00 | rang     | pia     | on call, subject_matter_expert | pd | high
    02:17:00 | noted    | pia     | on call, subject_matter_expert | pd
    02:20:00 | rang     | PSVC001 | incident_commander             | pd | high
    02:20:00 | rang     | cleo    | communications_lead            | pd | high
    02:20:00 | posted   | investigating | Checkout degraded_performance | status
  `);
}, 30_000);
