/**
 * What was taken over is ours to end.
 *
 * The driver's phone rings at eight for an incident that the pager opened by itself. Tocsin takes it over: nobody is rung
 * twice. From then on it is a page like any other. Whoever acknowledges or resolves it here stops the phone there, and
 * whoever does so there is heard, with a webhook or without: the pager is asked.
 */
import { describe, expect, test } from 'vitest';
import { opsgenieBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { bothPagers, opensTheirs, unheard, type Vendor } from './theirs.ts';
import { CONFIG, trams, trusting } from './trams.ts';

const company = (yaml: string): string => bothPagers(trusting(yaml));
const DRIVER = { pd: 'PDRIVER', og: 'driver@trams.example' } as const;

async function adopted(vendor: Vendor): Promise<Stage> {
  const stage = await trams(company);
  await opensTheirs(stage, vendor, 'Line 1 has no current');
  await stage.at('1m');
  expect((await stage.incident()).pages).toMatchObject({
    p1: { adopted: true, person: 'driver', state: 'open' },
  });
  return stage;
}

function atDriver(stage: Stage, vendor: Vendor, event: 'rang' | 'acknowledged' | 'resolved') {
  return stage
    .pages(event)
    .filter(({ target, address }) => target === vendor && address === DRIVER[vendor])
    .map(({ time }) => time.slice(11, 16));
}

async function isQuiet(stage: Stage): Promise<boolean> {
  return (await stage.incident()).alerts.firing === 0;
}

describe.each<Vendor>(['pd', 'og'])('an incident that %s opened by itself', (vendor) => {
  test('is acknowledged there by whoever acknowledges here, and resolved there by whoever resolves here', async () => {
    const stage = await adopted(vendor);
    await stage.act('driver', 'acknowledge');
    await stage.at('3m');
    expect(atDriver(stage, vendor, 'acknowledged')).toEqual(['08:01']);
    await stage.act('driver', 'resolve', { text: 'The fuse was replaced.' });
    await stage.at('5m');
    expect(atDriver(stage, vendor, 'resolved')).toEqual(['08:03']);
    const { pages } = await stage.incident();
    expect(pages['p1']?.rings).toMatchObject([{ status: 'closed' }]);
  });

  test('rings nobody a second time', async () => {
    const stage = await adopted(vendor);
    await stage.at('9m');
    expect(await stage.rings()).toEqual([expect.stringMatching(`08:00:00 .* ${vendor} `)]);
  });

  test.each([
    ['told by a webhook', company(CONFIG), '2m10s'],
    ['found by asking', unheard(company(CONFIG)), '4m40s'],
  ])('is acknowledged and resolved by whoever does so there, %s', async (_, yaml, by) => {
    const stage = await adopted(vendor);
    await stage.reload(yaml);
    await stage.at('2m');
    await stage.answer('driver', { target: vendor });
    await stage.at(by);
    expect((await stage.incident()).pages['p1']).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'driver',
    });
    expect(await isQuiet(stage)).toBe(false);
    await stage.answer('driver', { target: vendor, verb: 'resolve' });
    await stage.advance('2m30s');
    expect(await isQuiet(stage)).toBe(true);
  });

  test('that a person closes there at once, without a webhook, was answered and is over', async () => {
    const stage = await adopted(vendor);
    await stage.reload(unheard(company(CONFIG)));
    await stage.answer('driver', { target: vendor, verb: 'resolve' });
    await stage.at('4m');
    expect((await stage.incident()).pages['p1']).toMatchObject({ acknowledgedBy: 'driver' });
    expect(await isQuiet(stage)).toBe(true);
    expect(await stage.incidents()).toHaveLength(1);
  });
});

describe('an alert at the pager of which nobody knows whose phone it rings', () => {
  const PATH = 'POST /api/v1/incidents/inc-1/acknowledge';

  /** Opsgenie says nothing of whom it has rung. */
  async function ringsSomebody(): Promise<Stage> {
    const stage = await trams(company);
    const told = opsgenieBody('Create', {
      ref: 'a-1',
      title: 'Line 1 has no current',
      at: stage.clock.now(),
      priority: 'P1',
      details: { line: '1' },
    });
    await stage.deliver('genie', told, { 'x-secret': 'pagerduty-hook-secret' });
    await stage.at('1m');
    expect((await stage.incident()).pages).toMatchObject({ p1: { adopted: true, person: null } });
    return stage;
  }

  test('is answered by whoever is on call for its service, without naming it', async () => {
    const stage = await ringsSomebody();
    expect(await stage.api('driver', PATH, {})).toMatchObject({ status: 200 });
    await stage.advance('1s');
    expect((await stage.incident()).pages['p1']).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'driver',
    });
  });

  test('is not answered by a stranger, who is told how to answer by name', async () => {
    const stage = await ringsSomebody();
    const { status, text } = await stage.api('herald', PATH, {});
    expect(status).toBe(409);
    expect(text).toContain('`tocsin ack inc-1 p1`');
    expect((await stage.incident()).pages['p1']?.state).toBe('open');
  });
});
