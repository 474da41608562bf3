/**
 * A relapse of what rang nobody.
 *
 * The line stops while PagerDuty takes nothing, and runs again three minutes later: nobody's phone has rung. When it stops
 * once more, PagerDuty is back. The driver is rung for the first time, and has the whole time of the step to answer before
 * the herald is rung.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { inSteps, rangAt, trams, unhurried } from './trams.ts';

const stops = { alertname: 'LineStopped' } as const;

async function stopsAgain(
  fault: Parameters<Stage['fault']>[0]['fault'],
  at: string,
): Promise<Stage> {
  const stage = await trams((yaml) => unhurried(inSteps(yaml)));
  stage.fault({ target: 'pd', fault });
  await stage.alert(stops);
  await stage.at('3m');
  await stage.alert({ ...stops, status: 'resolved' });
  await stage.at(at);
  expect(rangAt(stage)).toEqual([]);
  stage.healed('pd');
  await stage.alert({ ...stops, startsAt: new Date(stage.clock.now()).toISOString() });
  return stage;
}

test.each(['refuse', '5xx', '403'] as const)(
  'whom a pager that is down (%s) never rang has the whole time of a step from then on',
  async (fault) => {
    const stage = await stopsAgain(fault, '4m30s');
    await stage.at('20m');
    const [driver = '', herald = ''] = rangAt(stage);
    expect(driver).toMatch(/^08:04:3\d PDRIVER$/);
    expect(herald).toMatch(/^08:09:3\d PHERALD$/);
  },
);
