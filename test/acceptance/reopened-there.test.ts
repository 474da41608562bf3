/**
 * Reopened at the pager.
 *
 * The driver has acknowledged the ring at PagerDuty and resolved it there. Somebody opens it again there, and the driver's
 * phone rings once more. It is the same ring as before: whoever acknowledges or resolves here stops it, and no second pager
 * is asked for a phone that rings.
 *
 *     08:00  the line stops, the driver's phone rings
 *     08:01  the driver acknowledges it there, and resolves it at 08:02
 *     08:03  the boss reopens it there: the driver's phone rings again
 *     08:05  the driver acknowledges here: the phone is quiet
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty, bothPagers, opensTheirs } from './theirs.ts';
import { trams, trusting } from './trams.ts';

const LINE = { alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' };

/** In triage the driver alone is rung, and has a phone at both pagers. */
const company = (yaml: string): string =>
  bothPagers(trusting(yaml))
    .replace('severity: bad, trusted: true', 'severity: bad')
    .replace('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}');

const KINDS = ['ours', 'theirs'] as const;
type Kind = (typeof KINDS)[number];

async function rung(kind: Kind): Promise<Stage> {
  const stage = await trams(company);
  if (kind === 'ours') await stage.alert(LINE);
  else await opensTheirs(stage, 'pd', 'Line 1 has no current');
  await stage.at('08:01');
  return stage;
}

/** The boss sets the state of the object that rang first. */
async function sets(stage: Stage, status: 'triggered' | 'resolved'): Promise<void> {
  const { ref } = stage.pages('rang')[0] ?? { ref: '' };
  const body = { incident: { type: 'incident_reference', status } };
  const from = 'boss.pboss01@example.com';
  const asked = { method: 'PUT', body, from };
  const { status: code } = await atPagerDuty(stage, `/incidents/${ref}`, asked);
  expect(code).toBe(200);
  await stage.advance('1s');
}

async function reopened(kind: Kind): Promise<Stage> {
  const stage = await rung(kind);
  await stage.answer('driver', { target: 'pd' });
  await stage.at('08:02');
  await stage.answer('driver', { target: 'pd', verb: 'resolve' });
  await stage.at('08:03');
  await sets(stage, 'triggered');
  return stage;
}

/** What really happened to the driver's phones from that time on. */
const since = (stage: Stage, time: string): readonly string[] =>
  stage.pages().flatMap((page) => {
    const at = page.time.slice(11, 16);
    const isDrivers = /driver/i.test(page.address);
    return isDrivers && at >= time ? [`${at} ${page.event} ${page.target}`] : [];
  });

const said = (stage: Stage, words: string): readonly string[] =>
  stage.messages().flatMap(({ text }) => (text.includes(words) ? [text] : []));

describe.each(KINDS)('a ring of %s that is reopened at its pager', (kind) => {
  test('is acknowledged and resolved there by whoever does so here', async () => {
    const stage = await reopened(kind);
    await stage.at('08:05');
    await stage.act('driver', 'acknowledge');
    await stage.at('08:07');
    await stage.act('driver', 'resolve', { text: 'The fuse was replaced.' });
    await stage.at('08:09');
    expect(since(stage, '08:03')).toEqual([
      '08:03 rang pd',
      '08:05 acknowledged pd',
      '08:07 resolved pd',
    ]);
  });

  test('rings, and is asked of no second pager and alarmed about to nobody', async () => {
    const stage = await reopened(kind);
    await stage.at('08:07');
    expect(since(stage, '08:03')).toEqual(['08:03 rang pd']);
    expect(said(stage, 'ALARM')).toEqual([]);
    expect((await stage.incident()).pages['p1']).toMatchObject({
      state: 'open',
      rings: [{ status: 'confirmed' }],
    });
  });

  test('after somebody else ended it waits for an answer again', async () => {
    const stage = await rung(kind);
    await sets(stage, 'resolved');
    await sets(stage, 'triggered');
    await stage.at('08:02');
    await stage.act('driver', 'acknowledge');
    await stage.at('08:03');
    expect(since(stage, '08:02')).toEqual(['08:02 acknowledged pd']);
  });
});

test('what is over here and is reopened there is closed there, which the channel reads and the timeline keeps', async () => {
  const stage = await rung('ours');
  await stage.act('driver', 'acknowledge');
  await stage.act('driver', 'resolve', { text: 'The fuse was replaced.' });
  await stage.at('08:10');
  await sets(stage, 'triggered');
  await stage.at('08:12');
  expect(since(stage, '08:10')).toEqual(['08:10 rang pd', '08:10 resolved pd']);
  expect(said(stage, 'reopened')).toEqual([
    expect.stringMatching(
      /boss reopened page p1 to driver at pd, but inc-1 is resolved here: it is closed there again\. If it goes on: `tocsin reopen inc-1 --reason "\.\.\."`\.$/,
    ),
  ]);
  expect(await stage.events()).toContainEqual(
    expect.objectContaining({ type: 'PageNoted', action: 'reopened', by: 'boss' }),
  );
  expect(await stage.incident()).toMatchObject({ phase: 'resolved' });
});

test('the vendor’s own incident that is over here and is reopened there is a new one here, and rings on', async () => {
  const stage = await rung('theirs');
  await stage.act('driver', 'acknowledge');
  await stage.act('driver', 'resolve', { text: 'The fuse was replaced.' });
  await stage.at('08:10');
  await sets(stage, 'triggered');
  await stage.at('08:12');
  expect(since(stage, '08:10')).toEqual(['08:10 rang pd']);
  expect(await stage.incidents()).toHaveLength(2);
  await stage.act('driver', { verb: 'acknowledge', n: 2 });
  await stage.at('08:13');
  expect(since(stage, '08:11')).toEqual(['08:12 acknowledged pd']);
});
