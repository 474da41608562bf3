/**
 * Whom a raise rings.
 *
 * A raise is news, and rings whoever answered long ago. Whoever of them does something about the incident is found: nobody
 * is rung in their place.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { inSteps, rangAt, trams, unhurried } from './trams.ts';

/** Mild rings softly; the boss stands in for whoever commands, and comes behind whoever is on duty. */
const softly = (yaml: string): string =>
  unhurried(inSteps(yaml))
    .replace('Some passengers wait.\n    urgency: high', 'Some passengers wait.\n    urgency: low')
    .replaceAll('declare: {by: [person, acknowledgement, trusted_rule]}', 'declare: {by: [person]}')
    .replace('declared: [commander, speaker]', 'declared: [commander]')
    .replace('fallback: [herald],', 'fallback: [boss],')
    .replace(
      'page: service.on_call, escalation: calm',
      'page: service.on_call, escalation: calm, fallback: [boss]',
    )
    .replace('commander: {', 'stand-in: {page: boss, deputizes: commander}\n  commander: {');

/** The driver has answered, and the herald has declared it and commands. */
async function commanded(): Promise<Stage> {
  const stage = await trams(softly);
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('1m');
  await stage.answer('driver');
  await stage.at('2m');
  await stage.act('herald', 'declare', {});
  await stage.act('herald', 'roles/commander/take', {});
  return stage;
}

/** The phones that rang from the raise on. */
const since = (stage: Stage): readonly string[] =>
  rangAt(stage).filter((ring) => ring >= '08:20:00');

test('a note of whoever it rings ends its search, also that for the on-call', async () => {
  const stage = await commanded();
  await stage.at('20m');
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('22m');
  expect(since(stage)).toEqual(['08:20:00 PDRIVER', '08:20:00 PHERALD']);
  await stage.act('driver', 'notes', { text: 'I see it.' });
  await stage.act('herald', 'notes', { text: 'I lead.' });
  await stage.at('35m');
  expect(since(stage)).toEqual(['08:20:00 PDRIVER', '08:20:00 PHERALD']);
});
