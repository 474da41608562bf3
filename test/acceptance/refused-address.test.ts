/**
 * The address is refused.
 *
 * A tram line stops at eight. PagerDuty knows the driver no more and refuses the page. The herald, who is next, is rung in
 * the same moment, and PagerDuty takes that page: somebody is on the way, and the boss, who is rung for alarms, sleeps on.
 * Where the herald's page is not taken either within five seconds, the boss is rung. Where PagerDuty knows nobody at all,
 * which is a fault of its own, everybody is tried again.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { inSteps, inThreeSteps, rangAt, trams } from './trams.ts';

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

describe('where everybody is refused, as by a pager that knows nobody for half a minute', () => {
  async function forSome(seconds: number): Promise<Stage> {
    const stage = await trams(inThreeSteps);
    const until = stage.clock.now() + seconds * 1_000;
    stage.fault({ ...POSTS, fault: 'unknown-address', until });
    await stage.alert({ alertname: 'LineStopped' });
    return stage;
  }

  /** But for the boss, who is rung because Tocsin could send no pages: an incident of its own. */
  const rungFor = (stage: Stage): readonly string[] =>
    rangAt(stage).filter((ring) => !ring.includes('BOSS'));

  test('they are tried again after seconds, from the first one on, until one of them is taken', async () => {
    const stage = await forSome(30);
    await stage.at('4m');
    expect(rungFor(stage)).toEqual(['08:00:40 PDRIVER']);
    expect((await stage.incidents()).map(({ routing }) => routing.source)).toEqual([
      'prometheus',
      'tocsin',
    ]);
    await stage.answer('driver');
    await stage.at('15m');
    expect(rungFor(stage).filter((ring) => ring.includes('DRIVER'))).toHaveLength(1);
    expect((await stage.incident()).alarms).not.toHaveProperty(['escalation:role:on-duty']);
  });

  test('and whoever is next has their time then', async () => {
    const stage = await forSome(30);
    await stage.at('6m');
    expect(rungFor(stage)).toEqual(['08:00:40 PDRIVER', '08:05:40 PHERALD']);
  });

  test('ever more rarely, while the alarm is said once', async () => {
    const stage = await forSome(600);
    await stage.at('6m');
    const toDriver = (await stage.events()).filter(
      (one) => one.type === 'PageRequested' && one.page.person === 'driver',
    );
    const start = toDriver[0]?.at ?? 0;
    expect(toDriver.map(({ at }) => Math.round((at - start) / 1_000))).toEqual([
      0, 20, 40, 80, 160, 320,
    ]);
    const said = stage.messages().filter(({ text }) => text.includes('every step was walked'));
    expect(said.length).toBeLessThanOrEqual(1);
  });
});
