/**
 * The alert that always fires.
 *
 * Prometheus of the tram company has an alert that fires as long as Prometheus lives, and Alertmanager repeats it every
 * five minutes. It means nothing, so it rings nobody. When it stays away, nobody knows any more whether the lines run:
 * whoever is on call is rung, and reads whether deliveries were refused meanwhile.
 */
import { describe, expect, test, vi } from 'vitest';
import { alertmanagerBody } from '../support/bodies.ts';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams, trusting } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const SOURCE = 'prometheus: {type: alertmanager, token: "${TOKEN}"';

/** The driver is on call for what is nobody else's. */
const onCall = (yaml: string): string =>
  trusting(yaml).replace('\nteam: trams\n', '\nteam: trams\non_call: driver\n');

const expecting = (yaml: string, severity = 'bad'): string =>
  onCall(yaml).replace(
    SOURCE,
    `${SOURCE}, expect: {match: 'alertname="Watchdog"', every: 5m, severity: ${severity}}`,
  );

const barks = (stage: Stage, status: 'firing' | 'resolved' = 'firing') =>
  stage.alert({ alertname: 'Watchdog', status, startsAt: '2026-06-01T00:00:00Z' });

/** The Watchdog is heard now, and every five minutes until the moment. */
async function barksUntil(stage: Stage, moments: readonly string[]): Promise<void> {
  await barks(stage);
  for (const moment of moments) {
    await stage.at(moment);
    await barks(stage);
  }
}

const rung = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.rings()).map((line) =>
    line.replace(/^([\d:]+):\d\d \| rang \| (\w+) .* (\w+)$/, '$1 $2 $3'),
  );

const health = async (stage: Stage): Promise<unknown> =>
  (await stage.api('boss', 'GET /api/v1/health')).json;

describe('while it is heard', () => {
  test('nothing is opened, nobody is rung, and Tocsin says when it was heard last', async () => {
    const stage = await trams(expecting);
    await barksUntil(stage, ['5m', '10m', '15m', '20m30s', '26m', '31m30s', '37m']);
    await stage.at('40m');
    expect(await stage.incidents()).toEqual([]);
    expect(await rung(stage)).toEqual([]);
    expect(await health(stage)).toMatchObject({
      expected: [
        {
          source: 'prometheus',
          what: 'alertname="Watchdog"',
          everyMs: 300_000,
          heardAt: Date.parse('2026-06-09T08:37:00Z'),
          isAway: false,
        },
      ],
    });
  });

  test('it joins no incident, whatever else is in the same delivery', async () => {
    const stage = await trams(expecting);
    await stage.alert([{ alertname: 'LineStopped' }, { alertname: 'Watchdog' }]);
    await stage.at('1m');
    expect((await stage.incidents()).map(({ alerts }) => alerts)).toMatchObject([
      { firing: 1, total: 1 },
    ]);
  });

  test('explain says that it is heard, and nothing else', async () => {
    const stage = await trams(expecting);
    const body = alertmanagerBody({ alertname: 'Watchdog' });
    const { json } = await stage.api('boss', 'POST /api/v1/explain/prometheus', body);
    expect(json).toMatchObject({
      observations: [
        {
          verdict: 'suppress',
          because: expect.stringMatching(/^source prometheus expects it \(tocsin.yaml:3\)/),
          notes: ['It is heard, and no incident hears of it.'],
        },
      ],
    });
  });

  test('one repeat may be lost', async () => {
    const stage = await trams(expecting);
    await barksUntil(stage, ['5m', '14m', '19m', '28m']);
    await stage.at('30m');
    expect(await stage.incidents()).toEqual([]);
  });
});

describe('when it stays away', () => {
  test('nothing of it is public, and it is not its route that says so', async () => {
    const stage = await trams(expecting);
    await stage.at('11m');
    const { json } = await stage.api('boss', 'GET /api/v1/incidents/inc-1');
    expect(json).toMatchObject({
      routing: { public: 'never', neverPublic: 'it is about Tocsin itself and what it hears' },
    });
  });

  test('whoever is on call for the default route is rung, at the level that is written beside it', async () => {
    const stage = await trams(expecting);
    await barksUntil(stage, ['5m']);
    await stage.at('14m59s');
    expect(await rung(stage)).toEqual([]);
    await stage.at('15m30s');
    expect(await rung(stage)).toEqual(['08:15 driver high']);
    expect(await stage.incident()).toMatchObject({
      title: 'prometheus is silent: alertname="Watchdog" stays away',
      level: 'bad',
      routing: { team: 'trams', service: null, public: 'never', rule: null },
    });
    const { description } = (await stage.incident()).routing;
    expect(description).toContain('It is expected every 5m and was heard last at 2026-06-09 08:05');
    expect(description).toContain('No delivery was refused meanwhile');
    await stage.at('3h');
    expect(stage.posts(), 'the public hears nothing of it').toEqual([]);
    expect(await stage.incidents()).toHaveLength(1);
  });

  test('the level decides how urgently', async () => {
    const low = (yaml: string) =>
      expecting(yaml, 'mild').replace(
        'criteria: Some passengers wait.\n    urgency: high',
        'criteria: Some passengers wait.\n    urgency: low',
      );
    const stage = await trams(low);
    await barks(stage);
    await stage.at('11m');
    expect(await rung(stage)).toEqual(['08:10 driver low']);
  });

  test('no route and no rule keeps it quiet', async () => {
    const stage = await trams((yaml) =>
      expecting(yaml).replace(
        'routes:\n',
        'routes:\n  - {match: \'alertname=~".+"\', team: trams, suppress: true}\n',
      ),
    );
    await barks(stage);
    await stage.at('11m');
    expect(await rung(stage)).toEqual(['08:10 driver high']);
  });

  test('deliveries that were refused meanwhile are named as the likely cause', async () => {
    const stage = await trams((yaml) => `server: {max_body: 20KB}\n${expecting(yaml)}`);
    await barks(stage);
    const forged = alertmanagerBody({ alertname: 'Watchdog' });
    const before = { authorization: 'Bearer of last year' };
    for (const moment of ['4m', '5m', '9m']) {
      await stage.at(moment);
      expect((await stage.deliver('prometheus', forged, before)).status).toBe(401);
    }
    const large = alertmanagerBody({ alertname: 'Watchdog', description: 'x'.repeat(30_000) });
    expect((await stage.deliver('prometheus', large)).status).toBe(413);
    await stage.at('11m');
    expect((await stage.incident()).routing.description).toContain(
      'The likely cause: deliveries were not taken, 3 answered 401 (the Authorization header holds none of the credentials of this source), 1 answered 413 (larger than server.max_body). Compare the secret',
    );
  });

  test('what was refused before it was heard last is no cause', async () => {
    const stage = await trams(expecting);
    await stage.deliver('prometheus', alertmanagerBody({ alertname: 'Watchdog' }), {
      authorization: 'Bearer of last year',
    });
    await stage.at('1m');
    await barks(stage);
    await stage.at('12m');
    expect((await stage.incident()).routing.description).toContain('No delivery was refused');
  });

  test('a pause of paging holds the ring', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.api('boss', 'POST /api/v1/pauses', {
      what: 'paging',
      for: '30m',
      why: 'maintenance',
    });
    await stage.at('20m');
    expect(await rung(stage)).toEqual([]);
    await stage.at('31m');
    expect((await rung(stage))[0]).toBe('08:30 driver high');
  });

  test('a person who closes it hears of it again only once it was heard', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.at('11m');
    await stage.act('driver', 'false-positive', { reason: 'Prometheus is being moved' });
    await stage.at('2h');
    expect(await stage.incidents()).toHaveLength(1);
    await barks(stage);
    await stage.advance('11m');
    expect(await stage.incidents()).toHaveLength(2);
  });
});

describe('when it is heard again', () => {
  test('the incident hears that its alert has cleared, and the next absence joins it', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.at('12m');
    expect((await stage.incident()).alerts.firing).toBe(1);
    await barks(stage);
    await stage.at('13m');
    expect((await stage.incident()).alerts.firing).toBe(0);
    await stage.at('25m');
    expect((await stage.incident()).alerts.firing).toBe(1);
    expect(await stage.incidents()).toHaveLength(1);
  });
});

describe('when it stays away once more', () => {
  test('it is said anew since when, and what was refused meanwhile', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.at('12m');
    expect((await stage.incident()).routing.description).toContain('No delivery was refused');
    await barks(stage);
    for (const moment of ['13m', '18m', '20m']) {
      await stage.at(moment);
      await stage.deliver('prometheus', alertmanagerBody({ alertname: 'Watchdog' }), {
        authorization: 'Bearer of last year',
      });
    }
    await stage.at('23m');
    const { description } = (await stage.incident()).routing;
    expect(description).toContain('was heard last at 2026-06-09 08:12');
    expect(description).toContain('3 answered 401');
    expect(await stage.events()).toContainEqual(
      expect.objectContaining({ type: 'AlertsDescribed', description }),
    );
    expect(await stage.incidents()).toHaveLength(1);
  });
});

describe('when its sender says that it has ended', () => {
  test('it is away at once: Prometheus has stopped', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.at('2m');
    await barks(stage, 'resolved');
    await stage.at('2m30s');
    expect(await rung(stage)).toEqual(['08:02 driver high']);
    expect((await stage.incident()).routing.description).toContain(
      'Its sender says that it has ended',
    );
  });

  test('another Prometheus that still says it is enough', async () => {
    const stage = await trams(expecting);
    const [north, south] = ['north', 'south'].map((cluster) => ({
      alertname: 'Watchdog',
      labels: { cluster },
    }));
    if (north === undefined || south === undefined) throw new Error('there are two');
    await stage.alert([north, south]);
    await stage.at('2m');
    await stage.alert([{ ...north, status: 'resolved' }, south]);
    await stage.at('4m');
    expect(await stage.incidents()).toEqual([]);
    await stage.alert({ ...south, status: 'resolved' });
    await stage.at('5m');
    expect(await stage.incidents()).toHaveLength(1);
  });

  test('the late end of an earlier episode says nothing', async () => {
    const stage = await trams(expecting);
    await stage.alert({ alertname: 'Watchdog', startsAt: '2026-06-09T07:50:00Z' });
    await stage.at('1m');
    await barks(stage, 'resolved');
    await stage.at('3m');
    expect(await stage.incidents()).toEqual([]);
  });
});

describe('a Tocsin that was away itself', () => {
  test('rings nobody when it starts, and waits for what was left of the time', async () => {
    const stage = await trams(expecting);
    await barksUntil(stage, ['5m']);
    await stage.at('8m');
    await stage.downUntil('2h');
    await stage.at('2h6m30s');
    expect(await stage.incidents()).toEqual([]);
    await stage.at('2h7m30s');
    expect((await rung(stage)).map((ring) => ring.slice(0, 12))).toEqual(['10:07 driver']);
  });

  test('gives it one repeat to come, however long it had waited before', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.at('9m30s');
    await stage.downUntil('1h');
    await stage.at('1h4m30s');
    expect(await stage.incidents()).toEqual([]);
    await stage.at('1h5m30s');
    expect(await stage.incidents()).toHaveLength(1);
  });

  test('and starts over and over is not put off for ever', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    for (let starts = 0; starts < 12; starts += 1) {
      await stage.advance('2m');
      await stage.restart('crash');
    }
    expect(await stage.incidents()).toHaveLength(1);
    expect((await rung(stage))[0]).toMatch(/^08:1[4-7] driver high$/);
  });

  test('tells nobody twice what it had told, and nobody that it is back', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.at('11m');
    await stage.downUntil('1h');
    await stage.at('1h20m');
    expect(await stage.incidents()).toHaveLength(1);
    expect((await stage.incident()).alerts).toMatchObject({ firing: 1, total: 1 });
  });
});

describe('the configuration', () => {
  test('that begins to expect it counts from then', async () => {
    const stage = await trams(onCall);
    await stage.at('1h');
    await stage.reload(expecting(CONFIG));
    await stage.at('1h9m');
    expect(await stage.incidents()).toEqual([]);
    await stage.at('1h11m');
    expect((await stage.incident()).routing.description).toContain(
      'It is expected every 5m since 2026-06-09 09:00 UTC, and was never heard.',
    );
  });

  test('that begins to expect an alert with an open incident lets its end through to that', async () => {
    const stage = await trams(onCall);
    await barks(stage);
    await stage.at('1m');
    expect((await stage.incident()).alerts.firing).toBe(1);
    await stage.reload(expecting(CONFIG));
    await barks(stage);
    await barks(stage, 'resolved');
    await stage.at('2m');
    expect(
      (await stage.incidents()).map(({ title, alerts }) => `${title}: ${alerts.firing}`),
    ).toEqual(
      expect.arrayContaining([
        'Watchdog is firing: 0',
        'prometheus is silent: alertname="Watchdog" stays away: 1',
      ]),
    );
  });

  test('that expects it no more ends what was said of it', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.at('11m');
    await stage.reload(onCall(CONFIG));
    await stage.at('12m');
    expect((await stage.incident()).alerts.firing).toBe(0);
    expect(await health(stage)).toMatchObject({ expected: [] });
  });

  test('that expects something else begins to wait for that', async () => {
    const stage = await trams(expecting);
    await barks(stage);
    await stage.at('11m');
    await stage.reload(expecting(CONFIG).replace('alertname="Watchdog"', 'alertname="Heartbeat"'));
    await stage.at('12m');
    expect((await stage.incident()).alerts.firing).toBe(0);
    await stage.at('22m');
    expect((await stage.incident()).alerts.firing).toBe(1);
  });
});
