/**
 * Is anybody still on this?
 *
 * Somebody acknowledged at eight, put the phone down, and fell asleep. Whoever commands an incident shows from time to time
 * that they are there: by a command, a note, an answer on the phone. Without one for `presence` they are asked where the
 * responders are, five minutes later their phone rings, and then whoever deputizes for them is rung, who commands by
 * answering. And an alert that joins an incident which nobody looks at any more rings whoever is on call by then.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams, trusting } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

type Edit = (yaml: string) => string;

/** The boss has a mate, who deputizes for the boss. */
const withMate: Edit = (yaml) =>
  trusting(yaml)
    .replace('people:', 'people:\n  mate: {pagerduty: {name: Mate, id: PMATE01}}')
    .replace('roles:', 'roles:\n  first-mate: {page: mate, deputizes: commander}');

/** The line stops at eight, and everybody answers at once. */
async function answered(edit: Edit = withMate): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineStopped' });
  await stage.advance('1s');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  return stage;
}

/** Whose phone rang later than the first minute: `08:35:01 boss`. */
async function rungLater(stage: Stage): Promise<readonly string[]> {
  return (await stage.rings())
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([time = '']) => !time.startsWith('08:00:'))
    .map(([time, , person]) => `${time} ${person}`);
}

/** What was asked where the responders are: `08:30 Is anybody ...`. */
function asked(stage: Stage): readonly string[] {
  return stage
    .messages()
    .filter(({ text }) => /Is anybody still on this/.test(text))
    .map(({ time, text }) => `${time.slice(11, 16)} ${/(Is anybody .*)$/.exec(text)?.[1] ?? ''}`);
}

async function commander(stage: Stage): Promise<string | undefined> {
  return (await stage.incident()).roles['commander']?.person;
}

async function ringsFor(stage: Stage, person: string): Promise<boolean> {
  const { pages } = await stage.incident();
  return Object.values(pages).some((page) => page.person === person && page.state === 'open');
}

describe('a commander of whom nothing is heard', () => {
  test('is asked, then rung, then the mate is rung, who commands by answering', async () => {
    const stage = await answered();
    await stage.at('08:30:10');
    expect(asked(stage)).toEqual([
      '08:30 Is anybody still on this? Nothing was heard of boss (commander) since 08:00 UTC. Answer with `tocsin ack inc-1` or a note; otherwise boss is rung at 08:35 UTC. To take over: `tocsin take inc-1 commander`.',
    ]);
    expect(await rungLater(stage)).toEqual([]);
    await stage.at('08:36');
    expect(await rungLater(stage)).toEqual(['08:35:01 boss']);
    expect(await commander(stage)).toBe('boss');
    await stage.at('08:41');
    expect(await rungLater(stage)).toEqual(['08:35:01 boss', '08:40:01 mate']);
    await stage.answer('mate');
    await stage.advance('1s');
    expect(await commander(stage)).toBe('mate');
    expect(await ringsFor(stage, 'boss')).toBe(false);
    const held = Object.values((await stage.incident()).roles).map(({ person }) => person);
    expect(held.toSorted()).toEqual(['driver', 'herald', 'mate']);
  });

  test('is left alone for as long again after each sign of life', async () => {
    const stage = await answered();
    await stage.at('08:20');
    await stage.act('boss', 'notes', { text: 'Looking at the switch.' });
    await stage.at('08:49');
    expect(asked(stage)).toEqual([]);
    await stage.at('08:51');
    expect(asked(stage).map((line) => line.slice(0, 5))).toEqual(['08:50']);
    await stage.act('boss', 'acknowledge', {});
    await stage.at('09:20');
    expect(await rungLater(stage)).toEqual([]);
    expect(asked(stage).length).toBe(1);
    await stage.at('09:22');
    expect(asked(stage).length).toBe(2);
  });

  test('is rung all the same while others are at work: nobody leads them', async () => {
    const stage = await answered();
    await stage.at('08:25');
    await stage.act('driver', 'notes', { text: 'Walking along the track.' });
    await stage.at('08:36');
    expect(await rungLater(stage)).toEqual(['08:35:01 boss']);
  });

  test('whose phone rings ends that by doing anything about the incident', async () => {
    const stage = await answered();
    await stage.at('08:36');
    expect(await ringsFor(stage, 'boss')).toBe(true);
    await stage.act('boss', 'notes', { text: 'Here, I was on the radio.' });
    await stage.at('08:50');
    expect(await rungLater(stage)).toEqual(['08:35:01 boss']);
    expect(await ringsFor(stage, 'boss')).toBe(false);
  });

  test('and a relapse leave the phone of the mate ringing, whose answer is one to both', async () => {
    const stage = await answered();
    await stage.at('08:41');
    await stage.alert({ alertname: 'LineStopped', status: 'resolved' });
    await stage.at('08:43');
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:43:00Z' });
    await stage.at('08:47');
    expect(await ringsFor(stage, 'mate')).toBe(true);
    await stage.answer('mate');
    await stage.advance('2s');
    expect(await commander(stage)).toBe('mate');
    expect(await ringsFor(stage, 'boss')).toBe(false);
    expect(await rungLater(stage)).toEqual(['08:35:01 boss', '08:40:01 mate', '08:43:00 driver']);
  });

  test('is no longer missed once somebody else has taken the command', async () => {
    const stage = await answered();
    await stage.at('08:36');
    await stage.act('mate', 'roles/commander/take', {});
    await stage.at('08:50');
    expect(await rungLater(stage)).toEqual(['08:35:01 boss']);
    expect(await commander(stage)).toBe('mate');
  });

  test('is looked for beyond the mate, and then an alarm repeats until somebody answers', async () => {
    const stage = await answered((yaml) =>
      withMate(yaml).replace(
        '{page: boss, commands: true}',
        '{page: boss, commands: true, fallback: driver}',
      ),
    );
    await stage.at('09:01');
    expect(await rungLater(stage)).toEqual([
      '08:35:01 boss',
      '08:40:01 mate',
      '08:45:01 driver',
      // Whom alarms ring is the boss; the driver's phone rings on.
      '08:50:01 boss',
      '09:00:01 boss',
    ]);
    const alarms = Object.values((await stage.incident()).alarms).map(({ reason }) => reason);
    expect(alarms).toEqual(['nobody says that they are still on it: nobody answered in time']);
  });

  test('without anybody who deputizes leads to the fallback of the role', async () => {
    const stage = await answered((yaml) =>
      trusting(yaml).replace(
        '{page: boss, commands: true}',
        '{page: boss, commands: true, fallback: herald}',
      ),
    );
    await stage.at('08:41');
    expect(await rungLater(stage)).toEqual(['08:35:01 boss', '08:40:01 herald']);
    await stage.answer('herald');
    await stage.advance('1s');
    expect(await commander(stage)).toBe('herald');
  });
});

test('a commander whom a reload has removed is not said to be rung, where a stranger has answered in their stead', async () => {
  const stage = await answered();
  await stage.at('08:05');
  await stage.reload(
    withMate(CONFIG)
      .replace(/^ {2}boss: .*\n/m, '')
      .replaceAll('boss', 'herald'),
  );
  await stage.at('08:07');
  expect(await rungLater(stage)).toEqual([expect.stringMatching(/^08:06:0. herald$/)]);
  const order = { target: 'pd', address: 'PHERALD', verb: 'acknowledge', by: 'PBOSS01' } as const;
  expect(stage.sandbox().answer(order)).toMatchObject({ ok: true });
  await stage.at('08:45');
  expect(await commander(stage)).toBe('boss');
  expect(asked(stage)).toEqual([
    expect.stringContaining('otherwise whoever the configuration names now is rung at '),
  ]);
});

describe('whoever deputizes', () => {
  test('and must not command besides another role of theirs only shows that somebody is there', async () => {
    const stage = await answered((yaml) =>
      trusting(yaml).replace(
        'speaker: {page: herald}',
        'speaker: {page: herald, deputizes: commander, never_with: commander}',
      ),
    );
    await stage.at('08:41');
    await stage.answer('herald');
    await stage.advance('1s');
    // Standing in is what this role is for: it ends when its holder commands.
    expect(await commander(stage)).toBe('herald');
    expect((await stage.incident()).roles['speaker']).toBeUndefined();
  });

  /** The herald is rung in the place of the boss, and must not command. */
  const barred: Edit = (yaml) =>
    withMate(yaml)
      .replace('first-mate: {page: mate,', 'first-mate: {page: herald,')
      .replace('id: PHERALD}}', 'id: PHERALD}, slack: U0HERALD}')
      .replace('speaker: {page: herald}', 'speaker: {page: herald, never_with: commander}');

  test('and holds a role that a commander must not have leaves the command where it is: the boss rings on, and both are told', async () => {
    const stage = await answered(barred);
    await stage.at('08:41');
    await stage.answer('herald');
    await stage.advance('1s');
    expect(await commander(stage)).toBe('boss');
    expect((await stage.incident()).roles['speaker']?.person).toBe('herald');
    expect(await ringsFor(stage, 'boss')).toBe(true);
    const told = stage.messages().filter(({ text }) => text.includes('herald answered, and is'));
    const word =
      'inc-1: herald answered, and is speaker: commander must be another person. Whoever is still on it is looked for on: nothing was heard of boss (commander) since 08:00 UTC.';
    const ofIt = told.filter(({ text }) => text === word).map(({ channel }) => channel);
    expect(ofIt).toHaveLength(2);
    expect(ofIt).toContain('U0HERALD');
    await stage.answer('boss');
    await stage.advance('1s');
    expect((await stage.incident()).alarms).toEqual({});
  });

  test('and must not command is rung once for it, and reads why when they answer', async () => {
    const stage = await answered((yaml) =>
      barred(yaml).replace('alarms: {page: boss,', 'alarms: {page: driver,'),
    );
    await stage.at('08:41');
    const { json } = await stage.api('herald', 'POST /api/v1/incidents/inc-1/acknowledge', {});
    expect(json).toMatchObject({
      remark: expect.stringContaining(
        'You are speaker, and commander must be another person: somebody to take it over from boss is still looked for.',
      ) as string,
    });
    await stage.at('09:30');
    const rung = await rungLater(stage);
    expect(rung.filter((ring) => ring.endsWith('herald'))).toEqual(['08:40:01 herald']);
    expect(rung.filter((ring) => ring.endsWith('driver')).length, 'the alarm').toBeGreaterThan(1);
  });

  test('and must not command passes it on at once to whoever comes next, who takes it', async () => {
    const stage = await answered((yaml) =>
      barred(yaml).replace('commands: true}', 'commands: true, fallback: mate}'),
    );
    await stage.at('08:41');
    await stage.answer('herald');
    await stage.at('08:42');
    expect(await rungLater(stage)).toEqual(['08:35:01 boss', '08:40:01 herald', '08:41:00 mate']);
    await stage.answer('mate');
    await stage.advance('1s');
    expect(await commander(stage)).toBe('mate');
    expect(await ringsFor(stage, 'boss')).toBe(false);
  });
});

describe('nobody is missed', () => {
  /** Watched for half an hour from 08:10 on, when the line runs again; from then on nobody does anything about it. */
  async function watched(): Promise<Stage> {
    const stage = await answered();
    await stage.at('08:10');
    await stage.act('boss', 'phase', { phase: 'monitoring' });
    await stage.alert({ alertname: 'LineStopped', status: 'resolved' });
    return stage;
  }

  test('while the fix is watched, and the time counts anew when the watch ends', async () => {
    const stage = await answered((yaml) =>
      withMate(yaml).replace('soak: {for: 30m}', 'soak: {for: 3h}'),
    );
    await stage.at('08:10');
    await stage.act('boss', 'phase', { phase: 'monitoring' });
    await stage.alert({ alertname: 'LineStopped', status: 'resolved' });
    await stage.at('10:00');
    await stage.act('driver', 'phase', { phase: 'investigating' });
    await stage.at('10:29');
    expect(asked(stage)).toEqual([]);
    await stage.at('10:31');
    expect(asked(stage).map((line) => line.slice(0, 5))).toEqual(['10:30']);
  });

  test('until it is proposed to resolve it: then whoever holds it is asked, rung, and stood in for', async () => {
    const stage = await watched();
    await stage.at('09:09');
    expect(asked(stage)).toEqual([]);
    await stage.at('09:11');
    expect(asked(stage).map((line) => line.split('.')[0])).toEqual([
      '09:10 Is anybody still on this? Nothing was heard of boss (commander) since 08:10 UTC',
    ]);
    await stage.at('09:21');
    expect(await rungLater(stage)).toEqual(['09:15:00 boss', '09:20:00 mate']);
  });

  test('and after that what fires anew silences nobody’s phone', async () => {
    const stage = await watched();
    await stage.at('09:16');
    expect(await ringsFor(stage, 'boss')).toBe(true);
    await stage.alert({ alertname: 'LineLate' });
    await stage.at('09:21');
    expect(await rungLater(stage)).toContain('09:20:00 mate');
  });

  test('while paging is paused, and nothing is made up for afterwards', async () => {
    const stage = await answered();
    await stage.at('08:20');
    await stage.api('driver', 'POST /api/v1/pauses', { what: 'paging', for: '2h', why: 'a drill' });
    await stage.at('10:25');
    expect(asked(stage)).toEqual([]);
    await stage.at('10:31');
    expect(asked(stage).map((line) => line.slice(0, 5))).toEqual(['10:30']);
    await stage.at('10:36');
    expect(await rungLater(stage)).toEqual(['10:35:01 boss']);
  });

  test('outside working hours, where it is not urgent', async () => {
    // 08:00 UTC on Tuesday is 17:00 in Tokyo.
    const stage = await answered(
      (yaml) =>
        `timezone: Asia/Tokyo\n${withMate(yaml).replace('stand.\n    urgency: high', 'stand.\n    urgency: low')}`,
    );
    await stage.at('23:59');
    expect(asked(stage)).toEqual([]);
    await stage.at('00:01');
    expect(asked(stage).map((line) => line.slice(0, 5))).toEqual(['00:00']);
    await stage.at('00:06');
    expect((await rungLater(stage)).at(-1)).toBe('2026-06-10 00:05:00 boss');
  });
});

describe('where nobody commands', () => {
  /** At this level only people declare. */
  const byPeople: Edit = (yaml) =>
    trusting(yaml)
      .replace('severity: bad, trusted: true', 'severity: worst')
      .replace('on_call: driver,', 'on_call: driver, fallback: herald,');

  test('an incident that was acknowledged in triage and forgotten asks whoever acknowledged, and rings them', async () => {
    const stage = await trams(byPeople);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.advance('1s');
    await stage.answer('driver');
    await stage.at('08:41');
    expect(asked(stage).map((line) => line.slice(0, 90))).toEqual([
      '08:30 Is anybody still on this? Nothing was heard of driver (on-duty) since 08:00 UTC. Ans',
    ]);
    expect(await rungLater(stage)).toEqual(['08:35:01 driver', '08:40:01 herald']);
    await stage.answer('herald');
    await stage.advance('1s');
    expect((await stage.incident()).roles['on-duty']?.person).toBe('herald');
    await stage.at('09:12');
    expect(asked(stage)[1]).toContain('herald (on-duty)');
  });

  test('one that was declared without a level does the same', async () => {
    const stage = await trams(byPeople);
    await stage.api('boss', 'POST /api/v1/incidents', { title: 'Smoke', service: 'line-1' });
    await stage.advance('1s');
    await stage.answer('driver');
    await stage.at('08:36');
    expect(asked(stage).length).toBe(1);
    expect(await rungLater(stage)).toEqual(['08:35:01 driver']);
  });

  test('anybody may answer the question', async () => {
    const stage = await trams(byPeople);
    await stage.alert({ alertname: 'LineStopped' });
    await stage.advance('1s');
    await stage.answer('driver');
    await stage.at('08:31');
    await stage.act('herald', 'acknowledge', {});
    await stage.at('08:59');
    expect(asked(stage).length).toBe(1);
    expect(await rungLater(stage)).toEqual([]);
  });
});

describe('a new alert of an incident', () => {
  /** The driver is on call until four, then the relief. */
  const inShifts: Edit = (yaml) =>
    trusting(yaml)
      .replace(
        'people:',
        'presence: {high: 3h}\npeople:\n  relief: {pagerduty: {name: Relief, id: PRELIEF}}',
      )
      .replace('on_call: driver', 'on_call: shifts')
      .replace(
        'roles:',
        'rotations:\n  shifts: {every: 1d, handoff: {at: "16:00"}, starts: 2026-06-08, people: [driver, relief]}\nroles:',
      )
      .replace('severity: bad, trusted: true', 'severity: worst');

  const stops = (stage: Stage, stop: string): Promise<void> =>
    stage.alert({ alertname: 'LineStopped', labels: { stop } });

  /** Answered at one, and it is two minutes past four. */
  async function forgotten(): Promise<Stage> {
    const stage = await trams(inShifts);
    await stage.at('13:00');
    await stops(stage, 'harbour');
    await stage.advance('1s');
    await stage.answer('driver');
    await stage.at('16:02');
    return stage;
  }

  test('that was acknowledged and forgotten rings whoever is on call now, once', async () => {
    const stage = await forgotten();
    await stops(stage, 'market');
    await stage.at('16:03');
    await stops(stage, 'museum');
    await stage.at('16:04');
    expect(await rungLater(stage)).toEqual(['13:00:00 driver', '16:02:00 relief']);
    expect((await stage.events()).filter(({ type }) => type === 'AlertsUnattended').length).toBe(1);
  });

  test('whose first phone rings since minutes ago rings it no second time', async () => {
    const stage = await trams((yaml) => inShifts(yaml).replace('high: 3h', 'high: 5m'));
    await stage.at('13:00');
    await stops(stage, 'harbour');
    await stage.at('13:07');
    await stops(stage, 'market');
    await stage.at('13:08');
    expect((await stage.rings()).filter((line) => line.includes('driver'))).toHaveLength(1);
    expect((await stage.events()).filter(({ type }) => type === 'AlertsUnattended')).toEqual([]);
  });

  test('rings them once however many join while nobody answers: what goes on is the alarm', async () => {
    const stage = await forgotten();
    for (const [at, stop] of Object.entries({
      '16:02:10': 'market',
      '16:14': 'museum',
      '16:26': 'pier',
    })) {
      await stage.at(at);
      await stops(stage, stop);
    }
    await stage.at('16:40');
    const rung = await rungLater(stage);
    expect(rung.filter((line) => line.endsWith('relief'))).toEqual(['16:02:10 relief']);
    expect(rung.filter((line) => line.endsWith('boss')).length).toBeGreaterThan(1);
  });

  test('rings them again in the next silence, although nobody has answered in this one', async () => {
    const stage = await forgotten();
    await stops(stage, 'market');
    await stage.at('16:20');
    await stage.act('herald', 'notes', { text: 'Buses replace it.' });
    await stage.at('19:25');
    await stops(stage, 'museum');
    await stage.at('19:26');
    expect((await rungLater(stage)).filter((line) => line.endsWith('relief'))).toEqual([
      '16:02:00 relief',
      '19:25:00 relief',
    ]);
  });

  test('at which somebody is at work rings nobody', async () => {
    const stage = await forgotten();
    await stage.act('herald', 'notes', { text: 'Buses replace it.' });
    await stops(stage, 'market');
    await stage.at('16:04');
    expect(await rungLater(stage)).toEqual(['13:00:00 driver']);
  });

  test('is news only where it is not the repetition of a known one', async () => {
    const stage = await forgotten();
    await stops(stage, 'harbour');
    await stage.at('16:04');
    expect(await rungLater(stage)).toEqual(['13:00:00 driver']);
  });
});
