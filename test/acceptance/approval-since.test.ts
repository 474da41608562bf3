/**
 * Approval that is asked for since.
 *
 * At eight passengers wait a little, and the milder level lets our first sentence out by itself. It has not left yet, or
 * nobody knows whether it has, when it gets worse, or when somebody changes the file: from now on the speaker reads every
 * sentence. They are asked at once, not when the sentence is tried next, and it is not sent without their word.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const FILE = unhurried(CONFIG);
/** The milder level wants the speaker's word as well. */
const STRICT = FILE.replace('every: 60m, approval: none', 'every: 60m, approval: speaker');

interface Hindrance {
  readonly what: string;
  readonly hinder: (stage: Stage) => unknown;
}

const paused: Hindrance = {
  what: 'a pause holds it',
  hinder: (stage) =>
    stage.api('boss', 'POST /api/v1/pauses', {
      what: 'public',
      for: '20m',
      why: 'lawyers read every word',
    }),
};

/** The page says for twenty minutes that it has had enough. */
const refused: Hindrance = {
  what: 'its page takes none for a while',
  hinder: (stage) =>
    stage.fault({ target: 'page', fault: '429', until: stage.clock.now() + 20 * 60_000 }),
};

/** The page answers the first attempt that it failed. */
function brokeOff(stage: Stage, fault: '5xx' | '5xx-but-done'): void {
  stage.fault({ target: 'page', method: 'POST', fault, times: 1 });
}

async function declared(edit: Hindrance['hinder'], yaml = FILE): Promise<Stage> {
  const stage = await trams(() => yaml);
  await edit(stage);
  const title = 'Doors do not close';
  await stage.api('boss', 'POST /api/v1/incidents', { title, level: 'mild', service: 'line-1' });
  await stage.at('20s');
  return stage;
}

const since = {
  'a raise': async (stage: Stage): Promise<void> => {
    await stage.act('boss', 'severity', { level: 'bad' });
    await stage.advance('1s');
  },
  'a reload': async (stage: Stage): Promise<void> => {
    await stage.reload(STRICT);
    await stage.advance('61s');
  },
} as const;

/** In which words people are asked for their approval. */
function asked(stage: Stage): readonly string[] {
  return stage
    .messages()
    .flatMap(
      ({ text }) =>
        /waits for your approval|may be on page, and needs approval now/.exec(text) ?? [],
    );
}

const IT_WAITS = 'waits for your approval';
const MAY_BE_THERE = 'may be on page, and needs approval now';

async function waiting(stage: Stage): Promise<readonly string[]> {
  const { drafts } = await stage.incident();
  return Object.values(drafts).flatMap(({ id, state }) => (state === 'waiting' ? [id] : []));
}

function read(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, status }) => `${time.slice(11, 16)} ${status}`);
}

describe.each(['a raise', 'a reload'] as const)('%s', (how) => {
  test.each([paused, refused])(
    'while $what: it waits for the speaker, who is asked at once, and leaves by their word',
    async ({ hinder }) => {
      const stage = await declared(hinder);
      await since[how](stage);
      expect(await waiting(stage)).toEqual(['d2']);
      expect(asked(stage)).toEqual([IT_WAITS]);
      await stage.at('3m');
      await stage.act('herald', 'posts/d2/approve');
      await stage.at('35m');
      expect(read(stage)[0]).toMatch(/^08:2\d investigating$/);
      expect((await stage.incident()).drafts['d2']).toMatchObject({ approvedBy: 'herald' });
    },
  );

  test.each([paused, refused])(
    'while $what: nothing leaves while nobody approves it',
    async (held) => {
      const stage = await declared(held.hinder);
      await since[how](stage);
      await stage.at('40m');
      expect(read(stage)).toEqual([]);
      expect((await stage.incident()).alarms['public:page']?.reason).toContain(
        'waits for approval',
      );
    },
  );

  test('while nobody knows whether it is there: the speaker is asked at once, and it is there', async () => {
    const stage = await declared((at) => {
      brokeOff(at, '5xx-but-done');
      at.fault({ target: 'page', method: 'GET', fault: '5xx', until: at.clock.now() + 150_000 });
    });
    await since[how](stage);
    expect(asked(stage)).toEqual([MAY_BE_THERE]);
    expect((await stage.incident()).stuck).toEqual({});
    await stage.at('10m');
    expect(read(stage)).toEqual(['08:00 investigating']);
    expect(await waiting(stage)).toEqual([]);
    expect(asked(stage), 'nobody is asked twice').toEqual([MAY_BE_THERE]);
  });

  test('while nobody knows, and it is missing: it waits for the speaker instead of going out once more', async () => {
    const stage = await declared((at) => brokeOff(at, '5xx'));
    await since[how](stage);
    expect(asked(stage)).toEqual([MAY_BE_THERE]);
    await stage.at('6m');
    expect(asked(stage)).toEqual([MAY_BE_THERE, IT_WAITS]);
    const told = JSON.stringify(await stage.events());
    expect(told).not.toContain('sent once more');
    await stage.at('8m');
    expect(read(stage)).toEqual([]);
    expect(await waiting(stage)).toEqual(['d2']);
    await stage.act('herald', 'posts/d2/approve');
    await stage.at('9m');
    expect(read(stage)).toEqual(['08:08 investigating']);
  });

  test('while nobody knows, and the speaker approves: it goes out once more if it is missing', async () => {
    const stage = await declared((at) => brokeOff(at, '5xx'));
    await since[how](stage);
    await stage.act('herald', 'posts/d1/approve');
    await stage.at('8m');
    expect(read(stage)).toEqual([expect.stringMatching(/^08:0[4-6] investigating$/)]);
    expect(await waiting(stage)).toEqual([]);
  });

  test('while it is on its way, and it arrives: nobody is asked for anything', async () => {
    const stage = await trams(() => FILE);
    stage.fault({ target: 'page', method: 'POST', fault: 'slow', delayMs: 8_000, times: 1 });
    const title = 'Doors do not close';
    await stage.api('boss', 'POST /api/v1/incidents', { title, level: 'mild', service: 'line-1' });
    await stage.at('2s');
    await since[how](stage);
    await stage.at('3m');
    expect(read(stage)).toHaveLength(1);
    expect(asked(stage)).toEqual([]);
  });
});

test('what was sent twice, and a person approves while it is looked for, goes out if it is missing', async () => {
  const stage = await trams(() => FILE);
  stage.fault({ target: 'page', method: 'POST', fault: '5xx', times: 2 });
  const title = 'Doors do not close';
  await stage.api('boss', 'POST /api/v1/incidents', { title, level: 'mild', service: 'line-1' });
  await stage.at('6m');
  await since['a raise'](stage);
  expect(asked(stage)).toEqual([MAY_BE_THERE]);
  await stage.act('herald', 'posts/d1/approve');
  await stage.at('30m');
  expect(read(stage)).toEqual(['08:10 investigating']);
});

/** The first sentence gets lost at eight, and is looked for when it gets worse; the speaker is asked. */
async function askedInDoubt(): Promise<Stage> {
  const stage = await declared((at) => brokeOff(at, '5xx'));
  await since['a raise'](stage);
  return stage;
}

test('while nobody knows, and the speaker rejects it: they read that it is not sent without them', async () => {
  const stage = await askedInDoubt();
  const reason = 'other words';
  const path = 'POST /api/v1/incidents/inc-1/posts/d1/reject';
  const { status, text } = await stage.api('herald', path, { reason });
  expect([status, text]).toEqual([
    409,
    expect.stringContaining('without `tocsin approve inc-1 d1` it is not sent once more'),
  ]);
  await stage.at('8m');
  expect(read(stage)).toEqual([]);
  await stage.act('herald', 'posts/d2/reject', { reason });
});

test('while nobody knows, and it gets better again: it goes out, and people hear that instead of an alarm', async () => {
  const stage = await askedInDoubt();
  await stage.at('4m');
  await stage.act('boss', 'severity', { level: 'mild', reason: 'it is one door' });
  await stage.at('8m');
  expect(read(stage)).toEqual(['08:05 investigating']);
  const said = stage.messages().map(({ text }) => text);
  expect(said.filter((text) => text.includes('d2'))).toEqual([
    expect.stringMatching(
      /^inc-1: nobody need approve d1 any more: it is not on page, and d2 \(investigating\) goes out in its place: "/,
    ),
  ]);
});
