/**
 * What may be on the page is looked for before it is said again.
 *
 * The line stops, and the status page takes our first sentence without saying so. The alarm asks a person to decide, and they
 * decide blindly: a second incident on the page would leave the first one open for ever, for nobody knows of it any more. So
 * whoever approves such a post asks for a look: it leaves only where the page says that it is missing. What a person sees by
 * eye, while the page tells us nothing, they say with `reject`.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { alarms, misbehave, read, stopped } from './public-page.ts';
import { trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const calmly = (yaml: string): string => unhurried(trusting(yaml));

async function shown(stage: Stage): Promise<unknown> {
  const { json } = (await stage.api('boss', 'GET /api/v1/incidents/inc-1')) as { json: unknown };
  return (json as { readonly public: unknown }).public;
}

async function approve(stage: Stage, draft: string): Promise<string> {
  const path = `POST /api/v1/incidents/inc-1/posts/${draft}/approve`;
  const { status, text } = await stage.api('herald', path, {});
  expect(status).toBe(200);
  await stage.advance('30s');
  return text;
}

describe('the first sentence', () => {
  test('is found by whoever approves it, goes on, and is ended', async () => {
    const stage = await stopped(calmly, misbehave);
    await stage.at('6m');
    expect(await alarms(stage)).toEqual([
      'draft d1 (investigating) was not published on page: outcome unknown. `tocsin approve inc-1 d1` looks for it, and sends it only if the page says that it is missing. If the page does not tell, look at it yourself: what is missing there, or what you have closed there by hand, is written anew after `tocsin reject inc-1 d1 --reason "..."`',
    ]);
    stage.healed();
    expect(await approve(stage, 'd1')).toContain(
      'Whether it is on page is not known: it is looked for first, and sent only if the page says that it is missing.',
    );
    expect(await alarms(stage)).toEqual([]);
    await stage.at('20m');
    await stage.act('boss', 'resolve');
    expect(read(stage)).toEqual([
      '08:00 i00000000001 investigating',
      '08:20 i00000000001 resolved',
    ]);
  });

  test('stays in doubt where the page does not tell, however often it is approved, and people hear so to the end', async () => {
    const stage = await stopped(calmly, misbehave);
    for (const minute of [6, 7, 9]) {
      await stage.at(`${minute}m`);
      await approve(stage, 'd1');
    }
    expect(read(stage)).toEqual(['08:00 i00000000001 investigating']);
    await stage.at('20m');
    await stage.act('boss', 'resolve');
    await stage.at('30m');
    expect(read(stage)).toEqual(['08:00 i00000000001 investigating']);
    expect(await shown(stage)).toMatchObject([{ published: null, mayBeThere: 'd1' }]);
    expect(await alarms(stage)).toEqual([
      expect.stringContaining('look at the page, and close by hand what it shows of inc-1'),
    ]);
  });

  test('is sent where the page says that it is missing', async () => {
    const stage = await stopped(calmly, (one) => {
      one.fault({ target: 'page', fault: 'refuse' });
    });
    await stage.at('6m');
    stage.healed();
    await approve(stage, 'd1');
    expect(read(stage)).toEqual(['08:06 i00000000001 investigating']);
    expect(await alarms(stage)).toEqual([]);
  });

  test('is sent once more where it was sent twice, is missing, and a person approves it', async () => {
    const stage = await stopped(calmly, (one) => {
      one.fault({ target: 'page', method: 'POST', fault: 'refuse' });
    });
    await stage.at('12m');
    expect((await stage.incident()).drafts['d1']).toMatchObject({ state: 'failed', resends: 1 });
    stage.healed();
    await approve(stage, 'd1');
    expect(read(stage)).toEqual(['08:12 i00000000001 investigating']);
    expect(await alarms(stage)).toEqual([]);
  });

  test('is written anew after a person, who sees that it is missing, says so, although the page tells nothing', async () => {
    const stage = await stopped(calmly, (one) => {
      one.fault({ target: 'page', fault: 'hang' });
    });
    await stage.at('6m');
    stage.healed();
    stage.fault({ target: 'page', method: 'GET', fault: 'hang' });
    await stage.act('herald', 'posts/d1/reject', { reason: 'it is not there' });
    await stage.at('9m');
    expect(read(stage)).toEqual(['08:07 i00000000001 investigating']);
    expect(await alarms(stage)).toEqual([]);
  });
});

test('news is not said twice by whoever approves it', async () => {
  const stage = await stopped(calmly);
  await stage.at('5m');
  misbehave(stage);
  await stage.act('driver', 'phase', { phase: 'identified' });
  await stage.at('12m');
  stage.healed();
  await approve(stage, 'd2');
  await stage.at('20m');
  expect(read(stage)).toEqual([
    '08:00 i00000000001 investigating',
    '08:05 i00000000001 identified',
  ]);
  expect(await alarms(stage)).toEqual([]);
});

test('while it is looked for already, there is nothing to approve', async () => {
  const stage = await stopped(calmly, misbehave);
  await stage.at('2m');
  const { status, text } = await stage.api(
    'herald',
    'POST /api/v1/incidents/inc-1/posts/d1/approve',
    {},
  );
  expect([status, text]).toEqual([
    409,
    expect.stringContaining('Whether draft d1 is on page is being looked up'),
  ]);
});
