/**
 * An end that the public does not hear.
 *
 * An incident may end while its page cannot say so: nobody approved its first post, or a flag forbids public posts since.
 * Then whoever works on it, and whoever reads the alarms, is told what customers see, and what is left to do by hand.
 */
import { expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const withAlarmChannel = (yaml: string): string =>
  unhurried(yaml).replace(
    'page: boss, chat: {via: slack, channel: "#trams"}',
    'page: boss, chat: {via: slack, channel: "#alarms"}',
  );

async function begun(edit: (yaml: string) => string): Promise<Stage> {
  const stage = await trams((yaml) => withAlarmChannel(edit(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  return stage;
}

/** Who was told so at the end, by channel. */
function told(stage: Stage, words: string | RegExp): readonly string[] {
  const said = stage
    .messages()
    .filter(({ text }) => (typeof words === 'string' ? text.includes(words) : words.test(text)));
  return said.map(({ time, channel }) => `${time.slice(11, 16)} ${channel}`).toSorted();
}

async function publicPages(stage: Stage): Promise<unknown> {
  const { json } = (await stage.api('boss', 'GET /api/v1/incidents/inc-1')) as { json: unknown };
  return (json as { readonly public: unknown }).public;
}

test('nobody approved the first post: people hear that customers never read of it, nor the words of its end', async () => {
  const stage = await begun((yaml) => yaml);
  await stage.at('50m');
  await stage.act('boss', 'resolve', { text: 'The trams run again.' });
  await stage.at('51m');
  expect(stage.posts()).toEqual([]);
  expect(
    told(
      stage,
      /^page was never told of inc-1, so its end is not told there either: d\d+ \(investigating\) was not sent\. Not public: "The trams run again\."$/,
    ),
  ).toEqual(['08:50 trams']);
});

test.each([
  ['resolve', { text: 'Fixed it.' }],
  ['false-positive', { reason: 'load test' }],
])(
  'a flag forbids the end of what is public: %s says that it must be closed by hand',
  async (verb, body) => {
    const stage = await begun(trusting);
    await stage.at('5m');
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('40m');
    await stage.act('boss', verb, body);
    await stage.at('41m');
    expect(stage.posts().map(({ status }) => status)).toEqual(['investigating']);
    const words =
      'page still says investigating, and Tocsin may not end it (flag security forbids public posts): close it there by hand';
    expect(told(stage, words)).toEqual(['08:40 alarms', '08:40 trams']);
    expect(await publicPages(stage)).toMatchObject([
      { published: 'investigating', byHand: 'flag security forbids public posts' },
    ]);
  },
);

test('what the page says already, or what it was never to say, is no matter for the end', async () => {
  const stage = await begun(trusting);
  await stage.act('boss', 'resolve');
  await stage.at('1m');
  await stage.act('boss', 'reopen', { reason: 'it is back' });
  await stage.act('driver', 'flags', { flag: 'security' });
  expect(told(stage, 'by hand')).toEqual([]);
  expect(await publicPages(stage)).toMatchObject([{ byHand: null }]);
});
