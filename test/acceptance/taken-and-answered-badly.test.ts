/**
 * Taken, and answered badly.
 *
 * A tram line stops at eight. PagerDuty opens the incident that rings the driver and answers 504, or breaks off: as far as
 * Tocsin can tell nothing rings. Nobody may conclude from that that nothing rings. Whoever answers here, and whatever
 * becomes of the incident here, the phone falls silent with it, as soon as PagerDuty can be asked.
 */
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty, bothPagers } from './theirs.ts';
import { trams, trusting } from './trams.ts';

/** PagerDuty tells nothing by itself. */
const alone = (yaml: string): string =>
  trusting(yaml)
    .replace(/\n {2}calls: .*/, '')
    .replace('declared: [commander, speaker]', 'declared: []')
    .replace('severity: bad, trusted: true', 'severity: bad');

/** For three minutes each page is taken and the answer lost. */
async function stopped(fault: Fault, edit: (yaml: string) => string = alone): Promise<Stage> {
  const stage = await trams(edit);
  const until = stage.clock.now() + 180_000;
  stage.fault({ target: 'pd', method: 'POST', path: '/api/incidents', ...fault, until });
  return stage;
}

interface Listed {
  readonly status: string;
  readonly assignments: readonly { readonly assignee: { readonly id: string } }[];
}

/** What is open for anybody but the boss, who is rung for alarms, at PagerDuty, as it says itself. */
async function openThere(stage: Stage): Promise<readonly string[]> {
  const query = 'statuses[]=triggered&statuses[]=acknowledged';
  const listed = await atPagerDuty(stage, `/incidents?${query}`, { method: 'GET' });
  return (listed.json as { readonly incidents: readonly Listed[] }).incidents
    .filter(({ assignments }) => assignments.every(({ assignee }) => assignee.id !== 'PBOSS01'))
    .map(({ status }) => status);
}

async function timeline(stage: Stage): Promise<string> {
  return JSON.stringify(await stage.events());
}

describe.each([
  ['answered 504', { fault: '5xx-but-done' }],
  ['broken off', { fault: 'reset' }],
] as const)('a page that was taken and %s', (_, fault) => {
  test.each([
    ['before anybody has looked for it', '10s'],
    ['once it was found', '51s'],
  ])('and is answered %s is acknowledged and closed as it is here', async (_when, moment) => {
    const stage = await stopped(fault);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at(moment);
    await stage.act('driver', 'acknowledge');
    await stage.at('4m');
    expect(await openThere(stage)).toEqual(['acknowledged']);
    await stage.at('5m51s');
    await stage.act('driver', 'resolve', { text: 'It runs.' });
    await stage.at('8m');
    expect(await openThere(stage)).toEqual([]);
    expect(await timeline(stage)).not.toContain('not sent');
  });

  test('rings, as PagerDuty shows, and so no other phone rings in its place', async () => {
    const stage = await stopped(fault, (yaml) => alone(bothPagers(yaml)));
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2m');
    const driver = stage.pages('rang').filter(({ address }) => /driver/i.test(address));
    expect(driver.map(({ target }) => target)).toEqual(['pd']);
  });

  test('is closed although PagerDuty cannot be asked until long after the end', async () => {
    const stage = await stopped(fault, (yaml) => alone(bothPagers(yaml)));
    const until = stage.clock.now() + 600_000;
    stage.fault({ target: 'pd', method: 'GET', fault: '5xx', until });
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('70s');
    await stage.act('driver', 'acknowledge');
    await stage.at('4m');
    await stage.act('driver', 'resolve', { text: 'It runs.' });
    await stage.at('12m');
    expect(await openThere(stage)).toEqual([]);
  });
});

test('a page that PagerDuty refused outright before it was answered is closed as one that was never there', async () => {
  const stage = await trams(alone);
  stage.fault({
    target: 'pd',
    fault: '429',
    retryAfterMs: 20_000,
    until: stage.clock.now() + 60_000,
  });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('30s');
  await stage.act('driver', 'acknowledge');
  await stage.at('3m');
  expect(await openThere(stage)).toEqual([]);
  expect(await timeline(stage)).toContain('not sent: overtaken');
});

test('a page that was taken, answered 504 and then refused for the account is closed like any other', async () => {
  const stage = await trams(alone);
  const posts = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;
  stage.fault({ ...posts, fault: '5xx-but-done', times: 1 });
  stage.fault({ ...posts, fault: '403', until: stage.clock.now() + 60_000 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('10s');
  await stage.act('driver', 'acknowledge');
  await stage.at('2m');
  await stage.act('driver', 'resolve', { text: 'It runs.' });
  await stage.at('4m');
  expect(await openThere(stage)).toEqual([]);
});

describe.each([
  ['5xx', { fault: '5xx' }],
  ['429', { fault: '429', retryAfterMs: 5_000 }],
  ['silence', { fault: 'hang' }],
] as const)(
  'a page whose repeat is refused because it is there, while looking it up meets %s',
  (_, fault) => {
    test('has got through: it rings once, nobody else is rung in its place, and it is closed in the end', async () => {
      const stage = await trams(alone);
      const posts = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;
      stage.fault({ ...posts, fault: '5xx-but-done', times: 1 });
      stage.fault({ target: 'pd', method: 'GET', ...fault, until: stage.clock.now() + 120_000 });
      await stage.alert({ alertname: 'LineStopped' });
      await stage.at('50s');
      expect(await stage.rings()).toEqual([expect.stringMatching(/^08:00:00 \| rang \| driver/)]);
      expect(await timeline(stage)).not.toContain('cannot be delivered');
      await stage.at('3m');
      expect((await stage.incident()).pages['p1']?.rings).toMatchObject([{ status: 'confirmed' }]);
      await stage.act('driver', 'acknowledge');
      await stage.act('driver', 'resolve', { text: 'It runs.' });
      await stage.at('5m');
      expect(stage.pages('rang').filter(({ address }) => address === 'PDRIVER')).toHaveLength(1);
      expect(await openThere(stage)).toEqual([]);
    });
  },
);
