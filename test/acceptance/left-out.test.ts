/**
 * What a sender leaves out.
 *
 * Alertmanager of the tram company may name one alert in a delivery, and leaves the others of its group out: it says how
 * many. That the one it names has cleared proves nothing about those. So nothing is called quiet, nothing ends by itself, and
 * people are asked to look, until a delivery leaves nothing out any more.
 */
import { expect, test, vi } from 'vitest';
import { type AlertWords, alertmanagerBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 60_000 });

const LINE: AlertWords = { alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' };
const OTHER: AlertWords = { ...LINE, labels: { line: 'another' } };

/** One delivery of the group, which leaves so many of its alerts out. */
async function tells(stage: Stage, leftOut: number, ...alerts: readonly AlertWords[]) {
  const body = { ...alertmanagerBody(...alerts), truncatedAlerts: leftOut };
  expect((await stage.deliver('prometheus', body)).status).toBe(202);
}

const clears = (stage: Stage, leftOut: number) =>
  tells(stage, leftOut, { ...LINE, status: 'resolved' });

/** `08:10 driver`: when who was asked whether it is over. */
async function asked(stage: Stage): Promise<readonly string[]> {
  const events = await stage.events();
  return events.flatMap((event) =>
    event.type === 'EndAsked'
      ? [`${new Date(event.at).toISOString().slice(11, 16)} ${event.people.join(' and ')}`]
      : [],
  );
}

const saying = (stage: Stage, words: RegExp): readonly string[] =>
  stage.messages().flatMap(({ text }) => (words.test(text) ? [text] : []));

/** Stopped at eight, one alert of three told; answered; watched from 08:05 on; the one that was told of clears at 08:10. */
async function clearedInPart(): Promise<Stage> {
  const stage = await trams(trusting);
  await tells(stage, 2, LINE);
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('08:05');
  await stage.act('boss', 'phase', { phase: 'monitoring' });
  await stage.at('08:10');
  await clears(stage, 2);
  await stage.advance('1s');
  return stage;
}

test('what is known has cleared, but alerts are left out: no watch begins and nothing ends', async () => {
  const stage = await clearedInPart();
  await stage.at('10:00');
  expect(await stage.incident()).toMatchObject({
    phase: 'monitoring',
    soak: null,
    alerts: { firing: 0, total: 1 },
  });
  expect(saying(stage, /cleared|quiet for the whole/)).toEqual([]);
});

test('people are asked to look: who is on call, then who commands', async () => {
  const stage = await clearedInPart();
  await stage.at('09:00');
  expect(await asked(stage)).toEqual(['08:10 driver', '08:40 boss']);
  expect(saying(stage, /no alert is known to fire/)[0]).toBe(
    'inc-1: no alert is known to fire, but prometheus leaves alerts out of its deliveries (2 at first), which may fire. So it does not count as over by itself. driver: look there. If it is over: `tocsin resolve inc-1`; if it was nothing: `tocsin false-positive inc-1 --reason "..."`.',
  );
});

test('`show` says that alerts are missing', async () => {
  const stage = await clearedInPart();
  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  expect(json).toMatchObject({
    alerts: {
      firing: 0,
      total: 1,
      leftOut: [{ source: 'prometheus', count: 2, since: '2026-06-09T08:00:00Z' }],
    },
  });
});

test('once a delivery leaves nothing out the quiet is proven, whichever alerts it names', async () => {
  const stage = await clearedInPart();
  await stage.at('08:20');
  await tells(stage, 0, { ...OTHER, status: 'resolved' });
  await stage.advance('1s');
  const { soak, leftOut } = await stage.incident();
  expect([soak?.since, leftOut]).toEqual([Date.parse('2026-06-09T08:20:00Z'), {}]);
  await stage.at('08:51');
  expect(saying(stage, /quiet for the whole soak/)).toHaveLength(1);
  expect(await asked(stage)).toEqual(['08:10 driver']);
});

test('a watch that runs ends when alerts are left out', async () => {
  const stage = await trams(trusting);
  await tells(stage, 0, LINE, OTHER);
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.act('boss', 'phase', { phase: 'monitoring' });
  await stage.at('08:10');
  await tells(stage, 0, { ...LINE, status: 'resolved' }, { ...OTHER, status: 'resolved' });
  expect((await stage.incident()).soak).not.toBeNull();
  await stage.at('08:15');
  await tells(stage, 3, { ...LINE, status: 'resolved' });
  await stage.at('09:30');
  // What was resolved already is no news, but that others are left out is.
  expect(await stage.incident()).toMatchObject({ phase: 'monitoring', soak: null });
});

test('in triage it is not closed, and the search for somebody goes on', async () => {
  const stage = await trams((yaml) => trusting(yaml).replaceAll(', trusted: true', ''));
  await tells(stage, 2, LINE);
  await stage.at('08:02');
  await clears(stage, 2);
  await stage.at('11:00');
  const { phase, escalations } = await stage.incident();
  expect(phase).toBe('triage');
  expect(Object.values(escalations).map(({ state }) => state)).not.toContain('ended');
  expect((await stage.rings()).length).toBeGreaterThan(1);
});
