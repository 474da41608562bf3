/**
 * A status page that refuses for hours.
 *
 * At five past eight the cause is found, and the page takes no post until two in the afternoon. It is asked again every five
 * minutes at most, and whoever reads the timeline then reads what happened: that it refused, why, when that changed, and that
 * it took the post at last. A try that ends as the one before it is nothing that anybody wants to read.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { alarms } from './public-page.ts';
import { CONFIG, trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** Nothing that is said there promises a time. */
function onNewsOnly(yaml: string): string {
  return unhurried(trusting(yaml)).replace(
    /public: \{first_within: 5m, every: [^,]+,/,
    'public: {first_within: 5m, every: on_change,',
  );
}

type Edit = (yaml: string) => string;

/** The line has stopped and the public knows; everybody is here, and it is five past eight. */
async function known(edit: Edit = onNewsOnly): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('5m');
  return stage;
}

/** The cause is found, and the page refuses the news. */
async function refused(edit: Edit = onNewsOnly): Promise<Stage> {
  const stage = await known(edit);
  stage.fault({ target: 'page', fault: '403' });
  await stage.act('driver', 'phase', { phase: 'identified' });
  return stage;
}

/** Nobody can tell whether the news is on the page: the answer was lost, and it answers no question. */
async function doubted(): Promise<Stage> {
  const stage = await known();
  stage.fault({ target: 'page', method: 'PATCH', fault: '5xx-but-done', status: 504, times: 1 });
  stage.fault({ target: 'page', method: 'GET', fault: '5xx', status: 503 });
  await stage.act('driver', 'phase', { phase: 'identified' });
  return stage;
}

/** What became of posts, as "08:05 PostFailed". */
async function ofPosts(stage: Stage): Promise<readonly string[]> {
  const all = await stage.events();
  return all
    .filter(({ type }) => type.startsWith('Post'))
    .map(({ at, type }) => `${new Date(at).toISOString().slice(11, 16)} ${type}`);
}

function read(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, status }) => `${time.slice(11, 16)} ${status}`);
}

const FIRST = ['08:00 PostDrafted', '08:00 PostPublished'];
const SAID = '08:00 investigating';

describe('a page that refuses for six hours', () => {
  test('is one event, whatever the number of tries, and one more when it takes the post', async () => {
    const stage = await refused();
    await stage.at('365m');
    expect(await ofPosts(stage)).toEqual([...FIRST, '08:05 PostDrafted', '08:05 PostFailed']);
    expect(stage.truth().filter(({ target }) => target === 'page').length).toBeGreaterThan(0);
    stage.healed();
    await stage.at('371m');
    expect(read(stage)).toEqual([SAID, expect.stringMatching(/^14:(0[5-9]|10) identified$/)]);
    expect((await ofPosts(stage)).slice(-1)).toEqual([expect.stringContaining('PostPublished')]);
    expect(await alarms(stage)).toEqual([]);
  });

  test('that promises times renews them, and says nothing of its tries', async () => {
    const stage = await refused((yaml) => unhurried(trusting(yaml)));
    await stage.at('365m');
    const types = (await ofPosts(stage)).map((line) => line.slice(6));
    const count = (type: string): number => types.filter((one) => one === type).length;
    expect(count('PostTriedAgain')).toBe(0);
    expect(count('PostFailed'), 'one for each draft').toBe(count('PostDrafted') - 1);
    expect(count('PostDrafted'), 'one for each promise').toBeLessThanOrEqual(14);
  });

  test('and then gives no answer for as long is in doubt from then on, once', async () => {
    const stage = await refused();
    await stage.at('65m');
    stage.healed();
    stage.fault({ target: 'page', fault: '5xx', status: 500 });
    await stage.at('305m');
    const types = (await ofPosts(stage)).map((line) => line.slice(6));
    expect(types.slice(3)).toEqual(['PostFailed', 'PostUnknown', 'PostFailed']);
    expect(await alarms(stage)).toEqual([expect.stringContaining('outcome unknown')]);
  });

  test('says in show when it is tried next, and why it failed', async () => {
    const stage = await refused();
    await stage.at('65m');
    const shown = JSON.stringify(await stage.api('boss', 'GET /api/v1/incidents/inc-1'));
    expect(shown).toMatch(/"status":"pending","attempts":\d+,"dueAt":"2026-06-09T09:(0[5-9]|10)/);
    expect(shown).toContain('"outcome":"rejected (forbidden)');
  });

  test.each(['stop', 'crash'] as const)(
    'is asked on after a %s between two tries, and takes the post once',
    async (how) => {
      const stage = await refused();
      await stage.at('63m');
      await stage.restart(how);
      await stage.at('65m');
      stage.healed();
      await stage.at('80m');
      expect(read(stage)).toEqual([SAID, expect.stringMatching(/identified$/)]);
      expect((await ofPosts(stage)).map((line) => line.slice(6))).toEqual([
        'PostDrafted',
        'PostPublished',
        'PostDrafted',
        'PostFailed',
        'PostPublished',
      ]);
    },
  );

  test('hears what is newer at once, and nothing older', async () => {
    const stage = await refused();
    await stage.at('63m');
    stage.healed();
    await stage.act('driver', 'phase', { phase: 'monitoring' });
    await stage.advance('5s');
    expect(read(stage)).toEqual([SAID, '09:03 monitoring']);
    await stage.at('90m');
    expect(read(stage)).toEqual([SAID, '09:03 monitoring']);
  });

  test('is asked at once by whoever approves the post', async () => {
    const stage = await refused();
    await stage.at('63m');
    stage.healed();
    await stage.act('herald', 'posts/d2/approve');
    await stage.advance('5s');
    expect(read(stage)).toEqual([SAID, '09:03 identified']);
    await stage.at('90m');
    expect(read(stage)).toEqual([SAID, '09:03 identified']);
  });
});

describe('before each try', () => {
  test('a flag that was set meanwhile keeps the post from the page', async () => {
    const stage = await refused();
    await stage.at('63m');
    stage.healed();
    await stage.act('boss', 'flags', { flag: 'security' });
    await stage.at('90m');
    expect(read(stage)).toEqual([SAID]);
  });

  test('a pause of the public holds it until its end', async () => {
    const stage = await refused();
    await stage.at('63m');
    stage.healed();
    await stage.api('boss', 'POST /api/v1/pauses', { what: 'public', for: '1h', why: 'lawyers' });
    await stage.at('122m');
    expect(read(stage)).toEqual([SAID]);
    await stage.at('125m');
    expect(read(stage)).toEqual([SAID, expect.stringMatching(/^10:0[345] identified$/)]);
  });

  test('a pause of the public changes nothing of what was said: that it is refused is told once', async () => {
    const stage = await refused();
    await stage.at('20m');
    await stage.api('boss', 'POST /api/v1/pauses', { what: 'public', for: '10m', why: 'lawyers' });
    await stage.at('45m');
    const failed = (await ofPosts(stage)).filter((line) => line.endsWith('PostFailed'));
    expect(failed).toEqual(['08:05 PostFailed']);
  });

  test('a pause of the public that holds it holds what is newer, which goes out in its place at the end', async () => {
    const stage = await refused();
    await stage.at('63m');
    stage.healed();
    await stage.api('boss', 'POST /api/v1/pauses', { what: 'public', for: '1h', why: 'lawyers' });
    await stage.at('70m');
    await stage.act('driver', 'phase', { phase: 'monitoring' });
    await stage.at('123m5s');
    expect(read(stage)).toEqual([SAID, '10:03 monitoring']);
    await stage.at('150m');
    expect(read(stage)).toEqual([SAID, '10:03 monitoring']);
  });

  test('a page that is switched off meanwhile is told nothing until it is live again', async () => {
    const stage = await refused();
    await stage.at('63m');
    stage.healed();
    const off = onNewsOnly(CONFIG).replace(/(page: +\{type: statuspage,.*mode: )live/, '$1off');
    expect(off).not.toBe(onNewsOnly(CONFIG));
    await stage.reload(off);
    await stage.at('90m');
    expect(read(stage)).toEqual([SAID]);
    expect(await alarms(stage)).toEqual([expect.stringContaining('set its mode to live')]);
    await stage.reload(onNewsOnly(CONFIG));
    await stage.at('96m');
    expect(read(stage)).toEqual([SAID, expect.stringMatching(/^09:3\d identified$/)]);
  });

  test('a page that is live again hears what is newer at once', async () => {
    const stage = await refused();
    await stage.at('63m');
    stage.healed();
    const off = onNewsOnly(CONFIG).replace(/(page: +\{type: statuspage,.*mode: )live/, '$1off');
    await stage.reload(off);
    await stage.at('90m');
    await stage.reload(onNewsOnly(CONFIG));
    await stage.act('driver', 'phase', { phase: 'monitoring' });
    await stage.advance('5s');
    expect(read(stage)).toEqual([SAID, '09:30 monitoring']);
  });

  test('a level that wants approval now waits for it', async () => {
    const stage = await refused();
    await stage.at('63m');
    await stage.reload(
      unhurried(CONFIG).replace(
        /public: \{first_within: 5m, every: [^,]+,/,
        'public: {first_within: 5m, every: on_change,',
      ),
    );
    stage.healed();
    await stage.at('90m');
    expect(read(stage)).toEqual([SAID]);
  });

  test('and what is newer, and wants none, does not wait with it', async () => {
    const stage = await refused();
    await stage.at('63m');
    await stage.reload(
      onNewsOnly(CONFIG).replace(
        'approval: none',
        'approval: {identified: speaker, otherwise: none}',
      ),
    );
    stage.healed();
    await stage.at('70m');
    expect(read(stage)).toEqual([SAID]);
    await stage.act('driver', 'phase', { phase: 'monitoring' });
    await stage.advance('5s');
    expect(read(stage)).toEqual([SAID, '09:10 monitoring']);
  });
});

describe('a post of which nobody can tell whether it is on its page', () => {
  test('is in doubt once, however often it is looked for, and found at last', async () => {
    const stage = await doubted();
    await stage.at('365m');
    expect(await ofPosts(stage)).toEqual([
      ...FIRST,
      '08:05 PostDrafted',
      '08:05 PostUnknown',
      '08:10 PostFailed',
    ]);
    stage.healed();
    await stage.at('371m');
    expect((await ofPosts(stage)).slice(5)).toEqual([expect.stringContaining('PostPublished')]);
    expect(stage.posts().map(({ status }) => status)).toEqual(['investigating', 'identified']);
    expect(await alarms(stage)).toEqual([]);
  });

  test.each(['stop', 'crash'] as const)('is looked for on after a %s', async (how) => {
    const stage = await doubted();
    await stage.at('63m');
    await stage.restart(how);
    await stage.at('65m');
    stage.healed();
    await stage.at('80m');
    expect(stage.posts().map(({ status }) => status)).toEqual(['investigating', 'identified']);
    expect(await alarms(stage)).toEqual([]);
  });
});
