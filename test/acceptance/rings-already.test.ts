/**
 * A step of whom all ring already.
 *
 * A tram line stops and the driver's phone rings. Behind the driver's step there is one for whoever stands in, and today that
 * is the driver as well; only then the boss is rung. Whoever wrote that meant ten minutes, not five: the step counts, with its
 * wait. A phone that has rung for ten minutes rings anew.
 */
import { expect, test } from 'vitest';
import { inSteps, rangAt, trams } from './trams.ts';

/** The driver stands in for the driver. */
const alone = (wait: string) => (yaml: string) =>
  inSteps(
    yaml,
    `{page: own, wait: ${wait}}, {page: fallback, wait: ${wait}}, {page: boss}`,
  ).replace('fallback: [herald]', 'fallback: [driver]');

test('it has its wait, and nobody is rung a second time for it', async () => {
  const stage = await trams(alone('5m'));
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('9m59s');
  expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER']);
  await stage.at('10m');
  expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER', '08:10:00 PBOSS01']);
  const { text } = await stage.api('boss', 'GET /api/v1/incidents/inc-1/timeline');
  expect(text).not.toContain('leads to nobody');
});

test('whoever answers in it has answered, and nobody else is looked for in their place', async () => {
  const stage = await trams(alone('5m'));
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('7m');
  await stage.answer('driver');
  await stage.at('12m');
  const { roles, escalations } = await stage.incident();
  expect(roles['on-duty']?.person).toBe('driver');
  expect(escalations['role:on-duty']).toMatchObject({ state: 'answered', step: 1 });
});

test('a phone that has rung for ten minutes by then rings anew', async () => {
  const stage = await trams(alone('12m'));
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('24m');
  expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER', '08:12:00 PDRIVER', '08:24:00 PBOSS01']);
});

test('a step is passed at once where the pager has refused all whom it names', async () => {
  const stage = await trams(alone('5m'));
  stage.fault({ target: 'pd', fault: 'unknown-address', times: 1 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('10s');
  expect(rangAt(stage)).toEqual(['08:00:00 PBOSS01']);
});
