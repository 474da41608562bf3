/** The tram company of several stories: one line, its driver, a commander, and a speaker who approves what the public hears. */
import { openStage, type Stage } from '../support/stage.ts';

/** The company's file. */
export const CONFIG = `
sources:
  prometheus: {type: alertmanager, token: "\${TOKEN}"}
  calls: {type: pagerduty, secret: "\${HOOK}", target: pd}
targets:
  pd: {type: pagerduty, mode: live, token: "\${PD_TOKEN}", from: tocsin@example.com, people_service: {name: People, id: PPEOPLE}}
  page: {type: statuspage, mode: live, page_id: examplepage01, api_key: "\${PAGE_KEY}"}
  slack: {type: slack, mode: live, bot_token: "\${SLACK_TOKEN}"}
people:
  driver: {pagerduty: {name: Driver, id: PDRIVER}}
  boss: {pagerduty: {name: Boss, id: PBOSS01}}
  herald: {pagerduty: {name: Herald, id: PHERALD}}
routes:
  - {default: true, team: trams, severity: bad}
severities:
  worst: {criteria: Everything., urgency: high, page: {triage: [on-duty]}}
  bad:
    criteria: Many passengers stand.
    urgency: high
    declare: {by: [person, acknowledgement, trusted_rule]}
    page: {triage: [on-duty], declared: [commander, speaker]}
    updates: {public: {first_within: 5m, every: 30m, approval: {investigating: speaker, unchanged: none, otherwise: speaker}}}
    soak: {for: 30m}
  mild:
    criteria: Some passengers wait.
    urgency: high
    declare: {by: [person, acknowledgement, trusted_rule]}
    page: {triage: [on-duty], declared: [commander]}
    updates: {public: {first_within: 5m, every: 60m, approval: none}}
    soak: {for: 15m}
roles:
  on-duty: {page: service.on_call}
  commander: {page: boss, commands: true}
  speaker: {page: herald}
flags:
  security: {public: never}
triggers:
  - {name: more passengers stand, when: {impact_grows: 2x, at_least: {users: 100}}, raise: 1}
automation: {ceiling: bad, alarms: {page: boss, chat: {via: slack, channel: "#trams"}}}
team: trams
chat: {via: slack, channel: "#trams"}
services:
  line-1: {on_call: driver, components: {page: [{name: Line 1, id: cmpline1}]}}
rules:
  - {name: stopped, match: 'alertname="LineStopped"', service: line-1, severity: bad, trusted: true}
  - {name: late, match: 'alertname="LineLate"', service: line-1, severity: mild, trusted: true}
`;

/** A stage at eight in the morning; `edit` changes the company's file. */
export function trams(edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> {
  return openStage({
    yaml: edit(CONFIG),
    start: '2026-06-09T08:00:00Z',
    environment: {
      TOKEN: 'alertmanager-token',
      HOOK: 'pagerduty-hook-secret',
      PD_TOKEN: 'pagerduty-rest-token',
      PAGE_KEY: 'statuspage-key',
      SLACK_TOKEN: 'xoxb-slack-token',
    },
  });
}

/** The phones that have rung, as "08:00:00 PDRIVER". */
export function rangAt(stage: Stage): readonly string[] {
  return stage.pages('rang').map(({ time, address }) => `${time.slice(11, 19)} ${address}`);
}

const STEPS = '{page: own, wait: 5m}, {page: fallback, wait: 5m}';

/** A trusting company that looks for whoever is on duty by steps: five minutes for them, then the herald. No rule declares. */
export function inSteps(yaml: string, steps = STEPS): string {
  return `${trusting(yaml)
    .replace(
      'line-1: {on_call: driver,',
      'line-1: {on_call: driver, escalation: calm, fallback: [herald],',
    )
    .replace(
      'on-duty: {page: service.on_call}',
      'on-duty: {page: service.on_call, escalation: calm}',
    )
    .replace('severity: bad, trusted: true', 'severity: bad')}
escalation_policies:
  calm: {steps: [${steps}]}
`;
}

/** As in steps, and behind the herald the boss is looked for. */
export function inThreeSteps(yaml: string): string {
  return inSteps(yaml, `${STEPS}, {page: boss}`);
}

/** Nobody is missed for a day: stories of other things may take their time. */
export function unhurried(yaml: string): string {
  return yaml.replace('people:', 'presence: {high: 1d}\npeople:');
}

/** The company trusts its own sentences: at its level nothing in its own words needs approval. */
export function trusting(yaml: string): string {
  return yaml.replace(
    'approval: {investigating: speaker, unchanged: none, otherwise: speaker}',
    'approval: none',
  );
}
