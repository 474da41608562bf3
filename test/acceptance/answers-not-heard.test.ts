/**
 * Answers that are not heard.
 *
 * The line stops at eight and the driver's phone rings. They acknowledge on it, but PagerDuty refuses to be asked, and no
 * webhook tells. The search goes on, as it must; the room reads why, and what to do instead.
 *
 *     08:00  the line stops; the driver rings
 *     08:00  PagerDuty refuses every question, for five minutes and some
 *     08:01  said: no answer at pd is heard, acknowledge here
 *     08:05  nobody is known to have answered: the herald rings
 *     08:06  PagerDuty can be asked again: said, and the answer counts
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { inSteps, rangAt, trams } from './trams.ts';

const LINE = { alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' };

/** No webhook of PagerDuty comes in. */
const untold = (yaml: string): string => inSteps(yaml).replace(/\n {2}calls: .*/, '');

/** From now on for so many minutes PagerDuty refuses every question, and takes every page. */
function refusesQuestions(stage: Stage, minutes: number): void {
  const until = stage.clock.now() + minutes * 60_000;
  stage.fault({ target: 'pd', method: 'GET', fault: '403', until });
}

/** What the room reads of answers that are heard or not. */
const said = (stage: Stage): readonly string[] =>
  stage
    .messages()
    .flatMap(({ time, channel, text }) =>
      /answers? at pd/.test(text) ? [`${time.slice(11, 19)} ${channel}: ${text}`] : [],
    );

const inTimeline = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.events())
    .filter(({ type }) => type === 'AnswersUnheard' || type === 'AnswersHeardAgain')
    .map(({ type, at }) => `${new Date(at).toISOString().slice(11, 19)} ${type}`);

async function stopped(edit = untold, minutes = 5.5): Promise<Stage> {
  const stage = await trams(edit);
  refusesQuestions(stage, minutes);
  await stage.alert(LINE);
  return stage;
}

describe('PagerDuty takes pages and refuses to be asked', () => {
  test('which the room reads after a minute, and once, with what to do instead', async () => {
    const stage = await stopped();
    await stage.at('08:00:59');
    expect(said(stage)).toEqual([]);
    await stage.at('08:05');
    expect(said(stage)).toEqual([
      expect.stringMatching(
        /^08:01:[0-9]{2} trams: inc-1: an answer at pd is not heard at the moment: since 08:00 UTC it cannot be asked who has answered \(.*403.*\), and no webhook tells\. Whoever has answered there says so here: `tocsin ack inc-1`\.$/,
      ),
    ]);
    expect(await inTimeline(stage)).toEqual([expect.stringMatching(/^08:01:\d\d AnswersUnheard$/)]);
  });

  test('and the next step rings as ever, since nobody can know of the answer', async () => {
    const stage = await stopped();
    await stage.at('08:01');
    await stage.answer('driver');
    await stage.at('08:05:10');
    expect(rangAt(stage)).toEqual(['08:00:00 PDRIVER', '08:05:00 PHERALD']);
  });

  test('until it can be asked again: one word, and the answer counts', async () => {
    const stage = await stopped();
    await stage.at('08:01');
    await stage.answer('driver');
    await stage.at('08:09');
    expect(said(stage).slice(1)).toEqual([
      expect.stringMatching(
        /^08:0[56]:\d\d trams: inc-1: answers at pd are heard again: it can be asked who has answered\.$/,
      ),
    ]);
    expect((await stage.incident()).pages['p1']?.acknowledgedBy).toBe('driver');
    expect((await inTimeline(stage)).map((line) => line.slice(9))).toEqual([
      'AnswersUnheard',
      'AnswersHeardAgain',
    ]);
  });

  test('over a restart, which says neither word twice', async () => {
    const stage = await stopped();
    await stage.at('08:03');
    await stage.restart();
    await stage.at('08:05');
    expect(said(stage)).toHaveLength(1);
    await stage.at('08:07');
    await stage.restart('crash');
    await stage.at('08:12');
    expect(said(stage)).toHaveLength(2);
    expect(await inTimeline(stage)).toHaveLength(2);
  });

  test('and can be again while Tocsin is down: it says so after its start', async () => {
    const stage = await stopped(untold, 20);
    await stage.at('08:03');
    stage.healed('pd');
    await stage.restart('crash');
    await stage.at('08:04');
    expect(said(stage)).toHaveLength(2);
  });

  test('for less than a minute: nothing is said', async () => {
    const stage = await stopped(untold, 0.9);
    await stage.at('08:05');
    expect(said(stage)).toEqual([]);
  });

  test('while a webhook of it tells of answers: nothing is said', async () => {
    const stage = await stopped(inSteps, 20);
    await stage.at('08:15');
    expect(said(stage)).toEqual([]);
    expect(await inTimeline(stage)).toEqual([]);
  });

  test('and everybody who is rung has answered here: nothing is said', async () => {
    const stage = await stopped();
    await stage.at('08:00:20');
    for (const person of ['driver', 'boss', 'herald']) await stage.act(person, 'acknowledge', {});
    await stage.at('08:05');
    expect(said(stage)).toEqual([]);
  });
});

test('PagerDuty takes nothing at all: no phone rings that could be answered, and that alone is said', async () => {
  const stage = await trams(untold);
  stage.fault({ target: 'pd', fault: '5xx', until: stage.clock.now() + 6 * 60_000 });
  await stage.alert(LINE);
  await stage.at('08:05');
  expect(said(stage)).toEqual([]);
});
