/**
 * A flag keeps an incident from the public, and somebody edits the configuration meanwhile.
 *
 * An intruder has the keys of the depot: the incident carries the flag `security`, and nobody outside may know. Whoever
 * tidies the configuration up, renames the flag or changes what it says, must neither publish what was kept secret nor
 * leave the page as it was in silence.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** No post needs an approval, a stop is a major outage, and a flag more than the company has allows the public. */
const FREE = CONFIG.replace(
  'approval: {investigating: speaker, unchanged: none, otherwise: speaker}}}',
  'approval: none}}\n    components: {automatic_up_to: major_outage}',
)
  .replace('automation: {ceiling: bad,', 'automation: {ceiling: worst,')
  .replace('security: {public: never}', 'security: {public: never}\n  legal: {}');

const LEGAL_BARS = FREE.replace('legal: {}', 'legal: {public: never}');

/** What the page was told of the line: when, and how. */
const shown = (stage: Stage): readonly string[] =>
  stage
    .posts()
    .map(
      ({ time, status, components }) =>
        `${time.slice(11, 16)} ${status}: ${Object.values(components).join()}`,
    );

const said = (stage: Stage, words: string): readonly string[] =>
  stage
    .messages()
    .filter(({ text }) => text.includes(words))
    .map(({ time, text }) => `${time.slice(11, 16)} ${text}`);

test('a flag that is renamed goes on keeping the incident from the public, and people hear that it is gone', async () => {
  const stage = await trams(() => FREE);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('1m');
  await stage.act('boss', 'flags', { flag: 'security' });
  await stage.at('35m');
  const before = shown(stage);
  await stage.reload(FREE.replace('security: {public: never}', 'confidential: {public: never}'));
  await stage.at('40m');
  await stage.act('boss', 'phase', { phase: 'identified', text: 'An intruder has the keys.' });
  await stage.at('100m');
  expect(shown(stage)).toEqual(before);
  expect(said(stage, 'flag security is gone from the configuration')[0]).toMatch(/^08:36 /);
});

test('a flag that a reload makes private says once that the page still promises an update', async () => {
  const stage = await trams(() => FREE);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('1m');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.act('boss', 'flags', { flag: 'legal' });
  await stage.at('2m');
  await stage.reload(LEGAL_BARS);
  await stage.at('3h');
  expect(shown(stage)).toHaveLength(1);
  expect(said(stage, 'public posts are stopped')).toEqual([
    '08:03 inc-1: public posts are stopped (flag legal forbids public posts); page still promises an update at 08:30 UTC.',
  ]);
});

describe('what an incident says of a component follows the configuration of its flags', () => {
  test('one that may post no more does not leave the line broken for ever', async () => {
    const stage = await trams(() => FREE);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('5m');
    await stage.act('boss', 'flags', { flag: 'legal' });
    await stage.at('6m');
    await stage.reload(LEGAL_BARS);
    await stage.at('10m');
    await stage.act('boss', 'resolve', {});
    await stage.at('30h');
    await stage.alert({ alertname: 'LineLate' });
    await stage.advance('10m');
    await stage.act('boss', { verb: 'resolve', n: 2 }, {});
    await stage.advance('10m');
    expect(shown(stage).at(-1)).toBe('14:10 resolved: operational');
  });

  test('one that may post again counts again when another one ends', async () => {
    const stage = await trams(() => FREE);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('5m');
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('10m');
    await stage.act('boss', 'flags', { flag: 'security' });
    await stage.at('11m');
    await stage.reload(FREE.replace('security: {public: never}', 'security: {}'));
    await stage.at('15m');
    await stage.act('boss', { verb: 'resolve', n: 2 }, {});
    await stage.advance('1m');
    expect(shown(stage).at(-1)).toBe('08:15 resolved: major_outage');
  });
});

describe('a flag that is lifted after the end leaves the page to people: nothing unapproved goes out', () => {
  /** At two minutes past eight it is over, under the flag; a minute later the file allows the public again. */
  async function lifted(): Promise<Stage> {
    const stage = await trams(() => FREE);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.advance('1s');
    for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
    await stage.at('1m');
    await stage.act('boss', 'flags', { flag: 'security' });
    await stage.at('2m');
    await stage.act('boss', 'resolve', {});
    await stage.at('3m');
    await stage.reload(FREE.replace('security: {public: never}', 'security: {}'));
    await stage.at('5m');
    return stage;
  }

  const alarms = async (stage: Stage): Promise<readonly string[]> =>
    Object.values((await stage.incident()).alarms).map(({ reason }) => reason);

  test('they are asked for its last post, and rung until it is there', async () => {
    const stage = await lifted();
    expect(shown(stage)).toEqual(['08:00 investigating: major_outage']);
    expect(await alarms(stage)).toEqual([
      'draft d3 (resolved) waits for approval: `tocsin approve inc-1 d3` ends it there. Or else: page still says investigating: close it there by hand, and its components; then `tocsin reject inc-1 d3 --closed --reason "closed by hand"`',
    ]);
    expect(said(stage, 'd3').length).toBeGreaterThan(0);
    const before = (await stage.rings()).length;
    await stage.at('90m');
    expect((await stage.rings()).length).toBeGreaterThan(before);
    expect(shown(stage)).toHaveLength(1);
    await stage.act('herald', 'posts/d3/approve');
    await stage.at('91m');
    expect(shown(stage).at(-1)).toBe('09:30 resolved: operational');
    expect(await alarms(stage)).toEqual([]);
  });

  test('they close it by hand and say so', async () => {
    const stage = await lifted();
    await stage.act('herald', 'posts/d3/reject', { closed: true, reason: 'closed by hand' });
    const before = (await stage.rings()).length;
    await stage.at('3h');
    expect(await stage.rings()).toHaveLength(before);
    expect(await alarms(stage)).toEqual([]);
    expect(shown(stage)).toHaveLength(1);
  });
});
