/**
 * A pager that is switched off while it rings.
 *
 * A tram line stops, and the driver's phone rings at PagerDuty. Two minutes later somebody sets that target to `off` and
 * reloads. Nobody asks it for an answer any more, and nothing silences the phone: so the page goes on to the next pager, and
 * where there is none it is an alarm.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { bothPagers } from './theirs.ts';
import { CONFIG, inSteps, trams } from './trams.ts';

/** Everybody has a phone at Opsgenie; the driver has one at PagerDuty as well, which rings first. */
const company = bothPagers(inSteps(CONFIG))
  .replace('{pagerduty: {name: Boss, id: PBOSS01}}', '{opsgenie: boss@trams.example}')
  .replace('{pagerduty: {name: Herald, id: PHERALD}}', '{opsgenie: herald@trams.example}');
const off = (yaml: string): string =>
  yaml.replace('pd: {type: pagerduty, mode: live', 'pd: {type: pagerduty, mode: off');

async function switchedOff(yaml = company, then = off): Promise<Stage> {
  const stage = await trams(() => yaml);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.at('2m');
  await stage.reload(then(yaml));
  return stage;
}

const rang = (stage: Stage): readonly string[] =>
  stage
    .pages('rang')
    .map(({ time, target, address }) => `${time.slice(11, 16)} ${target} ${address}`);

test('its page rings at the next pager a minute later', async () => {
  const stage = await switchedOff();
  await stage.at('4m');
  expect(rang(stage)).toEqual(['08:00 pd PDRIVER', '08:03 og driver@trams.example']);
  expect(await stage.events()).toContainEqual(
    expect.objectContaining({
      type: 'PageRung',
      because: 'pd is in mode off since, and an answer there may not be heard',
    }),
  );
});

test('where the person has no other phone, people hear of it a minute later', async () => {
  const stage = await switchedOff(company.replace(', opsgenie: driver@trams.example', ''), (yaml) =>
    off(yaml).replace('on_call: driver', 'on_call: herald'),
  );
  await stage.at('4m');
  expect(stage.messages().map(({ time, text }) => `${time.slice(11, 16)} ${text}`)).toEqual([
    '08:03 inc-1 ALARM: page p1 to driver reaches nobody for sure: pd is in mode off since, and an answer there may not be heard',
  ]);
  expect(rang(stage)).toContain('08:03 og boss@trams.example');
});

test('that the phone there rings on is said to whoever answers elsewhere', async () => {
  const stage = await switchedOff();
  await stage.at('4m');
  await stage.answer('driver', { target: 'og' });
  await stage.at('5m');
  expect((await stage.incident()).roles['on-duty']?.person).toBe('driver');
  expect(await stage.events()).toContainEqual(
    expect.objectContaining({
      type: 'PageNoted',
      action: 'rings on',
      text: 'its pager is in mode off and was not told to acknowledge it; do it at the vendor',
    }),
  );
});

test('an answer there still counts, where the pager tells it by itself', async () => {
  const stage = await switchedOff();
  await stage.at('2m30s');
  await stage.answer('driver', { target: 'pd' });
  await stage.at('5m');
  expect((await stage.incident()).roles['on-duty']?.person).toBe('driver');
  expect(rang(stage)).not.toContain('08:03 og driver@trams.example');
});

test('switched on again within the minute, nothing has happened', async () => {
  const stage = await switchedOff();
  await stage.at('2m40s');
  await stage.reload(company);
  await stage.at('4m50s');
  expect(rang(stage)).toEqual(['08:00 pd PDRIVER']);
});
