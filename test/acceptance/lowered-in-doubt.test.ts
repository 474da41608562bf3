/**
 * A post that did not arrive, at a level that asks for none any more.
 *
 * The line stops, our first sentence may be on the status page or not, and ten minutes later it turns out to be a trifle. What
 * may be there is looked for all the same: found, the page hears how it goes on; missing, nobody is alarmed for a post that
 * nobody wants, and people hear that customers never read of it.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { alarms, misbehave, stopped } from './public-page.ts';
import { CONFIG, trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const TRIFLE = `  trifle:
    criteria: Nobody waits.
    urgency: high
    declare: {by: [person, acknowledgement, trusted_rule]}
    page: {triage: [on-duty], declared: [commander]}
    soak: {for: 15m}
  small:
    criteria: Hardly anybody waits.
    urgency: high
    declare: {by: [person, acknowledgement, trusted_rule]}
    page: {triage: [on-duty], declared: [commander]}
    updates: {public: {every: on_change, approval: required}}
    soak: {for: 15m}
roles:
`;

const withTrifles = (yaml: string): string => unhurried(trusting(yaml)).replace('roles:\n', TRIFLE);

/** It does nothing. */
function fail(stage: Stage): void {
  stage.fault({ target: 'page', fault: '5xx', status: 500 });
}

/** It takes nothing, and says so. */
function refuse(stage: Stage): void {
  stage.fault({ target: 'page', fault: '403' });
}

/** It takes nothing for now. */
function busy(stage: Stage): void {
  stage.fault({ target: 'page', fault: '429' });
}

function lower(stage: Stage, level: string): Promise<void> {
  return stage.act('boss', 'severity', { level, reason: 'it is a trifle' });
}

function read(stage: Stage): readonly string[] {
  return stage.posts().map(({ ref, status }) => `${ref} ${status}`);
}

/** What people heard, without alarms. */
function told(stage: Stage, words: string): readonly string[] {
  const said = stage.messages().map(({ text }) => text);
  return said.filter((text) => text.includes(words) && !text.includes('ALARM'));
}

describe.each(['trifle', 'small'])('lowered to %s, which asks for no first post', (level) => {
  test.each([2, 12])(
    'after %i minutes: what is there is found, and its end is told',
    async (at) => {
      const stage = await stopped(withTrifles, misbehave);
      await stage.at(`${at}m`);
      await lower(stage, level);
      await stage.at('30m');
      stage.healed();
      await stage.at('36m');
      expect(await alarms(stage)).toEqual([]);
      expect((await stage.incident()).publicPages['page']?.published).toBe('investigating');
      await stage.at('40m');
      await stage.act('boss', 'resolve');
      await stage.approve('herald');
      expect(read(stage).at(-1)).toBe('i00000000001 resolved');
      expect([...new Set(read(stage).map((line) => line.slice(0, 12)))]).toEqual(['i00000000001']);
    },
  );

  test.each([
    ['answers nothing', fail, 2],
    ['answers nothing', fail, 12],
    ['refuses it', refuse, 12],
  ] as const)(
    'the page %s: it is missing, the alarm ends, and people hear that',
    async (_, fault, at) => {
      const stage = await stopped(withTrifles, fault);
      await stage.at(`${at}m`);
      await lower(stage, level);
      await stage.at('30m');
      stage.healed();
      await stage.at('36m');
      expect(await alarms(stage)).toEqual([]);
      expect(read(stage)).toEqual([]);
      expect(told(stage, 'was never told')).toEqual([
        `inc-1: page was never told of it: d1 (investigating) did not arrive, and ${level} asks for no such post. To tell it all the same: \`tocsin phase inc-1 investigating "..."\`.`,
      ]);
      const rings = (await stage.rings()).length;
      await stage.at('3h');
      expect(await stage.rings()).toHaveLength(rings);
    },
  );
});

test('a post that is still on its way when nobody asks for it any more alarms nobody', async () => {
  const stage = await stopped(withTrifles, busy);
  await stage.at('2m');
  await lower(stage, 'trifle');
  await stage.at('30m');
  expect(told(stage, 'was never told')).toHaveLength(1);
  expect(stage.messages().filter(({ text }) => text.includes('was not published'))).toEqual([]);
});

test('while the page does not tell, people hear what to look at; who approves the post wants it at this level', async () => {
  const stage = await stopped(withTrifles, fail);
  await stage.at('12m');
  await lower(stage, 'trifle');
  await stage.at('25m');
  expect(await alarms(stage)).toEqual([
    expect.stringContaining('look at the page, and close by hand what it shows of inc-1'),
  ]);
  await stage.act('herald', 'posts/d1/approve');
  stage.healed();
  await stage.at('27m');
  expect(read(stage)).toEqual(['i00000000001 investigating']);
  expect(await alarms(stage)).toEqual([]);
});

describe('news of a level that says nothing more in public', () => {
  const withoutPublic = withTrifles(CONFIG).replace(
    / {4}updates: \{public: \{first_within: 5m, every: 30m.*\n/,
    '',
  );

  async function news(before: (stage: Stage) => void): Promise<Stage> {
    const stage = await stopped(withTrifles);
    await stage.at('5m');
    before(stage);
    await stage.act('driver', 'phase', { phase: 'monitoring' });
    await stage.at('12m');
    return stage;
  }

  const silences = [
    ['a lowering', (stage: Stage) => lower(stage, 'trifle')],
    ['a reload', (stage: Stage) => stage.reload(withoutPublic)],
  ] as const;

  test.each(silences)('after %s: what may be there is found', async (_, silence) => {
    const stage = await news(misbehave);
    await silence(stage);
    await stage.at('30m');
    stage.healed();
    await stage.at('37m');
    expect(read(stage)).toEqual(['i00000000001 investigating', 'i00000000001 monitoring']);
    expect((await stage.incident()).publicPages['page']?.published).toBe('monitoring');
  });

  test.each(silences)(
    'after %s: what was refused says which command sends it',
    async (_, silence) => {
      const stage = await news(refuse);
      await silence(stage);
      await stage.at('30m');
      stage.healed();
      await stage.at('40m');
      expect(await alarms(stage)).toContainEqual(
        expect.stringMatching(
          /^the public post \(monitoring\) on page is late: draft d\d waits for approval \(`tocsin approve inc-1 d\d`\)/,
        ),
      );
      await stage.approve('herald');
      expect(read(stage)).toEqual(['i00000000001 investigating', 'i00000000001 monitoring']);
      expect(await alarms(stage)).toEqual([]);
    },
  );
});

test('a repeat that was refused is tried again where nothing follows it any more', async () => {
  const stage = await trams((yaml) =>
    withTrifles(yaml).replace(
      '{every: on_change, approval: required}',
      '{every: on_change, approval: none}',
    ),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('29m');
  refuse(stage);
  await stage.at('31m');
  await lower(stage, 'small');
  await stage.at('40m');
  stage.healed();
  await stage.at('46m');
  expect(read(stage)).toEqual(['i00000000001 investigating', 'i00000000001 investigating']);
  expect(await alarms(stage)).toEqual([]);
});

describe('a first post that waits for approval when it turns out to be a trifle', () => {
  async function waiting(text: string | null): Promise<Stage> {
    const stage = await trams((yaml) => unhurried(yaml).replace('roles:\n', TRIFLE));
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
    if (text !== null) await stage.act('boss', 'phase', { phase: 'identified', text });
    await stage.at('2m');
    return stage;
  }

  test.each(['trifle', 'small'])('is not said at %s, and nobody is rung for it', async (level) => {
    const stage = await waiting(null);
    await lower(stage, level);
    await stage.at('1h');
    expect(read(stage)).toEqual([]);
    expect(await alarms(stage)).toEqual([]);
    expect(stage.messages().map(({ text }) => text)).toContainEqual(
      expect.stringContaining('page was never told of it: d1 (investigating) was not sent yet'),
    );
  });

  test('is not said either where the file has other words by then', async () => {
    const stage = await waiting(null);
    const texts = 'texts: {public.investigating: "We look into it. More at {{next_update}}."}\n';
    await stage.reload(`${unhurried(CONFIG).replace('roles:\n', TRIFLE)}${texts}`);
    await lower(stage, 'trifle');
    await stage.at('1h');
    expect(await alarms(stage)).toEqual([]);
    expect(Object.values((await stage.incident()).drafts)).toMatchObject([{ state: 'withdrawn' }]);
  });

  test('does not come back with the next phase, but with words of a person', async () => {
    const stage = await waiting(null);
    await lower(stage, 'trifle');
    await stage.act('boss', 'phase', { phase: 'identified' });
    await stage.at('1h');
    expect(await alarms(stage)).toEqual([]);
    await stage.act('boss', 'phase', { phase: 'monitoring', text: 'The tree is gone.' });
    const drafts = Object.values((await stage.incident()).drafts);
    expect(drafts.filter(({ state }) => state === 'waiting')).toHaveLength(1);
  });

  test('waits on where a person wrote it', async () => {
    const stage = await waiting('A tree lies on the line.');
    await lower(stage, 'trifle');
    const drafts = Object.values((await stage.incident()).drafts);
    expect(drafts.at(-1)).toMatchObject({
      state: 'waiting',
      body: expect.stringContaining('A tree lies on the line.') as string,
    });
  });

  test.each(['trifle', 'small'])(
    'nor at %s where a pause of the public holds it',
    async (level) => {
      const stage = await trams(withTrifles);
      const pause = { what: 'public', for: '3h', why: 'lawyers read every word' };
      await stage.api('boss', 'POST /api/v1/pauses', pause);
      await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
      await stage.advance('1s');
      for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
      await stage.at('2m');
      await lower(stage, level);
      await stage.at('1h');
      expect(await alarms(stage)).toEqual([]);
      expect(read(stage)).toEqual([]);
    },
  );
});
