/**
 * Storm.
 *
 * The network of the harbour company breaks at eight in the evening. Within three minutes 40 services of five teams send
 * an alert each. Five incidents open and ring the five people on call, one for each team; the sixth would be a flood, so
 * it becomes the parent of all: from now on everything joins it, nobody who rings already is rung again, and whatever the
 * public would be told waits for one person, in one draft. In the middle of it the vault is broken into, which has nothing
 * to do with the network and is of the worst level: that incident stands for itself and rings within seconds.
 *
 * The other flood comes from one sensor field: 10,000 alerts of one group within a minute are one incident and one ring.
 */
import { describe, expect, test, vi } from 'vitest';
import { alertmanagerBody } from '../support/bodies.ts';
import { openStage, type Stage } from '../support/stage.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

const TEAMS = ['docks', 'cranes', 'rail', 'customs', 'gates'] as const;
const SERVICES_A_TEAM = 8;

/** The person on call of a team is named after it. */
function person(name: string): string {
  return `  ${name}: {pagerduty: {name: ${name}, id: P${name.toUpperCase()}}}`;
}

const MAIN = `
include: [teams/*.yaml]
sources:
  prometheus: {type: alertmanager, token: "\${TOKEN}", severity_map: {critical: bad}}
  calls: {type: pagerduty, secret: "\${HOOK}", target: pd}
targets:
  pd: {type: pagerduty, mode: live, token: "\${PD_TOKEN}", from: tocsin@example.com, people_service: {name: People, id: PPEOPLE}}
  page: {type: statuspage, mode: live, page_id: examplepage01, api_key: "\${PAGE_KEY}"}
  slack: {type: slack, mode: live, bot_token: "\${SLACK_TOKEN}"}
people:
${[...TEAMS, 'chief', 'spokeswoman', 'guard'].map(person).join('\n')}
routes:
  - {match: 'team=~".+"', team_from: label.team}
  - {default: true, team: docks, severity: bad}
severities:
  worst:
    criteria: The company is at stake.
    urgency: high
    page: {triage: [watch]}
  bad:
    criteria: Customers notice.
    urgency: high
    declare: {by: [person, acknowledgement]}
    page: {triage: [watch], declared: [commander, speaker]}
    updates: {public: {first_within: 5m, every: 30m, approval: none}}
    soak: {for: 30m}
roles:
  watch: {page: service.on_call}
  commander: {page: chief, commands: true}
  speaker: {page: spokeswoman}
flags:
  security: {public: never}
automation:
  ceiling: worst
  storm: {incidents: 5, within: 10m}
  alarms: {page: chief, chat: {via: slack, channel: "#harbour"}}
`;

function teamFile(team: string): string {
  const services = Array.from(
    { length: SERVICES_A_TEAM },
    (_, i) =>
      `  ${team}-${i}: {on_call: ${team}, components: {page: [{name: ${team} ${i}, id: cmp${team}${i}}]}}`,
  );
  return `
team: ${team}
on_call: ${team}
chat: {via: slack, channel: "#${team}"}
services:
${services.join('\n')}
${team === 'gates' ? '  vault: {on_call: guard}' : ''}
rules:
  - {name: ${team} break in, match: 'alertname="BreakIn"', service: vault, severity: worst}
  - {name: ${team} unreachable, match: 'alertname="Unreachable"', severity: bad, group_by: [service]}
  - {name: ${team} sensor silent, match: 'alertname="SensorSilent"', service: ${team}-0, severity: bad, group_by: [alertname]}
`.replaceAll(/^.*break in.*\n/gm, (line) => (team === 'gates' ? line : ''));
}

function storming(): Promise<Stage> {
  const teams = TEAMS.map((team) => [`teams/${team}.yaml`, teamFile(team)] as const);
  return openStage({
    files: { 'tocsin.yaml': MAIN, ...Object.fromEntries(teams) },
    start: '2026-04-14T20:00:00Z',
    environment: {
      TOKEN: 't',
      HOOK: 'hook-secret',
      PD_TOKEN: 'pd-rest-token',
      PAGE_KEY: 'page-key',
      SLACK_TOKEN: 'xoxb-slack',
    },
  });
}

/** The services one after the other, the teams by turns. */
const SERVICES = Array.from({ length: SERVICES_A_TEAM }, (_, i) =>
  TEAMS.map((team) => ({ team, service: `${team}-${i}` })),
).flat();
/** 40 alerts in three minutes. */
const PAUSE_MS = 4_500;

describe('40 services of five teams in three minutes', () => {
  test('are one parent, one ring per person and one draft that is held', async () => {
    const stage = await storming();
    for (const [i, labels] of SERVICES.entries()) {
      await stage.alert({ alertname: 'Unreachable', labels });
      if (i === 20) await stage.alert({ alertname: 'BreakIn', labels: { team: 'gates' } });
      await stage.advance(PAUSE_MS);
    }
    const [first, , , , , parent, vault] = await stage.incidents();
    expect(await stage.incidents()).toHaveLength(7);
    expect(parent?.storm).toMatchObject({
      children: ['inc-5', 'inc-4', 'inc-3', 'inc-2', 'inc-1'],
    });
    expect([first?.parent, parent?.parent, vault?.parent]).toEqual(['inc-6', null, null]);
    await stage.at('4m');
    await stage.answer('cranes');
    await stage.at('4m30s');
    await stage.timetable(`
      20:00:00 | rang         | docks       | watch     | pd | high
      20:00:04 | rang         | cranes      | watch     | pd | high
      20:00:09 | rang         | rail        | watch     | pd | high
      20:00:13 | rang         | customs     | watch     | pd | high
      20:00:18 | rang         | gates       | watch     | pd | high
      20:00:22 | noted        | docks       | watch     | pd
      20:00:22 | noted        | cranes      | watch     | pd
      20:00:22 | noted        | rail        | watch     | pd
      20:00:22 | noted        | customs     | watch     | pd
      20:00:22 | noted        | gates       | watch     | pd
      20:01:30 | rang         | guard       | watch     | pd | high
      20:04:00 | acknowledged | cranes      | watch     | pd
      20:04:00 | noted        | chief       | commander | pd
      20:04:00 | noted        | spokeswoman | speaker   | pd
      20:04:00 | rang         | chief       | commander | pd | high
      20:04:00 | rang         | spokeswoman | speaker   | pd | high
    `);
    const drafts = (await stage.incidents()).flatMap((one) =>
      Object.values(one.drafts).map((draft) => [one.id, draft.state]),
    );
    expect(drafts).toEqual([['inc-6', 'waiting']]);

    await stage.approve('spokeswoman', 6);
    expect(stage.posts()).toHaveLength(1);
    expect(Object.keys(stage.posts()[0]?.components ?? {})).toHaveLength(SERVICES.length);
  });
});

/** Twelve services of all teams; the crane drivers have declared theirs, and the sixth incident speaks for it. */
async function gathered(): Promise<Stage> {
  const stage = await storming();
  for (const labels of SERVICES.slice(0, 12)) {
    await stage.alert({ alertname: 'Unreachable', labels });
    await stage.advance(PAUSE_MS);
  }
  await stage.api('cranes', 'POST /api/v1/incidents/inc-2/declare', {});
  return stage;
}

describe('words for the public of an incident that a storm has gathered', () => {
  test.each([
    ['phase', { phase: 'monitoring', text: 'A cable is mended.' }, 'monitoring'],
    ['resolve', { text: 'A cable is mended.' }, 'PHASE'],
  ] as const)('%s: whoever writes them reads where they are said', async (verb, body, phase) => {
    const stage = await gathered();
    const said = await stage.api('cranes', `POST /api/v1/incidents/inc-2/${verb}`, body);
    expect(said.json).toMatchObject({
      remark: expect.stringContaining(
        `inc-6 speaks for it in public: \`tocsin phase inc-6 ${phase} "..."\`.`,
      ) as string,
    });
  });

  test('without words, nothing is said of it', async () => {
    const stage = await gathered();
    const path = 'POST /api/v1/incidents/inc-2/phase';
    const said = await stage.api('cranes', path, { phase: 'monitoring' });
    expect(said.text).not.toContain('speaks for it');
  });

  test('while a flag forbids all posts, no other incident may say them', async () => {
    const stage = await gathered();
    await stage.api('cranes', 'POST /api/v1/incidents/inc-2/flags', { flag: 'security' });
    const path = 'POST /api/v1/incidents/inc-2/phase';
    const said = await stage.api('cranes', path, { phase: 'monitoring', text: 'A break-in.' });
    expect(said.text).not.toContain('speaks for it');
  });
});

describe('10,000 alerts of one group within a minute', () => {
  test('are one incident and one ring; every alert is stored and the incident stays short', async () => {
    const stage = await storming();
    const alerts = (from: number, status: 'firing' | 'resolved'): object =>
      alertmanagerBody(
        ...Array.from({ length: 100 }, (_, i) => ({
          alertname: 'SensorSilent',
          labels: { team: 'docks', sensor: String(from + i) },
          status,
        })),
      );
    const flood = async (status: 'firing' | 'resolved'): Promise<void> => {
      for (let from = 0; from < 10_000; from += 100) {
        expect((await stage.deliver('prometheus', alerts(from, status))).status).toBe(202);
        await stage.advance(600);
      }
    };
    await flood('firing');
    await flood('firing');
    expect(await stage.incidents()).toHaveLength(1);
    expect(await stage.rings()).toEqual(['20:00:00 | rang | docks | watch | pd | high']);

    const rows = await stage.app().reads.alertsOf('inc-1', 20_000);
    expect(rows).toHaveLength(10_000);
    // One summary for each delivery that brought something new, none for a repeat.
    const attached = (await stage.events()).filter((event) => event.type === 'AlertsAttached');
    expect(attached).toHaveLength(100);
    expect(attached.at(-1)).toMatchObject({ alerts: { firing: 10_000, total: 10_000 } });
    // What the incident carries does not grow with its alerts.
    expect(JSON.stringify(await stage.incident()).length).toBeLessThan(20_000);
  });
});
