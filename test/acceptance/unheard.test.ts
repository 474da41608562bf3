/**
 * Pagers that tell nothing.
 *
 * The harbour has no webhook from PagerDuty, and Opsgenie has none either. Nora's phone rings; she acknowledges on it,
 * and nothing reaches Tocsin by itself. It asks every 30 s: before Olav is rung, it knows. Both pagers are read as they
 * are, over HTTP: by one listing each of what is open there.
 */
import { expect, test } from 'vitest';
import { openStage } from '../support/stage.ts';
import { HARBOUR } from './harbour.ts';

const SILENT = HARBOUR.replace(/\n {2}pagerduty: \{type: pagerduty.*\}/, '').replace(
  '\n  chat: {type: slack',
  '\n  og: {type: opsgenie, mode: live, api_key_file: secrets/og}\n  chat: {type: slack',
);
const ON_OPSGENIE = SILENT.replace(
  'nora: {pagerduty: {name: Nora, id: PNORA01}}',
  'nora: {opsgenie: nora@harbour.example}',
);
const pumps = { alertname: 'PumpDown', labels: { service: 'pumps' } };

test.each([
  ['pd', SILENT],
  ['og', ON_OPSGENIE],
])('an acknowledgement at %s is found within half a minute', async (target, yaml) => {
  const stage = await openStage({ yaml, start: '2026-03-07T10:00:00Z' });
  expect(stage.app().loaded.sources).not.toHaveProperty('pagerduty');
  await stage.alert(pumps);
  await stage.at('10:01:10');
  expect((await stage.incident()).pages['p1']?.state).toBe('open');
  await stage.answer('nora');
  await stage.at('10:01:40');
  expect((await stage.incident()).pages['p1']).toMatchObject({
    state: 'acknowledged',
    acknowledgedBy: 'nora',
  });
  await stage.at('10:30');
  await stage.timetable(`10:00:00 | rang | nora | watch | ${target} | high`, { events: ['rang'] });
});

test('a pager that is down meanwhile is asked until it tells', async () => {
  const stage = await openStage({ yaml: SILENT, start: '2026-03-07T10:00:00Z' });
  await stage.alert(pumps);
  await stage.at('10:00:40');
  await stage.answer('nora');
  stage.fault({ target: 'pd', fault: '5xx' });
  await stage.at('10:03:00');
  expect((await stage.incident()).pages['p1']?.state).toBe('open');
  stage.healed('pd');
  await stage.at('10:03:30');
  expect((await stage.incident()).pages['p1']?.acknowledgedBy).toBe('nora');
});

test('the timeline does not say that a read-back confirmed what it could not ask for', async () => {
  const stage = await openStage({ yaml: SILENT, start: '2026-03-07T10:00:00Z' });
  stage.fault({ target: 'pd', method: 'GET', fault: '5xx' });
  await stage.alert(pumps);
  await stage.at('10:02');
  const { text } = await stage.api('admin', 'GET /api/v1/incidents/inc-1/timeline');
  expect(text).toContain('Page p1 at pd was confirmed by the pager.');
  expect(text).toContain('Page p1 at pd is looked for: pd did not answer the read-back.');
  expect(text).not.toContain('confirmed by the pager: pd did not answer');
});
