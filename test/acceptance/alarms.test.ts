/**
 * Alarms at night.
 *
 * The wheel of a mill stops at ten in the evening. The miller is on call and does not hear the phone, and nobody stands
 * behind the miller. An alarm rings whom the configuration names for alarms, else the people of the team: one person
 * after the other, ten minutes each, however much is wrong, until somebody answers. Whoever answers takes no role by
 * that; they read all that is open, and have half an hour of peace, except from what is new.
 */
import { describe, expect, test, vi } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';

// A simulated night passes in some seconds, but on a busy machine they may take long.
vi.setConfig({ testTimeout: 90_000 });

const CONFIG = `
sources:
  prometheus: {type: alertmanager, token: "\${TOKEN}"}
  calls: {type: pagerduty, secret: "\${HOOK}", target: pd}
targets:
  pd: {type: pagerduty, mode: live, token: "\${PD_TOKEN}", from: tocsin@example.com, people_service: {name: People, id: PPEOPLE}}
  slack: {type: slack, mode: live, bot_token: "\${SLACK_TOKEN}"}
presence: {high: 1d}
people:
  miller: {pagerduty: {name: Miller, id: PMILLER}}
  smith: {pagerduty: {name: Smith, id: PSMITH1}}
  cook: {pagerduty: {name: Cook, id: PCOOK01}}
  clerk: {pagerduty: {name: Clerk, id: PCLERK1}}
  baron: {pagerduty: {name: Baron, id: PBARON1}}
routes:
  - {default: true, team: mill, severity: red}
severities:
  red: {criteria: Nothing is ground., urgency: high, declare: {by: [person]}, page: {triage: [watch], declared: [commander, scribe]}, soak: {for: 30m}}
roles:
  watch: {page: service.on_call}
  commander: {page: smith, commands: true}
  scribe: {page: clerk}
automation: {ceiling: red, alarms: {page: baron, chat: {via: slack, channel: "#alarms"}, every: 10m}}
team: mill
chat: {via: slack, channel: "#mill"}
services:
  wheel: {on_call: miller}
  gate: {on_call: cook}
rules:
  - {name: stopped, match: 'alertname="WheelStopped"', service: wheel}
`;

const STOPPED = { alertname: 'WheelStopped', startsAt: '2026-11-05T22:00:00Z' };

async function mill(edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> {
  const stage = await openStage({
    yaml: edit(CONFIG),
    start: '2026-11-05T22:00:00Z',
    environment: {
      TOKEN: 'alertmanager-token',
      HOOK: 'pagerduty-hook-secret',
      PD_TOKEN: 'pagerduty-rest-token',
      SLACK_TOKEN: 'xoxb-slack-token',
    },
  });
  await stage.alert(STOPPED);
  return stage;
}

/** When a phone rang, by whose it is. */
function rang(stage: Stage, person: string): readonly string[] {
  const address = `P${person.toUpperCase()}`;
  return stage
    .pages('rang')
    .filter((page) => page.address.startsWith(address))
    .map(({ time }) => time.slice(11, 16));
}

/** Every ring after the one at ten o'clock: `22:05 baron`. */
const inTurn = (stage: Stage): readonly string[] =>
  stage
    .pages('rang')
    .map(({ time, address }) => `${time.slice(11, 16)} ${address.slice(1, 5).toLowerCase()}`)
    .slice(1);

describe('nobody answers all night', () => {
  test('the one manager is rung every ten minutes, and the last step of the search no more', async () => {
    const stage = await mill();
    await stage.at('05:29');
    expect(rang(stage, 'miller')).toEqual(['22:00']);
    const rings = rang(stage, 'baron');
    // Seven hours and twenty minutes, every ten minutes.
    expect(rings).toHaveLength(45);
    expect(rings.slice(0, 3)).toEqual(['22:05', '22:15', '22:25']);
  });

  test('where nobody is named for alarms, all people of the team are rung in turn', async () => {
    const stage = await mill((yaml) =>
      yaml
        .replace('page: baron, ', '')
        .replace('{on_call: miller}', '{on_call: miller, fallback: smith}'),
    );
    await stage.at('23:00');
    // The search: the miller, then the smith. The alarm: whoever is named by the services, and not the baron.
    expect(inTurn(stage)).toEqual([
      '22:05 smit',
      '22:15 mill',
      '22:25 smit',
      '22:35 cook',
      '22:45 mill',
      '22:55 smit',
    ]);
  });

  test('a crash in between changes nothing', async () => {
    const stage = await mill();
    await stage.at('22:12');
    await stage.restart('crash');
    await stage.at('22:31');
    expect(rang(stage, 'baron')).toEqual(['22:05', '22:15', '22:25']);
  });
});

describe('a missing scribe', () => {
  const declared = async (edit?: (yaml: string) => string): Promise<Stage> => {
    const stage = await mill(edit);
    await stage.at('22:01');
    await stage.answer('miller');
    await stage.act('miller', 'declare');
    await stage.advance('1s');
    await stage.answer('smith');
    return stage;
  };

  test('rings nobody all night; it is said in chat', async () => {
    const stage = await declared();
    await stage.at('06:00');
    expect(inTurn(stage)).toEqual(['22:01 smit', '22:01 cler']);
    const said = stage.messages().filter(({ text }) => text.includes('nobody answers as scribe'));
    expect(said.map(({ time }) => time.slice(11, 16)).slice(0, 2)).toEqual(['22:06', '22:16']);
  });

  test('rings people where the configuration says that it is essential', async () => {
    const stage = await declared((yaml) =>
      yaml.replace('scribe: {page: clerk}', 'scribe: {page: clerk, essential: true}'),
    );
    await stage.at('22:20');
    expect(rang(stage, 'baron')).toEqual(['22:06', '22:16']);
  });
});

describe('several things at once', () => {
  const declared = async (): Promise<Stage> => {
    const stage = await mill((yaml) =>
      yaml.replace('scribe: {page: clerk}', 'scribe: {page: clerk, essential: true}'),
    );
    await stage.act('cook', 'declare');
    return stage;
  };

  test('are one page per person, which names them all', async () => {
    const stage = await declared();
    await stage.at('22:14');
    expect(Object.keys((await stage.incident()).alarms).toSorted()).toEqual([
      'escalation:role:commander',
      'escalation:role:scribe',
      'escalation:role:watch',
    ]);
    expect(rang(stage, 'baron')).toEqual(['22:05']);
    await stage.at('22:16');
    const [page] = (await stage.app().reads.outboxOf('inc-1')).flatMap(({ effect }) =>
      effect.name === 'pager.trigger' && effect.dueAt > stage.clock.now() - 120_000 ? [effect] : [],
    );
    expect(page?.body).toContain(
      'Alarm: nobody answers as commander (rung: smith); nobody answers as scribe (rung: clerk); nobody answers as watch (rung: miller).',
    );
  });
});

describe('an answer to the alarm', () => {
  const answered = async (): Promise<Stage> => {
    const stage = await mill();
    await stage.at('22:06');
    return stage;
  };

  test('fills no role, and lists all that is open', async () => {
    const stage = await answered();
    const reply = await stage.api('baron', 'POST /api/v1/incidents/inc-1/acknowledge', {});
    expect(reply).toMatchObject({
      status: 200,
      json: {
        remark:
          'Still open: nobody answers as watch: every step was walked and nobody answered (`tocsin take inc-1 watch`).',
      },
    });
    const { roles, escalations } = await stage.incident();
    expect(roles).toEqual({});
    expect(escalations['role:watch']?.state).toBe('exhausted');
  });

  test('by the phone is told in the channel, with all that is open', async () => {
    const stage = await answered();
    await stage.answer('baron');
    await stage.advance('1s');
    expect(stage.messages().at(-1)).toMatchObject({ channel: 'alarms' });
    expect(stage.messages().at(-1)?.text).toBe(
      'inc-1: baron answered the alarm; unless something new comes up, it rings nobody for 30 min. Still open: nobody answers as watch: every step was walked and nobody answered (`tocsin take inc-1 watch`).',
    );
  });

  test('leaves people in peace for three intervals, in chat as well, and then it rings whoever answered', async () => {
    const stage = await answered();
    await stage.answer('baron');
    await stage.at('22:35');
    expect(rang(stage, 'baron')).toEqual(['22:05']);
    const alarms = stage.messages().filter(({ text }) => text.includes('ALARM'));
    expect(alarms.map(({ time }) => time.slice(11, 16))).toEqual(['22:05']);
    await stage.at('22:47');
    expect(rang(stage, 'baron')).toEqual(['22:05', '22:36', '22:46']);
  });

  test('does not hold back what is new and essential: it rings whoever answered', async () => {
    const stage = await answered();
    await stage.answer('baron');
    await stage.at('22:10');
    await stage.act('cook', 'declare');
    await stage.at('22:16');
    // The commander was looked for from 22:10 on, the scribe too: of the one the baron hears.
    expect(rang(stage, 'baron')).toEqual(['22:05', '22:15']);
  });

  test('is no answer for whoever is looked for: when the miller answers at last, it is over', async () => {
    const stage = await answered();
    await stage.answer('baron');
    await stage.at('22:10');
    await stage.answer('miller');
    await stage.at('23:30');
    const { roles, alarms } = await stage.incident();
    expect(roles['watch']?.person).toBe('miller');
    expect(alarms).toEqual({});
    expect(rang(stage, 'baron')).toEqual(['22:05']);
  });
});
