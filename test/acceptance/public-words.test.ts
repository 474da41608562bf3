/**
 * Public words.
 *
 * A tram line stops at eight. What may be said in public without a person is written in the configuration; whatever a
 * person writes is approved first, and a machine neither writes nor approves. What must never be public is
 * said before anything is.
 */
import { expect, test } from 'vitest';
import { speak } from '../support/http.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

function said(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, body }) => `${time.slice(11, 16)} ${body}`);
}

const INVESTIGATING = '08:00 We are investigating a problem with Line 1. Next update: 08:30 UTC.';

/** A script with a token of its own, which belongs to no person; it asks and returns the status of the answer. */
async function script(stage: Stage): Promise<(path: string, body: object) => Promise<number>> {
  const { json } = await stage.api('admin', 'POST /api/v1/tokens', {
    owner: { kind: 'machine', id: 'deployer' },
    scopes: ['read', 'act', 'approve'],
  });
  const { token } = json as { readonly token: string };
  return async (path, body) => {
    const answer = await speak(`${stage.app().url}/api/v1/incidents/inc-1/${path}`, {
      token,
      body,
    });
    await stage.advance('1s');
    return answer.status;
  };
}

test('nothing needs approval, except the words of a person', async () => {
  const stage = await trams(trusting);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('10m');
  await stage.act('driver', 'phase', { phase: 'identified', text: 'Some idiot cut a cable.' });
  await stage.at('12m');
  expect(said(stage), 'a person has written, and nobody has read it').toEqual([INVESTIGATING]);
  await stage.act('driver', 'phase', { phase: 'monitoring' });
  await stage.at('13m');
  expect(said(stage), 'the sentence of the configuration goes out by itself').toEqual([
    INVESTIGATING,
    '08:12 A fix for Line 1 is in place and we are watching the result. Next update: 08:42 UTC.',
  ]);
  await stage.at('14m');
  await stage.act('driver', 'resolve', { text: 'The cable is whole again.' });
  await stage.at('15m');
  await stage.approve('herald');
  await stage.at('16m');
  expect(said(stage).slice(2)).toEqual([
    '08:15 The problem with Line 1 is resolved. The cable is whole again. It lasted 14 min.',
  ]);
});

test('a script with every scope neither writes nor approves what the public reads', async () => {
  const stage = await trams(trusting);
  const asked = await script(stage);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('10m');
  const phase = { phase: 'identified', text: 'worker exited with code 137' };
  expect(await asked('phase', phase)).toBe(200);
  await stage.act('driver', 'phase', { phase: 'monitoring', text: 'Nearly there.' });
  expect(await asked('posts/d3/approve', {})).toBe(403);
  await stage.at('12m');
  expect(said(stage)).toEqual([
    INVESTIGATING,
    '08:10 We have identified the cause of the problem with Line 1 and are working on a fix. Next update: 08:40 UTC.',
  ]);
});

test('somebody tells news of the phase that it is in, also where a first draft of theirs was rejected', async () => {
  const stage = await trams(trusting);
  const asked = await script(stage);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('10m');
  const news = (text: string) => stage.act('driver', 'phase', { phase: 'investigating', text });
  await news('Some idiot cut a cable.');
  await stage.act('herald', 'posts/d2/reject', { reason: 'not like this' });
  await news('A cable is cut.');
  await stage.approve('herald');
  await stage.at('12m');
  expect(said(stage)).toEqual([
    INVESTIGATING,
    '08:10 We are investigating a problem with Line 1. A cable is cut. Next update: 08:40 UTC.',
  ]);
  expect(await asked('phase', { phase: 'investigating', text: 'exit code 137' })).toBe(200);
  expect(await asked('phase', { phase: 'investigating' }), 'no news').toBe(409);
  await stage.at('14m');
  expect(said(stage)).toHaveLength(2);
});

test('what must never be public is said in the declaration itself', async () => {
  const stage = await trams(trusting);
  const declared = await stage.api('boss', 'POST /api/v1/incidents', {
    title: 'Somebody else is in the signal boxes',
    level: 'bad',
    service: 'line-1',
    flags: ['security'],
  });
  expect(declared.status).toBe(201);
  await stage.at('2h');
  expect(said(stage)).toEqual([]);
  expect((await stage.rings()).length, 'those whom it needs are rung all the same').toBeGreaterThan(
    1,
  );

  const unknown = await stage.api('boss', 'POST /api/v1/incidents', {
    title: 'Again',
    flags: ['secrecy'],
  });
  expect(unknown).toMatchObject({
    status: 400,
    json: { detail: expect.stringContaining('There is no flag secrecy. Flags: security.') },
  });
  expect(await stage.incidents(), 'what is refused opens nothing').toHaveLength(1);
});

test('a false alarm says that it was one, not that something was resolved', async () => {
  const stage = await trams(trusting);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('10m');
  await stage.act('boss', 'false-positive', { reason: 'a test of the sensors' });
  await stage.at('12m');
  expect(said(stage)).toEqual([
    INVESTIGATING,
    '08:10 This was a false alarm: there is no problem with Line 1.',
  ]);
});
