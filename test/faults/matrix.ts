/**
 * The fault matrix: each way in which a pager misbehaves, for each way of ringing somebody there, alone and with a second
 * pager. Each case is a story on the stepped clock: a lamp goes out at two in the night, the pager fails for a quarter of
 * an hour, nobody answers. What a line says is what really happened at the vendors' stand-ins within half an hour.
 */
import type { Fault } from '../../src/sandbox/faults.ts';
import type { PageEntry } from '../../src/sandbox/truth.ts';
import { openStage, type Stage } from '../support/stage.ts';

/** A way of ringing: its target, where the lamp rings first, and how the keeper is written there. */
interface Way {
  readonly name: string;
  readonly target: 'pd' | 'og';
  readonly onCall: string;
}

const LAMP = 'via: pd, service: {name: Lamp, id: PLAMP01}';

export const WAYS: readonly Way[] = [
  { name: 'PagerDuty, a person', target: 'pd', onCall: 'keeper' },
  { name: 'PagerDuty, a service', target: 'pd', onCall: `{${LAMP}, key: "\${PD_KEY}"}` },
  { name: 'PagerDuty, a service without a key', target: 'pd', onCall: `{${LAMP}}` },
  { name: 'Opsgenie, a person', target: 'og', onCall: 'keeper' },
];

/** Only what is asked to be done fails: what became of it can be asked. */
const WRITES = { method: 'POST' } as const;

type Wrong = Fault & { readonly method?: 'POST' };

export const FAULTS: readonly (readonly [string, Wrong | null])[] = [
  ['none', null],
  ['refuses the connection', { fault: 'refuse' }],
  ['hangs', { fault: 'hang' }],
  ['403', { fault: '403' }],
  ['404', { fault: '403', status: 404 }],
  ['407', { fault: '403', status: 407 }],
  ['307', { fault: '403', status: 307 }],
  ['429', { fault: '429', retryAfterMs: 60_000 }],
  ['5xx', { fault: '5xx' }],
  ['done but 5xx', { fault: '5xx-but-done', ...WRITES }],
  ['accepted but lost', { fault: '202-but-lost', ...WRITES }],
  ['rejected later', { fault: '202-but-rejected', ...WRITES }],
  ['knows nobody there', { fault: 'unknown-address', ...WRITES }],
];

const FAILS_MS = 15 * 60_000;
const WATCHED = '30m';

function addresses(way: Way, pagers: 1 | 2, person: string): string {
  const at = {
    pd: `pagerduty: {name: ${person}, id: P${person.toUpperCase()}}`,
    og: `opsgenie: ${person}@example.com`,
  };
  const other = way.target === 'pd' ? 'og' : 'pd';
  return pagers === 1 ? at[way.target] : `${at[way.target]}, ${at[other]}`;
}

/** The first pager is the one that fails: targets are asked in the order in which they stand. */
function configOf(way: Way, pagers: 1 | 2): string {
  const targets = {
    pd: '  pd: {type: pagerduty, mode: live, token: "${PD_TOKEN}", from: tocsin@example.com, people_service: {name: People, id: PPEOPLE}}',
    og: '  og: {type: opsgenie, mode: live, api_key: "${OG_KEY}"}',
  };
  const other = way.target === 'pd' ? 'og' : 'pd';
  const used = pagers === 1 ? [way.target] : [way.target, other];
  const second = '{via: og, team: {name: Lamp, id: team-lamp}}';
  const onCall =
    way.onCall === 'keeper' || pagers === 1 ? way.onCall : `[${way.onCall}, ${second}]`;
  return `
sources:
  prometheus: {type: alertmanager, token: "\${TOKEN}"}
targets:
${used.map((one) => targets[one as 'pd' | 'og']).join('\n')}
  slack: {type: slack, mode: live, bot_token: "\${SLACK_TOKEN}"}
people:
  keeper: {${addresses(way, pagers, 'keeper')}}
  captain: {${addresses(way, pagers, 'captain')}}
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
  lamp: {on_call: ${onCall}}
rules:
  - {name: lamp, match: 'alertname="LampOut"', service: lamp}
`;
}

const ENVIRONMENT = {
  TOKEN: 'alertmanager-token',
  PD_TOKEN: 'pagerduty-rest-token',
  PD_KEY: '0123456789abcdef0123456789abcdef',
  OG_KEY: 'opsgenie-api-key',
  SLACK_TOKEN: 'xoxb-slack-token',
};

export interface Case {
  readonly way: Way;
  readonly pagers: 1 | 2;
  readonly fault: string;
  readonly wrong: Wrong | null;
}

/** Every case, in the order of the table. */
export const CASES: readonly Case[] = WAYS.flatMap((way) =>
  ([1, 2] as const).flatMap((pagers) =>
    FAULTS.map(([fault, wrong]) => ({ way, pagers, fault, wrong })),
  ),
);

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `keeper at pd 3, at og 1; captain at pd 2`, whoever rang first coming first. */
function ringsOf(rings: readonly PageEntry[]): string {
  const nameOf = ({ address }: PageEntry): string =>
    /captain/i.test(address) ? 'captain' : 'keeper';
  const byPerson = Map.groupBy(rings, nameOf);
  const said = [...byPerson].map(([person, all]) => {
    const byTarget = [...Map.groupBy(all, ({ target }) => target)];
    return `${person} ${byTarget.map(([target, one]) => `${one.length} at ${target}`).join(', ')}`;
  });
  return said.join('; ') || 'nobody';
}

/** Alarms as they were said in chat: each sentence at its first time, and how often. */
function saidOf(stage: Stage, from: number): string {
  const said = stage.messages().flatMap(({ text, at }) => {
    const [, incident, alarm] = /^(inc-\d+) ALARM: ([^;\n]+)/.exec(text) ?? [];
    return alarm === undefined ? [] : [{ at, sentence: `${incident}: ${alarm}` }];
  });
  const sentences = [...Map.groupBy(said, ({ sentence }) => sentence)];
  return (
    sentences
      .map(([text, all]) => `${minutes((all[0]?.at ?? from) - from)} ${text} (${all.length}x)`)
      .join(' / ') || 'nothing'
  );
}

/** Plays one case; returns its cells. */
export async function play({ way, pagers, fault, wrong }: Case): Promise<readonly string[]> {
  let close: () => Promise<void> = () => Promise.resolve();
  const stage = await openStage({
    yaml: configOf(way, pagers),
    start: '2026-05-05T02:00:00Z',
    environment: ENVIRONMENT,
    atEnd: (given) => (close = given),
  });
  try {
    const from = stage.clock.now();
    if (wrong !== null) stage.fault({ target: way.target, ...wrong, until: from + FAILS_MS });
    await stage.alert({ alertname: 'LampOut', startsAt: '2026-05-05T02:00:00Z' });
    await stage.at(WATCHED);
    const rings = stage.pages('rang');
    const [first] = rings;
    const when = first === undefined ? 'never' : `${minutes(first.at - from)} at ${first.target}`;
    const pager = pagers === 1 ? 'one' : 'two';
    return [way.name, pager, fault, when, ringsOf(rings), saidOf(stage, from)];
  } finally {
    await close();
  }
}

const HEAD = ['way', 'pagers', 'fault', 'first ring', 'rings in 30 minutes', 'alarms in chat'];

/** The table as people read it. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join(' | ');
  return `${all.map(lineOf).join('\n')}\n`;
}
