/**
 * Pauses.
 *
 * A person holds what Tocsin does by itself: paging during a drill of the fire brigade, public posts while the lawyers read
 * every word, automation while people count passengers by hand. A pause has an author and a reason, it reminds people
 * halfway and five minutes before it ends, it survives a restart, and it ends by itself. What it held leaves then, once.
 */
import { expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

interface Asked {
  readonly what: 'public' | 'paging' | 'automation';
  readonly for: string;
  readonly why: string;
}

async function pause(stage: Stage, asked: Asked): Promise<void> {
  const answer = await stage.api('boss', 'POST /api/v1/pauses', asked);
  expect([answer.status, answer.text]).toEqual([201, expect.stringContaining(asked.why)]);
}

/** What people were told of the pause. */
function told(stage: Stage): readonly string[] {
  return stage
    .messages()
    .filter(({ text }) => /^(Paging|Public posting|Automation) /.test(text))
    .map(({ time, text }) => `${time.slice(11, 16)} ${text}`);
}

test('paging: nobody is rung for twenty minutes, over a restart; then everybody once', async () => {
  const stage = await trams();
  await pause(stage, { what: 'paging', for: '20m', why: 'a drill of the fire brigade' });
  await stage.at('18m');
  await stage.alert({ alertname: 'LineLate' });
  await stage.restart();
  await stage.at('19m59s');
  expect(await stage.rings()).toEqual([]);
  await stage.at('22m');
  await stage.timetable(
    `
    08:20:00 | rang | driver | on-duty   | pd | high
    08:20:00 | rang | boss   | commander | pd | high
  `,
    { of: ['page'] },
  );
  expect(told(stage)).toEqual([
    '08:00 Paging is paused for 20 min by boss: a drill of the fire brigade',
    '08:10 Paging is still paused for 10 min by boss: a drill of the fire brigade',
    '08:15 Paging is still paused for 5 min by boss: a drill of the fire brigade',
    '08:20 Paging goes on: the pause of boss is over.',
  ]);
});

test('paging: whoever has somebody rung reads that the phone rings when the pause is over, and so does everybody', async () => {
  const stage = await trams((yaml) => trusting(unhurried(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('20m');
  await pause(stage, { what: 'paging', for: '30m', why: 'the pager moves' });
  const paused = 'paging is paused until 08:50 UTC by boss';
  const remarkOf = async (request: string, body: object): Promise<unknown> =>
    ((await stage.api('boss', `POST /api/v1/${request}`, body)).json as { remark: unknown }).remark;
  const remarks = [
    await remarkOf('incidents/inc-1/hand-offs', { role: 'commander', person: 'herald' }),
    await remarkOf('page-tests', { person: 'driver' }),
  ];
  expect(remarks).toEqual(
    remarks.map(() => `But ${paused}: it rings then, or at \`tocsin resume paging\`.`),
  );
  await stage.at('21m');
  expect(stage.messages().map(({ text }) => text)).toContain(
    'inc-1: boss offers commander to herald, whose phone rings for 5 minutes once paging goes on, which is paused until 08:50 UTC by boss. boss is commander until then.',
  );
  expect((await stage.rings()).filter((ring) => !ring.startsWith('08:00'))).toEqual([]);
  await stage.at('51m');
  const rang = stage.pages('rang').filter(({ time }) => time.includes('T08:50'));
  expect(rang.map(({ title }) => title).toSorted()).toEqual([
    'TEST for driver',
    'boss offers you commander: [bad] LineStopped is firing',
  ]);
  expect(
    await remarkOf('incidents/inc-1/hand-offs', { role: 'commander', person: 'driver' }),
    'phones ring again',
  ).toBeNull();
});

test.each(['a person ends it', 'it ends by itself'])(
  'paging: whoever is wanted by then for a late post as well is rung once, however it ends (%s)',
  async (how) => {
    const stage = await trams();
    const isEnded = how === 'a person ends it';
    await pause(stage, { what: 'paging', for: isEnded ? '60m' : '30m', why: 'the pager moves' });
    await stage.at('1m');
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:01:00Z' });
    await stage.at('30m');
    if (isEnded) await stage.api('boss', 'DELETE /api/v1/pauses/paging');
    await stage.at('34m');
    const rang = (await stage.rings()).map((ring) => ring.split('|').slice(0, 3).join('|').trim());
    expect(rang.toSorted()).toEqual([
      '08:30:00 | rang | boss',
      '08:30:00 | rang | driver',
      '08:30:00 | rang | herald',
    ]);
  },
);

/** When people read of the late post. */
function late(stage: Stage): readonly string[] {
  const said = stage.messages().filter(({ text }) => text.includes('ALARM: the public post'));
  return said.map(({ time }) => time.slice(11, 16));
}

test('paging: nobody is rung for a late post, and chat says on that it is late', async () => {
  const stage = await trams(unhurried);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('1m');
  await pause(stage, { what: 'paging', for: '60m', why: 'the pager moves' });
  await stage.at('60m');
  expect(late(stage)).toEqual(['08:05', '08:15', '08:25', '08:35', '08:45', '08:55']);
  expect((await stage.rings()).filter((ring) => !ring.startsWith('08:00'))).toEqual([]);
  await stage.at('61m30s');
  expect((await stage.rings()).at(-1)).toMatch(/^09:01:00 \| rang \| herald/);
});

test('paging: whoever has answered for a late post hears of it in chat after three intervals, not after the pause', async () => {
  const stage = await trams(unhurried);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  for (const person of ['driver', 'boss', 'herald']) await stage.answer(person);
  await stage.at('6m');
  await stage.answer('herald');
  await pause(stage, { what: 'paging', for: '90m', why: 'the pager moves' });
  await stage.at('50m');
  expect(late(stage)).toEqual(['08:05', '08:36', '08:46']);
  expect((await stage.rings()).filter((ring) => ring > '08:06')).toEqual([]);
});

test('paging: that the page breaks its promise is said in the moment in which it does', async () => {
  const stage = await trams((yaml) =>
    unhurried(yaml).replace('{investigating: speaker,', '{investigating: none,'),
  );
  await pause(stage, { what: 'paging', for: '60m', why: 'the pager moves' });
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('3m');
  await stage.act('driver', 'phase', { phase: 'identified' });
  await stage.at('45m');
  expect(late(stage)).toEqual(['08:08', '08:18', '08:28', '08:30', '08:40']);
  const words = stage
    .messages()
    .filter(({ text }) => text.includes('promised an update for 08:30'));
  expect(words.map(({ time }) => time.slice(11, 16))).toEqual(['08:30', '08:40']);
});

test('public: the post waits, its lateness is told all the same, and it is said once at the end', async () => {
  const stage = await trams();
  await pause(stage, { what: 'public', for: '20m', why: 'the lawyers read every word' });
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('19m59s');
  expect(stage.posts()).toEqual([]);
  const alarms = stage.messages().filter(({ text }) => text.includes('the public post'));
  expect(alarms.map(({ time }) => time.slice(11, 16))).toEqual(['08:05', '08:15']);
  await stage.at('25m');
  expect(stage.posts().map(({ time }) => time.slice(11, 16))).toEqual(['08:20']);
  expect(told(stage)).toHaveLength(4);
});

test('public: the half hour of the lawyers is not cut short by a minute of somebody else', async () => {
  const stage = await trams();
  await pause(stage, { what: 'public', for: '30m', why: 'the lawyers read every word' });
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('5m');
  const minute = { what: 'public', for: '1m', why: 'a new template' };
  const refused = await stage.api('driver', 'POST /api/v1/pauses', minute);
  expect([refused.status, refused.json]).toMatchObject([
    409,
    {
      code: 'paused_longer',
      detail:
        'public is paused until 08:30 UTC by boss: the lawyers read every word. A pause of 1m would end that earlier. `tocsin resume public` ends it now; `tocsin pause public 1m --shorten --why "..."` ends it with yours.',
    },
  ]);
  await stage.at('29m');
  expect(stage.posts()).toEqual([]);
  await stage.at('31m');
  expect(stage.posts().map(({ time }) => time.slice(11, 16))).toEqual(['08:30']);
  expect(told(stage).join('; ')).not.toContain('driver');
});

test('public: whoever means to end a longer pause earlier says so, and so does chat; a longer one needs no word', async () => {
  const stage = await trams();
  await pause(stage, { what: 'public', for: '30m', why: 'the lawyers read every word' });
  await stage.at('5m');
  const remarkOf = async (person: string, body: object): Promise<unknown> =>
    ((await stage.api(person, 'POST /api/v1/pauses', body)).json as { remark: unknown }).remark;
  expect(
    await remarkOf('herald', { what: 'public', for: '60m', why: 'the minister reads too' }),
  ).toBe('It was paused until 08:30 UTC by boss: the lawyers read every word');
  await stage.at('6m');
  expect(
    await remarkOf('driver', { what: 'public', for: '2m', why: 'all was read', shorten: true }),
  ).toBe('It was paused until 09:05 UTC by herald: the minister reads too');
  await stage.at('10m');
  expect(told(stage).filter((line) => !line.includes('still paused'))).toEqual([
    '08:00 Public posting is paused for 30 min by boss: the lawyers read every word',
    '08:05 Public posting is paused for 60 min by herald: the minister reads too. It was paused until 08:30 UTC by boss: the lawyers read every word',
    '08:06 Public posting is paused for 2 min by driver: all was read. It was paused until 09:05 UTC by herald: the minister reads too',
    '08:08 Public posting goes on: the pause of driver is over.',
  ]);
  expect(await remarkOf('boss', { what: 'public', for: '1m', why: 'again' })).toBeNull();
});

test('automation: no trigger raises the level until the pause ends or a person ends it', async () => {
  const stage = await trams();
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('1m');
  await pause(stage, { what: 'automation', for: '20m', why: 'we count by hand' });
  await stage.act('boss', 'impact', { users: 100 });
  await stage.act('boss', 'impact', { users: 300 });
  await stage.at('10m');
  expect((await stage.incident()).level).toBe('mild');

  expect((await stage.api('boss', 'DELETE /api/v1/pauses/automation')).status).toBe(204);
  await stage.act('boss', 'impact', { users: 700 });
  expect((await stage.incident()).level).toBe('bad');
  expect(told(stage)).toEqual([
    '08:01 Automation is paused for 20 min by boss: we count by hand',
    '08:10 Automation goes on: boss ended the pause.',
  ]);
});

test('what a person holds is no fault of ours: a paused page opens no incident about itself', async () => {
  const stage = await trams();
  await pause(stage, { what: 'paging', for: '20m', why: 'a drill of the fire brigade' });
  await stage.advance('1m');
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('19m');
  expect((await stage.incidents()).map(({ title }) => title)).toEqual(['LineLate is firing']);
});
