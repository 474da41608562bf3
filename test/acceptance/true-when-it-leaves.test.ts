/**
 * What leaves late.
 *
 * A post may be held: the page does not tell what is on it, or the public is paused. What it promises is written when it is
 * drafted, and must be true when it leaves. And what customers may read by then is said to whoever has to close it by hand.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { misbehave, stopped } from './public-page.ts';
import { trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const calmly = (yaml: string): string => unhurried(trusting(yaml));

function last(stage: Stage): string {
  const { time, body } = stage.posts().at(-1) ?? { time: '', body: '' };
  return `${time.slice(11, 16)} ${body}`;
}

test('held back by a post in doubt until its promise has passed, it promises anew', async () => {
  const stage = await stopped(calmly, misbehave);
  await stage.at('12m');
  await stage.act('boss', 'resolve');
  await stage.at('14m');
  await stage.act('boss', 'reopen', { reason: 'it is back' });
  await stage.at('100m');
  stage.healed();
  await stage.at('106m');
  const [, time = '', promised = ''] = /^(\S+) .*Next update: (\S+) UTC/.exec(last(stage)) ?? [];
  expect(time >= '09:40').toBe(true);
  expect(promised > time, `${promised} is after ${time}`).toBe(true);
});

test('held back by a pause until its promise has passed, it promises anew', async () => {
  const stage = await stopped(calmly);
  await stage.at('5m');
  const pause = { what: 'public', for: '40m', why: 'lawyers read every word' };
  await stage.api('boss', 'POST /api/v1/pauses', pause);
  await stage.act('driver', 'phase', { phase: 'identified' });
  await stage.at('50m');
  expect(last(stage)).toMatch(/^08:45 We have identified .* Next update: 09:15 UTC\.$/);
});

test('sent once more behind a pause, because the page does not show it, it promises anew', async () => {
  const stage = await stopped(calmly, (one) =>
    one.fault({ target: 'page', method: 'POST', fault: 'hang', times: 1 }),
  );
  await stage.at('2m');
  const pause = { what: 'public', for: '2h', why: 'lawyers read every word' };
  await stage.api('boss', 'POST /api/v1/pauses', pause);
  await stage.at('2h5m');
  expect(stage.posts().map(({ time, body }) => `${time.slice(11, 16)} ${body}`)).toEqual([
    expect.stringMatching(/^10:02 .* Next update: 10:32 UTC\.$/),
  ]);
});

test('a flag comes while news may be on the page: whoever closes it by hand reads what it may say', async () => {
  const stage = await stopped(calmly);
  await stage.at('5m');
  misbehave(stage);
  await stage.act('driver', 'phase', { phase: 'identified' });
  await stage.at('12m');
  await stage.act('driver', 'flags', { flag: 'security' });
  await stage.at('20m');
  await stage.act('boss', 'resolve');
  expect(stage.messages().map(({ text }) => text)).toContainEqual(
    expect.stringContaining(
      'page still says investigating, or identified (d2 may be there), and Tocsin may not end it (flag security forbids public posts): close it there by hand, and its components',
    ),
  );
});

describe('whoever approves a post that is held reads what holds it, and till when', () => {
  const asking = (yaml: string): string =>
    unhurried(yaml).replace(
      'approval: {investigating: speaker,',
      'approval: {investigating: none,',
    );

  /** The answer to the approval of the draft that waits. */
  async function approved(stage: Stage): Promise<unknown> {
    const { drafts } = await stage.incident();
    const [id = ''] = Object.values(drafts).flatMap((one) =>
      one.state === 'waiting' ? [one.id] : [],
    );
    const path = `POST /api/v1/incidents/inc-1/posts/${id}/approve` as const;
    return ((await stage.api('herald', path, {})).json as { readonly remark: unknown }).remark;
  }

  test('nothing', async () => {
    const stage = await stopped(asking);
    await stage.act('driver', 'phase', { phase: 'identified' });
    expect(await approved(stage)).toBe('It goes out now.');
  });

  test('a pause', async () => {
    const stage = await stopped(asking);
    const pause = { what: 'public', for: '40m', why: 'lawyers read every word' };
    await stage.api('boss', 'POST /api/v1/pauses', pause);
    await stage.act('driver', 'phase', { phase: 'identified' });
    expect(await approved(stage)).toBe(
      'Public posting is paused until 08:40 UTC by boss: it goes out then, or at `tocsin resume public`.',
    );
  });

  test('a pause, also where the promise of the draft has passed and it goes on as another one', async () => {
    const stage = await stopped(asking);
    await stage.act('driver', 'phase', { phase: 'identified' });
    await stage.at('70m');
    const pause = { what: 'public', for: '40m', why: 'lawyers read every word' };
    await stage.api('boss', 'POST /api/v1/pauses', pause);
    expect(await approved(stage)).toContain('Public posting is paused until 09:50 UTC');
  });

  test('an earlier post that is being looked up', async () => {
    const stage = await stopped(asking, misbehave);
    await stage.at('1m');
    await stage.act('driver', 'phase', { phase: 'identified' });
    expect(await approved(stage)).toBe(
      'It waits until it is known whether d1 (investigating) is on page, which is being looked up.',
    );
  });

  test('an earlier post in doubt', async () => {
    const stage = await stopped(asking, misbehave);
    await stage.at('12m');
    await stage.act('boss', 'resolve');
    await stage.at('18m');
    expect(await approved(stage)).toMatch(
      /^It waits: nobody can tell whether draft d1 \(investigating\) is on page, and nothing else is said there before that is known: .*--closed.*\.$/,
    );
  });
});
