/**
 * A role is renamed while somebody holds it.
 *
 * Whoever commands goes on commanding: the incident keeps the role as it was configured, with what it commands and what it
 * excludes. People hear that it is gone.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams, trusting, unhurried } from './trams.ts';

const apart = (yaml: string): string =>
  trusting(yaml).replace(
    'commander: {page: boss, commands: true}',
    'commander: {page: boss, commands: true, never_with: on-duty}',
  );

const renamed = (yaml: string): string =>
  yaml.replaceAll('commander', 'lead').replace('lead: {page: boss', 'lead: {page: herald');

test('the commander goes on commanding under the name that the file knows no more', async () => {
  const stage = await trams(apart);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.reload(renamed(apart(CONFIG)));
  await stage.at('10m');
  const gone = stage.messages().filter(({ text }) => text.includes('role commander is gone'));
  expect(gone).not.toEqual([]);
  expect(await stage.incident()).toMatchObject({ roles: { commander: { person: 'boss' } } });
  // What it excludes holds as before.
  const refused = await stage.api('boss', 'POST /api/v1/incidents/inc-1/roles/on-duty/take', {});
  expect(refused).toMatchObject({ status: 409 });
  // At a relapse the commander is rung.
  await stage.alert({
    alertname: 'LineStopped',
    status: 'resolved',
    startsAt: '2026-06-09T08:00:00Z',
  });
  await stage.at('25m');
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:25:00Z' });
  await stage.at('40m');
  const rings = (await stage.rings()).filter((ring) => ring > '08:25' && ring.includes('boss'));
  expect(rings[0]).toMatch(/commander/);
});

test('at a reopening the steps behind the commander are those of the role as it was', async () => {
  const deputy = (yaml: string): string =>
    apart(yaml)
      .replace('commands: true', 'commands: true, fallback: driver')
      .replace(', never_with: on-duty', '');
  const stage = await trams(deputy);
  await stage.api('boss', 'POST /api/v1/incidents', { title: 'Nobody can pay', level: 'bad' });
  await stage.at('1m');
  for (const person of ['boss', 'herald']) await stage.answer(person);
  await stage.act('boss', 'resolve', {});
  await stage.reload(renamed(deputy(CONFIG)));
  await stage.at('20m');
  await stage.act('herald', 'reopen', { reason: 'they still cannot' });
  await stage.at('29m');
  const rings = (await stage.rings()).filter((ring) => /^08:2.*commander/.test(ring));
  expect(rings.map((ring) => ring.split(' | ').slice(0, 3).join(' '))).toEqual([
    '08:20:00 rang boss',
    '08:25:00 rang driver',
  ]);
});

/** An hour after the file has lost a role that somebody holds. */
async function anHourWithout(role: string): Promise<Stage> {
  const more = (yaml: string): string =>
    unhurried(apart(yaml))
      .replace('speaker: {page: herald}', 'speaker: {page: herald}\n  scribe: {page: herald}')
      .replace('alarms: {page: boss,', 'alarms: {page: chief,')
      .replace('people:', 'people:\n  chief: {pagerduty: {name: Chief, id: PCHIEF1}}')
      .replace('declared: [commander, speaker]}', 'declared: [commander, speaker, scribe]}');
  const stage = await trams(more);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.reload(
    more(CONFIG).replaceAll(role, 'other').replace('page: other.on_call', 'page: service.on_call'),
  );
  await stage.at('62m');
  expect(stage.messages().map(({ text }) => text)).toContainEqual(
    expect.stringContaining(`role ${role} is gone`),
  );
  return stage;
}

const toTheChief = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.rings()).filter((ring) => ring.includes('chief'));

test('that a scribe is gone from the file is said in chat, and wakes nobody', async () => {
  expect(await toTheChief(await anHourWithout('scribe'))).toEqual([]);
});

test.each(['commander', 'on-duty'])(
  'that the role %s is gone rings for the alarm',
  async (role) => {
    expect(await toTheChief(await anHourWithout(role))).not.toEqual([]);
  },
);

type Edit = (yaml: string) => string;

/** The boss commands, and the chief is for alarms. */
const before: Edit = (yaml) =>
  unhurried(apart(yaml))
    .replaceAll('page: boss', 'page: chief')
    .replace('commander: {page: chief', 'commander: {page: boss')
    .replace('people:', 'people:\n  chief: {pagerduty: {name: Chief, id: PCHIEF1}}');

/** The file without the person, in whose place it names the chief. */
function gone(yaml: string, person: string): string {
  return yaml
    .replace(new RegExp(`^ {2}${person}: .*\\n`, 'm'), '')
    .replaceAll(`: ${person},`, ': chief,')
    .replaceAll(`: ${person}}`, ': chief}');
}

/** All have answered, and one of them is gone from the file at two minutes past eight. */
async function without(person: string, since: Edit = (yaml) => yaml): Promise<Stage> {
  const stage = await trams(before);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  for (const one of ['driver', 'boss', 'herald']) await stage.answer(one);
  await stage.reload(since(gone(before(CONFIG), person)));
  return stage;
}

const saidGone = (stage: Stage): readonly string[] =>
  stage.messages().flatMap(({ time, text }) => {
    const said = /(person .* is gone .*)$/.exec(text)?.[1];
    return said === undefined ? [] : [`${time.slice(11, 16)} ${said}`];
  });

test('that the commander is gone from the file is said within a minute, with the command that ends it, and rings on', async () => {
  const stage = await without('boss');
  await stage.at('4m');
  expect(saidGone(stage)).toEqual([
    expect.stringMatching(
      /^08:0[23] person boss is gone from the configuration, and is commander here\. Give that to somebody else: `tocsin assign inc-1 commander PERSON`/,
    ),
  ]);
  await stage.at('25m');
  expect(await toTheChief(stage)).not.toEqual([]);
});

test('and whoever the file names to command is rung at once, and commands by answering', async () => {
  const stage = await without('boss');
  await stage.at('4m');
  const { roles } = await stage.incident();
  expect(roles).toMatchObject({ commander: { person: 'boss' } });
  expect(await toTheChief(stage)).toEqual([expect.stringMatching(/^08:0[23]/)]);
  await stage.answer('chief');
  await stage.at('8m');
  const { roles: after, alarms } = await stage.incident();
  expect(after).toMatchObject({ commander: { person: 'chief' } });
  expect(alarms).toEqual({});
});

test('until they are in the file again: then the phone of whom it named meanwhile falls silent', async () => {
  const stage = await without('boss');
  await stage.at('4m');
  await stage.reload(before(CONFIG));
  await stage.at('7m');
  expect(stage.pages('resolved').map(({ address }) => address)).toContain('PCHIEF1');
  await stage.at('25m');
  expect(await toTheChief(stage)).toHaveLength(1);
  expect((await stage.incident()).roles).toMatchObject({ commander: { person: 'boss' } });
});

test('also where the role has another name since', async () => {
  const stage = await without('boss', (yaml) => yaml.replaceAll('commander', 'lead'));
  await stage.at('4m');
  expect(await toTheChief(stage)).toEqual([expect.stringMatching(/^08:0[23]/)]);
  await stage.answer('chief');
  await stage.at('8m');
  expect((await stage.incident()).roles).toMatchObject({ lead: { person: 'chief' } });
});

test('and nobody is rung for what is over by itself', async () => {
  const stage = await trams((yaml) =>
    before(yaml)
      .replaceAll(', trusted: true', '')
      .replaceAll(
        'declare: {by: [person, acknowledgement, trusted_rule]}',
        'declare: {by: [person]}',
      ),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('1m');
  await stage.answer('driver');
  await stage.alert({
    alertname: 'LineStopped',
    startsAt: '2026-06-09T08:00:00Z',
    status: 'resolved',
  });
  await stage.reload(gone(before(CONFIG), 'driver'));
  await stage.at('5m');
  expect(await toTheChief(stage)).toEqual([]);
});

test('and it ends when somebody else commands, or they are in the file again', async () => {
  for (const isBack of [false, true]) {
    const stage = await without('boss');
    await stage.at('5m');
    expect(Object.keys((await stage.incident()).alarms)).toEqual(['removed:person:boss']);
    if (isBack) await stage.reload(unhurried(apart(CONFIG)));
    else await stage.act('herald', 'roles/commander/take');
    await stage.at('8m');
    expect((await stage.incident()).alarms).toEqual({});
  }
});

test('that whoever has a role without which it goes on is gone is said, and wakes nobody', async () => {
  const stage = await without('herald');
  await stage.at('62m');
  expect(saidGone(stage)).not.toEqual([]);
  expect(await toTheChief(stage)).toEqual([]);
});

test('that the role of the commander is gone is said with the command for the one in its place, which ends it', async () => {
  const stage = await trams((yaml) => unhurried(apart(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.reload(renamed(unhurried(apart(CONFIG))));
  await stage.at('5m');
  const { alarms } = await stage.incident();
  expect(Object.values(alarms).map(({ reason }) => reason)).toEqual([
    'role commander is gone from the configuration; what it said last still holds here. To end this: `tocsin assign inc-1 lead PERSON`, or put it into the file again',
  ]);
  await stage.act('herald', 'roles/lead/take');
  await stage.at('8m');
  expect((await stage.incident()).alarms).toEqual({});
});

test('a command that the file has lost is handed off by whoever has it, or taken from them', async () => {
  const stage = await trams((yaml) => unhurried(apart(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.reload(
    unhurried(apart(CONFIG))
      .replaceAll('commander, speaker', 'speaker')
      .replace('declared: [commander]', 'declared: [speaker]')
      .replace(/ {2}commander: .*\n/, ''),
  );
  await stage.at('5m');
  const to = { role: 'commander', person: 'herald', confirmed: true };
  await stage.act('boss', 'hand-offs', to);
  expect((await stage.incident()).roles).toMatchObject({ commander: { person: 'herald' } });
  await stage.act('boss', 'roles/commander/take');
  expect((await stage.incident()).roles).toMatchObject({ commander: { person: 'boss' } });
  const kept = await stage.api('driver', 'POST /api/v1/incidents/inc-1/roles/commander/take', {});
  expect(kept).toMatchObject({ status: 409, json: { code: 'roles_apart' } });
});
