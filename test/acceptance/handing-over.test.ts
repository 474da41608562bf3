/**
 * Handing over.
 *
 * A tram line stops at eight. The boss commands, and wants to go home. A role goes over at once to somebody who is at it or
 * has said yes; anybody else is asked: their phone rings for five minutes, for this alone, and says who offers what. The
 * boss commands until somebody else does, so that nobody is missing meanwhile and two never command.
 */
import { describe, expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const START = '2026-06-09T08:00:00Z';

/** Relief sleeps at home; the boss reads chat; who speaks to the public must not command. */
const relieved = (yaml: string): string =>
  trusting(yaml)
    .replace(
      'boss: {pagerduty: {name: Boss, id: PBOSS01}}',
      'boss: {pagerduty: {name: Boss, id: PBOSS01}, slack: U0BOSS}\n  relief: {pagerduty: {name: Relief, id: PRELIEF}}\n  deaf: {slack: U0DEAF}',
    )
    .replace('speaker: {page: herald}', 'speaker: {page: herald, never_with: [commander]}');

/** The line stops at eight; a minute later all three have answered. */
async function underWay(edit: (yaml: string) => string = relieved): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('20m');
  return stage;
}

async function holders(stage: Stage): Promise<Readonly<Record<string, string>>> {
  const { roles } = await stage.incident();
  return Object.fromEntries(Object.entries(roles).map(([role, { person }]) => [role, person]));
}

const EVERYBODY = { 'on-duty': 'driver', commander: 'boss', speaker: 'herald' };

function handOff(stage: Stage, person: string, more: object = {}) {
  const body = { role: 'commander', person, ...more };
  return stage.api('boss', 'POST /api/v1/incidents/inc-1/hand-offs', body);
}

/** What the phones did since twenty past eight. */
function phones(stage: Stage): Promise<readonly string[]> {
  return stage.happened({ of: ['page'], since: Date.parse('2026-06-09T08:20:00Z') });
}

/** What was said about it, and where. */
function told(stage: Stage): readonly string[] {
  return stage
    .messages()
    .filter(({ text }) => /\boffer|until now/.test(text))
    .map(({ time, channel, text }) => `${time.slice(11, 16)} ${channel} ${text}`);
}

describe('a role that is handed off to somebody who is asleep', () => {
  test('is asked of them by their phone, and stays where it is until they answer it', async () => {
    const stage = await underWay();
    expect(await handOff(stage, 'relief')).toMatchObject({
      status: 200,
      json: { waitsFor: 'relief' },
    });
    await stage.advance('1s');
    const ring = stage.pages('rang').at(-1);
    expect(ring).toMatchObject({ address: 'PRELIEF', urgency: 'high' });
    expect(ring?.title).toMatch(/^boss offers you commander: \[bad\] /);
    expect(await holders(stage)).toEqual(EVERYBODY);
    await stage.at('22m');
    await stage.answer('relief');
    await stage.at('30m');
    expect(await holders(stage)).toEqual({ ...EVERYBODY, commander: 'relief' });
    expect(await phones(stage)).toEqual([
      '08:20:00 | rang | relief | offer | pd | high',
      '08:22:00 | acknowledged | relief | offer | pd',
      '08:22:00 | resolved | relief | offer | pd',
      '08:22:00 | resolved | boss | commander | pd',
    ]);
    expect(told(stage)).toEqual([
      '08:20 trams inc-1: boss offers commander to relief, who is rung for 5 minutes. boss is commander until then.',
      '08:22 trams inc-1: relief is commander now; boss was until now.',
    ]);
  });

  test('is accepted by a command as well, and the phone stops', async () => {
    const stage = await underWay();
    await handOff(stage, 'relief');
    await stage.at('21m');
    await stage.act('relief', 'offers/accept');
    await stage.advance('1s');
    expect(await holders(stage)).toMatchObject({ commander: 'relief' });
    expect((await phones(stage)).filter((one) => one.includes('relief'))).toEqual([
      '08:20:00 | rang | relief | offer | pd | high',
      '08:21:00 | resolved | relief | offer | pd',
    ]);
  });

  test('is accepted by an acknowledgement here, where nothing else rings them', async () => {
    const stage = await underWay();
    await handOff(stage, 'relief');
    await stage.act('relief', 'acknowledge', {});
    expect(await holders(stage)).toMatchObject({ commander: 'relief' });
  });

  test('is declined with a reason, which whoever offers it is told, in the channel and alone', async () => {
    const stage = await underWay();
    await handOff(stage, 'relief');
    await stage.at('21m');
    await stage.act('relief', 'offers/decline', { why: 'asleep until nine' });
    await stage.at('40m');
    expect(await holders(stage)).toEqual(EVERYBODY);
    expect(await phones(stage)).toEqual([
      '08:20:00 | rang | relief | offer | pd | high',
      '08:21:00 | resolved | relief | offer | pd',
    ]);
    const words =
      'inc-1: the offer of commander by boss to relief is over: relief declined: asleep until nine. boss is commander.';
    expect(told(stage).slice(1).toSorted()).toEqual([
      `08:21 U0BOSS ${words}`,
      `08:21 trams ${words}`,
    ]);
  });

  test('is asked of them again, and not theirs at once, when it is handed to them after they declined', async () => {
    const stage = await underWay();
    await handOff(stage, 'relief');
    await stage.at('21m');
    await stage.act('relief', 'offers/decline', { why: 'asleep until nine' });
    await stage.at('22m');
    expect((await handOff(stage, 'relief')).json).toMatchObject({ waitsFor: 'relief' });
    await stage.advance('1s');
    expect(await holders(stage)).toEqual(EVERYBODY);
    expect((await phones(stage)).at(-1)).toBe('08:22:00 | rang | relief | offer | pd | high');
  });

  test.each<[string, (stage: Stage) => Promise<void>]>([
    ['declined', (stage) => stage.act('relief', 'offers/decline', { why: 'ill' })],
    ['resolved on the phone', (stage) => stage.answer('relief', { verb: 'resolve' })],
    ['ignored', (stage) => stage.at('26m')],
  ])('is asked of somebody who has just %s the offer of another role', async (_how, leave) => {
    const stage = await underWay();
    const body = { role: 'speaker', person: 'relief' };
    await stage.api('boss', 'POST /api/v1/incidents/inc-1/roles', body);
    await stage.at('21m');
    await leave(stage);
    if (stage.clock.now() > Date.parse('2026-06-09T08:25:00Z'))
      await stage.act('relief', 'notes', { text: 'I woke up to a ring, and am ill.' });
    await stage.at('30m');
    expect((await handOff(stage, 'relief')).json).toMatchObject({ waitsFor: 'relief' });
    expect(await holders(stage)).toEqual(EVERYBODY);
  });

  test('lapses with a word that its pager could not be asked, where an answer on the phone is not heard', async () => {
    const stage = await underWay((yaml) => relieved(yaml).replace(/\n {2}calls: .*/, ''));
    stage.fault({
      target: 'pd',
      method: 'GET',
      fault: '403',
      until: Date.parse(START) + 3_600_000,
    });
    await handOff(stage, 'relief');
    await stage.at('21m');
    await stage.answer('relief');
    await stage.at('26m');
    expect(told(stage).at(-1)).toContain(
      'over: as far as is known, relief did not answer within 5 minutes; nobody could ask pd since 08:20 UTC whether they did. If they said yes: `tocsin assign inc-1 commander relief --confirmed`. boss is commander.',
    );
    expect(await holders(stage)).toEqual(EVERYBODY);
  });

  test('lapses without such a word where a webhook tells of answers, although its pager cannot be asked', async () => {
    const stage = await underWay();
    stage.fault({
      target: 'pd',
      method: 'GET',
      fault: '403',
      until: Date.parse(START) + 3_600_000,
    });
    await handOff(stage, 'relief');
    await stage.at('26m');
    expect(told(stage).at(-1)).toContain('over: relief did not answer within 5 minutes. boss');
  });

  test('lapses without such a word once the pager can be asked again', async () => {
    const stage = await underWay((yaml) => relieved(yaml).replace(/\n {2}calls: .*/, ''));
    stage.fault({ target: 'pd', method: 'GET', fault: '403', until: stage.clock.now() + 120_000 });
    await handOff(stage, 'relief');
    await stage.at('26m');
    expect(told(stage).at(-1)).toContain('over: relief did not answer within 5 minutes. boss');
  });

  test('lapses after five minutes, which is told as well, and an answer that comes later takes nothing', async () => {
    const stage = await underWay();
    await handOff(stage, 'relief');
    await stage.at('24m50s');
    expect(await phones(stage)).toHaveLength(1);
    await stage.at('26m');
    expect(await phones(stage)).toEqual([
      '08:20:00 | rang | relief | offer | pd | high',
      '08:25:00 | resolved | relief | offer | pd',
    ]);
    expect(told(stage).at(-1)).toContain(
      'over: relief did not answer within 5 minutes. boss is commander.',
    );
    expect(
      await stage.api('relief', 'POST /api/v1/incidents/inc-1/offers/accept', {}),
    ).toMatchObject({ status: 409, json: { code: 'not_offered' } });
    expect(await holders(stage)).toEqual(EVERYBODY);
  });

  test('is not taken by whoever closes the page at the pager, nor by whoever else answers it there', async () => {
    for (const [how, why] of [
      [{ verb: 'resolve' }, 'relief resolved its page at pd'],
      [{}, 'driver answered the phone of relief'],
    ] as const) {
      const stage = await underWay();
      await handOff(stage, 'relief');
      await stage.advance('1s');
      if ('verb' in how) await stage.answer('relief', how);
      else await stage.answer('driver', { at: 'PRELIEF' });
      await stage.at('22m');
      expect(await holders(stage)).toEqual(EVERYBODY);
      expect(told(stage).at(-1)).toContain(`over: ${why}`);
    }
  });
});

describe('a role goes over at once', () => {
  test('to somebody who is at it, or has said yes', async () => {
    for (const isAtIt of [false, true]) {
      const stage = await underWay();
      if (isAtIt) await stage.act('relief', 'notes', { text: 'I am up.' });
      const answer = await handOff(stage, 'relief', isAtIt ? {} : { confirmed: true });
      expect(answer).toMatchObject({ status: 200, json: { waitsFor: null } });
      await stage.advance('1s');
      expect(await holders(stage)).toMatchObject({ commander: 'relief' });
      expect((await phones(stage)).filter((one) => one.includes('| rang |'))).toEqual([]);
    }
  });
});

describe('a role is not handed off', () => {
  test.each([
    [
      'by somebody who does not have it',
      'driver',
      'relief',
      'not_holder',
      'tocsin assign inc-1 commander relief',
    ],
    ['to oneself', 'boss', 'boss', 'already_yours', 'tocsin hand-off inc-1 commander PERSON'],
    ['to somebody whom nobody knows', 'boss', 'stranger', 'unknown_person', 'tocsin assign'],
    ['to somebody whom nothing can ring', 'boss', 'deaf', 'no_address', '--confirmed'],
    [
      'to somebody who must not have it',
      'boss',
      'herald',
      'roles_apart',
      'tocsin assign inc-1 speaker PERSON',
    ],
  ])('%s, and the refusal says what to do', async (_words, ...[by, person, code, command]) => {
    const stage = await underWay();
    const body = { role: 'commander', person };
    const refused = await stage.api(by, 'POST /api/v1/incidents/inc-1/hand-offs', body);
    expect(refused.json).toMatchObject({ code, detail: expect.stringContaining(command) });
    expect(await holders(stage)).toEqual(EVERYBODY);
    expect(await phones(stage)).toEqual([]);
  });
});

describe('an offer', () => {
  test('of a role to somebody else takes the place of the one before', async () => {
    const stage = await underWay();
    await handOff(stage, 'relief');
    await stage.at('21m');
    await handOff(stage, 'driver');
    await stage.at('22m');
    await stage.answer('driver');
    await stage.advance('1s');
    expect(await holders(stage)).toMatchObject({ commander: 'driver' });
    expect((await phones(stage)).slice(0, 3)).toEqual([
      '08:20:00 | rang | relief | offer | pd | high',
      '08:21:00 | rang | driver | offer | pd | high',
      '08:21:00 | resolved | relief | offer | pd',
    ]);
  });

  test('ends when its role goes to somebody else, or who is asked takes one that excludes it', async () => {
    for (const [person, role, why] of [
      ['driver', 'commander', 'driver is commander now'],
      ['relief', 'speaker', 'relief is speaker now, and commander must be another person'],
      ['boss', 'commander', 'boss is commander now'],
    ] as const) {
      const stage = await underWay();
      await handOff(stage, 'relief');
      await stage.at('21m');
      await stage.act(person, `roles/${role}/take`, {});
      await stage.advance('1s');
      expect(await holders(stage)).toMatchObject({ [role]: person });
      expect(told(stage).join('\n')).toContain(`over: ${why}`);
      expect((await phones(stage)).filter((one) => one.includes('relief'))).toEqual([
        '08:20:00 | rang | relief | offer | pd | high',
        '08:21:00 | resolved | relief | offer | pd',
      ]);
    }
  });

  test('ends with the incident', async () => {
    const stage = await underWay();
    await handOff(stage, 'relief');
    await stage.at('21m');
    await stage.act('driver', 'resolve', {});
    await stage.at('30m');
    const relief = (await phones(stage)).filter((one) => one.includes('relief'));
    expect(relief).toEqual([
      '08:20:00 | rang | relief | offer | pd | high',
      '08:21:00 | resolved | relief | offer | pd',
    ]);
  });

  test('that is made while paging is paused rings at its end, for five minutes from then', async () => {
    const stage = await underWay();
    await stage.api('boss', 'POST /api/v1/pauses', { what: 'paging', for: '10m', why: 'a drill' });
    await handOff(stage, 'relief');
    await stage.at('29m');
    expect(await phones(stage)).toEqual([]);
    await stage.at('36m');
    expect(await phones(stage)).toEqual([
      '08:30:00 | rang | relief | offer | pd | high',
      '08:35:00 | resolved | relief | offer | pd',
    ]);
  });

  test('shows in what is known of the incident, with when it lapses', async () => {
    const stage = await underWay();
    await handOff(stage, 'relief');
    const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
    expect(json).toMatchObject({
      offers: [{ role: 'commander', person: 'relief', by: 'boss', since: '2026-06-09T08:20:00Z' }],
      owed: expect.arrayContaining([
        {
          what: 'the offer of commander to relief lapses, unless they accept',
          dueAt: '2026-06-09T08:25:00Z',
        },
      ]),
    });
  });
});

describe('an offer that is accepted on the phone where no webhook tells of it', () => {
  const untold = (yaml: string): string =>
    relieved(yaml)
      .replace(/\n {2}calls: .*/, '')
      .replace('id: PRELIEF}}', 'id: PRELIEF}, slack: U0RELIEF}');
  const START_MS = Date.parse(START);
  /** Reads are refused from then to then, in minutes past eight. */
  const unreadable = (stage: Stage, until: number): void =>
    stage.fault({ target: 'pd', method: 'GET', fault: '403', until: START_MS + until * 60_000 });
  /** Offered at twenty past; the phone is answered two seconds before the end. */
  const answeredLast = async (until: number | null, person = 'relief'): Promise<Stage> => {
    const stage = await underWay(untold);
    await handOff(stage, 'relief');
    await stage.at('24m50s');
    if (until !== null) unreadable(stage, until);
    await stage.at('24m58s');
    await stage.answer(person, { at: 'PRELIEF' });
    return stage;
  };

  test('in its last seconds is accepted: its pager is asked before it lapses', async () => {
    const stage = await answeredLast(null);
    await stage.at('25m10s');
    expect(await holders(stage)).toEqual({ ...EVERYBODY, commander: 'relief' });
    expect(told(stage).slice(1)).toEqual([
      expect.stringContaining('relief is commander now; boss was until now.'),
    ]);
  });

  test('is accepted while the lapse waits for a pager that cannot be asked for half a minute', async () => {
    const stage = await answeredLast(25.5);
    await stage.at('27m');
    expect(await holders(stage)).toEqual({ ...EVERYBODY, commander: 'relief' });
  });

  test('goes to whoever accepted in time, also where that is learned ten minutes after it lapsed', async () => {
    const stage = await answeredLast(35);
    await stage.at('30m');
    expect(told(stage).at(-1)).toContain('over: as far as is known, relief did not answer');
    expect(await holders(stage)).toEqual(EVERYBODY);
    await stage.at('37m');
    expect(await holders(stage)).toEqual({ ...EVERYBODY, commander: 'relief' });
    const words = stage.messages().map(({ text }) => text);
    expect(words).toContain(
      'inc-1: relief accepted commander at 08:24 UTC, which pd has told only now: in time.',
    );
    expect((await phones(stage)).at(-1)).toMatch(/resolved/);
  });

  test.each<[string, (stage: Stage) => Promise<unknown>, string]>([
    [
      'somebody else has taken it',
      (stage) => stage.act('driver', 'roles/commander/take', {}),
      'driver is commander now',
    ],
    [
      'it was offered to somebody else',
      (stage) => handOff(stage, 'driver', {}),
      'it was offered to driver since',
    ],
    [
      'its holder has taken it on again',
      (stage) => stage.act('boss', 'roles/commander/take', {}),
      'boss is commander now',
    ],
    [
      'they have a role besides which they may not have it',
      (stage) => stage.act('boss', 'roles', { role: 'speaker', person: 'relief', confirmed: true }),
      'relief is speaker now, and commander must be another person',
    ],
  ])('gives nothing once %s, and whoever accepted is told', async (_what, change, why) => {
    const stage = await answeredLast(35);
    await stage.at('30m');
    await change(stage);
    await stage.at('37m');
    expect(await holders(stage)).not.toMatchObject({ commander: 'relief' });
    const mine = stage.messages().filter(({ channel }) => channel === 'U0RELIEF');
    expect(mine.map(({ text }) => text)).toEqual([
      expect.stringContaining(`which pd has told only now: in vain, for ${why}`),
    ]);
  });

  test('is closed on the phone at last where nobody can read it', async () => {
    const stage = await answeredLast(120);
    await stage.at('39m');
    expect((await phones(stage)).filter((one) => one.includes('resolved'))).toEqual([]);
    await stage.at('42m');
    expect((await phones(stage)).at(-1)).toMatch(/resolved \| relief/);
    expect(await holders(stage)).toEqual(EVERYBODY);
  });

  test('after its end gives nothing, though its pager could not be asked', async () => {
    const stage = await underWay(untold);
    unreadable(stage, 32);
    await handOff(stage, 'relief');
    await stage.at('28m');
    await stage.answer('relief');
    await stage.at('34m');
    expect(await holders(stage)).toEqual(EVERYBODY);
    expect(stage.messages().filter(({ channel }) => channel === 'U0RELIEF')).toEqual([
      expect.objectContaining({ text: expect.stringContaining('the offer had lapsed by then') }),
    ]);
  });
});

/** The boss does not answer, and the driver comes next. */
const nobodyCommands = (yaml: string): string =>
  relieved(yaml)
    .replace(
      'commander: {page: boss, commands: true}',
      'commander: {page: boss, commands: true, fallback: [herald], escalation: calm}',
    )
    .replace('speaker: {page: herald, never_with: [commander]}', 'speaker: {page: herald}')
    .concat('\nescalation_policies:\n  calm: {steps: [{page: own, wait: 3m}, {page: fallback}]}\n');

describe('a role that nobody has', () => {
  const offered = async (): Promise<Stage> => {
    const stage = await trams(nobodyCommands);
    await stage.alert({ alertname: 'LineStopped', startsAt: START });
    await stage.at('1m');
    await stage.answer('driver');
    const body = { role: 'commander', person: 'relief' };
    const answer = await stage.api('driver', 'POST /api/v1/incidents/inc-1/roles', body);
    expect(answer).toMatchObject({ status: 200, json: { waitsFor: 'relief' } });
    return stage;
  };

  test('is looked for while it is offered, and whoever answers first has it', async () => {
    const stage = await offered();
    await stage.at('3m30s');
    expect((await stage.rings()).slice(3)).toEqual([
      '08:01:00 | rang | relief | offer | pd | high',
    ]);
    await stage.answer('boss');
    await stage.at('4m');
    expect(await holders(stage)).toMatchObject({ commander: 'boss' });
    expect(told(stage).at(-1)).toContain('over: boss is commander now');
    expect(stage.pages('resolved').map(({ address }) => address)).toEqual(['PRELIEF']);
  });

  test('goes to whoever accepts, and the phones that look for somebody stop', async () => {
    const stage = await offered();
    await stage.at('2m');
    await stage.answer('relief');
    await stage.at('2m10s');
    expect(await holders(stage)).toMatchObject({ commander: 'relief' });
    expect(stage.pages('acknowledged').map(({ address }) => address)).toContain('PBOSS01');
  });
});

describe('somebody who is rung for another role as well', () => {
  test('has two phones to answer: the one for the role takes no offer, nor the other way round', async () => {
    const stage = await trams(relieved);
    await stage.alert({ alertname: 'LineStopped', startsAt: START });
    await stage.at('1m');
    const body = { role: 'commander', person: 'driver' };
    await stage.api('boss', 'POST /api/v1/incidents/inc-1/roles', body);
    await stage.advance('1s');
    const rings = stage.pages('rang').filter(({ address }) => address === 'PDRIVER');
    expect(rings).toHaveLength(2);
    await stage.answer('driver', { ref: rings[0]?.ref ?? '' });
    await stage.at('2m');
    expect(await holders(stage)).toEqual({ 'on-duty': 'driver' });
    await stage.act('driver', 'offers/accept');
    expect(await holders(stage)).toEqual({ 'on-duty': 'driver', commander: 'driver' });
  });

  test('whose rules exclude what they accept is looked for no more in that one, and the next one is at once', async () => {
    const stage = await trams((yaml) =>
      relieved(yaml).replace(
        'speaker: {page: herald, never_with: [commander]}',
        'speaker: {page: herald, fallback: relief, never_with: [commander]}',
      ),
    );
    await stage.alert({ alertname: 'LineStopped', startsAt: START });
    await stage.at('1m');
    const body = { role: 'commander', person: 'herald' };
    await stage.api('boss', 'POST /api/v1/incidents/inc-1/roles', body);
    await stage.at('2m');
    await stage.act('herald', 'offers/accept');
    await stage.at('3m');
    expect(await holders(stage)).toMatchObject({ commander: 'herald' });
    const lines = await stage.happened({ of: ['page'], since: Date.parse('2026-06-09T08:02:00Z') });
    expect(lines).toContain('08:02:00 | rang | relief | speaker | pd | high');
    expect(lines).toContain('08:02:00 | resolved | herald | speaker | pd');
  });

  test('and takes one that excludes it keeps the phone that rings for something else as well', async () => {
    const stage = await trams((yaml) =>
      relieved(yaml)
        .replace(
          'speaker: {page: herald, never_with: [commander]}',
          'speaker: {page: herald, fallback: relief, never_with: [commander]}\n  scribe: {page: herald}',
        )
        .replace('declared: [commander, speaker]}', 'declared: [commander, speaker, scribe]}'),
    );
    await stage.alert({ alertname: 'LineStopped', startsAt: START });
    await stage.at('2m');
    await stage.act('herald', 'roles/commander/take');
    await stage.at('3m');
    const lines = await stage.happened({ of: ['page'], since: Date.parse('2026-06-09T08:02:00Z') });
    expect(lines).toContain('08:02:00 | rang | relief | speaker | pd | high');
    expect(lines.filter((line) => line.includes('| herald |'))).toEqual([]);
  });
});
