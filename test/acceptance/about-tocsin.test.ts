/**
 * About Tocsin.
 *
 * Tocsin speaks about itself as about everything else: by alerts. What can wait for the morning rings softly, whatever the
 * level of the default route says. What may hide an outage rings out loud: a delivery of a genuine sender that nobody can
 * read, at two in the night, whoever else would have been rung for what stood in it.
 */
import { describe, expect, test } from 'vitest';
import { instantOf, isoOf } from '../../src/contract/instant.ts';
import { showText } from '../../src/cli/show-text.ts';
import type { IncidentView } from '../../src/read/shapes.ts';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams, trusting } from './trams.ts';

const ringing = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.rings()).map((line) =>
    line.replace(/^([\d:]+) \| rang \| (\w+) .* (\w+)$/, '$1 $2 $3'),
  );

describe('a configuration that cannot be loaded', () => {
  const wrong = CONFIG.replace('severity: mild', 'severity: nothing');

  test('opens nothing where the operator who reloads reads what is wrong', async () => {
    const stage = await trams(trusting);
    await expect(stage.reload(wrong)).rejects.toThrow(/nothing/);
    await stage.at('30m');
    expect(await stage.incidents()).toEqual([]);
    expect(await ringing(stage)).toEqual([]);
  });

  test('is nothing for the public, whatever its route says, and no view advises to post', async () => {
    const stage = await trams(trusting);
    await stage.reload(wrong).catch(() => undefined);
    await stage.app().reload({ isSeen: false });
    await stage.advance('1s');
    const view = (await stage.api('boss', 'GET /api/v1/incidents/inc-1')).json;
    expect(view).toMatchObject({
      routing: { public: 'allowed', neverPublic: 'it is about Tocsin itself and what it hears' },
      noPublicPost: null,
    });
    await stage.act('boss', 'declare', {});
    await stage.at('1h');
    expect(stage.posts()).toEqual([]);
  });

  test('is an incident of low urgency where nobody sees it, and over once it loads', async () => {
    const stage = await trams(trusting);
    await stage.reload(wrong).catch(() => undefined);
    await stage.app().reload({ isSeen: false });
    await stage.advance('1s');
    expect((await stage.incident()).title).toBe('The configuration could not be reloaded');
    expect(await ringing(stage)).toEqual(['08:00:00 boss low']);
    await stage.reload(CONFIG);
    await stage.advance('1s');
    expect((await stage.incident()).alerts.firing).toBe(0);
  });

  /** The company is rung by Opsgenie, and gives its levels priorities there: the worst of them wake people. */
  const byOpsgenie = (yaml: string): string =>
    trusting(yaml)
      .replace(/  calls: .*\n/, '')
      .replace(
        /  pd: .*/,
        '  og: {type: opsgenie, mode: live, api_key: "${PD_TOKEN}", priorities: {worst: P1, bad: P1, mild: P2}}',
      )
      .replaceAll(/pagerduty: {name: (\w+), id: \w+}/g, 'opsgenie: $1@example.com');

  test('rings softly at a pager to which the default level says to ring out loud', async () => {
    const stage = await trams(byOpsgenie);
    await stage.reload(`${byOpsgenie(CONFIG)}nothing: 1`).catch(() => undefined);
    await stage.app().reload({ isSeen: false });
    await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
    await stage.advance('2s');
    const rang = stage.pages('rang').map(({ title, urgency }) => `${urgency}: ${title}`);
    expect([...new Set(rang)]).toEqual([
      'low: [bad] The configuration could not be reloaded',
      'high: [bad] LineStopped is firing',
    ]);
  });

  test.each([
    ['declares it', 'declare', { level: 'bad' }],
    ['says how bad it is', 'severity', { level: 'worst' }],
  ])('rings out loud once a person %s', async (_, verb, body) => {
    const stage = await trams(trusting);
    await stage.reload(wrong).catch(() => undefined);
    await stage.app().reload({ isSeen: false });
    await stage.at('1m');
    await stage.act('driver', verb, body);
    await stage.advance('1s');
    const loud = (await ringing(stage)).filter((line) => line.endsWith('high'));
    expect(loud).toContain('08:01:00 boss high');
  });
});

describe('deliveries of a genuine sender that cannot be read', () => {
  /** Somebody silences what Tocsin says of itself, and gives its level to nobody. */
  const silenced = (yaml: string): string =>
    trusting(yaml).replace(
      'routes:\n',
      'routes:\n  - {match: \'alertname="UnparsedDelivery"\', team: trams, suppress: true}\n',
    );
  const garble = (stage: Stage) => stage.deliver('prometheus', '{"alerts": [{"labels":');

  test.each([
    ['as they are', trusting],
    ['though a route silences them', silenced],
  ])(
    'ring whoever is on call for the default route, out loud, once an hour: %s',
    async (_, edit) => {
      const stage = await trams(edit);
      expect((await garble(stage)).status).toBe(202);
      await stage.at('1m');
      expect(await ringing(stage)).toEqual(['08:00:00 boss high']);
      await stage.act('boss', 'acknowledge', {});
      await garble(stage);
      await stage.at('10m');
      await stage.act('boss', 'false-positive', { reason: 'a broken exporter' });
      await garble(stage);
      await stage.at('20m');
      expect(await ringing(stage), 'the same hour').toHaveLength(1);
      expect(await stage.incidents()).toHaveLength(1);
      const noted = (await stage.events()).filter(({ type }) => type === 'DeliveriesUnparsed');
      expect(noted, 'all of them are written down').toHaveLength(3);
      await stage.at('09:05');
      await garble(stage);
      await stage.advance('1s');
      expect(await ringing(stage)).toEqual(['08:00:00 boss high', '09:05:00 boss high']);
    },
  );

  test('ring once more after sixty minutes, wherever the clock strikes the full hour', async () => {
    const stage = await trams(trusting);
    for (const moment of ['08:59:30', '09:00:30', '09:59:00', '10:00:00', '10:30:00']) {
      await stage.at(moment);
      await garble(stage);
    }
    await stage.advance('1s');
    const first = (await ringing(stage)).filter((line) => /boss high/.test(line));
    const opened = (await stage.incidents()).map(({ openedAt }) => isoOf(openedAt).slice(11, 19));
    expect(opened).toEqual(['08:59:30', '10:00:00']);
    expect(first[0]).toBe('08:59:30 boss high');
    expect(first).not.toContain('09:00:30 boss high');
  });

  test('say nothing in public, and are of no level', async () => {
    const stage = await trams(trusting);
    await garble(stage);
    await stage.at('2h');
    expect(stage.posts()).toEqual([]);
    expect(await stage.incident()).toMatchObject({ level: null, declaredAt: null });
  });

  test('are shown as they came: their beginnings, without our secrets, as long as they are kept', async () => {
    const stage = await trams(
      (yaml) => `${trusting(yaml)}retention: {bodies: 1d, sweep: "*/5 * * * *"}\n`,
    );
    const body = `{"title": "Line 1\u001b[2J", "by": "xoxb-slack-token", "more": "${'x'.repeat(3_000)}"`;
    await stage.deliver('prometheus', body, { 'content-type': 'application/json' });
    await stage.advance('1s');
    await garble(stage);
    await stage.advance('1s');
    const seen = async () =>
      (await stage.api('boss', 'GET /api/v1/incidents/inc-1')).json as unknown as IncidentView;
    const view = await seen();
    const written = '{"title": "Line 1\ufffd[2J", "by": "[secret]", "more": "xxx';
    expect(view.unparsed).toMatchObject({
      total: 2,
      list: [
        { source: 'prometheus', contentType: 'application/json', bytes: body.length, isCut: true },
        { source: 'prometheus', bytes: 22, beginning: '{"alerts": [{"labels":', isCut: false },
      ],
    });
    expect(view.unparsed.list[0]?.beginning?.slice(0, written.length)).toBe(written);
    expect(view.unparsed.list[0]?.beginning?.length).toBeLessThanOrEqual(1_000);
    const text = async () =>
      showText(await seen(), { now: stage.clock.now(), instantOf }, null).replaceAll(/\s+/g, ' ');
    expect(await text()).toContain('{"alerts": [{"labels":');
    expect(await text()).toContain(`application/json, ${body.length} bytes`);
    expect(await text()).not.toContain('xoxb');
    expect(await text()).not.toContain('\u001b');

    await stage.act('boss', 'false-positive', { reason: 'a broken exporter' });
    await stage.at('24h12m');
    expect((await seen()).unparsed.list).toMatchObject([{ beginning: null }, { beginning: null }]);
    expect(await text()).toContain('not kept any more (`retention.bodies`)');
  });

  test('of two sources are two', async () => {
    const stage = await trams(trusting);
    await garble(stage);
    await stage.deliver('calls', '{"event":');
    await stage.advance('1s');
    expect(await stage.incidents()).toHaveLength(2);
  });
});

describe('what Tocsin said of itself before a restart', () => {
  const wrong = CONFIG.replace('severity: mild', 'severity: nothing');
  const firing = async (stage: Stage, n: number): Promise<number> =>
    (await stage.incident(n)).alerts.firing;

  test.each([
    ['is over once it is, as without one', false],
    ['is over once it is', true],
  ])('about answers that stay unknown %s', async (_, restarts) => {
    const stage = await trams(trusting);
    stage.fault({ target: 'pd', fault: '5xx' });
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('8m');
    expect((await stage.incident(2)).title).toBe('Outcomes at a target stay unknown');
    if (restarts) await stage.restart();
    stage.healed();
    await stage.at('12m');
    expect(await firing(stage, 2)).toBe(0);
    await stage.at('45m');
    const latest = (await stage.incident(2)).phase;
    expect(latest, 'nobody has to close it').toMatch(/resolved|closed/);
  });

  test('about what lasts goes on, and is not said twice', async () => {
    const stage = await trams(trusting);
    stage.fault({ target: 'pd', fault: '5xx' });
    await stage.alert({ alertname: 'LineStopped' });
    await stage.at('8m');
    await stage.restart();
    await stage.at('20m');
    expect(await firing(stage, 2)).toBe(1);
    const ends = (await stage.events(2)).filter(({ type }) => type === 'AlertsCleared');
    expect(ends, 'no end and no relapse').toEqual([]);
    expect(await stage.incidents()).toHaveLength(2);
  });

  test('about a configuration that could not be loaded is over, for this one was', async () => {
    const stage = await trams(trusting);
    await stage.reload(wrong).catch(() => undefined);
    await stage.app().reload({ isSeen: false });
    await stage.advance('1s');
    expect(await firing(stage, 1)).toBe(1);
    stage.rewrite(CONFIG);
    await stage.restart();
    await stage.advance('1s');
    expect(await firing(stage, 1)).toBe(0);
  });
});
