/**
 * What was told to a pager, and is not so there.
 *
 * A tram line stops at eight, and the driver's phone rings. Whoever saw it in the chat answers, or it was a false alarm: the
 * pager says that it has taken this, and loses it. Or it says nothing clear at all to what it is asked, while it can be read.
 * Whatever a round reads of a page of ours there is the truth: what should be silent is told again until it is.
 */
import { describe, expect, test, vi } from 'vitest';
import type { FaultOrder } from '../../src/sandbox/faults.ts';
import type { Stage } from '../support/stage.ts';
import { atPagerDuty, bothPagers } from './theirs.ts';
import { rangAt, trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** Nobody but the driver is rung, and no pager tells anything by itself. */
const unheard = (yaml: string): string =>
  unhurried(trusting(yaml))
    .replace(/\n {2}calls: .*/, '')
    .replace(/\n {2}genie: .*/, '')
    .replace('declared: [commander, speaker]', 'declared: []')
    .replaceAll(', trusted: true', '');

const atOpsgenie = (yaml: string): string =>
  unheard(bothPagers(yaml)).replace('pagerduty: {name: Driver, id: PDRIVER}, ', '');

/** The line is a service at PagerDuty, rung by its key. */
const byEvents = (yaml: string): string =>
  unheard(yaml).replace(
    'line-1: {on_call: driver,',
    'line-1: {on_call: {via: pd, service: {name: Line 1, id: PLINE01}, key: "${TOKEN}"},',
  );

/** What the pager is told from now on for so long meets the fault. */
function meets(
  stage: Stage,
  target: string,
  { fault, ms }: Pick<FaultOrder, 'fault'> & { readonly ms: number },
): void {
  const until = stage.clock.now() + ms;
  for (const method of ['POST', 'PUT']) stage.fault({ target, method, fault, until });
}

async function ringing(stage: Stage): Promise<Stage> {
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('59s');
  return stage;
}

const events = (stage: Stage): readonly string[] => stage.pages().map(({ event }) => event);

async function notedTimes(stage: Stage): Promise<number> {
  const timeline = await stage.events();
  return timeline.filter((event) => event.type === 'PageNoted' && event.action === 'rings on')
    .length;
}

const ways = [
  ['Opsgenie', { target: 'og', edit: atOpsgenie }],
  ['an integration key of PagerDuty', { target: 'pd', edit: byEvents }],
] as const;

describe.each(ways)('at %s', (_, { target, edit }) => {
  test.each([
    ['false-positive', { who: 'boss', body: { reason: 'a drill' }, ends: ['resolved'] }],
    ['resolve', { who: 'boss', body: {}, ends: ['resolved'] }],
    ['acknowledge', { who: 'driver', body: {}, ends: ['acknowledged'] }],
  ] as const)('%s that was taken and lost is told again', async (verb, { who, body, ends }) => {
    const stage = await ringing(await trams(edit));
    meets(stage, target, { fault: '202-but-lost', ms: 10_000 });
    await stage.act(who, verb, verb === 'acknowledge' ? { page: 'p1' } : body);
    await stage.at('4m');
    expect(events(stage)).toEqual(['rang', ...ends]);
    expect(await notedTimes(stage)).toBe(1);
  });

  test('an answer that was taken and lost is told again within a minute', async () => {
    const stage = await ringing(await trams(edit));
    meets(stage, target, { fault: '202-but-lost', ms: 10_000 });
    await stage.act('driver', 'acknowledge', { page: 'p1' });
    await stage.at('1m50s');
    expect(events(stage)).toEqual(['rang', 'acknowledged']);
  });

  test('an end that is lost for hours is told again now and then, until it is so', async () => {
    const stage = await ringing(await trams(edit));
    meets(stage, target, { fault: '202-but-lost', ms: 3 * 3_600_000 });
    await stage.act('boss', 'false-positive', { reason: 'a drill' });
    await stage.at('5h');
    expect(events(stage)).toEqual(['rang', 'resolved']);
    expect(await notedTimes(stage)).toBeLessThan(12);
  });
});

describe.each([
  ['PagerDuty', { target: 'pd', edit: unheard }],
  ['Opsgenie', { target: 'og', edit: atOpsgenie }],
] as const)('%s carries out what it is asked, and gives no clear answer', (_, { target, edit }) => {
  test.each(['5xx-but-done', 'slow', 'reset'] as const)(
    'the answer on the phone is heard while writing fails (%s)',
    async (fault) => {
      const stage = await trams(edit);
      meets(stage, target, { fault, ms: 180_000 });
      await stage.alert({ alertname: 'LineStopped' });
      await stage.at('35s');
      if (stage.pages('rang').length > 0) await stage.answer('driver', { target });
      await stage.at('14m');
      const { pages } = await stage.incident();
      expect(Object.values(pages).map(({ acknowledgedBy }) => acknowledgedBy)).toEqual(['driver']);
      expect(rangAt(stage)).toHaveLength(1);
    },
  );
});

describe('what was answered or ended here and made to ring again at PagerDuty', () => {
  const put = (stage: Stage, incident: Readonly<Record<string, unknown>>) =>
    atPagerDuty(stage, `/incidents/${stage.pages('rang')[0]?.ref ?? ''}`, {
      method: 'PUT',
      body: { incident: { type: 'incident_reference', ...incident } },
    });

  test('by giving it to somebody else rings on there: nobody takes that back', async () => {
    const stage = await ringing(await trams(unheard));
    await stage.act('driver', 'acknowledge', { page: 'p1' });
    await stage.at('63s');
    const assignee = { id: 'PBOSS01', type: 'user_reference' };
    expect((await put(stage, { assignments: [{ assignee }] })).status).toBe(200);
    await stage.at('5m');
    expect(events(stage)).toEqual(['rang', 'acknowledged', 'rang']);
    expect(await notedTimes(stage)).toBe(0);
  });

  test('before it ended is ended there all the same, although that is lost at first', async () => {
    const stage = await ringing(await trams(unheard));
    await stage.act('driver', 'acknowledge', { page: 'p1' });
    await stage.at('2m');
    expect((await put(stage, { status: 'triggered' })).status).toBe(200);
    await stage.at('3m');
    meets(stage, 'pd', { fault: '202-but-lost', ms: 10_000 });
    await stage.act('boss', 'false-positive', { reason: 'a drill' });
    await stage.at('7m');
    expect(events(stage)).toEqual(['rang', 'acknowledged', 'rang', 'resolved']);
  });

  test('by opening it again stays open, also after a restart that has seen nothing', async () => {
    const stage = await ringing(await trams(unheard));
    await stage.act('boss', 'false-positive', { reason: 'a drill' });
    await stage.at('5m');
    expect(events(stage)).toEqual(['rang', 'resolved']);
    expect((await put(stage, { status: 'triggered' })).status).toBe(200);
    await stage.downUntil('6m');
    await stage.at('20m');
    expect(events(stage)).toEqual(['rang', 'resolved', 'rang']);
    expect(await notedTimes(stage)).toBe(0);
  });
});

describe('what PagerDuty carries out after its end', () => {
  /** Carried out 40 s late; what it is told when it rings at last, it takes and loses. */
  async function lateAndLost(): Promise<Stage> {
    const stage = await trams(unheard);
    const from = stage.clock.now();
    const posts = { target: 'pd', method: 'POST', path: '/api/incidents' } as const;
    stage.fault({ ...posts, fault: '5xx-but-done', doneAfterMs: 40_000, until: from + 10_000 });
    stage.fault({ target: 'pd', method: 'PUT', fault: '202-but-lost', until: from + 75_000 });
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2s');
    await stage.act('boss', 'false-positive', { reason: 'a drill' });
    return stage;
  }

  test('is closed there again where that is lost', async () => {
    const stage = await lateAndLost();
    await stage.at('10m');
    expect(events(stage)).toEqual(['rang', 'resolved']);
  });

  test('is closed there again after a restart', async () => {
    const stage = await lateAndLost();
    await stage.at('70s');
    expect(events(stage)).toEqual(['rang']);
    await stage.downUntil('80s');
    await stage.at('10m');
    expect(events(stage)).toEqual(['rang', 'resolved']);
  });
});
