/**
 * Lowered by a person, and then something new.
 *
 * The line stops, and the boss finds that few wait for it: mild. The same alert may be told again, or clear and come back: the
 * boss has spoken of that. Another alert says that the line has stopped elsewhere, of which nobody knew then: the level is
 * what its rule gives.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { rangAt, trams, trusting, unhurried } from './trams.ts';

/** Nobody but the driver is rung in triage, and the boss when the level is bad. */
const quietly = (yaml: string): string => unhurried(trusting(yaml));

const at = (platform: string) => ({
  alertname: 'LineStopped',
  labels: { service: 'line-1', platform },
});

async function lowered(): Promise<Stage> {
  const stage = await trams(quietly);
  await stage.alert(at('one'));
  await stage.at('2m');
  await stage.answer('driver');
  await stage.answer('boss');
  await stage.at('10m');
  await stage.act('boss', 'severity', { level: 'mild', reason: 'a handful of people' });
  return stage;
}

const level = async (stage: Stage): Promise<string | null> => (await stage.incident()).level;

test('what was known then raises nothing: told again, or cleared and back', async () => {
  const stage = await lowered();
  await stage.alert(at('one'));
  await stage.at('20m');
  expect(await level(stage)).toBe('mild');
  await stage.alert({ ...at('one'), status: 'resolved' });
  await stage.at('40m');
  await stage.alert(at('one'));
  await stage.at('41m');
  expect(await stage.incidents()).toHaveLength(1);
  expect(await level(stage)).toBe('mild');
});

test('an alert that nobody knew of then raises to what its rule gives, and says why', async () => {
  const stage = await lowered();
  await stage.at('20m');
  const before = rangAt(stage).length;
  await stage.alert(at('two'));
  await stage.at('21m');
  expect(await level(stage)).toBe('bad');
  expect(rangAt(stage).slice(before)).toEqual(['08:20:00 PHERALD']);
  expect(stage.messages().map(({ text }) => text)).toContainEqual(
    expect.stringContaining('an alert that was not known when the level was lowered'),
  );
  await stage.act('boss', 'severity', { level: 'mild', reason: 'as few there' });
  await stage.alert([at('one'), at('two')]);
  await stage.at('40m');
  expect(await level(stage)).toBe('mild');
});
