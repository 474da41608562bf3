/**
 * The same twice, and what nobody can read.
 *
 * Only an id that the vendor itself repeats on a retry makes two deliveries one. Alertmanager sends none, and sends the
 * same bytes on Friday and on Saturday when the same thing breaks on both days: that is two incidents. What a sender
 * proved to be its own but nobody can parse may hide an alert, so somebody looks at it: once an hour, not once a delivery.
 */
import { expect, test } from 'vitest';
import { alertmanagerBody, pagerdutyBody } from '../support/bodies.ts';
import { openStage } from '../support/stage.ts';
import { HARBOUR } from './harbour.ts';

const fire = alertmanagerBody({ alertname: 'PumpDown', labels: { service: 'pumps' } });
const clear = alertmanagerBody({
  alertname: 'PumpDown',
  labels: { service: 'pumps' },
  status: 'resolved',
});

test('fire and resolve with identical bodies on two days page twice', async () => {
  const stage = await openStage({ yaml: HARBOUR, start: '2026-03-06T10:00:00Z' });

  for (const day of ['2026-03-06', '2026-03-07']) {
    await stage.clock.advanceTo(Date.parse(`${day}T10:00:00Z`));
    await stage.deliver('prometheus', fire);
    await stage.at('10:02');
    await stage.answer('nora');
    await stage.act(
      'nora',
      { verb: 'false-positive', n: day === '2026-03-06' ? 1 : 2 },
      { reason: 'A test of the pump.' },
    );
    await stage.deliver('prometheus', clear);
  }

  await stage.timetable(
    `
    10:00:00            | rang | nora | watch | pd | high
    2026-03-07 10:00:00 | rang | nora | watch | pd | high
    `,
    { events: ['rang'] },
  );
  expect(await stage.incidents()).toHaveLength(2);
}, 60_000);

test('one delivery that PagerDuty sends twice is one', async () => {
  const stage = await openStage({ yaml: HARBOUR, start: '2026-03-06T10:00:00Z' });
  const body = pagerdutyBody('annotated', {
    ref: 'Q1',
    title: 'Pump',
    service: 'PHARB00',
    at: stage.clock.now(),
  });
  const first = await stage.deliver('pagerduty', body, { 'x-webhook-id': 'hook-1' });
  const again = await stage.deliver('pagerduty', body, { 'x-webhook-id': 'hook-1' });
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(again.json).toMatchObject({ duplicate: true });
});

test('garbage of one hour is one incident with one ring', async () => {
  const stage = await openStage({ yaml: HARBOUR, start: '2026-03-06T10:00:00Z' });

  for (const moment of ['10:00', '10:01', '10:30']) {
    await stage.at(moment);
    const answer = await stage.deliver('prometheus', '{"version": "4", "alerts": [');
    expect(answer.status).toBe(202);
    if (moment === '10:01') await stage.answer('nora');
  }

  expect(await stage.incidents()).toHaveLength(1);
  await stage.timetable('10:00:00 | rang | nora | on call | pd | high', { events: ['rang'] });
});

test('garbage without proof opens nothing', async () => {
  const stage = await openStage({ yaml: HARBOUR, start: '2026-03-06T10:00:00Z' });
  const answer = await stage.deliver('prometheus', 'x', { authorization: 'Bearer wrong' });
  expect(answer.status).toBe(401);
  expect(await stage.incidents()).toEqual([]);
});

test('one alert with PagerDuty as source and target ends as one incident', async () => {
  const stage = await openStage({ yaml: HARBOUR, start: '2026-03-06T10:00:00Z' });

  await stage.at('10:00');
  await stage.deliver('prometheus', fire);
  await stage.at('10:02');
  await stage.answer('nora');
  await stage.at('10:20');
  await stage.act('nora', 'resolve', { text: 'The pump runs.' });
  await stage.at('10:30');

  await stage.timetable(`
    10:00:00 | rang         | nora | watch | pd | high
    10:02:00 | acknowledged | nora | watch | pd
    10:20:00 | resolved     | nora | watch | pd
  `);
  expect(await stage.incidents()).toHaveLength(1);
  expect(
    stage
      .sandbox()
      .deliveries()
      .map(({ result }) => result),
  ).toEqual(['delivered', 'delivered', 'delivered']);
});
