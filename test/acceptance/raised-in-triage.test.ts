/**
 * Raised in triage.
 *
 * Worse is never slower. Whoever commands comes when the milder level would have called them, or sooner, also where
 * nothing but a person declares an incident of the worst level.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, inSteps, trams, trusting } from './trams.ts';

/** Nobody trusts the rules; a bad incident declares itself after 15 minutes, a mild one after 20, the worst never. */
const slow = (yaml: string): string =>
  trusting(yaml)
    .replace('alarms: {page: boss,', 'alarms: {page: herald,')
    .replaceAll(', trusted: true', '')
    .replace('page: {triage: [on-duty]}}', 'page: {triage: [on-duty], declared: [commander]}}')
    .replace(
      '    declare: {by: [person, acknowledgement, trusted_rule]}',
      '    declare: {or_after: 15m}',
    )
    .replace(
      '    declare: {by: [person, acknowledgement, trusted_rule]}',
      '    declare: {or_after: 20m}',
    );

describe('a phone that rings while its incident is raised to a level of the same urgency', () => {
  const notes = (stage: Stage): readonly string[] =>
    stage.pages('noted').map(({ address, note }) => `${address} ${note}`);

  const shown = (stage: Stage): readonly string[] =>
    stage.pages('rang').map(({ address, title }) => `${address} ${title.split(' ')[0]}`);

  test('rings anew with the level of now, and its search goes on as it stood', async () => {
    const stage = await trams((yaml) => inSteps(slow(yaml)));
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2m');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('4m');
    expect(shown(stage)).toEqual(['PDRIVER [bad]', 'PDRIVER [worst]']);
    expect(stage.pages('resolved')).toHaveLength(1);
    expect(notes(stage)).toEqual([]);
    await stage.at('5m10s');
    expect(shown(stage).slice(2)).toEqual(['PHERALD [worst]']);
  });

  test('is answered by a word on the ring of before that crossed the raise', async () => {
    const stage = await trams(slow);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2m');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.answer('driver');
    await stage.at('14m');
    expect((await stage.rings()).filter((ring) => ring.includes('rang'))).toHaveLength(2);
    expect((await stage.incident()).roles['on-duty']?.person).toBe('driver');
  });

  test('shows it beside what rings for whoever raised it: they know', async () => {
    const stage = await trams(slow);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2m');
    await stage.act('driver', 'severity', { level: 'worst' });
    await stage.at('4m');
    expect(shown(stage)).toEqual(['PDRIVER [bad]']);
    expect(notes(stage)).toEqual([
      'PDRIVER This phone rings for more by now [worst]: You are needed as on-duty. An answer here is for all of it.',
    ]);
  });

  test('shows it in its title where it could only ring after the raise', async () => {
    const stage = await trams(slow);
    const drill = { what: 'paging', for: '5m', why: 'a drill' };
    expect((await stage.api('boss', 'POST /api/v1/pauses', drill)).status).toBe(201);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2m');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('6m');
    expect(stage.pages('rang').map(({ title }) => title.slice(0, 8))).toEqual(['[worst] ']);
  });

  test('rings once for all its roles', async () => {
    const both = (yaml: string): string =>
      slow(yaml)
        .replace(
          'page: {triage: [on-duty], declared: [commander]}}',
          'page: {triage: [on-duty, speaker]}}',
        )
        .replace('speaker: {page: herald}', 'speaker: {page: driver}');
    const stage = await trams(both);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2m');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('4m');
    expect(shown(stage)).toEqual(['PDRIVER [bad]', 'PDRIVER [worst]']);
    const { pages } = await stage.incident();
    expect(Object.values(pages).at(-1)?.escalations).toEqual(['role:on-duty', 'role:speaker']);
  });

  test('rings once where it begins to ring with that level', async () => {
    const stage = await trams((yaml) =>
      slow(yaml).replace(
        '{triage: [on-duty], declared: [commander]}}',
        '{triage: [on-duty, commander]}}',
      ),
    );
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2m');
    await stage.act('herald', 'severity', { level: 'worst' });
    await stage.at('4m');
    expect(shown(stage)).toEqual(['PDRIVER [bad]', 'PDRIVER [worst]', 'PBOSS01 [worst]']);
    expect(notes(stage)).toEqual([]);
    expect(await stage.rings()).toContain('08:02:00 | rang | boss | commander | pd | high');
  });

  test('shows nothing of a lowering, nor where somebody has answered', async () => {
    const stage = await trams(slow);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('1m');
    await stage.act('boss', 'severity', { level: 'mild', reason: 'one tram' });
    await stage.answer('driver');
    await stage.act('boss', 'severity', { level: 'worst' });
    await stage.at('4m');
    expect(notes(stage)).toEqual([]);
  });
});

describe('an incident that is raised in triage', () => {
  test('is declared when its milder level would have declared it', async () => {
    const stage = await trams(slow);
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('18m');
    await stage.act('driver', 'severity', { level: 'bad' });
    await stage.at('40m');
    expect(await stage.rings()).toContain('08:20:00 | rang | boss | commander | pd | high');
  });

  test('is given the ten minutes of an answer once, not with every level', async () => {
    const stage = await trams(slow);
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('2m');
    await stage.answer('driver');
    await stage.at('29m');
    await stage.act('driver', 'severity', { level: 'bad' });
    await stage.at('50m');
    expect(await stage.rings()).toContain('08:30:00 | rang | boss | commander | pd | high');
  });

  test('is declared in the time of its milder level also where nothing declares one of the worst by itself', async () => {
    const stage = await trams(slow);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('2m');
    await stage.answer('driver');
    await stage.act('driver', 'severity', { level: 'worst' });
    await stage.at('30m');
    expect(await stage.rings()).toContain('08:25:00 | rang | boss | commander | pd | high');
  });

  test('is declared in the time of its milder level also when a reload has removed that level since', async () => {
    const stage = await trams(slow);
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('5m');
    await stage.act('driver', 'severity', { level: 'worst' });
    const without = (yaml: string): string =>
      slow(yaml)
        .replace(/^ {2}mild:[^]*?soak: \{for: 15m\}\n/m, '')
        .replace('severity: mild', 'severity: bad');
    await stage.reload(without(CONFIG));
    await stage.at('30m');
    expect(await stage.rings()).toContain('08:20:00 | rang | boss | commander | pd | high');
  });

  test('waits as long as its new level says when it was lowered', async () => {
    const stage = await trams(slow);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('10m');
    await stage.act('driver', 'severity', { level: 'mild', reason: 'one tram' });
    await stage.at('29m');
    expect((await stage.rings()).filter((ring) => ring.includes('boss'))).toEqual([]);
    await stage.at('31m');
    expect(await stage.rings()).toContain('08:30:00 | rang | boss | commander | pd | high');
  });
});
