/**
 * Resolved at the pager.
 *
 * The line has stopped and the driver's phone rings. Half asleep, the driver presses "resolve" instead of "acknowledge".
 * That ends the ring, and nothing else: the line still stands, and the room hears it. Where nobody does anything within a
 * quarter of an hour, the phone rings again.
 *
 *     08:00  the line stops, the driver's phone rings
 *     08:02  the driver resolves it at the pager; the incident goes on
 *     08:17  nobody has done anything since: the driver's phone rings again, by a page of its own
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { bothPagers, unheard, type Vendor } from './theirs.ts';
import { CONFIG, trams, trusting } from './trams.ts';

// Simulated minutes pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 60_000 });

const BEGAN = '2026-06-09T08:00:00Z';
const LINE = { alertname: 'LineStopped', startsAt: BEGAN };

/** In triage the driver alone is rung, at one of the pagers. */
const config =
  (vendor: Vendor) =>
  (yaml: string): string => {
    const one = bothPagers(trusting(yaml)).replace('severity: bad, trusted: true', 'severity: bad');
    const other =
      vendor === 'og'
        ? 'pagerduty: {name: Driver, id: PDRIVER}, '
        : ', opsgenie: driver@trams.example';
    return one.replace(other, '');
  };

async function resolvedThere(
  vendor: Vendor,
  edit: (yaml: string) => string = (yaml) => yaml,
): Promise<Stage> {
  const stage = await trams((yaml) => edit(config(vendor)(yaml)));
  await stage.alert(LINE);
  await stage.at('08:02');
  await stage.answer('driver', { target: vendor, verb: 'resolve' });
  await stage.advance('1s');
  return stage;
}

/** The line has stopped, and no webhook of the pager is taken. The secrets change after the start, or the pager had them too. */
async function unheardOf(vendor: Vendor): Promise<Stage> {
  const stage = await trams(config(vendor));
  await stage.reload(unheard(config(vendor)(CONFIG)));
  await stage.alert(LINE);
  return stage;
}

/** When the driver's phone began to ring, and under which key. */
const rung = (stage: Stage): readonly string[] =>
  stage.pages('rang').flatMap(({ address, time }) => {
    return /driver/i.test(address) ? [time.slice(11, 16)] : [];
  });

const said = (stage: Stage): readonly string[] =>
  stage.messages().flatMap(({ time, text }) => {
    const [words] = /(?:driver resolved|Nobody has done).*$/.exec(text) ?? [];
    return words === undefined ? [] : [`${time.slice(11, 16)} ${words}`];
  });

describe.each<Vendor>(['pd', 'og'])('a resolve by the phone’s own user at %s', (vendor) => {
  test('ends the ring and not the incident, which the room hears', async () => {
    const stage = await resolvedThere(vendor);
    const incident = await stage.incident();
    expect(incident.phase).not.toBe('resolved');
    expect(incident.phase).not.toBe('closed');
    expect(incident.pages['p1']).toMatchObject({ acknowledgedBy: 'driver' });
    expect(said(stage)).toEqual([
      `08:02 driver resolved it at ${vendor}, but an alert still fires: the incident goes on. It rings again in 15 minutes, unless somebody does something about it here or it clears.`,
    ]);
  });

  test('rings again after a quarter of an hour without a sign of life, once, as a page of its own', async () => {
    const stage = await resolvedThere(vendor, (yaml) =>
      yaml.replace(
        'declare: {by: [person, acknowledgement, trusted_rule]}',
        'declare: {by: [person]}',
      ),
    );
    await stage.at('08:16');
    expect(rung(stage)).toEqual(['08:00']);
    await stage.at('08:18');
    expect(rung(stage)).toEqual(['08:00', '08:17']);
    const refs = stage.pages('rang').map(({ ref }) => ref);
    expect(new Set(refs).size, 'what was resolved there stays so').toBe(2);
    await stage.answer('driver', { target: vendor });
    await stage.at('08:45');
    expect(rung(stage)).toEqual(['08:00', '08:17']);
  });

  test('does not where somebody does something about it', async () => {
    const stage = await resolvedThere(vendor);
    await stage.at('08:10');
    await stage.act('boss', 'notes', { text: 'I called the depot.' });
    await stage.at('08:40');
    expect(rung(stage)).toEqual(['08:00']);
  });

  test('does not where it clears', async () => {
    const stage = await resolvedThere(vendor);
    await stage.at('08:05');
    await stage.alert({ ...LINE, status: 'resolved' });
    await stage.at('08:40');
    expect(rung(stage)).toEqual(['08:00']);
  });
});

test('is found without a webhook as well, and rings again a quarter of an hour after that', async () => {
  const stage = await unheardOf('pd');
  await stage.at('08:02');
  await stage.answer('driver', { verb: 'resolve' });
  await stage.advance('1s');
  expect(said(stage), 'no webhook was taken').toEqual([]);
  await stage.at('08:05');
  expect(said(stage)).toHaveLength(1);
  await stage.at('08:21');
  expect(rung(stage)).toHaveLength(2);
});

test.each<Vendor>(['pd', 'og'])(
  'after it was answered it is found at %s without a webhook, too: two minutes later at most',
  async (vendor) => {
    const stage = await unheardOf(vendor);
    await stage.at('08:01');
    await stage.act('driver', 'acknowledge');
    await stage.at('08:10');
    await stage.answer('driver', { target: vendor, verb: 'resolve' });
    await stage.at('08:12:30');
    expect(said(stage)).toHaveLength(1);
    expect((await stage.incident()).phase).not.toBe('resolved');
    await stage.at('08:28');
    expect(rung(stage)).toHaveLength(2);
  },
);

test('what a restart finds half done is done after it', async () => {
  const stage = await resolvedThere('pd');
  await stage.downUntil('08:30');
  await stage.advance('1s');
  expect(rung(stage)).toEqual(['08:00', '08:30']);
});
