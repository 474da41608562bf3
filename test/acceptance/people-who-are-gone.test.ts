/**
 * Somebody is gone from the file while their phone rings.
 *
 * The driver is rung at eight, and two minutes later the file names the relief in their stead. Within a minute the relief's
 * phone rings, the driver's falls silent, and the room reads why. And should the driver answer all the same, that is no
 * answer of anybody whom the incident could count on: the relief is rung at once.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams, trusting, unhurried } from './trams.ts';

type Edit = (yaml: string) => string;

const withRelief: Edit = (yaml) =>
  unhurried(trusting(yaml)).replace(
    'people:',
    'people:\n  relief: {pagerduty: {name: Relief, id: PRELIEF}}',
  );

/** At this level nobody is looked for but whoever is on duty, and only people declare. */
const inTriage: Edit = (yaml) =>
  withRelief(yaml).replace('severity: bad, trusted: true', 'severity: worst');

const withoutDriver: Edit = (yaml) =>
  yaml.replace(/^ {2}driver: .*\n/m, '').replaceAll('on_call: driver', 'on_call: relief');

/** The driver's phone rings, the others have answered, and the file knows the driver no more from two minutes past eight on. */
async function gone(edit: Edit = withRelief, without: Edit = withoutDriver): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.advance('1s');
  const rung = stage.pages('rang').map(({ address }) => address);
  for (const [person, phone] of Object.entries({ boss: 'PBOSS01', herald: 'PHERALD' }))
    if (rung.includes(phone)) await stage.answer(person);
  await stage.at('2m');
  await stage.reload(without(edit(CONFIG)));
  return stage;
}

/** Whoever has the phone presses the button, known or not. */
async function pressed(stage: Stage, phone: string, by = phone): Promise<void> {
  const order = { target: 'pd', address: phone, verb: 'acknowledge', by } as const;
  expect(stage.sandbox().answer(order)).toMatchObject({ ok: true });
  await stage.advance('10s');
}

async function toTheRelief(stage: Stage): Promise<readonly string[]> {
  const lines = await stage.rings();
  return lines.filter((line) => line.includes('| rang | relief')).map((line) => line.slice(0, 8));
}

const said = (stage: Stage, what: RegExp): readonly string[] =>
  stage.messages().flatMap(({ time, text }) => {
    const found = what.exec(text)?.[0];
    return found === undefined ? [] : [`${time.slice(11, 16)} ${found}`];
  });

describe.each<[string, Edit]>([
  ['while the boss commands', withRelief],
  ['in triage', inTriage],
])('somebody who is rung and gone from the file, %s,', (_when, edit) => {
  test('is rung no more within a minute, and whoever the file names now is', async () => {
    const stage = await gone(edit);
    await stage.at('4m');
    expect(await toTheRelief(stage)).toEqual(['08:03:00']);
    expect(stage.pages('resolved').map(({ address }) => address)).toContain('PDRIVER');
    expect(said(stage, /driver is .* any more.*$/)).toEqual([
      '08:03 driver is not among the people of the configuration any more, and was rung for on-duty. Whoever it names now is looked for.',
    ]);
    await stage.answer('relief');
    expect((await stage.incident()).roles).toMatchObject({ 'on-duty': { person: 'relief' } });
  });

  test('and answers all the same, fills nothing and ends nothing: the one in their stead is rung at once', async () => {
    const stage = await gone(edit);
    await stage.at('2m30s');
    await pressed(stage, 'PDRIVER');
    await stage.at('4m');
    expect(await toTheRelief(stage)).toEqual([expect.stringMatching(/^08:02:3/)]);
    expect((await stage.incident()).roles).not.toHaveProperty('on-duty');
    expect(said(stage, /driver is .* any more.*$/)).toHaveLength(1);
    const ended = stage.pages('resolved').map(({ address }) => address);
    expect(ended, 'answered and left there, it would ring them again').toContain('PDRIVER');
  });
});

test('where the file names another person for the role, that one is rung', async () => {
  const stage = await trams(withRelief);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  const without: Edit = (yaml) =>
    yaml
      .replace(/^ {2}herald: .*\n/m, '')
      .replace('speaker: {page: herald}', 'speaker: {page: relief}');
  await stage.reload(without(withRelief(CONFIG)));
  await stage.at('4m');
  expect(await toTheRelief(stage)).toEqual(['08:03:00']);
});

test('where the file names nobody in their stead, the search goes on to who comes behind them', async () => {
  const edit: Edit = (yaml) =>
    withRelief(yaml).replace(
      'speaker: {page: herald}',
      'speaker: {page: herald, fallback: relief}',
    );
  const without: Edit = (yaml) =>
    yaml
      .replace(/^ {2}herald: .*\n/m, '')
      .replace('page: herald, fallback: relief', 'page: relief');
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  await stage.reload(without(edit(CONFIG)));
  await stage.at('4m');
  expect(await toTheRelief(stage)).toEqual(['08:03:00']);
});

describe('an answer by somebody at the pager whom the file does not name', () => {
  /** Everybody is rung; the relief has a user at the pager and stands in the file no more. */
  async function withStranger(): Promise<Stage> {
    const stage = await trams(withRelief);
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    await stage.answer('boss');
    await stage.reload(unhurried(trusting(CONFIG)));
    return stage;
  }

  test('silences the phone, and the room reads that the role is nobody’s, and how to give it', async () => {
    const stage = await withStranger();
    await stage.answer('herald');
    await stage.at('1m');
    await pressed(stage, 'PDRIVER', 'PRELIEF');
    await stage.at('20m');
    expect((await stage.incident()).roles).not.toHaveProperty('on-duty');
    expect(said(stage, /\S+ answered for.*$/)).toEqual([
      '08:01 Relief answered for on-duty, and is not among the people of the configuration: nobody has that. To give it to somebody: `tocsin assign inc-1 on-duty PERSON`.',
    ]);
    expect((await stage.rings()).filter((line) => line > '08:01' && /rang/.test(line))).toEqual([]);
  });

  test('is not spoken of where somebody has the role', async () => {
    const stage = await withStranger();
    const body = { role: 'on-duty', person: 'herald', confirmed: true };
    await stage.api('boss', 'POST /api/v1/incidents/inc-1/roles', body);
    await stage.at('1m');
    await pressed(stage, 'PHERALD', 'PRELIEF');
    expect(said(stage, /\S+ answered for \S+,/)).toEqual(['08:01 Relief answered for speaker,']);
  });
});
