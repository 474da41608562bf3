/**
 * One phone, one answer.
 *
 * The line stops at eight. The herald is rung as speaker and does not hear it; nobody approves what the public is told.
 *
 *     08:00  the herald's phone rings: speaker
 *     08:05  the post is late; that phone rings still, so the alarm is said in the channel and joins its page
 *     08:12  the herald answers, once: speaker, and at work on the post. Nobody is rung for half an hour
 *     08:42  the post is late still: the herald is rung
 *
 * On another morning nobody answers: at 08:15 the boss is rung, and at 08:25 the herald anew, with words for both.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, unhurried } from './trams.ts';

const CALM = `
escalation_policies:
  calm: {steps: [{page: own, wait: 50m}, {page: boss}]}
`;

async function lateMorning(): Promise<Stage> {
  const stage = await trams(
    (yaml) => unhurried(yaml).replace('{page: herald}', '{page: herald, escalation: calm}') + CALM,
  );
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('08:01');
  for (const person of ['driver', 'boss']) await stage.answer(person);
  await stage.at('08:12');
  return stage;
}

/** What the herald's phone did. */
const herald = (stage: Stage): readonly string[] =>
  stage
    .pages()
    .filter(({ address }) => address === 'PHERALD')
    .map(({ time, event }) => `${time.slice(11, 16)} ${event}`);

const alarms = (stage: Stage): readonly string[] =>
  stage
    .messages()
    .flatMap(({ text, time }) => (text.includes('ALARM') ? [time.slice(11, 16)] : []));

test('an answer is for the role and for the alarm that joined its page', async () => {
  const stage = await lateMorning();
  expect(herald(stage)).toEqual(['08:00 rang']);
  expect(alarms(stage)).toEqual(['08:05']);
  await stage.answer('herald');
  expect((await stage.incident()).roles['speaker']?.person).toBe('herald');
  await stage.at('08:41');
  expect(herald(stage)).toEqual(['08:00 rang', '08:12 acknowledged']);
  expect(stage.pages('rang'), 'nobody else is rung for it').toHaveLength(3);
  await stage.at('08:43');
  expect(herald(stage).at(-1)).toBe('08:42 rang');
}, 30_000);

test('without an answer the alarm goes round: the boss, and then the herald anew', async () => {
  const stage = await lateMorning();
  await stage.at('08:26');
  expect((await stage.rings()).slice(3).map((ring) => ring.slice(0, 30).trim())).toEqual([
    expect.stringContaining('08:15:00 | rang | boss | alarm'),
    expect.stringContaining('08:25:00 | rang | herald | ala'),
  ]);
  expect(herald(stage)).toEqual(['08:00 rang', '08:25 rang', '08:25 resolved']);
}, 30_000);
