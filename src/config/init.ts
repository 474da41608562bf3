/** The start of a configuration: five questions, and the file that their answers make. */
import { RESERVED } from './sections/table.ts';
import { nameFault } from './words.ts';

export interface InitAnswers {
  readonly team: string;
  readonly service: string;
  readonly source: string;
  readonly pager: string;
  /** Two names: who is on call, who takes command. */
  readonly people: string;
}

export interface Question {
  readonly key: keyof InitAnswers;
  readonly ask: string;
  readonly fallback: string;
  /** Empty: anything. */
  readonly choices: readonly string[];
  /** Null: fine; else what is wrong, to ask again. */
  check(answer: string): string | null;
}

/** Roles of the file, which no person may be called. */
const ROLES = ['responder', 'commander'];

function isName(answer: string, reserved: readonly string[]): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(answer) && nameFault(answer, reserved) === null;
}

function checkName(answer: string): string | null {
  return isName(answer, []) ? null : 'Letters, digits, "-" and "_", beginning with a letter.';
}

function checkChoice(choices: readonly string[]): (answer: string) => string | null {
  return (answer) => (choices.includes(answer) ? null : `One of: ${choices.join(', ')}.`);
}

function twoNames(answer: string): readonly [string, string] | null {
  const [first, second, ...more] = answer.split(',').map((name) => name.trim());
  if (
    first === undefined ||
    second === undefined ||
    more.length > 0 ||
    first.toLowerCase() === second.toLowerCase()
  )
    return null;
  const reserved = [...ROLES, ...(RESERVED.people ?? [])];
  return isName(first, reserved) && isName(second, reserved) ? [first, second] : null;
}

interface Source {
  /** Its name, as the guide has it in the address that the sender gets. */
  readonly name: string;
  /** What stands in the file; secrets come from the environment. */
  readonly source: string;
  /** What tells that an alert of this tool is of the service, and which of them are one incident. */
  match(service: string): string;
  /** How the match is said to people. */
  readonly comment: string;
}

/** What a source of each type looks like. */
const SOURCES: Readonly<Record<string, Source>> = {
  alertmanager: {
    name: 'prometheus',
    source:
      "{type: alertmanager, token: '${ALERTMANAGER_TOKEN}', severity_map: {critical: critical, warning: major, info: minor}, stale_after: 3h,\n" +
      '    expect: {match: \'alertname="Watchdog"\', every: 5m, severity: major}} # always fires: its silence is an incident',
    match: (service) => `match: 'service="${service}"', group_by: [alertname]`,
    comment: 'the label "service" of the alert',
  },
  pagerduty: {
    name: 'pagerduty',
    source:
      "{type: pagerduty, secret: '${PAGERDUTY_WEBHOOK_SECRET}', severity_map: {P1: critical, P2: major, P3: minor}}",
    match: (service) => `match: 'service="${service}"', service: ${word(service)}`,
    comment: 'in the match, write the name that the service has at PagerDuty',
  },
  opsgenie: {
    name: 'opsgenie',
    source:
      "{type: opsgenie, token: '${OPSGENIE_WEBHOOK_TOKEN}', severity_map: {P1: critical, P2: major, P3: minor}}",
    match: (service) =>
      `match: {any: ['service="${service}"', 'entity="${service}"', 'tags=~"(.*,)?(service:)?${service}(,.*)?"']}, service: ${word(service)}`,
    comment: 'a detail "service" of the alert, its entity, or a tag',
  },
};

interface Pager {
  readonly target: string;
  contact(name: string, id: string): string;
}

const PAGERS: Readonly<Record<string, Pager>> = {
  pagerduty: {
    target:
      "{type: pagerduty, mode: shadow, token: '${PAGERDUTY_TOKEN}', from: tocsin@example.com, requester: {name: Tocsin, id: PTOCSIN}, people_service: {name: People, id: PSVC000}}",
    contact: (name, id) => `{pagerduty: {name: ${word(name)}, id: P${id}}`,
  },
  opsgenie: {
    target: "{type: opsgenie, mode: shadow, api_key: '${OPSGENIE_API_KEY}'}",
    contact: (name) => `{opsgenie: ${name.toLowerCase()}@example.com`,
  },
};

const SOURCE_TYPES = Object.keys(SOURCES);
const PAGER_TYPES = Object.keys(PAGERS);

export const QUESTIONS: readonly Question[] = [
  {
    key: 'team',
    ask: 'What is your team called?',
    fallback: 'my-team',
    choices: [],
    check: checkName,
  },
  {
    key: 'service',
    ask: 'Which service shall be watched first?',
    fallback: 'my-service',
    choices: [],
    check: checkName,
  },
  {
    key: 'source',
    ask: 'Where do its alerts come from?',
    fallback: 'alertmanager',
    choices: SOURCE_TYPES,
    check: checkChoice(SOURCE_TYPES),
  },
  {
    key: 'pager',
    ask: 'Which pager rings your people?',
    fallback: 'pagerduty',
    choices: PAGER_TYPES,
    check: checkChoice(PAGER_TYPES),
  },
  {
    key: 'people',
    ask: 'Who is on call, and who takes command? Two names, separated by a comma',
    fallback: 'ada, ben',
    choices: [],
    check: (answer) => (twoNames(answer) === null ? 'Two different names, e.g. ada, ben.' : null),
  },
];

/** The answers when every question is answered with its fallback. */
export function fallbackAnswers(): InitAnswers {
  const of = (key: keyof InitAnswers): string =>
    QUESTIONS.find((question) => question.key === key)?.fallback ?? '';
  return {
    team: of('team'),
    service: of('service'),
    source: of('source'),
    pager: of('pager'),
    people: of('people'),
  };
}

/** An answer in YAML: quoted, so that `on`, `null` or `12` stay texts. */
function word(answer: string): string {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(answer) && !/^(true|false|null)$/i.test(answer)
    ? answer
    : JSON.stringify(answer);
}

/**
 * A commented start of about 40 lines: one service, two roles, three levels, everything in `shadow`.
 * @throws RangeError for an answer that its question's `check` refuses
 */
export function initConfig(answers: InitAnswers): string {
  for (const { key, check } of QUESTIONS) {
    const fault = check(answers[key]);
    if (fault !== null) throw new RangeError(`${key}: ${fault}`);
  }
  const pager = PAGERS[answers.pager];
  const source = SOURCES[answers.source];
  const people = twoNames(answers.people);
  if (pager === undefined || source === undefined || people === null)
    throw new RangeError('an answer is missing');
  const [onCall, commander] = people.map(word);
  const [team, service] = [word(answers.team), word(answers.service)];
  const lines = people.map((name, i) => {
    const id = `${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}${i + 1}`;
    return `  ${word(name)}: ${pager.contact(name, id)}, slack: U0${id}}`;
  });
  return `# Tocsin. Check this file: npx tocsin check FILE. Rehearse it without an account: npx tocsin serve --sandbox --config FILE
# Everything is in shadow: decided and recorded, nothing is sent. Replace the ids, then set mode: live, one target at a time.

sources: # where alerts come from, each at /webhooks/<name>; secrets stand in the environment, never here
  ${source.name}: ${source.source}

targets: # where pages, posts and messages go
  pager: ${pager.target}
  status: {type: statuspage, mode: shadow, page_id: examplepage01, api_key: '\${STATUSPAGE_API_KEY}'}
  slack: {type: slack, mode: shadow, bot_token: '\${SLACK_BOT_TOKEN}'}

people:
${lines.join('\n')}

severities: # worst first, any names; only their order counts
  critical:
    criteria: Customers cannot use the product.
    urgency: high
    declare: {or_after: 5m} # if it still fires then; once somebody has acknowledged, 10 minutes later
    page: {triage: [responder], declared: [commander]} # first the on-call; the commander when it is declared
    updates: {public: {first_within: 5m, every: 30m, approval: required}, internal: {every: 15m}}
    soak: {for: 30m} # quiet for so long before it counts as over
  major:
    criteria: Part of the product is broken or slow.
    urgency: high
    declare: {or_after: 15m}
    page: {triage: [responder], declared: [commander]}
    updates: {public: {first_within: 5m, every: 60m, approval: required}, internal: {every: 30m}}
  minor: {criteria: Nobody outside notices., urgency: low, note: {via: slack, channel: "#ops"}} # pages nobody

roles: # who does what; one person never holds both
  responder: {page: service.on_call}
  commander: {page: ${commander}, commands: true, never_with: responder}

automation: {ceiling: critical, alarms: {page: ${commander}, chat: {via: slack, channel: "#incidents"}}, storm: {incidents: 5, within: 10m}} # when nobody answers; when too many come
routes: [{default: true, team: ${team}, severity: major}] # which team; this one takes everything

team: ${team} # whose services and rules follow
on_call: ${onCall} # for what names no service that is known here
services:
  ${service}: {on_call: ${onCall}, fallback: ${commander}, components: {status: [{name: Website, id: cmpwebsite01}]}}
rules: # the first that matches decides; the source's severity_map gives the level
  - {name: everything of ${service}, ${source.match(answers.service)}} # ${source.comment}
`;
}
