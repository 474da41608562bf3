/**
 * The address is refused.
 *
 * A tram line stops at eight. PagerDuty knows the driver no more and refuses the page. The herald, who is next, is rung in
 * the same moment, and PagerDuty takes that page: somebody is on the way, and the boss, who is rung for alarms, sleeps on.
 * Where the herald's page is not taken either within five seconds, the boss is rung.
 */
import { expect, test } from 'vitest';
import { inSteps, rangAt, trams } from './trams.ts';

const POSTS = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;

test('the next one is rung at once, and nobody for the alarm, which is said in chat', async () => {
  const stage = await trams(inSteps);
  stage.fault({ ...POSTS, fault: 'unknown-address', times: 1 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('4m');
  expect(rangAt(stage)).toEqual(['08:00:00 PHERALD']);
  expect(stage.messages().map(({ text }) => text)).toContainEqual(
    expect.stringContaining('cannot be delivered'),
  );
});

test('where the next one is not reached within five seconds either, the alarm rings', async () => {
  const stage = await trams(inSteps);
  stage.fault({ ...POSTS, fault: 'unknown-address', times: 1 });
  stage.fault({ ...POSTS, fault: '429', retryAfterMs: 4_000, until: stage.clock.now() + 6_000 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('4s');
  expect((await stage.incident()).escalations).not.toHaveProperty('alarm');
  await stage.at('6s');
  expect((await stage.incident()).escalations).toHaveProperty('alarm');
});

test('where nobody is next, the alarm rings at once, and says what it is, whom it is about and what to do', async () => {
  const stage = await trams((yaml) => inSteps(yaml).replace(', {page: fallback, wait: 5m}', ''));
  stage.fault({ ...POSTS, fault: 'unknown-address', times: 1 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('4s');
  expect(rangAt(stage)).toEqual(['08:00:00 PBOSS01']);
  expect(stage.pages('rang').map(({ title }) => title)).toEqual([
    'ALARM [bad] LineStopped is firing',
  ]);
  const [body] = (await stage.app().reads.outboxOf('inc-1')).flatMap(({ effect }) =>
    effect.name === 'pager.trigger' && effect.address.label.includes('Boss') ? [effect.body] : [],
  );
  expect(body).toContain('page p1 to driver did not get through');
  expect(body).toContain('that takes no role, and it rings nobody for 30 min');
  expect(body).toContain('To take it on: `tocsin take inc-1 on-duty`.');
});

test('that no pager has accepted it says as well that it is not tried any more', async () => {
  const stage = await trams((yaml) =>
    inSteps(yaml).replace('driver: {pagerduty', 'driver: {slack: U0DRIVER, pagerduty'),
  );
  stage.fault({ ...POSTS, fault: 'unknown-address', times: 1 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('2m');
  const toDriver = stage.messages().filter(({ channel }) => channel === 'U0DRIVER');
  expect(toDriver.map(({ text }) => text)).toEqual([
    'inc-1: page p1 to driver is unreachable: no pager has accepted it for 60 s (asked: pd); every pager refused it, and it is not tried any more.',
  ]);
});
