/**
 * What we sent is ours, however late the answer.
 *
 * A tram line stops at eight. PagerDuty takes the event that rings the driver's service, and answers 503 for a minute: as
 * far as Tocsin can tell nothing rings. PagerDuty's webhook tells of an incident that bears no key and an id that nobody
 * here has heard of. It is asked for the keys of its alerts; it is ours, and opens no second incident, whatever was done
 * to the first one in between.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty } from './theirs.ts';
import { trams, trusting } from './trams.ts';

const company = (yaml: string): string =>
  trusting(yaml)
    .replace(
      'line-1: {on_call: driver,',
      'line-1: {on_call: {via: pd, service: {name: Line 1, id: PLINE01}, key: "${TOKEN}"}, escalation: vendor, unanswered: {after: 30m, page: boss},',
    )
    .replaceAll('trusted: true', 'trusted: false')
    .replace('Some passengers wait.\n    urgency: high', 'Some passengers wait.\n    urgency: low');

/** The event is carried out, at once or so much later, and answered 503 all the same. */
async function unanswered(alertname: string, doneAfterMs = 0): Promise<Stage> {
  const stage = await trams(company);
  stage.fault({
    target: 'pd',
    path: '/events',
    fault: '5xx-but-done',
    status: 503,
    doneAfterMs,
    until: stage.clock.now() + 60_000,
  });
  await stage.alert({ alertname });
  return stage;
}

function rangAt(stage: Stage): readonly string[] {
  return stage
    .pages('rang')
    .filter(({ address }) => address === 'PLINE01')
    .map(({ time, urgency }) => `${time.slice(11, 19)} ${urgency}`);
}

/** What rings at PagerDuty in the end. */
async function ringing(stage: Stage): Promise<number> {
  const listed = await atPagerDuty(stage, '/incidents?statuses[]=triggered', { method: 'GET' });
  return (listed.json as { readonly incidents: readonly unknown[] }).incidents.length;
}

describe('an event that PagerDuty took and answered 503 for a minute', () => {
  test('is one incident, whose phone rings, and nobody is alarmed', async () => {
    const stage = await unanswered('LineStopped');
    await stage.at('5m');
    expect(await stage.incidents()).toHaveLength(1);
    expect(rangAt(stage)).toEqual(['08:00:00 high']);
    expect(stage.messages().map(({ text }) => text)).not.toContainEqual(
      expect.stringContaining('not confirmed by any pager'),
    );
  });

  test('is answered on the phone while PagerDuty still answers 503', async () => {
    const stage = await unanswered('LineStopped');
    await stage.at('20s');
    await stage.answer('driver', { target: 'pd', at: 'PLINE01' });
    await stage.at('25s');
    expect((await stage.incident()).pages['p1']).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'driver',
    });
    await stage.at('5m');
    expect(await stage.incidents()).toHaveLength(1);
  });

  test.each([
    ['at once', 0],
    ['half a minute later', 30_000],
  ])(
    'and carried out %s opens nothing after a false alarm two seconds later, and falls silent',
    async (_, ms) => {
      const stage = await unanswered('LineStopped', ms);
      await stage.at('2s');
      await stage.act('boss', 'false-positive', { reason: 'a drill' });
      await stage.at('10m');
      expect(await stage.incidents()).toHaveLength(1);
      expect(await ringing(stage)).toBe(0);
    },
  );

  test('rings anew after a raise two seconds later, in the same incident, and the soft ring ends', async () => {
    const stage = await unanswered('LineLate');
    await stage.at('2s');
    await stage.act('boss', 'severity', { level: 'bad', reason: 'The whole line stands.' });
    await stage.at('8m');
    expect(await stage.incidents()).toHaveLength(1);
    expect(rangAt(stage)).toEqual(['08:00:00 low', '08:00:02 high']);
    expect(await ringing(stage)).toBe(1);
  });
});

test('while an event is unanswered, nothing is adopted that may be its incident', async () => {
  const stage = await unanswered('LineStopped');
  stage.fault({ target: 'pd', path: '/api', fault: '5xx' });
  await stage.at('8m');
  const opened = (await stage.incidents()).map(({ routing }) => routing.source);
  expect(opened).not.toContain('calls');
  stage.healed();
  await stage.at('9m');
  expect((await stage.incident()).pages['p1']?.rings[0]?.ref).not.toBeNull();
});
