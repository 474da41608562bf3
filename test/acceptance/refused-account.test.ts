/**
 * The account is refused.
 *
 * A tram line stops at eight in the very moment in which PagerDuty takes our token no more: somebody is renewing it. That
 * is the pager's illness and no fault of the driver's phone. Nobody of the next steps is rung for it; the driver is, as
 * soon as the token is taken, of which the page of anybody is the proof. Where it lasts, everybody hears of it within a
 * minute or two, and the steps go on at their times. A proxy on the way that knows no such host or wants a login is no fault
 * of the driver either: only what PagerDuty itself says of whom we name is, and then whoever is next is rung at once.
 */
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { Stage } from '../support/stage.ts';
import { inThreeSteps, trams } from './trams.ts';

/** Another line has alerts of its own, and the herald. */
const otherLine = (yaml: string): string =>
  inThreeSteps(yaml)
    .replace('  line-1: {', '  line-2: {on_call: herald}\n  line-1: {')
    .replace(
      '- {name: late',
      '- {name: slow, match: \'alertname="LineSlow"\', service: line-2}\n  - {name: late',
    )
    .replaceAll('wait: 5m', 'wait: 50m');

async function refused(fault: Fault, ms?: number): Promise<Stage> {
  const stage = await trams(inThreeSteps);
  const until = ms === undefined ? {} : { until: stage.clock.now() + ms };
  stage.fault({ target: 'pd', ...fault, ...until });
  await stage.alert({ alertname: 'LineStopped' });
  return stage;
}

const REFUSALS = [400, 401, 403, 404, 405, 407, 307] as const;

describe.each(REFUSALS)('for fifteen seconds by %i', (status) => {
  test('the driver is rung when it is over, and nobody else', async () => {
    const stage = await refused({ fault: '403', status }, 15_000);
    await stage.at('4m');
    expect(await stage.rings()).toEqual([
      expect.stringMatching(/^08:00:(1[5-9]|2\d|3[01]) \| rang \| driver/),
    ]);
  });
});

describe.each(REFUSALS)('while somebody answers, by %i', (status) => {
  test('the phone falls silent as soon as the account is taken again', async () => {
    const stage = await trams(inThreeSteps);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('1m');
    stage.fault({ target: 'pd', fault: '403', status, until: stage.clock.now() + 120_000 });
    await stage.act('driver', 'acknowledge', {});
    await stage.at('2m59s');
    expect(stage.pages('acknowledged')).toEqual([]);
    await stage.at('3m30s');
    expect(stage.pages('acknowledged').map(({ address }) => address)).toEqual(['PDRIVER']);
  });
});

test('the phone falls silent as soon as the account took the page of anybody else', async () => {
  const withKim = (yaml: string): string =>
    otherLine(yaml)
      .replace('people:', 'people:\n  kim: {pagerduty: {name: Kim, id: PKIM001}}')
      .replace('on_call: herald}', 'on_call: kim}');
  const stage = await trams(withKim);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('1m10s');
  stage.fault({ target: 'pd', fault: '403', method: 'PUT', until: stage.clock.now() + 100_000 });
  await stage.act('driver', 'acknowledge', {});
  await stage.at('2m50s');
  expect(stage.pages('acknowledged')).toEqual([]);
  await stage.alert({ alertname: 'LineSlow' });
  await stage.advance('1s');
  expect(stage.pages('acknowledged').map(({ address }) => address)).toEqual(['PDRIVER']);
});

test('for somebody whom PagerDuty does not know: whoever is next is rung at once', async () => {
  const stage = await trams(inThreeSteps);
  stage.fault({ target: 'pd', fault: 'unknown-address', method: 'POST', times: 1 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('4m');
  const forTheLine = (await stage.rings()).filter((ring) => !ring.includes('| alarm |'));
  expect(forTheLine).toEqual([expect.stringMatching(/^08:00:00 \| rang \| herald/)]);
});

test.each([403, 404] as const)(
  'for long, by %i: it is said, and the steps keep their times',
  async (status) => {
    const stage = await refused({ fault: '403', status });
    await stage.at('4m');
    const said = stage.messages().filter(({ text }) => text.includes('is unreachable'));
    expect(said.map(({ time }) => time.slice(11, 16))[0]).toBe('08:01');
    const step = async () =>
      Object.values((await stage.incident()).escalations).find(({ key }) => key.kind !== 'alarm')
        ?.step;
    expect(await step()).toBe(0);
    await stage.at('6m');
    expect(await step()).toBe(1);
  },
);

describe('for twenty minutes', () => {
  const MS = 20 * 60_000 + 12_000;

  async function refusedLong(): Promise<Stage> {
    const stage = await trams(otherLine);
    stage.fault({ target: 'pd', fault: '403', until: stage.clock.now() + MS });
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('20m13s');
    return stage;
  }

  const rangDriver = (stage: Stage): readonly string[] =>
    stage
      .pages('rang')
      .filter(({ address }) => address === 'PDRIVER')
      .map(({ time }) => time.slice(11, 19));

  test('nothing is given up meanwhile, and Tocsin alerts nobody about that', async () => {
    const stage = await refusedLong();
    const { json } = await stage.api('boss', 'GET /api/v1/incidents');
    expect(json).toMatchObject({ incidents: [{ id: 'inc-1' }] });
  });

  test('the driver is rung half a minute after its end at the latest', async () => {
    const stage = await refusedLong();
    await stage.at('24m');
    expect(rangDriver(stage)).toEqual([expect.stringMatching(/^08:20:(1[2-9]|[23]\d|4[0-8])$/)]);
  });

  test('the driver is rung as soon as the account took the page of anybody else', async () => {
    const stage = await refusedLong();
    await stage.alert({ alertname: 'LineSlow' });
    await stage.at('24m');
    expect(rangDriver(stage)).toEqual(['08:20:13']);
  });
});
