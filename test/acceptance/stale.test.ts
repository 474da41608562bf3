/**
 * Not heard of is not firing.
 *
 * The Alertmanager of the tram company repeats every hour what fires. An alert that somebody silences there, that another
 * one inhibits, or that is lost, is simply not spoken of any more: no word says that it has cleared. After three hours it
 * counts as firing no more. That proves no end: people are asked, and nothing ends by itself.
 */
import { describe, expect, test, vi } from 'vitest';
import { type AlertWords, alertmanagerBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 120_000 });

const STOPPED: AlertWords = { alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' };

/** Three hours, as the guide has it; who is still there is asked once a day. */
function repeating(yaml: string): string {
  const patient = `presence: {high: 24h, low: 24h}\n${trusting(yaml)}`;
  return patient.replace('token: "${TOKEN}"}', 'token: "${TOKEN}", stale_after: 3h}');
}

/** In triage: nothing is declared before 09:30, and nobody is called but the driver. */
function untrusted(yaml: string): string {
  return repeating(yaml)
    .replaceAll(', trusted: true', '')
    .replace(
      'declare: {by: [person, acknowledgement, trusted_rule]}',
      'declare: {by: [person], or_after: 4h}',
    );
}

async function open(edit = repeating): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert(STOPPED);
  await stage.advance('1s');
  return stage;
}

/** Stopped at eight, answered by everybody, repeated at nine and at ten; then silenced. */
async function silenced(edit = repeating): Promise<Stage> {
  const stage = await open(edit);
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  for (const moment of ['09:00', '10:00']) {
    await stage.at(moment);
    await stage.alert(STOPPED);
  }
  return stage;
}

/** `13:01 driver`: when who was asked whether it is over. */
async function asked(stage: Stage): Promise<readonly string[]> {
  const events = await stage.events();
  return events.flatMap((event) =>
    event.type === 'EndAsked'
      ? [`${new Date(event.at).toISOString().slice(11, 16)} ${event.people.join(' and ')}`]
      : [],
  );
}

const said = (stage: Stage, words: RegExp): readonly string[] =>
  stage.messages().flatMap(({ text }) => (words.test(text) ? [text] : []));

const ringsFrom = async (stage: Stage, moment: string): Promise<readonly string[]> =>
  (await stage.rings()).filter((line) => line >= moment);

test('three hours after its last word an alert counts as firing no more, and nothing ends by that', async () => {
  const stage = await silenced();
  await stage.at('12:59');
  expect((await stage.incident()).alerts).toMatchObject({ firing: 1, stale: 0 });
  await stage.at('13:02');
  expect((await stage.incident()).alerts).toMatchObject({ firing: 0, stale: 1, total: 1 });
  await stage.act('boss', 'phase', { phase: 'monitoring' });
  await stage.at('14:30');
  expect(await stage.incident()).toMatchObject({ phase: 'monitoring', soak: null });
  expect(said(stage, /quiet/)).toEqual([]);
});

test('who is on call is asked, then who commands; nobody is rung', async () => {
  const stage = await silenced();
  const before = (await stage.rings()).length;
  await stage.at('14:00');
  expect(await asked(stage)).toEqual(['13:01 driver', '13:31 boss']);
  expect(said(stage, /not heard of any more/)[0]).toBe(
    'inc-1: no alert is known to fire, but 1 alert was not heard of any more (silenced, inhibited or lost at prometheus). So it does not count as over by itself. driver: look there. If it is over: `tocsin resolve inc-1`; if it was nothing: `tocsin false-positive inc-1 --reason "..."`.',
  );
  expect(await stage.rings()).toHaveLength(before);
});

test('of several alerts one is not heard of any more: the room is told once, and nobody is asked', async () => {
  const stage = await open();
  const other = { ...STOPPED, labels: { line: 'another' } };
  await stage.alert(other);
  for (const moment of ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00']) {
    await stage.at(moment);
    await stage.alert(other);
  }
  expect((await stage.incident()).alerts).toMatchObject({ firing: 1, stale: 1, total: 2 });
  expect(said(stage, /has not spoken of/)).toEqual([
    'inc-1: prometheus has not spoken of 1 alert for 3 h: silenced, inhibited or lost there. 1 of 2 count as firing.',
  ]);
  expect(await asked(stage)).toEqual([]);
  const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
  expect(json).toMatchObject({ alerts: { firing: 1, stale: 1, total: 2 } });
});

test('of hundreds in several incidents the room is told once for each', async () => {
  const stage = await trams(repeating);
  const many = (alertname: string, count: number): readonly AlertWords[] =>
    Array.from({ length: count }, (_, tram) => ({
      alertname,
      startsAt: '2026-06-09T08:00:00Z',
      labels: { tram: String(tram) },
    }));
  const names = ['LineStopped', 'LineLate'];
  for (const name of names) await stage.alert(many(name, 300));
  for (const moment of ['09:00', '10:00', '11:00', '12:00']) {
    await stage.at(moment);
    for (const name of names) await stage.alert(many(name, 1));
  }
  expect(said(stage, /has not spoken of/).toSorted()).toEqual([
    expect.stringContaining('inc-1: prometheus has not spoken of 299 alerts for 3 h'),
    expect.stringContaining('inc-2: prometheus has not spoken of 299 alerts for 3 h'),
  ]);
});

describe('heard of again', () => {
  test('since the same moment it fires again without a ring, and declares as it would have', async () => {
    const stage = await silenced();
    await stage.at('15:00');
    const before = (await stage.rings()).length;
    await stage.alert(STOPPED);
    await stage.at('15:20');
    expect(await stage.rings()).toHaveLength(before);
    expect(await stage.incident()).toMatchObject({
      alerts: { firing: 1, stale: 0 },
      unproven: null,
      relapses: [],
    });
    expect(said(stage, /Heard of again/)).toHaveLength(1);
  });

  test('since a later moment it is a relapse, and rings', async () => {
    const stage = await silenced();
    await stage.at('15:00');
    await stage.alert({ ...STOPPED, startsAt: '2026-06-09T14:58:00Z' });
    await stage.advance('1s');
    expect((await ringsFrom(stage, '15:00')).length).toBe(2);
  });

  test('to have cleared: the watch begins as after any clearing', async () => {
    const stage = await silenced();
    await stage.at('14:00');
    await stage.act('boss', 'phase', { phase: 'monitoring' });
    await stage.at('15:00');
    await stage.alert({ ...STOPPED, status: 'resolved' });
    await stage.at('15:31');
    expect(said(stage, /quiet for the whole soak/)).toHaveLength(1);
  });
});

describe('in triage', () => {
  test('a stale alert declares nothing; heard of again it does', async () => {
    const stage = await open(untrusted);
    await stage.answer('driver');
    await stage.at('13:00');
    expect(await stage.incident()).toMatchObject({ phase: 'triage', declaredAt: null });
    await stage.at('14:00');
    await stage.alert(STOPPED);
    await stage.at('16:00');
    expect((await stage.incident()).declaredAt).not.toBeNull();
  });

  test('alarms about it rest until it is heard of again', async () => {
    const stage = await open(untrusted);
    await stage.at('11:02');
    const before = (await stage.rings()).length;
    await stage.at('20:00');
    expect((await stage.incident()).phase).toBe('triage');
    expect(await stage.rings()).toHaveLength(before);
    await stage.alert(STOPPED);
    await stage.advance('1s');
    expect(await stage.rings(), 'no ring at once').toHaveLength(before);
    await stage.at('21:00');
    expect((await stage.rings()).length).toBeGreaterThan(before);
  });
});

test('a trigger that counts time stands while nothing is heard of', async () => {
  const stage = await silenced((yaml) =>
    repeating(yaml).replace(
      'triggers:\n',
      'triggers:\n  - {name: no cause, when: {no_root_cause: {bad: 6h}}, escalate: next_step}\n',
    ),
  );
  await stage.at('15:00');
  const types = async () => (await stage.events()).map(({ type }) => type);
  expect(await types()).not.toContain('TriggerHeld');
  await stage.alert(STOPPED);
  await stage.advance('1m');
  expect(await types()).toContain('TriggerHeld');
});

test('what a delivery may have left out is not stale', async () => {
  const stage = await open();
  const other = { ...STOPPED, labels: { line: 'another' } };
  for (const moment of ['09:00', '10:00', '11:00', '12:00']) {
    await stage.at(moment);
    await stage.deliver('prometheus', { ...alertmanagerBody(other), truncatedAlerts: 1 });
  }
  await stage.at('14:00');
  expect((await stage.incident()).alerts).toMatchObject({ firing: 2, stale: 0 });
});

test('an hour in which Tocsin was down is not held against the sender', async () => {
  const stage = await silenced();
  await stage.downUntil('14:00');
  await stage.at('15:00');
  await stage.restart();
  await stage.at('16:50');
  expect((await stage.incident()).alerts).toMatchObject({ firing: 1, stale: 0 });
  await stage.at('17:02');
  expect((await stage.incident()).alerts).toMatchObject({ firing: 0, stale: 1 });
});

test('a process that is killed meanwhile takes nothing with it', async () => {
  const stage = await silenced();
  await stage.at('12:00');
  await stage.restart('crash');
  await stage.at('13:02');
  expect(await asked(stage)).toEqual(['13:01 driver']);
  await stage.restart('crash');
  await stage.at('13:20');
  expect(await asked(stage)).toEqual(['13:01 driver']);
});

test('a source that does not repeat itself has no stale alerts', async () => {
  const stage = await trams(trusting);
  await stage.deliver('calls', {
    event: {
      id: 'E1',
      event_type: 'incident.triggered',
      resource_type: 'incident',
      occurred_at: '2026-06-09T08:00:00Z',
      agent: null,
      data: {
        id: 'Q1',
        type: 'incident',
        title: 'LineStopped',
        status: 'triggered',
        incident_key: 'k',
        html_url: 'https://example.pagerduty.com/incidents/Q1',
        service: { id: 'PLINE1', type: 'service_reference', summary: 'Line 1' },
        assignees: [],
        urgency: 'high',
        priority: null,
      },
    },
  });
  await stage.advance('13h');
  expect((await stage.incident()).alerts).toMatchObject({ firing: 1, stale: 0 });
});
