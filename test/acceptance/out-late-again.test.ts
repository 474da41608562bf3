/**
 * A page that its pager carries out once more.
 *
 * The line stops, and PagerDuty answers 504 to what it is asked and carries it out forty seconds later. A later attempt rings
 * the driver at once, and it is over before the first one comes: PagerDuty knows no open incident under that key by then, so
 * it opens another one, of which no webhook tells. It is looked for and closed as well. So is what comes so late that the
 * page had been asked for a day before; what counts is when its pager was asked last.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty } from './theirs.ts';
import { trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** Nobody but the driver is rung, and PagerDuty tells nothing by itself. */
const unheard = (yaml: string): string =>
  unhurried(trusting(yaml))
    .replace(/\n {2}calls: .*/, '')
    .replace('declared: [commander, speaker]', 'declared: []')
    .replaceAll(', trusted: true', '');

/** The line is a service at PagerDuty, rung by its key: an incident there is made of an event, and bears no key itself. */
const byEvents = (yaml: string): string =>
  unhurried(trusting(yaml))
    .replace('declared: [commander, speaker]', 'declared: []')
    .replaceAll(', trusted: true', '')
    .replace(
      'line-1: {on_call: driver,',
      'line-1: {on_call: {via: pd, service: {name: Line 1, id: PLINE01}, key: "${TOKEN}"},',
    );

/** What is asked in the first seconds is answered 504 and done 40 s later; what is asked after that, at once. */
async function twice(edit: (yaml: string) => string, path: string): Promise<Stage> {
  const stage = await trams(edit);
  const until = stage.clock.now() + 3_000;
  stage.fault({
    target: 'pd',
    method: 'POST',
    path,
    fault: '5xx-but-done',
    doneAfterMs: 40_000,
    until,
  });
  await stage.alert({ alertname: 'LineStopped' });
  return stage;
}

const rang = (stage: Stage, address: string): readonly string[] =>
  stage
    .pages()
    .filter((page) => page.address === address)
    .map(({ time, event }) => `${time.slice(11, 19)} ${event}`);

async function ringsThere(stage: Stage): Promise<number> {
  const query = 'statuses[]=triggered';
  const { json } = await atPagerDuty(stage, `/incidents?${query}`, { method: 'GET' });
  return (json as { readonly incidents: readonly unknown[] }).incidents.length;
}

describe('of two attempts, the first of which is carried out after the end of the second,', () => {
  test.each(['false-positive', 'resolve'])('both are closed (%s)', async (verb) => {
    const stage = await twice(unheard, '/api/incidents');
    await stage.at('20s');
    expect(rang(stage, 'PDRIVER')).toHaveLength(1);
    await stage.act('boss', verb, verb === 'resolve' ? {} : { reason: 'a drill' });
    await stage.at('5m');
    expect(rang(stage, 'PDRIVER').map((one) => one.slice(9))).toEqual([
      'rang',
      'resolved',
      'rang',
      'resolved',
    ]);
    expect(await ringsThere(stage)).toBe(0);
  });

  test('it falls silent where the second was answered and resolved on the phone', async () => {
    const stage = await twice(unheard, '/api/incidents');
    await stage.at('20s');
    await stage.answer('driver');
    await stage.answer('driver', { verb: 'resolve' });
    await stage.at('5m');
    expect(rang(stage, 'PDRIVER').map((one) => one.slice(9))).toEqual([
      'rang',
      'acknowledged',
      'resolved',
      'rang',
      'acknowledged',
    ]);
  });

  test('it is no incident of somebody else’s where it was made of an event, and is closed', async () => {
    const stage = await twice(byEvents, '/events');
    await stage.at('20s');
    expect(rang(stage, 'PLINE01')).toHaveLength(1);
    await stage.act('boss', 'false-positive', { reason: 'a drill' });
    await stage.at('5m');
    expect(await stage.incidents()).toHaveLength(1);
    expect(await ringsThere(stage)).toBe(0);
  });

  test('while it rings, the first attempt is the same ring', async () => {
    const stage = await twice(unheard, '/api/incidents');
    await stage.at('5m');
    expect(rang(stage, 'PDRIVER')).toEqual([expect.stringContaining('rang')]);
  });
});

test('what was asked for a day after its page, and is carried out late, falls silent as well', async () => {
  const stage = await trams(unheard);
  const posts = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;
  const from = stage.clock.now() + 27 * 60 * 60_000;
  stage.fault({ ...posts, fault: 'refuse', until: from });
  stage.fault({ ...posts, fault: '5xx-but-done', doneAfterMs: 60_000, until: from + 20_000 });
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('5s');
  await stage.downUntil('27h');
  await stage.at('97215s');
  await stage.act('boss', 'false-positive', { reason: 'a drill' });
  await stage.advance('5m');
  expect(rang(stage, 'PDRIVER').map((one) => one.slice(9))).toContain('rang');
  expect(await ringsThere(stage)).toBe(0);
});
