/**
 * Whoever heard of it hears the end.
 *
 * The management of the tram company is told when many passengers stand, every half hour. It hears once that it is over,
 * or that it was a false alarm, in the words of the responders; so does whoever heard of it while it was worse.
 */
import { expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** Management and the room are told at the worse level; at the milder one nobody is, but in the room. */
function withManagement(yaml: string): string {
  return trusting(yaml)
    .replace(
      '  herald: {',
      '  chief: {pagerduty: {name: Chief, id: PCHIEF1}, slack: U0CHIEF}\n  owner: {pagerduty: {name: Owner, id: POWNER1}, slack: U0OWNER}\n  herald: {',
    )
    .replace(
      'approval: none}}\n    soak: {for: 30m}',
      'approval: none}, internal: {every: 30m}, management: {every: 30m, to: [chief]}}\n    notify: [{who: [owner], within: 5m}]\n    soak: {for: 30m}',
    );
}

/** Where the words were said, and when. */
function heard(stage: Stage, words: string): readonly string[] {
  return stage
    .messages()
    .filter(({ text }) => text.includes(words))
    .map(({ time, channel }) => `${time.slice(11, 16)} ${channel}`)
    .toSorted((a, b) => a.localeCompare(b));
}

async function stopped(): Promise<Stage> {
  const stage = await trams(withManagement);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('10m');
  expect(heard(stage, 'declared bad'), 'its first update').toContain('08:00 U0CHIEF');
  return stage;
}

test('resolved: everybody once, and nobody later', async () => {
  const stage = await stopped();
  await stage.act('boss', 'resolve', { text: 'The cable is whole again.' });
  await stage.at('3h');
  expect(heard(stage, 'inc-1 bad is resolved')).toEqual([
    '08:10 trams',
    '08:10 U0CHIEF',
    '08:10 U0OWNER',
  ]);
});

test('a false alarm: everybody once, and that it was one', async () => {
  const stage = await stopped();
  await stage.act('boss', 'false-positive', { reason: 'a test of the sensors' });
  await stage.at('3h');
  expect(heard(stage, 'This was a false alarm: a test of the sensors.')).toEqual([
    '08:10 trams',
    '08:10 U0CHIEF',
    '08:10 U0OWNER',
  ]);
});

test('lowered before its end: who heard of it while it was worse hears the end all the same', async () => {
  const stage = await stopped();
  await stage.act('boss', 'severity', { level: 'mild', reason: 'half of the trams run' });
  await stage.at('20m');
  await stage.act('boss', 'resolve');
  await stage.at('3h');
  expect(heard(stage, 'is resolved')).toEqual(['08:20 trams', '08:20 U0CHIEF', '08:20 U0OWNER']);
});

test('in triage nobody was told, and nobody hears of a false alarm', async () => {
  const stage = await trams((yaml) =>
    withManagement(yaml).replaceAll('[person, acknowledgement, trusted_rule]', '[person]'),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('1m');
  await stage.act('boss', 'false-positive', { reason: 'a test of the sensors' });
  await stage.at('1h');
  expect(heard(stage, 'false alarm')).toEqual([]);
});
