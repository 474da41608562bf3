/**
 * What alerts lack is nothing that they have in common.
 *
 * A rule makes one incident of the alerts of a station. Two things break at once that name no station: they are two
 * incidents, whoever reports them, and whoever answers for one has not answered for the other. What names its station is
 * one incident as before, and what fires again joins the incident that it had.
 */
import { describe, expect, test } from 'vitest';
import { opsgenieBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { bothPagers, opensTheirs } from './theirs.ts';
import { trams, trusting } from './trams.ts';

/** Everything that no other rule takes is grouped by station. */
const byStation = (yaml: string): string =>
  `${bothPagers(trusting(yaml)).trimEnd()}\n  - {name: stations, service: line-1, group_by: [station]}\n`;

const titles = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.incidents()).map(({ title }) => title).toSorted();

describe('two alerts that have nothing to do with each other', () => {
  test('at Opsgenie are two incidents, and the answer to one leaves the other ringing', async () => {
    const stage = await trams(byStation);
    await opensTheirs(stage, 'og', 'A lift is stuck');
    await stage.at('1m');
    await opensTheirs(stage, 'og', 'The radio is silent');
    await stage.at('2m');
    expect(await titles(stage)).toEqual(['A lift is stuck', 'The radio is silent']);

    await stage.act('driver', { verb: 'acknowledge', n: 1 });
    await stage.at('4m');
    const silenced = stage.pages('acknowledged').map(({ title }) => title);
    expect(silenced).toEqual(['A lift is stuck']);
    expect((await stage.incident(2)).pages).toMatchObject({ p1: { adopted: true, state: 'open' } });
  });

  test('from Alertmanager are two incidents', async () => {
    const stage = await trams(byStation);
    await stage.alert([
      { alertname: 'LiftStuck', labels: { instance: 'lift-3' } },
      { alertname: 'RadioSilent', labels: { instance: 'radio-1' } },
    ]);
    await stage.at('1m');
    expect(await titles(stage)).toEqual(['LiftStuck is firing', 'RadioSilent is firing']);
  });
});

describe('alerts of our own doors', () => {
  const DOORS = `  doors:
    type: generic-webhook
    verify: {bearer: {token: "\${TOKEN}"}}
    mapping: {dedup_key: $.id, title: $.title, labels: {station: $.station}, status: {path: $.state, firing: [stuck], resolved: [moves]}}
`;
  const byStationAndPlatform = (yaml: string): string =>
    byStation(yaml)
      .replace('sources:\n', `sources:\n${DOORS}`)
      .replace('group_by: [station]', 'group_by: [station, platform]');

  test.each(['', 'incident:'])(
    'are one incident by one label that they share, also where their ids begin with "%s"',
    async (prefix) => {
      const stage = await trams(byStationAndPlatform);
      for (const door of ['1', '2']) {
        const id = `${prefix}${door}`;
        const body = { id, title: `Door ${door}`, state: 'stuck', station: 'harbour' };
        expect((await stage.deliver('doors', body)).status).toBe(202);
      }
      await stage.at('1m');
      expect((await stage.incidents()).map(({ alerts }) => alerts.firing)).toEqual([2]);
    },
  );
});

describe('what names its station', () => {
  test('is one incident, of Alertmanager', async () => {
    const stage = await trams(byStation);
    await stage.alert([
      { alertname: 'LiftStuck', labels: { station: 'harbour' } },
      { alertname: 'RadioSilent', labels: { station: 'harbour' } },
      { alertname: 'RadioSilent', labels: { station: 'museum' } },
    ]);
    await stage.at('1m');
    const firing = (await stage.incidents()).map(({ alerts }) => alerts.firing);
    expect(firing.toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  test('is one incident, of Opsgenie', async () => {
    const stage = await trams(byStation);
    for (const [ref, title] of [
      ['a-1', 'A lift is stuck'],
      ['a-2', 'The radio is silent'],
    ] as const) {
      const at = stage.clock.now();
      const body = opsgenieBody('Create', { ref, title, at, details: { station: 'harbour' } });
      await stage.deliver('genie', body, { 'x-secret': 'pagerduty-hook-secret' });
      await stage.advance('1m');
    }
    expect((await stage.incidents()).map(({ alerts }) => alerts.firing)).toEqual([2]);
  });
});

test('what fires again joins the incident that it had, and no other one', async () => {
  const stage = await trams(byStation);
  const lift = { alertname: 'LiftStuck', labels: { instance: 'lift-3' } };
  const radio = { alertname: 'RadioSilent', labels: { instance: 'radio-1' } };
  await stage.alert([
    { ...lift, startsAt: '2026-06-09T07:59:00Z' },
    { ...radio, startsAt: '2026-06-09T07:59:00Z' },
  ]);
  await stage.at('2m');
  await stage.alert({ ...lift, status: 'resolved', startsAt: '2026-06-09T07:59:00Z' });
  await stage.at('10m');
  await stage.alert({ ...lift, startsAt: '2026-06-09T08:10:00Z' });
  await stage.at('11m');
  const told = (await stage.incidents()).map(({ title, alerts }) => `${title}: ${alerts.firing}`);
  expect(told.toSorted()).toEqual(['LiftStuck is firing: 1', 'RadioSilent is firing: 1']);
});
