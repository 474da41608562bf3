/**
 * Machines.
 *
 * The tram company lets a deployment script speak with Tocsin, by a token of its own. It may say that something is wrong,
 * and how bad, as far as the rules may; what wakes the whole company, and what only people declare, it leaves to people.
 */
import { describe, expect, test } from 'vitest';
import { isoOf } from '../../src/contract/instant.ts';
import { sentenceOf } from '../../src/core/model/events.ts';
import { speak } from '../support/http.ts';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

/** Only people declare what is mild. */
const byPeople = (yaml: string): string =>
  trusting(yaml).replace(
    /(criteria: Some passengers wait\.\n {4}urgency: high\n {4}declare: )\{.*\}/,
    '$1{by: person}',
  );

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A script with a token of its own; it asks, and a second passes. */
async function script(stage: Stage): Promise<(path: string, body: object) => Promise<Answer>> {
  const { json } = await stage.api('admin', 'POST /api/v1/tokens', {
    owner: { kind: 'machine', id: 'deploys' },
    scopes: ['read', 'act'],
  });
  const { token } = json as { readonly token: string };
  return async (path, body) => {
    const url = `${stage.app().url}/api/v1/incidents${path}`;
    const { status, text } = await speak(url, { token, body });
    await stage.advance('1s');
    return { status, text };
  };
}

const rung = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.rings()).map((line) => line.replace(/^.*\| rang \| (\w+) .*$/, '$1'));

describe('a machine that declares', () => {
  test('what is worse than automation may go rings nobody, and reads what to do', async () => {
    const stage = await trams(trusting);
    const asks = await script(stage);
    const refused = await asks('', { title: 'Everything burns', level: 'worst' });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain(
      'worst is above automation.ceiling (bad) and for a person to decide; up to bad a machine may go: `tocsin declare --level bad',
    );
    expect(await stage.incidents()).toEqual([]);
    expect(await rung(stage)).toEqual([]);
    expect((await asks('', { title: 'Much burns', level: 'bad' })).status).toBe(201);
    expect(await stage.incident()).toMatchObject({ level: 'bad', phase: 'investigating' });
  });

  test('what only people declare is told to send an alert, or to have a person declare it', async () => {
    const stage = await trams(byPeople);
    const asks = await script(stage);
    const refused = await asks('', { title: 'It is late', level: 'mild' });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('Only a person declares mild (its declare.by)');
    await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    expect(await stage.incident()).toMatchObject({ level: 'mild', phase: 'triage' });
    expect((await asks('/inc-1/declare', {})).status).toBe(403);
    expect(await stage.incident()).toMatchObject({ phase: 'triage' });
    expect((await asks('/inc-1/declare', { level: 'bad' })).status).toBe(200);
    expect(await stage.incident()).toMatchObject({ level: 'bad', phase: 'investigating' });
  });

  test('nothing in particular is taken at its word', async () => {
    const stage = await trams(byPeople);
    const asks = await script(stage);
    expect((await asks('', { title: 'Something burns' })).status).toBe(201);
    expect((await asks('/inc-1/severity', { level: 'mild' })).status).toBe(403);
    expect((await asks('/inc-1/severity', { level: 'bad' })).status).toBe(200);
  });
});

describe('a machine that raises', () => {
  test('goes as far as a trigger, and a person further', async () => {
    const stage = await trams(byPeople);
    const asks = await script(stage);
    await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    expect((await asks('/inc-1/severity', { level: 'bad' })).status).toBe(200);
    const refused = await asks('/inc-1/severity', { level: 'worst' });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('`tocsin severity inc-1 bad`');
    expect((await stage.incident()).level).toBe('bad');
    await stage.act('driver', 'severity', { level: 'worst' });
    expect((await stage.incident()).level).toBe('worst');
  });

  test('may raise in triage to what only people declare', async () => {
    const worst = (yaml: string): string =>
      trusting(yaml)
        .replace('ceiling: bad', 'ceiling: worst')
        .replace('Everything., urgency: high', 'Everything., urgency: high, declare: {by: person}')
        .replace('severity: mild, trusted: true', 'severity: mild');
    const stage = await trams(worst);
    const asks = await script(stage);
    await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    expect((await asks('/inc-1/severity', { level: 'worst' })).status).toBe(200);
    expect(await stage.incident()).toMatchObject({ level: 'worst', phase: 'triage' });
  });
});

describe('a machine that lowers', () => {
  test('is told to write a note: no phone is closed, and triggers hold as they did', async () => {
    const stage = await trams(trusting);
    const asks = await script(stage);
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.at('1m');
    const before = await rung(stage);
    const refused = await asks('/inc-1/severity', { level: 'mild', reason: 'looks fine' });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('`tocsin note inc-1');
    const { level, escalations } = await stage.incident();
    expect(level).toBe('bad');
    expect(escalations['role:speaker']).toMatchObject({ state: 'open' });
    expect(await rung(stage)).toEqual(before);
    await stage.act('driver', 'severity', { level: 'mild', reason: 'looks fine' });
    expect((await stage.incident()).level).toBe('mild');
  });
});

describe('a machine, while automation is paused,', () => {
  const HOLDS = 'automation is paused by boss: passengers are counted by hand';
  const paused = async (edit = trusting): Promise<Stage> => {
    const stage = await trams(edit);
    const why = 'passengers are counted by hand';
    await stage.api('boss', 'POST /api/v1/pauses', { what: 'automation', for: '20m', why });
    return stage;
  };

  test('raises and declares no more than a trusted rule does, and reads who paused it and why', async () => {
    const stage = await paused();
    const asks = await script(stage);
    await stage.alert({ alertname: 'LineLate', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    expect(await stage.incident()).toMatchObject({ level: 'mild', phase: 'triage' });
    for (const [path, body] of [
      ['/inc-1/severity', { level: 'bad' }],
      ['/inc-1/declare', {}],
      ['/inc-1/declare', { level: 'bad' }],
    ] as const) {
      const refused = await asks(path, body);
      expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(HOLDS)]);
      expect(refused.text).toContain('automation_paused');
    }
    expect(await stage.incident()).toMatchObject({ level: 'mild', phase: 'triage' });
    await stage.at('21m');
    expect((await asks('/inc-1/severity', { level: 'bad' })).status).toBe(200);
  });

  test('is heard and rings the on-call; how bad it is stays open, and a person reads what it asked for', async () => {
    const stage = await paused();
    const asks = await script(stage);
    const said = await asks('', { title: 'Much burns', level: 'bad', service: 'line-1' });
    expect([said.status, JSON.parse(said.text).level]).toEqual([201, null]);
    expect(JSON.parse(said.text).remark).toContain('rung without bad: automation is paused');
    expect(await rung(stage)).toEqual(['driver']);
    expect((await stage.incident()).routing.description).toBe(
      `It was declared as bad by a machine; ${HOLDS}. If it is that bad: \`tocsin severity inc-1 bad\`.`,
    );
    expect((await asks('', { title: 'Something burns' })).status).toBe(201);
    const declared = (await stage.events()).filter(({ type }) => type === 'IncidentDeclared');
    expect(declared.map((one) => sentenceOf(one, isoOf))).toEqual([
      expect.stringMatching(/^Declared[.:]/),
    ]);
    await stage.act('driver', 'severity', { level: 'bad' });
    expect((await stage.incident()).level).toBe('bad');
  });

  test('binds no person', async () => {
    const stage = await paused();
    const body = { title: 'Much burns', level: 'bad' };
    const said = await stage.api('driver', 'POST /api/v1/incidents', body);
    expect(said).toMatchObject({ status: 201, json: { level: 'bad', remark: null } });
  });
});

describe('a machine that gives a role', () => {
  const COMMANDER = { role: 'commander', person: 'driver' };

  test('to somebody who, it says, has said yes ends no search', async () => {
    const stage = await trams(trusting);
    const asks = await script(stage);
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('1s');
    for (const minute of ['1m', '2m']) {
      await stage.at(minute);
      const refused = await asks('/inc-1/roles', { ...COMMANDER, confirmed: true });
      expect(refused.status).toBe(403);
      expect(refused.text).toContain('`tocsin assign inc-1 commander driver`');
    }
    expect((await stage.incident()).roles).toEqual({});
    expect((await stage.incident()).escalations['role:commander']).toMatchObject({ state: 'open' });
  });

  test('asks, by a ring, also whoever did something a moment ago', async () => {
    const stage = await trams(trusting);
    const asks = await script(stage);
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.at('1m');
    await stage.act('driver', 'acknowledge', {});
    await stage.advance('1s');
    const before = (await rung(stage)).length;
    expect((await asks('/inc-1/roles', COMMANDER)).status).toBe(200);
    expect((await stage.incident()).roles).not.toHaveProperty('commander');
    expect((await rung(stage)).slice(before)).toEqual(['driver']);
    await stage.act('driver', 'offers/accept', {});
    expect((await stage.incident()).roles).toMatchObject({ commander: { person: 'driver' } });
  });
});
