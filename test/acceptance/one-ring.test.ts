/**
 * One person, one ring, and never a swallowed one.
 *
 * Twenty tram lines stop in the same second, since the depot has no current. Each line is an incident of its own; the
 * driver's phone, the boss's and the desk of the commander, which is a service at the pager that names nobody, ring once
 * each. What is worse than what rings already rings for itself, and so does everything beside a test of a phone or a word
 * of Tocsin about itself.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { bothPagers } from './theirs.ts';
import { trams, trusting } from './trams.ts';

// Simulated minutes pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const LINES = 20;
const DESK = 'PDESK01';

/** Every line is a service of its own, and the commander is whoever sits at the desk. */
const network = (yaml: string): string => {
  const lines = Array.from({ length: LINES }, (_, i) => `  line-${i + 1}: {on_call: driver}`);
  return trusting(yaml)
    .replace(/ {2}line-1: .*\n/, `${lines.join('\n')}\n`)
    .replace(
      'commander: {page: boss, commands: true}',
      `commander: {page: {via: pd, service: {name: Desk, id: ${DESK}}, key: "0123456789abcdef0123456789abcdef"}, commands: true, escalation: vendor}`,
    )
    .replaceAll('service: line-1, severity', 'group_by: [service], severity');
};

const stormy = (yaml: string): string =>
  network(yaml).replace('automation: {', 'automation: {storm: {incidents: 5, within: 10m}, ');

const stops = (line: number, alertname = 'LineStopped') => ({
  alertname,
  labels: { service: `line-${line}` },
});
const ALL = Array.from({ length: LINES }, (_, i) => stops(i + 1));

/** How often each phone began to ring. */
function ringsBy(stage: Stage): Readonly<Record<string, number>> {
  const all = Map.groupBy(stage.pages('rang'), ({ address }) => address);
  return Object.fromEntries([...all].map(([address, rings]) => [address, rings.length]));
}

describe.each([
  ['without a storm', network],
  ['gathered as a storm', stormy],
])('twenty lines that stop together, %s,', (_how, config) => {
  test('ring each phone once, the desk of the commander too', async () => {
    const stage = await trams(config);
    await stage.alert(ALL);
    await stage.at('2m');
    expect(ringsBy(stage)).toEqual({ PDRIVER: 1, [DESK]: 1, PHERALD: 1 });
  });
});

test('lines that stop one after the other ring once, too', async () => {
  const stage = await trams(network);
  for (const line of [1, 2, 3]) {
    await stage.alert(stops(line));
    await stage.advance('20s');
  }
  expect(ringsBy(stage)).toEqual({ PDRIVER: 1, [DESK]: 1, PHERALD: 1 });
  expect((await stage.incident(3)).pages['p1']?.rings).toMatchObject([{ status: 'joined' }]);
});

describe('a line that stops while another one is merely late', () => {
  test('rings for itself: it is worse', async () => {
    const stage = await trams(network);
    await stage.alert(stops(1, 'LineLate'));
    await stage.at('1m');
    await stage.alert(stops(2));
    await stage.at('2m');
    expect(ringsBy(stage)).toMatchObject({ PDRIVER: 2, [DESK]: 2 });
  });

  test('is one ring the other way round', async () => {
    const stage = await trams(network);
    await stage.alert(stops(1));
    await stage.at('1m');
    await stage.alert(stops(2, 'LineLate'));
    await stage.at('2m');
    expect(ringsBy(stage)).toMatchObject({ PDRIVER: 1, [DESK]: 1 });
  });
});

test('whoever answers one of two lines here reads that their phone rings on for the other, and how to stop it', async () => {
  const stage = await trams(network);
  await stage.alert(stops(1));
  await stage.at('1m');
  await stage.alert(stops(2));
  await stage.at('2m');
  const remarkOf = async (incident: number, verb: string): Promise<unknown> => {
    const body = verb === 'notes' ? { text: 'I look' } : {};
    const { json } = await stage.api(
      'driver',
      `POST /api/v1/incidents/inc-${incident}/${verb}`,
      body,
    );
    return (json as { remark: unknown }).remark;
  };
  const ringsOn = 'Your phone rings on for inc-2: `tocsin ack inc-2`.';
  expect(await remarkOf(1, 'acknowledge')).toContain(ringsOn);
  expect(await remarkOf(1, 'notes')).toBe(ringsOn);
  expect(await remarkOf(2, 'acknowledge')).not.toContain('rings on');
  expect(await remarkOf(1, 'notes')).toBeNull();
});

describe.each([
  ['PagerDuty', network],
  [
    'Opsgenie',
    (yaml: string) =>
      bothPagers(network(yaml)).replace(
        'pagerduty: {name: Driver, id: PDRIVER}, opsgenie',
        'opsgenie',
      ),
  ],
])('at %s, whoever looks at what rings,', (_vendor, config) => {
  test('reads beside it that it rings for another line as well, and answers for both', async () => {
    const stage = await trams(config);
    await stage.alert(stops(1));
    await stage.at('1m');
    await stage.alert(stops(2));
    await stage.at('2m');
    const noted = stage.pages('noted').filter(({ address }) => /driver/i.test(address));
    expect(noted.map(({ time, note }) => `${time.slice(11, 16)} ${note}`)).toEqual([
      '08:01 This phone rings for another incident as well: inc-2 [bad] LineStopped is firing. You are needed as on-duty. An answer here is for both.',
    ]);
    await stage.answer('driver');
    await stage.at('3m');
    for (const n of [1, 2])
      expect((await stage.incident(n)).roles['on-duty']?.person).toBe('driver');
    expect((await stage.incident(2)).signsOfLife).not.toHaveProperty('Tocsin');
  });

  test('is rung once more where nothing can be written there', async () => {
    const stage = await trams(config);
    await stage.alert(stops(1));
    await stage.at('1m');
    const [target, path] =
      _vendor === 'PagerDuty' ? ['pd', '/api/incidents/'] : ['og', '/v2/alerts/'];
    stage.fault({ target, path, fault: '403', method: 'POST' });
    await stage.alert(stops(2));
    await stage.at('2m');
    const drivers = stage.pages('rang').filter(({ address }) => /driver/i.test(address));
    expect(drivers.map(({ time }) => time.slice(11, 16))).toEqual(['08:00', '08:01']);
    expect(await stage.events(2)).toContainEqual(
      expect.objectContaining({ type: 'PageNoted', action: 'note that it joined refused' }),
    );
  });
});

test('a page joins no test of a phone', async () => {
  const stage = await trams(network);
  await stage.api('boss', 'POST /api/v1/page-tests', { person: 'driver' });
  await stage.at('1m');
  await stage.alert(stops(1));
  await stage.at('2m');
  expect(ringsBy(stage)).toMatchObject({ PDRIVER: 2 });
});

test('tests of phones are no storm', async () => {
  const stage = await trams(stormy);
  for (let n = 0; n < 6; n += 1)
    await stage.api('boss', 'POST /api/v1/page-tests', { person: 'herald' });
  await stage.alert(stops(1));
  await stage.at('1m');
  const incidents = await stage.incidents();
  expect(incidents.filter(({ kind }) => kind === 'test')).toHaveLength(6);
  expect(incidents.at(-1)).toMatchObject({ kind: 'incident', storm: null, parent: null });
});

test('a page joins nothing that is about Tocsin itself', async () => {
  const stage = await trams((yaml) =>
    network(yaml).replace('team: trams\nchat', 'team: trams\non_call: driver\nchat'),
  );
  expect((await stage.deliver('prometheus', '{"alerts": 7}')).status).toBe(202);
  await stage.at('1m');
  expect(ringsBy(stage), 'what could not be read may hide an outage').toEqual({ PDRIVER: 1 });
  await stage.alert(stops(1));
  await stage.at('2m');
  expect(ringsBy(stage)).toMatchObject({ PDRIVER: 2 });
});
