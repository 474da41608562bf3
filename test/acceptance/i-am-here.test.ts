/**
 * "I am here", by whoever is at it.
 *
 * Whoever holds a role, was rung or did something may always say that they are here: it counts as a sign of life, silences
 * nobody's phone, and is answered with what is open and how to take it on. What an answer brought is said as well. A
 * bystander is told what they can do instead, and after the end everybody is.
 */
import { describe, expect, test } from 'vitest';
import { sentenceOf } from '../../src/core/model/events.ts';
import { pagerdutyBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting, unhurried } from './trams.ts';

const START = '2026-06-09T08:00:00Z';
const PATH = 'POST /api/v1/incidents/inc-1/acknowledge';

const company = (yaml: string): string =>
  trusting(yaml).replace(
    'people:',
    'people:\n  passerby: {pagerduty: {name: Passerby, id: PPASS01}}',
  );

/** The line stops at eight, and the driver answers the phone; nobody commands yet. */
async function stopped(edit: (yaml: string) => string = company): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  await stage.answer('driver');
  return stage;
}

describe('whoever answered on the phone', () => {
  test('and then types it reads what is open, and silences nobody', async () => {
    const stage = await stopped();
    await stage.at('2m');
    expect(await stage.api('driver', PATH, {})).toMatchObject({
      status: 200,
      json: {
        remark:
          'Nothing rings you now: it is noted that you are here, and no other phone falls silent by it. Looked for: commander (`tocsin take inc-1 commander`), speaker (`tocsin take inc-1 speaker`).',
      },
    });
    await stage.advance('1s');
    expect(stage.pages('acknowledged').map(({ address }) => address)).toEqual(['PDRIVER']);
    expect((await stage.incident()).signsOfLife).toMatchObject({
      driver: Date.parse('2026-06-09T08:02:00Z'),
    });
  });

  test('for an alarm reads on the command line what the alarm is about', async () => {
    const stage = await stopped((yaml) => unhurried(company(yaml)));
    await stage.at('8m');
    await stage.answer('boss');
    await stage.advance('10s');
    const { json } = await stage.api('boss', PATH, {});
    expect(json).toMatchObject({ remark: expect.stringContaining('Still open: ') as string });
  });
});

test('whoever works at it while their own phone rings reads how to stop it', async () => {
  const stage = await trams(company);
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  const remarkOf = async (person: string, path: string, body: object): Promise<unknown> => {
    const { json } = await stage.api(person, `POST /api/v1/incidents/inc-1/${path}`, body);
    return (json as { remark: unknown }).remark;
  };
  expect(await remarkOf('driver', 'notes', { text: 'I look at the fuse' })).toBe(
    'p1 still rings you: `tocsin ack inc-1`.',
  );
  expect(await remarkOf('passerby', 'notes', { text: 'me too' }), 'not theirs').toBeNull();
  expect(await remarkOf('driver', 'acknowledge', {})).not.toContain('still rings');
  expect(await remarkOf('driver', 'notes', { text: 'replaced' })).toBeNull();
});

describe('whoever acknowledges once more at the pager what was answered there', () => {
  /** PagerDuty tells that somebody acknowledged the phone of the driver: `sent` is when, where it does not come at once. */
  async function again(stage: Stage, by: string, sent: number = stage.clock.now()): Promise<void> {
    const ref = (await stage.incident()).pages['p1']?.rings[0]?.ref ?? '';
    const word = { ref, title: 'Line 1', at: sent, service: 'PPEOPLE', by };
    await stage.deliver('calls', pagerdutyBody('acknowledged', word), {
      'x-webhook-id': `${by} ${sent}`,
    });
  }

  const notedOf = async (stage: Stage): Promise<readonly string[]> =>
    (await stage.events())
      .filter(({ type }) => type === 'PageNoted')
      .map(
        (event) => `${new Date(event.at).toISOString().slice(11, 16)} ${sentenceOf(event, String)}`,
      );

  const askedAt = (stage: Stage): readonly string[] =>
    stage
      .messages()
      .filter(({ text }) => text.includes('Is anybody still'))
      .map(({ time }) => time.slice(11, 16));

  /** Nobody but people declares, so that the driver is the one who holds it. */
  const inTriage = (yaml: string): string =>
    company(yaml).replace('severity: bad, trusted: true', 'severity: worst');

  test('is there: it is in the timeline, and they are asked as long after it', async () => {
    const stage = await stopped(inTriage);
    await stage.at('20m');
    await again(stage, 'PDRIVER');
    expect(await notedOf(stage)).toEqual(['08:20 At the pager: page p1 acknowledged by driver.']);
    await stage.at('49m');
    expect(askedAt(stage)).toEqual([]);
    await stage.at('51m');
    expect(askedAt(stage)).toEqual(['08:50']);
  });

  test('is not rung where they were asked before', async () => {
    const stage = await stopped(inTriage);
    await stage.at('33m');
    expect(askedAt(stage)).toEqual(['08:31']);
    await again(stage, 'PDRIVER');
    await stage.at('40m');
    expect((await stage.rings()).length).toBe(1);
  });

  test('is there also where another one had answered', async () => {
    const stage = await stopped(inTriage);
    await stage.at('20m');
    await again(stage, 'PPASS01');
    expect((await stage.incident()).signsOfLife).toHaveProperty('passerby');
  });

  test('counts once, and not where it is told late, or follows from the answer', async () => {
    const stage = await stopped(inTriage);
    await stage.at('1m50s');
    await again(stage, 'PDRIVER');
    await stage.at('20m');
    await again(stage, 'PDRIVER', Date.parse(START) + 30_000);
    expect(await notedOf(stage)).toEqual([]);
    await again(stage, 'PDRIVER');
    await stage.at('20m30s');
    await again(stage, 'PDRIVER');
    expect(await notedOf(stage)).toHaveLength(1);
  });

  test('says nothing of now where it was given before the answer, which was given here', async () => {
    const stage = await trams(inTriage);
    await stage.alert({ alertname: 'LineStopped', startsAt: START });
    await stage.at('1m');
    await stage.act('driver', 'acknowledge', {});
    await stage.at('20m');
    await again(stage, 'PPASS01', Date.parse(START) + 30_000);
    expect(await notedOf(stage)).toEqual([]);
  });

  test('is nobody where Tocsin acts there by their user, and another one’s phone was answered', async () => {
    const stage = await stopped((yaml) =>
      inTriage(yaml).replace('passerby: {', 'passerby: {email: tocsin@example.com, '),
    );
    await stage.at('20m');
    await again(stage, 'PPASS01');
    expect((await stage.incident()).signsOfLife).not.toHaveProperty('passerby');
  });

  test('is nobody where nobody here knows them: it may be what Tocsin does there', async () => {
    const stage = await stopped(inTriage);
    await stage.at('20m');
    await again(stage, 'PSTRANGE');
    expect(Object.keys((await stage.incident()).signsOfLife)).toEqual(['driver']);
  });
});

test('an answer is said once more by the name of its page, by whoever gave it', async () => {
  const stage = await stopped();
  expect(await stage.api('driver', PATH, { page: 'p1' })).toMatchObject({ status: 200 });
  expect(await stage.api('passerby', PATH, { page: 'p1' })).toMatchObject({ status: 409 });
});

test('a commander says before being asked that they are there, and is not asked then', async () => {
  const stage = await stopped();
  await stage.answer('boss');
  await stage.answer('herald');
  await stage.at('25m');
  expect(await stage.api('boss', PATH, {})).toMatchObject({ status: 200 });
  await stage.at('50m');
  expect(stage.messages().filter(({ text }) => text.includes('Is anybody still'))).toEqual([]);
});

test('whoever holds no role and was rung by nobody, but did something, is at it as well', async () => {
  const stage = await stopped();
  await stage.act('passerby', 'notes', { text: 'I see smoke.' });
  await stage.at('20m');
  expect(await stage.api('passerby', PATH, {})).toMatchObject({ status: 200 });
});

test('a bystander is told what they can do instead', async () => {
  const stage = await stopped();
  expect(await stage.api('passerby', PATH, {})).toMatchObject({
    status: 409,
    json: { code: 'not_rung', detail: expect.stringContaining('`tocsin join inc-1`') as string },
  });
  expect((await stage.incident()).signsOfLife).not.toHaveProperty('passerby');
});

test('what an answer brought is said: the roles, and that it declared', async () => {
  const slowly = (yaml: string): string =>
    company(yaml)
      .replace('severity: bad, trusted: true', 'severity: bad')
      .replace(
        'declare: {by: [person, acknowledgement, trusted_rule]}',
        'declare: {by: [acknowledgement]}',
      );
  const stage = await trams(slowly);
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  expect(await stage.api('driver', PATH, {})).toMatchObject({
    json: {
      remark: expect.stringMatching(
        /^You are on-duty now\. It is declared by your answer\. Looked for: commander/,
      ) as string,
    },
  });
  expect(await stage.api('boss', PATH, {})).toMatchObject({
    json: { remark: 'You are commander now. Looked for: speaker (`tocsin take inc-1 speaker`).' },
  });
});

test('an answer that comes when all has cleared says why it declared nothing, and how to', async () => {
  const stage = await trams((yaml) =>
    company(yaml)
      .replace('severity: bad, trusted: true', 'severity: bad')
      .replace('[person, acknowledgement, trusted_rule]', '[person, acknowledgement]'),
  );
  await stage.alert({ alertname: 'LineStopped', startsAt: START });
  await stage.at('1m');
  await stage.alert({ alertname: 'LineStopped', startsAt: START, status: 'resolved' });
  expect(await stage.api('driver', PATH, {})).toMatchObject({
    json: {
      remark: expect.stringContaining(
        'It is not declared by that: every alert has cleared. To declare it all the same: `tocsin declare --incident inc-1`.',
      ) as string,
    },
  });
  expect((await stage.incident()).declaredAt).toBeNull();
});

test('after the end everybody reads how to open it again', async () => {
  const stage = await stopped();
  await stage.act('driver', 'resolve');
  for (const person of ['driver', 'passerby'])
    expect(await stage.api(person, PATH, {})).toMatchObject({
      status: 409,
      json: {
        detail:
          'No page of inc-1 rings you. Nobody is being rung now. inc-1 is resolved; to open it again: `tocsin reopen inc-1 --reason "..."`; to add to its timeline: `tocsin note inc-1 "..."`.',
      },
    });
});
