/**
 * It fires again.
 *
 * A tram line stops at eight, is repaired, and stops again. That somebody answered this morning says nothing about the
 * afternoon: what fires again after everything had cleared rings whoever is on duty now, and whoever commands. Only for
 * people who are at it the phone waits five minutes, and stays silent when they do something. A line that stops
 * again and again is said once.
 */
import { describe, expect, test, vi } from 'vitest';
import { sentenceOf } from '../../src/core/model/events.ts';
import type { IncidentView } from '../../src/read/shapes.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** When the alert of a stage began last. */
const since = new WeakMap<Stage, string>();

/** The line stops; the alert says since when. */
async function stops(stage: Stage): Promise<void> {
  since.set(stage, new Date(stage.clock.now()).toISOString());
  await stage.alert({ alertname: 'LineStopped', startsAt: since.get(stage) ?? '' });
}

/** The line runs again. */
async function runs(stage: Stage): Promise<void> {
  await stage.alert({
    alertname: 'LineStopped',
    status: 'resolved',
    startsAt: since.get(stage) ?? '',
  });
}

/** Alarms are for somebody who is not rung besides. */
const withHerald = (yaml: string): string =>
  trusting(yaml).replace('alarms: {page: boss,', 'alarms: {page: herald,');

/** Stopped at eight, answered by everybody within a minute. */
async function answered(): Promise<Stage> {
  const stage = await trams((yaml) => unhurried(withHerald(yaml)));
  await stops(stage);
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  return stage;
}

test('a page says what it rang for, also after it has fired again', async () => {
  const stage = await answered();
  await stage.at('5m');
  await runs(stage);
  await stage.at('30m');
  await stops(stage);
  await stage.advance('1s');
  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  const { pages } = json as unknown as IncidentView;
  const boss = pages.filter(({ person }) => person === 'boss');
  expect(boss.map(({ purposes }) => purposes)).toEqual([
    ['commander'],
    [expect.stringMatching(/fires again/)],
  ]);
});

/** Who was rung from the moment on: `16:01:00 driver`. */
async function rungFrom(stage: Stage, moment: string): Promise<readonly string[]> {
  const rings = await stage.rings();
  return rings
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([time = '']) => time >= moment)
    .map(([time, , person]) => `${time} ${person}`);
}

const told = (stage: Stage): readonly string[] =>
  stage
    .messages()
    .filter(({ text }) => /fires again/.test(text))
    .map(({ time, text }) => `${time.slice(11, 16)} ${/(It .*)$/.exec(text)?.[1] ?? ''}`);

test('eight hours later the same line stops again: the driver and the boss are rung', async () => {
  const stage = await answered();
  await stage.at('08:20');
  await runs(stage);
  await stage.at('16:20');
  await stops(stage);
  await stage.at('16:22');
  expect(await rungFrom(stage, '16:00')).toEqual(['16:20:00 driver', '16:20:00 boss']);
  expect(told(stage)).toEqual(['16:20 It fires again, after 8 h 00 min of quiet.']);
});

test('the driver had answered the first time: when nobody answers the second, that is an alarm', async () => {
  const stage = await answered();
  await stage.at('08:20');
  await runs(stage);
  await stage.at('16:20');
  await stops(stage);
  await stage.at('16:36');
  const rung = await rungFrom(stage, '16:00');
  expect(rung).toEqual(['16:20:00 driver', '16:20:00 boss', '16:25:00 herald', '16:35:00 herald']);
});

test('ten minutes after the fix it fires again: the watch ends, the public hears it, and the phones ring', async () => {
  const stage = await answered();
  await stage.at('08:05');
  await stage.act('boss', 'phase', { phase: 'monitoring' });
  await stage.at('08:06');
  await runs(stage);
  await stage.at('08:16');
  await stops(stage);
  await stage.at('08:18');
  expect(await stage.incident()).toMatchObject({ phase: 'investigating', soak: null });
  expect(stage.posts().map(({ time, status }) => `${time.slice(11, 16)} ${status}`)).toEqual([
    '08:00 investigating',
    '08:05 monitoring',
    '08:16 investigating',
  ]);
  expect(await rungFrom(stage, '08:15')).toEqual(['08:16:00 driver', '08:16:00 boss']);
});

describe('for somebody who did something in the last ten minutes the phone waits five', () => {
  /** Cleared at 08:30; the boss has written a note at 08:32; stopped again at 08:35. */
  const atIt = async (): Promise<Stage> => {
    const stage = await answered();
    await stage.at('08:30');
    await runs(stage);
    await stage.at('08:32');
    await stage.act('boss', 'notes', { text: 'I am watching it.' });
    await stage.at('08:35');
    await stops(stage);
    await stage.advance('1s');
    return stage;
  };

  test('and rings then', async () => {
    const stage = await atIt();
    await stage.at('08:44');
    expect((await rungFrom(stage, '08:35')).toSorted()).toEqual([
      '08:35:00 driver',
      '08:40:00 boss',
      '08:40:00 herald',
    ]);
    expect(told(stage)[0]).toContain(
      'boss: you are rung in 5 minutes, unless you do something about it or say `tocsin ack inc-1`.',
    );
  });

  test('unless they say that they are there', async () => {
    const stage = await atIt();
    await stage.at('08:38');
    await stage.act('boss', 'acknowledge', {});
    await stage.at('09:00');
    expect(await rungFrom(stage, '08:36')).not.toContain('08:40:00 boss');
    expect((await rungFrom(stage, '08:36')).filter((line) => line.endsWith('boss'))).toEqual([]);
  });

  test('unless they do something else about it', async () => {
    const stage = await atIt();
    await stage.at('08:39');
    await stage.act('boss', 'notes', { text: 'It is the same switch.' });
    await stage.at('08:44');
    expect((await rungFrom(stage, '08:36')).filter((line) => line.endsWith('boss'))).toEqual([]);
  });

  test('unless it clears before', async () => {
    const stage = await atIt();
    await stage.at('08:37');
    await runs(stage);
    await stage.at('08:50');
    expect((await rungFrom(stage, '08:36')).filter((line) => line.endsWith('boss'))).toEqual([]);
  });
});

test('whose phone still rings is not rung twice: the search for them goes on', async () => {
  const stage = await trams(trusting);
  await stops(stage);
  await stage.at('08:02');
  await runs(stage);
  await stage.at('08:04');
  await stops(stage);
  await stage.advance('1s');
  expect(await rungFrom(stage, '08:00')).toEqual([
    '08:00:00 driver',
    '08:00:00 boss',
    '08:00:00 herald',
  ]);
});

test('who has done nothing for ten minutes is rung at once, whatever rang for them', async () => {
  const stage = await answered();
  await stage.at('08:12');
  await runs(stage);
  await stage.at('08:15');
  await stops(stage);
  await stage.advance('1s');
  expect(await rungFrom(stage, '08:15')).toEqual(['08:15:00 driver', '08:15:00 boss']);
});

describe('the third time in two hours it is flapping', () => {
  /** Answered at eight; stops again at 08:20, 08:40 and 09:00, for five minutes each; whoever is rung answers. */
  const flapping = async (): Promise<Stage> => {
    const stage = await answered();
    await stage.at('08:05');
    await runs(stage);
    for (const moment of ['08:20', '08:40', '09:00']) {
      await stage.at(moment);
      await stops(stage);
      await stage.advance('1m');
      for (const person of ['driver', 'boss']) await stage.answer(person).catch(() => undefined);
      await stage.advance('4m');
      await runs(stage);
    }
    return stage;
  };

  test('which is said, and rings at once, also for people who are at it', async () => {
    const stage = await flapping();
    expect(await rungFrom(stage, '09:00')).toEqual(['09:00:00 driver', '09:00:00 boss']);
    expect(told(stage).at(-1)).toBe('09:00 It is flapping: it fires again, time 3 in two hours.');
  });

  test('and once answered it is quiet, until it has been clear for half an hour', async () => {
    const stage = await flapping();
    for (const moment of ['09:10', '09:20', '09:40']) {
      await stage.at(moment);
      await stops(stage);
      await stage.advance('2m');
      await runs(stage);
    }
    expect(await rungFrom(stage, '09:01')).toEqual([]);
    expect(told(stage).filter((line) => line.includes('flapping'))).toHaveLength(1);
    await stage.at('10:15');
    await stops(stage);
    await stage.advance('1s');
    expect(await rungFrom(stage, '09:01')).toEqual(['10:15:00 driver', '10:15:00 boss']);
  });
});

describe('that it had cleared was never told (`send_resolved: false`, or a delivery that was lost)', () => {
  /** The sender says, at each of the moments, that it fires, and since when. */
  async function goesOn(stage: Stage, began: string, ...moments: readonly string[]): Promise<void> {
    for (const moment of moments) {
      await stage.at(moment);
      await stage.alert({ alertname: 'LineStopped', startsAt: `2026-06-09T${began}Z` });
    }
  }

  test('a later start is another outage: the driver and the boss are rung', async () => {
    const stage = await answered();
    await goesOn(stage, '15:59:00', '16:00');
    await stage.at('16:02');
    expect(await rungFrom(stage, '08:01')).toEqual(['16:00:00 driver', '16:00:00 boss']);
    expect(told(stage)).toEqual([
      '16:00 It fires again, and nobody told that it had ended before.',
    ]);
    expect(await stage.incidents()).toHaveLength(1);
    const [ended] = (await stage.events()).filter(({ type }) => type === 'AlertsCleared');
    expect(ended && sentenceOf(ended, String)).toBe(
      'Alerts: 1 ended, which nobody told; 0 of 1 are firing.',
    );
    await goesOn(stage, '15:59:00', '17:00', '18:00');
    expect((await stage.incident()).relapses, 'and once').toHaveLength(1);
  });

  test('the clearing of the outage before, told late, ends nothing', async () => {
    const stage = await answered();
    await goesOn(stage, '15:59:00', '16:00');
    await runs(stage);
    expect((await stage.incident()).alerts).toMatchObject({ firing: 1, total: 1 });
  });

  test('two monitors that tell of one outage in turns, each with a start of its own, ring once', async () => {
    const stage = await trams((yaml) => unhurried(withHerald(yaml)));
    await goesOn(stage, '07:59:30', '08:00');
    for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
    await goesOn(stage, '08:00:20', '08:00:40');
    for (const hour of ['09', '10', '11']) {
      await goesOn(stage, '07:59:30', `${hour}:00`);
      await goesOn(stage, '08:00:20', `${hour}:05`);
    }
    expect(await rungFrom(stage, '08:00:01')).toEqual([]);
    expect((await stage.incident()).relapses).toEqual([]);
  });

  test('while another alert of the incident fires on it is no relapse: it rings when nobody is there', async () => {
    const stage = await trams((yaml) =>
      withHerald(yaml)
        .replace('people:', 'presence: {high: 3h}\npeople:')
        .replace('severity: bad, trusted: true', 'severity: worst'),
    );
    const stops = (stop: string, began: string) =>
      stage.alert({
        alertname: 'LineStopped',
        startsAt: `2026-06-09T${began}Z`,
        labels: { stop },
      });
    await stops('harbour', '08:00:00');
    await stops('market', '08:00:00');
    await stage.advance('1s');
    await stage.answer('driver');
    await stage.at('10:00');
    await stops('harbour', '09:59:00');
    await stage.at('10:01');
    expect(await rungFrom(stage, '08:01')).toEqual([]);
    await stage.at('11:02');
    await stops('harbour', '11:01:00');
    await stage.at('11:03');
    expect(await rungFrom(stage, '08:01')).toEqual(['11:02:00 driver']);
    expect((await stage.incident()).relapses).toEqual([]);
  });

  test('what flapped in the morning is news in the afternoon', async () => {
    const stage = await answered();
    await goesOn(stage, '08:19:00', '08:20');
    await goesOn(stage, '08:39:00', '08:40');
    await goesOn(stage, '08:59:00', '09:00');
    await stage.advance('1m');
    for (const person of ['driver', 'boss']) await stage.answer(person);
    await goesOn(stage, '09:09:00', '09:10');
    await stage.at('09:12');
    expect(await rungFrom(stage, '09:01')).toEqual([]);
    await goesOn(stage, '15:59:00', '16:00');
    await stage.advance('1s');
    expect(await rungFrom(stage, '09:01')).toEqual(['16:00:00 driver', '16:00:00 boss']);
  });
});

describe('while the boss has not answered, and nobody commands', () => {
  /** The boss has five minutes, then the herald is asked. */
  const steps = (yaml: string): string =>
    unhurried(withHerald(yaml))
      .replace(
        '{page: boss, commands: true}',
        '{page: boss, commands: true, fallback: herald, escalation: calm}',
      )
      .concat(
        '\nescalation_policies:\n  calm: {steps: [{page: own, wait: 5m}, {page: fallback, wait: 5m}]}\n',
      );

  async function unfilled(edit: (yaml: string) => string = steps): Promise<Stage> {
    const stage = await trams(edit);
    await stops(stage);
    await stage.advance('1s');
    await stage.answer('driver');
    return stage;
  }

  test('what fires again rings the boss anew, and an answer gives them the command', async () => {
    const stage = await unfilled();
    await stage.at('08:25');
    await runs(stage);
    await stage.at('08:45');
    await stops(stage);
    await stage.advance('1s');
    expect((await rungFrom(stage, '08:45')).toSorted()).toEqual([
      '08:45:00 boss',
      '08:45:00 driver',
    ]);
    await stage.answer('boss');
    await stage.advance('1s');
    expect(await stage.incident()).toMatchObject({
      roles: { commander: { person: 'boss' } },
    });
  });

  test('also where the herald is being rung in their place, whose phone rings on', async () => {
    const stage = await unfilled();
    await stage.at('08:06');
    await runs(stage);
    await stage.at('08:12');
    await stops(stage);
    await stage.advance('1s');
    expect(await rungFrom(stage, '08:12')).toEqual(['08:12:00 driver', '08:12:00 boss']);
  });

  test('but no phone that has rung for less than ten minutes', async () => {
    const stage = await unfilled();
    await stage.at('08:02');
    await runs(stage);
    await stage.at('08:04');
    await stops(stage);
    await stage.advance('1s');
    expect(await rungFrom(stage, '08:02')).not.toContain('08:04:00 boss');
  });
});
