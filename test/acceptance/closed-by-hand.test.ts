/**
 * A page that people close by hand.
 *
 * The trams run again, and the last word for the public does not come to the page: it refuses us, or somebody does not like
 * the words. Then the public reads for ever that the line stands. So the alarm lasts until the page says that it is over, or
 * a person says that they have closed it there.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { rejectsAsMachine } from './public-page.ts';
import { CONFIG, trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

type How = 'refused by the page' | 'waits for the speaker';

/** The page says that the line stands, and it is ten past eight. */
async function stood(how: How = 'waits for the speaker'): Promise<Stage> {
  const isRefused = how === 'refused by the page';
  const stage = await trams((yaml) =>
    unhurried(
      isRefused
        ? trusting(yaml)
        : yaml.replace('approval: {investigating: speaker,', 'approval: {investigating: none,'),
    ),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('10m');
  return stage;
}

/** It is resolved, and what is posted then arrives only if it may. */
async function ended(how: How): Promise<Stage> {
  const stage = await stood(how);
  if (how === 'refused by the page') stage.fault({ target: 'page', fault: '403' });
  await stage.act('boss', 'resolve');
  await stage.at('12m');
  return stage;
}

async function alarms(stage: Stage): Promise<readonly string[]> {
  return Object.values((await stage.incident()).alarms).map(({ reason }) => reason);
}

const CLOSE_IT =
  'page still says investigating: close it there by hand, and its components; then `tocsin reject inc-1 d2 --closed --reason "closed by hand"`';

describe.each(['refused by the page', 'waits for the speaker'] as const)(
  'the closing post %s',
  (how) => {
    test('is rejected for its words: people are alarmed until one says that they closed the page', async () => {
      const stage = await ended(how);
      const { status, text } = await stage.api(
        'herald',
        'POST /api/v1/incidents/inc-1/posts/d2/reject',
        { reason: 'wrong words' },
      );
      expect([status, text]).toEqual([
        200,
        expect.stringContaining('page still says investigating'),
      ]);
      expect(text).not.toContain('still owed');
      expect(await shown(stage)).toMatchObject([{ byHand: 'nothing more is posted there' }]);
      expect(await alarms(stage)).toEqual([expect.stringContaining(CLOSE_IT)]);
      const before = (await stage.rings()).length;
      await stage.at('40m');
      expect((await stage.rings()).length).toBeGreaterThan(before);
      expect(await alarms(stage)).toEqual([expect.stringContaining(CLOSE_IT)]);

      await stage.act('herald', 'posts/d2/reject', { closed: true, reason: 'closed by hand' });
      expect(await alarms(stage)).toEqual([]);
      const since = (await stage.rings()).length;
      stage.healed();
      await stage.at('3h');
      expect(await stage.rings()).toHaveLength(since);
      expect(stage.posts().map((post) => post.status)).toEqual(['investigating']);
    });

    test('is rejected once more by somebody who did not see that: that closes no page', async () => {
      const stage = await ended(how);
      await stage.act('herald', 'posts/d2/reject', { reason: 'wrong words' });
      const { status, text } = await stage.api(
        'boss',
        'POST /api/v1/incidents/inc-1/posts/d2/reject',
        { reason: 'wrong words' },
      );
      expect([status, text]).toEqual([
        409,
        expect.stringContaining('tocsin reject inc-1 d2 --closed'),
      ]);
      expect(await alarms(stage)).toHaveLength(1);
    });

    test('is not wanted any more, for the page was closed by hand: nobody is alarmed', async () => {
      const stage = await ended(how);
      const { text } = await stage.api('herald', 'POST /api/v1/incidents/inc-1/posts/d2/reject', {
        closed: true,
        reason: 'closed by hand',
      });
      expect(text).not.toContain('still owed');
      expect(await alarms(stage)).toEqual([]);
      const rings = (await stage.rings()).length;
      stage.healed();
      await stage.at('3h');
      expect(await stage.rings()).toHaveLength(rings);
      expect(stage.posts().map((post) => post.status)).toEqual(['investigating']);
    });
  },
);

test('the alarm about a closing post that the page refuses says what ends it without the page', async () => {
  const stage = await ended('refused by the page');
  expect(await alarms(stage)).toEqual([
    expect.stringMatching(
      /^draft d2 \(resolved\) was not published on page: forbidden.*page still says investigating: close it there by hand/,
    ),
  ]);
});

/** When people first hear that the page is to be closed by hand. */
function byHand(stage: Stage): string | undefined {
  const said = stage.messages().find(({ text }) => text.includes('close it there by hand'));
  return said?.time.slice(11, 16);
}

/** What `show` says of the page. */
async function shown(stage: Stage): Promise<unknown> {
  return ((await stage.api('boss', 'GET /api/v1/incidents/inc-1')).json as { public: unknown })
    .public;
}

/** People are rung until the one says so who closed the page, and by nothing after that. */
async function ringsUntilClosed(stage: Stage, draft: string, at: string): Promise<void> {
  const before = (await stage.rings()).length;
  await stage.at(at);
  expect((await stage.rings()).length, 'a phone rings').toBeGreaterThan(before);
  expect(await alarms(stage)).toEqual([
    expect.stringContaining(
      `close it there by hand, and its components; then \`tocsin reject inc-1 ${draft} --closed --reason "closed by hand"\``,
    ),
  ]);
  expect(await shown(stage)).toMatchObject([{ byHand: expect.any(String) as string }]);
  await stage.act('herald', `posts/${draft}/reject`, { closed: true, reason: 'closed by hand' });
  expect(await alarms(stage)).toEqual([]);
  expect(await shown(stage)).toMatchObject([{ byHand: null }]);
  const since = (await stage.rings()).length;
  stage.healed();
  await stage.advance('3h');
  expect(await stage.rings()).toHaveLength(since);
  expect(stage.posts().map((post) => post.status)).toEqual(['investigating']);
}

describe('a flag forbids the last word', () => {
  test('that somebody has rejected: its alarm goes on, and people are rung until the page is closed', async () => {
    const stage = await ended('waits for the speaker');
    await stage.act('herald', 'posts/d2/reject', { reason: 'wrong words' });
    await stage.at('13m');
    await stage.act('driver', 'flags', { flag: 'security' });
    const events = await stage.events();
    expect(events.map(({ type }) => type)).not.toContain('AlarmCleared');
    await ringsUntilClosed(stage, 'd2', '50m');
  });

  test.each(['refused by the page', 'waits for the speaker'] as const)(
    'that %s: people are rung until the page is closed',
    async (how) => {
      const stage = await ended(how);
      await stage.act('driver', 'flags', { flag: 'security' });
      await ringsUntilClosed(stage, 'd2', '50m');
    },
  );

  test('and was set before the end: people are rung until the page is closed', async () => {
    const stage = await stood();
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('11m');
    await stage.act('boss', 'resolve');
    const said = stage.messages().filter(({ text }) => text.includes('page still says'));
    expect(said).toHaveLength(1);
    await ringsUntilClosed(stage, 'd2', '50m');
  });

  test('that may be there, and is not: people are rung until the page is closed', async () => {
    const stage = await stood('refused by the page');
    stage.fault({ target: 'page', method: 'PATCH', fault: 'hang', times: 1 });
    await stage.act('boss', 'resolve');
    await stage.at('11m');
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('12m');
    expect(await alarms(stage), 'it is looked for').toEqual([]);
    await ringsUntilClosed(stage, 'd2', '50m');
  });

  test('also where other words were rejected before the end', async () => {
    const stage = await stood();
    await stage.act('driver', 'phase', { phase: 'identified', text: 'A tree lies there.' });
    await stage.act('herald', 'posts/d2/reject', { reason: 'no' });
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('11m');
    await stage.act('boss', 'resolve');
    await ringsUntilClosed(stage, 'd3', '50m');
  });

  test('and the page is closed by hand: another flag rings nobody', async () => {
    const stage = await ended('waits for the speaker');
    await stage.act('herald', 'posts/d2/reject', { closed: true, reason: 'closed by hand' });
    const before = (await stage.rings()).length;
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('3h');
    expect(await stage.rings()).toHaveLength(before);
    expect(await shown(stage)).toMatchObject([{ byHand: null }]);
  });

  test('and what may be there is found after the end: people hear that it must be closed by hand', async () => {
    const stage = await trams((yaml) => unhurried(trusting(yaml)));
    stage.fault({ target: 'page', fault: '5xx-but-done', until: stage.clock.now() + 11 * 60_000 });
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
    await stage.at('3m');
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('7m');
    await stage.act('boss', 'resolve');
    await stage.at('20m');
    expect(stage.messages().map(({ text }) => text)).toContainEqual(
      expect.stringContaining('d1 reached page although public posts are stopped'),
    );
    expect(byHand(stage)).toMatch(/^08:1\d$/);
  });

  test('that waits for the speaker when the flag is set: people hear it then', async () => {
    const stage = await ended('waits for the speaker');
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('20m');
    expect(byHand(stage)).toBe('08:12');
  });
});

describe('closed by hand, and then it goes on', () => {
  const FREE = unhurried(CONFIG).replace(
    'approval: {investigating: speaker,',
    'approval: {investigating: none,',
  );
  const LIFTED = FREE.replace('security: {public: never}', 'security: {public: allowed}');

  /** A flag bars its last post, a person has closed the page at a quarter past eight, and it is opened again at half past. */
  async function reopened(): Promise<Stage> {
    const stage = await stood();
    await stage.act('driver', 'flags', { flag: 'security' });
    await stage.at('11m');
    await stage.act('boss', 'resolve');
    await stage.at('15m');
    await stage.act('herald', 'posts/d2/reject', { closed: true, reason: 'closed by hand' });
    await stage.at('30m');
    await stage.act('boss', 'reopen', { reason: 'it stands again' });
    await stage.at('40m');
    return stage;
  }

  test('the page reads that it is resolved, and promises nothing', async () => {
    const stage = await stood();
    expect(await shown(stage)).toMatchObject([{ promisedAt: '2026-06-09T08:30:00Z' }]);
    await stage.act('boss', 'resolve');
    await stage.act('herald', 'posts/d2/reject', { closed: true, reason: 'closed by hand' });
    expect(await shown(stage)).toMatchObject([{ published: 'resolved', promisedAt: null }]);
  });

  test('and the flag is lifted: the public reads first that it is looked into, and no repeat before', async () => {
    const stage = await reopened();
    expect(read(stage)).toEqual(['08:00 investigating']);
    await stage.reload(LIFTED);
    await stage.at('80m');
    expect(stage.posts().map(({ time, body }) => `${time.slice(11, 16)} ${body}`)).toEqual([
      '08:00 We are investigating a problem with Line 1. Next update: 08:30 UTC.',
      '08:41 We are investigating a problem with Line 1. Next update: 09:11 UTC.',
      '09:11 We are still working on the problem with Line 1; there is nothing new to report. Next update: 09:41 UTC.',
    ]);
  });

  test('and the flag is lifted: it waits for the speaker where the level says so, also after they reject it', async () => {
    const stage = await reopened();
    await stage.reload(LIFTED.replace('{investigating: none,', '{investigating: speaker,'));
    await stage.at('42m');
    expect(await drafts(stage)).toEqual(['d3 investigating waiting']);
    await stage.act('herald', 'posts/d3/reject', { reason: 'other words' });
    await stage.at('50m');
    expect(await drafts(stage)).toEqual(['d4 investigating waiting']);
    expect(read(stage)).toEqual(['08:00 investigating']);
  });

  test('while it goes on: the public hears that minutes later, as after any rejection', async () => {
    const stage = await stood('refused by the page');
    stage.fault({ target: 'page', fault: '403', until: stage.clock.now() + 60_000 });
    await stage.act('driver', 'phase', { phase: 'identified' });
    await stage.advance('10s');
    await stage.act('herald', 'posts/d2/reject', { closed: true, reason: 'closed by hand' });
    await stage.at('14m');
    expect(await drafts(stage)).toEqual([]);
    expect(read(stage)).toEqual(['08:00 investigating']);
    await stage.at('20m');
    expect(read(stage)).toEqual(['08:00 investigating', '08:15 identified']);
  });

  test('and a machine says it: that is for a person, who has looked', async () => {
    const stage = await ended('waits for the speaker');
    const reason = 'closed by hand';
    const refused = await rejectsAsMachine(stage, 'd2', { closed: true, reason });
    expect([refused.status, refused.text]).toEqual([
      403,
      expect.stringContaining('is for a person'),
    ]);
    expect(await shown(stage)).toMatchObject([{ published: 'investigating' }]);
    const kept = await rejectsAsMachine(stage, 'd2', { closed: false, reason });
    expect(kept.status, 'it may keep something from the public').toBe(200);
  });
});

function read(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, status }) => `${time.slice(11, 16)} ${status}`);
}

/** The posts that may still be sent. */
async function drafts(stage: Stage): Promise<readonly string[]> {
  const all = Object.values((await stage.incident()).drafts);
  return all.flatMap(({ id, status, state }) =>
    state === 'withdrawn' || state === 'published' ? [] : [`${id} ${status} ${state}`],
  );
}
