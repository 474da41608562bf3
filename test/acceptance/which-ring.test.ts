/**
 * Which of two phones is meant.
 *
 * A tram line stops at eight and the driver is paged. The first pager rings, and answers no question about it, so a minute
 * later the second one is asked as well; it rings, too, and its answer is lost. What a pager tells then is about its own
 * ring and no other: the first one is not confirmed by it, and falls silent when the driver answers at the second.
 */
import { describe, expect, test } from 'vitest';
import type { FaultOrder } from '../../src/sandbox/faults.ts';
import type { PageEntry } from '../../src/sandbox/truth.ts';
import type { Stage } from '../support/stage.ts';
import { bothPagers, type Vendor } from './theirs.ts';
import { trams, trusting } from './trams.ts';

/** The driver's phone at `first` is tried first, and what that pager tells by itself never arrives. */
const company = (first: Vendor) => (yaml: string) => {
  const heard = bothPagers(trusting(yaml)).replace(
    first === 'og' ? /\n  genie: .*/ : /\n  calls: .*/,
    '',
  );
  const phones = '{pagerduty: {name: Driver, id: PDRIVER}, opsgenie: driver@trams.example}';
  return first === 'pd'
    ? heard
    : heard.replace(
        phones,
        '{opsgenie: driver@trams.example, pagerduty: {name: Driver, id: PDRIVER}}',
      );
};

const ASKED = { pd: { path: '/api/incidents' }, og: { path: '/v2/alerts' } };

/** What it is asked to do is done, and the answer does not come. */
const unanswered = (target: Vendor, doneAfterMs = 0): FaultOrder => ({
  target,
  ...ASKED[target],
  method: 'POST',
  fault: '5xx-but-done',
  status: 503,
  doneAfterMs,
});

/** What it has can not be asked for. */
const blind = (target: Vendor): FaultOrder => ({ target, method: 'GET', fault: '5xx' });

/** Where the driver's phones did so, in order. */
function phones(stage: Stage, event: PageEntry['event']): readonly string[] {
  const own = stage.pages(event).filter(({ address }) => /driver/i.test(address));
  return own.map(({ target }) => target);
}

async function driver(stage: Stage) {
  const page = (await stage.incident()).pages['p1'];
  if (page === undefined) throw new Error('the driver was not paged');
  return page;
}

describe.each<[first: Vendor, second: Vendor]>([
  ['og', 'pd'],
  ['pd', 'og'],
])('where %s is asked first, and %s a minute later,', (first, second) => {
  async function bothRing(): Promise<Stage> {
    const stage = await trams(company(first));
    for (const target of [first, second]) {
      stage.fault(unanswered(target));
      stage.fault(blind(target));
    }
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.at('1m10s');
    expect(phones(stage, 'rang')).toEqual([first, second]);
    return stage;
  }

  test('what the second tells confirms the second alone', async () => {
    const stage = await bothRing();
    await stage.answer('driver', { target: second });
    const { rings } = await driver(stage);
    expect(rings).toMatchObject([{ target: first }, { target: second, status: 'confirmed' }]);
    expect(rings[0]?.status).not.toBe('confirmed');
    expect(rings[0]?.ref).not.toBe(rings[1]?.ref);
  });

  test('an answer at the second silences the first', async () => {
    const stage = await bothRing();
    await stage.answer('driver', { target: second });
    stage.healed();
    await stage.at('1m40s');
    expect(await driver(stage)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'driver' });
    expect(phones(stage, 'acknowledged')).toEqual([second, first]);
  });

  test('what begins to ring at the second after the answer is silenced, and ends with the rest', async () => {
    const stage = await trams(company(first));
    stage.fault(unanswered(second, 60_000));
    stage.fault({ ...blind(first), until: stage.clock.now() + 70_000 });
    stage.fault({ ...blind(second), until: stage.clock.now() + 70_000 });
    if (first === 'pd') stage.fault({ ...unanswered(first), until: stage.clock.now() + 70_000 });
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.at('1m50s');
    expect((await driver(stage)).rings[0]).toMatchObject({ status: 'confirmed' });
    await stage.act('driver', 'acknowledge');
    expect(phones(stage, 'rang')).not.toContain(second);
    await stage.at('2m30s');
    expect(phones(stage, 'rang')).toContain(second);
    stage.healed();
    await stage.at('5m');
    expect(phones(stage, 'acknowledged')).toEqual([first, second]);
    expect(await stage.incidents(), 'nothing about Tocsin itself').toHaveLength(1);
    await stage.act('boss', 'resolve', { text: 'It runs.' });
    await stage.at('6m');
    expect(phones(stage, 'resolved').toSorted()).toEqual(['og', 'pd']);
  });
});

test('what Opsgenie tells of its alert confirms the page, although it answers no question: the second pager does not ring', async () => {
  const both = (yaml: string): string =>
    bothPagers(trusting(yaml)).replace(
      '{pagerduty: {name: Driver, id: PDRIVER}, opsgenie: driver@trams.example}',
      '{opsgenie: driver@trams.example, pagerduty: {name: Driver, id: PDRIVER}}',
    );
  const stage = await trams(both);
  stage.fault(blind('og'));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  expect((await driver(stage)).rings).toMatchObject([{ target: 'og', status: 'confirmed' }]);
  expect(phones(stage, 'rang')).toEqual(['og']);
});
