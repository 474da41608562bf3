/**
 * What nobody could see there was not answered there.
 *
 * Line 1 stops and the driver's phone rings at PagerDuty. Half a minute later PagerDuty takes nothing any more, and line 2
 * stops: its page joins the ring that is there, but it cannot be written beside it. Whoever looks at the phone sees line 1
 * alone. So line 2 rings by itself, at the other pager, and the answer for line 1 is none for line 2.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { bothPagers } from './theirs.ts';
import { trams, trusting } from './trams.ts';

/** Two lines with one driver, and nobody but the driver is rung in triage. */
const lines = (yaml: string): string =>
  bothPagers(trusting(yaml))
    .replace('  line-1: {', '  line-2: {on_call: driver}\n  line-1: {')
    .replace('service: line-1, severity: bad, trusted: true', 'group_by: [service], severity: bad')
    .replace('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}');

const stops = (line: number) => ({ alertname: 'LineStopped', labels: { service: `line-${line}` } });

async function bothStop(fault: Parameters<Stage['fault']>[0], edit = lines): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert(stops(1));
  await stage.at('30s');
  stage.fault(fault);
  await stage.alert(stops(2));
  return stage;
}

const driverAt = (stage: Stage): readonly string[] =>
  stage
    .pages('rang')
    .filter(({ address }) => /driver/i.test(address))
    .map(({ time, target }) => `${time.slice(11, 19)} ${target}`);

const answeredBy = async (stage: Stage, n: number) =>
  (await stage.incident(n)).roles['on-duty']?.person ?? null;

test.each(['refuse', 'hang'] as const)(
  'a page that joins while its pager does not answer (%s) rings by itself after a minute',
  async (fault) => {
    const stage = await bothStop({ target: 'pd', fault });
    await stage.at('80s');
    expect(driverAt(stage)).toEqual(['08:00:00 pd']);
    await stage.at('2m');
    expect(driverAt(stage)).toEqual(['08:00:00 pd', '08:01:30 og']);
    await stage.answer('driver', { target: 'pd' });
    await stage.at('4m');
    expect(await answeredBy(stage, 1)).toBe('driver');
    expect(await answeredBy(stage, 2)).toBeNull();
    await stage.answer('driver', { target: 'og' });
    await stage.at('5m');
    expect(await answeredBy(stage, 2)).toBe('driver');
  },
);

test('the answer to what rang alone, given before the other could be seen there, rings for the other at once', async () => {
  const stage = await bothStop({ target: 'pd', fault: 'refuse' });
  await stage.at('50s');
  await stage.answer('driver', { target: 'pd' });
  await stage.at('52s');
  expect(await answeredBy(stage, 1)).toBe('driver');
  expect(await answeredBy(stage, 2)).toBeNull();
  expect(driverAt(stage)).toEqual(['08:00:00 pd', '08:00:50 og']);
});

test('where it was written there after all, one answer is for both', async () => {
  const stage = await bothStop({ target: 'pd', fault: 'refuse' });
  await stage.at('45s');
  stage.healed('pd');
  await stage.at('80s');
  expect(stage.pages('noted')).toHaveLength(1);
  await stage.answer('driver', { target: 'pd' });
  await stage.at('3m');
  expect([await answeredBy(stage, 1), await answeredBy(stage, 2)]).toEqual(['driver', 'driver']);
  expect(driverAt(stage)).toEqual(['08:00:00 pd']);
});

describe('eight lines of one driver that stop half a minute after the first', () => {
  /** The driver answers the first a moment after the others have joined it, before anything is written there. */
  const many = (yaml: string): string =>
    lines(yaml).replace(
      '  line-2: {on_call: driver}',
      [2, 3, 4, 5, 6, 7, 8, 9].map((n) => `  line-${n}: {on_call: driver}`).join('\n'),
    );

  test('ring once more for all of them, where the first was answered before that was written there', async () => {
    const stage = await trams(many);
    await stage.alert(stops(1));
    await stage.at('30s');
    const until = stage.clock.now() + 6_000;
    stage.fault({ target: 'pd', method: 'POST', path: '/api/incidents/', fault: '5xx', until });
    for (const n of [2, 3, 4, 5, 6, 7, 8, 9]) await stage.alert(stops(n));
    await stage.at('32s');
    await stage.answer('driver', { target: 'pd' });
    await stage.at('50s');
    expect(driverAt(stage)).toHaveLength(2);
    await stage.answer('driver');
    await stage.at('2m');
    const answers = await Promise.all([1, 2, 5, 9].map((n) => answeredBy(stage, n)));
    expect(answers).toEqual(['driver', 'driver', 'driver', 'driver']);
    expect(driverAt(stage)).toHaveLength(2);
  });

  test('go to no other pager while the ring that they have joined is there', async () => {
    const stage = await trams(many);
    await stage.alert(stops(1));
    await stage.at('56s');
    await stage.alert([2, 3, 4].map(stops));
    await stage.at('90s');
    expect(driverAt(stage)).toEqual(['08:00:00 pd']);
    expect(stage.pages('noted')).toHaveLength(3);
  });
});

describe('line 2 stops three seconds after line 1, whose page PagerDuty carries out late,', () => {
  const alone = (yaml: string): string =>
    lines(yaml).replace(', opsgenie: driver@trams.example', '');

  /** What PagerDuty is asked for in so many seconds takes so long; the driver has answered line 1 in the chat by then. */
  async function carriedOutLate(delayMs: number, seconds: number): Promise<Stage> {
    const stage = await trams(alone);
    const until = stage.clock.now() + seconds * 1_000;
    const path = '/api/incidents';
    stage.fault({ target: 'pd', method: 'POST', path, fault: 'slow', delayMs, until });
    await stage.alert(stops(1));
    await stage.at('3s');
    await stage.alert(stops(2));
    await stage.at('6s');
    await stage.act('driver', { verb: 'acknowledge', n: 1 });
    return stage;
  }

  test('and is seen there as well before its answer counts, although it was asked for by itself', async () => {
    const stage = await carriedOutLate(15_000, 8);
    await stage.at('40s');
    expect(driverAt(stage)).toHaveLength(1);
    expect(stage.pages('noted').map(({ note }) => note)).toEqual([
      expect.stringContaining('This phone rings for another incident as well: inc-2'),
    ]);
    await stage.answer('driver', { target: 'pd' });
    await stage.at('1m');
    expect(await answeredBy(stage, 2)).toBe('driver');
  });

  test('and rings by itself where line 1 is answered there before it could be seen', async () => {
    const stage = await carriedOutLate(20_000, 60);
    await stage.at('30s');
    expect(driverAt(stage)).toHaveLength(1);
    expect(stage.pages('noted')).toEqual([]);
    await stage.answer('driver', { target: 'pd' });
    await stage.at('50s');
    expect(await answeredBy(stage, 2)).toBeNull();
    await stage.at('2m');
    expect(driverAt(stage)).toHaveLength(2);
    await stage.answer('driver', { target: 'pd' });
    await stage.at('3m');
    expect(await answeredBy(stage, 2)).toBe('driver');
  });
});

describe('Opsgenie, which takes every note before it writes it,', () => {
  /** The driver has a phone there alone. */
  const there = (yaml: string): string =>
    lines(yaml).replace('pagerduty: {name: Driver, id: PDRIVER}, ', '');
  const writes = { target: 'og', method: 'POST', path: '/v2/alerts/' } as const;

  describe.each(['202-but-lost', '202-but-rejected'] as const)('and does not (%s)', (fault) => {
    test('shows nothing by that: the answer to what rang alone is none to the other, which rings at once', async () => {
      const stage = await bothStop({ ...writes, fault }, there);
      await stage.at('50s');
      expect(stage.pages('noted')).toEqual([]);
      await stage.answer('driver', { target: 'og' });
      await stage.at('55s');
      expect(await answeredBy(stage, 1)).toBe('driver');
      expect(await answeredBy(stage, 2)).toBeNull();
      expect(driverAt(stage)).toEqual(['08:00:00 og', '08:00:50 og']);
    });

    test('makes nobody wait for more than a minute: the other rings by itself', async () => {
      const stage = await bothStop({ ...writes, fault }, there);
      await stage.at('2m');
      expect(driverAt(stage)).toEqual(['08:00:00 og', '08:01:30 og']);
    });
  });

  test('is asked once more for what it lost, and one answer is for both', async () => {
    const stage = await bothStop({ ...writes, fault: '202-but-lost', times: 1 }, there);
    await stage.at('45s');
    expect(stage.pages('noted')).toHaveLength(1);
    await stage.answer('driver', { target: 'og' });
    await stage.at('3m');
    expect([await answeredBy(stage, 1), await answeredBy(stage, 2)]).toEqual(['driver', 'driver']);
    expect(driverAt(stage)).toEqual(['08:00:00 og']);
  });

  test('and writes it, is asked for it once', async () => {
    const stage = await bothStop({ ...writes, fault: '5xx', times: 0 }, there);
    await stage.at('35s');
    expect(stage.pages('noted')).toHaveLength(1);
    await stage.at('80s');
    expect(stage.pages('noted')).toHaveLength(1);
    expect((await stage.incident(2)).pages['p1']?.rings).toMatchObject([{ status: 'joined' }]);
  });
});

describe('PagerDuty, which answers to a note what is not so,', () => {
  /** The driver has a phone there alone. */
  const there = (yaml: string): string =>
    lines(yaml).replace(', opsgenie: driver@trams.example', '');
  const writes = { target: 'pd', method: 'POST', path: '/api/incidents/' } as const;

  test('and loses what it took, shows nothing by that: the answer to what rang alone is none to the other', async () => {
    const stage = await bothStop({ ...writes, fault: '202-but-lost' }, there);
    await stage.at('50s');
    expect(stage.pages('noted')).toEqual([]);
    await stage.answer('driver', { target: 'pd' });
    await stage.at('55s');
    expect(await answeredBy(stage, 1)).toBe('driver');
    expect(await answeredBy(stage, 2)).toBeNull();
    expect(driverAt(stage)).toEqual(['08:00:00 pd', '08:00:50 pd']);
  });

  test('and loses every note, makes nobody wait for more than a minute: the other rings by itself', async () => {
    const stage = await bothStop({ ...writes, fault: '202-but-lost' }, there);
    await stage.at('2m');
    expect(driverAt(stage)).toEqual(['08:00:00 pd', '08:01:30 pd']);
  });

  test('and loses one, is asked once more, and one answer is for both', async () => {
    const stage = await bothStop({ ...writes, fault: '202-but-lost', times: 1 }, there);
    await stage.at('45s');
    expect(stage.pages('noted')).toHaveLength(1);
    await stage.answer('driver', { target: 'pd' });
    await stage.at('3m');
    expect([await answeredBy(stage, 1), await answeredBy(stage, 2)]).toEqual(['driver', 'driver']);
    expect(driverAt(stage)).toEqual(['08:00:00 pd']);
  });

  test('and calls failed what it wrote, is asked for it once, and rings once', async () => {
    const stage = await bothStop({ ...writes, fault: '5xx-but-done' }, there);
    await stage.at('2m');
    expect(stage.pages('noted')).toHaveLength(1);
    expect(driverAt(stage)).toEqual(['08:00:00 pd']);
    await stage.answer('driver', { target: 'pd' });
    await stage.at('3m');
    expect([await answeredBy(stage, 1), await answeredBy(stage, 2)]).toEqual(['driver', 'driver']);
  });

  test('or answers truly, is asked for it once', async () => {
    const stage = await bothStop({ ...writes, fault: '5xx', times: 0 }, there);
    await stage.at('80s');
    expect(stage.pages('noted')).toHaveLength(1);
    expect((await stage.incident(2)).pages['p1']?.rings).toMatchObject([{ status: 'joined' }]);
  });
});

describe.each(['pd', 'og'] as const)(
  'without a webhook of %s, which is asked for answers,',
  (vendor) => {
    /** The driver has a phone there alone, and what happens there is heard when it is asked for: each half minute. */
    const asked = (yaml: string): string =>
      lines(yaml)
        .replace(/\n {2}(calls|genie): .*/g, '')
        .replace(
          vendor === 'pd'
            ? ', opsgenie: driver@trams.example'
            : 'pagerduty: {name: Driver, id: PDRIVER}, ',
          '',
        );

    test('an answer that is older than the join is none to what joined, which rings by itself', async () => {
      const stage = await trams(asked);
      await stage.alert(stops(1));
      await stage.at('32s');
      await stage.answer('driver', { target: vendor });
      await stage.at('37s');
      await stage.alert(stops(2));
      await stage.at('55s');
      expect(stage.pages('noted')).toHaveLength(1);
      await stage.at('62s');
      expect(await answeredBy(stage, 1)).toBe('driver');
      expect(await answeredBy(stage, 2)).toBeNull();
      expect(driverAt(stage)).toEqual([`08:00:00 ${vendor}`, `08:01:00 ${vendor}`]);
      await stage.answer('driver', { target: vendor });
      await stage.at('2m');
      expect(await answeredBy(stage, 2)).toBe('driver');
    });

    test('an end that is older than the join ends nothing of what joined, which rings by itself', async () => {
      const stage = await trams(asked);
      await stage.alert(stops(1));
      await stage.at('32s');
      await stage.answer('driver', { target: vendor, verb: 'resolve' });
      await stage.at('37s');
      await stage.alert(stops(2));
      await stage.at('2m30s');
      expect(await answeredBy(stage, 2)).toBeNull();
      expect(driverAt(stage)).toHaveLength(2);
    });

    test('an answer after the join is for both', async () => {
      const stage = await trams(asked);
      await stage.alert(stops(1));
      await stage.at('32s');
      await stage.alert(stops(2));
      await stage.at('40s');
      await stage.answer('driver', { target: vendor });
      await stage.at('62s');
      expect([await answeredBy(stage, 1), await answeredBy(stage, 2)]).toEqual([
        'driver',
        'driver',
      ]);
      expect(driverAt(stage)).toEqual([`08:00:00 ${vendor}`]);
    });
  },
);

describe('PagerDuty, the only pager, which takes nothing for three minutes in which both lines stop,', () => {
  const there = (yaml: string): string =>
    lines(yaml).replace(', opsgenie: driver@trams.example', '');

  async function takesNothing(): Promise<Stage> {
    const stage = await trams(there);
    stage.fault({ target: 'pd', method: 'POST', fault: '5xx' });
    await stage.alert(stops(1));
    await stage.at('1s');
    await stage.alert(stops(2));
    await stage.at('3m');
    expect(driverAt(stage)).toEqual([]);
    stage.healed('pd');
    return stage;
  }

  test('rings once for both as soon as it takes both', async () => {
    const stage = await takesNothing();
    await stage.at('6m');
    expect(driverAt(stage)).toEqual(['08:03:07 pd']);
    expect(stage.pages('noted').map(({ note }) => note)).toContainEqual(
      expect.stringContaining('This phone rings for another incident as well: inc-2'),
    );
    await stage.answer('driver', { target: 'pd' });
    await stage.at('7m');
    expect([await answeredBy(stage, 1), await answeredBy(stage, 2)]).toEqual(['driver', 'driver']);
  });

  test('and then rings by itself for the other within a minute, where it writes no note', async () => {
    const stage = await takesNothing();
    stage.fault({ target: 'pd', method: 'POST', path: '/api/incidents/', fault: '5xx' });
    await stage.at('5m');
    expect(driverAt(stage)).toEqual(['08:03:07 pd', '08:04:07 pd']);
  });
});
