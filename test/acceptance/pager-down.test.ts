/**
 * Pager down.
 *
 * The light of the lighthouse goes out at two in the night, and PagerDuty, which should ring the keeper, is down: it
 * refuses, hangs, answers 5xx or 429 in one of the spellings of "come back later", or takes the page and loses it.
 *
 *     02:00:00  the alert arrives; PagerDuty is tried, and tried again under the same key
 *     02:01:00  nothing is confirmed there a minute after the page was due: Opsgenie rings the keeper
 *     02:02:00  the keeper answers at Opsgenie ...                     | ... or nobody does
 *     02:03:00  PagerDuty is well again and never rings: its page      | ... and rings at most once, under the first key;
 *               is not wanted any more                                 | an answer at Opsgenie ends it there too
 *
 * Where Opsgenie is down as well, everybody is told; once one of the two has the page, they hear no more of it.
 *
 * What is stuck holds nobody else: the horn's page to the mate leaves while the keeper's hangs. And the bell, which is the
 * keeper's as well, rings no second time:
 *
 *     02:01:00  Opsgenie rings the keeper for the light; the bell falls silent before or after it
 *     02:01:00  the bell's page is at Opsgenie with that of the light, under its key
 *     02:03:00  the keeper answers there, once, for both
 */
import { describe, expect, test, vi } from 'vitest';
import type { Fault, RetryAfterSpelling } from '../../src/sandbox/faults.ts';
import type { PageEntry } from '../../src/sandbox/truth.ts';
import { openStage, type Stage } from '../support/stage.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const CONFIG = `
sources:
  prometheus: {type: alertmanager, token: "\${TOKEN}"}
  pd-calls: {type: pagerduty, secret: "\${HOOK}", target: pd}
  og-calls: {type: opsgenie, token: "\${OG_HOOK}", target: og}
targets:
  pd: {type: pagerduty, mode: live, token: "\${PD_TOKEN}", from: tocsin@example.com, people_service: {name: People, id: PPEOPLE}}
  og: {type: opsgenie, mode: live, api_key: "\${OG_KEY}"}
  slack: {type: slack, mode: live, bot_token: "\${SLACK_TOKEN}"}
people:
  keeper: {pagerduty: {name: Keeper, id: PKEEPER}, opsgenie: keeper@example.com}
  mate: {pagerduty: {name: Mate, id: PMATE01}, opsgenie: mate@example.com}
  captain: {pagerduty: {name: Captain, id: PCAPT01}, opsgenie: captain@example.com}
routes:
  - {default: true, team: light, severity: dark}
severities:
  worst: {criteria: Everything., urgency: high, page: {triage: [watch]}}
  dark: {criteria: The light is out., urgency: high, declare: {by: [person]}, page: {triage: [watch]}, soak: {for: 30m}}
roles:
  watch: {page: service.on_call}
automation: {ceiling: worst, alarms: {page: captain, chat: {via: slack, channel: "#light"}}}
team: light
chat: {via: slack, channel: "#light"}
services:
  lamp: {on_call: keeper}
  horn: {on_call: mate}
  bell: {on_call: keeper}
  tower:
    on_call:
      - {via: pd, service: {name: Tower, id: PTOWER1}, key: "\${PD_KEY}"}
      - {via: og, team: {name: Tower, id: 8f2c1d3e-0001-4b6a-9a55-0c5d6e7f8a01}}
rules:
  - {name: lamp, match: 'alertname="LampOut"', service: lamp}
  - {name: horn, match: 'alertname="HornSilent"', service: horn}
  - {name: bell, match: 'alertname="BellSilent"', service: bell}
  - {name: tower, match: 'alertname="TowerDark"', service: tower}
`;

function lighthouse(): Promise<Stage> {
  return openStage({
    yaml: CONFIG,
    start: '2026-05-05T02:00:00Z',
    environment: {
      TOKEN: 'alertmanager-token',
      HOOK: 'pagerduty-hook-secret',
      OG_HOOK: 'opsgenie-hook-token',
      PD_TOKEN: 'pagerduty-rest-token',
      PD_KEY: '0123456789abcdef0123456789abcdef',
      OG_KEY: 'opsgenie-api-key',
      SLACK_TOKEN: 'xoxb-slack-token',
    },
  });
}

/** How PagerDuty fails, and which alert meets it: a person is rung by its REST API, the tower by its Events API. */
const FAULTS: readonly (readonly [string, Fault, 'LampOut' | 'TowerDark'])[] = [
  ['refuses the connection', { fault: 'refuse' }, 'LampOut'],
  ['hangs', { fault: 'hang' }, 'LampOut'],
  ['answers 503', { fault: '5xx' }, 'LampOut'],
  ['answers 429 with Retry-After in seconds', late('seconds'), 'LampOut'],
  ['answers 429 with Retry-After as a date', late('http-date'), 'LampOut'],
  ['answers 429 with ratelimit-reset', late('ratelimit-reset'), 'LampOut'],
  ['answers 429 with X-RateLimit-Period-In-Sec', late('x-ratelimit-period-in-sec'), 'LampOut'],
  ['answers 429 and says no time', late('none'), 'TowerDark'],
  ['refuses the event', { fault: 'refuse' }, 'TowerDark'],
  ['accepts the event and loses it', { fault: '202-but-lost' }, 'TowerDark'],
];

function late(spelling: RetryAfterSpelling): Fault {
  return { fault: '429', spelling, retryAfterMs: 90_000 };
}

const OPSGENIE_TEAM = '8f2c1d3e-0001-4b6a-9a55-0c5d6e7f8a01';

/** Two minutes of an alert while PagerDuty fails. */
async function darkNight(fault: Fault, alertname: string): Promise<Stage> {
  const stage = await lighthouse();
  // Only writes are lost: what is not there cannot be read back.
  const scope = fault.fault === '202-but-lost' ? { method: 'POST' } : {};
  stage.fault({ target: 'pd', ...scope, ...fault });
  await stage.alert({ alertname });
  await stage.at('2m');
  return stage;
}

function rang(stage: Stage, target: string): readonly PageEntry[] {
  return stage.pages('rang').filter((page) => page.target === target);
}

async function answerAtOpsgenie(stage: Stage, alertname: string): Promise<void> {
  await stage.answer('keeper', {
    target: 'og',
    ...(alertname === 'TowerDark' ? { at: OPSGENIE_TEAM } : {}),
  });
}

describe.each(FAULTS)('PagerDuty %s', (_, fault, alertname) => {
  test('the keeper answers at Opsgenie; PagerDuty recovers and never rings', async () => {
    const stage = await darkNight(fault, alertname);
    expect(stage.pages().map((page) => [page.time, page.event, page.target])).toEqual([
      ['2026-05-05T02:01:00Z', 'rang', 'og'],
    ]);

    await answerAtOpsgenie(stage, alertname);
    expect((await stage.incident()).pages['p1']).toMatchObject({ state: 'acknowledged' });
    await stage.at('3m');
    stage.healed();
    await stage.at('30m');
    expect([rang(stage, 'og').length, rang(stage, 'pd').length]).toEqual([1, 0]);
  });

  test('nobody answers until PagerDuty has recovered; it rings once, under the first key', async () => {
    const stage = await darkNight(fault, alertname);
    await stage.at('3m');
    stage.healed();
    await stage.at('4m50s');
    const { id, pages } = await stage.incident();
    expect([rang(stage, 'og').length, rang(stage, 'pd').length]).toEqual([1, 1]);
    expect(rang(stage, 'pd')[0]?.key).toBe(pages['p1']?.rings[0]?.key);
    const triggers = (await stage.app().reads.outboxOf(id)).filter(
      (row) => row.effect.name === 'pager.trigger' && row.effect.target === 'pd',
    );
    expect(triggers.reduce((sum, row) => sum + row.attempt, 0)).toBeGreaterThan(1);

    await answerAtOpsgenie(stage, alertname);
    await stage.advance('5s');
    const quiet = stage
      .pages()
      .filter((page) => page.target === 'pd' && page.event !== 'rang' && page.event !== 'repeated');
    expect(quiet).toMatchObject([{ event: 'acknowledged' }]);
  });
});

test('both pagers are down: the alarm about it ends once one of them has the page', async () => {
  const stage = await lighthouse();
  for (const target of ['pd', 'og']) stage.fault({ target, fault: 'refuse' });
  await stage.alert({ alertname: 'LampOut' });
  await stage.at('3m');
  stage.healed();
  await stage.at('45m');
  const said = stage.messages().filter(({ text }) => text.includes('page p1 to keeper'));
  expect(said.map(({ time, text }) => `${time.slice(11, 16)} ${text.slice(0, 70)}`)).toEqual([
    '02:01 inc-1 ALARM: page p1 to keeper is unreachable: no pager has accepted i',
    '02:03 inc-1: page p1 to keeper is reachable again: pd has accepted it, 3 min',
  ]);
  expect((await stage.incident()).alarms).not.toHaveProperty('page:p1');
});

test('a page that hangs holds nobody else', async () => {
  const stage = await lighthouse();
  stage.fault({ target: 'pd', fault: 'hang', method: 'POST', times: 1 });
  await stage.alert({ alertname: 'LampOut' });
  await stage.advance('1s');
  await stage.alert({ alertname: 'HornSilent' });
  await stage.at('30s');
  await stage.timetable(`
    02:00:01 | rang | mate   | watch | pd | high
    02:00:10 | rang | keeper | watch | pd | high
  `);
});

describe.each([
  ['while the first request is under way', '20s'],
  ['when the next pager rings already', '1m30s'],
])('a second incident of the keeper, %s', (_, when) => {
  test.each<[string, Fault]>([
    ['refuses the connection', { fault: 'refuse' }],
    ['hangs', { fault: 'hang' }],
    ['answers 503', { fault: '5xx' }],
  ])(
    'rings by the phone that rings while PagerDuty %s, and is answered there',
    async (_how, fault) => {
      const stage = await lighthouse();
      stage.fault({ target: 'pd', ...fault });
      await stage.alert({ alertname: 'LampOut' });
      await stage.at(when);
      await stage.alert({ alertname: 'BellSilent' });
      await stage.at('3m');
      expect(rang(stage, 'og')).toHaveLength(1);
      await stage.answer('keeper', { target: 'og' });
      for (const n of [1, 2])
        expect((await stage.incident(n)).pages['p1']).toMatchObject({
          state: 'acknowledged',
          acknowledgedBy: 'keeper',
        });
      stage.healed();
      await stage.at('20m');
      expect([rang(stage, 'og').length, rang(stage, 'pd').length]).toEqual([1, 0]);
    },
  );
});
